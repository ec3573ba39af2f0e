"""One HTML page, which loads nothing."""
import argparse
import datetime
from html import escape

from . import charts
from .events import Event

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #2b2d42; max-width: 980px; margin: 28px auto; padding: 0 20px; }
h2 { font-size: 18px; margin: 28px 0 4px; }
polyline, path { fill: none; stroke-width: 2; } .grid { stroke: #ececf2; } .step { stroke: #c9cad6; stroke-dasharray: 2 4; }
text { font-size: 12px; fill: #8a8ca3; } .tick { text-anchor: end; } .rate { text-anchor: middle; } .failed { fill: #d9534f; }
.event line { stroke: #2b2d42; stroke-dasharray: 5 3; } .event text { text-anchor: middle; font-weight: bold; fill: #2b2d42; }
table { border-collapse: collapse; width: 100%; } th, td { padding: 6px 8px; text-align: right; border-bottom: 1px solid #f0f0f5; }
.events td, .events th { text-align: left; } .note { color: #b0413e; }
"""


def failed_percent(step: dict) -> float:
    return 100.0 * step["failed"] / max(step["requests"], 1)


def failures(step: dict) -> str:
    """By class, and in OpenSSL's words why handshakes failed."""
    reasons = step.get("tls", {}).get("failed_by_reason", {})
    said = [f"{escape(name)} {count}" for name, count in (*step["failed_by_class"].items(), *reasons.items())]
    return ", ".join(said) or "none"


def table(steps: list[dict]) -> str:
    private = any("tls" in step for step in steps)
    rows = []
    for step in steps:
        cells = [f"{step['rate']}/s", step["requests"], f"{failed_percent(step):.2f} %", failures(step),
                 *(f"{step['latency_ms'][name]:.2f}" for name, _ in charts.PERCENTILES), f"{step['latency_ms']['max']:.1f}",
                 f"{step['longest_gap']['ms']:.0f}"]
        if private:
            tls = step.get("tls", {"handshakes": 0, "ms": {"p99": 0}})
            cells += [tls["handshakes"], f"{tls['ms']['p99']:.2f}"]
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    heads = ["rate", "requests", "failed", "how", *(f"{name}, ms" for name, _ in charts.PERCENTILES), "max, ms", "longest gap, ms"]
    heads += ["handshakes", "their p99, ms"] if private else []
    return "<table><tr>" + "".join(f"<th>{head}</th>" for head in heads) + "</tr>" + "".join(rows) + "</table>"


def happened(events: list[Event], notes: list[str], begin: float) -> str:
    rows = [f"<tr><td>{number}</td><td>+{event.at - begin:.1f} s</td><td>{charts.clock(event.at)}</td><td>{escape(event.text)}</td>"
            f"<td>{escape(event.source)}</td></tr>" for number, event in enumerate(events, 1)]
    heads = "".join(f"<th>{head}</th>" for head in ("", "after", "at", "what", "who says so"))
    told = f'<table class="events"><tr>{heads}</tr>{"".join(rows)}</table>' if rows else "<p>Nothing was told of.</p>"
    return told + "".join(f'<p class="note">{escape(note)}</p>' for note in notes)


def key(colours: tuple) -> str:
    return " ".join(f'<b style="color:{colour}">{name}</b>' for name, colour in colours)


def write(asked: argparse.Namespace, steps: list[dict], stopped: bool, events: list[Event], notes: list[str]) -> str:
    how = f"{asked.keep_alive} lasting connections" if asked.keep_alive else "a new connection for each request"
    end = f"<p>No higher rate was tried: more than {asked.most_failed:g} % failed.</p>" if stopped else ""
    where = f" at {escape(asked.address)}" if asked.address else ""
    when = datetime.datetime.fromtimestamp(asked.begin).astimezone().isoformat(timespec="seconds")
    unverified = '<p class="note">Whoever answered was believed: its certificate was not looked at.</p>' if asked.unverified else ""
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Mainstay: latency against rate</title><style>{STYLE}</style></head><body>
<h1>Latency against rate</h1>
<p>{escape(asked.target)}{escape(asked.path or "")}{where}, {asked.step} a step, {how}, from {when}. Latency counts from the instant a
request was due. {key(charts.PERCENTILES)}</p>{unverified}
{charts.over_rate(steps)}{table(steps)}{end}
<h2>While it ran</h2>
<p>Latency, {key(charts.OVER_TIME)}; below, what was <b style="color:{charts.ANSWERED}">answered</b> and what
<b style="color:{charts.FAILED}">failed</b> a second, by when it was due.</p>
{charts.OverTime(steps, asked.seconds, events, asked.begin, asked.end).draw()}
{happened(events, notes, asked.begin)}</body></html>
"""
