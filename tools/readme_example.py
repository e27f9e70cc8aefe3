#!/usr/bin/env python3
"""Writes the C++ examples of a page (README.md, docs/) into one file, so that the build compiles them.

Examples are the blocks that begin with an `#include`; others are fragments.
"""
import pathlib
import re
import sys


def main():
    page, output = map(pathlib.Path, sys.argv[1:3])
    blocks = re.findall(r"^```cpp\n(#include.*?)^```$", page.read_text(encoding="utf-8"), re.M | re.S)
    if not blocks:
        sys.exit(f"{page}: expected blocks of C++, found none")
    output.write_text("\n".join(blocks), encoding="utf-8")


if __name__ == "__main__":
    main()
