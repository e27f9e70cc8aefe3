#!/usr/bin/env python3
"""The page of `xtrace listen` in a real browser: tests/e2e/page/page.py [PATTERN...]

Debian's chromium is driven by npm's playwright-core (package-lock.json beside this file), in a
network where nothing but loopback exists. XTRACE names the binary, XTRACE_PAGE the folder that npm
fills and that screenshots go to. A PATTERN is a part of a case's sentence. --measure prints the
figures of tools/bench's line `page-live` instead, --pictures FOLDER makes those of the documents.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.dont_write_bytecode = True

from support import isolation, node, program  # noqa: E402
from support.ports import free_ports  # noqa: E402

#: The shell is chromium without windows, and takes half the time.
BROWSERS = ("chromium-headless-shell", "chromium")
#: A case waits for more than half of its time; so many run at once, each with a program and a
#: browser of its own.
LANES = 2


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("patterns", nargs="*")
    parser.add_argument("--measure", action="store_true")
    parser.add_argument("--pictures", default="")
    arguments = parser.parse_args()
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise SystemExit(f"The page's test needs {' or '.join(BROWSERS)} on the PATH.")
    usual = os.path.join(tempfile.gettempdir(), f"xtrace-page-{os.getuid()}")
    folder = pathlib.Path(os.environ.get("XTRACE_PAGE", usual)).resolve()
    # Before the network is left behind: npm needs it.
    node.install(folder, None, pins=HERE)
    isolation.enter()
    with tempfile.TemporaryDirectory(prefix="xtrace-page-") as scratch:
        return run(arguments, browser, folder, scratch)


def run(arguments, browser, folder, scratch):
    if isolation.isolated():
        # No more than that: small buffers, as other tests want them, would slow the page.
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    ports = free_ports(3 * LANES)
    lanes = [dict(zip(("udp", "tcp", "web"), ports[at::LANES])) for at in range(LANES)]
    settings = {
        "program": program.binary(),
        "environment": program.environment(scratch),
        "browser": browser,
        "modules": str(folder),
        "lanes": lanes,
        "screenshots": str(folder / "screenshots"),
        "pictures": arguments.pictures and os.path.abspath(arguments.pictures),
        "measure": arguments.measure,
        "patterns": arguments.patterns,
        "home": scratch,
    }
    done = subprocess.run(
        ["node", str(HERE / "main.mjs")], input=json.dumps(settings), text=True, check=False
    )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
