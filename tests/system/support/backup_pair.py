"""A primary, a replica with TLS, and beside them what backups need: two machines' settings, keys, and bookings."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from .mariadb import DATABASE, MariaDb

ROOT = pathlib.Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "scripts/backup_script.sh"
RESTORE = ROOT / "scripts/restore.sh"
USERS = ROOT / "conf/mariadb/backup_users.sql"
SECONDS = 20.0
HALF_HOUR_US = 1_800_000_000
SQL_OPTIONS = ("--log-slave-updates", "--binlog-format=ROW", "--gtid-strict-mode", "--sync-binlog=1", "--relay-log=relay",
               "--log-bin=binlog", "--skip-slave-start", "--slave-net-timeout=4")


def wait_until(holds, what: str, seconds: float = SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)  # between two looks


def run(argv, **more) -> subprocess.CompletedProcess:
    return subprocess.run([str(word) for word in argv], capture_output=True, text=True, check=False, **more)


def must(argv, **more) -> str:
    done = run(argv, **more)
    if done.returncode != 0:
        raise AssertionError(f"{argv}: {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def certificates(directory: str) -> None:
    """ca.pem, node.pem and node.key for 127.0.0.1."""
    must(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
          "-subj", "/CN=Mainstay test CA", "-keyout", f"{directory}/ca.key", "-out", f"{directory}/ca.pem"])
    must(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=127.0.0.1",
          "-keyout", f"{directory}/node.key", "-out", f"{directory}/node.csr"])
    with open(f"{directory}/san", "w", encoding="ascii") as file:
        file.write("subjectAltName=IP:127.0.0.1\n")
    must(["openssl", "x509", "-req", "-in", f"{directory}/node.csr", "-CA", f"{directory}/ca.pem", "-CAkey",
          f"{directory}/ca.key", "-CAcreateserial", "-days", "2", "-extfile", f"{directory}/san", "-out",
          f"{directory}/node.pem"])


class BackupPair:
    """`db` is the machine of the replica, `vault` the one with the private key; each has a repository and settings."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="mainstay-backup-")
        self.next_booking = 1
        self._servers = []
        try:
            certificates(self.directory)
            self.primary, self.replica = self._server(31), self._server(32)
            self._follow()
            self._machines()
        except BaseException:
            self.remove()
            raise

    def remove(self) -> None:
        for server in self._servers:
            server.remove()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _server(self, number: int) -> MariaDb:
        tls = (f"--ssl-{name}={self.directory}/{file}" for name, file in (("ca", "ca.pem"), ("cert", "node.pem"), ("key", "node.key")))
        server = MariaDb((*SQL_OPTIONS, *tls, f"--server-id={number}"))
        self._servers.append(server)
        return server.start()

    def _follow(self) -> None:
        # Both have made the same accounts on their own; from here on there is one history.
        self.replica.query("RESET MASTER")
        self.primary.query("RESET MASTER; CREATE USER replication@'127.0.0.1' IDENTIFIED BY 'x'; "
                           "GRANT REPLICATION SLAVE ON *.* TO replication@'127.0.0.1'")
        self.replica.query(f"CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={self.primary.port}, "
                           "MASTER_USER='replication', MASTER_PASSWORD='x', MASTER_USE_GTID=slave_pos, "
                           "MASTER_CONNECT_RETRY=1, MASTER_HEARTBEAT_PERIOD=1; START SLAVE")
        self._accounts_and_schema()

    def _accounts_and_schema(self) -> None:
        self.primary.query(USERS.read_text(encoding="utf-8").replace("@BACKUP_PASSWORD@", "b").replace("@ARCHIVE_PASSWORD@", "a"))
        schema = (ROOT / "app/store/migrations/0001_initial.sql").read_text(encoding="utf-8")
        self.primary.query(f"USE {DATABASE}; {schema} CREATE TABLE schema_migration (version INTEGER NOT NULL PRIMARY KEY, "
                           "name VARCHAR(60) NOT NULL, checksum CHAR(64) NOT NULL, applied_us BIGINT NOT NULL); "
                           "INSERT INTO schema_migration VALUES (1, 'initial', REPEAT('0', 64), 1)")

    def _machines(self) -> None:
        for name in ("db", "vault", "scratch", "metrics"):
            os.mkdir(f"{self.directory}/{name}")
        must(["age-keygen", "-o", f"{self.directory}/identity"])
        with open(f"{self.directory}/recipients", "w", encoding="ascii") as file:
            file.write(must(["age-keygen", "-y", f"{self.directory}/identity"]))
        self.secret("backup.cnf", f"[client]\nsocket={self.replica.socket}\nuser=backup\npassword=b\n")
        self.secret("archive.cnf", self._archive_login())
        self.settings("db", defaults_file="backup.cnf", recipients="recipients", second_target="vault")
        self.settings("vault", defaults_file="archive.cnf", recipients="recipients", identity="identity",
                      scratch="scratch", metrics_directory="metrics")

    def _archive_login(self) -> str:
        return (f"[client]\nhost=127.0.0.1\nport={self.replica.port}\nuser=archive\npassword=a\n"
                f"protocol=tcp\nssl-ca={self.directory}/ca.pem\nssl-verify-server-cert\n")

    def secret(self, name: str, text: str) -> None:
        with open(os.open(f"{self.directory}/{name}", os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
            file.write(text)

    def settings(self, machine: str, numbers: dict | None = None, **files: str) -> None:
        """Writes MACHINE.conf; `files` are names within the directory of the test, or absolute."""
        lines = [f"repository = {self.directory}/{machine}", f"database = {DATABASE}", "least_free_mib = 0"]
        lines += [f"{name} = {os.path.join(self.directory, file)}" for name, file in files.items()]
        lines += [f"{name} = {value}" for name, value in (numbers or {}).items()]
        with open(f"{self.directory}/{machine}.conf", "w", encoding="ascii") as file:
            file.write("\n".join(lines) + "\n")

    def conf(self, machine: str) -> str:
        return f"{self.directory}/{machine}.conf"

    def command(self, machine: str, *words) -> list[str]:
        return [str(SCRIPT), "--config", self.conf(machine), *map(str, words)]

    def script(self, machine: str, *words, status: int = 0) -> subprocess.CompletedProcess:
        """backup_script.sh on a machine; an exit code that is not `status` is a failure."""
        done = run(self.command(machine, *words))
        if done.returncode != status:
            raise AssertionError(f"{words}: exit code {done.returncode}, not {status}\n{done.stdout}\n{done.stderr}")
        return done

    def book(self, count: int, visits: bool = True) -> None:
        """`count` bookings with customers, windows and, every third, a visit with its claims, in one transaction."""
        first, last = self.next_booking, self.next_booking + count - 1
        self.next_booking = last + 1
        numbers = f"FROM seq_{first}_to_{last}"
        statements = [
            f"INSERT INTO customer SELECT UNHEX(CONCAT('C0', LPAD(HEX(seq), 30, '0'))), CONCAT('+82', 1000000000 + seq), CONCAT('손님 ', seq), seq {numbers}",
            f"INSERT INTO booking SELECT UNHEX(CONCAT('B0', LPAD(HEX(seq), 30, '0'))), LPAD(seq, 9, '0'), UNHEX(CONCAT('C0', LPAD(HEX(seq), 30, '0'))), "
            f"1, 1 + seq % 5, CONCAT('물이 새요 ', MD5(seq)), CONCAT('서울 ', seq), '홍길동', NULL, NULL, NULL, 1, seq, seq {numbers}",
            f"INSERT INTO preferred_window SELECT UNHEX(CONCAT('B0', LPAD(HEX(seq), 30, '0'))), 0, 20000 + seq % 90, 1 + seq % 3 {numbers}"]
        if visits:
            statements += [
                f"UPDATE booking b JOIN seq_{first}_to_{last} s ON b.id = UNHEX(CONCAT('B0', LPAD(HEX(s.seq), 30, '0'))) SET b.status = 3, "
                f"b.technician = CONCAT('기사 ', s.seq), b.visit_start_us = s.seq * {HALF_HOUR_US}, b.visit_minutes = 60 WHERE s.seq % 3 = 0",
                f"INSERT INTO slot_claim SELECT CONCAT('기사 ', seq), (seq + half) * {HALF_HOUR_US}, UNHEX(CONCAT('B0', LPAD(HEX(seq), 30, '0'))) "
                f"FROM seq_{first}_to_{last}, (SELECT 0 half UNION SELECT 1) halves WHERE seq % 3 = 0"]
        self.primary.query(f"USE {DATABASE}; START TRANSACTION; " + "; ".join(statements) + "; COMMIT")

    def caught_up(self, seconds: float = SECONDS) -> str:
        """Waits for the replica; the GTID both are at."""
        gtid = self.primary.query("SELECT @@gtid_binlog_pos")
        wait_until(lambda: self.replica.query("SELECT @@gtid_binlog_pos") == gtid, "the replica has it all", seconds)
        return gtid

    def names(self, machine: str) -> list[str]:
        return sorted(name for name in os.listdir(f"{self.directory}/{machine}") if name.startswith(("full-", "logical-")))

    def restore(self, *words, status: int = 0) -> subprocess.CompletedProcess:
        """restore.sh on the machine with the private key."""
        done = run([RESTORE, "--config", self.conf("vault"), *words])
        if done.returncode != status:
            raise AssertionError(f"{words}: exit code {done.returncode}, not {status}\n{done.stdout}\n{done.stderr}")
        return done

    def digests(self, server: MariaDb) -> str:
        """CHECKSUM TABLE of all tables that hold something: another method than the scripts have."""
        tables = "customer, booking, preferred_window, slot_claim, schema_migration"
        return server.query(f"USE {DATABASE}; CHECKSUM TABLE {tables} EXTENDED")


class Archive:
    """The service that streams binary logs, while the block runs."""

    def __init__(self, pair: BackupPair):
        self.pair, self.process, self.said = pair, None, ""

    def __enter__(self) -> "Archive":
        self.process = subprocess.Popen(self.pair.command("vault", "archive"), stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        return self

    def __exit__(self, *_) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        self.said, _ = self.process.communicate(timeout=20)

    def has(self, text: bytes) -> bool:
        """Whether what was written, readable in a log in clear, has come in."""
        top = pathlib.Path(self.pair.directory, "vault/archive")
        return any(text in path.read_bytes() for path in top.glob("*/live-*/*"))


class Restored(MariaDb):
    """A server on a data directory that restore.sh made."""

    def __init__(self, directory: str, options: tuple[str, ...] = ()):
        super().__init__(options)
        shutil.rmtree(self.data)
        shutil.move(directory, self.data)
