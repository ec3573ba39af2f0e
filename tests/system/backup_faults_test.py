#!/usr/bin/env python3
"""What goes wrong with a backup is told by its class, and leaves nothing that could be taken for a whole one."""
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from support.backup_pair import BackupPair, must, run, wait_until  # noqa: E402
from support.mariadb import DATABASE  # noqa: E402


class FaultsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pair = BackupPair()
        cls.addClassCleanup(cls.pair.remove)
        cls.pair.book(300)
        # What no compression makes smaller, so that a backup takes its time and its room.
        cls.pair.primary.query("CREATE DATABASE ballast; USE ballast; SET SESSION group_concat_max_len = 16777216; "
                               "CREATE TABLE noise (id INT PRIMARY KEY, b LONGBLOB); INSERT INTO noise "
                               "SELECT a.seq, GROUP_CONCAT(RANDOM_BYTES(1000) SEPARATOR '') "
                               "FROM seq_1_to_40 a, seq_1_to_1000 b GROUP BY a.seq")
        cls.pair.caught_up()

    def setUp(self):
        self.repository = pathlib.Path(self.pair.directory, "db")

    def entries(self) -> list[str]:
        return sorted(name for name in os.listdir(self.repository) if name != ".lock")

    def started(self, machine: str, *words) -> subprocess.Popen:
        return subprocess.Popen(self.pair.command(machine, *words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                start_new_session=True)

    def writing(self) -> bool:
        return any(path.stat().st_size > 1_000_000 for path in self.repository.glob(".partial-*/data.zst.age"))

    def kill(self, process: subprocess.Popen, machine: str) -> None:
        """Kills the script alone, without a word; done when its children, which hold the lock on, have ended too."""
        process.kill()
        process.wait()
        self.wait_for_the_end(machine)

    def wait_for_the_end(self, machine: str) -> None:
        lock = pathlib.Path(self.pair.directory, machine, ".lock")
        wait_until(lambda: run(["flock", "--nonblock", lock, "true"]).returncode == 0, "all of the run has ended", 60)

    @contextlib.contextmanager
    def small_disk(self, mebibytes: int):
        """The db machine's repository on a disk of that size."""
        must(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "backups", self.repository])
        try:
            yield
        finally:
            must(["umount", self.repository])

    def processes_of_scratch(self) -> list[int]:
        found = []
        for entry in os.listdir("/proc"):
            with contextlib.suppress(OSError):
                if entry.isdigit() and f"{self.pair.directory}/scratch/".encode() in pathlib.Path("/proc", entry, "cmdline").read_bytes():
                    found.append(int(entry))
        return found

    def test_a_disk_too_small_is_told_before(self):
        with self.small_disk(8):
            self.assertIn("MiB free", self.pair.script("db", "full", status=6).stderr)
            self.assertEqual(self.entries(), [])

    def test_a_disk_that_fills_up_meanwhile_leaves_nothing(self):
        with self.small_disk(35):  # 40 MB of noise count as 20
            for kind in ("full", "logical"):
                self.assertIn("is full", self.pair.script("db", kind, status=6).stderr)
                self.assertEqual(self.entries(), [])

    @contextlib.contextmanager
    def in_place_of(self, tool: str, text: str):
        """A script of that text is found before the tool."""
        folder = pathlib.Path(self.pair.directory, "tools")
        folder.mkdir()
        (folder / tool).write_text(f"#!/bin/sh\n{text}\n", encoding="ascii")
        (folder / tool).chmod(0o755)
        before = os.environ["PATH"]
        os.environ["PATH"] = f"{folder}:{before}"
        try:
            yield
        finally:
            os.environ["PATH"] = before
            shutil.rmtree(folder)

    def test_a_tool_that_fails_is_told_wherever_it_stands_in_the_pipeline(self):
        for kind, tool, text in (("full", "mariadb-backup", "echo half; exit 3"), ("logical", "mariadb-dump", "echo half; exit 3"),
                                 ("full", "zstd", "head --bytes=1000; exit 3"), ("logical", "age", "head --bytes=1000; exit 3")):
            with self.subTest(tool=tool), self.in_place_of(tool, text):
                self.assertIn("failed; its last words", self.pair.script("db", kind, status=7).stderr)
                self.assertEqual(self.entries(), [])

    def test_a_tool_that_leaves_rows_out_and_says_that_all_is_well_is_found_out(self):
        real = shutil.which("mariadb-dump")
        with self.in_place_of("mariadb-dump", f"{real} \"$@\" | sed '/^INSERT INTO `preferred_window`/,/;$/d'"):
            self.pair.script("db", "logical")
        self.addCleanup(shutil.rmtree, self.repository / self.pair.names("db")[0])
        self.addCleanup(shutil.rmtree, pathlib.Path(self.pair.directory, "vault", self.pair.names("vault")[0]))
        said = self.pair.script("vault", "verify", status=8).stderr
        self.assertRegex(said, f"differs from the manifest: .*{DATABASE}.preferred_window")

    def test_a_run_killed_without_a_word_leaves_nothing_that_counts(self):
        process = self.started("db", "full")
        wait_until(self.writing, "the backup is being written")
        with self.subTest("nobody else may run meanwhile"):
            self.assertIn("another run", self.pair.script("db", "full", status=4).stderr)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.assertEqual([name for name in self.entries() if not name.startswith(".partial-")], [])
        self.wait_for_the_end("db")
        self.assertEqual(self.pair.script("db", "list", "--json").stdout.strip(), "[]")
        self.pair.script("db", "prune")
        self.assertEqual(self.entries(), [])

    def test_a_run_that_is_told_to_end_cleans_up_at_once(self):
        process = self.started("db", "logical")
        wait_until(lambda: list(self.repository.glob(".partial-*/data.zst.age")), "the backup is being written")
        process.terminate()
        self.assertEqual(process.wait(timeout=20), 143)
        self.assertEqual(self.entries(), [])
        self.pair.script("db", "prune")  # nothing of it holds the lock any more

    def test_a_verification_that_is_killed_gives_no_verdict_and_leaves_no_server(self):
        self.pair.script("db", "full")
        self.addCleanup(shutil.rmtree, pathlib.Path(self.pair.directory, "vault", self.pair.names("vault")[0]))
        self.addCleanup(shutil.rmtree, self.repository / self.pair.names("db")[0])
        process = self.started("vault", "verify")
        servers = []
        def restored():
            servers[:] = [pid for pid in self.processes_of_scratch() if pathlib.Path(f"/proc/{pid}/comm").read_text() == "mariadbd\n"]
            return bool(servers)
        wait_until(restored, "the scratch server runs", 60)
        self.assertNotEqual(os.readlink(f"/proc/{servers[0]}/ns/net"), os.readlink("/proc/self/ns/net"), "it shares our network")
        self.kill(process, "vault")
        wait_until(lambda: not self.processes_of_scratch(), "the scratch server is gone")
        self.assertIn('"unverified"', self.pair.script("vault", "list", "--json").stdout)
        self.pair.script("vault", "verify")
        self.assertEqual(os.listdir(f"{self.pair.directory}/scratch"), [])

    def test_what_breaks_the_applications_rules_is_bad(self):
        for table, column in (("slot_claim", "slot_start_us"), ("booking", "visit_minutes"), ("schema_migration", "applied_us")):
            before = self.pair.primary.query(f"SELECT MAX({column}) FROM {DATABASE}.{table}")
            other = 90 if column == "visit_minutes" else 0
            self.pair.primary.query(f"UPDATE {DATABASE}.{table} SET {column} = {other} WHERE {column} = {before}")
            self.addCleanup(self.pair.primary.query, f"UPDATE {DATABASE}.{table} SET {column} = {before} WHERE {column} = {other}")
        self.pair.caught_up()
        self.pair.script("db", "logical")
        self.addCleanup(shutil.rmtree, self.repository / self.pair.names("db")[0])
        self.addCleanup(shutil.rmtree, pathlib.Path(self.pair.directory, "vault", self.pair.names("vault")[0]))
        said = self.pair.script("vault", "verify", status=8).stderr
        for sentence in ("a claim lies within the visit", "claims each of its half hours", "half-applied"):
            self.assertIn(sentence, said)

    def test_a_replica_that_does_not_replicate_is_refused(self):
        self.pair.replica.query("STOP SLAVE SQL_THREAD")
        self.addCleanup(self.pair.replica.query, "START SLAVE SQL_THREAD")
        self.assertIn("applies: No", self.pair.script("db", "full", status=5).stderr)
        self.assertEqual(self.entries(), [])

    def test_a_server_that_does_not_answer_is_told(self):
        self.pair.settings("down", defaults_file="nobody.cnf", recipients="recipients")
        os.makedirs(f"{self.pair.directory}/down", exist_ok=True)
        path = pathlib.Path(self.pair.directory, "nobody.cnf")
        path.write_text("[client]\nsocket=/nonexistent\n", encoding="ascii")
        path.chmod(0o600)
        self.assertIn("does not let us in", self.pair.script("down", "full", status=5).stderr)

    def test_the_primary_lets_the_timer_pass_and_nothing_else_does(self):
        self.pair.secret("primary.cnf", f"[client]\nsocket={self.pair.primary.socket}\nuser=backup\npassword=b\n")
        self.pair.secret("silent.cnf", "[client]\nsocket=/nonexistent\n")
        for node, status in (("primary", 5), ("silent", 0)):  # that a server is silent, the backup itself tells
            os.makedirs(f"{self.pair.directory}/{node}")
            self.pair.settings(node, defaults_file=f"{node}.cnf", recipients="recipients")
            self.pair.script(node, "due", status=status)
        self.pair.script("db", "due")
        self.assertEqual(self.entries(), [])

    def test_an_unreachable_second_target_is_told_and_the_backup_stays(self):
        self.pair.settings("db", defaults_file="backup.cnf", recipients="recipients", second_target="/proc/nowhere")
        self.addCleanup(self.pair.settings, "db", defaults_file="backup.cnf", recipients="recipients", second_target="vault")
        self.assertIn("'backup_script.sh copy' tries again", self.pair.script("db", "logical", status=10).stderr)
        self.assertEqual(len(self.entries()), 1)
        shutil.rmtree(self.repository / self.entries()[0])

    def test_all_faults_of_the_settings_are_told_at_once(self):
        open_to_all = pathlib.Path(self.pair.directory, "open.cnf")
        open_to_all.write_text("[client]\n", encoding="ascii")
        open_to_all.chmod(0o644)
        conf = pathlib.Path(self.pair.directory, "faulty.conf")
        conf.write_text(f"repository = var\ndefaults_file = {open_to_all}\nrecipients = {self.pair.directory}/identity\n"
                        f"identity = {self.pair.directory}/identity\nkeep_daily = 0\ncolour = red\nnonsense\n", encoding="ascii")
        done = run([*self.pair.command("db")[:2], conf, "full"])
        self.assertEqual(done.returncode, 3)
        for number, word in ((1, "not an absolute path"), (2, "chmod 0600"), (3, "private key"), (4, "another machine"),
                             (5, "from 1 to 3650"), (6, "unknown"), (7, "name = value")):
            self.assertRegex(done.stderr, f"(?m)^{conf}:{number}: .*{word}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
