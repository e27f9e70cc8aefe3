"""Runs examples/racing or examples/normal: `plan_examples_check.py racing|normal PROGRAM RUNS`.

Each run has a daemon of its own, UDP for documents and TCP for sampling rules, and what the program
prints, what its server received and what the daemon got have to tell the same story. Time is real:
delays have lower bounds, and upper bounds that a busy machine keeps.
"""

import concurrent.futures
import http.server
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
from support.daemon import Daemon, children  # noqa: E402 - found by the line above

AT_ONCE = 2  # a run sleeps most of its time
MS = 1e-3
TIMEOUT, RACE = 100 * MS, 50 * MS
GRAIN = 0.01 * MS  # of times in documents
# A timer may be late on a busy machine; so late that the story would be another, it is not.
LATE = 50 * MS

FAULT, THROTTLE, FINE = {"fault"}, {"error", "throttle"}, set()
STORIES = {
    # Of each attempt: wave, whether it dials, status, flags.
    "racing": [
        (0, True, 503, FAULT),
        (1, False, None, FAULT),
        (1, True, 429, THROTTLE),
        (2, False, 200, FINE),
        (2, True, 200, FINE),
    ],
    "normal": [
        (0, True, 503, FAULT),
        (1, False, None, FAULT),
        (2, True, 429, THROTTLE),
        (3, False, 200, FAULT),
        (4, True, 200, FINE),
    ],
}
RULE = {
    "RuleName": "example",
    "RuleARN": "arn:aws:xray:us-east-1:123456789012:sampling-rule/example",
    "ResourceARN": "*",
    "Priority": 1,
    "FixedRate": 0.0,
    "ReservoirSize": 1,
    "ServiceName": "*",
    "ServiceType": "*",
    "Host": "*",
    "HTTPMethod": "*",
    "URLPath": "*",
    "Version": 1,
    "Attributes": {},
}


class SamplingSide(http.server.BaseHTTPRequestHandler):
    """The daemon's TCP side: one rule, which samples the first request of a second."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):  # noqa: N802 - the name is the base class's
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.paths.append(self.path)
        body = json.dumps({"SamplingRuleRecords": [{"SamplingRule": RULE}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Silent."""


def start(program, address):
    """What `program --verbose` said, which must have been content with itself."""
    environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    environment["AWS_XRAY_DAEMON_ADDRESS"] = address
    run = subprocess.run(
        [program, "--verbose"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    said = run.stdout + run.stderr
    assert run.returncode == 0, f"it ended with {run.returncode}\n{said}"
    assert run.stdout.startswith("Status: 200\nBody:   Success!\n"), said
    return run


def tell(name, program):
    """One run with a daemon. Returns how late the rivals started; a broken promise raises."""
    daemon = Daemon()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), SamplingSide) as sampling:
        sampling.paths = []
        threading.Thread(target=sampling.serve_forever, kwargs={"poll_interval": 0.01}).start()
        try:
            tcp = f"127.0.0.1:{sampling.server_port}"
            run = start(program, f"udp:{daemon.address} tcp:{tcp}")
            documents = daemon.drain()
        finally:
            sampling.shutdown()
            daemon.close()
    try:
        assert sampling.paths == ["/GetSamplingRules"], f"the daemon was asked {sampling.paths}"
        check_log(run.stderr, tcp, daemon.address)
        assert len(documents) == 1, f"{len(documents)} documents"
        return check_document(name, documents[0], run.stdout)
    except AssertionError as broken:
        seen = json.dumps(documents, indent=1)
        raise AssertionError(f"{seen}\n{run.stdout}{run.stderr}{broken}") from broken


def check_log(log, tcp, udp):
    lines = [re.sub(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ", "", line) for line in log.splitlines()]
    assert lines == [
        f"[INFO] X-Ray proxy using address : {tcp}",
        "[INFO] Successfully fetched sampling rules",
        f"[INFO] Emitter using address: {udp}",
    ], f"the log says {lines}"


def check_document(name, document, stdout):
    assert document["name"] == f"example/{name}"
    assert document["aws"]["xray"]["sampling_rule_name"] == RULE["RuleName"]
    assert f"trace {document['trace_id']}" in stdout
    assert not [node["name"] for node in walk(document) if "in_progress" in node]
    (execution,) = document["subsegments"]
    assert execution["namespace"] == "remote"
    assert re.fullmatch(r"127\.0\.0\.1:\d+", execution["name"])
    assert execution["http"]["response"]["status"] == 200 and not flags_of(execution)

    story = STORIES[name]
    attempts = [children(execution, f"Attempt:{index}") for index in range(len(story))]
    assert all(len(found) == 1 for found in attempts)
    attempts = [found[0] for found in attempts]
    waits = children(execution, "backoff")
    assert len(execution["subsegments"]) == len(attempts) + len(waits)
    waves = story[-1][0] + 1
    told = httpx_of(execution)
    assert (told["attempts"], told["waves"]) == (len(story), waves), f"httpx is {told}"
    for index, (attempt, expected) in enumerate(zip(attempts, story)):
        check_attempt(index, attempt, expected)
    check_received(stdout, document["trace_id"], attempts)
    assert len(waits) == waves - 1
    for wave, wait in enumerate(waits):
        check_wait(wave, wait, attempts)
    return check_race(attempts) if name == "racing" else check_series(attempts)


def walk(node):
    yield node
    for child in node.get("subsegments", []):
        yield from walk(child)


def flags_of(node):
    return {flag for flag in ("error", "fault", "throttle") if node.get(flag)}


def httpx_of(node):
    return node["metadata"]["httpx"]


def length(node):
    return node["end_time"] - node["start_time"]


def check_attempt(index, attempt, expected):
    wave, dials, status, flags = expected
    told = httpx_of(attempt)
    assert told["attempt"] == index
    assert told["wave"] == wave, f"attempt {index} is of wave {told['wave']}"
    names = [child["name"] for child in attempt["subsegments"]]
    assert ("connect" in names) == dials, f"attempt {index} has {names}"
    if dials:
        (connect,) = children(attempt, "connect")
        assert [c["name"] for c in connect["subsegments"]] == ["dial", "tls"]
    assert "request" in names and "response" in names, f"attempt {index} has {names}"
    seen = attempt["http"].get("response", {}).get("status")
    assert seen == status, f"attempt {index} has status {seen}"
    assert flags_of(attempt) == flags, f"attempt {index} has {flags_of(attempt)}"


def check_received(stdout, trace_id, attempts):
    """The requests, in the order in which they reached the server, named their own attempts."""
    received = re.findall(r"^received on connection (\d+): GET / HTTP/1.1  (.*)$", stdout, re.M)
    connections = [int(connection) for connection, _ in received]
    first = connections[0]
    assert [connection - first for connection in connections] == [0, 0, 1, 1, 2], connections
    assert [header for _, header in received] == [
        f"X-Amzn-Trace-Id: Root={trace_id};Parent={attempt['id']};Sampled=1"
        for attempt in attempts
    ]


def check_wait(wave, wait, attempts):
    """It lies between its waves, and is as long as the default policy allows."""
    most = 50 * MS * 2**wave
    assert 0 <= length(wait) < most + LATE, f"backoff {wave} took {length(wait)}"
    before = [a for a in attempts if httpx_of(a)["wave"] == wave]
    after = [a for a in attempts if httpx_of(a)["wave"] == wave + 1]
    assert wait["start_time"] >= max(a["end_time"] for a in before) - GRAIN
    assert wait["end_time"] <= min(a["start_time"] for a in after) + GRAIN


def check_timeout(attempt):
    assert TIMEOUT - GRAIN <= length(attempt) < TIMEOUT + LATE, f"a timeout of {length(attempt)}"
    (exception,) = attempt["cause"]["exceptions"]
    assert exception["type"] == "attempt_timeout", f"a timeout is {exception}"
    assert httpx_of(attempt)["redundant"] is False


def covers(attempt, phase, moment):
    (span,) = children(attempt, phase)
    return span["start_time"] < moment < span["end_time"]


def check_race(attempts):
    """The rivals start in the middle of what they race; the second makes its other redundant."""
    lateness = []
    for slow, rival in ((1, 2), (3, 4)):
        delay = attempts[rival]["start_time"] - attempts[slow]["start_time"]
        lateness.append(delay - RACE)
        assert RACE - GRAIN <= delay < RACE + LATE, f"attempt {rival} starts after {delay}"
    check_timeout(attempts[1])
    assert covers(attempts[1], "response", attempts[2]["start_time"])
    assert covers(attempts[3], "body", attempts[4]["start_time"])
    assert [httpx_of(attempt)["redundant"] for attempt in attempts] == [False] * 3 + [True, False]
    assert abs(attempts[3]["end_time"] - attempts[4]["end_time"]) < LATE
    return lateness


def check_series(attempts):
    for attempt, phase in ((attempts[1], "response"), (attempts[3], "body")):
        check_timeout(attempt)
        assert phase in [child["name"] for child in attempt["subsegments"]]
    for earlier, later in zip(attempts, attempts[1:]):
        assert later["start_time"] >= earlier["end_time"] - GRAIN, "attempts overlap"
    return []


def check_alone(program):
    """Without a daemon, it says so and does its work."""
    alone = Daemon()
    alone.close()  # its port is free now
    run = start(program, alone.address)
    assert "[INFO] Successfully fetched" not in run.stderr
    assert "[ERROR] Error occurred while refreshing sampling rules. " in run.stderr, run.stderr
    assert "nobody is listening" in run.stdout, run.stdout


def check_silent(program):
    """A daemon that takes the connection and never answers is not waited for long."""
    silent = Daemon()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        tcp = f"127.0.0.1:{listener.getsockname()[1]}"
        run = start(program, f"udp:{silent.address} tcp:{tcp}")
    documents = silent.drain()
    silent.close()
    assert f"{tcp} gave no answer within 500 ms" in run.stderr, run.stderr
    assert len(documents) == 1, "the local rules sample the first request of a second"


def claim_the_processor():
    """The story is told in real time, so whatever else runs here shall not hold it up."""
    try:
        os.nice(-20)
    except PermissionError:
        pass  # then the machine had better be idle


def main(name, program, runs):
    claim_the_processor()
    check_alone(program)
    check_silent(program)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        told = pool.map(lambda _: tell(name, program), range(int(runs)))
        lateness = [late for run in told for late in run]
    worst = f", rivals {max(lateness) / MS:.1f} ms late at most" if lateness else ""
    print(f"{runs} runs{worst}")


if __name__ == "__main__":
    main(*sys.argv[1:])
