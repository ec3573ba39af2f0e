"""Who gets through to whom on the fleet as it stands, and by what."""
import json
import subprocess
import unittest

from raised import INNER_VIP, ROOT, fleet, note

from lab.network import set_sysctl
from support.flow_table import CLIENT, FLEET, NODES, PORTS, VIRTUAL, allowed, where

PROBE = str(ROOT / "tests/system/support/fleet_probe.py")
ANSWER_SECONDS = 4.0  # a SYN that was dropped is sent again after one, and after two more
# Daemons that listen here and say nothing to a stranger's datagram: that these pass, Alertmanager's mesh and vrrpd's own
# words tell. That others are blocked is seen as everywhere.
SILENT = {("udp", 9094), ("udp", 9113)}


class Walls(unittest.TestCase):
    def test_every_flow_of_the_table_passes_and_nothing_else(self):
        # A closed port's "unreachable" is rationed by the kernel, one in a second for each peer.
        for node in fleet().lab.nodes.values():
            set_sysctl(node.namespace, "net/ipv4/icmp_ratelimit", "0")
        places = [(name, network, address) for name in [*NODES, CLIENT] for network, address in where(name).items()]
        places += [("lb1", network, plan["vip"]) for network, plan in FLEET["networks"].items()]
        ways = {source: [(protocol, address, port) for target, _, address in places if target != source
                         for port in PORTS for protocol in ("tcp", "udp")] for source in [*NODES, CLIENT]}
        wanted = {source: {(protocol, address, port) for target, network, address in places if target != source
                           for port in PORTS for protocol in ("tcp", "udp")
                           if network in where(source) and allowed(source, target, network, protocol, port, address in VIRTUAL)}
                  for source in ways}
        passed = self.knock(ways)
        # What stood in a door just then (a daemon that read its certificate anew) is gone; a wall still stands.
        shut = {source: {way for way in wanted[source] - passed[source] if (way[0], way[2]) not in SILENT} for source in ways}
        for source, through in self.knock({source: sorted(found) for source, found in shut.items() if found}).items():
            passed[source] |= through
            shut[source] -= through
        wrong = [f"{source} to {' '.join(map(str, way))}: {what}" for source in ways
                 for what, found in (("passes", passed[source] - wanted[source]), ("is blocked", shut[source])) for way in sorted(found)]
        self.assertEqual([], wrong[:40], len(wrong))
        count = sum(map(len, passed.values()))
        self.assertGreater(count, 60)
        note(f"the matrix of flows: {sum(map(len, ways.values()))} ways on both networks, {count} pass as the table says, all else is blocked")

    @staticmethod
    def knock(ways: dict[str, list]) -> dict[str, set]:
        """From all at once, what answered."""
        knocking = {}
        for source, asked in ways.items():
            process = fleet().lab[source].spawn(["/usr/bin/python3", PROBE, "knock", str(ANSWER_SECONDS)], stdin=subprocess.PIPE,
                                                stdout=subprocess.PIPE, text=True)
            process.stdin.write(json.dumps(asked))
            process.stdin.close()
            process.stdin = None
            knocking[source] = process
        return {source: {tuple(what) for what in json.loads(process.communicate()[0])} for source, process in knocking.items()}

    def test_nobody_comes_in_by_a_password(self):
        for name, node in NODES.items():
            # Where a way to port 22 is: from lb1, and to lb1 from outside.
            start, address = (CLIENT, node["outer"]["address"]) if name == "lb1" else ("lb1", node["inner"]["address"])
            for user in ("root", FLEET["operator"]):
                done = fleet().lab[start].run(["ssh", "-F", "none", "-o", f"UserKnownHostsFile={fleet().place}/known_hosts",
                                               "-o", "PubkeyAuthentication=no", "-o", "ConnectTimeout=10", f"{user}@{address}", "true"],
                                              stdin=subprocess.DEVNULL)
                with self.subTest(node=name, user=user):
                    self.assertEqual(255, done.returncode)
                    self.assertIn("Permission denied (publickey)", done.stderr)
        note("ssh offers a password to nobody, on no node")

    def test_the_proxy_has_its_list_and_no_other_door(self):
        listed = FLEET["proxy"]["hosts"]
        self.assertEqual({host: "200" for host in listed}, {host: self.connected(host, 443) for host in listed})
        # Outside every name has an address, and at it a server that answers on 80 and 443.
        others = ["example.com", f"{listed[0]}.example.com", f"not{listed[0]}", listed[0].replace(".", "-"), "192.168.10.2"]
        self.assertEqual({host: "403" for host in others}, {host: self.connected(host, 443) for host in others})
        self.assertEqual({port: "403" for port in (22, 80, 8443)}, {port: self.connected(listed[0], port) for port in (22, 80, 8443)})
        note(f"the proxy at {INNER_VIP} connects {len(listed)} names at port 443, and no other name and no other port")

    @staticmethod
    def connected(host: str, port: int) -> str:
        """What the proxy answers to CONNECT."""
        proxy = f"http://{INNER_VIP}:{FLEET['proxy']['port']}"
        return fleet().lab["db1"].run(["curl", "--silent", "--output", "/dev/null", "--max-time", "10", "--write-out", "%{http_connect}",
                                       "--proxy", proxy, f"https://{host}:{port}/"]).stdout

    def test_the_two_alertmanagers_are_a_mesh(self):
        for name in ("app1", "app2"):
            done = fleet().lab[name].run(["curl", "--silent", "--max-time", "10", "http://127.0.0.1:9093/api/v2/status"])
            self.assertEqual(2, len(json.loads(done.stdout)["cluster"]["peers"]), name)
