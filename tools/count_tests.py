"""Counts what meson ran (doctest cases, end-to-end cases, lint checks), from its testlog.json.

A program says its own count in its output: doctest's `[doctest] test cases:` line, unittest's
`Ran N tests`, or a last line `N passed, N failed[, N skipped]`. One that says nothing counts as
one, by its exit code. One that failed though its count names no failure (a crash, a leak, a
time-out) counts as one failure more.
"""

import dataclasses
import json
import re

DOCTEST = re.compile(
    r"^\[doctest\] test cases:\s*\d+ \|\s*(\d+) passed \|\s*(\d+) failed(?: \|\s*(\d+) skipped)?",
    re.M,
)
SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.M)
UNITTEST = re.compile(r"^Ran (\d+) tests? in .*\n\n(?:OK|FAILED)(.*)$", re.M)
UNITTEST_DETAIL = re.compile(r"(failures|errors|skipped)=(\d+)")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
GOOD = {"OK", "EXPECTEDFAIL"}


@dataclasses.dataclass
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Count(
            self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped
        )

    def __str__(self):
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def claims_of(text):
    """The (passed, failed, skipped) that a program claims, one for each summary that it wrote."""
    claims = [tuple(int(number or 0) for number in found) for found in DOCTEST.findall(text)]
    for ran, rest in UNITTEST.findall(text):
        detail = {word: int(number) for word, number in UNITTEST_DETAIL.findall(rest)}
        skipped = detail.pop("skipped", 0)
        claims.append((int(ran) - skipped - sum(detail.values()), sum(detail.values()), skipped))
    return claims or [
        tuple(int(number or 0) for number in found) for found in SUMMARY.findall(text)[-1:]
    ]


def count_output(text, result, is_filtered=False):
    """The count of one program, from what it wrote and meson's verdict on it."""
    claims = claims_of(ANSI.sub("", text))
    if not claims:
        if result == "SKIP":
            return Count(skipped=1)
        return Count(passed=1) if result in GOOD else Count(failed=1)
    count = sum((Count(*claim) for claim in claims), Count())
    # Under a filter doctest calls the cases that nobody asked for skipped.
    if is_filtered:
        count.skipped = 0
    if result not in GOOD | {"SKIP"} and count.failed == 0:
        count.failed = 1
    return count


def read_log(path):
    """The records of a testlog.json, one JSON object a line."""
    with open(path, encoding="utf-8", errors="replace") as log:
        return [json.loads(line) for line in log if line.strip()]


def output_of(record):
    return record.get("stdout", "") + record.get("stderr", "")
