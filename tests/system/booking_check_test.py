#!/usr/bin/python3
"""`bookd --check` reads what a start would read, and says of all that is wrong with it in which line it is named and what would be
right; with --file-only it reads the configuration alone."""
import pathlib
import re
import subprocess
import tempfile
import unittest

from support.bookd import KEYS, program
from support.certificates import Authority

FAULT = re.compile(r"^(?P<file>/\S+):(?P<line>\d+): (?P<path>[a-z_.]+): (?P<what>.+)$")
CONFIG = """http:
  tls:
    certificate_file: {folder}/app1.pem
    key_file: {folder}/app1.key
    client_ca_file: {folder}/ca.pem
database:
  nodes: ["127.0.0.1:1"]
  password_file: password
  tls:
    ca_file: {folder}/ca.pem
    certificate_file: {folder}/app1.pem
    key_file: {folder}/app1.key
privacy:
  keys_file: keys
notify:
  slack:
    url_file: slack
  webhook:
    url: https://shop.example/hook
    secret_file: webhook
ops:
  tls:
    ca_file: {folder}/ca.pem
    certificate_file: {folder}/app1.pem
    key_file: {folder}/app1.key
"""
SECRETS = {"password": "a password\n", "keys": KEYS, "slack": "https://slack.example/x\n", "webhook": "secret\n"}


class Check(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder = pathlib.Path(place.name)
        authority = Authority()
        self.addCleanup(authority.remove)
        for name, files in (("app1", authority.make("app1", "app1")), ("other", authority.make("other", "other"))):
            for kind, file in files.items():
                suffix = "pem" if kind == "certificate_file" else "key"
                (self.folder / f"{name}.{suffix}").write_bytes(pathlib.Path(file).read_bytes())
        (self.folder / "ca.pem").write_bytes(pathlib.Path(authority.file).read_bytes())
        for name, text in SECRETS.items():
            (self.folder / name).write_text(text, encoding="utf-8")
        self.config = self.folder / "bookd.yaml"
        self.config.write_text(CONFIG.format(folder=self.folder), encoding="utf-8")

    def check(self, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run([program(), "--config", self.config, "--check", *words], capture_output=True, text=True, timeout=20,
                              check=False)

    def faults(self) -> dict[str, tuple[int, str]]:
        """By path in the configuration: the line, and what was said."""
        done = self.check()
        self.assertEqual(done.returncode, 2, done.stderr)
        found = {}
        for line in done.stderr.splitlines():
            if said := FAULT.match(line):
                self.assertEqual(said["file"], str(self.config))
                self.assertRegex(said["what"], ".+[,:;] .+", "no word of what would be right")
                found[said["path"]] = (int(said["line"]), said["what"])
        return found

    def line_of(self, path: str) -> int:
        lines, at = self.config.read_text(encoding="utf-8").splitlines(), -1
        for key in path.split("."):
            at = next(i for i in range(at + 1, len(lines)) if lines[i].strip().startswith(key + ":"))
        return at + 1

    def test_what_is_all_there_is_right(self):
        done = self.check()
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_everything_that_cannot_be_read_is_said_at_once(self):
        for name in ("app1.pem", "app1.key", "ca.pem", *SECRETS):
            (self.folder / name).unlink()
        faults = self.faults()
        tls = [f"{where}.tls.{what}" for where in ("http", "database", "ops") for what in ("certificate_file", "key_file")]
        self.assertEqual(sorted(faults), sorted([
            *tls, "http.tls.client_ca_file", "database.tls.ca_file", "ops.tls.ca_file", "database.password_file",
            "privacy.keys_file", "notify.slack.url_file", "notify.webhook.secret_file"]))
        for path, (line, what) in faults.items():
            self.assertEqual(line, self.line_of(path), path)
            self.assertIn("No such file or directory", what, path)
        self.assertIn("bookd --new-keys", faults["privacy.keys_file"][1])
        # Where there are no secrets the configuration alone is looked at.
        self.assertEqual(self.check("--file-only").returncode, 0)

    def test_what_can_be_read_and_is_of_no_use_is_said_as_well(self):
        (self.folder / "ca.pem").write_text("no certificate\n", encoding="utf-8")
        (self.folder / "app1.key").write_bytes((self.folder / "other.key").read_bytes())
        (self.folder / "password").write_text("\n", encoding="utf-8")
        (self.folder / "keys").write_text("key 1 short\n", encoding="utf-8")
        faults = self.faults()
        self.assertIn("no certificate", faults["http.tls.client_ca_file"][1])
        self.assertIn("key of another certificate", faults["http.tls.key_file"][1])
        self.assertIn("no first line", faults["database.password_file"][1])
        self.assertIn("line 1", faults["privacy.keys_file"][1])
        self.assertNotIn("notify.slack.url_file", faults)
        for secret in ("short", "secret"):
            self.assertNotIn(f" {secret}", faults["privacy.keys_file"][1])
        # With a fault of the configuration itself beside them they are not held back.
        self.config.write_text(self.config.read_text(encoding="utf-8") + "web: {busines_name: x}\n", encoding="utf-8")
        self.assertLess(len(faults), len(self.faults()))

    def test_a_key_that_wants_a_pass_phrase_is_refused_and_nobody_is_asked(self):
        key = self.folder / "app1.key"
        sealed = subprocess.run(["openssl", "pkcs8", "-topk8", "-in", key, "-passout", "pass:word", "-v2", "aes256"], check=True,
                                capture_output=True)
        key.write_bytes(sealed.stdout)
        self.assertIn("without a pass phrase", self.faults()["http.tls.key_file"][1])

    def test_bookings_in_a_file_make_their_keys_and_the_check_does_not(self):
        self.config.write_text("privacy: {keys_file: none-yet}\n", encoding="utf-8")
        before = sorted(path.name for path in self.folder.iterdir())
        self.assertEqual(self.check().returncode, 0)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), before)


if __name__ == "__main__":
    unittest.main(verbosity=2)
