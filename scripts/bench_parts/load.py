"""Bounded runs of load: by wrk as fast as it goes, by strobe at a rate, single large messages, and idle or stalled crowds."""

import json
import os
import re
import resource
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass

from . import machine

_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}
IDLE_SECONDS = 10
LARGE_SECONDS = 60
STALL_SECONDS = 1.0  # nothing moves for so long: whoever holds octets holds all it will
PIECE = bytes(1 << 20)


@dataclass(frozen=True)
class Run:
    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float


def _milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * _UNITS[unit]


def run(url: str, connections: int, seconds: int, fields: dict[str, str] | None = None) -> Run:
    """Raises RuntimeError when any answer was wrong or missing: a figure with errors in it is none."""
    argv = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", url]
    for name, value in (fields or {}).items():
        argv += ["-H", f"{name}: {value}"]
    done = subprocess.run(machine.on_core(machine.LOAD_CORE, argv), capture_output=True, text=True, timeout=seconds + 30,
                          check=True)
    text = done.stdout
    wrong = re.search(r"Non-2xx.*|Socket errors: .*", text)
    if wrong and not re.fullmatch(r"Socket errors: connect 0, read \d+, write 0, timeout 0", wrong.group()):
        raise RuntimeError(f"{url}: {wrong.group()}")
    return Run(requests=int(re.search(r"(\d+) requests in", text).group(1)),
               per_second=float(re.search(r"Requests/sec:\s*([\d.]+)", text).group(1)),
               p50_ms=_milliseconds(re.search(r"^ +50%\s+(\S+)", text, re.M).group(1)),
               p99_ms=_milliseconds(re.search(r"^ +99%\s+(\S+)", text, re.M).group(1)))


def at_rate(strobe: str, program, rate: float, connections: int, seconds: int) -> dict:
    """The latencies of a run with a fixed schedule: a late answer counts from when its request was due."""
    argv = [strobe, "--target", f"127.0.0.1:{program.port}", "--path", "/small", "--rate", str(round(rate)),
            "--duration", f"{seconds}s", "--keep-alive", str(connections)]
    done = subprocess.run(machine.on_core(machine.LOAD_CORE, argv), capture_output=True, text=True, timeout=seconds + 60,
                          check=True)
    return json.loads(done.stdout)


def download(program, path: str) -> int:
    """Octets of one answer, read as fast as they come."""
    with _connected(program) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n".encode())
        memory = bytearray(1 << 20)
        total = 0
        while count := connection.recv_into(memory):
            total += count
        return total


def upload(program, mib: int) -> int:
    """Octets of one request's content, sent as fast as they are taken."""
    with _connected(program) as connection:
        connection.sendall(_upload_head("/upload", mib))
        for _ in range(mib):
            connection.sendall(PIECE)
        if not connection.recv(4096).startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{program.name} did not take an upload")
        return mib << 20


def _upload_head(path: str, mib: int) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Length: {mib << 20}\r\n\r\n".encode()


@contextmanager
def _connected(program, receive_buffer: int | None = None):
    with socket.socket() as connection:
        if receive_buffer is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.settimeout(LARGE_SECONDS)
        connection.connect(("127.0.0.1", program.port))
        yield connection


def growth_at_stalled_reader(program) -> int:
    """Octets of memory that one client costs who asks for much and reads nothing of it."""
    with _connected(program, receive_buffer=4096) as connection:
        before = machine.memory_bytes(program.pids())
        connection.sendall(b"GET /stalled HTTP/1.1\r\nHost: bench\r\n\r\n")
        connection.recv(1)
        time.sleep(STALL_SECONDS)
        return machine.memory_bytes(program.pids()) - before


def growth_at_slow_endpoint(program, mib: int) -> int:
    """Octets of memory that one client costs who sends much to an endpoint that reads nothing of it."""
    with _connected(program) as connection:
        before = machine.memory_bytes(program.pids())
        connection.sendall(_upload_head("/upload?slow", mib))
        connection.settimeout(STALL_SECONDS)
        left = mib << 20
        try:
            while left > 0:
                left -= connection.send(PIECE[:min(left, len(PIECE))])
        except TimeoutError:
            return machine.memory_bytes(program.pids()) - before
        return machine.memory_bytes(program.pids()) - before


def _plain(program):
    return socket.create_connection(("127.0.0.1", program.port), timeout=IDLE_SECONDS)


def memory_for_each_idle_connection(program, count: int, connected=_plain) -> float:
    """Octets of private memory that each of `count` connections keeps after one answered request."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, count + 1000) if hard > 0 else count + 1000, hard))
    held = []
    try:
        ask(program, held, 50, connected)  # what the first connections cost once is not what each costs
        before = machine.memory_bytes(program.pids())
        ask(program, held, count, connected)
        time.sleep(STALL_SECONDS)  # who gives memory back does it by now
        return (machine.memory_bytes(program.pids()) - before) / count
    finally:
        for connection in held:
            connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def ask(program, held: list[socket.socket], count: int, connected=_plain) -> None:
    request = b"GET /small HTTP/1.1\r\nHost: bench\r\n\r\n"
    for _ in range(count):
        connection = connected(program)
        held.append(connection)
        connection.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer or not answer.endswith(b"7"):
            octets = connection.recv(4096)
            if not octets:
                raise RuntimeError(f"{program.name} closed an idle connection's request")
            answer += octets


def pin_to_load_core() -> None:
    """What this process sends and reads itself must not run on the proxies' core."""
    os.sched_setaffinity(0, {int(machine.LOAD_CORE)})
