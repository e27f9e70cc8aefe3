"""What the server receives: every byte a person asked for, and nothing they did not."""

import base64
import os

from support.case import Case, world
from support.scripted import ScriptedServer, answer, ok


class Request(Case):
    """Runs against a server that keeps what it got."""

    def received(self, *flags, path="/", stdin=b"", verb="get", host=None, **more):
        """The one request that `xtrace VERB FLAGS URL` sends."""
        with ScriptedServer(answer(ok())) as server:
            done = self.xtrace(verb, *flags, server.url(path, host=host), stdin=stdin, **more)
            self.port = server.port
        self.assertEqual(done.code, 0, done)
        self.assertEqual(server.failures, [])
        self.assertEqual(len(server.requests), 1)
        self.done = done
        return server.requests[0]

    def file_of(self, data, name="body"):
        path = os.path.join(world().directory, name)
        with open(path, "wb") as file:
            file.write(data)
        return path


class Head(Request):
    """The head."""

    def test_defaults(self):
        """A plain GET carries Host, User-Agent, Accept and the trace header, and no body."""
        request = self.received(path="/a?b=c")
        self.assertEqual(request.line, "GET /a?b=c HTTP/1.1")
        self.assertEqual(request.fields()[0], ("Host", f"127.0.0.1:{self.port}"))
        self.assertEqual(request.header("Accept"), "*/*")
        self.assertRegex(request.header("User-Agent"), "^xtrace/[0-9.]+$")
        self.assertIsNotNone(request.header("X-Amzn-Trace-Id"))
        self.assertIsNone(request.header("Content-Length"))
        self.assertIsNone(request.header("Authorization"))

    def test_bare_url(self):
        """`xtrace URL` is `xtrace get URL`."""
        with ScriptedServer(answer(ok())) as server:
            self.assertEqual(self.xtrace(server.url("/bare")).code, 0)
        self.assertEqual(server.requests[0].line, "GET /bare HTTP/1.1")

    def test_verbs(self):
        """head, post, put, patch, delete and options are verbs; `request -X` sends any method."""
        for verb in ("head", "post", "put", "patch", "delete", "options"):
            with self.subTest(verb):
                self.assertEqual(self.received(verb=verb).line, verb.upper() + " / HTTP/1.1")
        self.assertEqual(
            self.received("-X", "PROPFIND", verb="request").line, "PROPFIND / HTTP/1.1"
        )
        self.assertEqual(self.received("-XQUERY").line, "QUERY / HTTP/1.1")

    def test_headers(self):
        """-H adds, replaces, empties and removes fields as curl does."""
        request = self.received(
            "-H",
            "X-One: 1",
            "-H",
            "X-Two:  two  words ",
            "-H",
            "Accept: text/html",
            "-H",
            "User-Agent:",
            "-H",
            "X-Empty;",
        )
        self.assertEqual(request.header("X-One"), "1")
        self.assertEqual(request.header("X-Two"), "two  words")
        self.assertEqual(request.header("Accept"), "text/html")
        self.assertEqual(request.header("X-Empty"), "")
        self.assertIsNone(request.header("User-Agent"))

    def test_own_host(self):
        """-H 'Host: ...' replaces the automatic one."""
        self.assertEqual(self.received("-H", "Host: other.test").header("Host"), "other.test")

    def test_user_agent(self):
        """-A names the program."""
        self.assertEqual(self.received("-A", "probe/7").header("User-Agent"), "probe/7")

    def test_escapes(self):
        """What a URL may not hold is percent-encoded, escapes stay, the fragment goes."""
        self.assertEqual(
            self.received(path="/a%20b/%C3%A9 ?q=a b%2F#part").line,
            "GET /a%20b/%C3%A9%20?q=a%20b%2F HTTP/1.1",
        )
        self.assertEqual(self.received(path="/a/./b/../c").line, "GET /a/c HTTP/1.1")
        self.assertEqual(self.received(path="").line, "GET / HTTP/1.1")

    def test_header_injection(self):
        """A header value with a line break is refused before anything is sent."""
        with ScriptedServer(answer(ok())) as server:
            done = self.xtrace("get", "-H", "X: a\r\nY: b", server.url())
        self.assertEqual(done.code, 2, done)
        self.assertEqual(server.connections, 0)


class Body(Request):
    """The body, byte for byte."""

    def test_data(self):
        """-d posts a form and several are joined with &."""
        request = self.received("-d", "a=1", "-d", "b=2")
        self.assertEqual(request.line, "POST / HTTP/1.1")
        self.assertEqual(request.body, b"a=1&b=2")
        self.assertEqual(request.header("Content-Type"), "application/x-www-form-urlencoded")
        self.assertEqual(request.header("Content-Length"), "7")

    def test_data_file(self):
        """-d @FILE drops CR, LF and NUL as curl does; --data-binary keeps every byte."""
        everything = bytes(range(256)) * 5
        path = self.file_of(everything)
        kept = bytes(byte for byte in everything if byte not in b"\r\n\0")
        self.assertEqual(self.received("-d", "@" + path).body, kept)
        self.assertEqual(self.received("--data-binary", "@" + path).body, everything)

    def test_standard_input(self):
        """@- reads standard input."""
        self.assertEqual(self.received("-d", "@-", stdin=b"from the\npipe").body, b"from thepipe")
        everything = bytes(range(256)) * 1000
        self.assertEqual(self.received("--data-binary", "@-", stdin=everything).body, everything)

    def test_raw(self):
        """--data-raw sends an @ as it is."""
        self.assertEqual(self.received("--data-raw", "@home").body, b"@home")

    def test_json(self):
        """--json posts JSON and asks for it."""
        request = self.received("--json", '{"a": 1}')
        self.assertEqual(request.line, "POST / HTTP/1.1")
        self.assertEqual(request.body, b'{"a": 1}')
        self.assertEqual(request.header("Content-Type"), "application/json")
        self.assertEqual(request.header("Accept"), "application/json")

    def test_own_content_type(self):
        """-H decides the Content-Type and -X the method, even with -d."""
        request = self.received("-X", "PUT", "-H", "Content-Type: text/plain", "-d", "x")
        self.assertEqual(request.line, "PUT / HTTP/1.1")
        self.assertEqual(request.header("Content-Type"), "text/plain")

    def test_empty(self):
        """An empty -d is a POST with length 0."""
        request = self.received("-d", "")
        self.assertEqual((request.line, request.header("Content-Length")), ("POST / HTTP/1.1", "0"))

    def test_large(self):
        """Twenty megabytes arrive whole and are counted."""
        body = os.urandom(1 << 20) * 20
        request = self.received(
            "--data-binary", "@" + self.file_of(body, "large-body"), "--format", "json"
        )
        self.assertEqual(len(request.body), len(body))
        self.assertEqual(request.body, body)

    def test_real_server(self):
        """nginx stores an upload byte for byte."""
        body = bytes(range(256)) * 2000
        done = self.get(
            self.nginx.url("/uploads/plain"), "-X", "PUT", "--data-binary", "@-", stdin=body
        )
        self.assertEqual(done.report["status"], 201)
        with open(self.nginx.uploads + "/plain", "rb") as file:
            self.assertEqual(file.read(), body)

    def test_missing_file(self):
        """A body file that is not there is bad usage, named, and nothing is sent."""
        with ScriptedServer(answer(ok())) as server:
            done = self.xtrace("get", "-d", "@/no/such/file", server.url())
        self.assertEqual(done.code, 2, done)
        self.assertIn("/no/such/file", done.notes)
        self.assertEqual(server.connections, 0)


class Secrets(Request):
    """What is sent and never recorded."""

    def assertHidden(self, *secrets):
        shown = self.done.out + self.done.err + repr(self.documents).encode()
        for secret in secrets:
            self.assertNotIn(secret.encode(), shown, self.done)

    def basic(self, text):
        return "Basic " + base64.b64encode(text.encode()).decode()

    def test_userinfo(self):
        """Userinfo of the URL is sent as Basic, percent-decoded, and appears nowhere else."""
        for form in ("pretty", "classic", "compact", "json", "xray"):
            with self.subTest(form):
                with ScriptedServer(answer(ok())) as server:
                    self.done = self.xtrace(
                        "get", "-v", "--format", form, f"http://anna:s%40crit@{server.address}/"
                    )
                self.assertEqual(self.done.code, 0, self.done)
                self.assertEqual(
                    server.requests[0].header("Authorization"), self.basic("anna:s@crit")
                )
                self.assertHidden("s%40crit", "s@crit", "anna", self.basic("anna:s@crit"))

    def test_user_flag(self):
        """-u is sent as Basic and appears nowhere else."""
        request = self.received("-v", "-u", "anna:geheim")
        self.assertEqual(request.header("Authorization"), self.basic("anna:geheim"))
        self.assertHidden("geheim", self.basic("anna:geheim"))

    def test_query(self):
        """The query is sent and not recorded, unless --no-redact asks for it."""
        for flags in (
            [],
            ["-v"],
            ["--format", "json"],
            ["--format", "xray"],
            ["--format", "compact"],
        ):
            with self.subTest(flags):
                self.assertEqual(
                    self.received(*flags, path="/p?token=geheim").line,
                    "GET /p?token=geheim HTTP/1.1",
                )
                self.assertHidden("geheim")
        self.received("--no-redact", "--format", "json", path="/p?token=geheim")
        self.assertTrue(self.done.report["url"].endswith("/p?token=geheim"))
        self.assertIn("geheim", self.document["subsegments"][0]["http"]["request"]["url"])

    def test_headers(self):
        """Authorization, cookies and proxy credentials are masked in both directions."""
        response = ok(headers=b"Set-Cookie: id=keks\r\nX-Plain: visible\r\n")
        for flags in (["-v"], ["-i"], ["--format", "json"]):
            with self.subTest(flags), ScriptedServer(answer(response)) as server:
                self.done = self.xtrace(
                    "get",
                    *flags,
                    "-H",
                    "Authorization: Bearer geheim",
                    "-H",
                    "Cookie: c=krumel",
                    "-H",
                    "Proxy-Authorization: Basic zzz",
                    server.url(),
                )
                self.assertEqual(self.done.code, 0)
                self.assertHidden("geheim", "keks", "krumel", "zzz")
                self.assertIn(b"visible", self.done.out + self.done.err)
                self.assertEqual(server.requests[0].header("Cookie"), "c=krumel")

    def test_failure(self):
        """A failed request hides them as well."""
        with ScriptedServer(answer(b"garbage\r\n\r\n")) as server:
            self.done = self.xtrace("get", f"http://anna:geheim@{server.address}/p?token=kennwort")
        self.assertEqual(self.done.code, 8, self.done)
        self.assertHidden("geheim", "kennwort")
