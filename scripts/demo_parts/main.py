"""Raises the lab, plays the acts under traffic, measures, reports."""

import argparse
import contextlib
import json
import math
import os
import pathlib
import platform
import signal
import subprocess
import sys
from collections.abc import Iterator

from lab import VIP, Lab, LabError, Stack, Timeout, daemons

from . import page, terminal, verify
from .measure import Row, measure
from .play import Play, observe
from .traffic import FLEET, LAB, Traffic
from .watch import Watch, now_ms

INTERRUPTED = 130
VERSION_SECONDS = 5


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/demo",
                                     description="Machines die; the service stays up. See for yourself.")
    parser.add_argument("--fleet", action="store_true",
                        help="on six whole systems, provisioned from nothing by conf/ansible (minutes)")
    parser.add_argument("--keep", action="store_true", help="leave the lab up afterwards (not with --fleet)")
    parser.add_argument("--json", metavar="FILE", help="write the acts as JSON")
    parser.add_argument("--report", metavar="FILE", default="demo-report.html",
                        help="where the page goes (%(default)s)")
    options = parser.parse_args()
    if options.fleet and options.keep:
        parser.error("--keep is for the lab of network namespaces")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        return show(options)
    except KeyboardInterrupt:
        print("\ninterrupted; the lab is removed", file=sys.stderr)
        return INTERRUPTED
    except (LabError, Timeout, RuntimeError, OSError, subprocess.SubprocessError) as error:
        print(f"the demo could not run: {error}", file=sys.stderr)
        return 1


def show(options) -> int:
    made_with = versions()  # First of all, since it also finds out whether the programs are there.
    with raised_fleet() if options.fleet else raised_lab() as stack:
        print("\n" + terminal.TOPOLOGY, flush=True)
        rows = perform(stack, made_with, options.report)
        if options.json:
            with open(options.json, "w", encoding="utf-8") as file:
                json.dump({"acts": [row.to_json() for row in rows]}, file, indent=2)
        if options.keep:
            keep(stack.lab)
        return verdict(rows)


def perform(stack: "Stack | FleetStack", made_with: list[str], report: str, most_observed: float = math.inf) -> list[Row]:
    """
    All acts on what is raised already; what they cost, as a table and as a page. `most_observed`: seconds that traffic goes on
    behind an act, at most.
    """
    watch = Watch(stack)
    rows, traffic = play(stack, watch, most_observed)
    missing = verify.missing_numbers(stack.lab["client"], traffic.site, traffic.bookings.records)
    for row in rows:
        measure(row, traffic.gets.records, traffic.bookings.records, missing)
    print("\n" + terminal.table(rows) + "\n")
    page.write(report, rows, traffic, watch, made_with)
    print(f"the same as a page: {report}")
    return rows


@contextlib.contextmanager
def raised_lab() -> Iterator[Stack]:
    with Lab() as lab:
        stack = Stack(lab)
        print("raising six nodes and a client …", flush=True)
        stack.start()
        yield stack


@contextlib.contextmanager
def raised_fleet() -> Iterator["FleetStack"]:
    from fleet_lab import QUICK, FleetLab, FleetStack  # what it is made of is installed for --fleet alone
    packages = os.environ.get("FLEET_PACKAGES") or pathlib.Path(daemons.program("lbd")).parents[1]
    with FleetLab(pathlib.Path(packages)) as fleet:
        print("booting six empty machines …", flush=True)
        fleet.boot()
        print("conf/ansible makes them the fleet …", flush=True)
        done = fleet.play(strategy=QUICK)
        if done.returncode != 0:
            raise RuntimeError(f"the playbook failed:\n{done.stdout[-4000:]}{done.stderr[-1000:]}")
        stack = FleetStack(fleet)
        stack.wait_ready()
        yield stack


def play(stack: "Stack | FleetStack", watch: Watch, most_observed: float) -> tuple[list[Row], Traffic]:
    site = LAB if isinstance(stack, Stack) else FLEET._replace(ca_file=stack.authority)
    traffic = Traffic(stack.lab["client"], site)
    view = terminal.LiveView(watch, traffic)
    rows: list[Row] = []
    try:
        for act in Play(stack).acts():
            rows.append(Row(act.name, now_ms()))
            view.act(act.name)
            act.do()
            observe(min(act.observed, most_observed), traffic.check)
            rows[-1].end = now_ms()
            measure(rows[-1], traffic.gets.records, traffic.bookings.records, set())
            view.finished(rows[-1])
        traffic.stop()
        rows[-1].end = now_ms()
    finally:
        view.stop()
        watch.stop()
    for row, following in zip(rows, rows[1:]):
        row.end = following.begin
    return rows, traffic


def verdict(rows: list[Row]) -> int:
    acknowledged = sum(row.bookings_acknowledged for row in rows)
    missing = sum(row.bookings_missing for row in rows)
    if acknowledged == 0:
        print("no booking was acknowledged", file=sys.stderr)
        return 1
    if missing:
        print(f"{missing} of {acknowledged} acknowledged bookings are missing", file=sys.stderr)
        return 1
    print(f"{acknowledged} bookings acknowledged, every one found again")
    return 0


def keep(lab: Lab) -> None:
    lab.keep()
    tool = os.path.join("scripts", "lab", "lab")
    print(f"\nthe lab stays up; its state and logs are in {lab.directory}\n"
          f"  a page through the virtual address:  {tool} --id {lab.identity} exec client -- curl http://{VIP}/\n"
          f"  what runs where:                     {tool} status\n"
          f"  remove it:                           {tool} --id {lab.identity} down\n")


def versions() -> list[str]:
    daemons.program("strobe")
    commands = [[daemons.program(name), "--version"] for name in ("lbd", "vrrpd", "bookd", "dbctl")]
    commands.append(["mariadbd", "--no-defaults", "--version"])
    lines = [subprocess.run(command, capture_output=True, text=True, timeout=VERSION_SECONDS, check=True).stdout.strip()
             for command in commands]
    return [*lines, f"{platform.system()} {platform.release()}, {os.cpu_count()} processors"]
