"""Checks that every header compiles alone: `check_headers.py [--compiler CXX] [HEADER...]`.

A header whose source includes it first is compiled alone by every build, so only its guard is
looked at, unless it is named.

A public header sees nothing but `include/`, as it does once installed, and may not warn.
"""

import argparse
import concurrent.futures
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FLAGS = ["-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror"]
FOREIGN = ["libuv", "liburiparser", "nlohmann_json"]
# What adapters adapt, by the beginning of their names; without it there is nothing to compile.
ADAPTED = {"beast": "boost/beast.hpp", "curl": "curl/curl.h", "httplib": "httplib.h"}


def foreign_flags():
    """Where the libraries that are not in the compiler's own path have their headers."""
    command = ["pkg-config", "--cflags", *FOREIGN]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return shlex.split(done.stdout) + ["-isystem", "/usr/share/include/llhttp"]


def compile_alone(compiler, header, flags):
    """The compiler's complaint about a file that includes `header` and nothing else, or None."""
    relative = header.relative_to(ROOT)
    if relative.parts[0] == "include":
        include, paths = f"<{relative.relative_to('include')}>", [f"-I{ROOT}/include"]
    else:
        include = f'"{relative.relative_to(relative.parts[0])}"'
        paths = [f"-I{ROOT}/{top}" for top in ("include", "src", "tests", "examples")] + flags
    # Twice: a header without its guard is not whole.
    source = f"#include {include}\n#include {include}\n"
    adapted = ADAPTED.get(header.stem.partition("_")[0]) if header.parent.name == "adapters" else None
    if adapted:
        source = f"#if __has_include(<{adapted}>)\n{source}#endif\n"
    done = subprocess.run(
        [compiler, *FLAGS, *paths, "-x", "c++", "-"],
        input=source,
        capture_output=True,
        text=True,
        check=False,
    )
    return None if done.returncode == 0 else f"{relative} does not compile alone:\n{done.stderr}"


def is_first_of_its_source(header):
    """Whether the file of the same name beside it begins with it."""
    source = header.with_suffix(".cpp")
    if not source.exists():
        return False
    first = re.search(r'^#include\s+[<"]([^>"]+)[>"]', source.read_text("utf-8"), re.M)
    return first is not None and header.as_posix().endswith(f"/{first.group(1)}")


def complaint(compiler, header, flags, is_named):
    """What is wrong with the header, or None."""
    if is_named or not is_first_of_its_source(header):
        return compile_alone(compiler, header, flags)
    has_guard = header.read_text("utf-8").startswith("#pragma once\n")
    return None if has_guard else f"{header.relative_to(ROOT)} does not begin with #pragma once"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--compiler", default="g++")
    parser.add_argument("headers", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    headers = [header.resolve() for header in options.headers]
    for top in () if headers else ("include", "src", "tests", "examples"):
        headers += sorted((ROOT / top).rglob("*.h"))
    flags = foreign_flags()
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        complaints = list(
            pool.map(
                lambda header: complaint(options.compiler, header, flags, bool(options.headers)),
                headers,
            )
        )
    for text in filter(None, complaints):
        print(text)
    failed = sum(text is not None for text in complaints)
    print(f"{len(headers) - failed} passed, {failed} failed")
    return 1 if failed or not headers else 0


if __name__ == "__main__":
    sys.exit(main())
