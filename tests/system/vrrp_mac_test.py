#!/usr/bin/python3
"""A virtual MAC address: the clients' neighbour entry stays what it is, whoever is Active, and nothing is left behind."""
import json
import re
import signal
import subprocess
import time
import unittest

from vrrp_handover_test import PORT, SECRET, VRRPCTL, Clients
from vrrp_lan import HERE, INTERFACE, VIP, Lan, await_true

MAC = "00:00:5e:00:01:33"  # of VRID 51
DOWN_TIME = 0.361  # seconds at 100 ms and priority 100
MARGIN = 0.100


class VirtualMac(unittest.TestCase):
    def setUp(self):
        self.lan = Lan()
        self.addCleanup(self.lan.close)
        self.lb1, self.lb2 = self.lan.nodes
        for router in self.lan.nodes:  # whatever device it stands on
            router.owns = lambda address=VIP, node=router.node: node.run(["ip", "-o", "addr", "show", "to", address]).stdout != ""

    def start(self, router, priority, key=False, addresses=(f"{VIP}/24",)):
        (router.folder / "key").write_text(SECRET + "\n")
        (router.folder / "key").chmod(0o600)
        handover = f"handover: {{key_file: {router.folder}/key, drain: 20s}}\n" if key else ""
        router.start_vrrpd(priority, extra=f"""    virtual_mac: true
admin:
  listen: ['127.0.0.1:9112', 'unix:{router.folder}/admin.sock']
directories: {{runtime: {router.folder}}}
{handover}""", addresses=addresses)

    def start_both(self, **options):
        self.start(self.lb1, 200, **options)
        self.lb1.await_state("active")
        self.start(self.lb2, 100, **options)
        self.lb2.await_state("backup")
        # Who has not heard a router yet may miss its resignation, and waits out a whole down-time.
        await_true(lambda: self.lb2.router()["advertisements_received"] > 0, 3, "the Backup hears the Active Router")

    @staticmethod
    def device(router):
        """What ip(8) says of the macvlan; empty when there is none."""
        links = json.loads(router.node.run(["ip", "-j", "-d", "addr", "show", "type", "macvlan"]).stdout or "[]")
        return next((link for link in links if link), None)

    def entry(self, address=VIP):
        """The MAC address that the client's neighbour cache has."""
        found = re.search(r"lladdr (\S+)", self.lan.client.run(["ip", "neigh", "show", address]).stdout)
        return found and found.group(1)

    def assert_nothing_is_left(self, router):
        self.assertIsNone(self.device(router))
        self.assertEqual("", router.node.run(["nft", "list", "ruleset"]).stdout.strip())

    def test_the_clients_entry_stays_and_no_announcement_is_needed(self):
        self.start_both()
        self.assertEqual(MAC, self.lb1.router()["virtual_mac"])
        self.assertEqual((MAC, True), (self.device(self.lb1)["address"], "UP" in self.device(self.lb1)["flags"]))
        self.assertNotIn("UP", self.device(self.lb2)["flags"], "a Backup does not listen to it")
        heard = self.lb2.router()["advertisements_received"]
        await_true(lambda: self.lb2.router()["advertisements_received"] > heard + 5, 3, "the Backup hears the Active Router")
        self.lan.client.run(["ping", "-c1", "-W1", VIP])
        self.assertEqual(MAC, self.entry())
        self.lan.drop_announcements()  # only the advertisements tell where the MAC address is
        outage = self.lan.outage_of(self.lb1.cut_off, self.lb2.await_owner)
        print(f"node vanishes at 100 ms, announcements lost, virtual MAC: {outage} ms")
        self.assertLess(outage, (DOWN_TIME + MARGIN) * 1000)
        self.assertEqual(MAC, self.entry())
        self.lan.pass_announcements()
        self.lb1.reconnect()
        await_true(lambda: self.lan.owners() == ["lb1"], 3, "one owner after healing")
        outage = self.lan.outage_of(lambda: self.assertEqual(0, self.lb1.stop()), self.lb2.await_owner)
        print(f"stop at 100 ms, virtual MAC: {outage} ms")
        self.assertEqual(MAC, self.entry())
        self.assert_nothing_is_left(self.lb1)
        self.lb2.stop()
        self.assert_nothing_is_left(self.lb2)

    def test_what_is_said_bears_it_and_the_interface_below_says_nothing(self):
        self.start_both()
        arp = self.lan.watch_arp()
        sniffer = self.lan.client.spawn(
            ["tcpdump", "-lnei", INTERFACE, "-c", "5", "proto", "112"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True) if self.has_tcpdump() else None
        for _ in range(5):
            self.lan.client.run(["ip", "neigh", "flush", "dev", INTERFACE])
            self.assertEqual(0, self.lan.client.run(["ping", "-c1", "-W1", VIP]).returncode)
            self.lan.client.run(["ping", "-c1", "-W1", self.lb1.node.address()])
            self.assertEqual((MAC, self.lb1.mac), (self.entry(), self.entry(self.lb1.node.address())))
        # The node asks, too, with the virtual address as its source: no neighbour may learn another MAC address from it.
        self.lb1.node.run(["ip", "neigh", "flush", "dev", INTERFACE])
        self.lb1.node.run(["ping", "-c1", "-W1", "-I", VIP, self.lan.client.address()])
        self.assertEqual(MAC, self.entry())
        self.assertEqual({MAC}, {line["mac"] for line in arp.finish()})
        if sniffer:
            said = sniffer.communicate(timeout=10)[0].splitlines()
            self.assertTrue(all(f" {MAC} > 01:00:5e:00:00:12" in line for line in said), said)

    @staticmethod
    def has_tcpdump():
        return subprocess.run(["which", "tcpdump"], capture_output=True, check=False).returncode == 0

    def test_a_killed_run_is_taken_over_or_cleaned_up(self):
        self.start_both()
        index = self.device(self.lb1)["ifindex"]
        self.lb1.stop(signal.SIGKILL)
        self.start(self.lb1, 200)
        self.lb1.await_state("active")
        self.assertEqual(index, self.device(self.lb1)["ifindex"])
        await_true(lambda: self.lan.owners() == ["lb1"], 3, "one owner")
        self.lb1.stop(signal.SIGKILL)
        self.lb2.await_owner()
        self.start(self.lb1, 50)
        await_true(lambda: self.lan.owners() == ["lb2"], 3, "the stale address is gone")
        await_true(lambda: "UP" not in self.device(self.lb1)["flags"], 2, "and its device is down")
        self.lb1.stop(signal.SIGKILL)
        self.lb1.start_vrrpd(50)  # without one: the device goes
        self.lb1.await_state("backup")
        await_true(lambda: self.device(self.lb1) is None, 2, "no device without a virtual MAC address")

    def test_one_that_somebody_removes_is_made_anew(self):
        self.start(self.lb1, 200)
        self.lb1.await_owner()
        self.lb1.node.run(["ip", "link", "del", self.device(self.lb1)["ifname"]])
        await_true(lambda: self.device(self.lb1) and "UP" in self.device(self.lb1)["flags"] and self.lb1.owns(), 3,
                   lambda: f"it is back\n{self.lb1.tail()}")
        self.lan.client.run(["ip", "neigh", "flush", "dev", INTERFACE])
        self.assertEqual(0, self.lan.client.run(["ping", "-c1", "-W1", VIP]).returncode)
        self.assertEqual("active", self.lb1.router()["state"])

    def test_rules_that_somebody_flushes_are_put_back(self):
        """They keep the interface below from saying anything of the address."""
        self.start(self.lb1, 200)
        self.lb1.await_owner()
        tables = set(self.lb1.node.run(["nft", "list", "tables"]).stdout.splitlines())
        self.assertTrue(any("mainstay_vmac_51_out0" in table for table in tables), tables)
        self.lb1.node.run(["nft", "flush ruleset; add table ip foreign"])
        await_true(lambda: tables <= set(self.lb1.node.run(["nft", "list", "tables"]).stdout.splitlines()), 3,
                   lambda: f"they are back\n{self.lb1.tail()}")
        arp = self.lan.watch_arp()
        for _ in range(3):
            self.lan.client.run(["ip", "neigh", "flush", "dev", INTERFACE])
            self.assertEqual(0, self.lan.client.run(["ping", "-c1", "-W1", VIP]).returncode)
        self.assertEqual({MAC}, {line["mac"] for line in arp.finish()})
        self.assertEqual("active", self.lb1.router()["state"])

    def test_a_planned_move_breaks_no_connection(self):
        for router in self.lan.nodes:
            server = router.node.spawn(["/usr/bin/python3", str(HERE / "handover_tool.py"), "serve", str(PORT), router.name],
                                       stdout=subprocess.PIPE, text=True)
            self.addCleanup(lambda server=server: (server.kill(), server.communicate()))
            self.assertEqual("ready", server.stdout.readline().strip())
        self.start_both(key=True)
        clients = Clients(self.lan, 8, 8)
        self.addCleanup(clients.kill)
        for giver, taker in ((self.lb1, self.lb2), (self.lb2, self.lb1)) * 2:
            await_true(lambda: giver.router()["planned_move"]["successor"], 5, lambda: f"a successor\n{giver.tail()}")
            done = giver.node.run([VRRPCTL, "handover", "--socket", f"{giver.folder}/admin.sock"])
            self.assertEqual(0, done.returncode, done.stdout + done.stderr + giver.tail())
            taker.await_state("active")
            time.sleep(0.3)  # of requests by the new way
        counted = clients.finish()
        print(counted)
        self.assertEqual({}, counted["failures"], counted)
        self.assertGreater(counted["kept"], 0)
        self.assertEqual(MAC, self.entry())

    def test_ipv6_has_one_of_its_own(self):
        service, mac = "2001:db8:10::100", "00:00:5e:00:02:33"
        for router in self.lan.nodes:
            router.node.run(["ip", "-6", "addr", "add", f"2001:db8:10::{router.name[-1]}/64", "dev", INTERFACE, "nodad"])
        self.lan.client.run(["ip", "-6", "addr", "add", "2001:db8:10::50/64", "dev", INTERFACE, "nodad"])
        self.start_both(addresses=("fe80::100/64", f"{service}/64"))
        self.assertEqual({"fe80::100", service}, {one["local"] for one in self.device(self.lb1)["addr_info"]},
                         "no address is made of the virtual MAC address")
        outage = self.lan.outage_of(lambda: self.assertEqual(0, self.lb1.stop()),
                                    lambda: self.lb2.await_state("active"), address=service)
        print(f"IPv6, stop at 100 ms, virtual MAC: {outage} ms")
        self.lan.client.run(["ping", "-c1", "-W1", service])
        self.assertEqual(mac, self.entry(service))
        self.assertLess(outage, MARGIN * 1000)
        self.lb2.stop()
        self.assert_nothing_is_left(self.lb2)


if __name__ == "__main__":
    unittest.main()
