#!/usr/bin/env python3
"""Everybody's clients against our collector: tests/e2e/clients.py [PATTERN...]

The AWS command line asks `xtrace listen` whatever the X-Ray API has, AWS's SDKs for Node and Python
send to it and sample by its rules, and so do we. XTRACE names the binary, XTRACE_PEERS (optional)
the folder that npm fills. PATTERN and the last line are as run.py's.
"""

import argparse
import importlib
import os
import pkgutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import collect  # noqa: E402
from support import program, reporter  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    reporter.add_arguments(parser)
    arguments = parser.parse_args()
    if not arguments.list:
        program.binary()
    names = [module.name for module in pkgutil.iter_modules(collect.__path__)]
    modules = [importlib.import_module("collect." + name) for name in names]
    return reporter.run(modules, arguments)


if __name__ == "__main__":
    sys.exit(main())
