"""Holds examples/beast against what its adapter promises: `beast_check.py PROGRAM`.

The program's front is asked over bare sockets; the back that it asks is a script of ours.
"""

import subprocess
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
from support import isolation
from support.daemon import shape
from support.ports import refusing_port
from support.scripted import ScriptedServer, ok


def back(peer):
    """Answers by path, as it should or as it should not."""
    path = peer.read_request().line.split()[1]
    if path == "/mute":
        return
    if path == "/cut-head":
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Le")
    elif path == "/cut-body":
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
    elif path == "/chunked":
        peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        peer.send(b"4\r\nfour\r\n0\r\n\r\n")
    elif path == "/noise":
        peer.send(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    elif path == "/slow-down":
        peer.send(b"HTTP/1.1 429 Slow Down\r\nContent-Length: 0\r\n\r\n")
    else:
        peer.send(ok(b"good morning\n"))


class Front:
    """The front, and the segment and the call that each question left behind."""

    def __init__(self, service, daemon):
        self._service = service
        self._daemon = daemon

    def ask(self, *request, **options):
        reply = self._service.ask(*request, **options)
        (segment,) = self._daemon.await_documents(1)
        (call,) = children(segment)
        return reply, segment, call


def lengths(call):
    return {child["name"]: child["end_time"] - child["start_time"] for child in children(call)}


def check_call(front, server):
    """A call is the tree of a call of ours, and its header names it."""
    reply, segment, call = front.ask("/greeting?key=secret", trace_field("?"))
    assert reply.endswith("\r\n\r\ngood morning\n"), reply
    assert f"X-Amzn-Trace-Id: Root={TRACE};Sampled=1\r\n" in reply, reply
    assert segment["trace_id"] == TRACE and segment["parent_id"] == CALLER, segment
    http = segment["http"]
    assert http["request"]["url"] == "http://shop.example.com/greeting", http
    assert http["request"]["client_ip"] == "127.0.0.1", http
    assert http["response"] == {"status": 200, "content_length": 13}, http
    name = server.address
    assert shape(call) == [name, ["connect", "dial"], "request", "response", "body"], shape(call)
    (dial,) = children(children(call, "connect")[0])
    assert dial["metadata"]["http"]["connect"]["address"] == name, dial
    assert sum(lengths(call).values()) <= call["end_time"] - call["start_time"] + 1e-5, call
    assert call["http"]["request"]["url"] == server.url("/greeting"), call
    assert call["http"]["response"] == {"status": 200, "content_length": 13}, call
    wanted = f"Root={TRACE};Parent={call['id']};Sampled=1"
    assert server.requests[-1].header("X-Amzn-Trace-Id") == wanted, server.requests[-1].head


def check_facts(front):
    """The client is the one whom the trusted proxy saw; what has no body has no length."""
    fields = ("User-Agent: buyer/1", "X-Forwarded-For: 6.6.6.6", "X-Forwarded-For: 192.0.2.7")
    second = ("User-Agent: other/2", "X-Amzn-Trace-Id: Root=other;Sampled=0")
    _, segment, call = front.ask("/chunked", trace_field(), *fields, *second)
    assert segment["parent_id"] == CALLER, segment
    request = segment["http"]["request"]
    assert request["client_ip"] == "192.0.2.7" and request["user_agent"] == "buyer/1", request
    assert segment["http"]["response"]["content_length"] == 4, segment
    assert call["http"]["response"]["content_length"] == 4, call
    reply, segment, _ = front.ask("/greeting", method="HEAD")
    assert "Content-Length: 13\r\n" in reply and reply.endswith("\r\n\r\n"), reply
    assert segment["http"]["response"] == {"status": 200, "content_length": 0}, segment
    _, segment, call = front.ask("/slow-down")
    assert call["throttle"] is True and call["error"] is True and "fault" not in call, call
    assert segment["http"]["response"]["status"] == 429, segment


def check_failures(front):
    """A call fails in the phase that failed, with the code that one of ours would have."""
    for path, phase, code in (
        ("/mute", "response", "empty_reply"),
        ("/cut-head", "response", "head_cut"),
        ("/noise", "response", "not_http"),
        ("/cut-body", "body", "body_cut"),
    ):
        reply, segment, call = front.ask(path)
        assert reply.startswith("HTTP/1.1 502 ") and segment["fault"] is True, (path, reply)
        (exception,) = call["cause"]["exceptions"]
        assert exception["type"] == code and call["fault"] is True, (path, call)
        last = children(call)[-1]
        assert last["name"] == phase and last["cause"], (path, call)
        has_answer = "response" in call["http"]
        assert has_answer == (path == "/cut-body"), (path, call)


def check_connecting(program, daemon):
    """Names are looked up, each address is a dial, and a refusal stands where it was met."""
    with ExampleService([program, "serve", f"http://localhost:{refusing_port()}"], daemon) as front:
        _, _, call = Front(front, daemon).ask("/greeting")
    (connect,) = children(call)
    dns, *dials = children(connect)
    assert dns["name"] == "dns" and "127.0.0.1" in dns["metadata"]["http"]["dns"]["addresses"], dns
    addresses = dns["metadata"]["http"]["dns"]["addresses"]
    assert [dial["name"] for dial in dials] == ["dial"] * len(addresses), connect
    for node in (*dials, call):
        assert node["cause"]["exceptions"][0]["type"] == "connect_refused", node
    if not isolation.isolated():
        return  # a resolver would be asked
    with ExampleService([program, "serve", "http://no-such-host.invalid"], daemon) as front:
        _, _, call = Front(front, daemon).ask("/greeting")
    (dns,) = children(*children(call))
    assert dns["name"] == "dns" and dns["fault"] is True, call
    assert call["cause"]["exceptions"][0]["type"].startswith("dns_"), call


def check_bad_requests(service, daemon):
    """A request that is never read whole has a segment that says why; silence has none."""
    for text, code in (
        ("POST /orders HTTP/1.1\r\nHost: shop\r\nContent-Length: 9\r\n\r\nhalf", "peer_left"),
        ("GET /greeting HTTP/1.1\r\nHost shop\r\n\r\n", "request_invalid"),
    ):
        with service.connect() as connection:
            connection.sendall(text.encode())
        (segment,) = daemon.await_documents(1)
        (exception,) = segment["cause"]["exceptions"]
        assert exception["type"] == code and segment["error"] is True, segment
        assert segment["http"]["request"]["method"] in ("POST", "GET"), segment
    assert service.ask("//192.0.2.1/").startswith("HTTP/1.1 400 ")
    (segment,) = daemon.await_documents(1)
    assert segment["http"]["response"]["status"] == 400 and not children(segment), segment
    service.connect().close()


def check_keep_alive(service, daemon):
    """Requests sent at once are answered in turn, each with a segment of its own."""
    request = f"GET /greeting HTTP/1.1\r\nHost: shop\r\n{trace_field()}\r\n\r\n"
    reply = service.send(request + request.replace("shop\r\n", "shop\r\nConnection: close\r\n"))
    assert reply.count("good morning") == 2, reply
    first, second = daemon.await_documents(2)
    assert first["end_time"] <= second["start_time"] + 2e-6, (first, second)


def main(program):
    isolation.enter()
    if isolation.isolated():
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    daemon = Daemon()
    with ScriptedServer(back) as server:
        with ExampleService([program, "serve", server.url()], daemon) as service:
            front = Front(service, daemon)
            check_call(front, server)
            check_facts(front)
            check_failures(front)
            check_bad_requests(service, daemon)
            check_keep_alive(service, daemon)
            assert_called_by_neighbours(service, daemon, "/greeting")
    check_connecting(program, daemon)
    printed, documents = run_demo(program, daemon)
    assert printed.startswith("200 good morning\n"), printed
    assert_one_trace(printed, documents, "customer", "front", "back")
    assert documents["back"]["annotations"] == {"mood": "good"}, documents["back"]
    assert daemon.drain() == []


if __name__ == "__main__":
    main(sys.argv[1])
