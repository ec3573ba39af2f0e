"""Steady open-loop traffic from the client against the virtual address, by strobe, and its records as they come."""

import json
import signal
import ssl
import subprocess
import threading
from typing import NamedTuple

from lab import VIP, Node, daemons
from lab.waiting import Connection

GOOD_WITHIN_MS = 250.0
LONGEST = "900s"  # The streams are stopped long before; this bounds them should nobody do so.
STOP_SECONDS = 15
HTTPS_PORT = 443
BOOKING_PATH = "/api/v1/bookings"


class Rates(NamedTuple):
    """Requests a second."""
    gets: int
    bookings: int


class Site(NamedTuple):
    """Where customers ask, how often, and whom they believe."""
    url: str
    rates: Rates
    ca_file: str | None = None  # of an https URL

    def connection(self, client: Node, seconds: float) -> Connection:
        trust = ssl.create_default_context(cafile=self.ca_file) if self.ca_file else None
        return Connection(client.namespace, VIP, HTTPS_PORT if trust else daemons.HTTP_PORT, seconds, trust)


LAB = Site(f"http://{VIP}:{daemons.HTTP_PORT}", Rates(500, 20))
FLEET = Site(f"https://{VIP}", Rates(100, 10))  # Six whole systems share the processors with it, and each page is a handshake.


class Record(NamedTuple):
    n: int
    t: float  # UNIX time in ms of the instant the request was due
    kind: str
    ms: float
    error: str | None
    attempts: int
    number: str | None

    @property
    def good(self) -> bool:
        return self.error is None and self.ms <= GOOD_WITHIN_MS


def phone(n: int) -> str:
    """Of the n-th booking, as strobe fills it in."""
    return f"010-7000-{n % 10000:04d}"


def booking_template() -> str:
    text = {"service": "leak", "description": "세면대 밑에서 물이 샙니다 ({n})", "address": "서울시 마포구 시연로 {n}",
            "name": "시연 손님", "phone": "010-7000-{n4}", "preferred": []}
    return json.dumps(text, ensure_ascii=False)


class Stream:
    """One strobe process; its records arrive in `records` while it runs."""

    def __init__(self, client: Node, site: Site, rate: int, *options: str):
        self.records: list[Record] = []
        trust = ["--ca", site.ca_file] if site.ca_file else []
        self._log = open(client.log_path(f"strobe-{rate}"), "wb")
        self._process = client.spawn(
            [daemons.program("strobe"), "--target", site.url, *trust, "--rate", str(rate),
             "--duration", LONGEST, "--lines", "-", "--summary", "/dev/null", *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._log)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self._process.stdout:
            fields = json.loads(line)
            self.records.append(Record(*(fields[name] for name in Record._fields)))

    def check(self) -> None:
        if self._process.poll() is not None:
            raise RuntimeError(f"strobe ended early, status {self._process.returncode}: see {self._log.name}")

    def stop(self) -> None:
        """No new requests; waits until those under way have their records."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(STOP_SECONDS)
        self._reader.join(STOP_SECONDS)
        self._process.stdout.close()
        self._log.close()


class Traffic:
    def __init__(self, client: Node, site: Site):
        self.site = site
        self.rates = site.rates
        self.gets = Stream(client, site, site.rates.gets, "--path", "/", "--timeout", "2s")
        self.bookings = Stream(client, site, site.rates.bookings, "--path", BOOKING_PATH, "--book", booking_template(),
                               "--timeout", "1s", "--retry-for", "10s")

    def check(self) -> None:
        self.gets.check()
        self.bookings.check()

    def stop(self) -> None:
        self.gets.stop()
        self.bookings.stop()

    def records(self) -> list[Record]:
        return [*self.gets.records, *self.bookings.records]
