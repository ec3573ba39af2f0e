"""The figures of TLS 1.3 and HTTP/2 to clients: the same certificate, cipher suite and OpenSSL for all three."""

import contextlib
import re
import socket
import ssl
import subprocess

from . import figures, load, machine

HANDSHAKES = 60  # a turn; one at a time, as the client's own part costs more than the server's
HANDSHAKE_ROUNDS = 6  # of such turns for each round of the others
IDLE_CONNECTIONS = 2_000
H2_CONNECTIONS, H2_STREAMS, H2_REQUESTS = 10, 32, 20_000
H2_SECONDS = 120  # h2load ends by count; a run that takes so long has gone wrong
HANDSHAKE_SECONDS = 10


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def _connected(program, context: ssl.SSLContext, session: ssl.SSLSession | None = None) -> ssl.SSLSocket:
    plain = socket.create_connection(("127.0.0.1", program.port), timeout=HANDSHAKE_SECONDS)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return context.wrap_socket(plain, session=session)


def require_one_cipher_suite(programs: list) -> None:
    chosen = {}
    for program in programs:
        with _connected(program, _context()) as connection:
            chosen[program.name] = connection.cipher()[0]
    if len(set(chosen.values())) != 1:
        raise RuntimeError(f"not the same cipher suite for all: {chosen}")


def _end(connection: ssl.SSLSocket) -> None:
    """Says that nothing follows and waits until the server has ended, too: by then it has done its part."""
    with contextlib.suppress(OSError):  # some end without a closure alert
        connection.unwrap()
    connection.close()


def _ticket(program, context: ssl.SSLContext) -> ssl.SSLSession:
    """Tickets of TLS 1.3 come after the handshake: an answer has to be read first."""
    with _connected(program, context) as connection:
        connection.sendall(b"GET /small HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
        while connection.recv(4096):
            pass
        return connection.session


def _handshakes(program, resumed: bool) -> float:
    """Handshakes for each second of CPU time."""
    context = _context()
    session = _ticket(program, context) if resumed else None
    before = machine.cpu_ns(program.pids())
    for _ in range(HANDSHAKES):
        connection = _connected(program, context, session)
        if connection.session_reused != resumed:
            raise RuntimeError(f"{program.name}: resumed is {connection.session_reused}, not {resumed}")
        _end(connection)
    return HANDSHAKES / ((machine.cpu_ns(program.pids()) - before) / 1e9)


def _streams(program) -> float:
    """Microseconds of CPU time a request of HTTP/2."""
    argv = ["h2load", "-t1", f"-n{H2_REQUESTS}", f"-c{H2_CONNECTIONS}", f"-m{H2_STREAMS}", program.url("/small")]
    before = machine.cpu_ns(program.pids())
    done = subprocess.run(machine.on_core(machine.LOAD_CORE, argv), capture_output=True, text=True, timeout=H2_SECONDS,
                          check=True)
    spent = (machine.cpu_ns(program.pids()) - before) / 1000
    if "Application protocol: h2" not in done.stdout or not re.search(rf"\b{H2_REQUESTS} 2xx, 0 3xx, 0 4xx, 0 5xx", done.stdout):
        raise RuntimeError(f"{program.name}: {done.stdout}")
    return spent / H2_REQUESTS


def measure(programs: list, pace: figures.Pace, say) -> list[dict]:
    samples = figures.Samples()
    require_one_cipher_suite(programs)
    for program in programs:
        load.run(program.url("/small"), figures.CONNECTIONS, figures.WARM_SECONDS)
        _streams(program)
    # Twice as long a turn, half as many: each begins with a handshake for every connection.
    for program in figures.in_turn(programs, pace.rounds // 2, say, "TLS 1.3, small, keep-alive"):
        run, spent = figures.costs(program, "/small", 2 * pace.seconds)
        samples.add("TLS 1.3, small, keep-alive: CPU a request (us)", program, spent / run.requests)
    for program in figures.in_turn(programs, pace.rounds * HANDSHAKE_ROUNDS, lambda _: None, "handshakes"):
        samples.add("TLS 1.3: full handshakes a CPU second", program, _handshakes(program, resumed=False))
        samples.add("TLS 1.3: resumed handshakes a CPU second", program, _handshakes(program, resumed=True))
    for program in figures.in_turn(programs, pace.rounds, say, "HTTP/2"):
        samples.add("HTTP/2, 10 connections of 32 streams: CPU a request (us)", program, _streams(program))
    context = _context()
    for program in programs:
        say(f"memory: {program.name}")
        samples.add("memory of an idle TLS connection (bytes)", program, load.memory_for_each_idle_connection(
            program, IDLE_CONNECTIONS, lambda asked: _connected(asked, context)))
    return samples.rows()
