"""What tools/bench measures of the emitter: our segments beside bare sends and beside AWS's SDK.

The receiver is a program of its own on core 1, the sender has core 0. A sender begins when it is
told to, so that nobody's start is measured; both sides take turns, and medians are compared.
"""

import contextlib
import dataclasses
import os
import pathlib
import shutil
import statistics
import subprocess
import time

import peak_memory

ROUNDS = 5
WARM_UPS = 1
SENDER_CORE, RECEIVER_CORE = "0", "1"
ROOT = pathlib.Path(__file__).resolve().parent.parent
NODE_SOURCES = ROOT / "tests" / "bench" / "node"


class Failure(Exception):
    """A sentence for the user."""


@dataclasses.dataclass
class Received:
    """What a sink counted: datagrams, and nanoseconds of the steady clock."""

    datagrams: int
    first: int
    last: int
    busy: int


@dataclasses.dataclass
class Work:
    """What a sender did on one order, and what arrived of it."""

    began: int
    ended: int
    cpu: int
    count: int
    received: Received

    def per_second(self):
        return self.count * 1e9 / (self.ended - self.began)

    def cpu_each(self):
        return self.cpu / 1000 / self.count

    def milliseconds_to_arrive(self):
        return (self.received.last - self.began) / 1e6

    def milliseconds_spent(self):
        return self.received.busy / 1e6


def require(claim, command, code):
    if not claim:
        raise Failure(f"{' '.join(command[:2])} ended with {code}")


class Conversation:
    """A program that is talked to in lines."""

    def __init__(self, command):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def hear(self):
        line = self.process.stdout.readline()
        if not line:
            code = self.process.wait()
            raise Failure(f"{self.process.args[0]} ended with {code} in the middle of its work")
        return line.split()

    def say(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


class Sink(Conversation):
    """The receiver; `cost` is the microseconds it spends on each datagram, `nap` how long it sleeps
    where there is nothing to receive, `buffer` the bytes it asks the kernel for."""

    def __init__(self, programs, cost=0, nap=0, buffer=0):
        numbers = map(str, (cost, buffer, nap))
        super().__init__([str(programs / "udp_sink"), RECEIVER_CORE, *numbers])
        (self.port,) = self.hear()

    def report(self):
        self.say("report")
        return Received(*map(int, self.hear()))


class Sender(Conversation):
    """Makes and sends; `wants_core` keeps it off the receiver's."""

    def __init__(self, command, wants_core=True):
        pin = ["taskset", "-c", SENDER_CORE] if wants_core else []
        super().__init__([*pin, *command])
        self.hear()

    def work(self, sink):
        self.say("go")
        done = list(map(int, self.hear()))
        self.hear()
        return Work(*done, sink.report())


class Bench:
    """The programs that the comparisons run, by their folder."""

    def __init__(self, programs, xtrace):
        self.programs = programs
        self.xtrace = xtrace

    def ours(self, mode, port, count, *more):
        return [str(self.programs / "emit_bench"), mode, port, str(count), *map(str, more)]

    def node(self, port, count):
        """AWS's SDK as the lock file names it, kept beside the programs."""
        if shutil.which("npm") is None:
            raise Failure("emit-peer needs npm, which is not on the PATH")
        folder = self.programs / "node"
        folder.mkdir(exist_ok=True)
        for name in ("package.json", "package-lock.json", "emit.js"):
            shutil.copy(NODE_SOURCES / name, folder / name)
        if not (folder / "node_modules" / "aws-xray-sdk-core").exists():
            command = ["npm", "ci", "--no-audit", "--no-fund", "--silent"]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise Failure(f"npm could not install AWS's SDK: {last_line(done.stderr)}")
        return ["node", str(folder / "emit.js"), port, str(count)]

    @contextlib.contextmanager
    def documents(self, count):
        """A program that writes so many documents, one a line, to its stdout."""
        command = [str(self.programs / "emit_bench"), "documents", str(count)]
        source = subprocess.Popen(command, stdout=subprocess.PIPE)
        with contextlib.closing(source.stdout):
            yield source
        require(source.wait() == 0, command, source.returncode)

    def seconds_of_pipe(self, count, command):
        """How long the command takes to read so many documents."""
        began = time.perf_counter()
        with self.documents(count) as source:
            done = subprocess.run(command, stdin=source.stdout, stdout=subprocess.DEVNULL,
                                  check=False)
        require(done.returncode == 0, command, done.returncode)
        return time.perf_counter() - began

    def take_turns(self, commands, cost=0, rounds=ROUNDS, wants_core=True, nap=0):
        """The works of each command, `rounds` of them, run in turn against one sink."""
        works = [[] for _ in commands]
        with contextlib.ExitStack() as stack:
            sink = stack.enter_context(contextlib.closing(Sink(self.programs, cost, nap)))
            senders = []
            for command in commands:
                sender = Sender(command(sink.port), wants_core)
                senders.append(stack.enter_context(contextlib.closing(sender)))
            for turn in range(WARM_UPS + rounds):
                for sender, done in zip(senders, works):
                    work = sender.work(sink)
                    if turn >= WARM_UPS:
                        done.append(work)
        return works


def last_line(text):
    return (text.strip().splitlines() or ["it gave no reason"])[-1]


def median(works, figure):
    return statistics.median(figure(work) for work in works)


def lost(works):
    return sum(work.count - work.received.datagrams for work in works)


@dataclasses.dataclass
class Line:
    """One printed comparison: `goal` is the least ratio, or the most where `is_limit`; 0 is none."""

    name: str
    ours: float
    peer: float
    unit: str
    goal: float
    is_limit: bool = False
    note: str = ""
    all_arrived: bool = True

    def print(self):
        ratio = self.ours / self.peer
        is_met = ratio <= self.goal if self.is_limit else ratio >= self.goal
        verdict = "ok" if is_met and self.all_arrived else "short"
        goal = f"{self.goal:.2f}" if self.goal > 0 else "-"
        print(
            f"{self.name:<20}{self.ours:>9.2f} {self.unit}{self.peer:>9.2f} {self.unit}"
            f"{ratio:>8.2f}{goal:>8}  {verdict}{self.note and '  ' + self.note}",
            flush=True,
        )


def emit_cost(bench):
    """CPU a segment, beside a bare send of the same bytes that arrives as ours do."""
    count = 60_000
    ours, bare = bench.take_turns(
        [
            lambda port: bench.ours("emit", port, count),
            lambda port: bench.ours("delivered", port, count),
        ]
    )
    yield Line("emit-cost", median(ours, Work.cpu_each), median(bare, Work.cpu_each), "us", 1.8,
               is_limit=True, **arrival(ours))


def emit_rate(bench):
    """Segments a second, beside the datagrams of a bare loop of sendmmsg that waits for room.

    A loop that does not wait is quicker the more it loses: what is dropped costs nobody much. What
    it does is told beside.
    """
    count = 100_000
    ours, bare, blind = bench.take_turns(
        [
            lambda port: bench.ours("emit", port, count),
            lambda port: bench.ours("arriving", port, count),
            lambda port: bench.ours("sendmmsg", port, count),
        ]
    )
    seen = 100 * (1 - lost(blind) / sum(work.count for work in blind))
    note = f"; blindly {thousands(blind):.0f} k/s, of which {seen:.0f} % arrive"
    yield Line("emit-rate", thousands(ours), thousands(bare), "k/s", 0.75, **arrival(ours, note))


def emit_peer(bench):
    """Segments a second, beside AWS's SDK for Node.js."""
    count = 20_000
    ours, node = bench.take_turns(
        [lambda port: bench.ours("emit", port, count), lambda port: bench.node(port, count)],
        rounds=3,
    )
    yield Line("emit-peer", thousands(ours), thousands(node), "k/s", 15, **arrival(ours))


def emit_threads(bench):
    """Segments a second by two threads, beside one; all may use both cores."""
    count = 100_000
    two, one = bench.take_turns(
        [
            lambda port: bench.ours("emit", port, count, 2),
            lambda port: bench.ours("emit", port, count, 1),
        ],
        wants_core=False,
    )
    yield Line("emit-threads", thousands(two), thousands(one), "k/s", 1.0, **arrival(two))


def emit_burst(bench):
    """10,000 at once to a receiver as slow as the daemon, beside the time it needs for as many."""
    count = 10_000
    ours, off = bench.take_turns(
        [lambda port: bench.ours("emit", port, count), lambda port: bench.ours("off", port, count)],
        cost=14,
    )
    arrived = median(off, lambda work: work.received.datagrams)
    note = f"; {arrived:.0f} arrive without flow control"
    yield Line("emit-burst", median(ours, Work.milliseconds_to_arrive),
               median(ours, Work.milliseconds_spent), "ms", 1.5, is_limit=True,
               **arrival(ours, note))


def emit_burst_remote(bench):
    """The same where the kernel does not tell, to a receiver that takes 20,000 a second."""
    count = 10_000
    (ours,) = bench.take_turns([lambda port: bench.ours("paced", port, count)], cost=50, rounds=3)
    yield Line("emit-burst-remote", median(ours, lambda work: work.received.datagrams / 1000),
               count / 1000, "k", 1.0, **arrival(ours))


def emit_pipe(bench):
    """`xtrace emit` beside reading the same pipe with `wc -l` and sending as much with bare sends."""
    count, rounds, large = 200_000, 3, 1_000_000
    ours, reading, arrived = [], [], []
    (bare,) = bench.take_turns([lambda port: bench.ours("send", port, count)], rounds=rounds)
    with contextlib.closing(Sink(bench.programs)) as sink:
        emit = [bench.xtrace, "emit", "--silent", "--to", f"udp://127.0.0.1:{sink.port}"]
        for _ in range(rounds):
            ours.append(count / bench.seconds_of_pipe(count, emit))
            arrived.append(sink.report().datagrams)
            reading.append(count / bench.seconds_of_pipe(count, ["wc", "-l"]))
        with bench.documents(large) as source:
            code, peak = peak_memory.run_and_watch(emit, stdin=source.stdout)
        require(code == 0, emit, code)
        arrived.append(sink.report().datagrams)
    wc = statistics.median(reading)
    send = median(bare, Work.per_second)
    note = f"{sum(arrived)} of {count * rounds + large} arrived; wc -l {wc / 1000:.0f} k/s, "
    yield Line("emit-pipe", statistics.median(ours) / 1000, 1 / (1 / wc + 1 / send) / 1000, "k/s",
               0.0, note=note + f"send {send / 1000:.0f} k/s",
               all_arrived=sum(arrived) == count * rounds + large)
    yield Line("emit-pipe-rss", peak, 16, "MB", 1.0, is_limit=True, note=f"{large} documents")


def thousands(works):
    return median(works, Work.per_second) / 1000


def arrival(works, note=""):
    """What a line says of the datagrams that should all have arrived."""
    missing = lost(works)
    total = sum(work.count for work in works)
    text = f"{total - missing} of {total} arrived{note}"
    return {"all_arrived": missing == 0, "note": text}


COMPARISONS = {
    "emit-cost": emit_cost,
    "emit-rate": emit_rate,
    "emit-peer": emit_peer,
    "emit-threads": emit_threads,
    "emit-burst": emit_burst,
    "emit-burst-remote": emit_burst_remote,
    "emit-pipe": emit_pipe,
}


def run(wanted):
    """Prints the lines that are wanted; no names mean all."""
    bench = Bench(pathlib.Path(os.environ["EMIT_BENCH"]), os.environ["XTRACE"])
    for name, comparison in COMPARISONS.items():
        if wanted and name not in wanted:
            continue
        for line in comparison(bench):
            line.print()
