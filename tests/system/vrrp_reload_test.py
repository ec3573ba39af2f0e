#!/usr/bin/python3
"""vrrpd takes another configuration into use: what stays the same does not notice, what is wrong changes nothing."""
import signal
import subprocess
import time
import unittest

from vrrp_lan import INTERFACE, VIP, Lan, await_true

OTHER = "192.168.10.101"


class Reload(unittest.TestCase):
    def setUp(self):
        self.lan = Lan()
        self.addCleanup(self.lan.close)
        self.lb1, self.lb2 = self.lan.nodes
        self.lb1.start_vrrpd(200)
        self.lb2.start_vrrpd(100)
        self.lb1.await_owner()
        self.lb2.await_state("backup")
        await_true(lambda: self.lan.owners() == ["lb1"], 3, "lb1 alone owns the address")

    def reload(self, router, priority=200, interval="100ms", extra="", word="reloaded", top=""):
        before = router.log.read_text().count(word)
        router.write_vrrpd(priority, interval, extra, top)
        router.send_signal(signal.SIGHUP)
        await_true(lambda: router.log.read_text().count(word) > before, 5, f"{word}; its log:\n{router.tail()}")

    def transitions(self, router):
        metrics = router.get("/metrics")
        return [line for line in metrics.splitlines() if line.startswith("vrrpd_transitions_total")]

    def test_nothing_that_stays_the_same_notices_a_reload(self):
        before = self.transitions(self.lb1)
        probe = self.lan.probe()
        adverts = self.lan.watch_adverts()
        for _ in range(5):
            self.reload(self.lb1)
        time.sleep(0.3)
        heard = [advert["at"] for advert in adverts.finish()]
        self.assertLess(max(b - a for a, b in zip(heard, heard[1:])), 0.2)
        self.assertLess(probe.finish()[-1]["outage_ms"], 20)
        self.assertEqual(before, self.transitions(self.lb1))
        self.assertEqual(["lb1"], self.lan.owners())

    def test_a_faulty_file_changes_nothing_and_all_its_faults_are_told(self):
        self.reload(self.lb1, priority=999, extra="    lease: maybe\n", word="not reloaded")
        await_true(lambda: self.lb1.log.read_text().count("not reloaded") == 2, 2, "both faults")
        log = self.lb1.log.read_text()
        self.assertIn("routers[0].priority", log)
        self.assertIn("routers[0].lease", log)
        self.assertEqual(200, self.lb1.router()["priority"]["base"])
        self.assertEqual("active", self.lb1.router()["state"])

    def test_a_lease_that_is_required_and_cannot_be_had_changes_nothing(self):
        self.reload(self.lb1, extra="    lease: off\n")
        before = self.transitions(self.lb1)
        # A table that another program owns (nft(8), `flags owner`): the kernel lets nobody else change it.
        owner = self.lb1.node.spawn(["nft", "-i"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        self.addCleanup(owner.wait)
        self.addCleanup(owner.kill)
        owner.stdin.write("add table netdev mainstay_vrrp_out0 { flags owner; }\n")
        owner.stdin.flush()
        await_true(lambda: "mainstay_vrrp_out0" in self.lb1.node.run(["nft", "list", "tables"]).stdout, 5, "the table is another's")
        self.reload(self.lb1, priority=180, extra="    lease: required\n", word="not reloaded")
        self.assertIn("the lease is required and cannot be had on out0", self.lb1.log.read_text())
        self.assertEqual((200, False), (self.lb1.router()["priority"]["base"], self.lb1.router()["lease"]))
        owner.stdin.close()
        owner.wait()
        self.reload(self.lb1, priority=180, extra="    lease: required\n")
        self.assertEqual((180, True), (self.lb1.router()["priority"]["base"], self.lb1.router()["lease"]))
        self.assertEqual(before, self.transitions(self.lb1))
        self.assertEqual(["lb1"], self.lan.owners())

    def test_priority_interval_and_addresses_change_in_place(self):
        before = self.transitions(self.lb1)
        probe = self.lan.probe()
        self.reload(self.lb2, priority=100, interval="200ms")
        self.reload(self.lb1, priority=180, interval="200ms")
        await_true(lambda: self.lb2.router()["last_peer"]["priority"] == 180, 2, "the Backup hears the new priority")
        self.assertEqual(200, self.lb2.router()["active_advertisement_interval_ms"])

        both = f"""  - vrid: 52
    interface: {INTERFACE}
    priority: 200
    advertisement_interval: 100ms
    addresses: [{OTHER}/24]
"""
        self.reload(self.lb1, priority=180, interval="200ms", extra=both)
        await_true(lambda: self.lb1.owns(OTHER), 3, "the new router takes its address")
        self.reload(self.lb1, priority=180, interval="200ms", extra=both.replace(OTHER, "192.168.10.102"))
        await_true(lambda: self.lb1.owns("192.168.10.102") and not self.lb1.owns(OTHER), 2, "another address in its place")
        self.reload(self.lb1, priority=180, interval="200ms")
        await_true(lambda: not self.lb1.owns("192.168.10.102"), 3, "the router that is gone let go of its address")
        def leases():
            return self.lb1.node.run(["nft", "list", "table", "netdev", f"mainstay_vrrp_{INTERFACE}"]).stdout
        await_true(lambda: "_52" not in leases(), 2, lambda: f"no lease of it is left:\n{leases()}")
        self.assertIn("renew_51", leases())

        self.assertLess(probe.finish()[-1]["outage_ms"], 30)
        mine = [line for line in self.transitions(self.lb1) if 'vrid="51"' in line]
        self.assertEqual(before, mine)
        self.assertTrue(self.lb1.owns(VIP))

    def test_a_lower_priority_moves_the_address_without_a_gap(self):
        outage = self.lan.outage_of(lambda: self.reload(self.lb1, priority=50), self.lb2.await_owner)
        self.assertLess(outage, 50, "a resignation without the old Active would cost Skew_Time, 61 ms")
        await_true(lambda: self.lan.owners() == ["lb2"], 3, "lb2 alone owns the address")
        print(f"priority lowered by a reload: {outage} ms")

    def test_a_track_that_is_added_counts_from_its_first_answer(self):
        before = self.transitions(self.lb1)
        well = "    track: [{name: link, interface: lo}, {name: peer, host: 192.168.10.12, interval: 100ms}]\n"
        self.reload(self.lb1, extra=well)
        await_true(lambda: all(track["known"] for track in self.lb1.router()["tracks"]), 3, "the first answers")
        self.assertEqual(before, self.transitions(self.lb1))
        self.reload(self.lb1, extra="    track: [{name: link, interface: not-here}]\n")
        self.lb2.await_owner()
        await_true(lambda: self.lan.owners() == ["lb2"], 3, "an interface that is not there releases the address")

    def test_what_cannot_change_while_running_is_told(self):
        before = self.lb1.router()["last_transition_unix_ms"]
        self.reload(self.lb1, top="admin: {listen: '127.0.0.1:9113'}\n", word="a setting waits for a restart")
        self.reload(self.lb1, extra="    track: [{name: own, script: [/bin/true]}]\n", word="not reloaded")
        self.assertIn("only after a restart", self.lb1.log.read_text())
        self.assertEqual(before, self.lb1.router()["last_transition_unix_ms"])


if __name__ == "__main__":
    unittest.main()
