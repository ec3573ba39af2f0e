"""HTTP/2 over TLS: how it is agreed on, and which names one connection may be used for. RFC 9113 §9."""

import ssl
import sys
import unittest

sys.dont_write_bytecode = True

from support.certificates import TlsClient  # noqa: E402
from support.http2_case import Http2TlsCase  # noqa: E402
from support.wire import get  # noqa: E402


class Names(Http2TlsCase):
    def setUp(self):
        self.shop = self.authority.make("shop", "shop.test")

    def agreed(self, *protocols: str) -> str | None:
        with TlsClient(self.lbd.address, self.context(*protocols)) as client:
            return client.sock.selected_alpn_protocol()

    def test_it_is_agreed_on_by_alpn(self):
        self.start_tls()
        self.assertEqual(self.agreed("h2", "http/1.1"), "h2")
        self.assertEqual(self.agreed("http/1.1", "h2"), "h2")  # our order counts
        self.assertEqual(self.agreed("http/1.1"), "http/1.1")
        with self.assertRaises(ssl.SSLError):
            self.agreed("spdy/3")
        with TlsClient(self.lbd.address, self.authority.context()) as client:  # who says nothing means HTTP/1.1
            self.assertEqual(client.send(get(host="www.test")).response().status, 200)
        with TlsClient(self.lbd.address, self.context("http/1.1")) as client:
            self.assertEqual(client.send(get(host="www.test")).response().status, 200)
        self.assertEqual(self.connect(self.context()).ask(authority="www.test", scheme="https").status, 200)
        self.assertEqual(self.origin.requests[-1].field("X-Forwarded-Proto"), "https")

    def test_a_listener_may_do_without(self):
        self.start_tls(listener={"http2": {"enabled": False}})
        self.assertEqual(self.agreed("h2", "http/1.1"), "http/1.1")
        with self.assertRaises(ssl.SSLError):
            self.agreed("h2")

    def test_names_of_one_certificate_share_a_connection_and_others_are_misdirected(self):
        self.start_tls(certificates=(self.www, self.shop))
        client = self.connect(self.context())
        for name, status in (("www.test", 200), ("a.wild.test", 200), ("b.wild.test:8443", 200), ("shop.test", 421),
                             ("WWW.test", 200)):
            with self.subTest(name):
                self.assertEqual(client.ask(authority=name, scheme="https").status, status)
        self.assertEqual(client.goaways, [])
        self.assertEqual(self.lbd.refused(), {"misdirected": 1})
        shop = self.connect(self.context(), name="shop.test")
        self.assertEqual(shop.ask(authority="shop.test", scheme="https").status, 200)
        self.assertEqual([request.field("Host") for request in self.origin.requests],
                         ["www.test", "a.wild.test", "b.wild.test:8443", "WWW.test", "shop.test"])

    def test_the_rule_of_one_name_for_clients_is_not_met_by_another(self):
        policy = {"mode": "required", "ca_file": self.authority.file}
        self.start_tls(certificates=({**self.www, "client_certificates": policy}, self.shop))
        shop = self.connect(self.context(), name="shop.test")
        self.assertEqual(shop.ask(authority="shop.test", scheme="https").status, 200)
        self.assertEqual(shop.ask(authority="www.test", scheme="https").status, 421)
        known = self.authority.make("client", "client.test", subject="/O=Plumbers/CN=client.test")
        context = self.authority.context(known)
        context.set_alpn_protocols(["h2"])
        client = self.connect(context)
        for claim in ((), (("x-client-cert-subject", "CN=evil"),)):
            self.assertEqual(client.ask("/", "GET", *claim, authority="www.test", scheme="https").status, 200)
            self.assertEqual(self.origin.requests[-1].field("X-Client-Cert-Subject"), "CN=client.test,O=Plumbers")

    def test_redirects_and_promises_of_tls(self):
        self.start_tls(listener={"tls": {"certificates": [self.www], "hsts": {"max_age": "1h"}}})
        said = self.connect(self.context()).ask(authority="www.test", scheme="https")
        self.assertEqual(said.field("strict-transport-security"), "max-age=3600")


if __name__ == "__main__":
    unittest.main()
