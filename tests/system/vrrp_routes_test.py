#!/usr/bin/python3
"""Routes that belong to the Active Router: there with the role, gone with it, back when somebody takes them, never stolen."""
import signal
import unittest

from vrrp_lan import INTERFACE, VIP, Lan, await_true

GATEWAY = "192.168.10.254"
ROUTES = f"""    routes:
      - {{to: 172.20.0.0/16, via: {GATEWAY}, source: {VIP}, metric: 50}}
      - {{to: 172.21.0.0/16, table: 200}}
"""


class Routes(unittest.TestCase):
    def setUp(self):
        self.lan = Lan()
        self.addCleanup(self.lan.close)
        self.lb1, self.lb2 = self.lan.nodes

    @staticmethod
    def routes(router):
        """Those of vrrpd, as ip(8) tells them."""
        return router.node.run(["ip", "-o", "route", "show", "table", "all", "proto", "112"]).stdout

    def await_routes(self, router):
        def there():
            told = self.routes(router)
            return all(part in told for part in (f"172.20.0.0/16 via {GATEWAY}", f"src {VIP} metric 50",
                                                 f"172.21.0.0/16 dev {INTERFACE} table 200"))
        return await_true(there, 3, lambda: f"{router.name} has its routes: {self.routes(router)}\n{router.tail()}")

    def await_none(self, router):
        await_true(lambda: self.routes(router) == "", 3, lambda: f"{router.name} has none: {self.routes(router)}")

    def test_they_are_there_with_the_role_and_gone_with_it(self):
        self.lb1.start_vrrpd(200, extra=ROUTES)
        self.lb1.await_owner()
        self.await_routes(self.lb1)
        self.lb2.start_vrrpd(100, extra=ROUTES)
        self.lb2.await_state("backup")
        self.assertEqual("", self.routes(self.lb2))
        self.assertIn(f"172.20.0.0/16 via {GATEWAY} src {VIP} metric 50", self.lb1.router()["routes"])
        self.lb1.stop()
        self.lb2.await_owner()
        self.await_routes(self.lb2)
        self.assertEqual("", self.routes(self.lb1))

        self.lb2.write_vrrpd(100)  # a reload without them
        self.lb2.send_signal(signal.SIGHUP)
        self.await_none(self.lb2)
        self.lb2.write_vrrpd(100, extra=ROUTES)
        self.lb2.send_signal(signal.SIGHUP)
        self.await_routes(self.lb2)
        self.assertEqual("active", self.lb2.router()["state"])

        self.lb2.stop(signal.SIGKILL)  # what a run that was killed leaves the next one removes
        self.assertNotEqual("", self.routes(self.lb2))
        self.lb1.start_vrrpd(200)
        self.lb1.await_owner()
        self.lb2.start_vrrpd(100, extra=ROUTES)
        self.lb2.await_state("backup")
        self.await_none(self.lb2)

    def test_one_that_is_taken_is_put_back_and_a_foreign_one_is_left_alone(self):
        foreign = ["ip", "route", "add", "172.21.0.0/16", "dev", INTERFACE, "table", "200", "proto", "static"]
        self.lb1.node.run(foreign)
        self.lb1.start_vrrpd(200, extra=ROUTES)
        self.lb1.await_owner()
        await_true(lambda: self.lb1.router()["routes_refused"] > 0, 2, "the foreign route is told")
        self.assertIn("route not taken", self.lb1.log.read_text())
        self.assertIn("proto static", self.lb1.node.run(["ip", "route", "show", "table", "200"]).stdout)
        self.assertEqual("active", self.lb1.router()["state"], "the addresses are served without it")

        for taken in (["ip", "route", "del", "172.20.0.0/16", "metric", "50"], foreign[:2] + ["del"] + foreign[3:]):
            self.lb1.node.run(taken)
        self.await_routes(self.lb1)
        await_true(lambda: self.lb1.router()["routes_restored"] == 2, 1, "counted")
        self.assertIn("a route was gone", self.lb1.log.read_text())
        self.assertEqual(0, self.lb1.stop())
        self.await_none(self.lb1)


if __name__ == "__main__":
    unittest.main()
