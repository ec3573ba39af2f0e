"""Our daemons under the systemd of a machine: what hangs is ended and comes back, a faulty file is refused, sockets outlive who
serves them, and a new package takes the place of the old one; meanwhile guests are served."""
import time
import unittest

import guest
from moving import await_both
from raised import INNER_VIP, VIP, fleet, note

from lab.waiting import wait_until

WATCHDOG_SECONDS = 15  # WatchdogSec= of lbd and bookd is five
BACK_SECONDS = 30
STATE_SECONDS = 10
LBD = "/etc/mainstay/lbd.yaml"
VRRPD = "/etc/mainstay/vrrpd.yaml"
LB2 = "192.168.10.12"
WEB = "/etc/systemd/system/lbd.socket.d/web.conf"
# Package → its node, its unit, its configuration.
NEXT = {"mainstay-lb": ("lb1", "lbd", LBD), "mainstay-vrrp": ("lb1", "vrrpd", VRRPD),
        "mainstay-book": ("app1", "bookd", "/etc/mainstay/bookd.yaml")}
REBUILD = """
dpkg-deb -R /var/cache/mainstay/{package}.deb /tmp/{package}
sed -i 's/^Version: .*/&+next/' /tmp/{package}/DEBIAN/control
echo '# A word of the next release.' >>/tmp/{package}{file}
dpkg-deb -Znone -b /tmp/{package} /tmp/{package}.deb
"""


def sh(node: str, script: str) -> str:
    return fleet()[node].said("sh", "-ec", script)


def shown(node: str, unit: str, what: str) -> str:
    return sh(node, f"systemctl show --property={what} --value {unit}").strip()


def journal(node: str, unit: str, since: str) -> str:
    return sh(node, f"journalctl --unit={unit} --since=@{since} --output=cat --no-pager")


def now(node: str) -> str:
    return sh(node, "date +%s.%N").strip()


def active_changes() -> str:
    """How often each router of lb1 has become anything."""
    return sh("lb1", "curl --silent --fail http://127.0.0.1:9112/metrics | grep ^vrrpd_transitions_total")


class Units(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        guest.arrive()

    def setUp(self):
        await_both("lb1", BACK_SECONDS)

    def test_1_what_hangs_is_ended_by_its_watchdog_and_comes_back(self):
        hanging = {("lb1", "lbd"), ("app1", "bookd")}
        since = {node: now(node) for node, _ in hanging}
        before = {one: (shown(*one, "MainPID"), int(shown(*one, "NRestarts"))) for one in hanging}
        with guest.Asking() as asking:
            for node, unit in hanging:
                sh(node, f"kill -STOP {before[node, unit][0]}")
            began = time.monotonic()
            await_both("lb2", STATE_SECONDS)
            moved = time.monotonic()
            guest.book()
            for node, unit in hanging:
                pid, restarts = before[node, unit]
                wait_until(lambda: int(shown(node, unit, "NRestarts")) > restarts and shown(node, unit, "ActiveState") == "active",
                           WATCHDOG_SECONDS, f"{unit} of {node} runs again", poll=0.2)
                self.assertNotEqual(pid, shown(node, unit, "MainPID"))
                self.assertIn("Watchdog timeout", journal(node, unit, since[node]))
            again = time.monotonic()
            await_both("lb1", BACK_SECONDS)
            guest.book()
        self.assertEqual([], asking.failed(moved))
        note(f"lbd of lb1 and bookd of app1 stopped at once: the addresses are with lb2 in {moved - began:.1f} s, both killed by their watchdogs "
             f"and back in {again - began:.1f}; of {asking.count} pages {len(asking.failed())} lost before that, the longest took {asking.longest:.1f} s")

    def test_2_a_faulty_file_of_vrrpd_is_refused_and_a_good_one_moves_nothing(self):
        pid, changes, since = shown("lb1", "vrrpd", "MainPID"), active_changes(), now("lb1")
        sh("lb1", f"cp {VRRPD} /tmp/vrrpd.yaml; echo 'priorities: high' >>{VRRPD}")
        try:
            done = fleet()["lb1"].run(["systemctl", "reload", "vrrpd"])
            self.assertNotEqual(0, done.returncode)
            sh("lb1", f"kill -HUP {pid}")  # and by whoever does not ask first
            wait_until(lambda: "not reloaded" in journal("lb1", "vrrpd", since), STATE_SECONDS, "vrrpd says so in the journal", poll=0.2)
            said = journal("lb1", "vrrpd", since)
            self.assertRegex(said, rf"{VRRPD}:\d+: priorities: ", said)
            sh("lb1", f"sed 's/priority: .*/priority: 199/' /tmp/vrrpd.yaml >{VRRPD}; systemctl reload vrrpd")
            wait_until(lambda: set(self.priorities()) == {"199"}, STATE_SECONDS, "vrrpd has taken the new priority", poll=0.2)
        finally:
            sh("lb1", f"cat /tmp/vrrpd.yaml >{VRRPD}; systemctl reload vrrpd")
        wait_until(lambda: set(self.priorities()) == {"200"}, STATE_SECONDS, "vrrpd has its own priority again", poll=0.2)
        self.assertEqual((pid, changes), (shown("lb1", "vrrpd", "MainPID"), active_changes()))
        note("a faulty vrrpd.yaml was refused with its line in the journal, by reload and by SIGHUP; a good one was taken: no address moved")

    @staticmethod
    def priorities() -> list[str]:
        told = sh("lb1", "curl --silent --fail http://127.0.0.1:9112/metrics | grep '^vrrpd_priority{'")
        return [line.rsplit(" ", 1)[1] for line in told.splitlines()]

    def test_3_a_restart_behind_its_sockets_refuses_nobody(self):
        """On lb2, by its own address: it has nothing else to do."""
        try:
            # For as long as `grace` the old one goes on to serve who comes.
            sh("lb2", f"cp {LBD} /tmp/lbd.yaml; sed -i 's/grace: 5s/grace: 100ms/' {LBD}; systemctl reload lbd; systemctl stop lbd; "
                      f"mkdir -p $(dirname {WEB}); printf '[Socket]\\nListenStream=0.0.0.0:443\\n' >{WEB}; systemctl daemon-reload; "
                      "systemctl start lbd.socket lbd")
            pid = shown("lb2", "lbd", "MainPID")
            with guest.Asking(LB2) as asking:
                wait_until(lambda: asking.count, STATE_SECONDS, "somebody was answered by lb2")
                began = time.monotonic()
                sh("lb2", "systemctl restart lbd")
                took = time.monotonic() - began
                after = asking.count
                wait_until(lambda: asking.count > after + 5, STATE_SECONDS, "and so are those who come then")
            self.assertNotEqual(pid, shown("lb2", "lbd", "MainPID"))
        finally:
            sh("lb2", f"systemctl stop lbd.socket lbd; rm -r $(dirname {WEB}); systemctl daemon-reload; cat /tmp/lbd.yaml >{LBD}; "
                      "systemctl reset-failed lbd; systemctl start lbd")
        self.assertEqual([], asking.failed())
        note(f"lbd restarted behind lbd.socket in {took:.1f} s: of {asking.count} who came none was refused, the longest waited {asking.longest:.1f} s")

    def test_4_a_new_package_takes_the_place_of_the_old_one_and_leaves_its_settings(self):
        # What is connected to lb1 is served to its end when its addresses have gone; not here for longer than this.
        sh("lb1", f"cp {VRRPD} /tmp/vrrpd.yaml; sed -i 's/^handover:$/&\\n  drain: 2s/' {VRRPD}; grep '^  drain: 2s$' {VRRPD}")
        self.begin_anew()
        for package, (node, _, file) in NEXT.items():
            sh(node, REBUILD.format(package=package, file=file))
        before = {package: (sh(node, f"sha256sum {file}"), shown(node, unit, "MainPID")) for package, (node, unit, file) in NEXT.items()}
        with guest.Asking() as asking:
            for package, (node, _, _) in NEXT.items():
                sh(node, f"dpkg --force-confdef --force-confold --install /tmp/{package}.deb")
            for package, (node, unit, file) in NEXT.items():
                with self.subTest(package=package):
                    self.assertRegex(sh(node, f"dpkg-query --show {package}"), r"\+next$")
                    settings, pid = before[package]
                    self.assertEqual(settings, sh(node, f"sha256sum {file}"))
                    self.assertIn("A word of the next release", sh(node, f"cat {file}.dpkg-dist"))
                    wait_until(lambda: shown(node, unit, "ActiveState") == "active" and shown(node, unit, "MainPID") not in (pid, "0"),
                               STATE_SECONDS, f"the new {unit} is what runs", poll=0.2)
            await_both("lb1", BACK_SECONDS)
            guest.book()
        for package, (node, _, file) in NEXT.items():
            sh(node, f"rm -r {file}.dpkg-dist /tmp/{package}.deb /tmp/{package}")
        sh("lb1", f"cat /tmp/vrrpd.yaml >{VRRPD}")
        self.begin_anew()
        self.assertEqual([], asking.failed())
        note(f"newer packages of lbd, vrrpd and bookd: settings kept, lb1 has both addresses, and of {asking.count} pages none was lost; "
             f"the longest took {asking.longest:.1f} s")

    @staticmethod
    def begin_anew() -> None:
        """vrrpd of lb1 by what its file says now, in the place where it is."""
        pid = shown("lb1", "vrrpd", "MainPID")
        sh("lb1", "systemctl kill --signal=SIGUSR2 --kill-who=main vrrpd")
        wait_until(lambda: shown("lb1", "vrrpd", "MainPID") not in (pid, "0"), STATE_SECONDS, "vrrpd of lb1 has begun anew", poll=0.1)
        await_both("lb1", STATE_SECONDS)
