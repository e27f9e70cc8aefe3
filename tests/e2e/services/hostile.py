"""Clients that are slow, that leave, or that never meant to ask."""

import os
import ssl
import time

from support.certificates import Certificates, key_of
from support.service import ServiceCase

MIB = 1 << 20
HEAD = b"GET /hello HTTP/1.1\r\nHost: peer.test\r\n"
UPLOAD = b"POST /collect HTTP/1.1\r\nHost: peer.test\r\nContent-Length: 1000000\r\n\r\n"


class Slow(ServiceCase):
    """Limits of a few hundred milliseconds; a limit strikes, whatever trickles in."""

    def setUp(self):
        super().setUp()
        self.service = self.serve(head_ms=300, idle_ms=400, grace_ms=300, slowest_rate=100_000)

    def lasts(self, wire, trickle=b""):
        """How long the connection lives, and what was said on it; the client sends on and on."""
        began = time.monotonic()
        wire.socket.settimeout(0.02)
        said = b""
        while True:
            try:
                if trickle:
                    wire.send(trickle)
                piece = wire.socket.recv(4096)
                if not piece:
                    break
                said += piece
            except TimeoutError:
                self.assertLess(time.monotonic() - began, 10, "it lives for ever")
            except ConnectionError:
                break
        return time.monotonic() - began, said

    def test_nothing(self):
        """A connection on which nothing comes is closed."""
        with self.service.wire() as wire:
            lasted, _ = self.lasts(wire)
        self.assertGreater(lasted, 0.25)
        self.assertEqual(self.service.stats()["too_slow"], 1)

    def test_head(self):
        """Slowloris: a head that comes a field at a time is 408, however lively."""
        with self.service.wire() as wire:
            wire.send(HEAD)
            lasted, said = self.lasts(wire, b"X-One: 1\r\n")
        self.assertGreater(lasted, 0.25)
        self.assertTrue(said.startswith(b"HTTP/1.1 408 "), said)
        self.assertIn(b"\r\nConnection: close\r\n", said)
        self.assertEqual(self.daemon.drain(), [])

    def test_second_head(self):
        """The same behind a good request: its own limit counts from its first byte."""
        with self.service.wire() as wire:
            self.assertEqual(wire.ask("/hello").status, 200)
            wire.send(HEAD)
            _, said = self.lasts(wire, b"X-One: 1\r\n")
        self.assertTrue(said.startswith(b"HTTP/1.1 408 "), said)

    def test_idle(self):
        """A connection that is kept and not used is closed without a word."""
        with self.service.wire() as wire:
            self.assertEqual(wire.ask("/hello").status, 200)
            lasted, said = self.lasts(wire)
        self.assertGreater(lasted, 0.35)
        self.assertEqual(said, b"")

    def test_body(self):
        """A body that comes slower than the least rate ends the call."""
        with self.service.wire() as wire:
            wire.send(UPLOAD)
            lasted, _ = self.lasts(wire, b"a")
        self.assertGreater(lasted, 0.25)
        document = self.document()
        self.assertTrue(document["error"])
        self.assertEqual(document["cause"]["exceptions"][0]["type"], "peer_stalled")
        self.assertEqual(self.service.stats()["too_slow"], 1)

    def test_reader(self):
        """A client that does not read its answer is cut off, and holds nobody else up."""
        with self.service.wire(receive_buffer=4096) as wire:
            wire.request(f"/text/{100 * MIB}")
            (cut,) = self.broken(1, meanwhile=lambda: self.service.ask("/hello"))
        self.assertEqual(cut["cause"]["exceptions"][0]["type"], "peer_stalled")
        self.assertEqual(self.service.stats()["too_slow"], 1)

    def test_handler_takes_its_time(self):
        """What the handler itself holds up is not the client's fault."""
        with self.service.wire() as wire:
            self.assertEqual(wire.ask("/slow/900").body, b"late\n")
            self.assertEqual(wire.ask("/hello").status, 200)


class Encrypted(ServiceCase):
    """The same at the door of TLS."""

    def setUp(self):
        super().setUp()
        made = Certificates(os.path.join(self.directory(), "certificates"))
        identity = {"certificate": made.good, "key": key_of(made.good)}
        self.service = self.serve(**identity, head_ms=300, grace_ms=300, slowest_rate=100_000)
        self.trust = ssl.create_default_context(cafile=made.ca)

    def shaken(self, wire):
        """The connection once it is encrypted."""
        wire.socket = self.trust.wrap_socket(wire.socket, server_hostname="localhost")
        return wire

    def test_no_handshake(self):
        """Silence, a torn ClientHello, plain HTTP and a RST cost one connection each."""
        hello = b"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03" + 32 * b"x"
        for data in (b"", hello):
            with self.subTest(data), self.service.wire() as wire:
                wire.send(data)
                began = time.monotonic()
                self.assertEqual(wire.rest(), b"")
                self.assertGreater(time.monotonic() - began, 0.25)
        with self.service.wire() as wire:
            self.assertEqual(wire.ask("/hello").status, 400)
            self.assertEqual(wire.rest(), b"")
        with self.service.wire() as wire:
            wire.send(hello + 500 * b"\xff")
            self.assertLess(len(wire.rest()), 100, "an alert, or nothing")
        wire = self.service.wire()
        wire.send(hello)
        wire.reset()
        with self.shaken(self.service.wire()) as wire:
            self.assertEqual(wire.ask("/hello").status, 200)
        stats = self.service.stop()
        self.assertEqual((stats["too_slow"], stats["tls_failed"], stats["answered"]), (2, 3, 1))

    def test_slow(self):
        """Behind the handshake the limits are the same."""
        with self.shaken(self.service.wire()) as wire:
            self.assertEqual(wire.ask("/hello").status, 200)
            wire.send(HEAD)
            self.assertEqual(wire.answer().status, 408)
        with self.shaken(self.service.wire(receive_buffer=4096)) as wire:
            wire.request(f"/text/{100 * MIB}")
            (cut,) = self.broken(1)
        self.assertEqual(cut["cause"]["exceptions"][0]["type"], "peer_stalled")

    def test_reset(self):
        """A RST in an encrypted exchange ends that exchange."""
        for sent in (UPLOAD + 1000 * b"a", HEAD.replace(b"hello", b"text/50000000") + b"\r\n"):
            with self.shaken(self.service.wire(receive_buffer=4096)) as wire:
                wire.send(sent)
                wire.reset()
        for document in self.broken(2):
            self.assertEqual(document["cause"]["exceptions"][0]["type"], "peer_left")


class Leaving(ServiceCase):
    """Clients that close, half or whole, politely or not."""

    def setUp(self):
        super().setUp()
        self.service = self.serve()

    def test_half_closed(self):
        """Who says that it will send no more is answered all the same."""
        for path, size in (("/hello", 6), ("/slow/100", 5), (f"/text/{5 * MIB}", 5 * MIB)):
            with self.subTest(path), self.service.wire() as wire:
                wire.request(path)
                wire.finish()
                self.assertEqual(len(wire.answer().body), size)
                self.assertEqual(wire.rest(), b"")
        with self.service.wire() as wire:
            wire.send(2 * (HEAD + b"\r\n"))
            wire.finish()
            self.assertEqual([wire.answer().body for _ in range(2)], [b"hello\n", b"hello\n"])
            self.assertEqual(wire.rest(), b"")
        with self.service.wire() as wire:
            body = 300_000 * b"a"
            wire.request("/echo", method="POST", body=body)
            wire.finish()
            self.assertEqual(wire.answer().body, body)
        self.documents(6)
        self.assertEqual(self.service.stats()["peer_left"], 0)

    def test_half_a_request(self):
        """What ends in the middle is no request; in a body it is the client's mistake."""
        for part in (b"", b"GET", HEAD):
            with self.subTest(part), self.service.wire() as wire:
                wire.send(part)
                wire.finish()
                said = wire.rest()
                self.assertTrue(said == b"" or said.startswith(b"HTTP/1.1 400 "), said)
        self.assertEqual(self.daemon.drain(), [])
        with self.service.wire() as wire:
            wire.send(UPLOAD + b"the beginning")
            wire.finish()
            wire.rest()
        document = self.document()
        self.assertTrue(document["error"])
        self.assertEqual(document["cause"]["exceptions"][0]["type"], "peer_left")

    def test_reset(self):
        """A RST at any moment costs the service that one connection."""
        sent = {
            "before a byte": b"",
            "in the head": HEAD,
            "in the body": UPLOAD + 1000 * b"a",
            "while the handler works": HEAD.replace(b"hello", b"slow/10000") + b"\r\n",
            "in the answer": HEAD.replace(b"hello", b"text/50000000") + b"\r\n",
            "in an echo": UPLOAD.replace(b"collect", b"echo") + 100_000 * b"a",
            "in a pipeline": 100 * (HEAD + b"\r\n"),
        }
        for what, data in sent.items():
            with self.subTest(what):
                wire = self.service.wire(receive_buffer=4096)
                wire.send(data)
                if b"text" in data or b"echo" in data:
                    wire.socket.recv(10)
                wire.reset()
                self.assertServes(self.service)
        for document in self.broken(4):
            self.assertEqual(document["cause"]["exceptions"][0]["type"], "peer_left")

    def test_handler_aborts(self):
        """A handler that cuts the connection cuts that one."""
        with self.service.wire() as wire:
            wire.request("/abort")
            self.assertEqual(wire.rest(), b"")
        self.assertServes(self.service)
        self.assertTrue(self.document()["fault"])
