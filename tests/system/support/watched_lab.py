"""The six nodes with all that watches them: exporters, Prometheus and Alertmanager with the fleet's own settings."""
import json
import pathlib
import re
import shutil
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))

from lab import Lab, daemons, mariadb  # noqa: E402
from lab.service import Ready, Service  # noqa: E402
from lab.stack import APPS, DATABASES, PRIORITIES, Stack  # noqa: E402
from lab.topology import INNER  # noqa: E402

INNER_VIP = "10.0.0.100"
PROXY_PORT = 3128
WATCHER = "app1"
GENERATED = ROOT / "conf/inventory/generated"
# Collectors whose metrics are asked for; the others cost time at each scrape.
COLLECTORS = ("cpu", "meminfo", "filesystem", "netdev", "pressure", "loadavg", "diskstats", "timex", "stat", "textfile")


def exposed(service: Service, address: str) -> Service:
    """The operator's door also where Prometheus comes from, as on a real node; a lab of the daemons alone has no need."""
    path = pathlib.Path(service.argv[-1])
    text = path.read_text(encoding="utf-8")
    door = re.search(r"listen: 127\.0\.0\.1:(\d+)", text)[1]
    listen = f"0.0.0.0:{door}" if service.name == "bookd" else f'["127.0.0.1:{door}", "{address}:{door}"]'
    path.write_text(text.replace(f"listen: 127.0.0.1:{door}", f"listen: {listen}"), encoding="utf-8")
    return service


class WatchedLab:
    def __init__(self):
        self.lab = Lab()
        self.stack = Stack(self.lab)
        self.slack_file = pathlib.Path(self.lab.directory, "slack.jsonl")
        self.slack_file.touch()

    def down(self) -> None:
        self.lab.down()

    def start(self) -> None:
        self.stack.start_databases()
        databases, proxies = ([self.lab[name] for name in names] for names in (DATABASES, PRIORITIES))
        for name in APPS:
            node = self.lab[name]
            node.start(exposed(daemons.bookd(node, databases, proxies), node.address(INNER)), wait=False)
        for name in APPS:
            self.lab[name].wait_ready("bookd")
        for name, priority in PRIORITIES.items():
            node = self.lab[name]
            node.start(exposed(daemons.lbd(node, [self.lab[app] for app in APPS]), node.address(INNER)))
            node.start(exposed(daemons.vrrpd(node, priority), node.address(INNER)))
        self.stack.wait_vip_owner("lb1")
        self.start_exporters()
        self.start_watcher()

    def start_exporters(self) -> None:
        for name, node in self.lab.nodes.items():
            if name == "client":
                continue
            address = node.address(INNER)
            textfiles = pathlib.Path(node.directory, "textfile")
            textfiles.mkdir()
            node.run([str(ROOT / "scripts/node-metrics"), str(textfiles)], env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
            node.start(Service("node-exporter", [
                "prometheus-node-exporter", f"--web.listen-address={address}:9100", "--collector.disable-defaults",
                f"--collector.textfile.directory={textfiles}", *(f"--collector.{one}" for one in COLLECTORS)],
                ready=Ready("tcp", address, 9100)))
            if name in DATABASES:
                node.start(Service("mysqld-exporter", ["prometheus-mysqld-exporter", f"--web.listen-address={address}:9104"],
                                   env={"DATA_SOURCE_NAME": f"root@unix({node.directory}/mariadb.sock)/"},
                                   ready=Ready("tcp", address, 9104)))
            if name in PRIORITIES:
                node.start(Service("blackbox", ["prometheus-blackbox-exporter", f"--web.listen-address={address}:9115",
                                                f"--config.file={ROOT}/conf/blackbox/blackbox.yml"],
                                   ready=Ready("tcp", address, 9115)))

    def start_watcher(self) -> None:
        lb1, node = self.lab["lb1"], self.lab[WATCHER]
        lb1.run(["ip", "addr", "add", f"{INNER_VIP}/24", "dev", "in0"])
        lb1.start(Service("slack", ["/usr/bin/python3", str(ROOT / "tests/system/support/slack_stub.py"), INNER_VIP,
                                    str(PROXY_PORT), str(self.slack_file)], ready=Ready("tcp", INNER_VIP, PROXY_PORT)))
        place = pathlib.Path(node.directory, "watcher")
        shutil.copytree(ROOT / "conf/prometheus", place / "prometheus")
        shutil.copytree(GENERATED / "prometheus", place / "prometheus/targets")
        shutil.copytree(ROOT / "conf/alertmanager", place / "alertmanager")
        self.hasten(place)
        node.start(Service("alertmanager", [
            "prometheus-alertmanager", f"--config.file={place}/alertmanager/alertmanager.yml", f"--storage.path={place}/am",
            f"--web.listen-address={node.address(INNER)}:9093", "--cluster.listen-address="],
            ready=Ready("tcp", node.address(INNER), 9093)))
        node.start(Service("prometheus", [
            "prometheus", f"--config.file={place}/prometheus/prometheus.yml", f"--storage.tsdb.path={place}/data",
            f"--web.listen-address={node.address(INNER)}:9090"], ready=Ready("http", node.address(INNER), 9090, "/-/ready")))

    @staticmethod
    def hasten(place: pathlib.Path) -> None:
        """The fleet's settings with every wait a second, and one watcher in place of two."""
        for path in [*place.rglob("*.yml")]:
            text = path.read_text(encoding="utf-8")
            text = re.sub(r"(\bfor|scrape_interval|evaluation_interval|group_wait|group_interval|scrape_timeout): \d+[smh]", r"\1: 1s", text)
            text = text.replace("/etc/alertmanager/slack-url", str(place / "slack-url"))
            # Nor have the exporters; that the fleet asks over TLS, scripts/test --fleet looks at.
            text = re.sub(r"\n +(scheme: https|tls_config: .*)", "", text)
            text = text.replace("page_tls", "page").replace('"https://192.168.10.100/"', '"http://192.168.10.100/"')  # lbd has no certificate here
            path.write_text(text, encoding="utf-8")
        (place / "slack-url").write_text("http://slack.stub/services/T0/B0/secret\n", encoding="utf-8")
        for job in ("prometheus", "alertmanager"):
            path = place / f"prometheus/targets/{job}.json"
            groups = [group for group in json.loads(path.read_text(encoding="utf-8")) if group["labels"]["instance"] == WATCHER]
            path.write_text(json.dumps(groups), encoding="utf-8")

    def ask(self, path: str, **parameters) -> dict:
        """Prometheus' API."""
        node = self.lab[WATCHER]
        url = f"http://{node.address(INNER)}:9090/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        return json.loads(node.run(["curl", "--silent", "--max-time", "5", url]).stdout or '{"status": "nothing"}')

    def values(self, expression: str) -> list[dict]:
        answer = self.ask("query", query=expression)
        if answer["status"] != "success":
            raise AssertionError(f"{expression}: {answer.get('error')}")
        return answer["data"]["result"] if answer["data"]["resultType"] == "vector" else [answer["data"]["result"]]

    def slack(self) -> list[dict]:
        return [json.loads(line) for line in self.slack_file.read_text(encoding="utf-8").splitlines()]

    def stop_replication(self) -> None:
        mariadb.query(self.lab["db2"], "STOP SLAVE")

    def start_replication(self) -> None:
        mariadb.query(self.lab["db2"], "START SLAVE")
