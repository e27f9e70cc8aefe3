"""Each limit strikes in its own phase, names it, and leaves a full report of what was reached."""

import threading

from support.case import Case, world
from support.dns import LateForwarder
from support.isolation import V4_ADDRESSES, needs_isolation
from support.packets import any_syn_to, dropping
from support.ports import refusing_port
from support.scripted import ScriptedServer, ok, silent


class Limited(Case):
    """Exit 28 in every case."""

    def strikes(self, url, flag, limit_ms, code, phase, *flags, **more):
        """Runs with `flag`; the call lasts the limit and not much longer."""
        done = self.get(url, flag, f"{limit_ms}ms", *flags, code=28, **more)
        self.assertFails(done, code, phase)
        self.assertGreaterEqual(done.report["total_us"], limit_ms * 1000)
        self.assertLess(done.report["total_us"], limit_ms * 1000 + 250_000)
        if phase not in ("dial", "none"):
            self.assertEqual(done.phases[phase]["outcome"], "timeout")
        return done


class Timeout(Limited):
    """Limits on a connection."""

    def test_response(self):
        """--response-timeout strikes in phase response."""
        with ScriptedServer(silent) as server:
            done = self.strikes(
                server.url(), "--response-timeout", 80, "response_timeout", "response"
            )
        self.assertGreaterEqual(done.phases["response"]["dur_us"], 80_000)
        self.assertEqual(done.phases["request"]["outcome"], "ok")
        self.assertAbsent(done, "body")

    def test_total(self):
        """-m strikes in whatever phase it is."""
        with ScriptedServer(silent) as server:
            self.strikes(server.url(), "-m", 80, "call_timeout", "response")

    def test_total_in_body(self):
        """-m strikes in a body that drips."""

        def script(peer):
            peer.read_request()
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            peer.wait_for_close()

        with ScriptedServer(script) as server:
            done = self.strikes(server.url(), "-m", 80, "call_timeout", "body")
        self.assertEqual(done.report["status"], 200)
        self.assertEqual(done.attempt["response"]["body_bytes"], 3)

    def test_idle_in_response(self):
        """--idle-timeout strikes in a silent response."""
        with ScriptedServer(silent) as server:
            self.strikes(server.url(), "--idle-timeout", 80, "response_stalled", "response")

    def test_idle_in_body(self):
        """--idle-timeout strikes in a stalled body."""

        def script(peer):
            peer.read_request()
            peer.send(ok(b"abc").replace(b": 3", b": 9"))
            peer.wait_for_close()

        with ScriptedServer(script) as server:
            self.strikes(server.url(), "--idle-timeout", 80, "body_stalled", "body")

    def test_idle_in_request(self):
        """--idle-timeout strikes where the server stops reading the upload."""
        enough = threading.Event()

        def script(peer):
            peer.read_head()
            enough.wait(10)

        with ScriptedServer(script, receive_buffer=8192) as server:
            done = self.strikes(
                server.url(),
                "--idle-timeout",
                120,
                "send_stalled",
                "request",
                "--data-binary",
                "@-",
                stdin=b"x" * (32 << 20),
            )
            enough.set()
        self.assertEqual(done.phases["request"]["outcome"], "timeout")

    def test_slow_is_not_idle(self):
        """A body that keeps moving outlasts --idle-timeout."""

        def script(peer):
            peer.read_request()
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n")
            for _ in range(8):
                peer.pause(0.05)
                peer.send(b"x")

        with ScriptedServer(script) as server:
            done = self.get(server.url(), "--idle-timeout", "250ms")
        self.assertGreater(done.phases["body"]["dur_us"], 390_000)

    def test_idle_is_exact(self):
        """--idle-timeout counts from the last byte, and not up to twice as long."""

        def script(peer):
            peer.read_request()
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
            peer.wait_for_close()

        with ScriptedServer(script) as server:
            done = self.get(server.url(), "--idle-timeout", "400ms", code=28)
        self.assertGreaterEqual(done.report["total_us"], 400_000)
        self.assertLess(done.report["total_us"], 600_000)

    def test_after_status_line(self):
        """A server that falls silent after its status line has answered: the wait is over."""

        def script(peer):
            peer.read_request()
            peer.send(b"HTTP/1.1 200 OK\r\n")
            peer.wait_for_close()

        with ScriptedServer(script) as server:
            done = self.get(server.url(), "-m", "150ms", code=28)
            picture = self.xtrace("get", "-m", "80ms", server.url()).text
        self.assertEqual(done.phases["response"]["outcome"], "ok")
        self.assertLess(done.phases["response"]["dur_us"], 75_000)
        self.assertEqual(done.phases["body"]["outcome"], "timeout")
        self.assertNotIn("first byte", picture)

    def test_limit_rate(self):
        """A slow nginx (limit_rate) is cut by -m inside the body, and what came is counted."""
        done = self.get(self.nginx.url("/slow"), "-m", "0.3", code=28)
        self.assertFails(done, "call_timeout", "body")
        self.assertGreater(done.attempt["response"]["body_bytes"], 0)

    def test_units(self):
        """ms, s, m and bare seconds mean the same as elsewhere."""
        with ScriptedServer(silent) as server:
            for text in ("60ms", "0.06s", "0.06", "0.001m"):
                with self.subTest(text):
                    self.get(server.url(), "-m", text, code=28)
        self.assertEqual(self.xtrace("get", "-m", "soon", "http://127.0.0.1/").code, 2)

    def test_picture(self):
        """A timeout is told in words, with its limit, and the phases reached are drawn."""
        with ScriptedServer(silent) as server:
            done = self.xtrace("get", "-m", "90ms", server.url())
        self.assertEqual(done.code, 28, done)
        self.assertIn("TIMED OUT", done.text)
        self.assertIn("90ms", done.text)
        for row in ("tcp", "request", "wait"):
            self.assertRegex(done.text, rf"(?m)^ +{row} ")
        self.assertIn(self.document["trace_id"], done.text)


@needs_isolation
class SilentNetwork(Limited):
    """Limits before there is a connection."""

    def test_connect(self):
        """--connect-timeout strikes in a dial nobody answers."""
        port = refusing_port()
        with dropping(any_syn_to(V4_ADDRESSES[0], port)):
            done = self.get(
                f"http://{V4_ADDRESSES[0]}:{port}/", "--connect-timeout", "150ms", code=28
            )
        self.assertEqual(done.report["error"]["code"], "connect_timeout")
        self.assertIn(done.report["error"]["phase"], ("dial", "connect"))
        self.assertEqual(done.attempt["dials"][0]["outcome"], "timeout")
        self.assertGreaterEqual(done.attempt["dials"][0]["dur_us"], 149_000)
        self.assertTrue(self.document["fault"])

    def test_dns(self):
        """--dns-timeout strikes while the name server is silent, and the program ends at once."""
        with LateForwarder(None) as late, world().names.replaced_by(late.address):
            done = self.strikes("http://v4.test/", "--dns-timeout", 100, "dns_timeout", "dns")
        self.assertLess(done.seconds, 2.0)
        self.assertEqual(done.attempt["dials"], [])

    def test_connect_limits_dns(self):
        """--connect-timeout covers the lookup as well."""
        with LateForwarder(None) as late, world().names.replaced_by(late.address):
            done = self.get("http://v4.test/", "--connect-timeout", "100ms", code=28)
        self.assertEqual(done.report["error"]["phase"], "dns")
