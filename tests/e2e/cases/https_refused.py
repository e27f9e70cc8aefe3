"""TLS that must not come about: who is not trusted, what breaks off, each by its own name."""

from support.case import Case
from support.scripted import ScriptedServer, silent
from support.tls import HANDSHAKE_FAILURE_ALERT, read_client_hello


class Distrust(Case):
    """A certificate that must not be trusted: exit 60, and the reason by its name."""

    def refused(self, kind, code, words):
        done = self.get(self.nginx.https(kind), "--cacert", self.certificates.ca, code=60)
        self.assertFails(done, code, "tls")
        self.assertRegex(done.report["error"]["message"].lower(), words)
        self.assertEqual(done.phases["tls"]["outcome"], "error")
        self.assertEqual(done.attempt["dials"][-1]["outcome"], "ok")
        self.assertAbsent(done, "request", "response", "body")

    def test_expired(self):
        """An expired certificate is refused as expired."""
        self.refused("expired", "cert_expired", "expired")

    def test_future(self):
        """A certificate of the future is refused as not yet valid."""
        self.refused("future", "cert_not_yet_valid", "not (yet )?valid|future")

    def test_wrong_host(self):
        """A certificate for another host is refused, and both names are told."""
        self.refused("wrong_host", "cert_wrong_host", "localhost")

    def test_self_signed(self):
        """A self-signed certificate is refused as self-signed."""
        self.refused("self_signed", "cert_self_signed", "self.signed|own issuer")

    def test_unknown_ca(self):
        """A certificate of an unknown CA is refused, and the CA is named."""
        self.refused("unknown_ca", "cert_untrusted", "somebody else's ca")

    def test_wildcard(self):
        """A wildcard stands for one label, not for two and not for none."""
        port = self.nginx.wildcard
        for host, code in (("a.wild.test", 0), ("a.b.wild.test", 60), ("wild.test", 60)):
            with self.subTest(host):
                route = ["--resolve", f"{host}:{port}:127.0.0.1", "--cacert", self.certificates.ca]
                done = self.get(f"https://{host}:{port}/1k", *route, code=code)
                if code:
                    self.assertFails(done, "cert_wrong_host", "tls")

    def test_purpose(self):
        """A certificate that is not meant for servers is invalid."""
        self.refused("not_a_server", "cert_invalid", "server|usage")

    def test_missing_intermediate(self):
        """A chain without its middle ends at an unknown CA; with it, it holds."""
        self.refused("no_chain", "cert_untrusted", "intermediate")
        done = self.get(self.nginx.https("chain"), "--cacert", self.certificates.ca)
        self.assertIn("CN=xtrace no-chain", done.attempt["tls"]["peer"]["subject"])

    def test_system_store(self):
        """The system's trust store does not know the test's CA."""
        done = self.get(self.nginx.https(), code=60)
        self.assertFails(done, "cert_untrusted", "tls")

    def test_insecure(self):
        """-k accepts each of them, and still reports whose certificate it was."""
        for kind in ("expired", "future", "wrong_host", "self_signed", "unknown_ca"):
            with self.subTest(kind):
                done = self.get(self.nginx.https(kind), "-k")
                self.assertEqual(done.report["status"], 200)
                self.assertTrue(done.attempt["tls"]["peer"]["subject"])


class Refusal(Case):
    """A handshake that fails for another reason: exit 35."""

    def fails(self, script, code, exit_code=35, flags=()):
        with ScriptedServer(script) as server:
            done = self.get(server.url(scheme="https"), "-k", *flags, code=exit_code)
        self.assertFails(done, code, "tls")
        self.assertEqual(done.attempt["dials"][-1]["outcome"], "ok", "the dial did not fail")
        self.assertAbsent(done, "request", "response", "body")
        return done

    def test_closed(self):
        """A handshake cut by the peer fails in phase tls and not in phase connect."""
        self.fails(read_client_hello, "tls_closed")

    def test_reset(self):
        """A handshake reset by the peer fails in phase tls."""

        def script(peer):
            read_client_hello(peer)
            peer.reset()

        self.fails(script, "tls_closed")

    def test_alert(self):
        """A handshake refused with an alert fails as such."""

        def script(peer):
            read_client_hello(peer)
            peer.send(HANDSHAKE_FAILURE_ALERT)
            peer.wait_for_close()

        self.fails(script, "tls_handshake")

    def test_plain_http(self):
        """A server that speaks plain HTTP on the port fails the handshake."""

        def script(peer):
            read_client_hello(peer)
            peer.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            peer.wait_for_close()

        self.fails(script, "tls_handshake")

    def test_only_tls_1_3(self):
        """A host that refuses TLS 1.2 gets its own code and a sentence that says so."""
        done = self.get(self.nginx.https("tls13"), "--cacert", self.certificates.ca, code=35)
        self.assertFails(done, "tls_version", "tls")
        self.assertRegex(done.report["error"]["message"], "TLS ?v?1.2")

    def test_silent(self):
        """A silent handshake ends with --tls-timeout in phase tls."""
        done = self.fails(silent, "tls_timeout", exit_code=28, flags=("--tls-timeout", "60ms"))
        self.assertEqual(done.phases["tls"]["outcome"], "timeout")
        self.assertGreaterEqual(done.phases["tls"]["dur_us"], 60_000)

    def test_client_speaks_plain(self):
        """Plain HTTP to a TLS port is answered by nginx, and that answer is shown."""
        done = self.get(f"http://127.0.0.1:{self.nginx.good}/1k")
        self.assertEqual(done.report["status"], 400)
        self.assertIsNone(done.attempt["tls"])
