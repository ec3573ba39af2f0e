#!/usr/bin/python3
"""bookd on a real pair, over TLS: it follows a failover and a switchover by itself while a client books and looks up.

usage: booking_failover_test.py [--requests N] …   requests of the switchovers under load (default 600). With it the bars of
                                                   docs/database.md are held to as well; 10000 is the measurement
"""
import json
import os
import socket
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.booking_pair import TIMEOUT, Client, OnAPair  # noqa: E402

from lab import daemons, mariadb, wait_until  # noqa: E402
from lab.topology import INNER  # noqa: E402
from lab.waiting import Connection  # noqa: E402

REQUESTS = 600
MEASURED = False
WRITE_OUTAGE = 2.0  # seconds, of a process crash with `dbctl failover` at once, when measured
LONGEST = 1.0  # seconds a request may take in a switchover, when measured


class Following(OnAPair):
    def run_clients(self, meanwhile):
        """Two that book and one that looks up; `meanwhile` is done while they go on."""
        clients = [Client(self, True), Client(self, True), Client(self, False)]
        for client in clients:
            client.start()
        try:
            self.wait_for(clients, 100)
            meanwhile(clients)
            self.wait_for(clients, 60)
        finally:
            for client in clients:
                client.over.set()
            for client in clients:
                client.join(TIMEOUT + 5)
        return clients

    def wait_for(self, clients, more):
        goal = sum(client.count for client in clients) + more
        wait_until(lambda: sum(client.count for client in clients) >= goal, 60, f"{more} more requests")

    def nothing_is_lost_doubled_or_made_up(self):
        """Row by row on both nodes, and as bookd reads them."""
        for name in ("db1", "db2"):
            node = self.lab[name]
            wait_until(lambda: not self.ledger.missing(node), 20, f"all of {len(self.ledger.told)} bookings on {name}")
            self.assertEqual(self.ledger.faults(node), [], name)
        connection = Connection(self.lab["app1"].namespace, self.address, daemons.BOOKD_PORT, TIMEOUT)
        self.addCleanup(connection.close)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # all of them, without 40 ms for each
        self.assertEqual(self.ledger.misread(connection), [])

    def test_1_a_primary_that_dies_costs_no_read_and_writes_are_held(self):
        def die(_):
            self.lab["db1"].kill("mariadbd")
            self.stack.dbctl("failover")
        clients = self.run_clients(die)
        self.assertEqual([client.failed for client in clients], [[], [], []])
        outage = max(client.gap() for client in clients[:2])
        print(f"process crash: longest gap of writes {outage:.2f} s, of reads {clients[2].gap():.2f} s, 0 failed of "
              f"{sum(client.count for client in clients)}", flush=True)
        if MEASURED:
            self.assertLessEqual(outage, WRITE_OUTAGE)
        self.lab["db1"].start("mariadbd")
        self.stack.dbctl("rejoin")
        self.nothing_is_lost_doubled_or_made_up()
        self.assertTrue(self.stack.dbctl("verify")["equal"])

    def test_2_a_switchover_under_load_fails_nothing(self):
        def move(clients):
            while sum(client.count for client in clients) < REQUESTS:
                self.stack.dbctl("switchover")
                self.wait_for(clients, 100)
        clients = self.run_clients(move)
        longest = max(client.longest for client in clients)
        print(f"switchovers: 0 failed of {sum(client.count for client in clients)}, longest {longest:.2f} s", flush=True)
        self.assertEqual([client.failed for client in clients], [[], [], []])
        if MEASURED:
            self.assertLessEqual(longest, LONGEST)
        self.nothing_is_lost_doubled_or_made_up()

    def test_3_without_a_primary_it_reads_from_the_replica_and_says_why(self):
        primary = self.lab[self.writer()]
        primary.kill("mariadbd")
        balancer = self.lab["lb1"]
        reader = Client(self, False, (balancer.namespace, balancer.address(INNER), daemons.HTTP_PORT))
        reader.start()
        wait_until(lambda: "is read-only" in self.status()[1], 5, "it says why nobody is written to")
        status, said = self.status()
        self.assertEqual((status, json.loads(said)["writes"]), (200, "unavailable"))
        # Long enough for the balancer to have taken it out: two checks, 200 ms apart.
        read = reader.count
        wait_until(lambda: reader.count > read + 150, 60, "it is read from the replica, through the balancer")
        self.stack.dbctl("failover")
        wait_until(lambda: json.loads(self.status()[1])["writes"] == "taken", 5, "it writes again")
        reader.over.set()
        reader.join(TIMEOUT)
        self.assertEqual(reader.failed, [])
        print(f"no primary: longest gap of {reader.count} reads through lbd {reader.gap():.2f} s, 0 failed", flush=True)
        primary.start("mariadbd")
        self.stack.dbctl("rejoin")

    def test_4_two_that_take_writes_are_told_and_the_wrong_one_is_not_written_to(self):
        writer = self.writer()
        other = "db2" if writer == "db1" else "db1"
        mariadb.query(self.lab[other], "SET GLOBAL read_only = OFF")
        self.addCleanup(mariadb.query, self.lab[other], "SET GLOBAL read_only = ON")
        wait_until(lambda: "names another node" in self.lab["app1"].log("bookd"), 5, "it tells of the second one")
        self.run_clients(lambda clients: None)
        own = "SELECT REGEXP_SUBSTR(@@gtid_binlog_state, CONCAT('0-', @@server_id, '-[0-9]+'))"
        before = mariadb.query(self.lab[other], own)
        self.run_clients(lambda clients: None)
        self.assertEqual(mariadb.query(self.lab[other], own), before)
        self.nothing_is_lost_doubled_or_made_up()

    def test_5_a_primary_that_is_away_from_here_only_is_for_another_bookd(self):
        app, primary = self.lab["app1"], self.lab[self.writer()]
        route = ["blackhole", f"{primary.address(INNER)}/32"]
        app.run(["ip", "route", "add", *route])
        self.addCleanup(app.run, ["ip", "route", "del", *route])
        wait_until(lambda: self.status()[0] == 503, 30, "it says that others do better")
        self.assertIn("it is away from here only", self.status()[1])
        balancer = self.lab["lb1"]
        door = Connection(balancer.namespace, "127.0.0.1", daemons.LBD_ADMIN_PORT, TIMEOUT)
        self.addCleanup(door.close)

        def out():
            door.request("GET", "/readyz")
            return "bookd has no usable endpoint" in door.getresponse().read().decode()
        wait_until(out, 30, "the balancer has taken out the only one there is")
        reader = Client(self, False, (balancer.namespace, balancer.address(INNER), daemons.HTTP_PORT))
        reader.start()
        wait_until(lambda: reader.count > 20, 30, "no bookd is fit, and reads go on through the balancer")
        reader.over.set()
        reader.join(TIMEOUT)
        self.assertEqual(reader.failed, [])
        app.run(["ip", "route", "del", *route])
        wait_until(lambda: self.status()[0] == 200, 10, "it is back")


if __name__ == "__main__":
    if "--requests" in sys.argv:
        at = sys.argv.index("--requests")
        REQUESTS, MEASURED = int(sys.argv[at + 1]), True
        del sys.argv[at:at + 2]
    unittest.main()
