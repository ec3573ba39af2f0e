"""Prometheus with one load balancer to watch, five times a second, and one rule."""
import pathlib
import shutil
import subprocess
import tempfile
import urllib.parse
import urllib.request

from .lbd_process import die_with_the_test
from .ports import free_port
from .wire import wait_until

SETTINGS = """
global: {{scrape_interval: 200ms, scrape_timeout: 200ms, evaluation_interval: 200ms}}
rule_files: [rules.yml]
scrape_configs:
  - job_name: lbd
    static_configs: [{{targets: ["{target}"], labels: {{instance: lb1}}}}]
"""
RULES = """
groups: [{name: test, rules: [{alert: EndpointDown, expr: min by (instance) (lbd_upstream_up) == 0}]}]
"""


class Watcher:
    def __init__(self, target: tuple[str, int]):
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="watcher-"))
        (self._folder / "prometheus.yml").write_text(SETTINGS.format(target="%s:%d" % target), encoding="ascii")
        (self._folder / "rules.yml").write_text(RULES, encoding="ascii")
        address = f"127.0.0.1:{free_port()}"
        self.url = f"http://{address}"
        with open(self._folder / "log", "wb") as log:
            self._process = subprocess.Popen(
                ["prometheus", f"--config.file={self._folder}/prometheus.yml", f"--storage.tsdb.path={self._folder}/data",
                 f"--web.listen-address={address}"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=die_with_the_test)
        try:
            wait_until(lambda: b'"1"' in self._ask("up == 1"), what=f"Prometheus scrapes {target}")
        except BaseException:
            self.close()
            raise

    def _ask(self, expression: str) -> bytes:
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/query?query={urllib.parse.quote(expression)}", timeout=5) as answer:
                return answer.read()
        except OSError:
            return b""

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._folder)
