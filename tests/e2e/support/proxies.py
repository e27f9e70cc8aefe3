"""Real proxies of Debian's: squid for HTTP, microsocks and dante for SOCKS5."""

import atexit
import functools
import os
import subprocess
import tempfile
import unittest

from support import ports
from support.case import world
from support.certificates import key_of

#: Whom the proxies that ask for a password let through; the password is one that URLs encode.
USER, PASSWORD = "ann", "pa:ss/word"
USERINFO = "ann:pa%3Ass%2Fword"
#: What squid's rules refuse, and the port that dante's do.
DENIED_HOST, DENIED_PORT = "denied.test", 81


class Server:
    """A program that listens on ports of 127.0.0.1 until the end of the run."""

    def __init__(self, command, port):
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        atexit.register(self.close)
        ports.wait_for_listener(("127.0.0.1", port), self._process)

    def close(self):
        self._process.terminate()
        self._process.wait()


class Squid:
    """`open` lets everybody through, `asking` wants a password, `tls` is an https proxy."""

    def __init__(self):
        self.open, self.asking, self.tls = ports.free_ports(3)
        certificate = world().certificates.good
        directory = tempfile.mkdtemp(prefix="squid-", dir=world().directory)
        users, settings = (os.path.join(directory, name) for name in ("users", "squid.conf"))
        digest = _run("openssl", "passwd", "-apr1", PASSWORD)
        _write(users, f"{USER}:{digest}")
        _write(
            settings,
            _SQUID.format(
                directory=directory,
                users=users,
                open=self.open,
                asking=self.asking,
                tls=self.tls,
                certificate=certificate,
                key=key_of(certificate),
                denied=DENIED_HOST,
            ),
        )
        Server([*_not_as_root(), "squid", "-N", "-f", settings], self.open)


@functools.cache
def squid():
    return Squid()


@functools.cache
def open_socks():
    """A SOCKS5 proxy for everybody: its port."""
    (port,) = ports.free_ports(1)
    Server(["microsocks", "-i", "127.0.0.1", "-p", str(port)], port)
    return port


@functools.cache
def asking_socks():
    """A SOCKS5 proxy that wants a password: its port."""
    (port,) = ports.free_ports(1)
    Server(["microsocks", "-i", "127.0.0.1", "-p", str(port), "-u", USER, "-P", PASSWORD], port)
    return port


@functools.cache
def ruled_socks():
    """A SOCKS5 proxy whose rules refuse the port 81: its port."""
    (port,) = ports.free_ports(1)
    directory = tempfile.mkdtemp(prefix="dante-", dir=world().directory)
    settings = os.path.join(directory, "danted.conf")
    user = "user.unprivileged: root" if os.geteuid() == 0 else ""
    _write(settings, _DANTE.format(port=port, denied=DENIED_PORT, user=user))
    Server(["danted", "-f", settings, "-p", os.path.join(directory, "pid")], port)
    return port


def _not_as_root():
    """squid gives root up for a user who may not read our files; in a user namespace it is none."""
    if os.geteuid() != 0:
        return []
    if subprocess.run(["unshare", "--user", "true"], capture_output=True, check=False).returncode:
        raise unittest.SkipTest("squid does not run as root, and no user namespace can be made")
    return ["unshare", "--user"]


def _run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


_SQUID = """\
http_port 127.0.0.1:{open}
http_port 127.0.0.1:{asking} name=asking
https_port 127.0.0.1:{tls} tls-cert={certificate} tls-key={key}
auth_param basic program /usr/lib/squid/basic_ncsa_auth {users}
auth_param basic realm xtrace
auth_param basic children 1
acl asking myportname asking
acl known proxy_auth REQUIRED
acl denied dstdomain .{denied}
http_access deny denied
http_access deny asking !known
http_access allow all
cache deny all
cache_mem 0 MB
access_log none
cache_log {directory}/cache.log
coredump_dir {directory}
pid_filename none
netdb_filename none
pinger_enable off
shutdown_lifetime 0 seconds
dns_nameservers 127.0.0.1
visible_hostname proxy.xtrace.test
"""

_DANTE = """\
logoutput: /dev/null
internal: 127.0.0.1 port = {port}
external: 127.0.0.1
clientmethod: none
socksmethod: none
{user}
client pass {{ from: 127.0.0.0/8 to: 0.0.0.0/0 }}
socks block {{ from: 127.0.0.0/8 to: 0.0.0.0/0 port = {denied} }}
socks pass {{ from: 127.0.0.0/8 to: 0.0.0.0/0 protocol: tcp }}
"""
