"""Clients of TLS that end before they have begun: whoever has said that nothing more comes is not waited for."""

import socket
import ssl
import sys
import unittest

sys.dont_write_bytecode = True

from support.certificates import Authority  # noqa: E402
from support.lbd_process import Lbd  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.wire import SECONDS, get, wait_until  # noqa: E402

PROXY = b"PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\r\n"
TRIES = 10
VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


class HalfClosed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()
        cls.addClassCleanup(cls.authority.remove)
        cls.origin = Origin()
        cls.addClassCleanup(cls.origin.stop)
        certificates = [cls.authority.make("www", "www.test")]
        cls.plain, cls.proxied = (
            Lbd([cls.origin.name], timeouts={"handshake": "1h"},
                listeners=[{"address": "127.0.0.1:0", "name": "web", "tls": {"certificates": certificates}, **more}])
            for more in ({}, {"proxy_protocol": {"from": ["127.0.0.1"]}}))
        cls.addClassCleanup(cls.plain.close)
        cls.addClassCleanup(cls.proxied.close)

    def connect(self, lbd: Lbd) -> None:
        self.lbd = lbd
        self.before = self.closed()
        self.sock = socket.create_connection(lbd.address, timeout=SECONDS)
        self.addCleanup(self.sock.close)

    def begin(self, version: ssl.TLSVersion) -> bytes:
        """A ClientHello."""
        self.arriving, self.leaving = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = self.authority.context(maximum_version=version, minimum_version=version)
        self.tls = context.wrap_bio(self.arriving, self.leaving, server_hostname="www.test")
        with self.assertRaises(ssl.SSLWantReadError):
            self.tls.do_handshake()
        return self.leaving.read()

    def go_on(self) -> bytes:
        """What comes after the server's first answer."""
        while True:
            self.arriving.write(self.sock.recv(65536))
            try:
                self.tls.do_handshake()
            except ssl.SSLWantReadError:
                if not self.leaving.pending:
                    continue
            return self.leaving.read()

    def send_last(self, octets: bytes) -> None:
        """They and the end are one packet."""
        self.sock.sendall(octets, socket.MSG_MORE)
        self.sock.shutdown(socket.SHUT_WR)

    def closed(self) -> int:
        return int(self.lbd.metrics()['lbd_tls_handshake_failures_total{side="client",reason="closed"}'])

    def check_ended(self) -> None:
        while self.sock.recv(65536):
            pass
        wait_until(lambda: self.closed() == self.before + 1, what="its being counted")
        wait_until(lambda: self.lbd.metrics()['lbd_connections_active{side="client"}'] == 0, what="its end")

    def test_in_a_client_hello_or_behind_it(self):
        for version in VERSIONS:
            for lbd, front in ((self.plain, b""), (self.proxied, PROXY)):
                whole = len(self.begin(version))
                for size in (0, 1, 5, whole // 2, whole):
                    with self.subTest(version=version.name, size=size, proxied=bool(front)):
                        self.connect(lbd)
                        self.send_last(front + self.begin(version)[:size])
                        self.check_ended()

    def test_in_what_the_client_says_next(self):
        for version in VERSIONS:
            with self.subTest(version=version.name):
                self.connect(self.plain)
                self.sock.sendall(self.begin(version))
                self.send_last(self.go_on()[:-1])
                self.check_ended()

    def ask_and_end(self) -> bytes:
        self.connect(self.plain)
        self.sock.sendall(self.begin(ssl.TLSVersion.TLSv1_3))
        finished = self.go_on()
        self.tls.write(get(host="www.test"))
        with self.assertRaises(ssl.SSLWantReadError):
            self.tls.unwrap()  # else what came may not be all, and is not answered
        self.send_last(finished + self.leaving.read())
        answer = b""
        while octets := self.sock.recv(65536):
            self.arriving.write(octets)
            try:
                answer += self.tls.read(65536)
            except (ssl.SSLWantReadError, ssl.SSLZeroReturnError):
                continue
        return answer

    def test_a_request_behind_the_handshake_is_answered_whole(self):
        # An end long after its request's begin is that of somebody who has given up. Here they are one packet, but on a busy
        # machine lbd may be kept from the second of them, and nobody can tell.
        answers = []
        while not (answers and answers[-1]) and len(answers) < TRIES:
            answers.append(self.ask_and_end())
        self.assertTrue(answers[-1].endswith(b"\r\n\r\nok"), answers)


if __name__ == "__main__":
    unittest.main()
