"""vrrpctl against real vrrpd on one LAN: what it shows, what it moves, what survives a restart, who may."""
import json
import os
import signal
import subprocess
import unittest

from vrrp_lan import BIN, VIP, Lan, await_true

VRRPCTL = str(BIN / "vrrpctl")
SECRET = "a-secret-of-some-length"


class Vrrpctl(unittest.TestCase):
    def setUp(self):
        self.lan = Lan()
        self.addCleanup(self.lan.close)
        self.lb1, self.lb2 = self.lan.nodes

    def start(self, router, priority, interval="100ms"):
        token = router.folder / "token"
        token.write_text(SECRET + "\n")
        token.chmod(0o600)
        router.start_vrrpd(priority, interval, extra=f"""admin:
  listen: ['127.0.0.1:9112', 'unix:{router.folder}/admin.sock']
  token_file: {token}
directories: {{runtime: {router.folder}}}
""")

    def start_both(self):
        self.start(self.lb1, 200)
        self.start(self.lb2, 100)
        self.lb1.await_state("active")
        self.lb2.await_state("backup")

    def ctl(self, router, *words, way="socket", status=0):
        place = {"socket": ["--socket", f"{router.folder}/admin.sock"], "url": ["--url", "127.0.0.1:9112"]}[way]
        done = router.node.run([VRRPCTL, *words, *place])
        self.assertEqual(status, done.returncode, done.stdout + done.stderr)
        return done.stdout or done.stderr

    def test_the_addresses_move_by_the_operators_word_and_stay_there(self):
        self.start_both()
        self.assertIn("active", self.ctl(self.lb1, "status"))
        self.assertIn("Active here", self.ctl(self.lb1, "explain"))
        self.assertIn("not lesser", self.ctl(self.lb2, "explain", "51"))
        self.assertIn("no such router", self.ctl(self.lb2, "explain", "52", status=1))

        outage = self.lan.outage_of(lambda: self.ctl(self.lb1, "handover"), self.lb2.await_owner)
        print(f"handover at 100 ms: {outage} ms")
        self.assertLess(outage, 50)
        await_true(lambda: self.lan.owners() == ["lb2"], 2, "lb2 alone has the address")
        self.assertIn("on purpose", self.ctl(self.lb1, "explain"))
        self.assertIn("is not Active here", self.ctl(self.lb1, "handover", "51", status=1))
        heard = self.lb1.router()["advertisements_received"]
        await_true(lambda: self.lb1.router()["advertisements_received"] > heard + 10, 5, "a second of advertisements")
        self.assertEqual(["lb2"], self.lan.owners(), "the better router does not take back what it gave")
        self.ctl(self.lb2, "handover", "out0/51")
        await_true(lambda: self.lan.owners() == ["lb1"], 2, "and back")

    def test_maintenance_survives_a_restart_and_ends_by_the_operators_word(self):
        self.start_both()
        self.ctl(self.lb1, "maintenance", "on")
        self.assertEqual(["lb2"], self.lan.owners())
        said = self.ctl(self.lb1, "status", status=5)
        self.assertIn("maintenance, also after a restart", said)
        self.lb1.stop(signal.SIGKILL)
        self.start(self.lb1, 200)
        await_true(lambda: self.lb1.router() is not None, 5, "runs again")
        self.assertEqual(0, self.lb1.router()["priority"]["effective"])
        self.assertTrue(json.loads(self.ctl(self.lb1, "status", "--json", status=5))["maintenance"]["on"])
        self.ctl(self.lb1, "maintenance", "off")
        self.lb1.await_state("active")
        await_true(lambda: self.lan.owners() == ["lb1"], 2, "preempted")

    def test_who_may_change_something(self):
        self.start(self.lb1, 200)
        self.lb1.await_state("active")
        self.assertIn("active", self.ctl(self.lb1, "status", way="url"))
        self.assertIn("token", self.ctl(self.lb1, "maintenance", "on", way="url", status=4))
        self.ctl(self.lb1, "maintenance", "on", "--token-file", str(self.lb1.folder / "token"), "--wait=2s", way="url")
        self.assertFalse(self.lb1.owns())
        self.ctl(self.lb1, "maintenance", "off")  # root over the socket: no token

        def lower():
            os.setgid(65534)
            os.setuid(65534)
        os.chmod(self.lb1.folder / "admin.sock", 0o666)
        for folder in (self.lb1.folder, *self.lb1.folder.parents[:-2]):
            os.chmod(folder, os.stat(folder).st_mode | 0o011)
        stranger = subprocess.run([VRRPCTL, "maintenance", "on", "--socket", f"{self.lb1.folder}/admin.sock"],
                                  capture_output=True, text=True, preexec_fn=lower, check=False)
        self.assertEqual(4, stranger.returncode, stranger.stdout + stranger.stderr)
        self.assertFalse(self.lb1.router()["in_maintenance"])

    def test_nobody_takes_it_and_nobody_is_there(self):
        self.start(self.lb1, 200)
        self.lb1.await_state("active")
        self.assertIn("nobody else", self.ctl(self.lb1, "handover", "--wait=200ms", status=1))
        await_true(lambda: self.lb1.router()["state"] == "active", 3, "serves on")
        self.assertTrue(self.lb1.owns())
        self.assertEqual(0, self.lb1.stop())
        self.ctl(self.lb1, "status", status=3)

    def test_a_configuration_is_checked_and_a_watcher_sees_a_move(self):
        self.start_both()
        config = self.lb1.folder / "router.yaml"
        self.assertIn("right", self.ctl(self.lb1, "check", str(config)))
        faulty = self.lb1.folder / "faulty.yaml"
        faulty.write_text(config.read_text().replace("51", "511"))
        self.assertIn("vrid", self.ctl(self.lb1, "check", str(faulty), status=1))
        watcher = self.lb2.node.spawn([VRRPCTL, "watch", "--interval=20ms", "--socket", f"{self.lb2.folder}/admin.sock"],
                                      stdout=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (watcher.kill(), watcher.communicate()))
        self.assertIn("out0/51  backup", watcher.stdout.readline())
        self.ctl(self.lb1, "handover")
        self.assertIn("active", watcher.stdout.readline())

    def test_the_address_is_answered_all_the_time_while_it_moves_back_and_forth(self):
        self.start_both()
        probe = self.lan.probe()
        for giver, taker in ((self.lb1, self.lb2), (self.lb2, self.lb1)) * 3:
            self.ctl(giver, "handover")
            taker.await_owner()
        counted = probe.finish()[-1]
        print(f"6 moves: {counted}")
        self.assertLess(counted["outage_ms"], 50)
        self.assertIn(VIP, self.lb1.node.addresses())


if __name__ == "__main__":
    unittest.main()
