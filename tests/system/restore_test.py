#!/usr/bin/env python3
"""The way back to a transaction, to a second, to the last thing archived; and what the archive survives."""
import os
import pathlib
import re
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from support.backup_pair import Archive, BackupPair, Restored, must, wait_until  # noqa: E402
from support.mariadb import DATABASE  # noqa: E402


class RestoreTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pair = BackupPair()
        cls.addClassCleanup(cls.pair.remove)
        cls.pair.book(500)
        cls.pair.caught_up()
        cls.pair.script("db", "full")
        cls.pair.script("vault", "verify")
        cls.live_through_a_drop()

    @classmethod
    def live_through_a_drop(cls):
        """Bookings, a log closed by the server, bookings, a restart of the archive, the mishap, and something after it."""
        pair = cls.pair
        with Archive(pair) as archive:
            pair.book(20)
            pair.replica.query("FLUSH BINARY LOGS")
            pair.primary.query("GRANT SELECT ON bookd.customer TO replication@'127.0.0.1'")
            pair.book(20)
            cls.before_restart = pair.caught_up()
            wait_until(lambda: any(cls.archived("*.json")), "the closed log is sealed")
            wait_until(lambda: archive.has("손님 540".encode()), "what was booked is archived")
        with Archive(pair) as archive:
            pair.book(20)
            cls.good_gtid = pair.caught_up()
            cls.good = pair.digests(pair.primary)
            cls.good_time = int(time.time()) + 1
            wait_until(lambda: time.time() > cls.good_time, "a second has gone by")
            pair.primary.query(f"USE {DATABASE}; DELETE FROM slot_claim; DROP TABLE preferred_window")
            pair.primary.query(f"USE {DATABASE}; INSERT INTO customer VALUES (REPEAT('Z', 16), '+829', 'too late', 1)")
            pair.caught_up()
            wait_until(lambda: archive.has(b"too late"), "the mishap is archived")
            wait_until(lambda: len(list(cls.archived("live-*"))) == 1, "the copy of the first start is gone")

    @classmethod
    def archived(cls, pattern: str):
        return pathlib.Path(cls.pair.directory, "vault/archive").glob(f"*/{pattern}")

    def restored(self, *words) -> Restored:
        directory = f"{self.pair.directory}/way-back"
        self.pair.restore(*words, "--into", directory)
        server = Restored(directory, ("--log-bin=binlog", "--gtid-strict-mode", "--server-id=33"))
        self.addCleanup(server.remove)
        return server.start()

    def events(self) -> list[list[str]]:
        return [line.split("\t") for line in self.pair.restore("--events", "--since", "1 hour ago", "--backup", self.pair.names("vault")[0]).stdout.splitlines()]

    def test_before_the_transaction_that_dropped(self):
        drop = [gtid for gtid, _, what in self.events() if what.startswith("DROP TABLE")]
        delete = [gtid for gtid, _, what in self.events() if "DELETE" in what or what == f"rows of {DATABASE}.slot_claim"]
        self.assertEqual((len(drop), len(delete)), (1, 1), self.events())
        server = self.restored("--before", delete[0])
        self.assertEqual(self.pair.digests(server), self.good)
        with self.subTest("the next transaction follows on the last one restored"):
            server.query(f"INSERT INTO {DATABASE}.customer VALUES (REPEAT('Y', 16), '+828', 'next', 1)")
            was, now = (int(gtid.rsplit("-", 1)[1]) for gtid in (self.good_gtid, server.query("SELECT @@gtid_binlog_pos")))
            self.assertEqual(now, was + 1)
        with self.subTest("accounts came along, those granted after the backup as well"):
            self.assertIn("customer", server.query("SHOW GRANTS FOR replication@'127.0.0.1'"))

    def test_to_a_second(self):
        server = self.restored("--to", time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(self.good_time)))
        self.assertEqual(self.pair.digests(server), self.good)

    def test_to_a_transaction_in_a_log_before_the_restart(self):
        server = self.restored("--to", self.before_restart)
        self.assertEqual(server.query(f"SELECT COUNT(*) FROM {DATABASE}.booking"), "540")

    def test_what_cannot_be_reached_is_told(self):
        into = ["--into", f"{self.pair.directory}/nowhere"]
        self.assertIn("not in the archive", self.pair.restore("--to", "0-31-999999", *into, status=9).stderr)
        self.assertIn("complete only until", self.pair.restore("--to", time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()), *into, status=9).stderr)
        self.assertIn("from before that", self.pair.restore("--to", "2020-01-01", *into, status=9).stderr)
        self.assertIn("still to come", self.pair.restore("--to", "tomorrow", *into, status=2).stderr)
        self.assertFalse(os.path.exists(into[1]))
        self.assertEqual([name for name in os.listdir(self.pair.directory) if name.endswith(".partial")], [])

    def test_a_database_that_breaks_the_applications_rules_is_not_called_restored(self):
        into = f"{self.pair.directory}/latest"
        self.assertIn("rules are broken", self.pair.restore("--to", "latest", "--into", into, status=8).stderr)
        self.assertFalse(os.path.exists(into))
        self.assertTrue(os.path.isdir(f"{into}.suspect/bookd"))

    def test_a_flipped_bit_in_the_archive_is_noticed(self):
        for path in [*self.archived("*.zst.age"), *self.archived("*.json"), *self.archived("*.json.sha256"), *self.archived("live-*/*")]:
            whole = path.read_bytes()
            middle = len(whole) // 2
            with self.subTest(path.name):
                path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1:])
                self.pair.restore("--to", self.good_gtid, "--into", f"{self.pair.directory}/flipped", status=8)
                path.write_bytes(whole)

    def test_a_log_that_ends_within_an_event_is_used_up_to_there(self):
        path = max(self.archived("live-*/*"), key=lambda path: path.stat().st_size)
        whole = path.read_bytes()
        path.write_bytes(whole[:-7])
        self.addCleanup(path.write_bytes, whole)
        server = self.restored("--to", self.good_gtid)
        self.assertEqual(self.pair.digests(server), self.good)


class LineageTest(unittest.TestCase):
    """The archive of a server whose numbers begin again."""

    @classmethod
    def setUpClass(cls):
        cls.pair = BackupPair()
        cls.addClassCleanup(cls.pair.remove)

    def lineages(self) -> list[str]:
        return sorted(os.listdir(f"{self.pair.directory}/vault/archive"))

    def test_logs_of_the_same_name_from_a_new_history_do_not_replace_the_old(self):
        with Archive(self.pair) as archive:
            self.pair.book(1)
            self.pair.caught_up()
            wait_until(lambda: archive.has("손님 1".encode()), "the booking is archived")
        self.assertEqual(archive.process.returncode, 143, archive.said)
        first = [name for name in self.lineages() if re.match("32-", name)]
        self.pair.replica.query("STOP SLAVE; RESET MASTER")
        self.pair.replica.query(f"SET GLOBAL gtid_slave_pos = ''; DROP DATABASE {DATABASE}; RESET MASTER; CREATE DATABASE other; "
                                "CREATE TABLE other.t (id INT PRIMARY KEY, b LONGTEXT)")
        self.pair.replica.query("INSERT INTO other.t VALUES (1, REPEAT('new history ', 100000))")
        with Archive(self.pair) as archive:
            self.assertEqual(archive.process.wait(timeout=30), 5)
        self.assertIn("begins anew", archive.said)
        time.sleep(1)  # lineages are named by the second
        with Archive(self.pair) as archive:
            wait_until(lambda: archive.has(b"new history"), "the new history is archived")
            told = pathlib.Path(self.pair.directory, "metrics/mainstay_backup_archive.prom")
            wait_until(lambda: 'command="archive"} 0' in told.read_text(encoding="ascii"), "that it ended with 5 is over")
        self.assertEqual(len([name for name in self.lineages() if re.match("32-", name)]), 2)
        kept = must(["bash", "-c", f"cat {self.pair.directory}/vault/archive/{first[0]}/live-*/*"], errors="replace")
        self.assertIn("손님 1", kept)


if __name__ == "__main__":
    unittest.main(verbosity=2)
