"""Runs examples/httptrace against a server of its own: `httptrace_check.py PROGRAM`.

The first request has to show the lookup, the dial, the first byte and its connection put away, the
second that it found that connection, and for how long it was idle.
"""

import http.server
import os
import re
import subprocess
import sys
import threading

PAUSE_MS = 50  # what the example waits between its requests
FIRST = """get_conn dns_start dns_done connect_start connect_done got_conn wrote_headers wrote_request
got_first_response_byte got_response_head put_idle_conn request_done""".split()
SECOND = """get_conn got_conn wrote_headers wrote_request got_first_response_byte got_response_head
put_idle_conn request_done""".split()


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers and keeps the connection."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):  # noqa: N802 - the name is the base class's
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        """Silent."""


def events_of(text):
    """The events of each request: pairs of a name and a dictionary of fields."""
    requests = []
    for line in text.splitlines():
        if line.startswith("request "):
            requests.append([])
            continue
        _, name, *fields = re.split(r"  +", line.strip())
        requests[-1].append((name, dict(field.split("=", 1) for field in fields)))
    return requests


def check_order(events, expected):
    """Whether the events came in that order; header fields and dials that failed aside."""
    names = [name for name, fields in events if name != "wrote_header_field"]
    while names.count("connect_start") > 1:  # localhost may have an address nobody listens at
        names.remove("connect_start")
        names.remove("connect_done")
    if names != expected:
        raise SystemExit(f"expected {expected}, got {names}")


def main(program):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        run = subprocess.run(
            [program, f"http://localhost:{server.server_port}/"],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            timeout=30,
            check=False,
        )
        server.shutdown()
    requests = events_of(run.stdout)
    if run.returncode != 0 or len(requests) != 2:
        raise SystemExit(f"httptrace ended with {run.returncode} and said: {run.stdout}")
    check_order(requests[0], FIRST)
    check_order(requests[1], SECOND)
    first, second = (dict(events)["got_conn"] for events in requests)
    if first["reused"] != "false" or second["reused"] != "true":
        raise SystemExit(f"reused is {first['reused']}, then {second['reused']}")
    if float(second["idle_ms"]) < PAUSE_MS:
        raise SystemExit(f"idle for {second['idle_ms']} ms only")
    if first["local"] != second["local"]:
        raise SystemExit("the second request had another connection")
    print(f"reused after {second['idle_ms']} ms")


if __name__ == "__main__":
    main(sys.argv[1])
