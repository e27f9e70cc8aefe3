"""Runs clang-tidy 14 over src/: `tidy.py BUILD [FILE...]`.

BUILD is a meson build directory (its compile database is read). What gcc was told and clang does
not know is left out. Files that neither changed nor saw a change of a header or of .clang-tidy
since they were last found clean are not read again; the memory is BUILD/tidy/.
"""

import concurrent.futures
import hashlib
import json
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Sanitizers and warnings are the compiler's business.
DROPPED = ("-fsanitize", "-W")


def clean_database(build, directory):
    """The compile commands of src/ without what is not for clang-tidy; returns the files."""
    entries = json.loads((build / "compile_commands.json").read_text())
    kept = []
    for entry in entries:
        file = (pathlib.Path(entry["directory"]) / entry["file"]).resolve()
        if file.suffix != ".cpp" or (ROOT / "src") not in file.parents:
            continue
        words = [w for w in shlex.split(entry["command"]) if not w.startswith(DROPPED)]
        kept.append({"directory": entry["directory"], "file": str(file), "arguments": words})
    directory.mkdir(exist_ok=True)
    (directory / "compile_commands.json").write_text(json.dumps(kept))
    return sorted({entry["file"] for entry in kept})


def digest_of(paths):
    digest = hashlib.sha256()
    for path in paths:
        digest.update(pathlib.Path(path).read_bytes())
    return digest.hexdigest()


def tidy(file, directory, shared_digest):
    """What clang-tidy says against a file, or None."""
    memory = directory / hashlib.sha256(file.encode()).hexdigest()
    state = shared_digest + digest_of([file])
    if memory.exists() and memory.read_text() == state:
        return None
    command = ["clang-tidy-14", "--quiet", "-p", str(directory), file]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        memory.write_text(state)
        return None
    return done.stdout + done.stderr


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    directory = build / "tidy"
    files = clean_database(build, directory)
    chosen = {str(pathlib.Path(name).resolve()) for name in sys.argv[2:]}
    files = [file for file in files if not chosen or file in chosen]
    headers = [h for top in ("include", "src") for h in sorted((ROOT / top).rglob("*.h"))]
    shared_digest = digest_of([ROOT / ".clang-tidy", *headers])
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        complaints = list(pool.map(lambda file: tidy(file, directory, shared_digest), files))
    for text in filter(None, complaints):
        print(text)
    failed = sum(text is not None for text in complaints)
    print(f"{len(files) - failed} passed, {failed} failed")
    return 1 if failed or not files else 0


if __name__ == "__main__":
    sys.exit(main())
