"""The verbs of scripts/fleet."""
import argparse
import json
import pathlib
import sys

from . import dashboards, firewall, machines, services, vagrant
from .inventory import FOLDER, ROOT, Faults, Fleet, read

GENERATED = FOLDER / "generated"
PAGE = ROOT / "docs" / "fleet.md"
DASHBOARDS = ROOT / "conf" / "grafana" / "dashboards"
UNFIT = 2


def files(fleet: Fleet) -> dict[pathlib.Path, str]:
    """Path → content of everything that is made."""
    made = {"hosts": machines.hosts(fleet), "Vagrantfile": vagrant.vagrantfile(fleet),
            "terraform/fleet.auto.tfvars.json": machines.terraform(fleet), "ansible/hosts.yaml": services.ansible(fleet),
            "ssh_config": services.outside_jump(fleet)}
    for job in services.JOBS:
        made[f"prometheus/{job}.json"] = services.targets(fleet, job)
    for node in fleet.nodes:
        plan = machines.MADE + machines.as_yaml(machines.netplan(fleet, node))
        made[f"netplan/{node.name}.yaml"] = plan
        made[f"cloud-init/{node.name}/network-config"] = plan
        made[f"cloud-init/{node.name}/user-data"] = machines.user_data(fleet, node)
        made[f"cloud-init/{node.name}/meta-data"] = machines.meta_data(node)
        made[f"ufw/{node.name}/user.rules"] = firewall.user_rules(fleet, node)
        made[f"ufw/{node.name}/before.rules"] = firewall.before_rules(fleet, node)
    return ({GENERATED / name: content for name, content in made.items()} |
            {DASHBOARDS / name: content for name, content in dashboards.dashboards().items()} | {PAGE: services.page(fleet)})


def there() -> set[pathlib.Path]:
    """Files in the folders that hold nothing but what is made."""
    return {path for folder in (GENERATED, DASHBOARDS) for path in folder.rglob("*") if path.is_file()} | {PAGE}


def render(fleet: Fleet) -> int:
    wanted = files(fleet)
    for path in there() - set(wanted):
        path.unlink()
    for path, content in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    print(f"{len(wanted)} files in {', '.join(str(place.relative_to(ROOT)) for place in (GENERATED, DASHBOARDS, PAGE))}")
    return 0


def check(fleet: Fleet) -> int:
    wanted = files(fleet)
    stale = [path for path in sorted(there() | set(wanted))
             if path not in wanted or not path.exists() or path.read_text(encoding="utf-8") != wanted[path]]
    for path in stale:
        print(f"{path.relative_to(ROOT)} is not what the inventory says; scripts/fleet render", file=sys.stderr)
    return 1 if stale else 0


def show_rules(fleet: Fleet, name: str) -> int:
    for rule in firewall.rules(fleet, fleet.node(name)):
        print(json.dumps(vars(rule), ensure_ascii=False))
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/fleet", description="Makes of conf/inventory whatever names a node.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("render", help="write conf/inventory/generated and docs/fleet.md anew")
    verbs.add_parser("check", help="say which of these files are not what the inventory says; exit status 1 if any")
    rules = verbs.add_parser("rules", help="what the firewall of a node allows, a JSON object a line")
    rules.add_argument("node")
    options = parser.parse_args()
    try:
        fleet = read()
    except Faults as faults:
        print(faults, file=sys.stderr)
        return UNFIT
    if options.verb == "rules":
        return show_rules(fleet, options.node)
    return render(fleet) if options.verb == "render" else check(fleet)
