"""The report's SVG: lanes over one time axis. Who holds the virtual address, which node works, the strip of 100 ms
cells, every request's latency, and the acts as marks across all of them."""

import math
from html import escape

from .measure import CELL_MS, Row, cells
from .traffic import Record

WIDTH = 1160
LEFT = 96
RIGHT = 16
LANE = 22
GAP = 8
HEAD = 58
SCATTER = 240
LOWEST_MS, HIGHEST_MS = 0.1, 10_000.0
MOST_POINTS = 5000  # Failed and slow requests are all drawn, fast ones thinned out to this many.
OWNER_COLOURS = {"lb1": "#4c78a8", "lb2": "#f2a541"}
LAMP_COLOURS = {"on": "#7cbf8e", "hurt": "#f2c14e", "off": "#d9d9de"}
CELL_COLOURS = {"good": "#7cbf8e", "some": "#f2c14e", "bad": "#d9534f", "none": "#eeeef2"}


class Timeline:
    def __init__(self, begin: float, end: float):
        self._begin = begin
        self._end = end
        self._parts: list[str] = []
        self._y = HEAD

    def x(self, t: float) -> float:
        share = (min(max(t, self._begin), self._end) - self._begin) / (self._end - self._begin)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def lane(self, title: str, changes: list[tuple[float, str | None]], colours: dict[str, str], named: bool) -> None:
        self._label(title)
        for index, (t, value) in enumerate(changes):
            until = changes[index + 1][0] if index + 1 < len(changes) else self._end
            left, width = self.x(t), self.x(until) - self.x(t)
            if value in colours and width > 0:
                self._box(left, width, colours[value], f"{title}: {value}, {(until - t) / 1000:.2f} s")
                if named and width > 30:
                    self._parts.append(f'<text x="{left + 6:.1f}" y="{self._y + 15}" class="inside">{value}</text>')
        self._y += LANE + GAP

    def strip(self, gets: list[Record]) -> None:
        self._label("requests")
        for index, word in enumerate(cells(gets, self._begin, self._end)):
            left = self.x(self._begin + index * CELL_MS)
            width = self.x(self._begin + (index + 1) * CELL_MS) - left
            # A little wider than a cell: else the page shines through between two of them.
            self._box(left, width + 0.4, CELL_COLOURS[word], f"{index * CELL_MS / 1000:.1f} s: {word}", radius=0)
        self._y += LANE + GAP

    def scatter(self, gets: list[Record], bookings: list[Record]) -> None:
        self._label("latency")
        for power in range(-1, 5):
            y = self._latency_y(10.0 ** power)
            text = f"{10 ** power:g} ms" if power < 3 else f"{10 ** (power - 3):g} s"
            self._parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>'
                               f'<text x="{LEFT - 6}" y="{y + 4:.1f}" class="tick">{text}</text>')
        notable = [record for record in gets if not record.good]
        ordinary = [record for record in gets if record.good]
        thinned = ordinary[::math.ceil(len(ordinary) / MOST_POINTS) or 1]
        for records, name in ((thinned, "get"), (bookings, "book"), (notable, "bad")):
            points = "".join(f"M{self.x(record.t):.1f} {self._latency_y(record.ms):.1f}h0" for record in records)
            self._parts.append(f'<path d="{points}" class="{name}"/>')
        self._y += SCATTER + GAP

    def svg(self, rows: list[Row]) -> str:
        bottom = self._y
        marks = []
        for index, row in enumerate(rows):
            x = self.x(row.begin)
            marks.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{HEAD - 8}" y2="{bottom}" class="act"/>'
                         f'<circle cx="{x:.1f}" cy="{HEAD - 18}" r="10" class="badge"/>'
                         f'<text x="{x:.1f}" y="{HEAD - 14}" class="number">{index + 1}'
                         f'<title>{escape(row.name)}</title></text>')
        seconds = range(0, int((self._end - self._begin) / 1000) + 1, 5)
        axis = [f'<text x="{self.x(self._begin + second * 1000):.1f}" y="{bottom + 14}" class="second">{second} s</text>'
                for second in seconds]
        return (f'<svg viewBox="0 0 {WIDTH} {bottom + 24}" role="img" aria-label="Timeline of the demo">'
                + "".join(self._parts + marks + axis) + "</svg>")

    def _latency_y(self, ms: float) -> float:
        span = math.log10(HIGHEST_MS / LOWEST_MS)
        share = math.log10(min(max(ms, LOWEST_MS), HIGHEST_MS) / LOWEST_MS) / span
        return self._y + SCATTER - share * SCATTER

    def _label(self, title: str) -> None:
        self._parts.append(f'<text x="8" y="{self._y + 15}" class="lane">{escape(title)}</text>')

    def _box(self, left: float, width: float, colour: str, title: str, radius: int = 3) -> None:
        self._parts.append(f'<rect x="{left:.1f}" y="{self._y}" width="{width:.2f}" height="{LANE}" rx="{radius}"'
                           f' fill="{colour}"><title>{escape(title)}</title></rect>')
