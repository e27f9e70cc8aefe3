"""AWS's X-Ray SDK for Node and express, as the lock file of tests/bench/node has them."""

import fcntl
import filecmp
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent.parent
PINS = HERE.parent / "bench" / "node"


def install(folder, script):
    """Fills `folder` from the lock file, where that was not done before, and puts the script there.

    Several test programs may do so at a time. Returns the script's path.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = folder / "installed.json"
        if not (stamp.exists() and filecmp.cmp(stamp, PINS / "package-lock.json", shallow=False)):
            _install(folder)
            shutil.copy(PINS / "package-lock.json", stamp)
        shutil.copy(HERE / script, folder / script)
    return folder / script


def _install(folder):
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise SystemExit(f"The peers' test needs {tool}, which is not on the PATH.")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(PINS / name, folder / name)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"npm could not install the X-Ray SDK for Node:\n{done.stderr}")
