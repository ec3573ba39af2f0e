"""lbd's admin door over TLS: lbctl, curl and a scrape through it, certificates of clients, renewal, a new binary."""

import json
import os
import shutil
import socket
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True

from support.certificates import Authority, TlsClient  # noqa: E402
from support.lbd_process import PROGRAM  # noqa: E402
from support.operator import Operated  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.wire import get, wait_until  # noqa: E402

LBCTL = os.path.join(os.path.dirname(PROGRAM), "lbctl")
SECONDS = 60.0  # for what takes a moment, on a machine that others keep busy


class AdminTls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()
        cls.addClassCleanup(cls.authority.remove)
        cls.stranger = Authority("another authority")
        cls.addClassCleanup(cls.stranger.remove)
        cls.door = cls.authority.make("door", "localhost", "127.0.0.1")
        cls.operator = cls.authority.make("operator", "operator.test", subject="/O=Plumbers/CN=operator.test")

    def start(self, certificate: dict | None = None, **tls) -> Operated:
        self.origin = Origin()
        self.addCleanup(self.origin.stop)
        door = {"listen": "127.0.0.1:0", "certificates": [certificate or self.door], **tls}
        self.operated = Operated([self.origin.name], secure=door)
        self.addCleanup(self.operated.close)
        self.lbd = self.operated.lbd
        told = next(line for line in self.lbd.said("admin is listening") if line["tls"])
        self.port = int(told["address"].rpartition(":")[2])
        return self.operated

    def shown(self) -> TlsClient:
        return TlsClient(("127.0.0.1", self.port), self.authority.context(), "localhost", seconds=SECONDS)

    def lbctl(self, *words: str, host: str = "localhost", trust: str | None = None, client: dict | None = None):
        shows = ["--certificate", client["certificate_file"], "--key", client["key_file"]] if client else []
        return subprocess.run([LBCTL, *words, "--url", f"https://{host}:{self.port}", "--ca-file", trust or self.authority.file,
                               "--token-file", self.operated.token_file, *shows],
                              capture_output=True, text=True, check=False, timeout=SECONDS)

    def curl(self, path: str, *words: str, host: str = "localhost") -> subprocess.CompletedProcess:
        return subprocess.run(["curl", "-sS", "--max-time", str(SECONDS), "--cacert", self.authority.file, *words,
                               f"https://{host}:{self.port}{path}"], capture_output=True, text=True, check=False)

    def test_all_that_the_door_does_it_does_over_tls(self):
        operated = self.start()
        for host in ("localhost", "127.0.0.1"):
            said = self.lbctl("status", host=host)
            self.assertEqual((said.returncode, said.stderr), (0, ""))
            self.assertIn(self.origin.name, said.stdout)
        self.assertEqual(self.lbctl("drain", self.origin.name).returncode, 0)
        self.assertEqual(operated.endpoint(self.origin.name)["state"], "draining")  # seen through the plain door
        self.assertEqual(self.curl("/readyz", host="127.0.0.1").stdout, "ready\n")
        self.assertIn("lbd_connections_active", self.curl("/metrics").stdout)
        self.assertIn("<!doctype html>", self.curl("/").stdout.lower())
        self.assertEqual(self.curl("/api/v1/reload", "-X", "POST", "-o", "/dev/null", "-w", "%{http_code}").stdout, "401")
        many = [f"https://localhost:{self.port}/healthz"] * 3
        said = self.curl("/healthz", "-w", "%{num_connects}", *many)  # one connection for all
        self.assertEqual(said.stdout, "ok\n1" + "ok\n0" * 3)

    def test_events_arrive_as_they_come(self):
        self.start()
        client = self.shown()
        self.addCleanup(client.close)
        client.send(get("/api/v1/events", host="localhost"))
        self.assertEqual(client.head().status, 200)
        self.assertEqual(self.lbctl("drain", self.origin.name).returncode, 0)
        while b"draining" not in client.reader.held:
            client.reader.more()

    def test_who_is_not_believed(self):
        self.start()
        said = self.lbctl("status", trust=self.stranger.file)
        self.assertEqual(said.returncode, 3)
        self.assertIn("certificate verify failed", said.stderr)
        self.start(self.authority.make("elsewhere", "elsewhere.test"))
        said = self.lbctl("status")  # the certificate is for another name
        self.assertEqual(said.returncode, 3)
        self.assertEqual(self.lbctl("status", trust="/nowhere").returncode, 3)
        with socket.create_connection(("127.0.0.1", self.port), SECONDS) as plain:
            plain.sendall(get("/readyz"))
            self.assertNotIn(b"ready", plain.recv(4096))

    def test_certificates_of_clients(self):
        self.start(client_certificates={"mode": "required", "ca_file": self.authority.file})
        self.assertEqual(self.lbctl("status").returncode, 3)
        self.assertNotEqual(self.curl("/metrics").returncode, 0)
        foreign = self.stranger.make("foreign", "operator.test")
        self.assertEqual(self.lbctl("status", client=foreign).returncode, 3)
        self.assertEqual(self.lbctl("drain", self.origin.name, client=self.operator).returncode, 0)
        peers = [line["peer"] for line in self.lbd.log() if line.get("command") == "drain"]
        self.assertEqual(len(peers), 1)
        self.assertRegex(peers[0], r"^127\.0\.0\.1:\d+ CN=operator\.test,O=Plumbers$")
        said = self.curl("/metrics", "--cert", self.operator["certificate_file"], "--key", self.operator["key_file"])
        self.assertIn("lbd_connections_active", said.stdout)

    def test_a_renewed_certificate_is_shown_and_a_bad_one_is_not(self):
        pair = {kind: self.authority.path(f"live.{kind}") for kind in self.door}
        for kind, path in pair.items():
            shutil.copy(self.door[kind], path)
        operated = self.start(pair)
        before = self.shown()
        self.addCleanup(before.close)
        first = before.sock.getpeercert(True)
        self.replace(pair["key_file"], self.operator["key_file"])  # of another certificate
        wait_until(lambda: self.lbd.said("the certificates stay as they were"), SECONDS, "a refusal")
        with self.shown() as client:
            self.assertEqual(client.sock.getpeercert(True), first)
        renewed = self.authority.make("renewed", "localhost", "127.0.0.1")
        for kind in pair:
            self.replace(pair[kind], renewed[kind])
        def is_new():
            with self.shown() as client:
                return client.sock.getpeercert(True) != first
        wait_until(is_new, SECONDS, "the new certificate")
        listed = json.loads(self.lbctl("certificates", "--json").stdout)
        self.assertEqual([one["listener"] for one in listed], ["admin.tls"])
        self.assertTrue(any(key.startswith("lbd_tls_certificate_expiry_timestamp_seconds{") and "admin.tls" in key
                            for key in self.lbd.metrics()))
        self.assertEqual(operated.call("GET", "/healthz").status, 200)

    def replace(self, path: str, by: str) -> None:
        shutil.copy(by, path + ".new")
        os.rename(path + ".new", path)

    def test_a_reload_keeps_it_open_and_a_new_binary_takes_it_over(self):
        operated = self.start()
        settings = dict(self.lbd.settings)
        settings["admin"] = {key: value for key, value in settings["admin"].items() if key != "tls"}
        self.lbd.configure(settings)
        said = operated.call("POST", "/api/v1/reload")
        self.assertEqual(said.status, 200)
        self.assertIn("ok", self.curl("/healthz").stdout)  # until a restart
        self.lbd.configure(self.lbd.settings)
        self.lbd.upgrade()
        wait_until(lambda: self.lbctl("status").returncode == 0, SECONDS, "an answer of the new binary")


if __name__ == "__main__":
    unittest.main()
