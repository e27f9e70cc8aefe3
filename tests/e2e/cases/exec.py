"""xtrace exec: a command in a span, run as a shell would have run it."""

import functools
import json
import os
import signal
import subprocess
import sys
import time

from support import program
from support.case import Case, world
from support.isolation import needs_isolation

#: Writes which of the three streams are open to the file it is told.
STREAMS = """
import os, sys
def is_open(number):
    try:
        return bool(os.fstat(number))
    except OSError:
        return False
found = [number for number in range(3) if is_open(number)]
with open(sys.argv[1], "w", encoding="ascii") as file:
    file.write(str(found))
"""

#: Prints every open descriptor but the one that lists them.
DESCRIPTORS = """
import os
names = os.listdir("/proc/self/fd")
print(sorted(int(name) for name in names if os.path.exists("/proc/self/fd/" + name)))
"""


def close_all(numbers):
    for number in numbers:
        os.close(number)


class Command(Case):
    """What the command gets from us."""

    def shell(self, script, *arguments, **surroundings):
        return self.xtrace("exec", "--", "sh", "-c", script, "sh", *arguments, **surroundings)

    def pair(self):
        """The two documents of the last run: the announcement and the finished span."""
        self.assertEqual(len(self.documents), 2, self.documents)
        begun, ended = self.documents
        self.assertTrue(begun["in_progress"])
        self.assertNotIn("in_progress", ended)
        self.assertEqual(begun["id"], ended["id"])
        self.assertEqual(begun["start_time"], ended["start_time"])
        return begun, ended

    def test_streams(self):
        """stdin, stdout and stderr are the command's, byte for byte, and nothing is added."""
        data = bytes(range(256)) * 400
        done = self.shell("cat; echo bad >&2; exit 3", stdin=data)
        self.assertEqual((done.code, done.out, done.err), (3, data, b"bad\n"))
        _, ended = self.pair()
        self.assertTrue(ended["fault"])

    def test_closed_streams(self):
        """Streams that are closed are closed for the command too."""
        listed = os.path.join(world().directory, "streams")
        for closed in ((), (0,), (1, 2), (0, 1, 2)):
            with self.subTest(closed=closed):
                process = subprocess.Popen(
                    [program.binary(), "exec", "--", sys.executable, "-c", STREAMS, listed],
                    env=self.environment(),
                    preexec_fn=functools.partial(close_all, closed),
                )
                self.assertEqual(process.wait(program.DEADLINE), 0)
                with open(listed, encoding="ascii") as file:
                    self.assertEqual(json.load(file), sorted({0, 1, 2} - set(closed)))

    def test_descriptors(self):
        """What the caller left open beyond the streams is passed on, and nothing else is."""
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        done = subprocess.run(
            [program.binary(), "exec", "--", sys.executable, "-c", DESCRIPTORS],
            env=self.environment(),
            pass_fds=[writer],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=program.DEADLINE,
            check=True,
        )
        os.close(writer)
        self.assertEqual(json.loads(done.stdout), [0, 1, 2, writer])

    def test_environment(self):
        """The command's environment is ours and the trace's, and holds nothing of the program's."""
        before = self.environment(KEPT="a b\nc")
        show = "import json, os; print(json.dumps(dict(os.environ)))"
        done = self.xtrace("exec", "--", sys.executable, "-c", show, env={"KEPT": "a b\nc"})
        after = json.loads(done.text)
        for added in ("_X_AMZN_TRACE_ID", "TRACEPARENT"):
            self.assertIn(self.documents[0]["id"], after.pop(added))
        after.pop("LC_CTYPE", None)  # Python's own
        self.assertEqual(after, before)

    def test_nested(self):
        """An exec inside an exec is its subsegment."""
        xtrace = program.binary()
        done = self.xtrace(
            "exec", "--name", "outer", "--", xtrace, "exec", "--name", "inner", "--", "true"
        )
        self.assertEqual(done.code, 0, done)
        outer, inner, inner_end, outer_end = self.documents
        self.assertEqual(
            [document["name"] for document in self.documents], ["outer", "inner", "inner", "outer"]
        )
        self.assertEqual(inner["parent_id"], outer["id"])
        self.assertEqual((inner["type"], inner_end["type"]), ("subsegment", "subsegment"))
        self.assertEqual(inner["trace_id"], outer["trace_id"])
        self.assertNotIn("type", outer_end)
        self.assertGreaterEqual(outer_end["end_time"], inner_end["end_time"])

    def test_signals(self):
        """INT, TERM, HUP and QUIT sent to xtrace end the command, which is told by 128 and N."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            with self.subTest(number.name):
                arguments = ["exec", "--", "sh", "-c", "echo ready; exec sleep 60"]
                began = time.monotonic()
                process = program.start(arguments, self.environment())
                self.assertEqual(process.stdout.readline(), b"ready\n")
                process.send_signal(number)
                done = self._checked(program.finish(process, arguments, began))
                self.assertEqual(done.code, 128 + number, done)
                _, ended = self.pair()
                self.assertEqual(ended["metadata"]["process"]["signal"], number.name)
                message = ended["cause"]["exceptions"][0]["message"]
                self.assertEqual(message, "killed by " + number.name)

    def test_killed(self):
        """An xtrace that is killed has left the announcement."""
        process = program.start(
            ["exec", "--", "sh", "-c", "echo $$; exec sleep 60"], self.environment()
        )
        child = int(process.stdout.readline())
        process.kill()
        os.kill(child, signal.SIGKILL)
        process.communicate(timeout=program.DEADLINE)
        (left,) = self.daemon.drain()
        self.assertTrue(left["in_progress"])

    def test_ignored(self):
        """Signals that xtrace was started to ignore reach neither it nor the command."""
        arguments = ["exec", "--", "sh", "-c", "echo ready; read line; exit 5"]
        began = time.monotonic()
        process = subprocess.Popen(
            [program.binary(), *arguments],
            env=self.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
        )
        self.assertEqual(process.stdout.readline(), b"ready\n")
        process.send_signal(signal.SIGHUP)
        out, err = process.communicate(b"go on\n", timeout=program.DEADLINE)
        done = program.Run(tuple(arguments), process.returncode, out, err, time.monotonic() - began)
        self.assertEqual(self._checked(done).code, 5)

    def test_timeout(self):
        """--timeout ends a command that ignores TERM by KILL, with 124."""
        done = self.xtrace(
            "exec", "--timeout", "200ms", "--kill-after", "50ms", "--", sys.executable, "-c",
            "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.pause()",
        )
        self.assertEqual(done.code, 124, done)
        _, ended = self.pair()
        self.assertEqual(ended["cause"]["exceptions"][0]["message"], "timed out after 200ms")
        self.assertGreaterEqual(ended["end_time"] - ended["start_time"], 0.2)

    @needs_isolation
    def test_first_process(self):
        """As the first process of a container it collects orphans and still passes TERM on."""
        script = (
            "(true & true &) ; until ! grep -qs '^State:.Z' /proc/[0-9]*/status; do :; done; "
            "trap 'exit 9' TERM; (kill -TERM 1) & while :; do :; done"
        )
        done = subprocess.run(
            ["unshare", "--pid", "--fork", "--mount-proc", program.binary(), "exec", "--", "sh",
             "-c", script],
            env=self.environment(),
            capture_output=True,
            timeout=program.DEADLINE,
            check=False,
        )
        self.assertEqual(done.returncode, 9, done)
