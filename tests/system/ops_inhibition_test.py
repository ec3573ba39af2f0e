"""What Alertmanager holds back, by the fleet's own settings: what something greater explains, and nothing else."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import urllib.request

import yaml

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from support.ports import free_port  # noqa: E402

from lab.waiting import wait_until  # noqa: E402

SETTINGS = ROOT / "conf/alertmanager/alertmanager.yml"
SEVERITY = {rule["alert"]: rule["labels"]["severity"] for path in (ROOT / "conf/prometheus/rules").glob("*.yml")
            for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"] for rule in group["rules"] if "alert" in rule}
ENDPOINT = {"upstream": "bookd", "endpoint": "10.0.0.21:8080"}
# What is greater, what it explains, and its like that it does not: another node's, another upstream's, what wakes somebody by itself.
EXPLAINED = (
    ("NodeDown", {"instance": "app1"}, [("UpstreamDown", {"instance": "app1", **ENDPOINT}), ("TargetMissing", {"instance": "app1", "job": "bookd"}),
                                        ("DiskFull", {"instance": "app1"})],
     [("UpstreamDown", {"instance": "app2", **ENDPOINT}), ("TargetMissing", {"instance": "app2", "job": "bookd"}),
      ("UpstreamDown", ENDPOINT), ("VipDown", {"job": "probe"})]),
    ("VipDown", {"job": "probe"}, [("LbErrorBudgetBurnFast", {}), ("LbLatencyP99High", {"route": "/"}), ("LbRetriesHigh", {"instance": "lb1"})],
     [("LbPoolEmpty", {"instance": "lb1", "upstream": "bookd"}), ("VrrpNoActiveRouter", {"vrid": "51"})]),
    ("LbErrorBudgetBurnFast", {}, [("LbErrorBudgetBurnMedium", {}), ("LbErrorBudgetBurnSlow", {})], [("LbLatencyP99High", {"route": "/"})]),
    ("LbPoolEmpty", {"instance": "lb1", "upstream": "bookd"}, [("UpstreamDown", {"instance": "app1", **ENDPOINT})],
     [("UpstreamDown", {"instance": "app1", **ENDPOINT, "upstream": "other"})]),
    ("DbNoWritablePrimary", {}, [("AppNotReady", {"instance": "app1"}), ("AppOverloaded", {"instance": "app1"}),
                                 ("UpstreamDown", {"instance": "app1", **ENDPOINT})],
     [("DbReplicationStopped", {"instance": "db2"}), ("AdminLoginFailures", {})]),
)


def labels(name: str, more: dict, cluster: str) -> dict:
    return {"alertname": name, "severity": SEVERITY[name], "cluster": cluster, **more}


class Inhibition(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        place = pathlib.Path(scratch.name)
        # Nobody is told, on this machine or outside of it.
        text = re.sub(r"\n {2}http_config:\n {4}proxy_url: \S+", "", SETTINGS.read_text(encoding="utf-8"))
        text = re.sub(r"\b(group_wait): \d+s", r"\1: 1h", text).replace("/etc/alertmanager/slack-url", str(place / "slack-url"))
        (place / "slack-url").write_text("http://127.0.0.1:9/\n", encoding="ascii")
        (place / "alertmanager.yml").write_text(text.replace("templates/*.tmpl", f"{SETTINGS.parent}/templates/*.tmpl"), encoding="utf-8")
        cls.address = f"127.0.0.1:{free_port()}"
        with open(place / "said", "wb") as said:
            cls.manager = subprocess.Popen(
                ["prometheus-alertmanager", f"--config.file={place}/alertmanager.yml", f"--storage.path={place}/data",
                 f"--web.listen-address={cls.address}", "--cluster.listen-address="], stdout=said, stderr=said)
        cls.addClassCleanup(cls.manager.wait)
        cls.addClassCleanup(cls.manager.terminate)
        wait_until(cls.ready, 20, "Alertmanager is ready")

    @classmethod
    def ready(cls) -> bool:
        try:
            with urllib.request.urlopen(f"http://{cls.address}/-/ready", timeout=5):
                return True
        except OSError:
            return False

    @classmethod
    def tell(cls, alerts: list[dict]) -> None:
        content = json.dumps([{"labels": one} for one in alerts]).encode()
        with urllib.request.urlopen(urllib.request.Request(f"http://{cls.address}/api/v2/alerts", content,
                                                           {"Content-Type": "application/json"}), timeout=5):
            pass

    @classmethod
    def held_back(cls, cluster: str) -> dict[bool, list[dict]]:
        with urllib.request.urlopen(f"http://{cls.address}/api/v2/alerts?filter=cluster%3D%22{cluster}%22", timeout=5) as answer:
            told = json.load(answer)
        return {held: [one["labels"] for one in told if bool(one["status"]["inhibitedBy"]) == held] for held in (True, False)}

    def test_what_is_explained_is_held_back_and_its_like_is_not(self):
        for number, (greater, of, explained, others) in enumerate(EXPLAINED):
            cluster = f"case{number}"  # what is of another cluster explains nothing
            with self.subTest(greater=greater):
                held = [labels(name, more, cluster) for name, more in explained]
                free = [labels(name, more, cluster) for name, more in [(greater, of), *others]]
                self.tell(held + free)
                wait_until(lambda: len(self.held_back(cluster)[True]) >= len(held), 10, f"what {greater} explains")
                self.assertCountEqual(held, self.held_back(cluster)[True])
                self.assertCountEqual(free, self.held_back(cluster)[False])


if __name__ == "__main__":
    unittest.main()
