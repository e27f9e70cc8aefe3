"""Which addresses are dialled, and what the report says about them."""

import os
import socket
import threading

from support import program
from support.case import Case, world
from support.isolation import V4_ADDRESSES, V6_ADDRESSES, needs_isolation
from support.packets import any_syn_to, dropping
from support.ports import refusing_port
from support.scripted import ScriptedServer, answer, ok


class Literals(Case):
    """No name is looked up."""

    def test_ipv4(self):
        """An IPv4 literal has no dns phase and one dial."""
        done = self.get(self.nginx.url())
        self.assertAbsent(done, "dns_wait", "dns", "proxy", "tls")
        self.assertIsNone(done.attempt["dns"])
        self.assertEqual(
            [dial["address"] for dial in done.attempt["dials"]], [f"127.0.0.1:{self.nginx.http}"]
        )
        self.assertEqual(done.attempt["remote"], f"127.0.0.1:{self.nginx.http}")
        self.assertRegex(done.attempt["local"], r"^127\.0\.0\.1:\d+$")

    def test_ipv6(self):
        """An IPv6 literal is dialled, shown in brackets and sent as such in Host."""
        done = self.get(self.nginx.url(host="[::1]"))
        self.assertEqual(done.attempt["remote"], f"[::1]:{self.nginx.http}")
        fields = dict(done.attempt["response"]["headers"])
        self.assertEqual(fields["X-Seen-Host"], f"[::1]:{self.nginx.http}")

    def test_refused(self):
        """A port where nobody listens is refused: exit 7, and the dial's record says so."""
        port = refusing_port()
        done = self.get(f"http://127.0.0.1:{port}/", code=7)
        self.assertEqual(done.report["error"]["code"], "connect_refused")
        self.assertIn(f"127.0.0.1:{port}", done.report["error"]["message"])
        dial = done.attempt["dials"][0]
        self.assertEqual((dial["outcome"], dial["error"]["code"]), ("error", "connect_refused"))
        self.assertEqual(done.phases["connect"]["outcome"], "error")
        self.assertAbsent(done, "tls", "request", "response", "body")

    def test_family_of_literal(self):
        """-6 with an IPv4 literal cannot work and says so."""
        done = self.xtrace("get", "-6", self.nginx.url())
        self.assertIn(done.code, (2, 6, 7), done)
        self.assertTrue(done.text + done.notes)


class Overrides(Case):
    """Other ways than the URL's."""

    def test_resolve(self):
        """--resolve names the address and asks no resolver; Host stays."""
        with ScriptedServer(answer(ok())) as server:
            done = self.get(
                f"http://nowhere.invalid:{server.port}/",
                "--resolve",
                f"nowhere.invalid:{server.port}:127.0.0.1",
            )
        self.assertEqual(server.requests[0].header("Host"), f"nowhere.invalid:{server.port}")
        self.assertEqual(done.attempt["remote"], server.address)

    def test_resolve_many(self):
        """--resolve with several addresses tries the next at once when one refuses."""
        with ScriptedServer(answer(ok())) as server:
            done = self.get(
                f"http://nowhere.invalid:{server.port}/",
                "--resolve",
                f"nowhere.invalid:{server.port}:127.0.0.7,127.0.0.1",
            )
        first, second = done.attempt["dials"]
        self.assertEqual(
            (first["address"], first["outcome"]), (f"127.0.0.7:{server.port}", "error")
        )
        self.assertEqual((second["address"], second["outcome"]), (server.address, "ok"))
        self.assertLess(second["start_us"] - first["start_us"], 100_000)

    def test_connect_to(self):
        """--connect-to dials another host and port; Host stays."""
        with ScriptedServer(answer(ok())) as server:
            for left in ("nowhere.invalid:80", ":", "nowhere.invalid:"):
                with self.subTest(left):
                    self.get(
                        "http://nowhere.invalid/", "--connect-to", f"{left}:127.0.0.1:{server.port}"
                    )
        self.assertEqual(
            {request.header("Host") for request in server.requests}, {"nowhere.invalid"}
        )

    def test_connect_to_other(self):
        """--connect-to for another host changes nothing."""
        done = self.get(
            self.nginx.url(), "--connect-to", f"other.test:80:127.0.0.1:{refusing_port()}"
        )
        self.assertEqual(done.report["status"], 200)

    def test_unix_socket(self):
        """--unix-socket reaches nginx; the phases are the same and no name is looked up."""
        done = self.get("http://nowhere.invalid/1k", "--unix-socket", self.nginx.unix_socket)
        self.assertEqual(done.report["status"], 200)
        self.assertAbsent(done, "dns_wait", "dns")
        self.assertIn(self.nginx.unix_socket, done.attempt["dials"][0]["address"])
        self.assertEqual(
            dict(done.attempt["response"]["headers"])["X-Seen-Host"], "nowhere.invalid"
        )

    def test_unix_socket_missing(self):
        """A unix socket that is not there fails to connect and is named."""
        done = self.get("http://h/", "--unix-socket", "/no/such.sock", code=7)
        self.assertIn("/no/such.sock", done.report["error"]["message"])

    def test_unix_socket_refused(self):
        """A unix socket nobody listens on is refused."""
        path = os.path.join(world().directory, "deaf.sock")
        with socket.socket(socket.AF_UNIX) as deaf:
            deaf.bind(path)
            done = self.get("http://h/", "--unix-socket", path, code=7)
        self.assertEqual(done.report["error"]["code"], "connect_refused")


@needs_isolation
class Names(Case):
    """Names known to a real name server."""

    def setUp(self):
        super().setUp()
        self.names = world().names

    def test_default_port(self):
        """A URL without a port goes to port 80, and its Host has none."""
        with ScriptedServer(answer(ok()), host=V4_ADDRESSES[0], port=80) as server:
            done = self.get("http://v4.test/")
        self.assertEqual(server.requests[0].header("Host"), "v4.test")
        self.assertEqual(done.attempt["remote"], f"{V4_ADDRESSES[0]}:80")
        self.assertEqual(done.report["url"], "http://v4.test/")
        self.assertEqual(self.document["subsegments"][0]["name"], "v4.test")

    def test_v4_only(self):
        """A name with one IPv4 address is looked up and dialled."""
        with ScriptedServer(answer(ok()), host=V4_ADDRESSES[0]) as server:
            done = self.get(server.url(host="v4.test"))
        self.assertEqual(done.attempt["dns"]["host"], "v4.test")
        self.assertEqual(
            [host_of(address) for address in done.attempt["dns"]["addresses"]], [V4_ADDRESSES[0]]
        )
        self.assertGreater(done.phases["dns"]["dur_us"], 0)
        self.assertEqual(len(done.attempt["dials"]), 1)

    def test_v6_only(self):
        """A name with one IPv6 address is looked up and dialled."""
        with ScriptedServer(answer(ok()), host=V6_ADDRESSES[0]) as server:
            done = self.get(server.url(host="v6.test"))
        self.assertEqual(done.attempt["remote"], server.address)

    def test_families(self):
        """-4 and -6 choose among a name's addresses; what is not there is not found."""
        for flag, host in (("-4", V4_ADDRESSES[0]), ("-6", V6_ADDRESSES[0])):
            with self.subTest(flag), ScriptedServer(answer(ok()), host=host) as server:
                done = self.get(server.url(host="both.test"), flag)
                self.assertEqual(
                    [dial["address"] for dial in done.attempt["dials"]], [server.address]
                )
        self.get("http://v4.test/", "-6", code=6)
        self.get("http://v6.test/", "-4", code=6)

    def test_not_found(self):
        """A name that does not exist fails in phase dns: exit 6, and it is named."""
        done = self.get("http://missing.test/", code=6)
        self.assertFails(done, "dns_not_found", "dns")
        self.assertIn("missing.test", done.report["error"]["message"])
        self.assertEqual(done.phases["dns"]["outcome"], "error")
        self.assertEqual(done.attempt["dials"], [])

    def test_no_name_server(self):
        """A name server that is not there fails in phase dns."""
        with self.names.replaced_by("127.0.0.99"):
            done = self.get("http://v4.test/", code=6)
        self.assertIn(done.report["error"]["code"], ("dns_temporary", "dns_failed"))
        self.assertEqual(done.report["error"]["phase"], "dns")

    def test_refused_family(self):
        """A refused IPv6 address lets IPv4 start at once."""
        with ScriptedServer(answer(ok()), host=V4_ADDRESSES[0]) as server:
            done = self.get(server.url(host="both.test"))
        v6, v4 = done.attempt["dials"]
        self.assertEqual(
            (v6["address"], v6["outcome"]), (f"[{V6_ADDRESSES[0]}]:{server.port}", "error")
        )
        self.assertEqual(v6["error"]["code"], "connect_refused")
        self.assertEqual((v4["address"], v4["outcome"]), (server.address, "ok"))
        self.assertLess(v4["start_us"] - v6["start_us"], 100_000)

    def test_silent_family(self):
        """A silent IPv6 address loses to IPv4, which starts 250 ms later, and stays visible."""
        with ScriptedServer(answer(ok()), host=V4_ADDRESSES[0]) as server:
            with dropping(any_syn_to(V6_ADDRESSES[0], server.port)):
                url = server.url(host="both.test")
                done = self.get(url)
                picture = self.xtrace("get", url).text
        v6, v4 = done.attempt["dials"]
        self.assertEqual((v6["outcome"], v4["outcome"]), ("abandoned", "ok"))
        self.assertGreaterEqual(v4["start_us"] - v6["start_us"], 250_000)
        self.assertLess(v4["start_us"] - v6["start_us"], 350_000)
        # The loser ends when the winner has won: only scheduling lies between.
        self.assertAlmostEqual(end_of(v6), end_of(v4), delta=20_000)
        self.assertIn(V6_ADDRESSES[0], picture)
        self.assertRegex(picture, r"(?m)^ +tcp v6 .*x .*no answer$")
        self.assertRegex(picture, r"(?m)^ +tcp v4 .* won$")
        dials = [
            child
            for child in self.document["subsegments"][0]["subsegments"][0]["subsegments"]
            if child["name"] == "dial"
        ]
        self.assertEqual(len(dials), 2)
        self.assertFalse(any("fault" in dial for dial in dials), "the loser is not a fault")

    def test_interleaved(self):
        """Families are interleaved, the first one's first; every address that fails is recorded."""
        port = refusing_port()
        done = self.get(f"http://many.test:{port}/", code=7)
        dials = done.attempt["dials"]
        self.assertEqual(len(dials), 6)
        self.assertEqual([dial["address"].startswith("[") for dial in dials], [True, False] * 3)
        self.assertEqual({dial["outcome"] for dial in dials}, {"error"})
        self.assertEqual(len({dial["address"] for dial in dials}), 6)

    def test_all_silent(self):
        """Where every address is silent, --connect-timeout ends the dials: exit 28."""
        port = refusing_port()
        rules = [any_syn_to(address, port) for address in V4_ADDRESSES[:1] + V6_ADDRESSES[:1]]
        with dropping(*rules):
            done = self.get(f"http://both.test:{port}/", "--connect-timeout", "400ms", code=28)
        self.assertEqual(done.report["error"]["code"], "connect_timeout")
        self.assertEqual({dial["outcome"] for dial in done.attempt["dials"]}, {"timeout"})
        self.assertEqual(len(done.attempt["dials"]), 2)

    def test_many_at_once(self):
        """Thirty-two programs at once over a name each get their answer and emit their segment."""
        with ScriptedServer(answer(ok()), host=V4_ADDRESSES[0]) as server:
            runs = []
            threads = [
                threading.Thread(target=lambda: runs.append(self.run_alone(server)))
                for _ in range(32)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual([code for code in runs if code != 0], [])
        documents = self.daemon.drain()
        self.assertEqual(len({document["trace_id"] for document in documents}), 32)

    def run_alone(self, server):
        return program.run(["get", server.url(host="v4.test")], self.environment()).code


def host_of(address):
    """An address of the report with or without its port."""
    return (
        address.rsplit(":", 1)[0].strip("[]")
        if "]" in address or address.count(":") == 1
        else address
    )


def end_of(span):
    return span["start_us"] + span["dur_us"]
