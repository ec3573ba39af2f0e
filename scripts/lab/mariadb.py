"""MariaDB on the database nodes: db1 primary, db2 replica by GTID, semi-synchronous (AFTER_SYNC).

The lab stands in for the operator who promotes: both nodes start read-only with replication stopped, and what makes
one primary and the other a replica are the commands run once they are ready.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile

from .node import Node
from .service import Ready, Service
from .topology import INNER

PORT = 3306
DATABASE = "booking"
APP_USER = "bookd"
APP_PASSWORD = "bookd-of-the-lab"  # The network of a lab is attached to nothing: these open nothing else.
REPLICATION_USER = "replication"
REPLICATION_PASSWORD = "replication-of-the-lab"
INNER_HOSTS = "10.0.0.%"
INSTALL_SECONDS = 120
CACHE = os.path.join(os.path.dirname(__file__), "..", "..", "build", "lab-cache")

# What bookd needs to serve and to migrate its schema; neither DROP nor anything global, so read_only binds it.
APP_RIGHTS = "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, REFERENCES"
ACCOUNTS = f"""
FLUSH PRIVILEGES;
CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4;
CREATE USER '{APP_USER}'@'{INNER_HOSTS}' IDENTIFIED BY '{APP_PASSWORD}';
GRANT {APP_RIGHTS} ON {DATABASE}.* TO '{APP_USER}'@'{INNER_HOSTS}';
CREATE USER '{REPLICATION_USER}'@'{INNER_HOSTS}' IDENTIFIED BY '{REPLICATION_PASSWORD}';
GRANT REPLICATION SLAVE ON *.* TO '{REPLICATION_USER}'@'{INNER_HOSTS}';
"""

SIZES = ["--innodb-log-file-size=16M", "--innodb-buffer-pool-size=32M"]

SETTINGS = """[mysqld]
user = root
datadir = {directory}/data
tmpdir = {directory}
socket = {directory}/mariadb.sock
pid_file = {directory}/mariadb.pid
bind_address = {address}
port = {port}
skip_name_resolve = ON
character_set_server = utf8mb4
performance_schema = OFF
innodb_log_file_size = 16M
innodb_buffer_pool_size = 32M
max_connections = 100

server_id = {server_id}
log_bin = binlog
relay_log = relay
log_slave_updates = ON
binlog_format = ROW
gtid_strict_mode = ON
gtid_domain_id = 0
sync_binlog = 1
innodb_flush_log_at_trx_commit = 1
read_only = ON
skip_slave_start = ON
slave_net_timeout = 4
slave_parallel_threads = 2
slave_parallel_mode = optimistic
rpl_semi_sync_master_wait_point = AFTER_SYNC
rpl_semi_sync_master_timeout = 3600000
rpl_semi_sync_slave_enabled = ON
session_track_system_variables = "autocommit,character_set_client,character_set_connection,character_set_results,time_zone,last_gtid"
"""


def service(node: Node, server_id: int, primary: Node | None = None) -> Service:
    """mariadbd with a private data directory; a replica of `primary`, or without one the primary itself."""
    _lay_out(node, server_id)
    become = _replica_of(primary) if primary else _primary()
    return Service("mariadbd", ["mariadbd", f"--defaults-file={node.directory}/mariadb.cnf"],
                   ready=Ready("tcp", node.address(INNER), PORT, seconds=30), after_ready=[client(node, become)])


def client(node: Node, sql: str) -> list[str]:
    """The command that runs SQL on the node as root, over its private socket."""
    return ["mariadb", "--no-defaults", f"--socket={node.directory}/mariadb.sock", "--user=root",
            "--batch", "--skip-column-names", f"--execute={sql}"]


def query(node: Node, sql: str) -> str:
    done = node.run(client(node, sql))
    if done.returncode != 0:
        raise RuntimeError(f"{node.name}: {sql}: {done.stderr.strip()}")
    return done.stdout.strip()


def replica_status(node: Node) -> dict[str, str]:
    """SHOW SLAVE STATUS by column name; empty when the node replicates from nobody."""
    argv = [word for word in client(node, "SHOW SLAVE STATUS") if word != "--skip-column-names"]
    done = node.run([*argv, "--vertical"])
    pairs = (line.strip().partition(": ") for line in done.stdout.splitlines() if ":" in line)
    return {name.rstrip(":"): value for name, _, value in pairs}


def _primary() -> str:
    # Semi-sync waits for the replica however long it takes: a primary alone stops writing until somebody decides.
    return "STOP SLAVE; SET GLOBAL rpl_semi_sync_master_enabled = ON; SET GLOBAL read_only = OFF"


def _replica_of(primary: Node) -> str:
    return (f"STOP SLAVE; CHANGE MASTER TO MASTER_HOST='{primary.address(INNER)}', MASTER_PORT={PORT},"
            f" MASTER_USER='{REPLICATION_USER}', MASTER_PASSWORD='{REPLICATION_PASSWORD}',"
            " MASTER_USE_GTID=slave_pos, MASTER_CONNECT_RETRY=1, MASTER_HEARTBEAT_PERIOD=1; START SLAVE")


def _lay_out(node: Node, server_id: int) -> None:
    subprocess.run(["cp", "-a", "--reflink=auto", "--sparse=always", _template(), f"{node.directory}/data"],
                   check=True)
    with open(f"{node.directory}/mariadb.cnf", "w", encoding="utf-8") as file:
        file.write(SETTINGS.format(directory=node.directory, address=node.address(INNER), port=PORT,
                                   server_id=server_id))


def _template() -> str:
    """An empty data directory with the accounts, made once for each server version and kept in build/."""
    version = subprocess.run(["mariadbd", "--no-defaults", "--version"], check=True, capture_output=True, text=True)
    os.makedirs(CACHE, exist_ok=True)
    finished = os.path.join(os.path.realpath(CACHE), "mariadb-" + version.stdout.split()[2])
    with open(os.path.join(CACHE, "lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(finished):
            _make_template(finished)
    return finished


def _make_template(finished: str) -> None:
    scratch = tempfile.mkdtemp(prefix="making-", dir=os.path.dirname(finished))
    data = os.path.join(scratch, "data")
    try:
        _run(["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--user=root", "--skip-test-db",
              "--auth-root-authentication-method=normal", "--skip-name-resolve", *SIZES], "")
        _run(["mariadbd", "--no-defaults", "--bootstrap", f"--datadir={data}", f"--tmpdir={scratch}", "--user=root",
              *SIZES], ACCOUNTS)
        os.rename(data, finished)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _run(argv: list[str], text: str) -> None:
    done = subprocess.run(argv, input=text, text=True, capture_output=True, timeout=INSTALL_SECONDS, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{argv[0]}: {(done.stdout + done.stderr)[-2000:]}")
