#!/usr/bin/env python3
"""Writes the C++ examples of README.md into one file, so that the build compiles what people copy."""
import pathlib
import re
import sys


def main():
    readme, output = map(pathlib.Path, sys.argv[1:3])
    blocks = re.findall(r"^```cpp\n(.*?)^```$", readme.read_text(encoding="utf-8"), re.M | re.S)
    if not blocks:
        sys.exit(f"{readme}: expected blocks of C++, found none")
    output.write_text("\n".join(blocks), encoding="utf-8")


if __name__ == "__main__":
    main()
