"""Checks the size law: `check_sizes.py [ROOT]`.

A file past 350 lines, a header past 200, a test past 300 or a function past 40 is split, or gets
the sentence that defends it in DEFENDED below.
"""

import pathlib
import re
import sys

LIMITS = [("tests/", 300), (".h", 200), ("", 350)]
FUNCTION_LIMIT = 40
# `path` or `path:function` -> the sentence that defends it.
DEFENDED = {}

# Text that holds no code: comments, raw strings, strings, character literals.
QUIET = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",
    re.S,
)
# Braces that are not a function's body: what stands in front of them tells.
NOT_FUNCTIONS = re.compile(
    r"^(template\s*<.*>\s*)?(inline\s+)?(namespace|class|struct|union|enum|extern)\b|[=,({]$", re.S
)
NAME = re.compile(r"([~\w:]+|operator\W{1,3})\s*\(")


def blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))


def functions(text):
    """(name, first line, number of lines) of each function that is not inside another."""
    code = re.sub(r"(?m)^\s*#.*(\\\n.*)*$", blank, QUIET.sub(blank, text))
    stack, found, head_begin = [], [], 0
    for match in re.finditer(r"[;{}]", code):
        at, sign = match.start(), match.group(0)
        head = code[head_begin:at]
        head_begin = at + 1
        if sign == "{":
            inside = any(stack_name is not None for stack_name, _ in stack)
            name = None if inside or NOT_FUNCTIONS.search(head.strip()) else NAME.search(head)
            begin = code.count("\n", 0, at - len(head.lstrip())) + 1
            stack.append((name.group(1) if name else None, begin))
        elif sign == "}" and stack:
            name, begin = stack.pop()
            if name is not None:
                found.append((name, begin, code.count("\n", 0, at) + 2 - begin))
    return found


def complaints_about(path, text):
    length = text.count("\n")
    limit = next(lines for mark, lines in LIMITS if path.startswith(mark) or path.endswith(mark))
    if length > limit and path not in DEFENDED:
        yield f"{path}: {length} lines, and {limit} are the limit"
    if path.startswith("tests/"):
        return  # a test case is as long as its story
    for name, begin, lines in functions(text):
        if lines > FUNCTION_LIMIT and f"{path}:{name}" not in DEFENDED:
            yield f"{path}:{begin}: {name} has {lines} lines, and {FUNCTION_LIMIT} are the limit"


def check(root):
    """All complaints about the tree, and how many files were read."""
    files = [f for top in ("include", "src", "tests", "examples") for f in (root / top).rglob("*")]
    files = sorted(f for f in files if f.suffix in (".h", ".cpp", ".py"))
    complaints = []
    for file in files:
        text = file.read_text(encoding="utf-8")
        complaints += complaints_about(file.relative_to(root).as_posix(), text)
    return complaints, len(files)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    complaints, files = check(root if root.is_dir() else root.parent.parent)
    for text in complaints:
        print(text)
    if files == 0:
        print("there is no source to check")
    return 1 if complaints or files == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
