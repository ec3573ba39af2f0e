#!/usr/bin/python3
"""What bookd reads from a replica while nobody is written to has all that it acknowledged; and how soon it knows of a change."""
import json
import os
import statistics
import sys
import time
import unittest

import pymysql

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.booking_pair import PATH, TIMEOUT, Client, OnAPair  # noqa: E402

from lab import daemons, mariadb, wait_until  # noqa: E402
from lab.waiting import Connection  # noqa: E402

CHANGES = 10
SECONDS = 30


class Replica(OnAPair):
    def connection(self):
        connection = Connection(self.lab["app1"].namespace, self.address, daemons.BOOKD_PORT, TIMEOUT)
        self.addCleanup(connection.close)
        return connection

    def look_up(self, connection, number, phone):
        connection.request("POST", f"{PATH}/lookup", json.dumps({"number": number, "phone": phone}), {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
        return response.status

    def test_a_replica_that_has_not_applied_what_was_acknowledged_is_not_read(self):
        primary = self.lab[self.writer()]
        replica = self.lab["db2" if primary.name == "db1" else "db1"]
        mariadb.query(replica, "STOP SLAVE SQL_THREAD")
        guest = Client(self, True)
        connection = self.connection()
        guest.book(connection)  # received by the replica, or it would not have been acknowledged; not applied there
        number, phone = guest.acknowledged[0]
        self.assertEqual(self.look_up(connection, number, phone), 200)
        primary.kill("mariadbd")
        wait_until(lambda: "is read-only" in self.status()[1], SECONDS, "nobody is written to")
        self.assertEqual(self.look_up(connection, number, phone), 503)  # not 404, which is what the replica would say
        mariadb.query(replica, "START SLAVE SQL_THREAD")
        wait_until(lambda: self.look_up(connection, number, phone) == 200, SECONDS, "it is read from the replica")
        self.stack.dbctl("failover")
        primary.start("mariadbd")
        self.stack.dbctl("rejoin")

    def test_a_change_of_the_writer_is_known_at_once(self):
        node = self.lab[self.writer()]
        connection = self.connection()

        def says(word):
            connection.request("GET", "/readyz")
            return json.loads(connection.getresponse().read()).get("writes") == word

        def change(session, closed, word):
            with session.cursor() as cursor:
                cursor.execute(f"SET GLOBAL read_only = {closed}")
            changed = time.monotonic()
            while not says(word):
                self.assertLess(time.monotonic() - changed, SECONDS, word)
            return time.monotonic() - changed
        with pymysql.connect(unix_socket=f"{node.directory}/mariadb.sock", user="root") as session:
            self.addCleanup(mariadb.query, node, "SET GLOBAL read_only = OFF")
            found = [change(session, closed, word) for _ in range(CHANGES) for closed, word in (("ON", "unavailable"), ("OFF", "taken"))]
        print(f"{len(found)} changes known after {statistics.median(found) * 1000:.0f} ms, {max(found) * 1000:.0f} ms at the most", flush=True)


if __name__ == "__main__":
    unittest.main()
