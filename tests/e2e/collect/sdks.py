"""AWS's SDKs, our own program, and what both were recorded sending, told to one collector."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import unittest

from support import node, program
from support.collector import CollectorCase

HERE = pathlib.Path(__file__).resolve().parent.parent
#: Debian's, which Debian's SDK is for.
PYTHON = shutil.which("python3", path="/usr/bin")
#: All by the reservoir, so that a decision tells of a quota; the SDKs pass over the second.
RULES = [
    {"RuleName": "shop", "Priority": 2, "FixedRate": 0, "ReservoirSize": 10, "URLPath": "/shop/*"},
    {"RuleName": "odd", "Priority": 1, "FixedRate": 1, "Attributes": {"tier": "gold"}},
]


def has_python_sdk():
    if PYTHON is None:
        return False
    command = [PYTHON, "-c", "import aws_xray_sdk"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def named(nodes):
    """Subsegments by name."""
    return {each["name"]: each for each in nodes}


class Sdks(CollectorCase):
    """Each case is a trace, or some, of another sender."""

    @classmethod
    def flags(cls):
        return "--rules", cls.write("rules.json", RULES)

    def run_client(self, command, **variables):
        env = program.environment(self.folder, **variables)
        done = subprocess.run(
            command, env=env, capture_output=True, text=True, timeout=60, check=False
        )
        self.assertEqual(done.returncode, 0, done)
        return done.stdout

    def summary(self, trace_id):
        """What the API says of a trace in a line."""
        frame = {"StartTime": 0, "EndTime": "9000-01-01", "FilterExpression": trace_id}
        (summary,) = self.collector.ask("/TraceSummaries", frame)["TraceSummaries"]
        return summary

    def test_node(self):
        """AWS's SDK for Node sends a trace, takes our rules, and is told its quota."""
        scratch = tempfile.TemporaryDirectory(prefix="xtrace-collect-")
        self.addCleanup(scratch.cleanup)
        folder = pathlib.Path(os.environ.get("XTRACE_PEERS", scratch.name))
        script = node.install(folder, "sdk_client.js")
        env = {"AWS_XRAY_DAEMON_ADDRESS": self.collector.daemon}
        told = json.loads(self.run_client(["node", str(script)], **env))
        self.assertEqual((told["rule"], told["quota"], told["complaints"]), ("shop", 10, []))
        (document,) = self.collector.documents(told["trace_id"])
        self.assertEqual(document["annotations"], {"customer": "four"})
        (pay,) = document["subsegments"]
        self.assertEqual(pay["cause"]["exceptions"][0]["message"], "no money")
        self.assertEqual(self.summary(told["trace_id"])["EntryPoint"]["Name"], "node shop")

    @unittest.skipUnless(has_python_sdk(), "Debian's python3-aws-xray-sdk is not installed")
    def test_python(self):
        """AWS's SDK for Python sends a NaN, which others can read, and a trace in parts."""
        address = "{}:{}".format(*self.collector.udp)
        told = json.loads(self.run_client([PYTHON, str(HERE / "sdk_client.py"), address]))
        (small,) = self.collector.documents(told["small"])
        pay = named(small["subsegments"])["pay"]
        self.assertEqual(pay["metadata"]["default"], {"balance": None})
        self.assertEqual(pay["cause"]["exceptions"][0]["message"], "no money")
        summary = self.summary(told["small"])
        self.assertTrue(summary["HasFault"])
        self.assertEqual(summary["Http"]["HttpStatus"], 503)
        self.assertIn("customer", summary["Annotations"])

        parts = self.collector.documents(told["large"], 32)
        steps = [part["name"] for part in parts if part.get("type") == "subsegment"]
        (root,) = [part for part in parts if part.get("type") != "subsegment"]
        steps += [each["name"] for each in root.get("subsegments", [])]
        self.assertEqual(sorted(steps), sorted(f"step {number}" for number in range(40)))
        self.assertFalse(self.summary(told["large"])["IsPartial"])

    def test_ours(self):
        """What xtrace sends is there as it says, over UDP and over TCP."""
        url = self.collector.endpoint + "/health"
        for to in ("udp://{}:{}".format(*self.collector.udp), self.collector.endpoint):
            with self.subTest(to=to):
                emit = to.replace("http://", "tcp://")
                command = [program.binary(), "get", "--format", "xray", "--emit", emit, url]
                sent = json.loads(self.run_client(command))
                (document,) = self.collector.documents(sent["trace_id"])
                self.assertEqual(document, sent)
                entry = self.summary(sent["trace_id"])["EntryPoint"]
                self.assertEqual(entry["Name"], sent["name"])

    def test_check(self):
        """`xtrace check` finds a daemon, and one that hands out rules."""
        env = {"AWS_XRAY_DAEMON_ADDRESS": self.collector.daemon}
        report = json.loads(self.run_client([program.binary(), "check", "--format", "json"], **env))
        tcp, udp = report["daemon"]["tcp"], report["daemon"]["udp"]
        self.assertEqual((tcp["state"], tcp["rules"], tcp["error"]), ("answers", 2, None))
        self.assertEqual((udp["state"], udp["reason"]), ("listening", None))

    def test_recorded(self):
        """What the SDKs for Go, Node and Python were recorded sending is there to the byte."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for file in sorted((HERE / "data" / "sdk_datagrams").iterdir()):
                lines = file.read_text(encoding="utf-8").splitlines()
                for header, text in zip(lines[::2], lines[1::2]):
                    with self.subTest(file=file.name):
                        sender.sendto(f"{header}\n{text}".encode(), self.collector.udp)
                        document = json.loads(text)
                        self.assertEqual(self.collector.documents(document["trace_id"]), [document])
                        summary = self.summary(document["trace_id"])
                        self.assertEqual(summary["EntryPoint"]["Name"], document["name"])
                        self.assertFalse(summary["IsPartial"])
        self.assertEqual(self.collector.stats()["rejected"]["header"], 0)
