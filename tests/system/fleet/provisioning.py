"""From empty machines to the fleet: the playbook goes through, and a second time it changes nothing."""
import re
import unittest

from raised import INNER_VIP, VIP, fleet, note

from fleet_lab import PLAIN, QUICK
from lab.waiting import wait_until

RECAP = re.compile(r"^(\w+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.M)
READY_SECONDS = 60
REBUILT = "lb2"
ITS_ROLE = "pki"  # whose package it is
OTHER_BUILD = """
cd "$(mktemp -d)"
dpkg-deb -R /var/cache/mainstay/mainstay-node.deb other
echo '# Another build.' >>other/usr/lib/mainstay/node-metrics
(cd other && find . -path ./DEBIAN -prune -o -type f -exec md5sum {} + >DEBIAN/md5sums)
dpkg-deb -Znone -b other other.deb
dpkg --force-confdef --force-confold --install other.deb
"""


class Provisioning(unittest.TestCase):
    def played(self, *more: str, strategy: str) -> dict[str, int]:
        """Node → what was changed on it. Fails unless all went well on each that is in the play."""
        done = fleet().play(*more, strategy=strategy)
        told = {name: [int(number) for number in numbers] for name, *numbers in RECAP.findall(done.stdout)}
        self.assertEqual(0, done.returncode, done.stdout[-6000:] + done.stderr[-2000:])
        for name, (_, _, unreachable, failed) in told.items():
            self.assertEqual((0, 0), (unreachable, failed), name)
        self.said = done.stdout
        return {name: numbers[1] for name, numbers in told.items()}

    def assert_changes_nothing(self, *more: str) -> None:
        changed = self.played(*more, strategy=QUICK)
        self.assertEqual({name: 0 for name in fleet().machines}, changed, re.findall(r"^(?:TASK|changed).*", self.said, re.M))

    def test_1_the_playbook_makes_them_the_fleet(self):
        changed = self.played(strategy=PLAIN)
        self.assertEqual(set(fleet().machines), set(changed))
        note(f"the playbook is green: {changed}")

    def test_2_a_second_run_changes_nothing(self):
        """Whichever of the two ways of docs/install.md the first was made by, the other finds nothing left to do."""
        self.assert_changes_nothing()
        note("a second run: changed=0 on all six")

    def test_3_what_it_would_do_it_can_say(self):
        """--check: nothing is done, and of what was done nothing is left to do."""
        self.assert_changes_nothing("--check")
        note("--check is clean")

    def test_4_a_package_of_the_same_version_and_another_build_is_installed(self):
        program = ["sha256sum", "/usr/lib/mainstay/node-metrics"]
        ours = fleet()[REBUILT].said(*program)
        fleet()[REBUILT].said("sh", "-ec", OTHER_BUILD)
        self.assertNotEqual(ours, fleet()[REBUILT].said(*program))
        self.assertEqual({REBUILT: 1}, self.played("--tags", ITS_ROLE, "--limit", REBUILT, strategy=QUICK))
        self.assertEqual(ours, fleet()[REBUILT].said(*program))
        note(f"a package of {REBUILT} of the same version and of another build was installed anew")

    def test_5_every_unit_is_well_and_each_virtual_address_has_its_node(self):
        for name, machine in fleet().machines.items():
            with self.subTest(node=name):
                self.assertEqual("", machine.run(["systemctl", "--failed", "--no-legend"]).stdout)
        for address in (VIP, INNER_VIP):
            wait_until(lambda: fleet().lab["lb1"].holds(address), READY_SECONDS, f"lb1 holds {address}")
            self.assertFalse(fleet().lab["lb2"].holds(address), address)
        note("no unit has failed; lb1 has both virtual addresses")
