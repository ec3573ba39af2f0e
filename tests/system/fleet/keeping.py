"""What SQL cannot do to the pair is done on the nodes' machines, by dbctl's key: a primary that hangs is fenced, what its replica
had received is carried out, and a node is made anew of the other's data. The key opens nothing else."""
import json
import time
import unittest

import guest
from raised import fleet, note

from lab.waiting import wait_until

KEEPER = "app1"
ADDRESS = {"db1": "10.0.0.31", "db2": "10.0.0.32"}
SSH = ("ssh", "-F", "/etc/mainstay/db-ssh")
COMMAND_SECONDS = 120
BACK_SECONDS = 60  # systemd starts a killed server after five, and it recovers
REFUSED = 4
OF_ITS_OWN = "of_its_own"


def dbctl(*words: str):
    return fleet()[KEEPER].run(["dbctl", *words], timeout=COMMAND_SECONDS)


def sql(node: str, statement: str) -> str:
    return fleet()[node].said("mariadb", "--batch", "--skip-column-names", f"--execute={statement}").strip()


def server_pid(node: str) -> str:
    return fleet()[node].said("systemctl", "show", "--property=MainPID", "--value", "mariadb").strip()


def answers(node: str) -> bool:
    return fleet()[node].run(["mariadb", "--execute=SELECT 1"]).returncode == 0


class Keeping(unittest.TestCase):
    def setUp(self):
        status = json.loads(dbctl("status", "--json").stdout)
        self.primary, = [node["name"] for node in status["nodes"] if node["writable"]]
        self.replica, = set(ADDRESS) - {self.primary}

    def done(self, *words: str) -> str:
        told = dbctl(*words)
        self.assertEqual(0, told.returncode, told.stdout + told.stderr)
        return told.stdout

    def as_one(self, *numbers: str) -> None:
        """The pair is well, its rows are alike, and these bookings are among them."""
        self.done("status")
        self.done("verify")
        for number in numbers:
            found = guest.curl("/api/v1/bookings/lookup", *guest.JSON, "-d", json.dumps({"number": number, "phone": guest.PHONE}))
            self.assertEqual(0, found.returncode, f"{number}: {found.stdout}{found.stderr}")

    def test_1_the_key_does_what_dbctl_asks_and_nothing_else(self):
        keeper = fleet()[KEEPER]
        before = {name: server_pid(name) for name in ADDRESS}
        for words in ((), ("id",), ("start",), ("show-log",), ("fence; id",), ("fence\nid",), ("role", "$(id)"), ("replay", "--help"),
                      ("receive", "0-1-1", "x"), ("--defaults", "/tmp/own.cnf", "fence"), ("provide", "/etc/shadow")):
            with self.subTest(words=words):
                done = keeper.run([*SSH, ADDRESS["db1"], "--", *words], input="")
                self.assertEqual((1, ""), (done.returncode, done.stdout))
                self.assertIn("this key does what dbctl asks of a node and nothing else", done.stderr)
        files = keeper.run([*SSH, "-s", ADDRESS["db1"], "sftp"], input="")
        self.assertEqual((1, ""), (files.returncode, files.stdout))
        through = keeper.run([*SSH, "-W", "127.0.0.1:3306", ADDRESS["db1"]], input="")
        self.assertEqual(255, through.returncode)
        self.assertIn("forwarding failed", through.stderr)
        # As somebody else; and by somebody else, who has the key.
        self.assertIn("Permission denied", keeper.run([*SSH, "-l", fleet().fleet.settings["operator"], ADDRESS["db1"], "id"]).stderr)
        for file in ("db-key", "db-ssh", "db-known-hosts"):
            fleet()["app2"].run(["sh", "-ec", f"umask 077; cat >/etc/mainstay/{file}"], input=keeper.said("cat", f"/etc/mainstay/{file}"))
        lent = fleet()["app2"].run([*SSH, ADDRESS["db1"], "save-logs"])
        fleet()["app2"].said("rm", "/etc/mainstay/db-key", "/etc/mainstay/db-ssh", "/etc/mainstay/db-known-hosts")
        self.assertIn("Permission denied", lent.stderr)
        # What the user could do that had a shell.
        by_itself = ["runuser", "-u", "mainstay-db", "--", "sudo", "-n", "/usr/lib/mainstay/db-node", "fence"]
        self.assertNotEqual(0, fleet()["db1"].run(by_itself).returncode)
        self.assertEqual(before, {name: server_pid(name) for name in ADDRESS})
        note("dbctl's key on the database nodes: other words, files, a tunnel, another user and another machine are refused")

    def test_2_a_primary_that_hangs_is_fenced(self):
        number = guest.book()
        pid = server_pid(self.primary)
        fleet()[self.primary].said("kill", "-STOP", pid)
        began = time.monotonic()
        self.assertIn(f"mariadbd ({pid}) is killed", self.done("failover"))
        guest.book()
        took = time.monotonic() - began
        wait_until(lambda: answers(self.primary), BACK_SECONDS, f"systemd starts {self.primary}'s server again", poll=0.2)
        self.assertNotEqual(pid, server_pid(self.primary))
        self.assertEqual("1", sql(self.primary, "SELECT @@read_only"))
        self.assertEqual("0", sql(self.replica, "SELECT @@read_only"))
        # What nobody was told of, for the next case.
        sql(self.primary, f"CREATE DATABASE {OF_ITS_OWN}")
        found = guest.curl("/api/v1/bookings/lookup", *guest.JSON, "-d", json.dumps({"number": number, "phone": guest.PHONE}))
        self.assertEqual(0, found.returncode, found.stdout + found.stderr)
        note(f"a primary that hangs: fenced, replaced, and the next booking taken in {took:.1f} s; it comes back closed")

    def test_3_a_node_with_a_history_of_its_own_is_made_anew_of_the_other(self):
        told = dbctl("rejoin")
        self.assertEqual(REFUSED, told.returncode, told.stdout)
        began = time.monotonic()
        self.done("rejoin", "--reprovision")
        took = time.monotonic() - began
        self.assertEqual("", sql(self.replica, f"SHOW DATABASES LIKE '{OF_ITS_OWN}'"))
        self.assertIn("binlog.", fleet()[self.replica].said("find", "/var/lib/mainstay/saved-logs", "-type", "f"))
        self.as_one(guest.book())
        note(f"rejoin --reprovision made {self.replica} anew of {self.primary}'s data in {took:.1f} s, and kept its logs")

    def test_4_a_primary_that_is_alive_is_killed_when_it_is_said_and_nothing_received_is_lost(self):
        sql(self.replica, "STOP SLAVE SQL_THREAD")
        number = guest.book()  # the replica has it, and has not carried it out
        fleet()[self.replica].said("systemctl", "restart", "mariadb")
        pid = server_pid(self.primary)
        told = dbctl("failover")
        self.assertEqual(REFUSED, told.returncode, told.stdout)
        self.assertEqual(pid, server_pid(self.primary))
        told = self.done("failover", "--kill")
        self.assertIn(f"mariadbd ({pid}) is killed", told)
        self.assertIn("replay", told)
        wait_until(lambda: answers(self.primary), BACK_SECONDS, f"systemd starts {self.primary}'s server again", poll=0.2)
        self.done("rejoin")
        self.as_one(number, guest.book())
        note(f"failover --kill: {self.replica} carried out what stood in its relay log, and took over")
