"""What bookd stands: bookings read and written through lbd, the pair of databases behind, by one node and by two."""

import json
import os
import subprocess

from lab import STANDARD, Lab, Stack, daemons
from lab.topology import OUTER
from lab.waiting import http_request

from . import machine

READS, WRITES = 1000, 200  # a second, together
QUICK_PART = 10  # of them, for a look at a busy machine
BAR_MS = 50.0  # p99 of each
LARGEST_GROWTH_KIB = 1024
SECONDS, QUICK_SECONDS = 30, 6
WARM_SECONDS = 10
CONNECTIONS = 64
MORE_CORES = 6  # from here on two nodes can show that they are more than one
FLOOD = 20000  # reads a second that nobody answers all of: what is answered is the most there is
PATH = "/api/v1/bookings"
DRAFT = {"service": "leak", "description": "물이 샙니다 ({n})", "address": "서울시 마포구 {n}", "name": "손님",
         "phone": "010-7000-{n4}", "preferred": []}


class Shop:
    """The databases stay; `nodes` of bookd stand behind lbd."""

    def __init__(self, lab: Lab, nodes: tuple[str, ...], binaries: str):
        self.client, self.balancer, self.strobe = lab["client"], lab["lb1"], f"{binaries}/strobe"
        self.apps = [lab[name] for name in nodes]
        for app in self.apps:
            if not app.is_running("bookd"):
                app.start(daemons.bookd(app, [lab["db1"], lab["db2"]], [self.balancer]))
        if self.balancer.is_running("lbd"):
            self.balancer.stop("lbd")
        self.balancer.start(daemons.lbd(self.balancer, self.apps))
        self.known = self._book()

    def _book(self) -> dict:
        draft = {**DRAFT, "phone": "010-7000-0000"}
        fields = {"Content-Type": "application/json", "Idempotency-Key": os.urandom(8).hex()}
        status, _, body = http_request(self.client.namespace, self.balancer.address(OUTER), daemons.HTTP_PORT, "POST", PATH,
                                       json.dumps(draft), fields, seconds=15)
        if status != 201:
            raise RuntimeError(f"no booking: {status} {body!r}")
        return {"number": json.loads(body)["number"], "phone": draft["phone"]}

    def load(self, path: str, content: dict, rate: int, seconds: int) -> subprocess.Popen:
        return self.client.spawn(
            [self.strobe, "--target", f"{self.balancer.address(OUTER)}:{daemons.HTTP_PORT}", "--path", path, "--rate", str(rate),
             "--duration", f"{seconds}s", "--keep-alive", str(CONNECTIONS), "--book", json.dumps(content, ensure_ascii=False)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)

    def reads(self, rate: int, seconds: int) -> subprocess.Popen:
        return self.load(PATH + "/lookup", self.known, rate, seconds)

    def run(self, reads: int, writes: int, seconds: int) -> dict:
        """p99 of each kind in ms, what a request costs all nodes together in us of a core, and by how many KiB they grew."""
        pids = [app.pid("bookd") for app in self.apps]
        self._both(reads, writes, WARM_SECONDS)  # sessions, threads and their memory are there from then on
        grown, worked = machine.resident_bytes(pids), machine.cpu_ns(pids)
        read, written = self._both(reads, writes, seconds)
        worked = machine.cpu_ns(pids) - worked
        return {"read": read["latency_ms"]["p99"], "written": written["latency_ms"]["p99"],
                "cost": worked / 1000 / (read["requests"] + written["requests"]),
                "growth": (machine.resident_bytes(pids) - grown) / 1024}

    def _both(self, reads: int, writes: int, seconds: int) -> list[dict]:
        both = self.reads(reads, seconds), self.load(PATH, DRAFT, writes, seconds)
        return [_told(process, seconds) for process in both]

    def most(self, seconds: int) -> float:
        """Reads a second, as many as there can be."""
        told = _told(self.reads(FLOOD, seconds), seconds, whole=False)
        return (told["requests"] - told["failed"]) / seconds


def _told(process: subprocess.Popen, seconds: int, whole: bool = True) -> dict:
    text, _ = process.communicate(timeout=seconds + 60)
    told = json.loads(text)
    if whole and told["failed"] > 0:
        raise RuntimeError(f"{told['failed']} of {told['requests']} requests failed ({told['failed_by_class']}): a figure with "
                           "errors in it is none")
    return told


def _row(figure: str, one: float, two: float, digits: int, bar: float | None = None) -> dict:
    row = {"figure": figure, "one node": round(one, digits), "two nodes": round(two, digits)}
    row["ratio"] = round(two / one, 2) if one > 0 else ""
    return row | ({"bar": bar} if bar is not None else {})


def measure(binaries: str, quick: bool, say) -> list[dict]:
    os.environ["MAINSTAY_BIN"] = binaries
    os.sched_setaffinity(0, range(os.cpu_count()))  # what was measured before may have pinned us
    seconds = QUICK_SECONDS if quick else SECONDS
    reads, writes = (READS // QUICK_PART, WRITES // QUICK_PART) if quick else (READS, WRITES)
    with Lab(STANDARD.only("client", "lb1", "app1", "app2", "db1", "db2")) as lab:
        Stack(lab).start_databases()
        seen, most = {}, {}
        for nodes in (("app1",), ("app1", "app2")):
            say(f"{reads} reads and {writes} writes a second, bookd on {', '.join(nodes)}")
            shop = Shop(lab, nodes, binaries)
            seen[len(nodes)] = shop.run(reads, writes, seconds)
            if os.cpu_count() >= MORE_CORES:
                most[len(nodes)] = shop.most(seconds)
    load = f"{reads:,} reads/s beside {writes} writes/s"
    rows = [_row(f"{load}: p99 of reads (ms)", seen[1]["read"], seen[2]["read"], 1, BAR_MS),
            _row(f"{load}: p99 of writes (ms)", seen[1]["written"], seen[2]["written"], 1, BAR_MS),
            _row(f"{load}: CPU of bookd a request (µs)", seen[1]["cost"], seen[2]["cost"], 0),
            _row("growth of bookd's memory meanwhile (KiB)", seen[1]["growth"], seen[2]["growth"], 0, LARGEST_GROWTH_KIB)]
    if most:
        rows.append(_row("most reads a second", most[1], most[2], 0, 1.6))
    else:
        say("most reads a second: no cores for two nodes beside the load and the databases, not measured")
    return rows
