"""What AWS's SDKs were recorded sending, forwarded to a daemon and to a collector of OpenTelemetry.

Debian has no collector; this one refuses what the protocol's messages do not have, as a decoder
made of their definitions does, and is not there at first.
"""

import http.server
import json
import pathlib
import re
import socket
import threading
import unittest

from support.collector import Collector

DATA = pathlib.Path(__file__).resolve().parent.parent / "data" / "sdk_datagrams"


def nanos(value):
    return isinstance(value, str) and value.isdigit() and int(value) < 2**64


def text(value):
    return isinstance(value, str)


def number(value):
    return isinstance(value, int)


def digits(count):
    return lambda value: text(value) and re.fullmatch(f"[0-9a-f]{{{count}}}", value)


#: By message of opentelemetry/proto: a test, a message, or a list of one, for each field in JSON.
ANY = {
    "stringValue": text,
    "boolValue": lambda value: isinstance(value, bool),
    "intValue": lambda value: text(value) and re.fullmatch("-?[0-9]+", value),
    "doubleValue": lambda value: isinstance(value, float),
}
ANY["arrayValue"] = {"values": [ANY]}
ATTRIBUTES = [{"key": text, "value": ANY}]
SPAN = {
    "traceId": digits(32),
    "spanId": digits(16),
    "parentSpanId": digits(16),
    "name": text,
    "kind": number,
    "startTimeUnixNano": nanos,
    "endTimeUnixNano": nanos,
    "attributes": ATTRIBUTES,
    "events": [{"timeUnixNano": nanos, "name": text, "attributes": ATTRIBUTES}],
    "links": [{"traceId": digits(32), "spanId": digits(16), "attributes": ATTRIBUTES}],
    "status": {"code": number, "message": text},
}
REQUEST = {
    "resourceSpans": [
        {
            "resource": {"attributes": ATTRIBUTES},
            "scopeSpans": [{"scope": {"name": text, "version": text}, "spans": [SPAN]}],
        }
    ]
}


def complaints(message, shape, path):
    """What a value has that its message has not."""
    if callable(shape):
        return [] if shape(message) else [f"{path}: {message!r}"]
    if isinstance(shape, list):
        if not isinstance(message, list):
            return [f"{path} is no list"]
        return [each for one in message for each in complaints(one, shape[0], path)]
    found = [f"{path}.{name}" for name in message if name not in shape]
    for name in message.keys() & shape.keys():
        found += complaints(message[name], shape[name], f"{path}.{name}")
    return found


class OtlpCollector(http.server.ThreadingHTTPServer):
    """Answers 503 once, and then takes everything."""

    def __init__(self):
        self.requests = 0
        self.spans = []
        self.wrong = []
        super().__init__(("127.0.0.1", 0), OtlpHandler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class OtlpHandler(http.server.BaseHTTPRequestHandler):
    """POST /v1/traces"""

    def do_POST(self):  # pylint: disable=invalid-name
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests += 1
        is_first = self.server.requests == 1
        if not is_first:
            self.take(body)
        self.send_response(503 if is_first else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def take(self, body):
        if (self.path, self.headers["Content-Type"]) != ("/v1/traces", "application/json"):
            self.server.wrong.append(f"{self.path} {self.headers}")
        self.server.wrong += complaints(body, REQUEST, "request")
        for resource in body["resourceSpans"]:
            for scope in resource["scopeSpans"]:
                self.server.spans += scope["spans"]

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass


class Forwarding(unittest.TestCase):
    """One collector, two targets."""

    def test_both(self):
        """A daemon gets every datagram, a collector every span, once each, by the time it ends."""
        otlp = OtlpCollector()
        self.addCleanup(otlp.server_close)
        self.addCleanup(otlp.shutdown)
        with socket.socket(type=socket.SOCK_DGRAM) as daemon:
            daemon.bind(("127.0.0.1", 0))
            daemon.settimeout(10)
            to_daemon = "udp://127.0.0.1:%d" % daemon.getsockname()[1]
            to_otlp = "otlp://127.0.0.1:%d" % otlp.server_address[1]
            collector = Collector("--forward", to_daemon, "--forward", to_otlp)
            sent = []
            with socket.socket(type=socket.SOCK_DGRAM) as sender:
                for file in sorted(DATA.iterdir()):
                    lines = file.read_text(encoding="utf-8").splitlines()
                    for header, line in zip(lines[::2], lines[1::2]):
                        sender.sendto(f"{header}\n{line}".encode(), collector.udp)
                        sent.append(line)
            # Datagrams of one batch are padded to one length.
            got = [daemon.recv(65536).decode().split("\n", 1)[1].rstrip() for _ in sent]
            collector.close()
        self.assertEqual(sorted(got), sorted(sent))
        self.assertEqual(otlp.wrong, [])
        self.assertGreater(otlp.requests, 1)
        documents = [json.loads(line) for line in sent]
        ids = [each["id"] for each in documents]
        ids += [sub["id"] for each in documents for sub in each.get("subsegments", [])]
        self.assertEqual(sorted(span["spanId"] for span in otlp.spans), sorted(ids))
        names = {span["name"]: span["kind"] for span in otlp.spans}
        self.assertEqual(names["bench-go"], 2)
        self.assertEqual(names["api.example.com"], 3)
