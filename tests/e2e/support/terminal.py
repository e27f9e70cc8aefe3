"""A terminal for the program, of a chosen size, as its stdin, stdout, stderr or all of them."""

import errno
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

from support.program import DEADLINE, Run, binary

ESCAPE = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A program on a pseudo terminal that controls it, so that ^C reaches it as from a keyboard."""

    def __init__(self, arguments, env, columns=80, screen=("stdout", "stderr"), program=None):
        self._arguments = tuple(arguments)
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self._began = time.monotonic()
        streams = {
            name: slave if name in screen else subprocess.PIPE for name in ("stdout", "stderr")
        }
        self.process = subprocess.Popen(
            [program or binary(), *arguments],
            env=env,
            stdin=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            **streams,
        )
        os.close(slave)
        self._seen = b""
        self._from = 0

    def type(self, text):
        os.write(self._master, text)

    def see(self, text):
        """Waits until the screen shows `text` after what was seen by the last call."""
        while (at := self._seen.find(text, self._from)) < 0:
            if not self._read_screen():
                raise EOFError(f"the screen never shows {text!r}: {self._seen!r}")
        self._from = at + len(text)

    def finish(self):
        """Waits for the end. `out` is what the screen showed, `err` the other stream, if any."""
        while self._read_screen():
            pass
        piped = self.process.stdout or self.process.stderr
        rest = piped.read() if piped else b""
        if piped:
            piped.close()
        code = self.process.wait(DEADLINE)
        os.close(self._master)
        out = self._seen.replace(b"\r\n", b"\n")
        return Run(self._arguments, code, out, rest, time.monotonic() - self._began)

    def _read_screen(self):
        left = self._began + DEADLINE - time.monotonic()
        ready, _, _ = select.select([self._master], [], [], max(0.0, left))
        if not ready:
            self.process.kill()
            raise TimeoutError(
                f"xtrace {' '.join(self._arguments)} did not end; the screen shows {self._seen!r}"
            )
        try:
            piece = os.read(self._master, 65536)
        except OSError as error:
            # Linux says EIO once the last process has closed its side.
            if error.errno == errno.EIO:
                return False
            raise
        self._seen += piece
        return bool(piece)


def without_colors(data):
    return ESCAPE.sub(b"", data)
