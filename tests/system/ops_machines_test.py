"""The three ways to a machine (Vagrant, Terraform, cloud-init by hand) lead to the same: the cards of the inventory, and an operator
whom the playbook's ssh lets in by his key. No hypervisor runs here: what each would be told is read, and the script for boxes is run."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
GENERATED = ROOT / "conf/inventory/generated"
FLEET = yaml.safe_load((ROOT / "conf/inventory/fleet.yaml").read_text(encoding="utf-8"))
NODES = {node["name"]: node for node in FLEET["nodes"]}
OPERATOR = FLEET["operator"]
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEopsmachinestestkeyxxxxxxxxxxxxxxxxxxxxxxxxxxx it's the operator's"

# The script of the Vagrantfile on this machine, in a copy of /etc, /home and /tmp that only this process sees.
ON_A_COPY = """
set -e
mount --make-rprivate /
cp -a /etc "$1/etc"
mkdir -p "$1/home" "$1/tmp" && cp "$2/hosts" "$1/tmp/mainstay-hosts" && cp "$2/hosts" "$1/expected-hosts"
mkdir -p "$1/etc/sudoers.d"
cp "$4" "$1/script"
mount --bind "$1/etc" /etc
mount --bind "$1/home" /home
cd "$1"; root=$PWD
mount --bind "$root/tmp" /tmp
for time in first second; do bash ./script "$3" >&2; done
id --name --user {name}; id --name --groups {name}; getent shadow {name} | cut -d: -f2 | cut -c1; getent passwd {name} | cut -d: -f6-
stat --format='%U %a %n' /home/{name}/.ssh /home/{name}/.ssh/authorized_keys /etc/sudoers.d/90-{name}
cat /home/{name}/.ssh/authorized_keys /etc/sudoers.d/90-{name}
readlink /etc/localtime
cmp /etc/hosts ./expected-hosts
"""


def run(argv, **options):
    options = {"text": True, "capture_output": True, "timeout": 60, "check": False} | options
    return subprocess.run([str(word) for word in argv], **options)


def cards(node: dict) -> dict[str, dict]:
    return {network: node[network] for network in FLEET["networks"] if network in node}


def user_data(name: str) -> dict:
    return yaml.safe_load((GENERATED / f"cloud-init/{name}/user-data").read_text(encoding="utf-8").replace("${ssh_key}", KEY))


class Vagrant(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.NamedTemporaryFile("w", suffix=".pub", encoding="utf-8") as key:
            key.write(KEY + "\n")
            key.flush()
            cls.told = {}
            for provider in ("vmware_desktop", "virtualbox"):
                done = run(["ruby", ROOT / "tests/system/support/vagrant_stub.rb", GENERATED / "Vagrantfile", provider],
                           env=os.environ | {"MAINSTAY_KEY": key.name})
                assert done.returncode == 0, done.stderr
                cls.told[provider] = json.loads(done.stdout)

    def test_vmware_gives_each_machine_its_cards_on_the_networks_of_the_inventory(self):
        self.assertEqual(list(NODES), list(self.told["vmware_desktop"]))
        for name, machine in self.told["vmware_desktop"].items():
            size = NODES[name]["size"]
            self.assertEqual((str(size["cpus"]), str(size["memory_mib"])), (machine["vmx"]["numvcpus"], machine["vmx"]["memsize"]))
            # The first card is Vagrant's.
            found = [tuple(machine["vmx"].get(f"ethernet{number}.{key}") for key in ("present", "connectionType", "vnet", "addressType", "address"))
                     for number in range(1, 4)]
            wanted = [("TRUE", "custom", FLEET["networks"][network]["vmnet"], "static", card["mac"]) for network, card in cards(NODES[name]).items()]
            self.assertEqual(wanted, [card for card in found if card[0]])
            self.assertEqual([], machine["networks"], "Vagrant would give a card more")

    def test_virtualbox_gives_each_machine_its_cards_and_the_operator_a_way_in(self):
        outer, inner = FLEET["networks"]["outer"], FLEET["networks"]["inner"]
        for name, machine in self.told["virtualbox"].items():
            self.assertEqual((NODES[name]["size"]["cpus"], NODES[name]["size"]["memory_mib"]), (machine["cpus"], machine["memory"]))
            wanted = [{"kind": "private_network", "ip": card["address"], "mac": card["mac"].replace(":", "").upper(), "auto_config": False,
                       **({"adapter_ip": outer["gateway"]} if network == "outer" else {"virtualbox__intnet": inner["port_group"]})}
                      for network, card in cards(NODES[name]).items()]
            self.assertEqual(wanted, machine["networks"])
            self.assertEqual([["modifyvm", "id", f"--nicpromisc{number + 2}", "allow-vms"] for number in range(len(wanted))],
                             machine["customized"])

    def test_a_box_is_told_its_name_its_cards_and_its_operator_and_these_last(self):
        for machines in self.told.values():
            for name, machine in machines.items():
                self.assertEqual(name, machine["hostname"])
                steps = machine["provisioners"]
                self.assertEqual(["file", "file", "shell", "shell"], [step["kind"] for step in steps])
                for step in steps[:2]:
                    self.assertTrue((GENERATED / step["source"]).is_file(), step["source"])
                self.assertEqual({f"netplan/{name}.yaml": "/tmp/mainstay-netplan.yaml", "hosts": "/tmp/mainstay-hosts"},
                                 {step["source"]: step["destination"] for step in steps[:2]})
                self.assertEqual(("operator", [KEY]), (steps[2]["name"], steps[2]["args"]))
                self.assertEqual("cards", steps[3]["name"])
                for step in steps[2:]:
                    self.assertEqual(0, run(["bash", "-n"], input=step["inline"]).returncode)

    def test_the_cards_of_a_box_are_those_of_the_inventory_alone_after_a_restart(self):
        script = self.told["virtualbox"]["lb1"]["provisioners"][3]["inline"]
        with tempfile.TemporaryDirectory() as folder:
            place = pathlib.Path(folder)
            (place / "netplan").mkdir()
            (place / "netplan/01-netcfg.yaml").write_text("network: {}\n", encoding="ascii")
            (place / "plan").write_text("ours\n", encoding="ascii")
            (place / "systemd-run").write_text(f'#!/bin/sh\necho "$@" >{place}/later\n', encoding="ascii")
            (place / "systemd-run").chmod(0o755)
            for there, here in (("/tmp/mainstay-netplan.yaml", place / "plan"), ("/etc/netplan", place / "netplan")):
                script = script.replace(there, str(here))
            done = run(["bash", "-c", script], env={"PATH": f"{place}:/usr/sbin:/usr/bin:/sbin:/bin"})
            self.assertEqual(0, done.returncode, done.stderr)
            self.assertEqual(["60-mainstay.yaml"], [path.name for path in (place / "netplan").iterdir()])
            self.assertEqual(0o600, (place / "netplan/60-mainstay.yaml").stat().st_mode & 0o777)
            self.assertTrue((place / "later").read_text(encoding="ascii").rstrip().endswith("systemctl reboot"))

    def test_its_script_makes_the_operator_that_cloud_init_makes(self):
        with tempfile.TemporaryDirectory() as folder, tempfile.NamedTemporaryFile("w", encoding="utf-8") as script:
            script.write(self.told["virtualbox"]["lb1"]["provisioners"][2]["inline"])
            script.flush()
            done = run(["unshare", "--mount", "bash", "-c", ON_A_COPY.replace("{name}", OPERATOR), "-", folder, GENERATED, KEY, script.name])
            self.assertEqual(0, done.returncode, done.stderr)
            name, groups, password, shell, *rest = done.stdout.splitlines()
            (user,) = user_data("lb1")["users"]
            self.assertEqual((OPERATOR, user["name"]), (name, name))
            self.assertLessEqual(set(user["groups"]), set(groups.split()))
            self.assertEqual((True, "!"), (user["lock_passwd"], password))
            self.assertEqual(f"/home/{OPERATOR}:{user['shell']}", shell)
            self.assertEqual([f"{OPERATOR} 700 /home/{OPERATOR}/.ssh", f"{OPERATOR} 600 /home/{OPERATOR}/.ssh/authorized_keys",
                              f"root 440 /etc/sudoers.d/90-{OPERATOR}", *user["ssh_authorized_keys"], f"{OPERATOR} {user['sudo']}",
                              f"/usr/share/zoneinfo/{user_data('lb1')['timezone']}"], rest)


class Ways(unittest.TestCase):
    def test_the_playbook_comes_as_the_operator_that_each_machine_has(self):
        """By ssh_config, to an address that the machine's own cards have, inner ones by way of one that is outside."""
        self.assertIn("-F ../inventory/generated/ssh_config", (ROOT / "conf/ansible/ansible.cfg").read_text(encoding="utf-8"))
        for name, node in NODES.items():
            told = dict(line.split(" ", 1) for line in run(["ssh", "-G", "-F", GENERATED / "ssh_config", name]).stdout.splitlines())
            self.assertEqual(user_data(name)["users"][0]["name"], told["user"])
            self.assertIn(told["hostname"], [card["address"] for card in cards(node).values()])
            plan = yaml.safe_load((GENERATED / f"cloud-init/{name}/network-config").read_text(encoding="utf-8"))
            self.assertIn(told["hostname"], [address.split("/")[0] for card in plan["network"]["ethernets"].values() for address in card["addresses"]])
            if "outer" not in node:
                self.assertIn("outer", NODES[told["proxyjump"]])

    @unittest.skipUnless(shutil.which("terraform"), "no terraform")
    def test_terraform_fills_the_operators_key_in(self):
        """By its own templatefile; without a provider, and without a word to anybody."""
        with tempfile.TemporaryDirectory() as folder:
            for name in NODES:
                asked = f'jsonencode(yamldecode(templatefile("{GENERATED}/cloud-init/{name}/user-data", {{ ssh_key = {json.dumps(KEY)} }})))'
                done = run(["terraform", "console"], input=asked, cwd=folder, env=os.environ | {"CHECKPOINT_DISABLE": "1"})
                self.assertEqual(0, done.returncode, done.stderr)
                # Printed as a text of HCL, which JSON reads as well.
                self.assertEqual(user_data(name), json.loads(json.loads(done.stdout.strip().splitlines()[-1])))

    def test_terraform_gives_what_it_filled_in_to_cloud_init(self):
        text = (ROOT / "conf/inventory/terraform/main.tf").read_text(encoding="utf-8")
        self.assertRegex(text, r'"guestinfo\.userdata" = base64encode\(templatefile\(\s*"\$\{path\.module\}/\.\./generated/cloud-init/'
                               r'\$\{each\.key\}/user-data", \{ ssh_key = var\.ssh_key \}')
        self.assertTrue(re.search(r'variable "ssh_key" \{(?![^}]*default)', text), "nobody is asked for the key")


if __name__ == "__main__":
    unittest.main()
