"""A bookd of one's own in front of a database, and a small client that says exactly what it sends."""
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse

from .contract import contract
from .leftovers import goes_with_the_test, is_gone
from .mariadb import DATABASE, PASSWORD, USER
from .ports import free_port

REPOSITORY = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
READY_SECONDS = 30
ADMIN, ADMIN_PASSWORD = "owner", "correct horse battery staple"

CONFIG = """
http: {{listen: "127.0.0.1:{http}", trusted_proxies: [127.0.0.1]}}
admin: {{listen: "127.0.0.1:{admin}"}}
log: {{format: json, level: debug}}
database: {{nodes: ["127.0.0.1:{database}"], name: {name}, user: {user}, password: {password}, deadline: 3s,
  write_deadline: 3s}}
admins:
  - {{username: owner, password_hash: "{hash}"}}
  - {{username: victim, password_hash: "{hash}"}}
web: {{business_name: 한빛 설비, emergency_phone: 02-123-4567}}
limits: {{head_timeout: 1s, body_timeout: 1s, idle_timeout: 5s, connections: 200}}
drain: {{announce: 500ms, deadline: 5s}}
"""


# Every bookd of a test works on one database, so all have the same keys.
KEYS = f"index {'1' * 64}\nkey 1 {'2' * 64}\n"


def program() -> str:
    folder = os.environ.get("MAINSTAY_BIN") or os.path.join(REPOSITORY, "build", "release", "bin")
    path = os.path.join(os.path.abspath(folder), "bookd")
    if not os.access(path, os.X_OK):
        raise FileNotFoundError(f"{path} is missing: build it, or name the folder that holds it in MAINSTAY_BIN")
    return path


def password_hash(password: str = ADMIN_PASSWORD) -> str:
    return subprocess.run([program(), "--hash-password"], input=password + "\n", check=True, capture_output=True,
                          text=True).stdout.strip()


def wait_until(condition, seconds: float, what: str):
    """The first true value of `condition()`."""
    deadline = time.monotonic() + seconds
    while True:
        if value := condition():
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)  # between two looks


class Answer:
    def __init__(self, status: int, headers, body: bytes):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)


class Bookd:
    def __init__(self, database, password: str):
        self.directory = tempfile.mkdtemp(prefix="mainstay-bookd-")
        self.port, self.admin_port = free_port(), free_port()
        self.config = os.path.join(self.directory, "bookd.yaml")
        self.log_path = os.path.join(self.directory, "log")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(http=self.port, admin=self.admin_port, database=database.port, name=DATABASE,
                                     user=USER, password=PASSWORD, hash=password))
        with open(os.path.join(self.directory, "bookd-keys"), "w", encoding="utf-8") as file:
            file.write(KEYS)
        self.process = None

    def start(self, ready: bool = True) -> "Bookd":
        goes_with_the_test(self)
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([program(), "--config", self.config], stdout=log,
                                            stderr=subprocess.STDOUT)
        path = "/readyz" if ready else "/livez"
        wait_until(lambda: self.process.poll() is not None or self.answers(path), READY_SECONDS, path)
        if self.process.poll() is not None:
            raise RuntimeError("bookd left:\n" + self.log())
        return self

    def answers(self, path: str) -> bool:
        try:
            return self.get(path).status == 200
        except OSError:
            return False

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def remove(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(timeout=10)
        shutil.rmtree(self.directory, ignore_errors=True)
        is_gone(self)

    def log(self) -> str:
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def request(self, method: str, path: str, body: bytes | str | None = None, headers: dict | None = None,
                port: int | None = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=15)
        try:
            connection.request(method, path, body.encode() if isinstance(body, str) else body, headers or {})
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
            contract().check(method, path, answer)
            return answer
        finally:
            connection.close()

    def get(self, path: str, **headers) -> Answer:
        return self.request("GET", path, headers=headers)

    def post_json(self, path: str, value, headers: dict | None = None) -> Answer:
        return self.request("POST", path, json.dumps(value), {"Content-Type": "application/json", **(headers or {})})

    def post_form(self, path: str, fields: dict, headers: dict | None = None) -> Answer:
        return self.request("POST", path, urllib.parse.urlencode(fields),
                            {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})})

    def raw(self, octets: bytes, seconds: float = 5) -> bytes:
        """Everything that comes back for these octets until the other side closes or nothing comes any more."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as stream:
            received = b""
            try:
                stream.sendall(octets)
                while part := stream.recv(65536):
                    received += part
            except (TimeoutError, ConnectionError):
                pass
            return received

    def metric(self, line: str) -> float:
        """The value of the sample that begins with `line`, 0 when there is none."""
        text = self.request("GET", "/metrics", port=self.admin_port).text
        found = [row for row in text.splitlines() if row.startswith(line)]
        return float(found[0].rsplit(" ", 1)[1]) if found else 0.0
