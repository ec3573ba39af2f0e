"""What a failover daemon costs while nothing happens: processor and memory, vrrpd and keepalived in the same lab."""

import time

from lab.lab import Lab
from lab.topology import STANDARD, VIP
from lab.waiting import wait_until

from . import machine
from .outage import PRIORITIES, service

MANY = 255
SETTLE_SECONDS = 30
SECONDS = 10
QUICK_SECONDS = 4
MIB = 1024 * 1024
BARS = {("cpu", "Active"): 0.9, ("cpu", "Backup"): 0.4, ("many", "Active"): 3.0}
LARGEST_MIB = 8.0


def _address(number: int) -> str:
    return VIP if number == 0 else f"172.16.{number // 250}.{number % 250 + 1}"


def _one(router: str, interval_ms: int, routers: int, binaries: str, seconds: float) -> dict:
    """Percent of a core and octets of memory, of all processes of the daemon, on the Active and on the Backup node."""
    addresses = [_address(number) for number in range(routers)]
    with Lab(STANDARD.only("client", *PRIORITIES)) as lab:
        best, other = nodes = [lab[name] for name in PRIORITIES]
        for node in nodes:
            node.start(service(router, node, interval_ms, binaries, addresses, vrid=51 if routers == 1 else 1))
        wait_until(lambda: addresses[-1] in best.addresses() and addresses[-1] not in other.addresses(), SETTLE_SECONDS,
                   f"{router} makes {best.name} Active")
        time.sleep(3)  # the announcements of a new Active Router are over
        pids = [[pid, *machine.children(pid)] for pid in (node.pid("router") for node in nodes)]
        start, before = time.monotonic(), [machine.cpu_ns(each) for each in pids]
        time.sleep(seconds)
        passed, after = time.monotonic() - start, [machine.cpu_ns(each) for each in pids]
        cpu = [(late - early) / passed / 1e7 for early, late in zip(before, after)]
        memory = [machine.resident_bytes(each) / MIB for each in pids]
        return {role: {"cpu": cpu[at], "memory": memory[at]} for at, role in enumerate(("Active", "Backup"))}


def _row(figure: str, of: dict, pick, digits: int, bar: float | None = None) -> dict:
    row = {"figure": figure} | {router: round(pick(seen), digits) for router, seen in of.items()}
    row["ratio"] = round(row["vrrpd"] / row["keepalived"], 3) if row["keepalived"] else ""
    return row | ({"bar": bar} if bar is not None else {})


def measure(binaries: str, quick: bool, say) -> list[dict]:
    seconds = QUICK_SECONDS if quick else SECONDS
    few, many = {}, {}
    for router in ("vrrpd", "keepalived"):
        say(f"one router at 10 ms advertisements: {router}")
        few[router] = _one(router, 10, 1, binaries, seconds)
        say(f"{MANY} routers at 1 s advertisements: {router}")
        many[router] = _one(router, 1000, MANY, binaries, seconds)
    rows = [_row(f"CPU at 10 ms advertisements, {role} (%)", few, lambda seen, role=role: seen[role]["cpu"], 2,
                 BARS[("cpu", role)]) for role in ("Active", "Backup")]
    rows.append(_row(f"CPU of {MANY} routers at 1 s, Active (%)", many, lambda seen: seen["Active"]["cpu"], 2,
                     BARS[("many", "Active")]))
    for routers, of in ((1, few), (MANY, many)):
        rows.append(_row(f"resident memory of all processes, Active, {routers} routers (MiB)", of,
                         lambda seen: seen["Active"]["memory"], 1, LARGEST_MIB))
    return rows
