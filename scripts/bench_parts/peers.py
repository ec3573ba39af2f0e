"""The proxies that are compared, each told the same: one core, warm connections to one origin, every feature on that a
site has on: metrics, health checks, limits, forwarding fields; the access log off in one run and on in another."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import urllib.request

from . import machine

ORIGIN_BODY = "0123456789" * 9 + "01234567\n"  # 99 octets: a small answer
MIB = 1 << 20
LARGE_MIB, HUGE_MIB, STALLED_MIB = 1, 100, 150
READY_SECONDS = 10
STOP_SECONDS = 10
MOST_CONNECTIONS = 10_500  # each of the three is told to take so many
WARM_CONNECTIONS = 512  # to the origin; more than are asked for at a time, also by streams of HTTP/2

ORIGIN = """
daemon off; worker_processes 1; pid {folder}/origin.pid; error_log {folder}/origin.err; worker_rlimit_nofile 20000;
events {{ worker_connections 16384; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 300s; sendfile on; tcp_nopush on;
  client_body_temp_path {folder}/origin.body; proxy_temp_path {folder}/origin.proxy;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location = /small {{ default_type text/plain; return 200 "{body}"; }}
    location = /large {{ root {folder}; }}
    location = /huge {{ root {folder}; }}
    location = /stalled {{ root {folder}; }}
    location = /status {{ stub_status; }}
  }}
}}
"""

NGINX = """
daemon off; worker_processes 1; pid {folder}/{name}.pid; error_log {folder}/{name}.err; worker_rlimit_nofile 20000;
events {{ worker_connections 20000; }}
http {{
  {log} keepalive_requests 1000000000; keepalive_timeout 300s;
  client_body_temp_path {folder}/nginx.body; proxy_temp_path {folder}/nginx.proxy; client_max_body_size 1g;
  limit_conn_zone $binary_remote_addr zone=clients:1m; limit_conn clients 20000;
  upstream origin {{ server 127.0.0.1:{origin}; keepalive {warm}; keepalive_requests 1000000000; keepalive_timeout 300s; }}
  upstream sink {{ server 127.0.0.1:{sink}; keepalive 16; }}
  server {{
    listen 127.0.0.1:{port} {secured}backlog=4096;
    {certificate}proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Request-ID $request_id; proxy_max_temp_file_size 0;
    location / {{ proxy_pass http://origin; }}
    location /upload {{ proxy_pass http://sink; proxy_request_buffering off; }}
    location = /metrics {{ stub_status; }}
  }}
}}
"""
NGINX_LOG = ("""log_format told escape=json '{{"time":"$time_iso8601","client":"$remote_addr","method":"$request_method",' """
             """'"host":"$host","target":"$request_uri","status":$status,"sent":$bytes_sent,"duration":$request_time,' """
             """'"connect":"$upstream_connect_time","first":"$upstream_header_time","endpoint":"$upstream_addr",' """
             """'"id":"$request_id"}}'; access_log {folder}/{name}.log told buffer=32k flush=1s;""")

HAPROXY = """
global
  nbthread 1
  maxconn {connections}
  no strict-limits
  {log_target}
defaults
  mode http
  {log}
  option forwardfor
  http-reuse always
  timeout connect 1s
  timeout client 300s
  timeout server 30s
  timeout http-keep-alive 300s
  timeout http-request 10s
  unique-id-format %[uuid]
  unique-id-header X-Request-ID
frontend in
  bind 127.0.0.1:{port} backlog 4096{secured}
  stick-table type ip size 100k expire 30s store conn_cur
  http-request track-sc0 src
  http-request deny deny_status 429 if {{ sc0_conn_cur gt 20000 }}
  use_backend sink if {{ path /upload }}
  default_backend origin
backend origin
  option httpchk GET /small
  server one 127.0.0.1:{origin} check inter 1s pool-max-conn {warm}
backend sink
  server one 127.0.0.1:{sink}
frontend numbers
  bind 127.0.0.1:{admin}
  http-request use-service prometheus-exporter if {{ path /metrics }}
"""
HAPROXY_LOG = ("""log-format '{"time":"%tr","client":"%ci","request":%{+Q}r,"status":%ST,"sent":%B,"duration":%Ta,"""
               """"connect":%Tc,"first":%Tr,"endpoint":"%s","id":"%ID"}'""")

LBD = """
workers: {workers}
listeners: [{{address: "127.0.0.1:{port}", backlog: 4096{secured}}}]
admin: {{listen: "127.0.0.1:{admin}"}}
log: {{format: console, level: error}}
access_log: {{enabled: {logged}{file}}}
drain: {{grace: 0s, deadline: 1s}}
timeouts: {{keep_alive: 300s}}
limits: {{body: 1GiB, connections: {connections}}}
overload: {{connections_per_client: 20000}}
upstreams:
  - name: origin
    endpoints: ["127.0.0.1:{origin}"]
    check: {{path: /small, interval: 1s}}
    timeouts: {{idle: 300s}}
    idle_connections: {warm}
  - {{name: sink, endpoints: ["127.0.0.1:{sink}"], check: {{enabled: false}}, required: false}}
routes: [{{path: /, upstream: origin}}, {{path: /upload, upstream: sink}}]
"""


class Program:
    """A server under test, pinned to cores; `pids()` are the processes that do its work."""

    def __init__(self, name: str, argv: list[str], core: str, port: int, forks: bool = False, path: str = "/small",
                 output: str = os.devnull, scheme: str = "http"):
        self.name = name
        self.port = port
        self._scheme = scheme
        self._forks = forks
        self._path = path
        with open(output, "ab") as file:
            self._process = subprocess.Popen(machine.on_core(core, argv), stdin=subprocess.DEVNULL, stdout=file,
                                             stderr=subprocess.PIPE, start_new_session=True)

    def pids(self) -> list[int]:
        own = self._process.pid
        return machine.children(own) if self._forks else [own]

    def url(self, path: str) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}{path}"

    def wait_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"{self.name} ended: {self._process.stderr.read().decode(errors='replace')[-2000:]}")
            asked = subprocess.run(["curl", "-skf", "-m", "1", "-o", "/dev/null", self.url(self._path)], check=False)
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


class Origin(Program):
    def accepted(self) -> int:
        """Connections it has accepted since its start, this question's included."""
        with urllib.request.urlopen(self.url("/status"), timeout=READY_SECONDS) as answer:
            text = answer.read().decode()
        return int(re.search(r"^ (\d+) \d+ \d+", text, re.M).group(1))


def _written(folder: str, name: str, text: str) -> str:
    path = pathlib.Path(folder, name)
    path.write_text(text, encoding="ascii")
    return str(path)


def start_origin(folder: str) -> Origin:
    port = machine.free_port()
    for name, mib in (("large", LARGE_MIB), ("huge", HUGE_MIB), ("stalled", STALLED_MIB)):
        with open(pathlib.Path(folder, name), "wb") as file:
            for _ in range(mib):
                file.write(os.urandom(MIB))
    os.chmod(folder, 0o755)
    config = _written(folder, "origin.conf", ORIGIN.format(folder=folder, port=port, body=ORIGIN_BODY.strip()))
    return Origin("origin", ["nginx", "-c", config], machine.LOAD_CORE, port, forks=True)


def start_sink() -> Program:
    """Takes uploads."""
    port = machine.free_port()
    script = pathlib.Path(__file__).with_name("sink.py")
    return Program("sink", [sys.executable, str(script), str(port)], machine.LOAD_CORE, port, path="/")


def write_certificate(folder: str) -> None:
    """`bench.pem`: an ECDSA certificate for 127.0.0.1, signed by itself, and its key; HAProxy wants both in one file."""
    path = pathlib.Path(folder, "bench")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", f"{path}.key", "-out", f"{path}.crt"], check=True, capture_output=True)
    path.with_suffix(".pem").write_bytes(path.with_suffix(".crt").read_bytes() + path.with_suffix(".key").read_bytes())


class Peers:
    """Starts each of the three with the same origin and sink; `secured` ones speak TLS 1.3 and HTTP/2 with `bench.pem`."""

    def __init__(self, folder: str, origin: int, sink: int, binaries: str, logged: bool = False, secured: bool = False):
        self.folder, self.origin, self.sink, self.binaries, self.logged = folder, origin, sink, binaries, logged
        self.secured = secured
        self.scheme = "https" if secured else "http"

    def _named(self, name: str) -> str:
        return name + ("-logged" if self.logged else "") + ("-secured" if self.secured else "")

    def nginx(self) -> Program:
        port, name = machine.free_port(), self._named("nginx")
        log = NGINX_LOG.format(folder=self.folder, name=name) if self.logged else "access_log off;"
        pem = f"{self.folder}/bench.pem"
        config = _written(self.folder, name + ".conf", NGINX.format(
            folder=self.folder, name=name, port=port, log=log, origin=self.origin, sink=self.sink,
            warm=WARM_CONNECTIONS, secured="ssl http2 " if self.secured else "",
            certificate=f"ssl_certificate {pem}; ssl_certificate_key {pem}; ssl_protocols TLSv1.3;\n    " if self.secured else ""))
        return Program("nginx", ["nginx", "-c", config], machine.PROXY_CORE, port, forks=True, scheme=self.scheme)

    def haproxy(self) -> Program:
        port, name = machine.free_port(), self._named("haproxy")
        target = "log stdout len 4096 format raw local0" if self.logged else ""
        log = f"log global\n  {HAPROXY_LOG}" if self.logged else ""
        config = _written(self.folder, name + ".cfg", HAPROXY.format(
            port=port, log=log, log_target=target, origin=self.origin, sink=self.sink, connections=MOST_CONNECTIONS,
            admin=machine.free_port(), warm=WARM_CONNECTIONS,
            secured=f" ssl crt {self.folder}/bench.pem alpn h2,http/1.1 ssl-min-ver TLSv1.3" if self.secured else ""))
        return Program("haproxy", ["haproxy", "-db", "-f", config], machine.PROXY_CORE, port,
                       output=f"{self.folder}/{name}.log" if self.logged else os.devnull, scheme=self.scheme)

    def lbd(self, workers: int = 1, core: str = machine.PROXY_CORE) -> Program:
        port, name = machine.free_port(), self._named(f"lbd-{workers}")
        files = f'certificate_file: "{self.folder}/bench.crt", key_file: "{self.folder}/bench.key"'
        config = _written(self.folder, name + ".yaml", LBD.format(
            port=port, origin=self.origin, sink=self.sink, admin=machine.free_port(), workers=workers, warm=WARM_CONNECTIONS,
            connections=MOST_CONNECTIONS, logged="true" if self.logged else "false",
            file=f", file: {self.folder}/{name}.log" if self.logged else "",
            secured=f", tls: {{profile: modern, certificates: [{{{files}}}]}}" if self.secured else ""))
        return Program("lbd", [f"{self.binaries}/lbd", "--config", config], core, port, scheme=self.scheme)

    def all(self) -> tuple:
        return self.lbd, self.nginx, self.haproxy
