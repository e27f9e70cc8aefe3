"""`xtrace emit`: documents from pipes and files, to receivers of every kind."""

import http.server
import json
import os
import signal
import socket
import subprocess
import threading
import time

from support import program
from support.case import Case, world
from support.daemon import HEADER
from support.ports import refusing_port
from support.terminal import Terminal

DATA = os.path.join(os.path.dirname(__file__), "..", "data", "sdk_datagrams")


def document(number, **more):
    made = {
        "name": "orders",
        "id": f"{number:016x}",
        "trace_id": "1-65a0b1c2-0123456789abcdef01234567",
        "start_time": 1705030082.25,
        "end_time": 1705030083.5,
        **more,
    }
    return json.dumps(made, separators=(",", ":")).encode()


class Reader(threading.Thread):
    """A receiver with the buffer every socket gets, which reads what comes as it comes."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        self.datagrams = []
        self.start()

    def run(self):
        while (datagram := self.socket.recv(65536)) != b"end":
            self.datagrams.append(datagram)

    def close(self):
        """Everything that was sent before has been read when this returns."""
        host, port = self.address.split(":")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"end", (host, int(port)))
        self.join(program.DEADLINE)
        self.socket.close()


class Pipes(Case):
    """What comes by a pipe arrives."""

    def emit(self, stdin, *flags, code=0, env=None):
        done = program.run(["emit", *flags], self.environment(**(env or {})), stdin)
        self.assertNotIn(b"Sanitizer", done.err, done)
        self.assertNotIn(b"runtime error", done.err, done)
        self.assertEqual(done.code, code, done)
        return done

    def test_get(self):
        """`xtrace get --format xray | xtrace emit` brings the very document."""
        made = self.xtrace("get", "--emit", "none", "--format", "xray", self.nginx.url())
        done = self.emit(made.out)
        self.assertEqual(self.daemon.drain_raw(), [HEADER + made.out.rstrip(b"\n")])
        self.assertEqual(
            done.notes, f"sent 1, split 0, refused 0 -> {self.daemon.address}\n", done
        )

    def test_many(self):
        """20,000 documents arrive at a receiver with an ordinary buffer, in their order."""
        reader = Reader()
        documents = [document(number + 1) for number in range(20000)]
        done = self.emit(
            b"\n".join(documents), env={"AWS_XRAY_DAEMON_ADDRESS": reader.address}
        )
        reader.close()
        self.assertEqual(len(reader.datagrams), 20000, done)
        self.assertEqual([data[len(HEADER) :].rstrip() for data in reader.datagrams], documents)
        self.assertIn("sent 20000, split 0, refused 0", done.notes)

    def test_sdks(self):
        """Datagrams of the Go, Node and Python SDKs are valid, and pass as they are."""
        for sdk in ("go", "node", "python"):
            with self.subTest(sdk):
                path = os.path.join(DATA, sdk + ".txt")
                with open(path, "rb") as file:
                    expected = [line for line in file.read().splitlines() if b'"id"' in line]
                self.emit(b"", path)
                raw = self.daemon.drain_raw()
                self.assertEqual([data[len(HEADER) :] for data in raw], expected)

    def test_batch_get_traces(self):
        """The answer of BatchGetTraces is sent again, as of now."""
        segments = [
            {"Id": "1", "Document": document(1).decode()},
            {"Id": "2", "Document": document(2, parent_id="0" * 15 + "1").decode()},
        ]
        answer = {"Traces": [{"Id": "x", "Segments": segments}], "UnprocessedTraceIds": []}
        began = time.time()
        self.emit(json.dumps(answer, indent=2).encode(), "--now")
        first, second = self.daemon.drain()
        self.assertEqual(second["parent_id"], first["id"])
        self.assertEqual(second["trace_id"], first["trace_id"])
        self.assertAlmostEqual(first["start_time"], began, delta=program.DEADLINE)

    def test_refused(self):
        """A refused document is told with line, field and reason; the rest goes on."""
        bad = document(2, subsegments=[{"name": "a", "id": "12", "start_time": 1, "end_time": 2}])
        done = self.emit(b"\n".join([document(1), bad, document(3)]), code=65)
        self.assertEqual(len(self.daemon.drain()), 2)
        self.assertIn('line 2: field "subsegments[0].id": "12": 2 hex digits', done.notes)

    def test_nobody(self):
        """Without a daemon it ends at once and says so."""
        nobody = {"AWS_XRAY_DAEMON_ADDRESS": f"127.0.0.1:{refusing_port()}"}
        done = self.emit(document(1), env=nobody)
        self.assertIn("nobody listens at", done.notes)
        self.emit(document(1), "--require-emit", env=nobody, code=69)

    def test_reader_goes(self):
        """A reader of stdout that goes away ends it quietly."""
        path = os.path.join(world().directory, "many.jsonl")
        with open(path, "wb") as file:
            file.write(b"\n".join(document(number + 1) for number in range(20000)))
        process = program.start(["emit", "--to", "-", path], self.environment())
        self.assertEqual(process.stdout.readline(), document(1) + b"\n")
        process.stdout.close()
        notes = process.stderr.read()
        process.stderr.close()
        self.assertEqual(process.wait(program.DEADLINE), 0, notes)
        self.assertEqual(len(notes.splitlines()), 1, notes)


class Open(Case):
    """An input that stays open."""

    def begin(self, *flags, env=None):
        process = program.start(
            ["emit", *flags], self.environment(**(env or {})), stdin=subprocess.PIPE
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def arrive(self, process, reader, text):
        """Writes and waits until as many datagrams have come as there are lines."""
        process.stdin.write(text)
        process.stdin.flush()
        return [reader.recv(65536) for _ in text.splitlines()]

    def receiver(self):
        reader = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(reader.close)
        reader.bind(("127.0.0.1", 0))
        reader.settimeout(program.DEADLINE)
        return reader, {"AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:%d" % reader.getsockname()[1]}

    def test_at_once(self):
        """What has come is sent before the input ends."""
        reader, env = self.receiver()
        process = self.begin(env=env)
        for number in (1, 2):
            got = self.arrive(process, reader, document(number) + b"\n")
            self.assertEqual(got, [HEADER + document(number)])
        _, notes = process.communicate(timeout=program.DEADLINE)
        self.assertEqual(process.returncode, 0)
        self.assertIn(b"sent 2, split 0, refused 0", notes)

    def test_signals(self):
        """A signal stops reading; what was read is sent and counted."""
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(number):
                reader, env = self.receiver()
                process = self.begin(env=env)
                self.arrive(process, reader, document(1) + b"\n" + document(2) + b"\n")
                process.stdin.write(document(3)[:40])
                process.stdin.flush()
                process.send_signal(number)
                notes = process.stderr.read().decode()
                self.assertEqual(process.wait(program.DEADLINE), code, notes)
                self.assertTrue(notes.startswith("sent 2, split 0, refused 0 -> "), notes)
                process.stdin.close()
                process.stdout.close()
                process.stderr.close()

    def test_drops(self):
        """What the daemon's socket lost meanwhile, by anybody's doing, is told."""
        reader, env = self.receiver()
        process = self.begin(env=env)
        self.arrive(process, reader, document(1) + b"\n")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.connect(reader.getsockname())
            for _ in range(3000):
                other.send(b"x" * 1000)
        kept = 0
        reader.setblocking(False)
        while True:
            try:
                reader.recv(65536)
                kept += 1
            except BlockingIOError:
                break
        self.assertLess(kept, 3000)
        _, notes = process.communicate(document(2), timeout=program.DEADLINE)
        self.assertIn(f"lost {3000 - kept} in the daemon's socket buffer", notes.decode())
        self.assertEqual(process.returncode, 0)

    def test_progress(self):
        """Long work shows its progress on a terminal, and erases it."""
        path = os.path.join(world().directory, "slow.jsonl")
        with open(path, "wb") as file:
            file.write(b"\n".join(document(number + 1) for number in range(9)))
        terminal = Terminal(
            ["emit", "--rate", "10/s", path], self.environment(TERM="xterm"), screen=("stderr",)
        )
        terminal.see(b" documents, ")
        done = terminal.finish()
        last = done.text.rsplit("\r\x1b[K", 1)[1]
        self.assertEqual(last, f"sent 9, split 0, refused 0 -> {self.daemon.address}\n")
        quiet = self.xtrace("emit", "--rate", "10/s", path)
        self.assertEqual(len(quiet.notes.splitlines()), 1, quiet)


class Acknowledged(Case):
    """The daemon's TCP side."""

    def test_verdicts(self):
        """tcp:// tells what the service rejected."""
        bodies = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                bodies.extend(body["TraceSegmentDocuments"])
                verdict = {"Id": "0" * 15 + "2", "ErrorCode": "InvalidSegment", "Message": "why"}
                answer = json.dumps({"UnprocessedTraceSegments": [verdict]}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                """Says nothing."""

        with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            to = "tcp://127.0.0.1:%d" % server.server_port
            done = self.xtrace("emit", "--to", to, stdin=document(1) + document(2))
            server.shutdown()
        self.assertEqual(bodies, [document(1).decode(), document(2).decode()])
        self.assertEqual(done.code, 65, done)
        self.assertEqual(
            done.notes,
            "xtrace: segment 0000000000000002: InvalidSegment: why\n"
            f"sent 1, split 0, refused 0, rejected 1 -> {to}\n",
        )
