"""Cables: makes and cuts the links between nodes and switches with iproute2. Never touches the root namespace."""

import json
import subprocess

from . import namespaces, waiting
from .topology import INTERFACES, PREFIX_LENGTH, NodePlan

BRIDGE = "br0"
COMMAND_SECONDS = 10
CARRIER_SECONDS = 5


def command_inside(namespace: str, argv: list[str]) -> list[str]:
    return ["nsenter", f"--net={namespace}", "--", *argv]


def ip_batch(namespace: str, lines: list[str]) -> None:
    done = subprocess.run(command_inside(namespace, ["ip", "-batch", "-"]), input="\n".join(lines) + "\n", text=True,
                          capture_output=True, timeout=COMMAND_SECONDS, check=False)
    if done.returncode != 0:
        raise OSError(f"ip -batch failed: {done.stderr.strip()}")


def set_sysctl(namespace: str, name: str, value: str) -> None:
    def write() -> None:
        with open(f"/proc/sys/{name}", "w", encoding="ascii") as file:
            file.write(value)
    namespaces.run_inside(namespace, write)


def set_up_switch(namespace: str) -> None:
    # Without snooping the bridge floods multicast, as the switch between real LB nodes does for 224.0.0.18.
    ip_batch(namespace, [f"link add {BRIDGE} type bridge forward_delay 0 stp_state 0 mcast_snooping 0",
                         f"link set {BRIDGE} addrgenmode none up"])


def plug_in(switches: dict[str, str], node_namespace: str, node: NodePlan) -> None:
    """Cables and addresses of one node; its ports on the switches come up last."""
    # A namespace inherits IPv4 settings from the machine; a machine that forwards must not make nodes that do.
    set_sysctl(node_namespace, "net/ipv4/ip_forward", "0")
    for switch in node.links:
        ip_batch(switches[switch], [
            f"link add {node.name} type veth peer name {INTERFACES[switch]} address {node.mac(switch)}"
            f" netns {node_namespace}",
            f"link set {node.name} addrgenmode none master {BRIDGE}"])
    inside = ["link set lo up"]
    for switch, address in node.links.items():
        inside += [f"addr add {address}/{PREFIX_LENGTH} dev {INTERFACES[switch]}", f"link set {INTERFACES[switch]} up"]
    ip_batch(node_namespace, inside)
    set_ports(switches, node, list(node.links), "up")
    for switch in node.links:
        await_carrier(switches[switch], node.name)
        await_carrier(node_namespace, INTERFACES[switch])


def await_carrier(namespace: str, interface: str) -> None:
    """The kernel opens a queue some time after both ends are up, up to a second; until then it drops what is sent."""
    def is_up() -> bool:
        said = subprocess.run(command_inside(namespace, ["ip", "-j", "link", "show", "dev", interface]), text=True,
                              capture_output=True, timeout=COMMAND_SECONDS, check=True).stdout
        return json.loads(said)[0]["operstate"] == "UP"
    waiting.wait_until(is_up, CARRIER_SECONDS, f"{interface} has a carrier")


def set_ports(switches: dict[str, str], node: NodePlan, which: list[str], state: str) -> None:
    """The switch's end of a cable: down, nothing passes either way and the node sees its carrier go."""
    for switch in which:
        ip_batch(switches[switch], [f"link set {node.name} {state}"])


def set_bridged(switches: dict[str, str], node: NodePlan, which: list[str], bridged: bool) -> None:
    """Off the bridge, nothing passes either way and yet both ends keep their carrier."""
    for switch in which:
        ip_batch(switches[switch], [f"link set {node.name} " + (f"master {BRIDGE}" if bridged else "nomaster")])


def unplug(switches: dict[str, str], node: NodePlan) -> None:
    for switch in node.links:
        ip_batch(switches[switch], [f"link del {node.name}"])
