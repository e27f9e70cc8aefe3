"""Runs tools/demo with programs that are built: `demo_check.py tools/demo BUILD`.

In place of tools/run, which would build them again, it gets a script that calls those of BUILD.
"""

import os
import pathlib
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

RUN = """#!/bin/sh
if [ "$1" = demo ]; then name=$2; shift 2; exec "{build}/examples/$name/$name" "$@"; fi
exec "{build}/src/cli/xtrace" "$@"
"""
LIMIT = 60
TRACE = r"1-[0-9a-f]{8}-[0-9a-f]{24}"


def check_text(text):
    for wanted in (
        rf"^-- tools/run demo racing\n{TRACE}  GET https://127\.0\.0\.1",
        r"^>?  +Attempt:4 +200 ",
        rf"^-- tools/run demo microservices\n{TRACE}",
        r"^>? +archiver +200 ",
        r"^[0-9:]{8} .* example/racing +GET / +1 [0-9a-f]{8}$",
        r"^[0-9:]{8} .* client +GET /fetch/",
        r"^page  http://127\.0\.0\.1:[0-9]+ ",
    ):
        assert re.search(wanted, text, re.MULTILINE), f"{wanted} is not in:\n{text}"


def check_alone(command):
    """Without a terminal it ends by itself."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.returncode == 0, done
    check_text(done.stdout)


def check_terminal(command):
    """On a terminal the page stays until ^C, and is gone then."""
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe(command[0], command, {**os.environ, "TERM": "dumb", "LANG": "C"})
    seen = b""
    end = time.monotonic() + LIMIT
    while b"Ctrl-C ends it" not in seen:
        assert time.monotonic() < end, seen
        seen += os.read(terminal, 65536)
    page = re.search(rb"page  (http://\S+)", seen).group(1).decode()
    with urllib.request.urlopen(page, timeout=10) as answer:
        assert answer.status == 200
    os.write(terminal, b"\x03")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 130
    try:
        urllib.request.urlopen(page, timeout=10)
    except OSError:
        return
    raise AssertionError("the page is still there")


def main():
    demo, build = sys.argv[1:]
    with tempfile.TemporaryDirectory() as directory:
        tools = pathlib.Path(directory) / "tools"
        tools.mkdir()
        shutil.copy(demo, tools / "demo")
        (tools / "run").write_text(RUN.format(build=build))
        (tools / "run").chmod(0o755)
        check_alone([str(tools / "demo")])
        check_terminal([str(tools / "demo")])


if __name__ == "__main__":
    main()
