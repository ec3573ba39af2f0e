"""scripts/pki: the authority signs what it knows, not what it is told; a node renews in time and never ends up with less."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PKI = str(ROOT / "scripts/pki")


class Pki(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.authority, self.node, self.hooks = (self.folder / name for name in ("authority", "node", "hooks"))
        self.node.mkdir()
        self.hooks.mkdir()
        hook = self.hooks / "reload"
        hook.write_text(f"#!/bin/sh\necho reloaded >>{self.folder}/hooked\n", encoding="utf-8")
        hook.chmod(0o755)
        self.run_pki("authority", str(self.authority))
        (self.node / "ca.pem").write_bytes((self.authority / "ca.pem").read_bytes())
        self.signing = f"{PKI} sign {self.authority} lb1 10.0.0.11,192.168.10.100,fd00::b,ops.fleet.example"

    def run_pki(self, *words: str, status: int = 0, **environment) -> str:
        done = subprocess.run([PKI, *words], capture_output=True, text=True, timeout=20, check=False,
                              env=os.environ | environment)
        self.assertEqual(status, done.returncode, done.stderr)
        return done.stderr if status else done.stdout

    def renew(self, *words: str, status: int = 0, signing: str | None = None, left: int = 7) -> str:
        return self.run_pki("renew", *words, status=status, PKI_DIRECTORY=str(self.node), PKI_HOOKS=str(self.hooks),
                            PKI_SIGN=signing or self.signing, PKI_LEFT_DAYS=str(left))

    def openssl(self, *words: str) -> str:
        return subprocess.run(["openssl", *words], capture_output=True, text=True, timeout=10, check=True).stdout

    def serial(self) -> str:
        return self.openssl("x509", "-noout", "-serial", "-in", str(self.node / "node.pem"))

    def hooked(self) -> int:
        path = self.folder / "hooked"
        return len(path.read_text().splitlines()) if path.exists() else 0

    def test_a_first_certificate_names_the_node_and_its_addresses(self):
        self.renew()
        self.assertIn(": OK", self.openssl("verify", "-CAfile", str(self.node / "ca.pem"), "-purpose", "sslserver",
                                           str(self.node / "node.pem")))
        text = self.openssl("x509", "-noout", "-text", "-in", str(self.node / "node.pem"))
        self.assertIn("DNS:lb1, IP Address:10.0.0.11, IP Address:192.168.10.100, IP Address:FD00:0:0:0:0:0:0:B, DNS:ops.fleet.example", text)
        self.assertIn("CA:FALSE", text)
        self.assertEqual(0o600, (self.node / "node.key").stat().st_mode & 0o777)
        self.assertEqual(1, self.hooked())

    def test_one_that_holds_is_left_alone(self):
        self.renew()
        before = self.serial()
        self.renew()
        self.assertEqual((before, 1), (self.serial(), self.hooked()))

    def test_one_that_ends_soon_is_replaced_with_its_key(self):
        self.renew()
        serial, key = self.serial(), (self.node / "node.key").read_text()
        self.renew(left=15)  # of fourteen days
        self.assertNotEqual((serial, key), (self.serial(), (self.node / "node.key").read_text()))
        self.assertEqual(2, self.hooked())

    def test_no_answer_a_strange_answer_and_anothers_key_change_nothing(self):
        self.renew()
        before = self.serial(), (self.node / "node.key").read_text()
        other = self.folder / "other"
        self.run_pki("authority", str(other))
        key = self.folder / "key"
        self.openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(key))
        anothers = f"cat >/dev/null; openssl req -new -key {key} -subj /CN=x | {self.signing}"
        for signing, words in (("exit 1", "did not answer"), (f"{PKI} sign {other} lb1 10.0.0.11", "not signed by"),
                               ("echo nonsense", "not signed by"), (anothers, "of another key")):
            with self.subTest(signing=signing):
                self.assertIn(words, self.renew("--force", status=1, signing=signing))
                self.assertEqual(before, (self.serial(), (self.node / "node.key").read_text()))
        self.assertEqual(1, self.hooked())

    def test_what_a_request_claims_is_not_signed(self):
        key = self.folder / "key"
        self.openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(key))
        request = self.openssl("req", "-new", "-key", str(key), "-subj", "/CN=db1", "-addext",
                               "subjectAltName=DNS:db1,IP:10.0.0.31", "-addext", "basicConstraints=CA:TRUE")
        done = subprocess.run(self.signing.split(), input=request, capture_output=True, text=True, timeout=10, check=True)
        (self.folder / "pem").write_text(done.stdout)
        text = self.openssl("x509", "-noout", "-text", "-in", str(self.folder / "pem"))
        self.assertNotIn("db1", text)
        self.assertNotIn("10.0.0.31", text)
        self.assertIn("CA:FALSE", text)

    def test_names_and_addresses_that_are_none_are_refused(self):
        for name, addresses in (("lb1\nx", "10.0.0.1"), ("lb1,DNS:db1", "10.0.0.1"), ("lb1", "10.0.0.1;x"), ("lb1", "a\nb")):
            self.assertIn("pki: ", self.run_pki("sign", str(self.authority), name, addresses, status=1))
        done = subprocess.run(self.signing.split(), input="no request", capture_output=True, text=True, timeout=10, check=False)
        self.assertEqual((1, ""), (done.returncode, done.stdout))

    def test_an_authority_is_made_once(self):
        before = (self.authority / "ca.key").read_bytes()
        self.run_pki("authority", str(self.authority))
        self.assertEqual(before, (self.authority / "ca.key").read_bytes())
        self.assertEqual(0o600, (self.authority / "ca.key").stat().st_mode & 0o777)
        self.assertTrue(re.search(r"Path\s?Length|pathlen:0", self.openssl("x509", "-noout", "-text", "-in",
                                                                           str(self.authority / "ca.pem"))))


if __name__ == "__main__":
    unittest.main()
