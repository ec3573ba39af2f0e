"""A vrrpd that is killed and started again goes on where it was: no outage, no other router, and nothing stolen."""
import signal
import time
import unittest

from vrrp_lan import VIP, Lan, await_true


class Restart(unittest.TestCase):
    def setUp(self):
        self.lan = Lan()
        self.addCleanup(self.lan.close)
        self.lb1, self.lb2 = self.lan.nodes

    def start(self, router, priority, interval, lease="auto"):
        router.start_vrrpd(priority, interval, extra=f"    lease: {lease}\ndirectories: {{runtime: {router.folder}}}\n")

    def start_both(self, interval, lease="auto"):
        self.start(self.lb1, 200, interval, lease)
        self.lb1.await_state("active", 6)
        self.start(self.lb2, 100, interval, lease)
        self.lb2.await_state("backup")
        await_true(lambda: self.lb2.router()["advertisements_received"] > 0, 3, "lb2 hears lb1")

    def restart_at_once(self, interval, lease):
        self.lb1.stop(signal.SIGKILL)
        self.start(self.lb1, 200, interval, lease)
        self.lb1.await_state("active", 2)

    def assert_goes_on(self, interval, lease="auto", times=3):
        self.start_both(interval, lease)
        changed = self.lb2.router()["last_transition_unix_ms"]
        probe = self.lan.probe()
        for _ in range(times):
            self.restart_at_once(interval, lease)
            time.sleep(0.05)  # a stretch of probes with the new run alone
        counted = probe.finish()[-1]
        print(f"{times} restarts at {interval}, lease {lease}: {counted}")
        self.assertEqual(changed, self.lb2.router()["last_transition_unix_ms"], "the Backup never took over")
        self.assertIn("an earlier run was Active", self.lb1.log.read_text())
        self.assertLess(counted["outage_ms"], 10)
        self.assertEqual(["lb1"], self.lan.owners())

    def test_killed_and_started_again_it_is_active_at_once(self):
        self.assert_goes_on("1s")

    def test_also_at_a_tenth_of_a_second(self):
        self.assert_goes_on("200ms")

    def test_without_a_lease_it_listens_first_and_answers_meanwhile(self):
        self.assert_goes_on("1s", "off", times=1)

    def test_without_a_lease_it_lets_go_of_what_somebody_else_serves(self):
        self.start_both("100ms", "off")
        self.lb1.stop(signal.SIGKILL)
        self.lb2.await_owner()
        self.assertEqual(["lb1", "lb2"], self.lan.owners(), "what the lease is for")
        self.start(self.lb1, 50, "100ms", "off")
        await_true(lambda: self.lan.owners() == ["lb2"], 2, "lb1 let go")
        self.assertEqual("backup", self.lb1.router()["state"])

    def test_with_a_lease_that_has_ended_it_takes_nothing_from_its_successor(self):
        self.start_both("100ms")
        self.lb1.stop(signal.SIGKILL)
        self.lb2.await_owner()
        self.start(self.lb1, 50, "100ms")
        await_true(lambda: self.lan.owners() == ["lb2"], 2, "the stale address is gone")
        self.assertIn("left behind", self.lb1.log.read_text())

    def test_a_planned_stop_leaves_nothing_to_adopt(self):
        self.start_both("100ms")
        self.assertEqual(0, self.lb1.stop())
        self.assertEqual([], list(self.lb1.folder.glob("role-*")))
        self.assertNotIn(VIP, self.lb1.node.addresses())


if __name__ == "__main__":
    unittest.main()
