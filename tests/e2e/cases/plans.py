"""Plans: retries, races, and the limits of both."""

import os
import signal
import socket
import threading
import time

from support import program
from support.answers import BUSY, Answers, every
from support.case import Case, world
from support.schema import read_report
from support.scripted import ScriptedServer, ok, silent


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
