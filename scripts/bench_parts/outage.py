"""What a client loses when the Active Router's node dies: vrrpd and keepalived, in the same lab, turn by turn."""

import pathlib
import socket
import statistics
import struct
import threading
import time

from lab import namespaces
from lab.lab import Lab
from lab.service import Service
from lab.topology import STANDARD, VIP
from lab.waiting import wait_until

INTERVALS_MS = (1000, 100, 10)
ROUNDS = {1000: 3, 100: 5, 10: 5}
PRIORITIES = {"lb1": 200, "lb2": 100}
SETTLE_SECONDS = 20
PROBE_SECONDS = 0.001
ECHO_REQUEST = bytes([8, 0, 0xF7, 0xFF, 0, 0, 0, 0])  # RFC 792, with its checksum
ECHO_REPLY = 0
SO_TIMESTAMPNS = 35  # socket(7); not in the module
TIMESPEC = struct.Struct("qq")
UNANSWERED_SECONDS = 1.0  # before that the answer may be on its way

KEEPALIVED_HEAD = """
global_defs {
  vrrp_version 3
  vrrp_garp_master_delay 1
}
"""
KEEPALIVED_ROUTER = """
vrrp_instance v{vrid} {{
  state BACKUP
  interface out0
  virtual_router_id {vrid}
  priority {priority}
  advert_int {seconds}
  virtual_ipaddress {{
    {address}/24 dev out0
  }}
}}
"""

VRRPD_HEAD = """
log: {format: console, level: warn}
admin: {listen: "127.0.0.1:9112"}
routers:
"""
VRRPD_ROUTER = """
  - vrid: {vrid}
    interface: out0
    priority: {priority}
    advertisement_interval: {milliseconds}ms
    addresses: [{address}/24]
{more}"""


def service(router: str, node, interval_ms: int, binaries: str, addresses=(VIP,), vrid: int = 51,
            priorities=None, more: str = "") -> Service:
    """A daemon with one Virtual Router for each of `addresses`, of the numbers from `vrid` on. `more`: of vrrpd's first
    router, and what follows the routers."""
    head, one = (VRRPD_HEAD, VRRPD_ROUTER) if router == "vrrpd" else (KEEPALIVED_HEAD, KEEPALIVED_ROUTER)
    priority = (priorities or PRIORITIES)[node.name]
    text = head + "".join(one.format(vrid=vrid + number, priority=priority, milliseconds=interval_ms,
                                     seconds=interval_ms / 1000, address=address, more=more if number == 0 else "")
                          for number, address in enumerate(addresses))
    config = pathlib.Path(node.directory, f"{router}.conf")
    config.write_text(text, encoding="ascii")
    if router == "vrrpd":
        return Service("router", [f"{binaries}/vrrpd", "--config", str(config)])
    own = [f"--{name}={node.directory}/{name}" for name in ("pid", "vrrp_pid")]
    return Service("router", ["keepalived", "-n", "-l", "-P", "-f", str(config), *own])


class Probe:
    """Pings the VIP each millisecond; the kernel of its owner answers. The outage is the longest silence."""

    def __init__(self, lab):
        self._socket = namespaces.open_socket(lab["client"].namespace, socket.AF_INET, socket.SOCK_RAW,
                                              socket.IPPROTO_ICMP)
        self._socket.connect((VIP, 0))
        self._socket.setblocking(False)
        self._heard: list[float] = []
        self._asked: list[float] = []  # this and the next by the clock of people, as the kernel stamps
        self._answered: list[float] = []
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        due = time.monotonic()
        while not self._ending.is_set():
            try:
                self._asked.append(time.time())
                self._socket.send(ECHO_REQUEST)
            except OSError:
                pass  # no neighbour yet; the next one is a millisecond away
            try:
                while True:
                    packet, (control, *_), *_ = self._socket.recvmsg(128, socket.CMSG_SPACE(TIMESPEC.size))
                    if packet[20] == ECHO_REPLY:
                        self._heard.append(time.monotonic())
                        seconds, nanoseconds = TIMESPEC.unpack(control[2])
                        self._answered.append(seconds + nanoseconds / 1e9)
            except OSError:
                pass  # nothing more to read, or a node said that it is unreachable
            due = max(due + PROBE_SECONDS, time.monotonic())
            self._ending.wait(due - time.monotonic())

    def heard_for(self, seconds: float) -> bool:
        """Answers came, the last one just now and the first one long enough ago."""
        now = time.monotonic()
        return bool(self._heard) and now - self._heard[-1] < 0.1 and now - self._heard[0] > seconds

    def silence(self, start: float) -> float:
        """Longest silence after `start` until the last answer, in milliseconds."""
        heard = [start] + [instant for instant in list(self._heard) if instant >= start]
        return max((after - before for before, after in zip(heard, heard[1:])), default=0) * 1000

    def longest_wait(self, since: float) -> tuple[float, float]:
        """From a request after `since` (time.time()) until the next answer arrived, in milliseconds, and where to go on.
        Other than in `silence` the time in which the probe itself did not run is not in it."""
        asked, answered = [instant for instant in list(self._asked) if instant >= since], list(self._answered)
        longest, at = 0.0, 0
        for instant in asked:
            while at < len(answered) and answered[at] < instant:
                at += 1
            if at < len(answered):
                longest = max(longest, answered[at] - instant)
            elif time.time() - instant > UNANSWERED_SECONDS:
                longest = max(longest, time.time() - instant)
        return longest * 1000, answered[-1] if answered else since

    def last_after(self, start: float) -> float:
        """Milliseconds from `start` to the last answer."""
        return max(0.0, (self._heard[-1] - start) * 1000) if self._heard else 0.0

    def forget(self) -> None:
        """What was heard long ago: an answer a millisecond adds up."""
        for instants in (self._heard, self._asked, self._answered):
            del instants[:-1000]

    def end(self, start: float) -> float:
        """Longest silence after `start`, in milliseconds."""
        self._ending.set()
        self._thread.join()
        self._socket.close()
        heard = [start] + [instant for instant in self._heard if instant >= start]
        return max((after - before for before, after in zip(heard, heard[1:])), default=0) * 1000


def _one(router: str, interval_ms: int, binaries: str) -> float:
    """Milliseconds of silence after the Active Router's node has lost its power."""
    with Lab(STANDARD.only("client", *PRIORITIES)) as lab:
        nodes = [lab[name] for name in PRIORITIES]
        for node in nodes:
            node.start(service(router, node, interval_ms, binaries))
        best, other = nodes
        wait_until(lambda: VIP in best.addresses() and VIP not in other.addresses(), SETTLE_SECONDS,
                   f"{router} makes {best.name} Active")
        probe = Probe(lab)
        wait_until(lambda: probe.heard_for(0.2), SETTLE_SECONDS, "the VIP answers")
        start = time.monotonic()
        best.cut()
        wait_until(lambda: VIP in other.addresses(), SETTLE_SECONDS, f"{other.name} takes over")
        wait_until(lambda: probe.heard_for(0), SETTLE_SECONDS, "the VIP answers again")
        return probe.end(start)


def measure(binaries: str, say) -> list[dict]:
    rows = []
    for interval in INTERVALS_MS:
        samples = {"vrrpd": [], "keepalived": []}
        for number in range(ROUNDS[interval]):
            for router, values in samples.items():
                say(f"node death at {interval} ms advertisements, {number + 1} of {ROUNDS[interval]}: {router}")
                values.append(_one(router, interval, binaries))
        row = {"figure": f"outage at node death, {interval} ms advertisements (ms)"}
        row |= {router: round(statistics.median(values), 1) for router, values in samples.items()}
        row["ratio"] = round(row["vrrpd"] / row["keepalived"], 3)
        rows.append(row)
    return rows
