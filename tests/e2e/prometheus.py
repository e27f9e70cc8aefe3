#!/usr/bin/env python3
"""A real Prometheus reads both texts of ours: tests/e2e/prometheus.py

The program of prometheus_peer.cpp hands its metrics out by prometheus-cpp's exposer, and prints the
command line's text of the same, which is handed out here. PROMETHEUS names Debian's server,
XTRACE_PROMETHEUS_PEER our program.
"""

import http.server
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse
import urllib.request

CONFIG = """
global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}
scrape_configs:
  - {{job_name: exposer, static_configs: [{{targets: ["127.0.0.1:{exposer}"]}}]}}
  - {{job_name: text, static_configs: [{{targets: ["127.0.0.1:{text}"]}}]}}
"""
TIME = "toolkit_http_client_request_time_seconds"
TARGETS = {"10.0.0.1:8080", 'a"b\\c\nd', "é"}
#: Until Prometheus has read both; the machine may be busy.
PATIENCE = 30


class Text(http.server.BaseHTTPRequestHandler):
    """Hands out one text."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(self.server.text.encode())

    def log_message(self, *_):
        pass


class Prometheus(unittest.TestCase):
    """One Prometheus for all cases; it has read both texts when the first one runs."""

    @classmethod
    def setUpClass(cls):
        peer = cls.start([os.environ["XTRACE_PROMETHEUS_PEER"]], stdin=subprocess.PIPE)
        said = json.loads(peer.stdout.readline())
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Text)
        server.text = said["text"]
        cls.addClassCleanup(server.server_close)
        cls.addClassCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        folder = tempfile.TemporaryDirectory(prefix="xtrace-prometheus-")
        cls.addClassCleanup(folder.cleanup)
        config = pathlib.Path(folder.name) / "prometheus.yml"
        config.write_text(CONFIG.format(exposer=said["port"], text=server.server_port))
        command = [os.environ["PROMETHEUS"], f"--config.file={config}"]
        command += [f"--storage.tsdb.path={folder.name}/data", "--web.listen-address=127.0.0.1:0"]
        prometheus = cls.start(command, stderr=subprocess.STDOUT)
        cls.port = cls.port_in(prometheus.stdout)
        threading.Thread(target=prometheus.stdout.read, daemon=True).start()
        cls.wait_for("up == 1", 2)

    @classmethod
    def start(cls, command, **streams):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **streams)

        def end():
            process.terminate()
            process.wait(timeout=30)
            for stream in (process.stdin, process.stdout):
                if stream:
                    stream.close()

        cls.addClassCleanup(end)
        return process

    @staticmethod
    def port_in(log):
        lines = []
        for line in log:
            lines.append(line)
            found = re.search(r'msg="Listening on".* address=127\.0\.0\.1:(\d+)', line)
            if found:
                return int(found[1])
        raise AssertionError("Prometheus ended early:\n" + "".join(lines))

    @classmethod
    def ask(cls, path, **query):
        url = f"http://127.0.0.1:{cls.port}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=10) as reply:
            return json.load(reply)["data"]

    @classmethod
    def wait_for(cls, query, count):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                found = cls.ask("query", query=query)["result"]
            except OSError:  # not ready yet
                found = []
            if len(found) == count:
                return
            if time.monotonic() > end:
                raise AssertionError(f"{query} has {len(found)} results: {cls.ask('targets')}")
            time.sleep(0.05)

    def values(self, query):
        """By job and target, what a query gives."""
        results = self.ask("query", query=query)["result"]
        return {
            (result["metric"]["job"], result["metric"].get("target_id")): float(result["value"][1])
            for result in results
        }

    def both(self, value, targets=TARGETS):
        return {(job, target): value for job in ("exposer", "text") for target in targets}

    def test_histogram(self):
        """Counts, sums and buckets arrive in seconds, by every label's value."""
        self.assertEqual(self.values(f"{TIME}_count"), self.both(100))
        self.assertEqual(self.values(f"round({TIME}_sum, 0.001)"), self.both(5.05))
        self.assertEqual(self.values(f'{TIME}_bucket{{le="0.05"}}'), self.both(50))
        self.assertEqual(self.values(f'{TIME}_bucket{{le="+Inf"}}'), self.both(100))

    def test_quantile(self):
        """Prometheus finds the median where it is."""
        self.assertEqual(self.values(f"histogram_quantile(0.5, {TIME}_bucket)"), self.both(0.05))

    def test_counter_and_gauge(self):
        self.assertEqual(self.values("retries_total"), self.both(2.5))
        self.assertEqual(self.values("pool_idle"), self.both(-7, {None}))

    def test_metadata(self):
        """Types and helps arrive, the same from both."""
        known = {
            f"{TIME}": ("histogram", "From the start of a request to its headers."),
            "retries_total": ("counter", "Requests sent again."),
            "pool_idle": ("gauge", "Connections that idle."),
        }
        metadata = self.ask("metadata")
        for name, (kind, text) in known.items():
            self.assertEqual(metadata[name], [{"type": kind, "help": text, "unit": ""}])


if __name__ == "__main__":
    sys.exit(unittest.main())
