#!/usr/bin/env python3
"""Writes the C++ example of README.md into a file, so that the build compiles what people copy."""
import pathlib
import re
import sys


def main():
    readme, output = map(pathlib.Path, sys.argv[1:3])
    blocks = re.findall(r"^```cpp\n(.*?)^```$", readme.read_text(encoding="utf-8"), re.M | re.S)
    if len(blocks) != 1:
        sys.exit(f"{readme}: expected one block of C++, found {len(blocks)}")
    output.write_text(blocks[0], encoding="utf-8")


if __name__ == "__main__":
    main()
