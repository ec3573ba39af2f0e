"""Cut networks: both nodes Active, told within an interval, and one again when they heal; a Backup that does not hear."""
import time
import unittest

from vrrp_lan import INTERFACE, VIP, Lan, await_true

INTERVAL = 0.1
DOWN_TIME = 0.4


def deafen(listener, speaker):
    """What `speaker` sends no longer comes in at `listener`; the other way is as before."""
    done = listener.node.run(["nft", f"table netdev cut {{ chain in {{ type filter hook ingress device {INTERFACE} "
                                     f"priority -600; ether saddr {speaker.mac} drop; }}; }}"])
    if done.returncode != 0:
        raise RuntimeError(done.stderr)


def hear_again(listener):
    listener.node.run(["nft", "delete table netdev cut"])


class Partition(unittest.TestCase):
    def setUp(self):
        self.lan = Lan()
        self.addCleanup(self.lan.close)
        self.lb1, self.lb2 = self.lan.nodes
        self.lb1.start_vrrpd(200)
        self.lb1.await_state("active")
        self.lb2.start_vrrpd(100)
        self.lb2.await_state("backup")
        await_true(lambda: self.lb2.router()["last_peer"], 2, "they hear each other")
        time.sleep(2 * INTERVAL)
        self.lan.client.run(["ping", "-c1", "-W1", VIP])  # an entry for the address, to be kept right by announcements

    def is_told(self, router):
        return router.router()["both_active"]

    def assert_never_told(self):
        for router in self.lan.nodes:
            self.assertNotIn("both Active", router.log.read_text())
            self.assertIn('vrrpd_both_active_total{interface="out0",vrid="51"} 0', router.get("/metrics"))

    def test_a_cut_network_has_one_on_each_side_and_the_better_one_when_it_heals(self):
        self.lb2.cut_off()
        self.lb2.await_state("active")
        self.assertEqual("active", self.lb1.router()["state"])
        self.lb2.reconnect()
        took = await_true(lambda: self.lan.owners() == ["lb1"], 3, "one owner")
        self.lb2.await_state("backup")
        await_true(lambda: self.lan.client_reaches(self.lb1), 2, "the client follows")
        print(f"healed: one owner after {took * 1000:.0f} ms")
        self.assertLess(took, INTERVAL + 0.3)

    def test_a_deaf_backup_takes_over_and_the_active_router_says_so_within_an_interval(self):
        adverts = self.lan.watch_adverts()
        deafen(self.lb2, self.lb1)
        self.lb2.await_owner()
        await_true(lambda: self.is_told(self.lb1), INTERVAL + 0.4, lambda: f"lb1 says so\n{self.lb1.tail()}")
        self.assertIn("both Active: another router advertises our addresses, too", self.lb1.log.read_text())
        self.assertIn('vrrpd_both_active{interface="out0",vrid="51"} 1', self.lb1.get("/metrics"))
        # The RFC's order: the lesser one is announced away.
        time.sleep(2.2)
        self.assertTrue(self.lan.client_reaches(self.lb1))
        hear_again(self.lb2)
        self.lb2.await_state("backup", 2)
        await_true(lambda: not self.is_told(self.lb1), 4, "it is over: no answer to three probes either")
        self.assertIn("one Active Router again", self.lb1.log.read_text())
        self.assertIn('vrrpd_both_active_total{interface="out0",vrid="51"} 1', self.lb1.get("/metrics"))
        for router in self.lan.nodes:
            self.assertIn('vrrpd_both_active{interface="out0",vrid="51"} 0', router.get("/metrics"))
        self.assertTrue(self.lan.client_reaches(self.lb1))
        adverts.finish()

    def test_an_active_router_that_does_not_hear_its_backup_loses_nothing(self):
        deafen(self.lb1, self.lb2)
        probe = self.lan.probe()
        time.sleep(4 * DOWN_TIME)
        self.assertLess(probe.finish()[-1]["outage_ms"], 50)
        self.assertEqual(["lb1"], self.lan.owners())
        self.assert_never_told()

    def test_filtered_advertisements_make_no_storm_of_announcements(self):
        for router in self.lan.nodes:
            router.filter_advertisements()
        self.lb2.await_owner()
        arp = self.lan.watch_arp()
        for router in self.lan.nodes:
            await_true(lambda router=router: self.is_told(router), 3, lambda router=router: f"{router.name} says so\n{router.tail()}")
        time.sleep(3)
        frames = [line for line in arp.finish() if line["gratuitous"]]
        quiet = frames[-1]["at"] - 1.5
        last = sum(line["at"] > quiet for line in frames)
        print(f"{len(frames)} frames of announcements from both, {last} of them in the last 1.5 s")
        self.assertLess(len(frames), 160)
        self.assertLess(last, 60)
        for router in self.lan.nodes:
            router.pass_advertisements()
        self.lb2.await_state("backup", 2)
        await_true(lambda: self.lan.client_reaches(self.lb1), 2, "the client follows")
        for router in self.lan.nodes:
            self.assertIn('vrrpd_both_active_total{interface="out0",vrid="51"} 1', router.get("/metrics"))

    def test_a_better_node_that_boots_behind_a_port_that_forwards_late_waits_for_it(self):
        self.lb1.stop()
        self.lb2.await_state("active")
        self.lb1.cut_off()  # the carrier is there
        self.lb1.start_vrrpd(200, top="startup_delay: 2s\n")
        self.lb1.await_state("backup")
        time.sleep(2 * DOWN_TIME)
        self.assertTrue(self.lb1.router()["delayed"])
        self.assertEqual("backup", self.lb1.router()["state"])
        self.lb1.reconnect()
        self.assertEqual(["lb2"], self.lan.owners())
        self.lb1.await_state("active", 4)
        await_true(lambda: self.lan.owners() == ["lb1"], 2, "one owner")
        self.assert_never_told()

    def test_takeovers_in_good_order_are_no_split_brain(self):
        for _ in range(2):
            self.lb1.stop()
            self.lb2.await_state("active")
            self.lb1.start_vrrpd(200)
            self.lb1.await_state("active")
            await_true(lambda: self.lan.owners() == ["lb1"], 2, f"lb1 alone owns {VIP}")
            time.sleep(3 * INTERVAL)
        self.assert_never_told()


if __name__ == "__main__":
    unittest.main()
