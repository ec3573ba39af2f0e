"""Whoever raised a fleet goes away, by Ctrl-C or killed; nothing of it stays: no process, no mount, no control group, no folder."""
import os
import pathlib
import signal
import subprocess
import sys
import unittest

from raised import PACKAGES, ROOT, note

from lab.instances import processes_of
from support.left_behind import GONE_SECONDS, await_gone

OWNER = """
import pathlib, signal, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has it ignored in what runs in its background
from fleet_lab import FleetLab
with FleetLab(pathlib.Path(sys.argv[2])) as fleet:
    fleet.boot()
    print(fleet.lab.identity, fleet.lab.directory, flush=True)
    signal.pause()
"""


class Leaving(unittest.TestCase):
    def test_ctrl_c_leaves_nothing(self):
        self.leave(signal.SIGINT)

    def test_a_killed_owner_leaves_nothing(self):
        self.leave(signal.SIGKILL)

    def leave(self, number: signal.Signals) -> None:
        """In a session of its own, to all of which the signal goes, as from a terminal."""
        with subprocess.Popen([sys.executable, "-c", OWNER, str(ROOT / "scripts"), str(PACKAGES)], start_new_session=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as owner:
            try:
                said = owner.stdout.readline().split()
                self.assertEqual(2, len(said), "six empty machines are up")
                identity, directory = said
                self.assertTrue(self.groups(identity))
                self.assertTrue(processes_of(identity))
            finally:
                os.killpg(owner.pid, number)
            owner.wait(GONE_SECONDS)
        await_gone(identity, directory, self.groups, f"a fleet whose owner got {number.name}")
        note(f"{number.name} to the owner of six machines: no process, mount, control group or folder stays")

    @staticmethod
    def groups(identity: str) -> list[pathlib.Path]:
        return [path for path in pathlib.Path("/sys/fs/cgroup").glob(f"*/mainstay-fleet-{identity}-*")]
