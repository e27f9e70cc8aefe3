"""Where the body goes, what a status is judged by, and what is refused before anything is sent."""

import os
import subprocess

from support import program
from support.case import Case, world
from support.nginx import body_of
from support.schema import read_report
from support.scripted import ScriptedServer, answer, ok


class BodyOutput(Case):
    """-o."""

    def test_file(self):
        """-o FILE writes the body, byte for byte, over what was there."""
        path = os.path.join(world().directory, "out")
        for target, size in (("/64k", 65536), ("/1k", 1024)):
            self.get(self.nginx.url(target), "-o", path)
            with open(path, "rb") as file:
                self.assertEqual(file.read(), body_of(size))

    def test_large_file(self):
        """Ten megabytes are written whole."""
        path = os.path.join(world().directory, "out-large")
        self.get(self.nginx.url("/10m"), "-o", path)
        with open(path, "rb") as file:
            self.assertEqual(file.read(), body_of(10 * 1024 * 1024))

    def test_standard_output(self):
        """-o - gives stdout to the body and the report to stderr."""
        done = self.xtrace("get", "-o", "-", "--format", "json", self.nginx.url("/64k"))
        self.assertEqual(done.code, 0, done)
        self.assertEqual(done.out, body_of(65536))
        self.assertEqual(read_report(done.notes)["status"], 200)

    def test_no_body_by_default(self):
        """Without -o the body is read and not shown."""
        self.assertNotIn("quick brown fox", self.xtrace("get", self.nginx.url()).text)

    def test_unwritable(self):
        """A file that cannot be written is exit 23 and named."""
        path = "/no/such/directory/out"
        done = self.xtrace("get", "-o", path, self.nginx.url())
        self.assertEqual(done.code, 23, done)
        self.assertIn(path, done.text + done.notes)

    def test_full(self):
        """A full disk is exit 23, and the body phase carries the error."""
        done = self.get(self.nginx.url("/10m"), "-o", "/dev/full", code=23)
        self.assertFails(done, "body_refused", "body")

    def test_no_standard_output(self):
        """A stdout that is closed from the start is exit 23; nothing else takes its number."""
        done = subprocess.run(
            ["sh", "-c", 'exec "$@" >&-', "sh", program.binary(), "get", self.nginx.url()],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=program.DEADLINE,
            check=False,
        )
        self.assertEqual(done.returncode, 23, done)
        self.assertEqual(done.stderr, b"xtrace: cannot write the report: bad file descriptor (EBADF)\n")

    def test_closed_pipe(self):
        """A reader that closes early ends the program quietly."""
        for flags in (["-o", "-"], ["--format", "json"], []):
            with self.subTest(flags):
                process = program.start(["get", *flags, self.nginx.url("/10m")], self.environment())
                process.stdout.close()
                _, notes = process.communicate(timeout=program.DEADLINE)
                self.assertNotIn(b"error", notes.lower().replace(b'"error"', b""))
                self.assertNotIn(b"Sanitizer", notes)
                self.assertNotEqual(process.returncode, 70)
                self.assertGreaterEqual(process.returncode, 0, "killed by a signal")

    def test_piped_into_head(self):
        """`xtrace -o - URL | head -c 100` works as with any tool."""
        reader, writer = os.pipe()
        process = program.start(
            ["get", "-o", "-", self.nginx.url("/10m")], self.environment(), stdout=writer
        )
        os.close(writer)
        head = subprocess.run(["head", "-c", "100"], stdin=reader, capture_output=True, check=True)
        os.close(reader)
        process.communicate(timeout=program.DEADLINE)
        self.assertEqual(head.stdout, body_of(100))


class Judgement(Case):
    """-f and --expect-status."""

    def judged(self, status, *flags, code):
        with ScriptedServer(answer(ok().replace(b"200 OK", status + b" Word"))) as server:
            done = self.get(server.url(), *flags, code=code)
        self.assertEqual(done.report["status"], int(status))
        self.assertIsNone(done.report["error"], "a judged status is no error of the transport")

    def test_no_judge(self):
        """Any status is exit 0 where nobody judges."""
        for status in (b"200", b"301", b"404", b"500"):
            self.judged(status, code=0)

    def test_fail(self):
        """-f is exit 22 from 400 on."""
        for status, code in ((b"200", 0), (b"399", 0), (b"400", 22), (b"404", 22), (b"503", 22)):
            with self.subTest(status):
                self.judged(status, "-f", code=code)

    def test_expect(self):
        """--expect-status is exit 22 for what is not listed."""
        for expected, status, code in (
            ("200", b"200", 0),
            ("200", b"204", 22),
            ("200,3xx", b"302", 0),
            ("200-299", b"250", 0),
            ("200-299", b"300", 22),
            ("404", b"404", 0),
        ):
            with self.subTest(expected, status=status):
                self.judged(status, "--expect-status", expected, code=code)

    def test_shown(self):
        """The judgement is told in the picture."""
        done = self.xtrace("get", "-f", self.nginx.url("/missing"))
        self.assertEqual(done.code, 22, done)
        self.assertRegex(done.text.lower(), "fail|expect")


class Usage(Case):
    """Exit 2 or 3, and one sentence."""

    def refuses(self, *arguments, code=2, words=()):
        done = self.xtrace(*arguments)
        self.assertEqual(done.code, code, done)
        self.assertEqual(done.notes.count("\n"), 1, f"one sentence\n{done}")
        self.assertEqual(done.out, b"")
        for word in words:
            self.assertIn(word, done.notes)
        self.assertEqual(self.documents, [])

    def test_unknown(self):
        """An unknown flag is named, with the nearest valid one."""
        self.refuses(
            "get",
            "--conect-timeout",
            "1",
            "http://h/",
            words=("--conect-timeout", "--connect-timeout"),
        )
        self.refuses("get", "--jsno", "{}", "http://h/", words=("--json",))
        self.refuses("get", "-O", "http://h/", words=("-O",))

    def test_conflicts(self):
        """Flags that exclude each other are refused, both named."""
        self.refuses("get", "-4", "-6", "http://h/", words=("-4", "-6"))
        self.refuses("get", "-I", "-d", "x", "http://h/", words=("-I",))
        self.refuses(
            "get",
            "--emit",
            "none",
            "--require-emit",
            "http://h/",
            words=("--emit", "--require-emit"),
        )
        self.refuses("get", "--key", "k.pem", "http://h/", words=("--key", "--cert"))

    def test_values(self):
        """A value that makes no sense is refused with its flag."""
        for flags in (
            ["--format", "picture"],
            ["--unit", "hours"],
            ["--color", "blue"],
            ["-m", "later"],
            ["--expect-status", "ok"],
            ["--sampled", "maybe"],
            ["--resolve", "h"],
        ):
            with self.subTest(flags):
                self.refuses("get", *flags, "http://h/", words=(flags[0].lstrip("-")[:1],))

    def test_missing(self):
        """A missing URL or value is refused."""
        self.refuses("get")
        self.refuses("get", "http://h/", "-X")
        self.refuses("get", "http://h/", "http://i/")

    def test_urls(self):
        """A URL that cannot be fetched is exit 3, and its secrets are not repeated."""
        for url in (
            "ftp://h/",
            "http://",
            "http://h:99999/",
            "http://a b/",
            "http://user:geheim@[::1/",
        ):
            with self.subTest(url):
                done = self.xtrace("get", url)
                self.assertEqual(done.code, 3, done)
                self.assertNotIn("geheim", done.text + done.notes)
                self.assertTrue(done.text + done.notes)

    def test_international(self):
        """A host name outside ASCII is refused with the way out."""
        done = self.xtrace("get", "http://grüße.example/")
        self.assertEqual(done.code, 3, done)
        self.assertIn("xn--", done.text + done.notes)

    def test_no_scheme(self):
        """A URL without a scheme is http, as with curl, or refused as one."""
        done = self.xtrace("get", f"127.0.0.1:{self.nginx.http}/1k")
        self.assertIn(done.code, (0, 3), done)

    def test_help(self):
        """Help names every flag of the contract, fits 80 columns, and needs no network."""
        done = self.xtrace("get", "--help")
        self.assertEqual((done.code, done.err), (0, b""))
        for flag in FLAGS.split():
            self.assertRegex(done.text, rf"(?<![\w-]){flag}(?![\w-])")
        self.assertLessEqual(max(map(len, done.text.splitlines())), 80)
        for arguments in ([], ["-h"], ["help"], ["help", "get"], ["--help"]):
            with self.subTest(arguments):
                done = self.xtrace(*arguments)
                self.assertEqual(done.code, 0)
                self.assertIn("xtrace", done.text)

    def test_version(self):
        """version prints the version."""
        for arguments in (["version"], ["--version"]):
            with self.subTest(arguments):
                self.assertRegex(self.xtrace(*arguments).text, r"^xtrace \d+\.\d+\.\d+")

    def test_order(self):
        """Flags may come before and after the URL, attached or apart; the last one wins."""
        url = self.nginx.url()
        for flags in (
            ["get", url, "--format", "json", "--emit=none"],
            ["get", "--format=json", "--emit", "none", url],
            ["get", "--format", "compact", "--format", "json", "--emit=none", "--", url],
        ):
            with self.subTest(flags):
                self.assertEqual(self.xtrace(*flags).report["emit"]["outcome"], "off")


FLAGS = """
-X -H -d --json -I -i -v -o -s -u -A -4 -6 -k --cacert --cert --key --sni --resolve --connect-to
--unix-socket -m --connect-timeout --dns-timeout --tls-timeout --response-timeout --idle-timeout -f
--expect-status --format --color --unit --emit --name -a --metadata --trace-header --sampled
--require-emit --no-redact --data-raw --data-binary
"""
