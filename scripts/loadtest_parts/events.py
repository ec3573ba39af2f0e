"""What happened while it ran, as somebody wrote it down: on the command line, into a file, by hand at that instant."""
import datetime
import json
import re
import sys
import threading
import time
from typing import NamedTuple

MOST_EVENTS = 200  # on a page
LONGEST_TEXT = 200
BY_HAND = "-"


class Event(NamedTuple):
    at: float  # UNIX seconds
    text: str
    source: str


def instant(word: str | int | float) -> float:
    """ISO 8601, without a zone the local one, or UNIX seconds. Raises ValueError."""
    if isinstance(word, (int, float)) and not isinstance(word, bool):
        return float(word)
    if not isinstance(word, str):
        raise ValueError(f"{word!r} is no time")
    if re.fullmatch(r"\d{9,11}(\.\d+)?", word):
        return float(word)
    return datetime.datetime.fromisoformat(word).astimezone().timestamp()


def of_command_line(text: str, begin: float) -> Event:
    """`TEXT` is about the beginning, `+12s TEXT` about so long after it, `TIME TEXT` about that time."""
    if after := re.fullmatch(r"\+(\d+(?:\.\d+)?)s\s+(\S.*)", text):
        return Event(begin + float(after[1]), after[2], "--event")
    at, rest = read_line(text)
    return Event(begin if at is None else at, rest, "--event")


def read_line(line: str) -> tuple[float | None, str]:
    """{"time": …, "text": …}, or `TIME TEXT`, or a text without a time. Raises ValueError."""
    line = line.strip()
    if line.startswith("{"):
        found = json.loads(line)
        if not isinstance(found.get("text"), str):
            raise ValueError('a line of JSON has "time" and "text"')
        return instant(found.get("time")), found["text"]
    first, _, rest = line.partition(" ")
    try:
        return (instant(first), rest.strip()) if rest.strip() else (None, line)
    except ValueError:
        return None, line


def of_file(path: str) -> tuple[list[Event], list[str]]:
    """The events, and what is wrong: a line without a time says nothing of when."""
    found, faults = [], []
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = list(enumerate(file, 1))
    except OSError as error:
        return [], [str(error)]
    for number, line in lines:
        if not line.strip():
            continue
        try:
            at, text = read_line(line)
            if at is None:
                raise ValueError("no time: ISO 8601 or UNIX seconds stand first")
            found.append(Event(at, text, path))
        except ValueError as error:
            faults.append(f"{path}:{number}: {error}")
    return found, faults


class ByHand:
    """Each line of standard input is an event of the instant it comes."""

    def __init__(self):
        self.events: list[Event] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        # Without a buffer, whose lock a thread that waits in it would hold when the interpreter ends.
        with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as lines:
            for line in lines:
                if line.strip() and len(self.events) < MOST_EVENTS:
                    self.events.append(Event(time.time(), line.decode(errors="replace").strip(), "by hand"))


def in_order(events: list[Event], begin: float, end: float) -> tuple[list[Event], list[str]]:
    """Those of the run, oldest first, and what is to be said of the others."""
    within = sorted(event._replace(text=event.text[:LONGEST_TEXT]) for event in events if begin <= event.at <= end)
    notes = []
    if len(within) < len(events):
        notes.append(f"{len(events) - len(within)} events were before or after it")
    if len(within) > MOST_EVENTS:
        notes.append(f"{len(within) - MOST_EVENTS} events more than the {MOST_EVENTS} that are shown")
    return within[:MOST_EVENTS], notes
