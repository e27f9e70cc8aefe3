"""A real nginx: plain, TLS with every kind of certificate, and on a unix socket."""

import os
import subprocess

from support import ports
from support.certificates import key_of

_KINDS = (
    "good",
    "expired",
    "future",
    "wrong_host",
    "wildcard",
    "unknown_ca",
    "self_signed",
    "not_a_server",
    "chain",
    "no_chain",
)


class Nginx:
    """Runs until `close()`, on 127.0.0.1 and [::1].

    `http`, `mutual` (asks for a client certificate), `tls13` (refuses older versions) and each kind
    of certificate are ports.
    """

    def __init__(self, directory, certificates):
        self.root = os.path.join(directory, "www")
        self.uploads = os.path.join(self.root, "uploads")
        self.unix_socket = os.path.join(directory, "nginx.sock")
        self._directory = directory
        os.makedirs(self.uploads)
        self._write_files()
        self._take_ports()
        settings = os.path.join(directory, "nginx.conf")
        with open(settings, "w", encoding="ascii") as file:
            file.write(self._settings(certificates))
        self._process = subprocess.Popen(
            ["nginx", "-p", directory, "-c", settings, "-e", os.path.join(directory, "error.log")],
            stdin=subprocess.DEVNULL,
        )
        try:
            ports.wait_for_listener(("127.0.0.1", self.http), self._process)
        except RuntimeError as error:
            raise RuntimeError(f"{error}: {self.log()}") from error

    def close(self):
        self._process.terminate()
        self._process.wait()

    def log(self):
        with open(os.path.join(self._directory, "error.log"), encoding="utf-8") as file:
            return file.read()

    def url(self, path="/1k", host="127.0.0.1"):
        return f"http://{host}:{self.http}{path}"

    def https(self, kind="good", path="/1k", host="localhost"):
        return f"https://{host}:{getattr(self, kind)}{path}"

    def _take_ports(self):
        numbers = ports.free_ports(len(_KINDS) + 3)
        for kind, number in zip(_KINDS, numbers):
            setattr(self, kind, number)
        self.http, self.mutual, self.tls13 = numbers[len(_KINDS) :]

    def _write_files(self):
        for name, size in (
            ("1k", 1024),
            ("10m", 10 * 1024 * 1024),
            ("page.shtml", 3000),
            ("64k", 65536),
        ):
            with open(os.path.join(self.root, name), "wb") as file:
                file.write(body_of(size))
        os.mkdir(os.path.join(self.root, "tree"))

    def _settings(self, certificates):
        user = "user root;" if os.geteuid() == 0 else ""
        servers = [
            _server(
                f"listen 127.0.0.1:{self.http} backlog=511; listen [::1]:{self.http}; "
                f"listen unix:{self.unix_socket};"
            )
        ]
        servers += [
            _tls_server(getattr(self, kind), getattr(certificates, kind)) for kind in _KINDS
        ]
        servers.append(
            _tls_server(
                self.mutual,
                certificates.good,
                "ssl_verify_client on; " f"ssl_client_certificate {certificates.ca};",
            )
        )
        servers.append(_tls_server(self.tls13, certificates.good, "ssl_protocols TLSv1.3;"))
        return _MAIN.format(
            user=user, directory=self._directory, root=self.root, servers="\n".join(servers)
        )


def body_of(size):
    """The bytes nginx serves in a file of that size."""
    line = b"the quick brown fox jumps over the lazy dog 0123456789\n"
    return (line * (size // len(line) + 1))[:size]


def _tls_server(port, certificate, extra=""):
    return _server(
        f"listen 127.0.0.1:{port} ssl; listen [::1]:{port} ssl; "
        f"ssl_certificate {certificate}; ssl_certificate_key {key_of(certificate)}; {extra}"
    )


def _server(lines):
    return "  server {\n    " + lines + _LOCATIONS + "  }"


_MAIN = """\
{user}
daemon off;
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/error.log info;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  client_max_body_size 64m;
  root {root};
  default_type text/plain;
{servers}
}}
"""

_LOCATIONS = """
    add_header X-Seen-Trace "$http_x_amzn_trace_id" always;
    add_header X-Seen-Name "$ssl_server_name" always;
    add_header X-Seen-Client "$ssl_client_s_dn" always;
    add_header X-Seen-Host "$http_host" always;
    location /tree/ { autoindex on; }
    location = /page.shtml { ssi on; ssi_types *; }
    location = /204 { return 204; }
    location = /302 { return 302 http://elsewhere.test/; }
    location = /to-1k { return 302 /1k?key=hidden; }
    location = /to-to-1k { return 301 /to-1k; }
    location = /loop { return 302 /loop; }
    location = /kept { return 307 /uploads/kept; }
    location = /astray { return 302 gopher://elsewhere.test/; }
    location /packed/ { rewrite ^/packed(/.*)$ $1 break; gzip on; gzip_types *; gzip_min_length 1; }
    location = /busy { add_header Retry-After 120 always; return 503; }
    location = /timed { add_header Server-Timing "db;dur=0.01, app;desc=x"; return 200 timed; }
    location = /429 { return 429; }
    location = /503 { return 503; }
    location = /slow { limit_rate 4k; try_files /64k =404; }
    location /uploads/ { dav_methods PUT DELETE; }
"""
