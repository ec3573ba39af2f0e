#!/usr/bin/python3
"""255 Virtual Routers on an interface: they start together, and leave nothing behind."""
import re
import unittest

from vrrp_lan import BIN, INTERFACE, Lan, await_true

MANY = 255


class Many(unittest.TestCase):
    @staticmethod
    def leases(router):
        return router.node.run(["nft", "list", "table", "netdev", f"mainstay_vrrp_{INTERFACE}"]).stdout.count("set alive_")

    def test_all_start_at_once_and_leave_nothing(self):
        lan = Lan()
        self.addCleanup(lan.close)
        lb1 = lan.nodes[0]
        config = lb1.folder / "router.yaml"
        config.write_text("log: {format: console, level: warn}\nrouters:\n" + "".join(
            f"  - {{vrid: {number}, interface: {INTERFACE}, advertisement_interval: 200ms, addresses: [172.16.0.{number}/24]}}\n"
            for number in range(1, MANY + 1)))
        lb1.start([str(BIN / "vrrpd"), "--config", str(config)])

        def owned():
            return sum(address.startswith("172.16.0.") for address in lb1.node.addresses())
        # Each lease in a transaction of its own took half a minute.
        await_true(lambda: owned() == MANY, 15, "every router is Active; its log:\n" + lb1.tail())
        self.assertEqual(MANY, self.leases(lb1), "one table has the leases of all")
        # What the kernel tells of them is more than a socket takes: nobody has removed anything for that.
        self.assertNotIn("somebody removed rules", lb1.log.read_text())
        lb1.node.run(["nft", "flush ruleset"])
        await_true(lambda: self.leases(lb1) == MANY, 15, "put back; its log:\n" + lb1.tail())
        restored = re.findall(r"^vrrpd_rules_restored_total\{.*\} (\d+)$", lb1.get("/metrics"), re.M)
        self.assertEqual(MANY * ["1"], restored)
        self.assertEqual(0, lb1.stop(), lb1.tail())
        self.assertEqual(0, owned())
        self.assertEqual("", lb1.node.run(["nft", "list", "tables"]).stdout)


if __name__ == "__main__":
    unittest.main()
