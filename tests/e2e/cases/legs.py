"""Redirects: each leg timed, drawn and recorded apart."""

import os

from support.case import Case, world
from support.nginx import body_of
from support.scripted import ScriptedServer, ok


class Redirects(Case):
    """-L against a real nginx."""

    def test_not_followed(self):
        """Without -L a redirect is an answer like any other, and exit 0."""
        done = self.get(self.nginx.url("/to-1k"))
        self.assertEqual(done.report["status"], 302)
        self.assertEqual(len(done.report["legs"]), 1)

    def test_followed(self):
        """Each leg has its status and its phases, and the later ones reuse the connection."""
        done = self.get(self.nginx.url("/to-to-1k"), "-L")
        legs = done.report["legs"]
        self.assertEqual([leg["status"] for leg in legs], [301, 302, 200])
        self.assertEqual(legs[2]["url"], self.nginx.url("/1k"))
        self.assertEqual([leg["attempts"][0]["reused"] for leg in legs], [False, True, True])
        starts = [leg["attempts"][0]["start_us"] for leg in legs]
        self.assertEqual(starts, sorted(starts))
        last = legs[2]["attempts"][0]
        self.assertEqual(done.report["total_us"], last["start_us"] + last["dur_us"])
        self.assertIsNone(last["superseded"])

    def test_recorded(self):
        """Each leg is a subsegment of its own, and its id is the parent its request named."""
        done = self.get(self.nginx.url("/to-1k"), "-L", "-i")
        first, second = self.document["subsegments"]
        seen = [
            dict(leg["attempts"][0]["response"]["headers"])["X-Seen-Trace"]
            for leg in done.report["legs"]
        ]
        self.assertIn(f"Parent={first['id']};", seen[0])
        self.assertIn(f"Parent={second['id']};", seen[1])
        self.assertEqual(first["http"]["response"]["status"], 302)
        self.assertEqual(second["http"]["request"]["url"], self.nginx.url("/1k"))
        self.assertNotIn("hidden", str(self.document) + done.text)

    def test_body(self):
        """-o holds the last leg's body alone."""
        path = os.path.join(world().directory, "last-leg")
        self.get(self.nginx.url("/to-1k"), "-L", "-o", path)
        with open(path, "rb") as file:
            self.assertEqual(file.read(), body_of(1024))

    def test_loop(self):
        """A loop ends at --max-redirs with exit 47, and is named."""
        done = self.get(self.nginx.url("/loop"), "-L", "--max-redirs", "3", code=47)
        self.assertEqual(done.report["error"]["code"], "too_many_redirects")
        self.assertIn("leads to itself", done.report["error"]["message"])
        self.assertEqual(len(done.report["legs"]), 4)

    def test_astray(self):
        """A Location that is no http URL ends with exit 47."""
        done = self.get(self.nginx.url("/astray"), "-L", code=47)
        self.assertEqual(done.report["error"]["code"], "bad_redirect")

    def test_method(self):
        """302 makes a POST a GET without its body; 307 repeats method and body."""
        with ScriptedServer(_leading("302 Found")) as server:
            self.assertEqual(self.xtrace("post", "-L", "-d", "abc", server.url()).code, 0)
        self.assertEqual([r.line for r in server.requests], ["POST / HTTP/1.1", "GET /b HTTP/1.1"])
        self.assertEqual(server.requests[1].body, b"")
        with ScriptedServer(_leading("307 Temporary Redirect")) as server:
            self.assertEqual(self.xtrace("post", "-L", "-d", "abc", server.url()).code, 0)
        self.assertEqual(server.requests[1].line, "POST /b HTTP/1.1")
        self.assertEqual(server.requests[1].body, b"abc")

    def test_picture(self):
        """The picture has a title for each leg, one axis, and the total at its end."""
        done = self.xtrace("get", "-L", self.nginx.url("/to-1k"))
        self.assertEqual(done.code, 0, done)
        self.assertIn("1  GET " + self.nginx.url("/to-1k") + "\n", done.text)
        self.assertIn("2  GET " + self.nginx.url("/1k") + "\n", done.text)
        self.assertRegex(done.text, r"\ntotal [0-9.]+[mu]?s  2 requests, 1 redirect\n")

    def test_conversation(self):
        """-v tells the redirect and both heads, the query masked."""
        done = self.xtrace("get", "-L", "-v", self.nginx.url("/to-1k"))
        self.assertIn("> GET /to-1k HTTP/1.1\n", done.notes)
        self.assertIn("> GET /1k?*** HTTP/1.1\n", done.notes)
        self.assertIn("redirected by 302 to " + self.nginx.url("/1k") + "\n", done.notes)
        self.assertIn("reused connection, idle for ", done.notes)


class Told(Case):
    """What the server says beside its answer."""

    def test_compressed(self):
        """--compressed asks for a coding and decodes; without it the head is as ever."""
        path = os.path.join(world().directory, "decoded")
        done = self.get(self.nginx.url("/packed/64k"), "--compressed", "-o", path)
        response = done.attempt["response"]
        self.assertEqual(response["content_encoding"], "gzip")
        self.assertEqual(response["decoded_bytes"], 65536)
        self.assertLess(response["body_bytes"], 10000)
        with open(path, "rb") as file:
            self.assertEqual(file.read(), body_of(65536))
        done = self.get(self.nginx.url("/packed/64k"))
        self.assertIsNone(done.attempt["response"]["content_encoding"])

    def test_server_timing(self):
        """Server-Timing is in the report and below the picture."""
        done = self.get(self.nginx.url("/timed"))
        self.assertEqual(
            done.attempt["response"]["server_timing"],
            [
                {"name": "db", "dur_us": 10, "description": None},
                {"name": "app", "dur_us": None, "description": "x"},
            ],
        )
        self.assertIn("server says  db ", self.xtrace("get", self.nginx.url("/timed")).text)

    def test_retry_after(self):
        """Retry-After is in the report and in a hint."""
        done = self.get(self.nginx.url("/busy"))
        self.assertEqual(done.attempt["response"]["retry_after_us"], 120000000)
        picture = self.xtrace("get", self.nginx.url("/busy")).text
        self.assertIn("the server asks to come back in 2m (Retry-After)", picture)


def _leading(status):
    """Answers the first request by a redirect to /b, the second by 200."""

    def script(peer):
        peer.read_request()
        peer.send(
            f"HTTP/1.1 {status}\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n".encode("ascii")
        )
        peer.read_request()
        peer.send(ok())

    return script
