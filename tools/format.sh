#!/bin/sh
# tools/format.sh [--check] [FILE...]: formats the C++ files with clang-format 14, the one version whose output is the law.
set -eu
cd "$(dirname "$0")/.."
mode=-i
if [ "${1:-}" = --check ]; then
  mode="--dry-run --Werror"
  shift
fi
command -v clang-format-14 >/dev/null || {
  echo "tools/format.sh: clang-format-14 is needed (Debian's package clang-format-14)." >&2
  exit 1
}
if [ $# -eq 0 ]; then
  find include src tests examples \( -name '*.h' -o -name '*.cpp' \) -print0 |
    xargs -0 clang-format-14 $mode
else
  clang-format-14 $mode "$@"
fi
