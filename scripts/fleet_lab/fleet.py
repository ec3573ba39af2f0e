"""Six empty machines, an operator's and everything outside; and the playbook."""
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
from dataclasses import dataclass

from fleet_parts import inventory
from lab import Lab, instances, waiting
from lab.network import ip_batch
from lab.topology import NodePlan, Topology

from . import image, outside_certificates
from .image import OPERATOR
from .machine import Machine

ROOT = pathlib.Path(__file__).resolve().parents[2]
ANSIBLE = ROOT / "conf/ansible"
BOOT_SECONDS = 120.0
PLAY_SECONDS = 1500.0
MEMORY_BYTES = 8 << 30  # for disks and for what runs
OUTSIDE = "outside"
CLIENT = "client"
CLIENT_ADDRESS = "192.168.10.50"
PLAIN = "linear"  # Ansible as it comes: a new Python on the node for every task
QUICK = "mitogen_linear"  # the same tasks by ansible-mitogen: one Python on each node, for all of them
HEARTBEAT = "heartbeat.example"  # who watches for Watchdog; RFC 2606 keeps the name free
WITH_DISK = "app2"  # a file system of its own to fill


def place_of_disks() -> str | None:
    """
    In memory where there is enough of it: six disks take 3 GiB, which are thrown away, and to remove their fifteen thousand files from
    a disk took 46 s.
    """
    if instances.MEMORY not in instances.places() or not os.path.isdir(instances.MEMORY):
        return None
    with open("/proc/meminfo", encoding="ascii") as file:
        available = next(int(line.split()[1]) for line in file if line.startswith("MemAvailable:")) << 10
    return instances.MEMORY if min(available, shutil.disk_usage(instances.MEMORY).free) >= MEMORY_BYTES else None


@dataclass(frozen=True)
class FleetPlan(NodePlan):
    """With the cards of the inventory."""
    macs: tuple[tuple[str, str], ...] = ()

    def mac(self, switch: str) -> str:
        return dict(self.macs)[switch]


def topology(fleet: inventory.Fleet) -> Topology:
    nodes = [FleetPlan(node.name, {network: card.address for network, card in node.cards.items()},
                       tuple((network, card.mac) for network, card in node.cards.items())) for node in fleet.nodes]
    others = [NodePlan(CLIENT, {"outer": CLIENT_ADDRESS}), NodePlan(OUTSIDE, {"outer": fleet.network("outer")["gateway"]})]
    return Topology(nodes=(*others, *nodes))


class FleetLab:
    """Construct, boot(), play(). `packages`: the folder with our .debs. Removed by down(), or when this program ends."""

    def __init__(self, packages: pathlib.Path):
        self.fleet = inventory.read()
        self.packages = packages
        self.image = image.ready()
        self.lab = Lab(topology(self.fleet), place_of_disks())
        try:
            self.place = pathlib.Path(self.lab.directory)
            self.lay_out_operator()
            files = self.empty_files()
            self.machines = {node.name: Machine(self.lab[node.name], self.image / "root", files | self.own_files(node))
                             for node in self.fleet.nodes}
            self.machines[WITH_DISK].add_disk()
            self.lay_out_ssh()
        except BaseException:
            self.lab.down()
            raise

    def __getitem__(self, name: str) -> Machine:
        return self.machines[name]

    def __enter__(self) -> "FleetLab":
        return self

    def __exit__(self, *_) -> None:
        self.down()

    def down(self) -> None:
        self.lab.down()
        for machine in self.machines.values():
            machine.wait_ended()

    # What is there before the first boot ----------------------------------------------------------------------------

    def lay_out_operator(self) -> None:
        self.secrets = self.place / "secrets"
        self.secrets.mkdir(mode=0o700)
        self.key = self.place / "operator"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "operator", "-f", str(self.key)], check=True)
        self.public_key = self.key.with_suffix(".pub").read_text(encoding="ascii").strip()
        (self.secrets / "operator.pub").write_text(self.public_key + "\n", encoding="ascii")
        outside_certificates.make(self.place / "authority", [self.slack_host, HEARTBEAT])

    @property
    def slack_host(self) -> str:
        return self.fleet.settings["proxy"]["hosts"][0]

    @property
    def slack_url(self) -> str:
        return f"https://{self.slack_host}/services/T0/B0/lab"

    @property
    def package_host(self) -> str:
        """Of those that the proxy lets through, the distribution's."""
        return next(host for host in self.fleet.settings["proxy"]["hosts"] if host.startswith("deb."))

    def empty_files(self) -> dict[str, str]:
        """As cloud-init leaves a machine: an operator with a key, and where packages are."""
        outer = self.fleet.network("outer")
        outside = (self.place / "authority/ca.pem").read_text(encoding="ascii")
        known = (self.image / "root/etc/ssl/certs/ca-certificates.crt").read_text(encoding="ascii")
        return {
            "/etc/apt/sources.list": f"deb [trusted=yes] http://{self.package_host}/ ./\n",
            "/etc/sudoers.d/operator": f"{OPERATOR} ALL=(ALL) NOPASSWD:ALL\n",
            f"/home/{OPERATOR}/.ssh/authorized_keys": self.public_key + "\n",
            # Slack's certificate is of an authority that everybody knows; here everybody is the six.
            "/usr/local/share/ca-certificates/outside.crt": outside,
            "/etc/ssl/certs/ca-certificates.crt": known + outside,
            "/etc/resolv.conf": f"nameserver {outer['dns'][0]}\n",
        }

    def own_files(self, node: inventory.Node) -> dict[str, str]:
        return {"/etc/hostname": node.name + "\n", "/etc/hosts": f"127.0.0.1 localhost\n{node.main.address} {node.name}\n"}

    def lay_out_ssh(self) -> None:
        known = [f"{address} {machine.host_key}" for name, machine in self.machines.items()
                 for address in self.lab[name].plan.links.values()]
        (self.place / "known_hosts").write_text("\n".join(known) + "\n", encoding="ascii")
        self.ssh_config = self.place / "ssh_config"
        self.ssh_config.write_text(
            f"IdentityFile {self.key}\nIdentitiesOnly yes\nUserKnownHostsFile {self.place}/known_hosts\n"
            f"StrictHostKeyChecking yes\nBatchMode yes\nConnectTimeout 5\n"
            f"Include {ROOT}/conf/inventory/generated/ssh_config\n", encoding="utf-8")

    # Running --------------------------------------------------------------------------------------------------------

    def boot(self) -> None:
        """All six, and what is outside; until each takes the operator's key."""
        self.start_outside()
        for name in self.machines:
            self.plug_gateway(name)
            self.machines[name].power_on()
        with concurrent.futures.ThreadPoolExecutor(len(self.machines)) as pool:
            list(pool.map(self.wait_ssh, self.machines))

    def start_outside(self) -> None:
        self.slack_file = self.place / "slack.jsonl"
        self.slack_file.touch()
        node = self.lab[OUTSIDE]
        with open(node.log_path("outside"), "ab") as log:
            started = node.spawn(["/usr/bin/python3", str(pathlib.Path(__file__).with_name("outside.py")), node.address(),
                                  str(self.image / "packages"), str(self.place / "authority/server.pem"),
                                  str(self.place / "authority/server.key"), str(self.slack_file)],
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)
        if started.stdout.readline() != "ready\n":
            raise waiting.Timeout(node.log("outside"))
        self.outside = started

    def plug_gateway(self, name: str) -> None:
        if "outer" in self.lab[name].plan.links:
            ip_batch(self.lab[name].namespace, [f"route replace default via {self.fleet.network('outer')['gateway']}"])

    def power_on(self, name: str) -> None:
        self.lab[name].power_on()
        self.plug_gateway(name)
        self.machines[name].power_on()

    def ssh(self, name: str, *words: str, **options) -> subprocess.CompletedProcess:
        """As the operator, from his own machine."""
        return self.lab[CLIENT].run(["ssh", "-F", str(self.ssh_config), name, *words], **options)

    def wait_ssh(self, name: str) -> None:
        # An inner node is reached by way of lb1, which may not be up itself.
        waiting.wait_until(lambda: self.ssh(name, "true").returncode == 0, BOOT_SECONDS, f"{name} lets the operator in", poll=0.5)

    def play(self, *more: str, strategy: str = PLAIN) -> subprocess.CompletedProcess:
        """conf/ansible/site.yml from the operator's machine, by ssh."""
        home = self.place / "home"
        home.mkdir(exist_ok=True)
        env = os.environ | {"HOME": str(home), "ANSIBLE_HOME": str(home), "ANSIBLE_LOCAL_TEMP": str(home / "tmp"), "NO_COLOR": "1",
                            "ANSIBLE_STRATEGY": strategy,
                            "ANSIBLE_SSH_ARGS": f"-F {self.ssh_config} -o ControlMaster=auto -o ControlPersist=120s",
                            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self.place / "cp")}
        settings = {"fleet_secrets": str(self.secrets), "fleet_packages": str(self.packages),
                    "fleet_slack_url": self.slack_url,
                    "fleet_heartbeat_url": f"https://{HEARTBEAT}/watchdog"}
        return self.lab[CLIENT].run(["ansible-playbook", "site.yml", "-e", json.dumps(settings), *more], cwd=ANSIBLE, env=env,
                                    timeout=PLAY_SECONDS)

    def slack(self) -> list[dict]:
        return [json.loads(line) for line in self.slack_file.read_text(encoding="utf-8").splitlines()]
