#!/usr/bin/python3
"""lbd's own word moves the address at once: while it still serves when it drains, and when it is killed."""
import signal
import subprocess
import time
import unittest

from vrrp_lan import BIN, Lan, await_true

LBD = """
workers: 1
listeners: [{address: "127.0.0.1:8080"}]
admin: {listen: "127.0.0.1:9101"}
log: {format: console, level: warn}
drain: {grace: 5s, deadline: 5s}
upstreams: [{name: none, endpoints: ["127.0.0.1:1"], required: false}]
routes: [{path: /, upstream: none}]
"""
# Asked so seldom that a question cannot be what moves the address.
ONE = "    track: [{name: lbd, url: 'http://127.0.0.1:9101/readyz', watch: true, interval: 10s, timeout: 1s}]\n"
# As the playbook has it (conf/ansible/roles/vrrp): a dead lbd, and one that is not ready.
TWO = """    track:
      - {name: alive, url: 'http://127.0.0.1:9101/healthz', watch: true, interval: 10s, timeout: 1s}
      - {name: ready, url: 'http://127.0.0.1:9101/readyz', watch: true, interval: 10s, timeout: 1s, on_failure: lower_priority, lower_by: 150}
"""


class Case(unittest.TestCase):
    TRACK = ONE

    def setUp(self):
        self.lan = Lan()
        self.addCleanup(self.lan.close)
        self.lb1, self.lb2 = self.lan.nodes
        config = self.lb1.folder / "lbd.yaml"
        config.write_text(LBD, encoding="ascii")
        self.lbd = self.lb1.node.spawn([str(BIN / "lbd"), "--config", str(config)], stdin=subprocess.DEVNULL)
        self.addCleanup(self.end_lbd)
        await_true(lambda: self.readyz() == "ready", 5, "lbd is ready")
        self.lb1.start_vrrpd(254, extra=self.TRACK)
        self.lb2.start_vrrpd(253)
        self.lb1.await_owner()
        await_true(lambda: self.lan.owners() == ["lb1"], 3, "lb1 alone owns the address")

    def end_lbd(self):
        self.lbd.kill()
        self.lbd.wait()

    def readyz(self):
        return self.lb1.node.run(["curl", "-s", "-m", "1", "http://127.0.0.1:9101/readyz"]).stdout.strip()

    def moves(self, event):
        took = []

        def happen():
            start = time.monotonic()
            event()
            self.lb2.await_owner()
            took.append(time.monotonic() - start)
        outage = self.lan.outage_of(happen, lambda: None)
        return took[0] * 1000, outage

    def killed(self):
        took, outage = self.moves(self.lbd.kill)
        self.assertLess(took, 200)
        self.assertLess(outage, 50)
        print(f"lbd is killed: the other node has the address after {took:.0f} ms, outage {outage} ms")


class Word(Case):
    def test_a_draining_lbd_gives_the_address_away_while_it_serves(self):
        took, outage = self.moves(lambda: self.lbd.send_signal(signal.SIGTERM))
        self.assertIsNone(self.lbd.poll(), "it still serves")
        self.assertLess(took, 200)
        self.assertLess(outage, 50)
        print(f"lbd drains: the other node has the address after {took:.0f} ms, outage {outage} ms")

    def test_a_killed_lbd_gives_it_away_without_waiting_for_a_question(self):
        self.killed()


class TwoWords(Case):
    TRACK = TWO

    def test_a_killed_lbd_gives_it_away_without_waiting_for_a_question(self):
        self.killed()


if __name__ == "__main__":
    unittest.main()
