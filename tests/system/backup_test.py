#!/usr/bin/env python3
"""Backups of a replica that goes on replicating: taken, restored, told good or bad, kept and removed."""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from support.backup_pair import BackupPair, run  # noqa: E402


def flip(path: pathlib.Path, position: int, bit: int = 0) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= 1 << bit
    path.write_bytes(content)


def seal(path: pathlib.Path) -> None:
    path.with_name(path.name + ".sha256").write_text(hashlib.sha256(path.read_bytes()).hexdigest() + "\n", encoding="ascii")


class Writer(threading.Thread):
    """One booking after the other until told to stop."""

    def __init__(self, pair: BackupPair):
        super().__init__()
        self.pair, self.over = pair, threading.Event()

    def run(self):
        while not self.over.wait(0.02):  # a guest after the other, not a flood
            self.pair.book(1)


_pair: list[BackupPair] = []


def setUpModule():
    """A full and a logical backup that were taken while bookings came in, verified: once for all."""
    pair = BackupPair()
    unittest.addModuleCleanup(pair.remove)
    pair.book(3000)
    pair.caught_up()
    writer = Writer(pair)
    writer.start()
    try:
        pair.script("db", "full")
        pair.script("db", "logical")
    finally:
        writer.over.set()
        writer.join()
    pair.script("vault", "verify")
    _pair.append(pair)


class Verified(unittest.TestCase):
    """What is done to the two backups is undone after each test, verdicts included."""

    @classmethod
    def setUpClass(cls):
        cls.pair = _pair[0]
        cls.full, cls.logical = cls.pair.names("vault")

    def keep(self, name: str) -> None:
        """The backup is put back as it was, whatever the test makes of it."""
        kept = pathlib.Path(self.pair.directory, "kept")
        shutil.copytree(self.path(name), kept)

        def put_back():
            shutil.rmtree(self.path(name))
            shutil.move(kept, self.path(name))
        self.addCleanup(put_back)

    def path(self, name: str, file: str = "", machine: str = "vault") -> pathlib.Path:
        return pathlib.Path(self.pair.directory, machine, name, file)

    def listed(self, machine: str = "vault") -> dict:
        return {row["name"]: row for row in json.loads(self.pair.script(machine, "list", "--json").stdout)}

    def tree(self, machine: str) -> dict:
        top = pathlib.Path(self.pair.directory, machine)
        return {str(path): (path.stat().st_mtime_ns, path.is_dir()) for path in top.rglob("*")}


class BackupTest(Verified):
    def test_what_is_written_during_a_backup_is_in_it_up_to_the_manifest(self):
        for name in (self.full, self.logical):
            manifest = json.loads(self.path(name, "manifest.json").read_text(encoding="utf-8"))
            verdict = json.loads(self.path(name, "verdict.json").read_text(encoding="utf-8"))
            self.assertNotEqual(manifest["copy_gtid"], manifest["gtid"], "the writer wrote nothing meanwhile")
            self.assertIn("bridge.zst.age", manifest["files"])
            self.assertGreater(manifest["tables"]["bookd.booking"]["rows"], 3000)
            self.assertEqual(verdict["verdict"], "good")

    def test_the_private_key_is_needed_to_read_it(self):
        head = self.path(self.full, "data.zst.age").read_bytes()[:21]
        self.assertEqual(head, b"age-encryption.org/v1")

    def test_a_flipped_bit_anywhere_is_noticed(self):
        for file, places in (("data.zst.age", (0.0, 0.5, 1.0)), ("bridge.zst.age", (0.7,))):
            path = self.path(self.full, file)
            for position in (int(place * (path.stat().st_size - 1)) for place in places):
                with self.subTest(file=file, position=position):
                    flip(path, position)
                    self.pair.script("vault", "verify", self.full, status=8)
                    self.assertEqual(self.listed()[self.full]["verdict"], "bad")
                    flip(path, position)
        self.pair.script("vault", "verify", self.full)
        for file in ("manifest.json", "manifest.json.sha256", "verdict.json", "verdict.json.sha256"):
            path = self.path(self.full, file)
            size = path.stat().st_size
            for position, bit in ((size // 2, 5), (size - 1, 0)):  # 5: a letter's case
                with self.subTest(file=file, position=position):
                    flip(path, position, bit)
                    self.assertEqual(self.listed()[self.full]["verdict"], "broken")
                    flip(path, position, bit)
        self.assertEqual(self.listed()[self.full]["verdict"], "good")

    def test_the_encryption_itself_notices_a_flipped_bit(self):
        copy = pathlib.Path(self.pair.directory, "copy.age")
        size = self.path(self.full, "data.zst.age").stat().st_size
        for position in (0, 60, 190, 65_000, size // 2, size - 1):
            shutil.copy(self.path(self.full, "data.zst.age"), copy)
            flip(copy, position)
            done = subprocess.run(["age", "--decrypt", "-i", f"{self.pair.directory}/identity", str(copy)], check=False,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.assertNotEqual(done.returncode, 0, position)

    def test_a_truncated_and_a_missing_file_are_noticed(self):
        self.keep(self.logical)
        path = self.path(self.logical, "data.zst.age")
        path.write_bytes(path.read_bytes()[:-1])
        self.assertIn("octets long", self.pair.script("vault", "verify", self.logical, status=8).stderr)
        path.unlink()
        self.assertIn("missing", self.pair.script("vault", "verify", self.logical, status=8).stderr)

    def test_content_other_than_the_manifest_tells_is_bad(self):
        self.keep(self.logical)
        path = self.path(self.logical, "manifest.json")
        manifest = json.loads(path.read_text(encoding="utf-8"))
        digest = manifest["tables"]["bookd.customer"]["digest"]
        manifest["tables"]["bookd.customer"]["digest"] = digest[:-1] + ("0" if digest[-1] != "0" else "1")
        path.write_text(json.dumps(manifest), encoding="utf-8")
        seal(path)
        self.assertIn("bookd.customer", self.pair.script("vault", "verify", self.logical, status=8).stderr)

    def test_verdicts_come_back_to_where_the_database_is(self):
        self.pair.script("db", "copy")
        self.assertEqual({row["verdict"] for row in self.listed("db").values()}, {"good"})

    def test_a_dry_run_changes_nothing(self):
        for machine, *words in (("db", "full"), ("db", "logical"), ("db", "copy"), ("vault", "verify", "--all"), ("vault", "prune")):
            before = self.tree(machine), self.tree("scratch")
            done = run([*self.pair.command(machine)[:3], "--dry-run", *words])
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual((self.tree(machine), self.tree("scratch")), before, words)

    def test_metrics_tell_the_newest_good_one_and_how_the_run_ended(self):
        self.pair.script("vault", "prune")
        directory = pathlib.Path(self.pair.directory, "metrics")
        self.assertIn('mainstay_backup_exit_code{command="prune"} 0\n', (directory / "mainstay_backup_prune.prom").read_text())
        text = (directory / "mainstay_backup_repository.prom").read_text()
        self.assertRegex(text, r'mainstay_backups\{kind="full",verdict="good"\} 1\n')
        self.assertRegex(text, r'mainstay_backup_last_good_timestamp_seconds\{kind="logical"\} \d+\n')


class RetentionTest(Verified):
    """Names and verdicts decide, so the days are made of one backup under many names."""

    def setUp(self):
        self.pair.settings("shelf", {"keep_daily": 2, "keep_weekly": 2, "keep_monthly": 0})
        self.shelf = pathlib.Path(self.pair.directory, "shelf")
        self.shelf.mkdir()
        self.addCleanup(shutil.rmtree, self.shelf)

    def put(self, stamp: str, verdict: str = "good") -> str:
        name = f"full-{stamp}"
        shutil.copytree(self.path(self.full), self.shelf / name)
        path = self.shelf / name / "manifest.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "name": name}))
        seal(path)
        judged = self.shelf / name / "verdict.json"
        if verdict == "unverified":
            judged.unlink()
            return name
        text = {**json.loads(judged.read_text()), "verdict": verdict, "manifest_sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        judged.write_text(json.dumps(text))
        seal(judged)
        return name

    def left(self) -> list[str]:
        self.pair.script("shelf", "prune")
        return self.pair.names("shelf")

    def test_days_and_weeks_are_kept_and_only_good_ones_count(self):
        self.put("20260601T010000Z")
        week = self.put("20260610T010000Z")
        self.put("20260616T010000Z")
        self.put("20260616T020000Z", "bad")
        yesterday = self.put("20260616T030000Z")
        self.put("20260617T010000Z", "unverified")
        newest = self.put("20260617T020000Z")
        after = [self.put("20260618T010000Z", "unverified"), self.put("20260619T010000Z", "bad")]
        self.assertEqual(self.left(), [week, yesterday, newest, *after])

    def test_the_last_good_one_stays_however_old_it_is(self):
        last = self.put("20200101T000000Z")
        bad = self.put("20260101T000000Z", "bad")
        self.assertEqual(self.left(), [last, bad])

    def test_nothing_goes_while_nothing_is_known_to_be_good(self):
        names = [self.put("20200101T000000Z", "bad"), self.put("20200102T000000Z", "unverified")]
        self.assertEqual(self.left(), names)

    def test_a_removal_that_was_killed_is_finished(self):
        (self.shelf / ".partial-removed-full-20200101T000000Z").mkdir()
        good = self.put("20200102T000000Z")
        self.assertEqual(self.left(), [good])
        self.assertFalse((self.shelf / ".partial-removed-full-20200101T000000Z").exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
