"""A client that sends what it is told, byte by byte, and reads answers strictly."""

import socket
import struct

from dataclasses import dataclass, field


@dataclass
class Answer:
    """One response as it came; `interim` are the statuses of 1xx before it."""

    status: int
    fields: list
    body: bytes = b""
    interim: list = field(default_factory=list)

    def header(self, name):
        """The value of a header, or None; fails where it came twice."""
        values = [value for key, value in self.fields if key.lower() == name.lower()]
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None


class Cut(Exception):
    """The connection ended before the answer did; `got` is what had come of it."""

    def __init__(self, got):
        super().__init__(f"the connection ended behind {got[-80:]!r}")
        self.got = got


class Wire:
    """A connection to 127.0.0.1; a context manager.

    `receive_buffer` is what the kernel keeps of an answer that nobody reads.
    """

    def __init__(self, port, receive_buffer=None, timeout=10.0, source=None):
        self.socket = socket.socket()
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        if source is not None:
            self.socket.bind((source, 0))
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""

    def send(self, data):
        self.socket.sendall(data)

    def request(self, path, method="GET", headers="", body=b""):
        """Sends a whole request; `headers` are lines that end in CRLF."""
        if body:
            headers += f"Content-Length: {len(body)}\r\n"
        head = f"{method} {path} HTTP/1.1\r\nHost: peer.test\r\n{headers}\r\n"
        self.send(head.encode("latin-1") + body)

    def ask(self, path, **more):
        """Sends a whole request and reads its answer."""
        self.request(path, **more)
        return self.answer(is_head=more.get("method") == "HEAD")

    def answer(self, is_head=False):
        """The next answer, whole; raises `Cut` where the connection ends in it."""
        interim = []
        while True:
            status, fields = self._head()
            if status >= 200:
                break
            interim.append(status)
        answer = Answer(status, fields, interim=interim)
        if not is_head and status not in (204, 304):
            answer.body = self._body(answer)
        return answer

    def wait_for_answer(self):
        """Returns when its first byte is there."""
        if not self._buffer and not self.socket.recv(1, socket.MSG_PEEK):
            raise Cut(b"")

    def finish(self):
        """Says that nothing more will be sent, and goes on reading."""
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        """Ends the connection with a RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def rest(self):
        """Everything until the other side closes, be it with a RST."""
        rest, self._buffer = self._buffer, b""
        try:
            while piece := self.socket.recv(1 << 20):
                rest += piece
        except ConnectionResetError:
            pass
        return rest

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.close()

    def _more(self):
        try:
            piece = self.socket.recv(1 << 20)
        except ConnectionError as error:
            raise Cut(self._buffer) from error
        if not piece:
            raise Cut(self._buffer)
        return piece

    def _until(self, mark):
        while mark not in self._buffer:
            self._buffer += self._more()
        got, self._buffer = self._buffer.split(mark, 1)
        return got

    def _exactly(self, size):
        pieces, missing = [self._buffer], size - len(self._buffer)
        while missing > 0:
            pieces.append(self._more())
            missing -= len(pieces[-1])
        everything = b"".join(pieces)
        self._buffer = everything[size:]
        return everything[:size]

    def _head(self):
        lines = self._until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        version, status, _ = lines[0].split(" ", 2)
        assert version == "HTTP/1.1", lines[0]
        fields = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:]]
        return int(status), fields

    def _body(self, answer):
        length, coding = answer.header("Content-Length"), answer.header("Transfer-Encoding")
        assert length is None or coding is None, "the answer's length is told twice"
        if length is not None:
            return self._exactly(int(length))
        if coding is None:
            assert answer.header("Connection") == "close"
            return self.rest()
        assert coding == "chunked", coding
        pieces = []
        while size := int(self._until(b"\r\n"), 16):
            pieces.append(self._exactly(size))
            assert self._exactly(2) == b"\r\n"
        assert self._until(b"\r\n") == b"", "nobody asked for trailers"
        return b"".join(pieces)
