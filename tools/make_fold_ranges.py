#!/usr/bin/env python3
"""Writes src/xray/fold_ranges.cpp: Unicode's simple case folding past ASCII, as runs."""

import unicodedata

HEAD = """// clang-format off
// Written by tools/make_fold_ranges.py from Unicode {version}: do not edit.

#include "xray/fold_ranges.h"

#include <array>

namespace xtrace {{

constexpr std::array<FoldRange, {count}> kFoldRanges = {{{{
"""
TAIL = """}};

std::span<const FoldRange> fold_ranges() { return kFoldRanges; }

}  // namespace xtrace
"""


def fold(point):
    """What the code point is compared as: statuses C and S of CaseFolding.txt."""
    letter = chr(point)
    for folded in (letter.casefold(), letter.lower()):
        if len(folded) == 1:
            return ord(folded)
    return point


def runs():
    """[first, last, distance, stride] of neighbours that fold by the same distance."""
    found = []
    for point in range(0x80, 0x110000):
        if 0xD800 <= point < 0xE000 or fold(point) == point:
            continue
        distance = fold(point) - point
        if found:
            run = found[-1]
            stride = point - run[1]
            if run[2] == distance and stride in (1, 2) and run[3] in (0, stride):
                run[1], run[3] = point, stride
                continue
        found.append([point, point, distance, 0])
    return [(first, last, distance, stride or 1) for first, last, distance, stride in found]


def main():
    found = runs()
    cells = ["{0x%X, 0x%X, %d, %d}," % run for run in found]
    lines, line = [], "   "
    for cell in cells:
        if len(line) + 1 + len(cell) > 100:
            lines.append(line)
            line = "   "
        line += " " + cell
    lines.append(line)
    with open("src/xray/fold_ranges.cpp", "w", encoding="ascii") as out:
        out.write(HEAD.format(version=unicodedata.unidata_version, count=len(found)))
        out.write("\n".join(lines) + "\n" + TAIL)


main()
