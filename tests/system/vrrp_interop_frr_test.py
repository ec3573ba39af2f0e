"""vrrpd and FRR's vrrpd in one Virtual Router: VRRPv3 over IPv4 and IPv6, VRRPv2, both roles, both forms of the checksum.

FRR answers with the virtual MAC from a macvlan of its own; ours answers with the interface's, and the neighbours follow.
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from dataclasses import dataclass

from vrrp_failover_test import MARGIN, down_time
from vrrp_lan import INTERFACE, VIP, Lan, await_true

PROGRAMS = "/usr/lib/frr"
VIP6 = "fe80::100"


@dataclass(frozen=True)
class Kind:
    family: int
    version: int = 3
    interval: float = 0.1

    @property
    def more(self):
        """Of ours."""
        return f"    version: {self.version}\n" if self.version != 3 else ""


KINDS = (Kind(4), Kind(6), Kind(4, version=2, interval=1.0))


class Frr:
    """zebra and vrrpd of FRR on a node, with the macvlan that they want to find."""

    def __init__(self, node, priority, kind):
        self.node, self.family = node, kind.family
        family = kind.family
        # Its programs run as a user of their own, who must reach it.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mainstay-frr-"))
        shutil.chown(self.folder, "frr", "frr")
        octet, address, length = ("01", VIP, 24) if family == 4 else ("02", VIP6, 64)
        self.mac = f"00:00:5e:00:{octet}:33"
        device = f"vrrp{family}-51"
        for command in (f"ip link add {device} link {INTERFACE} type macvlan mode bridge",
                        f"ip link set {device} addrgenmode {'random' if family == 6 else 'none'}",
                        f"ip link set {device} address {self.mac}",
                        # Its macvlan comes up late; while ours still answers, or for the moment that ours thinks itself
                        # alone, duplicate address detection would refuse it the address for good.
                        f"ip addr add {address}/{length} dev {device}" + (" nodad" if family == 6 else ""),
                        f"ip link set {device} up"):
            done = node.node.run(command.split())
            if done.returncode != 0:
                raise RuntimeError(command + done.stderr)
        word = "ip" if family == 4 else "ipv6"
        (self.folder / "frr.conf").write_text(f"""hostname frr
interface {INTERFACE}
 vrrp 51 version {kind.version}
 vrrp 51 priority {priority}
 vrrp 51 advertisement-interval {int(kind.interval * 1000)}
 vrrp 51 {word} {address}
""")
        self.programs = []
        self.log = (self.folder / "log").open("w")
        for name in ("zebra", "vrrpd"):
            self.start(name)
            await_true(lambda: (self.folder / f"{name}.vty").exists(), 5,
                       lambda: f"FRR's {name} is there: " + (self.folder / "log").read_text())

    def start(self, name):
        self.programs.append(self.node.node.spawn(
            [f"{PROGRAMS}/{name}", "-i", str(self.folder / f"{name}.pid"), "-z",
             str(self.folder / "zserv"), "--vty_socket", str(self.folder), "-P", "0", "-f", str(self.folder / "frr.conf"),
             "--log", "stdout"], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log))

    def status(self):
        said = self.node.node.run(["vtysh", "--vty_socket", str(self.folder), "-c", "show vrrp json"]).stdout
        return json.loads(said)[0]["v4" if self.family == 4 else "v6"]

    def is_master(self):
        try:
            return self.status()["status"] == "Master"
        except (ValueError, KeyError, IndexError):
            return False

    def tell(self):
        return (self.folder / "log").read_text()[-2000:] + str(self.status())

    def stop(self):
        for program in reversed(self.programs):
            program.terminate()
        for program in self.programs:
            program.wait(timeout=10)
        self.log.close()
        self.programs = []
        shutil.rmtree(self.folder)


@unittest.skipUnless(os.path.exists(f"{PROGRAMS}/vrrpd"), "FRR is not installed")
class FrrInterop(unittest.TestCase):
    def setUp(self):
        self.lan = Lan()
        self.addCleanup(self.lan.close)
        self.lb1, self.lb2 = self.lan.nodes

    def frr(self, node, priority, kind):
        frr = Frr(node, priority, kind)
        self.addCleanup(frr.stop)
        return frr

    def addresses(self, family):
        return (f"{VIP}/24",) if family == 4 else (f"{VIP6}/64",)

    def target(self, family):
        return VIP if family == 4 else f"{VIP6}%{INTERFACE}"

    def reached(self, mac, family):
        address = VIP if family == 4 else VIP6
        return f"lladdr {mac}" in self.lan.client.run(["ip", "neigh", "show", address]).stdout

    def test_ours_is_active_and_theirs_takes_over(self):
        for kind in KINDS:
            with self.subTest(kind=kind):
                self.assert_theirs_takes_over(kind)
            self.doCleanups()
            self.setUp()

    def start_ours(self, priority, kind):
        self.lb1.start_vrrpd(priority, f"{int(kind.interval * 1000)}ms", kind.more, addresses=self.addresses(kind.family))

    def assert_theirs_takes_over(self, kind):
        family = kind.family
        self.start_ours(200, kind)
        self.lb1.await_state("active", 10)
        theirs = self.frr(self.lb2, 100, kind)
        await_true(lambda: theirs.status()["status"] == "Backup", 5, theirs.tell)
        time.sleep(max(1.0, 1.3 * down_time(100, kind.interval)))
        self.assertFalse(theirs.is_master(), "it hears us: " + theirs.tell())
        outage = self.lan.outage_of(self.lb1.stop, lambda: await_true(theirs.is_master, 10, theirs.tell),
                                    self.target(family))
        await_true(lambda: self.reached(theirs.mac, family), 2, "the client follows")
        print(f"{kind}: ours stops, theirs takes over: {outage} ms")
        self.assertLess(outage, 5 * MARGIN * 1000)

    def test_they_want_the_pseudo_header_in_the_checksum_and_ours_takes_either(self):
        """FRR 8.4 refuses the checksum of RFC 9568 over IPv4, so `pseudo_header` is what ours sends by default."""
        self.lb1.start_vrrpd(200, extra="    checksum: message_only\n")
        self.lb1.await_state("active")
        theirs = self.frr(self.lb2, 100, Kind(4))
        await_true(theirs.is_master, 5, "it does not understand us")
        await_true(lambda: self.lb1.router()["both_active"], 2, "ours understands it")
        self.assertEqual(0, self.lb1.discarded()["checksum"])
        self.lb1.write_vrrpd(200)
        self.lb1.send_signal(signal.SIGHUP)
        await_true(lambda: not theirs.is_master(), 3, theirs.tell)

    def test_theirs_is_active_and_ours_takes_over(self):
        for kind in KINDS:
            with self.subTest(kind=kind):
                self.assert_ours_takes_over(kind)
            self.doCleanups()
            self.setUp()

    def assert_ours_takes_over(self, kind):
        family, silence = kind.family, down_time(100, kind.interval)
        theirs = self.frr(self.lb2, 200, kind)
        await_true(theirs.is_master, 10, theirs.tell)
        self.lan.probe_once_served(self.target(family)).finish()  # it says Master before its macvlan answers
        self.start_ours(100, kind)
        self.lb1.await_state("backup")
        time.sleep(1.3 * silence)
        self.assertEqual("backup", self.lb1.router()["state"], "it hears them")
        outage = self.lan.outage_of(self.lb2.cut_off, lambda: self.lb1.await_state("active", 10), self.target(family))
        await_true(lambda: self.reached(self.lb1.mac, family), 2, "the client follows")
        print(f"{kind}: theirs vanishes, ours takes over: {outage} ms")
        self.assertLess(outage, (silence + 5 * MARGIN) * 1000)
        self.lb2.reconnect()
        self.lb1.await_state("backup", 10)
        await_true(theirs.is_master, 10, theirs.tell)
        self.assertEqual(0, self.lb1.discarded()["checksum"])


if __name__ == "__main__":
    unittest.main()
