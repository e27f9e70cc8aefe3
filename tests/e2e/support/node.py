"""What the tests need from npm, as lock files have it: by default that of tests/bench/node, AWS's
X-Ray SDK for Node and express."""

import fcntl
import filecmp
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent.parent
PINS = HERE.parent / "bench" / "node"


def install(folder, script, pins=PINS):
    """Fills `folder` from the lock file, where that was not done before, and puts the script there.

    Several test programs may do so at a time. Returns the script's path; None where there is none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = folder / "installed.json"
        if not (stamp.exists() and filecmp.cmp(stamp, pins / "package-lock.json", shallow=False)):
            _install(folder, pins)
            shutil.copy(pins / "package-lock.json", stamp)
        if script is None:
            return None
        shutil.copy(HERE / script, folder / script)
    return folder / script


def _install(folder, pins):
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise SystemExit(f"This test needs {tool}, which is not on the PATH.")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(pins / name, folder / name)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"npm could not install what {pins / 'package.json'} names:\n{done.stderr}")
