"""Two charts as SVG: latency over rate, and over time what was answered, how late, what failed and what happened."""
import datetime
import math
from html import escape

from .events import Event

PERCENTILES = (("p50", "#4c78a8"), ("p90", "#8e6bbf"), ("p99", "#f2a33c"), ("p99.9", "#d9534f"))
OVER_TIME = (("p50", "#4c78a8"), ("p99", "#f2a33c"))
FAILED = "#d9534f"
ANSWERED = "#59a57a"
WIDTH, HEIGHT, LEFT, RIGHT, BOTTOM = 900, 320, 64, 20, 40
HEAD, UPPER, LOWER, BETWEEN = 24, 200, 110, 26  # of the chart over time


def logarithmic(most: float) -> tuple[list[float], float, float]:
    """Powers of ten from 0.1 ms to past the most; and the ends as logarithms."""
    marks, value = [], 0.1
    while value < most * 10:
        marks.append(value)
        value *= 10
    return marks, math.log10(marks[0]), math.log10(marks[-1])


class Axis:
    """Milliseconds, logarithmic, from `bottom` up to `top`."""

    def __init__(self, most: float, top: float, bottom: float):
        self.marks, self._low, self._high = logarithmic(max(most, 1))
        self._top, self._bottom = top, bottom

    def y(self, value: float) -> float:
        share = (math.log10(max(value, self.marks[0])) - self._low) / (self._high - self._low)
        return self._bottom - (self._bottom - self._top) * share

    def grid(self) -> list[str]:
        return [f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{self.y(mark):.1f}" y2="{self.y(mark):.1f}" class="grid"/>'
                f'<text x="{LEFT - 8}" y="{self.y(mark) + 4:.1f}" class="tick">{mark:g} ms</text>' for mark in self.marks]


def over_rate(steps: list[dict]) -> str:
    """Where the lines bend upwards is what the service can do."""
    axis = Axis(max(step["latency_ms"][name] for step in steps for name, _ in PERCENTILES), 10, HEIGHT - BOTTOM + 10)
    wide = WIDTH - LEFT - RIGHT

    def x(index: int) -> float:
        return LEFT + (wide * index / max(len(steps) - 1, 1))

    drawn = axis.grid()
    drawn += [f'<text x="{x(index):.1f}" y="{HEIGHT - 6}" class="rate">{step["rate"]}/s</text>' for index, step in enumerate(steps)]
    for name, colour in PERCENTILES:
        # A step without an answer has no latency, and not one of zero.
        points = " ".join(f"{x(index):.1f},{axis.y(step['latency_ms'][name]):.1f}" for index, step in enumerate(steps)
                          if step["requests"] > step["failed"])
        drawn.append(f'<polyline points="{points}" stroke="{colour}"/>')
    return f'<svg id="rate" viewBox="0 0 {WIDTH} {HEIGHT}">{"".join(drawn)}</svg>'


class Point:
    """What became of the requests due in one stretch."""

    def __init__(self, timeline: dict, point: dict, length: float):
        self.begin = (timeline["begin"] + point["ms"]) / 1000
        # The last stretch of a step may be cut off by the end of it.
        self.seconds = min(timeline["every_ms"], length * 1000 - point["ms"]) / 1000
        self.failed = point["failed"] / self.seconds
        self.answered = (point["requests"] - point["failed"]) / self.seconds
        self.latency = {name: point[name] for name, _ in OVER_TIME} if self.answered else {}

    @property
    def middle(self) -> float:
        return self.begin + self.seconds / 2

    @property
    def end(self) -> float:
        return self.begin + self.seconds


class OverTime:
    """Latency above, answers and failures below, what happened across both."""

    def __init__(self, steps: list[dict], length: float, events: list[Event], begin: float, end: float):
        self._steps, self._events, self._begin = steps, events, begin
        self._points = [Point(step["timeline"], point, length) for step in steps for point in step["timeline"]["points"]
                        if point["ms"] < length * 1000]
        self._end = max([end, *(point.end for point in self._points)])
        slowest = max((point.latency[name] for point in self._points if point.latency for name, _ in OVER_TIME), default=1)
        self._axis = Axis(slowest, HEAD, HEAD + UPPER)
        self._most = max([1.0, *(max(point.answered, point.failed) for point in self._points)])
        self._floor = HEAD + UPPER + BETWEEN + LOWER

    def draw(self) -> str:
        drawn = [*self._axis.grid(), *self._rates(), *self._bars(), *self._lines(), *self._times(), *self._marks()]
        return f'<svg id="time" viewBox="0 0 {WIDTH} {self._floor + 34}">{"".join(drawn)}</svg>'

    def x(self, at: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (at - self._begin) / (self._end - self._begin)

    def y(self, rate: float) -> float:
        return self._floor - LOWER * rate / self._most

    def _rates(self) -> list[str]:
        return [f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{self.y(rate):.1f}" y2="{self.y(rate):.1f}" class="grid"/>'
                f'<text x="{LEFT - 8}" y="{self.y(rate) + 4:.1f}" class="tick">{rate:.0f}/s</text>' for rate in (0, self._most)]

    def _bars(self) -> list[str]:
        return [f'<rect class="failed" x="{self.x(point.begin):.1f}" width="{self.x(point.end) - self.x(point.begin):.1f}" '
                f'y="{self.y(point.failed):.1f}" height="{self._floor - self.y(point.failed):.1f}">'
                f'<title>+{point.begin - self._begin:.1f} s: {point.failed:.1f} failed a second</title></rect>' for point in self._points if point.failed]

    def _lines(self) -> list[str]:
        drawn = [self._line([(point.middle, self._axis.y(point.latency[name]) if point.latency else None) for point in self._points], colour)
                 for name, colour in OVER_TIME]
        return [*drawn, self._line([(point.middle, self.y(point.answered)) for point in self._points], ANSWERED)]

    def _line(self, points: list[tuple[float, float | None]], colour: str) -> str:
        """With a gap where there is no value."""
        words, pen = [], "M"
        for at, y in points:
            if y is not None:
                words.append(f"{pen}{self.x(at):.1f},{y:.1f}")
            pen = "M" if y is None else "L"
        return f'<path d="{" ".join(words)}" stroke="{colour}"/>'

    def _times(self) -> list[str]:
        drawn = []
        for step in self._steps:
            at = step["timeline"]["begin"] / 1000
            drawn.append(f'<line x1="{self.x(at):.1f}" x2="{self.x(at):.1f}" y1="{HEAD}" y2="{self._floor + 6}" class="step"/>'
                         f'<text x="{self.x(at) + 3:.1f}" y="{self._floor + 16}">{step["rate"]}/s</text>'
                         f'<text x="{self.x(at) + 3:.1f}" y="{self._floor + 30}">{clock(at)[:8]}</text>')
        return drawn

    def _marks(self) -> list[str]:
        return [f'<g class="event"><title>{clock(event.at)} {escape(event.text)}</title>'
                f'<line x1="{self.x(event.at):.1f}" x2="{self.x(event.at):.1f}" y1="{HEAD - 6}" y2="{self._floor}"/>'
                f'<text x="{self.x(event.at):.1f}" y="{HEAD - 10}">{number}</text></g>' for number, event in enumerate(self._events, 1)]


def clock(at: float) -> str:
    """Of the day, here, to a tenth of a second."""
    return datetime.datetime.fromtimestamp(at).strftime("%H:%M:%S.%f")[:-5]
