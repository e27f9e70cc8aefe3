"""Requests through real SOCKS5 proxies: names here or there, passwords, refusals."""

from cases.proxies import Proxied
from support.case import world
from support.isolation import needs_isolation
from support.ports import refusing_port
from support.proxies import DENIED_PORT, PASSWORD, USERINFO, asking_socks, open_socks, ruled_socks


class Socks(Proxied):
    """microsocks, for everybody and with a password."""

    def url(self, scheme="socks5", port=None, userinfo=""):
        return f"{scheme}://{userinfo}127.0.0.1:{port or open_socks()}"

    def test_targets(self):
        """http and https URLs both go through a tunnel."""
        for scheme in ("socks5", "socks5h"):
            for target in (self.nginx.url(), self.nginx.https(), self.nginx.https(host="[::1]")):
                with self.subTest(scheme + " " + target):
                    self.assertTunnelled(self.through(self.url(scheme), target), open_socks())

    def test_origin_form(self):
        """A server behind a SOCKS proxy is asked as if there were none."""
        done = self.through(self.url("socks5h"), self.nginx.url())
        fields = dict(done.attempt["response"]["headers"])
        self.assertNotIn("Via", fields)
        self.assertEqual(fields["X-Seen-Host"], f"127.0.0.1:{self.nginx.http}")

    def test_kept(self):
        """A tunnel through a SOCKS proxy is kept for its target."""
        for target in (self.nginx.https(), self.nginx.url()):
            self.assertKept(self.url(), target)

    def test_password(self):
        """A password that is right opens the tunnel and stands nowhere."""
        proxy = self.url("socks5h", asking_socks(), USERINFO + "@")
        done = self.through(proxy, self.nginx.https())
        self.assertTunnelled(done, asking_socks())
        done = self.xtrace("get", "-v", "-x", proxy, self.nginx.url())
        for text in (done.text, done.notes, str(self.documents)):
            for secret in (PASSWORD, "pa%3Ass"):
                self.assertNotIn(secret, text)

    def test_password_wrong(self):
        """A password that is wrong, or missing, is denied: exit 97."""
        for userinfo in ("ann:wrong@", ""):
            proxy = self.url("socks5h", asking_socks(), userinfo)
            done = self.through(proxy, self.nginx.https(), code=97)
            self.assertRefused(done, "proxy_denied")
            self.assertNotIn("wrong", done.text + done.notes + str(self.documents))

    def test_target_down(self):
        """A target where nobody listens is the proxy's refusal, with SOCKS' reason."""
        port = refusing_port()
        done = self.through(self.url(), f"http://127.0.0.1:{port}/", code=97)
        self.assertRefused(done, "proxy_refused")
        self.assertIn(
            f"cannot connect to 127.0.0.1:{port}: connection refused",
            done.report["error"]["message"],
        )

    def test_proxy_down(self):
        """A proxy where nobody listens: exit 7, and the proxy is named."""
        proxy = self.url(port=refusing_port())
        done = self.through(proxy, self.nginx.url(), code=7)
        self.assertIn(f"proxy {proxy}: ", done.report["error"]["message"])

    def test_no_socks(self):
        """A server that speaks HTTP is told from a SOCKS proxy: exit 97."""
        done = self.through(self.url(port=self.nginx.http), self.nginx.url(), code=97)
        self.assertRefused(done, "proxy_failed")
        self.assertIn("does not speak SOCKS5", done.report["error"]["message"])

    def test_rules(self):
        """What dante's rules forbid is refused as such, and all else is let through."""
        proxy = self.url("socks5h", ruled_socks())
        self.assertTunnelled(self.through(proxy, self.nginx.https()), ruled_socks())
        done = self.through(proxy, f"http://127.0.0.1:{DENIED_PORT}/", code=97)
        self.assertRefused(done, "proxy_refused")
        self.assertIn("its rules do not allow", done.report["error"]["message"])


@needs_isolation
class Names(Proxied):
    """Who looks a name up."""

    def setUp(self):
        super().setUp()
        self.assertIsNotNone(world().names)
        self.target = self.nginx.https(host="www.test")

    def proxy(self, scheme):
        return f"{scheme}://127.0.0.1:{open_socks()}"

    def test_here(self):
        """socks5 has the name looked up here, in phase dns."""
        done = self.through(self.proxy("socks5"), self.target)
        self.assertTunnelled(done, open_socks())
        self.assertEqual(done.attempt["dns"]["host"], "www.test")
        self.assertGreater(done.phases["dns"]["dur_us"], 0)

    def test_there(self):
        """socks5h leaves the name to the proxy: there is no phase dns."""
        done = self.through(self.proxy("socks5h"), self.target)
        self.assertTunnelled(done, open_socks())
        self.assertAbsent(done, "dns_wait", "dns")
        self.assertIsNone(done.attempt["dns"])

    def test_missing_here(self):
        """A name that socks5 does not find fails in phase dns: exit 6."""
        done = self.through(self.proxy("socks5"), "http://missing.test/", code=6)
        self.assertFails(done, "dns_not_found", "dns")

    def test_missing_there(self):
        """A name that the proxy does not find is its refusal: exit 97."""
        done = self.through(self.proxy("socks5h"), "http://missing.test/", code=97)
        self.assertRefused(done, "proxy_refused")

    def test_environment(self):
        """ALL_PROXY may name a SOCKS proxy."""
        done = self.get(
            self.target,
            *("--cacert", self.certificates.ca),
            env={"ALL_PROXY": self.proxy("socks5h")},
        )
        self.assertTunnelled(done, open_socks())
