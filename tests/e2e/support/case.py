"""The base of all cases: the program in its surroundings, and a daemon that checks it all."""

import atexit
import functools
import os
import shutil
import tempfile
import unittest

from support import isolation, program
from support.certificates import Certificates
from support.daemon import Daemon
from support.dns import NameServer
from support.nginx import Nginx
from support.terminal import Terminal


class World:
    """What all cases share, made when first asked for and taken down at the end of the run."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="xtrace-e2e-")
        atexit.register(shutil.rmtree, self.directory, ignore_errors=True)
        self._resolver_file = isolation.furnish(self.directory) if isolation.isolated() else None

    @functools.cached_property
    def certificates(self):
        return Certificates(os.path.join(self.directory, "certificates"))

    @functools.cached_property
    def nginx(self):
        directory = os.path.join(self.directory, "nginx")
        os.mkdir(directory)
        return self._closed_at_exit(Nginx(directory, self.certificates))

    @functools.cached_property
    def names(self):
        return self._closed_at_exit(NameServer(self.directory, self._resolver_file))

    @staticmethod
    def _closed_at_exit(thing):
        atexit.register(thing.close)
        return thing


@functools.cache
def world():
    return World()


class Case(unittest.TestCase):
    """A case calls `self.xtrace(...)`; what it emits comes to `self.daemon`.

    The documents of the last run are checked and kept in `self.documents`.
    """

    maxDiff = None

    def setUp(self):
        self.daemon = Daemon()
        self.documents = []
        self.addCleanup(self.daemon.close)

    @property
    def nginx(self):
        return world().nginx

    @property
    def certificates(self):
        return world().certificates

    @property
    def document(self):
        """The one document of the last run."""
        self.assertEqual(len(self.documents), 1, "exactly one document is emitted")
        return self.documents[0]

    def environment(self, **changes):
        return program.environment(
            world().directory, **{"AWS_XRAY_DAEMON_ADDRESS": self.daemon.address, **changes}
        )

    def xtrace(self, *arguments, stdin=b"", env=None, cwd=None):
        """Runs the program; a crash or a sanitizer's report fails, whatever the case expects."""
        done = program.run(arguments, self.environment(**(env or {})), stdin, cwd)
        return self._checked(done)

    def get(self, url, *flags, code=0, **surroundings):
        """Runs `xtrace get --format json FLAGS URL`; expects this exit code and a valid report."""
        done = self.xtrace("get", "--format", "json", *flags, url, **surroundings)
        self.assertEqual(done.code, code, done)
        self.assertEqual(done.report["exit_code"], code)
        self.assertEqual(done.report["error"] is None, code in (0, 22, 69), done)
        return done

    def on_terminal(self, *arguments, env=None, **screen):
        """Runs the program on a terminal to its end."""
        return self._checked(
            Terminal(
                arguments, self.environment(**{"TERM": "xterm", **(env or {})}), **screen
            ).finish()
        )

    def assertFails(self, done, code, phase):
        """The report, its attempt and the segment all name this error and this phase."""
        error = done.report["error"]
        self.assertEqual((error["code"], error["phase"]), (code, phase), done)
        self.assertEqual(done.attempt["error"], error)
        self.assertTrue(self.document["fault"], "a transport failure is a fault")
        remote = self.document["subsegments"][0]
        self.assertTrue(remote["fault"])
        self.assertEqual(remote["cause"]["exceptions"][0]["message"], error["message"])

    def assertAbsent(self, done, *phases):
        self.assertEqual([phase for phase in phases if done.phases[phase] is not None], [], done)

    def _checked(self, done):
        for mark in (b"AddressSanitizer", b"runtime error:", b"LeakSanitizer"):
            self.assertNotIn(mark, done.err, done)
            self.assertNotIn(mark, done.out, done)
        self.assertGreaterEqual(done.code, 0, f"killed by a signal\n{done}")
        self.documents = self.daemon.drain()
        return done
