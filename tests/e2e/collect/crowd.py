"""Many clients at once, and some that mean it no good."""

import concurrent.futures
import json

from collect.command_line import trace, trace_id
from support.collector import CollectorCase
from support.wire import Wire

CLIENTS = 100


class Crowd(CollectorCase):
    """One collector, whatever they do to it."""

    def put_and_read(self, number):
        """One client's work: three traces, each asked for again."""
        for at in range(3):
            wanted = number * 3 + at
            documents = trace(wanted)
            if self.collector.put(*documents):
                return "refused"
            if self.collector.documents(trace_id(wanted), 2) != list(documents):
                return "changed"
        return "done"

    def test_hundred_clients(self):
        """A hundred clients at once put traces and get theirs back, each whole."""
        with concurrent.futures.ThreadPoolExecutor(max_workers=CLIENTS) as pool:
            verdicts = list(pool.map(self.put_and_read, range(CLIENTS)))
        self.assertEqual(verdicts, ["done"] * CLIENTS)

    def test_hostile_bodies(self):
        """A body that is huge, deep, cut or of another kind is refused in a sentence."""
        deep = b'{"TraceIds":' + b"[" * 100000 + b"]" * 100000 + b"}"
        bodies = [deep, b'{"TraceIds":["', b"\xff\xfe", b'{"TraceIds":{}}', b"[]", b"null", b"\0"]
        bodies.append(b'{"TraceIds":[' + b",".join([b'"x"'] * 101) + b"]}")
        bodies.append(b'{"TraceIds":[' + b",".join([b"0"] * 1000000) + b"]}")
        for body in bodies:
            with self.subTest(body=body[:40]):
                answer = self.collector.ask("/Traces", body, status=400)
                self.assertRegex(answer["message"], r"^[A-Z].*\.$")
        with Wire(self.collector.tcp[1]) as wire:
            host = self.collector.endpoint.removeprefix("http://")
            head = f"POST /Traces HTTP/1.1\r\nHost: {host}\r\nContent-Length: 16777217\r\n\r\n"
            wire.send(head.encode())
            self.assertEqual(wire.answer().status, 413)

    def test_hostile_documents(self):
        """Documents of any depth and with any text go in and come out, and are told."""
        named = dict(trace(900)[0], name="<script>alert(1)</script>\u2028\U0001f600")
        deep = json.dumps(trace(901)[0])[:-1] + ',"metadata":{"a":' + '[' * 600 + ']' * 600 + "}}"
        answer = self.collector.ask(
            "/TraceSegments", {"TraceSegmentDocuments": [json.dumps(named), deep, "[" * 60000]}
        )
        codes = [each["ErrorCode"] for each in answer["UnprocessedTraceSegments"]]
        self.assertEqual(codes, ["InvalidName", "ParseError", "ParseError"])
        self.assertEqual(self.collector.documents(trace_id(900)), [named])
        answer = self.collector.ask("/TraceGraph", {"TraceIds": [trace_id(900)]})
        self.assertIn(named["name"], [each["Name"] for each in answer["Services"]])

    def test_other_sites(self):
        """A page of another site can neither put nor ask, under whatever name it finds us."""
        for headers in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}):
            with self.subTest(headers=headers):
                body = {"TraceSegmentDocuments": []}
                self.collector.ask("/TraceSegments", body, status=403, headers=headers)
