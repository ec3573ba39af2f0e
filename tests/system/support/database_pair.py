"""Two MariaDB servers with conf/mariadb/pair.cnf and users.sql, in a lab of their own, for dbctl to make a pair of.

    with DatabasePair() as pair:
        pair.dbctl("bootstrap")
        with Writers(pair, pair.primary) as writers: ...
"""

import ctypes
import errno
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

REPOSITORY = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
sys.path.insert(0, os.path.join(REPOSITORY, "scripts"))

from lab import STANDARD, Lab, Timeout, wait_until  # noqa: E402
from lab import network  # noqa: E402
from lab.topology import INNER  # noqa: E402

BINARIES = os.environ.get("MAINSTAY_BIN", os.path.join(REPOSITORY, "build", "release", "bin"))
DB_NODE = os.path.join(REPOSITORY, "scripts", "db-node")
PASSWORD = "only-for-this-test"
PORT = 3306
START_SECONDS = 60
TRIES = 3
MEND_ROUNDS = 8  # commands that bring a pair back, at the most
CLONE_NEWNS = 0x00020000  # linux/sched.h
SERVER_IDS = {"db1": 31, "db2": 32}

PLACE = """!include {repository}/conf/mariadb/pair.cnf
[mariadbd]
user = root
datadir = {data}
tmpdir = {directory}
socket = {directory}/sock
pid_file = {directory}/pid
log_error = {directory}/error.log
port = 3306
bind_address = {address}
server_id = {server_id}
skip_name_resolve = ON
performance_schema = OFF
innodb_log_file_size = 16M
innodb_buffer_pool_size = 32M
ssl_ca = {tls}/ca.pem
ssl_cert = {tls}/{name}.pem
ssl_key = {tls}/{name}.key
!include {directory}/role.cnf
"""


def run(argv, **options):
    done = subprocess.run(argv, text=True, capture_output=True, timeout=120, check=False, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(argv)}: {(done.stdout + done.stderr)[-2000:]}")
    return done.stdout


def make_certificates(folder, addresses):
    """A CA, and for each name a certificate that names its address."""
    os.makedirs(folder)
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"]
    run(["openssl", "req", "-x509", *curve, "-keyout", f"{folder}/ca.key", "-out", f"{folder}/ca.pem", "-subj", "/CN=test CA"])
    for name, address in addresses.items():
        run(["openssl", "req", "-x509", *curve, "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem",
             "-CA", f"{folder}/ca.pem", "-CAkey", f"{folder}/ca.key", "-subj", f"/CN={name}",
             "-addext", f"subjectAltName=IP:{address}", "-addext", "basicConstraints=CA:FALSE"])


@functools.cache
def have_mounts_of_our_own():
    """What is mounted from here on goes away with this process and those it starts."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    run(["mount", "--make-rprivate", "/"])


class Disk:
    """A disk of that size, which can be filled. Nothing on it survives a power cut, which nobody makes here."""

    def __init__(self, path, mebibytes):
        self.path = path
        self.ballast = f"{path}/ballast"
        os.mkdir(path)
        have_mounts_of_our_own()
        run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "mainstay-test-disk", path])

    def fill(self):
        """Until not an octet is left."""
        with open(self.ballast, "wb", buffering=0) as file:
            # Somebody else writes, too: most of it at once, then block by block.
            found = os.statvfs(self.path)
            os.posix_fallocate(file.fileno(), 0, max(1, found.f_bavail * 9 // 10) * found.f_frsize)
            file.seek(0, os.SEEK_END)
            for size in (1 << 20, found.f_frsize):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def free(self):
        if os.path.exists(self.ballast):
            os.unlink(self.ballast)


class Server:
    """One mariadbd in a node of the lab."""

    def __init__(self, node, tls, template, disk_mib=None):
        self.node = node
        self.name = node.name
        self.address = node.address(INNER)
        self.directory = node.directory
        self.disk = Disk(f"{self.directory}/disk", disk_mib) if disk_mib else None
        self.socket = f"{self.directory}/sock"
        self.options = f"{self.directory}/my.cnf"
        self.data = f"{self.disk.path if self.disk else self.directory}/data"
        subprocess.run(["cp", "-a", "--reflink=auto", "--sparse=always", template, self.data], check=True)
        with open(self.options, "w", encoding="utf-8") as file:
            file.write(PLACE.format(repository=REPOSITORY, directory=self.directory, data=self.data, address=self.address,
                                    tls=tls, name=self.name, server_id=SERVER_IDS[self.name]))
        with open(f"{self.directory}/role.cnf", "w", encoding="utf-8") as file:
            file.write("[mariadbd]\ninit_rpl_role = SLAVE\n")
        self.start_script = f"{self.directory}/start.sh"
        inside = network.command_inside(node.namespace, ["mariadbd", f"--defaults-file={self.options}"])
        with open(self.start_script, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\nMAINSTAY_LAB={node.lab.identity} setsid {' '.join(inside)} </dev/null >/dev/null 2>&1 &\n")
        os.chmod(self.start_script, 0o755)
        self.command = f"{self.directory}/db-node"
        self.out_of_reach = f"{self.directory}/out-of-reach"
        with open(self.command, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n"
                       f"[ ! -e {self.out_of_reach} ] || {{ echo 'no route to host' >&2; exit 255; }}\n"
                       f"DB_NODE_DEFAULTS={self.options} DB_NODE_ROLE_FILE={self.directory}/role.cnf "
                       f"DB_NODE_SAVED={self.directory}/saved DB_NODE_START={self.start_script} "
                       f"DB_NODE_STOP='{DB_NODE} --defaults {self.options} fence' exec {DB_NODE} \"$@\"\n")
        os.chmod(self.command, 0o755)

    def start(self):
        run([self.command, "start"])

    def pid(self):
        try:
            with open(f"{self.directory}/pid", encoding="ascii") as file:
                pid = int(file.read())
            with open(f"/proc/{pid}/status", encoding="utf-8") as file:
                status = dict(line.split(":\t", 1) for line in file.read().splitlines() if ":\t" in line)
            # A zombie has let go of everything.
            return pid if status["Name"] == "mariadbd" and not status["State"].startswith("Z") else None
        except (OSError, ValueError):
            return None

    def signal(self, number):
        pid = self.pid()
        if pid:
            os.kill(pid, number)
        return pid

    def kill(self):
        """SIGKILL, and gone."""
        pid = self.signal(signal.SIGKILL)
        if pid:
            wait_until(lambda: self.pid() != pid, 10, "mariadbd gone")

    def sql(self, text):
        return run(["mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root", "--batch",
                    "--skip-column-names", f"--execute={text}"]).strip()

    def cut_from(self, other):
        """Nothing reaches `other` any more, and nobody is told."""
        self.node.run(["ip", "route", "add", "blackhole", f"{other.address}/32"])

    def mend_to(self, other):
        self.node.run(["ip", "route", "del", "blackhole", f"{other.address}/32"])

    def set_within_reach(self, within):
        """Whether dbctl's command gets to this machine, as ssh would or would not."""
        if within and os.path.exists(self.out_of_reach):
            os.unlink(self.out_of_reach)
        elif not within:
            with open(self.out_of_reach, "w", encoding="ascii"):
                pass

    def identifiers(self):
        return set(self.sql("SELECT id FROM bookd.ledger").split())


class DatabasePair:
    """`disk_mib`: the data of each node lies on a small disk of its own."""

    def __init__(self, disk_mib=None, nodes=("app1", "db1", "db2")):
        self.lab = Lab(STANDARD.only(*nodes))
        self.disk_mib = disk_mib
        try:
            self.folder = os.path.join(self.lab.directory, "pair")
            os.mkdir(self.folder)
            self._set_up()
        except BaseException:
            self.close()
            raise

    def _set_up(self):
        tls = f"{self.folder}/tls"
        addresses = {name: self.lab[name].address(INNER) for name in ("db1", "db2")}
        make_certificates(tls, addresses)
        template = f"{self.folder}/template"
        run(["mariadb-install-db", "--no-defaults", "--user=root", "--skip-test-db", f"--datadir={template}",
             f"--tmpdir={self.folder}", "--auth-root-authentication-method=normal"])
        self.db1 = Server(self.lab["db1"], tls, template, self.disk_mib)
        self.db2 = Server(self.lab["db2"], tls, template, self.disk_mib)
        shutil.rmtree(template)
        with open(f"{REPOSITORY}/conf/mariadb/users.sql", encoding="utf-8") as file:
            users = file.read()
        for name in ("BOOKD", "REPLICATION", "DBCTL"):
            users = users.replace(f"@{name}_PASSWORD@", PASSWORD)
        for server in (self.db1, self.db2):
            server.start()
            subprocess.run(["mariadb", "--no-defaults", f"--socket={server.socket}", "--user=root"], input=users, text=True,
                           check=True)
        self.tls_ca = f"{tls}/ca.pem"
        self.record = f"{self.folder}/record.json"
        self.configuration = f"{self.folder}/dbctl.yaml"
        for name in ("dbctl", "replication"):
            with open(f"{self.folder}/{name}.password", "w", encoding="ascii") as file:
                file.write(PASSWORD + "\n")
        self.configure()

    def configure(self, commands=True):
        nodes = "".join(f"  - name: {server.name}\n    address: {server.address}:{PORT}\n"
                        + (f"    command: [{server.command}]\n" if commands else "") for server in (self.db1, self.db2))
        with open(self.configuration, "w", encoding="ascii") as file:
            file.write(f"nodes:\n{nodes}tls:\n  ca_file: {self.tls_ca}\n  replication_ca: {self.tls_ca}\n"
                       f"record: {self.record}\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.lab.down()

    def run_dbctl(self, *words):
        argv = [f"{BINARIES}/dbctl", *words, "--config", self.configuration]
        return self.lab["app1"].run(argv, timeout=120)

    def start_dbctl(self, *words):
        argv = [f"{BINARIES}/dbctl", *words, "--config", self.configuration]
        return self.lab["app1"].spawn(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def dbctl(self, *words, expect=0):
        """What it said, as JSON; fails unless it left with `expect`."""
        done = self.run_dbctl(*words, "--json")
        if done.returncode != expect:
            raise AssertionError(f"dbctl {' '.join(words)}: exit {done.returncode}, not {expect}\n"
                                 f"{explained(done.stdout)}{done.stderr}")
        return json.loads(done.stdout)

    def insist(self, *words):
        """What a person does when a step took too long on a busy machine: the same command again."""
        for _ in range(TRIES):
            done = self.run_dbctl(*words)
            if done.returncode != 1:
                break
        if done.returncode != 0:
            raise AssertionError(f"dbctl {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")

    def bring_back(self):
        """By the table of docs/database.md, until the pair is well. True when a node had to be made anew: the role of an old
        primary was not written down in time, and it kept what nobody had acknowledged."""
        anew = False
        for _ in range(MEND_ROUNDS):
            for server in (self.db1, self.db2):
                if server.pid() is None:
                    server.start()
            told = self.status()
            if told["state"] == "well":
                return anew
            if told["state"] == "two writers":
                lower = min(told["nodes"], key=lambda node: node["epoch"])
                self.server(lower["name"]).kill()
            elif told["state"] == "down":
                self.insist("failover")
            elif self.run_dbctl("rejoin", "--dry-run").returncode == 4:
                anew = True
                self.insist("rejoin", "--reprovision")
            else:
                self.insist("rejoin")
        raise AssertionError(f"the pair does not come back: {told}")

    def status(self):
        return json.loads(self.run_dbctl("status", "--json").stdout)

    def server(self, name):
        return self.db1 if name == "db1" else self.db2

    def other(self, server):
        return self.db2 if server is self.db1 else self.db1

    def primary(self):
        return self.server(self.status()["writer"])

    def make_ledger(self):
        """What Writers write to."""
        self.primary().sql("CREATE TABLE bookd.ledger (id VARCHAR(40) NOT NULL PRIMARY KEY, writer INTEGER NOT NULL)")


def explained(text):
    """A refusal or failure of dbctl for a person."""
    try:
        told = json.loads(text)
    except ValueError:
        return text
    lines = [f"{v['word']} {v['rule']}: {v['because']}" for v in told.get("verdicts", [])]
    lines += [f"{'done' if s.get('done') else 'FAILED'} {s['text']} {s.get('found', '')}" for s in told.get("steps", [])]
    return "\n".join([*lines, str(told.get("outcome")), ""])


class Writers:
    """Threads in app1 that write one row after the other to whichever node takes it, as bookd does: an unknown outcome
    is repeated under the same id. Leaving tells what was acknowledged. `careless` ones write to whatever is open, whoever
    that is."""

    def __init__(self, pair, threads=4, patience=30.0, node="app1", careless=False):
        self.pair = pair
        self.path = tempfile.mkstemp(dir=pair.folder)[1]
        program = os.path.join(os.path.dirname(__file__), "database_writers.py")
        argv = ["/usr/bin/python3", "-P", program, *(["--careless"] if careless else []), str(threads), str(patience),
                self.path, pair.tls_ca, PASSWORD, pair.db1.address, pair.db2.address]
        self.process = pair.lab[node].spawn(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def acknowledged(self):
        """So far; a line may be half written."""
        with open(self.path, encoding="ascii") as file:
            return [line.split()[0] for line in file if line.endswith("\n")]

    def written(self):
        """(server id, when it was sent, when it was acknowledged) of each row that one INSERT made, by one clock."""
        with open(self.path, encoding="ascii") as file:
            rows = [line.split() for line in file if line.endswith("\n")]
        return [(int(row[2]), float(row[3]), float(row[4])) for row in rows if row[1] == "written"]

    def wait_for(self, count, seconds=30.0):
        """Until so many more are acknowledged."""
        target = len(self.acknowledged()) + count
        wait_until(lambda: len(self.acknowledged()) >= target, seconds, f"{count} more writes acknowledged")

    def stop(self):
        """{acknowledged: ids, failed: number, longest: seconds, gaps: …}"""
        if self.process.poll() is None:
            self.process.stdin.close()
        out = self.process.stdout.read()
        self.process.wait(timeout=60)
        return json.loads(out)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            stream.close()
