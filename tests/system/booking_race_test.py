#!/usr/bin/python3
"""Fifty at once want one hour of one technician, through the virtual address, while the database moves: one gets it.

Two load balancers, two bookd, a pair of MariaDB. Each of the fifty asks again under its key until it has an answer, as
lbd, a browser or a person would; then every row that could tell of a second winner is counted, on both nodes."""
import http.client
import json
import os
import signal
import sys
import threading
import time
import unittest
import uuid

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts"))

from lab import STANDARD, VIP, Lab, Stack, daemons, mariadb, wait_until  # noqa: E402
from lab.waiting import Connection  # noqa: E402
from support.booking_stack import BOOKINGS, LOGIN, MANY, SOON, at_once, booking  # noqa: E402

PATIENCE = 120  # seconds until each has its answer, on a machine that does ten other things
TIMEOUT = 30  # seconds of one request
PAUSE = 0.1  # seconds between two tries of one client
TRY_AGAIN = {409: {"request_running"}, 502: None, 503: None, 504: None}  # by status: these codes; None: all


class Race(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(STANDARD)
        cls.addClassCleanup(cls.lab.down)
        cls.stack = Stack(cls.lab)
        cls.stack.start_databases()
        cls.stack.start_apps()
        cls.patient_balancers()
        said, answer = cls.insist("POST", LOGIN, {"username": daemons.OWNER, "password": daemons.OWNER_PASSWORD}, {})
        assert answer.status == 200, said
        cls.session = {"Cookie": answer.headers["Set-Cookie"].split(";")[0], "X-CSRF-Token": said["csrf_token"]}

    @classmethod
    def patient_balancers(cls):
        """lbd as the lab has it, with time for writes that are held while the database moves."""
        original = daemons.LBD
        daemons.LBD = original.replace("timeout: 200ms", "timeout: 5s").replace("first_byte: 1s", "first_byte: 15s")
        try:
            cls.stack.start_load_balancers()
        finally:
            daemons.LBD = original

    @classmethod
    def ask(cls, method, path, body, headers, sent=None):
        """One request through the virtual address; `sent()` is called once it is on its way."""
        connection = Connection(cls.lab["client"].namespace, VIP, daemons.HTTP_PORT, TIMEOUT)
        try:
            connection.request(method, path, json.dumps(body), {"Content-Type": "application/json", **headers})
            if sent:
                sent()
            answer = connection.getresponse()
            return json.loads(answer.read() or b"{}"), answer
        finally:
            connection.close()

    @classmethod
    def insist(cls, method, path, body, headers, sent=None):
        """The first answer that is one, under one key."""
        headers = {"Idempotency-Key": str(uuid.uuid4()), **headers}
        deadline, last = time.monotonic() + PATIENCE, None
        while time.monotonic() < deadline:
            try:
                said, answer = cls.ask(method, path, body, headers, sent)
                codes = TRY_AGAIN.get(answer.status, set())
                if codes is not None and said.get("code") not in codes:
                    return said, answer
                last = said
            except (OSError, http.client.HTTPException, ValueError) as error:
                last = repr(error)
            time.sleep(PAUSE)  # a client, not a flood
        raise AssertionError(f"{method} {path}: no answer in {PATIENCE} s, last {last}")

    def writer(self):
        return next(name for name in ("db1", "db2") if mariadb.query(self.lab[name], "SELECT @@read_only") == "0")

    def race(self, technician, moves):
        """Fifty requests for one time of `technician`; `moves(asked, answered)` is done by another thread meanwhile."""
        def make(index):
            said, answer = self.insist("POST", BOOKINGS, booking(phone=f"010-6000-{index:04d}"), {})
            self.assertEqual(answer.status, 201, said)
            return said["number"]

        numbers = at_once(MANY, make)
        visit = {"technician": technician, "start": f"{SOON}T10:00:00+09:00", "duration_minutes": 60}
        asked, answered = threading.Semaphore(0), threading.Event()

        def approve(index):
            if index == MANY:
                moves(asked, answered)
                return None
            said, answer = self.insist("POST", f"/api/v1/admin/bookings/{numbers[index]}/approve", visit,
                                       {**self.session, "If-Match": "*"}, asked.release)
            answered.set()
            return answer.status, said.get("code"), numbers[index]

        told = [answer for answer in at_once(MANY + 1, approve) if answer]
        winners = [number for status, _, number in told if status == 200]
        self.assertEqual(len(winners), 1, told)
        self.assertEqual({(status, code) for status, code, _ in told if status != 200}, {(409, "slot_taken")})
        return numbers, winners[0].replace("-", "")

    def exactly_one(self, technician, numbers, winner):
        """On both nodes: its half hours, its one approval, its message; of the others nothing."""
        all_of_them = ", ".join(f"'{number.replace('-', '')}'" for number in numbers)
        wanted = {
            f"SELECT GROUP_CONCAT(number) FROM bookd.booking WHERE technician = '{technician}'": winner,
            f"SELECT number FROM bookd.booking WHERE status = 3 AND number IN ({all_of_them})": winner,
            f"SELECT COUNT(*), COUNT(DISTINCT booking_id) FROM bookd.slot_claim WHERE technician = '{technician}'": "3\t1",
            f"SELECT COUNT(*), MAX(subject) FROM bookd.audit_log WHERE action = 'booking.approve' AND subject IN "
            f"({all_of_them})": f"1\t{winner}",
            f"SELECT COUNT(*) FROM bookd.booking_event e JOIN bookd.booking b ON b.id = e.booking_id WHERE e.move = 5 AND "
            f"b.number IN ({all_of_them})": "1",
        }
        for name in ("db1", "db2"):
            for sql, answer in wanted.items():
                wait_until(lambda: mariadb.query(self.lab[name], sql) == answer, 30,
                           f"{answer!r} of {sql} on {name}, not {mariadb.query(self.lab[name], sql)!r}")

    def bring_back(self, name):
        self.lab[name].start("mariadbd")
        self.stack.dbctl("rejoin")

    def test_1_the_primary_dies_with_all_of_them_in_its_hands(self):
        primary = self.lab[self.writer()]

        def die(asked, _):
            # Standing still it keeps them all, until it is gone with them.
            os.kill(primary.pid("mariadbd"), signal.SIGSTOP)
            for _ in range(MANY):
                asked.acquire(timeout=PATIENCE)
            primary.kill("mariadbd")
            self.stack.dbctl("failover")

        numbers, winner = self.race("kim", die)
        self.bring_back(primary.name)
        self.exactly_one("kim", numbers, winner)

    def test_2_the_primary_dies_when_the_first_has_been_told(self):
        primary = self.lab[self.writer()]

        def die(_, answered):
            answered.wait(PATIENCE)
            primary.kill("mariadbd")
            self.stack.dbctl("failover")

        numbers, winner = self.race("lee", die)
        self.bring_back(primary.name)
        self.exactly_one("lee", numbers, winner)

    def test_3_the_primary_is_moved_on_purpose_meanwhile(self):
        numbers, winner = self.race("park", lambda *_: self.stack.dbctl("switchover"))
        self.exactly_one("park", numbers, winner)
        self.assertTrue(self.stack.dbctl("verify")["equal"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
