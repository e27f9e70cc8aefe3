"""A real nginx as reverse proxy in front of the service."""

import subprocess

from support.front import Front
from support.nginx import body_of
from support.service import PARENT, ROOT, SAMPLED, ServiceCase
from support.wire import Cut, Wire

MIB = 1 << 20
#: Before and behind each proxy: the caller, the outer nginx, the inner one.
CALLER, OUTER, INNER = "127.0.0.9", "127.0.0.3", "127.0.0.2"
SPOOFED = "X-Forwarded-For: 203.0.113.66, 198.51.100.7\r\n"


class BehindNginx(ServiceCase):
    """One service and one nginx a case."""

    def setUp(self):
        super().setUp()
        self.service = self.serve(body_bytes=200 * MIB, name="shop")
        self.front = Front(self.directory(), self.service.port)
        self.addCleanup(self.front.close)

    def wire(self, port=None, **more):
        wire = Wire(port or self.front.http, **more)
        self.addCleanup(wire.close)
        return wire

    def curl(self, *words, stdin=None):
        """What curl prints; it fails where the answer is no success."""
        command = ["curl", "-q", "-sS", "--fail", "--noproxy", "*", *words]
        return subprocess.run(command, stdin=stdin, capture_output=True, check=True).stdout

    def client_ip(self, hops, port, path="/hello", headers=SPOOFED):
        """Whom a service that trusts so many proxies takes for the caller."""
        service = self.serve(hops=hops)
        wire = self.wire(port, source=CALLER)
        self.assertEqual(wire.ask(f"/to/{service.port}{path}", headers=headers).body, b"hello\n")
        request = self.document()["http"]["request"]
        is_forwarded = request.get("x_forwarded_for", False)
        self.assertEqual(is_forwarded, request["client_ip"] != INNER, "it says where it is from")
        return request["client_ip"]

    def test_trusted_hops(self):
        """The caller is as many entries from the end as there are proxies of ours."""
        for hops, caller in enumerate((INNER, CALLER, "198.51.100.7", "203.0.113.66", INNER)):
            with self.subTest(proxies=1, hops=hops):
                self.assertEqual(self.client_ip(hops, self.front.http), caller)
        for hops, caller in enumerate((INNER, OUTER, CALLER, "198.51.100.7")):
            with self.subTest(proxies=2, hops=hops):
                self.assertEqual(self.client_ip(hops, self.front.outer), caller)
        with self.subTest("no address"):
            spoofed = "X-Forwarded-For: unknown\r\n"
            self.assertEqual(self.client_ip(2, self.front.http, headers=spoofed), INNER)

    def test_connection_is_kept(self):
        """Requests of several clients share nginx's connection, and each is one segment."""
        for client in range(5):
            wire = self.wire()
            for _ in range(4):
                self.assertEqual(wire.ask(f"/hello?client={client}", headers=SAMPLED).status, 200)
        documents = self.documents(20)
        self.assertEqual({(d["trace_id"], d["parent_id"]) for d in documents}, {(ROOT, PARENT)})
        urls = {document["http"]["request"]["url"] for document in documents}
        self.assertEqual(urls, {"http://peer.test/hello"})
        self.assertEqual(self.service.stats()["accepted"], 2)

    def test_bodies(self):
        """Bodies of every size pass whole, both ways, sized and chunked, buffered and not."""
        for size in (0, 1, MIB):
            body = body_of(size)
            chunked = b"%x\r\n%s\r\n" % (size, body) if size else b""
            for path in ("/count", "/buffered/count"):
                with self.subTest(size=size, path=path):
                    counted = b'{"bytes":%d,"intact":true}' % size
                    wire = self.wire()
                    self.assertEqual(wire.ask(path, method="POST", body=body).body, counted)
                    wire.request(path, method="POST", headers="Transfer-Encoding: chunked\r\n")
                    wire.send(chunked + b"0\r\n\r\n")
                    self.assertEqual(wire.answer().body, counted)
                    for answer in ("text", "chunked"):
                        path = path.replace("count", f"{answer}/{size}")
                        self.assertEqual(wire.ask(path).body, body)
        self.assertEqual(self.service.stats()["refused"], 0)

    def test_large_bodies(self):
        """100 MiB go up, sized and chunked, and come down the same way."""
        size = 100 * MIB
        with open(f"{self.directory()}/large", "wb") as file:
            file.write(body_of(size))
        counted = b'{"bytes":%d,"intact":true}' % size
        url = self.front.url("/count")
        self.assertEqual(self.curl("-T", file.name, url), counted)
        with open(file.name, "rb") as body:
            self.assertEqual(self.curl("-T", "-", url, stdin=body), counted)
        expected = body_of(size)
        for path in ("text", "chunked"):
            self.assertTrue(self.curl(self.front.url(f"/{path}/{size}")) == expected, path)
        lengths = [d["http"]["response"].get("content_length") for d in self.documents(4)]
        self.assertEqual(lengths[2:], [size, size])

    def test_too_large(self):
        """A refusal in the middle of an upload reaches the client through nginx."""
        front = Front(self.directory(), self.serve(body_bytes=MIB).port)
        self.addCleanup(front.close)
        for path in ("/count", "/buffered/count"):
            wire = self.wire(front.http)
            body = body_of(8 * MIB)
            wire.request(path, method="POST", headers=f"Content-Length: {len(body)}\r\n")
            try:
                wire.send(body)
            except ConnectionError:
                pass  # nginx has its answer and closes
            self.assertEqual(wire.answer().status, 413)
        self.assertEqual([d["http"]["response"]["status"] for d in self.documents(2)], [413, 413])

    def test_client_leaves(self):
        """A client that goes in the middle takes nginx with it, and the segment says so."""
        wire = self.wire(receive_buffer=4096)
        wire.request(f"/text/{50 * MIB}")
        wire.socket.recv(100)
        wire.reset()
        document = self.document()
        self.assertTrue(document["error"])
        self.assertNotIn("fault", document)
        self.assertEqual(document["http"]["response"]["status"], 200)
        self.assertLess(document["http"]["response"]["content_length"], 50 * MIB)
        self.assertEqual(self.service.stats()["peer_left"], 1)

    def test_nginx_gives_up(self):
        """nginx waits no longer and answers 504; a service that answers later harms nobody."""
        wire = self.wire()
        self.assertEqual(wire.ask("/hasty/slow/400").status, 504)
        self.assertEqual(wire.ask("/hello").status, 200)
        hello, late = sorted(self.documents(2), key=lambda document: document["end_time"])
        self.assertEqual(hello["http"]["request"]["url"], "http://peer.test/hello")
        # Until it writes, a service cannot tell who left from who only will not send any more.
        self.assertGreaterEqual(late["end_time"] - late["start_time"], 0.4)

    def test_service_breaks_off(self):
        """An answer whose source fails is cut, and nobody takes the part for the whole."""
        with self.assertRaises(Cut) as cut:
            self.wire().ask("/broken/100000")
        self.assertLessEqual(len(cut.exception.got), 100_001)
        document = self.document()
        self.assertTrue(document["fault"])
        self.assertEqual(document["cause"]["exceptions"][0]["type"], "body_source_failed")
