#!/usr/bin/env python3
"""Runs the end-to-end tests: tests/e2e/run.py [PATTERN...]

A PATTERN is a part of a case's module, class, name or sentence; without one, all run. XTRACE
names the binary, XTRACE_TRUTH (optional) a release build of it for the cases that judge its
clocks. The last line counts what happened.
"""

import argparse
import importlib
import os
import pkgutil
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import cases  # noqa: E402
from support import case, isolation, program  # noqa: E402


class Reporter(unittest.TestResult):
    """One line per case as it ends; failures in full."""

    def __init__(self):
        super().__init__()
        self.passed = 0
        self._began = 0.0

    def startTest(self, test):
        super().startTest(test)
        self._began = time.monotonic()

    def addSuccess(self, test):
        self.passed += 1
        self._say("ok", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._say("FAILED", test, self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self._say("FAILED", test, self.errors[-1][1])

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._say("FAILED", subtest, self._exc_info_to_string(err, test))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._say("skipped", test, reason)

    @property
    def failed(self):
        return len({getattr(test, "test_case", test) for test, _ in self.failures + self.errors})

    def _say(self, verdict, test, detail=""):
        taken = time.monotonic() - self._began
        print(f"{verdict:7} {taken:6.2f}s  {sentence(test)}", flush=True)
        if detail:
            print("    " + detail.strip().replace("\n", "\n    "), flush=True)


def sentence(test):
    test = getattr(test, "test_case", test)
    module = type(test).__module__.removeprefix("cases.")
    return f"{module}: {test.shortDescription() or str(test)}"


def all_cases(suite):
    for part in suite:
        if isinstance(part, unittest.TestSuite):
            yield from all_cases(part)
        else:
            yield part


def matches(test, patterns):
    text = f"{test.id()} {sentence(test)}".lower()
    return not patterns or any(pattern.lower() in text for pattern in patterns)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument(
        "patterns", nargs="*", metavar="PATTERN", help="part of a module, class, name or sentence"
    )
    parser.add_argument("--list", action="store_true", help="name the cases and run none")
    arguments = parser.parse_args()
    if not arguments.list:
        program.binary()
        isolation.enter()
        case.world()
    loader = unittest.TestLoader()
    names = [module.name for module in pkgutil.iter_modules(cases.__path__)]
    modules = [importlib.import_module("cases." + name) for name in names] + [
        importlib.import_module("truth")
    ]
    suites = unittest.TestSuite(loader.loadTestsFromModule(module) for module in modules)
    chosen = [test for test in all_cases(suites) if matches(test, arguments.patterns)]
    if arguments.list:
        print("\n".join(sentence(test) for test in chosen))
        return 0
    reporter = Reporter()
    unittest.TestSuite(chosen).run(reporter)
    skipped = len(reporter.skipped)
    print(
        f"{reporter.passed} passed, {reporter.failed} failed"
        + (f", {skipped} skipped" if skipped else "")
    )
    return 0 if reporter.failed == 0 and reporter.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
