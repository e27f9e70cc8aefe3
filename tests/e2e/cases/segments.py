"""The segment: its tree, ids, names and flags, and the trace that it continues."""

import json

from support import program
from support.case import Case
from support.daemon import children, shape
from support.ports import refusing_port
from support.scripted import ScriptedServer, answer, ok, silent

ROOT = "1-5759e988-bd862e3fe1be46a994272793"
PARENT = "53995c3f42cd8ad8"


class Tree(Case):
    """Structure."""

    def remote(self):
        return self.document["subsegments"][0]

    def test_plain(self):
        """A plain request is a segment, a remote subsegment, and its phases."""
        done = self.get(self.nginx.url())
        host = f"127.0.0.1:{self.nginx.http}"
        self.assertEqual(
            shape(self.document),
            ["xtrace", [host, ["connect", "dial"], "request", "response", "body"]],
        )
        self.assertEqual(self.document["trace_id"], done.report["trace_id"])
        self.assertEqual(self.document["aws"]["xray"]["sdk"], "X-Ray for C++")
        self.assertNotIn("namespace", self.document)
        self.assertEqual(self.remote()["namespace"], "remote")
        self.assertNotIn("parent_id", self.document)
        http = self.remote()["http"]
        self.assertEqual(http["request"]["method"], "GET")
        self.assertEqual(http["request"]["url"], self.nginx.url())
        self.assertEqual(http["response"], {"status": 200, "content_length": 1024})

    def test_https(self):
        """Over https with a name there are dns and tls as well."""
        self.get(self.nginx.https(), "--cacert", self.certificates.ca, "-4")
        connect = children(self.remote(), "connect")[0]
        self.assertEqual(shape(connect), ["connect", "dns", "dial", "tls"])
        tls = children(connect, "tls")[0]["metadata"]["http"]["tls"]
        self.assertEqual((tls["version"], tls["negotiated_protocol"]), ("TLSv1.2", "http/1.1"))
        self.assertFalse(tls["did_resume"])
        self.assertTrue(tls["cipher_suite"])
        dns = children(connect, "dns")[0]["metadata"]["http"]["dns"]
        self.assertEqual(dns["addresses"], ["127.0.0.1"])
        self.assertGreaterEqual(dns["queued_ms"], 0)
        dial = children(connect, "dial")[0]["metadata"]["http"]["connect"]
        self.assertEqual(
            (dial["network"], dial["address"]), ("tcp4", f"127.0.0.1:{self.nginx.good}")
        )

    def test_times(self):
        """The segment's times are the report's."""
        done = self.get(self.nginx.url())
        report = done.report
        self.assertAlmostEqual(self.remote()["start_time"], report["started_at"], delta=0.001)
        for name in ("request", "response", "body"):
            span, node = done.phases[name], children(self.remote(), name)[0]
            begin = report["started_at"] + span["start_us"] / 1e6
            self.assertAlmostEqual(node["start_time"], begin, delta=5e-6, msg=name)
            self.assertAlmostEqual(
                node["end_time"], begin + span["dur_us"] / 1e6, delta=5e-6, msg=name
            )

    def test_counts(self):
        """The report counts what was emitted, to the byte."""
        done = program.run(["get", "--format", "json", self.nginx.url()], self.environment())
        datagrams = self.daemon.drain_raw()
        self.assertEqual(
            done.report["emit"],
            {
                "to": "udp://" + self.daemon.address,
                "documents": 1,
                "datagrams": 1,
                "bytes": sum(map(len, datagrams)),
                "outcome": "sent",
            },
        )

    def test_flags(self):
        """4xx is an error, 429 also a throttle, 5xx a fault, 200 none of them."""
        for path, flags in (
            ("/1k", set()),
            ("/missing", {"error"}),
            ("/429", {"error", "throttle"}),
            ("/503", {"fault"}),
            ("/302", set()),
        ):
            with self.subTest(path):
                self.get(self.nginx.url(path))
                present = {flag for flag in ("error", "throttle", "fault") if flag in self.remote()}
                self.assertEqual(present, flags)

    def test_failure(self):
        """A request that failed is a fault with its cause, from the phase up to the segment."""
        port = refusing_port()
        done = self.get(f"http://127.0.0.1:{port}/", code=7)
        self.assertTrue(self.document["fault"] and self.remote()["fault"])
        cause = self.remote()["cause"]["exceptions"][0]
        self.assertEqual(
            (cause["type"], cause["message"]), ("connect_refused", done.report["error"]["message"])
        )
        connect = children(self.remote(), "connect")[0]
        self.assertTrue(connect["fault"])
        self.assertTrue(children(connect, "dial")[0]["fault"])
        self.assertNotIn("response", self.remote()["http"])

    def test_xray_format(self):
        """--format xray prints the very document that was sent."""
        done = self.xtrace("get", "--format", "xray", self.nginx.url())
        self.assertEqual([json.loads(line) for line in done.text.splitlines()], self.documents)


class Header(Case):
    """`X-Amzn-Trace-Id` on the request, and traces that go on."""

    def sent(self, *flags, env=None):
        """The trace header a server receives, as a list of pairs."""
        with ScriptedServer(answer(ok())) as server:
            self.done = self.get(server.url(), *flags, env=env)
        text = server.requests[0].header("X-Amzn-Trace-Id")
        return [tuple(element.split("=", 1)) for element in text.split(";")]

    def test_fresh(self):
        """The header names the trace, the remote subsegment as parent, and the decision."""
        fields = self.sent()
        remote = self.document["subsegments"][0]
        self.assertEqual(
            fields,
            [("Root", self.document["trace_id"]), ("Parent", remote["id"]), ("Sampled", "1")],
        )

    def test_environment(self):
        """_X_AMZN_TRACE_ID is continued; extra fields go along, Self does not."""
        fields = self.sent(
            env={"_X_AMZN_TRACE_ID": f"Root={ROOT};Parent={PARENT};Sampled=1;Self=1-2;Lineage=a:1"}
        )
        remote = self.document["subsegments"][0]
        self.assertEqual(
            fields, [("Root", ROOT), ("Parent", remote["id"]), ("Sampled", "1"), ("Lineage", "a:1")]
        )
        self.assertEqual((self.document["trace_id"], self.document["parent_id"]), (ROOT, PARENT))

    def test_flag(self):
        """--trace-header is continued and wins over the environment."""
        other = ROOT.replace("5759", "5760")
        self.sent(
            "--trace-header",
            f"Root={other};Parent={PARENT};Sampled=1",
            env={"_X_AMZN_TRACE_ID": f"Root={ROOT}"},
        )
        self.assertEqual(self.document["trace_id"], other)
        self.assertEqual(self.done.report["trace_id"], other)

    def test_incoming_decision(self):
        """Sampled=0 in the incoming header sends nothing; --sampled 1 overrules it."""
        incoming = f"Root={ROOT};Parent={PARENT};Sampled=0"
        fields = self.sent("--trace-header", incoming)
        self.assertIn(("Sampled", "0"), fields)
        self.assertEqual(self.documents, [])
        self.sent("--trace-header", incoming, "--sampled", "1")
        self.assertEqual(self.document["trace_id"], ROOT)

    def test_unsampled(self):
        """--sampled 0 sends no document, and the header says so."""
        self.assertIn(("Sampled", "0"), self.sent("--sampled", "0"))
        self.assertEqual(self.documents, [])
        self.assertFalse(self.done.report["sampled"])
        self.assertEqual(self.done.report["emit"]["outcome"], "off")

    def test_deferred(self):
        """--sampled ? asks the server, whose answer decides."""
        for decision, count in ((b"1", 1), (b"0", 0)):
            response = ok(
                headers=b"X-Amzn-Trace-Id: Root="
                + ROOT.encode()
                + b";Sampled="
                + decision
                + b"\r\n"
            )
            with self.subTest(decision), ScriptedServer(answer(response)) as server:
                self.get(server.url(), "--sampled", "?")
                self.assertIn("Sampled=?", server.requests[0].header("X-Amzn-Trace-Id"))
                self.assertEqual(len(self.documents), count)

    def test_own(self):
        """A trace header given with -H stays as it is."""
        with ScriptedServer(answer(ok())) as server:
            self.get(server.url(), "-H", f"X-Amzn-Trace-Id: Root={ROOT}")
        self.assertEqual(server.requests[0].header("X-Amzn-Trace-Id"), f"Root={ROOT}")

    def test_malformed(self):
        """A --trace-header that is none is bad usage; nothing is sent."""
        with ScriptedServer(answer(ok())) as server:
            done = self.xtrace("get", "--trace-header", "rubbish", server.url())
        self.assertEqual(done.code, 2, done)
        self.assertEqual(server.connections, 0)


class Content(Case):
    """What people add."""

    def test_name(self):
        """--name names the segment, else AWS_XRAY_TRACING_NAME does, else it is xtrace."""
        for flags, env, name in (
            (["--name", "shop"], {"AWS_XRAY_TRACING_NAME": "other"}, "shop"),
            ([], {"AWS_XRAY_TRACING_NAME": "other"}, "other"),
            ([], {}, "xtrace"),
        ):
            with self.subTest(name):
                self.get(self.nginx.url(), *flags, env=env)
                self.assertEqual(self.document["name"], name)

    def test_annotations(self):
        """-a annotates; numbers and booleans keep their type."""
        self.get(
            self.nginx.url(),
            "-a",
            "team=core",
            "-a",
            "count=7",
            "-a",
            "share=0.5",
            "-a",
            "canary=true",
            "-a",
            "empty=",
            "-a",
            "equation=a=b",
        )
        self.assertEqual(
            self.document["annotations"],
            {
                "team": "core",
                "count": 7,
                "share": 0.5,
                "canary": True,
                "empty": "",
                "equation": "a=b",
            },
        )

    def test_bad_annotation(self):
        """An annotation key outside the documented set is bad usage."""
        for text in ("bad-key=1", "=1", "nothing"):
            with self.subTest(text):
                self.assertEqual(self.xtrace("get", "-a", text, self.nginx.url()).code, 2)

    def test_metadata(self):
        """--metadata adds the members of an object; anything else is bad usage."""
        value = {"build": {"id": 7, "tags": ["a", None, 1.5]}, "note": "grüße"}
        self.get(self.nginx.url(), "--metadata", json.dumps(value))
        self.assertEqual(self.document["metadata"]["default"], value)
        for text in ("{", "[1]", "7"):
            self.assertEqual(self.xtrace("get", "--metadata", text, self.nginx.url()).code, 2, text)

    def test_corrected_name(self):
        """Characters X-Ray does not allow never lose a document."""
        self.get(self.nginx.url(), "--name", "a*b<c>" + "x" * 300)
        self.assertRegex(self.document["name"], "^abcx+$|^a_b_c_x+$")
        self.assertEqual(len(self.document["name"]), 200)

    def test_large_metadata(self):
        """Metadata too large for a datagram is cut, not lost, and no datagram is over the limit."""
        self.get(self.nginx.url(), "--metadata", json.dumps({"text": "y" * 100_000}))
        self.assertGreaterEqual(len(self.documents), 1)
        root = [document for document in self.documents if document["name"] == "xtrace"][0]
        self.assertLess(len(root["metadata"]["default"]["text"]), 66_000)

    def test_hanging_server(self):
        """A timeout's segment has every phase reached, closed and inside its parent."""
        with ScriptedServer(silent) as server:
            self.get(server.url(), "-m", "60ms", code=28)
        remote = self.document["subsegments"][0]
        self.assertEqual(
            [child["name"] for child in remote["subsegments"]], ["connect", "request", "response"]
        )
        self.assertTrue(children(remote, "response")[0]["fault"])
        self.assertGreater(
            children(remote, "response")[0]["end_time"] - remote["start_time"], 0.059
        )
