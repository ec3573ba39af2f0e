#!/usr/bin/python3
"""bookd alone: no database configured, bookings in a file of its state directory, killed again and again under load."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest

from support.bookd import Bookd, program, wait_until
from support.booking_stack import BOOKINGS, LOOKUP, PHONE, booking
from support.ports import free_port

CONFIG = """
http: {{listen: "127.0.0.1:{http}"}}
admin: {{listen: "127.0.0.1:{admin}"}}
log: {{format: json}}
"""
CLIENTS = 4
KILLS = 4
BETWEEN_KILLS = 40  # bookings


class Alone(Bookd):
    """A bookd whose configuration names no database."""

    def __init__(self):  # pylint: disable=super-init-not-called
        self.directory = tempfile.mkdtemp(prefix="mainstay-bookd-")
        self.state = os.path.join(self.directory, "state")
        self.port, self.admin_port = free_port(), free_port()
        self.config = os.path.join(self.directory, "bookd.yaml")
        self.log_path = os.path.join(self.directory, "log")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(http=self.port, admin=self.admin_port))
        self.process = None

    def start(self, ready: bool = True) -> "Alone":
        os.environ["STATE_DIRECTORY"] = self.state
        try:
            return super().start(ready)
        finally:
            del os.environ["STATE_DIRECTORY"]


class OneNode(unittest.TestCase):
    def setUp(self):
        self.bookd = Alone()
        self.addCleanup(self.bookd.remove)

    def test_it_takes_bookings_and_says_that_it_is_one_node(self):
        self.bookd.start()
        made = self.bookd.post_json(BOOKINGS, booking(), {"Idempotency-Key": "first"})
        self.assertEqual(made.status, 201, made.text)
        found = self.bookd.post_json(LOOKUP, {"number": made.json["number"], "phone": PHONE})
        self.assertEqual(found.status, 200)
        self.assertIn("one node without a replica", self.bookd.log())
        file = os.path.join(self.bookd.state, "bookd.sqlite")
        self.assertEqual(os.stat(file).st_mode & 0o777, 0o600)

    def test_what_would_be_forgotten_is_counted_and_keys_are_made_for_their_owner_alone(self):
        self.bookd.start()
        self.assertEqual(os.stat(os.path.join(self.bookd.state, "bookd-keys")).st_mode & 0o777, 0o600)
        self.assertEqual(self.bookd.post_json(BOOKINGS, booking(), {"Idempotency-Key": "kept"}).status, 201)
        told = subprocess.run([program(), "--retention-dry-run", self.bookd.config], capture_output=True, text=True,
                              timeout=20, check=True, env={**os.environ, "STATE_DIRECTORY": self.bookd.state}).stdout
        counted = json.loads(told.splitlines()[-1])
        self.assertEqual((counted["bookings"], counted["idempotency_keys"]), (0, 0))
        next_key = subprocess.run([program(), "--next-key", os.path.join(self.bookd.state, "bookd-keys")],
                                  capture_output=True, text=True, timeout=10, check=True).stdout
        self.assertRegex(next_key, r"^key 2 [0-9a-f]{64}\n$")

    def test_what_was_acknowledged_outlives_every_kill(self):
        self.bookd.start()
        acknowledged, stop = {}, threading.Event()

        def client(number: int) -> None:
            made = 0
            while not stop.is_set():
                key = f"client-{number}-{made}"
                try:
                    answer = self.bookd.post_json(BOOKINGS, booking(), {"Idempotency-Key": key})
                except (OSError, subprocess.SubprocessError):
                    continue  # the same key again, as a careful client does
                if answer.status == 201:
                    acknowledged[key] = answer.json["number"]
                    made += 1

        clients = [threading.Thread(target=client, args=(i,)) for i in range(CLIENTS)]
        for one in clients:
            one.start()
        try:
            for _ in range(KILLS):
                before = len(acknowledged)
                wait_until(lambda goal=before + BETWEEN_KILLS: len(acknowledged) >= goal, 30, "bookings between kills")
                self.bookd.process.send_signal(signal.SIGKILL)
                self.bookd.process.wait(timeout=10)
                self.bookd.start()
        finally:
            stop.set()
            for one in clients:
                one.join(timeout=30)
        self.assertEqual(len(set(acknowledged.values())), len(acknowledged))
        for key, number in acknowledged.items():
            again = self.bookd.post_json(BOOKINGS, booking(), {"Idempotency-Key": key})
            self.assertEqual((again.status, again.json["number"]), (201, number))
            self.assertEqual(again.headers["Idempotency-Replayed"], "true")
        print(f"{len(acknowledged)} acknowledged over {KILLS} kills, none lost")

    def test_without_any_configuration_it_runs_as_well(self):
        done = subprocess.run([program(), "--check"], capture_output=True, text=True, timeout=10, check=False)
        if not os.path.exists("/etc/mainstay/bookd.yaml"):
            self.assertEqual(done.returncode, 0, done.stderr)
        # A file that was named must be there: a typing error shall not begin an empty database.
        done = subprocess.run([program(), "--config", "/nowhere/bookd.yaml"], capture_output=True, text=True, timeout=10,
                              check=False)
        self.assertEqual(done.returncode, 2)

    def test_a_file_that_cannot_be_kept_is_said(self):
        shutil.rmtree(self.bookd.state, ignore_errors=True)
        with open(self.bookd.state, "w", encoding="utf-8") as file:
            file.write("no folder")
        with self.assertRaises(RuntimeError) as left:
            self.bookd.start()
        self.assertIn("bookd cannot go on", str(left.exception))


if __name__ == "__main__":
    unittest.main(verbosity=2)
