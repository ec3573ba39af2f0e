#!/usr/bin/python3
"""What existing managers of pairs fall into, done to dbctl and a real pair under writes: the table of docs/database.md."""
import glob
import os
import re
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.database_pair import PASSWORD, Writers, wait_until  # noqa: E402
from support.pair_case import InSync, lost  # noqa: E402

FEWEST_CONNECTIONS = 10  # that the server lets itself be given
LONGEST_FLUSH_INTERVAL = 2700  # s; the same


class Traps(InSync):
    def assert_failover_to(self, node, writers):
        """It becomes the primary, with all that was acknowledged."""
        self.pair.dbctl("failover")
        self.assertEqual(self.pair.primary(), node)
        self.assertEqual(lost(writers.acknowledged(), node), set())

    def test_a_restarted_replica_with_unapplied_relay_log_loses_nothing(self):
        primary = self.pair.primary()
        replica = self.pair.other(primary)
        with Writers(self.pair) as writers:
            writers.wait_for(50)
            replica.sql("STOP SLAVE SQL_THREAD")
            for _ in range(8):  # files, most of which end within a transaction that goes on in the next one
                writers.wait_for(25)
                replica.sql("FLUSH RELAY LOGS")
            primary.kill()
            replica.kill()
            replica.start()
            told = self.pair.dbctl("failover")
            self.assertTrue(any("replay" in step["text"] for step in told["steps"]))
            self.assertEqual(lost(writers.acknowledged(), replica), set())
            writers.wait_for(20)
            self.assertEqual(writers.stop()["failed"], 0)
        primary.start()
        self.pair.dbctl("rejoin")
        self.assert_in_sync()

    def test_a_replica_that_crashes_keeps_what_it_applied_and_its_relay_log_no_longer_has(self):
        """Until a commit is on the disk init_rpl_role = SLAVE takes it back: no later than the relay log may it get there."""
        primary = self.pair.primary()
        replica = self.pair.other(primary)
        # What the server writes down by itself once a second is not what keeps it.
        for node in (primary, replica):
            node.sql(f"SET GLOBAL innodb_flush_log_at_timeout = {LONGEST_FLUSH_INTERVAL}")
        last = primary.sql("INSERT INTO bookd.ledger VALUES ('applied', 0); SELECT @@gtid_binlog_pos")
        self.assertEqual(replica.sql(f"SELECT MASTER_GTID_WAIT('{last}', 20)"), "0")
        received = max(glob.glob(f"{replica.data}/relay.[0-9]*"))

        def deleted():
            replica.sql("FLUSH RELAY LOGS")  # what is applied goes when the applier begins another file
            return not os.path.exists(received)
        wait_until(deleted, 20, "the relay log is deleted up to there")
        replica.kill()
        primary.kill()
        replica.start()
        self.pair.dbctl("failover")
        self.assertIn("applied", replica.identifiers())
        primary.start()
        self.assertIn("applied", primary.identifiers())
        self.pair.dbctl("rejoin")
        self.assert_in_sync()

    def test_a_replica_started_alone_has_lost_its_relay_log_and_is_not_promoted(self):
        primary = self.pair.primary()
        replica = self.pair.other(primary)
        with Writers(self.pair) as writers:
            writers.wait_for(20)
            replica.sql("STOP SLAVE SQL_THREAD")
            writers.wait_for(20)
            primary.kill()
            replica.kill()
            replica.start()
            replica.sql("START SLAVE")  # what a manager, or skip_slave_start = OFF, would do
            told = self.pair.dbctl("failover", expect=4)
            self.assertIn("deleted its relay log", self.rule(told, "known-in-sync")["because"])
            # The old primary still has them: by hand it is started as a primary, and the replica follows it again.
            with open(f"{primary.directory}/role.cnf", "w", encoding="ascii") as file:
                file.write("[mariadbd]\ninit_rpl_role = MASTER\n")
            primary.start()
            wait_until(lambda: self.pair.status()["nodes"][0 if replica.name == "db1" else 1]["replica"]["connected"], 20,
                       "the replica follows again")
            wait_until(lambda: not lost(writers.acknowledged(), replica), 20, "everything on the replica")
            told = self.pair.dbctl("failover", "--to", primary.name)
            writers.wait_for(20)
            writers.stop()
        self.pair.dbctl("restore-sync")
        self.assert_in_sync()

    def test_a_primary_that_crashed_and_is_back_is_not_opened_over_its_replica(self):
        primary = self.pair.primary()
        replica = self.pair.other(primary)
        with Writers(self.pair) as writers:
            writers.wait_for(100)
            primary.kill()
            primary.start()  # takes back what nobody is known to have acknowledged
            replica.kill()
            told = self.pair.dbctl("failover", expect=4)
            self.assertIn("may have taken back its last commits", self.rule(told, "known-in-sync")["because"])
            replica.start()
            self.assert_failover_to(replica, writers)
            writers.stop()
        self.pair.dbctl("rejoin")
        self.assert_in_sync()

    def test_a_primary_alone_keeps_over_a_crash_what_it_acknowledged(self):
        primary = self.pair.primary()
        replica = self.pair.other(primary)
        replica.kill()
        self.pair.dbctl("degrade")
        with Writers(self.pair) as writers:
            writers.wait_for(200)
            primary.kill()
            primary.start()
            self.assert_failover_to(primary, writers)
            writers.stop()
        replica.start()
        self.pair.dbctl("rejoin")
        self.assert_in_sync()

    def test_rows_of_its_own_keep_a_node_out_until_they_are_given_up(self):
        primary = self.pair.primary()
        replica = self.pair.other(primary)
        replica.sql("INSERT INTO bookd.ledger VALUES ('of-its-own', 0)")
        replica.sql("STOP SLAVE; RESET SLAVE ALL")
        told = self.pair.dbctl("rejoin", expect=4)
        self.assertIn("has not", self.rule(told, "one-history")["because"])
        told = self.pair.dbctl("rejoin", "--reprovision")
        saved = next(step["found"] for step in told["steps"] if "save-logs" in step["text"])
        self.assertTrue([name for name in os.listdir(saved) if name.startswith("binlog.0")])
        self.assertNotIn("of-its-own", replica.identifiers())
        self.assert_in_sync()
        # It is a full member again: it takes over, and the other comes back by its log.
        primary.kill()
        self.pair.dbctl("failover")
        primary.start()
        self.pair.dbctl("rejoin")
        self.assert_in_sync()

    def test_the_first_primary_is_not_opened_without_what_the_second_one_wrote(self):
        """One dies, the other takes over and dies, the first is back."""
        first = self.pair.primary()
        second = self.pair.other(first)
        with Writers(self.pair) as writers:
            writers.wait_for(30)
            first.kill()
            self.pair.dbctl("failover")
            writers.wait_for(30)
            second.kill()
            first.start()
            told = self.pair.dbctl("failover", expect=4)
            self.assertIn("--accept-loss-after", self.rule(told, "known-in-sync")["because"])
            second.start()
            self.assert_failover_to(second, writers)
            writers.stop()
        self.pair.dbctl("rejoin")
        self.assert_in_sync()

    def test_without_the_record_what_may_be_lost_is_named(self):
        primary = self.pair.primary()
        replica = self.pair.other(primary)
        primary.kill()
        os.unlink(self.pair.record)
        told = self.pair.dbctl("failover", expect=4)
        named = re.search(r"--accept-loss-after '([^']+)'", self.rule(told, "known-in-sync")["because"]).group(1)
        self.pair.dbctl("failover", "--accept-loss-after", "0-99-1", expect=4)
        self.assertEqual(self.rule(self.pair.dbctl("failover", "--accept-loss-after", named), "known-in-sync")["word"], "waived")
        self.assertEqual(self.pair.primary(), replica)
        primary.start()
        self.pair.dbctl("rejoin")
        self.assert_in_sync()

    def test_a_replica_whose_primary_has_no_log_for_it_any_more_is_made_anew(self):
        primary = self.pair.primary()
        replica = self.pair.other(primary)
        replica.kill()
        self.pair.dbctl("degrade")
        primary.sql("INSERT INTO bookd.ledger VALUES ('while-it-was-away', 0); FLUSH BINARY LOGS")
        last = primary.sql("SHOW BINARY LOGS").split()[-2]

        def purged():
            # A log that is read for the dead replica, or that its own recovery wants, stays until that is over.
            primary.sql(f"PURGE BINARY LOGS TO '{last}'")
            return primary.sql("SHOW BINARY LOGS").split()[0] == last
        wait_until(purged, 20, "the primary has only its last log")
        replica.start()
        told = self.pair.dbctl("rejoin", expect=4)
        self.assertEqual(self.rule(told, "log-reaches-back")["word"], "forbids")
        self.pair.dbctl("rejoin", "--reprovision")
        self.assertTrue("while-it-was-away" in replica.identifiers(), "the copy has what it missed")
        self.assert_in_sync()

    def test_a_primary_without_a_free_connection_is_told_and_replaced(self):
        primary = self.pair.primary()
        address = ["mariadb", "--no-defaults", f"--host={primary.address}", f"--ssl-ca={self.pair.tls_ca}", "--ssl-verify-server-cert",
                   "--user=bookd", f"--password={PASSWORD}", "--execute=SELECT SLEEP(600)"]
        primary.sql(f"SET GLOBAL max_connections = {FEWEST_CONNECTIONS}")

        def hold():
            return self.pair.lab["app1"].spawn(address, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        held = [hold() for _ in range(FEWEST_CONNECTIONS)]
        sessions = ("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID()"
                    " AND USER NOT IN ('system user', 'unauthenticated user')")

        def full():
            """Of sessions that have logged in: of two that are still about to, each may be refused for the other's sake."""
            try:
                if int(primary.sql(sessions)) >= FEWEST_CONNECTIONS:
                    return True
            except RuntimeError:  # one that is about to be refused has the place that is kept for an administrator
                return False
            held[:] = [one for one in held if one.poll() is None]
            if len(held) < FEWEST_CONNECTIONS:
                held.append(hold())
            return False
        try:
            wait_until(full, 60, "the primary has no connection left")
            told = self.pair.status()
            self.assertIn("Too many connections", str(told))
            self.assertNotEqual(told["state"], "well")
            self.pair.dbctl("failover")
        finally:
            for one in held:
                one.kill()
                one.wait()
        self.assertNotEqual(self.pair.primary(), primary)
        primary.start()
        self.pair.dbctl("rejoin")
        self.assert_in_sync()

    def test_a_rejoin_over_a_link_that_is_cut_gives_up(self):
        primary = self.pair.primary()
        replica = self.pair.other(primary)
        with Writers(self.pair) as writers:
            writers.wait_for(30)
            primary.cut_from(replica)
            wait_until(lambda: "Waiting for semi-sync ACK" in primary.sql("SHOW PROCESSLIST"), 30, "commits wait for the replica")
            self.assertRegex(str(self.pair.dbctl("rejoin", expect=1)["steps"]), "does not reach its source|it stays at")
            primary.mend_to(replica)
            self.pair.insist("rejoin")
            writers.wait_for(20)
            self.assertEqual(writers.stop()["failed"], 0)
        self.assert_in_sync()

    def test_a_primary_that_is_ended_by_a_fence_has_nothing_of_its_own(self):
        """Cut off from its replica it has commits that wait. SIGTERM would make them good, and it could not come back."""
        primary = self.pair.primary()
        replica = self.pair.other(primary)
        with Writers(self.pair) as writers:
            writers.wait_for(30)
            primary.cut_from(replica)
            wait_until(lambda: "Waiting for semi-sync ACK" in primary.sql("SHOW PROCESSLIST"), 30, "commits wait for the replica")
            self.pair.dbctl("failover", "--kill")
            primary.mend_to(replica)
            primary.start()
            self.pair.dbctl("rejoin")
            writers.wait_for(20)
            self.assertEqual(writers.stop()["failed"], 0)
        self.assert_in_sync()


if __name__ == "__main__":
    unittest.main()
