"""Raises, attaches to and removes a lab."""

import glob
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile

from . import instances, network, waiting
from .node import Node
from .service import Service
from .topology import STANDARD, NodePlan, Topology

DOWN_SECONDS = 120.0  # the disks of six machines are some hundred thousand files
ANSWER_LIMIT = 65536
STATE_FILE = "state.json"


class LabError(Exception):
    """The lab cannot be raised or found."""


class Lab:
    """A network of nodes. Entering raises nothing more: constructing does; leaving removes it all.

    However the owning program ends, the keeper (keeper.py) removes the lab, unless keep() was called.
    """

    def __init__(self, topology: Topology = STANDARD, place: str | None = None):
        """`place`: one of instances.places(), for its folder; that of temporary files unless told otherwise."""
        if os.geteuid() != 0:
            raise LabError("the lab makes network namespaces: run it as root")
        self.identity = secrets.token_hex(3)
        self.topology = topology
        self.kept = False
        self._lifeline, self._keeper, told = self._start_keeper(place or instances.places()[0])
        self._adopt(told)
        try:
            for switch in topology.switches:
                network.set_up_switch(self.switches[switch])
            for node in self.nodes.values():
                network.plug_in(self.switches, node.namespace, node.plan)
            self.write_state()
        except BaseException:
            self.down()
            raise

    def _start_keeper(self, place: str):
        ours, theirs = socket.socketpair()
        names = [*self.topology.switches, *(node.name for node in self.topology.nodes)]
        keeper = subprocess.Popen(
            [sys.executable, os.path.join(os.path.dirname(__file__), "keeper.py"), self.identity, place, *names],
            stdin=theirs, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", start_new_session=True,
            env=os.environ | {"MAINSTAY_LAB": self.identity, "PYTHONDONTWRITEBYTECODE": "1"})
        theirs.close()
        told = _read_answer(ours)
        if "error" in told:
            raise LabError(f"no namespaces: {told['error']}")
        return ours, keeper, told

    def _adopt(self, told: dict) -> None:
        self.directory = told["directory"]
        self.keeper_pid = told["pid"]
        spaces = told["namespaces"]
        self.switches = {name: spaces[name] for name in self.topology.switches}
        self.nodes = {plan.name: Node(self, plan, spaces[plan.name]) for plan in self.topology.nodes}

    @staticmethod
    def attach(directory: str) -> "Lab":
        """The lab that another program raised, from its state directory."""
        with open(os.path.join(directory, STATE_FILE), encoding="utf-8") as file:
            state = json.load(file)
        lab = Lab.__new__(Lab)
        lab.identity = state["identity"]
        lab.topology = Topology(tuple(state["switches"]),
                                tuple(NodePlan(name, node["links"]) for name, node in state["nodes"].items()))
        lab.kept = True
        lab._lifeline = lab._keeper = None
        lab._adopt({"directory": directory, "pid": state["keeper"], "namespaces": state["namespaces"]})
        for name, saved in state["nodes"].items():
            node = lab.nodes[name]
            node.powered = saved["powered"]
            node.pids = saved["pids"]
            node.services = {key: Service.from_json(value) for key, value in saved["services"].items()}
        return lab

    def write_state(self) -> None:
        """What attach() needs; replaced whole, so that a reader never sees half of it."""
        state = {
            "identity": self.identity, "keeper": self.keeper_pid, "switches": list(self.switches),
            "namespaces": self.switches | {name: node.namespace for name, node in self.nodes.items()},
            "nodes": {name: {"links": node.plan.links, "powered": node.powered, "pids": node.pids,
                             "services": {key: value.to_json() for key, value in node.services.items()}}
                      for name, node in self.nodes.items()}}
        path = os.path.join(self.directory, STATE_FILE)
        with open(path + ".new", "w", encoding="utf-8") as file:
            json.dump(state, file)
        os.replace(path + ".new", path)

    def __getitem__(self, name: str) -> Node:
        return self.nodes[name]

    def __enter__(self) -> "Lab":
        return self

    def __exit__(self, *_) -> None:
        if not self.kept:
            self.down()

    def keep(self) -> None:
        """The lab stays up after this program; `lab down` removes it."""
        self._ask({"do": "keep"})
        self.kept = True

    def down(self) -> None:
        """Ends every process in the lab, then the namespaces and the state directory."""
        logs = os.environ.get("MAINSTAY_LAB_LOGS")
        if logs:
            _copy_logs(self.directory, os.path.join(logs, self.identity))
        self._ask({"do": "down"})
        if not waiting.wait_for_exit(self.keeper_pid, DOWN_SECONDS):
            raise LabError(f"the keeper (process {self.keeper_pid}) did not finish in {DOWN_SECONDS:g} s")
        if self._keeper:
            self._keeper.wait()
            self._lifeline.close()
        for node in self.nodes.values():
            node.forget_children()

    def renew_namespace(self, name: str) -> None:
        self._ask({"do": "renew", "name": name})

    def _ask(self, request: dict) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
            door.connect(os.path.join(self.directory, "keeper.sock"))
            door.sendall(json.dumps(request).encode() + b"\n")
            answer = _read_answer(door)
        if "error" in answer:
            raise LabError(answer["error"])


def _read_answer(door: socket.socket) -> dict:
    line = b""
    while not line.endswith(b"\n"):
        part = door.recv(ANSWER_LIMIT)
        if not part:
            raise LabError("the keeper ended without an answer")
        line += part
    return json.loads(line)


def _copy_logs(directory: str, target: str) -> None:
    for path in glob.glob(os.path.join(directory, "*", "*.log")):
        place = os.path.join(target, os.path.basename(os.path.dirname(path)))
        os.makedirs(place, exist_ok=True)
        shutil.copy(path, place)
