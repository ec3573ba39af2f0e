"""Rules of Prometheus and Alertmanager: each alert fires when it should, does not when it should not, and has its page."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

sys.dont_write_bytecode = True

from support.alert_cases import CASES  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROMETHEUS = ROOT / "conf/prometheus"
RUNBOOKS = ROOT / "docs/runbooks"
RULES = sorted((PROMETHEUS / "rules").glob("*.yml"))
ALERTS = {rule["alert"]: rule for file in RULES for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]
          for rule in group["rules"] if "alert" in rule}


def run(argv, **options):
    options = {"text": True, "capture_output": True, "timeout": 120, "check": False} | options
    return subprocess.run([str(word) for word in argv], **options)


def case_of(series: dict[str, str], case, number: int, fires: bool) -> dict:
    name = case.alert
    firing = f'alertname="{name}",alertstate="firing"'
    # As many as there should be, and no fewer that have the labels.
    asked = [firing] + ([f"{firing},{case.labels}"] if case.labels and fires else [])
    return {"name": f"{name} {number}: {'fires' if fires else 'does not fire'}", "interval": case.step,
            "input_series": [{"series": one, "values": values} for one, values in series.items()],
            "promql_expr_test": [{"expr": f"count(ALERTS{{{one}}})", "eval_time": case.after,
                                  "exp_samples": [{"labels": "{}", "value": case.count}] if fires else []} for one in asked]}


def alert(node: str, over: bool) -> dict:
    """As Alertmanager gives it to a template. Nine hours later in Seoul."""
    return {"status": "resolved" if over else "firing", "labels": {"instance": node}, "startsAt": "2026-11-29T17:00:05Z",
            "annotations": {"summary": f"{node} 요약", "description": f"{node} 설명", "runbook_url": f"https://page/{node}"},
            **({"endsAt": "2026-11-29T17:10:05Z"} if over else {})}


class Alerts(unittest.TestCase):
    def test_rules_and_settings_have_no_fault(self):
        with tempfile.TemporaryDirectory() as folder:
            place = pathlib.Path(folder, "prometheus")
            shutil.copytree(PROMETHEUS, place)
            shutil.copytree(ROOT / "conf/inventory/generated/prometheus", place / "targets")
            settings = place / "prometheus.yml"
            text = settings.read_text(encoding="utf-8")
            # promtool wants to see the files, not what is in them.
            for path in re.findall(r"/etc/mainstay/pki/([\w.]+)", text):
                pathlib.Path(folder, path).touch()
            settings.write_text(text.replace("/etc/mainstay/pki", folder), encoding="utf-8")
            done = run(["promtool", "check", "config", "--lint=all", "--lint-fatal", settings])
            self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        done = run(["promtool", "check", "rules", "--lint=all", "--lint-fatal", *RULES])
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        done = run(["prometheus-blackbox-exporter", f"--config.file={ROOT}/conf/blackbox/blackbox.yml", "--config.check"])
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    def test_each_alert_has_a_case(self):
        self.assertEqual(set(ALERTS), {case.alert for case in CASES})
        self.assertGreaterEqual(len(ALERTS), 25)

    def test_each_alert_fires_when_it_should_and_only_then(self):
        tests = []
        for number, case in enumerate(CASES):
            tests.append(case_of(case.fires, case, number, True))
            if case.alert != "Watchdog":
                self.assertNotEqual(case.fires, case.quiet)
                tests.append(case_of(case.quiet, case, number, False))
        self.assertEqual("", self.failures(tests))

    def test_a_wrong_expectation_is_noticed(self):
        case = next(case for case in CASES if case.alert == "NodeDown")
        self.assertIn("NodeDown", self.failures([case_of(case.quiet, case, 0, True)]))

    def failures(self, tests: list[dict]) -> str:
        """What promtool says of them; rules are evaluated as often as there are samples."""
        said = ""
        for step in sorted({test["interval"] for test in tests}):
            with tempfile.NamedTemporaryFile("w", suffix=".yml", encoding="utf-8") as file:
                yaml.safe_dump({"rule_files": [str(path) for path in RULES], "evaluation_interval": step,
                                "group_eval_order": ["slo", "traffic", "page", "ticket", "monitoring"],
                                "tests": [test for test in tests if test["interval"] == step]}, file)
                file.flush()
                done = run(["promtool", "test", "rules", file.name])
            said += "" if done.returncode == 0 else done.stdout + done.stderr
        return said

    def test_each_alert_says_what_it_is_and_where_to_read_on(self):
        linked = set()
        for name, rule in ALERTS.items():
            with self.subTest(alert=name):
                self.assertIn(rule["labels"]["severity"], ("page", "ticket", "none"))
                notes = rule["annotations"]
                self.assertEqual({"summary", "description", "runbook_url"}, set(notes))
                self.assertRegex(notes["summary"], "[가-힣]")
                page = notes["runbook_url"].removeprefix("{{ $externalLabels.runbooks }}/")
                linked.add(page)
                text = (RUNBOOKS / f"{page}.md").read_text(encoding="utf-8")
                self.assertIn(name, text)
                for section in ("## 무슨 뜻인가", "## 먼저 볼 것", "## 고치기"):
                    self.assertIn(section, text)
        pages = {path.stem for path in RUNBOOKS.glob("*.md")} - {"README"}
        self.assertEqual(pages, linked, "a page for an alert that is not there")

    def test_alertmanager_takes_its_settings_and_knows_whom_to_tell(self):
        config = ROOT / "conf/alertmanager/alertmanager.yml"
        done = run(["amtool", "check-config", config])
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        for name, rule in ALERTS.items():
            severity = rule["labels"]["severity"]
            told = run(["amtool", "config", "routes", "test", f"--config.file={config}", f"alertname={name}",
                        f"severity={severity}"]).stdout.strip()
            self.assertEqual({"page": "ops-critical", "ticket": "ops", "none": "heartbeat"}[severity], told, name)

    def test_what_inhibits_and_what_is_inhibited_are_alerts_that_exist(self):
        rules = yaml.safe_load((ROOT / "conf/alertmanager/alertmanager.yml").read_text(encoding="utf-8"))["inhibit_rules"]
        for rule in rules:
            for matcher in rule["source_matchers"] + rule["target_matchers"]:
                label, pattern = re.fullmatch(r'(\w+)=~?"(.*)"', matcher).groups()
                if label == "alertname":
                    for one in re.sub(r"\(([^)]*)\)", lambda found: found[0].replace("|", "\0"), pattern).split("|"):
                        wanted = re.compile(one.replace("\0", "|"))
                        self.assertTrue(any(wanted.fullmatch(name) for name in ALERTS), one)

    def words(self, *alerts: dict, severity: str = "ticket") -> tuple[str, str, str]:
        """Title, colour and text of a message that tells of these, by the template and Alertmanager's own engine."""
        status = "firing" if any(one["status"] == "firing" for one in alerts) else "resolved"
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
            json.dump({"status": status, "alerts": alerts, "groupLabels": {"alertname": "UnitFailed"},
                       "commonLabels": {"severity": severity}}, file)
            file.flush()
            said = [run(["amtool", "template", "render", f"--template.glob={ROOT}/conf/alertmanager/templates/*.tmpl",
                         f'--template.text={{{{ template "mainstay.{part}" . }}}}', f"--template.data={file.name}"],
                        env=os.environ | {"TZ": "Asia/Seoul"}, check=True).stdout.strip() for part in ("title", "color", "text")]
        return tuple(said)

    def test_a_message_says_which_of_its_alerts_is_over(self):
        title, colour, text = self.words(alert("app1", over=False), alert("app2", over=True))
        self.assertEqual(("⚠️ 확인 필요 · UnitFailed (2건)", "warning"), (title, colour))
        self.assertEqual(["*app1 요약*", "app1 설명", "노드 app1 · 시작 11-30 02:00:05", "대응 절차: https://page/app1",
                          "✅ 복구 *app2 요약*", "app2 설명", "노드 app2 · 시작 11-30 02:00:05 · 끝 11-30 02:10:05",
                          "대응 절차: https://page/app2"], text.splitlines())

    def test_a_message_of_one_kind_says_it_in_its_title_alone(self):
        title, colour, text = self.words(alert("app1", over=True), severity="page")
        self.assertEqual(("✅ 복구 · UnitFailed", "good"), (title, colour))
        self.assertNotIn("복구", text)
        title, colour, text = self.words(alert("app1", over=False), severity="page")
        self.assertEqual(("🚨 긴급 · UnitFailed", "danger"), (title, colour))
        self.assertNotIn("끝", text)

    def test_pages_name_only_programs_and_pages_that_exist(self):
        commands = ("lbctl ", "vrrpctl ", "dbctl ")
        helps = {page.partition(".")[0]: re.sub(r"\\f.", "", (ROOT / "docs/man" / page).read_text(encoding="utf-8"))
                 .replace("\\-", "-") for page in ("lbctl.1", "vrrpctl.1", "dbctl.8")}
        for path in RUNBOOKS.glob("*.md"):
            text = path.read_text(encoding="utf-8")
            for link in re.findall(r"\]\(([^)#]+)", text):
                if "://" not in link:
                    self.assertTrue((path.parent / link).exists(), f"{path.name}: {link}")
            for command in commands:
                for verb in re.findall(rf"{command}([a-z-]+)", text):
                    self.assertRegex(helps[command.strip()], rf"\b{verb}\b", f"{path.name}: {command}{verb}")


if __name__ == "__main__":
    unittest.main()
