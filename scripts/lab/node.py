"""One machine of the lab: run, start, kill, freeze, cut, power off and on."""

import json
import os
import re
import signal
import subprocess

from . import instances, namespaces, network, waiting
from .service import Service
from .topology import INTERFACES, OUTER, NodePlan

STOP_SECONDS = 15.0
KILL_SECONDS = 5.0
KILL_ROUNDS = 20  # A process may fork while the others are killed.
LOG_TAIL = 2000


class Node:
    def __init__(self, lab, plan: NodePlan, namespace: str):
        self.lab = lab
        self.plan = plan
        self.name = plan.name
        self.namespace = namespace
        self.directory = os.path.join(lab.directory, plan.name)
        self.powered = True
        self.services: dict[str, Service] = {}
        self.pids: dict[str, int] = {}
        self._children: dict[int, subprocess.Popen] = {}
        os.makedirs(self.directory, mode=0o700, exist_ok=True)

    def address(self, switch: str = OUTER) -> str:
        return self.plan.links[switch]

    # Programs -------------------------------------------------------------------------------------------------------

    def command(self, argv: list[str]) -> list[str]:
        return network.command_inside(self.namespace, argv)

    def run(self, argv: list[str], **options) -> subprocess.CompletedProcess:
        """subprocess.run inside the node; text and captured unless told otherwise."""
        options = {"text": True, "capture_output": True, "timeout": 30, "check": False} | options
        return subprocess.run(self.command(argv), **options)

    def spawn(self, argv: list[str], **options) -> subprocess.Popen:
        """A program of the caller's own inside the node, in its own session so that a Ctrl-C is not for it."""
        env = os.environ | {"MAINSTAY_LAB": self.lab.identity} | options.pop("env", {})
        return subprocess.Popen(self.command(argv), env=env, start_new_session=True, **options)

    def log_path(self, service: str) -> str:
        return os.path.join(self.directory, f"{service}.log")

    def log(self, service: str) -> str:
        with open(self.log_path(service), encoding="utf-8", errors="replace") as file:
            return file.read()

    def start(self, service: Service | str, wait: bool = True) -> None:
        """Starts a service, a new one or by name one that was started before, and waits until it is ready."""
        if isinstance(service, str):
            service = self.services[service]
        if self.is_running(service.name):
            raise RuntimeError(f"{service.name} already runs on {self.name}")
        with open(self.log_path(service.name), "ab") as log:
            child = self.spawn(service.argv, env=service.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                               cwd=self.directory)
        self.services[service.name] = service
        self.pids[service.name] = child.pid
        self._children[child.pid] = child
        self.lab.write_state()
        if wait:
            self.wait_ready(service.name)

    def wait_ready(self, name: str) -> None:
        service = self.services[name]

        def ready() -> bool:
            if not self.is_running(name):
                raise waiting.Timeout(f"{name} on {self.name} ended:\n{self.log(name)[-LOG_TAIL:]}")
            return service.ready.reached(self.namespace)

        if service.ready:
            try:
                waiting.wait_until(ready, service.ready.seconds, f"{name} on {self.name} ready")
            except waiting.Timeout as error:
                raise waiting.Timeout(f"{error}\n{self.log(name)[-LOG_TAIL:]}") from None

    def pid(self, name: str) -> int:
        """Of the running service; nsenter executes the program in its place, so this is the program itself."""
        return self.pids[name]

    def is_running(self, name: str) -> bool:
        pid = self.pids.get(name)
        if pid is None or (pid not in self._children and not instances.is_of(pid, self.lab.identity)):
            return False
        return not waiting.wait_for_exit(pid, 0)

    def kill(self, name: str) -> None:
        """SIGKILL; returns when the process is gone."""
        self._end(name, signal.SIGKILL, KILL_SECONDS)

    def stop(self, name: str, seconds: float = STOP_SECONDS) -> None:
        """SIGTERM; returns when the process has left of its own accord."""
        self._end(name, signal.SIGTERM, seconds)

    def _end(self, name: str, number: signal.Signals, seconds: float) -> None:
        pid = self.pids[name]
        if self.is_running(name):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass  # It ended of its own accord just now.
            if not waiting.wait_for_exit(pid, seconds):
                raise waiting.Timeout(f"{name} on {self.name} still runs {seconds:g} s after {number.name}")
        del self.pids[name]
        self._reap(pid)
        self.lab.write_state()

    def _reap(self, pid: int) -> None:
        child = self._children.pop(pid, None)
        if child:
            child.wait()

    def forget_children(self) -> None:
        """After the keeper has killed them."""
        for pid in list(self._children):
            self._reap(pid)

    def processes(self) -> list[int]:
        """Everything that runs here, started by whomever."""
        return namespaces.processes_in({os.stat(self.namespace).st_ino})

    def freeze(self) -> None:
        """SIGSTOP to all: the node answers pings and completes handshakes, and nothing more."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number: signal.Signals) -> None:
        for pid in self.processes():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    # Cables and power -----------------------------------------------------------------------------------------------

    def cut(self, *which: str) -> None:
        """Takes the cables out: all, or those to the named switches. What runs keeps running."""
        network.set_ports(self.lab.switches, self.plan, list(which or self.plan.links), "down")

    def restore(self, *which: str) -> None:
        network.set_bridged(self.lab.switches, self.plan, list(which or self.plan.links), True)
        network.set_ports(self.lab.switches, self.plan, list(which or self.plan.links), "up")

    def isolate(self, *which: str) -> None:
        """A switch that forwards no more: as cut(), but the node's own carrier stays and tells it nothing."""
        network.set_bridged(self.lab.switches, self.plan, list(which or self.plan.links), False)

    def power_off(self) -> None:
        """As a pulled plug: no packet leaves any more, then everything ends, and nothing stays but the disk."""
        if not self.powered:
            return
        # Cables go one after the other: who lost the first of two must not say so on the second.
        self.freeze()
        self.cut()
        self._kill_everything()
        self.forget_children()
        self.pids.clear()
        network.unplug(self.lab.switches, self.plan)
        self.lab.renew_namespace(self.name)
        self.powered = False
        self.lab.write_state()

    def _kill_everything(self) -> None:
        for _ in range(KILL_ROUNDS):
            pids = self.processes()
            if not pids:
                return
            self._signal_all(signal.SIGKILL)
            for pid in pids:
                waiting.wait_for_exit(pid, KILL_SECONDS)
        raise waiting.Timeout(f"processes on {self.name} survive SIGKILL: {self.processes()}")

    def power_on(self, wait: bool = True) -> None:
        """Cables, clean addresses, then every service that was ever started here, in that order."""
        if self.powered:
            return
        network.plug_in(self.lab.switches, self.namespace, self.plan)
        self.powered = True
        for service in list(self.services.values()):
            self.start(service, wait=wait)
        self.lab.write_state()

    # Looking --------------------------------------------------------------------------------------------------------

    def addresses(self, switch: str = OUTER) -> list[str]:
        """IPv4 addresses on the interface to that switch, by the kernel's word."""
        done = self.run(["ip", "-j", "-4", "addr", "show", "dev", INTERFACES[switch]])
        if done.returncode != 0:
            return []
        return [entry["local"] for link in json.loads(done.stdout or "[]") for entry in link.get("addr_info", [])]

    def holds(self, address: str) -> bool:
        """Whether the address is the node's own on any interface. Costs no process: it may be asked often."""
        def read() -> str:
            with open("/proc/thread-self/net/fib_trie", encoding="ascii") as file:
                return file.read()
        table = namespaces.run_inside(self.namespace, read)
        return re.search(rf"-- {re.escape(address)}\n\s+/32 host LOCAL", table) is not None

    def reaches(self, address: str, port: int, seconds: float = 0.5) -> bool:
        return waiting.tcp_answers(self.namespace, address, port, seconds)

    def http(self, address: str, port: int = 80, method: str = "GET", path: str = "/", **options):
        """(status, response, body) of one HTTP request made from this node."""
        return waiting.http_request(self.namespace, address, port, method, path, **options)
