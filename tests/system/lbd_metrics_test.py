"""The numbers lbd tells: their form and their names as Prometheus wants them, and that they go on over a reload."""

import pathlib
import re
import shutil
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True

from support.lbd_process import Lbd, settings  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import Client, ask, get, wait_until  # noqa: E402

SAMPLE = re.compile(r'([a-z0-9_]+)(?:\{((?:[a-z_]+="[^"\\\n]*",?)*)\})? (\S+)')
BASE_UNITS = ("_seconds", "_bytes")
OTHER_UNITS = ("_ms", "_millis", "_milliseconds", "_us", "_microseconds", "_ns", "_minutes", "_hours", "_kib", "_percent")
PROMISED = {
    "lbd_build_info", "lbd_http_requests_total", "lbd_http_request_duration_seconds", "lbd_upstream_requests_total",
    "lbd_upstream_up", "lbd_upstream_request_duration_seconds", "lbd_upstream_connect_seconds", "lbd_retries_total",
    "lbd_connections_active", "lbd_connections_rejected_total", "lbd_timeouts_total", "lbd_event_loop_lag_seconds",
    "lbd_draining", "lbd_config_last_reload_successful", "lbd_config_last_reload_success_timestamp_seconds",
    "lbd_config_reloads_total", "lbd_upstream_queue_seconds", "lbd_overload_level", "lbd_access_log_lost_total",
    "lbd_ratelimited_total", "lbd_concurrency_limited_total",
}


def documented() -> set[str]:
    """The families that docs/lbd.md names."""
    text = (pathlib.Path(__file__).resolve().parents[2] / "docs" / "lbd.md").read_text(encoding="utf-8")
    return set(re.findall(r"`(lbd_[a-z0-9_]+)`", text.split("### Metrics", 1)[1].split("\n## ")[0]))


class Metrics(unittest.TestCase):
    def start(self, script=None, **changes) -> Lbd:
        self.origin = Origin(script)
        self.addCleanup(self.origin.stop)
        self.lbd = Lbd([self.origin.name], **changes)
        self.addCleanup(self.lbd.close)
        return self.lbd

    def requests(self, listener: str, route: str, method: str = "GET", code: int = 200) -> int:
        labels = f'listener="{listener}",route="{route}",method="{method}",code="{code}"'
        return int(self.settled().get(f"lbd_http_requests_total{{{labels}}}", 0))

    def settled(self) -> dict:
        """The metrics once no request is being served: a client has its answer before the last of it is counted."""
        return wait_until(lambda: (metrics := self.lbd.metrics())["lbd_http_requests_active"] == 0 and metrics)

    def families(self) -> dict[str, tuple[str, list]]:
        """Name → kind and samples; fails on what the text format does not allow."""
        families, described = {}, set()
        current = None
        for line in self.lbd.admin("/metrics").body.decode().splitlines():
            if line.startswith("# HELP "):
                current = line.split(" ")[2]
                self.assertNotIn(current, described, line)
                described.add(current)
            elif line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                self.assertEqual(name, current, line)
                families[name] = (kind, [])
            else:
                name, labels, value = SAMPLE.fullmatch(line).groups()
                self.assertRegex(name, rf"\A{current}(_bucket|_sum|_count)?\Z")
                families[current][1].append((name, labels or "", float(value)))
        return families

    def test_every_metric_is_well_formed_and_well_named(self):
        self.start()
        for path, method in (("/", "GET"), ("/", "POST"), ("/", "BREW")):
            ask(self.lbd.address, get(path, method=method))
        families = self.families()
        self.assertEqual((PROMISED | documented()) - set(families), set())
        for name, (kind, samples) in families.items():
            with self.subTest(metric=name):
                self.assertEqual(kind == "counter", name.endswith("_total"))
                self.assertFalse(name.endswith(OTHER_UNITS) or kind in name.split("_"))
                self.assertEqual(len({(sample, labels) for sample, labels, _ in samples}), len(samples), "twice")
                if kind == "histogram":
                    self.assertTrue(name.endswith(BASE_UNITS))
                    self.check_histogram(samples)

    def check_histogram(self, samples: list) -> None:
        rows = {}
        for name, labels, value in samples:
            key = re.sub(r',?le="[^"]*"', "", labels)
            kind = name.rpartition("_")[2]
            rows.setdefault(key, {}).setdefault(kind, []).append((labels, value))
        for row in rows.values():
            buckets = [value for _, value in row["bucket"]]
            self.assertEqual(buckets, sorted(buckets))
            self.assertIn('le="+Inf"', row["bucket"][-1][0])
            self.assertEqual(buckets[-1], row["count"][0][1])

    def test_what_stays_over_a_reload_goes_on_counting_and_what_is_gone_disappears(self):
        listeners = [{"address": "127.0.0.1:0", "name": "web"}]
        routes = [{"path": "/", "upstream": "origins", "name": "site"},
                  {"path": "/old", "upstream": "origins", "name": "old"}]
        self.start(listeners=listeners, routes=routes)
        kept = Client(self.lbd.address)
        self.addCleanup(kept.close)
        for path in ("/", "/old", "/"):
            self.assertEqual(kept.send(get(path)).response().status, 200)
        self.assertEqual((self.requests("web", "site"), self.requests("web", "old")), (2, 1))
        labels = f'{{upstream="origins",endpoint="{self.origin.name}",outcome="answered"}}'
        routes[1] = {"path": "/new", "upstream": "origins", "name": "new"}
        self.lbd.configure(settings([self.origin.name], listeners=listeners, routes=routes))
        self.lbd.reload()
        for path in ("/", "/new"):
            self.assertEqual(kept.send(get(path)).response().status, 200)
        self.assertEqual((self.requests("web", "site"), self.requests("web", "new")), (3, 1))
        metrics = self.lbd.metrics()
        self.assertEqual(metrics["lbd_upstream_requests_total" + labels], 5)
        self.assertEqual(metrics['lbd_config_reloads_total{result="applied"}'], 1)
        self.assertFalse([key for key in metrics if 'route="old"' in key])

    @unittest.skipUnless(shutil.which("promtool"), "scripts/setup test brings it")
    def test_promtool_finds_no_fault_with_a_scrape(self):
        self.start(routes=[{"path": "/", "upstream": "origins", "name": 'a "name"'}], access_log={"enabled": False})
        for method in ("GET", "POST", "BREW"):
            ask(self.lbd.address, get(method=method))
        scrape = self.lbd.admin("/metrics").body
        self.assertGreater(scrape.count(b"# TYPE lbd_"), 30)

        def judge(text: bytes) -> subprocess.CompletedProcess:
            return subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, timeout=30)
        judged = judge(scrape)
        self.assertEqual((judged.returncode, judged.stdout + judged.stderr), (0, b""))
        self.assertNotEqual(judge(scrape.replace(b"lbd_retries_total", b"lbd_retries")).returncode, 0, "it says no to nothing")

    def test_what_limits_turn_away_is_counted_by_their_names_over_reloads(self):
        def routes(requests: int) -> list:
            return [{"path": "/", "upstream": "origins", "filters": [
                {"rate_limit": {"name": "api", "requests": requests, "per": "1h"}},
                {"concurrency_limit": {"name": "few", "requests": 1}}]}]

        def refused() -> tuple:
            metrics = self.lbd.metrics()
            return tuple(metrics[name] for name in ('lbd_ratelimited_total{zone="api"}',
                                                    'lbd_concurrency_limited_total{zone="few"}'))
        self.start(lambda request, connection: connection.is_ended(5) and None if request.target == "/hangs" else answer(),
                   routes=routes(3))
        self.assertEqual(refused(), (0, 0))
        with Client(self.lbd.address) as client:
            client.send(get("/hangs"))
            wait_until(lambda: self.origin.requests)
            self.assertEqual(ask(self.lbd.address, get()).status, 429)
        wait_until(lambda: self.lbd.metrics()["lbd_http_requests_active"] == 0)
        self.assertEqual([ask(self.lbd.address, get()).status for _ in range(3)], [200, 429, 429])
        self.assertEqual(refused(), (2, 1))
        self.lbd.configure(settings([self.origin.name], routes=routes(1)))
        self.lbd.reload()
        self.assertEqual(ask(self.lbd.address, get()).status, 429)
        self.assertEqual(refused(), (3, 1))

    def test_a_refused_reload_is_told(self):
        self.start()
        changed = settings([self.origin.name], workers=-1)
        self.lbd.configure(changed)
        self.lbd.process.send_signal(1)
        wait_until(lambda: self.lbd.metrics()['lbd_config_reloads_total{result="refused"}'] == 1)
        self.assertEqual(self.lbd.metrics()["lbd_config_last_reload_successful"], 0)

    def test_outcomes_and_timeouts_are_counted_where_they_belong(self):
        self.start(lambda request, connection: connection.is_ended(5) and None if request.target == "/slow"
                   else answer(status="500 No") if request.target == "/bad" else answer(),
                   upstream={"timeouts": {"first_byte": "100ms"}})
        self.assertEqual([ask(self.lbd.address, get(path)).status for path in ("/", "/bad", "/slow")], [200, 500, 504])
        metrics = self.settled()
        for outcome in ("answered", "server_error", "timeout"):
            labels = f'{{upstream="origins",endpoint="{self.origin.name}",outcome="{outcome}"}}'
            self.assertEqual(metrics["lbd_upstream_requests_total" + labels], 1)
        self.assertEqual(metrics['lbd_timeouts_total{kind="first_byte"}'], 1)


if __name__ == "__main__":
    unittest.main()
