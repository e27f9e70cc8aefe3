"""Things that go wrong in a TLS handshake, byte by byte."""

import socket
import threading

from support.scripted import ScriptedServer

_HANDSHAKE_RECORD = 22
HANDSHAKE_FAILURE_ALERT = b"\x15\x03\x03\x00\x02\x02\x28"


def read_client_hello(peer):
    """Reads exactly one TLS record."""
    head = _read_exactly(peer.socket, 5)
    assert head[0] == _HANDSHAKE_RECORD, f"not a handshake record: {head!r}"
    return head + _read_exactly(peer.socket, int.from_bytes(head[3:], "big"))


def slow_server_hello(port, delay, host="127.0.0.1"):
    """A proxy before a TLS server: its first bytes wait `delay` seconds, all others do not."""

    def script(peer):
        with socket.create_connection((host, port)) as upstream:
            upstream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            upstream.sendall(read_client_hello(peer))
            # The wait starts with the ClientHello, as if the server were thinking.
            peer.pause(delay)
            forward = threading.Thread(target=_copy, args=(peer.socket, upstream), daemon=True)
            forward.start()
            _copy(upstream, peer.socket)
            forward.join()

    return ScriptedServer(script)


def _copy(source, target):
    try:
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def _read_exactly(stream, size):
    data = b""
    while len(data) < size:
        piece = stream.recv(size - len(data))
        if not piece:
            raise ConnectionError("the client closed inside its ClientHello")
        data += piece
    return data
