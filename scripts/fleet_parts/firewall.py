"""Flows to rules of one node, and rules to the files of UFW. A rule is made for both ends: who sends and who hears."""
from dataclasses import dataclass

from .inventory import VRRP_GROUP, WITHOUT_PORTS, Fleet, Flow, Node

ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, order=True)
class Rule:
    """Allowed at one node. `port` is 0 where the protocol has none."""
    direction: str  # in, out
    interface: str
    protocol: str
    source: str
    target: str
    port: int
    why: str


def rules(fleet: Fleet, node: Node) -> list[Rule]:
    found = {}
    for flow in fleet.flows:
        if flow.network in node.cards:
            for rule in rules_of(fleet, node, flow):
                # Two flows may allow the same; the first says why.
                found.setdefault((rule.direction, rule.interface, rule.protocol, rule.source, rule.target, rule.port), rule)
    return sorted(found.values())


def rules_of(fleet: Fleet, node: Node, flow: Flow) -> list[Rule]:
    interface = fleet.network(flow.network)["interface"]
    own = node.cards[flow.network].address
    made = []
    if flow.protocol == "moved":
        # Whoever gets it knows the connection: there it passes as any segment of one.
        virtual = fleet.network(flow.network)["vip"]
        return [Rule("out", interface, flow.protocol, ANYWHERE, virtual, 0, flow.why)] if node in fleet.role(flow.source) else []
    if node in fleet.role(flow.source):
        made += [("out", own, target) for target in targets(fleet, node, flow)]
    if flow.protocol == "vrrp" and node in fleet.role(flow.source):
        made += [("in", other, VRRP_GROUP) for other in addresses(fleet, flow.source, flow.network) if other != own]
    elif node in fleet.role(flow.target):
        sources = [ANYWHERE] if flow.source == "world" else addresses(fleet, flow.source, flow.network)
        made += [("in", source, target) for source in sources if source != own for target in heard_at(fleet, node, flow)]
    return [Rule(direction, interface, flow.protocol, source, target, port, flow.why)
            for direction, source, target in made for port in flow.ports or (0,)]


def targets(fleet: Fleet, node: Node, flow: Flow) -> list[str]:
    """Where this node may send to."""
    if flow.target == "group":
        return [VRRP_GROUP]
    if flow.target == "world":
        return [ANYWHERE]
    found = [address for address in addresses(fleet, flow.target, flow.network) if address != node.cards[flow.network].address]
    return found + ([fleet.network(flow.network)["vip"]] if flow.target == "lb" else [])


def heard_at(fleet: Fleet, node: Node, flow: Flow) -> list[str]:
    """What is meant for load balancers comes to a node's own address and, while it has it, to the virtual one."""
    own = node.cards[flow.network].address
    return [own, fleet.network(flow.network)["vip"]] if flow.target == "lb" else [own]


def addresses(fleet: Fleet, role: str, network: str) -> list[str]:
    return [node.cards[network].address for node in fleet.role(role) if network in node.cards]


# As ufw itself writes it, without a word more: it would take that word out, and the next run would put it in again.
HEADER = "*filter\n" + "".join(f":{chain} - [0:0]\n" for chain in (
    "ufw-user-input", "ufw-user-output", "ufw-user-forward", "ufw-before-logging-input", "ufw-before-logging-output",
    "ufw-before-logging-forward", "ufw-user-logging-input", "ufw-user-logging-output", "ufw-user-logging-forward",
    "ufw-after-logging-input", "ufw-after-logging-output", "ufw-after-logging-forward", "ufw-logging-deny",
    "ufw-logging-allow", "ufw-user-limit", "ufw-user-limit-accept")) + "### RULES ###\n"
LIMITED = "-m limit --limit 3/min --limit-burst 10"
FOOTER = "\n### END RULES ###\n\n### LOGGING ###\n" + "".join(
    f'-A ufw-after-logging-{way} -j LOG --log-prefix "[UFW BLOCK] " {LIMITED}\n' for way in ("input", "output", "forward")) + f"""\
-I ufw-logging-deny -m conntrack --ctstate INVALID -j RETURN {LIMITED}
-A ufw-logging-deny -j LOG --log-prefix "[UFW BLOCK] " {LIMITED}
-A ufw-logging-allow -j LOG --log-prefix "[UFW ALLOW] " {LIMITED}
### END LOGGING ###

### RATE LIMITING ###
-A ufw-user-limit -m limit --limit 3/minute -j LOG --log-prefix "[UFW LIMIT BLOCK] "
-A ufw-user-limit -j REJECT
-A ufw-user-limit-accept -j ACCEPT
### END RATE LIMITING ###
COMMIT
"""


def user_rules(fleet: Fleet, node: Node) -> str:
    """/etc/ufw/user.rules: all that ufw has a word for. Before 0.36.2 it has none for protocol 112."""
    made = []
    for rule in rules(fleet, node):
        if rule.protocol in WITHOUT_PORTS:
            continue
        comment = rule.why.encode().hex()
        made.append(f"\n### tuple ### allow {rule.protocol} {rule.port} {rule.target} any {rule.source} "
                    f"{rule.direction}_{rule.interface} comment={comment}\n{iptables(rule, 'ufw-user')}\n")
    return HEADER + "".join(made) + FOOTER


def before_rules(fleet: Fleet, node: Node) -> str:
    """Lines for /etc/ufw/before.rules, before its COMMIT; empty on a node without VRRP."""
    return "".join(iptables(rule, "ufw-before") + "\n" for rule in rules(fleet, node) if rule.protocol in WITHOUT_PORTS)


# What a copy of a segment is to the kernel that sends it on by nftables' dup; nothing else that leaves is untracked.
MATCH = {"vrrp": "-p 112", "moved": "-m conntrack --ctstate UNTRACKED"}


def iptables(rule: Rule, chains: str) -> str:
    chain, option = ("input", "-i") if rule.direction == "in" else ("output", "-o")
    match = MATCH.get(rule.protocol, f"-p {rule.protocol}")
    port = f" --dport {rule.port}" if rule.port else ""
    target = f" -d {rule.target}" if rule.target != ANYWHERE else ""
    source = f" -s {rule.source}" if rule.source != ANYWHERE else ""
    return f"-A {chains}-{chain} {option} {rule.interface} {match}{target}{port}{source} -j ACCEPT"
