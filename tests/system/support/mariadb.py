"""A MariaDB server of one's own: data in a folder that goes away with it, on a free loopback port."""
import atexit
import os
import shutil
import signal
import subprocess
import tempfile
import time

from .leftovers import goes_with_the_test, is_gone
from .ports import free_port

DATABASE = "bookd"
USER = "bookd"
PASSWORD = "for-tests-only"
START_SECONDS = 60

ACCOUNTS = f"""
CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4;
CREATE USER '{USER}'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, REFERENCES ON {DATABASE}.* TO '{USER}'@'127.0.0.1';
"""


_template: list[str] = []


def fresh_data() -> str:
    """An empty server's data, made once in a process and copied from there."""
    if not _template:
        _template.append(tempfile.mkdtemp(prefix="mainstay-mariadb-template-"))
        atexit.register(shutil.rmtree, _template[0], ignore_errors=True)
        subprocess.run(["mariadb-install-db", "--no-defaults", f"--datadir={_template[0]}/data",
                        f"--tmpdir={_template[0]}", "--user=root",  # one in common is emptied by each server that starts
                        "--auth-root-authentication-method=socket", "--skip-test-db", "--innodb-log-file-size=16M"],
                       check=True, capture_output=True)
    return os.path.join(_template[0], "data")


class MariaDb:
    """`start`, `stop`, `kill`, `restart`; `remove` at the end takes everything away."""

    def __init__(self, options: tuple[str, ...] = ()):
        self.options = options
        self.directory = tempfile.mkdtemp(prefix="mainstay-mariadb-")
        self.data = os.path.join(self.directory, "data")
        self.socket = os.path.join(self.directory, "mariadb.sock")
        self.port = free_port()
        self.process = None
        goes_with_the_test(self)
        shutil.copytree(fresh_data(), self.data)

    def start(self) -> "MariaDb":
        fresh = not os.path.exists(os.path.join(self.data, DATABASE))
        self.process = subprocess.Popen(
            ["mariadbd", "--no-defaults", f"--datadir={self.data}", f"--tmpdir={self.directory}", f"--socket={self.socket}",
             "--user=root",
             "--bind-address=127.0.0.1", f"--port={self.port}", f"--log-error={self.directory}/error.log",
             f"--pid-file={self.directory}/pid", "--skip-name-resolve", "--character-set-server=utf8mb4",
             "--innodb-log-file-size=16M", "--innodb-buffer-pool-size=32M", "--performance-schema=OFF", *self.options],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while self._client("SELECT 1").returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                with open(f"{self.directory}/error.log", encoding="utf-8", errors="replace") as log:
                    raise RuntimeError("MariaDB does not start:\n" + log.read()[-4000:])
            time.sleep(0.05)  # between two looks
        if fresh:
            self.query(ACCOUNTS)
        return self

    def query(self, sql: str) -> str:
        done = self._client(sql)
        if done.returncode != 0:
            raise RuntimeError(f"{sql}: {done.stderr}")
        return done.stdout.strip()

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        self.stop()
        self.start()

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)
        is_gone(self)

    def _client(self, sql: str) -> subprocess.CompletedProcess:
        return subprocess.run(["mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root", "--batch",
                               "--skip-column-names", f"--execute={sql}"], capture_output=True, text=True, check=False)

    def _end(self, number: signal.Signals) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(timeout=30)
        self.process = None
