"""Listeners whose encryption the kernel may do (kTLS): clients see no difference, whether it can or not."""

import os
import socket
import ssl
import sys
import unittest

sys.dont_write_bytecode = True

from support.certificates import Authority, TlsClient  # noqa: E402
from support.lbd_process import Lbd  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import get  # noqa: E402

BIG = os.urandom(3 << 20)
BODY = BIG[:1 << 20]
VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


def kernel_has_it() -> bool:
    try:
        with open("/proc/sys/net/ipv4/tcp_available_ulp", encoding="ascii") as file:
            return "tls" in file.read().split()
    except FileNotFoundError:
        return False


class Kernel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()
        cls.addClassCleanup(cls.authority.remove)
        cls.origin = Origin(lambda request, connection: answer(BIG if request.target == "/big" else request.body))
        cls.addClassCleanup(cls.origin.stop)
        cls.lbd = Lbd([cls.origin.name], listeners=[{"address": "127.0.0.1:0", "name": "web", "tls": {
            "ktls": True, "certificates": [cls.authority.make("www", "www.test")]}}])
        cls.addClassCleanup(cls.lbd.close)

    def connect(self, version: ssl.TLSVersion) -> TlsClient:
        client = TlsClient(self.lbd.address, self.authority.context(maximum_version=version))
        self.addCleanup(client.close)
        return client

    def test_content_both_ways_and_the_end(self):
        for version in VERSIONS:
            with self.subTest(version=version.name):
                client = self.connect(version)
                self.assertEqual(client.send(get("/big", host="www.test")).response().body, BIG)
                client.send(get("/x", f"Content-Length: {len(BODY)}", method="POST", host="www.test") + BODY)
                self.assertEqual(client.final_response("POST").body, BODY)
                client.send(get("/big", "Connection: close", host="www.test"))
                self.assertEqual(client.response().body, BIG)
                client.sock.unwrap()  # fails without its close_notify
        metrics = self.lbd.metrics()
        counted = metrics['lbd_tls_ktls_connections_total{side="client"}']
        self.assertLessEqual(counted, len(VERSIONS) if kernel_has_it() else 0)

    def test_the_end_comes_behind_an_answer_that_is_read_slowly(self):
        for version in VERSIONS:
            with self.subTest(version=version.name):
                client = self.connect(version)
                client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 262144)
                client.send(get("/big", "Connection: close", host="www.test"))
                whole = b""
                while octets := client.sock.recv(8192):
                    whole += octets
                self.assertTrue(whole.endswith(BIG))
                client.sock.unwrap()


if __name__ == "__main__":
    unittest.main()
