"""The traced service of server_peer.cpp, in a process of its own."""

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from support import program
from support.daemon import Daemon
from support.wire import Wire

ROOT = "1-5759e988-bd862e3fe1be46a994272793"
PARENT = "53995c3f42cd8ad8"
SAMPLED = f"X-Amzn-Trace-Id: Root={ROOT};Parent={PARENT};Sampled=1\r\n"


class Service:
    """Runs until `stop()`; what it emits goes to `daemon`. Settings are those of the program."""

    def __init__(self, daemon, **settings):
        settings = {"daemon": daemon.address, **settings}
        words = [f"{name}={value}" for name, value in settings.items()]
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [os.environ["XTRACE_SERVER_PEER"], *words],
            env=program.environment(tempfile.gettempdir()),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self.errors,
        )
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            raise AssertionError(f"server_peer does not start: {self.said()}")
        self.port = json.loads(line)["port"]
        self.address = f"127.0.0.1:{self.port}"

    def url(self, path, scheme="http"):
        return f"{scheme}://{self.address}{path}"

    def wire(self, **more):
        return Wire(self.port, **more)

    def ask(self, path, **more):
        """One request on a connection of its own."""
        with self.wire() as wire:
            return wire.ask(path, **more)

    def stats(self):
        """The server's counts; the asking counts as well."""
        return json.loads(self.ask("/stats").body)

    def send_signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def finish(self, deadline=10.0):
        """Waits for its end after a signal and returns its last counts."""
        killer = threading.Timer(deadline, self.process.kill)
        killer.start()
        try:
            lines = self.process.stdout.read().splitlines()
            code = self.process.wait()
        finally:
            killer.cancel()
            self.process.stdout.close()
        said = self.said()
        self.errors.close()
        if code != 0 or said:
            raise AssertionError(f"server_peer ended with {code}: {said}")
        return json.loads(lines[-1])

    def stop(self, number=signal.SIGTERM):
        self.send_signal(number)
        return self.finish()

    def is_over(self):
        return self.errors.closed

    def said(self):
        self.errors.seek(0)
        return self.errors.read().decode("utf-8", "replace")


class ServiceCase(unittest.TestCase):
    """A case starts services with `self.serve(...)`, which tell their traces to `self.daemon`.

    Whatever a case did to a service, at its end that closes gracefully and has leaked nothing.
    """

    maxDiff = None

    def setUp(self):
        self.daemon = Daemon()
        self.addCleanup(self.daemon.close)

    def serve(self, **settings):
        service = Service(self.daemon, **settings)
        self.addCleanup(self._stop, service)
        return service

    def documents(self, count):
        """The next so many documents, as soon as they are there, and never one more."""
        documents = self.daemon.await_documents(count)
        self.assertEqual(len(documents), count, [document["name"] for document in documents])
        return documents

    def document(self):
        return self.documents(1)[0]

    def broken(self, count, meanwhile=None):
        """At least so many documents of exchanges that the client broke off, none of the others."""
        found = []
        end = time.monotonic() + 10
        while len(found) < count and time.monotonic() < end:
            if meanwhile:
                self.assertEqual(meanwhile().status, 200)
            found += [d for d in self.daemon.await_documents(0 if meanwhile else 1) if "error" in d]
        self.assertGreaterEqual(len(found), count)
        return found

    def assertServes(self, service):
        """The next connection is served as if nothing had happened."""
        self.assertEqual(service.ask("/stats").status, 200)

    def directory(self):
        folder = tempfile.TemporaryDirectory(prefix="xtrace-servers-")
        self.addCleanup(folder.cleanup)
        return folder.name

    @staticmethod
    def _stop(service):
        if not service.is_over():
            with contextlib.suppress(ProcessLookupError):
                service.send_signal()
            service.finish()
