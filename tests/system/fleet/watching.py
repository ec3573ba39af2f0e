"""What the fleet tells of itself: every panel has its data, and a log line is not lost when Loki is."""
import json
import unittest
import urllib.parse

from guest import BOOKING, PHONE
from raised import fleet, loki, note, start_loki

from fleet_lab.fleet import CLIENT_ADDRESS
from lab.waiting import wait_until
from ops_watching_test import DASHBOARDS, MAY_BE_EMPTY, asked_by_dashboards
from support.planted import Planted

TARGETS = 20  # 6 nodes, 2 each of lbd, vrrpd, bookd, MariaDB, Prometheus, Alertmanager and probes
SCRAPE_SECONDS = 120
ARRIVE_SECONDS = 60
ASK_SECONDS = 10
WATCHERS = ("app1", "app2")
# Panels of what has not happened here, or was not yet: nobody logged in.
NOT_YET = ("bookd_admin", "bookd_idempotent", "bookd_bookings")


def ask(path: str, watcher: str = "app1", **parameters) -> dict:
    """Prometheus' API, on the node itself; from elsewhere TLS and the firewall would be in the way."""
    url = f"http://127.0.0.1:9090/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
    done = fleet().lab[watcher].run(["curl", "--silent", "--max-time", str(ASK_SECONDS), url])
    return json.loads(done.stdout or '{"status": "nothing"}')


def values(expression: str, watcher: str = "app1") -> list[dict]:
    answer = ask("query", watcher, query=expression)
    if answer["status"] != "success":
        raise AssertionError(f"{expression}: {answer}")
    return answer["data"]["result"] if answer["data"]["resultType"] == "vector" else [answer["data"]["result"]]


def all_is_well(watcher: str) -> bool:
    up = values("up", watcher)
    probes = values('min(probe_success{job="probe"})', watcher)
    return len(up) == TARGETS and all(one["value"][1] == "1" for one in up) and probes[0]["value"][1] == "1"


class Watching(unittest.TestCase):
    def test_1_every_target_is_scraped_by_both(self):
        for watcher in WATCHERS:
            wait_until(lambda: all_is_well(watcher), SCRAPE_SECONDS, f"{watcher} scrapes {TARGETS} targets", poll=1)
        note(f"{TARGETS} targets are scraped by both watchers over TLS, and both probes get the page through https://VIP")

    def test_2_every_panel_has_data(self):
        self.assertEqual(6, len(DASHBOARDS))
        asked = [(where, expression.replace("[10s]", "[1m]")) for where, expression in asked_by_dashboards()]
        empty = [f"{where}: {expression}" for where, expression in asked
                 if not values(expression) and not self.may_be_empty(expression)]
        self.assertEqual([], empty)
        note(f"six dashboards: {len(asked)} expressions, none without data but those of what has not happened")

    @staticmethod
    def may_be_empty(expression: str) -> bool:
        return any(word in expression for word in NOT_YET) or (
            bool(MAY_BE_EMPTY.search(expression)) and ("5.." in expression or "> 0" in expression or "ALERTS" in expression))

    def test_3_a_line_of_an_outage_of_loki_arrives_and_no_line_has_a_person_in_it(self):
        wait_until(lambda: self.lines("lb2"), ARRIVE_SECONDS, "lines of lb2 arrive", poll=0.5)
        before = loki()
        before.close()
        fleet()["lb2"].said("logger", "--tag", "fleet", "said while nobody listened")
        fleet()["db1"].said("logger", "--tag", "fleet", "so was this")
        for node in ("lb2", "db1"):
            wait_until(lambda: float(values(f'mainstay_logs_queued{{instance="{node}"}}')[0]["value"][1]) > 0, ARRIVE_SECONDS,
                       f"a line waits on {node}", poll=1)
        start_loki()
        for node, line in (("lb2", "said while nobody listened"), ("db1", "so was this")):
            wait_until(lambda: line in self.lines(node), ARRIVE_SECONDS, f"the line of {node} arrives", poll=0.5)
        self.assertEqual([], before.faults + loki().faults)
        said = "\n".join(line for one in (before, loki()) for _, line in one.lines)
        planted = Planted()
        planted.note(BOOKING | {"phone": PHONE})
        self.assertEqual(4, len(planted.found_in(json.dumps(BOOKING | {"phone": PHONE}))), "it would be seen")
        self.assertEqual([], planted.found_in(said))
        self.assertIn('"listener":', said, "lines of who asked are among them")
        self.assertNotIn(f'"client":"{CLIENT_ADDRESS}"', said)
        note(f"lines of an outage of Loki arrived, over TLS; {len(before.lines) + len(loki().lines)} lines, the guest's number, name, "
             "address and words in none")

    @staticmethod
    def lines(host: str) -> list[str]:
        return [line for labels, line in loki().lines if labels["host"].split(".")[0] == host]
