"""A MySQL server of one's own, where there is one: Debian 12 has none, scripts/mysql-from-sid fetches it."""
import os
import pathlib
import shutil
import subprocess
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
MYSQL = os.environ.get("MAINSTAY_MYSQL", str(ROOT / "build/mysql/mysqld"))
START_SECONDS = 120

needs_mysql = unittest.skipUnless(
    os.access(MYSQL, os.X_OK), f"no MySQL server at {MYSQL}: Debian 12 has none, scripts/mysql-from-sid fetches one")


def empty_data(directory: pathlib.Path) -> pathlib.Path:
    """The data of a server that has root without a password, and nothing else."""
    subprocess.run([MYSQL, "--user=root", f"--datadir={directory}", "--initialize-insecure"], check=True, capture_output=True,
                   timeout=START_SECONDS)
    return directory


class MySql:
    """`options` come after what makes it private: data from `template`, a port, a socket in its folder."""

    def __init__(self, folder: pathlib.Path, port: int, template: pathlib.Path, *options: str):
        self.folder, self.port, self.options = folder, port, options
        self.process = None
        folder.mkdir()
        shutil.copytree(template, folder / "data")
        (folder / "data/auto.cnf").unlink()  # its identity

    def start(self) -> "MySql":
        folder = self.folder
        self.process = subprocess.Popen(
            [MYSQL, "--user=root", f"--datadir={folder}/data", f"--socket={folder}/socket", f"--pid-file={folder}/pid",
             f"--log-error={folder}/log", "--innodb-buffer-pool-size=64M", *self.options, "--bind-address=127.0.0.1",
             f"--port={self.port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while self._as_root("SELECT 1").returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("MySQL does not start:\n" + (folder / "log").read_text(errors="replace")[-4000:])
            time.sleep(0.1)  # between two looks
        return self

    def sql(self, text: str) -> str:
        done = self._as_root(text)
        if done.returncode != 0:
            raise RuntimeError(f"{text}: {done.stderr}")
        return done.stdout.strip()

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.process = None

    def _as_root(self, text: str) -> subprocess.CompletedProcess:
        return subprocess.run(["mariadb", "--no-defaults", f"--socket={self.folder}/socket", "--user=root", "--batch",
                               "--skip-column-names", f"--execute={text}"], capture_output=True, text=True, check=False)
