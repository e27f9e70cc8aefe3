"""The programs that tools/bench sends load with, and what they say of it.

All of them have the client's core. `hey` gets what a user's `taskset` would give it: Go sees one
core, and runs one thread at a time.
"""

import dataclasses
import json
import os
import re
import subprocess
import tempfile
import time

from bench_emit import SENDER_CORE, Failure, last_line


@dataclasses.dataclass
class Run:
    """What one run of a program did; `cpu` is microseconds of its process, user and system."""

    rate: float
    requests: int
    cpu: float = 0.0
    traces: int = 0

    def thousands(self):
        return self.rate / 1000

    def cpu_each(self):
        return self.cpu / self.requests


def figure(pattern, text):
    found = re.search(pattern, text)
    if not found:
        raise Failure(f"what came has no {pattern}: {last_line(text)}")
    return float(found.group(1))


def read_wrk(text):
    """The summary that wrk prints."""
    for line in text.splitlines():
        if "Non-2xx" in line or "Socket errors" in line:
            raise Failure(f"wrk says: {line.strip()}")
    return Run(figure(r"Requests/sec:\s+([\d.]+)", text), int(figure(r"(\d+) requests in", text)))


def read_hey(text):
    """The summary that hey prints."""
    statuses = re.findall(r"\[(\d+)\]\s+(\d+) responses", text)
    if [status for status, _ in statuses] != ["200"] or "Error distribution" in text:
        raise Failure(f"hey did not get 200 for everything: {last_line(text)}")
    return Run(figure(r"Requests/sec:\s+([\d.]+)", text), int(statuses[0][1]))


def read_ours(text):
    """The report of `xtrace get -n ... --format json`."""
    report = json.loads(text)
    if list(report["statuses"]) != ["200"] or report["errors"]:
        raise Failure(f"xtrace did not get 200 for everything: {report['statuses']}")
    return Run(report["rate"], report["requests"], traces=report["emit"]["traces"])


def spend(command, stderr=subprocess.DEVNULL, core=SENDER_CORE):
    """Runs it on one core, the client's: what it printed, and microseconds of CPU. No proxy, daemon
    or setting of the user's has a part in it."""
    env = {"PATH": os.environ["PATH"], "HOME": tempfile.gettempdir()}
    with tempfile.TemporaryFile("w+") as output:
        child = subprocess.Popen(
            ["taskset", "-c", core, *command], stdin=subprocess.DEVNULL, stdout=output,
            stderr=stderr, env=env)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            raise Failure(f"{' '.join(command)} ended with {child.returncode}")
        output.seek(0)
        return output.read(), (used.ru_utime + used.ru_stime) * 1e6


def program(command, read, core=SENDER_CORE):
    """A function that runs the command once and reads what it says."""

    def run():
        text, cpu = spend(command, core=core)
        done = read(text)
        done.cpu = cpu
        return done

    return run


def timed(command, count):
    """The same for a command that says no rate; `count` finds in its text what it did."""

    def run():
        began = time.perf_counter()
        text, cpu = spend(command)
        done = count(text)
        return Run(done / (time.perf_counter() - began), done, cpu)

    return run


def wrk(url, core=SENDER_CORE):
    return program(["wrk", "-t1", "-c32", "-d1s", url], read_wrk, core)


def hey(url, requests):
    return program(["hey", "-n", str(requests), "-c", "32", url], read_hey)


def ours(xtrace, url, requests, *more):
    """So many requests, 32 at a time where `more` says nothing else."""
    command = [xtrace, "get", "-n", str(requests), "-c", "32", "--format", "json", *more, url]
    return program(command, read_ours)
