"""The fleet under load from outside, as an operator asks for it: scripts/loadtest over https, with Prometheus' word for what happened."""
import re
import subprocess
import unittest

import guest
from raised import ROOT, VIP, fleet, note

from lab.waiting import tcp_answers, wait_until

WATCHER, PROMETHEUS = "app1", 9090
RATES, STEP_SECONDS = (20, 60), 2
LADDER_SECONDS = 60


class Load(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        guest.arrive()
        # Prometheus listens on its node alone; docs/install.md has this way to it.
        cls.way = fleet().lab["client"].spawn(["ssh", "-F", str(fleet().ssh_config), "-N", "-L", f"{PROMETHEUS}:127.0.0.1:{PROMETHEUS}", WATCHER],
                                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cls.addClassCleanup(cls.way.wait)
        cls.addClassCleanup(cls.way.terminate)
        wait_until(lambda: tcp_answers(fleet().lab["client"].namespace, "127.0.0.1", PROMETHEUS), guest.READY_SECONDS, "the way to Prometheus")

    def climb(self, *words: str) -> tuple[subprocess.CompletedProcess, str]:
        report = fleet().place / "loadtest.html"
        report.unlink(missing_ok=True)
        done = fleet().lab["client"].run([str(ROOT / "scripts/loadtest"), "--target", f"https://{VIP}", "--report", str(report), *words],
                                         timeout=LADDER_SECONDS)
        return done, report.read_text(encoding="utf-8") if report.exists() else done.stderr

    def test_a_ladder_over_https_costs_no_request(self):
        done, page = self.climb("--ca", str(guest.authority()), "--rates", ",".join(map(str, RATES)), "--step", f"{STEP_SECONDS}s",
                                "--prometheus", f"http://127.0.0.1:{PROMETHEUS}", "--event", "a test of the fleet")
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        for rate in RATES:
            count = rate * STEP_SECONDS
            self.assertRegex(page, rf"<td>{rate}/s</td><td>{count}</td><td>0\.00 %</td><td>none</td>.*<td>{count}</td><td>[\d.]+</td></tr>")
        self.assertIn("a test of the fleet", page)
        slowest = max(float(line.split()[4]) for line in done.stdout.splitlines() if "p99" in line)
        told = len(re.findall(r"<td>Prometheus</td>", page))
        note(f"scripts/loadtest over https at {', '.join(map(str, RATES))} a second: none failed, p99 {slowest:.0f} ms, {told} events by Prometheus")

    def test_who_does_not_know_the_authority_asks_nothing(self):
        done, page = self.climb("--rates", "10", "--step", "500ms")
        self.assertEqual(1, done.returncode)
        self.assertRegex(page, r"<td>10/s</td><td>5</td><td>100\.00 %</td><td>tls-distrusted 5, ")
