"""IPv6, VRRPv2 and unicast peers: who should be Active is, takes over in time, and the client follows."""
import signal
import time
import unittest

from vrrp_failover_test import MARGIN, down_time, skew
from vrrp_lan import INTERFACE, VIP, Lan, await_true

VIP6 = "fe80::100"
TARGET6 = f"{VIP6}%{INTERFACE}"
ADDRESSES6 = (f"{VIP6}/64", "2001:db8:10::100/64")
PEERS = {"lb1": "192.168.10.12", "lb2": "192.168.10.11"}


class Families(unittest.TestCase):
    def setUp(self):
        self.lan = Lan()
        self.addCleanup(self.lan.close)
        self.lb1, self.lb2 = self.lan.nodes

    def await_single_owner(self, node, address=VIP, seconds=6):
        await_true(lambda: self.lan.owners(address) == [node.name], seconds,
                   f"{node.name} alone owns {address}\n{self.lb1.tail()}\n{self.lb2.tail()}")

    def start_ipv6(self, interval="100ms"):
        self.lb1.start_vrrpd(200, interval, addresses=ADDRESSES6)
        self.lb2.start_vrrpd(100, interval, addresses=ADDRESSES6)
        self.lb1.await_state("active")
        self.lb2.await_state("backup")
        self.await_single_owner(self.lb1, VIP6)

    def test_ipv6_addresses_move_and_the_client_follows(self):
        self.start_ipv6()
        self.assertTrue(self.lb1.owns("2001:db8:10::100"))
        state = self.lb1.node.run(["ip", "-6", "addr", "show", "dev", INTERFACE, "to", "2001:db8:10::100"]).stdout
        self.assertIn("nodad", state)
        self.assertIn("deprecated", state, "no source for connections of this node")
        await_true(lambda: self.lb2.router()["last_peer"], 2, "lb2 has heard lb1")
        peer = self.lb2.router()["last_peer"]["address"]
        self.assertTrue(peer.startswith("fe80:") and peer != VIP6, peer)

        outage = self.lan.outage_of(lambda: self.assertEqual(self.lb1.stop(), 0),
                                    lambda: self.lb2.await_owner(address=VIP6), TARGET6)
        self.assertFalse(self.lb1.owns(VIP6) or self.lb1.owns("2001:db8:10::100"))
        self.assertTrue(self.lan.client_reaches(self.lb2, VIP6))
        self.assertLess(outage, MARGIN * 1000)
        print(f"IPv6, stop at 100 ms: {outage} ms")

        self.lb1.start_vrrpd(200, addresses=ADDRESSES6)
        self.await_single_owner(self.lb1, VIP6)
        outage = self.lan.outage_of(self.lb1.cut_off, lambda: self.lb2.await_owner(address=VIP6), TARGET6)
        self.assertLess(outage, (down_time(100, 0.1) + MARGIN) * 1000)
        self.assertTrue(self.lan.client_reaches(self.lb2, VIP6))
        print(f"IPv6, node vanishes at 100 ms: {outage} ms")

    def test_a_killed_daemon_is_silent_for_its_ipv6_address(self):
        self.lb1.start_vrrpd(200, addresses=ADDRESSES6)
        self.lb1.await_owner(address=VIP6)
        await_true(lambda: self.lb1.router()["lease"], 2, "leased")
        self.lb1.stop(signal.SIGKILL)
        time.sleep(3 * 0.1 + MARGIN)
        self.assertTrue(self.lb1.owns(VIP6))
        self.lan.client.run(["ip", "neigh", "flush", "dev", INTERFACE])
        probe = self.lan.probe(TARGET6)
        time.sleep(0.2)
        counted = probe.finish()[-1]
        self.assertEqual(counted["sent"], counted["lost"])

    def test_a_vrid_stands_once_in_each_family(self):
        both = f"""  - vrid: 51
    interface: {INTERFACE}
    priority: 200
    advertisement_interval: 100ms
    addresses: [{VIP6}/64]
"""
        self.lb1.start_vrrpd(200, extra=both)
        self.lb1.await_owner()
        self.lb1.await_owner(address=VIP6)
        self.assertIn('vrrpd_state{interface="out0",vrid="51",family="ipv6",state="active"} 1', self.lb1.get("/metrics"))
        self.assertIn('vrrpd_state{interface="out0",vrid="51",state="active"} 1', self.lb1.get("/metrics"))

    def test_vrrp_version_2(self):
        self.lb1.start_vrrpd(200, "1s", "    version: 2\n")
        self.lb2.start_vrrpd(100, "1s", "    version: 2\n")
        self.lb1.await_state("active", 6)
        self.await_single_owner(self.lb1)
        # Its own version only, its own interval only.
        self.lan.send({"priority": 254, "interval": 100})
        await_true(lambda: self.lb1.discarded()["version"] == 1, 2, "version 3 refused")
        outage = self.lan.outage_of(self.lb1.cut_off, self.lb2.await_owner)
        self.assertLess(outage, (3 + skew(100, 1) + MARGIN) * 1000)
        print(f"VRRPv2, node vanishes at 1 s: {outage} ms")

    def test_unicast_peers_hear_each_other_and_nobody_else(self):
        def start(node, priority):
            node.start_vrrpd(priority, extra=f"    unicast: {{peers: [{PEERS[node.name]}]}}\n")

        watch = self.lan.watch_adverts()
        start(self.lb1, 200)
        start(self.lb2, 100)
        self.lb1.await_state("active")
        self.await_single_owner(self.lb1)
        before = [node.router()["last_transition_unix_ms"] for node in self.lan.nodes]
        for packet, reason in (({"destination": "192.168.10.11"}, "source"), ({}, "destination"),
                               ({"destination": "192.168.10.11", "ttl": 254}, "time_to_live")):
            with self.subTest(reason):
                self.lan.send({"priority": 254, "times": 3, **packet})
                await_true(lambda: self.lb1.discarded()[reason] == 3, 2, f"counted as {reason}")
        self.assertEqual(before, [node.router()["last_transition_unix_ms"] for node in self.lan.nodes])
        ours = [line for line in watch.finish() if line["source"] in PEERS.values()]
        self.assertEqual([], ours, "no advertisement to the group")
        outage = self.lan.outage_of(self.lb1.cut_off, self.lb2.await_owner)
        self.assertLess(outage, (down_time(100, 0.1) + MARGIN) * 1000)
        print(f"unicast, node vanishes at 100 ms: {outage} ms")


if __name__ == "__main__":
    unittest.main()
