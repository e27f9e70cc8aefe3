"""Responses, well-formed and not, from scripted servers and from nginx."""

from support.case import Case
from support.scripted import ScriptedServer, answer, ok


class Body(Case):
    """How the end of a body is found."""

    def from_server(self, response, *flags, code=0):
        with ScriptedServer(answer(response)) as server:
            done = self.get(server.url(), *flags, code=code)
        self.assertEqual(server.failures, [])
        return done

    def assertBody(self, response, size, status=200):
        done = self.from_server(response)
        self.assertEqual(done.report["status"], status)
        self.assertEqual(done.attempt["response"]["body_bytes"], size)
        return done

    def test_content_length(self):
        """A body of Content-Length ends after that many bytes, whatever follows."""
        done = self.assertBody(ok(b"12345"), 5)
        self.assertEqual(done.attempt["response"]["content_length"], 5)

    def test_chunked(self):
        """A chunked body with extensions and trailers ends at its last chunk."""
        done = self.assertBody(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Checksum\r\n\r\n"
            b"5;name=value\r\nhello\r\n6\r\n world\r\n0\r\nChecksum: abc\r\n\r\n",
            11,
        )
        self.assertIsNone(done.attempt["response"]["content_length"])
        self.assertEqual(done.attempt["response"]["trailers"], [["Checksum", "abc"]])

    def test_until_end(self):
        """A body without length ends with the connection."""
        self.assertBody(b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 70000, 70000)
        self.assertBody(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc", 3)

    def test_no_body(self):
        """204 and 304 have no body, whatever their headers claim."""
        self.assertBody(b"HTTP/1.1 204 No Content\r\n\r\n", 0, status=204)
        self.assertBody(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n", 0, status=304)

    def test_head(self):
        """A HEAD ends with the head, and the announced length is kept."""
        done = self.from_server(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", "-I")
        self.assertEqual(done.report["method"], "HEAD")
        self.assertEqual(done.attempt["response"]["content_length"], 1000)
        self.assertEqual(done.attempt["response"]["body_bytes"], 0)

    def test_no_reason(self):
        """A status line without a reason is HTTP."""
        self.assertBody(b"HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\nx", 1)

    def test_version(self):
        """The version of the response is reported."""
        self.assertEqual(self.from_server(ok()).attempt["http_version"], "1.1")
        self.assertEqual(
            self.from_server(b"HTTP/1.0 200 OK\r\n\r\nx").attempt["http_version"], "1.0"
        )

    def test_bytewise(self):
        """A response that comes byte by byte reads the same."""
        response = (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        )

        def script(peer):
            peer.read_request()
            for byte in response:
                peer.send(bytes([byte]))

        with ScriptedServer(script) as server:
            done = self.get(server.url())
        self.assertEqual(done.attempt["response"]["body_bytes"], 3)
        self.assertIn(["X", "y"], done.attempt["response"]["headers"])

    def test_nginx(self):
        """What nginx serves is measured to the byte: a file, nothing, chunks, ten megabytes."""
        for path, status, size in (
            ("/1k", 200, 1024),
            ("/204", 204, 0),
            ("/page.shtml", 200, 3000),
            ("/10m", 200, 10 * 1024 * 1024),
            ("/missing", 404, None),
            ("/302", 302, None),
            ("/tree/", 200, None),
            ("/429", 429, None),
            ("/503", 503, None),
        ):
            with self.subTest(path):
                done = self.get(self.nginx.url(path))
                self.assertEqual(done.report["status"], status)
                if size is not None:
                    self.assertEqual(done.attempt["response"]["body_bytes"], size)


class Interim(Case):
    """1xx before the final answer."""

    def test_103(self):
        """Interim responses are kept apart, and the final status line ends the wait."""

        def script(peer):
            peer.read_request()
            peer.send(
                b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
            )
            peer.pause(0.05)
            peer.send(ok())

        with ScriptedServer(script) as server:
            done = self.get(server.url())
        self.assertEqual(done.report["status"], 200)
        self.assertGreaterEqual(done.phases["response"]["dur_us"], 50_000)
        self.assertEqual([interim["status"] for interim in done.attempt["interim"]], [100, 103])
        for interim in done.attempt["interim"]:
            self.assertLess(interim["at_us"], done.phases["body"]["start_us"] - 40_000)

    def test_101(self):
        """101 Switching Protocols, never asked for, is refused."""
        with ScriptedServer(
            answer(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n")
        ) as server:
            done = self.get(server.url(), code=8)
        self.assertFails(done, "upgrade_refused", "response")

    def test_endless(self):
        """A server that only ever sends interim responses is given up."""

        def script(peer):
            peer.read_request()
            for _ in range(5000):
                peer.send(b"HTTP/1.1 103 Early Hints\r\n\r\n")
            peer.wait_for_close()

        with ScriptedServer(script) as server:
            done = self.get(server.url(), code=8)
        self.assertFails(done, "too_many_interim", "response")

    def test_upload_cut(self):
        """A connection reset inside the upload fails to send."""

        def script(peer):
            peer.read_head()
            peer.reset()

        with ScriptedServer(script, receive_buffer=8192) as server:
            done = self.get(server.url(), "--data-binary", "@-", stdin=b"x" * (8 << 20), code=55)
        self.assertFails(done, "send_failed", "request")

    def test_early(self):
        """An answer that beats the upload ends the request, and the report says so."""

        def script(peer):
            peer.read_head()
            peer.send(
                b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            )
            peer.wait_for_close()

        with ScriptedServer(script, receive_buffer=8192) as server:
            done = self.get(server.url(), "--data-binary", "@-", stdin=b"x" * (32 << 20))
        self.assertEqual(done.report["status"], 413)
        self.assertTrue(done.attempt["early_response"])


class Malformed(Case):
    """What is cut, garbage or smuggling-shaped is refused by its name."""

    def refused(self, response, code, exit_code, phase):
        with ScriptedServer(answer(response)) as server:
            done = self.get(server.url(), code=exit_code)
        self.assertFails(done, code, phase)
        self.assertEqual(done.phases["request"]["outcome"], "ok")
        return done

    def test_empty_reply(self):
        """A connection closed without a byte is an empty reply."""
        self.refused(b"", "empty_reply", 52, "response")

    def test_reset(self):
        """A connection reset instead of an answer fails to receive."""

        def script(peer):
            peer.read_request()
            peer.reset()

        with ScriptedServer(script) as server:
            done = self.get(server.url(), code=56)
        self.assertFails(done, "receive_failed", "response")

    def test_cut_head(self):
        """A head that ends early is cut."""
        self.refused(b"HTTP/1.1 200 OK\r\nContent-Len", "head_cut", 56, "body")

    def test_cut_status_line(self):
        """A status line that ends early is cut."""
        self.refused(b"HTTP/1.1 20", "head_cut", 56, "response")

    def test_cut_body(self):
        """A body shorter than announced is cut, and what came is counted."""
        done = self.refused(
            ok(b"x" * 100).replace(b"Length: 100", b"Length: 200"), "body_cut", 18, "body"
        )
        self.assertEqual(done.report["status"], 200)
        self.assertEqual(done.attempt["response"]["body_bytes"], 100)

    def test_cut_chunks(self):
        """Chunks without their last one are cut."""
        self.refused(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
            "body_cut",
            18,
            "body",
        )

    def test_bad_chunk(self):
        """A chunk size that is no number is invalid."""
        self.refused(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
            "body_invalid",
            56,
            "body",
        )

    def test_garbage(self):
        """Garbage is not HTTP."""
        self.refused(b"\x00\x01\x02 garbage\r\n\r\n", "not_http", 8, "response")

    def test_other_protocol(self):
        """A mail server's greeting is not HTTP."""
        self.refused(b"220 mail.example ESMTP\r\n", "not_http", 8, "response")

    def test_length_and_chunks(self):
        """Content-Length together with Transfer-Encoding is refused."""
        self.refused(
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "ambiguous_framing",
            8,
            "body",
        )

    def test_two_lengths(self):
        """Two different lengths are refused."""
        self.refused(
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
            "ambiguous_framing",
            8,
            "body",
        )

    def test_bare_cr(self):
        """A bare CR in a head is refused."""
        self.refused(
            b"HTTP/1.1 200 OK\r\nX: a\rY: b\r\nContent-Length: 0\r\n\r\n", "not_http", 8, "body"
        )

    def test_large_head(self):
        """A head over 64 KiB is refused, one below is read."""
        self.refused(
            ok(headers=b"X: " + b"x" * 66000 + b"\r\n"), "headers_too_large", 56, "body"
        )
        self.refused(
            ok(headers=b"".join(b"X-%d: y\r\n" % i for i in range(9000))),
            "headers_too_large",
            56,
            "body",
        )
        with ScriptedServer(answer(ok(headers=b"X: " + b"x" * 60000 + b"\r\n"))) as server:
            self.assertEqual(self.get(server.url()).report["status"], 200)
