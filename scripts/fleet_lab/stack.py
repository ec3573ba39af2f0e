"""The fleet as the demo plays on it: the verbs of lab.Stack, on machines that each have a systemd."""
import functools
import http.client
import re

from lab import VIP, daemons
from lab.waiting import wait_until

from .fleet import CLIENT, FleetLab

UNITS = {"lbd": "lbd", "mariadbd": "mariadb"}  # what is killed by name → its unit
BACK_AFTER_BOOT = {"lb": "lbd", "app": "bookd", "db": "mariadb"}  # role → the unit that makes a machine of it
PATIENCE = 120.0  # for a boot, an election, a move of writes
ACTIVE = re.compile(rb'^vrrpd_state{[^}]*interface="out0"[^}]*state="active"} 1$', re.M)
AUTHORITY = "app2"  # has the authority of the inner network


class FleetNode:
    """One machine, spoken to as a node of scripts/lab. `services`: what the demo may kill here."""

    def __init__(self, fleet: FleetLab, name: str, roles: tuple[str, ...]):
        self.name = name
        self._fleet = fleet
        self._machine = fleet[name]
        self._unit = next(unit for role, unit in BACK_AFTER_BOOT.items() if role in roles)
        self.services = [service for service, unit in UNITS.items() if unit == self._unit]
        self._killed: set[str] = set()

    @property
    def powered(self) -> bool:
        return self._machine.node.powered

    def is_running(self, service: str) -> bool:
        return service not in self._killed

    def kill(self, service: str) -> None:
        """SIGKILL, for good: systemd is told to let it lie, or it would be back in a fifth of a second."""
        unit = UNITS[service]
        self._killed.add(service)
        self._machine.said("sh", "-ec", f"systemctl mask --runtime --quiet {unit}; systemctl kill --signal=KILL {unit}")

    def start(self, service: str) -> None:
        unit = UNITS[service]
        self._machine.said("sh", "-ec", f"systemctl unmask --runtime --quiet {unit}; systemctl reset-failed {unit} || true; "
                                        f"systemctl start {unit}")
        self._killed.discard(service)

    def power_off(self) -> None:
        self._machine.power_off()

    def power_on(self) -> None:
        """Until what it is there for runs again."""
        self._fleet.power_on(self.name)
        self._fleet.wait_ssh(self.name)
        wait_until(lambda: self._machine.run(["systemctl", "--quiet", "is-active", self._unit]).returncode == 0, PATIENCE,
                   f"{self._unit} runs on {self.name}", poll=0.2)


class FleetNodes:
    """By name, as in a Lab: the machines, and the client they serve."""

    def __init__(self, fleet: FleetLab):
        self.nodes = {CLIENT: fleet.lab[CLIENT]} | {node.name: FleetNode(fleet, node.name, node.roles) for node in fleet.fleet.nodes}

    def __getitem__(self, name: str):
        return self.nodes[name]


class FleetStack:
    def __init__(self, fleet: FleetLab):
        self.fleet = fleet
        self.lab = FleetNodes(fleet)

    @functools.cached_property
    def authority(self) -> str:
        """A file of the fleet's own, as its node of certificates has it."""
        file = self.fleet.place / "ca.pem"
        file.write_text(self.fleet[AUTHORITY].said("cat", "/etc/mainstay/pki/ca.pem"), encoding="ascii")
        return str(file)

    def wait_ready(self) -> None:
        """Until a customer who believes the fleet's authority is answered."""
        wait_until(lambda: self.lab[CLIENT].run(["curl", "--silent", "--fail", "--max-time", "2", "--cacert", self.authority,
                                                 f"https://{VIP}/"]).returncode == 0, PATIENCE, f"https://{VIP}/ answers", poll=0.2)

    def dbctl(self, *words: str) -> None:
        """By the node that keeps the pair; again while it says that it cannot yet."""
        wait_until(lambda: self.fleet["app1"].run(["dbctl", *words], timeout=PATIENCE).returncode == 0, PATIENCE,
                   f"dbctl {' '.join(words)}", poll=1)

    def vip_owner(self) -> str | None:
        """
        Who speaks for the address, should two have it. After a planned move, and without a service of its own, the one that had it
        keeps it for half a minute, silent, for those who are connected.
        """
        holders = [node.name for node in self.fleet.fleet.role("lb") if self.fleet.lab[node.name].holds(VIP)]
        return holders[0] if len(holders) == 1 else next(filter(self.speaks, holders), None)

    def speaks(self, name: str) -> bool:
        """Whether its vrrpd is the Active Router."""
        try:
            return ACTIVE.search(self.fleet.lab[name].http("127.0.0.1", daemons.VRRPD_ADMIN_PORT, path="/metrics")[2]) is not None
        except (OSError, http.client.HTTPException):
            return False

    def wait_vip_owner(self, name: str, seconds: float = PATIENCE) -> None:
        """Until it speaks for the address, whoever else still has it."""
        wait_until(lambda: self.fleet.lab[name].holds(VIP) and self.speaks(name), seconds, f"{name} holds {VIP} and speaks for it")
