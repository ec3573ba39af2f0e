"""The report as one self-contained HTML page: no script, nothing loaded from anywhere."""

from datetime import datetime
from html import escape

from lab import VIP

from .measure import Row
from .timeline import LAMP_COLOURS, OWNER_COLOURS, Timeline
from .traffic import GOOD_WITHIN_MS, Traffic
from .watch import Watch

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #2b2d42; background: #fafafc; margin: 0; }
main { max-width: 1180px; margin: 0 auto; padding: 28px 20px 48px; }
h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 18px; margin: 32px 0 8px; }
p { margin: 4px 0 12px; color: #555770; }
.verdict { display: inline-block; padding: 6px 14px; border-radius: 16px; font-weight: 600; }
.well { background: #e1f3e6; color: #23703a; } .lost { background: #fbe3e2; color: #a32a26; }
.card { background: #fff; border: 1px solid #e6e6ee; border-radius: 10px; padding: 12px; overflow-x: auto; }
svg { width: 100%; min-width: 760px; height: auto; display: block; font: 12px system-ui, sans-serif; }
.lane { fill: #555770; font-weight: 600; } .inside { fill: #fff; font-weight: 600; pointer-events: none; }
.tick, .second { fill: #8a8ca3; font-size: 11px; text-anchor: end; } .second { text-anchor: middle; }
.grid { stroke: #ececf2; } .act { stroke: #b7b9cc; stroke-dasharray: 3 3; }
.badge { fill: #2b2d42; } .number { fill: #fff; text-anchor: middle; font-size: 11px; font-weight: 600; }
path { fill: none; stroke-linecap: round; stroke-width: 2; }
.get { stroke: #4c78a8; stroke-opacity: .35; } .book { stroke: #8e6bbf; stroke-width: 3; stroke-opacity: .6; }
.bad { stroke: #d9534f; stroke-width: 3; }
table { border-collapse: collapse; width: 100%; } th, td { padding: 7px 10px; text-align: right; }
td:nth-child(n + 3) { white-space: nowrap; }
th { font-weight: 600; color: #555770; border-bottom: 2px solid #e6e6ee; } td { border-bottom: 1px solid #f0f0f5; }
th:nth-child(2), td:nth-child(2) { text-align: left; } td:first-child { color: #8a8ca3; }
.key { font-size: 13px; color: #555770; } .key b { display: inline-block; width: 12px; height: 12px; border-radius: 3px;
  margin: 0 4px 0 14px; vertical-align: -1px; }
"""

KEY = """<p class="key">nodes: <b style="background:#7cbf8e"></b>works <b style="background:#f2c14e"></b>a service is missing
<b style="background:#d9d9de"></b>without power</p>
<p class="key">requests in 100 ms: <b style="background:#7cbf8e"></b>all good <b style="background:#f2c14e"></b>some
not <b style="background:#d9534f"></b>none good; latency: <b style="background:#4c78a8"></b>page
<b style="background:#8e6bbf"></b>booking <b style="background:#d9534f"></b>failed or late</p>"""


def write(path: str, rows: list[Row], traffic: Traffic, watch: Watch, versions: list[str]) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(render(rows, traffic, watch, versions))


def render(rows: list[Row], traffic: Traffic, watch: Watch, versions: list[str]) -> str:
    acknowledged = sum(row.bookings_acknowledged for row in rows)
    missing = sum(row.bookings_missing for row in rows)
    verdict = (f'<span class="verdict well">{acknowledged} bookings acknowledged, every one found again</span>'
               if missing == 0 else
               f'<span class="verdict lost">{missing} of {acknowledged} acknowledged bookings are missing</span>')
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mainstay: what happened when machines died</title><style>{STYLE}</style></head><body><main>
<h1>What happened when machines died</h1>
<p>{traffic.rates.gets} pages and {traffic.rates.bookings} bookings a second, each due at its own instant and each page on a
connection of its own, from the client to the virtual address {VIP}.</p>
{verdict}
<h2>Timeline</h2>
<div class="card">{draw(rows, traffic, watch)}{KEY}</div>
<h2>Acts</h2>
<div class="card">{table(rows)}</div>
<p>Outage: the longest stretch of consecutive scheduled page requests that failed or were not answered within
{GOOD_WITHIN_MS:g} ms, from the first one's scheduled instant to that of the next good one. Failed: requests that got no
right answer; a booking is tried again with the same idempotency key and fails only when it is given up. Missing: bookings
that were acknowledged and could not be looked up afterwards by number and phone.</p>
<h2>Made with</h2>
<p>{"<br>".join(map(escape, versions))}<br>{datetime.now().astimezone().isoformat(timespec="seconds")}</p>
</main></body></html>
"""


def draw(rows: list[Row], traffic: Traffic, watch: Watch) -> str:
    timeline = Timeline(rows[0].begin, rows[-1].end)
    timeline.lane("VIP on", watch.owners, OWNER_COLOURS, named=True)
    for name, changes in watch.lamps.items():
        if name != "client":
            timeline.lane(name, changes, LAMP_COLOURS, named=False)
    timeline.strip(traffic.gets.records)
    timeline.scatter(traffic.gets.records, traffic.bookings.records)
    return timeline.svg(rows)


def table(rows: list[Row]) -> str:
    body = []
    for index, row in enumerate(rows):
        body.append(f"<tr><td>{index + 1}</td><td>{escape(row.name)}</td><td>{row.outage_ms:.0f} ms</td>"
                    f"<td>{row.requests}</td><td title='{escape(row.failures())}'>{row.failed}</td><td>{row.p99_ms:.1f} ms</td>"
                    f"<td>{row.bookings_acknowledged}</td><td>{row.bookings_missing}</td></tr>")
    return ("<table><thead><tr><th></th><th>act</th><th>outage</th><th>requests</th><th>failed</th><th>p99</th>"
            "<th>bookings acknowledged</th><th>missing</th></tr></thead><tbody>" + "".join(body) + "</tbody></table>")
