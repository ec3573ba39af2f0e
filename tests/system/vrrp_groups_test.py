"""Routers that move together: an outer and an inner virtual address, on two networks, with one Active Router for both."""
import json
import subprocess
import sys
import time
import unittest

from vrrp_handover_test import PORT, SECRET, VRRPCTL, Clients
from vrrp_lan import HERE, VIP, Lan, await_true

INNER_VIP = "10.0.0.100"
INNER = "in0"
DOWN_TIME = 0.4  # seconds at 100 ms


class Groups(unittest.TestCase):
    def setUp(self):
        self.lan = Lan("app1")
        self.addCleanup(self.lan.close)
        self.lb1, self.lb2 = self.lan.nodes
        self.app = self.lan.lab["app1"]

    def start(self, router, priority, key=None, drain="20s"):
        (router.folder / "key").write_text(SECRET + "\n")
        (router.folder / "key").chmod(0o600)
        handover = f"handover: {{key_file: {router.folder}/key, drain: {drain}}}\n" if key else ""
        router.start_vrrpd(priority, extra=f"""    group: pair
  - vrid: 52
    interface: {INNER}
    group: pair
    priority: {priority}
    advertisement_interval: 100ms
    addresses: [{INNER_VIP}/24]
admin:
  listen: ['127.0.0.1:9112', 'unix:{router.folder}/admin.sock']
directories: {{runtime: {router.folder}}}
{handover}""")

    def start_both(self, **options):
        self.start(self.lb1, 200, **options)
        self.lb1.await_state("active")
        self.start(self.lb2, 100, **options)
        self.lb2.await_state("backup")
        await_true(lambda: all(self.states(router) == {state} for router, state in
                               ((self.lb1, "active"), (self.lb2, "backup"))), 3, "settled")

    @staticmethod
    def states(router):
        return {one["state"] for one in json.loads(router.get("/status"))["routers"]}

    def inner_owners(self):
        return [router.name for router in self.lan.nodes
                if INNER_VIP in router.node.run(["ip", "-4", "addr", "show", "dev", INNER]).stdout]

    def await_all_on(self, router, seconds=3.0):
        def there():
            return self.lan.owners() == [router.name] and self.inner_owners() == [router.name]
        return await_true(there, seconds, f"{router.name} has both\n{self.lb1.tail()}\n{self.lb2.tail()}")

    def test_one_cut_network_moves_nothing_and_a_lost_carrier_moves_both(self):
        self.start_both()
        self.await_all_on(self.lb1)
        for network in ("outer", "inner"):  # the switch is broken, the carrier stays: they hear each other on the other one
            self.lb2.node.isolate(network)
            time.sleep(2 * DOWN_TIME)
            self.await_all_on(self.lb1, 0.1)
            self.assertEqual({"backup"}, self.states(self.lb2))
            self.lb2.node.restore(network)
            time.sleep(0.2)
        for network in ("inner", "outer"):
            self.lb1.node.cut(network)  # its own carrier: not fit, on either network
            self.await_all_on(self.lb2)
            self.lb1.node.restore(network)
            self.await_all_on(self.lb1)

    def test_a_dead_node_is_replaced_on_both_networks(self):
        self.start_both()
        inner = self.lan.tool(self.app, "probe", INNER_VIP)
        outage = self.lan.outage_of(lambda: self.lb1.node.isolate("outer", "inner"), self.lb2.await_owner)
        time.sleep(0.2)
        inner_outage = inner.finish()[-1]["outage_ms"]
        print(f"both networks, node vanishes at 100 ms: outer {outage}, inner {inner_outage} ms")
        self.assertLess(max(outage, inner_outage), DOWN_TIME * 1000 + 50)
        self.assertTrue(self.lan.client_reaches(self.lb2))
        self.lb1.node.restore("outer", "inner")
        self.await_all_on(self.lb1)
        self.assertEqual({"active"}, self.states(self.lb1))

    def serve(self, router):
        server = router.node.spawn([sys.executable, str(HERE / "handover_tool.py"), "serve", str(PORT), router.name],
                                   stdout=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (server.kill(), server.communicate()))
        self.assertEqual("ready", server.stdout.readline().strip())

    def clients(self, node, address):
        clients = Clients(self.lan, 8, 8, node=node, address=address)
        self.addCleanup(clients.kill)
        return clients

    def test_a_planned_move_moves_both_and_breaks_no_connection_on_either(self):
        for router in self.lan.nodes:
            self.serve(router)
        self.start_both(key=True)
        outer, inner = self.clients(self.lan.client, VIP), self.clients(self.app, INNER_VIP)
        for giver, taker in ((self.lb1, self.lb2), (self.lb2, self.lb1)):
            await_true(lambda: giver.router()["planned_move"]["successor"], 3, "a successor is known")
            done = giver.node.run([VRRPCTL, "handover", "52", "--socket", f"{giver.folder}/admin.sock"])
            self.assertEqual(0, done.returncode, done.stdout + done.stderr)
            await_true(lambda: self.states(taker) == {"active"} and self.states(giver) == {"backup"}, 2,
                       f"moved\n{giver.tail()}\n{taker.tail()}")
            self.assertIn("handed over, serving", giver.log.read_text())
            time.sleep(0.5)
        for name, clients in (("outer", outer), ("inner", inner)):
            counted = clients.finish()
            print(name, counted)
            self.assertEqual({}, counted["failures"], counted)
            self.assertGreater(counted["kept"], 0)
        self.await_all_on(self.lb1)
        for router in self.lan.nodes:
            await_true(lambda: "mainstay_move" not in router.node.run(["nft", "list", "tables"]).stdout
                       and "mainstay_hold" not in router.node.run(["nft", "list", "tables"]).stdout, 4, "no table is left")


if __name__ == "__main__":
    unittest.main()
