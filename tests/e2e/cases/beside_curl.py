"""Uploads, forms and --write-out, each beside what the real curl does."""

import json
import os
import re
import shutil
import subprocess
import unittest

from support.case import Case, world
from support.scripted import ScriptedServer, answer, ok


def curl(*arguments, stdin=b""):
    """What curl prints."""
    done = subprocess.run(
        ["curl", "-q", "-s", *arguments],
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
        env={"PATH": os.environ["PATH"], "LANG": "C"},
    )
    return done.stdout.decode("utf-8")


class Upload(Case):
    """-T and large bodies, kept by a real nginx."""

    def kept(self, name):
        with open(os.path.join(self.nginx.uploads, name), "rb") as file:
            return file.read()

    def file_of(self, name, data):
        path = os.path.join(world().directory, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def test_file(self):
        """-T sends a file by PUT; a URL that ends in / gets its name."""
        data = os.urandom(3_000_000)
        path = self.file_of("up load.bin", data)
        done = self.get(self.nginx.url("/uploads/"), "-T", path)
        self.assertEqual(done.report["url"], self.nginx.url("/uploads/up%20load.bin"))
        self.assertEqual((done.report["method"], done.report["status"]), ("PUT", 201))
        self.assertEqual(self.kept("up load.bin"), data)

    def test_stdin(self):
        """-T - sends stdin in chunks, as it comes."""
        data = os.urandom(500_000)
        done = self.get(self.nginx.url("/uploads/piped"), "-T", "-", stdin=data)
        self.assertEqual(done.report["status"], 201)
        self.assertEqual(self.kept("piped"), data)

    def test_redirected(self):
        """A file is sent again where a 307 asks for it."""
        data = os.urandom(100_000)
        done = self.get(
            self.nginx.url("/kept"), "-L", "-T", self.file_of("again", data)
        )
        self.assertEqual([leg["status"] for leg in done.report["legs"]][-1], 201)
        self.assertEqual(self.kept("kept"), data)

    def test_large_data(self):
        """--data-binary @FILE streams a large file, byte for byte."""
        data = os.urandom(5_000_000)
        path = self.file_of("large", data)
        url = self.nginx.url("/uploads/large")
        done = self.get(url, "-X", "PUT", "--data-binary", "@" + path)
        self.assertEqual(done.report["status"], 201)
        self.assertEqual(self.kept("large"), data)

    def test_expect(self):
        """--expect-100 holds the body until nginx says 100, and the wait is in the report."""
        path = self.file_of("expected", b"x" * 100_000)
        done = self.get(self.nginx.url("/uploads/expected"), "-T", path, "--expect-100")
        self.assertEqual(done.report["status"], 201)
        self.assertEqual([one["status"] for one in done.attempt["interim"]], [100])
        self.assertIsNotNone(done.attempt["continue_wait"])

    def test_missing(self):
        """A file that is not there is bad usage, named, and nothing is sent."""
        with ScriptedServer(answer(ok())) as server:
            for flags in (("-T", "/no/such"), ("-F", "f=@/no/such"), ("-F", "f=</no/such")):
                done = self.xtrace("get", *flags, server.url())
                self.assertEqual(done.code, 2, done)
                self.assertIn("/no/such", done.notes)
        self.assertEqual(server.connections, 0)


@unittest.skipUnless(shutil.which("curl"), "curl is not installed")
class Form(Case):
    """-F beside curl's."""

    def received(self, send):
        with ScriptedServer(answer(ok())) as server:
            send(server.url())
        self.assertEqual(server.failures, [])
        return server.requests[0]

    def normalised(self, request):
        """The type and the body with the boundary's name taken out, and the length."""
        boundary = re.search("boundary=(.+)$", request.header("Content-Type")).group(1)
        self.assertEqual(int(request.header("Content-Length")), len(request.body))
        return request.line, request.body.replace(boundary.encode("ascii"), b"BOUNDARY")

    def test_same(self):
        """The same flags make the same body as curl's, the boundary apart."""
        directory = world().directory
        for name in ("a.txt", "b.png", 'odd"name'):
            with open(os.path.join(directory, name), "wb") as file:
                file.write(name.encode("ascii") * 100 + b"\r\n\0\xff")
        for flags in (
            ("-F", "a=1", "-F", "b=two words"),
            ("-F", f"f=@{directory}/a.txt"),
            ("-F", f"f=@{directory}/b.png;type=text/x;filename=other"),
            ("-F", f"f=<{directory}/a.txt"),
            ("-F", "j={};type=application/json"),
            ("-F", 'q="a;b,c"'),
            ("-F", f'f=@"{directory}/a.txt";filename="x\\"y"'),
            ("-F", "e="),
        ):
            with self.subTest(flags):
                ours = self.received(lambda url, flags=flags: self.xtrace("get", *flags, url))
                theirs = self.received(lambda url, flags=flags: curl(*flags, url))
                self.assertEqual(self.normalised(ours), self.normalised(theirs))


@unittest.skipUnless(shutil.which("curl"), "curl is not installed")
class WriteOut(Case):
    """-w beside curl's."""

    STEADY = (
        "%{http_code} %{response_code} %{method} %{num_connects} %{num_headers} %{num_redirects} "
        "%{size_download} %{size_header} %{size_upload} %{url_effective} %{remote_ip} "
        "%{remote_port} %{scheme} %{http_version} %{content_type} %{redirect_url} %{exitcode} "
        "%{filename_effective} %{referer} %header{server} %% %x \\t| %{nosuch}.\\n"
    )

    def test_steady(self):
        """What does not change from run to run is the same."""
        for flags in (
            ("/1k",),
            ("/to-1k",),
            ("/to-1k", "-e", "http://from.test/"),
            ("/204",),
            ("/503",),
            ("/1k", "-I"),
        ):
            with self.subTest(flags):
                path, *more = flags
                url = self.nginx.url(path)
                arguments = (*more, "-o", "/dev/null", "-w", self.STEADY, url)
                # nginx tells our trace header back; curl is to send one as long.
                trace = "X-Amzn-Trace-Id: " + "x" * 89
                theirs = curl("-H", trace, *arguments)
                done = self.xtrace("get", "-s", "-H", trace, *arguments)
                self.assertEqual(_without_query(done.text), _without_query(theirs))

    def test_failure(self):
        """A failure's code is curl's, and %{onerror} shows what follows only then."""
        text = "%{http_code} %{exitcode}%{onerror} failed\\n"
        done = self.xtrace("get", "-w", text, "http://127.0.0.1:1/")
        self.assertEqual((done.code, done.text), (7, "000 7 failed\n"))
        self.assertEqual(curl("-w", text, "http://127.0.0.1:1/"), "000 7 failed\n")
        done = self.xtrace("get", "-w", text, self.nginx.url())
        self.assertEqual(done.text, "200 0")

    def test_times(self):
        """The times are in order, with six decimals."""
        names = ("namelookup", "connect", "appconnect", "pretransfer", "starttransfer", "total")
        text = " ".join(f"%{{time_{name}}}" for name in names)
        done = self.xtrace(
            "get", "-w", text, "--cacert", self.certificates.ca, self.nginx.https()
        )
        self.assertRegex(done.text, r"^(\d+\.\d{6} ?){6}$")
        times = [float(word) for word in done.text.split()]
        self.assertEqual(times, sorted(times))
        self.assertGreater(times[2], times[1])

    def test_json(self):
        """%{json} has every variable of curl's that makes sense here, of the same type."""
        ours = json.loads(self.xtrace("get", "-w", "%{json}", self.nginx.url()).text)
        theirs = json.loads(curl("-o", "/dev/null", "-w", "%{json}", self.nginx.url()))
        missing = {"curl_version", "ftp_entry_path", "http_connect", "proxy_ssl_verify_result"}
        missing |= {"num_certs", "certs"}
        self.assertEqual(set(theirs) - set(ours) - missing, _parts_of_urls(theirs))
        # num_retries is curl's since 8.9.
        own = {"trace_id", "attempts", "waves", "num_retries"}
        self.assertEqual(set(ours) - set(theirs), own - set(theirs))
        for name in set(ours) & set(theirs):
            one, other = ours[name], theirs[name]
            if one is not None and other is not None:
                self.assertEqual(isinstance(one, str), isinstance(other, str), name)

    def test_instead(self):
        """It stands instead of the report, or behind the one that --format asks for."""
        done = self.xtrace("get", "-w", "<%{http_code}>", "--format", "json", self.nginx.url())
        report, written = done.text.split("\n")
        self.assertEqual((json.loads(report)["status"], written), (200, "<200>"))


def _parts_of_urls(names):
    """`urle.host` and the like, which later versions of curl have."""
    return {name for name in names if name.startswith(("url.", "urle."))}


def _without_query(text):
    """Ours never shows a query."""
    return re.sub(r"\?[^ ]*", "", text)
