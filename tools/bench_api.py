"""What tools/bench measures of the X-Ray API: how long ten thousand traces take to be asked."""

import os
import pathlib
import subprocess

from bench_emit import SENDER_CORE, Failure, Line, last_line

TRACES = 10_000
LIMIT = 20.0  # milliseconds


def read_answers(text):
    """Milliseconds, traces found and expression of each answer that `summaries_bench` printed."""
    answers = []
    for line in text.splitlines():
        milliseconds, found, expression = line.split(" ", 2)
        answers.append((float(milliseconds), int(found), expression))
    if len(answers) < 2:
        raise Failure("summaries_bench told too little")
    return answers


def summaries_line(answers):
    """The slowest expression beside the limit; the first answer had to read every document."""
    first, *warm = answers
    slowest, found, expression = max(warm)
    note = f"{found} found by {expression or 'no filter'}; the first answer took {first[0]:.0f} ms"
    return Line("api-summaries", slowest, LIMIT, "ms", 1.0, is_limit=True, note=note)


def api_summaries(programs):
    """GetTraceSummaries over a store: the filter, the page chosen and written."""
    command = ["taskset", "-c", SENDER_CORE, str(programs / "summaries_bench"), str(TRACES)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(f"summaries_bench ended with {done.returncode}: {last_line(done.stderr)}")
    yield summaries_line(read_answers(done.stdout))


COMPARISONS = {"api-summaries": api_summaries}


def run(wanted):
    """Prints the lines that are wanted; no names mean all."""
    programs = pathlib.Path(os.environ["COLLECT_BENCH"])
    for name, comparison in COMPARISONS.items():
        if not wanted or name in wanted:
            for line in comparison(programs):
                line.print()
