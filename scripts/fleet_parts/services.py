"""What the programs on the nodes are told of each other: Prometheus' targets, Ansible's inventory, the diagram."""
import json

from .firewall import rules
from .inventory import Fleet
from .machines import MADE, as_yaml

# job → the role that has it, its port. The port must be allowed to `monitoring` in flows.yaml.
JOBS = {"node": ("any", 9100), "lbd": ("lb", 9101), "vrrpd": ("lb", 9112), "bookd": ("app", 9108),
        "mysqld": ("db", 9104), "blackbox": ("lb", 9115), "prometheus": ("monitoring", 9090),
        "alertmanager": ("monitoring", 9093)}


def targets(fleet: Fleet, job: str) -> str:
    """
    For file_sd_configs. `instance` is the node's name: what a person calls it at night. Of the job that every node has, the
    address as well: by it rules know which node an endpoint is on.
    """
    role, port = JOBS[job]
    return json.dumps([{"targets": [f"{node.main.address}:{port}"],
                        "labels": {"instance": node.name} | ({"inner_address": node.main.address} if role == "any" else {})}
                       for node in fleet.role(role)], indent=2) + "\n"


def ansible(fleet: Fleet) -> str:
    groups = {}
    for role in ("lb", "app", "db", "monitoring", "logs", "vault"):
        groups[role] = {"hosts": {node.name: None for node in fleet.role(role)}}
    # How a node is reached by ssh stands in ssh_config, by its name.
    hosts = {node.name: {**{f"{network}_address": card.address for network, card in node.cards.items()}, **node.extra,
                         "scraped": {job: port for job, (role, port) in JOBS.items() if node in fleet.role(role)}}
             for node in fleet.nodes}
    variables = {
        "fleet_domain": fleet.settings["domain"], "fleet_timezone": fleet.settings["timezone"],
        "fleet_operator": fleet.settings["operator"], "fleet_proxy": fleet.settings["proxy"],
        "fleet_vip": fleet.network("outer")["vip"], "fleet_inner_vip": fleet.network("inner")["vip"],
        "fleet_networks": {name: {"interface": plan["interface"], "prefix": fleet.prefix(name), "vrid": plan["vrid"],
                                  "vip": plan["vip"], "subnet": plan["subnet"]}
                           for name, plan in fleet.settings["networks"].items()},
        "fleet_addresses": {node.name: node.main.address for node in fleet.nodes},
    }
    return MADE + as_yaml({"all": {"hosts": hosts, "vars": variables, "children": groups}})


def outside_jump(fleet: Fleet) -> str:
    """An operator's ssh_config: inner nodes by way of the load balancers."""
    # A firewall that is put on forgets connections; a client that speaks up is let through again, a server is not.
    lines = [MADE.rstrip(), "Host *", "  ServerAliveInterval 3"]
    for node in fleet.nodes:
        outer = node.cards.get("outer")
        lines += [f"Host {node.name}", f"  HostName {(outer or node.main).address}", f"  User {fleet.settings['operator']}"]
        lines += [] if outer else ["  ProxyJump lb1"]
    return "\n".join(lines) + "\n"


def diagram(fleet: Fleet) -> str:
    outer, inner = fleet.network("outer"), fleet.network("inner")
    drawn = ["                            customers", "                                │",
             f"                     VIP {outer['vip']}  (VRID {outer['vrid']})",
             f"    ══════╤═══════════════════════════════╤══════  outer  {outer['subnet']}"]
    pair = fleet.role("lb")
    drawn.append("      " + "".join(f"{node.name} {node.cards['outer'].address}".ljust(32) for node in pair).rstrip())
    drawn.append("      " + "".join("lbd · vrrpd · proxy".ljust(32) for _ in pair).rstrip())
    drawn.append("      " + "".join(f"    {node.main.address}".ljust(32) for node in pair).rstrip())
    drawn.append(f"    ══════╧══════╤══════ VIP {inner['vip']} ═══════╧══════  inner  {inner['subnet']}")
    for node in fleet.nodes:
        if "lb" not in node.roles:
            size = f"{node.size['cpus']} vCPU, {node.size['memory_mib'] // 1024} GiB"
            drawn.append(f"                 ├─ {node.name:5} {node.main.address:11} {size:14} {', '.join(node.roles)}")
    drawn[-1] = drawn[-1].replace("├", "└")
    return "\n".join(drawn)


def page(fleet: Fleet) -> str:
    """docs/fleet.md."""
    lines = ["# The fleet: who stands where, and what may pass", "",
             "Made by `scripts/fleet render` of [conf/inventory](../conf/inventory); changes belong there.", "", "```",
             diagram(fleet), "```", "", "| node | roles | outer | inner | MACs | size |", "|---|---|---|---|---|---|"]
    for node in fleet.nodes:
        cards = [node.cards[name].address if name in node.cards else "none" for name in ("outer", "inner")]
        lines.append(f"| {node.name} | {', '.join(node.roles)} | {cards[0]} | {cards[1]} | "
                     f"{' '.join(card.mac for card in node.cards.values())} | {node.size['cpus']} vCPU, "
                     f"{node.size['memory_mib']} MiB, {node.size['disk_gib']} GiB |")
    lines += ["", "## Flows", "", "All else is dropped by UFW on both ends, in each direction.", "",
              "| from | to | network | protocol, ports | why |", "|---|---|---|---|---|"]
    for flow in fleet.flows:
        what = "vrrp 112" if flow.protocol == "vrrp" else f"{flow.protocol} {', '.join(map(str, flow.ports))}".strip()
        lines.append(f"| {flow.source} | {flow.target} | {flow.network} | {what} | {flow.why} |")
    counted = ", ".join(f"{node.name} {len(rules(fleet, node))}" for node in fleet.nodes)
    return "\n".join(lines) + f"\n\nRules on each node: {counted}.\n"
