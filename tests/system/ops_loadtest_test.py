"""scripts/loadtest: a ladder of rates becomes one page, and a service that fails ends it."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

from support.origin import Origin, answer  # noqa: E402

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
        for words in (("--rates", "0"), ("--rates", "1,x"), ("--rates", "99999"), ("--step", "61s"), ("--step", "now")):
            done, _ = self.run_ladder("127.0.0.1:1", *words)
            self.assertEqual(2, done.returncode, words)


if __name__ == "__main__":
    unittest.main()
