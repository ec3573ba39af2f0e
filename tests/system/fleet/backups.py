"""A backup of the replica reaches the vault, which finds it good and says so; and its key opens nothing else there."""
import json
import unittest

from raised import fleet, note

from lab.waiting import wait_until
from watching import values

SCRIPT = "/usr/lib/mainstay/backup_script.sh"
PLACE = "/var/backups/mainstay"
VAULT = "10.0.0.22"
SSH = "ssh -F /etc/mainstay/backup-ssh -o BatchMode=yes -o ConnectTimeout=10"
TOLD_SECONDS = 60
BY_USER = {"db2": "mysql", "app2": "mainstay-backup"}
RAN = {("db2", "full"), ("db2", "copy"), ("app2", "verify"), ("app2", "archive")}


def run(node: str, *argv: str):
    """As who the backups there are of."""
    return fleet()[node].run(["env", "--chdir=/", "runuser", "-u", BY_USER[node], "--", *argv])


def listed(node: str) -> dict[str, dict]:
    return {one["name"]: one for one in json.loads(run(node, SCRIPT, "list", "--json").stdout)}


class Backups(unittest.TestCase):
    def test_1_the_replica_s_reaches_the_vault_and_is_good(self):
        fleet()["db2"].said("systemctl", "start", "mainstay-backup-full")
        (name, taken), = listed("db2").items()
        self.assertEqual("unverified", taken["verdict"])
        self.assertEqual({name}, set(listed("app2")))
        fleet()["app2"].said("systemctl", "start", "mainstay-backup-verify")
        good = listed("app2")
        self.assertEqual({name: taken | {"verdict": "good"}}, good)
        done = run("db2", SCRIPT, "copy")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual(good, listed("db2"))
        note(f"a full backup of {taken['rows']} rows went from db2 to the vault, which restored it: good, and db2 knows it")

    def test_2_the_primary_lets_it_pass(self):
        fleet()["db1"].said("systemctl", "start", "mainstay-backup-full")
        self.assertIn("this server is no replica", fleet()["db1"].said("journalctl", "--unit", "mainstay-backup-full", "--output", "cat"))
        self.assertEqual("", fleet()["db1"].said("find", PLACE, "-mindepth", "1", "-name", "*full*"))

    def test_3_the_key_of_the_database_nodes_opens_nothing_else(self):
        name, = listed("app2")
        manifest = f"{PLACE}/{name}/manifest.json"
        before = fleet()["app2"].said("sha256sum", manifest)
        for words in (f"{SSH} {VAULT} id", f"{SSH} {VAULT}",
                      f"rsync -e '{SSH}' --archive --fsync /etc/hostname {VAULT}:{manifest}",
                      f"rsync -e '{SSH}' --archive --fsync --delete --ignore-existing /etc/mysql/ {VAULT}:{PLACE}/{name}/",
                      f"rsync -e '{SSH}' --archive --fsync --ignore-existing /etc/hostname {VAULT}:/var/tmp/",
                      f"rsync -e '{SSH}' --archive --fsync {VAULT}:/etc/mainstay/backup-identity /var/tmp/"):
            with self.subTest(words=words):
                done = run("db2", "sh", "-c", words)
                self.assertNotEqual(0, done.returncode)
                self.assertIn("this key delivers backups and does nothing else", done.stderr)
        self.assertEqual(before, fleet()["app2"].said("sha256sum", manifest))
        note("the database nodes' key delivers backups to the vault and can do nothing else there")

    def test_4_whoever_watches_knows(self):
        wait_until(lambda: RAN <= self.ended_well(), TOLD_SECONDS, f"{RAN} ended well, Prometheus says", poll=0.5)
        self.assertEqual([], values("mainstay_backup_exit_code != 0"))
        self.assertLess(float(values("time() - min(mainstay_backup_archive_complete_timestamp_seconds)")[0]["value"][1]), 60)
        wait_until(lambda: not values('ALERTS{alertname=~"BackupMissing|BackupFailed"}'), TOLD_SECONDS, "no alert is about backups", poll=0.5)
        note("Prometheus knows of the backup, of its verdict and of the archive of binary logs; no alert is about backups")

    @staticmethod
    def ended_well() -> set[tuple[str, str]]:
        good = values('mainstay_backup_last_good_timestamp_seconds{kind="full",instance="app2"}')
        return {(one["metric"]["instance"], one["metric"]["command"]) for one in values("mainstay_backup_exit_code == 0") if good}
