"""The Vagrantfile: boxes become machines with the cards, names and operator that cloud-init gives elsewhere."""
import json

from .inventory import Fleet
from .machines import MADE, OPERATOR_GROUPS, OPERATOR_MAY, OPERATOR_SHELL

VAGRANTFILE = """\
# -*- mode: ruby -*-
{made}# Six machines on a laptop: `vagrant up --provider=vmware_desktop` or `--provider=virtualbox`. Then the playbook:
# conf/ansible. Vagrant's own first card (NAT) is how vagrant makes a machine; the last step of that takes it away, and from
# then on there are the cards of the inventory and the operator with his key: ssh -F ssh_config lb1. docs/install.md.
NODES = {nodes}
# As VMware calls the network, as VirtualBox does, and what the host has there.
NETWORKS = {networks}
KEY = File.read(File.expand_path(ENV.fetch("MAINSTAY_KEY", "~/.ssh/id_ed25519.pub"))).strip

OPERATOR = <<~'SHELL'
{operator}SHELL

# Behind vagrant's back, when it has said good-bye.
CARDS = <<~'SHELL'
  set -eu
  install -m 0600 /tmp/mainstay-netplan.yaml /etc/netplan/60-mainstay.yaml
  find /etc/netplan -name '*.yaml' ! -name 60-mainstay.yaml -delete
  systemd-run --on-active=5s --unit=mainstay-cards systemctl reboot
SHELL

Vagrant.configure("2") do |config|
  config.vm.box = ENV.fetch("MAINSTAY_BOX", "bento/ubuntu-22.04")
  config.vm.synced_folder ".", "/vagrant", disabled: true
  NODES.each do |node|
    config.vm.define node[:name] do |machine|
      machine.vm.hostname = node[:name]
      machine.vm.provider "virtualbox" do |box, here|
        box.cpus = node[:cpus]
        box.memory = node[:memory]
        node[:cards].each_with_index do |card, index|
          here.vm.network "private_network", ip: card[:address], mac: card[:mac].delete(":").upcase, auto_config: false,
                          **NETWORKS[card[:network]][:virtualbox]
          # A virtual address moves with its packets' source: the switch must not drop what comes from another MAC.
          box.customize ["modifyvm", :id, "--nicpromisc#{{index + 2}}", "allow-vms"]
        end
      end
      machine.vm.provider "vmware_desktop" do |box|
        box.vmx["numvcpus"] = node[:cpus].to_s
        box.vmx["memsize"] = node[:memory].to_s
        node[:cards].each_with_index do |card, index|
          {{present: "TRUE", virtualDev: "vmxnet3", connectionType: "custom", vnet: NETWORKS[card[:network]][:vnet],
           addressType: "static", address: card[:mac]}}.each {{ |key, value| box.vmx["ethernet#{{index + 1}}.#{{key}}"] = value }}
        end
      end
      machine.vm.provision "file", source: "netplan/#{{node[:name]}}.yaml", destination: "/tmp/mainstay-netplan.yaml"
      machine.vm.provision "file", source: "hosts", destination: "/tmp/mainstay-hosts"
      machine.vm.provision "shell", name: "operator", inline: OPERATOR, args: [KEY]
      machine.vm.provision "shell", name: "cards", inline: CARDS
    end
  end
end
"""
OPERATOR_SCRIPT = """\
  set -eu
  id --user {name} >/dev/null 2>&1 || useradd --create-home --user-group --shell {shell} {name}
  usermod --append --groups {groups} --lock {name}
  install -d -m 0700 -o {name} -g {name} ~{name}/.ssh
  printf '%s\\n' "$1" >~{name}/.ssh/authorized_keys
  chown {name}:{name} ~{name}/.ssh/authorized_keys
  chmod 0600 ~{name}/.ssh/authorized_keys
  echo '{name} {may}' >/etc/sudoers.d/90-{name}
  chmod 0440 /etc/sudoers.d/90-{name}
  install -m 0644 /tmp/mainstay-hosts /etc/hosts
  ln -sfn /usr/share/zoneinfo/{timezone} /etc/localtime
"""


def vagrantfile(fleet: Fleet) -> str:
    rows = []
    for node in fleet.nodes:
        cards = ", ".join(f'{{network: "{network}", address: "{card.address}", mac: "{card.mac}"}}' for network, card in node.cards.items())
        rows.append(f'  {{name: "{node.name}", cpus: {node.size["cpus"]}, memory: {node.size["memory_mib"]}, cards: [{cards}]}},\n')
    networks = []
    for name, plan in fleet.settings["networks"].items():
        # The operator comes in from the host by the outer network, where the host is the gateway; nobody does by the inner.
        ways = f'{{adapter_ip: {json.dumps(plan["gateway"])}}}' if "gateway" in plan else \
            f'{{virtualbox__intnet: {json.dumps(plan["port_group"])}}}'
        networks.append(f'  "{name}" => {{vnet: {json.dumps(plan["vmnet"])}, virtualbox: {ways}}},\n')
    operator = OPERATOR_SCRIPT.format(name=fleet.settings["operator"], shell=OPERATOR_SHELL, groups=",".join(OPERATOR_GROUPS),
                                      may=OPERATOR_MAY, timezone=fleet.settings["timezone"])
    return VAGRANTFILE.format(made=MADE, nodes="[\n" + "".join(rows) + "].freeze", networks="{\n" + "".join(networks) + "}.freeze",
                              operator=operator)
