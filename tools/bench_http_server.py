"""What tools/bench measures of the server: a handler that says hello, bare and traced.

The server has core 0; wrk has core 1, and the receiver of traces shares it, napping as bench_load's
does. Each kind of server is a process of its own that waits while the others are asked; they take
turns, and medians are compared. What wrk sees depends on wrk as well, which is slower than the
server where that does little; the CPU that each server spent on a request is told beside.
"""

import contextlib
import dataclasses
import os
import pathlib

import bench_load
import bench_programs
from bench_emit import RECEIVER_CORE, SENDER_CORE, Conversation, Failure, Line, Sink, median

ROUNDS = 9


@dataclasses.dataclass
class Served:
    """What a server did while wrk asked; `cpu` is nanoseconds of its process."""

    rate: float
    requests: int
    cpu: int

    def thousands(self):
        return self.rate / 1000

    def cpu_each(self):
        return self.cpu / 1000 / self.requests


class Server(Conversation):
    """One kind of server; `documents` says whether each request makes one for the sink."""

    def __init__(self, programs, mode, sink):
        more = [] if mode == "bare" else [sink.port]
        super().__init__(
            ["taskset", "-c", SENDER_CORE, str(programs / "server_bench"), mode, *more]
        )
        (port,) = self.hear()
        self._ask = bench_programs.wrk(f"http://127.0.0.1:{port}/hello", RECEIVER_CORE)
        self._sink = sink
        self._documents = mode == "traced"
        self._report()

    def _report(self):
        self.say("report")
        return map(int, self.hear())

    def serve(self):
        """Is asked for a second; every request has its document, or none has."""
        rate = self._ask().rate
        requests, cpu = self._report()
        arrived, expected = self._sink.report().datagrams, requests if self._documents else 0
        if arrived != expected:
            raise Failure(f"of {requests} requests {expected} are recorded, and {arrived} arrived")
        return Served(rate, requests, cpu)


def compared(name, ours, bare, goal, note=""):
    spent = f"CPU {median(ours, Served.cpu_each):.2f} and {median(bare, Served.cpu_each):.2f} us"
    return Line(name, median(ours, Served.thousands), median(bare, Served.thousands), "k/s", goal,
                note=spent + note)


def server_traced(emit_programs, server_programs):
    """Requests a second of a traced handler beside the same untraced: all recorded, and none."""
    with contextlib.ExitStack() as stack:
        sink = stack.enter_context(contextlib.closing(Sink(emit_programs, nap=bench_load.NAP)))
        servers = [
            stack.enter_context(contextlib.closing(Server(server_programs, mode, sink)))
            for mode in ("traced", "bare", "unsampled")
        ]
        sides = [server.serve for server in servers]
        traced, bare, unsampled = bench_load.take_turns(sides, ROUNDS)
    note = f"; all {sum(run.requests for run in traced)} documents arrived"
    yield compared("server-traced", traced, bare, 0.75, note)
    yield compared("server-unsampled", unsampled, bare, 0.97)


COMPARISONS = {"server-traced": server_traced}


def run(wanted):
    """Prints the lines that are wanted; no names mean all."""
    folders = [pathlib.Path(os.environ[name]) for name in ("EMIT_BENCH", "SERVER_BENCH")]
    for name, comparison in COMPARISONS.items():
        if not wanted or name in wanted:
            for line in comparison(*folders):
                line.print()
