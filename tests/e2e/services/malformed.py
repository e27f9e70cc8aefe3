"""Requests that break the rules, or that two servers would read in two ways."""

from support.service import ServiceCase

HOST = b"Host: peer.test\r\n"
#: What a smuggler hopes is taken for a request of its own.
HIDDEN = b"GET /hello?smuggled HTTP/1.1\r\nHost: peer.test\r\n\r\n"


def get(target=b"/hello", fields=b"", version=b"HTTP/1.1", host=HOST, method=b"GET"):
    return b"%s %s %s\r\n%s%s\r\n" % (method, target, version, host, fields)


def post(fields, body=b""):
    return get(b"/collect", fields, method=b"POST") + body


CHUNKED = b"Transfer-Encoding: chunked\r\n"

#: What is wrong with it, and what is sent; all are 400 in front of which no handler runs.
BAD_HEADS = {
    "a length beside chunked": post(b"Content-Length: 4\r\n" + CHUNKED, b"0\r\n\r\n"),
    "chunked beside a length": post(CHUNKED + b"Content-Length: 4\r\n", b"0\r\n\r\n"),
    "two lengths": post(b"Content-Length: 4\r\nContent-Length: 5\r\n", b"12345"),
    "two lengths, the same": post(b"Content-Length: 4\r\nContent-Length: 4\r\n", b"1234"),
    "a list of lengths": post(b"Content-Length: 4, 4\r\n", b"1234"),
    "a length with a sign": post(b"Content-Length: +4\r\n", b"1234"),
    "a length below nothing": post(b"Content-Length: -1\r\n"),
    "a length in hex": post(b"Content-Length: 0x4\r\n", b"1234"),
    "a length with a space": post(b"Content-Length: 4 0\r\n", b"1234"),
    "a length past 64 bits": post(b"Content-Length: 18446744073709551616\r\n"),
    "no length": post(b"Content-Length: \r\n"),
    "chunked twice": post(b"Transfer-Encoding: chunked, chunked\r\n", b"0\r\n\r\n"),
    "chunked in two fields": post(CHUNKED + CHUNKED, b"0\r\n\r\n"),
    "chunked and not last": post(b"Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n"),
    "what is nearly chunked": post(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n"),
    "chunked of HTTP/1.0": get(b"/", CHUNKED, b"HTTP/1.0", method=b"POST") + b"0\r\n\r\n",
    "a space before the colon": post(b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n"),
    "a folded line": get(fields=b"X-One: 1\r\n two\r\n"),
    "a folded first line": get(host=b" Host: peer.test\r\n"),
    "a bare line feed behind a field": get(fields=b"X-One: 1\nX-Two: 2\r\n"),
    "bare line feeds": get().replace(b"\r\n", b"\n"),
    "a bare carriage return": get(fields=b"X-One: 1\rX-Two: 2\r\n"),
    "a NUL in a value": get(fields=b"X-One: 1\x002\r\n"),
    "a NUL in a name": get(fields=b"X\x00One: 1\r\n"),
    "a field without a colon": get(fields=b"nonsense\r\n"),
    "a field without a name": get(fields=b": nobody\r\n"),
    "no Host": get(host=b""),
    "two Hosts": get(fields=b"host: other.test\r\n"),
    "a Host with a path": get(host=b"Host: peer.test/other\r\n"),
    "a Host with a space": get(host=b"Host: peer.test other.test\r\n"),
    "a target without a slash": get(b"hello"),
    "a target of another scheme": get(b"ftp://peer.test/"),
    "an asterisk": get(b"*"),
    "a space in the target": get(b"/hel lo"),
    "a tab for a space": get().replace(b" /hello ", b"\t/hello\t"),
    "two spaces": get().replace(b" /hello", b"  /hello"),
    "no version": b"GET /hello\r\n\r\n",
    "a version in small letters": get(version=b"http/1.1"),
    "a method that is no token": get(method=b"GE(T"),
    "TLS": b"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03" + bytes(range(64)) + b"\r\n\r\n",
}

OTHER_STATUSES = {
    "another coding": (501, post(b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n")),
    "CONNECT": (501, get(b"peer.test:443", method=b"CONNECT")),
    "HTTP/2": (505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "a version to come": (505, get(version=b"HTTP/3.0")),
    "an expectation": (417, get(fields=b"Expect: wonders\r\n")),
    "a long target": (414, get(b"/" + 8000 * b"a")),
    "a long head": (431, get(fields=b"X-Long: " + 8000 * b"a" + b"\r\n")),
    "many fields": (431, get(fields=1000 * b"X-One: 1\r\n")),
    "a long body": (413, post(b"Content-Length: 70000\r\n", 70000 * b"a")),
    "a long body of chunks": (413, post(CHUNKED, b"11170\r\n" + 70000 * b"a" + b"\r\n0\r\n\r\n")),
}

#: Behind a good head: chunks that are none.
BAD_CHUNKS = {
    "no number": b"zz\r\nhello\r\n",
    "a sign": b"+5\r\nhello\r\n",
    "a prefix": b"0x5\r\nhello\r\n",
    "a number past 64 bits": b"10000000000000005\r\nhello\r\n",
    "a bare line feed behind the size": b"5\nhello\r\n",
    "a bare line feed in an extension": b"5;a=b\n\r\nhello\r\n",
    "no line end behind the data": b"5\r\nhelloX",
    "more data than said": b"4\r\nhello\r\n",
    "a trailer without a colon": b"0\r\nnonsense\r\n\r\n",
    "a folded trailer": b"0\r\nX-One: 1\r\n two\r\n\r\n",
}


class Malformed(ServiceCase):
    """One service with small limits for all requests of a case."""

    def setUp(self):
        super().setUp()
        self.service = self.serve(head_bytes=4096, body_bytes=65536)

    def refused(self, what, data, status):
        """`data` gets this one answer and no other, and the connection is closed behind it."""
        with self.subTest(what), self.service.wire() as wire:
            try:
                wire.send(data + HIDDEN)
            except ConnectionError:
                pass  # it has read enough
            answer = wire.answer()
            self.assertEqual(answer.status, status)
            self.assertEqual(answer.header("Connection"), "close")
            self.assertNotIn(b"hidden", answer.body)
            self.assertEqual(wire.rest(), b"", "what hid behind it was answered")
            self.assertServes(self.service)

    def test_heads(self):
        """A head that breaks a rule, or can be read in two ways, is 400 before any handler."""
        for what, data in BAD_HEADS.items():
            self.refused(what, data, 400)
        stats = self.service.stats()
        self.assertEqual(stats["refused"], len(BAD_HEADS))
        self.assertEqual(stats["requests"], len(BAD_HEADS) + 1, "only ours were handled")
        self.assertEqual(self.daemon.drain(), [], "what no handler saw is in no trace")

    def test_other_statuses(self):
        """What is too large or not understood gets the status that says so."""
        for what, (status, data) in OTHER_STATUSES.items():
            self.refused(what, data, status)

    def test_chunks(self):
        """A body whose chunks break a rule is 400, and its segment says so."""
        for what, data in BAD_CHUNKS.items():
            self.refused(what, post(CHUNKED, data), 400)
        for document in self.documents(len(BAD_CHUNKS)):
            self.assertTrue(document["error"])
            self.assertEqual(document["http"]["response"]["status"], 400)

    def test_harmless(self):
        """What is odd and lawful is served."""
        odd = {
            "an empty line before": b"\r\n" + get(),
            "no space behind the colon": get(host=b"Host:peer.test\r\n"),
            "space around a value": get(host=b"Host: \t peer.test \t \r\n"),
            "an absolute target": get(b"http://other.test/hello"),
            "HTTP/1.0 without a Host": get(version=b"HTTP/1.0", host=b""),
            "HTTP/1.0 as the target's version": get(b"/hello?HTTP/1.1"),
            "bytes past ASCII in a value": get(fields=b"X-One: \xc3\xa9\xff\r\n"),
            "an empty value": get(fields=b"X-One:\r\n"),
            "a length of zeros": get(fields=b"Content-Length: 000\r\n"),
            "a chunk's extension": post(CHUNKED, b'5;a="b;c"\r\nhello\r\n0\r\nX-One: 1\r\n\r\n'),
            "a size with zeros": post(CHUNKED, b"0005\r\nhello\r\n0\r\n\r\n"),
        }
        for what, data in odd.items():
            with self.subTest(what), self.service.wire() as wire:
                wire.send(data)
                answer = wire.answer()
                self.assertEqual((answer.status, answer.body.strip()), (200, b"hello"))

    def test_byte_by_byte(self):
        """A request that comes in single bytes is the same request."""
        with self.service.wire() as wire:
            for data in (get(), post(CHUNKED, b"5\r\nhello\r\n0\r\n\r\n")):
                for byte in data:
                    wire.send(bytes([byte]))
                self.assertEqual(wire.answer().body.strip(), b"hello")
