#!/usr/bin/env python3
"""Runs the end-to-end tests: tests/e2e/run.py [PATTERN...]

A PATTERN is a part of a case's module, class, name or sentence; without one, all run. XTRACE
names the binary, XTRACE_TRUTH (optional) a release build of it for the cases that judge its
clocks. The last line counts what happened. --part runs a share of the cases, `1/2`, beside another
run that has the rest, or `truth`, which measures and wants the machine for itself.
"""

import argparse
import importlib
import os
import pkgutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import cases  # noqa: E402
from support import case, isolation, program, reporter  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    reporter.add_arguments(parser)
    parser.add_argument("--part", default="", help="a share of the cases, K/N, or `truth`")
    arguments = parser.parse_args()
    if not arguments.list:
        program.binary()
        isolation.enter()
        case.world()
    names = ["cases." + module.name for module in pkgutil.iter_modules(cases.__path__)]
    if arguments.part == "truth":
        names = ["truth"]
    elif arguments.part:
        share, shares = map(int, arguments.part.split("/"))
        names = names[share - 1 :: shares]
    else:
        names.append("truth")
    return reporter.run([importlib.import_module(name) for name in names], arguments)


if __name__ == "__main__":
    sys.exit(main())
