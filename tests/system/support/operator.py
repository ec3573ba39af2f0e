"""The operator's side of an lbd under test: its token, its socket, its API."""

import json
import os
import socket
import tempfile
import urllib.parse

from . import wire
from .lbd_process import Lbd

TOKEN = "correct-horse-battery-staple"


class Operated:
    """An lbd whose admin door takes changes, on TCP and on a Unix socket."""

    def __init__(self, endpoints: list[str], without_token: bool = False, secure: dict | None = None, **settings):
        """`secure`: its `admin.tls`."""
        self.folder = tempfile.TemporaryDirectory(prefix="lbd-operator-")
        self.token_file = os.path.join(self.folder.name, "token")
        self.socket = os.path.join(self.folder.name, "admin.sock")
        with open(os.open(self.token_file, os.O_CREAT | os.O_WRONLY, 0o640), "w", encoding="ascii") as file:
            file.write(TOKEN + "\n")
        admin = {"listen": ["127.0.0.1:0", f"unix:{self.socket}"]}
        if not without_token:
            admin["token_file"] = self.token_file
        if secure:
            admin["tls"] = secure
        self.lbd = Lbd(endpoints, admin=admin, **settings)
        self.address = self.lbd.address
        self.admin = self.lbd.admin_address

    def close(self) -> None:
        self.lbd.close()
        self.folder.cleanup()

    def call(self, method: str, path: str, content=None, *fields: str, token: str | None = TOKEN,
             host: str = "127.0.0.1") -> wire.Response:
        body = b"" if content is None else json.dumps(content).encode()
        more = [f"Authorization: Bearer {token}"] if token else []
        if body:
            more += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        return wire.ask(self.admin, wire.get(path, *more, *fields, "Connection: close", method=method, host=host) + body,
                        method)

    def get(self, path: str):
        said = self.call("GET", path, token=None)
        if said.status != 200:
            raise AssertionError(f"{path}: {said} {said.body!r}")
        return json.loads(said.body)

    def endpoint(self, name: str, upstream: str = "origins") -> dict:
        return self.get(f"/api/v1/upstreams/{upstream}/endpoints/{urllib.parse.quote(name)}")

    def command(self, name: str, what: str, upstream: str = "origins") -> wire.Response:
        return self.call("POST", f"/api/v1/upstreams/{upstream}/endpoints/{urllib.parse.quote(name)}/{what}")


class Events:
    """A reader of Server-Sent Events."""

    def __init__(self, admin: tuple[str, int]):
        self.client = wire.Client(admin)
        self.client.send(wire.get("/api/v1/events", host="127.0.0.1"))
        self.head = self.client.head()

    def next(self) -> tuple[str, dict]:
        """Name and data of the next event; comments and `retry` are passed over."""
        name, data = "", ""
        while True:
            # The stream's lines end with LF alone.
            while b"\n" not in self.client.reader.held:
                self.client.reader.more()
            line = self.client.reader.take(self.client.reader.held.index(b"\n") + 1)[:-1].decode()
            if line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: "):
                data += line[6:]
            elif not line and data:
                return name, json.loads(data)

    def close(self) -> None:
        self.client.close()


def ask_through(path: str, octets: bytes) -> bytes:
    """The whole answer that comes through a Unix socket."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(wire.SECONDS)
        sock.connect(path)
        sock.sendall(octets)
        answer = b""
        while piece := sock.recv(65536):
            answer += piece
        return answer
