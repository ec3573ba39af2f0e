#!/usr/bin/python3
"""dbctl with a real pair of MariaDB servers under writes: what was acknowledged is never lost.

usage: database_pair_test.py [--faults N] …   the faults of one after the other, N times in all (default 3)
"""
import fcntl
import os
import random
import signal
import sys
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.database_pair import DatabasePair, Writers, wait_until  # noqa: E402
from support.pair_case import InSync, lost  # noqa: E402

FAULTS = 3
KILLS = 3
SEED = int(os.environ.get("MAINSTAY_SEED", random.randrange(10**6)))


class Moves(InSync):
    def test_a_dry_run_says_everything_and_changes_nothing(self):
        before = self.pair.status()
        told = self.pair.dbctl("switchover", "--dry-run")
        self.assertEqual({v["word"] for v in told["verdicts"]}, {"holds"})
        self.assertIn("SET GLOBAL read_only = ON", "\n".join(s["text"] for s in told["steps"]))
        self.assertNotIn("only-for-this-test", str(told))
        # The way back as well, and how far there is one.
        self.assertIn("SET GLOBAL read_only = OFF", [s["text"].partition(": ")[2] for s in told["undo"]])
        self.assertTrue(told["steps"][told["reversible"]]["text"].partition(": ")[2].startswith("INSERT INTO mainstay.cluster_epoch"))
        after = self.pair.status()
        self.assertEqual([n["epoch"] for n in after["nodes"]], [n["epoch"] for n in before["nodes"]])
        self.assertEqual(after["writer"], before["writer"])

    def test_rows_that_differ_are_told(self):
        primary = self.pair.primary()
        replica = self.pair.other(primary)
        primary.sql("INSERT INTO bookd.ledger VALUES ('of-both', 0)")
        wait_until(lambda: "of-both" in replica.identifiers(), 20, "the row on both")
        for change in ("UPDATE bookd.ledger SET writer = 1 WHERE id = 'of-both'", "DELETE FROM bookd.ledger WHERE id = 'of-both'"):
            replica.sql(f"SET sql_log_bin = 0; {change}")
            told = self.pair.dbctl("verify", expect=7)
            self.assertEqual([table["name"] for table in told["tables"] if not table["equal"]], ["`bookd`.`ledger`"])
        replica.sql("SET sql_log_bin = 0; INSERT INTO bookd.ledger VALUES ('of-both', 0)")
        self.assert_in_sync()

    def test_a_switchover_under_load_fails_nothing(self):
        with Writers(self.pair) as writers:
            for _ in range(2):
                writers.wait_for(200)
                self.pair.insist("switchover")
            writers.wait_for(200)
            told = writers.stop()
            self.assertEqual(told["failed"], 0, told)
            print(f"two switchovers: {told['acknowledged']} acknowledged, longest wait {told['longest']:.2f} s", flush=True)
            for server in (self.pair.db1, self.pair.db2):
                wait_until(lambda s=server: not lost(writers.acknowledged(), s), 20, "all rows on " + server.name)
        self.assert_in_sync()

    def test_a_switchover_that_cannot_be_ended_is_taken_back(self):
        primary = self.pair.primary()
        replica = self.pair.other(primary)
        # The old primary may not log in at the new one: replication cannot be turned around.
        replica.sql("SET sql_log_bin = 0; ALTER USER replication@'%' ACCOUNT LOCK")
        with Writers(self.pair) as writers:
            writers.wait_for(20)
            told = self.pair.dbctl("switchover", expect=1)
            self.assertIn("taken back", told["outcome"])
            writers.wait_for(20)
            self.assertEqual(writers.stop()["failed"], 0)
        replica.sql("SET sql_log_bin = 0; ALTER USER replication@'%' ACCOUNT UNLOCK")
        self.assertEqual(self.pair.primary(), primary)
        wait_until(lambda: self.pair.status()["state"] == "well", 20, "in sync again")

    def test_a_switchover_whose_dbctl_is_killed_is_ended_by_failover(self):
        random.seed(SEED)
        with Writers(self.pair) as writers:
            for _ in range(KILLS):
                writers.wait_for(30)
                moving = self.pair.start_dbctl("switchover")
                time.sleep(random.uniform(0, 0.25))  # the fault's moment, not a wait
                moving.kill()
                moving.communicate()
                self.pair.bring_back()
            writers.wait_for(30)
            self.assertEqual(writers.stop()["failed"], 0)
            for server in (self.pair.db1, self.pair.db2):
                wait_until(lambda s=server: not lost(writers.acknowledged(), s), 20, f"all rows, seed {SEED}")
        self.assert_in_sync()

    def test_two_that_change_the_pair_at_once_are_one_too_many(self):
        with open(self.pair.record + ".lock", "a", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assertIn("another dbctl", self.pair.run_dbctl("switchover").stderr)
        self.pair.insist("switchover")

    def test_without_a_replica_writes_wait_until_a_person_decides(self):
        primary = self.pair.primary()
        replica = self.pair.other(primary)
        with Writers(self.pair, threads=2) as writers:
            writers.wait_for(20)
            replica.kill()
            # Both have waited for the time of a statement and asked again: whoever was to be answered has been.
            wait_until(lambda: primary.sql("SHOW PROCESSLIST").count("INSERT INTO ledger") >= 4, 60, "both writers wait")
            count = len(writers.acknowledged())
            self.assertEqual(self.pair.status()["state"], "degraded")
            done = self.pair.run_dbctl("verify")
            self.assertEqual(done.returncode, 4, done.stdout)
            self.assertIn(f"{replica.name} does not answer", done.stderr)
            self.assertEqual(len(writers.acknowledged()), count)
            self.pair.dbctl("degrade")
            writers.wait_for(20)
            told = self.pair.dbctl("failover", "--to", replica.name, expect=4)
            self.assertEqual(self.rule(told, "reachable")["word"], "forbids")
            replica.start()
            told = self.pair.dbctl("failover", "--to", replica.name, "--kill", expect=4)
            self.assertIn("went on alone", self.rule(told, "known-in-sync")["because"])
            self.assertIn("--accept-loss-after", self.rule(told, "known-in-sync")["because"])
            self.pair.dbctl("rejoin")
            writers.wait_for(20)
            self.assertEqual(writers.stop()["failed"], 0)
        self.assert_in_sync()

    def test_two_nodes_that_can_be_written_to_are_told_and_not_touched(self):
        replica = self.pair.other(self.pair.primary())
        replica.sql("SET GLOBAL read_only = OFF")
        self.addCleanup(replica.sql, "SET GLOBAL read_only = ON")
        self.assertEqual(self.pair.run_dbctl("status").returncode, 6)
        told = self.pair.dbctl("switchover", expect=6)
        self.assertEqual(told["steps"], [])
        # Writers, as bookd, write to the one of the last epoch alone.
        with Writers(self.pair) as writers:
            writers.wait_for(50)
            writers.stop()
        self.assertEqual(replica.sql(f"SELECT @@gtid_binlog_state LIKE '%0-{replica.sql('SELECT @@server_id')}-%'"),
                         self.pair.other(replica).sql(
                             f"SELECT @@gtid_binlog_state LIKE '%0-{replica.sql('SELECT @@server_id')}-%'"))

    def test_foreign_certificates_and_nodes_without_a_command_are_refused(self):
        self.addCleanup(setattr, self.pair, "tls_ca", self.pair.tls_ca)
        self.addCleanup(self.pair.configure)
        right = self.pair.tls_ca
        self.pair.tls_ca = right.replace("ca.pem", "db1.pem")
        self.pair.configure()
        self.assertEqual(self.pair.run_dbctl("status").returncode, 3)
        self.pair.tls_ca = right
        self.pair.configure(commands=False)
        told = self.pair.dbctl("rejoin", "--reprovision", expect=4)
        self.assertEqual(self.rule(told, "commands")["word"], "forbids")


class Seeding(unittest.TestCase):
    def test_an_empty_server_becomes_the_replica_of_a_live_primary(self):
        with DatabasePair() as pair:
            pair.db1.sql("SET GLOBAL read_only = OFF; CREATE TABLE bookd.ledger (id VARCHAR(40) PRIMARY KEY, writer INTEGER)")
            pair.db1.sql("INSERT INTO bookd.ledger VALUES ('before', 0)")
            pair.dbctl("bootstrap")
            self.assertIn("before", pair.db2.identifiers())
            self.assertTrue(pair.dbctl("verify")["equal"])
            pair.dbctl("bootstrap", expect=4)


class Faults(InSync):
    """The primary dies in one way after the other while rows are written; `dbctl failover`, `dbctl rejoin`."""

    DISK_MIB = 400  # of each node: its data, and what makes it full

    def kill(self, primary, _replica):
        primary.kill()

    def cut_and_kill(self, primary, replica):
        primary.cut_from(replica)
        time.sleep(self.random.uniform(0, 0.3))
        primary.kill()
        primary.mend_to(replica)

    def cut_from_all(self, primary, _replica):
        primary.node.isolate()
        primary.set_within_reach(False)

        def mend():
            primary.node.restore()
            primary.set_within_reach(True)
            primary.kill()  # as docs/database.md has it for the lower one of two that can be written to
        self.mend = mend

    def freeze(self, primary, _replica):
        primary.signal(signal.SIGSTOP)

    def double_restart(self, primary, replica):
        """The replica has received and not applied, both crash, the replica comes up first."""
        replica.sql("STOP SLAVE SQL_THREAD")
        time.sleep(self.random.uniform(0, 0.3))
        primary.kill()
        replica.kill()
        replica.start()

    def disk_full(self, primary, _replica):
        primary.disk.fill()
        wait_until(lambda: "Waiting for someone to free space" in primary.sql("SHOW PROCESSLIST"), 30, "a write waits for room")
        self.mend = primary.disk.free

    WAYS = ("kill", "cut_and_kill", "freeze", "cut_from_all", "double_restart", "disk_full")
    FAILOVER = {"disk_full": ("--kill",)}  # the primary answers

    def one_fault(self, way):
        self.mend = lambda: None
        primary = self.pair.primary()
        replica = self.pair.other(primary)
        with Writers(self.pair, threads=3) as writers:
            writers.wait_for(self.random.randrange(10, 150))
            getattr(self, way)(primary, replica)
            begun = time.monotonic()
            self.pair.insist("failover", *self.FAILOVER.get(way, ()))
            took = time.monotonic() - begun
            acknowledged = writers.acknowledged()
            missing = lost(acknowledged, replica)
            writers.wait_for(10)
            self.mend()
            if primary.pid() is None:
                primary.start()
            self.pair.insist("rejoin")
            told = writers.stop()
            self.assertEqual(missing, set(), f"{way}, seed {SEED}")
            self.assertEqual(told["failed"], 0, told)
            wait_until(lambda: not lost(writers.acknowledged(), primary), 60, "all rows on the node that came back")
            self.assertEqual(lost(writers.acknowledged(), replica), set())
            total = len(writers.acknowledged())
        self.assert_in_sync()
        return total, took, told["longest"]

    def test_nothing_acknowledged_is_lost(self):
        self.random = random.Random(SEED)
        print(f"seed {SEED}", flush=True)
        rows, waits = 0, {}
        ways = self.random.sample(self.WAYS, len(self.WAYS))
        for number in range(FAULTS):
            way = ways[number % len(ways)]
            total, took, longest = self.one_fault(way)
            rows += total
            waits.setdefault(way, []).append(longest)
            print(f"{number + 1}: {way}: {total} acknowledged, failover {took:.2f} s, longest wait {longest:.2f} s",
                  flush=True)
        print(f"{FAULTS} faults, {rows} acknowledged, 0 lost; longest waits "
              + ", ".join(f"{way} {max(found):.2f} s" for way, found in waits.items()), flush=True)


if __name__ == "__main__":
    if "--faults" in sys.argv:
        at = sys.argv.index("--faults")
        FAULTS = int(sys.argv[at + 1])
        del sys.argv[at:at + 2]
    unittest.main()
