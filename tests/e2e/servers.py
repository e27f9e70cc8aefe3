#!/usr/bin/env python3
"""Our server among its neighbours: tests/e2e/servers.py [PATTERN...]

The service of server_peer.cpp behind a real nginx, beside curl and beside an express app that uses
AWS's X-Ray SDK for Node, and against clients that are slow, leave, or lie. XTRACE_SERVER_PEER names
the program, XTRACE_PEERS (optional) the folder that npm fills. PATTERN and the last line are as
run.py's.
"""

import argparse
import importlib
import os
import pkgutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import services  # noqa: E402
from support import reporter  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    reporter.add_arguments(parser)
    arguments = parser.parse_args()
    if not arguments.list and not os.access(os.environ.get("XTRACE_SERVER_PEER", ""), os.X_OK):
        parser.error("XTRACE_SERVER_PEER does not name the program server_peer")
    names = [module.name for module in pkgutil.iter_modules(services.__path__)]
    modules = [importlib.import_module("services." + name) for name in names]
    return reporter.run(modules, arguments)


if __name__ == "__main__":
    sys.exit(main())
