"""Ctrl-C and signals: what was reached is shown, emitted, and the exit code tells."""

import signal
import threading
import time

from support import program
from support.case import Case, world
from support.dns import LateForwarder
from support.isolation import needs_isolation
from support.schema import read_report
from support.scripted import ScriptedServer
from support.terminal import Terminal, without_colors


class Interrupt(Case):
    """Signals that come while the server thinks."""

    def setUp(self):
        super().setUp()
        self.reached = threading.Event()

    def thinking(self, peer):
        peer.read_request()
        self.reached.set()
        peer.wait_for_close()

    def signalled(self, number, *flags):
        """Sends the signal once the server has the request."""
        with ScriptedServer(self.thinking) as server:
            arguments = ["get", *flags, server.url()]
            began = time.monotonic()
            process = program.start(arguments, self.environment())
            self.assertTrue(self.reached.wait(10))
            process.send_signal(number)
            return self._checked(program.finish(process, arguments, began))

    def test_interrupt(self):
        """SIGINT ends with 130, a report of the phases reached, and the segment."""
        done = self.signalled(signal.SIGINT, "--format", "json")
        self.assertEqual(done.code, 130, done)
        report = read_report(done.text)
        self.assertEqual((report["exit_code"], report["error"]["code"]), (130, "cancelled"))
        phases = done.phases
        self.assertEqual(phases["request"]["outcome"], "ok")
        self.assertEqual(phases["response"]["outcome"], "abandoned")
        self.assertIsNone(phases["body"])
        self.assertEqual(self.document["trace_id"], report["trace_id"])

    def test_verbose(self):
        """-v says that the request was interrupted, and how long it had lasted."""
        done = self.signalled(signal.SIGINT, "-v")
        self.assertRegex(done.notes, r"(?m)^\* +[0-9.]+ms interrupted$")

    def test_terminate(self):
        """SIGTERM does the same with 143."""
        done = self.signalled(signal.SIGTERM, "--format", "json")
        self.assertEqual(done.code, 143, done)
        self.assertEqual(read_report(done.text)["error"]["code"], "cancelled")
        self.assertEqual(len(self.documents), 1)

    def test_keyboard(self):
        """^C on a terminal draws the picture of what was reached and ends with 130."""
        with ScriptedServer(self.thinking) as server:
            terminal = Terminal(["get", server.url()], self.environment(TERM="xterm"))
            self.assertTrue(self.reached.wait(10))
            terminal.type(b"\x03")
            done = self._checked(terminal.finish())
        self.assertEqual(done.code, 130, done)
        self.assertRegex(without_colors(done.out).decode(), r"(?m)^ +wait .*x")
        self.assertIn(self.document["trace_id"], done.text)

    @needs_isolation
    def test_hanging_lookup(self):
        """A lookup that hangs does not hold the program after SIGINT."""
        names = world().names
        with LateForwarder(None) as late, names.replaced_by(late.address):
            arguments = ["get", "--format", "json", "http://v4.test/"]
            began = time.monotonic()
            process = program.start(arguments, self.environment())
            self.assertTrue(late.asked.wait(10))
            process.send_signal(signal.SIGINT)
            done = self._checked(program.finish(process, arguments, began))
        self.assertEqual(done.code, 130, done)
        self.assertEqual(read_report(done.text)["error"]["phase"], "dns")
        self.assertLess(done.seconds, 3.0)
