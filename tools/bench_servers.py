"""The servers that tools/bench loads: nginx with one worker, and one that only takes uploads.

Both stay on the server's core, and keep connections for as long as they are open.
"""

import contextlib
import os
import resource
import subprocess
import sys

from bench_emit import RECEIVER_CORE, ROOT, Conversation

sys.path.insert(0, str(ROOT / "tests" / "e2e"))

from support import ports  # noqa: E402
from support.certificates import RSA_KEY, Certificates, key_of  # noqa: E402

LARGE = 1 << 30


class LoadServer:
    """Runs until `close()`.

    `http` and `https` are URLs of 1 KiB, `large` is one of 1 GiB, of the bytes of `file`.
    """

    def __init__(self, directory):
        self.file = os.path.join(directory, "1g")
        for name, kibibytes in (("1k", 1), ("72k", 72)):
            with open(os.path.join(directory, name), "wb") as file:
                file.write(b"0123456789abcde\n" * 64 * kibibytes)
        with open(self.file, "wb") as file:
            file.truncate(LARGE)
        certificates = Certificates(os.path.join(directory, "certificates"), RSA_KEY)
        self.authority = certificates.ca
        plain, secure = ports.free_ports(2)
        self.http = f"http://127.0.0.1:{plain}/1k"
        self.large = f"http://127.0.0.1:{plain}/1g"
        self.secure_address = f"127.0.0.1:{secure}"
        self.https = f"https://{self.secure_address}/1k"
        settings = os.path.join(directory, "nginx.conf")
        with open(settings, "w", encoding="ascii") as file:
            file.write(_SETTINGS.format(
                user="user root;" if os.geteuid() == 0 else "", directory=directory, plain=plain,
                secure=secure, certificate=certificates.good, key=key_of(certificates.good)))
        log = os.path.join(directory, "error.log")
        self._process = subprocess.Popen(
            ["nginx", "-p", directory, "-c", settings, "-e", log],
            stdin=subprocess.DEVNULL, preexec_fn=prepare)
        ports.wait_for_listener(("127.0.0.1", plain), self._process)

    def close(self):
        self._process.terminate()
        self._process.wait()


def prepare():
    """The server's core, where there is one, and the descriptors that nginx is to have, or as many
    as there may be."""
    with contextlib.suppress(OSError):
        os.sched_setaffinity(0, {int(RECEIVER_CORE)})
    wanted = 20_000
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    for limit in ((wanted, max(wanted, most)), (most, most)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, limit)
            return


class BodySink(Conversation):
    """Takes uploads at `url` and drops them."""

    def __init__(self, programs):
        super().__init__([str(programs / "body_sink"), RECEIVER_CORE])
        (port,) = self.hear()
        self.url = f"http://127.0.0.1:{port}/"


_SETTINGS = """\
{user}
daemon off;
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/error.log crit;
events {{ worker_connections 20000; }}
http {{
  access_log off;
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  root {directory};
  default_type text/plain;
  sendfile on;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  server {{ listen 127.0.0.1:{plain} backlog=4096; }}
  server {{
    listen 127.0.0.1:{secure} ssl backlog=4096;
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    ssl_session_cache shared:tickets:4m;
  }}
}}
"""
