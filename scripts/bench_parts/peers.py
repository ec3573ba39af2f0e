"""The proxies that are compared, each told the same: one core, no access log, warm connections to one origin."""

import os
import pathlib
import signal
import subprocess
import time

from . import machine

ORIGIN_BODY = "0123456789" * 9 + "01234567\n"  # 99 octets: a small answer
LARGE_BYTES = 1 << 20
READY_SECONDS = 10
STOP_SECONDS = 10

ORIGIN = """
daemon off; worker_processes 1; pid {folder}/origin.pid; error_log {folder}/origin.err;
events {{ worker_connections 8192; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 300s; sendfile on; tcp_nopush on;
  client_body_temp_path {folder}/origin.body; proxy_temp_path {folder}/origin.proxy;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location = /small {{ default_type text/plain; return 200 "{body}"; }}
    location = /large {{ root {folder}; }}
  }}
}}
"""

NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.err; worker_rlimit_nofile 20000;
events {{ worker_connections 16384; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 300s;
  client_body_temp_path {folder}/nginx.body; proxy_temp_path {folder}/nginx.proxy;
  upstream origin {{ server 127.0.0.1:{origin}; keepalive 128; keepalive_requests 1000000000; keepalive_timeout 300s; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{
      proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Request-ID $request_id;
    }}
  }}
}}
"""

HAPROXY = """
global
  nbthread 1
  maxconn 8192
defaults
  mode http
  option forwardfor
  http-reuse always
  timeout connect 1s
  timeout client 300s
  timeout server 30s
  timeout http-keep-alive 300s
  unique-id-format %[uuid]
  unique-id-header X-Request-ID
frontend in
  bind 127.0.0.1:{port} backlog 4096
  default_backend origin
backend origin
  server one 127.0.0.1:{origin} check inter 1s
"""

LBD = """
workers: 1
listeners: [{{address: "127.0.0.1:{port}", backlog: 4096}}]
admin: {{listen: "127.0.0.1:{admin}"}}
log: {{format: console, level: warn}}
access_log: {{enabled: false}}
drain: {{grace: 0s, deadline: 1s}}
timeouts: {{keep_alive: 300s}}
upstreams:
  - name: origin
    endpoints: ["127.0.0.1:{origin}"]
    check: {{path: /small, interval: 1s}}
    timeouts: {{idle: 300s}}
    idle_connections: 128
routes: [{{path: /, upstream: origin}}]
"""


class Program:
    """A server under test, pinned to one core; `pids()` are the processes that do its work."""

    def __init__(self, name: str, argv: list[str], core: int, port: int, forks: bool = False):
        self.name = name
        self.port = port
        self._forks = forks
        self._process = subprocess.Popen(machine.on_core(core, argv), stdin=subprocess.DEVNULL,
                                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)

    def pids(self) -> list[int]:
        own = self._process.pid
        return machine.children(own) if self._forks else [own]

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def wait_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"{self.name} ended: {self._process.stderr.read().decode(errors='replace')[-2000:]}")
            asked = subprocess.run(["curl", "-sf", "-m", "1", "-o", "/dev/null", self.url("/small")], check=False)
            if asked.returncode == 0:
                return
            time.sleep(0.05)
        raise RuntimeError(f"{self.name} does not answer")

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        self._process.stderr.close()


def _written(folder: str, name: str, text: str) -> str:
    path = pathlib.Path(folder, name)
    path.write_text(text, encoding="ascii")
    return str(path)


def start_origin(folder: str) -> Program:
    port = machine.free_port()
    pathlib.Path(folder, "large").write_bytes(os.urandom(LARGE_BYTES))
    os.chmod(folder, 0o755)
    config = _written(folder, "origin.conf", ORIGIN.format(folder=folder, port=port, body=ORIGIN_BODY.strip()))
    return Program("origin", ["nginx", "-c", config], machine.LOAD_CORE, port, forks=True)


def start_nginx(folder: str, origin: int) -> Program:
    port = machine.free_port()
    config = _written(folder, "nginx.conf", NGINX.format(folder=folder, port=port, origin=origin))
    return Program("nginx", ["nginx", "-c", config], machine.PROXY_CORE, port, forks=True)


def start_haproxy(folder: str, origin: int) -> Program:
    port = machine.free_port()
    config = _written(folder, "haproxy.cfg", HAPROXY.format(port=port, origin=origin))
    return Program("haproxy", ["haproxy", "-db", "-f", config], machine.PROXY_CORE, port)


def start_lbd(folder: str, origin: int, binaries: str) -> Program:
    port = machine.free_port()
    config = _written(folder, "lbd.yaml", LBD.format(port=port, origin=origin, admin=machine.free_port()))
    return Program("lbd", [f"{binaries}/lbd", "--config", config], machine.PROXY_CORE, port)
