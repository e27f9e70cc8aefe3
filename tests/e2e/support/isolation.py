"""A network of our own: the whole test run moves into fresh network and mount namespaces.

There the well-known ports (53, 80, 443, 2000) are free, no packet leaves the machine, packets can
be dropped with nft, and /etc/resolv.conf is a file of the test. Root gets this with unshare; others
with a user namespace where the system allows one. Where neither works the run goes on outside and
the cases that need it are skipped, with this module's reason.
"""

import os
import shutil
import subprocess
import sys
import unittest

_MARK = "XTRACE_E2E_ISOLATED"
_TOOLS = ("unshare", "ip", "mount")

#: Addresses that only exist inside; not loopback ones, which AI_ADDRCONFIG does not count.
V4_ADDRESSES = ("10.77.0.1", "10.77.0.2", "10.77.0.3")
V6_ADDRESSES = ("2001:db8::1", "2001:db8::2", "2001:db8::3")


def enter():
    """Runs this program again inside the namespaces; returns where it cannot, or once inside."""
    if isolated() or os.environ.get(_MARK) == "impossible":
        return
    os.environ[_MARK] = "impossible"
    if any(shutil.which(tool) is None for tool in _TOOLS):
        return
    command = ["unshare", "--net", "--mount"]
    if os.geteuid() != 0:
        command.append("--map-root-user")
    probe = subprocess.run(
        [*command, "ip", "link", "set", "lo", "up"], capture_output=True, check=False
    )
    if probe.returncode != 0:
        return
    os.environ[_MARK] = "yes"
    os.execvp(command[0], [*command, sys.executable, *sys.argv])


def isolated():
    return os.environ.get(_MARK) == "yes"


def furnish(directory):
    """Brings the addresses up and covers the machine's resolver files. Call once, inside."""
    _run("ip", "link", "set", "lo", "up")
    for address in V4_ADDRESSES:
        _run("ip", "address", "add", address + "/32", "dev", "lo")
    for address in V6_ADDRESSES:
        _run("ip", "address", "add", address + "/128", "dev", "lo")
    # A small send buffer, so that an upload need not be large to wait for its reader.
    _write("/proc/sys/net/ipv4/tcp_wmem", "4096 16384 65536")
    _cover(directory, "hosts", "127.0.0.1 localhost\n::1 localhost\n")
    _cover(directory, "nsswitch.conf", "hosts: files dns\n")
    return _cover(directory, "resolv.conf", "nameserver 127.0.0.1\n")


def needs_isolation(thing):
    """Decorator of cases and classes that only work inside."""
    reason = "no network namespace can be made here (not root, and no user namespaces)"
    return unittest.skipUnless(isolated(), reason)(thing)


def _cover(directory, name, text):
    path = os.path.join(directory, name)
    _write(path, text)
    if os.path.exists("/etc/" + name):
        _run("mount", "--bind", path, "/etc/" + name)
    return path


def _write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def _run(*command):
    subprocess.run(command, check=True, capture_output=True)
