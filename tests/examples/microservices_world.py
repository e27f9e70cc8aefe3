"""What tests/examples/microservices_check.py stands on: the services as processes, what they fetch,
and a daemon.
"""

import http.client
import http.server
import json
import os
import pathlib
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
from support.daemon import Daemon  # noqa: E402 - found by the line above

FOREIGN = re.compile(".*_proxy|AWS_XRAY_.*|NO_COLOR", re.I)  # would change what is told
ENVIRONMENT = {k: v for k, v in os.environ.items() if not FOREIGN.fullmatch(k)}
HUGE, LIMIT = 300_000, 100_000
PATIENCE = 20


class Target(http.server.BaseHTTPRequestHandler):
    """What is fetched. `/slow` says nothing until the client has given up."""

    def do_GET(self):  # noqa: N802 - the name is the base class's
        self.server.asked.append(self.path)
        if self.path.startswith("/slow"):
            self.connection.recv(1)
            return
        sizes = {"/huge": HUGE, "/larger": LIMIT}
        body = b"x" * sizes.get(self.path, 0) or self.path.encode()
        self.send_response(500 if self.path == "/500" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Silent."""


class Collector(Daemon):
    """A daemon that waits: a segment leaves a moment after the answer that it is about."""

    def __init__(self):
        super().__init__()
        self.documents = []
        self.counts = {}

    def gather(self, trace_id, count):
        """All documents of the trace, once there are so many. More shall never come."""
        self.counts[trace_id] = count
        deadline = time.monotonic() + PATIENCE
        while True:
            self.documents += self.drain()
            found = [d for d in self.documents if d["trace_id"] == trace_id]
            if len(found) >= count:
                return found
            left = deadline - time.monotonic()
            assert left > 0 and select.select([self._socket], [], [], left)[0], found

    def check_counts(self):
        """When all who could send have ended."""
        self.documents += self.drain()
        for trace_id, count in self.counts.items():
            found = [d["name"] for d in self.documents if d["trace_id"] == trace_id]
            assert len(found) == count, f"{trace_id} is told {len(found)} times: {found}"


class World:
    """A target, a port where nobody listens, and a daemon."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.daemon = Collector()
        self.target = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Target)
        self.target.daemon_threads = True
        self.target.asked = []
        threading.Thread(
            target=self.target.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()
        self.site = f"127.0.0.1:{self.target.server_port}"
        self.silent = socket.socket()
        self.silent.bind(("127.0.0.1", 0))
        self.nobody = f"127.0.0.1:{self.silent.getsockname()[1]}"

    def run(self, program, *words):
        """A command to its end."""
        return subprocess.run(
            [self.directory / program, *words],
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def ask(self, program, *words):
        """A command line of theirs, with our daemon."""
        return self.run(program, *words, "-d", self.daemon.address)

    def start(self, program, *words):
        """The same, without waiting for its end."""
        return subprocess.Popen(
            [self.directory / program, *words, "-d", self.daemon.address],
            env=ENVIRONMENT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )


class Service:
    """A program that serves. Its log is read to the end by `close`."""

    def __init__(self, world, program, *words, listen="127.0.0.1:0"):
        self.process = subprocess.Popen(
            [world.directory / program, "-l", listen, "-d", world.daemon.address, *words],
            env=ENVIRONMENT,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.log = []

    def wait_for(self, mark):
        """What follows `mark` in the log."""
        for line in self.process.stderr:
            self.log.append(line)
            if mark in line:
                return line.partition(mark)[2].strip()
        raise AssertionError(f"no '{mark}' in {self.log}")

    def wait_for_start(self, path):
        """The id of the request for `path`, once it is under way."""
        self.wait_for(f" GET={path}\n")
        return re.search("started id=(\\S+) ", self.log[-1])[1]

    def listens(self):
        self.address = self.wait_for("listens on http://")
        return self

    def close(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.log += self.process.stderr
        code = self.process.wait(PATIENCE)
        assert code == 0, f"it ended with {code}: {self.log}"
        return "".join(self.log)


def call(address, method, path, body=None, **headers):
    """Status, headers and JSON (or text) of one request."""
    connection = http.client.HTTPConnection(address, timeout=PATIENCE)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    is_json = answer.headers["Content-Type"].startswith("application/vnd.goa.")
    return answer.status, answer.headers, json.loads(text) if is_json else text


def refusal(answer, status, code, detail):
    """Holds an error body against what it should be; returns its meta."""
    got, headers, body = answer
    assert (got, body["status"], body["code"]) == (status, status, code), answer
    assert set(body) == {"id", "code", "status", "detail", "meta"}, body
    assert headers["Content-Type"] == "application/vnd.goa.error"
    assert body["id"] == headers["X-Request-Id"], "the id is the one that the log knows"
    assert re.search(detail, body["detail"]), body
    return body["meta"]


def outline(documents, names, caller=None):
    """The trace as text: a line a node, indented, joined across documents by their parent ids."""
    below = {}
    for document in documents:
        below.setdefault(document.get("parent_id"), []).append(document)

    def walk(node, depth):
        words = [names.get(node["name"], node["name"])]
        if "response" in node.get("http", {}):
            words.append(str(node["http"]["response"]["status"]))
        words += [flag for flag in ("error", "fault", "throttle") if node.get(flag)]
        words += [e["type"] for e in node.get("cause", {}).get("exceptions", [])]
        children = sorted(node.get("subsegments", []), key=lambda child: child["start_time"])
        children += below.pop(node["id"], [])
        return ["  " * depth + " ".join(words)] + sum((walk(c, depth + 1) for c in children), [])

    (root,) = below.pop(caller)
    lines = walk(root, 0)
    assert not below, f"documents without their parents: {below}"
    return "\n".join(lines) + "\n"
