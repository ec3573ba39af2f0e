"""scripts/loadtest: a ladder of rates becomes one page, a service that fails ends it, and what happened stands where it did."""
import datetime
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True

from support.certificates import Authority  # noqa: E402
from support.lbd_process import Lbd  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.ports import free_port  # noqa: E402
from support.watcher import Watcher  # noqa: E402
from support.wire import wait_until  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Loadtest(unittest.TestCase):
    def run_ladder(self, target: str, *words: str) -> tuple[subprocess.CompletedProcess, str]:
        with tempfile.TemporaryDirectory() as folder:
            report = pathlib.Path(folder, "report.html")
            done = subprocess.run([str(ROOT / "scripts/loadtest"), "--target", target, "--step", "300ms", "--report", str(report),
                                   *words], capture_output=True, text=True, timeout=60, check=False, env=os.environ)
            return done, report.read_text(encoding="utf-8") if report.exists() else ""

    def test_each_rate_has_its_line_and_its_point(self):
        origin = Origin()
        self.addCleanup(origin.stop)
        done, page = self.run_ladder(origin.name, "--rates", "20,40,80")
        self.assertEqual(0, done.returncode, done.stderr)
        for rate, requests in ((20, 6), (40, 12), (80, 24)):
            self.assertRegex(page, rf"<td>{rate}/s</td><td>{requests}</td><td>0\.00 %</td><td>none</td>")
        self.assertEqual(4, len(re.findall(r"<polyline", page)))
        self.assertEqual(3, len(re.findall(r"<path", page)), "over time: p50, p99, what was answered")
        self.assertNotIn('class="failed"', page.split("</style>")[1])
        self.assertIn("Nothing was told of.", page)
        self.assertNotRegex(page, r'(src|href)=|<script', "nothing is loaded from anywhere")

    def test_a_service_that_fails_ends_the_ladder(self):
        origin = Origin(lambda *_: answer(status="500 Internal Server Error"))
        self.addCleanup(origin.stop)
        done, page = self.run_ladder(origin.name, "--rates", "20,40")
        self.assertEqual(1, done.returncode, done.stderr)
        self.assertIn("100.00 %", page)
        self.assertNotIn("<td>40/s</td>", page)
        self.assertIn("No higher rate was tried", page)

    def test_what_has_no_bound_is_refused(self):
        for words in (("--rates", "0"), ("--rates", "1,x"), ("--rates", "99999"), ("--step", "61s"), ("--step", "now"),
                      ("--prometheus", f"http://127.0.0.1:{free_port()}"), ("--event", '{"time": "soon", "text": "x"}')):
            done, _ = self.run_ladder("127.0.0.1:1", *words)
            self.assertEqual(2, done.returncode, words)

    def test_https_is_believed_by_its_authority_alone(self):
        authority, other = Authority(), Authority("another")
        self.addCleanup(authority.remove)
        self.addCleanup(other.remove)
        origin = Origin()
        self.addCleanup(origin.stop)
        origin.tls = authority.server_context(authority.make("origin", "127.0.0.1", "www.test"))
        for target, *words in ((f"https://{origin.name}",), (f"https://www.test:{origin.port}", "--address", "127.0.0.1")):
            done, page = self.run_ladder(target, "--rates", "20", "--ca", authority.file, *words)
            self.assertEqual(0, done.returncode, done.stderr)
            self.assertRegex(page, r"<td>20/s</td><td>6</td><td>0\.00 %</td><td>none</td>.*<td>6</td>", "six handshakes")
        done, page = self.run_ladder(f"https://{origin.name}", "--rates", "20", "--ca", other.file)
        self.assertEqual(1, done.returncode, done.stderr)
        self.assertIn("tls-distrusted 6, unable to get local issuer certificate 6", page)
        done, page = self.run_ladder(f"https://{origin.name}", "--rates", "20", "--unverified")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn("its certificate was not looked at", page)


class Meanwhile(unittest.TestCase):
    """Something is broken in the middle of a run."""

    def setUp(self):
        self.origins = [Origin(), Origin()]
        for origin in self.origins:
            self.addCleanup(origin.stop)
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def start(self, target: str, *words: str) -> subprocess.Popen:
        running = subprocess.Popen([str(ROOT / "scripts/loadtest"), "--target", target, "--report", str(self.folder / "page.html"), *words],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(running.stdin.close)
        self.addCleanup(running.stdout.close)
        self.addCleanup(running.stderr.close)
        self.addCleanup(running.kill)
        wait_until(lambda: sum(len(origin.whole) for origin in self.origins) > 20, what="the load")
        return running

    def end(self, running: subprocess.Popen) -> str:
        running.wait(60)
        self.assertEqual("", running.stderr.read())
        return (self.folder / "page.html").read_text(encoding="utf-8")

    def marks(self, page: str) -> dict[str, tuple[float, float]]:
        """What → (seconds after the beginning, seconds of the day); each has its line on the chart."""
        rows = re.findall(r"<tr><td>\d+</td><td>\+([\d.]+) s</td><td>(\S+)</td><td>([^<]*)</td>", page)
        self.assertEqual(len(rows), page.count('<g class="event">'))
        return {what: (float(after), self.of_day(at)) for after, at, what in rows}

    @staticmethod
    def of_day(clock: str) -> float:
        hours, minutes, seconds = clock.split(":")
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)

    def assert_at(self, instant: float, of_day: float, within: float) -> None:
        day = self.of_day(datetime.datetime.fromtimestamp(instant).strftime("%H:%M:%S.%f"))
        self.assertLessEqual(abs((of_day - day + 43200) % 86400 - 43200), within)

    def test_a_killed_application_is_a_mark_where_its_requests_begin_to_fail(self):
        """Told by hand and on the command line."""
        running = self.start(self.origins[0].name, "--rates", "100,50", "--step", "1500ms", "--events", "-", "--most-failed", "100",
                             "--event", "release 1.4 <b>", "--event", "+1s one second")
        killed = time.time()
        running.stdin.write("app1 is killed\n")
        running.stdin.flush()
        self.origins[0].stop()
        page = self.end(running)
        marks = self.marks(page)
        self.assertEqual(0.0, marks["release 1.4 &lt;b&gt;"][0])
        self.assertEqual(1.0, marks["one second"][0])
        self.assert_at(killed, marks["app1 is killed"][1], 1)
        failed = [float(after) for after in re.findall(r"<title>\+([\d.]+) s: [\d.]+ failed", page)]
        self.assertAlmostEqual(failed[0], marks["app1 is killed"][0], delta=1)
        for points in re.findall(r'<polyline points="([^"]*)"', page):
            self.assertEqual(1, len(points.split()), "a step without an answer has no latency")

    def test_a_file_is_read_when_it_is_over(self):
        written = self.folder / "events"
        running = self.start(self.origins[0].name, "--rates", "50", "--step", "1500ms", "--events", str(written))
        now = time.time()
        zone = datetime.datetime.fromtimestamp(now).astimezone()
        written.write_text(f"{zone.isoformat()} in words\n{json.dumps({'time': now, 'text': 'in JSON'})}\n{now - 3600} long ago\n"
                           "without a time\n", encoding="utf-8")
        running.wait(60)
        page = (self.folder / "page.html").read_text(encoding="utf-8")
        marks = self.marks(page)
        self.assertEqual({"in words", "in JSON"}, set(marks))
        for _, of_day in marks.values():
            self.assert_at(now, of_day, 0.2)
        for note in (f"{written}:4: no time: ISO 8601 or UNIX seconds stand first", "1 events were before or after it"):
            self.assertIn(note, page)
        self.assertEqual(2, len(running.stderr.read().splitlines()))

    def test_prometheus_tells_of_the_endpoint_that_was_lost_and_of_the_alert(self):
        lbd = Lbd([origin.name for origin in self.origins],
                  upstream={"check": {"enabled": True, "interval": "50ms", "timeout": "5s", "rise": 1, "fall": 1}})
        self.addCleanup(lbd.close)
        watcher = Watcher(lbd.admin_address)
        self.addCleanup(watcher.close)
        running = self.start("%s:%d" % lbd.address, "--rates", "50", "--step", "4s", "--prometheus", watcher.url)
        lost = self.origins[0]
        killed = time.time()
        lost.stop()
        marks = self.marks(self.end(running))
        out = marks[f"lb1: endpoint {lost.name} of origins is out"]
        self.assert_at(killed, out[1], 1.5)
        self.assertIn("lb1: alert EndpointDown fires", marks)
        self.assertFalse([what for what in marks if self.origins[1].name in what])


if __name__ == "__main__":
    unittest.main()
