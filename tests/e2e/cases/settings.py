"""Configuration files where they really lie, and what `check` says of them."""

import json
import os
import tempfile

from support.case import Case
from support.daemon import Daemon


class Settings(Case):
    """A home with a project in it."""

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory(prefix="xtrace-settings-")
        self.addCleanup(folder.cleanup)
        self.home = os.path.realpath(folder.name)
        self.deep = os.path.join(self.home, "shop", "src", "api")
        os.makedirs(self.deep)

    def write(self, name, text):
        path = os.path.join(self.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def at_home(self, *arguments, **changes):
        """Runs the program deep in the project."""
        env = {"HOME": self.home, "XTRACE_CONFIG": None, **changes}
        return self.xtrace(*arguments, env=env, cwd=self.deep)

    def settings(self, **changes):
        """Where each name's value comes from, where it counts."""
        done = self.at_home("check", "--config", "--format", "json", **changes)
        self.assertEqual(done.err, b"", done)
        settings = json.loads(done.text)["settings"]
        return {s["name"]: (s["value"], s["origin"]) for s in settings if not s["overridden_by"]}

    def test_order(self):
        """Flags win over the environment, that over the project, that over one's own file."""
        own = self.write(".config/xtrace/config", "name = mine\nmax-time = 9\nannotate = a=1\n")
        project = self.write("shop/.xtracerc", "# ours\nname = ours\nannotate = b=2\n")
        url = self.nginx.url()
        self.assertEqual(self.at_home("get", url).code, 0)
        self.assertEqual(self.document["name"], "ours")
        self.assertEqual(self.document["annotations"], {"a": 1, "b": 2})
        self.at_home("get", url, AWS_XRAY_TRACING_NAME="theirs")
        self.assertEqual(self.document["name"], "theirs")
        self.at_home("get", "--name", "typed", url, AWS_XRAY_TRACING_NAME="theirs")
        self.assertEqual(self.document["name"], "typed")
        self.at_home("get", "--config", "none", url)
        self.assertEqual(self.document["name"], "xtrace")
        found = self.settings()
        self.assertEqual(found["name"], ("ours", f"{project}:2"))
        self.assertEqual(found["max-time"], ("9", f"{own}:2"))
        self.assertEqual(found["emit"], (self.daemon.address, "AWS_XRAY_DAEMON_ADDRESS"))
        self.assertEqual(found["color"], ("auto", "default"))

    def test_hostile_project(self):
        """What comes with somebody's sources runs nothing, writes nothing, leads nowhere."""
        target = os.path.join(self.home, "target")
        url = self.nginx.url()
        for line in (
            f"output = {target}",
            f"emit = file:{target}",
            "emit = udp://192.0.2.1:2000",
            "insecure",
            "header = @/etc/passwd",
            "connect-to = ::192.0.2.1:80",
            "unix-socket = /var/run/docker.sock",
            "data = @/etc/passwd",
            "no-redact",
        ):
            with self.subTest(line):
                path = self.write("shop/.xtracerc", line + "\n")
                for verb in (["get", url], ["check"]):
                    done = self.at_home(*verb, AWS_XRAY_DAEMON_ADDRESS=None)
                    self.assertEqual(done.code, 2, done)
                    self.assertEqual((done.out, done.notes.count("\n")), (b"", 1), done)
                    self.assertTrue(done.notes.startswith(f"{path}:1: "), done)
                self.assertFalse(os.path.exists(target))
                self.assertEqual(self.at_home("get", "-Knone", url).code, 0)

    def test_stranger(self):
        """A project's file that everybody may write to does not count, and check says so."""
        path = self.write("shop/.xtracerc", "name = stranger\n")
        os.chmod(path, 0o666)
        self.at_home("get", self.nginx.url())
        self.assertEqual(self.document["name"], "xtrace")
        self.assertIn("ignored: everybody may change it", self.at_home("check", "--config").text)

    def test_beyond_home(self):
        """The search ends at home: what lies above it is no project of ours."""
        self.write(".xtracerc", "name = above\n")
        home = os.path.join(self.home, "shop")
        self.at_home("get", self.nginx.url(), HOME=home)
        self.assertEqual(self.document["name"], "xtrace")
        self.at_home("get", self.nginx.url())
        self.assertEqual(self.document["name"], "above")

    def test_check(self):
        """check tells a daemon that takes datagrams from one that has left."""
        done = self.xtrace("check")
        self.assertEqual(done.code, 0, done)
        self.assertIn("ok  udp  somebody listens", done.text)
        self.assertLessEqual(max(map(len, done.text.splitlines())), 80)
        gone = Daemon()
        gone.close()
        done = self.xtrace("check", "--emit", f"udp://{gone.address}")
        self.assertEqual(done.code, 69, done)
        self.assertIn("no  udp  nobody listens", done.text)

    def test_check_on_terminal(self):
        """On a terminal there are colours, and marks where it can show them."""
        screen = self.on_terminal("check", env={"LANG": "C.UTF-8"})
        self.assertIn("\u2713", screen.text)
        self.assertIn("\x1b[", screen.text)
