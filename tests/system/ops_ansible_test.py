"""The playbook reads without a fault, and each role is one that a play uses. That it works: scripts/test --fleet."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
ANSIBLE = ROOT / "conf/ansible"
BIN = pathlib.Path(os.environ.get("MAINSTAY_BIN") or ROOT / "build/release/bin").resolve()
ROLES = {path.name for path in (ANSIBLE / "roles").iterdir()}


def run(argv, **options):
    with tempfile.TemporaryDirectory() as home:  # Ansible keeps things at home
        options = {"text": True, "capture_output": True, "timeout": 120, "check": False, "cwd": ANSIBLE} | options
        env = os.environ | {"HOME": home, "ANSIBLE_HOME": home, "ANSIBLE_LOCAL_TEMP": home, "NO_COLOR": "1", "XDG_CACHE_HOME": home}
        return subprocess.run(argv, env=env, **options)


class Playbook(unittest.TestCase):
    def test_ansible_reads_it(self):
        done = run(["ansible-playbook", "--syntax-check", "site.yml"])
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    def test_yamllint_finds_nothing(self):
        done = run(["yamllint", "--strict", "."])
        self.assertEqual((0, ""), (done.returncode, done.stdout))

    def test_ansible_lint_finds_nothing(self):
        done = run(["ansible-lint", "--offline", "--nocolor", "-q", "site.yml"])
        self.assertEqual(0, done.returncode, done.stdout[-3000:] + done.stderr[-2000:])

    def test_every_role_has_its_play_and_its_tag(self):
        plays = yaml.safe_load((ANSIBLE / "site.yml").read_text(encoding="utf-8"))
        used = {role["role"] for play in plays for role in play["roles"]}
        self.assertEqual(ROLES - {"package"}, used)  # package is called by others
        for play in plays:
            for role in play["roles"]:
                self.assertTrue(role["tags"])
        self.assertLessEqual({"base", "ssh", "firewall", "pki", "lb", "vrrp", "app", "db", "backup", "monitoring"}, used)

    def test_what_is_copied_from_the_repository_is_there(self):
        places = {"fleet_conf": ROOT / "conf", "fleet_generated": ROOT / "conf/inventory/generated"}
        count = 0
        for path in (ANSIBLE / "roles").rglob("*.*"):
            for place, name in re.findall(r"(fleet_conf|fleet_generated)(?: \}\}/|\s*\+ ')(/?[\w./-]+)", path.read_text(encoding="utf-8")):
                if not name.endswith("/"):
                    count += 1
                    self.assertTrue((places[place] / name.lstrip("/")).exists(), f"{path.relative_to(ROOT)}: {name}")
        self.assertGreater(count, 6)

    def test_the_programs_take_what_the_templates_make(self):
        with tempfile.TemporaryDirectory() as folder:
            place = pathlib.Path(folder)
            (place / "operator.pub").write_text("ssh-ed25519 AAAA operator\n", encoding="utf-8")
            for name in ("bookd-keys", "bookd-database-password", "dbctl.password", "replication.password", "vrrpd.key", "lbd.token", "slack-url"):
                (place / name).write_text("password-of-sixteen\n", encoding="utf-8")
                (place / name).chmod(0o600)
            (place / "bookd-keys").write_text(run([BIN / "bookd", "--new-keys"]).stdout, encoding="utf-8")
            run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
                 "-subj", "/CN=lb1", "-keyout", "node.key", "-out", "node.pem"], cwd=folder)
            given = {"fleet_secrets": folder, "fleet_pki": folder, "fleet_vrrp_key": f"{folder}/vrrpd.key", "fleet_lbd_token": f"{folder}/lbd.token",
                     "fleet_slack_url": "https://hooks.slack.com/services/T0/B0/x"}
            shutil.copy(place / "node.pem", place / "ca.pem")  # its own authority
            for host, role, template, check in (("lb1", "lb", "lbd.yaml", ["lbd", "--check", "--config"]),
                                                ("lb2", "vrrp", "vrrpd.yaml", ["vrrpd", "--check", "--file-only", "--config"]),
                                                ("app1", "app", "bookd.yaml", ["bookd", "--check", "--config"]),
                                                ("app1", "pair", "dbctl.yaml", ["dbctl", "check", "--config"])):
                with self.subTest(template=template):
                    source = ANSIBLE / "roles" / role / "templates" / f"{template}.j2"
                    done = run(["ansible", "--playbook-dir", ".", "--connection", "local", "-e", json.dumps(given), host,
                                "-m", "ansible.builtin.template", "-a", f"src={source} dest={place / template}"])
                    self.assertEqual(0, done.returncode, done.stdout + done.stderr)
                    done = run([BIN / check[0], *check[1:], str(place / template)])
                    self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    def test_each_account_of_the_database_is_of_one_machine_and_its_certificate(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("accounts.sql", "backup_accounts.sql"):
                done = run(["ansible", "--playbook-dir", ".", "--connection", "local", "-e", json.dumps({"fleet_secrets": folder}), "db2", "-m",
                            "ansible.builtin.template", "-a", f"src={ANSIBLE}/roles/db/templates/{name}.j2 dest={folder}/{name}"])
                self.assertEqual(0, done.returncode, done.stdout + done.stderr)
            accounts = "".join(path.read_text(encoding="utf-8") for path in pathlib.Path(folder).glob("*.sql"))
        statements = re.sub(r"(?m)^--.*", "", accounts)
        self.assertNotIn("%", statements)
        issuer = re.search(r'-subj "(/O=[^"]+)" \\$', (ROOT / "scripts/pki").read_text(encoding="utf-8"), flags=re.M)[1]
        made = re.findall(rf"'(\w+)'@'([\d.]+)' IDENTIFIED BY '\w{{32}}' REQUIRE SUBJECT '/O=Mainstay/CN=(\w+)' AND ISSUER '{issuer}';", statements)
        self.assertEqual({("bookd", "10.0.0.21", "app1"), ("bookd", "10.0.0.22", "app2"), ("dbctl", "10.0.0.21", "app1"),
                          ("archive", "10.0.0.22", "app2"),
                          ("replication", "10.0.0.31", "db1"), ("replication", "10.0.0.32", "db2")}, set(made))
        granted = set(re.findall(r"TO '(\w+)'@'([\d.]+)'", statements))
        self.assertEqual({(account, address) for account, address, _ in made}, granted)

    def test_handlers_that_are_called_exist(self):
        for role in ROLES:
            folder = ANSIBLE / "roles" / role
            handlers = {one["name"] for path in folder.glob("handlers/*.yml") for one in yaml.safe_load(path.read_text(encoding="utf-8"))}
            for path in folder.glob("tasks/*.yml"):
                for name in re.findall(r"notify: (.+)", path.read_text(encoding="utf-8")):
                    self.assertIn(name, handlers, role)

    def test_no_password_is_in_the_repository_or_in_a_log(self):
        for path in (ANSIBLE / "roles").rglob("*.yml"):
            for task in yaml.safe_load(path.read_text(encoding="utf-8")) or []:
                text = yaml.safe_dump(task)
                if "lookup('password'" in text or "accounts.sql" in text or "slack_url" in text:
                    self.assertTrue(task.get("no_log"), f"{path.relative_to(ROOT)}: {task['name']}")


if __name__ == "__main__":
    unittest.main()
