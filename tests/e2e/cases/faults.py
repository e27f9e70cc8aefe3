"""Faults of the network itself, in every phase: the phase, the code and the exit are asserted."""

import fcntl
import struct
import termios
import time

from support.case import Case, world
from support.dns import BrokenNameServer
from support.isolation import V4_ADDRESSES, needs_isolation
from support.packets import any_syn_to, data_from, data_to, dropping, late, needs_netem, refusing
from support.ports import refusing_port
from support.scripted import ScriptedServer, answer, ok

_HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"


@needs_isolation
class Names(Case):
    """A name server that answers, and says no."""

    def test_servfail(self):
        """SERVFAIL fails in phase dns, as a trouble that may pass: exit 6."""
        with BrokenNameServer(2) as broken, world().names.replaced_by(broken.address):
            done = self.get("http://v4.test/", code=6)
        self.assertFails(done, "dns_temporary", "dns")
        self.assertGreater(broken.queries, 0)
        self.assertEqual(done.attempt["dials"], [])

    def test_refused(self):
        """REFUSED fails in phase dns, and nothing is dialled."""
        with BrokenNameServer(5) as broken, world().names.replaced_by(broken.address):
            done = self.get("http://v4.test/", code=6)
        self.assertEqual(done.report["error"]["phase"], "dns")
        self.assertEqual(done.attempt["dials"], [])


@needs_isolation
class Dials(Case):
    """Addresses that cannot be reached."""

    def test_no_route(self):
        """An address without a route fails at once in connect: exit 7."""
        done = self.get("http://192.0.2.1/", code=7)
        self.assertFails(done, "connect_unreachable", "connect")
        self.assertEqual(done.attempt["dials"][0]["error"]["code"], "connect_unreachable")
        self.assertLess(done.report["total_us"], 1_000_000)

    def test_no_route_beside_one(self):
        """An address without a route does not keep the next from being dialled."""
        with ScriptedServer(answer(ok()), host=V4_ADDRESSES[0]) as server:
            done = self.get(
                f"http://h.test:{server.port}/",
                "--resolve",
                f"h.test:{server.port}:192.0.2.1,{V4_ADDRESSES[0]}",
            )
        first, second = done.attempt["dials"]
        self.assertEqual((first["outcome"], second["outcome"]), ("error", "ok"))
        self.assertLess(second["start_us"] - first["start_us"], 100_000)

    def test_refused_by_a_router(self):
        """A router's answer is told as what it is: host unreachable, or a reset."""
        port = refusing_port()
        host = V4_ADDRESSES[0]
        for how, code in (
            ("icmp type host-unreachable", "connect_unreachable"),
            ("tcp reset", "connect_refused"),
        ):
            with self.subTest(how), refusing(how, any_syn_to(host, port)):
                done = self.get(f"http://{host}:{port}/", code=7)
                self.assertFails(done, code, "connect")

    def test_redirect_to_nowhere(self):
        """A redirect to an address without a route fails on its second leg."""
        there = b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n"
        with ScriptedServer(answer(there)) as server:
            done = self.get(server.url(), "-L", code=7)
        first, second = done.report["legs"]
        self.assertEqual(first["status"], 302)
        self.assertEqual(second["attempts"][0]["error"]["code"], "connect_unreachable")
        self.assertEqual(done.report["error"]["phase"], "connect")


@needs_isolation
class Vanishing(Case):
    """Connections whose packets are lost from some moment on."""

    def strikes(self, url, *flags, code, phase, **surroundings):
        done = self.get(url, *flags, code=28, **surroundings)
        self.assertFails(done, code, phase)
        self.assertEqual(done.phases[phase]["outcome"], "timeout")
        return done

    def test_in_tls(self):
        """A ClientHello that never arrives strikes the limit of connecting, in phase tls."""
        with ScriptedServer(_deaf) as server, dropping(data_to(server.port)):
            self.strikes(
                server.url(scheme="https"),
                "--connect-timeout",
                "150ms",
                code="connect_timeout",
                phase="tls",
            )

    def test_in_proxy(self):
        """A CONNECT that never arrives strikes in phase proxy."""
        with ScriptedServer(_deaf, host=V4_ADDRESSES[0]) as proxy, dropping(data_to(proxy.port)):
            self.strikes(
                "https://far.test/",
                "-x",
                f"http://{proxy.address}",
                "--connect-timeout",
                "150ms",
                code="connect_timeout",
                phase="proxy",
            )

    def test_in_request(self):
        """An upload of which nothing arrives strikes the idle limit in phase request."""
        with ScriptedServer(_deaf) as server, dropping(data_to(server.port)):
            done = self.strikes(
                server.url(),
                "--idle-timeout",
                "150ms",
                "--data-binary",
                "@-",
                stdin=b"x" * (32 << 20),
                code="send_stalled",
                phase="request",
            )
        self.assertAbsent(done, "response", "body")

    def test_in_response(self):
        """An answer that is lost on its way strikes in phase response."""
        with ScriptedServer(answer(ok())) as server, dropping(data_from(server.port)):
            done = self.strikes(
                server.url(),
                "--response-timeout",
                "150ms",
                code="response_timeout",
                phase="response",
            )
        self.assertEqual(done.phases["request"]["outcome"], "ok")

    def test_in_body(self):
        """A body whose rest is lost strikes the idle limit in phase body; what came is counted."""

        def script(peer):
            peer.read_request()
            peer.send(_HALF)
            _wait_until_taken(peer)
            with dropping(data_from(server.port)):
                peer.send(b"hidden")
                peer.wait_for_close()

        with ScriptedServer(script) as server:
            done = self.strikes(
                server.url(), "--idle-timeout", "150ms", code="body_stalled", phase="body"
            )
            server.finish()
        self.assertEqual(done.attempt["response"]["body_bytes"], 4)

    def test_reset_in_body(self):
        """A router that resets what the client acknowledges is a failed receive: exit 56."""

        def script(peer):
            peer.read_request()
            peer.send(_HALF)
            _wait_until_taken(peer)
            with refusing("tcp reset", f"tcp dport {server.port}"):
                peer.send(b"way")
                peer.wait_for_close()

        with ScriptedServer(script) as server:
            done = self.get(server.url(), "--idle-timeout", "5s", code=56)
        self.assertFails(done, "receive_failed", "body")


@needs_isolation
class Late(Case):
    """A network that is slow, and otherwise well."""

    @needs_netem
    def test_round_trips(self):
        """With 20 ms each way, dial and response each hold a round trip."""
        with late(20):
            done = self.get(self.nginx.url("/1k"))
        self.assertGreaterEqual(done.attempt["dials"][0]["dur_us"], 40_000)
        self.assertGreaterEqual(done.phases["response"]["dur_us"], 40_000)
        self.assertLess(done.phases["request"]["dur_us"], 20_000)
        self.assertLess(done.phases["body"]["dur_us"], 20_000)


def _deaf(peer):
    peer.wait_for_close()


def _wait_until_taken(peer):
    """Until the client's kernel has acknowledged all that was sent."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        unsent = fcntl.ioctl(peer.socket, termios.TIOCOUTQ, b"\0" * 4)
        if struct.unpack("i", unsent)[0] == 0:
            return
    raise AssertionError("the client took nothing for 5 s")
