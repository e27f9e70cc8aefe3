"""What people see: on a terminal, in a pipe, in every format."""

import json
import re

from support.case import Case
from support.ports import refusing_port
from support.scripted import ScriptedServer, answer, ok
from support.terminal import ESCAPE, without_colors

UTF8 = {"LANG": "en_US.UTF-8"}


class Pipe(Case):
    """stdout is no terminal."""

    def test_plain(self):
        """A pipe gets ASCII without colours, at most 80 columns wide, whatever the locale."""
        for env in ({}, UTF8):
            with self.subTest(env):
                done = self.xtrace("get", self.nginx.url(), env=env)
                self.assertEqual(done.code, 0, done)
                done.out.decode("ascii")
                self.assertNotIn(b"\x1b", done.out)
                self.assertLessEqual(max(map(len, done.text.splitlines())), 80)
                self.assertEqual(done.err, b"")

    def test_pretty(self):
        """The picture has the verdict, a row for each phase and the trace."""
        done = self.xtrace(
            "get", "--cacert", self.certificates.ca, self.nginx.https(host="127.0.0.1")
        )
        lines = done.text.splitlines()
        self.assertRegex(
            lines[0], r"^200 OK +HTTP/1\.1 +127\.0\.0\.1:\d+ .*TLSv1\.2 +new connection +1\.0 ?kB$"
        )
        for row in ("tcp", "tls", "request", "wait", "body"):
            self.assertRegex(done.text, rf"(?m)^ +{row} +[0-9.]+ .*[0-9](us|ms|s)\b")
        # The trace line may need a second one at 80 columns.
        self.assertRegex(
            " ".join(lines[-2:]),
            rf"trace {self.document['trace_id']} +1 segment, 7 subsegments, [0-9.]+ kB -> "
            + re.escape(self.daemon.address)
            + "$",
        )

    def test_failure(self):
        """A failed request says so first, and its phase is marked."""
        port = refusing_port()
        done = self.xtrace("get", f"http://127.0.0.1:{port}/")
        self.assertEqual(done.code, 7, done)
        self.assertIn("refused", done.text.splitlines()[0])
        self.assertRegex(done.text, r"(?m)^ +tcp .*X")

    def test_classic(self):
        """The classic art has its five labels, or four without TLS."""
        done = self.xtrace("get", "--format", "classic", self.nginx.url())
        self.assertIn(
            "DNS Lookup   TCP Connection   Server Processing   Content Transfer", done.text
        )
        done = self.xtrace("get", "--format", "classic", "-k", self.nginx.https())
        self.assertIn(
            "DNS Lookup   TCP Connection   TLS Handshake   Server Processing   Content Transfer",
            done.text,
        )
        for label in ("namelookup:", "connect:", "pretransfer:", "starttransfer:", "total:"):
            self.assertRegex(done.text, label + r"\d+ms")

    def test_compact(self):
        """The compact format is one line."""
        done = self.xtrace("get", "--format", "compact", self.nginx.url())
        self.assertEqual(done.text.count("\n"), 1)
        self.assertRegex(
            done.text,
            rf"^200 GET {re.escape(self.nginx.url())} h1 dns=- tcp=[0-9.]+ tls=- .*total=[0-9.]+"
            rf"(us|ms|s) {self.document['trace_id']}\n$",
        )

    def test_json(self):
        """The json format follows its schema, for success and failure."""
        self.assertEqual(self.get(self.nginx.url()).report["slo"], None)
        self.get(f"http://127.0.0.1:{refusing_port()}/", code=7)

    def test_include(self):
        """-i shows the response headers in the report."""
        with ScriptedServer(answer(ok(headers=b"X-Shown: yes\r\n"))) as server:
            self.assertNotIn("X-Shown", self.xtrace("get", server.url()).text)
            self.assertIn("X-Shown: yes", self.xtrace("get", "-i", server.url()).text)

    def test_verbose(self):
        """-v tells the conversation on stderr; stdout stays the report."""
        with ScriptedServer(answer(ok(headers=b"X-Reply: yes\r\n"))) as server:
            done = self.xtrace(
                "get", "-v", "--format", "json", "-H", "X-Ask: yes", server.url("/path")
            )
        self.assertEqual(done.report["status"], 200)
        self.assertRegex(done.notes, r"(?m)^> GET /path HTTP/1\.1$")
        self.assertRegex(done.notes, r"(?m)^> X-Ask: yes$")
        self.assertRegex(done.notes, r"(?m)^< HTTP/1\.1 200 OK$")
        self.assertRegex(done.notes, r"(?m)^< X-Reply: yes$")
        self.assertRegex(done.notes, r"(?m)^\* ")

    def test_unit(self):
        """--unit chooses the unit of every duration."""
        for unit in ("us", "ms", "s"):
            done = self.xtrace("get", "--unit", unit, "--format", "compact", self.nginx.url())
            self.assertRegex(done.text, rf"total=[0-9.]+{unit} ")

    def test_escapes(self):
        """Control characters from the network do not reach the terminal."""
        response = ok(headers=b"X-Evil: \x1b]0;owned\x07\r\n").replace(b"200 OK", b"200 \x1b[31mOK")
        for form in ("pretty", "classic", "compact"):
            for flags in (["-i"], ["-v"]):
                with self.subTest(form), ScriptedServer(answer(response)) as server:
                    done = self.xtrace(
                        "get", *flags, "--format", form, "--color", "never", server.url()
                    )
                    self.assertNotIn(b"\x1b", done.out + done.err, done)
                    self.assertNotIn(b"\x07", done.out + done.err, done)


class Screen(Case):
    """stdout is a terminal."""

    def test_utf8(self):
        """A UTF-8 terminal gets blocks and colours."""
        done = self.on_terminal("get", self.nginx.url(), env=UTF8)
        self.assertEqual(done.code, 0, done)
        self.assertRegex(done.text, "[\u2580-\u259f]")
        self.assertTrue(ESCAPE.search(done.out))

    def test_ascii(self):
        """A terminal in the C locale gets ASCII."""
        done = self.on_terminal("get", self.nginx.url(), env={"LC_ALL": "C", "LANG": "en_US.UTF-8"})
        without_colors(done.out).decode("ascii")

    def test_colors(self):
        """NO_COLOR, --color and FORCE_COLOR are honoured, and TERM=dumb has none."""
        url = self.nginx.url()
        for flags, env, colored in (
            ([], {}, True),
            ([], {"NO_COLOR": "1"}, False),
            (["--color", "never"], {}, False),
            (["--color", "always"], {"NO_COLOR": "1"}, True),
            ([], {"TERM": "dumb"}, False),
        ):
            with self.subTest(flags=flags, env=env):
                done = self.on_terminal("get", *flags, url, env=env)
                self.assertEqual(bool(ESCAPE.search(done.out)), colored, done)
        for flags, env in (
            ([], {"FORCE_COLOR": "1"}),
            ([], {"CLICOLOR_FORCE": "1"}),
            (["--color", "always"], {}),
        ):
            with self.subTest(flags=flags, env=env, pipe=True):
                self.assertTrue(ESCAPE.search(self.xtrace("get", *flags, url, env=env).out))

    def test_width(self):
        """The picture keeps to the terminal's width."""
        for columns in (40, 60, 120, 200):
            with self.subTest(columns):
                done = self.on_terminal("get", self.nginx.url(), env=UTF8, columns=columns)
                lines = without_colors(done.out).decode().splitlines()
                self.assertLessEqual(max(map(len, lines)), columns, done)

    def test_machine_formats(self):
        """json and xray are the same on a terminal: no colours, one line."""
        for form in ("json", "xray"):
            done = self.on_terminal(
                "get", "--format", form, self.nginx.url(), env=UTF8, screen=("stdout",)
            )
            self.assertNotIn(b"\x1b", done.out)
            json.loads(done.text)
