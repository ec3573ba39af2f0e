"""Six nodes watched by the fleet's own settings: every metric that a dashboard or a rule names is there, and an alert reaches
Slack through the proxy, with its page, and its end as well."""
import json
import pathlib
import re
import sys
import unittest

import yaml

sys.dont_write_bytecode = True

from support.watched_lab import ROOT, WatchedLab  # noqa: E402

from lab import daemons  # noqa: E402
from lab.topology import INNER, VIP  # noqa: E402
from lab.waiting import wait_until  # noqa: E402

DASHBOARDS = sorted((ROOT / "conf/grafana/dashboards").glob("*.json"))
RULES = sorted((ROOT / "conf/prometheus/rules").glob("*.yml"))
WORD = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
TARGETS = 18  # 6 nodes, 2 each of lbd, vrrpd, bookd, MariaDB and probes, and one watcher of itself
# Words of PromQL's own; all else outside of braces, brackets, texts and label lists is a metric.
LANGUAGE = set("by without on ignoring group_left group_right and or unless bool offset sum min max avg count rate increase time "
               "vector absent abs predict_linear histogram_quantile avg_over_time label_replace irate delta inf nan".split())
# Made by programs that do not run in this lab, or of messages, which its bookd sends to nobody, or of certificates, which its lbd
# has none of; that they make these is read in them.
ELSEWHERE = {"mainstay_logs_": "scripts/node-metrics", "mainstay_certificate_": "scripts/node-metrics",
             "mainstay_backup_": "scripts/backup_parts/metrics.sh", "bookd_messages_total": "app/notify/sender.cpp",
             "lbd_tls_certificate_": "lb/telemetry/collector.cpp"}
# Only over TLS, and only by a collector that needs systemd.
OF_A_REAL_NODE = {"probe_ssl_earliest_cert_expiry", "node_systemd_unit_state"}
# Nothing to show while nothing is wrong, or of a program that does not run here.
MAY_BE_EMPTY = re.compile(r"5\.\.|> 0|ALERTS|mainstay_(logs|certificate|backup)|node_disk|bookd_idempotent|bookd_admin|in0\|out0")


def metrics_of(expression: str) -> set[str]:
    bare = re.sub(r'"(\\.|[^"\\])*"|\{[^}]*\}|\[[^\]]*\]', " ", expression)
    bare = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", bare)
    return {word for word in WORD.findall(bare) if word not in LANGUAGE}


def asked_by_dashboards() -> list[tuple[str, str]]:
    found = []
    for path in DASHBOARDS:
        for panel in json.loads(path.read_text(encoding="utf-8"))["panels"]:
            found += [(f"{path.stem}: {panel['title']}", target["expr"].replace("$__rate_interval", "10s"))
                      for target in panel.get("targets", []) if target["datasource"]["type"] == "prometheus"]
    return found


def asked_by_rules() -> list[tuple[str, str]]:
    return [(rule.get("alert") or rule["record"], rule["expr"]) for path in RULES
            for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]


class Watching(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.watched = WatchedLab()
        cls.addClassCleanup(cls.watched.down)
        cls.watched.start()
        client = cls.watched.lab["client"]
        for path, body in (("/", None), ("/nothing", None), ("/api/v1/bookings/lookup", '{"number":"00000000","phone":"010-0000-0000"}'),
                           ("/api/v1/bookings", "{}")):
            client.run(["curl", "-s", "-o", "/dev/null", f"http://{VIP}{path}",
                        *(["-H", "Content-Type: application/json", "-d", body] if body else [])])
        # What is counted on app2 is gone when that is killed: every lookup by way of the balancer may have gone there.
        app1 = cls.watched.lab["app1"]
        app1.run(["curl", "-s", "-o", "/dev/null", "-H", "Content-Type: application/json", "-d",
                  '{"number":"00000000","phone":"010-0000-0000"}',
                  f"http://{app1.address(INNER)}:{daemons.BOOKD_PORT}/api/v1/bookings/lookup"])
        wait_until(cls.all_is_well, 40, "every target is scraped and the probes are green")

    @classmethod
    def all_is_well(cls) -> bool:
        up = cls.watched.values("up")
        probes = cls.watched.values('min(probe_success{job="probe"})')
        return len(up) == TARGETS and all(one["value"][1] == "1" for one in up) and bool(probes) and probes[0]["value"][1] == "1"

    def test_every_metric_that_is_named_is_there(self):
        there = set(self.watched.ask("label/__name__/values")["data"])
        recorded = {name for name, _ in asked_by_rules()}
        count = 0
        for where, expression in asked_by_dashboards() + asked_by_rules():
            for name in metrics_of(expression) - recorded - OF_A_REAL_NODE - {"ALERTS"}:
                count += 1
                maker = next((path for prefix, path in ELSEWHERE.items() if name.startswith(prefix)), None)
                with self.subTest(of=where, metric=name):
                    if maker:
                        text = (ROOT / maker).read_text(encoding="utf-8")
                        self.assertTrue(name in text or name.replace("dropped", "${kind}") in text, f"not made by {maker}")
                    elif not self.is_made_when_it_happens(name):
                        self.assertTrue(name in there, "no target has it")
        self.assertGreater(count, 100)

    @staticmethod
    def is_made_when_it_happens(name: str) -> bool:
        """bookd makes a series when there is something to count; that it would is read in it."""
        return name in ("bookd_bookings_total", "bookd_admin_logins_total", "bookd_idempotent_requests_total") and \
            f'"{name}"' in (ROOT / "app/api/metrics.cpp").read_text(encoding="utf-8")

    def test_every_panel_can_be_drawn(self):
        self.assertEqual(6, len(DASHBOARDS))
        empty = []
        for where, expression in asked_by_dashboards():
            with self.subTest(panel=where):
                if not self.watched.values(expression) and not MAY_BE_EMPTY.search(expression):
                    empty.append(f"{where}: {expression}")
        self.assertEqual([], [one for one in empty if "bookd_bookings_total" not in one])

    def told(self, alert: str, end: bool) -> bool:
        for message in self.watched.slack():
            for attachment in message["attachments"]:
                if alert in attachment["title"] and ("복구" in attachment["title"]) == end:
                    self.assertIn(f"/runbooks/{alert}", attachment["title_link"])
                    self.assertIn("대응 절차", attachment["text"])
                    self.assertEqual("http://slack.stub/services/T0/B0/secret", message["to"])
                    return True
        return False

    def test_an_alert_reaches_slack_and_so_does_its_end(self):
        app2 = self.watched.lab["app2"]
        app2.kill("bookd")
        self.watched.stop_replication()
        for alert in ("UpstreamDown", "DbReplicationStopped"):
            wait_until(lambda: self.told(alert, False), 30, f"{alert} at Slack")
        said = [attachment["text"] for message in self.watched.slack() for attachment in message["attachments"]
                if "UpstreamDown" in attachment["title"]]
        self.assertIn("노드 app2", said[0], "whose endpoint it is")
        self.watched.start_replication()
        app2.start("bookd")
        for alert in ("UpstreamDown", "DbReplicationStopped"):
            wait_until(lambda: self.told(alert, True), 30, f"the end of {alert} at Slack")
        channels = {attachment["title"].split(" · ")[-1].split(" ")[0]: message["channel"]
                    for message in self.watched.slack() for attachment in message["attachments"]}
        self.assertEqual("#ops", channels["UpstreamDown"])
        self.assertEqual("#ops-critical", channels["DbReplicationStopped"])


if __name__ == "__main__":
    unittest.main()
