#!/usr/bin/python3
"""`vrrpctl drill`: a practised failover that breaks nothing, says what was seen, and is refused where it would hurt."""
import json
import signal
import subprocess
import unittest

from vrrp_handover_test import PORT, SECRET, VRRPCTL, Clients
from vrrp_lan import HERE, VIP, Lan, await_true


class Drill(unittest.TestCase):
    def setUp(self):
        self.lan = Lan()
        self.addCleanup(self.lan.close)
        self.lb1, self.lb2 = self.lan.nodes

    def start(self, router, priority, key=True):
        (router.folder / "key").write_text(SECRET + "\n")
        (router.folder / "key").chmod(0o600)
        handover = f"handover: {{key_file: {router.folder}/key, drain: 20s}}\n" if key else ""
        router.start_vrrpd(priority, "300ms", extra=f"""admin:
  listen: ['127.0.0.1:9112', 'unix:{router.folder}/admin.sock']
directories: {{runtime: {router.folder}}}
{handover}""")

    def start_both(self, **options):
        self.start(self.lb1, 200, **options)
        self.lb1.await_state("active")
        self.start(self.lb2, 100, **options)
        self.lb2.await_state("backup")
        if options.get("key", True):
            self.await_successor(self.lb1)

    @staticmethod
    def await_successor(router):
        await_true(lambda: router.router()["planned_move"]["successor"], 5, lambda: f"a successor\n{router.tail()}")

    def begin(self, router, *options):
        process = router.node.spawn([VRRPCTL, "drill", *options, "--socket", f"{router.folder}/admin.sock"],
                                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(lambda: (process.poll() is None and process.kill(), process.communicate()))
        return process

    def drill(self, router, *options, status=0):
        process = self.begin(router, *options)
        said, _ = process.communicate(timeout=60)
        self.assertEqual(status, process.returncode, said + self.lb1.tail() + self.lb2.tail())
        return said

    def test_the_addresses_go_and_come_back_and_no_request_fails(self):
        for router in self.lan.nodes:
            server = router.node.spawn(["/usr/bin/python3", str(HERE / "handover_tool.py"), "serve", str(PORT), router.name],
                                       stdout=subprocess.PIPE, text=True)
            self.addCleanup(lambda server=server: (server.kill(), server.communicate()))
            self.assertEqual("ready", server.stdout.readline().strip())
        self.start_both()
        clients = Clients(self.lan, 8, 8)
        self.addCleanup(clients.kill)
        said = self.drill(self.lb1, "51", "--stay=1500ms")
        print(said)
        self.assertIn("out0/51: passed", said)
        self.assertEqual(("active", "backup"), (self.lb1.router()["state"], self.lb2.router()["state"]))

        # A lesser node that is Active by the operator's word gets them back, too.
        self.await_successor(self.lb1)
        done = self.lb1.node.run([VRRPCTL, "handover", "--socket", f"{self.lb1.folder}/admin.sock"])
        self.assertEqual(0, done.returncode, done.stderr)
        self.lb2.await_state("active")
        self.await_successor(self.lb2)
        await_true(lambda: not self.lb2.router()["planned_move"]["holding"], 25, "nothing is held of the move before")
        report = json.loads(self.drill(self.lb2, "--stay=1s", "--json"))
        self.assertTrue(report[0]["passed"], report)
        self.assertEqual("192.168.10.11", report[0]["successor"])
        self.assertGreater(report[0]["advertisements_heard"], 0)
        self.assertEqual("active", self.lb2.router()["state"])
        counted = clients.finish()
        print(counted)
        self.assertEqual({}, counted["failures"], counted)

    def test_it_is_refused_where_it_would_hurt(self):
        self.start_both(key=False)
        self.assertIn("nobody that could take over", self.drill(self.lb1, status=1))
        self.assertIn("not Active here", self.drill(self.lb2, "51", status=1))
        self.assertIn("no such router", self.drill(self.lb1, "52", status=1))
        self.assertEqual("active", self.lb1.router()["state"])
        done = self.lb1.node.run([VRRPCTL, "maintenance", "on", "--socket", f"{self.lb1.folder}/admin.sock"])
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn("in maintenance", self.drill(self.lb1, "51", status=1))

    def test_a_successor_that_dies_fails_the_drill_and_the_addresses_are_served(self):
        self.start_both()
        process = self.begin(self.lb1, "--stay=20s", "--wait=5s")
        self.lb2.await_owner(10)
        self.lb2.await_state("active")
        self.lb2.stop(signal.SIGKILL)
        self.lb1.await_state("active")
        process.send_signal(signal.SIGINT)  # the stay ends
        said, _ = process.communicate(timeout=30)
        self.assertEqual(1, process.returncode, said)
        self.assertIn("FAILED", said)
        self.assertIn("came back by themselves", said)
        self.assertTrue(self.lb1.owns(VIP))


if __name__ == "__main__":
    unittest.main()
