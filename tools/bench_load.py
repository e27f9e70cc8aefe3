"""What tools/bench measures of the client under load: beside wrk and hey, and by itself.

The client has core 0; nginx, with one worker, has core 1. The receiver of traces shares nginx's
core, since the client's is the one that is measured: it naps half a millisecond at a time and
empties its socket, so that no sender ever has to wake it and the server loses little. All sides
take turns, and medians are compared. Rates want a quiet machine; the CPU each side spent on a
request is told beside, and is steadier.
"""

import contextlib
import os
import pathlib
import tempfile

import bench_connections
import bench_programs
from bench_emit import Bench, Failure, Line, Sink, Work, arrival, median
from bench_programs import Run
from bench_servers import LoadServer

ROUNDS = 5
REQUESTS = 50_000
NAP = 500  # microseconds


class LoadBench(Bench):
    """The programs, and the server they load."""

    def __init__(self, programs, client_programs, xtrace, server):
        super().__init__(programs, xtrace)
        self.client_programs = client_programs
        self.server = server

    def untraced(self, url, requests=REQUESTS, *more):
        more = ["--sampled", "0", "--emit", "none", *more]
        return bench_programs.ours(self.xtrace, url, requests, *more)

    def traced(self, url, sink, *more):
        """Every request is traced, and every trace has to arrive."""
        target = ["--emit", f"udp://127.0.0.1:{sink.port}", "--sampled", "1"]
        run = bench_programs.ours(self.xtrace, url, REQUESTS, *target, *more)

        def run_and_count():
            done = run()
            arrived = sink.report().datagrams
            if done.traces != done.requests or arrived != done.requests:
                raise Failure(f"of {done.requests} requests {done.traces} were traced, and "
                              f"{arrived} documents arrived")
            return done

        return run_and_count


def take_turns(sides, rounds=ROUNDS):
    """The runs of each side, after one round that does not count."""
    runs = [[] for _ in sides]
    for turn in range(rounds + 1):
        order = list(zip(sides, runs))
        for side, done in order if turn % 2 else reversed(order):
            run = side()
            if turn > 0:
                done.append(run)
    return runs


def rate_line(name, ours, peer, goal, note=""):
    spent = f"CPU {median(ours, Run.cpu_each):.1f} and {median(peer, Run.cpu_each):.1f} us"
    return Line(name, median(ours, Run.thousands), median(peer, Run.thousands), "k/s", goal,
                note=spent + note)


def load_untraced(bench):
    """Requests a second, beside wrk."""
    url = bench.server.http
    ours, wrk = take_turns([bench.untraced(url), bench_programs.wrk(url)])
    yield rate_line("load-untraced", ours, wrk, 0.85)


def load_traced(bench):
    """The same with a trace of every request, beside wrk and beside hey."""
    url = bench.server.http
    with contextlib.closing(Sink(bench.programs, nap=NAP)) as sink:
        ours, wrk, hey = take_turns([
            bench.traced(url, sink),
            bench_programs.wrk(url),
            bench_programs.hey(url, REQUESTS),
        ])
    note = f"; all {sum(run.traces for run in ours)} traces arrived"
    yield rate_line("load-traced", ours, wrk, 0.65, note)
    yield rate_line("load-traced-hey", ours, hey, 1.50)


def load_tls(bench):
    """Traced and encrypted, beside wrk, which traces nothing."""
    url = bench.server.https
    with contextlib.closing(Sink(bench.programs, nap=NAP)) as sink:
        ours, wrk = take_turns([
            bench.traced(url, sink, "--cacert", bench.server.authority),
            bench_programs.wrk(url),
        ])
    note = f"; all {sum(run.traces for run in ours)} traces arrived"
    yield rate_line("load-tls", ours, wrk, 0.65, note)


def trace_overhead(bench):
    """CPU that hooks, record and trace add to a request of the library's, beside its limit."""
    program = str(bench.client_programs / "client_bench")
    order = [str(REQUESTS), bench.server.http]
    bare, traced = bench.take_turns(
        [lambda port: [program, "bare", *order], lambda port: [program, "traced", *order, port]],
        nap=NAP,
    )
    ours, without = median(traced, Work.cpu_each), median(bare, Work.cpu_each)
    told = arrival(traced, f"; {ours:.2f} us traced, {without:.2f} us bare")
    yield Line("trace-overhead", ours - without, 3.0, "us", 1.0, is_limit=True, **told)


def adapter_curl(bench):
    """CPU that the adapter adds to a request of libcurl's: header, record and trace; one request
    after the other over one connection."""
    program = str(pathlib.Path(os.environ["CURL_BENCH"]) / "curl_bench")
    order = [str(REQUESTS // 5), bench.server.http]
    bare, traced = bench.take_turns(
        [lambda port: [program, "bare", *order], lambda port: [program, "traced", *order, port]],
        nap=NAP, rounds=9,
    )
    ours, without = median(traced, Work.cpu_each), median(bare, Work.cpu_each)
    told = arrival(traced, f"; {ours:.2f} us traced, {without:.2f} us bare")
    yield Line("adapter-curl", ours - without, 4.0, "us", 1.0, is_limit=True, **told)


COMPARISONS = {
    "load-untraced": load_untraced,
    "load-traced": load_traced,
    "load-tls": load_tls,
    "trace-overhead": trace_overhead,
    "adapter-curl": adapter_curl,
    **bench_connections.COMPARISONS,
}


def run(wanted):
    """Prints the lines that are wanted; no names mean all."""
    names = [name for name in COMPARISONS if not wanted or name in wanted]
    if not names:
        return
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="xtrace-bench-"))
        server = stack.enter_context(contextlib.closing(LoadServer(directory)))
        folders = (pathlib.Path(os.environ[name]) for name in ("EMIT_BENCH", "CLIENT_BENCH"))
        bench = LoadBench(*folders, os.environ["XTRACE"], server)
        for name in names:
            for line in COMPARISONS[name](bench):
                line.print()
