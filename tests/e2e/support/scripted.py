"""Servers that do exactly what a script says, each connection in a thread of its own."""

import socket
import struct
import threading
import time

from dataclasses import dataclass


@dataclass
class Received:
    """One request as it came over the wire."""

    head: bytes
    body: bytes = b""

    @property
    def line(self):
        return self.head.split(b"\r\n", 1)[0].decode("latin-1")

    def fields(self):
        """The header lines, in order, as pairs."""
        lines = self.head.decode("latin-1").split("\r\n")[1:-2]
        return [tuple(part.strip() for part in line.split(":", 1)) for line in lines]

    def header(self, name):
        """The value of a header, or None; fails where it came twice."""
        values = [value for key, value in self.fields() if key.lower() == name.lower()]
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None


class Peer:
    """The script's end of one connection."""

    def __init__(self, connection, server):
        self.socket = connection
        self._server = server
        self._buffer = b""

    def read_head(self):
        while b"\r\n\r\n" not in self._buffer:
            piece = self.socket.recv(65536)
            if not piece:
                raise ConnectionError("the client closed inside its head")
            self._buffer += piece
        head, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
        request = Received(head + b"\r\n\r\n")
        self._server.requests.append(request)
        return request

    def read_request(self):
        """Head and body, the body by its Content-Length."""
        request = self.read_head()
        wanted = int(request.header("Content-Length") or 0)
        pieces = [self._buffer]
        size = len(self._buffer)
        while size < wanted:
            piece = self.socket.recv(1 << 20)
            if not piece:
                raise ConnectionError("the client closed inside its body")
            pieces.append(piece)
            size += len(piece)
        everything = b"".join(pieces)
        request.body, self._buffer = everything[:wanted], everything[wanted:]
        return request

    def send(self, data):
        self.socket.sendall(data)

    def pause(self, seconds):
        """The delay under test; what it really was is added to the server's `delays`."""
        began = time.monotonic()
        if seconds > 0:
            time.sleep(seconds)
        self._server.delays.append(time.monotonic() - began)

    def wait_for_close(self):
        """Reads and drops everything until the client has closed."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionError:
            pass

    def reset(self):
        """Ends the connection with a RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class ScriptedServer:
    """Runs `script(peer)` for each connection; a context manager.

    `requests` and `delays` are what it saw and did, `failures` the scripts that broke off.
    """

    def __init__(self, script, host="127.0.0.1", port=0, receive_buffer=None):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.socket(family)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if receive_buffer is not None:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._listener.bind((host, port))
        self._listener.listen(128)
        self.host = host
        self.port = self._listener.getsockname()[1]
        self.requests = []
        self.delays = []
        self.failures = []
        self.connections = 0
        self._script = script
        self._threads = []
        self._open = set()
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def url(self, path="/", scheme="http", host=None):
        shown = host or (f"[{self.host}]" if ":" in self.host else self.host)
        return f"{scheme}://{shown}:{self.port}{path}"

    @property
    def address(self):
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def close(self):
        """Stops accepting, cuts what is open and waits for the scripts' ends."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        for thread in self._threads:
            thread.join()

    def finish(self):
        """Waits until the scripts of all connections so far have ended."""
        for thread in list(self._threads):
            thread.join(10)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.add(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._script(Peer(connection, self))
        except (OSError, AssertionError) as error:
            self.failures.append(error)
        finally:
            self._open.discard(connection)
            connection.close()


def answer(response):
    """A script that reads the whole request, sends `response` and closes."""

    def script(peer):
        peer.read_request()
        peer.send(response)

    return script


def silent(peer):
    """A script that reads and never says a word."""
    peer.wait_for_close()


def ok(body=b"hello\n", headers=b""):
    """The bytes of a plain 200."""
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n%s" % (len(body), headers, body)
