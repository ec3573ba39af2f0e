"""Whoever runs an engine goes away, by Ctrl-C or killed; nothing of it stays: no process, no mount, no control group, no folder.
And this machine's own network is as it was."""
import os
import pathlib
import signal
import subprocess
import sys
import tarfile
import tempfile
import unittest

from raised import HERE, ROOT, note

from lab.instances import processes_of
from support.left_behind import GONE_SECONDS, await_gone

# A container of a program that does nothing: what is in it does not matter here.
OWNER = """
import signal, sys
sys.dont_write_bytecode = True
sys.path[:0] = sys.argv[1:4]
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has it ignored in what runs in its background
from engine import Engine
from raised import NETWORK
from lab import Lab
with Lab(NETWORK) as lab:
    engine = Engine(lab["host"])
    engine.start()
    engine.docker("import", sys.argv[4], "idle")
    engine.docker("run", "--detach", "idle", "/idle", "600")
    print(lab.identity, lab.directory, flush=True)
    signal.pause()
"""


def idle_image(path: pathlib.Path) -> None:
    """sleep(1) and the libraries it is linked with, as a tar."""
    linked = subprocess.run(["ldd", "/bin/sleep"], capture_output=True, text=True, check=True).stdout
    with tarfile.open(path, "w", dereference=True) as tar:
        tar.add("/bin/sleep", "/idle")
        for word in linked.split():
            if word.startswith("/"):
                tar.add(word, word)


def own_network() -> list[str]:
    """Links and packet filters of this machine, in no namespace."""
    links = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True, check=True).stdout
    rules = subprocess.run(["nft", "list", "ruleset"], capture_output=True, text=True, check=True).stdout
    return [*(line.split(":")[1].strip() for line in links.splitlines()), rules]


class Leaving(unittest.TestCase):
    before: list[str] = []  # set before anything is raised

    def test_ctrl_c_leaves_nothing(self):
        self.leave(signal.SIGINT)

    def test_a_killed_owner_leaves_nothing(self):
        self.leave(signal.SIGKILL)

    def test_this_machines_own_network_is_as_it_was(self):
        self.assertEqual(self.before, own_network())
        note("no link and no packet filter more on this machine than before")

    def leave(self, number: signal.Signals) -> None:
        """In a session of its own, to all of which the signal goes, as from a terminal."""
        with tempfile.TemporaryDirectory() as folder:
            tar = pathlib.Path(folder, "idle.tar")
            idle_image(tar)
            words = [sys.executable, "-c", OWNER, str(ROOT / "scripts"), str(ROOT / "tests/system"), str(HERE), str(tar)]
            with subprocess.Popen(words, start_new_session=True, stdout=subprocess.PIPE, text=True) as owner:
                try:
                    said = owner.stdout.readline().split()
                    self.assertEqual(2, len(said), "an engine runs, and a container in it")
                    identity, directory = said
                    self.assertTrue(processes_of(identity))
                    self.assertTrue(self.groups(identity))
                finally:
                    os.killpg(owner.pid, number)
                owner.wait(GONE_SECONDS)
        self.assert_gone(identity, directory, f"whose owner got {number.name}")
        note(f"{number.name} to the owner of an engine: no process, mount, control group or folder stays")

    @classmethod
    def assert_gone(cls, identity: str, directory: str, whose: str) -> None:
        await_gone(identity, directory, cls.groups, f"an engine {whose}")

    @staticmethod
    def groups(identity: str) -> list[pathlib.Path]:
        """A container's process is in one of them: with the group it is gone."""
        tree = pathlib.Path("/sys/fs/cgroup")
        return [path for pattern in ("", "*/") for path in tree.glob(f"{pattern}mainstay-containers-{identity}")]
