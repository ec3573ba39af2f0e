#!/usr/bin/python3
"""A node comes from keepalived: its own configuration, imported, stands beside a keepalived that runs it still."""
import subprocess
import unittest

from vrrp_lan import BIN, INTERFACE, VIP, Lan


class Import(unittest.TestCase):
    def test_an_imported_node_and_keepalived_are_one_pair(self):
        lan = Lan()
        self.addCleanup(lan.close)
        lb1, lb2 = lan.nodes
        lb2.start_keepalived(100, interval="1", version=2, extra="    nopreempt\n    garp_master_repeat 2\n")
        lb2.await_owner()
        text = (lb2.folder / "router.conf").read_text().replace("priority 100", "priority 200").replace("nopreempt", "")
        foreign = lb1.folder / "keepalived.conf"
        foreign.write_text(text)
        done = subprocess.run([BIN / "vrrpctl", "import", "keepalived", foreign], capture_output=True, text=True, timeout=10)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn("garp_master_repeat 2: not needed", done.stderr)
        config = lb1.folder / "router.yaml"
        config.write_text(done.stdout.replace(', "unix:/run/vrrpd/admin.sock"', ""))
        check = lb1.node.run([str(BIN / "vrrpd"), "--config", str(config), "--check"])
        self.assertEqual((0, ""), (check.returncode, check.stderr), "a peer as it should be")
        lb1.start([str(BIN / "vrrpd"), "--config", str(config)])
        lb1.await_owner(8)
        lb2.await_no_owner()
        self.assertEqual(INTERFACE, lb1.router()["interface"])
        lb1.stop()
        lb2.await_owner()
        self.assertEqual(["lb2"], lan.owners(VIP))

    def test_what_is_none_is_said_to_be_none(self):
        done = subprocess.run([BIN / "vrrpctl", "import", "keepalived", "/nonexistent"], capture_output=True, text=True,
                              timeout=10)
        self.assertEqual((1, ""), (done.returncode, done.stdout))
        self.assertIn("/nonexistent: it cannot be read", done.stderr)


if __name__ == "__main__":
    unittest.main()
