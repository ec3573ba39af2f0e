"""Ports for the servers of a test: below those that the kernel gives to clients, so that no connection takes one while its
server is down for a moment, and none that a client makes to itself looks like a server."""
import random
import socket

LOWEST = 12000
TRIES = 1000

_given: set[int] = set()


def _first_of_clients() -> int:
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
        return int(file.read().split()[0])


def free_port() -> int:
    """One of 127.0.0.1 that nobody listens on, and that this program has not got before."""
    for _ in range(TRIES):
        port = random.randrange(LOWEST, max(_first_of_clients(), LOWEST + TRIES))
        if port in _given:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port
    raise RuntimeError("no port is free")
