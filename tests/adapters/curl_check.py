"""Holds examples/curl against what it promises: `curl_check.py PROGRAM`."""

import json
import os
import subprocess
import sys

from example_service import Daemon, children
from support.daemon import shape
from support.ports import refusing_port
from support.scripted import ScriptedServer, answer, ok

PHASES = ["connect", "request", "response", "body"]


def fetch(program, daemon, *arguments, code=0):
    """The document that it prints and sends, and the transfers in it."""
    environment = dict(os.environ, AWS_XRAY_DAEMON_ADDRESS=daemon.address, NO_PROXY="*")
    done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True,
                          timeout=20, check=False)
    assert done.returncode == code, done
    (document,) = daemon.await_documents(1)
    assert json.loads(done.stdout) == document, done.stdout
    return document, children(document)


def names(node):
    return [child["name"] for child in children(node)]


def check_easy(program, daemon, server):
    """Two transfers in turn, over a connection of each handle's own."""
    document, calls = fetch(program, daemon, server.url("/a?key=secret"), server.url("/b"))
    assert [names(call) for call in calls] == [PHASES, PHASES], shape(document)
    assert calls[0]["end_time"] <= calls[1]["start_time"], document
    assert "secret" not in json.dumps(document)
    for call, request in zip(calls, server.requests):
        header = request.header("X-Amzn-Trace-Id")
        assert header == f"Root={document['trace_id']};Parent={call['id']};Sampled=1", header


def check_multi(program, daemon, server):
    """Several at once; what fails is recorded beside what does not."""
    refused = f"http://127.0.0.1:{refusing_port()}/"
    urls = [server.url("/c"), refused, server.url("/d")]
    document, calls = fetch(program, daemon, "--multi", *urls, code=1)
    assert len(calls) == 3, shape(document)
    (failed,) = [call for call in calls if call.get("fault")]
    assert names(failed) == ["connect"], failed
    assert failed["cause"]["exceptions"][0]["type"] == "connect_refused", failed
    sent = {request.header("X-Amzn-Trace-Id").split(";")[1] for request in server.requests[-2:]}
    fine = {f"Parent={call['id']}" for call in calls if not call.get("fault")}
    assert sent == fine, (sent, fine)


def main(program):
    daemon = Daemon()
    with ScriptedServer(answer(ok())) as server:
        check_easy(program, daemon, server)
        check_multi(program, daemon, server)
    assert subprocess.run([program], capture_output=True, check=False).returncode == 2


if __name__ == "__main__":
    main(sys.argv[1])
