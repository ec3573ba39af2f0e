"""The security checklist, continued: how lbd conducts itself towards both sides in the course of an exchange. What
octets may be is in lbd_checklist_test.py, pressure and lbd's own doors are in lbd_pressure_test.py."""

import socket
import ssl
import sys
import unittest

sys.dont_write_bytecode = True

from support.checklist_case import ChecklistCase  # noqa: E402
from support.hostile_answers import CUT, POISON, ok, said  # noqa: E402
from support.hostile_requests import BODY_LIMIT, CL, SMUGGLED, TE, coded, head, with_fields  # noqa: E402
from support.origin import answer  # noqa: E402
from support.wire import Client, Ended, ask, chunked, get, post, wait_until  # noqa: E402

SWITCHING = b"HTTP/1.1 101 Switching Protocols"


class Course(ChecklistCase):
    def test_line_16_no_tunnel_but_by_a_101_that_was_asked_for(self):
        """What the client sent ahead stays HTTP and comes to nobody's hands as anything else."""
        websocket = get("/", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13")
        agreed = said(SWITCHING, b"Connection: Upgrade", b"Upgrade: websocket")
        for name, request, octets in (
                ("nobody asked", get(), agreed),
                ("another protocol", websocket, said(SWITCHING, b"Connection: Upgrade", b"Upgrade: chat")),
                ("no protocol", websocket, said(SWITCHING, b"Connection: Upgrade")),
                ("not for this hop", websocket, said(SWITCHING, b"Upgrade: websocket")),
                ("Connection did not ask", get("/", "Upgrade: websocket"), agreed),
                ("HTTP/1.0", websocket.replace(b"HTTP/1.1", b"HTTP/1.0"), agreed),
                ("after a body", post(b"hello", "Connection: Upgrade", "Upgrade: websocket"), agreed)):
            with self.subTest(case=name):
                self.origin.clear()
                self.origin.script = lambda request, connection, octets=octets: octets
                before = self.lbd.refused()
                with Client(self.lbd.address) as client:
                    self.assertEqual(client.send(request).response().status, 502)
                self.assertEqual(self.counted(before), {"bad_answer": 1})
                self.check_bystander()
        for octets in (answer(b"no"), answer(b"no", "Connection: Upgrade", "Upgrade: websocket"),
                       answer(b"no", status="426 Upgrade Required")):
            self.origin.clear()
            self.origin.script = lambda request, connection, octets=octets: (
                octets if request.target == "/" else answer(request.target.encode()))
            with Client(self.lbd.address) as client:
                client.send(websocket + get("/ahead"))
                self.assertEqual(client.response().body, b"no")
                self.assertEqual(client.response().body, b"/ahead")
            self.assertEqual([request.target for request in self.origin.requests], ["/", "/ahead"])
        self.check_bystander()

    def test_line_16_what_goes_through_a_tunnel_stays_in_it(self):
        """Octets sent ahead of the 101 reach the endpoint behind it as they are; both connections end with the tunnel."""
        got = []

        def script(request, connection):
            connection.send(said(SWITCHING, b"Connection: Upgrade", b"Upgrade: websocket") + b"first from the endpoint")
            connection.closing = True
            try:
                while True:
                    connection.reader.more()
            except (Ended, OSError):
                got.append(connection.reader.take(len(connection.reader.held)))
        self.origin.script = script
        with Client(self.lbd.address) as client:
            client.send(get("/", "Connection: Upgrade", "Upgrade: websocket") + SMUGGLED)
            switched = client.head()
            self.assertEqual((switched.status, switched.field("Upgrade")), (101, "websocket"))
            wait_until(lambda: client.reader.held or client.reader.more() or True)
            client.send(SMUGGLED * 2)
            client.sock.shutdown(socket.SHUT_WR)
            wait_until(lambda: got)
            self.assertEqual(client.rest(), b"first from the endpoint")
        self.assertEqual(got, [SMUGGLED * 3])
        used = self.origin.requests[0].connection
        self.assertEqual([request.target for request in self.origin.requests], ["/"])
        self.check_bystander()
        self.assertNotEqual(self.origin.requests[0].connection, used)

    def test_line_17_h2c_is_never_forwarded(self):
        settings = "HTTP2-Settings: AAMAAABkAAQAAP__"
        for fields in (("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", settings), ("Upgrade: h2c", settings),
                       ("Connection: Upgrade", "Upgrade: websocket, h2c"), ("Connection: upgrade", "Upgrade: H2C"),
                       ("Connection: Upgrade", "Upgrade: h2c", "Upgrade: websocket"), ("HTTP2_Settings: AAMAAABk",),
                       ("Connection: Upgrade", "Upgrade: HTTP/2.0"), ("Connection: Upgrade", "Upgrade: TLS/1.2")):
            with self.subTest(fields=fields):
                request = self.seen(get("/", *fields))
                forwarded = str(request.fields).lower()
                for word in ("h2c", "http2", "http/2", "tls/1"):
                    self.assertNotIn(word, forwarded)

    def test_line_18_no_upgrade_with_a_body_or_by_http_1_0(self):
        fields = ("Connection: Upgrade", "Upgrade: websocket")
        for octets in (post(b"hello", *fields), get("/", *fields, "Transfer-Encoding: chunked") + chunked(b"hello"),
                       get("/", *fields).replace(b"HTTP/1.1", b"HTTP/1.0")):
            with self.subTest(octets=octets):
                request = self.seen(octets)
                self.assertEqual((request.field("Upgrade"), request.field("Connection")), (None, None))

    def test_line_20_expectations(self):
        self.check_requests(20)
        for name in ("100-continue", "100-Continue"):  # met here, never forwarded, with and without a body
            for octets in (post(b"hello", f"Expect: {name}"), get("/", f"Expect: {name}")):
                with Client(self.lbd.address) as client:
                    self.assertEqual(client.send(octets + get("/behind")).final_response().status, 200)
                    self.assertEqual(client.final_response().body, b"/behind")
        self.assertNotIn("Expect", str([request.fields for request in self.origin.requests]))

        def refuse_early(_request, connection):  # before any of the content
            connection.send(answer(b"early", status="403 Forbidden"))
            connection.is_ended()
            connection.close()
            return True
        self.origin.on_head = refuse_early
        with Client(self.lbd.address) as client:
            client.send(get("/", f"Content-Length: {BODY_LIMIT}", "Expect: 100-continue", method="POST"))
            final = client.final_response()
            self.assertEqual((final.status, final.closes), (403, True))
            self.assertTrue(client.send_what_is_taken(SMUGGLED).is_closed())
        self.assertNotIn("/smuggled", [request.target for request in self.origin.requests])
        self.check_bystander()

    def test_line_21_what_was_not_read_of_a_body_ends_the_connection(self):
        whole = b"x" * BODY_LIMIT
        hidden = SMUGGLED * (BODY_LIMIT // len(SMUGGLED))
        for name, octets in {"counted": post(hidden), "chunked": coded(chunked(hidden)),
                             "counted, cut": post(whole)[:-BODY_LIMIT // 2],
                             "chunked, cut": coded(b"%x\r\n" % BODY_LIMIT + hidden[:BODY_LIMIT // 2])}.items():
            with self.subTest(body=name):
                self.answer_well()

                def on_head(_request, connection):
                    connection.send(answer(b"early", status="200 OK"))
                    connection.close()
                    connection.sock.settimeout(0.1)
                    try:
                        while True:  # what still comes of the content is nothing to it
                            connection.reader.more()
                    except (Ended, OSError):
                        return True
                self.origin.on_head = on_head
                with Client(self.lbd.address) as client:
                    client.send_what_is_taken(octets)
                    final = client.response()
                    self.assertEqual((final.status, final.body), (200, b"early"))
                    first = self.origin.requests[0].connection
                    self.origin.on_head = None
                    if not final.closes:  # all of it went to the endpoint, unread there: who comes next must not be
                        self.assertEqual(client.send(get("/next")).response().body, b"/next")
                self.check_bystander()
                self.assertNotEqual(self.origin.requests[0].connection, first)
                self.assertNotIn("/smuggled", [request.target for request in self.origin.requests])

    def test_line_22_answers_that_are_none_and_octets_that_belong_to_none(self):
        self.check_answers(22)
        for name, octets in {"length": ok(CL + b"2", body=b"ok"), "chunked": ok(TE + b"chunked", body=chunked(b"ok")),
                             "length 0": ok(CL + b"0"), "204": said(b"HTTP/1.1 204 No Content"),
                             "204 with a body": said(b"HTTP/1.1 204 No Content", CL + b"5", body=b"hello"),
                             "304 with a body": said(b"HTTP/1.1 304 Not Modified", CL + b"5", body=b"hello"),
                             "HEAD": ok(CL + b"6"), "HEAD with a body": ok(CL + b"6", body=b"hello!")}.items():
            for surplus in (POISON, b"x", b"\r\n", b"\0"):
                with self.subTest(answer=name, surplus=surplus):
                    self.answer_well()
                    self.origin.script = lambda request, connection: octets + surplus
                    method = "HEAD" if "HEAD" in name else "GET"
                    with Client(self.lbd.address) as client:
                        client.send(get("/first", method=method))
                        self.assertIn(client.response(method).body, (b"", b"ok"))
                        first = self.origin.requests[0].connection
                        self.check_bystander()
                        self.assertNotEqual(self.origin.requests[0].connection, first, "it was used again")
                        self.assertEqual(client.send(get("/second")).response().body, b"/second")

    def test_line_23_cut_answers_look_cut(self):
        self.check_answers(23)
        for octets in CUT.values():  # to those who know no chunks, too
            self.origin.script = lambda request, connection: (connection.close(), connection.send(octets))[1]
            with Client(self.lbd.address) as client:
                try:
                    final = client.send(head(b"GET / HTTP/1.0", b"Connection: keep-alive")).response()
                    self.assertTrue(final.status == 502 or not final.complete or client.reader.reset, final)
                except Ended:
                    self.assertTrue(client.reader.reset)
        self.check_bystander()

    def test_line_32_what_may_have_been_done_is_not_sent_again(self):
        def die(_request, connection):
            connection.close()
        chunked_post = get("/", "Transfer-Encoding: chunked", method="POST") + chunked(b"hello")
        for name, octets in {"held": post(b"hello"), "streamed": post(b"x" * 90_000), "chunked": chunked_post,
                             "without a body": get(method="POST")}.items():
            with self.subTest(body=name):
                self.answer_well()
                self.origin.script = die
                before = self.lbd.refused()
                self.assertEqual(ask(self.lbd.address, octets).status, 502)
                self.assertEqual(len(self.origin.requests), 1)
                self.assertEqual(self.counted(before), {"connection_died": 1})
        self.answer_well()
        self.origin.script = die
        self.assertEqual(ask(self.lbd.address, get()).status, 502)
        self.assertLessEqual(len(self.origin.requests), 3, "a storm of retries")
        self.check_bystander()


class Bounds(ChecklistCase):
    def edge(self, name: str, within: bytes, beyond: bytes, status: int, reason: str):
        with self.subTest(bound=name):
            self.assertEqual(ask(self.lbd.address, within).status, 200)
            before = self.lbd.refused()
            self.assertEqual(ask(self.lbd.address, beyond).status, status)
            self.assertEqual(self.counted(before), {reason: 1})
            self.check_bystander()

    def test_another_protocol_is_told_apart_at_once(self):
        context = ssl.create_default_context()
        hello = ssl.MemoryBIO()
        try:
            context.wrap_bio(ssl.MemoryBIO(), hello, server_hostname="shop.example").do_handshake()
        except ssl.SSLWantReadError:
            pass
        preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
        # A record's other octets may hold no line ending, so nothing but its first octet is waited for.
        for octets, status, reason in ((hello.read(), 400, "tls_on_plain_port"), (b"\x16", 400, "tls_on_plain_port"),
                                       (preface, 505, "http2_preface")):
            with self.subTest(reason=reason, octets=octets[:8]):
                before = self.lbd.refused()
                with Client(self.lbd.address) as client:
                    said = client.send_what_is_taken(octets).response()
                    self.assertEqual((said.status, said.closes, client.is_closed()), (status, True, True))
                    self.assertIn(reason, said.body.decode())
                self.assertEqual(self.counted(before), {reason: 1})
                self.check_bystander()

    def test_line_24_every_size_has_its_bound(self):
        kib = 1024
        line = 8 * kib - len("GET / HTTP/1.1")
        self.edge("request line", get("/" + "x" * line), get("/" + "x" * (line + 1)), 414, "request_line_too_long")
        field = 8 * kib - len("A: ")
        self.edge("field line", with_fields(b"A: " + b"x" * field), with_fields(b"A: " + b"x" * (field + 1)), 431,
                  "field_line_too_long")
        self.edge("fields", with_fields(*[b"A: b"] * 99), with_fields(*[b"A: b"] * 100), 431, "too_many_fields")
        most = b"B: " + b"x" * 8000
        rest = 16 * kib - len(with_fields(b"A: ", most, b"C: " + b"x" * 4000))
        self.edge("head", with_fields(b"A: " + b"x" * rest, most, b"C: " + b"x" * 4000),
                  with_fields(b"A: " + b"x" * (rest + 1), most, b"C: " + b"x" * 4000), 431, "head_too_large")
        self.edge("counted body", post(b"x" * BODY_LIMIT), get("/", f"Content-Length: {BODY_LIMIT + 1}", method="POST"),
                  413, "body_too_large")
        self.edge("chunked body", coded(chunked(b"x" * BODY_LIMIT)), coded(chunked(b"x" * BODY_LIMIT, b"y")), 413,
                  "body_too_large")
        self.edge("trailers", coded(b"0\r\nA: " + b"x" * 4000 + b"\r\n\r\n"),
                  coded(b"0\r\nA: " + b"x" * 4100 + b"\r\n\r\n"), 431, "trailers_too_large")
        self.edge("chunk line", coded(b"0;" + b"x" * 200 + b"\r\n\r\n"), coded(b"0;" + b"x" * 300 + b"\r\n\r\n"), 400,
                  "chunk_extensions_too_large")
        self.edge("chunk extensions", coded(b"1;abc\r\nx\r\n" * 900 + b"0\r\n\r\n"),
                  coded(b"1;abc\r\nx\r\n" * 1100 + b"0\r\n\r\n"), 400, "chunk_extensions_too_large")

    def test_line_24_every_size_of_an_answer_has_its_bound(self):
        early = said(b"HTTP/1.1 103 Early Hints")
        for name, octets, status in (
                ("field line", ok(CL + b"2", b"A: " + b"x" * 8000, body=b"ok"), 200),
                ("field line beyond", ok(CL + b"2", b"A: " + b"x" * 8200, body=b"ok"), 502),
                ("fields", ok(CL + b"2", *[b"A: b"] * 99, body=b"ok"), 200),
                ("fields beyond", ok(CL + b"2", *[b"A: b"] * 100, body=b"ok"), 502),
                ("head beyond", ok(CL + b"2", *[b"A: " + b"x" * 6000] * 3, body=b"ok"), 502),
                ("interim answers", early * 8 + ok(CL + b"2", body=b"ok"), 200),
                ("interim answers beyond", early * 9 + ok(CL + b"2", body=b"ok"), 502)):
            with self.subTest(bound=name):
                self.origin.script = lambda request, connection: octets
                with Client(self.lbd.address) as client:
                    self.assertEqual(client.send(get()).final_response().status, status)
                self.check_bystander()


if __name__ == "__main__":
    unittest.main()
