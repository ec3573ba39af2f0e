"""conf/inventory/flows.yaml read as a person would: who may reach whom. What the tools make of it is held against this."""
import pathlib

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
FLEET = yaml.safe_load((ROOT / "conf/inventory/fleet.yaml").read_text(encoding="utf-8"))
FLOWS = yaml.safe_load((ROOT / "conf/inventory/flows.yaml").read_text(encoding="utf-8"))
NODES = {node["name"]: node for node in FLEET["nodes"]}
CLIENT = "client"
STRANGE = [1, 25, 3307, 8081, 9102, 65000]  # ports that no flow names
PORTS = sorted({port for flow in FLOWS for port in flow.get("port", [])} | set(STRANGE))
VIRTUAL = {plan["vip"] for plan in FLEET["networks"].values()}


def has_role(name: str, role: str) -> bool:
    return name in NODES and (role == "any" or role in NODES[name]["roles"])


def where(name: str) -> dict[str, str]:
    """Network → address of a node; the client is outside."""
    if name == CLIENT:
        return {"outer": "192.168.10.50"}
    return {network: NODES[name][network]["address"] for network in FLEET["networks"] if network in NODES[name]}


def allowed(source: str, target: str, network: str, protocol: str, port: int, virtual: bool) -> bool:
    """What the table says, read as a person would. Virtual addresses are there for what is meant for load balancers."""
    for flow in FLOWS:
        if flow["network"] != network or flow["protocol"] != protocol or port not in flow.get("port", []):
            continue
        from_fits = (flow["from"] == "world" and network == "outer" and source != target) or has_role(source, flow["from"])
        to_fits = (flow["to"] == "world" and target == CLIENT) or has_role(target, flow["to"])
        if virtual and flow["to"] not in ("lb", "world"):
            continue
        if from_fits and to_fits and source != target and leaves(source, network, protocol, port, target):
            return True
    return False


def leaves(source: str, network: str, protocol: str, port: int, target: str) -> bool:
    """`world` as a source says nothing about what our own nodes may send: that has to be a flow of its own."""
    return source == CLIENT or any(
        has_role(source, flow["from"]) and (flow["to"] == "world" or has_role(target, flow["to"]))
        for flow in FLOWS if (flow["network"], flow["protocol"]) == (network, protocol) and port in flow.get("port", []))
