"""What tools/bench measures of `xtrace listen`: what it receives beside a bare loop, and its memory.

The sender has core 0 and the receiver core 1, as for the emitter. The sender looks how full the
receiver's buffer is and waits while there is no room, so that nothing is lost and the slower of the
two sets the pace; both receivers take turns with one sender's program.
"""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import time
import urllib.request

import bench_emit
from bench_emit import RECEIVER_CORE, ROUNDS, WARM_UPS, Conversation, Failure, Line, Sender, Sink

DOCUMENT = 700  # bytes
BUFFER = 64 << 20  # asked for by both; the kernel gives the bare loop what anybody may have
MEGABYTE = 1_000_000


class Listener(Conversation):
    """Our receiver and its store, with the words of a `Sink`."""

    def __init__(self, program):
        super().__init__([program, "receive", RECEIVER_CORE])
        (self.port,) = self.hear()

    def report(self):
        self.say("report")
        *received, self.lost, self.buffer = map(int, self.hear())
        return bench_emit.Received(*received)


class Program:
    """`xtrace listen` itself, with a limit of memory."""

    def __init__(self, limit):
        doors = ["--udp", "127.0.0.1:0", "--tcp", "none", "--web", "127.0.0.1:0"]
        bounds = ["--max-memory", str(limit), "--max-traces", "10000000", "--format", "none"]
        command = ["taskset", "-c", RECEIVER_CORE, os.environ["XTRACE"], "listen", *doors, *bounds]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        ready = self.process.stderr.readline()
        found = re.search(r"udp 127\.0\.0\.1:(\d+).*(http://\S+)", ready)
        if not found:
            raise Failure(f"xtrace listen did not begin: {ready.strip()}")
        self.port, self.page = found.groups()

    def stats(self):
        with urllib.request.urlopen(f"{self.page}/api/stats", timeout=10) as answer:
            return json.load(answer)

    def await_all(self, count):
        """The stats once the kernel's buffer is empty."""
        ends = time.monotonic() + 30
        while (stats := self.stats())["received"] + stats["kernel_drops"] < count:
            if time.monotonic() > ends:
                raise Failure(f"xtrace listen received {stats['received']} of {count} documents")
        return stats

    def most_resident(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) * 1024

    def close(self):
        self.process.terminate()
        self.process.communicate()


class Bench:
    """The programs that the comparisons run."""

    def __init__(self):
        self.program = str(pathlib.Path(os.environ["COLLECT_BENCH"]) / "listen_bench")
        self.emit_programs = pathlib.Path(os.environ["EMIT_BENCH"])

    def store(self, count, limit, *sizes):
        """Puts documents into a store: kB before, after and at most; documents and bytes held."""
        command = [self.program, "store", *map(str, (count, limit, *sizes))]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failure(f"{' '.join(command)} ended with {done.returncode}")
        return map(int, done.stdout.split())


def rate(work):
    """Documents a second from the order to the last that was taken."""
    return work.count * 1e9 / (work.received.last - work.began)


def listen_rate(bench):
    """Documents a second that are in the store, beside those that a bare loop of recvmmsg takes."""
    count = 200_000
    works = {}
    with contextlib.ExitStack() as stack:
        sides = {}
        for name, receiver in (
            ("ours", Listener(bench.program)),
            ("bare", Sink(bench.emit_programs, buffer=BUFFER)),
        ):
            stack.enter_context(contextlib.closing(receiver))
            sender = Sender([bench.program, "send", receiver.port, str(count)])
            sides[name] = (stack.enter_context(contextlib.closing(sender)), receiver)
        for turn in range(WARM_UPS + ROUNDS):
            for name, (sender, receiver) in sides.items():
                work = sender.work(receiver)
                if turn >= WARM_UPS:
                    works.setdefault(name, []).append(work)
    ours, bare = (bench_emit.median(works[name], rate) / 1000 for name in ("ours", "bare"))
    cost = bench_emit.median(works["ours"], lambda work: work.received.busy / 1000 / work.count)
    note = f"; {cost:.2f} us of CPU each"
    yield Line("listen-rate", ours, bare, "k/s", 0.4, **bench_emit.arrival(works["ours"], note))


def listen_burst(bench):
    """20,000 back to back from a sender that does not look, and how many are taken."""
    count = 20_000
    with contextlib.ExitStack() as stack:
        receiver = stack.enter_context(contextlib.closing(Listener(bench.program)))
        sender = Sender([bench.program, "burst", receiver.port, str(count)])
        stack.enter_context(contextlib.closing(sender))
        taken = min(sender.work(receiver).received.datagrams for _ in range(ROUNDS))
        note = f"the system allows a buffer of {receiver.buffer / MEGABYTE:.0f} MB"
    yield Line("listen-burst", taken / 1000, count / 1000, "k", 1.0, note=note)


def listen_memory(bench):
    """Resident bytes of a stored document beside its size; and a limit that must hold."""
    count = 200_000
    before, after, _, _, held = bench.store(count, 2**40, DOCUMENT)
    each = (after - before) * 1024 / count
    note = f"the store says {held / count:.0f}"
    yield Line("listen-memory", each, DOCUMENT, "B", 1.5, is_limit=True, note=note)
    count, limit = 1_000_000, 256 * MEGABYTE
    for name, sizes in (("", [DOCUMENT]), ("-mixed", [300, DOCUMENT, 1500, 5000])):
        _, _, most, documents, _ = bench.store(count, limit, *sizes)
        note = f"{documents} of {count} documents are held"
        yield Line(f"listen-limit{name}", most * 1024 / MEGABYTE, 300, "MB", 1.0, is_limit=True,
                   note=note)


def listen_program(bench):
    """The same limit, held by the program: documents come by UDP, and its page is asked for all."""
    count, limit = 1_000_000, 256 * MEGABYTE
    with contextlib.closing(Program(limit)) as program:
        sender = Sender([bench.program, "send", program.port, str(count)])
        with contextlib.closing(sender):
            sender.say("go")
            sender.hear()
        stats = program.await_all(count)
        everything = f"{program.page}/api/traces?limit=10000&filter=responsetime%3E1000"
        urllib.request.urlopen(everything, timeout=60).read()
        most = program.most_resident() / MEGABYTE
    note = f"{stats['received']} documents received, {stats['documents']} are held"
    yield Line("listen-program", most, 300, "MB", 1.0, is_limit=True, note=note)


COMPARISONS = {
    "listen-rate": listen_rate,
    "listen-burst": listen_burst,
    "listen-memory": listen_memory,
    "listen-program": listen_program,
}


def run(wanted):
    """Prints the lines that are wanted; no names mean all."""
    bench = Bench()
    for name, comparison in COMPARISONS.items():
        if wanted and name not in wanted:
            continue
        for line in comparison(bench):
            line.print()
