"""What makes the machines: netplan, cloud-init, the Vagrantfile and the variables of Terraform."""
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
    return "\n".join(lines) + "\n"


def user_data(fleet: Fleet, node: Node) -> str:
    """cloud-config. `${ssh_key}` is filled in by whoever makes the machine: Terraform, Vagrant or sed."""
    return "#cloud-config\n" + MADE + as_yaml({
        "hostname": node.name,
        "fqdn": f"{node.name}.{fleet.settings['domain']}",
        "manage_etc_hosts": False,
        "timezone": fleet.settings["timezone"],
        "ssh_pwauth": False,
        "disable_root": True,
        "users": [{"name": fleet.settings["operator"], "groups": ["sudo", "adm"], "shell": "/bin/bash",
                   "sudo": "ALL=(ALL) NOPASSWD:ALL", "lock_passwd": True, "ssh_authorized_keys": ["${ssh_key}"]}],
        "write_files": [{"path": "/etc/hosts", "permissions": "0644", "content": hosts(fleet)}],
    })


def meta_data(node: Node) -> str:
    return MADE + as_yaml({"instance-id": f"mainstay-{node.name}-1", "local-hostname": node.name})


VAGRANTFILE = """\
# -*- mode: ruby -*-
{made}# Six machines on a laptop: `vagrant up --provider=vmware_desktop` or `--provider=virtualbox`. Then the playbook:
# conf/ansible. Vagrant's own first card (NAT) is how vagrant reaches a machine; the two others are those of the inventory.
NODES = {nodes}
OUTER = {outer}
INNER = {inner}

Vagrant.configure("2") do |config|
  config.vm.box = ENV.fetch("MAINSTAY_BOX", "bento/ubuntu-22.04")
  config.vm.synced_folder ".", "/vagrant", disabled: true
  NODES.each do |node|
    config.vm.define node[:name] do |machine|
      machine.vm.hostname = node[:name]
      if node[:outer]
        machine.vm.network "private_network", ip: node[:outer], mac: node[:outer_mac], virtualbox__intnet: OUTER, auto_config: false
      end
      machine.vm.network "private_network", ip: node[:inner], mac: node[:inner_mac], virtualbox__intnet: INNER, auto_config: false
      machine.vm.provider "virtualbox" do |box|
        box.cpus = node[:cpus]
        box.memory = node[:memory]
        # A virtual address moves with its packets' source: the switch must not drop what comes from another MAC.
        (2..3).each {{ |card| box.customize ["modifyvm", :id, "--nicpromisc#{{card}}", "allow-vms"] }}
      end
      machine.vm.provider "vmware_desktop" do |box|
        box.vmx["numvcpus"] = node[:cpus].to_s
        box.vmx["memsize"] = node[:memory].to_s
      end
      machine.vm.provision "file", source: "netplan/#{{node[:name]}}.yaml", destination: "/tmp/60-mainstay.yaml"
      machine.vm.provision "shell", inline: "install -m 0600 /tmp/60-mainstay.yaml /etc/netplan/ && netplan apply"
    end
  end
end
"""


def vagrantfile(fleet: Fleet) -> str:
    rows = []
    for node in fleet.nodes:
        row = f'name: "{node.name}", cpus: {node.size["cpus"]}, memory: {node.size["memory_mib"]}'
        for network, card in node.cards.items():
            row += f', {network}: "{card.address}", {network}_mac: "{card.mac.replace(":", "").upper()}"'
        rows.append("  {" + row + "},\n")
    return VAGRANTFILE.format(made=MADE, nodes="[\n" + "".join(rows) + "].freeze",
                              outer=json.dumps(fleet.network("outer")["port_group"]),
                              inner=json.dumps(fleet.network("inner")["port_group"]))


def terraform(fleet: Fleet) -> str:
    nodes = {node.name: node.size | {"networks": {
        network: {"port_group": fleet.network(network)["port_group"], "mac": card.mac, "address": card.address}
        for network, card in node.cards.items()}} for node in fleet.nodes}
    return json.dumps({"nodes": nodes}, indent=2) + "\n"
