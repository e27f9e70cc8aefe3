"""What tools/bench measures of single connections: handshakes, their memory, large bodies."""

import contextlib
import statistics
import time

import bench_programs
from bench_emit import Failure, Line, median
from bench_programs import Run
from bench_servers import LARGE, BodySink

ROUNDS = 5
HANDSHAKES = 400
HELD = 10_000


def tls_handshakes(bench):
    """New connections a second, one after the other, and what continuing a session saves."""
    server = bench.server
    trust = ["--cacert", server.authority]
    full, resumed, openssl, curl = [], [], [], []
    ours = [*trust, "--keepalive", "off", "-c", "1"]
    sides = (
        (full, bench.untraced(server.https, HANDSHAKES, *ours, "--no-sessionid")),
        (resumed, bench.untraced(server.https, HANDSHAKES, *ours)),
        (openssl, openssl_new(server)),
        (curl, curl_new(server)),
    )
    for _ in range(3):
        for runs, side in sides:
            runs.append(side())
    note = f"; curl {median(curl, Run.thousands):.2f} k/s"
    spent = [median(runs, Run.cpu_each) for runs in (full, openssl, resumed)]
    yield Line("tls-handshakes", median(full, Run.thousands), median(openssl, Run.thousands),
               "k/s", 0.0, note=f"CPU {spent[0]:.0f} and {spent[1]:.0f} us{note}")
    yield Line("tls-resumption", spent[0], spent[2], "us", 3.0,
               note=f"resumed {median(resumed, Run.thousands):.2f} k/s")


def openssl_new(server):
    command = ["openssl", "s_time", "-connect", server.secure_address, "-new", "-time", "1",
               "-CAfile", server.authority, "-www", "/1k"]
    pattern = r"(\d+) connections in [\d.]+ real seconds"
    return bench_programs.timed(command, lambda text: int(bench_programs.figure(pattern, text)))


def curl_new(server):
    """One process that closes each connection, with no session to continue."""
    command = ["curl", "-s", "--fail", "--http1.1", "--no-sessionid", "-H", "Connection: close",
               "--cacert", server.authority, "-o", "/dev/null",
               f"{server.https}?[1-{HANDSHAKES}]"]
    return bench_programs.timed(command, lambda _: HANDSHAKES)


def memory_conn(bench):
    """Heap of a connection that waits for its next request, beside its limit."""
    server = bench.server
    for name, url, limit in (("http", server.http, 6), ("https", server.https, 40)):
        # A body that is not read at once, so that no connection is free before all are open.
        command = [str(bench.client_programs / "client_bench"), "hold", str(HELD),
                   url.replace("/1k", "/72k"), server.authority]
        text, _ = bench_programs.spend(command, stderr=None)
        count, heap, resident = map(int, text.split())
        note = f"{count} held, resident {resident / 1024:.2f} KiB each"
        yield Line(f"memory-conn-{name}", heap / 1024, limit, "KiB", 1.0, is_limit=True, note=note,
                   all_arrived=count == HELD)


def body_throughput(bench):
    """1 GiB in one response and in one request, beside curl."""
    xtrace = [bench.xtrace, "get", "-s", "--emit", "none", "--sampled", "0"]
    curl = ["curl", "-s", "-o", "/dev/null"]
    large, file = bench.server.large, bench.server.file
    yield throughput("body-download", [*xtrace, "-o", "/dev/null", large], [*curl, large])
    with contextlib.closing(BodySink(bench.client_programs)) as sink:
        # Without Expect: both begin to send at once.
        upload = ["-T", file, "-H", "Expect:", sink.url + "1g"]
        yield throughput("body-upload", [*xtrace, *upload], [*curl, *upload])


def throughput(name, ours, peer):
    sides = [(ours, [], []), (peer, [], [])]
    for turn in range(ROUNDS + 1):
        for command, speeds, spent in sides if turn % 2 else reversed(sides):
            began = time.perf_counter()
            _, cpu = bench_programs.spend(command)
            if turn > 0:
                speeds.append(LARGE / (time.perf_counter() - began) / 1e9)
                spent.append(cpu / 1000)
    speeds = [statistics.median(side[1]) for side in sides]
    spent = [statistics.median(side[2]) for side in sides]
    return Line(name, *speeds, "GB/s", 1.0, note=f"CPU {spent[0]:.0f} and {spent[1]:.0f} ms")


COMPARISONS = {
    "tls-handshakes": tls_handshakes,
    "memory-conn": memory_conn,
    "body-throughput": body_throughput,
}
