"""What tools/bench measures of plans: what they cost, what a race saves, what a breaker spares."""

import contextlib
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile

from bench_emit import (RECEIVER_CORE, ROOT, SENDER_CORE, Bench, Conversation, Failure, Line, Work,
                        last_line, median)
from bench_servers import LoadServer

REQUESTS = 50_000
TAIL_REQUESTS = 4_000  # twice, of which the second half counts
TAIL_ROUNDS = 5
STORM = 30_000
EVERY, LATE = 20, 100  # every so-manieth answer is so many milliseconds late


class Tail:
    """What one run of `client_bench tail` printed, and what the server counted."""

    def __init__(self, text, seen):
        self.half, self.tail, self.slowest, attempts = map(int, text.split())
        self.sent = seen / (2 * TAIL_REQUESTS)
        if int(attempts) != seen:
            raise Failure(f"{attempts} attempts were made, and {seen} requests arrived")


def run_program(command):
    pinned = ["taskset", "-c", SENDER_CORE, *command]
    done = subprocess.run(pinned, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(f"client_bench ended with {done.returncode}: {last_line(done.stderr)}")
    return done.stdout


def plan_overhead(programs, folder):
    """CPU of a request through a plan with everything on, beside the bare client's."""
    program = str(programs / "client_bench")
    with contextlib.closing(LoadServer(folder)) as server:
        order = [str(REQUESTS), server.http]
        bench = Bench(pathlib.Path(os.environ["EMIT_BENCH"]), os.environ["XTRACE"])
        bare, plan = bench.take_turns(
            [lambda port: [program, "kept", *order], lambda port: [program, "plan", *order, port]],
            nap=500,
        )
    if not all(work.received.datagrams for work in plan):
        raise Failure("no metrics arrived")
    yield Line("plan-overhead", median(plan, Work.cpu_each), median(bare, Work.cpu_each), "us",
               1.10, is_limit=True)


def measure_tail(programs, *race):
    server = Conversation([sys.executable, str(ROOT / "tools" / "late_server.py"), RECEIVER_CORE,
                           str(EVERY), str(LATE)])
    (port,) = server.hear()
    url = f"http://127.0.0.1:{port}/"
    text = run_program([str(programs / "client_bench"), "tail", str(TAIL_REQUESTS), url, *race])
    server.process.stdin.close()
    (seen,) = server.hear()
    server.process.wait()
    server.process.stdout.close()
    return Tail(text, int(seen))


def race_tail(programs, _folder):
    """The 99th percentile with percentile racing, beside the one without."""
    plain, raced = [], []
    for _ in range(TAIL_ROUNDS):
        plain.append(measure_tail(programs))
        raced.append(measure_tail(programs, "race"))
    ours, without = (statistics.median(tail.tail for tail in side) / 1000 for side in (raced, plain))
    sent = statistics.median(tail.sent for tail in raced)
    yield Line("race-tail", ours, without, "ms", 0.25, is_limit=True)
    yield Line("race-tail-sent", sent, 1.0, "x", 1.07, is_limit=True)


def breaker_storm(programs, _folder):
    """CPU of an execution that an open breaker refuses, at 10,000 a second."""
    with socket.socket() as dead:  # bound, and nobody listens
        dead.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{dead.getsockname()[1]}/"
        command = [str(programs / "client_bench"), "storm", str(STORM), url]
        runs = [list(map(int, run_program(command).split())) for _ in range(TAIL_ROUNDS)]
    if min(refused for refused, _, _ in runs) < STORM * 0.99:
        raise Failure(f"the breaker refused {runs[0][0]} of {STORM}")
    each = statistics.median(cpu for _, _, cpu in runs) / 1000
    sent = max(attempts for _, attempts, _ in runs)
    yield Line("breaker-storm", each, 10.0, "us", 1.0, is_limit=True,
               note=f"{sent} attempts of {STORM} were sent")


COMPARISONS = {
    "plan-overhead": plan_overhead,
    "race-tail": race_tail,
    "breaker-storm": breaker_storm,
}


def run(wanted):
    """Prints the lines that are wanted; no names mean all."""
    programs = pathlib.Path(os.environ["CLIENT_BENCH"])
    for name, compare in COMPARISONS.items():
        if wanted and name not in wanted:
            continue
        with tempfile.TemporaryDirectory(prefix="xtrace-bench-") as folder:
            for line in compare(programs, folder):
                line.print()
