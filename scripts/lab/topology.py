"""Who stands where: nodes, the switches they are plugged into, their addresses. Pure description."""

from dataclasses import dataclass, field

OUTER = "outer"
INNER = "inner"
INTERFACES = {OUTER: "out0", INNER: "in0"}
PREFIX_LENGTH = 24
VIP = "192.168.10.100"


@dataclass(frozen=True)
class NodePlan:
    """One machine. `links` maps a switch to the node's address there."""
    name: str
    links: dict[str, str]

    def mac(self, switch: str) -> str:
        """Fixed, so that a node keeps its address over a power cycle as a real card does."""
        octets = [int(part) for part in self.links[switch].split(".")]
        return "02:%02x:%02x:%02x:%02x:%02x" % (0 if switch == OUTER else 1, *octets)


@dataclass(frozen=True)
class Topology:
    switches: tuple[str, ...] = (OUTER, INNER)
    nodes: tuple[NodePlan, ...] = field(default_factory=tuple)

    def only(self, *names: str) -> "Topology":
        """The same network with fewer machines."""
        return Topology(self.switches, tuple(node for node in self.nodes if node.name in names))


STANDARD = Topology(nodes=(
    NodePlan("client", {OUTER: "192.168.10.50"}),
    NodePlan("lb1", {OUTER: "192.168.10.11", INNER: "10.0.0.11"}),
    NodePlan("lb2", {OUTER: "192.168.10.12", INNER: "10.0.0.12"}),
    NodePlan("app1", {INNER: "10.0.0.21"}),
    NodePlan("app2", {INNER: "10.0.0.22"}),
    NodePlan("db1", {INNER: "10.0.0.31"}),
    NodePlan("db2", {INNER: "10.0.0.32"}),
))
