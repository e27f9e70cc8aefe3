"""What tools/bench measures of the page of `xtrace listen`, in a headless Chromium.

`page-live` is the time from the send of a document to the frame that shows its trace on an open
list of ten thousand, `page-paint` from the last byte of ten thousand rows to the frame that shows
them; both beside their limits.
"""

import json
import os
import pathlib
import subprocess
import sys

from bench_emit import Failure, Line

PAGE = pathlib.Path(__file__).resolve().parent.parent / "tests" / "e2e" / "page" / "page.py"
LIVE_LIMIT = 1000.0
PAINT_LIMIT = 200.0


def page_live():
    environment = {**os.environ, "XTRACE_PAGE": str(pathlib.Path(os.environ["EMIT_BENCH"]) / "page")}
    done = subprocess.run([sys.executable, str(PAGE), "--measure"], env=environment,
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(f"the page could not be measured: {done.stderr.strip()[-400:]}")
    figures = json.loads(done.stdout.strip().splitlines()[-1])
    yield Line("page-live", figures["live_ms"], LIVE_LIMIT, "ms", 1.0, is_limit=True)
    note = f"from navigation {figures['load_ms']:.0f} ms"
    yield Line("page-paint", figures["paint_ms"], PAINT_LIMIT, "ms", 1.0, is_limit=True, note=note)


COMPARISONS = {"page-live": page_live}


def run(wanted):
    """Prints the lines that are wanted; no names mean all."""
    for name, comparison in COMPARISONS.items():
        if not wanted or name in wanted:
            for line in comparison():
                line.print()
