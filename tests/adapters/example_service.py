"""An example as a service: started, traced by a daemon of ours, ended by the end of its stdin."""

import os
import pathlib
import socket
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from support.daemon import Daemon, children  # noqa: E402

TRACE = "1-5759e988-bd862e3fe1be46a994272793"
CALLER = "53995c3f42cd8ad8"


class ExampleService:
    """A context manager; `where` is the line by which the program says where it listens."""

    def __init__(self, command, daemon):
        environment = dict(os.environ, AWS_XRAY_DAEMON_ADDRESS=daemon.address)
        self._process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.where = self._process.stdout.readline().strip()
        assert self.where, f"{command[0]} ended with {self._process.wait()} before it listened"

    @property
    def address(self):
        host, _, port = self.where.removeprefix("http://").rstrip("/").partition(":")
        return host, int(port)

    def connect(self, receive_buffer=None):
        connection = socket.socket()
        if receive_buffer is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.settimeout(10)
        connection.connect(self.address)
        return connection

    def ask(self, path, *fields, method="GET", body=""):
        """The answer to one request, whole, on a connection of its own."""
        lines = [f"{method} {path} HTTP/1.1", "Host: shop.example.com", "Connection: close"]
        lines += [*fields, f"Content-Length: {len(body)}"]
        return self.send("\r\n".join(lines) + "\r\n\r\n" + body)

    def send(self, text, end=None):
        """What comes back until `end`, or until the service closes."""
        with self.connect() as connection:
            connection.sendall(text.encode("latin-1"))
            reply = ""
            while not (end and reply.endswith(end)) and (piece := connection.recv(65536)):
                reply += piece.decode("latin-1")
        return reply

    def close(self):
        """Lets it end, and waits until it has."""
        self._process.stdin.close()
        code = self._process.wait(20)
        self._process.stdout.close()
        assert code == 0, f"{self._process.args[0]} ended with {code}"

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if not self._process.stdin.closed:
            self.close()


def trace_field(sampled="1"):
    """The header of a caller that is traced."""
    return f"X-Amzn-Trace-Id: Root={TRACE};Parent={CALLER};Sampled={sampled}"


def assert_called_by_neighbours(service, daemon, path):
    """Our own command and curl ask the service: their trace goes on in it."""
    environment = dict(os.environ, AWS_XRAY_DAEMON_ADDRESS=daemon.address, NO_PROXY="*")
    url = service.where.rstrip("/") + path

    def documents_of(*command, count):
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
        assert done.returncode == 0, done
        return daemon.await_documents(count)

    documents = documents_of(os.environ["XTRACE"], "get", url, count=2)
    # Only what was asked over HTTP says so of itself.
    (served,) = [document for document in documents if "http" in document]
    (caller,) = [document for document in documents if "http" not in document]
    (call,) = children(caller)
    assert served["parent_id"] == call["id"] and served["trace_id"] == caller["trace_id"], documents
    (served,) = documents_of("curl", "-sSf", "-H", trace_field(), url, count=1)
    assert served["parent_id"] == CALLER and served["trace_id"] == TRACE, served


def run_demo(program, daemon):
    """What the program prints on its own, and the documents by the names of their services."""
    environment = dict(os.environ, AWS_XRAY_DAEMON_ADDRESS=daemon.address)
    done = subprocess.run([program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done
    return done.stdout, {document["name"]: document for document in daemon.await_documents(3)}


def assert_one_trace(printed, documents, *names):
    """The services called each other in this order: each one's caller is a remote subsegment."""
    assert set(documents) == set(names), documents
    for caller, callee in zip(names, names[1:]):
        (call,) = children(documents[caller])
        assert call["namespace"] == "remote" and call["http"]["response"]["status"] == 200, call
        assert documents[callee]["parent_id"] == call["id"], (call, documents[callee])
        assert documents[callee]["http"]["request"]["url"] == call["http"]["request"]["url"]
    traces = {document["trace_id"] for document in documents.values()}
    assert len(traces) == 1 and traces.pop() in printed, (printed, documents)


__all__ = [
    "CALLER",
    "Daemon",
    "ExampleService",
    "TRACE",
    "assert_called_by_neighbours",
    "assert_one_trace",
    "children",
    "run_demo",
    "trace_field",
]
