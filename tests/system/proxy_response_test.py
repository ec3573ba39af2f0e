"""Hostile and odd answers of an origin server: what the client gets to see of them, and that no octet of one answer
ever becomes part of another."""

import json
import socket
import sys
import threading
import time
import unittest

sys.dont_write_bytecode = True

from support.hostile_answers import CL, CUT, MALFORMED, POISON, TE, ok, said  # noqa: E402
from support.hostile_requests import coded  # noqa: E402
from support.lbd_process import Lbd  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import Client, Ended, ask, chunked, get, post, wait_until  # noqa: E402


class ProxyResponse(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.origin = Origin()
        cls.addClassCleanup(cls.origin.stop)
        cls.lbd = Lbd([cls.origin.name], upstream={"timeouts": {"first_byte": "5s", "between_bytes": "5s"}})
        cls.addClassCleanup(cls.lbd.close)

    def setUp(self):
        self.answer_well()

    def answer_well(self):
        self.origin.clear()
        self.origin.script = lambda request, connection: answer(request.target.encode())

    def answer_and_close(self, octets: bytes):
        def script(_request, connection):
            connection.close()
            connection.send(octets)
        self.origin.clear()
        self.origin.script = script

    def check_next_client(self):
        self.answer_well()
        with Client(self.lbd.address) as client:
            for path in ("/a", "/b"):
                self.assertEqual(client.send(get(path)).response().body, path.encode())
        self.assertEqual(self.origin.malformed, [])

    def test_a_malformed_answer_is_a_502(self):
        for name, octets in MALFORMED.items():
            for method in ("GET", "POST"):
                with self.subTest(case=name, method=method):
                    self.answer_and_close(octets)
                    with Client(self.lbd.address) as client:
                        got = client.send(get("/", "Content-Length: 0", method=method)).final_response()
                        self.assertEqual((got.status, got.field("Content-Type")), (502, "application/problem+json"))
                        problem = json.loads(got.body)
                        self.assertEqual((problem["status"], problem["title"]), (502, "Bad Gateway"))
                        self.assertTrue(problem["code"] and problem["request_id"] and problem["detail"])
                        self.assertEqual(len(self.origin.whole), 1, "asked again after an answer had begun")
                        self.check_next_client()
                        again = client.send(get("/again")).response()
                        self.assertEqual(again.body, b"/again", "the client was not to blame")

    def test_a_malformed_answer_is_never_waited_out(self):
        """The endpoint keeps its connection open; what it has said is enough to judge."""
        for name in ("no HTTP", "two lengths", "length and coding", "folded field", "huge head", "bare LF"):
            with self.subTest(case=name):
                self.origin.script = lambda request, connection, name=name: MALFORMED[name]
                self.assertEqual(ask(self.lbd.address, get(), seconds=3).status, 502)
        self.check_next_client()

    def test_an_end_that_comes_together_with_what_precedes_it(self):
        for name, octets, status in (("interim answer", MALFORMED["nothing but an interim answer"], 502),
                                     ("whole answer", answer(b"ok"), 200),
                                     ("half a head", MALFORMED["half a head"], 502),
                                     ("nothing", b"", 502)):
            for warm in (False, True):
                with self.subTest(before=name, warm=warm):
                    came, go, done = threading.Event(), threading.Event(), threading.Event()

                    def script(_request, connection):
                        came.set()
                        go.wait(5)
                        connection.close()
                        connection.send(octets)
                        connection.sock.shutdown(socket.SHUT_WR)
                        done.set()
                    self.answer_well()
                    with Client(self.lbd.address, 3) as client:
                        if warm:
                            client.send(get()).response()
                        self.origin.script = script
                        client.send(get("/", "Content-Length: 0", method="POST"))
                        self.assertTrue(came.wait(5))
                        with self.lbd.asleep():
                            go.set()
                            self.assertTrue(done.wait(5))
                        self.assertEqual(client.response().status, status)
                        self.check_next_client()

    def test_who_reads_gets_a_page(self):
        self.answer_and_close(b"nonsense\r\n\r\n")
        for accept, kind in (("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"), ("*/*", None),
                             ("application/json, text/html", None), ("application/problem+json", None), ("", None)):
            with self.subTest(accept=accept):
                got = ask(self.lbd.address, get("/", f"Accept: {accept}", "X-Request-ID: named"))
                self.assertEqual((got.status, got.field("Content-Type")), (502, kind or "application/problem+json"))
                self.assertIn(b"named", got.body)
                self.assertIn(b"<!doctype html>" if kind else b'"code":', got.body)
        got = ask(self.lbd.address, get(method="HEAD"), method="HEAD")
        self.assertEqual((got.status, got.body), (502, b""))
        self.assertGreater(int(got.field("Content-Length")), 0)

    def test_an_answer_that_is_cut_looks_cut(self):
        counted = self.lbd.refused().get("answer_cut", 0) + self.lbd.refused().get("bad_answer", 0)
        for name, octets in CUT.items():
            with self.subTest(case=name):
                self.answer_and_close(octets)
                with Client(self.lbd.address) as client:
                    got = client.send(get()).response()
                    if got.status == 200:
                        self.assertFalse(got.complete, "a cut answer that looks whole")
                        self.assertEqual(got.body.replace(b"hello", b"").replace(b"x", b""), b"")
                    else:  # nothing of it had been passed on
                        self.assertEqual((got.status, got.complete), (502, True))
                self.assertEqual(len(self.origin.whole), 1)
                self.check_next_client()
        refused = self.lbd.refused()
        self.assertEqual(refused["answer_cut"] + refused.get("bad_answer", 0), counted + len(CUT))

    def test_a_cut_answer_looks_cut_to_http_1_0_too(self):
        """Without chunks only a reset can tell."""
        self.answer_and_close(ok(TE + b"chunked", body=chunked(b"hello", end=b"")))
        with Client(self.lbd.address) as client:
            try:
                got = client.send(b"GET / HTTP/1.0\r\n\r\n").response()
                self.assertFalse(got.complete)
            except Ended:
                pass  # the reset overtook the octets
            self.assertTrue(client.reader.reset)

    def test_a_reset_within_an_answer_looks_cut(self):
        def script(_request, connection):
            connection.send(ok(body=b"hello"))
            connection.reset()
        self.origin.script = script
        with Client(self.lbd.address) as client:
            try:
                got = client.send(get()).response()
                self.assertFalse(got.status == 200 and got.complete, "a reset that looks like an end")
            except Ended:
                pass
        self.check_next_client()

    def test_octets_behind_an_answer_reach_nobody(self):
        for name, octets in {"length": ok(CL + b"2", body=b"ok"), "chunked": ok(TE + b"chunked", body=chunked(b"ok")),
                             "204": said(b"HTTP/1.1 204 No Content"), "304": said(b"HTTP/1.1 304 Not Modified"),
                             "HEAD": ok(CL + b"6")}.items():
            for surplus in (POISON, b"x", b"\r\n"):
                with self.subTest(answer=name, surplus=surplus):
                    self.origin.clear()
                    self.origin.script = lambda request, connection: octets + surplus
                    method = "HEAD" if name == "HEAD" else "GET"
                    with Client(self.lbd.address) as client:
                        client.send(get("/first", method=method))
                        self.assertIn(client.response(method).body, (b"", b"ok"))
                        first = self.origin.requests[0].connection
                        self.answer_well()
                        self.assertEqual(client.send(get("/second")).response().body, b"/second")
                        second = self.origin.requests[0].connection
                        self.assertNotEqual(second, first, "the poisoned connection was used again")
                        self.assertEqual(client.send(get("/third")).response().body, b"/third")

    def test_what_comes_on_an_idle_connection_reaches_nobody(self):
        late = threading.Event()

        def script(request, connection):
            connection.send(answer(b"first"))
            late.wait(5)
            connection.send(POISON)
        self.origin.script = script
        with Client(self.lbd.address) as client:
            self.assertEqual(client.send(get("/first")).response().body, b"first")
            self.answer_well()
            late.set()
            # It is the kernel that brings POISON to lbd; once it lies there, it must be seen.
            wait_until(lambda: unread_from(self.origin.port))
            self.assertEqual(client.send(get("/second")).response().body, b"/second")

    def test_statuses_without_a_body_have_none(self):
        for name, octets in {"204 with a length": said(b"HTTP/1.1 204 No Content", CL + b"0"),
                             "204 chunked": said(b"HTTP/1.1 204 No Content", TE + b"chunked"),
                             "304 with a length": said(b"HTTP/1.1 304 Not Modified", CL + b"100")}.items():
            with self.subTest(case=name):
                self.origin.clear()
                self.origin.script = lambda request, connection: octets
                with Client(self.lbd.address) as client:
                    got = client.send(get()).response()
                    self.assertEqual((got.status, got.body), (int(name[:3]), b""))
                    self.assertIsNone(got.field("Transfer-Encoding"))
                    self.assertEqual(got.field("Content-Length"), "100" if got.status == 304 else None)
                    self.answer_well()
                    self.assertEqual(client.send(get("/next")).response().body, b"/next")

    def test_interim_answers_do_not_disturb(self):
        hints = said(b"HTTP/1.1 100 Continue") + said(b"HTTP/1.1 103 Early Hints", b"Link: </a>; rel=preload")
        self.origin.script = lambda request, connection: hints + answer(b"final")
        with Client(self.lbd.address) as client:
            for _ in range(3):
                self.assertEqual(client.send(get()).final_response().body, b"final")
        with Client(self.lbd.address) as client:  # RFC 9110 §15.2: never to HTTP/1.0
            self.assertEqual(client.send(b"GET / HTTP/1.0\r\n\r\n").response().body, b"final")
        self.assertEqual(len({request.connection for request in self.origin.requests}), 1)

    def test_an_answer_that_ends_with_its_connection(self):
        body = b"x" * 200_000
        for start, name in ((b"HTTP/1.1 200 OK", "1.1"), (b"HTTP/1.0 200 OK", "1.0")):
            with self.subTest(version=name):
                self.answer_and_close(said(start, b"Connection: keep-alive", body=body))
                with Client(self.lbd.address) as client:
                    got = client.send(get()).response()
                    self.assertTrue(got.complete and got.body == body)
                    self.answer_well()
                    self.assertEqual(client.send(get("/next")).response().body, b"/next", "the client may stay")
        self.answer_and_close(said(b"HTTP/1.1 200 OK", body=body))
        with Client(self.lbd.address) as client:
            got = client.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").response()
            self.assertTrue(got.closes and got.body == body)

    def test_an_answer_may_come_octet_by_octet(self):
        body = chunked(b"he", b"llo", end=b"0\r\nA: b\r\n\r\n")
        octets = said(b"HTTP/1.1 103 Early Hints") + ok(TE + b"chunked", b"Field: a", body=body)

        def script(_request, connection):
            for at in range(len(octets)):
                connection.send(octets[at:at + 1])
        self.origin.script = script
        with Client(self.lbd.address) as client:
            for _ in range(20):
                got = client.send(get()).final_response()
                self.assertEqual((got.status, got.body, got.complete, got.field("Field")), (200, b"hello", True, "a"))

    def test_fields_of_the_endpoints_hop_stay_there(self):
        self.origin.script = lambda request, connection: answer(
            b"ok", "Connection: X-Hop, keep-alive", "X-Hop: a", "Keep-Alive: timeout=5", "Proxy-Connection: x",
            "Upgrade: h2c", "Trailer: X", "Set-Cookie: a=b", "Set-Cookie: c=d", "Server: origin")
        with Client(self.lbd.address) as client:
            got = client.send(get()).response()
        for name in ("Connection", "X-Hop", "Keep-Alive", "Proxy-Connection", "Upgrade", "Trailer"):
            self.assertIsNone(got.field(name), name)
        self.assertEqual(got.field("Set-Cookie"), "a=b, c=d")

    def test_an_endpoint_that_wants_to_close_is_asked_on_a_new_connection(self):
        self.origin.script = lambda request, connection: answer(b"ok", "Connection: close")
        with Client(self.lbd.address) as client:
            for _ in range(3):
                got = client.send(get()).response()
                self.assertEqual((got.body, got.closes), (b"ok", False))
        self.assertEqual(len({request.connection for request in self.origin.requests}), 3)

    def test_an_early_answer_ends_both_connections(self):
        """The rest of the body is never read as a request, on either side."""
        def on_head(request, connection):
            connection.send(answer(b"too early", status="403 Forbidden"))
            connection.is_ended()
            connection.close()
            return True
        self.origin.on_head = on_head
        self.addCleanup(setattr, self.origin, "on_head", None)
        with Client(self.lbd.address) as client:
            client.send(get("/", "Content-Length: 1000000", method="POST") + get("/smuggled"))
            got = client.response()
            self.assertEqual((got.status, got.body, got.closes), (403, b"too early", True))
            self.assertTrue(client.send_what_is_taken(get("/smuggled")).is_closed())
        self.assertEqual([request.target for request in self.origin.requests], ["/"])
        self.origin.on_head = None
        self.check_next_client()

    def test_an_early_answer_reaches_a_client_that_is_still_sending(self):
        """Who reads only behind its upload finds the answer there, soon, whatever the endpoint does with the rest."""
        ends = threading.Event()
        self.addCleanup(ends.set)
        endings = {"closed": lambda connection: connection.close(),
                   "half closed, unread": lambda connection: connection.sock.shutdown(socket.SHUT_WR) or ends.wait(20),
                   "unread": lambda connection: ends.wait(20)}
        uploads = {"counted": post(b"x" * (12 << 20)), "chunked": coded(chunked(*[b"x" * 30_000] * 400))}
        rounds = [(status, name, upload) for status in ("413 Content Too Large", "401 Unauthorized")
                  for name in endings for upload in uploads] * 3  # what comes first is left to the machine
        for status, name, upload in rounds:
            with self.subTest(status=status, endpoint=name, upload=upload):
                self.origin.clear()

                def on_head(_request, connection, status=status, end=endings[name]):
                    connection.send(answer(b"early", status=status))
                    end(connection)
                    connection.close()  # what is left of the upload is no next request, in no later test either
                    return True
                self.origin.on_head = on_head
                began = time.monotonic()
                with Client(self.lbd.address) as client:
                    got = client.send_what_is_taken(uploads[upload]).response()
                    self.assertEqual((got.status, got.body, got.closes), (int(status[:3]), b"early", True))
                self.assertLess(time.monotonic() - began, 3)
                first = self.origin.requests[0].connection
                self.origin.on_head = None
                self.check_next_client()
                self.assertNotEqual(self.origin.requests[-1].connection, first)



def unread_from(port: int) -> bool:
    """Octets that the server on `port` has sent lie unread at its peer."""
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [row.split() for row in table.readlines()[1:]]
    return any(row[2].endswith(f":{port:04X}") and row[3] == "01" and int(row[4].split(":")[1], 16) > 0 for row in rows)


if __name__ == "__main__":
    unittest.main()
