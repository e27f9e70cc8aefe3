"""Which proxy the environment's variables choose, with a real name server and a real squid."""

from cases.proxies import Proxied
from support.case import world
from support.isolation import needs_isolation
from support.ports import refusing_port
from support.proxies import squid


@needs_isolation
class Environment(Proxied):
    """Names that are not this machine's, which is never reached through these proxies."""

    def setUp(self):
        super().setUp()
        self.assertIsNotNone(world().names)
        self.http = self.nginx.url(host="www.test")
        self.https = self.nginx.https(host="www.test")

    def ask(self, url, *flags, code=0, **variables):
        return self.get(url, "--cacert", self.certificates.ca, *flags, code=code, env=variables)

    def proxy(self):
        return f"http://127.0.0.1:{squid().open}"

    def dead(self):
        return f"http://127.0.0.1:{refusing_port()}"

    def assertDirect(self, done):
        self.assertEqual(done.report["status"], 200)
        self.assertNotEqual(done.attempt["remote"], f"127.0.0.1:{squid().open}")
        self.assertAbsent(done, "proxy")

    def test_by_scheme(self):
        """HTTP_PROXY serves http, HTTPS_PROXY https, in lower case too."""
        for names in (("HTTP_PROXY", "HTTPS_PROXY"), ("http_proxy", "https_proxy")):
            with self.subTest(names):
                http, https = names
                done = self.ask(self.http, **{http: self.proxy(), https: self.dead()})
                self.assertIn("Via", dict(done.attempt["response"]["headers"]))
                self.assertIsNone(done.attempt["dns"], "the name is the proxy's to look up")
                done = self.ask(self.https, **{https: self.proxy(), http: self.dead()})
                self.assertTunnelled(done, squid().open)

    def test_no_stand_in(self):
        """HTTP_PROXY does not serve https."""
        self.assertDirect(self.ask(self.https, HTTP_PROXY=self.dead()))

    def test_all(self):
        """ALL_PROXY serves what has no proxy of its own."""
        self.assertTunnelled(self.ask(self.https, ALL_PROXY=self.proxy()), squid().open)
        done = self.ask(self.http, ALL_PROXY=self.dead(), HTTP_PROXY=self.proxy())
        self.assertIn("Via", dict(done.attempt["response"]["headers"]))

    def test_no_proxy(self):
        """NO_PROXY names who is reached directly, and nobody else."""
        for entry in ("www.test", "test", ".test", "*.test", f"www.test:{self.nginx.http}", "*"):
            with self.subTest(entry):
                done = self.ask(self.http, HTTP_PROXY=self.dead(), NO_PROXY="a.test, " + entry)
                self.assertDirect(done)
        for entry in ("www.tes", "www.test:1", ".www.test"):
            with self.subTest(entry):
                self.ask(self.http, HTTP_PROXY=self.dead(), NO_PROXY=entry, code=7)

    def test_loopback(self):
        """This machine is reached without the environment's proxy."""
        for host in ("localhost", "127.0.0.1", "[::1]"):
            self.assertDirect(self.ask(self.nginx.url(host=host), HTTP_PROXY=self.dead()))

    def test_flags_first(self):
        """-x and --noproxy stand before the environment."""
        done = self.ask(self.http, "-x", self.proxy(), HTTP_PROXY=self.dead(), NO_PROXY="*")
        self.assertIn("Via", dict(done.attempt["response"]["headers"]))
        self.assertDirect(self.ask(self.http, "-x", "", HTTP_PROXY=self.dead()))
        self.assertDirect(self.ask(self.http, "--noproxy", "www.test", HTTP_PROXY=self.dead()))
        self.ask(self.http, "--noproxy", "", HTTP_PROXY=self.dead(), NO_PROXY="*", code=7)

    def test_cgi(self):
        """HTTP_PROXY is not taken in a CGI program."""
        self.assertDirect(self.ask(self.http, HTTP_PROXY=self.dead(), REQUEST_METHOD="GET"))

    def test_broken(self):
        """A variable that is no proxy is named, and its password is not."""
        done = self.xtrace("get", self.http, env={"HTTPS_PROXY": "ftp://ann:hidden@p"})
        self.assertEqual(done.code, 2, done)
        self.assertIn("HTTPS_PROXY", done.notes)
        self.assertNotIn("hidden", done.notes)

    def test_proxy_not_found(self):
        """A proxy whose name does not exist: exit 5 in phase dns, and it is named."""
        for url in (self.http, self.https):
            done = self.ask(url, "-x", "http://missing.test:3128", code=5)
            self.assertFails(done, "proxy_not_found", "dns")
            self.assertIn("proxy http://missing.test:3128", done.report["error"]["message"])
