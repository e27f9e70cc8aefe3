"""Runs examples/embed against a receiver: `embed_check.py PROGRAM`.

Every request of every thread has to arrive, as a whole document of its own.
"""

import json
import os
import socket
import subprocess
import sys

REQUESTS, THREADS = 1000, 4


def receive(receiver, count):
    """The documents of so many datagrams."""
    documents = []
    while len(documents) < count:
        header, _, document = receiver.recv(65536).partition(b"\n")
        if json.loads(header) != {"format": "json", "version": 1}:
            raise SystemExit(f"no header of the daemon's: {header[:80]}")
        documents.append(json.loads(document))
    return documents


def main(program):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(20)
        address = f"127.0.0.1:{receiver.getsockname()[1]}"
        with subprocess.Popen(
            [program, str(REQUESTS), str(THREADS)],
            env=dict(os.environ, AWS_XRAY_DAEMON_ADDRESS=address),
            stdout=subprocess.PIPE,
            text=True,
        ) as embed:
            documents = receive(receiver, REQUESTS)
            report = embed.communicate()[0]
    if sorted(document["annotations"]["item"] for document in documents) != [*range(REQUESTS)]:
        raise SystemExit("not every request arrived once")
    faults = [document for document in documents if document.get("fault")]
    if len(faults) != REQUESTS // 10 or "no item" not in json.dumps(faults[0]["cause"]):
        raise SystemExit(f"{len(faults)} faults, the first: {faults[:1]}")
    if any("subsegments" not in document for document in documents):
        raise SystemExit("a document without its subsegments")
    if embed.returncode != 0 or f"{REQUESTS} documents sent" not in report:
        raise SystemExit(f"embed ended with {embed.returncode} and said: {report}")
    print(f"{len(documents)} documents")


if __name__ == "__main__":
    main(sys.argv[1])
