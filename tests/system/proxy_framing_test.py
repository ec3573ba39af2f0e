"""Odd requests, as raw octets, and such as are cut anywhere: what lbd answers, and what the origin server gets to see of
them. Hostile ones are in lbd_checklist_test.py."""

import socket
import sys
import unittest

sys.dont_write_bytecode = True

from support.hostile_requests import BODY_LIMIT, CL, SMUGGLED, TE, coded, head, with_fields  # noqa: E402
from support.lbd_process import Lbd  # noqa: E402
from support.odd_requests import ACCEPTED  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import Client, ask, chunked, get, post, values, wait_until  # noqa: E402


class ProxyFraming(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.origin = Origin()
        cls.lbd = Lbd([cls.origin.name], limits={"body": f"{BODY_LIMIT}B"}, timeouts={"head": "5s", "body": "5s"})
        cls.addClassCleanup(cls.origin.stop)
        cls.addClassCleanup(cls.lbd.close)

    def setUp(self):
        self.origin.clear()
        self.origin.script = lambda request, connection: answer(request.body or b"ok")

    def check_next_client(self):
        self.origin.clear()
        said = ask(self.lbd.address, get("/next", "Field: untouched"))
        self.assertEqual((said.status, said.body), (200, b"ok"))
        # Only whole ones: what was refused may still trickle in, cut.
        self.assertEqual([(r.line, r.field("Field"), r.body) for r in self.origin.whole],
                         [("GET /next HTTP/1.1", "untouched", b"")])
        self.assertEqual(self.origin.malformed, [])

    def test_what_is_accepted(self):
        for name, (octets, method, target, body, fields) in ACCEPTED.items():
            with self.subTest(case=name):
                self.origin.clear()
                said = ask(self.lbd.address, octets)
                self.assertEqual(said.status, 200)
                self.assertEqual(self.origin.malformed, [])
                self.assertEqual(len(self.origin.requests), 1)
                request = self.origin.requests[0]
                self.assertEqual((request.method, request.target, request.body), (method, target, body))
                for field, value in fields.items():
                    self.assertEqual(request.field(field), value, field)
                self.assertEqual(request.field("X-Forwarded-For"), "127.0.0.1")
                self.check_next_client()

    def test_every_name_of_a_request_is_harmless(self):
        for sent in ("", "a b", "x" * 65, "a\"b", "{}", "a, b"):
            with self.subTest(sent=sent):
                self.origin.clear()
                ask(self.lbd.address, get("/", f"X-Request-ID: {sent}"))
                self.assertRegex(self.origin.requests[0].field("X-Request-ID"), r"\A[0-9a-f]{32}\Z")

    def split_everywhere(self, octets: bytes):
        """One answer for each place where the octets may be cut in two reads."""
        for at in range(1, len(octets)):
            received = self.lbd.metrics()["lbd_client_received_bytes_total"]
            with Client(self.lbd.address) as client:
                client.send(octets[:at])
                wait_until(lambda: self.lbd.metrics()["lbd_client_received_bytes_total"] >= received + at)
                yield at, client.send_what_is_taken(octets[at:]).final_response()

    def test_octets_may_come_cut_anywhere(self):
        for octets, body in ((get("/x", "Field: a"), b"ok"), (post(b"hello"), b"hello"),
                             (b"\r\n" + coded(b"2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\nA: b\r\n\r\n"), b"hello")):
            self.origin.clear()
            for at, said in self.split_everywhere(octets):
                self.assertEqual((said.status, said.body), (200, body), f"cut at {at}")
            self.assertEqual(len(self.origin.whole), len(octets) - 1)
            self.assertEqual({request.body for request in self.origin.whole}, {b"" if body == b"ok" else body})
        self.assertEqual(self.origin.malformed, [])

    def test_a_refusal_is_the_same_wherever_it_is_cut(self):
        for octets in (with_fields(CL + b"3", TE + b"chunked", body=b"0\r\n\r\n"), with_fields(b"A: b", b" c"),
                       coded(b"2\r\nok\n")):
            self.origin.clear()
            for at, said in self.split_everywhere(octets):
                self.assertEqual(said.status, 400, f"cut at {at}")
            self.assertEqual(self.origin.whole, [])

    def test_pipelined_requests_are_answered_in_order(self):
        self.origin.script = lambda request, connection: answer(f"{request.target} {request.body.decode()}".encode())
        requests = [get("/0"), post(b"one", path="/1"),
                    get("/2", "Transfer-Encoding: chunked", method="POST") + chunked(b"t", b"wo"),
                    get("/3", "Connection: Upgrade", "Upgrade: websocket"), post(b"x" * 70_000, path="/4"), get("/5")]
        with Client(self.lbd.address) as client:
            client.send(b"".join(requests))
            said = [client.response().body for _ in requests]
        self.assertEqual(said, [b"/0 ", b"/1 one", b"/2 two", b"/3 ", b"/4 " + b"x" * 70_000, b"/5 "])
        self.assertEqual([request.target for request in self.origin.requests], [f"/{i}" for i in range(6)])

    def test_nothing_behind_a_refused_request_is_read(self):
        with Client(self.lbd.address) as client:
            client.send(get("/first") + with_fields(CL + b"0", TE + b"chunked", body=b"0\r\n\r\n") + SMUGGLED)
            self.assertEqual(client.response().status, 200)
            self.assertEqual(client.response().status, 400)
            self.assertTrue(client.is_closed())
        self.assertEqual([request.target for request in self.origin.requests], ["/first"])

    def test_connect_opens_no_tunnel(self):
        with Client(self.lbd.address) as client:
            client.send(head(b"CONNECT test:80 HTTP/1.1", b"Host: test:80") + SMUGGLED)
            self.assertGreaterEqual(client.response().status, 400)
        self.assertNotIn("CONNECT", [request.method for request in self.origin.requests])

    def test_an_upgrade_nobody_asked_for_tunnels_nothing(self):
        self.origin.script = lambda request, connection: (
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        with Client(self.lbd.address) as client:
            client.send(get("/"))
            self.assertEqual(client.final_response().status, 502)
        self.origin.script = lambda request, connection: answer()
        self.check_next_client()

    def waits_in_vain(self):
        return self.lbd.metrics()['lbd_timeouts_total{kind="go_ahead"}']

    def test_a_client_that_expects_100_gets_it_before_its_body(self):
        before = self.waits_in_vain()
        with Client(self.lbd.address) as client:
            for size in (5, 90_000):  # held, and passed on as it comes
                client.send(get("/", f"Content-Length: {size}", "Expect: 100-Continue", method="POST"))
                self.assertEqual(client.head().status, 100)
                self.assertEqual(client.send(b"x" * size).response().body, b"x" * size)
        # Whether the content is wanted is for the endpoint to say (RFC 9110 §10.1.1); this one says nothing.
        self.assertEqual([request.field("Expect") for request in self.origin.requests], ["100-continue"] * 2)
        self.assertEqual(self.waits_in_vain(), before + 2)

    def test_a_client_that_expects_100_but_does_not_wait_for_it(self):
        with Client(self.lbd.address) as client:
            client.send(post(b"hello", "Expect: 100-continue") + get("/second"))
            self.assertEqual(client.final_response().body, b"hello")
            self.assertEqual(client.final_response().body, b"ok")

    def test_a_client_of_http_1_0_gets_no_100(self):
        said = []
        with Client(self.lbd.address) as client:
            client.send(head(b"POST / HTTP/1.0", CL + b"5", b"Expect: 100-continue"))
            client.send(b"hello")
            said.append(client.response())
        self.assertEqual([(s.status, s.body) for s in said], [(200, b"hello")])

    def test_http_1_0_connections_end_unless_asked_to_stay(self):
        with Client(self.lbd.address) as client:
            said = client.send(head(b"GET / HTTP/1.0")).response()
            self.assertTrue(said.complete and client.is_closed())
        with Client(self.lbd.address) as client:
            for _ in range(2):
                said = client.send(head(b"GET / HTTP/1.0", b"Connection: keep-alive")).response()
                self.assertEqual((said.body, said.field("Connection")), (b"ok", "keep-alive"))

    def test_http_1_0_clients_never_meet_chunks(self):
        self.origin.script = lambda request, connection: (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"he", b"llo"))
        with Client(self.lbd.address) as client:
            said = client.send(head(b"GET / HTTP/1.0", b"Connection: keep-alive")).response()
        self.assertEqual((said.field("Transfer-Encoding"), said.body, said.complete), (None, b"hello", True))

    def test_head_has_the_fields_of_get_and_no_body(self):
        self.origin.script = lambda request, connection: (
            answer(b"0123456789") if request.method == "GET" else b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
        with Client(self.lbd.address) as client:
            for method in ("HEAD", "GET", "HEAD"):
                said = client.send(get("/", method=method)).response(method)
                self.assertEqual(said.field("Content-Length"), "10")
                self.assertEqual(said.body, b"0123456789" if method == "GET" else b"")

    def test_a_connection_that_asks_to_close_is_closed(self):
        with Client(self.lbd.address) as client:
            said = client.send(get("/", "Connection: Close")).response()
            self.assertTrue(said.closes and client.is_closed())

    def test_a_client_that_sends_no_more_is_answered_and_let_go(self):
        """Its end may come together with its request: neither may be lost."""
        for octets, answers in ((get(), 1), (get() * 3, 3), (post(b"hello"), 1), (coded(chunked(b"hello")), 1)):
            for before in (b"", get("/before")):
                with self.subTest(octets=octets[:20], answers=answers, before=before):
                    with Client(self.lbd.address, 3) as client:
                        if before:
                            self.assertEqual(client.send(before).response().status, 200)
                        with self.lbd.asleep():
                            client.send(octets).sock.shutdown(socket.SHUT_WR)
                        for _ in range(answers):
                            self.assertEqual(client.response().status, 200)
                        self.assertTrue(client.is_closed())

    def test_a_request_cut_by_its_client_never_looks_whole(self):
        for octets in (post(b"x" * 90_000)[:-1], coded(b"5\r\nhel"), coded(b"5\r\nhello\r\n"),
                       coded(b"5\r\nhello\r\n0\r\n")):
            with self.subTest(octets=octets[:40]):
                self.origin.clear()
                with Client(self.lbd.address) as client:
                    client.send(octets)
                    wait_until(lambda: self.origin.requests)
                wait_until(lambda: not self.lbd.metrics()['lbd_connections_active{side="client"}'])
                self.assertEqual(self.origin.whole, [])
                self.check_next_client()

    def test_fields_come_once_each(self):
        """What lbd writes itself stands beside nothing that a client wrote."""
        twice = ("X-Forwarded-For: a", "X-Forwarded-For: b", "X-Request-ID: c", "X-Request-ID: d")
        ask(self.lbd.address, get("/", *twice))
        for name in ("Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Request-ID"):
            self.assertEqual(len(values(self.origin.requests[0].fields, name)), 1, name)


if __name__ == "__main__":
    unittest.main()
