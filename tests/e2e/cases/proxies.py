"""Requests through a real squid: in the clear, by a tunnel, with a password, refused."""

import json

from support.case import Case
from support.nginx import body_of
from support.ports import refusing_port
from support.proxies import DENIED_HOST, PASSWORD, USERINFO, squid
from support.scripted import ScriptedServer, silent


class Proxied(Case):
    """What the cases share: the way through a proxy, and what it must look like."""

    def through(self, proxy, url, *flags, **more):
        return self.get(url, "--proxy", proxy, "--cacert", self.certificates.ca, *flags, **more)

    def assertTunnelled(self, done, port):
        """The connection is the proxy's, and a tunnel was made before TLS and the request."""
        attempt, phases = done.attempt, done.phases
        self.assertEqual(attempt["status"], 200, done)
        self.assertEqual(attempt["remote"], f"127.0.0.1:{port}")
        self.assertRegex(attempt["proxy"], rf"^[a-z0-9]+://[a-z0-9.]+:{port}$")
        proxy, dial, request = phases["proxy"], attempt["dials"][-1], phases["request"]
        self.assertEqual(proxy["outcome"], "ok")
        self.assertGreater(proxy["dur_us"], 0)
        self.assertLessEqual(dial["start_us"] + dial["dur_us"], proxy["start_us"])
        after = phases["tls"] or request
        self.assertLessEqual(proxy["start_us"] + proxy["dur_us"], after["start_us"])
        connect = self.document["subsegments"][0]["subsegments"][0]
        self.assertEqual(connect["name"], "connect")
        names = [child["name"] for child in connect["subsegments"]]
        self.assertEqual(names[names.index("proxy") - 1], "dial")
        self.assertEqual(
            names[names.index("proxy") :], ["proxy", *(["tls"] if phases["tls"] else [])]
        )

    def assertKept(self, proxy, url):
        """Three requests through the proxy share one connection."""
        done = self.xtrace(
            *("get", "-n", "3", "--format", "json", "--proxy", proxy),
            *("--cacert", self.certificates.ca, url),
        )
        self.assertEqual(done.code, 0, done)
        run = json.loads(done.text)
        self.assertEqual(run["connections"], {"opened": 1, "reused": 2})
        self.assertEqual(run["statuses"], {"200": 3})

    def assertRefused(self, done, code, phase="proxy"):
        self.assertFails(done, code, phase)
        self.assertAbsent(done, "tls", "request", "response", "body")


class Squid(Proxied):
    """An http proxy."""

    def url(self, port=None, userinfo=""):
        return f"http://{userinfo}127.0.0.1:{port or squid().open}"

    def test_http(self):
        """An http URL is asked of the proxy itself, without a tunnel."""
        done = self.through(self.url(), self.nginx.url())
        self.assertEqual(done.report["status"], 200)
        self.assertEqual(done.attempt["remote"], f"127.0.0.1:{squid().open}")
        self.assertAbsent(done, "proxy", "tls")
        fields = dict(done.attempt["response"]["headers"])
        self.assertIn("proxy.xtrace.test", fields["Via"])
        self.assertEqual(fields["X-Seen-Host"], f"127.0.0.1:{self.nginx.http}")
        self.assertRegex(fields["X-Seen-Trace"], "^Root=1-")

    def test_https(self):
        """An https URL goes through a tunnel, with a phase and a subsegment of its own."""
        done = self.through(self.url(), self.nginx.https())
        self.assertTunnelled(done, squid().open)
        fields = dict(done.attempt["response"]["headers"])
        self.assertNotIn("Via", fields, "squid saw nothing of the inside")
        self.assertEqual(fields["X-Seen-Host"], f"localhost:{self.nginx.good}")
        self.assertIn("CN=xtrace good", done.attempt["tls"]["peer"]["subject"])

    def test_certificate_of_the_target(self):
        """A tunnel leads to the target's certificate, which is judged."""
        done = self.through(self.url(), self.nginx.https("expired"), code=60)
        self.assertFails(done, "cert_expired", "tls")
        self.assertEqual(done.phases["proxy"]["outcome"], "ok")

    def test_large_body(self):
        """10 MiB come through a tunnel as they are."""
        done = self.xtrace(
            "get",
            *("--proxy", self.url(), "--cacert", self.certificates.ca, "-s", "-o", "-"),
            self.nginx.https(path="/10m"),
        )
        self.assertEqual(done.code, 0, done.notes)
        self.assertEqual(done.out, body_of(10 * 1024 * 1024))

    def test_kept(self):
        """A tunnel is kept for its target, and a proxy's connection for every http URL."""
        for target in (self.nginx.https(), self.nginx.url()):
            self.assertKept(self.url(), target)

    def test_password(self):
        """A password that is right opens the tunnel and serves an http URL."""
        url = self.url(squid().asking, USERINFO + "@")
        self.assertTunnelled(self.through(url, self.nginx.https()), squid().asking)
        self.assertEqual(self.through(url, self.nginx.url()).report["status"], 200)

    def test_password_missing(self):
        """A proxy that wants a password and gets none denies the tunnel, by name."""
        done = self.through(self.url(squid().asking), self.nginx.https(), code=56)
        self.assertRefused(done, "proxy_denied")
        self.assertIn(f"proxy http://127.0.0.1:{squid().asking}", done.report["error"]["message"])
        self.assertIn("407", done.report["error"]["message"])

    def test_password_wrong(self):
        """A wrong password is denied, and stands nowhere."""
        for target, code in ((self.nginx.https(), 56), (self.nginx.url(), 0)):
            with self.subTest(target):
                done = self.through(self.url(squid().asking, "ann:wrong@"), target, code=code)
                for text in (done.text, done.notes, str(self.documents)):
                    self.assertNotIn("wrong", text)
                    self.assertNotIn("YW5uOndyb25n", text)
        self.assertEqual(done.report["status"], 407, "of an http URL it is the answer")

    def test_password_is_secret(self):
        """A password that is right stands nowhere either, not even in -v."""
        url = self.url(squid().asking, USERINFO + "@")
        for target in (self.nginx.https(), self.nginx.url()):
            done = self.xtrace(
                "get", "-v", "--proxy", url, "--cacert", self.certificates.ca, target
            )
            self.assertEqual(done.code, 0, done)
            for text in (done.text, done.notes, str(self.documents)):
                for secret in (PASSWORD, "pa%3Ass", "YW5uOnBh"):
                    self.assertNotIn(secret, text)

    def test_rules(self):
        """A target that the proxy's rules forbid is refused with its status."""
        done = self.through(self.url(), f"https://{DENIED_HOST}/", code=56)
        self.assertRefused(done, "proxy_refused")
        self.assertIn(
            f"refuses a tunnel to {DENIED_HOST}:443: 403 Forbidden", done.report["error"]["message"]
        )
        done = self.through(self.url(), f"http://{DENIED_HOST}/")
        self.assertEqual(done.report["status"], 403)

    def test_target_down(self):
        """A target where nobody listens is the proxy's refusal, not ours to connect."""
        port = refusing_port()
        done = self.through(self.url(), f"https://127.0.0.1:{port}/", code=56)
        self.assertRefused(done, "proxy_refused")
        self.assertIn("503", done.report["error"]["message"])

    def test_proxy_down(self):
        """A proxy where nobody listens: exit 7, and the proxy is named."""
        proxy = f"http://127.0.0.1:{refusing_port()}"
        for target in (self.nginx.url(), self.nginx.https()):
            done = self.through(proxy, target, code=7)
            self.assertEqual(done.report["error"]["code"], "connect_refused")
            self.assertIn(f"proxy {proxy}: ", done.report["error"]["message"])

    def test_proxy_silent(self):
        """A proxy that says nothing is given up: exit 28 in phase proxy."""
        with ScriptedServer(silent) as server:
            done = self.through(
                server.url(""), self.nginx.https(), "--proxy-timeout", "50ms", code=28
            )
        self.assertRefused(done, "proxy_timeout")
        self.assertEqual(done.phases["proxy"]["outcome"], "timeout")
        self.assertGreaterEqual(done.phases["proxy"]["dur_us"], 50_000)

    def test_no_proxy_flag(self):
        """--noproxy leaves a proxy out that -x names; an empty -x is none."""
        for flags in (("--noproxy", "127.0.0.1"), ("--noproxy", "*"), ("-x", "")):
            done = self.through(self.url(refusing_port()), self.nginx.url(), *flags)
            self.assertEqual(done.attempt["remote"], f"127.0.0.1:{self.nginx.http}")

    def test_bad_proxy(self):
        """A -x that is no proxy is bad usage, and its password is not repeated."""
        for proxy in ("ftp://ann:hidden@p", "http://ann:hidden@p:99999", "http://ann:hid/hidden@p"):
            done = self.xtrace("get", "-x", proxy, self.nginx.url())
            self.assertEqual(done.code, 2, done)
            self.assertIn("--proxy", done.notes)
            self.assertNotIn("hidden", done.text + done.notes)


class HttpsProxy(Proxied):
    """A proxy that is spoken to over TLS."""

    def url(self, host="localhost"):
        return f"https://{host}:{squid().tls}"

    def test_http(self):
        """An http URL is asked of an https proxy over TLS."""
        done = self.through(self.url(), self.nginx.url())
        self.assertEqual(done.report["status"], 200)
        self.assertEqual(done.attempt["remote"], f"127.0.0.1:{squid().tls}")
        self.assertIn("proxy.xtrace.test", dict(done.attempt["response"]["headers"])["Via"])

    def test_https(self):
        """An https URL is TLS within TLS, and the report shows the target's."""
        done = self.through(self.url(), self.nginx.https("chain"))
        self.assertTunnelled(done, squid().tls)
        self.assertIn("CN=xtrace no-chain", done.attempt["tls"]["peer"]["subject"])

    def test_kept(self):
        """A tunnel within TLS is kept, and so is the https proxy's own connection."""
        for target in (self.nginx.https(), self.nginx.url()):
            self.assertKept(self.url(), target)

    def test_large_body(self):
        """10 MiB come through TLS within TLS as they are."""
        done = self.xtrace(
            "get",
            *("--proxy", self.url(), "--cacert", self.certificates.ca, "-s", "-o", "-"),
            self.nginx.https(path="/10m"),
        )
        self.assertEqual(done.code, 0, done.notes)
        self.assertEqual(done.out, body_of(10 * 1024 * 1024))

    def test_untrusted(self):
        """An https proxy without a trusted certificate is told nothing: exit 60."""
        done = self.get(self.nginx.url(), "--proxy", self.url(), code=60)
        self.assertFails(done, "cert_untrusted", "proxy")
        self.assertIn(f"proxy {self.url()}", done.report["error"]["message"])

    def test_wrong_name(self):
        """An https proxy's certificate is for the proxy's name."""
        done = self.through(self.url("127.0.0.9"), self.nginx.url(), code=7)
        self.assertEqual(done.report["error"]["code"], "connect_refused", "it listens elsewhere")
        done = self.through(
            f"https://other.test:{squid().tls}",
            self.nginx.url(),
            "--resolve",
            f"other.test:{squid().tls}:127.0.0.1",
            code=60,
        )
        self.assertFails(done, "cert_wrong_host", "proxy")
