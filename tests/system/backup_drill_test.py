#!/usr/bin/env python3
"""The disaster drill: restore, replay, verify. `--bookings 1000000` is the measurement of docs/backup.md, with its limit."""
import json
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from support.backup_pair import Archive, BackupPair, wait_until  # noqa: E402
from support.mariadb import DATABASE  # noqa: E402

LIMIT_SECONDS = 60.0
MEASURED = 1_000_000  # bookings
BATCH = 50_000
bookings = 2_000


class DrillTest(unittest.TestCase):
    def setUp(self):
        self.pair = BackupPair()
        self.addCleanup(self.pair.remove)
        for first in range(0, bookings, BATCH):
            self.pair.book(min(BATCH, bookings - first))
        self.pair.caught_up(600)
        self.pair.replica.query("FLUSH BINARY LOGS")
        self.pair.script("db", "full")
        self.pair.script("vault", "verify")

    def test_the_way_back_ends_where_the_primary_is(self):
        with Archive(self.pair) as archive:
            for _ in range(20):
                self.pair.book(2)
            self.pair.primary.query(f"INSERT INTO {DATABASE}.customer VALUES (REPEAT('L', 16), '+827', 'the last one', 1)")
            self.pair.caught_up()
            wait_until(lambda: archive.has(b"the last one"), "all is archived", 300)
        start = time.monotonic()
        drill = self.pair.script("vault", "drill")
        took = time.monotonic() - start
        print(f"{bookings} bookings: {took:.1f} s\n{drill.stderr}", file=sys.stderr)
        if bookings >= MEASURED:
            self.assertLess(took, LIMIT_SECONDS)
        rows = json.loads(drill.stdout)[f"{DATABASE}.booking"]["rows"]
        self.assertEqual(rows, int(self.pair.primary.query(f"SELECT COUNT(*) FROM {DATABASE}.booking")))
        with self.subTest("digests are those of the live replica"):
            self.pair.script("db", "full")
            manifest = f"{self.pair.directory}/db/{self.pair.names('db')[-1]}/manifest.json"
            with open(manifest, encoding="utf-8") as file:
                self.assertEqual(json.loads(drill.stdout), json.load(file)["tables"])
        self.assertRegex(drill.stderr, "replay of 21 transactions")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--bookings"]:
        bookings = int(sys.argv[2])
        del sys.argv[1:3]
    unittest.main(verbosity=2)
