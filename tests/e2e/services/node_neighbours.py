"""An express app with AWS's X-Ray SDK for Node, in one trace with our service, both ways."""

import json
import os
import pathlib
import subprocess
import tempfile
import urllib.parse

from support import node, program
from support.daemon import children, shape
from support.service import PARENT, ROOT, SAMPLED, ServiceCase
from support.wire import Wire


class Express:
    """The app of neighbour.js; runs until `close()`."""

    def __init__(self, script, daemon, sampled):
        env = program.environment(tempfile.gettempdir(), AWS_XRAY_DAEMON_ADDRESS=daemon.address)
        self._process = subprocess.Popen(
            ["node", str(script), "storefront", str(sampled)],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.port = json.loads(self._process.stdout.readline())["port"]

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    @staticmethod
    def calling(url):
        """The path that makes it call on."""
        return "/call?url=" + urllib.parse.quote(url, safe="")

    def ask(self, path, **more):
        with Wire(self.port) as wire:
            return wire.ask(path, **more)

    def close(self):
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=10)


class NodeNeighbours(ServiceCase):
    """`self.ours` and `self.express` call each other; both tell their traces to one daemon."""

    @classmethod
    def setUpClass(cls):
        folder = os.environ.get("XTRACE_PEERS")
        if folder is None:
            scratch = tempfile.TemporaryDirectory(prefix="xtrace-neighbours-")
            cls.addClassCleanup(scratch.cleanup)
            folder = scratch.name
        cls.script = node.install(pathlib.Path(folder), "neighbour.js")

    def setUp(self):
        super().setUp()
        self.start(sampled=1)

    def start(self, sampled):
        self.express = Express(self.script, self.daemon, sampled)
        self.addCleanup(self.express.close)
        downstream = f"http://127.0.0.1:{self.express.port}"
        self.ours = self.serve(sampled=sampled, name="shop", downstream=downstream)

    def by_name(self, *names):
        """The documents of these services, each with one, all of one trace."""
        found = {document["name"]: document for document in self.documents(len(names))}
        self.assertEqual(sorted(found), sorted(names))
        self.assertEqual(len({document["trace_id"] for document in found.values()}), 1)
        return [found[name] for name in names]

    def call_in(self, document):
        """The one remote call in a document."""
        (call,) = [child for child in children(document) if child.get("namespace") == "remote"]
        return call

    def test_it_calls_us(self):
        """Our segment hangs below the subsegment that the SDK sent the request for."""
        answer = self.express.ask(self.express.calling(self.ours.url("/hello?key=1")))
        self.assertEqual(answer.body, b"hello\n")
        storefront, shop = self.by_name("storefront", "shop")
        call = self.call_in(storefront)
        self.assertNotIn("parent_id", storefront)
        self.assertEqual(shop["parent_id"], call["id"])
        self.assertEqual(call["http"]["response"]["status"], 200)
        self.assertEqual(shop["http"]["request"]["url"], self.ours.url("/hello"))
        self.assertLessEqual(call["start_time"], shop["start_time"] + 0.002)
        self.assertLessEqual(shop["end_time"], call["end_time"] + 0.002)

    def test_we_call_it(self):
        """Its segment hangs below our subsegment, which has the call's phases."""
        self.assertEqual(self.ours.ask("/call/hello").body, b"hello\n")
        shop, storefront = self.by_name("shop", "storefront")
        call = self.call_in(shop)
        name = f"127.0.0.1:{self.express.port}"
        self.assertEqual(shape(call), [name, ["connect", "dial"], "request", "response", "body"])
        self.assertEqual(storefront["parent_id"], call["id"])
        self.assertEqual(storefront["http"]["request"]["url"], self.express.url("/hello"))

    def test_back_and_forth(self):
        """Us, it, us again: one trace, a chain of parents, the caller's on top."""
        inner = self.express.calling(self.ours.url("/status/503"))
        first = self.serve(name="gate", downstream=self.express.url(inner + "&rest="))
        self.assertEqual(first.ask("/call/", headers=SAMPLED).status, 503)
        gate, storefront, shop = self.by_name("gate", "storefront", "shop")
        self.assertEqual((gate["trace_id"], gate["parent_id"]), (ROOT, PARENT))
        self.assertEqual(storefront["parent_id"], self.call_in(gate)["id"])
        self.assertEqual(shop["parent_id"], self.call_in(storefront)["id"])
        for document in (gate, storefront, shop):
            self.assertTrue(document["fault"])
            self.assertEqual(document["http"]["response"]["status"], 503)

    def test_failures_are_alike(self):
        """The same statuses are the same flags in both."""
        for path in ("/status/404", "/status/429", "/fail"):
            with self.subTest(path):
                for service in (self.ours, self.express):
                    service.ask(path)
                shop, storefront = (
                    {flag: document.get(flag, False) for flag in ("error", "fault", "throttle")}
                    for document in sorted(self.documents(2), key=lambda d: d["name"])
                )
                self.assertEqual(shop, storefront)

    def test_sampling_is_answered(self):
        """`Sampled=?` is answered by both in the same words, and a decision by neither."""
        asking = f"X-Amzn-Trace-Id: Root={ROOT};Parent={PARENT};Sampled=?\r\n"
        for sampled in (1, 0):
            with self.subTest(sampled=sampled):
                if sampled == 0:
                    self.start(sampled=0)
                for service in (self.ours, self.express):
                    answer = service.ask("/hello", headers=asking).header("X-Amzn-Trace-Id")
                    self.assertEqual(answer, f"Root={ROOT};Sampled={sampled}")
                    decided = service.ask("/hello", headers=asking.replace("?", str(sampled)))
                    self.assertIsNone(decided.header("X-Amzn-Trace-Id"))
                self.documents(4 * sampled)

    def test_unsampled_stays_so(self):
        """What its caller does not record, neither of them does, in either order."""
        unsampled = SAMPLED.replace("Sampled=1", "Sampled=0")
        self.assertEqual(self.ours.ask("/call/hello", headers=unsampled).status, 200)
        calling = self.express.calling(self.ours.url("/hello"))
        self.assertEqual(self.express.ask(calling, headers=unsampled).status, 200)
        seen = self.express.calling(self.ours.url("/head"))
        head = self.express.ask(seen, headers=unsampled).body.decode()
        self.assertRegex(head, rf"(?i)x-amzn-trace-id=Root={ROOT};.*Sampled=0")
        self.assertEqual(self.ours.ask("/hello", headers=SAMPLED).status, 200)
        self.assertEqual(self.document()["parent_id"], PARENT)
