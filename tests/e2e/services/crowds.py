"""Many clients at once: a thousand connections, the limit of them, and the end of the service."""

import contextlib
import resource
import signal
import threading

from support.service import ServiceCase
from support.wire import Cut


class Crowds(ServiceCase):
    """Connections by the number."""

    def wires(self, service, count, **more):
        wires = []
        self.addCleanup(lambda: [wire.close() for wire in wires])
        for _ in range(count):
            wires.append(service.wire(**more))
        return wires

    def test_thousand(self):
        """A thousand connections are kept and served in turn, again and again."""
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 4096), most))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, before)
        service = self.serve(sampled=0)
        wires = self.wires(service, 1000)
        for turn in range(3):
            for wire in wires if turn % 2 else reversed(wires):
                wire.request("/hello")
            for wire in wires:
                self.assertEqual(wire.answer().body, b"hello\n")
        stats = service.stats()
        self.assertEqual((stats["accepted"], stats["open"]), (1001, 1001))
        self.assertEqual((stats["answered"], stats["evicted"]), (3000, 0))

    def test_limit_evicts(self):
        """Where the limit is reached, the connection idle for longest goes for the new one."""
        service = self.serve(connections=10, sampled=0)
        wires = self.wires(service, 10)
        for wire in [*wires, *wires[:3]]:
            self.assertEqual(wire.ask("/hello").status, 200)
        late = self.wires(service, 2)
        for wire in late:
            self.assertEqual(wire.ask("/hello").status, 200)
        for wire in wires[3:5]:
            self.assertEqual(wire.rest(), b"")
        for wire in [*wires[:3], *wires[5:], *late]:
            self.assertEqual(wire.ask("/hello").status, 200)
        self.assertEqual(service.stop()["evicted"], 2)

    def test_limit_waits(self):
        """Where none is idle, a new connection waits until one is, and loses nothing."""
        service = self.serve(connections=4, sampled=0)
        busy = self.wires(service, 4)
        for wire in busy:
            wire.request("/echo", method="POST", headers="Transfer-Encoding: chunked\r\n")
            wire.send(b"5\r\nhello\r\n")
            wire.wait_for_answer()
        late = self.wires(service, 4)
        for wire in late:
            wire.request("/hello")
        late[0].socket.settimeout(0.2)
        self.assertRaises(TimeoutError, late[0].wait_for_answer)
        late[0].socket.settimeout(10)
        for one, other in zip(busy, late):
            one.send(b"0\r\n\r\n")
            self.assertEqual(one.answer().body, b"hello")
            self.assertEqual(other.answer().body, b"hello\n")
        self.assertEqual(service.stop()["evicted"], 4)

    def test_burst(self):
        """Many more at once than the limit are all served; none goes before it was answered."""
        service = self.serve(connections=4, sampled=0)
        wires = self.wires(service, 40)
        for wire in wires:
            wire.request("/hello")
        self.assertEqual({wire.answer().body for wire in wires}, {b"hello\n"})
        self.assertEqual(service.stop()["evicted"], 36)

    def test_silent_crowd(self):
        """Connections that ask for nothing keep nobody out for long."""
        service = self.serve(connections=4, sampled=0)
        silent = self.wires(service, 4)
        asking = self.wires(service, 4)
        for wire in asking:
            self.assertEqual(wire.ask("/hello").status, 200)
        self.assertEqual([wire.rest() for wire in silent], 4 * [b""])
        self.assertEqual(service.stop()["evicted"], 4)


class Closing(ServiceCase):
    """The end of a service, asked for by a signal."""

    def wait_until_refused(self, service):
        """Until the signal has arrived: then nobody listens."""
        with self.assertRaises(ConnectionRefusedError):
            while True:
                with contextlib.suppress(ConnectionResetError):
                    service.wire().close()

    def test_idle(self):
        """Ctrl-C closes what is idle, and ends."""
        service = self.serve()
        with service.wire() as kept, service.wire() as fresh:
            self.assertEqual(kept.ask("/hello").status, 200)
            stats = service.stop(signal.SIGINT)
            self.assertEqual([wire.rest() for wire in (kept, fresh)], [b"", b""])
        self.assertEqual((stats["answered"], stats["open"]), (1, 0))

    def test_requests_under_way(self):
        """Each request under way is answered, and told that the connection ends."""
        service = self.serve()
        wires = [service.wire() for _ in range(20)]
        for wire in wires:
            self.addCleanup(wire.close)
            wire.request("/slow/300")
        upload = service.wire()
        self.addCleanup(upload.close)
        upload.request("/count", headers="Content-Length: 4\r\n", method="POST")
        upload.send(b"th")
        while service.stats()["requests"] < 22:
            pass
        service.send_signal()
        for wire in wires:
            answer = wire.answer()
            self.assertEqual((answer.body, answer.header("Connection")), (b"late\n", "close"))
            self.assertEqual(wire.rest(), b"")
        self.wait_until_refused(service)
        upload.send(b"e ")
        self.assertEqual(upload.answer().body, b'{"bytes":4,"intact":true}')
        stats = service.finish()
        self.assertEqual(stats["answered"], stats["requests"])
        for document in self.documents(21):
            self.assertEqual(document["http"]["response"]["status"], 200)
            self.assertNotIn("cause", document)

    def test_under_load(self):
        """No request that was begun is lost: what was handled was answered, and arrived whole."""
        service = self.serve(sampled=0)
        answers, losses = [], []
        loaded = threading.Event()

        def ask_on():
            try:
                with service.wire() as wire:
                    while True:
                        answers.append(len(wire.ask("/text/20000").body))
                        if len(answers) > 200:
                            loaded.set()
            except Cut as cut:
                losses.append(cut.got)
            except ConnectionError:
                losses.append(b"")  # before a byte of it was read

        clients = [threading.Thread(target=ask_on) for _ in range(8)]
        for client in clients:
            client.start()
        self.assertTrue(loaded.wait(20))
        stats = service.stop()
        for client in clients:
            client.join()
        self.assertEqual(set(answers), {20000})
        self.assertEqual(losses, 8 * [b""], "an answer was cut")
        self.assertEqual((stats["requests"], stats["answered"]), (len(answers), len(answers)))

    def test_twice(self):
        """The second Ctrl-C cuts what is under way, and the segment says by whom."""
        service = self.serve()
        with service.wire() as wire:
            wire.request("/slow/20000")
            while service.stats()["requests"] < 2:
                pass
            service.send_signal(signal.SIGINT)
            self.wait_until_refused(service)
            service.send_signal(signal.SIGINT)
            self.assertEqual(wire.rest(), b"")
            service.finish()
        document = self.document()
        self.assertTrue(document["fault"])
        self.assertEqual(document["cause"]["exceptions"][0]["type"], "server_closed")
