"""nginx and HAProxy as servers under a test's control, each on a port of its own and in a folder that goes with it."""

import os
import pathlib
import signal
import socket
import subprocess
import tempfile

from .lbd_process import die_with_the_test
from .ports import free_port
from .wire import wait_until

NGINX = """
daemon off; master_process on; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; {user}
events {{ worker_connections 4096; }}
http {{
  access_log off; default_type text/plain; server_tokens off;
  sendfile off;  # head and content by one call: killed between the two, it would leave an answer cut that nobody can mend
  client_body_temp_path {folder}/body; client_max_body_size 64m; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  gzip on; gzip_types text/plain; gzip_min_length 20; gzip_proxied any; gzip_vary on;
  {http}
  server {{ listen 127.0.0.1:{port} backlog=1024; root {folder}/files; {server} }}
}}
"""
HAPROXY = """
global
  maxconn 4096
defaults
  mode http
  timeout connect 2s
  timeout client 20s
  timeout server 20s
  {defaults}
frontend in
  bind 127.0.0.1:{port}
  {frontend}
"""


class Server:
    """A program that listens on `port` of 127.0.0.1 once it is made; all its processes are one group."""

    def __init__(self, folder: tempfile.TemporaryDirectory, port: int, argv: list[str]):
        self.folder = folder
        self.port = port
        self.argv = argv
        self.start()

    @property
    def name(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        self.process = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, start_new_session=True, preexec_fn=die_with_the_test)

        def listens():
            if self.process.poll() is not None:
                raise RuntimeError(self.process.stderr.read().decode(errors="replace")[-2000:])
            with socket.socket() as sock:
                return sock.connect_ex(("127.0.0.1", self.port)) == 0
        wait_until(listens, what=f"{self.argv[0]} listening")

    def signal(self, which: int) -> None:
        """To all its processes."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, which)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.process.wait()
        self.process.stderr.close()

    def close(self) -> None:
        self.signal(signal.SIGCONT)
        self.kill()
        self.folder.cleanup()


def folder_for_all() -> tempfile.TemporaryDirectory:
    folder = tempfile.TemporaryDirectory(prefix="lbd-peer-", ignore_cleanup_errors=True)
    os.chmod(folder.name, 0o755)
    return folder


def nginx(files: dict[str, bytes] | None = None, server: str = "", http: str = "") -> Server:
    """Serves `files`, with more directives in its `server` and its `http`."""
    folder, port = folder_for_all(), free_port()
    root = pathlib.Path(folder.name, "files")
    root.mkdir()
    for name, content in (files or {}).items():
        (root / name).write_bytes(content)
    path = pathlib.Path(folder.name, "nginx.conf")
    user = "user root;" if os.geteuid() == 0 else ""
    path.write_text(NGINX.format(folder=folder.name, port=port, server=server, http=http, user=user), encoding="ascii")
    return Server(folder, port, ["nginx", "-c", str(path), "-e", f"{folder.name}/error.log"])


def haproxy(frontend: str, defaults: str = "", sections: str = "") -> Server:
    folder, port = folder_for_all(), free_port()
    path = pathlib.Path(folder.name, "haproxy.cfg")
    path.write_text(HAPROXY.format(port=port, frontend=frontend, defaults=defaults) + sections, encoding="ascii")
    return Server(folder, port, ["haproxy", "-q", "-db", "-f", str(path)])


def haproxy_before(origin: str, defaults: str = "") -> Server:
    return haproxy("default_backend origin", defaults, f"backend origin\n  server one {origin}\n")
