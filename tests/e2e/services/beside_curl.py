"""curl, which everybody has, straight to the service."""

import json
import os
import subprocess

from support.certificates import Certificates, key_of
from support.nginx import body_of
from support.service import PARENT, ROOT, SAMPLED, ServiceCase

MIB = 1 << 20
REPORT = "\n%{json}"


class BesideCurl(ServiceCase):
    """Each case calls a service of its own."""

    def setUp(self):
        super().setUp()
        self.service = self.serve()

    def curl(self, *words, stdin=b""):
        """curl's output and what it knows of its last transfer."""
        command = ["curl", "-q", "-sS", "--noproxy", "*", "-w", REPORT, *words]
        done = subprocess.run(command, input=stdin, capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, b""), words)
        body, _, report = done.stdout.rpartition(b"\n")
        return body, json.loads(report)

    def test_kept_alive(self):
        """Several URLs go over one connection."""
        url = self.service.url("/hello")
        body, report = self.curl(url, url, url)
        self.assertEqual(body.count(b"hello\n"), 3)
        self.assertEqual((report["num_connects"], report["http_version"]), (0, "1.1"))
        self.assertEqual(self.service.stats()["accepted"], 2)

    def test_old_version(self):
        """HTTP/1.0 is answered whole: sized, by the connection's end, and kept where asked for."""
        body, _ = self.curl("-0", self.service.url(f"/text/{MIB}"))
        self.assertEqual(body, body_of(MIB))
        body, _ = self.curl("-0", "-i", self.service.url(f"/chunked/{MIB}"))
        head, _, body = body.partition(b"\r\n\r\n")
        self.assertEqual(body, body_of(MIB))
        self.assertNotIn(b"Transfer-Encoding", head)
        self.assertIn(b"Connection: close", head)
        url = self.service.url("/hello")
        _, report = self.curl("-0", "-H", "Connection: keep-alive", url, url)
        self.assertEqual(report["num_connects"], 0)

    def test_head(self):
        """HEAD tells what GET would, without the body, and the connection goes on."""
        url = self.service.url(f"/text/{MIB}")
        head, report = self.curl("-I", url, url)
        self.assertEqual(head.count(b"Content-Length: %d\r\n" % MIB), 2)
        self.assertEqual((report["num_connects"], report["size_download"]), (0, 0))

    def test_expect(self):
        """A body that waits for our word gets it when it is read, and none where nobody does."""
        expect = ("-H", "Expect: 100-continue", "--expect100-timeout", "60", "-d", "@-")
        body, report = self.curl(*expect, self.service.url("/count"), stdin=b"x" * 10)
        self.assertEqual(json.loads(body)["bytes"], 10)
        self.assertLess(report["time_total"], 30)
        refusing = self.service.url("/status/403")
        _, report = self.curl(*expect, refusing, stdin=b"x" * 10)
        self.assertEqual((report["http_code"], report["size_upload"]), (403, 0))
        wire = self.service.wire()
        self.addCleanup(wire.close)
        wire.request("/collect", headers="Content-Length: 2\r\nExpect: 100-Continue\r\n")
        self.assertEqual(wire.socket.recv(100), b"HTTP/1.1 100 Continue\r\n\r\n")
        wire.send(b"ok")
        self.assertEqual(wire.answer().body, b"ok")

    def test_uploads(self):
        """Bodies go up sized and chunked, and come back while they go."""
        for size in (0, 1, 100_000, 5 * MIB):
            with self.subTest(size=size):
                body = body_of(size)
                counted = b'{"bytes":%d,"intact":true}' % size
                got, _ = self.curl("-T", "-", self.service.url("/count"), stdin=body)
                self.assertEqual(got, counted)
                for path in ("/echo", "/collect"):
                    url = self.service.url(path)
                    self.assertEqual(self.curl("-T", "-", url, stdin=body)[0], body)
                    self.assertEqual(self.curl("--data-binary", "@-", url, stdin=body)[0], body)

    def test_pipelined(self):
        """Requests sent at once are answered in order, one at a time, whatever each one takes."""
        fields = f"Host: peer.test\r\n{SAMPLED}"
        post = f"POST /echo HTTP/1.1\r\n{fields}Content-Length: 4\r\n\r\nback"
        expected = {
            "/slow/100": b"late\n",
            "/text/70000": body_of(70000),
            "/hello": b"hello\n",
            "/echo": b"back",
            "/chunked/3": b"the",
            "/slow/1": b"late\n",
            "/status/204": b"",
        }
        with self.service.wire() as wire:
            gets = {path: f"GET {path} HTTP/1.1\r\n{fields}\r\n" for path in expected}
            wire.send("".join({**gets, "/echo": post}.values()).encode())
            for path, body in expected.items():
                self.assertEqual(wire.answer().body, body, path)
        documents = self.documents(len(expected))
        self.assertEqual({document["trace_id"] for document in documents}, {ROOT})
        times = [(d["start_time"], d["end_time"]) for d in documents]
        self.assertEqual(times, sorted(times))

    def test_what_is_recorded(self):
        """A request's segment has what curl sent and what it got, and no query."""
        self.curl("-H", SAMPLED.strip(), "-A", "curl/test", self.service.url("/text/12?key=hidden"))
        document = self.document()
        self.assertEqual((document["trace_id"], document["parent_id"]), (ROOT, PARENT))
        self.assertEqual(document["name"], "peer")
        self.assertEqual(
            document["http"],
            {
                "request": {
                    "method": "GET",
                    "url": self.service.url("/text/12"),
                    "user_agent": "curl/test",
                    "client_ip": "127.0.0.1",
                },
                "response": {"status": 200, "content_length": 12},
            },
        )

    def test_settings(self):
        """Names by host, W3C's header, and answers to those who did not ask, where wanted."""
        service = self.serve(
            name="shop", pattern="*.example.com", traceparent="yes", answer="always"
        )
        w3c = f"traceparent: 00-{ROOT[2:].replace('-', '')}-{PARENT}-01"
        for host, name in (("api.example.com:8080", "api.example.com"), ("example.org", "shop")):
            fields = ("-H", f"Host: {host}", "-H", w3c)
            answer, _ = self.curl("-i", *fields, service.url("/hello"))
            self.assertRegex(answer.decode(), rf"(?i)\r\nX-Amzn-Trace-Id: Root={ROOT}\r\n")
            document = self.document()
            self.assertEqual(document["name"], name)
            self.assertEqual((document["trace_id"], document["parent_id"]), (ROOT, PARENT))
            self.assertEqual(document["http"]["request"]["url"], f"http://{host}/hello")

    def test_exception(self):
        """A handler's exception is the segment's fault."""
        self.curl(self.service.url("/fail"))
        self.curl(self.service.url("/drop"))
        failed, dropped = self.documents(2)
        exception = failed["cause"]["exceptions"][0]
        self.assertEqual(exception["message"], "the shelf is empty")
        self.assertEqual([d["http"]["response"]["status"] for d in (failed, dropped)], [500, 500])
        self.assertTrue(failed["fault"] and dropped["fault"])

    def test_tls(self):
        """The same over TLS, with a client certificate where one is asked for."""
        made = Certificates(os.path.join(self.directory(), "certificates"))
        identity = {"certificate": made.good, "key": key_of(made.good)}
        open_to_all, mutual = self.serve(**identity), self.serve(**identity, client_ca=made.ca)
        client = ("--cert", made.client, "--key", key_of(made.client))
        for service, words in ((open_to_all, ()), (mutual, client)):
            trust = ("--cacert", made.ca, *words)
            url = service.url("/echo", "https")
            body = body_of(MIB)
            self.assertEqual(self.curl(*trust, "-T", "-", url, stdin=body)[0], body)
            document = self.document()
            self.assertEqual(document["http"]["request"]["url"], url)
            large = service.url(f"/text/{5 * MIB}", "https")
            self.assertEqual(self.curl(*trust, large)[0], body_of(5 * MIB))
            self.assertEqual(self.curl(*trust, url, url)[1]["num_connects"], 0)
            self.documents(3)
        command = ["curl", "-q", "-sS", "--cacert", made.ca, mutual.url("/hello", "https")]
        refused = subprocess.run(command, capture_output=True, check=False)
        self.assertIn(refused.returncode, (35, 56), refused.stderr)
        mutual.send_signal()
        self.assertEqual(mutual.finish()["tls_failed"], 1)
