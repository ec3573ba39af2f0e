#!/usr/bin/python3
"""The store's contract (tests/contract) on a file, and against two private MariaDB servers on loopback: a primary, and
a node that is read-only; and against a private MySQL server where there is one (scripts/mysql-from-sid). Builds the program in
build/<preset> first (MAINSTAY_STORE_PRESET, default dev)."""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.leftovers import goes_with_the_test  # noqa: E402
from support.mysql import MySql, empty_data, needs_mysql  # noqa: E402
from support.ports import free_port  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
PRESET = os.environ.get("MAINSTAY_STORE_PRESET", "dev")
PASSWORD = "only-for-this-test"
START_LIMIT = 60  # seconds
RUN_LIMIT = 900


class Folder:
    def __init__(self, path):
        self.path = path

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


class Server:
    """A mariadbd of its own: data, socket, log and pid in one folder."""

    def __init__(self, folder, server_id):
        self.folder = folder
        self.port = free_port()
        self.socket = folder / "socket"
        self.pidfile = folder / "pid"
        self.start_script = folder / "start.sh"
        folder.mkdir()
        subprocess.run(["mariadb-install-db", "--no-defaults", "--user=root", "--skip-test-db", f"--datadir={folder}/data",
                        f"--tmpdir={folder}", "--auth-root-authentication-method=normal"], check=True, stdout=subprocess.DEVNULL)
        self.start_script.write_text(
            "#!/bin/sh\n"
            # A shell of its own session: it outlives whoever starts it again in the middle of a test.
            f"setsid mariadbd --no-defaults --user=root --datadir={folder}/data --tmpdir={folder} --socket={self.socket} "
            f"--pid-file={self.pidfile} --bind-address=127.0.0.1 --port={self.port} --server-id={server_id} "
            "--log-bin=binlog --binlog-format=ROW --sync-binlog=1 --innodb-flush-log-at-trx-commit=1 "
            "--innodb-buffer-pool-size=32M --innodb-log-file-size=16M --performance-schema=OFF --skip-name-resolve "
            f"--character-set-server=utf8mb4 --collation-server=utf8mb4_bin >>{folder}/log 2>&1 </dev/null &\n"
            f"for _ in $(seq {START_LIMIT * 10}); do\n"
            f"  mariadb-admin --no-defaults --socket={self.socket} --user=root ping >/dev/null 2>&1 && exit 0\n"
            "  sleep 0.1\n"
            "done\n"
            f"tail -n 30 {folder}/log >&2\n"
            "exit 1\n")
        self.start_script.chmod(0o755)

    def start(self):
        subprocess.run([self.start_script], check=True)

    def run(self, sql):
        subprocess.run(["mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root"], input=sql, text=True,
                       check=True)

    def remove(self):
        try:
            pid = int(self.pidfile.read_text())
        except (FileNotFoundError, ValueError):
            return
        # Only if it is still ours: the test may have killed it, and numbers are used again.
        try:
            ours = str(self.folder) in pathlib.Path(f"/proc/{pid}/cmdline").read_text()
        except FileNotFoundError:
            return
        if not ours:
            return
        os.kill(pid, signal.SIGCONT)
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while pathlib.Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
            time.sleep(0.02)


def mysql_with_accounts(case, folder):
    """A MySQL server with the accounts of the test, for as long as the case."""
    server = MySql(folder / "server", free_port(), empty_data(folder / "template"), "--server-id=1", "--log-bin=binlog",
                   "--gtid-mode=ON", "--enforce-gtid-consistency=ON", "--session-track-gtids=OWN_GTID",
                   "--character-set-server=utf8mb4", "--collation-server=utf8mb4_bin")
    case.addCleanup(server.kill)
    server.start()
    for user, rights in (("bookd", "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, REFERENCES ON bookd.*"), ("boss", "ALL ON *.*")):
        server.sql(f"CREATE DATABASE IF NOT EXISTS bookd; CREATE USER {user}@'%' IDENTIFIED BY '{PASSWORD}'; "
                   f"GRANT {rights} TO {user}@'%' WITH GRANT OPTION")
        # caching_sha2_password wants one login over TLS before it takes others without.
        subprocess.run(["mariadb", "--no-defaults", "--host=127.0.0.1", f"--port={server.port}", "--ssl", f"--user={user}",
                        f"--password={PASSWORD}", "--execute=SELECT 1"], check=True, capture_output=True)
    return server


def build_the_program():
    subprocess.run(["cmake", "--preset", PRESET], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", f"build/{PRESET}", "--target", "store_contract_tests"], cwd=ROOT, check=True,
                   stdout=subprocess.DEVNULL)


def run_program(case, selection, environment):
    program = ROOT / f"build/{PRESET}/contract/store_contract_tests"
    command = (["setarch", "-R"] if PRESET == "tsan" else []) + [str(program), selection, "--durations", "yes"]
    done = subprocess.run(command, env=dict(os.environ, **environment), timeout=RUN_LIMIT, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    lines = [line for line in done.stdout.splitlines() if not line.startswith("[20")]  # less what the store logs
    case.assertEqual(done.returncode, 0, "the store broke its contract:\n" + "\n".join(lines)[-20000:])
    print("\n".join(line for line in lines if line.startswith("  ")))


@needs_mysql
class OnMySql(unittest.TestCase):
    def test_contract(self):
        build_the_program()
        folder = pathlib.Path(tempfile.mkdtemp(prefix="mainstay-store-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        server = mysql_with_accounts(self, folder)
        run_program(self, "[store]~[faults]~[sqlite]", {
            "MAINSTAY_DB": f"127.0.0.1:{server.port},bookd,{PASSWORD},bookd", "MAINSTAY_DB_ROOT": f"boss,{PASSWORD}"})


class StoreContract(unittest.TestCase):
    @classmethod
    def goes_with_it(cls, thing):
        """With the class, and by Ctrl-C, which no cleanup of unittest hears of."""
        goes_with_the_test(thing)
        cls.addClassCleanup(thing.remove)

    @classmethod
    def setUpClass(cls):
        build_the_program()
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="mainstay-store-"))
        cls.servers = []
        cls.goes_with_it(Folder(cls.folder))
        users = (ROOT / "conf/mariadb/users.sql").read_text()
        for name in ("BOOKD", "REPLICATION", "DBCTL"):
            users = users.replace(f"@{name}_PASSWORD@", PASSWORD)
        for number, name in enumerate(("primary", "replica"), 1):
            server = Server(cls.folder / name, number)
            cls.servers.append(server)
            cls.goes_with_it(server)
            server.start()
            server.run(users)
            server.run(f"CREATE USER boss@'%' IDENTIFIED BY '{PASSWORD}'; GRANT ALL ON *.* TO boss@'%' WITH GRANT OPTION;")
        cls.servers[1].run("SET GLOBAL read_only = 1;")

    def run_tests(self, selection, database=None):
        primary, replica = self.servers
        server = f"127.0.0.1:{primary.port},bookd,{PASSWORD},bookd"
        run_program(self, selection, {
            "MAINSTAY_DB": database or server, "MAINSTAY_DB_ROOT": f"boss,{PASSWORD}",
            "MAINSTAY_DB_REPLICA": f"127.0.0.1:{replica.port}", "MAINSTAY_DB_PIDFILE": str(primary.pidfile),
            "MAINSTAY_DB_START": str(primary.start_script)})

    def test_contract(self):
        self.run_tests("[store]~[faults]~[sqlite]")

    def test_faults(self):
        self.run_tests("[store][faults]")

    def test_contract_of_a_file(self):
        self.run_tests("[store]~[mariadb]", f"sqlite:{self.folder}/bookd.sqlite")

    def test_says_what_it_needs_without_a_database(self):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MAINSTAY_DB")}
        program = ROOT / f"build/{PRESET}/contract/store_contract_tests"
        done = subprocess.run([str(program)], env=environment, timeout=30, capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("need a database", done.stderr)


if __name__ == "__main__":
    unittest.main()
