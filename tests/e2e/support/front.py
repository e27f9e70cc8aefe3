"""A real nginx in front of a service, as a reverse proxy."""

import os
import subprocess

from support import ports


class Front:
    """Runs until `close()`, with one worker.

    `http` is the port that passes on to the service at `port`; `outer` passes on to `http`. The
    service sees the first at 127.0.0.2, and that sees the second at 127.0.0.3. Paths below `/to/N/`
    go to port N instead, below `/buffered/` once nginx has the whole body, below `/hasty/` only if
    the answer begins within 200 ms.
    """

    def __init__(self, directory, port):
        self.http, self.outer = ports.free_ports(2)
        settings = os.path.join(directory, "nginx.conf")
        with open(settings, "w", encoding="ascii") as file:
            file.write(
                _SETTINGS.format(
                    user="user root;" if os.geteuid() == 0 else "",
                    directory=directory,
                    port=port,
                    http=self.http,
                    outer=self.outer,
                )
            )
        log = os.path.join(directory, "error.log")
        self._process = subprocess.Popen(
            ["nginx", "-p", directory, "-c", settings, "-e", log], stdin=subprocess.DEVNULL
        )
        ports.wait_for_listener(("127.0.0.1", self.http), self._process)

    def url(self, path):
        return f"http://127.0.0.1:{self.http}{path}"

    def close(self):
        self._process.terminate()
        self._process.wait()


_SETTINGS = """\
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
  client_max_body_size 0;
  proxy_http_version 1.1;
  proxy_set_header Host $http_host;
  proxy_set_header Connection "";
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_request_buffering off;
  proxy_buffering off;
  upstream service {{ server 127.0.0.1:{port}; keepalive 4; }}
  server {{
    listen 127.0.0.1:{http};
    proxy_bind 127.0.0.2;
    location / {{ proxy_pass http://service; }}
    location /buffered/ {{ proxy_request_buffering on; proxy_pass http://service/; }}
    location /hasty/ {{ proxy_read_timeout 200ms; proxy_pass http://service/; }}
    location ~ ^/to/(\\d+)(/.*)$ {{ proxy_pass http://127.0.0.1:$1$2; }}
  }}
  server {{
    listen 127.0.0.1:{outer};
    proxy_bind 127.0.0.3;
    location / {{ proxy_pass http://127.0.0.1:{http}; }}
  }}
}}
"""
