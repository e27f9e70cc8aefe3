"""Answers that a server gives in turn, and the attempts that a report has."""

import threading

BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"


def every(report):
    """The attempts of all legs."""
    return [attempt for leg in report["legs"] for attempt in leg["attempts"]]


class Answers:
    """A script: the answers in turn, whatever the connection, the last one for ever."""

    def __init__(self, *answers):
        self._answers = list(answers)
        self._lock = threading.Lock()

    def __call__(self, peer):
        while True:
            try:
                peer.read_request()
            except ConnectionError:
                return
            with self._lock:
                answer = self._answers[0]
                if len(self._answers) > 1:
                    self._answers.pop(0)
            if answer is None:
                peer.wait_for_close()
                return
            peer.send(answer)
