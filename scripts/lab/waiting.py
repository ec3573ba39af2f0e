"""Waiting for something to become true, by its own event where there is one and by a short poll where there is none."""

import http.client
import os
import select
import socket
import ssl
import time

from . import namespaces

POLL_SECONDS = 0.02


class Timeout(Exception):
    """What was waited for did not happen in time."""


def wait_until(condition, seconds: float, what: str, poll: float = POLL_SECONDS):
    """The first truthy answer of `condition`. Raises Timeout naming `what`."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() >= deadline:
            raise Timeout(f"{what}: not after {seconds:g} s")
        time.sleep(poll)


def wait_for_exit(pid: int, seconds: float) -> bool:
    """True when the process (ours or not) has ended within the time."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


def tcp_answers(namespace: str, address: str, port: int, seconds: float = 0.5) -> bool:
    with namespaces.open_socket(namespace, socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(seconds)
        try:
            probe.connect((address, port))
            return True
        except OSError:
            return False


class Connection(http.client.HTTPConnection):
    """From inside a namespace; otherwise as http.client's, which reconnects after close(). With `trust` over TLS."""

    def __init__(self, namespace: str, address: str, port: int, seconds: float, trust: ssl.SSLContext | None = None):
        super().__init__(address, port, timeout=seconds)
        self._namespace = namespace
        self._trust = trust

    def connect(self) -> None:
        self.sock = namespaces.open_socket(self._namespace, socket.AF_INET, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect((self.host, self.port))
        if self._trust:
            self.sock = self._trust.wrap_socket(self.sock, server_hostname=self.host)


def http_request(namespace: str, address: str, port: int, method: str = "GET", path: str = "/",
                 body: str | bytes | None = None, fields: dict | None = None, seconds: float = 2.0):
    """(status, response, body bytes) of one request on its own connection. Raises OSError or HTTPException."""
    connection = Connection(namespace, address, port, seconds)
    try:
        connection.request(method, path, body, fields or {})
        response = connection.getresponse()
        return response.status, response, response.read()
    finally:
        connection.close()


def http_status(namespace: str, address: str, port: int, path: str, seconds: float = 1.0) -> int | None:
    try:
        return http_request(namespace, address, port, path=path, seconds=seconds)[0]
    except (OSError, http.client.HTTPException):
        return None
