"""The security checklist, continued: how lbd conducts itself towards both sides in the course of an exchange, under
pressure and at its own doors. What octets may be is in lbd_checklist_test.py."""

import json
import resource
import sys
import threading
import time
import unittest

sys.dont_write_bytecode = True

from support.checklist import REQUESTS  # noqa: E402
from support.checklist_case import ChecklistCase  # noqa: E402
from support.hostile_answers import CUT, POISON, ok, said  # noqa: E402
from support.hostile_requests import BODY_LIMIT, CL, SMUGGLED, TE, coded, head, with_fields  # noqa: E402
from support.lbd_process import Lbd  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import Client, Ended, ask, chunked, get, post, wait_until  # noqa: E402

SLACK = 1.0
SWITCHING = b"HTTP/1.1 101 Switching Protocols"
MIB = 1 << 20


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


class Pressure(unittest.TestCase):
    def start(self, **settings):
        self.origin = Origin(lambda request, connection: answer(request.target.encode()))
        self.addCleanup(self.origin.stop)
        self.lbd = Lbd([self.origin.name], **settings)
        self.addCleanup(self.lbd.close)

    def test_line_25_slow_heads_bodies_and_readers_cost_only_themselves(self):
        self.start(timeouts={"head": "600ms", "body": "600ms", "send": "600ms"}, limits={"body": "1MiB"})
        large = answer(b"x" * 8 * MIB)
        self.origin.script = lambda request, connection: (
            large if request.target == "/large" else answer(request.target.encode()))
        before = self.lbd.resident_octets()
        began = time.monotonic()
        slow = {"head": (get("/", "Field: x")[:-4], 408), "body": (post(b"x" * 300_000)[:70_000], 408),
                "coded": (coded(b"5\r\nhel"), 408), "reader": (get("/large"), None)}
        clients = [(name, Client(self.lbd.address, receive_buffer=4096)) for name in slow for _ in range(25)]
        for name, client in clients:
            self.addCleanup(client.close)
            client.send(slow[name][0])
        with Client(self.lbd.address) as other:
            pause = threading.Event()
            turn = 0
            while time.monotonic() - began < 0.9:  # heads go on, an octet at a time: their limit is absolute
                for name, client in clients:
                    if name == "head":
                        client.send_what_is_taken(b"x")
                asked = time.monotonic()
                self.assertEqual(other.send(get(f"/{turn}")).response().body, f"/{turn}".encode())
                self.assertLess(time.monotonic() - asked, 2 * SLACK)
                turn += 1
                pause.wait(0.02)
        # What the kernel holds for a reader is not lbd's: 64 KiB each is.
        self.assertLess((self.lbd.resident_octets() - before) / len(clients), 100 * 1024)
        for name, client in clients:
            if slow[name][1]:
                self.assertEqual(client.response().status, slow[name][1], name)
        wait_until(lambda: self.lbd.metrics()['lbd_connections_active{side="client"}'] == 0, 2.5 + SLACK, "all being let go")
        refused = self.lbd.refused()
        self.assertEqual({key: refused.get(key) for key in ("head_timeout", "body_timeout", "client_stalled")},
                         {"head_timeout": 25, "body_timeout": 50, "client_stalled": 25})

    def test_line_26_out_of_descriptors(self):
        limit = 256
        self.start(preexec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)),
                   upstream={"check": {"enabled": True, "interval": "50ms", "timeout": "200ms", "fall": 2, "rise": 2}})
        wait_until(lambda: self.origin.probes > 2)
        with Client(self.lbd.address) as early:
            self.assertEqual(early.send(get("/early")).response().body, b"/early")
            crowd = [Client(self.lbd.address) for _ in range(2 * limit)]
            for client in crowd:
                self.addCleanup(client.close)
            wait_until(lambda: self.lbd.metrics()["lbd_accept_pauses_total"] > 0, what="exhaustion")
            began, spent = time.monotonic(), self.lbd.cpu_seconds()
            pause = threading.Event()
            for turn in range(20):
                self.assertEqual(early.send(get(f"/{turn}")).response().body, f"/{turn}".encode())
                self.assertEqual(self.lbd.admin("/healthz").status, 200, "the operator is locked out")
                pause.wait(0.03)
            self.assertLess(self.lbd.cpu_seconds() - spent, 0.3 * (time.monotonic() - began), "it spins")
            # That we cannot ask says nothing about the endpoint.
            self.assertNotIn("endpoint is down", [line.get("msg") for line in self.lbd.log()])
            for client in crowd:
                client.close()
            with Client(self.lbd.address, 3) as late:
                self.assertEqual(late.send(get("/late")).response().body, b"/late")
        self.assertTrue(self.lbd.is_ready())
        wait_until(lambda: self.lbd.descriptors() < limit // 2, what="giving descriptors back")

    def test_line_33_checks_are_bounded(self):
        elsewhere, hanging = Origin(), Origin()
        for origin in (elsewhere, hanging):
            self.addCleanup(origin.stop)
        endless = threading.Event()
        self.addCleanup(endless.set)

        def flood(_request, connection):
            connection.send(ok(TE + b"chunked"))
            while not endless.is_set():
                connection.send(chunked(b"x" * 65536, end=b""))
        hanging.health_script = lambda request, connection: endless.wait(10) and None
        self.origin = Origin()
        self.addCleanup(self.origin.stop)
        self.origin.health_script = lambda request, connection: answer(
            b"", f"Location: http://{elsewhere.name}/secret", status="302 Found")
        self.lbd = Lbd([self.origin.name, hanging.name], upstream={
            "check": {"enabled": True, "interval": "50ms", "timeout": "150ms", "rise": 2, "fall": 2}})
        self.addCleanup(self.lbd.close)

        def up(origin):
            return self.lbd.metrics()[f'lbd_upstream_up{{upstream="origins",endpoint="{origin.name}"}}'] == 1
        wait_until(lambda: not up(self.origin) and not up(hanging), 2 + SLACK)
        self.assertEqual((elsewhere.accepted, elsewhere.probes), (0, 0), "a redirect was followed")
        hanging.health_script = flood
        before = self.lbd.resident_octets()
        probes = hanging.probes
        wait_until(lambda: hanging.probes >= probes + 5)  # one after the other, none pinned by what never ends
        self.assertLess(self.lbd.resident_octets() - before, 4 * MIB)
        self.origin.health_script = lambda request, connection: answer(b"fit")
        wait_until(lambda: up(self.origin), 2 + SLACK)

    def test_line_37_the_operators_door(self):
        self.start()
        state = self.lbd.admin("/readyz").body
        for path in ("/drain", "/undrain", "/reload", "/stop", "/api/drain", "/v1/reload", "/upstreams/origins"):
            for method in ("GET", "HEAD"):
                self.lbd.admin(path, method)
        self.assertEqual(self.lbd.admin("/readyz").body, state, "asking has changed something")
        self.assertEqual(ask(self.lbd.address, get("/metrics")).body, b"/metrics", "clients must not come in")
        before = set(self.lbd.metrics())
        for number in range(50):
            ask(self.lbd.address, get(f"/{number}", f"F{number}: x", method=f"METHOD{number}", host=f"host{number}"))
            ask(self.lbd.address, b"nonsense%d\r\n\r\n" % number)
        self.assertLessEqual(len(set(self.lbd.metrics()) - before), 2, "labels come from strangers")

    def test_line_38_no_client_writes_the_log(self):
        self.start()
        hostile = [get('/"},{"status":200', host="a"), get("/%22%0A%7B%22forged%22:1"), get("/", 'X-Request-ID: "}'),
                   get("/", 'User-Agent: "},{"forged":1,"a":"\\', 'Referer: \x1b[31m'), get("/" + "%0a" * 2000),
                   head(b"GET / HTTP/1.1", b"Host: test", b"User-Agent: \xff\xfe\x80" + b"x" * 7000),
                   b'GET /\n{"forged":1} HTTP/1.1\r\n\r\n', b"\xff\x00 / HTTP/1.1\r\n\r\n", get("/", method="`|~'")]
        for octets in hostile:
            with Client(self.lbd.address) as client:
                client.send_what_is_taken(octets).response()
        lines = wait_until(lambda: len(found := self.lbd.access_log()) >= len(hostile) and found)
        self.assertEqual(len(lines), len(hostile))
        for line in lines:  # that each is one line of JSON, and UTF-8, was seen as they were read
            self.assertNotIn("forged", line)
            self.assertLess(len(json.dumps(line)), 4096)


if __name__ == "__main__":
    unittest.main()
