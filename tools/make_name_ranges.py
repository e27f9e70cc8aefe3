#!/usr/bin/env python3
"""Writes src/xray/name_ranges.cpp: the code points past ASCII that X-Ray allows in names (letters, numbers, separators)."""

import unicodedata

HEAD = """// Written by tools/make_name_ranges.py from Unicode {version}: do not edit.

#include "xray/name_ranges.h"

namespace xtrace {{

constexpr std::array<CodePointRange, {count}> kNameRanges = {{{{
"""
TAIL = """}};

std::span<const CodePointRange> name_ranges() { return kNameRanges; }

}  // namespace xtrace
"""


def ranges():
    """Yields (first, last) of each run of allowed code points."""
    first = None
    for point in range(0x80, 0x110001):
        allowed = point < 0x110000 and unicodedata.category(chr(point))[0] in "LNZ"
        if allowed and first is None:
            first = point
        elif not allowed and first is not None:
            yield first, point - 1
            first = None


def main():
    found = list(ranges())
    cells = [f"{{0x{first:X}, 0x{last:X}}}," for first, last in found]
    lines, line = [], "   "
    for cell in cells:
        if len(line) + 1 + len(cell) > 100:
            lines.append(line)
            line = "   "
        line += " " + cell
    lines.append(line)
    body = "\n".join(lines) + "\n"
    with open("src/xray/name_ranges.cpp", "w", encoding="ascii") as out:
        out.write("// clang-format off\n" + HEAD.format(version=unicodedata.unidata_version, count=len(found)) + body + TAIL)


main()
