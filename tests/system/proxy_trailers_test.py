"""Trailers, interim answers and expectations: what comes before and behind a message on its way through."""

import sys
import threading
import unittest

sys.dont_write_bytecode = True

from support.lbd_process import Lbd  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import Client, chunked, get, wait_until  # noqa: E402

SECTION = b"0\r\nX-Sum: abc\r\nContent-Length: 9\r\nX_Forwarded_For: 6.6.6.6\r\nAuthorization: x\r\nServer-Timing: a\r\n\r\n"
PASSED = [("X-Sum", "abc"), ("Server-Timing", "a")]
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\r\n"


class Ends(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.origin = Origin()
        cls.addClassCleanup(cls.origin.stop)
        cls.lbd = Lbd([cls.origin.name], timeouts={"go_ahead": "300ms"})
        cls.addClassCleanup(cls.lbd.close)

    def setUp(self):
        self.origin.clear()
        self.origin.on_head = None
        self.origin.script = lambda request, connection: answer(request.target.encode())

    def test_trailers_of_a_request_reach_the_endpoint(self):
        seen = []

        def script(request, connection):
            seen.append(connection.reader.trailers)
            return answer()
        self.origin.script = script
        with Client(self.lbd.address) as client:
            head = get("/", "Transfer-Encoding: chunked", "Trailer: X-Sum, Content-Length", method="POST")
            for cut in (1, 20, len(SECTION)):
                client.send(head + chunked(b"hello", end=SECTION[:cut]))
                if cut < len(SECTION):
                    client.send(SECTION[cut:])
                self.assertEqual(client.response().status, 200)
        self.assertEqual(seen, [PASSED] * 3)
        request = self.origin.whole[0]
        self.assertEqual((request.field("Trailer"), request.field("X-Sum"), request.body), ("X-Sum", None, b"hello"))

    def test_trailers_of_an_answer_reach_who_takes_them(self):
        self.origin.script = lambda request, connection: (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum, Host\r\n\r\n" + chunked(b"hello", end=SECTION))
        with Client(self.lbd.address) as client:
            got = client.send(get("/", "TE: trailers", "Connection: TE")).response()
            self.assertEqual((got.body, client.reader.trailers, got.field("Trailer")), (b"hello", PASSED, "X-Sum"))
            got = client.send(get("/")).response()
            self.assertEqual((got.body, client.reader.trailers, got.field("Trailer")), (b"hello", [], None))
            self.assertIsNone(got.field("X-Sum"))
        asked = [(request.field("TE"), request.field("Connection")) for request in self.origin.requests]
        self.assertEqual(asked, [("trailers", "TE"), (None, None)])

    def test_early_hints_reach_clients_that_know_them(self):
        self.origin.script = lambda request, connection: HINTS + HINTS + answer(b"ok")
        with Client(self.lbd.address) as client:
            client.send(get())
            for _ in range(2):
                hint = client.response()
                self.assertEqual((hint.status, hint.fields), (103, [("Link", "</a.css>; rel=preload")]))
            self.assertEqual(client.response().body, b"ok")
            client.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            self.assertEqual(client.response().status, 200)

    def test_an_expectation_is_for_the_endpoint_to_meet(self):
        go = threading.Event()

        def on_head(request, connection):
            go.wait(5)
            connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            return False
        self.origin.on_head = on_head
        with Client(self.lbd.address) as client:
            client.send(get("/", "Content-Length: 5", "Expect: 100-continue", method="POST"))
            go.set()
            self.assertEqual(client.head().status, 100)
            self.assertEqual(client.send(b"hello").response().status, 200)
        self.assertEqual(self.origin.whole[0].body, b"hello")

    def test_an_early_final_answer_spares_the_content(self):
        def on_head(request, connection):
            connection.send(answer(b"no", status="403 Forbidden"))
            return connection.is_ended()
        self.origin.on_head = on_head
        with Client(self.lbd.address) as client:
            got = client.send(get("/", "Content-Length: 5", "Expect: 100-continue", method="POST")).response()
            self.assertEqual((got.status, got.closes), (403, True))
            self.assertTrue(client.is_closed())

    def test_an_answer_that_needs_the_content_after_its_head_gets_it(self):
        """As of a CGI program: its head is there before it reads. RFC 9110 §10.1.1 lets a server leave 100 out."""
        for framing, frame in (("Content-Length: 5", lambda octets: octets), ("Transfer-Encoding: chunked", chunked)):
            def on_head(request, connection, framing=framing, frame=frame):
                connection.send(f"HTTP/1.1 200 OK\r\n{framing}\r\n\r\n".encode())
                connection.send(frame(b"".join(connection.reader.counted(5))))
                return connection.is_ended()
            self.origin.on_head = on_head
            with self.subTest(framing), Client(self.lbd.address) as client:
                head = client.send(get("/", "Content-Length: 5", "Expect: 100-continue", method="POST")).head()
                self.assertEqual((head.status, head.closes), (200, True))
                client.send(b"hello")
                self.assertEqual(b"".join(client.pieces(head)), b"hello")
                self.assertTrue(client.is_closed())

    def test_an_answer_that_goes_on_without_the_content_is_whole(self):
        go = threading.Event()

        def on_head(request, connection):
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
            go.wait(5)
            connection.send(b"ok")
            return connection.is_ended()
        self.origin.on_head = on_head
        with Client(self.lbd.address) as client:
            head = client.send(get("/", "Content-Length: 5", "Expect: 100-continue", method="POST")).head()
            go.set()
            self.assertEqual((head.closes, b"".join(client.pieces(head))), (True, b"ok"))
            self.assertTrue(client.is_closed())

    def test_a_silent_endpoint_is_spoken_for(self):
        with Client(self.lbd.address) as client:
            client.send(get("/", "Content-Length: 5", "Expect: 100-continue", method="POST"))
            self.assertEqual(client.head().status, 100)
            self.assertEqual(client.send(b"hello").response().status, 200)

    def test_a_client_that_leaves_is_noticed_at_once(self):
        ended = threading.Event()

        def script(_request, connection):
            if connection.is_ended():
                ended.set()
        self.origin.script = script
        for warm in (False, True):
            with self.subTest(warm=warm):
                ended.clear()
                counted = self.lbd.refused().get("client_gone", 0)
                with Client(self.lbd.address) as client:
                    if warm:
                        self.origin.script = lambda request, connection: answer()
                        client.send(get()).response()
                        self.origin.script = script
                    self.origin.clear()
                    client.send(get())
                    wait_until(lambda: self.origin.whole)
                    threading.Event().wait(0.02)  # an end within the request's own breath belongs to it
                self.assertTrue(ended.wait(2))
                wait_until(lambda: self.lbd.refused().get("client_gone", 0) == counted + 1)

    def test_a_request_sent_ahead_is_no_farewell(self):
        go = threading.Event()
        self.origin.script = lambda request, connection: go.wait(5) and answer(request.target.encode())
        with Client(self.lbd.address) as client:
            client.send(get("/first"))
            wait_until(lambda: self.origin.whole)
            client.send(get("/second"))
            go.set()
            self.assertEqual([client.response().body for _ in range(2)], [b"/first", b"/second"])

    def test_a_connection_ends_with_its_last_request(self):
        with Lbd([self.origin.name], limits={"requests": 3}) as lbd, Client(lbd.address) as client:
            self.assertEqual([client.send(get()).response().closes for _ in range(3)], [False, False, True])
            self.assertTrue(client.is_closed())
            self.assertEqual(lbd.metrics()["lbd_connections_used_up_total"], 1)


if __name__ == "__main__":
    unittest.main()
