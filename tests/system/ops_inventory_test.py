"""What is made of the inventory agrees with it, is what its readers can read, and a fault in it is told."""
import ipaddress
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from fleet_parts import inventory, services  # noqa: E402
from lab import topology  # noqa: E402

GENERATED = ROOT / "conf/inventory/generated"
FLEET = yaml.safe_load((ROOT / "conf/inventory/fleet.yaml").read_text(encoding="utf-8"))
NODES = {node["name"]: node for node in FLEET["nodes"]}


def run(argv, **options):
    options = {"text": True, "capture_output": True, "timeout": 60, "check": False} | options
    return subprocess.run([str(word) for word in argv], **options)


def generated(name: str) -> str:
    return (GENERATED / name).read_text(encoding="utf-8")


def cards(node: dict) -> dict[str, dict]:
    return {network: node[network] for network in FLEET["networks"] if network in node}


class Agreement(unittest.TestCase):
    def test_nothing_is_stale(self):
        done = run([ROOT / "scripts/fleet", "check"])
        self.assertEqual((0, ""), (done.returncode, done.stderr))

    def test_the_lab_has_the_same_addresses(self):
        lab = {plan.name: plan.links for plan in topology.STANDARD.nodes if plan.name != "client"}
        self.assertEqual(lab, {name: {network: card["address"] for network, card in cards(node).items()}
                               for name, node in NODES.items()})
        self.assertEqual(FLEET["networks"]["outer"]["vip"], topology.VIP)

    def test_netplan_gives_each_card_its_address(self):
        for name, node in NODES.items():
            plan = yaml.safe_load(generated(f"netplan/{name}.yaml"))["network"]["ethernets"]
            found = {(card["match"]["macaddress"], card["addresses"][0]) for card in plan.values()}
            self.assertEqual({(card["mac"], card["address"] + "/24") for card in cards(node).values()}, found)
            self.assertEqual("outer" in node, any("routes" in card for card in plan.values()), "inner nodes have no way out")
            self.assertEqual(generated(f"netplan/{name}.yaml"), generated(f"cloud-init/{name}/network-config"))

    @unittest.skipUnless(shutil.which("netplan"), "no netplan")
    def test_netplan_takes_it(self):
        for name, node in NODES.items():
            with self.subTest(node=name), tempfile.TemporaryDirectory() as root:
                folder = pathlib.Path(root, "etc/netplan")
                folder.mkdir(parents=True)
                shutil.copy(GENERATED / f"netplan/{name}.yaml", folder)
                (folder / f"{name}.yaml").chmod(0o600)
                done = run(["netplan", "generate", "--root-dir", root])
                self.assertEqual(0, done.returncode, done.stderr)
                written = "".join(path.read_text() for path in pathlib.Path(root, "run/systemd/network").iterdir())
                for card in cards(node).values():
                    self.assertIn(f"Address={card['address']}/24", written)
                    self.assertIn(card["mac"], written)

    def test_hosts_and_cloud_init_name_everybody(self):
        for name, node in NODES.items():
            self.assertRegex(generated("hosts"), rf"(?m)^{re.escape(node['inner']['address'])} {name}\.\S+ {name}$")
            data = generated(f"cloud-init/{name}/user-data")
            self.assertTrue(data.startswith("#cloud-config\n"))
            read = yaml.safe_load(data)
            self.assertEqual((name, False, True), (read["hostname"], read["ssh_pwauth"], read["users"][0]["lock_passwd"]))
            self.assertEqual(generated("hosts"), read["write_files"][0]["content"])

    def test_terraform_makes_the_same_machines(self):
        tfvars = json.loads(generated("terraform/fleet.auto.tfvars.json"))["nodes"]
        self.assertEqual(set(NODES), set(tfvars))
        for name, node in NODES.items():
            self.assertEqual(node["size"], {key: tfvars[name][key] for key in node["size"]})
            for network, card in cards(node).items():
                told = tfvars[name]["networks"][network]
                self.assertEqual((card["address"], card["mac"]), (told["address"], told["mac"]))

    def test_terraform_asks_for_what_the_inventory_gives(self):
        """No Terraform is in the distribution: what is read here is the type of its variable and the files it names."""
        text = (ROOT / "conf/inventory/terraform/main.tf").read_text(encoding="utf-8")
        self.assertEqual(text.count("{"), text.count("}"))
        declared = re.search(r'variable "nodes" \{.*?type = (map\(object.*?\)\)\n\})', text, flags=re.S)[1]
        wanted = set(re.findall(r"(\w+)\s*=", declared))
        node = next(iter(json.loads(generated("terraform/fleet.auto.tfvars.json"))["nodes"].values()))
        card = next(iter(node["networks"].values()))
        self.assertEqual(set(node) | set(card), wanted)
        for file in set(re.findall(r"/generated/cloud-init/\$\{each\.key\}/([\w-]+)", text)):
            for name in NODES:
                self.assertTrue((GENERATED / f"cloud-init/{name}/{file}").exists(), file)
        self.assertEqual(["ssh_key"], sorted({name for name in NODES for name in re.findall(
            r"\$\{(\w+)\}", generated(f"cloud-init/{name}/user-data"))}))

    def test_prometheus_may_reach_every_target(self):
        allowed = {name: [json.loads(line) for line in run([ROOT / "scripts/fleet", "rules", name]).stdout.splitlines()]
                   for name in NODES}
        scrapers = [name for name, node in NODES.items() if "monitoring" in node["roles"]]
        count = 0
        for job in services.JOBS:
            for group in json.loads(generated(f"prometheus/{job}.json")):
                address, port = group["targets"][0].split(":")
                name = group["labels"]["instance"]
                self.assertEqual(NODES[name]["inner"]["address"], address)
                for scraper in set(scrapers) - {name}:
                    count += 1
                    source = NODES[scraper]["inner"]["address"]
                    for node, direction in ((scraper, "out"), (name, "in")):
                        self.assertTrue(any((rule["direction"], rule["source"], rule["target"], rule["port"]) ==
                                            (direction, source, address, int(port)) for rule in allowed[node]),
                                        f"{scraper} to {name}:{port}, {direction} at {node}")
        self.assertGreater(count, 25)

    def test_ansible_knows_who_is_what(self):
        told = yaml.safe_load(generated("ansible/hosts.yaml"))["all"]
        self.assertEqual(set(NODES), set(told["hosts"]))
        for group, content in told["children"].items():
            self.assertEqual({name for name, node in NODES.items() if group in node["roles"]}, set(content["hosts"]))

    def test_the_page_shows_every_address(self):
        page = (ROOT / "docs/fleet.md").read_text(encoding="utf-8")
        for address in re.findall(r"\d+\.\d+\.\d+\.\d+", json.dumps(FLEET["nodes"])):
            ipaddress.ip_address(address)
            self.assertIn(address, page)


class Faults(unittest.TestCase):
    """Each fault of a copy of the inventory is told, with the node or the flow it is of."""

    def told(self, change, file: str = "fleet.yaml") -> str:
        with tempfile.TemporaryDirectory() as folder:
            for name in ("fleet.yaml", "flows.yaml"):
                shutil.copy(inventory.FOLDER / name, folder)
            path = pathlib.Path(folder, file)
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            change(content)
            path.write_text(yaml.safe_dump(content), encoding="utf-8")
            try:
                inventory.read(pathlib.Path(folder))
            except inventory.Faults as faults:
                return str(faults)
        return ""

    def test_the_inventory_itself_has_none(self):
        self.assertEqual("", self.told(lambda _: None))

    def test_of_nodes(self):
        def spoil(fleet):
            lb1, lb2, app1, _, db1, _ = fleet["nodes"]
            lb2["outer"]["address"] = lb1["outer"]["address"]
            lb1["inner"]["mac"] = "00:50:56:20:00:0B"
            app1["roles"] = ["application"]
            db1["inner"]["address"] = "10.0.1.31"
            db1["colour"] = "blue"
            lb2["priority"] = 255
        told = self.told(spoil)
        for sentence in ("lb2: address 192.168.10.11 is lb1's already", "lb1: 00:50:56:20:00:0B is no MAC",
                         "app1: unknown role application", "db1: 10.0.1.31 is not in inner", "db1: unknown key colour",
                         "lb2: priority must be 1 to 254"):
            self.assertIn(sentence, told)

    def test_of_a_virtual_address_that_is_taken(self):
        told = self.told(lambda fleet: fleet["nodes"][0]["outer"].update(address="192.168.10.100"))
        self.assertIn("lb1: 192.168.10.100 is a virtual address", told)

    def test_of_flows(self):
        def spoil(flows):
            flows[0]["to"] = "web"
            flows[1]["too"] = 1
            flows[2]["port"] = [112]
            flows[3]["network"] = "outest"
            flows[4]["protocol"] = "sctp"
            flows[0]["network"] = "inner"
        told = self.told(spoil, "flows.yaml")
        for sentence in ("flow 1: from and to are", "flow 1: the world is on the outer network only", "flow 2: unknown key too",
                         "flow 3: tcp and udp have ports", "flow 4: there is no network outest", "flow 5: protocol is one of"):
            self.assertIn(sentence, told)


if __name__ == "__main__":
    unittest.main()
