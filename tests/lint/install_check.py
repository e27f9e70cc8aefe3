"""Checks that an outside program builds against the installed libraries: `install_check.py ROOT`.

Configures a packager's build in a temporary directory, installs it there, and builds programs
with nothing but pkg-config: one that makes a segment, the same in C, one that owns a client and,
where prometheus-cpp is here, one that keeps metrics for Prometheus. Each is linked shared and
static, and run.
"""

import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

SEGMENT_PROGRAM = """
#include <cstdio>
#include <xtrace/clock.h>
#include <xtrace/trace_id.h>
int main() { std::puts(xtrace::TraceId::generate(xtrace::now().wall).to_string().c_str()); }
"""
C_PROGRAM = """
#include <stdio.h>
#include <xtrace/xtrace.h>
int main(void) {
  xtrace_tracer_config config = {.size = sizeof config, .emitter = XTRACE_EMIT_TO_FILE};
  config.emit_file = "-";
  xtrace_tracer *tracer = xtrace_tracer_create(&config, NULL);
  xtrace_end(xtrace_begin_segment(tracer, &(xtrace_segment_options){.trace_header = "Sampled=1"}));
  xtrace_tracer_destroy(tracer);
  return 0;
}
"""
CLIENT_PROGRAM = """
#include <cstdio>
#include <xtrace/client.h>
#include <xtrace/http.h>
int main() {
  const auto url = xtrace::Url::parse("http://LOCALHOST:80/a/../b");
  xtrace::Loop loop;
  int turns = 0;
  loop.post([&turns] { ++turns; });
  loop.run();
  std::printf("%s %d\\n", url->full().c_str(), turns);
}
"""
METRICS_PROGRAM = """
#include <cstdio>
#include <memory>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <xtrace/prometheus_sink.h>
int main() {
  const auto registry = std::make_shared<prometheus::Registry>();
  xtrace::PrometheusSink sink(registry);
  sink.series({.name = "pool.idle", .kind = xtrace::MetricInfo::Kind::gauge}, {}).record(3);
  std::fputs(prometheus::TextSerializer().Serialize(registry->Collect()).c_str(), stdout);
}
"""


def run(command, **settings):
    settings |= {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    done = subprocess.run(command, check=False, **settings)
    if done.returncode != 0:
        print(f"{shlex.join(map(str, command))}\n{done.stdout[-6000:]}")
        sys.exit(f"{command[0]} failed")
    return done.stdout


def install(root, top):
    """Builds and installs the libraries, shared and static; returns the prefix."""
    build, prefix = top / "build", top / "prefix"
    options = ["-Dtests=false", "-Dlibraries=true", "-Ddefault_library=both", "-Dbuildtype=plain"]
    run(["meson", "setup", build, root, f"--prefix={prefix}", "--libdir=lib", *options])
    run(["meson", "install", "-C", build])
    return prefix


def check(top, prefix, text, library, is_static, compiler=("c++", "-std=c++20", "-x", "c++")):
    """Builds a program as an outsider would and returns what it prints."""
    env = dict(os.environ, PKG_CONFIG_PATH=str(prefix / "lib/pkgconfig"))
    source, program = top / "program.text", top / "program"
    source.write_text(text)
    query = ["pkg-config", "--cflags", "--libs", library] + ["--static"] * is_static
    flags = shlex.split(run(query, env=env))
    if is_static:  # ours from their archives, the system's as they come
        names = ("xtrace", "xtrace-xray", "xtrace-prometheus")
        ours = {f"-l{name}": f"lib{name}.a" for name in names}
        flags = [str(prefix / "lib" / ours[flag]) if flag in ours else flag for flag in flags]
    warnings = ["-Wall", "-Wextra", "-Werror"]
    run([*compiler, source, "-x", "none", *warnings, "-o", program, *flags])
    linked = run(["ldd", program], env=dict(env, LD_LIBRARY_PATH=str(prefix / "lib")))
    if is_static == ("libxtrace" in linked):
        sys.exit(f"the program for {library} (static: {is_static}) is linked to\n{linked}")
    return run([program], env=dict(env, LD_LIBRARY_PATH=str(prefix / "lib"))).strip()


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    passed = 0
    with tempfile.TemporaryDirectory() as directory:
        top = pathlib.Path(directory)
        prefix = install(root, top)
        query = ["pkg-config", "--exists", "prometheus-cpp-core"]
        has_prometheus = subprocess.run(query, check=False).returncode == 0
        for is_static in (False, True):
            trace_id = check(top, prefix, SEGMENT_PROGRAM, "xtrace-xray", is_static)
            if len(trace_id) != 35 or not trace_id.startswith("1-"):
                sys.exit(f"the segment program printed {trace_id!r}")
            strict = ("cc", "-std=c99", "-pedantic", "-x", "c")
            said = check(top, prefix, C_PROGRAM, "xtrace-xray", is_static, strict)
            if not said.startswith('{"name":"service"'):
                sys.exit(f"the program in C printed {said!r}")
            said = check(top, prefix, CLIENT_PROGRAM, "xtrace", is_static)
            if said != "http://localhost/b 1":
                sys.exit(f"the client program printed {said!r}")
            passed += 3
            if has_prometheus:
                said = check(top, prefix, METRICS_PROGRAM, "xtrace-prometheus", is_static)
                if said != "# TYPE pool_idle gauge\npool_idle 3":
                    sys.exit(f"the metrics program printed {said!r}")
                passed += 1
        run([prefix / "bin/xtrace", "version"])
        passed += 1
    print(f"{passed} passed, 0 failed")


if __name__ == "__main__":
    main()
