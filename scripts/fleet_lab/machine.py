"""One machine of the fleet: an empty disk, a boot, and words to it."""
import os
import pathlib
import subprocess

from lab import waiting
from lab.node import Node

from .image import OPERATOR, OPERATOR_NUMBER

BOOT = str(pathlib.Path(__file__).with_name("boot.sh"))
END_SECONDS = 20.0
DISK_BYTES = 128 << 20
NO_CLOCK = ("setpriv", "--bounding-set=-sys_time", "--inh-caps=-sys_time")


class Machine:
    """`files`: what is laid on the empty disk before the first boot, by path."""

    def __init__(self, node: Node, base: pathlib.Path, files: dict[str, str]):
        self.node = node
        self.name = node.name
        self.base = base
        self.place = pathlib.Path(node.directory)
        self.booted: subprocess.Popen | None = None
        for folder in ("upper", "work", "root", "srv"):
            (self.place / folder).mkdir()
        for path, content in files.items():
            self.write(path, content)
        subprocess.run(["chown", "-R", f"{OPERATOR_NUMBER}:{OPERATOR_NUMBER}", str(self.place / "upper/home" / OPERATOR)], check=True)
        self.make_host_key()

    def write(self, path: str, content: str) -> None:
        """On the disk of a machine that is off."""
        file = self.place / "upper" / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")

    def make_host_key(self) -> None:
        key = self.place / "upper/etc/ssh/ssh_host_ed25519_key"
        key.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", self.name, "-f", str(key)], check=True)

    @property
    def host_key(self) -> str:
        return (self.place / "upper/etc/ssh/ssh_host_ed25519_key.pub").read_text(encoding="ascii").rsplit(" ", 1)[0]

    def add_disk(self) -> None:
        """A small file system of its own at /srv, for what fills disks."""
        disk = self.place / "disk"
        with open(disk, "wb") as file:
            file.truncate(DISK_BYTES)
        subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(disk)], check=True, timeout=60)

    def power_on(self) -> None:
        group = f"mainstay-fleet-{self.node.lab.identity}-{self.name}"
        with open(self.place / "console.log", "ab") as console:
            # Outside of the node's namespace: it sees the machine end when everything in there is killed, and cleans up.
            self.booted = subprocess.Popen(
                [BOOT, self.name, group, self.node.namespace, str(self.base), str(self.place)], stdin=subprocess.DEVNULL,
                stdout=console, stderr=console, start_new_session=True, env=os.environ | {"MAINSTAY_LAB": self.node.lab.identity})

    def power_off(self) -> None:
        """A pulled plug. The disk stays."""
        self.node.power_off()
        self.wait_ended()

    def wait_ended(self) -> None:
        if self.booted:
            self.booted.wait(END_SECONDS)
            self.booted = None

    @property
    def leader(self) -> int:
        """Its first process, by this machine's number."""
        for pid in self.node.processes():
            try:
                with open(f"/proc/{pid}/status", encoding="ascii") as file:
                    numbers = next(line for line in file if line.startswith("NSpid:")).split()
                with open(f"/proc/{pid}/comm", encoding="ascii") as file:
                    name = file.read().strip()
            except (OSError, StopIteration):
                continue  # It has ended.
            if numbers[-1] == "1" and len(numbers) > 2 and name == "systemd":
                return pid
        raise waiting.Timeout(f"{self.name} has not booted: {self.console()[-2000:]}")

    def console(self) -> str:
        return (self.place / "console.log").read_text(encoding="utf-8", errors="replace")

    def run(self, argv: list[str], **options) -> subprocess.CompletedProcess:
        """As root in the machine, by the back door: no ssh, no firewall. Text and captured unless told otherwise.

        Who comes in by here has what this machine's root has, not what the machine was given; the clock is everybody's."""
        options = {"text": True, "capture_output": True, "timeout": 60, "check": False} | options
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
        return subprocess.run([*NO_CLOCK, "nsenter", f"--target={self.leader}", "--all", "--wd=/", "--", *argv], env=env, **options)

    def said(self, *argv: str) -> str:
        """What it printed; raises unless it went well."""
        done = self.run(list(argv))
        if done.returncode != 0:
            raise RuntimeError(f"{self.name}: {' '.join(argv)}: {(done.stdout + done.stderr)[-2000:]}")
        return done.stdout
