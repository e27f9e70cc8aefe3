"""Many requests: -n, -c, --rate, --duration, their figures, their traces and --slo."""

import csv
import io
import json
import signal
import threading
import time

from support import program
from support.case import Case
from support.scripted import ScriptedServer
from support.terminal import Terminal, without_colors


class Many(Case):
    """Runs against a real nginx."""

    def many(self, *flags, path="/1k", code=0, **surroundings):
        done = self.xtrace(
            "get", "--format", "json", *flags, self.nginx.url(path), **surroundings
        )
        self.assertEqual(done.code, code, done)
        report = json.loads(done.text)
        self.assertEqual((report["schema"], report["exit_code"]), ("xtrace.run/1", code))
        return report

    def test_connections_are_shared(self):
        """-c bounds the connections, every further request reuses one, and counts add up."""
        report = self.many("-n", "200", "-c", "4", "--sampled", "0")
        self.assertEqual((report["requests"], report["errors"]), (200, 0))
        self.assertLessEqual(report["connections"]["opened"], 4)
        for metric in ("total", "ttfb"):
            kinds = report["phases"][metric]
            counts = [kind["count"] for kind in kinds.values() if kind]
            self.assertEqual(sum(counts), 200)
        self.assertIsNone(report["phases"]["tls"])

    def test_every_trace_arrives(self):
        """Each of 300 requests is a trace of its own, and none of them is lost."""
        report = self.many("-n", "300", "-c", "8")
        self.assertEqual(report["emit"]["sent"], report["emit"]["documents"])
        self.assertEqual(report["emit"]["documents"], len(self.documents))
        self.assertEqual(len({document["trace_id"] for document in self.documents}), 300)
        slow = {slow["trace_id"] for slow in report["slowest"]}
        self.assertLessEqual(slow, {document["trace_id"] for document in self.documents})

    def test_one_trace(self):
        """--one-trace: 50 subsegments below one segment, which is sent before and after them."""
        report = self.many("-n", "50", "--one-trace")
        segments = [document for document in self.documents if "type" not in document]
        below = [document for document in self.documents if "type" in document]
        self.assertEqual([len(segments), len(below)], [2, 50])
        self.assertEqual({document["parent_id"] for document in below}, {segments[0]["id"]})
        self.assertEqual({d["trace_id"] for d in self.documents}, {report["trace_id"]})

    def test_goals(self):
        """A missed goal is exit 4, a kept one is 0, alone and in a run."""
        self.many("-n", "5", "--slo", "total.p99=1m,ttfb.p50=1m")
        missed = self.many("-n", "5", "--slo", "total.min=0.000001ms", code=4)
        self.assertFalse(missed["slo"][0]["ok"])
        alone = self.xtrace("get", "--slo", "total=0.000001ms", self.nginx.url())
        self.assertEqual(alone.code, 4, alone)
        self.assertIn("violated", alone.text)

    def test_schedule(self):
        """--rate keeps its pace, and says what latency counts from."""
        report = self.many("-n", "50", "-c", "8", "--rate", "200", "--sampled", "0")
        self.assertEqual(report["latency_from"], "intended_start")
        # 49 intervals of 5 ms; how much longer depends on the machine.
        self.assertGreaterEqual(report["duration_us"], 245_000)
        self.assertEqual((report["requests"], report["missed"]), (50, 0))

    def test_failures_among_answers(self):
        """A 503 is an answer; --fail makes it 22."""
        flags = ("-n", "3", "--sampled", "0")
        self.assertEqual(self.many(*flags, path="/503")["statuses"], {"503": 3})
        self.assertEqual(self.many(*flags, "-f", path="/503", code=22)["unwelcome"], 3)

    def test_rows(self):
        """csv has a row of as many fields as its header for each request."""
        done = self.xtrace(
            "get", "-n", "10", "--sampled", "0", "--format", "csv", self.nginx.url()
        )
        rows = list(csv.DictReader(io.StringIO(done.text, newline="")))
        self.assertEqual([row["number"] for row in rows], [str(i) for i in range(1, 11)])
        self.assertEqual({row["status"] for row in rows}, {"200"})
        for row in rows:
            self.assertNotIn(None, row)
            self.assertGreaterEqual(int(row["total_us"]), int(row["ttfb_us"]))


class Interrupted(Case):
    """Ctrl-C in the middle of a run."""

    def test_interrupt(self):
        """What was measured is shown, what was under way is cancelled, and the exit is 130."""
        stuck = threading.Event()

        def answer_twice(peer):
            for _ in range(2):
                peer.read_request()
                peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            peer.read_request()
            stuck.set()
            peer.wait_for_close()

        with ScriptedServer(answer_twice) as server:
            arguments = ["get", "-n", "100", "--format", "json", server.url()]
            began = time.monotonic()
            process = program.start(arguments, self.environment())
            self.assertTrue(stuck.wait(10))
            process.send_signal(signal.SIGINT)
            done = self._checked(program.finish(process, arguments, began))
        self.assertEqual(done.code, 130, done)
        report = json.loads(done.text)
        self.assertTrue(report["interrupted"])
        self.assertEqual((report["requests"], report["cancelled"]), (2, 1))
        self.assertEqual(len(self.documents), 3)

    def test_progress(self):
        """A terminal shows how far the run is; Ctrl-C leaves the report and no such line."""
        arguments = ["get", "--duration", "1m", "--sampled", "0", self.nginx.url()]
        terminal = Terminal(arguments, self.environment(TERM="xterm"))
        terminal.see(b" left")
        terminal.type(b"\x03")
        done = self._checked(terminal.finish())
        self.assertEqual(done.code, 130, done)
        last = without_colors(done.out).rsplit(b"\r", 1)[-1]
        self.assertIn(b"INTERRUPTED", last)
        self.assertNotIn(b" left", last)
