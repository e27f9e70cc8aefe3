"""Breakers, runs of plans, and what --metrics tells of them."""

import json
import shutil
import signal
import socket
import subprocess
import time
import unittest

from support import program
from support.answers import BUSY, Answers, every
from support.case import Case
from support.schema import read_report
from support.scripted import ScriptedServer, ok


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
        reports = [read_report(line) for line in done.text.splitlines(keepends=True)]
        self.assertEqual([len(every(report)) for report in reports], [2, 1])

    def test_percentile_race(self):
        """Rivals start beside the few answers that are late, and win."""
        turn = [0]

        def script(peer):
            while True:
                try:
                    peer.read_request()
                except ConnectionError:
                    return
                turn[0] += 1
                peer.pause(0.5 if turn[0] % 25 == 0 else 0)
                peer.send(ok())

        with ScriptedServer(script) as server:
            flags = ("-n", "120", "--race", "p90", "--sampled", "0", "--format", "json")
            done = self.xtrace("get", *flags, server.url())
        report = json.loads(done.text)
        self.assertEqual((done.code, report["statuses"]), (0, {"200": 120}), done)
        self.assertGreaterEqual(report["plan"]["rivals_won"], 2)
        # A rival that lost at once never came that far.
        self.assertLessEqual(len(server.requests), 120 + report["plan"]["raced"])
        totals = report["phases"]["total"]
        self.assertLess(max(kind["max_us"] for kind in totals.values() if kind), 500_000)

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
