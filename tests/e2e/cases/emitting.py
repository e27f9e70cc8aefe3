"""Where segments go, and what happens when nobody is there."""

import json
import os

from support.case import Case, world
from support.daemon import Daemon, check_document
from support.isolation import needs_isolation
from support.ports import refusing_port
from support.scripted import ScriptedServer, answer


class Address(Case):
    """How the daemon is found."""

    def arrives(self, daemon, *flags, env=None):
        """Runs and expects exactly one document at `daemon`, and none at the case's own."""
        self.addCleanup(daemon.close)
        done = self.get(self.nginx.url(), *flags, env=env)
        self.assertEqual(len(daemon.drain()), 1, done)
        return done

    def test_flag(self):
        """--emit udp://HOST:PORT wins over AWS_XRAY_DAEMON_ADDRESS."""
        other = Daemon()
        done = self.arrives(other, "--emit", "udp://" + other.address)
        self.assertEqual(self.documents, [])
        self.assertEqual(done.report["emit"]["to"], "udp://" + other.address)

    def test_two_protocols(self):
        """AWS_XRAY_DAEMON_ADDRESS may name udp and tcp apart, in either order."""
        for form in ("tcp:127.0.0.1:1 udp:{}", "udp:{} tcp:127.0.0.1:1"):
            with self.subTest(form):
                other = Daemon()
                self.arrives(other, env={"AWS_XRAY_DAEMON_ADDRESS": form.format(other.address)})

    def test_ipv6(self):
        """A daemon on IPv6 is reached."""
        other = Daemon(host="::1")
        self.arrives(other, env={"AWS_XRAY_DAEMON_ADDRESS": other.address})

    def test_host_name(self):
        """A daemon given by name is looked up."""
        other = Daemon()
        port = other.address.rsplit(":", 1)[1]
        self.arrives(other, env={"AWS_XRAY_DAEMON_ADDRESS": "localhost:" + port})

    def test_bad_address(self):
        """A bad AWS_XRAY_DAEMON_ADDRESS is told in one sentence that names it."""
        done = self.xtrace("get", self.nginx.url(), env={"AWS_XRAY_DAEMON_ADDRESS": "nonsense"})
        self.assertEqual(done.code, 2, done)
        self.assertIn("AWS_XRAY_DAEMON_ADDRESS", done.notes)

    @needs_isolation
    def test_default(self):
        """Without any setting it is 127.0.0.1:2000."""
        self.arrives(Daemon(port=2000), env={"AWS_XRAY_DAEMON_ADDRESS": None})


class Sinks(Case):
    """Other places than a daemon."""

    def test_file(self):
        """file:PATH appends one document a line."""
        path = os.path.join(world().directory, "kept.jsonl")
        for _ in range(2):
            done = self.get(self.nginx.url(), "--emit", "file:" + path)
        self.assertEqual(self.documents, [])
        self.assertEqual(done.report["emit"]["outcome"], "sent")
        with open(path, encoding="utf-8") as file:
            documents = [check_document(line) for line in file]
        self.assertEqual(len(documents), 2)

    def test_standard_output(self):
        """- writes the document to stdout."""
        done = self.xtrace("get", "--emit", "-", "--format", "compact", self.nginx.url())
        self.assertEqual(done.code, 0, done)
        found = [line for line in done.text.splitlines() if line.startswith("{")]
        self.assertEqual(len(found), 1, done)
        self.assertEqual(json.loads(found[0])["name"], "xtrace")

    def test_none(self):
        """none sends nothing and says so."""
        done = self.get(self.nginx.url(), "--emit", "none")
        self.assertEqual(self.documents, [])
        self.assertEqual(done.report["emit"]["outcome"], "off")

    def test_not_built(self):
        """A sink that there is not is bad usage."""
        for sink in ("tcp://nohost", "pigeon:loft", "udp://nohost"):
            self.assertEqual(self.xtrace("get", "--emit", sink, self.nginx.url()).code, 2, sink)

    def test_unwritable_file(self):
        """A file that cannot be written fails the emission, not the request."""
        done = self.get(self.nginx.url(), "--emit", "file:/no/such/directory/file")
        self.assertIn(done.report["emit"]["outcome"], ("failed", "refused"))
        done = self.get(
            self.nginx.url(), "--require-emit", "--emit", "file:/no/such/directory/file", code=69
        )
        self.assertEqual(done.report["status"], 200)


class Nobody(Case):
    """Nobody listens."""

    def setUp(self):
        super().setUp()
        self.nobody = {"AWS_XRAY_DAEMON_ADDRESS": f"127.0.0.1:{refusing_port()}"}

    def test_exit(self):
        """A refused segment changes neither the exit code nor the report's status, and is told."""
        done = self.get(self.nginx.url(), env=self.nobody)
        self.assertEqual(done.report["emit"]["outcome"], "refused")
        self.assertEqual(done.err, b"", "there is no note where stderr is no terminal")

    def test_note(self):
        """On a terminal's stderr one dim line says so, with the address; -s silences it."""
        address = self.nobody["AWS_XRAY_DAEMON_ADDRESS"]
        arguments = ("get", "--format", "json", self.nginx.url())
        done = self.on_terminal(*arguments, env=self.nobody, screen=("stderr",))
        self.assertEqual(done.code, 0)
        self.assertIn(address, done.text)
        self.assertEqual(len(done.text.strip().splitlines()), 1, done)
        self.assertIn("\x1b[2m", done.text)
        done = self.on_terminal(*arguments, "-s", env=self.nobody, screen=("stderr",))
        self.assertEqual(done.text, "")

    def test_required(self):
        """--require-emit turns it into exit 69; with a daemon it is 0."""
        done = self.get(self.nginx.url(), "--require-emit", env=self.nobody, code=69)
        self.assertEqual(done.report["status"], 200)
        self.get(self.nginx.url(), "--require-emit")

    def test_picture(self):
        """The picture's trace line says that the trace was not sent."""
        done = self.xtrace("get", self.nginx.url(), env=self.nobody)
        self.assertIn("not sent", done.text.splitlines()[-1], done)

    def test_failure_first(self):
        """A failed request keeps its own exit code."""
        with ScriptedServer(answer(b"")) as server:
            done = self.xtrace("get", "--require-emit", server.url(), env=self.nobody)
        self.assertEqual(done.code, 52, done)
