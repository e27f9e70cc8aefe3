"""Holds examples/httplib against what its adapter promises: `httplib_check.py PROGRAM`.

The program's shop is asked over bare sockets; the stock that it asks is a script of ours.
"""

import sys

from example_service import (
    CALLER,
    TRACE,
    Daemon,
    ExampleService,
    assert_called_by_neighbours,
    assert_one_trace,
    children,
    run_demo,
    trace_field,
)
from support.ports import refusing_port
from support.scripted import ScriptedServer, answer, ok


class Shop:
    """The shop, and the segment that each question left behind."""

    def __init__(self, service, daemon):
        self._service = service
        self._daemon = daemon

    def ask(self, *request, **options):
        reply = self._service.ask(*request, **options)
        return reply, *self._daemon.await_documents(1)

    def ask_and_leave(self, path):
        # With a small buffer, both sockets hold less than the answer.
        with self._service.connect(receive_buffer=4096) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: shop\r\n\r\n".encode())
            assert connection.recv(16)
        (segment,) = self._daemon.await_documents(1)
        return segment

    def send(self, text, end):
        return self._service.send(text, end), *self._daemon.await_documents(1)


def check_call(shop, stock):
    """A handler's call is a child of the request's segment, and its header names it."""
    reply, segment = shop.ask("/items/lamp?key=secret", trace_field("?"))
    assert reply.endswith("\r\n\r\n3 in stock\n"), reply
    assert f"X-Amzn-Trace-Id: Root={TRACE};Sampled=1\r\n" in reply, reply
    assert segment["trace_id"] == TRACE and segment["parent_id"] == CALLER, segment
    assert segment["name"] == "shop" and "fault" not in segment, segment
    http = segment["http"]
    assert http["request"]["url"] == "http://shop.example.com/items/lamp", http
    assert http["request"]["client_ip"] == "127.0.0.1", http
    assert http["response"] == {"status": 200, "content_length": len("3 in stock\n")}, http
    (call,) = children(segment)
    assert call["name"] == stock.address and call["namespace"] == "remote", call
    assert call["http"]["request"]["method"] == "GET", call
    assert call["http"]["response"] == {"status": 200, "content_length": 1}, call
    assert "subsegments" not in call, "httplib tells no phases"
    wanted = f"Root={TRACE};Parent={call['id']};Sampled=1"
    assert stock.requests[-1].header("X-Amzn-Trace-Id") == wanted, stock.requests[-1].head


def check_forwarded(shop):
    """The client is the one whom the trusted proxy saw, also where it adds a field of its own."""
    fields = ("User-Agent: buyer/1", "X-Forwarded-For: 6.6.6.6", "X-Forwarded-For: 192.0.2.7")
    second = ("User-Agent: other/2", "X-Amzn-Trace-Id: Root=other;Sampled=0")
    _, segment = shop.ask("/catalogue", trace_field(), *fields, *second)
    assert segment["parent_id"] == CALLER, segment
    request = segment["http"]["request"]
    assert request["client_ip"] == "192.0.2.7" and request["x_forwarded_for"], request
    assert request["user_agent"] == "buyer/1", request


def check_bodies(shop):
    """Bodies that are made while they are sent are counted, and one that breaks off is told."""
    for path, length in (("/catalogue", 120), ("/price-list", 8_000_000)):
        reply, segment = shop.ask(path)
        wanted = {"status": 200, "content_length": length}
        assert segment["http"]["response"] == wanted, (path, segment)
        assert "X-Amzn-Trace-Id" not in reply, reply[:300]
    _, segment = shop.ask("/price-list", "Range: bytes=0-99")
    assert segment["http"]["response"] == {"status": 206, "content_length": 100}, segment
    reply, segment = shop.ask("/price-list", method="HEAD")
    assert reply.endswith("\r\n\r\n"), reply
    assert segment["http"]["response"] == {"status": 200, "content_length": 0}, segment
    _, segment = shop.ask("/catalogue?torn=1")
    assert segment["fault"] is True and "gave up" in str(segment["cause"]), segment
    assert segment["http"]["response"] == {"status": 200, "content_length": 60}, segment
    segment = shop.ask_and_leave("/price-list")
    (exception,) = segment["cause"]["exceptions"]
    assert exception["type"] == "peer_left" and segment["error"] is True, segment
    assert segment["http"]["response"]["status"] == 200, segment


def check_refusals(shop):
    """What no handler answers has a segment too, and so has what a handler throws."""
    reply, segment = shop.ask("/nowhere")
    assert reply.startswith("HTTP/1.1 404 ") and segment["error"] is True, (reply, segment)
    reply, segment = shop.ask("/orders", trace_field(), method="POST")
    assert reply.startswith("HTTP/1.1 500 ") and "without items" not in reply, reply
    (exception,) = segment["cause"]["exceptions"]
    assert exception["message"] == "an order without items", exception
    assert exception["type"] == "std::invalid_argument" and segment["fault"] is True, segment
    reply, segment = shop.ask("/orders", method="POST", body="lamp")
    assert reply.endswith("ordered\n") and "fault" not in segment, (reply, segment)
    reply, segment = shop.send("BREW /pot HTCPCP/1.0\r\n\r\n", "\r\n\r\n")
    assert reply.startswith("HTTP/1.1 400 ") and segment["error"] is True, (reply, segment)
    reply, segment = shop.ask("/price-list", "Range: apples")
    assert reply.startswith("HTTP/1.1 416 "), reply
    assert segment["http"]["response"]["status"] == 416, segment


def check_keep_alive(service, daemon):
    """Each request of a connection has its own segment, sampled or not."""
    with service.connect() as connection:
        for sampled in ("1", "0", "1"):
            head = f"POST /orders HTTP/1.1\r\nHost: shop\r\n{trace_field(sampled)}\r\n"
            connection.sendall(f"{head}Content-Length: 4\r\n\r\nlamp".encode())
            reply = b""
            while not reply.endswith(b"ordered\n"):
                reply += connection.recv(65536)
    first, second = daemon.await_documents(2)
    assert first["id"] != second["id"] and first["parent_id"] == second["parent_id"], first


def check_unreachable(program, daemon):
    """A call that fails is a fault with httplib's reason, and the answer the handler's."""
    with ExampleService([program, "serve", f"http://127.0.0.1:{refusing_port()}"], daemon) as shop:
        assert shop.ask("/items/lamp").startswith("HTTP/1.1 502 ")
    (segment,) = daemon.await_documents(1)
    (call,) = children(segment)
    (exception,) = call["cause"]["exceptions"]
    assert call["fault"] is True and exception["type"] == "connect_failed", call
    assert "cpp-httplib reports" in exception["message"], exception


def main(program):
    daemon = Daemon()
    with ScriptedServer(answer(ok(b"3"))) as stock:
        with ExampleService([program, "serve", stock.url()], daemon) as service:
            shop = Shop(service, daemon)
            check_call(shop, stock)
            check_forwarded(shop)
            check_bodies(shop)
            check_refusals(shop)
            check_keep_alive(service, daemon)
            assert_called_by_neighbours(service, daemon, "/price-list")
    check_unreachable(program, daemon)
    printed, documents = run_demo(program, daemon)
    assert printed.startswith("200 3 in stock\n"), printed
    assert_one_trace(printed, documents, "customer", "shop", "stock")
    assert documents["stock"]["annotations"] == {"item": "lamp"}, documents["stock"]
    assert daemon.drain() == []


if __name__ == "__main__":
    main(sys.argv[1])
