"""What a client sees of the failover daemons beyond a node's death: stops, crashes, hangs, stalls, lost words and forged ones.

Each row is one pair of nodes for vrrpd and one for keepalived, in turn, `runs` times each. Figures are milliseconds of
silence of a probe of 1 ms unless they say otherwise: median / longest. On a machine that does other work, too, run it as
`chrt -f 20 scripts/bench --only judge`: then neither the probe nor a daemon waits for that work, and nothing else is measured.
"quiet" and "hogs" are about just that waiting: there each daemon is scheduled as it comes.
"""

import contextlib
import os
import pathlib
import signal
import statistics
import subprocess
import time
from dataclasses import replace

from lab.lab import Lab
from lab.topology import STANDARD, VIP
from lab.waiting import wait_until

from .outage import Probe, service
from .vrrp_connects import Connects, accept_on
from .vrrp_frames import INTERFACE, Askers, forge

CLOSE = {"lb1": 254, "lb2": 253}
FAR = {"lb1": 200, "lb2": 100}
SETTLE_SECONDS = 30
LBD = """
workers: 1
listeners: [{address: "127.0.0.1:8081"}]
admin: {listen: "127.0.0.1:9101"}
log: {format: console, level: warn}
drain: {grace: 5s, deadline: 5s}
upstreams: [{name: none, endpoints: ["127.0.0.1:1"], required: false}]
routes: [{path: /, upstream: none}]
"""
STALL_SECONDS = (0.034, 0.035, 0.036, 0.037, 0.038)
QUIET_SECONDS, HOGS_SECONDS, HOGS = 300, 60, 4
ROUTERS = ("vrrpd", "keepalived")
GROUPS = ("deaths", "stops", "crashes", "stall", "quiet", "hogs", "drained", "lost", "forgeries")


class Pair:
    """lb1 and lb2 with a daemon each, settled: lb1 serves."""

    def __init__(self, router: str, interval_ms: int, binaries: str, priorities=None, more="", peer=None,
                 track="", as_it_comes=False):
        self.as_it_comes = as_it_comes  # scheduled so, however this program is
        self.router, self.interval_ms, self.binaries = router, interval_ms, binaries
        self.priorities, self.more, self.peer, self.track = priorities or FAR, more, peer or router, track
        self._end = contextlib.ExitStack()

    def __enter__(self):
        self.lab = self._end.enter_context(Lab(STANDARD.only("client", *self.priorities)))
        self.best, self.other = (self.lab[name] for name in self.priorities)
        self.lbd = None
        if self.track:
            self.start_lbd()
        for node in (self.best, self.other):
            self.start(node)
        self.settle()
        self.probe = Probe(self.lab)
        wait_until(lambda: self.probe.heard_for(0.2), SETTLE_SECONDS, "the VIP answers")
        return self

    def __exit__(self, *_):
        self.probe.end(time.monotonic())
        if self.lbd is not None:
            self.lbd.kill()
            self.lbd.wait()
        self._end.close()

    def start(self, node) -> None:
        router = self.router if node is self.best else self.peer
        key = pathlib.Path(node.directory, "vrrp.key")  # for who is told of it
        key.write_text(32 * "k" + "\n", encoding="ascii")
        key.chmod(0o600)
        more = (self.track if node is self.best else "") + self.more
        more = more.replace("FOLDER", str(node.directory)) if router == "vrrpd" else ""
        started = service(router, node, self.interval_ms, self.binaries, priorities=self.priorities, more=more)
        node.start(replace(started, argv=["chrt", "-o", "0", *started.argv]) if self.as_it_comes else started)

    def start_lbd(self) -> None:
        """On the best node, in the place of the one before."""
        if self.lbd is not None:
            self.lbd.kill()
            self.lbd.wait()
        config = pathlib.Path(self.best.directory, "lbd.yaml")
        config.write_text(LBD, encoding="ascii")
        self.lbd = self.best.spawn([f"{self.binaries}/lbd", "--config", str(config)], stdin=subprocess.DEVNULL)
        wait_until(lambda: self.best.reaches("127.0.0.1", 9101), SETTLE_SECONDS, "lbd runs")

    def settle(self) -> None:
        wait_until(lambda: VIP in self.best.addresses() and VIP not in self.other.addresses(), SETTLE_SECONDS,
                   f"{self.router} makes {self.best.name} alone Active")
        time.sleep(4 * self.interval_ms / 1000)  # the other one has heard it

    def served(self, long: float = 0.2) -> None:
        wait_until(lambda: self.probe.heard_for(0), SETTLE_SECONDS, "the VIP answers")
        time.sleep(long)

    def processes(self) -> list[int]:
        """Of the Active node's daemon, children included."""
        main = self.best.pid("router")
        done = subprocess.run(["pgrep", "-P", str(main)], capture_output=True, text=True, check=False)
        return [main, *map(int, done.stdout.split())]

    def signal(self, number: int) -> None:
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self) -> float:
        """All of it, at once; when."""
        children = self.processes()[1:]
        start = time.monotonic()
        for pid in children:
            os.kill(pid, signal.SIGKILL)
        self.best.kill("router")
        return start

    def outage(self, event) -> float:
        """Of `event`, until the VIP has answered for a while again."""
        self.probe.forget()
        start = time.monotonic()
        event()
        time.sleep(0.05)
        self.served(0.3)
        return self.probe.silence(start)


def vanish(pair: Pair) -> float:
    """The node's cable is cut; afterwards it comes back."""
    def cut():
        pair.best.cut()
        wait_until(lambda: VIP in pair.other.addresses(), SETTLE_SECONDS, "the other node takes over")
    silence = pair.outage(cut)
    pair.best.restore()
    pair.settle()
    return silence


def stop(pair: Pair) -> float:
    """The Active Router's daemon is stopped; afterwards it is started again."""
    def end():
        pair.best.stop("router")
        wait_until(lambda: VIP in pair.other.addresses(), SETTLE_SECONDS, "the other node takes over")
    silence = pair.outage(end)
    pair.start(pair.best)
    pair.settle()
    return silence


def slow_connects(pair: Pair) -> float:
    """New connections that a stop slows down by a repeated SYN, or breaks: how many of some 200 a second."""
    acceptors = [accept_on(node) for node in (pair.best, pair.other)]
    connects = Connects(pair.lab["client"], VIP)
    time.sleep(0.5)
    stop(pair)
    counted = connects.end()
    for acceptor in acceptors:
        acceptor.kill()
        acceptor.communicate()
    return float(counted["slow"] + counted["failed"])


def unfit(pair: Pair) -> float:
    """lbd on the Active node is told to drain: until the other node has the address. It still serves."""
    start = time.monotonic()
    pair.lbd.send_signal(signal.SIGTERM)
    wait_until(lambda: pair.other.holds(VIP), SETTLE_SECONDS, "the other node takes over", poll=0.001)
    took = (time.monotonic() - start) * 1000
    pair.start_lbd()
    pair.settle()
    return took


def stale(pair: Pair) -> float:
    """The daemon is killed, and nobody is there to take over: how long the node answers for the VIP. 2 s: for ever."""
    pair.other.stop("router")
    pair.served()
    start = pair.kill()
    time.sleep(2)
    return pair.probe.last_after(start)


def hang(pair: Pair) -> float:
    """The daemon hangs for a second: how long both nodes own the VIP."""
    askers = Askers(pair.lab)
    macs = [node.plan.mac("outer") for node in (pair.best, pair.other)]
    pair.signal(signal.SIGSTOP)
    both = askers.overlap(*macs, 1.0)
    pair.signal(signal.SIGCONT)
    askers.close()
    pair.settle()
    return both


def stalls(pair: Pair, runs: int) -> list[float]:
    """The Active Router does not run for about the down-time."""
    silences = []
    for number in range(runs):
        def stall(seconds=STALL_SECONDS[number % len(STALL_SECONDS)]):
            pair.signal(signal.SIGSTOP)
            time.sleep(seconds)
            pair.signal(signal.SIGCONT)
            time.sleep(0.2)
        silences.append(pair.outage(stall))
    return silences


def restart(pair: Pair) -> float:
    """The protocol's process is killed and started again, at once."""
    def again():
        if pair.router == "vrrpd":
            pair.kill()
            pair.start(pair.best)
        else:
            os.kill(pair.processes()[-1], signal.SIGKILL)  # its parent starts another one
        time.sleep(1)
    silence = pair.outage(again)
    pair.settle()
    return silence


def quiet(pair: Pair, seconds: float) -> float:
    """Nothing happens. How long a request waits for the next answer: on a machine that is full the probe's own silence
    would be longer than anybody's."""
    start, since, longest = time.monotonic(), time.time(), 0.0
    while (now := time.monotonic()) < start + seconds:
        time.sleep(min(5, max(0.1, start + seconds - now)))
        wait, since = pair.probe.longest_wait(since)
        longest = max(longest, wait)
        pair.probe.forget()
    return longest


def beside_hogs(pair: Pair, seconds: float) -> float:
    # As everybody, however this program is scheduled.
    hogs = [subprocess.Popen(["chrt", "-o", "0", "/bin/sh", "-c", "while :; do :; done"]) for _ in range(HOGS)]
    try:
        return quiet(pair, seconds)
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


def deaf(pair: Pair) -> float:
    """The client hears no gratuitous ARP in the first second after the node has vanished."""
    client = pair.lab["client"]

    def cut():
        client.run(["nft", f"table netdev deaf {{ chain in {{ type filter hook ingress device {INTERFACE} priority 0; "
                           f"arp saddr ip {VIP} arp daddr ip {VIP} drop; }}; }}"])
        pair.best.cut()
        wait_until(lambda: VIP in pair.other.addresses(), SETTLE_SECONDS, "the other node takes over")
        time.sleep(1)
        client.run(["nft", "delete table netdev deaf"])
        wait_until(lambda: pair.probe.heard_for(0), 2 * SETTLE_SECONDS, "the client finds it")
    silence = pair.outage(cut)
    pair.best.restore()
    pair.settle()
    return silence


def forged(pair: Pair, **shape) -> float:
    def happen():
        forge(pair.lab, **shape)
        time.sleep(1)
    silence = pair.outage(happen)
    pair.settle()
    return silence


def _text(values: list[float]) -> str:
    return f"{statistics.median(values):.1f} / {max(values):.1f}"


def _row(figure: str, bar: str, of: dict) -> dict:
    row = {"figure": figure} | {router: _text(values) if isinstance(values, list) else values
                                for router, values in of.items()}
    return row | {"bar": bar, "samples": {router: values for router, values in of.items() if isinstance(values, list)}}


class Judge:
    """The rows, one after another; each daemon has its own lab."""

    def __init__(self, binaries: str, runs: int, say):
        self.binaries, self.runs, self.say = binaries, runs, say
        self.rows: list[dict] = []

    def pair(self, router: str, interval_ms: int, **options) -> Pair:
        return Pair(router, interval_ms, self.binaries, **options)

    def each(self, figure: str, bar: str, interval_ms: int, measure, runs: int | None = None, peer_runs: int | None = None,
             routers=ROUTERS, fresh: bool = False, **options) -> None:
        """`measure(pair)` again and again; `peer_runs`: keepalived's, where one takes long; `fresh`: with another lab each time."""
        of: dict[str, list[float]] = {}
        for router in routers:
            self.say(f"{figure}: {router}")
            values = of.setdefault(router, [])
            wanted = (peer_runs if router == "keepalived" else None) or runs or self.runs
            try:
                while len(values) < wanted:
                    with self.pair(router, interval_ms, **options) as pair:
                        while len(values) < wanted:
                            values.append(measure(pair))
                            if fresh:
                                break
            except Exception as error:  # a pair that does not come back is a figure, too
                self.say(f"{router} after {len(values)} runs: {error}")
        self.rows.append(_row(figure, bar, {router: values or "-" for router, values in of.items()}))
        self.say(str({key: value for key, value in self.rows[-1].items() if key != "samples"}))

    def all(self, only: str | None = None) -> list[dict]:
        for name in GROUPS:
            if only in (None, name):
                getattr(self, name)()
        return self.rows

    def deaths(self) -> None:
        self.each("node vanishes, 10 ms, priorities 254/253", "27 / 35", 10, vanish, priorities=CLOSE)
        self.each("node vanishes, 100 ms, priorities 200/100", "RFC + 3", 100, vanish)
        self.each("node vanishes, 1 s, priorities 200/100", "RFC + 3", 1000, vanish)

    def stops(self) -> None:
        for interval in (1000, 100, 10):
            self.each(f"planned stop, {interval} ms", "0", interval, stop)
            self.each(f"planned stop, {interval} ms, keepalived takes over", "0", interval, stop, routers=("vrrpd",),
                      peer="keepalived")

            self.each(f"planned stop, {interval} ms: connections slowed or broken, of 200 a second", "0", interval,
                      slow_connects)

    def crashes(self) -> None:
        self.each("daemon killed, 10 ms: the node answers on (2 s: for ever)", "30", 10, stale, fresh=True, priorities=CLOSE)
        self.each("daemon hung for 1 s, 10 ms: both own the address", "5", 10, hang, priorities=CLOSE)
        for interval in (1000, 100, 10):
            self.each(f"protocol process killed and started again, {interval} ms", "0", interval, restart, priorities=CLOSE,
                      more="directories: {runtime: FOLDER}\n")

    def stall(self, runs: int = 200) -> None:
        of = {}
        for router in ROUTERS:
            self.say(f"{runs} stalls: {router}")
            with self.pair(router, 10, priorities=CLOSE) as pair:
                silences = stalls(pair, runs)
            of[router] = f"{sum(silence > 50 for silence in silences)} of {runs}, {max(silences):.0f}"
        self.rows.append(_row("stalled 34 to 38 ms at 10 ms: outages over 50 ms, longest", "0", of))
        self.say(str(self.rows[-1]))

    def quiet(self) -> None:
        self.each(f"{QUIET_SECONDS} s quiet at 10 ms", "40", 10, lambda pair: quiet(pair, QUIET_SECONDS), runs=1,
                  priorities=CLOSE, as_it_comes=True)

    def hogs(self) -> None:
        self.each(f"{HOGS_SECONDS} s beside {HOGS} CPU hogs at 10 ms", "40", 10,
                  lambda pair: beside_hogs(pair, HOGS_SECONDS), runs=1, priorities=CLOSE, as_it_comes=True)

    def drained(self) -> None:
        """keepalived has nothing that would hear lbd's word."""
        track = "    track: [{name: lbd, url: 'http://127.0.0.1:9101/readyz', watch: true, interval: 10s, timeout: 1s}]\n"
        self.each("lbd drains: until the other node serves, 100 ms", "20", 100, unfit, routers=("vrrpd",), track=track,
                  priorities=CLOSE)

    def lost(self) -> None:
        self.each("every gratuitous ARP of the first second lost, 100 ms", "1500", 100, deaf,
                  peer_runs=min(self.runs, 3))

    def forgeries(self) -> None:
        self.each("one forged advertisement (255, 40.95 s), 100 ms", "361", 100,
                  lambda pair: forged(pair, interval_cs=4095), routers=("vrrpd",))
        key = "    authentication: {keys: [{id: 1, file: FOLDER/vrrp.key}]}\n"
        self.each("the same with HMAC", "0", 100, lambda pair: forged(pair, interval_cs=4095), routers=("vrrpd",), more=key)
        self.each("forged, interval 0", "0", 100, lambda pair: forged(pair, interval_cs=0))
        self.each("forged, no address", "0", 100, lambda pair: forged(pair, interval_cs=10, count=0))
