"""Truth: a delay put into a phase comes back in that phase, within 1 ms plus 1 %, and in no other.

Each case has one server that can be told to wait at one point. The same exchange without the wait
is the base line; every wait is timed where it happens, so that a late wake-up of the server is not
blamed on the client. What is compared are lower quartiles, and a machine that was busy gets a
bounded number of further rounds: an instrument that lies fails them all.
"""

import contextlib
import os
import statistics

from support import program
from support.case import Case, world
from support.dns import LateForwarder
from support.isolation import V4_ADDRESSES, isolated, needs_isolation
from support.nginx import Nginx
from support.packets import LateLink, Wiretap, dropping, first_syn_to
from support.scripted import ScriptedServer, answer, ok
from support.tls import slow_server_hello

DELAYS = (0.0, 0.001, 0.020, 0.200)
REPETITIONS = 7
ROUNDS = 6
UPLOAD_BYTES = (1 << 20) if isolated() else (16 << 20)
PARTS = ("dns_wait", "dns", "dial", "tls", "request", "response", "body")


def typical(values):
    """The lower quartile: a busy machine only ever adds."""
    return statistics.quantiles(values, n=4)[0]


def tolerance(delay):
    return 0.001 + 0.01 * delay


def own_nginx():
    """One that was started with the priority of these cases."""
    directory = os.path.join(world().directory, "truth")
    os.mkdir(directory)
    return Nginx(directory, world().certificates)


class Truth(Case):
    """Runs `xtrace get --format json` and looks at nothing but its times."""

    @classmethod
    def setUpClass(cls):
        # Ahead of all other work of the machine, where that is allowed; what we start inherits it.
        with contextlib.suppress(PermissionError):
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))

    @classmethod
    def tearDownClass(cls):
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))

    def measure(self, url, *flags, stdin=b""):
        """Seconds spent in each part of one request."""
        done = program.run(
            ["get", "--format", "json", *flags, url],
            self.environment(),
            stdin,
            program=program.truth_binary(),
        )
        self.assertEqual(done.code, 0, done)
        self.daemon.drain_raw()
        spans = {**done.phases, "dial": done.attempt["dials"][0]}
        return {part: spans[part]["dur_us"] / 1e6 if spans[part] else 0.0 for part in PARTS}

    def judge(self, phase, measure):
        """`measure(delay)` returns the parts of one request and the wait it really met."""
        measure(0.0)
        for delay in DELAYS:
            with self.subTest(delay=delay):
                complaints = []
                for _ in range(ROUNDS):
                    complaint = self.compare(phase, measure, delay)
                    if complaint is None:
                        break
                    complaints.append(complaint)
                else:
                    self.fail("\n".join(complaints))

    def compare(self, phase, measure, delay):
        """One round; None, or what is wrong."""
        base, late = {part: [] for part in PARTS}, {part: [] for part in PARTS}
        for _ in range(REPETITIONS):
            # Interleaved, so that a busy spell of the machine meets both.
            for delays, kept in ((0.0, base), (delay, late)):
                parts, waited = measure(delays)
                for part in PARTS:
                    kept[part].append(parts[part] - (waited if part == phase else 0.0))
        for part in PARTS:
            error = typical(late[part]) - typical(base[part])
            if abs(error) > tolerance(delay):
                where = "of itself" if part == phase else f"of the wait in {phase}"
                return (
                    f"{part} is off by {error * 1000:.3f} ms because {where} ({delay * 1000:g} ms)"
                )
        return None

    def judge_server(self, phase, make_server, measure):
        """The common shape: `make_server(delay)` gives a server whose `delays` tell the truth."""
        with contextlib.ExitStack() as stack:
            servers = {delay: stack.enter_context(make_server(delay)) for delay in DELAYS}

            def once(delay):
                server = servers[delay]
                parts = measure(server)
                server.finish()
                self.assertEqual(server.failures, [])
                return parts, server.delays[-1]

            self.judge(phase, once)

    def test_response(self):
        """A server that waits before its status line is seen in response."""

        def server(delay):
            def script(peer):
                peer.read_request()
                peer.pause(delay)
                peer.send(ok())

            return ScriptedServer(script)

        self.judge_server("response", server, lambda server: self.measure(server.url()))

    def test_body(self):
        """A server that waits inside the body is seen in body."""

        def server(delay):
            def script(peer):
                peer.read_request()
                peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc")
                peer.pause(delay)
                peer.send(b"def")

            return ScriptedServer(script)

        self.judge_server("body", server, lambda server: self.measure(server.url()))

    def test_head(self):
        """A server that waits after its status line is seen in body, which began with that line."""

        def server(delay):
            def script(peer):
                peer.read_request()
                peer.send(b"HTTP/1.1 200 OK\r\n")
                peer.pause(delay)
                peer.send(b"Content-Length: 0\r\n\r\n")

            return ScriptedServer(script)

        self.judge_server("body", server, lambda server: self.measure(server.url()))

    def test_interim(self):
        """A wait after a 103 is still the wait for the response."""

        def server(delay):
            def script(peer):
                peer.read_request()
                peer.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
                peer.pause(delay)
                peer.send(ok())

            return ScriptedServer(script)

        self.judge_server("response", server, lambda server: self.measure(server.url()))

    def test_request(self):
        """A server that does not read the upload for a while is seen in request."""
        upload = os.path.join(world().directory, "upload")
        with open(upload, "wb") as file:
            file.write(b"u" * UPLOAD_BYTES)

        def server(delay):
            def script(peer):
                peer.pause(delay)
                peer.read_request()
                peer.send(ok())

            return ScriptedServer(script, receive_buffer=65536)

        self.judge_server(
            "request",
            server,
            lambda server: self.measure(server.url(), "--data-binary", "@" + upload),
        )

    def test_tls(self):
        """A TLS server that waits before its ServerHello is seen in tls."""
        nginx = own_nginx()
        self.addCleanup(nginx.close)
        self.judge_server(
            "tls",
            lambda delay: slow_server_hello(nginx.good, delay),
            lambda proxy: self.measure(proxy.url(scheme="https"), "--cacert", self.certificates.ca),
        )

    @needs_isolation
    def test_dns(self):
        """A name server that answers late is seen in dns."""
        with ScriptedServer(answer(ok()), host=V4_ADDRESSES[0]) as server:

            def once(delay):
                with LateForwarder(delay) as late, world().names.replaced_by(late.address):
                    parts = self.measure(server.url(host="v4.test"))
                return parts, max(late.delays)

            self.judge("dns", once)

    @needs_isolation
    def test_dial(self):
        """A handshake that is answered late is seen in the dial."""
        if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
            self.skipTest("/dev/net/tun cannot be opened here, so there is no slow link")
        link = LateLink()
        self.addCleanup(link.close)
        with ScriptedServer(answer(ok()), host=link.local) as server:

            def once(delay):
                link.delay = delay
                parts = self.measure(f"http://{link.address}:{server.port}/")
                return parts, link.delays[-1]

            self.judge("dial", once)

    @needs_isolation
    def test_lost_syn(self):
        """A SYN that is lost once makes the dial as long as the wire says, and nothing else."""
        with ScriptedServer(answer(ok())) as server:
            base = [self.measure(server.url()) for _ in range(REPETITIONS)]
            with dropping(first_syn_to("127.0.0.1", server.port)), Wiretap(server.port) as tap:
                parts = self.measure(server.url())
                taken, syns = tap.handshake()
        self.assertEqual(syns, 2)
        self.assertGreater(taken, 0.9)
        self.assertAlmostEqual(parts["dial"], taken, delta=tolerance(taken))
        for part in set(PARTS) - {"dial"}:
            usual = typical([measured[part] for measured in base])
            self.assertAlmostEqual(parts[part], usual, delta=tolerance(taken), msg=part)
