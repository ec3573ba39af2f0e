"""Early data (RFC 8446 §2.3) may be said again by whoever has heard it: lbd takes none, whatever a client offers."""

import sys
import unittest

sys.dont_write_bytecode = True

from support.http2_case import Http2TlsCase  # noqa: E402
from support.raw_tls import RawTls  # noqa: E402
from support.wire import get  # noqa: E402


class EarlyData(Http2TlsCase):
    def raw(self, session=None, early: bytes = b"") -> RawTls:
        client = RawTls(self.lbd.address, session=session, early=early)
        self.addCleanup(client.close)
        return client

    def ask(self, client: RawTls, path: str) -> None:
        client.sock.sendall(client.said(get(path, host="www.test")))
        self.assertEqual(client.read()[:15], b"HTTP/1.1 200 OK")

    def test_line_35_what_is_said_ahead_of_the_handshake_is_not_taken(self):
        self.start_tls()
        first = self.raw()
        self.ask(first, "/first")
        again = self.raw(first.session(), get("/early", host="www.test"))
        self.assertTrue(again.was_resumed())
        self.assertFalse(again.early_taken())
        self.ask(again, "/behind")  # the connection is as good as any
        self.assertEqual([request.target for request in self.origin.requests], ["/first", "/behind"])


if __name__ == "__main__":
    unittest.main()
