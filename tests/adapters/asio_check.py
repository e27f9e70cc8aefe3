"""Holds examples/asio against what it shows: `asio_check.py PROGRAM`.

Its service reads URLs from a bare socket and fetches them on a loop that is not its own.
"""

import sys
import threading

from example_service import Daemon, ExampleService, children
from support.ports import refusing_port
from support.scripted import ScriptedServer, answer, ok, silent


def ask(connection, *urls):
    """Sends the URLs at once; the lines that come back."""
    connection.sendall("".join(f"{url}\n" for url in urls).encode())
    with connection.makefile("r") as lines:
        return [lines.readline().rstrip("\n") for _ in urls]


def check_lines(service, daemon):
    """Each line is answered in its turn, and recorded with the phases of its call."""
    with ScriptedServer(answer(ok(b"hello\n"))) as server, service.connect() as connection:
        refused = f"http://127.0.0.1:{refusing_port()}/"
        good, bad, failed = ask(connection, server.url("/a"), "ftp://nowhere", refused)
        assert good == "200 6 bytes", good
        assert "ftp" in bad and "refused" in failed, (bad, failed)
        first, second = daemon.await_documents(2)
        (call,) = children(first)
        phases = [child["name"] for child in children(call)]
        assert phases == ["connect", "request", "response", "body"], phases
        header = server.requests[0].header("X-Amzn-Trace-Id")
        assert header == f"Root={first['trace_id']};Parent={call['id']};Sampled=1", header
        assert children(second)[0]["fault"] is True, second


def check_many(service, daemon):
    """Connections that wait at the same time do not wait for each other."""
    with ScriptedServer(silent) as mute, ScriptedServer(answer(ok(b"hello\n"))) as server:
        with service.connect() as waiting, service.connect() as served:
            waiting.sendall(f"{mute.url()}\n".encode())
            assert ask(served, *[server.url("/b")] * 20) == ["200 6 bytes"] * 20
            daemon.await_documents(20)
    # The mute server cut the connection when it was closed.
    assert children(*daemon.await_documents(1))[0]["fault"] is True


def check_end(program, daemon):
    """A service that ends with a call under way gives up the call, and records that."""
    is_asked = threading.Event()

    def ask_and_wait(peer):
        is_asked.set()
        silent(peer)

    with ScriptedServer(ask_and_wait) as mute:
        with ExampleService([program], daemon) as service, service.connect() as connection:
            connection.sendall(f"{mute.url('/never')}\n".encode())
            assert is_asked.wait(10)
            service.close()
    (segment,) = daemon.await_documents(1)
    (exception,) = children(segment)[0]["cause"]["exceptions"]
    assert exception["type"] == "cancelled", segment


def main(program):
    daemon = Daemon()
    with ExampleService([program], daemon) as service:
        check_lines(service, daemon)
        check_many(service, daemon)
    check_end(program, daemon)


if __name__ == "__main__":
    main(sys.argv[1])
