"""HTTP/2 to clients: what a message of HTTP/1.1 is there and the other way round, flow control, and that the streams of
a connection leave each other alone."""

import base64
import hashlib
import os
import sys
import threading
import unittest

sys.dont_write_bytecode = True

from support import http2_frames as h2  # noqa: E402
from support.http2_case import Http2Case  # noqa: E402
from support.http2_frames import END_STREAM, INITIAL_WINDOW_SIZE, INTERNAL_ERROR, NO_ERROR, PROTOCOL_ERROR  # noqa: E402
from support.origin import answer  # noqa: E402
from support.wire import SECONDS, Ended, ask, chunked, get, values, wait_until  # noqa: E402

MIB = 1 << 20
LARGE = os.urandom(MIB) * 10
BODIES = {"limits": {"body": "64MiB"}}
GROWTH = 24 * MIB  # what lbd may grow by while it relays much


def digest(octets: bytes) -> str:
    return hashlib.sha256(octets).hexdigest()


class Messages(Http2Case):
    def test_a_request_as_the_endpoint_sees_it(self):
        self.start()
        client = self.connect()
        said = client.ask("/path?query", "GET", ("accept", "*/*"), ("x-test", "a"), ("x-test", "b"), ("te", "trailers"),
                          authority="shop.test:8080")
        self.assertEqual((said.status, bytes(said.body)), (200, b"ok"))
        request = self.origin.requests[0]
        self.assertEqual(request.line, "GET /path?query HTTP/1.1")
        self.assertEqual(values(request.fields, "Host"), ["shop.test:8080"])
        self.assertEqual(values(request.fields, "X-Test"), ["a", "b"])
        self.assertEqual(request.field("X-Forwarded-Host"), "shop.test:8080")
        self.assertEqual(request.field("X-Forwarded-Proto"), "http")
        self.assertFalse([name for name, _ in request.fields if name.startswith(":")])

    def test_one_host(self):
        self.start()
        client = self.connect()
        client.ask("/", "GET", ("host", "test"))
        number, client.next_stream = client.next_stream, client.next_stream + 2
        client.send(h2.headers(number, [(":method", "GET"), (":scheme", "http"), (":path", "/"), ("host", "only")]))
        client.until(lambda: number in client.streams and client.streams[number].over)
        client.ask("/", "GET", ("host", "evil"))
        told = [values(request.fields, "Host") for request in self.origin.requests]
        self.assertEqual(told[:2], [["test"], ["only"]])
        self.assertIn(told[2:], ([], [["test"]]))  # :authority counts, or the request is refused

    def test_crumbs_of_a_cookie_are_joined(self):
        self.start()
        self.connect().ask("/", "GET", ("cookie", "a=b"), ("x-between", "x"), ("cookie", "c=d; e=f"), ("cookie", "g=h"))
        self.assertEqual(values(self.origin.requests[0].fields, "Cookie"), ["a=b; c=d; e=f; g=h"])

    def test_fields_of_the_endpoints_hop_stay_there(self):
        self.start(lambda request, connection: answer(
            b"ok", "Connection: X-Hop, keep-alive", "X-Hop: a", "Keep-Alive: timeout=5", "Upgrade: h2c",
            "Proxy-Connection: close", "Set-Cookie: a=b", "Set-Cookie: c=d", "X-UPPER: x"))
        said = self.connect().ask()
        self.assertEqual((said.status, said.field("x-hop"), said.field("x-upper")), (200, None, "x"))
        self.assertEqual(values(said.heads[-1], "set-cookie"), ["a=b", "c=d"])

    def test_statuses_and_methods_without_content(self):
        def script(request, connection):
            if request.method == "HEAD":
                return b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
            status = request.target[1:]
            return f"HTTP/1.1 {status} Text\r\nETag: \"x\"\r\n\r\n".encode() if status in ("204", "304") else answer(b"")
        self.start(script)
        client = self.connect()
        for method, path, status, length in (("HEAD", "/", 200, "1000"), ("GET", "/204", 204, None),
                                             ("GET", "/304", 304, None), ("GET", "/empty", 200, "0")):
            said = client.ask(path, method)
            self.assertEqual((said.status, said.length, said.ended), (status, 0, True))
            self.assertEqual(said.field("content-length"), length)

    def test_trailers_both_ways(self):
        seen = []

        def script(request, connection):
            seen.append((request.body, connection.reader.trailers))
            return (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
                    + chunked(b"hello", end=b"0\r\nX-Sum: abc\r\nContent-Length: 9\r\n\r\n"))
        self.start(script)
        client = self.connect()
        number = client.begin("/", "POST", ("te", "trailers"), ("trailer", "x-check"), ends=False)
        trailers = [("x-check", "1"), ("x-more", "2")]
        client.send(h2.data(number, b"con") + h2.data(number, b"tent") + h2.headers(number, trailers))
        said = client.response(number)
        self.assertEqual((said.status, bytes(said.body), said.trailers), (200, b"hello", [("x-sum", "abc")]))
        content, told = seen[0]
        self.assertEqual((content, [(name.lower(), value) for name, value in told]), (b"content", trailers))

    def test_interim_answers_and_expectations(self):
        hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
        self.start(lambda request, connection: answer(request.body) if request.body else hints + answer(b"ok"))
        client = self.connect()
        said = client.ask()
        self.assertEqual((said.interim, said.status, values(said.heads[0], "link")), ([103], 200, ["</a.css>"]))
        self.origin.on_head = lambda request, connection: connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        number = client.begin("/", "POST", ("expect", "100-continue"), ("content-length", "5"), ends=False)
        client.until(lambda: client.streams[number].interim == [100], "100")
        client.send(h2.data(number, b"hello", END_STREAM))
        self.assertEqual(bytes(client.response(number).body), b"hello")

    def test_limits_of_heads_and_contents(self):
        self.start(limits={"body": "64KiB"})
        client = self.connect()
        for name, status, path, fields in (
                ("a long path", 414, "/" + "x" * 9000, ()), ("a long field", 431, "/", [("x-long", "x" * 9000)]),
                ("many fields", 431, "/", [(f"x-{number}", "x") for number in range(120)]),
                ("a long head", 431, "/", [(f"x-{number}", "x" * 4000) for number in range(5)]),
                ("many crumbs", 431, "/", [("cookie", f"a{number}=" + "x" * 1000) for number in range(20)])):
            with self.subTest(name):
                block = h2.block(h2.request_fields(path, "GET", *fields))
                number, client.next_stream = client.next_stream, client.next_stream + 2
                client.send(h2.headers(number, block[:16000], END_STREAM) + h2.continuation(number, block[16000:]))
                client.until(lambda number=number: number in client.streams and client.streams[number].over)
                self.assertEqual(client.streams[number].status, status)
        for more in ((), (("content-length", str(len(LARGE))),)):
            number = client.begin("/", "POST", *more, ends=False)
            client.upload(number, LARGE)
            self.assertEqual(client.response(number).status, 413)
        self.assertEqual(self.origin.whole, [])
        self.assertEqual(client.ask().status, 200)
        self.assertEqual(client.goaways, [])

    def test_http_1_goes_on_beside_it(self):
        self.start()
        self.assertEqual(ask(self.lbd.address, get()).status, 200)
        self.assertEqual(ask(self.lbd.address, get("/", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c",
                                                   "HTTP2-Settings: AAMAAABkAAQAAP__")).status, 200)
        self.assertEqual(self.connect().ask().status, 200)
        self.assertFalse([request for request in self.origin.requests if request.field("HTTP2-Settings")])
        lines = wait_until(lambda: len(self.lbd.access_log()) == 3 and self.lbd.access_log())
        self.assertIn("HTTP/2", str(lines[-1]))


class Contents(Http2Case):
    def start_sums(self, **settings):
        """Uploads are answered by their digest; other requests by much."""
        self.start(lambda request, connection: answer(
            LARGE if request.method == "GET" else f"{request.length} {request.digest.hexdigest()}".encode()),
            **BODIES, **settings)

    def test_much_both_ways_on_streams_at_once(self):
        self.start_sums()
        before = self.peak_octets()
        client = self.connect()
        downloads = [client.begin(f"/{number}") for number in range(2)]
        upload = client.begin("/up", "POST", ends=False)
        client.upload(upload, LARGE)
        self.assertEqual(bytes(client.response(upload).body).decode(), f"{len(LARGE)} {digest(LARGE)}")
        for number in downloads:
            self.assertEqual(digest(client.response(number).body), digest(LARGE))
        self.assertEqual(self.origin.malformed, [])
        self.assertLess(self.peak_octets() - before, GROWTH)

    def test_a_slow_reader_holds_the_endpoint_back(self):
        self.start_sums()
        before = self.peak_octets()
        client = self.connect(replenish=False)
        client.give(0, 64 * MIB)
        slow = [client.begin(f"/{number}") for number in range(4)]
        client.until(lambda: all(client.streams[number].window == 0 for number in slow), "windows used up")
        quick = client.begin("/quick", "POST")  # others go on
        self.assertEqual(client.response(quick).status, 200)
        for number in slow:
            client.give(number, 16 * MIB)
        for number in slow:
            self.assertEqual(digest(client.response(number).body), digest(LARGE))
        self.assertLess(self.peak_octets() - before, GROWTH)

    def test_a_slow_endpoint_holds_the_client_back_and_no_other_stream(self):
        self.start_sums(timeouts={"body": "60s", "send": "60s"})
        go = threading.Event()
        self.addCleanup(go.set)
        self.origin.on_head = lambda request, connection: request.target == "/slow" and not go.wait(3 * SECONDS)
        before = self.peak_octets()
        client = self.connect()
        content, sent = LARGE + LARGE, 0  # more than all sockets on the way hold
        slow = client.begin("/slow", "POST", ends=False)
        for number in range(200):
            sent += client.upload(slow, content[sent:sent + MIB], ends=False, waits=False)
            quick = client.begin(f"/{number}", "POST", ends=False)
            client.upload(quick, b"quick")
            self.assertEqual(client.response(quick).status, 200)
        self.assertLess(sent, len(content), "lbd took in what nobody had asked for")
        go.set()
        client.upload(slow, content[sent:])
        self.assertEqual(bytes(client.response(slow).body).decode(), f"{len(content)} {digest(content)}")
        self.assertLess(self.peak_octets() - before, GROWTH)

    def test_a_client_that_sends_more_than_it_may_is_stopped(self):
        self.start_sums()
        go = threading.Event()
        self.addCleanup(go.set)
        self.origin.on_head = lambda request, connection: go.wait(3 * SECONDS)  # nothing of it is read
        client = self.connect().await_settings()
        number = client.begin("/", "POST", ends=False)
        client.pour(h2.data(number, bytes(h2.DEFAULT_FRAME)) * 2000)
        try:
            client.until(lambda: client.goaways or client.streams[number].resets, "an error")
        except Ended:
            pass
        codes = client.streams[number].resets[:1] or [code for _, code in client.goaways]
        self.assertEqual(codes, [h2.FLOW_CONTROL_ERROR])


class Streams(Http2Case):
    def start_held(self, **settings):
        """Requests wait at the endpoint until `go`."""
        self.go = threading.Event()
        self.addCleanup(self.go.set)
        self.start(lambda request, connection: self.go.wait(3 * SECONDS) and answer(request.target.encode()), **settings)

    def test_a_hundred_at_once(self):
        self.start_held()
        client = self.connect().await_settings()
        self.assertGreaterEqual(client.theirs[h2.MAX_CONCURRENT_STREAMS], 100)
        numbers = [client.begin(f"/{number}") for number in range(100)]
        wait_until(lambda: len(self.origin.requests) == 100, what="all of them at the endpoint")
        self.go.set()
        self.assertEqual([bytes(client.response(number).body) for number in numbers], [b"/%d" % n for n in range(100)])

    def test_malformed_ones_do_not_disturb_others(self):
        self.start_held()
        client = self.connect()
        first = client.begin("/first")
        wait_until(lambda: self.origin.requests)
        for fields in (("X-Upper", "x"), ("connection", "close"), ("x-line", "a\r\nb"), (":late", "x")):
            number = client.begin("/malformed", "GET", fields)
            self.assertEqual(client.response(number).reset, PROTOCOL_ERROR)
        last = client.begin("/last")
        self.go.set()
        self.assertEqual([bytes(client.response(number).body) for number in (first, last)], [b"/first", b"/last"])
        self.assertEqual([request.target for request in self.origin.requests], ["/first", "/last"])

    def test_a_stream_that_the_client_gives_up(self):
        gone = threading.Event()

        def script(request, connection):
            if request.target == "/other":
                return answer()
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nbegin")
            if connection.is_ended(3 * SECONDS):
                gone.set()
            return None
        self.start(script)
        client = self.connect()
        number = client.begin("/long")
        client.until(lambda: client.streams[number].length, "its begin")
        client.send(h2.rst_stream(number))
        self.assertTrue(gone.wait(2 * SECONDS), "the endpoint was not told")
        self.assertEqual(client.ask("/other").status, 200)

    def test_an_answer_that_is_cut_looks_cut(self):
        def script(request, connection):
            connection.close()
            if request.target == "/cut":
                return b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegin"
            return b"HTTP/1.1 junk\r\n\r\n"
        self.start(script)
        client = self.connect()
        said = client.ask("/cut")
        self.assertIn((said.status, said.ended), ((200, False), (None, False)))
        self.assertIn(said.reset, (INTERNAL_ERROR, h2.CANCEL))
        self.assertEqual(client.ask("/junk").status, 502)

    def test_an_early_answer_ends_the_upload_alone(self):
        self.start(**BODIES)

        def on_head(request, connection):
            if request.method == "POST":
                connection.send(answer(b"no", "Connection: close", status="413 Content Too Large"))
                connection.close()
            return request.method == "POST"
        self.origin.on_head = on_head
        client = self.connect()
        number = client.begin("/", "POST", ends=False)
        client.upload(number, LARGE)
        said = client.response(number)
        self.assertEqual((said.status, bytes(said.body), said.ended), (413, b"no", True))
        client.until(lambda: said.resets or client.answers_ping())
        self.assertIn(said.reset, (NO_ERROR, None))
        self.assertEqual(client.ask("/other").status, 200)

    def test_web_sockets(self):
        """RFC 8441: an extended CONNECT is an upgrade to the endpoint."""
        def on_head(request, connection):
            if request.target == "/refuses":
                return False
            key = request.field("Sec-WebSocket-Key").encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
            accept = base64.b64encode(hashlib.sha1(key).digest()).decode()
            connection.send("".join(f"{line}\r\n" for line in (
                "HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", f"Upgrade: {request.field('Upgrade')}",
                f"Sec-WebSocket-Accept: {accept}", "Sec-WebSocket-Protocol: chat", "")).encode())
            try:
                while True:
                    connection.send(connection.reader.some(65536))
            except Ended:
                connection.close()
            return True
        self.start()
        self.origin.on_head = on_head
        client = self.connect(settings={INITIAL_WINDOW_SIZE: MIB}).await_settings()
        self.assertEqual(client.theirs.get(h2.ENABLE_CONNECT_PROTOCOL), 1)
        fields = [(":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"), (":path", "/chat"),
                  (":authority", "test"), ("sec-websocket-version", "13"), ("sec-websocket-protocol", "chat")]
        client.send(h2.headers(1, fields, h2.END_HEADERS))
        client.until(lambda: 1 in client.streams and client.streams[1].status)
        tunnel = client.streams[1]
        self.assertEqual((tunnel.status, tunnel.field("sec-websocket-protocol"), tunnel.field("sec-websocket-accept")),
                         (200, "chat", None))
        client.next_stream = 3
        for message in (b"hello", LARGE[:200_000]):
            before = tunnel.length
            client.upload(1, message, ends=False)
            client.until(lambda: tunnel.length == before + len(message), "an echo")
            self.assertEqual(bytes(tunnel.body[before:]), message)
            self.assertEqual(client.ask("/refuses").status, 200)
        client.send(h2.data(1, b"", END_STREAM))
        self.assertTrue(client.response(1).over)
        request = self.origin.requests[0]
        self.assertEqual((request.method, request.field("Upgrade").lower()), ("GET", "websocket"))
        self.assertEqual(request.field("Host"), "test")


if __name__ == "__main__":
    unittest.main()
