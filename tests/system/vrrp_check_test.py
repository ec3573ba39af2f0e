#!/usr/bin/python3
"""`vrrpd --check` on a host: what it says of the file, of the host and of the LAN, and that it disturbs nobody."""
import json
import subprocess
import threading
import unittest

from vrrp_lan import BIN, INTERFACE, VIP, Lan


class Check(unittest.TestCase):
    def setUp(self):
        self.lan = Lan()
        self.addCleanup(self.lan.close)
        self.lb1, self.lb2 = self.lan.nodes

    def check(self, *options, under=()):
        """Exit status and what was found; the standing configuration of lb1."""
        config = self.lb1.write_vrrpd(200)
        done = self.lb1.node.run([*under, str(BIN / "vrrpd"), "--config", str(config), "--check", "--json", *options])
        return done.returncode, json.loads(done.stdout)

    def rules(self, *options, **more):
        status, said = self.check(*options, **more)
        self.assertEqual(status == 0, said["right"], said)
        return {finding["rule"] for finding in said["findings"]}

    def test_a_node_beside_its_peer_is_right_and_disturbs_nobody(self):
        self.lb2.start_vrrpd(100)
        self.lb2.await_owner()
        arp = self.lan.watch_arp()
        self.assertEqual(set(), self.rules())
        self.assertTrue(self.lan.client_reaches(self.lb2) or self.lb2.owns())
        self.assertNotIn(self.lb1.mac, {line["mac"] for line in arp.finish()}, "nothing was claimed")
        self.assertEqual("active", self.lb2.router()["state"])

    def test_another_group_and_another_owner_are_seen(self):
        self.lan.client.run(["ip", "addr", "add", f"{VIP}/24", "dev", INTERFACE])
        sender = threading.Thread(target=self.lan.send, args=(
            {"addresses": ["192.168.10.77"], "times": 15, "pause": 0.05},))
        sender.start()
        status, said = self.check()
        sender.join()
        found = {finding["rule"]: finding for finding in said["findings"]}
        self.assertEqual(1, status)
        self.assertIn("192.168.10.77", found["vrid_clash"]["wrong"])
        self.assertIn(self.lan.client.plan.mac("outer"), found["address_in_use"]["wrong"])

    def test_the_host_itself_is_looked_at(self):
        self.lb1.node.run(["sysctl", "-qw", f"net.ipv4.conf.{INTERFACE}.arp_ignore=8"])
        without = ["setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw"]
        self.assertEqual({"arp_ignore", "missing_capability"}, self.rules(under=without))
        self.assertEqual(set(), self.rules("--file-only"))
        config = self.lb1.write_vrrpd(200, extra="    colour: red\n")
        done = subprocess.run([BIN / "vrrpd", "--config", config, "--check"], capture_output=True, text=True, timeout=10)
        self.assertEqual(2, done.returncode)
        self.assertIn("routers[0].colour", done.stderr)
        self.assertNotIn("arp_ignore", done.stderr)


if __name__ == "__main__":
    unittest.main()
