#!/usr/bin/env python3
"""docs/backup.md: each command of its runbook, in its order, with a pair that dbctl made and whose table was dropped."""
import os
import re
import shutil
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from support.backup_of_pair import BackupOfPair  # noqa: E402
from support.backup_pair import ROOT, Archive, must, wait_until  # noqa: E402
from support.mariadb import DATABASE  # noqa: E402

RUNBOOK = (ROOT / "docs/backup.md").read_text(encoding="utf-8").partition("## Runbook: restore to a minute ago")[2]


class RunbookTest(unittest.TestCase):
    def setUp(self):
        self.pair = BackupOfPair()
        self.addCleanup(self.pair.remove)
        self.pair.book(200)
        self.pair.caught_up()
        self.pair.script("db", "full")
        self.pair.script("vault", "verify")

    def commands(self, machine: str, data: str, moment: str, gtid: str) -> list[str]:
        """The runbook's lines, with the paths of this test; `machine` is whose settings are used."""
        places = {"/usr/lib/mainstay/backup_script.sh": f"{ROOT}/scripts/backup_script.sh --config {self.pair.conf(machine)}",
                  "/usr/lib/mainstay/restore.sh": f"{ROOT}/scripts/restore.sh --config {self.pair.conf('vault')}",
                  "/var/backups/mainstay": f"{self.pair.directory}/vault", "/var/lib/mysql": data, "mysql:": "root:",
                  "mariadb -e": f"mariadb --no-defaults --socket={self.pair.primary.socket} --user=root -N -e",
                  "ssh db2 sudo /usr/lib/mainstay/db-node": self.pair.pair.db2.command, "0-31-1234": gtid,
                  "1 minute ago": moment}
        lines = [line for block in re.findall(r"```sh\n(.*?)```", RUNBOOK, re.S) for line in block.splitlines()]
        for old, new in places.items():
            lines = [line.replace(old, new) for line in lines]
        return lines

    def perform(self, line: str) -> str:
        # The server of this test is no unit.
        if line.startswith("systemctl"):
            {"stop": self.pair.primary.stop, "start": self.pair.primary.start}[line.split()[1]]()
            return ""
        if line.startswith("dbctl"):
            return str(self.pair.pair.dbctl(*line.split()[1:]))
        return must(["bash", "-c", line])

    def test_a_dropped_table_comes_back(self):
        pair = self.pair
        with Archive(pair) as archive:
            pair.book(10)
            before, gtid = pair.digests(pair.primary), pair.caught_up()
            second = int(time.time()) + 1
            wait_until(lambda: time.time() > second, "a second has gone by")
            pair.primary.query(f"DROP TABLE {DATABASE}.preferred_window")
            pair.primary.query(f"INSERT INTO {DATABASE}.customer VALUES (REPEAT('Z', 16), '+829', 'too late', 1)")
            pair.caught_up()
            wait_until(lambda: archive.has(b"too late"), "the mishap is archived")
        pair.secret("primary.cnf", f"[client]\nsocket={pair.primary.socket}\nuser=backup\npassword=b\n")
        os.mkdir(f"{pair.directory}/primary")
        pair.settings("primary", defaults_file="primary.cnf", recipients="recipients", second_target="vault")
        said = {}
        for line in self.commands("primary", pair.primary.data, time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(second)), gtid):
            if line.startswith(f"mv {pair.primary.data}.restored"):
                shutil.move(f"{pair.directory}/vault/way-back", f"{pair.primary.data}.restored")
            said[line] = self.perform(line)
        self.assertIn("DROP TABLE", next(iter(said.values())))
        self.assertIn(gtid, "\n".join(said.values()))
        self.assertEqual(pair.digests(pair.primary), before)
        self.assertEqual(pair.digests(pair.replica), before)
        self.assertEqual(pair.pair.status()["state"], "well")
        self.assertEqual(len(pair.names("vault")), 2)
        with self.subTest("the new backup of the new history is good"):
            pair.script("vault", "verify")


if __name__ == "__main__":
    unittest.main(verbosity=2)
