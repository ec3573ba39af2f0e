"""bookd on a pair of databases with TLS, a balancer before it, and clients that book and look up all the time."""
import http.client
import itertools
import os
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "scripts"))

from lab import STANDARD, Lab, Stack, daemons, mariadb  # noqa: E402
from lab.topology import INNER  # noqa: E402
from lab.waiting import Connection  # noqa: E402

from .booking_ledger import Ledger, ask  # noqa: E402

TIMEOUT = 15.0
PATH = "/api/v1/bookings"


class Client(threading.Thread):
    """One request after the other, each answered or counted as failed; what was acknowledged is kept."""

    def __init__(self, test, writes, door=None):
        super().__init__(daemon=True)
        self.test, self.number, self.writes = test, next(test.numbers), writes
        self.door = door or (test.lab["app1"].namespace, test.address, daemons.BOOKD_PORT)
        self.over = threading.Event()
        self.acknowledged, self.failed, self.ends = [], [], []
        self.longest, self.count = 0.0, 0

    def run(self):
        connection = Connection(*self.door, TIMEOUT)
        while not self.over.is_set():
            self.count += 1
            begun = time.monotonic()
            try:
                self.book(connection) if self.writes else self.look_up(connection)
            except (OSError, http.client.HTTPException, ValueError) as error:
                self.failed.append(repr(error))
                connection.close()
            now = time.monotonic()
            self.longest = max(self.longest, now - begun)
            self.ends.append(now)
        connection.close()

    def book(self, connection):
        """No two requests of a test are alike: each has a key, a name and a wish of its own."""
        key = f"client-{self.number}-{self.count:08d}"
        day = self.test.days[self.count % len(self.test.days)]
        wish = {"date": day["date"], **({"time": day["times"][self.count % len(day["times"])]} if self.count % 2 else
                                        {"window": "morning" if day["morning"] else "afternoon"})}
        body = {"service": ("leak", "clog", "freeze")[self.count % 3], "description": f"물이 샙니다 {key}", "address": f"서울시 {key}",
                "name": f"손님 {key}", "phone": f"010-{7000 + self.number}-{self.count % 10000:04d}", "preferred": [wish]}
        self.test.ledger.asked[key] = body
        told = ask(connection, "POST", PATH, body, {"Idempotency-Key": key})
        self.test.ledger.acknowledge(key, told["number"])
        self.acknowledged.append((told["number"], body["phone"]))

    def look_up(self, connection):
        number, phone = self.test.known
        ask(connection, "POST", f"{PATH}/lookup", {"number": number, "phone": phone})
        time.sleep(0.005)  # a client, not a flood

    def gap(self):
        return max((b - a for a, b in zip(self.ends, self.ends[1:])), default=0.0)


class OnAPair(unittest.TestCase):
    """lb1, app1, db1 and db2; `known` is a booking that can be looked up, `ledger` has all that was asked for."""

    @classmethod
    def setUpClass(cls):
        cls.ledger, cls.numbers = Ledger(), itertools.count(1)
        cls.lab = Lab(STANDARD.only("lb1", "app1", "db1", "db2"))
        cls.addClassCleanup(cls.lab.down)
        cls.stack = Stack(cls.lab)
        cls.stack.start_databases()
        app = cls.lab["app1"]
        cls.address = app.address(INNER)
        app.start(daemons.bookd(app, [cls.lab["db1"], cls.lab["db2"]], [cls.lab["lb1"]]))
        cls.lab["lb1"].start(cls.balancer())
        connection = Connection(app.namespace, cls.address, daemons.BOOKD_PORT, TIMEOUT)
        cls.days = ask(connection, "GET", "/api/v1/windows", None)["days"]
        first = Client(cls, True)
        first.book(connection)
        connection.close()
        cls.known = first.acknowledged[0]

    @classmethod
    def balancer(cls):
        """lbd as the lab has it, with time for a slow machine: what it takes out shall be what said no. When nobody is fit, all
        serve: docs/database.md."""
        service = daemons.lbd(cls.lab["lb1"], [cls.lab["app1"]])
        with open(service.argv[-1], "r+", encoding="utf-8") as file:
            text = file.read().replace("timeout: 200ms", "timeout: 5s").replace("first_byte: 1s", "first_byte: 15s")
            text = text.replace("    check:\n", "    balance: {panic: 50%}\n    check:\n")
            file.seek(0)
            file.truncate()
            file.write(text)
        return service

    def status(self):
        connection = Connection(self.lab["app1"].namespace, self.address, daemons.BOOKD_PORT, TIMEOUT)
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        out = answer.status, answer.read().decode()
        connection.close()
        return out

    def writer(self):
        return next(name for name in ("db1", "db2") if mariadb.query(self.lab[name], "SELECT @@read_only") == "0")
