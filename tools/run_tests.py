"""The second half of tools/test: configures, builds, runs, and says how many passed and failed."""

import argparse
import dataclasses
import os
import pathlib
import signal
import subprocess
import sys
import time

import count_tests

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILDS = ROOT / "build-tests"
# Suites whose code meets several threads (net by its lookups); the rest lives on one loop.
THREADED_TESTS = [
    "tests/base/base_tests",
    "tests/loop/loop_tests",
    "tests/net/net_tests",
    "tests/net/tls_tests",
    "tests/client/client_tests",
    "tests/xray/xray_tests",
    "tests/xray/xray_c_tests",
    "tests/instrument/instrument_tests",
    "tests/collect/collect_tests",
]
# Suites that look at the sources and need no build of them.
SOURCE_SUITES = {"lint", "tidy", "install"}


@dataclasses.dataclass
class Flavour:
    """One compiler with one set of sanitizers, in a build directory of its own."""

    name: str
    cc: str
    cxx: str
    options: list
    symbols: str = "-g1"
    ran: count_tests.Count = dataclasses.field(default_factory=count_tests.Count)

    @property
    def directory(self):
        return BUILDS / self.name


# Files are compiled eight at a time, which halves the work; that each also compiles alone shows the other flavour.
# Undefined behaviour ends in a trap, which the address sanitizer reports with its stack: the sentences that tell it at length
# are a fifth of what the compiler writes. The other flavour has them.
GCC = Flavour(
    "gcc",
    "gcc-12",
    "g++-12",
    ["-Db_sanitize=address,undefined", "--unity=on", "-Dunity_size=8"],
    "-g1 -fsanitize-undefined-trap-on-error",
)
CLANG = Flavour(
    "clang", "clang-14", "clang++-14", ["-Db_sanitize=address,undefined", "-Db_lundef=false"]
)
TSAN = Flavour("tsan", "clang-14", "clang++-14", ["-Db_sanitize=thread", "-Db_lundef=false"])


class StepFailed(Exception):
    """A build step failed; its output has been shown."""


def say(text):
    print(f"tools/test: {text}", flush=True)


def run_quietly(command, what, env=None):
    """Runs `command`; shows the end of what it wrote only where it failed."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        print("\n".join(done.stdout.splitlines()[-60:]), flush=True)
        raise StepFailed(f"{what} failed")


def configure(flavour):
    directory = str(flavour.directory)
    if not (flavour.directory / "build.ninja").exists():
        env = dict(os.environ, CC=flavour.cc, CXX=flavour.cxx)
        # Lines for the sanitizers' reports and no more: a tenth of the compile time is the rest.
        symbols = ["-Dbuildtype=debug", "-Ddebug=false", f"-Dcpp_args={flavour.symbols}"]
        options = [*symbols, "-Dwerror=true", "-Dtests=true", *flavour.options]
        setup = ["meson", "setup", directory, str(ROOT), *options]
        run_quietly(setup, f"configuring with {flavour.cxx}", env)


def build(flavour, targets=()):
    configure(flavour)
    began = time.monotonic()
    command = ["ninja", "-C", str(flavour.directory), *targets]
    run_quietly(command, f"building with {flavour.cxx}")
    say(f"built with {flavour.cxx} in {time.monotonic() - began:.0f} s ({flavour.name})")


def run_meson_tests(flavour, arguments, is_filtered=False):
    """Runs `meson test`, shows the output of what failed, adds to the flavour's count."""
    log = flavour.directory / "meson-logs" / "testlog.json"
    log.unlink(missing_ok=True)
    command = ["meson", "test", "-C", str(flavour.directory), "--no-rebuild", "-t", "3"]
    env = dict(os.environ)
    release = ROOT / "build" / "src" / "cli" / "xtrace"
    if release.exists():
        env.setdefault("XTRACE_TRUTH", str(release))
    known = ROOT / "tools" / "thread_sanitizer.supp"
    env.setdefault("TSAN_OPTIONS", f"halt_on_error=1:second_deadlock_stack=1:suppressions={known}")
    env.setdefault("ASAN_OPTIONS", "handle_sigill=1")
    env.setdefault("UBSAN_OPTIONS", "halt_on_error=1:print_stacktrace=1")
    done = subprocess.run(
        command + arguments,
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    records = count_tests.read_log(log) if log.exists() else []
    if not records:
        print(done.stdout)
        raise StepFailed(f"finding a test called {' '.join(arguments)} failed")
    for record in records:
        output = count_tests.output_of(record)
        count = count_tests.count_output(output, record["result"], is_filtered)
        flavour.ran += count
        say(f"{flavour.name} {record['name']}: {count} ({record['duration']:.1f} s)")
        if count.failed:
            print(output, flush=True)


def run_suite(flavour, suite):
    layer, _, module = suite.partition("/")
    if module:
        run_meson_tests(flavour, [layer, f"--test-args=--test-suite={suite}*"], is_filtered=True)
    elif suite in SOURCE_SUITES | {"e2e", "unit", "fuzz"}:
        run_meson_tests(flavour, ["--suite", suite])
    else:
        run_meson_tests(flavour, [layer])


def build_release():
    """The end-to-end tests measure the release build, and tools/run is how it is made."""
    began = time.monotonic()
    run_quietly([str(ROOT / "tools" / "run"), "version"], "tools/run version")
    say(f"tools/run built the release in {time.monotonic() - began:.0f} s")


def run_everything(take_all):
    build(GCC)
    # Suites that measure or that use both cores run apart from the others.
    apart = ["e2e", "lint", "tidy", "install"]
    run_meson_tests(GCC, [word for suite in apart for word in ("--no-suite", suite)])
    build_release()
    # The first waits for nobody and the second mostly for others; what measures is marked to run alone.
    run_meson_tests(GCC, ["--suite", "lint", "--suite", "e2e"])
    if not take_all:
        return
    run_meson_tests(GCC, ["--suite", "tidy", "--suite", "install"])
    build(CLANG)
    run_meson_tests(CLANG, ["--suite", "unit", "--suite", "fuzz"])
    build(TSAN, THREADED_TESTS)
    names = [pathlib.Path(test).name for test in THREADED_TESTS]
    run_meson_tests(TSAN, [name.removesuffix("_tests") for name in names])


def run_chosen(suites, take_all):
    if set(suites) <= SOURCE_SUITES:
        configure(GCC)
    else:
        build(GCC)
    if "e2e" in suites:
        build_release()
    for suite in suites:
        run_suite(GCC, suite)
    code_suites = [suite for suite in suites if suite not in SOURCE_SUITES | {"e2e"}]
    if take_all and code_suites:
        build(CLANG)
        for suite in code_suites:
            run_suite(CLANG, suite)


def mind_signals():
    """What is started inherits what is ignored, as under nohup or in a shell's background: tests that send signals would wait."""
    for each in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        if signal.getsignal(each) == signal.SIG_IGN:
            signal.signal(each, lambda *_: None)


def main():
    mind_signals()
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", action="store_true")
    parser.add_argument("suites", nargs="*")
    options = parser.parse_args()
    failure = None
    try:
        if options.suites:
            run_chosen(options.suites, options.all)
        else:
            run_everything(options.all)
    except StepFailed as stopped:
        failure = str(stopped)
        say(f"{failure}; what would have come after it did not run")
    total = GCC.ran + CLANG.ran + TSAN.ran
    if failure:
        total.failed += 1
    elif total.passed + total.failed == 0:
        say("nothing ran")
    print(total, flush=True)
    return 0 if total.failed == 0 and total.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
