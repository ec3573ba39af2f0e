"""What the terminal shows: the picture of the nodes, a live view while the acts are played, the table at the end."""

import os
import shutil
import sys
import threading
import unicodedata

from lab import VIP

from .measure import CELL_MS, Row, cells, percentile
from .traffic import GOOD_WITHIN_MS, LAB, Record, Traffic
from .watch import Watch, now_ms

TOPOLOGY = f"""\
                      client 192.168.10.50
                              |
   ---- outer ---------+------+-------+---- 192.168.10.0/24
                       |              |
                lb1 .11 (200)   lb2 .12 (100)      lbd + vrrpd, VIP {VIP}
                       |              |
   ---- inner --+------++------+------++------- 10.0.0.0/24
                |       |      |       |
           app1 .21  app2 .22  db1 .31  db2 .32
             bookd    bookd    primary  replica
"""

FRAME_SECONDS = 0.1
RECENT_SECONDS = 2.0
WIDEST_STRIP = 100  # cells
RECENT_RECORDS = int(1.2 * WIDEST_STRIP * CELL_MS / 1000 * LAB.rates.gets)
MARKS = {"good": "\x1b[32m▇\x1b[0m", "some": "\x1b[33m▇\x1b[0m", "bad": "\x1b[31m▇\x1b[0m", "none": "\x1b[90m·\x1b[0m"}
LAMPS = {"on": "\x1b[32m●\x1b[0m", "hurt": "\x1b[33m●\x1b[0m", "off": "\x1b[31m○\x1b[0m"}


def is_live() -> bool:
    return sys.stdout.isatty() and not os.environ.get("CI")


class LiveView:
    """Redraws a few lines ten times a second. Without a live terminal it only prints a line for each act."""

    def __init__(self, watch: Watch, traffic: Traffic):
        self._watch = watch
        self._traffic = traffic
        self._began = now_ms()
        self._act = ""
        self._drawn = 0
        self._finished: list[str] = []
        self._live = is_live()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        if self._live:
            self._thread.start()

    def act(self, name: str) -> None:
        self._act = name
        if not self._live:
            print(f"{(now_ms() - self._began) / 1000:6.1f} s  {name}", flush=True)

    def finished(self, row: Row) -> None:
        """Leaves a line that stays."""
        text = f"{row.outage_ms:9.0f} ms outage, {row.failed} failed of {row.requests}: {row.name}"
        if self._live:
            self._finished.append(text)
        else:
            print(text, flush=True)

    def stop(self) -> None:
        self._ended.set()
        if self._live:
            self._thread.join()
            self._draw()

    def _run(self) -> None:
        while not self._ended.wait(FRAME_SECONDS):
            self._draw()

    def _draw(self) -> None:
        width = shutil.get_terminal_size().columns
        now = now_ms()
        gets = self._traffic.gets.records[-RECENT_RECORDS:]
        recent = [record for record in gets if record.t > now - RECENT_SECONDS * 1000]
        p99 = percentile([record.ms for record in recent if record.error is None], 99)
        acknowledged = sum(record.number is not None for record in self._traffic.bookings.records)
        lamps = "  ".join(f"{LAMPS[self._watch.lamp(name)]} {name}" for name in self._watch.lamps)
        lines = [
            f"{(now - self._began) / 1000:6.1f} s  \x1b[1m{self._act}\x1b[0m",
            f"  {VIP} is on \x1b[1m{self._watch.owner() or 'nobody'}\x1b[0m",
            f"  {lamps}",
            "  " + strip(gets, self._began, now, min(width - 4, WIDEST_STRIP)),
            f"  {len(recent) / RECENT_SECONDS:5.0f} answers/s   p99 {p99:7.1f} ms   {acknowledged} bookings acknowledged",
        ]
        up = f"\x1b[{self._drawn}A" if self._drawn else ""
        staying, self._finished = self._finished, []
        sys.stdout.write(up + "".join(f"\r\x1b[2K{line}\n" for line in (*staying, *lines)))
        sys.stdout.flush()
        self._drawn = len(lines)


def strip(gets: list[Record], began: float, now: float, width: int) -> str:
    """The last cells of 100 ms. One whose requests have all been silent beyond the threshold is bad."""
    first = max(began, began + (int((now - began) / CELL_MS) - width) * CELL_MS)
    words = cells(gets, first, now)
    for index, word in enumerate(words):
        if word == "none" and first + (index + 1) * CELL_MS < now - GOOD_WITHIN_MS:
            words[index] = "bad"
    return "".join(MARKS[word] for word in words)


def table(rows: list[Row]) -> str:
    head = ("act", "outage", "requests", "failed", "bookings", "missing", "")
    body = [(row.name, f"{row.outage_ms:.0f} ms", str(row.requests), str(row.failed), str(row.bookings_acknowledged),
             str(row.bookings_missing), row.failures()) for row in rows]
    widths = [max(_width(line[column]) for line in (head, *body)) for column in range(len(head))]

    def one(line: tuple[str, ...]) -> str:
        first, *numbers, last = line
        return "  ".join([first + " " * (widths[0] - _width(first)),
                          *(number.rjust(width) for number, width in zip(numbers, widths[1:])), last]).rstrip()

    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    return "\n".join([one(head), rule, *map(one, body)])


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
