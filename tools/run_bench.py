"""The second half of tools/bench: runs both programs in turn and compares their medians.

Both sides of the first lines do the same job on the same nginx: one GET of 1 KiB, everything known
about it written as JSON. Nobody listens at the daemon's port, which is the usual case on a
developer's machine. The lines of the emitter are bench_emit.py's, those of the client under load
bench_load.py's, those of plans bench_plans.py's, those of the server bench_http_server.py's, those
of the page bench_page.py's, those of the X-Ray API bench_api.py's, those of the receiver of
`xtrace listen` bench_listen.py's.
"""

import contextlib
import dataclasses
import os
import pathlib
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "e2e"))

from support.certificates import EC_KEY, RSA_KEY, Certificates  # noqa: E402
from support.nginx import Nginx  # noqa: E402

import bench_api  # noqa: E402
import bench_emit  # noqa: E402
import bench_http_server  # noqa: E402
import bench_listen  # noqa: E402
import bench_load  # noqa: E402
import bench_page  # noqa: E402
import bench_plans  # noqa: E402
import peak_memory  # noqa: E402

RUNS = 50
WARM_UPS = 3
SYSTEM_STORE = "/etc/ssl/certs/ca-certificates.crt"
STARTS = {"start-http", "start-https", "start-https-ecdsa", "start-https-system", "rss-http"}
CURL = ("curl", "-s", "-o", "/dev/null", "-w", "%{json}")


@dataclasses.dataclass
class Comparison:
    """Two commands that do the same, how they are measured, and the ratio to stay under."""

    name: str
    goal: float
    ours: list
    peer: list
    unit: str = "ms"
    env: dict = dataclasses.field(default_factory=dict)


def wall_milliseconds(command, env):
    """From the start of the process to its end."""
    with open(os.devnull, "wb") as nowhere:
        actions = [(os.POSIX_SPAWN_DUP2, nowhere.fileno(), fd) for fd in (1, 2)]
        began = time.perf_counter()
        child = os.posix_spawnp(command[0], command, env, file_actions=actions)
        _, status = os.waitpid(child, 0)
        taken = time.perf_counter() - began
    check(command, os.waitstatus_to_exitcode(status))
    return taken * 1000


def peak_megabytes(command, env):
    code, peak = peak_memory.run_and_watch(command, env)
    check(command, code)
    return peak


def check(command, code):
    if code != 0:
        raise SystemExit(f"tools/bench: {' '.join(command)} ended with {code}")


def compare(comparison):
    """Runs both sides in turn, each first every other time."""
    measure = wall_milliseconds if comparison.unit == "ms" else peak_megabytes
    env = {"PATH": os.environ["PATH"], "HOME": tempfile.gettempdir(), **comparison.env}
    sides = [(comparison.ours, []), (comparison.peer, [])]
    for turn in range(WARM_UPS + RUNS):
        for command, values in sides if turn % 2 else reversed(sides):
            value = measure(command, env)
            if turn >= WARM_UPS:
                values.append(value)
    ours, peer = (statistics.median(values) for _, values in sides)
    ratio = ours / peer
    verdict = "ok" if ratio <= comparison.goal else "short"
    print(
        f"{comparison.name:<20}{ours:>9.2f} {comparison.unit}{peer:>9.2f} {comparison.unit}"
        f"{ratio:>8.2f}{comparison.goal:>8.2f}  {verdict}",
        flush=True,
    )


def comparisons(http, rsa, ec):
    """What is compared, given the URL of a plain server and two `Secure` ones."""
    ours = [os.environ["XTRACE"], "get", "--format", "json"]
    curl = [*CURL, "--http1.1"]
    yield Comparison("start-http", 0.35, [*ours, http], [*CURL, http])
    # mbedTLS verifies an ECDSA signature in portable C, OpenSSL in assembly, and a handshake holds
    # two of them: what start-up wins goes there, so that this goal is only not to be slower.
    for name, goal, server in (("start-https", 0.50, rsa), ("start-https-ecdsa", 1.00, ec)):
        trust = ["--cacert", server.certificates.ca, server.url]
        yield Comparison(name, goal, [*ours, *trust], [*curl, *trust])
    if os.path.exists(SYSTEM_STORE):
        # Both programs honour SSL_CERT_FILE. The file is the system's own store with the test's CA
        # at its end, so that both must get through all of it to trust the server.
        env = {"SSL_CERT_FILE": rsa.certificates.bundle_with(SYSTEM_STORE)}
        yield Comparison("start-https-system", 0.50, [*ours, rsa.url], [*curl, rsa.url], env=env)
    yield Comparison("rss-http", 0.60, [*ours, http], [*CURL, http], unit="MB")


class Secure:
    """An nginx with certificates of one kind: RSA, as most of the web has, or ECDSA."""

    def __init__(self, directory, new_key):
        os.mkdir(directory)
        self.certificates = Certificates(os.path.join(directory, "certificates"), new_key)
        self.nginx = Nginx(directory, self.certificates)
        self.url = self.nginx.https(host="127.0.0.1")


def compare_starts(wanted):
    """The lines of the whole program beside curl."""
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="xtrace-bench-"))
        servers = []
        for name, new_key in (("rsa", RSA_KEY), ("ec", EC_KEY)):
            servers.append(Secure(os.path.join(directory, name), new_key))
            stack.callback(servers[-1].nginx.close)
        for comparison in comparisons(servers[0].nginx.url(), *servers):
            if not wanted or comparison.name in wanted:
                compare(comparison)


def main():
    wanted = set(sys.argv[1:])
    sides = (bench_emit, bench_load, bench_plans, bench_http_server, bench_listen, bench_page,
             bench_api)
    known = STARTS.union(*(side.COMPARISONS for side in sides))
    unknown = wanted - known
    if unknown:
        raise SystemExit(f"tools/bench: there is no comparison {' or '.join(sorted(unknown))}.")
    if not wanted or wanted & STARTS:
        compare_starts(wanted)
    try:
        for side in sides:
            side.run(wanted)
    except bench_emit.Failure as failure:
        raise SystemExit(f"tools/bench: {failure}.") from None


if __name__ == "__main__":
    main()
