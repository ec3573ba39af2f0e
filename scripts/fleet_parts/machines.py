"""What makes the machines: netplan, cloud-init and the variables of Terraform; vagrant.py has the Vagrantfile."""
import json

import yaml

from .inventory import Fleet, Node

MADE = "# Made by scripts/fleet of conf/inventory; changes belong there.\n"


def as_yaml(value) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=120)


def netplan(fleet: Fleet, node: Node) -> dict:
    cards = {}
    for network, card in node.cards.items():
        plan = fleet.network(network)
        cards[plan["interface"]] = {
            "match": {"macaddress": card.mac},
            "set-name": plan["interface"],
            "addresses": [f"{card.address}/{fleet.prefix(network)}"],
            "dhcp4": False, "dhcp6": False, "accept-ra": False, "link-local": [],
        }
        if "gateway" in plan:
            cards[plan["interface"]] |= {"routes": [{"to": "default", "via": plan["gateway"]}],
                                         "nameservers": {"addresses": plan["dns"]}}
    return {"network": {"version": 2, "renderer": "networkd", "ethernets": cards}}


def hosts(fleet: Fleet) -> str:
    lines = [MADE.rstrip(), "127.0.0.1 localhost"]
    for node in fleet.nodes:
        lines.append(f"{node.main.address} {node.name}.{fleet.settings['domain']} {node.name}")
    lines.append(f"{fleet.network('inner')['vip']} proxy.{fleet.settings['domain']} proxy")
    lines.append(f"{fleet.network('outer')['vip']} www.{fleet.settings['domain']}")
    # Runbooks: by each load balancer's own address, since they are read when the virtual one is nowhere.
    lines += [f"{node.cards['outer'].address} ops.{fleet.settings['domain']}" for node in fleet.role("lb")]
    return "\n".join(lines) + "\n"


# Of the operator; who makes machines without cloud-init gives them the same.
OPERATOR_GROUPS = ("sudo", "adm")
OPERATOR_SHELL = "/bin/bash"
OPERATOR_MAY = "ALL=(ALL) NOPASSWD:ALL"


def user_data(fleet: Fleet, node: Node) -> str:
    """cloud-config. `${ssh_key}` is filled in by whoever makes the machine: Terraform or sed."""
    return "#cloud-config\n" + MADE + as_yaml({
        "hostname": node.name,
        "fqdn": f"{node.name}.{fleet.settings['domain']}",
        "manage_etc_hosts": False,
        "timezone": fleet.settings["timezone"],
        "ssh_pwauth": False,
        "disable_root": True,
        "users": [{"name": fleet.settings["operator"], "groups": list(OPERATOR_GROUPS), "shell": OPERATOR_SHELL,
                   "sudo": OPERATOR_MAY, "lock_passwd": True, "ssh_authorized_keys": ["${ssh_key}"]}],
        "write_files": [{"path": "/etc/hosts", "permissions": "0644", "content": hosts(fleet)}],
    })


def meta_data(node: Node) -> str:
    return MADE + as_yaml({"instance-id": f"mainstay-{node.name}-1", "local-hostname": node.name})


def terraform(fleet: Fleet) -> str:
    nodes = {node.name: node.size | {"networks": {
        network: {"port_group": fleet.network(network)["port_group"], "mac": card.mac, "address": card.address}
        for network, card in node.cards.items()}} for node in fleet.nodes}
    return json.dumps({"nodes": nodes}, indent=2) + "\n"
