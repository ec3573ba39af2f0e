"""Where a request comes from: Forwarded and X-Forwarded-*, and headers of the PROXY protocol in front."""

import socket
import struct
import sys
import threading
import unittest

sys.dont_write_bytecode = True

from support.lbd_process import Lbd  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import Client, get, wait_until  # noqa: E402

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
V1 = b"PROXY TCP4 192.0.2.7 198.51.100.1 4711 80\r\n"
V2 = SIGNATURE + b"\x21\x11" + struct.pack(">H4s4sHH", 12, bytes([192, 0, 2, 7]), bytes([198, 51, 100, 1]), 4711, 80)
CLAIMS = ("X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https", "X-Forwarded-Host: public", "Forwarded: for=203.0.113.9")
TOLD = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded")


class Case(unittest.TestCase):
    def setUp(self):
        self.origin = Origin(lambda request, connection: answer())
        self.addCleanup(self.origin.stop)

    def start(self, **settings) -> Lbd:
        lbd = Lbd([self.origin.name], **settings)
        self.addCleanup(lbd.close)
        return lbd

    def told(self, lbd: Lbd, octets: bytes) -> tuple:
        self.origin.clear()
        with Client(lbd.address) as client:
            self.assertEqual(client.send(octets).response().status, 200)
        return tuple(self.origin.whole[0].field(name) for name in TOLD)


class Forwarded(Case):
    def test_a_strangers_claims_are_replaced(self):
        self.assertEqual(self.told(self.start(), get("/", *CLAIMS)),
                         ("127.0.0.1", "http", "test", 'for=127.0.0.1;host="test";proto=http'))

    def test_a_trusted_proxys_are_added_to(self):
        lbd = self.start(trusted_proxies=["127.0.0.0/8"])
        self.assertEqual(self.told(lbd, get("/", *CLAIMS)),
                         ("203.0.113.9, 127.0.0.1", "https", "public",
                          'for=203.0.113.9, for=127.0.0.1;host="test";proto=http'))
        self.assertEqual(lbd.access_log()[-1]["client"] if lbd.access_log() else "203.0.113.9", "203.0.113.9")

    def test_a_listener_of_both_families_sees_ipv4_clients_as_what_they_are(self):
        both = {"listeners": [{"address": "[::]:0"}]}
        for trusted, told in (([], ("127.0.0.1", "http", "test", 'for=127.0.0.1;host="test";proto=http')),
                              (["127.0.0.0/8"], ("203.0.113.9, 127.0.0.1", "https", "public",
                                                 'for=203.0.113.9, for=127.0.0.1;host="test";proto=http'))):
            with self.subTest(trusted=trusted):
                lbd = self.start(trusted_proxies=trusted, **both)
                lbd.address = ("127.0.0.1", lbd.address[1])
                self.assertEqual(self.told(lbd, get("/", *CLAIMS)), told)
                line = wait_until(lbd.access_log)[-1]
                self.assertEqual(line["client"], "203.0.113.9" if trusted else "127.0.0.1")

    def test_a_proxy_header_of_an_ipv4_peer_is_believed_on_a_listener_of_both_families(self):
        lbd = self.start(listeners=[{"address": "[::]:0", "proxy_protocol": {"from": ["127.0.0.0/8"]}}])
        lbd.address = ("127.0.0.1", lbd.address[1])
        header = b"PROXY TCP6 ::ffff:192.0.2.7 ::ffff:192.0.2.1 50000 80\r\n"
        self.assertEqual(self.told(lbd, header + get())[0], "192.0.2.7")

    def test_what_else_a_trusted_proxy_says_passes_and_a_stranger_does_not_say_it(self):
        said = {"X-Real-IP": "203.0.113.9", "X-Forwarded-Prefix": "/shop", "X-Forwarded-Client-Cert": "Hash=1",
                "CF-Connecting-IP": "203.0.113.9", "X-Original-URL": "/shop/a"}
        for trusted, told in ((["127.0.0.0/8"], said), (["192.0.2.0/24"], dict.fromkeys(said)), ([], dict.fromkeys(said))):
            with self.subTest(trusted=trusted):
                self.told(self.start(trusted_proxies=trusted), get("/", *(f"{k}: {v}" for k, v in said.items())))
                self.assertEqual({name: self.origin.whole[0].field(name) for name in said}, told)

    def test_neither_conditions_nor_filters_see_a_strangers_word(self):
        routes = [*({"path": "/", "fields": {name: {"present": True}}, "filters": [{"answer": {"status": 418}}]}
                    for name in ("X-Real-IP", "X-Forwarded-Proto", "X-Client-Cert-Subject", "Forwarded")),
                  {"path": "/", "upstream": "origins",
                   "filters": [{"request_fields": {"set": {"X-Real-IP": "${client}", "X-Forwarded-Prefix": "/own"}}}]}]
        lbd = self.start(routes=routes)
        self.told(lbd, get("/", "X-Real-IP: 10.0.0.1", "X_Real_IP: 10.0.0.1", "X-Forwarded-Prefix: /evil",
                           "X-Client-Cert-Subject: CN=root", *CLAIMS))
        fields = self.origin.whole[0].fields
        self.assertEqual([(k, v) for k, v in fields if k.lower().startswith(("x-real", "x_real", "x-forwarded-prefix"))],
                         [("X-Real-IP", "127.0.0.1"), ("X-Forwarded-Prefix", "/own")])

    def test_aliases_never_pass(self):
        lbd = self.start(trusted_proxies=["127.0.0.0/8"])
        self.told(lbd, get("/", "X_Forwarded_For: 6.6.6.6", "X-Forwarded_Host: evil"))
        self.assertNotIn("6.6.6.6", str(self.origin.whole[0].fields))
        self.assertNotIn("evil", str(self.origin.whole[0].fields))


class ProxyProtocol(Case):
    def listener(self, *networks: str, required: bool = True) -> dict:
        return {"listeners": [{"address": "127.0.0.1:0",
                               "proxy_protocol": {"from": list(networks), "required": required}}]}

    def test_the_client_is_whom_the_header_names(self):
        lbd = self.start(**self.listener("127.0.0.0/8"))
        for header in (V1, V2):
            self.assertEqual(self.told(lbd, header + get())[0], "192.0.2.7")
        for header in (b"PROXY UNKNOWN\r\n", SIGNATURE + b"\x20\x00\x00\x00"):
            self.assertEqual(self.told(lbd, header + get())[0], "127.0.0.1")

    def test_it_may_come_octet_by_octet(self):
        lbd = self.start(**self.listener("127.0.0.0/8"))
        for header in (V1, V2):
            with Client(lbd.address) as client:
                for octet in header + get():
                    client.send(bytes([octet]))
                self.assertEqual(client.response().status, 200)
                self.assertEqual(client.send(get()).response().status, 200, "it comes once")

    def test_what_is_no_header_is_cut_off(self):
        lbd = self.start(**self.listener("127.0.0.0/8"))
        wrong = (get(), V1.replace(b"192.0.2.7", b"999.1.1.1"), V1.replace(b"4711", b"65536"), V1[:-2] + b"\n",
                 V1.replace(b" ", b"  "), V2.replace(b"\x21\x11", b"\x21\x12"), V2.replace(b"\x00\x0c", b"\x00\x0b"), V1 * 2)
        for octets in wrong[:-1]:
            with self.subTest(octets=octets), Client(lbd.address) as client:
                self.assertTrue(client.send_what_is_taken(octets + get()).is_closed())
        with Client(lbd.address) as client:  # a second one is a request, and no good one
            self.assertEqual(client.send(wrong[-1]).response().status, 400)
        self.assertEqual(self.origin.requests, [])

    def test_only_listed_peers_may_send_one(self):
        lbd = self.start(**self.listener("192.0.2.0/24"))
        with Client(lbd.address) as client:
            self.assertTrue(client.send_what_is_taken(V1 + get()).is_closed())
        lbd = self.start(**self.listener("192.0.2.0/24", required=False))
        with Client(lbd.address) as client:
            self.assertEqual(client.send(V1 + get()).response().status, 400)
        self.assertEqual(self.told(lbd, get())[0], "127.0.0.1")

    def test_those_who_may_need_not(self):
        lbd = self.start(**self.listener("127.0.0.1", required=False))
        self.assertEqual([self.told(lbd, header + get())[0] for header in (b"", V1, V2)],
                         ["127.0.0.1", "192.0.2.7", "192.0.2.7"])

    def test_endpoints_are_told_by_a_header_of_their_own(self):
        for version, header in (("v1", V1), ("v2", V2)):
            with self.subTest(version=version):
                heads = []
                server = socket.create_server(("127.0.0.1", 0))
                self.addCleanup(server.close)

                def serve(server=server, heads=heads):
                    for _ in range(2):
                        peer, _address = server.accept()
                        with peer:
                            octets = b""
                            while b"\r\n\r\n" not in octets.removeprefix(SIGNATURE):
                                octets += peer.recv(4096)
                            heads.append(octets)
                            peer.sendall(answer())
                thread = threading.Thread(target=serve, daemon=True)
                thread.start()
                lbd = Lbd([f"127.0.0.1:{server.getsockname()[1]}"], upstream={"proxy_protocol": version},
                          **self.listener("127.0.0.0/8"))
                self.addCleanup(lbd.close)
                with Client(lbd.address) as client:
                    self.assertEqual([client.send(octets).response().status for octets in (header + get(), get())],
                                     [200, 200])
                thread.join(5)
                self.assertEqual(len(heads), 2, "a connection belongs to one request's client")
                client_end, port = header[:-len(b"198.51.100.1 4711 80\r\n")], b"4711"
                for head in heads:
                    if version == "v1":
                        self.assertTrue(head.startswith(client_end + b"127.0.0.1 " + port), head)
                    else:
                        self.assertEqual((head[:20], head[24:26]), (V2[:20], V2[24:26]))


if __name__ == "__main__":
    unittest.main()
