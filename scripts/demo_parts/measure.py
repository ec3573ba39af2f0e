"""From records to an act a row. Pure: lists in, numbers out."""

from dataclasses import dataclass, field

from .traffic import GOOD_WITHIN_MS, Record


@dataclass
class Row:
    """One act: what was due from its beginning to the next one's."""
    name: str
    begin: float  # UNIX ms
    end: float = 0.0
    outage_ms: float = 0.0
    outage_begin: float = 0.0
    requests: int = 0
    failed: int = 0
    failed_by_error: dict[str, int] = field(default_factory=dict)
    p99_ms: float = 0.0
    bookings_acknowledged: int = 0
    bookings_missing: int = 0

    def failures(self) -> str:
        """The classes of the failed requests: "83 refused, 2 reset"."""
        return ", ".join(f"{count} {error}" for error, count in sorted(self.failed_by_error.items()))

    def to_json(self) -> dict:
        return {"name": self.name, "outage_ms": round(self.outage_ms, 1), "requests": self.requests,
                "failed": self.failed, "bookings_acknowledged": self.bookings_acknowledged,
                "bookings_missing": self.bookings_missing}


def measure(row: Row, gets: list[Record], bookings: list[Record], missing: set[str]) -> None:
    """Fills the row in, anew each time. A booking has failed when it was given up, not when an attempt of it failed."""
    gets = due_in(row, gets)
    bookings = due_in(row, bookings)
    row.outage_begin, row.outage_ms = longest_gap(gets, row.end)
    row.requests = len(gets) + len(bookings)
    row.failed, row.failed_by_error = 0, {}
    for record in (*gets, *bookings):
        if record.error:
            row.failed += 1
            row.failed_by_error[record.error] = row.failed_by_error.get(record.error, 0) + 1
    row.p99_ms = percentile([record.ms for record in gets if record.error is None], 99)
    numbers = [record.number for record in bookings if record.number]
    row.bookings_acknowledged = len(numbers)
    row.bookings_missing = sum(number in missing for number in numbers)


def due_in(row: Row, records: list[Record]) -> list[Record]:
    return sorted((record for record in records if row.begin <= charged_at(record) < row.end),
                  key=lambda record: record.t)


def charged_at(record: Record) -> float:
    """The instant that decides whose act a request is. One that went wrong belongs to the act that broke it: had it
    been under way for a moment when the act began, it was not late yet and would have been answered."""
    return record.t if record.good else record.t + min(record.ms, GOOD_WITHIN_MS)


def longest_gap(records: list[Record], end: float) -> tuple[float, float]:
    """(begin, length) in ms of the longest stretch without a good answer, between scheduled instants: strobe's
    definition (scripts/strobe/measure/gap_finder.hpp), here within one act. `records` stand in the order due."""
    longest = (0.0, 0.0)
    begin = None
    for record in records:
        if not record.good:
            begin = record.t if begin is None else begin
        elif begin is not None:
            longest = max(longest, (begin, record.t - begin), key=lambda gap: gap[1])
            begin = None
    if begin is not None:
        longest = max(longest, (begin, end - begin), key=lambda gap: gap[1])
    return longest


def percentile(values: list[float], percent: float) -> float:
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


CELL_MS = 100.0


def cells(records: list[Record], begin: float, end: float) -> list[str]:
    """One word for each 100 ms: "good", "some" (not all good), "bad" (none good), "none" (nothing due)."""
    count = max(0, int((end - begin) / CELL_MS))
    due = [0] * count
    good = [0] * count
    for record in records:
        index = int((record.t - begin) / CELL_MS)
        if 0 <= index < count:
            due[index] += 1
            good[index] += record.good
    return ["none" if not d else "good" if g == d else "some" if g else "bad" for d, g in zip(due, good)]
