"""Strict-Transport-Security: on every answer over TLS, whoever gives it, and on none in the clear (RFC 6797)."""

import sys
import unittest

sys.dont_write_bytecode = True

from support.certificates import Authority, TlsClient  # noqa: E402
from support.lbd_process import Lbd  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import Response, ask, get, values  # noqa: E402

SECONDS = 60.0  # for what takes a moment, on a machine that others keep busy
ROUTES = [{"path": "/away", "filters": [{"redirect": {"host": "elsewhere.test"}}]}, {"path": "/", "upstream": "origins"}]


def told(response: Response) -> list[str]:
    return values(response.fields, "Strict-Transport-Security")


class Hsts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()
        cls.addClassCleanup(cls.authority.remove)
        cls.www = cls.authority.make("www", "www.test")

    def start(self, **listener) -> Lbd:
        self.origin = Origin(lambda request, connection: answer(
            b"ok", *(["Strict-Transport-Security: max-age=1"] if request.target == "/told" else [])))
        self.addCleanup(self.origin.stop)
        self.lbd = Lbd([self.origin.name], listeners=[{"address": "127.0.0.1:0", **listener}], limits={"body": "1KiB"},
                       routes=ROUTES)
        self.addCleanup(self.lbd.close)
        return self.lbd

    def ask(self, octets: bytes, method: str = "GET") -> Response:
        with TlsClient(self.lbd.address, self.authority.context(), seconds=SECONDS) as client:
            return client.send(octets).response(method)

    def test_every_answer_over_tls_has_it_once(self):
        self.start(tls={"certificates": [self.www], "hsts": {"max_age": "1h"}})
        hsts = ["max-age=3600"]
        for path, status in {"/": 200, "/told": 200, "/away": 302}.items():  # an endpoint's own is replaced
            with self.subTest(path=path):
                said = self.ask(get(path, host="www.test"))
                self.assertEqual((said.status, told(said)), (status, hsts))
        for status, method, octets in (
                (400, "GET", b"GET / HTTP/1.1\r\nHost: www.test\r\nBad Name: x\r\n\r\n"),
                (405, "TRACE", get("/", host="www.test", method="TRACE")),
                (413, "POST", get("/", "Content-Length: 2000", host="www.test", method="POST")),
                (421, "GET", get("/", host="shop.test")),
                (200, "OPTIONS", get("/", "Max-Forwards: 0", host="www.test", method="OPTIONS"))):
            with self.subTest(method=method, status=status):
                said = self.ask(octets, method)
                self.assertEqual((said.status, told(said)), (status, hsts))
        self.origin.stop()
        said = self.ask(get(host="www.test"))
        self.assertEqual((said.status, told(said)), (502, hsts))

    def test_none_in_the_clear_and_none_without_the_setting(self):
        self.start()
        for path in ("/", "/away"):
            self.assertEqual(told(ask(self.lbd.address, get(path, host="www.test"), seconds=SECONDS)), [])
        self.start(tls={"certificates": [self.www]})
        self.assertEqual(told(self.ask(get("/", host="www.test"))), [])
        self.assertEqual(told(self.ask(get("/told", host="www.test"))), ["max-age=1"])


if __name__ == "__main__":
    unittest.main()
