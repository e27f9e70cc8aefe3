"""Name service inside the isolated network: dnsmasq, and a forwarder in front that is late."""

import contextlib
import heapq
import os
import socket
import subprocess
import threading
import time

from support import isolation, ports

#: Every name the tests use. The port of a test's server decides who answers.
RECORDS = {
    "v4.test": isolation.V4_ADDRESSES[:1],
    "v6.test": isolation.V6_ADDRESSES[:1],
    "both.test": isolation.V4_ADDRESSES[:1] + isolation.V6_ADDRESSES[:1],
    "many.test": isolation.V4_ADDRESSES + isolation.V6_ADDRESSES,
    "www.test": ("127.0.0.1",),
}


class NameServer:
    """dnsmasq, knowing RECORDS; other names of `test` do not exist. Only inside the isolation."""

    def __init__(self, directory, resolver_file):
        self._resolver_file = resolver_file
        settings = os.path.join(directory, "dnsmasq.conf")
        hosts = os.path.join(directory, "dnsmasq.hosts")
        with open(settings, "w", encoding="ascii") as file:
            file.write(_SETTINGS.format(hosts=hosts))
        with open(hosts, "w", encoding="ascii") as file:
            for name, addresses in RECORDS.items():
                file.writelines(f"{address} {name}\n" for address in addresses)
        self._process = subprocess.Popen(
            ["dnsmasq", "--no-daemon", "--conf-file=" + settings],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        ports.wait_for_listener(("127.0.0.1", 53), self._process)

    def close(self):
        self._process.terminate()
        self._process.wait()

    @contextlib.contextmanager
    def replaced_by(self, address):
        """While open, /etc/resolv.conf names `address` instead."""
        self._point_to(address)
        try:
            yield
        finally:
            self._point_to("127.0.0.1")

    def _point_to(self, address):
        with open(self._resolver_file, "w", encoding="ascii") as file:
            file.write(f"nameserver {address}\noptions timeout:30 attempts:1\n")


class LateForwarder:
    """Listens on 127.0.0.53 and passes on the name server's answers, `delay` seconds late.

    With `delay=None` it never answers. `delays` are the times that really passed between a query
    and its answer, `asked` is set by the first query.
    """

    address = "127.0.0.53"

    def __init__(self, delay):
        self.delays = []
        self.asked = threading.Event()
        self._delay = delay
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((self.address, 53))
        self._socket.settimeout(None)
        self._waiting = []
        self._count = 0
        self._changed = threading.Condition()
        self._closing = False
        self._threads = [
            threading.Thread(target=run, daemon=True) for run in (self._receive, self._release)
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        with self._changed:
            self._closing = True
            self._changed.notify()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", (self.address, 53))
        for thread in self._threads:
            thread.join()
        self._socket.close()

    def _receive(self):
        upstream = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        upstream.connect(("127.0.0.1", 53))
        with upstream:
            while True:
                query, client = self._socket.recvfrom(4096)
                came = time.monotonic()
                if self._closing:
                    return
                self.asked.set()
                if self._delay is None:
                    continue
                upstream.send(query)
                reply = upstream.recv(4096)
                with self._changed:
                    self._count += 1
                    heapq.heappush(
                        self._waiting, (came + self._delay, self._count, came, reply, client)
                    )
                    self._changed.notify()

    def _release(self):
        while True:
            with self._changed:
                if self._closing:
                    return
                left = self._waiting[0][0] - time.monotonic() if self._waiting else None
                if left is None or left > 0:
                    self._changed.wait(left)
                    continue
                _, _, came, reply, client = heapq.heappop(self._waiting)
            self.delays.append(time.monotonic() - came)
            self._socket.sendto(reply, client)


class BrokenNameServer:
    """Listens on 127.0.0.54 and answers every query with this code: 2 is SERVFAIL, 5 REFUSED."""

    address = "127.0.0.54"

    def __init__(self, code):
        self.queries = 0
        self._code = code
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((self.address, 53))
        self._thread = threading.Thread(target=self._answer, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", (self.address, 53))
        self._thread.join()
        self._socket.close()

    def _answer(self):
        while True:
            query, client = self._socket.recvfrom(4096)
            if not query:
                return
            self.queries += 1
            flags = bytes([query[2] | 0x80, query[3] & 0xF0 | self._code])
            self._socket.sendto(query[:2] + flags + query[4:], client)


_SETTINGS = """\
no-resolv
no-hosts
addn-hosts={hosts}
pid-file
port=53
listen-address=127.0.0.1
bind-interfaces
local=/test/
no-negcache
cache-size=0
"""
