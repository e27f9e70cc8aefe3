"""xtrace exec on a terminal: ^C, ^Z and who gets them."""

import os
import signal
import sys
import unittest

from support import program
from support.case import Case
from support.terminal import Terminal

#: Says "ready", tells each INT, and with USR1 how many there were, which is its exit code.
COUNTER = """
import os, signal, sys
seen = []
def interrupt(*_):
    seen.append(1)
    os.write(1, b"got %d\\n" % len(seen))
def report(*_):
    os.write(1, b"total %d\\n" % len(seen))
    os._exit(len(seen))
signal.signal(signal.SIGINT, interrupt)
signal.signal(signal.SIGUSR1, report)
os.write(1, b"ready\\n")
while True:
    signal.pause()
"""

class Keyboard(Case):
    """Exec on a terminal."""

    def test_interrupt(self):
        """^C reaches the command exactly once, and its own exit code comes out."""
        terminal = Terminal(
            ["exec", "--silent", "--", sys.executable, "-c", COUNTER], self.environment(TERM="xterm")
        )
        terminal.see(b"ready")
        terminal.type(b"\x03")
        terminal.see(b"got 1")
        # xtrace takes signals in the order of their numbers: an INT that it passed on would have
        # come before this one.
        terminal.process.send_signal(signal.SIGUSR1)
        terminal.see(b"total 1")
        done = self._checked(terminal.finish())
        self.assertEqual(done.code, 1, done)

    def test_interrupted(self):
        """^C kills a command that does not mind it, and the end is told as 130."""
        terminal = Terminal(
            ["exec", "--name", "nap", "--", "sh", "-c", "echo ready; exec sleep 60"],
            self.environment(TERM="xterm"),
        )
        terminal.see(b"ready")
        terminal.type(b"\x03")
        done = self._checked(terminal.finish())
        self.assertEqual(done.code, 130, done)
        self.assertEqual(len(self.documents), 2)
        self.assertRegex(done.text, r"xtrace: nap killed by SIGINT after .*s\nxtrace: trace 1-")
        self.assertIn(self.documents[0]["trace_id"], done.text)

    def test_notes(self):
        """What ran out of time and what never ran is told in one sentence, within 80 columns."""
        for arguments, code, sentence in (
            (["--timeout", "100ms", "sleep", "60"], 124, "sleep timed out after 100ms"),
            (["no-such-thing"], 127, "cannot run no-such-thing: no such file or directory (ENOENT)"),
        ):
            with self.subTest(code=code):
                done = self.on_terminal("exec", *arguments)
                self.assertEqual(done.code, code, done)
                trace = self.documents[0]["trace_id"]
                address = self.environment()["AWS_XRAY_DAEMON_ADDRESS"]
                self.assertEqual(
                    done.text.splitlines(),
                    [f"xtrace: {sentence}", f"xtrace: trace {trace} sent to udp://{address}"],
                )

    def test_own_group(self):
        """A command that left our process group gets ^C from us, since the terminal skips it."""
        leave = "import os; os.setpgid(0, 0)\n" + COUNTER
        terminal = Terminal(
            ["exec", "--silent", "--", sys.executable, "-c", leave], self.environment(TERM="xterm")
        )
        terminal.see(b"ready")
        terminal.type(b"\x03")
        terminal.see(b"got 1")
        terminal.process.send_signal(signal.SIGUSR1)
        done = self._checked(terminal.finish())
        self.assertEqual(done.code, 1, done)

    @unittest.skipUnless(os.path.exists("/bin/bash"), "there is no bash")
    def test_job_control(self):
        """^Z stops command and xtrace, the shell says so, and fg continues both."""
        terminal = Terminal(
            ["--norc", "--noprofile", "--noediting", "-i"],
            self.environment(TERM="dumb", PS1="prompt> ", HISTFILE=""),
            program="/bin/bash",
        )
        terminal.see(b"prompt> ")
        script = 'echo re""ady; read x; echo got $x; exit 4'
        terminal.type(f"{program.binary()} exec --silent -- sh -c '{script}'\n".encode())
        terminal.see(b"ready")
        terminal.type(b"\x1a")
        terminal.see(b"Stopped")
        terminal.see(b"prompt> ")
        terminal.type(b"fg\n")
        terminal.see(b"exec --silent")
        terminal.type(b"hello\n")
        terminal.see(b"got hello")
        terminal.see(b"prompt> ")
        terminal.type(b"echo code=$?\n")
        terminal.see(b"code=4")
        terminal.see(b"prompt> ")
        terminal.type(b"exit 0\n")
        done = self._checked(terminal.finish())
        self.assertEqual(done.code, 0, done)
        self.assertEqual(len(self.documents), 2)

    @unittest.skipUnless(os.path.exists("/bin/bash"), "there is no bash")
    def test_suspend(self):
        """A command that stops itself alone, in front, gives the terminal back to the shell."""
        terminal = Terminal(
            ["--norc", "--noprofile", "--noediting", "-i"],
            self.environment(TERM="dumb", PS1="prompt> ", HISTFILE=""),
            program="/bin/bash",
        )
        terminal.see(b"prompt> ")
        script = 'kill -STOP $$; echo on""ward'
        terminal.type(f"{program.binary()} exec --silent -- sh -c '{script}'\n".encode())
        terminal.see(b"Stopped")
        terminal.see(b"prompt> ")
        terminal.type(b"fg\n")
        terminal.see(b"onward")
        terminal.type(b"exit 0\n")
        self.assertEqual(self._checked(terminal.finish()).code, 0)
