"""The verbs of `scripts/lab/lab`."""

import argparse
import os
import signal
import sys

from . import instances, network
from .lab import Lab, LabError
from .stack import Stack
from .topology import VIP
from .waiting import Timeout

OPERATIONS = ("kill", "stop", "start", "power-off", "power-on", "cut", "restore", "freeze", "thaw")
INTERRUPTED = 130


def up(options) -> int:
    with Lab() as lab:
        if not options.bare:
            Stack(lab).start()
        print(f"lab {lab.identity} is up; state and logs in {lab.directory}")
        if options.keep:
            lab.keep()
            print(f"a request through the virtual address: scripts/lab/lab exec client -- curl http://{VIP}/")
            print("remove it: scripts/lab/lab down")
            return 0
        ends = {signal.SIGINT, signal.SIGTERM}
        signal.pthread_sigmask(signal.SIG_BLOCK, ends)
        print("Ctrl-C removes it", flush=True)
        signal.sigwait(ends)
    return 0


def down(options) -> int:
    directories = instances.all_directories()
    if not options.all:
        directories = [chosen(options)]
    for directory in directories:
        if instances.is_alive(directory):
            Lab.attach(directory).down()
        else:
            instances.remove_leftovers(directory)
        print(f"lab {instances.identity(directory)} removed")
    return 0


def status(_) -> int:
    for directory in instances.all_directories():
        if not instances.is_alive(directory):
            print(f"lab {instances.identity(directory)}: dead; `lab down --all` removes what it left")
            continue
        lab = Lab.attach(directory)
        print(f"lab {lab.identity}  {directory}  keeper {lab.keeper_pid}")
        for node in lab.nodes.values():
            running = [f"{name}({node.pid(name)})" for name in node.services if node.is_running(name)]
            places = " ".join(node.plan.links.values())
            print(f"  {node.name:7} {'on ' if node.powered else 'off'} {places:26} {' '.join(running)}")
    return 0


def execute(options) -> int:
    node = attached(options)[options.node]
    argv = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not argv:
        raise LabError("nothing to execute")
    command = network.command_inside(node.namespace, argv)
    sys.stdout.flush()
    os.execvp(command[0], command)


def fail(options) -> int:
    node = attached(options)[options.node]
    if options.operation in ("kill", "stop", "start"):
        if options.service not in node.services:
            raise LabError(f"{node.name} has no service {options.service!r}; it has: {', '.join(node.services)}")
        getattr(node, options.operation)(options.service)
    else:
        getattr(node, options.operation.replace("-", "_"))()
    return 0


def chosen(options) -> str:
    """The lab named by --id, or the only living one."""
    alive = [path for path in instances.all_directories() if instances.is_alive(path)]
    if options.id:
        alive = [path for path in alive if instances.identity(path) == options.id]
    if len(alive) != 1:
        names = ", ".join(map(instances.identity, alive)) or "none"
        raise LabError(f"which lab? --id ID; up now: {names}")
    return alive[0]


def attached(options) -> Lab:
    lab = Lab.attach(chosen(options))
    if options.node not in lab.nodes:
        raise LabError(f"no node {options.node!r}; there are: {', '.join(lab.nodes)}")
    return lab


def main() -> int:
    parser = argparse.ArgumentParser(prog="lab", description="The six nodes of the stack and a client, in namespaces.")
    parser.add_argument("--id", help="which lab, when several are up")
    verbs = parser.add_subparsers(required=True, metavar="up|down|status|exec|fail")
    verb = verbs.add_parser("up", help="raise the lab and run the stack on it")
    verb.add_argument("--keep", action="store_true", help="return and leave it up")
    verb.add_argument("--bare", action="store_true", help="network only, no services")
    verb.set_defaults(run=up)
    verb = verbs.add_parser("down", help="remove a lab")
    verb.add_argument("--all", action="store_true", help="all labs, and what dead ones left")
    verb.set_defaults(run=down)
    verbs.add_parser("status", help="what is up").set_defaults(run=status)
    verb = verbs.add_parser("exec", help="run a command on a node: lab exec NODE -- CMD")
    verb.add_argument("node")
    verb.add_argument("command", nargs=argparse.REMAINDER)
    verb.set_defaults(run=execute)
    verb = verbs.add_parser("fail", help="break or mend a node")
    verb.add_argument("node")
    verb.add_argument("operation", choices=OPERATIONS)
    verb.add_argument("service", nargs="?")
    verb.set_defaults(run=fail)
    options = parser.parse_args()
    try:
        return options.run(options)
    except KeyboardInterrupt:
        return INTERRUPTED
    except (LabError, Timeout, RuntimeError, OSError) as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
