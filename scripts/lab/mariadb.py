"""MariaDB on the database nodes, as the product has it: conf/mariadb/pair.cnf and users.sql, TLS between all, a certificate
for each account, and dbctl, which makes the pair and does everything to it that is done to it."""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile

from .node import Node
from .service import Ready, Service
from .topology import INNER

REPOSITORY = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
PORT = 3306
DATABASE = "bookd"
APP_USER = "bookd"
APP_PASSWORD = "password-of-the-lab"  # The network of a lab is attached to nothing: it opens nothing else.
ACCOUNTS = ("bookd", "replication", "dbctl")  # each with a certificate of its name
AUTHORITY = "/CN=CA of the lab"
INSTALL_SECONDS = 120
DBCTL_SECONDS = 120
CERTIFICATE_DAYS = "30"
CACHE = os.path.join(REPOSITORY, "build", "lab-cache")

SIZES = ["--innodb-log-file-size=16M", "--innodb-buffer-pool-size=32M"]

SETTINGS = """!include {repository}/conf/mariadb/pair.cnf
[mariadbd]
user = root
datadir = {directory}/data
tmpdir = {directory}
socket = {directory}/mariadb.sock
pid_file = {directory}/mariadb.pid
server_id = {server_id}
bind_address = {address}
port = {port}
skip_name_resolve = ON
performance_schema = OFF
innodb_log_file_size = 16M
innodb_buffer_pool_size = 32M
ssl_ca = {tls}/ca.pem
ssl_cert = {tls}/{name}.pem
ssl_key = {tls}/{name}.key
!include {directory}/role.cnf
"""

# What dbctl runs on a node's machine: scripts/db-node with the places of the lab.
COMMAND = """#!/bin/sh
export DB_NODE_DEFAULTS={directory}/mariadb.cnf DB_NODE_ROLE_FILE={directory}/role.cnf DB_NODE_SAVED={directory}/saved
export DB_NODE_START="{repository}/scripts/lab/lab --id {identity} fail {name} start mariadbd"
export DB_NODE_STOP="{repository}/scripts/db-node --defaults {directory}/mariadb.cnf fence"
exec {repository}/scripts/db-node "$@"
"""

DBCTL = """nodes:
{nodes}database: {database}
tls:
  ca_file: {tls}/ca.pem
  certificate_file: {tls}/dbctl.pem
  key_file: {tls}/dbctl.key
  replication_ca: {tls}/ca.pem
  replication_certificate: {tls}/replication.pem
  replication_key: {tls}/replication.key
record: {directory}/dbctl.json
"""


def service(node: Node, server_id: int) -> Service:
    """mariadbd with a private data directory; closed, and following nobody, until dbctl is told otherwise."""
    _lay_out(node, server_id)
    return Service("mariadbd", ["mariadbd", f"--defaults-file={node.directory}/mariadb.cnf"],
                   ready=Ready("tcp", node.address(INNER), PORT, seconds=30))


def certificates(nodes: list[Node]) -> None:
    """A CA of the lab, for each node a certificate that names its address, and one for each account."""
    tls = tls_directory(nodes[0])
    os.makedirs(tls)
    key = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
           CERTIFICATE_DAYS]
    _run([*key, "-keyout", f"{tls}/ca.key", "-out", f"{tls}/ca.pem", "-subj", AUTHORITY], "")
    names = {node.name: ["-addext", f"subjectAltName=IP:{node.address(INNER)}"] for node in nodes} | {name: [] for name in ACCOUNTS}
    for name, more in names.items():
        _run([*key, "-keyout", f"{tls}/{name}.key", "-out", f"{tls}/{name}.pem", "-CA", f"{tls}/ca.pem", "-CAkey",
              f"{tls}/ca.key", "-subj", f"/CN={name}", "-addext", "basicConstraints=CA:FALSE", *more], "")


def tls_directory(node: Node) -> str:
    return os.path.join(node.lab.directory, "database-tls")


def configure_dbctl(nodes: list[Node]) -> None:
    directory = nodes[0].lab.directory
    for name in ("dbctl", "replication"):
        with open(f"{directory}/{name}.password", "w", encoding="ascii") as file:
            file.write(APP_PASSWORD + "\n")
    entries = "".join(f"  - name: {node.name}\n    address: {node.address(INNER)}:{PORT}\n"
                      f"    command: [{node.directory}/db-node]\n" for node in nodes)
    with open(f"{directory}/dbctl.yaml", "w", encoding="ascii") as file:
        file.write(DBCTL.format(nodes=entries, database=DATABASE, tls=tls_directory(nodes[0]), directory=directory))


def dbctl(at: Node, program: str, *words: str) -> dict:
    """What it said; raises unless it did it."""
    done = at.run([program, *words, "--json", "--config", f"{at.lab.directory}/dbctl.yaml"], timeout=DBCTL_SECONDS)
    if done.returncode != 0:
        raise RuntimeError(f"dbctl {' '.join(words)}: {(done.stdout + done.stderr)[-2000:]}")
    return json.loads(done.stdout)


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


def _lay_out(node: Node, server_id: int) -> None:
    subprocess.run(["cp", "-a", "--reflink=auto", "--sparse=always", _template(), f"{node.directory}/data"],
                   check=True)
    with open(f"{node.directory}/mariadb.cnf", "w", encoding="utf-8") as file:
        file.write(SETTINGS.format(repository=REPOSITORY, directory=node.directory, address=node.address(INNER),
                                   port=PORT, server_id=server_id, tls=tls_directory(node), name=node.name))
    with open(f"{node.directory}/role.cnf", "w", encoding="ascii") as file:
        file.write("[mariadbd]\ninit_rpl_role = SLAVE\n")
    with open(f"{node.directory}/db-node", "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o755)
        file.write(COMMAND.format(repository=REPOSITORY, directory=node.directory, name=node.name,
                                  identity=node.lab.identity))


def _template() -> str:
    """An empty data directory with the accounts, made once for each server version and text of them and kept in build/."""
    version = subprocess.run(["mariadbd", "--no-defaults", "--version"], check=True, capture_output=True, text=True)
    os.makedirs(CACHE, exist_ok=True)
    accounts = hashlib.sha256(_accounts().encode()).hexdigest()[:8]
    finished = os.path.join(os.path.realpath(CACHE), f"mariadb-{version.stdout.split()[2]}-{accounts}")
    with open(os.path.join(CACHE, "lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(finished):
            _make_template(finished)
    return finished


def _accounts() -> str:
    with open(f"{REPOSITORY}/conf/mariadb/users.sql", encoding="utf-8") as file:
        text = re.sub(r"@\w+_PASSWORD@", APP_PASSWORD, file.read())
    text = re.sub(r"'(\w+)'@'%' (.*) REQUIRE NONE", rf"'\1'@'%' \2 REQUIRE SUBJECT '/CN=\1' AND ISSUER '{AUTHORITY}'", text)
    return "FLUSH PRIVILEGES;\n" + text


def _make_template(finished: str) -> None:
    scratch = tempfile.mkdtemp(prefix="making-", dir=os.path.dirname(finished))
    data = os.path.join(scratch, "data")
    try:
        # A folder of its own for temporary tables: a server that starts removes everybody's from a common one.
        _run(["mariadb-install-db", "--no-defaults", f"--datadir={data}", f"--tmpdir={scratch}", "--user=root",
              "--skip-test-db", "--auth-root-authentication-method=normal", "--skip-name-resolve", *SIZES], "")
        _run(["mariadbd", "--no-defaults", "--bootstrap", f"--datadir={data}", f"--tmpdir={scratch}", "--user=root",
              *SIZES], _accounts())
        os.rename(data, finished)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _run(argv: list[str], text: str) -> None:
    done = subprocess.run(argv, input=text, text=True, capture_output=True, timeout=INSTALL_SECONDS, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{argv[0]}: {(done.stdout + done.stderr)[-2000:]}")
