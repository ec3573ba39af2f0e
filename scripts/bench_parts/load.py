"""One bounded run of load, by wrk, and a crowd of idle connections."""

import re
import resource
import socket
import subprocess
from dataclasses import dataclass

from . import machine

_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}
IDLE_SECONDS = 10


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


def memory_for_each_idle_connection(program, count: int) -> float:
    """Octets of private memory that each of `count` connections keeps after one answered request."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, count + 1000) if hard > 0 else count + 1000, hard))
    held = []
    try:
        ask(program, held, 50)  # what the first connections cost once is not what each costs
        before = machine.memory_bytes(program.pids())
        ask(program, held, count)
        return (machine.memory_bytes(program.pids()) - before) / count
    finally:
        for connection in held:
            connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def ask(program, held: list[socket.socket], count: int) -> None:
    request = b"GET /small HTTP/1.1\r\nHost: bench\r\n\r\n"
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", program.port), timeout=IDLE_SECONDS)
        held.append(connection)
        connection.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer or not answer.endswith(b"7"):
            octets = connection.recv(4096)
            if not octets:
                raise RuntimeError(f"{program.name} closed an idle connection's request")
            answer += octets
