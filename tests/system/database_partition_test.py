#!/usr/bin/python3
"""A pair whose network falls apart at random while a person does what the moment suggests: one primary acknowledges.

usage: database_partition_test.py [--partitions N] …   (default 4; 100 is the measurement of docs/database.md)
"""
import os
import random
import sys
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.database_pair import DatabasePair, Writers, wait_until  # noqa: E402

from lab.waiting import Timeout  # noqa: E402

PARTITIONS = 4
DISK_MIB = 400
MEND_SECONDS = 180  # until writers that were cut off write again, on a machine that has much to do
SEED = int(os.environ.get("MAINSTAY_SEED", random.randrange(10**6)))
# What somebody tries who sees a part of it, the rash as well.
ACTS = ((), ("failover",), ("failover", "--kill"), ("failover", "--unfenced"), ("failover", "--kill", "--unfenced"),
        ("switchover",), ("degrade",), ("rejoin",))
# Nothing went wrong inside of dbctl: done, a step failed, nobody answers, forbidden, two writers.
KNOWN_EXITS = {0, 1, 3, 4, 6}


class Partitions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # app1 has dbctl and writers as bookd is one; app2's write to whatever is open. The data lies in memory: what is
        # measured is not how long the disk of a busy machine takes.
        cls.pair = DatabasePair(DISK_MIB, nodes=("app1", "app2", "db1", "db2"))
        cls.addClassCleanup(cls.pair.close)
        cls.pair.dbctl("bootstrap")
        cls.pair.make_ledger()

    def cut(self, one, other):
        """Nothing passes between the two; which end drops it is left to chance."""
        node, address = (one, other) if self.random.random() < 0.5 else (other, one)
        self.pair.lab[node].run(["ip", "route", "add", "blackhole", f"{self.address(address)}/32"])
        self.cuts.append((node, address))
        if one == "app1":
            self.pair.server(other).set_within_reach(False)

    def mend(self):
        for node, address in self.cuts:
            self.pair.lab[node].run(["ip", "route", "del", "blackhole", f"{self.address(address)}/32"])
        self.cuts = []
        for server in (self.pair.db1, self.pair.db2):
            server.set_within_reach(True)

    def address(self, name):
        return self.pair.lab[name].address("inner")

    def logs(self):
        told = ""
        for server in (self.pair.db1, self.pair.db2):
            if server.pid() is not None:
                told += server.sql("SHOW FULL PROCESSLIST; SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync%'") + "\n"
            with open(f"{server.directory}/error.log", encoding="utf-8", errors="replace") as file:
                lines = [line for line in file if "Aborted connection" not in line]
            told += f"{server.name}:\n{''.join(lines[-60:])}\n"
        return told

    def one_partition(self):
        primary = self.pair.primary()
        with Writers(self.pair, threads=2) as careful, Writers(self.pair, threads=2, node="app2", careless=True) as careless:
            careful.wait_for(10)
            careless.wait_for(10)
            links = [("app1", "db1"), ("app1", "db2"), ("app2", "db1"), ("app2", "db2"), ("db1", "db2")]
            acts = self.random.sample(ACTS, 2)
            if self.random.random() < 0.5:  # the primary, with some of its clients, on one side, dbctl on the other
                split = [("app1", primary.name), ("db1", "db2")]
                apart = split + self.random.sample([("app2", "db1"), ("app2", "db2")], self.random.randint(0, 2))
                acts[0] = self.random.choice([act for act in ACTS if "failover" in act])
            else:
                apart = self.random.sample(links, self.random.randint(1, len(links)))
            for one, other in apart:
                self.cut(one, other)
            begun = time.monotonic()
            exits = [self.pair.run_dbctl(*act).returncode for act in acts if act]
            self.assertLessEqual(set(exits), KNOWN_EXITS, acts)
            time.sleep(self.random.uniform(0, 1))  # how long it lasts, not a wait
            ended = time.monotonic()
            cuts = " ".join(f"{one}-{other}" for one, other in self.cuts)
            what = f"{cuts}; {', '.join(' '.join(act) for act in acts if act)} {exits}"
            self.mend()
            try:
                self.anew += self.pair.bring_back()
                careful.wait_for(5, MEND_SECONDS)
                careless.wait_for(5, MEND_SECONDS)
            except (AssertionError, Timeout) as error:
                self.fail(f"{what}, seed {SEED}: {error}\n{self.pair.run_dbctl('status').stdout}\n{self.logs()}")
            self.assertEqual(careful.stop()["failed"], 0)
            careless.stop()
            rows = careful.acknowledged() + careless.acknowledged()
            during = [row for row in careful.written() + careless.written() if begun <= row[1] <= ended]
        for server in (self.pair.db1, self.pair.db2):
            wait_until(lambda s=server: set(rows) <= s.identifiers(), 60, f"all acknowledged rows on {server.name}, seed {SEED}")
        return what, during, rows, primary

    def acknowledged_beside(self, rows):
        """Rows that a node acknowledged though they were sent to it after the term of another one had begun."""
        ahead = time.time() - time.monotonic()
        told = self.pair.primary().sql("SELECT writer_id, created_us FROM mainstay.cluster_epoch ORDER BY epoch")
        terms = [(int(writer), int(begun) / 1e6 - ahead) for writer, begun in (line.split() for line in told.splitlines())]

        def writer_at(moment):
            return [writer for writer, begun in terms if begun <= moment][-1]
        return [row for row in rows if writer_at(row[1]) != row[0]]

    def test_no_two_primaries_acknowledge(self):
        self.random = random.Random(SEED)
        self.cuts = []
        self.anew = 0
        print(f"seed {SEED}", flush=True)
        total = within = moved = 0
        for number in range(PARTITIONS):
            what, during, rows, primary = self.one_partition()
            beside = self.acknowledged_beside(during)
            print(f"{number + 1}: {what}: {len(during)} acknowledged meanwhile, {len(beside)} beside another primary", flush=True)
            self.assertEqual(beside, [], f"{what}, seed {SEED}")
            total, within = total + len(rows), within + len(during)
            moved += self.pair.primary() is not primary
        self.assertTrue(self.pair.dbctl("verify")["equal"])
        print(f"{PARTITIONS} partitions, {moved} with another primary after them, {total} rows acknowledged, {within} of them "
              f"meanwhile; 0 beside another primary, 0 lost, {self.anew} nodes made anew", flush=True)


if __name__ == "__main__":
    if "--partitions" in sys.argv:
        at = sys.argv.index("--partitions")
        PARTITIONS = int(sys.argv[at + 1])
        del sys.argv[at:at + 2]
    unittest.main()
