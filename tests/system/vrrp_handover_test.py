"""Planned moves between two vrrpd, a web server on each node and clients that must notice nothing."""
import json
import os
import re
import signal
import subprocess
import sys
import time
import unittest

from vrrp_lan import BIN, HERE, VIP, Lan, await_true

VRRPCTL = str(BIN / "vrrpctl")
SECRET = "a-secret-of-some-length"
PORT = 8080
EVENTUALLY = 15  # seconds on a busy machine; a giver that is not told lets go after its drain of 20
MOVES = int(os.environ.get("MAINSTAY_MOVES", "10"))  # 100 is what the figure in docs/BENCH.md was measured with


class Clients:
    """handover_tool.py on a node: keep-alive and short-lived connections without a pause."""

    def __init__(self, lan, kept, short, node=None, address=VIP):
        self.process = (node or lan.client).spawn(
            [sys.executable, str(HERE / "handover_tool.py"), "clients", address, str(PORT), str(kept), str(short)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline().strip() == "ready"

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()

    def finish(self):
        output, _ = self.process.communicate("", timeout=20)
        return json.loads(output)


class Handover(unittest.TestCase):
    INTERVAL = "100ms"

    def setUp(self):
        self.lan = Lan()
        self.addCleanup(self.lan.close)
        self.lb1, self.lb2 = self.lan.nodes

    def clients(self, kept, short, address=VIP):
        clients = Clients(self.lan, kept, short, address=address)
        self.addCleanup(clients.kill)
        return clients

    def start(self, router, priority, interval=None, key=SECRET, drain="20s", addresses=(f"{VIP}/24",), lbd="", track=""):
        (router.folder / "key").write_text(key + "\n")
        (router.folder / "key").chmod(0o600)
        router.start_vrrpd(priority, interval or self.INTERVAL, extra=f"""{track}admin:
  listen: ['127.0.0.1:9112', 'unix:{router.folder}/admin.sock']
directories: {{runtime: {router.folder}}}
handover: {{key_file: {router.folder}/key, drain: {drain}{lbd}}}
""", addresses=addresses)

    def serve(self, router):
        server = router.node.spawn([sys.executable, str(HERE / "handover_tool.py"), "serve", str(PORT), router.name],
                                   stdout=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (server.kill(), server.communicate()))
        self.assertEqual("ready", server.stdout.readline().strip())
        return server

    def test_a_node_that_becomes_unfit_in_a_move_that_fails_gives_its_addresses_away(self):
        """Its successor asks for them, is offered them and does not hear it; meanwhile what is tracked fails."""
        weight = self.lb1.folder / "weight"
        weight.write_text("0\n")
        self.start(self.lb2, 100)
        self.lb2.await_state("active", 6)
        self.start(self.lb1, 200, track=f"    track: [{{name: weight, file: {weight}, interval: 20ms}}]\n")
        self.lb1.await_state("active", 6)
        self.await_successor(self.lb1)
        offers = "table ip deaf { chain in { type filter hook input priority 0; udp dport 9113 @th,96,8 2 drop; }; }"
        self.assertEqual(0, self.lb2.node.run(["nft", offers]).returncode)
        asked = self.lb2.node.run(["curl", "-sf", "-X", "POST", "--unix-socket", f"{self.lb2.folder}/admin.sock",
                                   "http://vrrpd/api/v1/routers/out0%2F51/take-back"])
        self.assertEqual(0, asked.returncode, asked.stdout)
        weight.write_text("-254\n")
        self.lb1.await_state("backup", 3)
        self.lb2.await_owner(3)

    def start_both(self, **options):
        for router in self.lan.nodes:
            self.serve(router)
        self.start(self.lb1, 200, **options)
        self.lb1.await_state("active", 6)
        self.start(self.lb2, 100, **options)
        self.await_successor(self.lb1)

    def await_successor(self, router):
        await_true(lambda: self.move(router)["successor"], EVENTUALLY, f"{router.name} knows a successor\n{router.tail()}")

    @staticmethod
    def move(router):
        return router.router()["planned_move"]

    def hand_over(self, giver, taker, address=VIP):
        done = giver.node.run([VRRPCTL, "handover", "--socket", f"{giver.folder}/admin.sock"])
        self.assertEqual(0, done.returncode, done.stdout + done.stderr + giver.tail())
        taker.await_owner(address=address)
        taker.await_state("active")
        return self.move(giver)["last_took_ms"]

    def tables(self, router):
        """Names of tables of moves that are left."""
        return re.findall(r"mainstay_(?:move|hold)_\w+", router.node.run(["nft", "list", "tables"]).stdout)

    def assert_all_served(self, counted):
        self.assertEqual({}, counted["failures"], counted)
        self.assertGreater(counted["kept"], 0)
        self.assertGreater(counted["short"], 0)

    def test_no_request_fails_when_the_addresses_move_back_and_forth(self):
        self.start_both()
        clients = self.clients(30, 30)
        took = []
        for giver, taker in ((self.lb1, self.lb2), (self.lb2, self.lb1)) * (MOVES // 2):
            self.await_successor(giver)
            took.append(self.hand_over(giver, taker))
            time.sleep(0.3)
        counted = clients.finish()
        print(f"{len(took)} moves, each {min(took):.1f} to {max(took):.1f} ms: {counted}")
        self.assert_all_served(counted)
        for router in self.lan.nodes:
            for part in ("giver", "taker"):
                self.assertEqual(MOVES // 2, self.counted(router, part, "done"))
            self.assertIn('vrrpd_lease{interface="out0",vrid="51"} 1', router.get("/metrics"))

    def counted(self, router, part, end):
        """Moves that ended so, by its metrics."""
        wanted = f'vrrpd_planned_moves_total{{interface="out0",vrid="51",part="{part}",end="{end}"}} '
        return sum(float(line.removeprefix(wanted)) for line in router.get("/metrics").splitlines() if line.startswith(wanted))

    def test_ipv6_addresses_move_as_quietly(self):
        service = "2001:db8:10::100"
        for router in self.lan.nodes:
            router.node.run(["ip", "-6", "addr", "add", f"2001:db8:10::{router.name[-1]}/64", "dev", "out0", "nodad"])
        self.lan.client.run(["ip", "-6", "addr", "add", "2001:db8:10::50/64", "dev", "out0", "nodad"])
        self.start_both(addresses=("fe80::100/64", f"{service}/64"))
        clients = self.clients(15, 15, service)
        for giver, taker in ((self.lb1, self.lb2), (self.lb2, self.lb1)) * 2:
            self.await_successor(giver)
            self.hand_over(giver, taker, service)
            time.sleep(0.5)
        self.assertTrue(self.lan.client_reaches(self.lb1, service))
        counted = clients.finish()
        print(f"IPv6, 4 moves: {counted}")
        self.assert_all_served(counted)
        self.assertGreater(counted["served_by"]["lb2"], 0)
        await_true(lambda: not self.tables(self.lb1) and not self.tables(self.lb2), EVENTUALLY, "no table is left")
        self.assertEqual(["lb1"], self.lan.owners(service))

    def serve_by_lbd(self, router):
        """lbd on PORT before an application of the node's own. Its token's file."""
        application = router.node.spawn([sys.executable, str(HERE / "handover_tool.py"), "serve", str(PORT + 1), router.name],
                                        stdout=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (application.kill(), application.communicate()))
        self.assertEqual("ready", application.stdout.readline().strip())
        token, config = router.folder / "lbd.token", router.folder / "lbd.yaml"
        token.write_text(SECRET + "\n")
        token.chmod(0o600)
        config.write_text(f"""listeners: [{{address: "0.0.0.0:{PORT}"}}]
admin: {{listen: "127.0.0.1:9101", token_file: {token}}}
upstreams: [{{name: app, endpoints: ["127.0.0.1:{PORT + 1}"]}}]
routes: [{{path: /, upstream: app}}]
""")
        lbd = router.node.spawn([str(BIN / "lbd"), "--config", str(config)], stdout=subprocess.DEVNULL)
        self.addCleanup(lambda: (lbd.terminate(), lbd.wait()))
        ready = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://127.0.0.1:9101/readyz"]
        await_true(lambda: router.node.run(ready).stdout == "200", EVENTUALLY, "lbd is ready")
        return token

    def test_busy_clients_of_lbd_move_of_their_own_accord(self):
        for router, priority in ((self.lb1, 200), (self.lb2, 100)):
            token = self.serve_by_lbd(router)
            self.start(router, priority, drain="60s", lbd=f", lbd: {{address: '127.0.0.1:9101', token_file: {token}}}")
        self.lb1.await_state("active", 6)
        self.await_successor(self.lb1)
        clients = self.clients(20, 10)
        self.hand_over(self.lb1, self.lb2)
        took = await_true(lambda: self.lan.owners() == ["lb2"], EVENTUALLY, lambda: f"lb1 lets go\n{self.lb1.tail()}")
        time.sleep(0.3)
        counted = clients.finish()
        print(f"lbd's clients moved {took * 1000:.0f} ms after the addresses: {counted}")
        self.assert_all_served(counted)
        kept = self.clients(2, 0)  # a connection is kept again, on either node
        self.hand_over(self.lb2, self.lb1)
        await_true(lambda: self.lan.owners() == ["lb1"], EVENTUALLY, "lb2 lets go")
        self.hand_over(self.lb1, self.lb2)
        self.assert_all_served_kept(kept.finish())

    def assert_all_served_kept(self, counted):
        self.assertEqual({}, counted["failures"], counted)
        self.assertGreater(counted["kept"], 0)

    def test_what_was_held_is_let_go_when_the_last_connection_has_ended(self):
        self.start_both()
        clients = self.clients(5, 5)
        self.hand_over(self.lb1, self.lb2)
        await_true(lambda: self.move(self.lb1)["connections_held"] >= 5, EVENTUALLY, "five connections live on at lb1")
        self.assertEqual(["lb1", "lb2"], self.lan.owners())
        self.assertTrue(self.lan.client_reaches(self.lb2))
        self.assert_all_served(clients.finish())
        await_true(lambda: self.lan.owners() == ["lb2"], EVENTUALLY, f"lb1 lets go\n{self.lb1.tail()}")
        await_true(lambda: not self.tables(self.lb1) and not self.tables(self.lb2), EVENTUALLY, "no table is left")
        self.assertTrue(self.lan.client_reaches(self.lb2))

    def test_a_better_router_that_comes_back_takes_over_without_breaking_anything(self):
        for router in self.lan.nodes:
            self.serve(router)
        self.start(self.lb2, 100)
        self.lb2.await_state("active")
        clients = self.clients(10, 10)
        self.start(self.lb1, 200)
        self.lb1.await_state("active", 6)
        self.assertIn("a peer hands over", self.lb1.log.read_text())
        time.sleep(0.3)
        self.assert_all_served(clients.finish())

    def test_a_stop_serves_what_is_connected_to_its_end(self):
        self.start_both()
        clients = self.clients(10, 10)
        self.lb1.send_signal(signal.SIGTERM)
        self.lb2.await_owner()
        self.lb2.await_state("active")
        await_true(lambda: self.move(self.lb1)["connections_held"] >= 10, EVENTUALLY, "lb1 serves on")
        self.assert_all_served(clients.finish())
        self.assertEqual(0, self.lb1.daemon.wait(timeout=10))
        self.lb1.daemon = None
        self.assertEqual(["lb2"], self.lan.owners())
        await_true(lambda: not self.tables(self.lb1) and not self.tables(self.lb2), EVENTUALLY, "no table is left")

    def test_a_second_signal_cuts_what_is_connected_at_once(self):
        self.start_both()
        clients = self.clients(3, 0)
        self.lb1.send_signal(signal.SIGTERM)
        await_true(lambda: self.move(self.lb1)["holding"], EVENTUALLY, "lb1 holds")
        self.assertEqual(0, self.lb1.stop())
        self.assertEqual(["lb2"], self.lan.owners())
        counted = clients.finish()
        self.assertGreater(sum(counted["failures"].values()), 0)
        self.assertLess(counted["slowest_ms"], 2000, "told at once, not left hanging")
        await_true(lambda: not self.tables(self.lb1) and not self.tables(self.lb2), EVENTUALLY, "no table is left")

    def test_an_unfit_router_hands_over_in_the_planned_way_and_takes_back_when_fit(self):
        self.start_both()
        clients = self.clients(10, 10)
        ctl = [VRRPCTL, "maintenance", "--socket", f"{self.lb1.folder}/admin.sock"]
        self.assertEqual(0, self.lb1.node.run([*ctl, "on"]).returncode)
        self.lb2.await_state("active")
        self.assertEqual(0, self.lb1.router()["priority"]["effective"])
        self.assertEqual(0, self.lb1.node.run([*ctl, "off"]).returncode)
        self.lb1.await_state("active")
        self.assert_all_served(clients.finish())

    def test_the_taker_is_killed_and_started_again_while_the_giver_still_serves(self):
        self.start_both(interval="1s")
        clients = self.clients(10, 10)
        self.hand_over(self.lb1, self.lb2)
        self.lb2.stop(signal.SIGKILL)
        self.start(self.lb2, 100, "1s")
        self.lb2.await_state("active", 2)
        time.sleep(2.5)  # longer than the table lives without the giver's word
        self.assertEqual("192.168.10.11", self.move(self.lb2)["diverting_to"], self.lb1.tail() + self.lb2.tail())
        self.assert_all_served(clients.finish())

    def test_tables_that_somebody_flushes_while_a_connection_is_held_are_put_back(self):
        self.start_both()
        kept = self.lan.client.spawn([sys.executable, str(HERE / "handover_tool.py"), "keep", VIP, str(PORT)],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (kept.kill(), kept.communicate()))

        def served_by():
            kept.stdin.write("\n")
            kept.stdin.flush()
            return kept.stdout.readline().strip()
        self.assertEqual("ready", kept.stdout.readline().strip())
        self.assertEqual("lb1", served_by())
        self.hand_over(self.lb1, self.lb2)
        await_true(lambda: self.move(self.lb1)["holding"], EVENTUALLY, "lb1 holds")
        before = {router: set(self.tables(router)) for router in self.lan.nodes}
        self.assertTrue(all(before.values()), before)
        for router in self.lan.nodes:
            router.node.run(["nft", "flush ruleset; add table ip foreign"])
        for router in self.lan.nodes:
            await_true(lambda router=router: before[router] <= set(self.tables(router)), EVENTUALLY, lambda router=router: router.tail())
        self.assertEqual("lb1", served_by(), "the connection lives on where it is")
        self.assertTrue(self.lan.client_reaches(self.lb2))
        kept.kill()
        await_true(lambda: not self.tables(self.lb1) and not self.tables(self.lb2), EVENTUALLY, "no table is left")

    def test_the_giver_is_killed_while_it_still_serves(self):
        """Nobody is left to divert to for long: who was connected there is told at once, the others notice nothing."""
        self.start_both()
        kept = self.clients(5, 0)
        self.hand_over(self.lb1, self.lb2)
        short = self.clients(0, 10)
        self.lb1.stop(signal.SIGKILL)
        await_true(lambda: not self.tables(self.lb2), EVENTUALLY, "lb2 diverts no longer")
        self.assert_silent(self.lb1)
        kept.finish()
        self.start(self.lb1, 200)
        self.lb1.await_state("active", 6)
        await_true(lambda: not self.tables(self.lb1) and not self.tables(self.lb2), EVENTUALLY, "no table is left")
        self.assertEqual({}, short.finish()["failures"])

    def assert_silent(self, router):
        self.assertTrue(router.owns())
        self.lan.client.run(["ip", "neigh", "flush", "all"])
        self.lan.client.run(["ping", "-c1", "-W1", VIP])
        self.assertFalse(self.lan.client_reaches(router))

    def test_after_a_crash_of_the_old_node_its_connections_are_reset_at_once(self):
        self.start_both()
        clients = self.clients(5, 0)
        self.lb1.cut_off()
        self.lb2.await_owner()
        time.sleep(0.5)
        counted = clients.finish()
        self.assertGreater(counted["failures"].get("kept: ConnectionResetError", 0)
                           + counted["failures"].get("kept: IncompleteReadError", 0), 0, counted)
        self.assertEqual([], self.tables(self.lb2))

    def test_another_key_or_none_falls_back_to_the_plain_way(self):
        for router in self.lan.nodes:
            self.serve(router)
        self.start(self.lb1, 200)
        self.lb1.await_state("active")
        self.start(self.lb2, 100, key="quite another secret")
        self.lb2.await_state("backup")
        await_true(lambda: "mac" in self.lb1.log.read_text(), 3, "lb1 refuses lb2's word")
        self.assertIsNone(self.move(self.lb1)["successor"])
        outage = self.lan.outage_of(lambda: self.lb1.node.run([VRRPCTL, "handover", "--socket",
                                                              f"{self.lb1.folder}/admin.sock"]), self.lb2.await_owner)
        self.assertLess(outage, 50)
        await_true(lambda: self.lan.owners() == ["lb2"], 2, "lb2 alone has the address")
        self.assertEqual([], self.tables(self.lb1) + self.tables(self.lb2))


if __name__ == "__main__":
    unittest.main()
