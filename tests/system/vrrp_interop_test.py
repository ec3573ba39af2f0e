"""vrrpd and keepalived 2.2 in one Virtual Router: whoever should be Active is, and takes over from the other."""
import shutil
import time
import unittest

from vrrp_failover_test import MARGIN, down_time, skew
from vrrp_lan import VIP, Lan, await_true

INTERVAL = 0.1


class Kind:
    """A way to speak VRRP that both daemons know: how each is told."""

    def __init__(self, name, interval=INTERVAL, addresses=(f"{VIP}/24",), version=3, vrrpd="", keepalived=""):
        self.name, self.interval, self.addresses, self.version = name, interval, addresses, version
        self.vrrpd, self.keepalived = vrrpd, keepalived
        self.address = addresses[0].split("/")[0]

    def start(self, daemon, node, priority):
        peer = {"lb1": "192.168.10.12", "lb2": "192.168.10.11"}[node.name]
        if daemon == "vrrpd":
            node.start_vrrpd(priority, f"{int(self.interval * 1000)}ms", self.vrrpd.format(peer=peer),
                             addresses=self.addresses)
        else:
            node.start_keepalived(priority, f"{self.interval:g}", self.version, self.addresses,
                                  self.keepalived.format(peer=peer))


KINDS = [
    Kind("version 2", 1, version=2, vrrpd="    version: 2\n"),
    Kind("IPv6", addresses=("fe80::100/64", "2001:db8:10::100/64")),
    Kind("unicast", vrrpd="    unicast: {{peers: [{peer}]}}\n", keepalived="    unicast_peer {{\n        {peer}\n    }}\n"),
]


@unittest.skipUnless(shutil.which("keepalived"), "keepalived is not installed")
class Interop(unittest.TestCase):
    def setUp(self):
        self.lan = Lan()
        self.addCleanup(self.lan.close)
        self.lb1, self.lb2 = self.lan.nodes

    def await_single_owner(self, node):
        await_true(lambda: self.lan.owners() == [node.name], 6,
                   f"{node.name} alone owns the address\n{self.lb1.tail()}\n{self.lb2.tail()}")

    def hold(self, node, seconds=1.0):
        """The election rests: `node` stays the only owner."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.assertEqual([node.name], self.lan.owners())
            time.sleep(0.05)

    def test_vrrpd_is_active_over_keepalived_and_hands_over_when_it_stops(self):
        self.lb2.start_keepalived(100)
        self.lb1.start_vrrpd(200)
        self.await_single_owner(self.lb1)
        self.hold(self.lb1)
        outage = self.lan.outage_of(self.lb1.stop, self.lb2.await_owner)
        self.await_single_owner(self.lb2)
        self.assertTrue(self.lan.client_reaches(self.lb2))
        self.assertLess(outage, skew(100, INTERVAL) * 1000, "held until keepalived had announced itself")
        print(f"vrrpd stops, keepalived takes over: {outage} ms")

        self.lb1.start_vrrpd(200)
        self.await_single_owner(self.lb1)
        self.hold(self.lb1)
        await_true(lambda: self.client_arrives(self.lb1), 3, "the client follows the preemption")

    def test_keepalived_is_active_over_vrrpd_and_hands_over_when_it_stops(self):
        self.lb2.start_vrrpd(100)
        self.lb1.start_keepalived(200)
        self.await_single_owner(self.lb1)
        self.hold(self.lb1)
        self.assertEqual("backup", self.lb2.router()["state"])
        self.assertEqual({"address": "192.168.10.11", "priority": 200},
                         {k: v for k, v in self.lb2.router()["last_peer"].items() if k != "heard_ms_ago"})
        outage = self.lan.outage_of(self.lb1.stop, self.lb2.await_owner)
        self.await_single_owner(self.lb2)
        self.assertTrue(self.lan.client_reaches(self.lb2))
        self.assertLess(outage, (skew(100, INTERVAL) + MARGIN) * 1000)
        print(f"keepalived stops, vrrpd takes over: {outage} ms")

        self.lb1.start_keepalived(200)
        self.await_single_owner(self.lb1)
        self.assertEqual("backup", self.lb2.router()["state"])
        await_true(lambda: self.client_arrives(self.lb1), 3, "the client follows the preemption")

    def test_each_replaces_the_other_when_it_vanishes_and_one_stays_after_healing(self):
        for better, worse in (("vrrpd", "keepalived"), ("keepalived", "vrrpd")):
            with self.subTest(active=better):
                getattr(self.lb1, f"start_{better}")(200)
                getattr(self.lb2, f"start_{worse}")(100)
                self.await_single_owner(self.lb1)
                outage = self.lan.outage_of(self.lb1.cut_off, self.lb2.await_owner)
                self.assertLess(outage, (down_time(100, INTERVAL) + MARGIN) * 1000)
                print(f"{better} vanishes, {worse} takes over: {outage} ms")
                self.lb1.reconnect()
                self.await_single_owner(self.lb1)
                await_true(lambda: self.client_arrives(self.lb1), 8, "the client is with the owner")
                self.lb1.stop()
                self.lb2.stop()
                await_true(lambda: self.lan.owners() == [], 5, "both have stopped")

    def test_no_advertisement_of_keepalived_is_refused(self):
        self.lb1.start_keepalived(200)
        self.lb2.start_vrrpd(100)
        await_true(lambda: (self.lb2.router() or {}).get("advertisements_received", 0) > 20, 5, "heard")
        self.assertEqual({0}, set(self.lb2.discarded().values()))
        self.assertNotIn("configured differently", self.lb2.log.read_text())

    def test_every_kind_of_advertisement_in_both_roles(self):
        for kind in KINDS:
            for better, worse in (("vrrpd", "keepalived"), ("keepalived", "vrrpd")):
                with self.subTest(kind.name, active=better):
                    try:
                        kind.start(better, self.lb1, 200)
                        kind.start(worse, self.lb2, 100)
                        self.elect_and_fail_over(kind, listener=self.lb2 if worse == "vrrpd" else None)
                    finally:
                        self.lb1.reconnect()
                        self.lb1.stop()
                        self.lb2.stop()
                    await_true(lambda: self.lan.owners(kind.address) == [], 8, "both have stopped")

    def elect_and_fail_over(self, kind, listener):
        logs = f"\n{self.lb1.tail()}\n{self.lb2.tail()}"
        await_true(lambda: self.lan.owners(kind.address) == ["lb1"], 10, "lb1 alone owns the address" + logs)
        if listener:
            await_true(lambda: listener.router()["last_peer"], 3, "lb1 is heard" + logs)
            self.assertEqual({0}, set(listener.discarded().values()), listener.discarded())
        self.lb1.cut_off()
        bound = 3 * kind.interval + skew(100, kind.interval) + 5 * MARGIN
        self.assertLess(await_true(lambda: self.lb2.owns(kind.address), bound + 1, "lb2 takes over" + logs), bound)
        self.lb1.reconnect()
        await_true(lambda: self.lan.owners(kind.address) == ["lb1"], 6, "lb1 alone after healing" + logs)

    def client_arrives(self, node):
        self.lan.probe().finish()
        return self.lan.client_reaches(node)


if __name__ == "__main__":
    unittest.main()
