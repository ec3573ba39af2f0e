#!/usr/bin/python3
"""A pair of MySQL servers by conf/mariadb/mysql-pair.cnf, mysql_users.sql and the statements of docs/database.md: closed when
they start, TLS alone, and nothing acknowledged is lost when the primary dies. Skipped where there is no MySQL server."""
import os
import pathlib
import re
import shutil
import ssl
import sys
import tempfile
import threading
import unittest

import pymysql

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.certificates import Authority  # noqa: E402
from support.mysql import ROOT, MySql, empty_data, needs_mysql  # noqa: E402
from support.ports import free_port  # noqa: E402
from support.wire import wait_until  # noqa: E402

PASSWORD = "only-for-this-test"
SETTINGS = ROOT / "conf/mariadb/mysql-pair.cnf"
USERS = ROOT / "conf/mariadb/mysql_users.sql"
GUIDE = (ROOT / "docs/database.md").read_text(encoding="utf-8")
SECONDS = 60
WRITERS = 3


def delivered() -> list[tuple[str, str]]:
    """Name and value of each line of mysql-pair.cnf."""
    lines = (line.split("#")[0].strip() for line in SETTINGS.read_text(encoding="utf-8").splitlines())
    return [tuple(part.strip() for part in line.split("=", 1)) for line in lines if "=" in line]


def statements(headline: str) -> list[str]:
    """Of the block of SQL below that headline in docs/database.md."""
    block = re.search(rf"\*\*{headline}.*?```sql\n(.*?)```", GUIDE, re.S).group(1)
    return [text.strip() for text in re.sub(r"--.*", "", block).split(";") if text.strip()]


class Writer(threading.Thread):
    """One row after the other until the session breaks; what was acknowledged is kept."""

    def __init__(self, pair, server, number):
        super().__init__(daemon=True)
        self.pair, self.server, self.number, self.rows = pair, server, number, []

    def run(self):
        try:
            with self.pair.session(self.server, "bookd") as session, session.cursor() as cursor:
                for i in range(10**6):
                    cursor.execute("INSERT INTO ledger VALUES (%s)", (f"{self.number}-{i}",))
                    self.rows.append(f"{self.number}-{i}")
        except (pymysql.err.MySQLError, OSError, AttributeError):
            pass


@needs_mysql
class MySqlPair(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mainstay-mysql-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.authority = Authority()
        self.addCleanup(self.authority.remove)
        self.certificate = self.authority.make("node", "127.0.0.1")
        template = empty_data(self.folder / "template")
        self.primary, self.replica = (self.server(template, number) for number in (31, 32))
        self.primary.sql("SELECT 1")

    def server(self, template, number):
        own = {"server_id": str(number), "ssl_ca": self.authority.file, "ssl_cert": self.certificate["certificate_file"],
               "ssl_key": self.certificate["key_file"]}
        options = [f"--{name.replace('_', '-')}={own.get(name, value)}" for name, value in delivered() if name != "bind_address"]
        server = MySql(self.folder / f"db{number}", free_port(), template, *options)
        self.addCleanup(server.kill)
        server.start()
        users = USERS.read_text(encoding="utf-8")
        for name in ("BOOKD", "REPLICATION"):
            users = users.replace(f"@{name}_PASSWORD@", PASSWORD)
        server.sql(users)
        return server

    def session(self, server, user, tls=True):
        context = ssl.create_default_context(cafile=self.authority.file) if tls else None
        return pymysql.connect(host="127.0.0.1", port=server.port, user=user, password=PASSWORD, database="bookd", ssl=context,
                               ssl_disabled=not tls, autocommit=True, connect_timeout=10, read_timeout=SECONDS)

    def perform(self, server, headline):
        """What each statement under that headline says."""
        places = {"'10.0.0.31'": "'127.0.0.1'", "3306": str(self.primary.port), "'…'": f"'{PASSWORD}'",
                  "/etc/mysql/tls/ca.pem": self.authority.file}
        said = []
        for text in statements(headline):
            for old, new in places.items():
                text = text.replace(old, new)
            said.append(server.sql(text))
        return said

    def make_pair(self):
        self.perform(self.replica, "The replica follows")
        self.perform(self.primary, "The primary opens")
        wait_until(lambda: self.primary.sql("SHOW STATUS LIKE 'Rpl_semi_sync_source_clients'").endswith("1"), SECONDS)
        self.assertTrue(self.primary.sql("SHOW STATUS LIKE 'Rpl_semi_sync_source_status'").endswith("ON"))
        self.primary.sql("CREATE TABLE bookd.ledger (id VARCHAR(40) NOT NULL PRIMARY KEY)")
        wait_until(lambda: self.replica.sql("SHOW TABLES FROM bookd") == "ledger", SECONDS)

    def write_until(self, dies):
        """Writers at the primary until `dies` was done; all that was acknowledged."""
        writers = [Writer(self, self.primary, number) for number in range(WRITERS)]
        for writer in writers:
            writer.start()
        wait_until(lambda: sum(len(writer.rows) for writer in writers) > 100, SECONDS)
        dies()
        for writer in writers:
            writer.join(SECONDS)
        return {row for writer in writers for row in writer.rows}

    def test_a_node_starts_closed_and_speaks_tls_alone(self):
        with self.session(self.primary, "bookd") as session, session.cursor() as cursor:
            with self.assertRaisesRegex(pymysql.err.MySQLError, "read-only"):
                cursor.execute("CREATE TABLE of_its_own (id INTEGER)")
        with self.assertRaisesRegex(RuntimeError, "super-read-only"):
            self.primary.sql("CREATE DATABASE of_its_own")
        with self.assertRaises(pymysql.err.MySQLError):
            self.session(self.primary, "bookd", tls=False)
        self.assertEqual(self.primary.sql("SELECT @@skip_replica_start, @@relay_log_recovery"), "1\t0")
        with self.subTest("a replica verifies its primary"):
            foreign = Authority("another")
            self.addCleanup(foreign.remove)
            self.perform(self.replica, "The replica follows")
            self.replica.sql(f"STOP REPLICA; CHANGE REPLICATION SOURCE TO SOURCE_SSL_CA = '{foreign.file}'; START REPLICA")
            error = "SELECT LAST_ERROR_MESSAGE FROM performance_schema.replication_connection_status"
            wait_until(lambda: "certificate" in self.replica.sql(error), SECONDS)

    def test_what_was_acknowledged_is_on_the_replica_when_the_primary_dies(self):
        self.make_pair()
        rows = self.write_until(self.primary.kill)
        self.assertIn("0", self.perform(self.replica, "The primary is dead, and the replica takes over"))
        self.assertEqual(rows - set(self.replica.sql("SELECT id FROM bookd.ledger").split()), set())
        self.replica.sql("INSERT INTO bookd.ledger VALUES ('goes on')")

    def test_what_a_restarted_replica_had_received_is_applied(self):
        self.make_pair()
        self.replica.sql("STOP REPLICA SQL_THREAD")

        def both_die():
            self.primary.kill()
            self.replica.kill()
        rows = self.write_until(both_die)
        self.replica.start()
        self.replica.sql("START REPLICA SQL_THREAD")
        self.assertIn("0", self.perform(self.replica, "The primary is dead, and the replica takes over"))
        self.assertEqual(rows - set(self.replica.sql("SELECT id FROM bookd.ledger").split()), set())


if __name__ == "__main__":
    unittest.main()
