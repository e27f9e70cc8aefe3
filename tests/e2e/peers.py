#!/usr/bin/env python3
"""A real SDK beside ours: tests/e2e/peers.py

AWS's X-Ray SDK for Node, as the lock file of tests/bench/node pins it, and xtrace read each other's
trace headers and the same daemon addresses, and a trace passes from the program into a service that
uses the SDK. (The SDK has no reader of segment documents to hand ours to.) XTRACE names the binary,
XTRACE_HEADER_PEER the program of header_peer.cpp, XTRACE_PEERS the folder that npm fills.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from support import node  # noqa: E402

ROOT = "1-5759e988-bd862e3fe1be46a994272793"
PARENT = "53995c3f42cd8ad8"
WHOLE = f"Root={ROOT};Parent={PARENT}"

HEADERS = [
    "",
    f"{WHOLE};Sampled=1",
    f"{WHOLE};Sampled=0",
    f"Root={ROOT};Sampled=?",
    f"Root={ROOT}",
    "Sampled=1",
    "rOOt=1-58ed6027-14afb2e09172c337713486c0;pArEnt=48af77592b6dd73f;sAmPlEd=1",
    "Sampled=?;Root=0-57ff426a-80c11c39b0c928905eb0828d;Parent=foo;Self=2;Foo=bar",
    "Sampled=?; Root=0-57ff426a-80c11c39b0c928905eb0828d; Parent=foo;\tSelf=2; Foo=bar",
    f"{WHOLE};Sampled=1;Lineage=1:a87bd80c:0|68fd508a:5|c512fbe3:2",
    f"Self=1-67891234-12456789abcdef012345678;Root={ROOT};k1=v1;k2=v2",
    f"Root={ROOT};",
    f"Root={ROOT};Parent",
    f"Root={ROOT};={PARENT}",
    f"Root={ROOT};Parent=",
    f"Root=x;Root={ROOT}",
    f"Root={ROOT};Foo=bar;Baz=" + 251 * "a",
    "Baz=" + 257 * "a" + f";Root={ROOT};Foo=bar",
    "some invalid string",
]

ADDRESSES = [
    "192.168.0.1:3000",
    "tcp:192.168.0.1:3000 udp:127.0.0.2:8080",
    "udp:127.0.0.2:8080 tcp:192.168.0.1:3000",
    "tcp:10.0.0.1:1, udp:10.0.0.2:2",
    "xray.local:2000",
    "192.168.0.1",
    "8000",
    "tcp:192.168.0.1:3000",
    "127.0.0.2:8080 192.168.0.1:3000",
    "udp:127.0.0.2:8080 192.168.0.1:3000",
    "tcp:h:1,udp:h:2",
    "UDP:h:1 TCP:h:2",
    "udp:h:1 udp:h:2",
]
#: What we take though this SDK does not, for others do or no harm is in it.
WIDER = [":8000", "udphost:2000", " 192.168.0.1:3000", "tcp:h:1  udp:i:2"]
#: What this SDK takes and can do nothing with.
SENSELESS = ["127.0.0.1:70000", "127.0.0.1:2000:x"]


class Peer:
    """A program that answers a line with a line."""

    def __init__(self, command, env=None):
        self._process = subprocess.Popen(
            command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, question):
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return self.hear()

    def hear(self):
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError(f"{self._process.args[0]} ended instead of answering")
        return json.loads(line)

    def close(self):
        self._process.stdin.close()
        self._process.stdout.close()
        if self._process.wait(timeout=30) != 0:
            raise AssertionError(f"{self._process.args[0]} failed ({self._process.returncode})")


class Peers(unittest.TestCase):
    """One Node and one program of ours for all cases."""

    @classmethod
    def setUpClass(cls):
        script = node.install(cls.folder, "peer.js")
        quiet = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        cls.sdk = Peer(["node", str(script)], quiet)
        cls.addClassCleanup(cls.sdk.close)
        cls.port = cls.sdk.hear()["port"]
        cls.ours = Peer([os.environ["XTRACE_HEADER_PEER"]])
        cls.addClassCleanup(cls.ours.close)

    def test_ours_is_read(self):
        """The SDK reads what we print as we meant it."""
        for text in HEADERS:
            with self.subTest(text=text):
                ours = self.ours.ask({"header": text})
                theirs = self.sdk.ask({"header": ours["printed"]})
                self.assertEqual(theirs.get("root", ""), ours["root"])
                self.assertEqual(theirs.get("parent", ""), ours["parent"])
                self.assertEqual(theirs.get("sampled", ""), ours["sampled"])
                self.assertEqual(theirs.get("data", {}), ours["extra"])
                self.assertNotIn("self", theirs)

    def test_same_reading(self):
        """Both read the same out of a third party's header."""
        for text in HEADERS:
            with self.subTest(text=text):
                ours = self.ours.ask({"header": text})
                theirs = self.sdk.ask({"header": text})
                self.assertEqual(theirs.get("root", ""), ours["root"])
                self.assertEqual(theirs.get("parent", ""), ours["parent"])
                self.assertEqual(theirs.get("sampled", ""), ours["sampled"])
                self.assertEqual(theirs.get("data", {}), ours["extra"])

    def test_theirs_is_read(self):
        """We read what the SDK sends on as it meant it, and print it the same."""
        for text in HEADERS:
            with self.subTest(text=text):
                sent = self.sdk.ask({"call": text})
                ours = self.ours.ask({"header": sent["header"]})
                self.assertEqual(ours["root"], sent["trace_id"])
                self.assertEqual(ours["printed"], sent["header"])
                self.assertEqual(ours["sampled"], "0" if "Sampled=0" in text else "1")
                if ours["sampled"] == "1":
                    self.assertEqual(ours["parent"], sent["id"])

    def test_addresses(self):
        """Both send to the same addresses, and refuse the same ones."""
        for text in ADDRESSES:
            with self.subTest(text=text):
                ours, theirs = (peer.ask({"address": text}) for peer in (self.ours, self.sdk))
                self.assertEqual("error" in ours, "error" in theirs, (ours, theirs))
                if "error" not in ours:
                    self.assertEqual(ours, theirs)

    def test_other_addresses(self):
        """Where we differ about an address, it is because it means something, or nothing."""
        for text in WIDER:
            with self.subTest(text=text):
                self.assertNotIn("error", self.ours.ask({"address": text}))
                self.assertIn("error", self.sdk.ask({"address": text}))
        for text in SENSELESS:
            with self.subTest(text=text):
                self.assertIn("error", self.ours.ask({"address": text}))
                self.assertNotIn("error", self.sdk.ask({"address": text}))

    def get(self, header):
        """The documents of one `xtrace get` of the SDK's service, and what that made of it."""
        # Neither variables nor a daemon of the machine's.
        env = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        env.update(_X_AMZN_TRACE_ID=header, AWS_XRAY_DAEMON_ADDRESS="127.0.0.1:1")
        command = [os.environ["XTRACE"], "get", "--format", "xray", f"http://127.0.0.1:{self.port}/"]
        done = subprocess.run(
            command, env=env, capture_output=True, text=True, timeout=30, check=False
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [line for line in done.stdout.splitlines() if '"trace_id"' in line]
        return [json.loads(line) for line in lines], self.sdk.ask({"last": True})

    def test_trace_goes_through(self):
        """A trace passes from its caller through xtrace into a service that uses the SDK."""
        for text in (f"{WHOLE};Sampled=1", f"{WHOLE};Sampled=1;Lineage=1:a:0", f"Root={ROOT};Sampled=?"):
            with self.subTest(text=text):
                documents, seen = self.get(text)
                self.assertEqual(len(documents), 1)
                self.assertEqual(documents[0]["trace_id"], ROOT)
                self.assertEqual(documents[0].get("parent_id"), PARENT if PARENT in text else None)
                self.assertEqual(seen["trace_id"], ROOT)
                self.assertEqual(seen["parent_id"], documents[0]["subsegments"][0]["id"])
                self.assertTrue(seen["is_traced"])
                self.assertEqual("Lineage=1:a:0" in seen["header"], "Lineage" in text)

    def test_unsampled_goes_through(self):
        """A trace that is not recorded is recorded by neither."""
        documents, seen = self.get(f"{WHOLE};Sampled=0")
        self.assertEqual(documents, [])
        self.assertEqual(seen["trace_id"], ROOT)
        self.assertFalse(seen["is_traced"])


def main():
    with tempfile.TemporaryDirectory(prefix="xtrace-peers-") as scratch:
        Peers.folder = pathlib.Path(os.environ.get("XTRACE_PEERS", scratch))
        return 0 if unittest.main(exit=False).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
