"""Runs examples/microservices: `microservices_check.py DIRECTORY`, the one with its programs.

The services are real processes on free ports, their daemon is a UDP socket of ours. Every tree is
held against what it must be, whole: nothing missing, nothing beside it.
"""

import json
import re
import signal
import socket
import struct
import sys
import textwrap
import threading

from microservices_world import LIMIT, Service, World, call, outline, refusal

ROOT = "1-00000001-00000000000000000000000"  # and one digit more
CALLER = "1" * 16


class Pair:
    """An archiver, and a fetcher started after it, with limits that a test can reach."""

    def __init__(self, world):
        self.archiver = Service(world, "archiver", "--payload-limit", "50000").listens()
        words = ["-a", self.archiver.address, "--target-timeout", "400ms"]
        words += ["--target-limit", str(LIMIT)]
        self.fetcher = Service(world, "fetcher", *words).listens()
        self.names = {
            self.archiver.address: "ARCHIVER",
            self.fetcher.address: "FETCHER",
            world.site: "TARGET",
            world.nobody: "NOBODY",
        }


def tell(world, pair, url, code, segments):
    """A fetch by the command line: its tree, its documents, and what it printed."""
    words = ["fetch", "fetcher", f"/fetch/{url}", "-H", pair.fetcher.address]
    run = world.ask("fetcher-cli", *words)
    assert run.returncode == code, f"{run.returncode}: {run.stdout}{run.stderr}"
    trace_id = re.search("fetcher-cli: trace (.*), sent to", run.stderr)[1]
    documents = world.daemon.gather(trace_id, segments)
    return outline(documents, pair.names), documents, json.loads(run.stdout)


def tree(client, answer, *below):
    """What a fetch looks like, around what is below the fetcher's segment."""
    head = f"client{client}\n  FETCHER {answer}\n    connect\n      dial\n"
    head += f"    request\n    response\n    body\n    fetcher {answer}\n"
    return head + textwrap.indent("".join(below), " " * 6)


CONNECT = "  connect\n    dial\n"
PHASES = "  request\n  response\n  body\n"


def check_trees(world, pair):
    base = f"http://{world.site}"
    target = "TARGET 200\n" + CONNECT + PHASES
    kept = PHASES + "  archiver 200\n"
    seen, documents, body = tell(world, pair, base + "/ok?page=1", 0, 3)
    assert seen == tree("", "200", target, "ARCHIVER 200\n", CONNECT, kept), seen
    assert body == {"archive_href": "/archive/1", "status": 200}
    (served,) = (d for d in documents if d["name"] == "fetcher")
    assert served["annotations"] == {"remote_url": base + "/ok", "remote_status": 200}
    assert {n["namespace"] for n in served["subsegments"]} == {"remote"}

    seen, _, body = tell(world, pair, base + "/500", 0, 3)
    failed = "TARGET 500 fault\n" + CONNECT + PHASES
    assert seen == tree("", "200", failed, "ARCHIVER 200\n", kept), seen
    assert body == {"archive_href": "/archive/2", "status": 500}

    seen, _, body = tell(world, pair, f"http://{world.nobody}/", 22, 2)
    refused = "NOBODY fault connect_refused\n  connect fault\n    dial fault connect_refused\n"
    assert seen == tree(" error", "400 error", refused), seen
    assert body["code"] == "bad_request" and "ECONNREFUSED" in body["detail"], body

    seen, _, body = tell(world, pair, base + "/slow", 22, 2)
    late = "TARGET fault call_timeout\n" + CONNECT
    late += "  request\n  response fault call_timeout\n"
    assert seen == tree(" error", "400 error", late), seen
    assert body["meta"]["error"] == "call_timeout" and "400 ms" in body["detail"], body

    seen, _, body = tell(world, pair, base + "/huge", 22, 2)
    cut = "TARGET 200 fault body_too_large\n" + CONNECT
    cut += "  request\n  response\n  body fault body_too_large\n"
    assert seen == tree(" error", "400 error", cut), seen
    assert str(LIMIT) in body["detail"] and body["meta"]["error"] == "body_too_large", body

    seen, _, body = tell(world, pair, base + "/larger", 22, 3)
    unkept = "ARCHIVER 413 error\n" + PHASES + "  archiver 413 error\n"
    assert seen == tree(" fault", "500 fault", target, unkept), seen
    assert body["code"] == "internal" and "50000 bytes" in body["detail"], body


def check_archive(_, pair):
    archiver = pair.archiver.address
    assert call(archiver, "GET", "/health")[::2] == (200, "OK")
    status, headers, body = call(archiver, "GET", "/archive/2")
    assert (status, body) == (200, {"href": "/archive/2", "status": 500, "body": "/500"})
    assert headers["Content-Type"] == "application/vnd.goa.archive"
    for number in ["0", "3", "99999999999999999999"]:
        refusal(call(archiver, "GET", f"/archive/{number}"), 404, "not_found", "no document")
    for number in ["", "-1", "one", "1.0", "1/"]:
        refusal(call(archiver, "GET", f"/archive/{number}"), 400, "invalid_request", "natural")
    for payload, reason in [
        ("{", "no JSON$"),
        ("[]", "no JSON object"),
        ('{"body":"x"}', "no status"),
        ('{"status":-1,"body":"x"}', "status is no integer"),
        ('{"status":2.5,"body":"x"}', "status is no integer"),
        ('{"status":200}', "no body"),
        ('{"status":200,"body":{"a":[1]}}', "body"),
        ("[" * 40_000, "no JSON$"),
    ]:
        refusal(call(archiver, "POST", "/archive", payload), 400, "invalid_request", reason)
    for payload in [b"x" * 50_001, iter([b"x" * 50_001])]:  # told by its length, and chunked
        answer = call(archiver, "POST", "/archive", payload)
        assert refusal(answer, 413, "request_too_large", "50000") == {"limit": "50000"}
    answer = call(archiver, "DELETE", "/archive")
    refusal(answer, 405, "method_not_allowed", "POST")
    assert answer[1]["Allow"] == "POST"
    refusal(call(archiver, "GET", "/other"), 404, "not_found", "nothing")


def check_fetches(world, pair):
    """What no command line asks for."""
    fetcher = pair.fetcher.address
    assert call(fetcher, "GET", "/health")[::2] == (200, "OK")
    for rest in ["", "goa.design", "ftp://h/", "http://", "http://h:x/", "http:/h/"]:
        refusal(call(fetcher, "GET", f"/fetch/{rest}"), 400, "invalid_request", "")
    status, headers, body = call(fetcher, "GET", f"/fetch/http://{world.site}/a//b?c=d//e&f")
    assert (status, body["status"]) == (200, 200), body
    assert headers["Content-Type"] == "application/vnd.goa.fetch"
    assert world.target.asked[-1] == "/a//b?c=d//e&f"

    secret = f"/fetch/http://me:hush@{world.site}/ok"
    for digit, sampled in ((1, 0), (2, 1)):
        header = f"Root={ROOT}{digit};Parent={CALLER};Sampled={sampled}"
        call(fetcher, "GET", secret, **{"X-Amzn-Trace-Id": header})
    documents = world.daemon.gather(ROOT + "2", 2)
    assert not [d for d in world.daemon.documents if d["trace_id"] == ROOT + "1"]
    assert "hush" not in json.dumps(world.daemon.documents)
    (served,) = (d for d in documents if d["name"] == "fetcher")
    assert served["parent_id"] == CALLER
    assert served["http"]["request"]["url"].endswith(f"/fetch/http://{world.site}/ok")


def check_commands(world, pair):
    archiver, fetcher = pair.archiver.address, pair.fetcher.address
    deed = ["archive", "archiver", "/archive", "--payload", '{"status":7,"body":"\\n"}']
    run = world.ask("archiver-cli", *deed, "-H", archiver, "--pp", "--dump")
    assert run.returncode == 0, run
    assert re.search(r'^  "href": "/archive/\d+",\n  "status": 7,$', run.stdout, re.M), run
    trace_id = re.search("archiver-cli: trace (.*), sent to", run.stderr)[1]
    assert f"> POST /archive HTTP/1.1\n> Host: {archiver}\n" in run.stderr, run
    assert f"> X-Amzn-Trace-Id: Root={trace_id};Parent=" in run.stderr, run
    assert "< HTTP/1.1 200 OK\n" in run.stderr, run
    seen = outline(world.daemon.gather(trace_id, 2), pair.names)
    below = CONNECT + PHASES + "  archiver 200\n"
    assert seen == "client\n  ARCHIVER 200\n" + textwrap.indent(below, "  "), seen

    run = world.ask("archiver-cli", "read", "archiver", "/archive/0", "-H", archiver)
    assert run.returncode == 22, run
    assert "archiver-cli: the answer is 404 Not Found: there is no document" in run.stderr, run
    run = world.ask("fetcher-cli", "show", "health", "-H", fetcher)
    assert (run.returncode, run.stdout) == (0, "OK\n"), run
    run = world.ask("fetcher-cli", "fetch", "fetcher", "/fetch/http://[::1]:1/", "-H", fetcher)
    assert run.returncode == 22 and '"url":"http://[::1]:1/"' in run.stdout, run
    run = world.ask("fetcher-cli", "show", "health", "/health", "-H", world.nobody)
    assert run.returncode == 7 and "ECONNREFUSED" in run.stderr, run
    run = world.run("fetcher-cli", "show", "health", "-H", fetcher, "-d", "no..name:2000")
    assert run.returncode == 0 and ", not sent: emit to no..name:2000: " in run.stderr, run
    slow = f"/fetch/http://{world.site}/slow/1"
    run = world.ask("fetcher-cli", "fetch", "fetcher", slow, "-H", fetcher, "-t", "100ms")
    assert run.returncode == 28 and "total limit 100 ms" in run.stderr, run
    slow = f"/fetch/http://{world.site}/slow/2"
    run = world.start("fetcher-cli", "fetch", "fetcher", slow, "-H", fetcher)
    pair.fetcher.wait_for_start(slow)
    run.send_signal(signal.SIGINT)
    said = run.communicate()[1]
    assert run.returncode == 130, said
    trace_id = re.search("fetcher-cli: trace (.*), sent to", said)[1]
    seen = outline(world.daemon.gather(trace_id, 2), pair.names)
    assert seen.startswith("client fault\n  FETCHER fault cancelled\n"), seen


USAGE = [
    ("fetcher", ["-x"], "Option 'x' does not exist"),
    ("fetcher", ["-l", "8081"], "--listen: '8081' is not an address"),
    ("fetcher", ["-l", "127.0.0.1:0", "-a", "http://h"], "'http://h' is not HOST:PORT"),
    ("archiver", ["-d", "127.0.0.1:port"], "--daemon: "),
    ("archiver", ["more"], "'more' is one word too many"),
    ("archiver", ["--payload-limit", "0"], "--payload-limit: '0' is not a number of bytes"),
    ("fetcher-cli", ["fetch"], "there are 'fetch fetcher', 'show health'"),
    ("fetcher-cli", ["read", "archiver", "/archive/1"], "there is no 'read archiver'"),
    ("fetcher-cli", ["show", "health", "-H", "h/p"], "--host: 'h/p' is not HOST:PORT"),
    ("archiver-cli", ["archive", "archiver"], "--payload is needed"),
    ("archiver-cli", ["show", "health", "-t", "soon"], "--timeout: 'soon' is not a time"),
]


def check_usage(world, pair):
    for program, words, reason in USAGE:
        run = world.run(program, *words)
        assert (run.returncode, run.stdout) == (2, ""), run
        assert run.stderr.startswith(f"{program}: ") and reason in run.stderr, run
        assert f"see {program} --help" in run.stderr, run
    run = world.run("fetcher", "-h")
    assert run.returncode == 0 and "127.0.0.1:8081" in run.stdout, run
    run = world.run("fetcher-cli", "--help")
    assert "fetcher-cli [FLAGS] ACTION RESOURCE [PATH]\n" in run.stdout, run
    run = world.run("archiver", "-l", pair.archiver.address)
    assert run.returncode == 69 and "EADDRINUSE" in run.stderr, run


def check_leaving(world, pair):
    """A client that goes away takes its fetch with it; another is answered, even after ^C."""
    path = f"/fetch/http://{world.site}/slow/3"
    host, _, port = pair.fetcher.address.rpartition(":")
    with socket.create_connection((host, int(port))) as leaving:
        header = f"X-Amzn-Trace-Id: Root={ROOT}3;Parent={CALLER};Sampled=1"
        leaving.sendall(f"GET {path} HTTP/1.1\r\nHost: h\r\n{header}\r\n\r\n".encode())
        own = pair.fetcher.wait_for_start(path)
        # A reset: who only ends his side may still wait for the answer.
        leaving.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line = pair.fetcher.wait_for(f"completed id={own} ")
    assert line.startswith("status=0 ") and "error=" in line, line
    seen = outline(world.daemon.gather(ROOT + "3", 2), pair.names, CALLER)
    assert seen == "fetcher error peer_left\n  TARGET fault cancelled\n", seen

    path = f"/fetch/http://{world.site}/slow/4"
    answers = []
    asking = threading.Thread(target=lambda: answers.append(call(host + ":" + port, "GET", path)))
    asking.start()
    own = pair.fetcher.wait_for_start(path)
    log = pair.fetcher.close(signal.SIGINT)
    asking.join()
    assert refusal(answers[0], 400, "bad_request", "400 ms")["error"] == "call_timeout"
    assert answers[0][2]["id"] == own
    assert re.search(rf"completed id={own} status=400 time=\d+ms\n", log), log
    ids = set(re.findall("started id=(\\S+) POST=/archive\n", pair.archiver.close()))
    assert ids & set(re.findall("started id=(\\S+) GET=/fetch/", log)), "one id goes along"
    assert "hush" not in log


def check_launch(world):
    """The fetcher waits for an archiver that comes late, through refusals too; not for ever."""
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    late = f"127.0.0.1:{held.getsockname()[1]}"
    fetcher = Service(world, "fetcher", "-a", late)
    assert "ECONNREFUSED" in fetcher.wait_for("does not say OK yet")
    held.close()
    archiver = Service(world, "archiver", listen=late).listens()
    path = f"/fetch/http://{world.site}/ok"
    assert call(fetcher.listens().address, "GET", path)[0] == 200
    archiver.close()
    refusal(call(fetcher.address, "GET", path), 500, "internal", "archiver could not be reached")
    fetcher.close()

    waiting = Service(world, "fetcher", "-a", world.nobody)
    waiting.wait_for("does not say OK yet")
    waiting.close(signal.SIGINT)
    run = world.run("fetcher", "-l", "127.0.0.1:0", "-a", world.nobody, "--grace", "150ms")
    assert run.returncode == 28, run
    assert "fetcher: the archiver is not there: http://" in run.stderr, run
    assert "did not say OK within 150ms: connect" in run.stderr, run


def check_demonstration(world):
    """It holds what it shows against its promises by itself."""
    run = world.run("microservices", "--verbose")
    assert run.returncode == 0, run.stdout + run.stderr
    for line in ["call_timeout", "connect_refused", "body_too_large", "Hello from the target."]:
        assert line in run.stdout, run.stdout
    assert run.stderr.count(" closes\n") == 2, run.stderr


def main(directory):
    world = World(directory)
    pair = Pair(world)
    for check in (
        check_trees,
        check_archive,
        check_fetches,
        check_commands,
        check_usage,
        check_leaving,
    ):
        check(world, pair)
    world.daemon.check_counts()
    check_launch(world)
    check_demonstration(world)


if __name__ == "__main__":
    main(*sys.argv[1:])
