"""xtrace listen and show: X-Ray on one machine, from a datagram to a line, a file and a picture."""

import json
import os
import re
import select
import signal
import socket
import subprocess
import time
import urllib.request

from support import program
from support.case import Case, world
from support.ports import free_ports
from support.terminal import Terminal, without_colors

HEADER = b'{"format":"json","version":1}\n'
FREE = ("--udp", "0", "--tcp", "0", "--web", "0")


def segment(name="orders", trace=None, **more):
    """A document that is complete, unless `more` says otherwise; None takes a member away."""
    now = time.time()
    identifier = os.urandom(12).hex()
    document = {
        "name": name,
        "id": os.urandom(8).hex(),
        "trace_id": trace or f"1-{int(now):08x}-{identifier}",
        "start_time": now - 0.25,
        "end_time": now,
        **more,
    }
    return {key: value for key, value in document.items() if value is not None}


class Listener:
    """A running `xtrace listen` on free ports."""

    def __init__(self, case, *flags, stdout=subprocess.PIPE, env=None):
        self.arguments = ["listen", *FREE, *flags]
        self._began = time.monotonic()
        self.process = program.start(
            self.arguments, case.environment(**(env or {})), stdout=stdout
        )
        case.addCleanup(self._end)
        self.noted = b""
        ready = self.note(rb"listening .*\n")
        self.udp, self.tcp = (
            ready.split(kind + b" ")[1].split()[0].decode() for kind in (b"udp", b"tcp")
        )
        self.page = re.search(rb"page (http://\S+)", ready).group(1).decode()

    def _end(self):
        if self.process.poll() is None:
            self.process.kill()
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()
        self.process.wait()

    def note(self, pattern):
        """Waits until stderr has what matches."""
        return self._read_until(self.process.stderr, pattern)

    def line(self, pattern):
        """Waits until stdout has what matches."""
        return self._read_until(self.process.stdout, pattern)

    @staticmethod
    def _read_until(stream, pattern):
        seen = b""
        while not (found := re.search(pattern, seen)):
            if not select.select([stream], [], [], program.DEADLINE)[0]:
                raise TimeoutError(f"{pattern} does not come: {seen!r}")
            piece = os.read(stream.fileno(), 65536)
            if not piece:
                raise EOFError(f"{pattern} never came: {seen!r}")
            seen += piece
        return found.group(0)

    def send(self, *documents):
        host, port = self.udp.rsplit(":", 1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            for document in documents:
                text = document if isinstance(document, bytes) else json.dumps(document).encode()
                out.sendto(HEADER + text, (host, int(port)))

    def stats(self):
        with urllib.request.urlopen(self.page + "/api/stats", timeout=10) as answer:
            return json.load(answer)

    def await_documents(self, count):
        end = time.monotonic() + program.DEADLINE
        while self.stats()["received"] < count:
            if time.monotonic() > end:
                raise TimeoutError(f"{count} documents do not come: {self.stats()}")

    def finish(self, number=signal.SIGTERM):
        if number:
            self.process.send_signal(number)
        return program.finish(self.process, self.arguments, self._began)


class Listen(Case):
    """The program as a receiver."""

    def ended(self, listener, number=signal.SIGTERM, code=0):
        done = self._checked(listener.finish(number))
        self.assertEqual(done.code, code, done)
        return done

    def test_emit_to_line(self):
        """What emit sends is told in one line of 80 columns, in ASCII, with its trace id."""
        listener = Listener(self)
        document = segment(fault=True, http={"request": {"method": "GET", "url": "http://h/a?b=c"}})
        done = self.xtrace(
            "emit", "--to", "udp://" + listener.udp, stdin=json.dumps(document).encode()
        )
        self.assertEqual(done.code, 0, done)
        line = listener.line(rb"[^\n]* F  orders [^\n]*\n").decode("ascii")
        self.assertRegex(line, r"^\d\d:\d\d:\d\d +250ms #+ +F  orders +GET http://h/a\?\*\*\* +1 ")
        self.assertTrue(line.endswith(document["trace_id"][11:19] + "\n"), line)
        self.assertLessEqual(len(line), 81)
        done = self.ended(listener)
        self.assertRegex(done.notes, r"(?m)^1 trace, 1 fault; 1 document, 0 dropped$")

    def test_jsonl(self):
        """--format jsonl writes a row of the page's list for each trace that the filter takes."""
        listener = Listener(self, "--format", "jsonl", "--filter", 'service("orders")')
        wanted = segment()
        listener.send(segment("other"), wanted)
        row = json.loads(listener.line(rb"[^\n]+\n"))
        self.assertEqual((row["schema"], row["id"]), ("xtrace.trace/1", wanted["trace_id"]))
        self.assertEqual((row["name"], row["segments"], row["complete"]), ("orders", 1, True))
        self.assertEqual(self.ended(listener).out, b"")

    def test_refused(self):
        """A document that X-Ray would refuse is told with the service's code, and counted."""
        listener = Listener(self)
        listener.send(b"nonsense", segment(end_time=None))
        listener.line(rb"refused [^\n]*\(ParseError\)")
        done = self.ended(listener)
        said = " ".join(done.text.split())
        self.assertRegex(said, r"refused field .*\(MissingEndTime\), of trace [0-9a-f]{8}")
        self.assertIn("2 documents would be refused by X-Ray: 1 MissingEndTime, 1 ParseError", done.notes)

    def test_expected(self):
        """--expect ends with 0 once so many traces are complete, whatever order they come in."""
        listener = Listener(self, "--expect", "2", "--timeout", "30s", "--format", "none")
        root, leaf = segment("root"), segment("leaf")
        leaf.update(trace_id=root["trace_id"], parent_id=root["id"])
        listener.send(leaf, segment(), root)
        done = self.ended(listener, number=None)
        self.assertRegex(done.notes, r"(?m)^2 traces, 0 faults; 3 documents, 0 dropped$")

    def test_unexpected(self):
        """--expect ends with 1 where a trace is not complete in time, and says what is missing."""
        listener = Listener(self, "--expect", "2", "--timeout", "700ms", "--format", "none")
        orphan = segment("leaf", parent_id="00000000000000aa", type="subsegment")
        listener.send(segment(), orphan)
        done = self.ended(listener, number=None, code=1)
        self.assertIn("xtrace: 1 of 2 traces came and is complete\n", done.notes)
        self.assertIn(
            f'{orphan["trace_id"]} is not complete: "leaf" waits for its parent 00000000000000aa\n',
            done.notes,
        )

    def test_busy(self):
        """A port that is taken is 69, with who holds it."""
        listener = Listener(self)
        done = self.xtrace("listen", "--udp", listener.udp, "--tcp", "none", "--web", "none")
        self.assertEqual(done.code, 69, done)
        self.assertIn(listener.udp, done.notes)
        self.assertIn(f"(pid {listener.process.pid})", done.notes)

    def test_keyboard(self):
        """^C on a terminal is the normal end: a summary, and 0."""
        terminal = Terminal(["listen", *FREE], self.environment(TERM="xterm"))
        terminal.see(b"listening")
        terminal.type(b"\x03")
        done = self._checked(terminal.finish())
        self.assertEqual(done.code, 0, done)
        self.assertIn("0 traces, 0 faults; 0 documents, 0 dropped", done.text)

    def test_terminal(self):
        """A terminal with UTF-8 gets blocks and X-Ray's colours, and letters all the same."""
        environment = self.environment(TERM="xterm", LANG="C.UTF-8", FORCE_COLOR="")
        (port,) = free_ports(1)
        flags = ["--udp", str(port), "--tcp", "none", "--web", "none", "--expect", "1"]
        terminal = Terminal(["listen", *flags], environment, columns=130)
        terminal.see(b"listening")
        document = segment(error=True, throttle=True)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(HEADER + json.dumps(document).encode(), ("127.0.0.1", port))
        done = self._checked(terminal.finish())
        self.assertEqual(done.code, 0, done)
        self.assertIn(b"\x1b[1;35m", done.out)
        self.assertRegex(
            without_colors(done.out).decode(), "\u2588+.* T  orders .*" + document["trace_id"]
        )

    def test_kill_and_load(self):
        """After kill -9 the saved file has what came a second before, and listen reads it back."""
        path = os.path.join(world().directory, f"{self.id()}.jsonl")
        listener = Listener(self, "--save", path, "--format", "none")
        documents = [segment() for _ in range(50)]
        listener.send(*documents)
        listener.await_documents(50)
        end = time.monotonic() + 5
        while len(open(path, encoding="utf-8").readlines()) < 50:
            self.assertLess(time.monotonic(), end, "it is not saved")
            time.sleep(0.05)
        self.assertEqual(listener.finish(signal.SIGKILL).code, -9)
        with open(path, "ab") as file:
            file.write(b'{"name":"cut')
        again = Listener(self, "--save", path, "--load", path)
        self.assertEqual(again.stats()["traces"], 50)
        again.send(segment("after"))
        again.line(rb" after ")
        done = self.ended(again)
        self.assertNotIn(b"orders", done.out)
        shown = self.xtrace("show", path, "--filter", 'service("after")')
        self.assertIn(shown.code, (0, 65), shown)
        self.assertIn("after", shown.text)

    def test_closed_pipe(self):
        """A reader of stdout that goes away ends it in silence."""
        listener = Listener(self)
        listener.process.stdout.close()
        listener.process.stdout = None
        done = self.ended(listener, number=None)
        self.assertNotIn("stdout", done.notes)

    def test_full_disk(self):
        """A stdout that cannot be written ends with 23 and the reason."""
        with open("/dev/full", "wb") as full:
            listener = Listener(self, stdout=full)
            listener.send(segment())
            done = self.ended(listener, number=None, code=23)
        self.assertIn("cannot write to stdout: no space left on device (ENOSPC)", done.notes)

    def test_stopped_reader(self):
        """A reader that does not read holds nothing up: documents are taken, questions answered."""
        listener = Listener(self, "--format", "jsonl")
        for _ in range(20):
            listener.send(*[segment() for _ in range(50)])
        listener.await_documents(1000)
        with urllib.request.urlopen(listener.page + "/api/traces?limit=1", timeout=10) as answer:
            self.assertEqual(json.load(answer)["total"], 1000)
        done = self.ended(listener)
        self.assertEqual(done.out.count(b"\n"), 1000)


class Show(Case):
    """Traces that are held or saved, drawn."""

    def test_get_and_show(self):
        """A request that get traces is drawn by show, from the listener and from its page's URL."""
        listener = Listener(self, "--format", "none")
        report = self.get(self.nginx.url(), "--emit", "udp://" + listener.udp).report
        trace = report["trace_id"]
        listener.await_documents(1)
        for words in (
            (trace, "--from", listener.tcp),
            (trace[-8:], "--from", listener.tcp),
            (f"{listener.page}/t/{trace}",),
        ):
            done = self.xtrace("show", *words)
            self.assertEqual(done.code, 0, done)
            self.assertTrue(done.text.startswith(trace), done)
            self.assertRegex(done.text, r"(?m)^..    response +[#|]+ +[0-9.]+(us|ms)$")
            self.assertLessEqual(max(map(len, done.text.splitlines())), 80)
        listed = self.xtrace("show", env={"AWS_XRAY_DAEMON_ADDRESS": listener.tcp})
        self.assertIn(trace[11:19], listed.text)
        gone = self.xtrace("show", trace[:-4] + "0000", "--from", listener.tcp)
        self.assertEqual(gone.code, 1, gone)
        self.assertIn("holds no such trace", gone.notes)

    def test_formats(self):
        """What show writes as documents, emit and show read again."""
        documents = b"".join(json.dumps(segment()).encode() + b"\n" for _ in range(3))
        text = self.xtrace("show", "-", "--format", "xray", stdin=documents)
        self.assertEqual(sorted(text.out.splitlines()), sorted(documents.splitlines()))
        done = self.xtrace("emit", "--dry-run", "-", stdin=text.out)
        self.assertIn("would send 3", done.notes)

    def test_width(self):
        """A picture is as wide as the terminal, and no wider."""
        document = segment(http={"request": {"method": "GET", "url": "http://h/" + "x" * 200}})
        path = os.path.join(world().directory, f"{self.id()}.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(document, file)
        for columns in (50, 80, 130):
            done = self.on_terminal("show", path, columns=columns)
            lines = without_colors(done.out).decode().splitlines()
            self.assertLessEqual(max(map(len, lines)), columns, done)
