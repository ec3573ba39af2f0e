"""docker-compose.yml and the Dockerfile: what the tools read, and what is promised of each
container. No engine runs here: what an engine would be told is what is looked at. tests/system/containers brings it up."""
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

from support.certificates import Authority

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("MAINSTAY_BIN") or ROOT / "build" / "release" / "bin").resolve()
DOCKERFILE = (ROOT / "conf/images/Dockerfile").read_text(encoding="utf-8")
OWN = "mainstay/"
PROFILES = ("app", "obs", "backup")
RUNS_ONCE = "pair"


def run(argv, **options):
    options = {"text": True, "capture_output": True, "timeout": 60, "check": False} | options
    return subprocess.run([str(word) for word in argv], **options)


def composed() -> dict:
    """What docker-compose makes of the file, anchors and merges resolved."""
    done = run(["docker-compose", "-f", ROOT / "docker-compose.yml", *(word for one in PROFILES for word in ("--profile", one)), "config"], cwd=ROOT)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return yaml.safe_load(done.stdout)


class Compose(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.whole = composed()
        cls.services = cls.whole["services"]
        authority = Authority()
        files = authority.make("lbd", "localhost")
        cls.certificate = {name: pathlib.Path(files[file]).read_text(encoding="ascii")
                           for name, file in (("lbd-certificate", "certificate_file"), ("lbd-key", "key_file"))}
        cls.certificate["bookd-keys"] = run([BIN / "bookd", "--new-keys"]).stdout
        authority.remove()

    def test_a_service_is_in_a_profile_and_the_parts_are_there(self):
        """What watches, or takes backups, brings along what it is for: each profile can be brought up alone."""
        by_profile = {profile: {name for name, service in self.services.items() if profile in service["profiles"]} for profile in PROFILES}
        app = {"db1", "db2", RUNS_ONCE, "app1", "app2", "lbd"}
        self.assertEqual({"app": app, "backup": app | {"backup", "vault"},
                          "obs": app | {"node", "mysqld1", "mysqld2", "blackbox", "prometheus", "alertmanager", "grafana", "loki", "shipper"}},
                         by_profile)
        for profile, members in by_profile.items():
            for name in members:
                self.assertLessEqual(set(self.services[name].get("depends_on", {})), members, f"{profile}: {name}")

    def test_prometheus_asks_everybody_whom_a_rule_is_about(self):
        """By the names of jobs: a rule about one that is not there fires for ever, or never."""
        fleet, here = (yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))["scrape_configs"]
                       for path in ("conf/prometheus/prometheus.yml", "conf/compose/prometheus.yml"))
        # Nobody has a virtual address to move, and the machine is none of the fleet's nodes.
        self.assertEqual({one["job_name"] for one in fleet} - {"vrrpd", "node"} | {"machine"}, {one["job_name"] for one in here})
        for one in here:
            for target in one["static_configs"][0]["targets"]:
                host = target.partition(":")[0]
                addresses = {place["ipv4_address"] for service in self.services.values()
                             for place in (service.get("networks") or {}).values() if place}
                self.assertTrue(host == "127.0.0.1" or host in addresses or host in self.services, target)

    def test_the_private_key_is_not_where_the_database_is(self):
        vault = self.services["vault"]
        self.assertEqual("none", vault["network_mode"])
        for name, service in self.services.items():
            with self.subTest(service=name):
                has_key = "backup-identity" in [one["source"] for one in service.get("secrets", [])]
                self.assertEqual(name == "vault", has_key)
        self.assertFalse([volume for volume in vault["volumes"] if volume.startswith("db")])

    def test_no_container_is_root_or_may_become_it_or_writes_to_its_root(self):
        for name, service in self.services.items():
            with self.subTest(service=name):
                self.assertRegex(service["user"], r"^[1-9]\d*:\d+$")
                self.assertTrue(service["read_only"])
                self.assertEqual(["ALL"], service["cap_drop"])
                self.assertIn("no-new-privileges:true", service["security_opt"])
                self.assertNotIn("privileged", service)

    def test_each_has_limits_and_says_whether_it_is_well(self):
        for name, service in self.services.items():
            with self.subTest(service=name):
                self.assertTrue(service["mem_limit"] and service["pids_limit"])
                if name != RUNS_ONCE:
                    self.assertTrue(service["healthcheck"]["test"])

    def test_only_the_load_balancer_is_open_to_others(self):
        opened = {name for name, service in self.services.items() for port in service.get("ports", [])
                  if not str(port).startswith("127.0.0.1:")}
        self.assertEqual({"lbd"}, opened)
        self.assertTrue(self.whole["networks"]["inner"]["internal"])
        for name in ("db1", "db2", "app1", "app2"):
            self.assertEqual(["inner"], list(self.services[name]["networks"]))

    def test_what_is_mounted_from_here_is_here_and_read_only(self):
        for name, service in self.services.items():
            for volume in service.get("volumes", []):
                source, _, rest = volume.partition(":")
                if source.startswith("/"):
                    with self.subTest(service=name, volume=source):
                        self.assertTrue(pathlib.Path(source).exists())
                        self.assertTrue(rest.endswith(":ro"))

    def test_images_of_ours_are_targets_of_the_dockerfile(self):
        targets = set(re.findall(r"^FROM \S+ AS (\w+)$", DOCKERFILE, flags=re.M))
        for name, service in self.services.items():
            if service["image"].startswith(OWN):
                self.assertIn(service["build"]["target"], targets, name)
            else:
                self.assertRegex(service["image"], r":v?\d+\.\d+", f"{name}: an image without a version")

    def test_the_programs_take_the_configurations(self):
        with tempfile.TemporaryDirectory() as folder:
            for program in ("lbd", "bookd"):
                self.assert_takes(program, ROOT / f"conf/compose/{program}.yaml", folder)
            done = run([BIN / "dbctl", "check", "--config", self.with_secrets(ROOT / "conf/compose/dbctl.yaml", folder)])
            self.assertEqual(0, done.returncode, done.stderr)
            place = pathlib.Path(folder, "prometheus")
            shutil.copytree(ROOT / "conf/prometheus", place)
            shutil.copy(ROOT / "conf/compose/prometheus.yml", place / "prometheus.yml")
            done = run(["promtool", "check", "config", "--lint=all", "--lint-fatal", place / "prometheus.yml"])
            self.assertEqual(0, done.returncode, done.stdout + done.stderr)
            done = run(["amtool", "check-config", self.with_secrets(ROOT / "conf/compose/alertmanager.yml", folder)])
            self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    def assert_takes(self, program: str, path: pathlib.Path, folder: str) -> None:
        done = run([BIN / program, "--config", self.with_secrets(path, folder), "--check"])
        self.assertEqual(0, done.returncode, f"{path}: {done.stderr}")

    def with_secrets(self, path: pathlib.Path, folder: str) -> pathlib.Path:
        """A copy that finds its secrets here."""
        text = path.read_text(encoding="utf-8").replace("/etc/alertmanager/templates", str(ROOT / "conf/alertmanager/templates"))
        for name in re.findall(r"/run/secrets/([\w-]+)", text):
            secret = pathlib.Path(folder, name)
            secret.write_text(self.certificate.get(name, "password\n"), encoding="utf-8")
            secret.chmod(0o600)
        copy = pathlib.Path(folder, path.name)
        copy.write_text(text.replace("/run/secrets", folder), encoding="utf-8")
        return copy

    def test_the_shippers_settings_are_right(self):
        with tempfile.TemporaryDirectory() as folder:
            text = (ROOT / "conf/compose/syslog-ng.conf").read_text(encoding="utf-8")
            config = pathlib.Path(folder, "syslog-ng.conf")
            config.write_text(text.replace("/etc/syslog-ng/loki.conf", str(ROOT / "conf/syslog-ng/loki.conf")), encoding="utf-8")
            done = run(["syslog-ng", "--syntax-only", "-f", config])
            self.assertEqual((0, ""), (done.returncode, done.stderr))


class Dockerfile(unittest.TestCase):
    def test_the_base_is_an_argument_and_everything_else_is_built_on_it(self):
        self.assertTrue(re.search(r"^ARG BASE_IMAGE=", DOCKERFILE, flags=re.M))
        (base, name), *others = re.findall(r"^FROM (\S+) AS (\w+)$", DOCKERFILE, flags=re.M)
        self.assertEqual("${BASE_IMAGE}", base)
        built = {name}
        for base, name in others:
            self.assertIn(base, built)
            built.add(name)

    def test_it_copies_what_there_is_or_what_the_packages_make(self):
        for words in re.findall(r"^COPY (.+) \S+$", DOCKERFILE, flags=re.M):
            for path in words.split():
                if not path.startswith("build/release/mainstay-"):
                    self.assertTrue((ROOT / path).exists(), path)

    def test_the_engine_is_sent_what_is_copied_and_nothing_else(self):
        """No secret, and no build of some gigabytes, becomes a part of what images are made of."""
        sent = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        kept = [line[1:] for line in sent if line.startswith("!")]
        self.assertEqual(["*"], [line for line in sent if line and line[0] not in "#!"])
        copied = {path for words in re.findall(r"^COPY (.+) \S+$", DOCKERFILE, flags=re.M) for path in words.split()}
        for path in copied:
            self.assertTrue(any(pathlib.PurePath(path).match(one) or path.startswith(one + "/") for one in kept), path)
        for one in kept:
            self.assertTrue(one == "conf/images" or any(path.startswith(one) or pathlib.PurePath(path).match(one) for path in copied), one)

    def test_entry_points_are_shell_scripts_without_a_fault(self):
        for name in ("mariadb-entrypoint", "backup-entrypoint"):
            done = run(["shellcheck", ROOT / "conf/images" / name])
            self.assertEqual(0, done.returncode, done.stdout)



if __name__ == "__main__":
    unittest.main()
