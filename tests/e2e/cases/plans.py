"""Plans: retries, races, breakers, their limits, and what --metrics tells of them."""

import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import unittest

from support import program
from support.case import Case, world
from support.schema import read_report
from support.scripted import ScriptedServer, ok, silent

BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"


def every(report):
    """The attempts of all legs."""
    return [attempt for leg in report["legs"] for attempt in leg["attempts"]]


class Answers:
    """A script: the answers in turn, whatever the connection, the last one for ever."""

    def __init__(self, *answers):
        self._answers = list(answers)
        self._lock = threading.Lock()

    def __call__(self, peer):
        while True:
            try:
                peer.read_request()
            except ConnectionError:
                return
            with self._lock:
                answer = self._answers[0]
                if len(self._answers) > 1:
                    self._answers.pop(0)
            if answer is None:
                peer.wait_for_close()
                return
            peer.send(answer)


class Retries(Case):
    """One attempt after the other."""

    def setUp(self):
        super().setUp()
        self.body = os.path.join(world().directory, "plan-body")

    def test_busy_then_well(self):
        """A 503 is tried again; the trace has both attempts, each named to the server."""
        with ScriptedServer(Answers(BUSY, ok())) as server:
            done = self.get(server.url(), "--retry", "1", "--backoff", "20ms", "-o", self.body)
        first, second = every(done.report)
        self.assertEqual((first["status"], first["decision"]), (503, "retry"))
        self.assertEqual((second["status"], second["wave"]), (200, 1))
        self.assertTrue(second["reused"])
        waits = done.report["plan"]["backoff"]
        self.assertEqual([(w["after_wave"], w["reason"]) for w in waits], [(0, "backoff")])
        with open(self.body, "rb") as file:
            self.assertEqual(file.read(), b"hello\n")
        children = self.document["subsegments"][0]["subsegments"]
        self.assertEqual([c["name"] for c in children], ["Attempt:0", "backoff", "Attempt:1"])
        for request, child in zip(server.requests, (children[0], children[2])):
            self.assertIn("Parent=" + child["id"], request.header("X-Amzn-Trace-Id"))
        self.assertNotIn("fault", self.document["subsegments"][0])

    def test_retry_after(self):
        """--retry-after waits as long as the server asks; without it the back-off stands."""
        later = b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"
        with ScriptedServer(Answers(later, ok())) as server:
            flags = ("--retry", "1", "--backoff", "0")
            done = self.get(server.url(), *flags, "--retry-after")
            (wait,) = done.report["plan"]["backoff"]
            self.assertEqual((wait["reason"], wait["planned_us"]), ("retry_after", 1_000_000))
            self.assertGreaterEqual(wait["dur_us"], 999_000)
        with ScriptedServer(Answers(later, ok())) as server:
            done = self.get(server.url(), *flags)
            self.assertEqual(done.report["plan"]["backoff"][0]["reason"], "backoff")

    def test_refused(self):
        """A port that nobody listens at is tried again N times, and then is exit 7."""
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            url = "http://127.0.0.1:%d/" % taken.getsockname()[1]
            done = self.get(url, "--retry", "2", "--backoff", "0", code=7)
        self.assertEqual(len(every(done.report)), 3)
        self.assertEqual(every(done.report)[-1]["decision"], "policy")
        self.assertTrue(self.document["fault"])

    def test_statuses_of_ones_own(self):
        """--retry-on replaces what is worth another attempt."""
        lost = b"HTTP/1.1 404 Lost\r\nContent-Length: 0\r\n\r\n"
        with ScriptedServer(Answers(lost, BUSY)) as server:
            flags = ("--retry", "5", "--retry-on", "4xx", "--backoff", "0")
            done = self.get(server.url(), *flags)
        self.assertEqual([a["status"] for a in every(done.report)], [404, 503])

    def test_post(self):
        """A POST is sent once, and said so; --repeat-any-method sends it again."""
        with ScriptedServer(Answers(BUSY)) as server:
            done = self.get(server.url(), "-d", "x", "--retry", "1", "--backoff", "0")
            self.assertEqual(len(server.requests), 1)
            self.assertIn("POST is sent once", done.notes)
            self.assertEqual(every(done.report)[0]["decision"], "not_repeatable")
            flags = ("-d", "x", "--retry", "1", "--backoff", "0", "--repeat-any-method")
            self.get(server.url(), *flags)
            self.assertEqual([request.body for request in server.requests], [b"x"] * 3)

    def test_attempt_timeout(self):
        """Attempts that take too long are tried again, and end with 28."""
        with ScriptedServer(silent) as server:
            flags = ("--retry", "2", "--backoff", "0", "--attempt-timeout", "50ms")
            done = self.get(server.url(), *flags, code=28)
        self.assertEqual(
            [a["error"]["code"] for a in every(done.report)], ["attempt_timeout"] * 3
        )
        for attempt in every(done.report):
            self.assertGreaterEqual(attempt["dur_us"], 49_000)

    def test_deadline(self):
        """-m is the limit of all attempts and waits together."""
        with ScriptedServer(Answers(BUSY)) as server:
            flags = ("--retry", "9", "--backoff", "10", "-m", "0.2")
            done = self.get(server.url(), *flags, code=28)
        self.assertEqual(done.report["error"]["code"], "plan_timeout")
        self.assertTrue(done.report["plan"]["plan_timeout"])
        self.assertLess(done.seconds, 5)

    def test_body_kept_from_failing_attempts(self):
        """What came of an attempt that was cut is not in the output."""
        cut = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nwrong"

        def script(peer):
            peer.read_request()
            peer.send(cut if len(server.requests) == 1 else ok(b"right"))

        with ScriptedServer(script) as server:
            done = self.xtrace(
                "get", "-s", "--retry", "1", "--backoff", "0", "-o", "-", server.url()
            )
        self.assertEqual((done.code, done.out), (0, b"right"), done)

    def test_interrupt_in_the_wait(self):
        """Ctrl-C in the back-off: 130, the attempt that was made is shown and emitted."""
        answered = threading.Event()

        def script(peer):
            peer.read_request()
            peer.send(BUSY)
            answered.set()
            peer.wait_for_close()

        with ScriptedServer(script) as server:
            flags = ["--retry", "1", "--backoff", "30", "--format", "json", "-v"]
            arguments = ["get", *flags, server.url()]
            began = time.monotonic()
            process = program.start(arguments, self.environment())
            self.assertTrue(answered.wait(10))
            told = b""
            while b"waiting" not in told:
                piece = process.stderr.readline()
                self.assertTrue(piece, told)
                told += piece
            process.send_signal(signal.SIGINT)
            done = self._checked(program.finish(process, arguments, began))
        self.assertEqual(done.code, 130, done)
        report = read_report(done.text)
        self.assertEqual(report["error"]["code"], "cancelled")
        self.assertEqual([a["status"] for a in every(report)], [503])
        self.assertTrue(self.document["fault"])


class Races(Case):
    """Attempts beside each other."""

    def test_second_wins(self):
        """The rival of a silent attempt wins; the loser is no fault."""
        with ScriptedServer(Answers(None, ok())) as server:
            done = self.get(server.url(), "--race", "50ms")
        first, second = every(done.report)
        self.assertEqual((first["redundant"], second["redundant"]), (True, False))
        self.assertGreaterEqual(second["start_us"] - first["start_us"], 49_000)
        self.assertEqual(done.report["plan"]["winner"], 1)
        children = self.document["subsegments"][0]["subsegments"]
        self.assertEqual([c["name"] for c in children], ["Attempt:0", "Attempt:1"])
        for node in (self.document, *children):
            self.assertNotIn("fault", node)

    def test_first_wins(self):
        """Where the first is fast enough nobody else is sent."""
        with ScriptedServer(Answers(ok())) as server:
            done = self.get(server.url(), "--race", "5,5")
        self.assertEqual(len(server.requests), 1)
        self.assertEqual(done.report["plan"]["attempts"], 1)

    def test_big_body(self):
        """The winner's megabytes are written once, as they are."""
        body = os.urandom(3 << 20)
        with ScriptedServer(Answers(None, ok(body))) as server:
            done = self.xtrace("get", "-s", "--race", "20ms", "-o", "-", server.url())
        self.assertEqual(done.code, 0, done.notes)
        self.assertEqual(done.out, body)

    def test_both_are_told(self):
        """-v tells the attempts apart."""
        with ScriptedServer(Answers(None, ok())) as server:
            done = self.xtrace("get", "-v", "--race", "20ms", server.url())
        self.assertIn("[0] > GET / HTTP/1.1", done.notes)
        self.assertIn("[1] < HTTP/1.1 200 OK", done.notes)


class Breakers(Case):
    """Fails fast."""

    def test_opens(self):
        """So many failures open it: nothing is tried again."""
        with ScriptedServer(Answers(BUSY)) as server:
            flags = ("--retry", "9", "--backoff", "0", "--breaker", "3/30")
            done = self.get(server.url(), *flags)
        self.assertEqual(len(server.requests), 3)
        self.assertEqual(every(done.report)[-1]["decision"], "breaker")
        self.assertEqual(done.report["plan"]["breaker"]["state"], "open")

    def test_run(self):
        """In a run the breaker is shared: two requests fail, the rest are not sent; 75 is of it."""
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            url = "http://127.0.0.1:%d/" % taken.getsockname()[1]
            done = self.xtrace(
                "get", "-n", "20", "--breaker", "2/30", "--format", "json", "--sampled", "0", url
            )
        report = json.loads(done.text)
        self.assertEqual(done.code, 75, done)
        self.assertEqual(report["plan"]["breaker_refusals"], 18)


class Runs(Case):
    """Many requests, each a plan."""

    def test_retries(self):
        """Retries are counted, every request is answered, and every trace has its attempts."""
        turn = [0]

        def script(peer):
            while True:
                try:
                    peer.read_request()
                except ConnectionError:
                    return
                turn[0] += 1
                peer.send(BUSY if turn[0] % 2 else ok())

        with ScriptedServer(script) as server:
            flags = ("-n", "10", "--retry", "1", "--backoff", "0", "--format", "json")
            done = self.xtrace("get", *flags, server.url())
        report = json.loads(done.text)
        self.assertEqual(done.code, 0, done)
        self.assertEqual(report["statuses"], {"200": 10})
        self.assertEqual(report["plan"]["retried"], 10)
        self.assertEqual(len(self.documents), 10)
        for document in self.documents:
            names = [c["name"] for c in document["subsegments"][0]["subsegments"]]
            self.assertEqual(names, ["Attempt:0", "backoff", "Attempt:1"])

    def test_lines(self):
        """jsonl has the attempts of each request."""
        with ScriptedServer(Answers(BUSY, ok())) as server:
            flags = ("-n", "2", "--retry", "1", "--backoff", "0", "--format", "jsonl")
            done = self.xtrace("get", *flags, server.url())
        reports = [read_report(line) for line in done.text.splitlines()]
        self.assertEqual([len(every(report)) for report in reports], [2, 1])

    def test_interrupt(self):
        """Ctrl-C ends a run of plans in the middle of attempts and waits."""
        with ScriptedServer(Answers(BUSY, BUSY, None)) as server:
            flags = ["-n", "9", "-c", "3", "--retry", "9", "--backoff", "30", "--format", "json"]
            arguments = ["get", *flags, server.url()]
            began = time.monotonic()
            process = program.start(arguments, self.environment())
            while len(server.requests) < 3 and time.monotonic() - began < 10:
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            done = self._checked(program.finish(process, arguments, began))
        self.assertEqual(done.code, 130, done)
        self.assertEqual(json.loads(done.text)["cancelled"], 3)
        self.assertEqual(len(self.documents), 3)


class Metrics(Case):
    """--metrics, read by those it is for."""

    @unittest.skipUnless(shutil.which("promtool"), "promtool is not installed")
    def test_prometheus(self):
        """promtool has nothing to say against the text, which has all eight histograms."""
        with ScriptedServer(Answers(BUSY, ok())) as server:
            flags = ("--retry", "1", "--backoff", "0", "--breaker", "5/30", "--metrics", "prom")
            done = self.xtrace("get", *flags, server.url())
        self.assertEqual(done.code, 0, done)
        checked = subprocess.run(
            ["promtool", "check", "metrics"], input=done.out, capture_output=True, check=False
        )
        self.assertEqual((checked.returncode, checked.stderr), (0, b""), done.text)
        for name in ("request", "tcp_connect", "got_connection", "request_written"):
            self.assertIn(f"toolkit_http_client_{name}_time_seconds_count", done.text)

    def test_statsd(self):
        """A run sends a value of every request; a server that is not there is a note."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind(("127.0.0.1", 0))
            server.settimeout(5)
            where = "statsd://127.0.0.1:%d" % server.getsockname()[1]
            done = self.xtrace(
                "get", "-n", "50", "--sampled", "0", "--metrics", where, self.nginx.url()
            )
            self.assertEqual(done.code, 0, done)
            server.setblocking(False)
            values = 0
            while True:
                try:
                    lines = server.recv(65536).decode().splitlines()
                except BlockingIOError:
                    break
                for line in lines:
                    if line.startswith("toolkit.http.client.request.time:"):
                        values += line.split("|")[0].count(":")
        self.assertEqual(values, 50)
        done = self.xtrace("get", "--metrics", where, self.nginx.url())
        self.assertEqual(done.code, 0, done)
        self.assertIn("nobody listens at", done.notes)
