"""Requests in absolute-form: which scheme they name, and how they came (RFC 9112 §3.2.2, RFC 9110 §7.4)."""

import sys
import unittest

sys.dont_write_bytecode = True

from support.certificates import Authority, TlsClient  # noqa: E402
from support.lbd_process import Lbd  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.wire import ask, get  # noqa: E402


class Schemes(unittest.TestCase):
    def setUp(self):
        self.origin = Origin()
        self.addCleanup(self.origin.stop)

    def start(self, **changes) -> Lbd:
        lbd = Lbd([self.origin.name], trusted_proxies=["127.0.0.1"], **changes)
        self.addCleanup(lbd.close)
        return lbd

    def test_over_tls_both_are_served_under_the_name_they_give(self):
        authority = Authority()
        self.addCleanup(authority.remove)
        lbd = self.start(listeners=[{"address": "127.0.0.1:0", "name": "web", "tls": {
            "certificates": [authority.make("www", "www.test")]}}])
        client = TlsClient(lbd.address, authority.context(), "www.test")
        self.addCleanup(client.close)
        for scheme, status in (("https", 200), ("HTTPS", 200), ("http", 200), ("ftp", 400)):
            said = client.send(get(f"{scheme}://www.test/a?b", host="other.test")).response()
            self.assertEqual(said.status, status, scheme)
        self.assertEqual([(one.target, one.field("Host")) for one in self.origin.requests], [("/a?b", "www.test")] * 3)

    def test_in_the_clear_https_is_misdirected_unless_a_trusted_proxy_had_it_so(self):
        lbd = self.start()
        for fields, status in (((), 421), (("X-Forwarded-Proto: http",), 421), (("X-Forwarded-Proto: https",), 200)):
            self.assertEqual(ask(lbd.address, get("https://www.test/", *fields, host="www.test")).status, status, fields)
        self.assertEqual(lbd.refused(), {"misdirected": 2})


if __name__ == "__main__":
    unittest.main()
