#!/usr/bin/python3
"""TLS on bookd's own listener: who it is, who may come in, lbd before it, certificates read again."""
import json
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

from support.bookd import wait_until  # noqa: E402
from support.booking_stack import BOOKINGS, Stack, booking  # noqa: E402
from support.certificates import Authority  # noqa: E402
from support.lbd_process import Lbd  # noqa: E402
from support.wire import ask, get  # noqa: E402

LARGEST_BODY = 64 * 1024


class Tls(Stack):
    """One bookd that asks its clients who they are and lets lb1 in; the plain one of the stack beside it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.authority, cls.strangers = Authority(), Authority("somebody else")
        for made in (cls.authority, cls.strangers):
            cls.addClassCleanup(made.remove)
        cls.own = cls.authority.make("app1", "app1", "127.0.0.1")
        cls.lb1 = cls.authority.make("lb1", "lb1")
        cls.db1 = cls.authority.make("db1", "db1")
        cls.mutual = cls.new_bookd()
        cls.configure(client_ca_file=cls.authority.file, client_names=["lb1"])
        cls.mutual.start(ready=False)

    @classmethod
    def configure(cls, **more):
        """The stack's configuration with TLS on the listener; its readiness is asked at the operator's door."""
        bookd = cls.mutual
        with open(bookd.config, encoding="utf-8") as file:
            # A slow machine shakes hands slowly, and keeps what is open waiting.
            lines = [line.replace("head_timeout: 1s", "head_timeout: 5s").replace("idle_timeout: 5s", "idle_timeout: 120s")
                     for line in file if not line.startswith("http:")]
        tls = json.dumps({**cls.own, **more})
        lines.append(f'http: {{listen: "127.0.0.1:{bookd.port}", trusted_proxies: [127.0.0.1], tls: {tls}}}\n')
        with open(bookd.config, "w", encoding="utf-8") as file:
            file.writelines(lines)
        bookd.answers = lambda path: cls.operator(path) == 200

    @classmethod
    def operator(cls, path: str) -> int:
        try:
            return cls.mutual.request("GET", path, port=cls.mutual.admin_port).status
        except OSError:
            return 0

    def curl(self, path: str, *words: str, client: dict | None = None, authority: Authority | None = None):
        """curl's exit code, the status and the content of an answer."""
        given = client or self.lb1
        with tempfile.NamedTemporaryFile() as content:
            done = subprocess.run(
                ["curl", "-sS", "--max-time", "20", "--cacert", (authority or self.authority).file, "--cert",
                 given["certificate_file"], "--key", given["key_file"], "-o", content.name, "-w", "%{http_code}", *words,
                 f"https://127.0.0.1:{self.mutual.port}{path}"], capture_output=True, text=True, check=False)
            return done.returncode, int(done.stdout or 0), content.read()

    def refused(self, reason: str) -> float:
        return self.mutual.metric(f'bookd_http_refused_total{{reason="{reason}"}}')

    def shake_hands(self, context: ssl.SSLContext) -> dict:
        """The server's certificate; the connection is used once, so that TLS 1.3 tells of a refusal."""
        with socket.create_connection(("127.0.0.1", self.mutual.port), timeout=20) as raw:
            with context.wrap_socket(raw, server_hostname="app1") as stream:
                stream.sendall(b"GET /livez HTTP/1.1\r\nHost: app1\r\n\r\n")
                if not stream.recv(1):
                    raise ConnectionError("closed")
                return stream.getpeercert()

    def test_a_client_with_the_right_certificate_is_served(self):
        self.assertEqual(self.curl("/livez")[:2], (0, 200))
        code, status, body = self.curl(BOOKINGS, "--json", json.dumps(booking()), "-H", "Idempotency-Key: by-curl")
        self.assertEqual((code, status), (0, 201), body)
        code, status, page = self.curl("/")
        self.assertEqual((code, status), (0, 200))
        self.assertIn("</html>", page.decode())

    def test_each_version_of_tls_that_is_safe_and_none_that_is_not(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = self.authority.context(self.lb1, minimum_version=version, maximum_version=version)
            self.assertIn(("DNS", "app1"), self.shake_hands(context)["subjectAltName"])
        refused = self.curl("/livez", "--tls-max", "1.1", "--tlsv1.0", "--ciphers", "DEFAULT:@SECLEVEL=0")
        self.assertNotEqual(refused[0], 0)

    def test_who_has_no_certificate_or_another_authoritys_or_another_name_is_refused(self):
        before = self.refused("tls_handshake"), self.refused("tls_client_name")
        for client in (None, self.strangers.make("lb1", "lb1")):
            with self.assertRaises(OSError):
                self.shake_hands(self.authority.context(client))
        with self.assertRaises(OSError):
            self.shake_hands(self.authority.context(self.db1))
        wait_until(lambda: self.refused("tls_handshake") >= before[0] + 2, 10, "both are counted")
        wait_until(lambda: self.refused("tls_client_name") == before[1] + 1, 10, "the name is counted")
        self.assertNotEqual(self.curl("/livez", authority=self.strangers)[0], 0)

    def test_http_in_the_clear_and_silence_are_cut_and_harm_nobody(self):
        before = self.refused("tls_handshake")
        self.assertNotIn(b"HTTP/1.1 200", self.mutual.raw(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"))
        with socket.create_connection(("127.0.0.1", self.mutual.port), timeout=30) as silent:
            self.assertEqual(self.curl("/livez")[:2], (0, 200))
            self.assertEqual(silent.recv(1), b"")  # after limits.head_timeout
        wait_until(lambda: self.refused("tls_handshake") >= before + 2, 10, "both are counted")

    def test_a_body_too_large_is_answered_before_it_is_cut(self):
        with tempfile.NamedTemporaryFile() as large:
            # Less than bookd still reads after its answer (64 times 4 KiB): cut off while it sends, curl may not see that there is one.
            large.write(b"x" * 2 * LARGEST_BODY)
            large.flush()
            code, status, body = self.curl(BOOKINGS, "-H", "Content-Type: application/json", "-H", "Idempotency-Key: big",
                                           "-H", "Expect:", "--data-binary", "@" + large.name)
            self.assertEqual(status, 413, (code, body))
            self.assertEqual(json.loads(body)["code"], "body_too_large")

    def test_many_requests_of_one_connection(self):
        context = self.authority.context(self.lb1)
        with socket.create_connection(("127.0.0.1", self.mutual.port), timeout=20) as raw:
            with context.wrap_socket(raw, server_hostname="app1") as stream:
                answers = stream.makefile("rb")
                for _ in range(50):
                    stream.sendall(b"GET /livez HTTP/1.1\r\nHost: app1\r\n\r\n")
                    self.assertEqual(answers.readline(), b"HTTP/1.1 200 OK\r\n")
                    length = 0
                    while (line := answers.readline()) != b"\r\n":
                        if line.lower().startswith(b"content-length:"):
                            length = int(line.split(b":")[1])
                    answers.read(length)
                stream.sendall(b"GET /livez HTTP/1.1\r\nHost: app1\r\nConnection: close\r\n\r\n")
                self.assertTrue(answers.read().startswith(b"HTTP/1.1 200"))  # to a close_notify, not a broken end

    def test_lbd_verifies_it_and_says_who_it_is(self):
        tls = {"ca_file": self.authority.file, "server_name": "app1", **self.lb1}
        check = {"enabled": True, "path": "/readyz", "interval": "100ms", "rise": 1}
        lbd = Lbd([f"127.0.0.1:{self.mutual.port}"], {"tls": tls, "check": check})
        self.addCleanup(lbd.close)
        wait_until(lbd.is_ready, 30, "lbd's check succeeds over TLS")
        port = lbd.address[1]
        made = self.mutual.request("POST", BOOKINGS, json.dumps(booking()),
                                   {"Content-Type": "application/json", "Idempotency-Key": "by-lbd"}, port=port)
        self.assertEqual(made.status, 201, made.text)
        self.assertEqual(self.mutual.request("GET", "/", port=port).status, 200)
        stranger = Lbd([f"127.0.0.1:{self.mutual.port}"], {"tls": {**tls, **self.db1}, "check": {"enabled": False}})
        self.addCleanup(stranger.close)
        self.assertEqual(ask(stranger.address, get("/livez")).status, 502)

    def test_certificates_are_read_again_and_faulty_ones_are_not_taken(self):
        def serial() -> str:
            return self.shake_hands(self.authority.context(self.lb1))["serialNumber"]

        def reload(said: str) -> None:
            before = self.mutual.log().count(said)
            self.mutual.process.send_signal(signal.SIGHUP)
            wait_until(lambda: self.mutual.log().count(said) > before, 20, said)

        context = self.authority.context(self.lb1)
        with socket.create_connection(("127.0.0.1", self.mutual.port), timeout=20) as raw:
            with context.wrap_socket(raw, server_hostname="app1") as open_before:
                first = serial()
                self.authority.make("app1", "app1", "127.0.0.1")  # over the files in use
                reload("certificate read")
                second = serial()
                self.assertNotEqual(first, second)
                with open(self.own["certificate_file"], "w", encoding="ascii") as file:
                    file.write("no certificate\n")
                reload("the certificate is not read")
                self.assertEqual(serial(), second)
                self.authority.make("other", "app1", "127.0.0.1")
                with open(self.authority.path("other.pem"), "rb") as other, open(self.own["certificate_file"], "wb") as file:
                    file.write(other.read())  # its key is another
                reload("the certificate is not read")
                self.assertEqual(serial(), second)
                self.authority.make("app1", "app1", "127.0.0.1")
                reload("certificate read")
                open_before.sendall(b"GET /livez HTTP/1.1\r\nHost: app1\r\n\r\n")
                self.assertTrue(open_before.recv(4096).startswith(b"HTTP/1.1 200"))
        self.assertGreater(self.mutual.metric("bookd_tls_certificate_expiry_timestamp_seconds"), 1.7e9)


class Start(Stack):
    def test_without_its_certificate_bookd_does_not_start(self):
        bookd = self.new_bookd()
        with open(bookd.config, encoding="utf-8") as file:
            text = file.read().replace("trusted_proxies: [127.0.0.1]",
                                       "trusted_proxies: [127.0.0.1], tls: {certificate_file: /no/such, key_file: /no/such}")
        with open(bookd.config, "w", encoding="utf-8") as file:
            file.write(text)
        with self.assertRaises(RuntimeError) as left:
            bookd.start()
        self.assertIn("/no/such", str(left.exception))


if __name__ == "__main__":
    unittest.main(verbosity=2)
