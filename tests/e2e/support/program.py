"""Running the binary under test: arguments, a clean environment, streams, an exit code."""

import os
import subprocess
import time

from dataclasses import dataclass

from support.schema import read_report

#: No run of a test takes longer; one that does is a failure.
DEADLINE = 30.0


@dataclass
class Run:
    """What one run of the program did."""

    arguments: tuple
    code: int
    out: bytes
    err: bytes
    seconds: float

    @property
    def text(self):
        return self.out.decode("utf-8")

    @property
    def notes(self):
        return self.err.decode("utf-8")

    @property
    def report(self):
        """The `--format json` report, held against its schema."""
        return read_report(self.text)

    @property
    def attempt(self):
        return self.report["legs"][0]["attempts"][0]

    @property
    def phases(self):
        return self.attempt["phases"]

    def __str__(self):
        return (
            f"xtrace {' '.join(self.arguments)}\nexit {self.code}\n"
            f"stdout: {self.out[:2000].decode('utf-8', 'replace')}\n"
            f"stderr: {self.err[:6000].decode('utf-8', 'replace')}"
        )


def binary():
    """The program under test, as the build passes it."""
    path = os.environ.get("XTRACE", "")
    if not os.access(path, os.X_OK):
        raise SystemExit("The environment variable XTRACE does not name the xtrace binary to test.")
    return os.path.abspath(path)


def truth_binary():
    """The program whose clocks are judged: a release build where XTRACE_TRUTH names one."""
    return (
        os.path.abspath(os.environ["XTRACE_TRUTH"]) if os.environ.get("XTRACE_TRUTH") else binary()
    )


def environment(home, **changes):
    """A small, known environment: of the machine's only PATH and what the sanitizers want.

    No configuration file has a say, whatever lies above the working directory; a case about them
    sets XTRACE_CONFIG to None.
    """
    variables = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": home, "LANG": "C"}
    variables["XTRACE_CONFIG"] = "none"
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"):
        if name in os.environ:
            variables[name] = os.environ[name]
    variables.update(changes)
    return {name: value for name, value in variables.items() if value is not None}


def run(arguments, env, stdin=b"", cwd=None, program=None):
    """Runs to the end; stdout and stderr are pipes."""
    began = time.monotonic()
    done = subprocess.run(
        [program or binary(), *arguments],
        env=env,
        input=stdin,
        capture_output=True,
        cwd=cwd,
        timeout=DEADLINE,
        check=False,
    )
    return Run(
        tuple(arguments), done.returncode, done.stdout, done.stderr, time.monotonic() - began
    )


def start(arguments, env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE):
    """Starts and leaves running; the caller waits."""
    return subprocess.Popen(
        [binary(), *arguments], env=env, stdin=stdin, stdout=stdout, stderr=stderr
    )


def finish(process, arguments, began):
    """Collects a started process into a `Run`."""
    out, err = process.communicate(timeout=DEADLINE)
    return Run(
        tuple(arguments), process.returncode, out or b"", err or b"", time.monotonic() - began
    )
