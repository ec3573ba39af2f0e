"""Filters of lbd on real connections: each does what it says, may answer in place of the endpoint, is counted with its
reason, and stays right on hostile input. long because each filter is tried on the same lbd."""

import base64
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import zlib

sys.dont_write_bytecode = True

from support.lbd_process import Lbd  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import SECONDS, Client, ask, chunked, get, post, values, wait_until  # noqa: E402

TEXT = b"".join(b"%d: what is said again and again is said shorter\n" % number for number in range(4000))
HTML = "Content-Type: text/html; charset=utf-8"
# `secret`; the costs are the least there are.
USERS = "kim:$2b$04$q/w35Py9V8DobO7coQASpezbPv3guheJFwR/dDsSK6uVWi5HiOjqa\n"
KIM = "Authorization: Basic " + base64.b64encode(b"kim:secret").decode()
WRONG = "Authorization: Basic " + base64.b64encode(b"kim:wrong").decode()


class Filters(unittest.TestCase):
    def setUp(self):
        self.origin = Origin()
        self.addCleanup(self.origin.stop)
        folder = tempfile.TemporaryDirectory(prefix="lbd-filters-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def file(self, name: str, text: str) -> str:
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def lbd(self, *filters: dict, routes: list[dict] | None = None, **settings) -> Lbd:
        made = routes or [{"path": "/", "upstream": "origins", "filters": list(filters)}]
        lbd = Lbd([self.origin.name], routes=made, **settings)
        self.addCleanup(lbd.close)
        return lbd

    def last(self):
        return self.origin.requests[-1]

    # The whole site

    def test_filters_of_the_site_are_for_what_has_no_route_too(self):
        routes = [{"host": "a.kr", "path": "/", "upstream": "origins"}]
        lbd = self.lbd(routes=routes, filters=[{"rate_limit": {"name": "all", "requests": 2, "per": "1h", "burst": 2}}])
        said = [ask(lbd.address, get(host=host)).status for host in ("b.kr", "a.kr", "b.kr", "a.kr")]
        self.assertEqual(said, [404, 200, 429, 429])
        lbd = self.lbd(routes=routes, filters=[{"addresses": {"deny": ["127.0.0.0/8"]}}])
        self.assertEqual([ask(lbd.address, get(host=host)).status for host in ("b.kr", "a.kr")], [403, 403])

    # Paths and answers

    def test_a_rewrite_changes_what_the_endpoint_gets(self):
        lbd = self.lbd({"rewrite": {"regex": "^/old/(.*)$", "to": "/new/\\1", "host": "inner.kr"}})
        ask(lbd.address, get("/old/a%2Fb?q=1"))
        self.assertEqual(self.last().target, "/new/a%2Fb?q=1")
        self.assertEqual(self.last().field("Host"), "inner.kr")
        self.assertEqual(self.last().field("X-Forwarded-Host"), "test")

    def test_captures_bring_no_line_into_the_head(self):
        lbd = self.lbd({"rewrite": {"regex": "^/go/(.*)$", "to": "/\\1"}},
                       {"request_fields": {"set": {"X-Path": "${path}"}}})
        for path in ("/go/a%0d%0aX-Evil:%201", "/go/a%0aX-Evil:1"):
            ask(lbd.address, get(path))
            self.assertEqual(self.last().target, path[3:])
            self.assertEqual(self.last().field("X-Path"), path)
            self.assertIsNone(self.last().field("X-Evil"))
        self.assertEqual(self.origin.malformed, [])

    def test_what_a_rewrite_makes_is_judged_as_what_a_client_sends(self):
        lbd = self.lbd({"rewrite": {"regex": "X", "to": ""}})
        for path in ("/.X./secret", "/.X"):
            self.assertEqual(ask(lbd.address, get(path)).status, 400, path)
        self.assertEqual(lbd.refused()["bad_rewrite"], 2)

    def test_redirects_are_absolute_and_cannot_be_led_astray(self):
        lbd = self.lbd(routes=[{"host": "old.kr", "filters": [{"redirect": {"host": "new.kr", "status": 301}}]},
                               {"path": "/go", "filters": [{"redirect": {"regex": "^/go/(.*)$", "to": "/\\1"}}]},
                               {"path": "/", "filters": [{"redirect": {"scheme": "https", "status": 308}}]}])
        for octets, status, location in (
                (get("/a?b", host="old.kr"), 301, "http://new.kr/a?b"),
                (get("/a?b"), 308, "https://test/a?b"),
                (get("/a%0d%0aSet-Cookie:%20x=1"), 308, "https://test/a%0d%0aSet-Cookie:%20x=1"),
                (get("//evil.kr/x"), 308, "https://test//evil.kr/x"),
                (get("/go//evil.kr"), 302, "http://test//evil.kr"),
                (get("/a", method="HEAD"), 308, "https://test/a")):
            method = octets.split(b" ")[0].decode()
            response = ask(lbd.address, octets, method)
            self.assertEqual((response.status, response.field("Location")), (status, location))
            self.assertIsNone(response.field("Set-Cookie"))
        self.assertEqual(lbd.refused()["redirect"], 6)
        self.assertEqual(self.origin.requests, [])

    def test_a_fixed_answer_on_a_connection_that_goes_on(self):
        lbd = self.lbd(routes=[{"path": "/tea", "filters": [
            {"answer": {"status": 418, "body": "short", "content_type": "text/x", "fields": {"X-Pot": "stout"}}}]}])
        with Client(lbd.address) as client:
            for method in ("GET", "HEAD", "GET"):
                response = client.send(get("/tea", method=method)).response(method)
                self.assertEqual((response.status, response.field("X-Pot")), (418, "stout"))
                self.assertEqual(response.field("Content-Length"), "5")
                self.assertEqual(response.body, b"" if method == "HEAD" else b"short")
            # A body that nobody reads must not become the next request.
            response = client.send(post(get("/evil"), path="/tea")).response()
            self.assertEqual(response.status, 418)
            self.assertTrue(response.closes)
            self.assertTrue(client.is_closed())
        self.assertEqual(lbd.refused(), {"fixed_answer": 4})

    def test_maintenance_is_switched_by_a_file(self):
        switch = os.path.join(self.folder, "switch")
        page = self.file("page.html", "<p>soon")
        lbd = self.lbd({"maintenance": {"file": switch, "page_file": page, "retry_after": "10m"}})
        self.assertEqual(ask(lbd.address, get()).status, 200)
        open(switch, "w").close()
        wait_until(lambda: ask(lbd.address, get()).status == 503, what="maintenance")
        response = ask(lbd.address, get())
        self.assertEqual((response.body, response.field("Retry-After")), (b"<p>soon", "600"))
        os.unlink(switch)
        wait_until(lambda: ask(lbd.address, get()).status == 200, what="the end of maintenance")

    def test_who_works_on_it_sees_it_during_maintenance(self):
        lbd = self.lbd({"maintenance": {"enabled": True, "allow": ["127.0.0.0/8"]}})
        self.assertEqual(ask(lbd.address, get()).status, 200)

    def test_fields_are_changed_both_ways_also_on_answers_of_lbd(self):
        lbd = self.lbd({"request_fields": {"set": {"X-User": "${client}"}, "remove": ["X-Debug"]}},
                       {"response_fields": {"set": {"X-Frame-Options": "DENY"}, "remove": ["Server"],
                                            "add": {"Set-Cookie": "b=2"}}})
        self.origin.script = lambda request, connection: answer(
            b"ok", "Server: x", "X-Frame-Options: ALLOW", "Set-Cookie: a=1")
        response = ask(lbd.address, get("/", "X_User: root", "x-user: root", "X-Debug: 1"))
        self.assertEqual(response.field("X-Frame-Options"), "DENY")
        self.assertIsNone(response.field("Server"))
        self.assertEqual(values(response.fields, "Set-Cookie"), ["a=1", "b=2"])
        self.assertEqual(self.last().field("X-User"), "127.0.0.1")
        self.assertIsNone(self.last().field("X_User"))
        self.assertIsNone(self.last().field("X-Debug"))
        self.origin.stop()
        response = ask(lbd.address, get())
        self.assertEqual((response.status, response.field("X-Frame-Options")), (502, "DENY"))

    def test_a_head_made_too_large_by_fields_is_refused_not_cut(self):
        lbd = self.lbd({"request_fields": {"set": {f"X-Copy-{i}": "${path}" for i in range(8)}}})
        response = ask(lbd.address, get("/" + "a" * 7000))
        self.assertEqual(response.status, 431)
        self.assertEqual(ask(lbd.address, get()).status, 200)

    # Who may ask, and how often

    def test_addresses(self):
        lbd = self.lbd(routes=[
            {"path": "/denied", "upstream": "origins", "filters": [{"addresses": {"deny": ["127.0.0.0/8"]}}]},
            {"path": "/listed", "upstream": "origins",
             "filters": [{"addresses": {"allow": ["127.0.0.1"], "deny": ["127.0.0.0/8"]}}]},
            {"path": "/other", "upstream": "origins", "filters": [{"addresses": {"allow": ["10.0.0.0/8"]}}]}])
        self.assertEqual([ask(lbd.address, get(path)).status for path in ("/denied", "/listed", "/other")],
                         [403, 200, 403])
        self.assertEqual(lbd.refused(), {"address_denied": 2})

    def test_a_rate_limit_tells_where_a_client_stands(self):
        lbd = self.lbd({"rate_limit": {"name": "api", "requests": 3, "per": "60s", "key": {"field": "X-Key"}}},
                       workers=2)
        told = []
        for _ in range(5):  # on connections of their own: of whichever worker
            response = ask(lbd.address, get("/", "X-Key: a"))
            told.append((response.status, response.field("RateLimit")))
            self.assertEqual(response.field("RateLimit-Policy"), '"api";q=3;w=60')
        self.assertEqual([status for status, _ in told], [200, 200, 200, 429, 429])
        self.assertEqual([limit.split(";t=")[0] for _, limit in told],
                         ['"api";r=2', '"api";r=1', '"api";r=0', '"api";r=0', '"api";r=0'])
        self.assertIn(response.field("Retry-After"), ("19", "20"))
        self.assertEqual(ask(lbd.address, get("/", "X-Key: b")).status, 200)
        self.assertEqual(ask(lbd.address, get()).status, 200)  # without the field: its address
        self.assertEqual(lbd.refused(), {"rate_limited": 2})
        self.assertEqual(len(self.origin.whole), 5)

    def test_a_reload_forgives_nobody(self):
        lbd = self.lbd({"rate_limit": {"requests": 2, "per": "1h"}})
        self.assertEqual([ask(lbd.address, get()).status for _ in range(3)], [200, 200, 429])
        lbd.settings["routes"][0]["filters"].append({"response_fields": {"set": {"X-New": "1"}}})
        lbd.configure(lbd.settings)
        self.assertEqual(lbd.reload()["msg"], "reloaded")
        wait_until(lambda: ask(lbd.address, get()).field("X-New"), what="the new configuration")
        self.assertEqual(ask(lbd.address, get()).status, 429)

    def test_new_users_come_with_a_reload_and_faults_keep_the_old_ones(self):
        users = self.file("users", USERS)
        lbd = self.lbd({"basic_auth": {"users_file": users}})
        self.assertEqual(ask(lbd.address, get("/", KIM)).status, 200)
        self.file("users", "kim:plain\n")
        self.assertEqual(lbd.reload()["msg"], "reload refused")
        self.assertEqual(ask(lbd.address, get("/", KIM)).status, 200)
        self.file("users", USERS.replace("kim", "lee"))
        self.assertEqual(lbd.reload()["msg"], "reloaded")
        wait_until(lambda: ask(lbd.address, get("/", KIM)).status == 401, what="the new users")

    def test_a_flood_of_clients_does_not_grow_the_rate_table(self):
        lbd = self.lbd({"rate_limit": {"requests": 1, "per": "1h", "key": {"cookie": "sid"}, "clients": 1024}})
        with Client(lbd.address) as client:
            for number in range(3000):
                client.send(get("/", f"Cookie: sid={number}"))
                self.assertEqual(client.response().status, 200)

    def test_a_concurrency_limit_gives_places_back(self):
        held = threading.Event()
        self.addCleanup(held.set)
        self.origin.script = lambda request, connection: held.wait(SECONDS) and answer()
        lbd = self.lbd({"concurrency_limit": {"requests": 2, "status": 503}})
        first, second = Client(lbd.address), Client(lbd.address)
        self.addCleanup(first.close)
        self.addCleanup(second.close)
        first.send(get())
        second.send(get())
        wait_until(lambda: len(self.origin.requests) == 2, what="two requests")
        response = ask(lbd.address, get())
        self.assertEqual((response.status, response.field("Retry-After")), (503, "1"))
        held.set()
        self.assertEqual([first.response().status, second.response().status], [200, 200])
        self.assertEqual(ask(lbd.address, get()).status, 200)
        self.assertEqual(lbd.refused(), {"concurrency_limited": 1})

    def test_basic_auth(self):
        users = self.file("users", USERS)
        lbd = self.lbd({"basic_auth": {"users_file": users, "realm": "desk", "user_field": "X-User",
                                       "forward": False}})
        for fields in ((), (WRONG,), ("Authorization: Basic !!!",), ("Authorization: Bearer x",),
                       ("Authorization: Basic " + base64.b64encode(b"lee:secret").decode(),)):
            response = ask(lbd.address, get("/", *fields, "X-User: root"))
            self.assertEqual(response.status, 401)
            self.assertEqual(response.field("WWW-Authenticate"), 'Basic realm="desk", charset="UTF-8"')
        with Client(lbd.address) as client:
            for _ in range(3):
                client.send(get("/", KIM, "X-User: root"))
                self.assertEqual(client.response().status, 200)
                self.assertEqual(self.last().field("X-User"), "kim")
                self.assertNotIn("root", str(self.last().fields))
                self.assertIsNone(self.last().field("Authorization"))
            # The head is read again after the wait, the body stays where it is.
            client.send(post(b"content", KIM))
            self.assertEqual(client.response().body, b"content")
        self.assertEqual(len(self.origin.requests), 4)
        self.assertEqual(lbd.refused(), {"unauthorized": 5})

    def test_other_requests_go_on_while_passwords_are_hashed(self):
        """Slow hashes, many wrong passwords at once, one worker: it answers others meanwhile."""
        users = self.file("users", "kim:" + slow_hash() + "\n")
        lbd = self.lbd(routes=[{"path": "/", "upstream": "origins"},
                               {"path": "/in", "upstream": "origins",
                                "filters": [{"basic_auth": {"users_file": users}}]}])
        clients = [Client(lbd.address) for _ in range(4)]
        for number, client in enumerate(clients):
            self.addCleanup(client.close)
            wrong = base64.b64encode(b"kim:%d" % number).decode()
            client.send(get("/in", f"Authorization: Basic {wrong}"))
        for _ in range(20):
            self.assertEqual(ask(lbd.address, get()).status, 200)
        for client in clients:
            self.assertEqual(client.response().status, 401)
            client.send(get())  # the head of another request was in the parser's memory meanwhile
            self.assertEqual(client.response().status, 200)

    # Somebody else is asked

    def permission(self, script, **options) -> Lbd:
        self.asked = Origin(script)
        self.addCleanup(self.asked.stop)
        upstreams = [{"name": "origins", "check": {"enabled": False}},
                     {"name": "auth", "endpoints": [self.asked.name], "check": {"enabled": False}}]
        return self.lbd({"forward_auth": {"upstream": "auth", "path": "/verify", "response_fields": ["X-User"],
                                          **options}}, upstreams=upstreams)

    def test_forward_auth_lets_pass_who_is_let_pass(self):
        lbd = self.permission(lambda request, connection: answer(b"x" * 5000, "X-User: kim"))
        with Client(lbd.address) as client:
            for number in range(3):
                client.send(post(b"content", "Cookie: s=1", "X-User: root", "X.User: root", "X-Real-IP: 6.6.6.6",
                                 "X-Forwarded-Prefix: /evil", f"X-N: {number}", path="/a?b"))
                self.assertEqual(client.response().body, b"content")
                self.assertEqual(self.last().field("X-User"), "kim")
                self.assertEqual(self.last().field("X-N"), str(number))
                self.assertEqual(self.last().target, "/a?b")
        question = self.asked.requests[0]
        self.assertEqual((question.line, question.length), ("GET /verify HTTP/1.1", 0))
        self.assertEqual(question.field("Cookie"), "s=1")
        self.assertFalse([name for name, value in question.fields if value in ("6.6.6.6", "/evil")])
        self.assertEqual([question.field(f"X-Forwarded-{name}") for name in ("Method", "Uri", "Host", "For", "Proto")],
                         ["POST", "/a?b", "test", "127.0.0.1", "http"])
        self.assertEqual(self.asked.accepted, 1)  # one warm connection for all
        self.assertEqual(self.asked.malformed, [])

    def test_forward_auth_gives_the_answer_of_who_refuses(self):
        lbd = self.permission(lambda request, connection: answer(
            b"who are you", "WWW-Authenticate: Bearer", "Connection: X-Hop", "X-Hop: 1", status="401 No"))
        with Client(lbd.address) as client:
            for _ in range(2):
                response = client.send(get()).response()
                self.assertEqual((response.status, response.body), (401, b"who are you"))
                self.assertEqual(response.field("WWW-Authenticate"), "Bearer")
                self.assertIsNone(response.field("X-Hop"))
        self.assertEqual(self.origin.requests, [])
        self.assertEqual(lbd.refused(), {"auth_denied": 2})

    def test_without_a_word_from_who_is_asked_nobody_passes(self):
        never = threading.Event()
        self.addCleanup(never.set)
        scripts = {
            "hangs": lambda request, connection: never.wait(SECONDS) and None,
            "5xx": lambda request, connection: answer(b"", status="500 Broken"),
            "closes": lambda request, connection: connection.close(),
            "malformed": lambda request, connection: b"HTTP/1.1 200\x00\r\n\r\n",
            "cut": lambda request, connection: (connection.close(), b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")[1],
            "too long": lambda request, connection: answer(b"x" * 70_000),
        }
        lbd = self.permission(lambda request, connection: answer(), timeout="200ms")
        for name, script in scripts.items():
            with self.subTest(name):
                self.asked.script = script
                response = ask(lbd.address, get())
                self.assertEqual((response.status, response.field("Retry-After")), (503, "1"))
        never.set()
        self.asked.script = lambda request, connection: answer()
        self.assertEqual(ask(lbd.address, get()).status, 200)
        self.asked.stop()
        self.assertEqual(ask(lbd.address, get()).status, 503)
        self.assertEqual(lbd.refused(), {"auth_unavailable": len(scripts) + 1})
        self.assertEqual(len(self.origin.requests), 1)

    # Pages of other origins

    def test_cors(self):
        lbd = self.lbd({"cors": {"origins": ["https://a.kr"], "methods": ["GET", "PUT"], "fields": ["X-Token"],
                                 "credentials": True}})
        self.origin.script = lambda request, connection: answer(b"ok", "Access-Control-Allow-Origin: *")
        preflight = get("/", "Origin: https://a.kr", "Access-Control-Request-Method: PUT",
                        "Access-Control-Request-Headers: x-token", method="OPTIONS")
        response = ask(lbd.address, preflight, "OPTIONS")
        self.assertEqual((response.status, response.field("Access-Control-Allow-Origin")), (204, "https://a.kr"))
        self.assertEqual(response.field("Access-Control-Allow-Credentials"), "true")
        self.assertIsNone(response.field("Content-Length"))
        self.assertEqual(self.origin.requests, [])
        self.assertEqual(ask(lbd.address, preflight.replace(b"https://a.kr", b"https://a.kr.evil")).status, 403)
        for origin, allowed in (("https://a.kr", "https://a.kr"), ("https://b.kr", None), ("null", None)):
            response = ask(lbd.address, get("/", f"Origin: {origin}"))
            self.assertEqual((response.status, response.field("Access-Control-Allow-Origin")), (200, allowed))
            self.assertEqual(response.field("Vary"), "Origin")

    # Compression

    def decoded(self, coding: str | None, body: bytes) -> bytes:
        if coding == "gzip":
            return gzip.decompress(body)
        if coding == "zstd":
            return subprocess.run(["zstd", "-dc"], input=body, stdout=subprocess.PIPE, check=True).stdout
        if coding == "br":
            self.skipTest("no brotli decoder here")
        return body

    def test_what_is_compressed_is_what_was_sent(self):
        lbd = self.lbd({"compression": {}})
        framings = {
            "counted": lambda: answer(TEXT, HTML, 'ETag: "1"', "Accept-Ranges: bytes"),
            "chunked": lambda: (f"HTTP/1.1 200 OK\r\n{HTML}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
                                + chunked(*[TEXT[at:at + 777] for at in range(0, len(TEXT), 777)])),
            "closed": lambda: f"HTTP/1.1 200 OK\r\n{HTML}\r\n\r\n".encode() + TEXT,
        }
        for name, made in framings.items():
            def script(request, connection, made=made, name=name):
                if name == "closed":
                    connection.close()
                return made()
            self.origin.script = script
            with Client(lbd.address) as client:
                for coding in ("gzip", "zstd", "gzip"):
                    with self.subTest(framing=name, coding=coding):
                        response = client.send(get("/", f"Accept-Encoding: {coding}")).response()
                        self.assertTrue(response.complete)
                        self.assertEqual(response.field("Content-Encoding"), coding)
                        self.assertEqual(response.field("Vary"), "Accept-Encoding")
                        self.assertIsNone(response.field("Content-Length"))
                        self.assertIsNone(response.field("Accept-Ranges"))
                        self.assertLess(len(response.body), len(TEXT) // 4)
                        self.assertEqual(self.decoded(coding, response.body), TEXT)
                        if name == "counted":
                            self.assertEqual(response.field("ETag"), 'W/"1"')

    def test_curl_takes_every_coding_apart(self):
        if shutil.which("curl") is None:
            self.skipTest("no curl")
        known = subprocess.run(["curl", "--version"], stdout=subprocess.PIPE, check=True).stdout
        self.origin.script = lambda request, connection: answer(TEXT, HTML)
        for coding, feature in (("br", b"brotli"), ("gzip", b"libz"), ("zstd", b"zstd")):
            if feature not in known:
                continue
            lbd = self.lbd({"compression": {"codings": [coding]}})
            host, port = lbd.address
            got = subprocess.run(["curl", "-sS", "--compressed", "-D", "-", f"http://{host}:{port}/"],
                                 stdout=subprocess.PIPE, check=True).stdout
            head, _, body = got.partition(b"\r\n\r\n")
            self.assertIn(f"Content-Encoding: {coding}".encode(), head)
            self.assertEqual(hashlib.sha256(body).digest(), hashlib.sha256(TEXT).digest(), coding)

    def test_events_in_a_coding_come_at_once(self):
        lbd = self.lbd({"compression": {"types": ["text/event-stream"]}})
        go_on = threading.Event()
        self.addCleanup(go_on.set)

        def script(request, connection):
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            for number in range(3):
                connection.send(chunked(b"data: %d\n\n" % number, end=b""))
                go_on.wait(SECONDS)
                go_on.clear()
            return b"0\r\n\r\n"
        self.origin.script = script
        inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
        with Client(lbd.address) as client:
            client.send(get("/", "Accept-Encoding: gzip"))
            head = client.head()
            pieces = client.pieces(head)
            for number in range(3):
                seen = b""
                while seen != b"data: %d\n\n" % number:
                    seen += inflate.decompress(next(pieces))
                go_on.set()
            for piece in pieces:
                inflate.decompress(piece)
            self.assertTrue(head.complete)
            self.assertTrue(inflate.eof)

    def test_a_cut_answer_looks_cut_in_a_coding_too(self):
        lbd = self.lbd({"compression": {}})

        def script(request, connection):
            connection.close()
            return f"HTTP/1.1 200 OK\r\n{HTML}\r\nContent-Length: {2 * len(TEXT)}\r\n\r\n".encode() + TEXT
        self.origin.script = script
        with Client(lbd.address) as client:
            response = client.send(get("/", "Accept-Encoding: gzip")).response()
        self.assertEqual(response.field("Content-Encoding"), "gzip")
        self.assertFalse(response.complete)

    def test_line_34_what_must_stay_plain_does(self):
        lbd = self.lbd({"compression": {}})
        plain = (
            ("asked by nobody", (), (HTML,)),
            ("unlisted type", ("Accept-Encoding: gzip",), ("Content-Type: image/png",)),
            ("a coding already", ("Accept-Encoding: gzip",), (HTML, "Content-Encoding: x")),
            ("a cookie", ("Accept-Encoding: gzip", "Cookie: s=1"), (HTML,)),
            ("credentials", ("Accept-Encoding: gzip", KIM), (HTML,)),
            ("sets a cookie", ("Accept-Encoding: gzip",), (HTML, "Set-Cookie: s=1")),
            ("no-transform", ("Accept-Encoding: gzip",), (HTML, "Cache-Control: no-transform")),
            ("refused by weight", ("Accept-Encoding: gzip;q=0",), (HTML,)),
        )
        for name, asked, answered in plain:
            with self.subTest(name):
                self.origin.script = lambda request, connection: answer(TEXT, *answered)
                response = ask(lbd.address, get("/", *asked))
                self.assertIn(response.field("Content-Encoding"), (None, "x"))
                self.assertEqual(response.body, TEXT)
        self.origin.script = lambda request, connection: answer(b"small", HTML)
        self.assertEqual(ask(lbd.address, get("/", "Accept-Encoding: gzip")).body, b"small")
        self.origin.script = lambda request, connection: answer(TEXT, HTML, "Content-Range: bytes 0-1/9",
                                                                status="206 Partial Content")
        self.assertEqual(ask(lbd.address, get("/", "Accept-Encoding: gzip")).body, TEXT)
        self.origin.script = lambda request, connection: b"HTTP/1.1 304 Not Modified\r\n\r\n"
        self.assertEqual(ask(lbd.address, get("/", "Accept-Encoding: gzip")).status, 304)

    def test_a_stalled_reader_of_compressed_content_costs_little_memory(self):
        lbd = self.lbd({"compression": {"codings": ["gzip"], "level": 1}})
        block = os.urandom(1 << 20)

        def script(request, connection):
            connection.send(f"HTTP/1.1 200 OK\r\n{HTML}\r\nContent-Length: {60 << 20}\r\n\r\n".encode())
            try:
                for _ in range(60):
                    connection.send(block)
            except OSError:
                connection.close()
        self.origin.script = script
        before = lbd.resident_octets()
        with Client(lbd.address, receive_buffer=4096) as client:
            client.send(get("/", "Accept-Encoding: gzip"))
            client.head()
            last = -1.0
            def stalled():  # it uses no processor any more
                nonlocal last
                used, last = lbd.cpu_seconds() - last, lbd.cpu_seconds()
                time.sleep(0.05)
                return used == 0
            wait_until(stalled, what="the stall")
            self.assertLess(lbd.resident_octets() - before, 4 << 20)

    # Pages of the site's own

    def test_error_pages(self):
        html = self.file("50x.html", "<h1>${status} ${reason}</h1><p>${request_id} ${code}</p>")
        data = self.file("404.json", '{"problem": "${detail}", "id": "${request_id}"}')
        lbd = self.lbd(routes=[{"path": "/app", "upstream": "origins"}],
                       error_pages=[{"status": "5xx", "html_file": html}, {"status": 404, "json_file": data}])
        response = ask(lbd.address, get("/", "X-Request-ID: id-1"))
        self.assertEqual(response.field("Content-Type"), "application/json")
        self.assertEqual(json.loads(response.body)["id"], "id-1")
        self.origin.stop()
        response = ask(lbd.address, get("/app", "Accept: text/html", "X-Request-ID: id-2"))
        self.assertEqual(response.status, 502)
        self.assertEqual(response.body, b"<h1>502 Bad Gateway</h1><p>id-2 not_connected</p>")
        self.assertEqual(json.loads(ask(lbd.address, get("/app")).body)["code"], "not_connected")

    def test_error_pages_in_place_of_an_endpoints(self):
        html = self.file("4xx.html", "<h1>${status} ${code}</h1>")
        data = self.file("5xx.json", '{"problem": "${reason}"}')
        lbd = self.lbd({"response_fields": {"set": {"X-Frame-Options": "DENY"}}},
                       error_pages=[{"status": "4xx", "html_file": html, "intercept": True},
                                    {"status": 404, "html_file": html}, {"status": "5xx", "json_file": data, "intercept": True}])
        said = {"/401": ("401 No", "WWW-Authenticate: Basic realm=x", "Set-Cookie: a=b"), "/403": ("403 No",),
                "/404": ("404 No",), "/503": ("503 No", "Retry-After: 77"), "/200": ("200 OK",), "/405": ("405 No", "Allow: GET")}
        self.origin.script = lambda request, connection: answer(b"secret stack trace", *said[request.target][1:],
                                                                "Content-Type: text/plain", status=said[request.target][0])
        with Client(lbd.address) as client:
            for target, accept, body in (("/401", "text/html", b"<h1>401 intercepted</h1>"),
                                         ("/403", "text/html", b"<h1>403 intercepted</h1>"),
                                         ("/405", "text/html", b"<h1>405 intercepted</h1>"),
                                         ("/503", "application/json", b'{"problem": "Service Unavailable"}'),
                                         ("/503", "text/html", b"secret stack trace"),  # no page in this form
                                         ("/403", "application/json", b"secret stack trace"),
                                         ("/404", "text/html", b"secret stack trace"),  # its page does not intercept
                                         ("/200", "text/html", b"secret stack trace")):
                with self.subTest(target=target, accept=accept):
                    response = client.send(get(target, f"Accept: {accept}")).response()
                    self.assertEqual((response.status, response.body), (int(target[1:]), body))
                    for field in said[target][1:]:
                        name, value = field.split(": ")
                        self.assertEqual(response.field(name), value)
                    self.assertEqual(response.field("X-Frame-Options"), "DENY")
            response = client.send(get("/403", "Accept: text/html", method="HEAD")).response("HEAD")
            self.assertEqual((response.status, response.body), (403, b""))
        self.assertEqual(self.origin.accepted, 1, "the endpoint's connection is used again")
        self.assertEqual(lbd.refused(), {"intercepted": 5})
        # Content that has not all come, or has no end, is not waited for.
        self.origin.script = lambda request, connection: b"HTTP/1.1 403 No\r\nContent-Length: 100000000\r\n\r\nsecret"
        response = ask(lbd.address, get("/", "Accept: text/html"))
        self.assertEqual((response.status, response.body, response.field("X-Frame-Options")), (403, b"<h1>403 intercepted</h1>", "DENY"))


def slow_hash() -> str:
    """Of no password; takes libcrypt a good while."""
    return "$2b$10$abcdefghijklmnopqrstuu5Lv9jBzWVJAVjkRPgCwBLbZPZgCVPnC"


if __name__ == "__main__":
    unittest.main(verbosity=2)
