"""A Backup Router that was told a hundred times a second to go on waiting sleeps through most of it, misses nothing, and
counts all of it."""
import pathlib
import unittest

from vrrp_lan import Lan, await_true

SENT = 100  # advertisements, of a look
LOOKS = 10  # a machine that makes the Active Router late has fewer to sleep through
VIP6 = ("fe80::100/64", "2001:db8:10::100/64")


def waits_of(router):
    """How often its daemon went to sleep."""
    threads = pathlib.Path(f"/proc/{router.daemon.pid}/task").glob("*/status")
    return sum(int(line.split()[1]) for status in threads for line in status.read_text().splitlines()
               if line.startswith("voluntary_ctxt_switches"))


class Quiet(unittest.TestCase):
    def setUp(self):
        self.lan = Lan()
        self.addCleanup(self.lan.close)
        self.lb1, self.lb2 = self.lan.nodes

    def start(self, **options):
        for node, priority in ((self.lb1, 254), (self.lb2, 253)):
            node.start_vrrpd(priority, "10ms", **options)
        self.lb1.await_state("active")
        self.lb2.await_state("backup")

    def sent(self):
        return self.lb1.router()["advertisements_sent"]

    def received(self):
        return self.lb2.router()["advertisements_received"]

    def look(self):
        """Of some hundred advertisements: how many they were, and how often lb2 went to sleep meanwhile."""
        start, before = self.sent(), waits_of(self.lb2)
        await_true(lambda: self.sent() >= start + SENT, 20, "lb1 speaks")
        return self.sent() - start, waits_of(self.lb2) - before

    def assert_quiet(self):
        looks = []
        while len(looks) < LOOKS:
            looks.append(self.look())
            sent, waits = looks[-1]
            if waits < sent * 2 / 3:
                return
        self.fail(f"advertisements and waits for them: {looks}")

    def assert_counted(self):
        """Whatever is sent between two questions is counted by the second one."""
        heard, sent = self.received(), self.sent()
        await_true(lambda: self.sent() >= sent + SENT, 20, "lb1 speaks")
        sent = self.sent() - sent
        await_true(lambda: self.received() >= heard + sent, 5, lambda: f"{sent} of lb1 are counted: {self.lb2.tail()}")
        self.assertLessEqual(self.received(), self.sent())

    def test_it_sleeps_counts_and_hears_what_is_not_usual(self):
        self.start()
        self.assert_quiet()
        self.assert_counted()
        self.assertLess(self.lb2.router()["last_peer"]["heard_ms_ago"], 1000, "its age is true when it is asked for")
        # By its first six octets alone the first is the usual one, and it is refused like any other.
        usual = {"priority": 254, "interval": 1, "from": self.lb1.node.address()}
        for packet, reason in (({"spoil_checksum": True}, "checksum"), ({"ttl": 64}, "time_to_live"),
                               ({"interval": 0}, "interval"), ({"vrid": 99}, "vrid")):
            before = self.lb2.discarded()[reason]
            self.lan.send({**usual, **packet, "times": 3})
            await_true(lambda: self.lb2.discarded()[reason] == before + 3, 5, f"counted as {reason}")
        self.lan.send({**usual, "addresses": ["192.168.10.200"], "times": 3})
        await_true(lambda: self.lb2.router()["vrid_collisions"] == 3, 5, "a collision")
        # And quiet again, also after it was Active itself.
        self.assert_quiet()
        self.lb1.stop()
        self.lb2.await_owner()
        self.lb1.start_vrrpd(254, "10ms")
        self.lb1.await_owner()
        self.lb2.await_state("backup")
        self.assert_quiet()

    def test_so_it_does_for_ipv6(self):
        self.start(addresses=VIP6)
        self.assert_quiet()
        self.assert_counted()

    def test_signed_advertisements_are_all_verified(self):
        for node in self.lan.nodes:
            (node.folder / "vrrp.key").write_text("hex:" + "5a" * 32)
            (node.folder / "vrrp.key").chmod(0o600)
        for node, priority in ((self.lb1, 254), (self.lb2, 253)):
            node.start_vrrpd(priority, "10ms", extra=f"    authentication: {{mode: enforce, keys: "
                                                     f"[{{id: 1, file: {node.folder / 'vrrp.key'}}}]}}\n")
        self.lb1.await_state("active")
        self.lb2.await_state("backup")
        self.assert_quiet()
        self.assert_counted()
        self.assertEqual({0}, set(self.lb2.discarded().values()))
        captured = self.lan.capture_advertisement(self.lb1)
        self.lan.replay(captured, times=3)
        await_true(lambda: self.lb2.discarded()["replay"] == 3, 5, "counted as replay")
        self.assert_quiet()


if __name__ == "__main__":
    unittest.main()
