"""The X-Ray daemon's side of UDP: keeps every datagram and checks every byte of it."""

import json
import re
import select
import socket
import time

#: Times have six decimals, of which a double keeps nearly all at this size.
_GRAIN = 2e-6
HEADER = b'{"format":"json","version":1}\n'


class Daemon:
    """A bound UDP socket. On loopback a datagram is there once its send has returned."""

    def __init__(self, host="127.0.0.1", port=0):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
        self._socket.bind((host, port))
        self._socket.setblocking(False)
        port = self._socket.getsockname()[1]
        self.address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def drain(self):
        """The documents that came since the last call, each checked."""
        # The daemon ignores datagrams of no bytes as well; `xtrace check` sends them.
        return [check_datagram(data) for data in self.drain_raw() if data]

    def await_documents(self, count, deadline=10.0):
        """So many documents, waited for; whatever came beside them in the same breath as well."""
        documents = self.drain()
        end = time.monotonic() + deadline
        while len(documents) < count:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self._socket], [], [], left)[0]:
                raise AssertionError(f"{len(documents)} documents came instead of {count}")
            documents += self.drain()
        return documents

    def drain_raw(self):
        datagrams = []
        while True:
            try:
                datagrams.append(self._socket.recv(65536))
            except BlockingIOError:
                return datagrams

    def close(self):
        self._socket.close()


def check_datagram(data):
    assert data.startswith(HEADER), f"no header line: {data[:60]!r}"
    assert len(data) <= 65507
    text = data[len(HEADER) :].decode("utf-8")
    assert "\n" not in text, "a document is one line"
    return check_document(text)


def check_document(text):
    """Parses one segment document and holds it against the documented rules; returns it."""
    document = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_twins)
    assert re.fullmatch("1-[0-9a-f]{8}-[0-9a-f]{24}", document["trace_id"]), document["trace_id"]
    assert not ("in_progress" in document and "end_time" in document)
    identifiers = []
    _check_node(document, identifiers, None)
    assert len(set(identifiers)) == len(identifiers), "an id is used twice"
    return document


_SEGMENT_KEYS = {
    "name",
    "id",
    "trace_id",
    "parent_id",
    "start_time",
    "end_time",
    "in_progress",
    "type",
    "http",
    "aws",
    "error",
    "fault",
    "throttle",
    "cause",
    "annotations",
    "metadata",
    "subsegments",
    "service",
    "user",
    "origin",
}
_SUBSEGMENT_KEYS = (_SEGMENT_KEYS - {"trace_id", "service", "user", "origin"}) | {"namespace"}


def _check_node(node, identifiers, parent):
    alone = parent is None and node.get("type") == "subsegment"
    allowed = _SUBSEGMENT_KEYS if parent else _SEGMENT_KEYS
    unknown = set(node) - allowed - ({"namespace"} if alone else set())
    assert not unknown, f"{node.get('name')}: unknown keys {unknown}"
    assert re.fullmatch("[0-9a-f]{16}", node["id"]), node["id"]
    identifiers.append(node["id"])
    assert 1 <= len(node["name"]) <= 200
    assert re.fullmatch(r"[\w\s.:/%&#=+\\\-@]+", node["name"]), node["name"]
    assert isinstance(node["start_time"], float)
    if "in_progress" in node:
        assert node["in_progress"] is True
    else:
        assert node["end_time"] >= node["start_time"], f"{node['name']} ends before it starts"
    for flag in ("error", "fault", "throttle"):
        assert node.get(flag, True) is True, f"{flag} is written only when it is true"
    if "parent_id" in node:
        assert re.fullmatch("[0-9a-f]{16}", node["parent_id"])
        assert parent is None or node["parent_id"] == parent["id"]
    for exception in node.get("cause", {}).get("exceptions", []):
        assert re.fullmatch("[0-9a-f]{16}", exception["id"])
        assert exception["message"] and exception["type"]
    for child in node.get("subsegments", []):
        _check_node(child, identifiers, node)
        assert (
            child["start_time"] >= node["start_time"] - _GRAIN
        ), f"{child['name']} starts before {node['name']}"
        assert (
            "in_progress" in node or child["end_time"] <= node["end_time"] + _GRAIN
        ), f"{child['name']} outlives {node['name']}"


def children(node, name=None):
    """The direct subsegments of a node, all or those of one name."""
    return [child for child in node.get("subsegments", []) if name is None or child["name"] == name]


def shape(node):
    """The names of a tree, nested: `["GET", ["connect", ["dial"]]]`; leaves are plain names."""
    below = [shape(child) for child in children(node)]
    return [node["name"], *below] if below else node["name"]


def _no_constant(name):
    raise ValueError(name + " is no JSON")


def _no_twins(pairs):
    keys = [key for key, _ in pairs]
    assert len(set(keys)) == len(keys), f"a key is written twice: {keys}"
    return dict(pairs)
