"""Chooses cases, runs them, and says one line about each."""

import time
import unittest


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
            self._say("FAILED", subtest, f"{subtest}\n{self._exc_info_to_string(err, test)}")

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
    module = type(test).__module__.rsplit(".", 1)[-1]
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


def add_arguments(parser):
    """What every runner of cases takes."""
    parser.add_argument(
        "patterns", nargs="*", metavar="PATTERN", help="part of a module, class, name or sentence"
    )
    parser.add_argument("--list", action="store_true", help="name the cases and run none")


def run(modules, arguments):
    """Runs, or names, the chosen cases of the modules; returns the exit code."""
    loader = unittest.TestLoader()
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
