"""Reads the inventory and the table of flows, and says everything that is wrong with them at once."""
import ipaddress
import pathlib
import re
from dataclasses import dataclass

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "conf" / "inventory"
MAC = re.compile(r"([0-9a-f]{2}:){5}[0-9a-f]{2}")
ROLES = ("lb", "app", "db", "monitoring", "logs", "vault")
WITHOUT_PORTS = ("vrrp", "moved")
PROTOCOLS = ("tcp", "udp", *WITHOUT_PORTS)
NODE_KEYS = {"name", "roles", "size", "outer", "inner", "priority", "server_id"}
FLOW_KEYS = {"from", "to", "network", "protocol", "port", "why"}
VRRP_GROUP = "224.0.0.18"  # RFC 9568 §5.1.1.2


class Faults(Exception):
    """Several sentences, a line each."""


@dataclass(frozen=True)
class Card:
    """A node's place in one network."""
    address: str
    mac: str


@dataclass(frozen=True)
class Node:
    name: str
    roles: tuple[str, ...]
    size: dict  # cpus, memory_mib, disk_gib
    cards: dict[str, Card]  # by network
    extra: dict  # priority of lb, server_id of db

    @property
    def main(self) -> Card:
        """Where the other nodes and Ansible know it."""
        return self.cards["inner"]


@dataclass(frozen=True)
class Flow:
    source: str
    target: str
    network: str
    protocol: str
    ports: tuple[int, ...]
    why: str


@dataclass(frozen=True)
class Fleet:
    settings: dict  # what stands beside nodes: domain, networks, proxy …
    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]

    def network(self, name: str) -> dict:
        return self.settings["networks"][name]

    def prefix(self, network: str) -> int:
        return ipaddress.ip_network(self.network(network)["subnet"]).prefixlen

    def role(self, role: str) -> list[Node]:
        return [node for node in self.nodes if role == "any" or role in node.roles]

    def node(self, name: str) -> Node:
        return next(node for node in self.nodes if node.name == name)


def read(folder: pathlib.Path = FOLDER) -> Fleet:
    """Raises Faults."""
    settings = yaml.safe_load((folder / "fleet.yaml").read_text(encoding="utf-8"))
    flows = yaml.safe_load((folder / "flows.yaml").read_text(encoding="utf-8"))
    faults = [f"fleet.yaml: {fault}" for fault in faults_of_nodes(settings)]
    faults += [f"flows.yaml: {fault}" for fault in faults_of_flows(flows, settings)]
    if faults:
        raise Faults("\n".join(faults))
    nodes = tuple(Node(node["name"], tuple(node["roles"]), node["size"],
                       {network: Card(**node[network]) for network in settings["networks"] if network in node},
                       {key: node[key] for key in ("priority", "server_id") if key in node})
                  for node in settings["nodes"])
    return Fleet({key: value for key, value in settings.items() if key != "nodes"}, nodes,
                 tuple(Flow(flow["from"], flow["to"], flow["network"], flow["protocol"], tuple(flow.get("port", ())),
                            flow["why"]) for flow in flows))


def faults_of_nodes(settings: dict) -> list[str]:
    faults, seen = [], {}
    for node in settings["nodes"]:
        name = node.get("name", "?")
        faults += [f"{name}: unknown key {key}" for key in sorted(set(node) - NODE_KEYS)]
        faults += [f"{name}: unknown role {role}; there are {', '.join(ROLES)}"
                   for role in node.get("roles", []) if role not in ROLES]
        if "inner" not in node:
            faults.append(f"{name}: has no card in the inner network, by which everybody reaches it")
        if "lb" in node.get("roles", []) and not 1 <= node.get("priority", 0) <= 254:
            faults.append(f"{name}: priority must be 1 to 254 on a load balancer")
        values = [("name", name)]
        for network in set(settings["networks"]) & set(node):
            card = node[network]
            values += [("address", card["address"]), ("MAC", card["mac"])]
            if not MAC.fullmatch(card["mac"]):
                faults.append(f"{name}: {card['mac']} is no MAC in small letters with colons")
            if ipaddress.ip_address(card["address"]) not in ipaddress.ip_network(settings["networks"][network]["subnet"]):
                faults.append(f"{name}: {card['address']} is not in {network}, {settings['networks'][network]['subnet']}")
        for network in settings["networks"].values():
            if network["vip"] in (value for _, value in values):
                faults.append(f"{name}: {network['vip']} is a virtual address")
        for kind, value in values:
            if value in seen:
                faults.append(f"{name}: {kind} {value} is {seen[value]}'s already")
            seen[value] = name
    return faults


def faults_of_flows(flows: list, settings: dict) -> list[str]:
    faults = []
    ends = {*ROLES, "any", "world"}
    for number, flow in enumerate(flows, 1):
        where = f"flow {number}"
        faults += [f"{where}: unknown key {key}" for key in sorted(set(flow) - FLOW_KEYS)]
        faults += [f"{where}: lacks {key}" for key in sorted(FLOW_KEYS - {"port"} - set(flow))]
        if flow.get("from") not in ends or flow.get("to") not in ends | {"group"}:
            faults.append(f"{where}: from and to are {', '.join(sorted(ends))}; to may be group")
        if flow.get("network") not in settings["networks"]:
            faults.append(f"{where}: there is no network {flow.get('network')}")
        if flow.get("protocol") not in PROTOCOLS:
            faults.append(f"{where}: protocol is one of {', '.join(PROTOCOLS)}")
        elif (flow["protocol"] in WITHOUT_PORTS) == bool(flow.get("port")):
            faults.append(f"{where}: tcp and udp have ports, {' and '.join(WITHOUT_PORTS)} have none")
        if "world" in (flow.get("from"), flow.get("to")) and flow.get("network") != "outer":
            faults.append(f"{where}: the world is on the outer network only")
    return faults
