"""HTTP/2 to endpoints: what a request becomes, how requests share connections, checks, and a server of somebody else's."""

import base64
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

sys.dont_write_bytecode = True

from support import http2_frames as h2  # noqa: E402
from support.certificates import Authority  # noqa: E402
from support.http2_endpoint import Connection, Request, answer_ok  # noqa: E402
from support.http2_endpoint_case import LONG, EndpointCase  # noqa: E402
from support.http2_frames import CANCEL, END_HEADERS  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.wire import Client, ask, chunked, get, post  # noqa: E402


class Messages(EndpointCase):
    def test_a_request_as_the_endpoint_sees_it(self):
        def script(connection: Connection, request: Request, event: str) -> None:
            if event == "end":
                connection.answer(request.stream, b"hello", ("x-answer", "a"), ("set-cookie", "a=b"), ("set-cookie", "c=d"))
        self.start(script)
        said = self.ask(get("/a?b", "X-Test: 1", "Cookie: a=b; c=d", "TE: trailers", "Connection: TE, X-Hop", "X-Hop: 1",
                            host="shop.test"))
        self.assertEqual((said.status, said.body, said.field("X-Answer")), (200, b"hello", "a"))
        self.assertEqual([value for name, value in said.fields if name.lower() == "set-cookie"], ["a=b", "c=d"])
        request = self.endpoint.requests[0]
        self.assertEqual(request.fields[:4], [(":method", "GET"), (":scheme", "http"), (":authority", "shop.test"),
                                              (":path", "/a?b")])
        self.assertEqual((request.field("x-test"), request.field("cookie"), request.field("te")), ("1", "a=b; c=d", "trailers"))
        self.assertEqual(request.field("x-forwarded-host"), "shop.test")
        names = [name for name, _ in request.fields]
        self.assertFalse({"host", "connection", "x-hop", "transfer-encoding"} & set(names))
        self.assertEqual(names, [name.lower() for name in names])

    def test_content_and_trailers_both_ways(self):
        def script(connection: Connection, request: Request, event: str) -> None:
            if event != "end":
                return
            connection.send(h2.headers(request.stream, [(":status", "200")], END_HEADERS)
                            + h2.data(request.stream, bytes(request.body))
                            + h2.headers(request.stream, [("x-sum", request.trailers[0][1] if request.trailers else "none")]))
        self.start(script)
        big = os.urandom(300_000)
        self.assertEqual(self.ask(post(b"counted"), "POST").body, b"counted")
        self.assertEqual(self.endpoint.requests[0].field("content-length"), "7")
        client = self.client()
        client.send(b"POST / HTTP/1.1\r\nHost: test\r\nTE: trailers\r\nConnection: TE\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + chunked(b"one", b"two", end=b"0\r\nX-Sum: 6\r\n\r\n"))
        self.assertEqual((client.response().body, client.reader.trailers), (b"onetwo", [("x-sum", "6")]))
        self.endpoint.script = lambda connection, request, event: event == "end" and connection.answer(
            request.stream, hashlib.sha256(request.body).hexdigest().encode())
        self.assertEqual(self.ask(post(big), "POST").body.decode(), hashlib.sha256(big).hexdigest())

    def test_answers_without_content(self):
        def script(connection: Connection, request: Request, event: str) -> None:
            path, method = request.field(":path"), request.field(":method")
            if event == "end":
                connection.answer(request.stream, b"", *([("content-length", "1000")] if method == "HEAD" else []),
                                  status=path[1:] or "200")
        self.start(script)
        for method, path, status in (("HEAD", "/", 200), ("GET", "/204", 204), ("GET", "/304", 304), ("GET", "/200", 200)):
            said = self.ask(get(path, method=method), method)
            self.assertEqual((said.status, said.body), (status, b""))
        self.assertEqual(len(self.endpoint.connections), 1)
        self.assertEqual([request.reset for request in self.endpoint.requests], [None] * 4)

    def test_leave_to_send_content_is_asked_for_and_hints_pass(self):
        def script(connection: Connection, request: Request, event: str) -> None:
            if event == "head":
                self.assertEqual(request.field("expect"), "100-continue")
                connection.send(h2.headers(request.stream, [(":status", "103"), ("link", "</a>")], END_HEADERS)
                                + h2.headers(request.stream, [(":status", "100")], END_HEADERS))
            if event == "end":
                connection.answer(request.stream, bytes(request.body))
        self.start(script, timeouts={"go_ahead": "60s"})
        client = self.client()
        client.send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        self.assertEqual([client.response().status, client.response().status], [103, 100])
        client.send(b"late")
        self.assertEqual(client.response().body, b"late")

    def test_websocket_by_extended_connect(self):
        def script(connection: Connection, request: Request, event: str) -> None:
            if event == "head" and request.field(":method") == "CONNECT":
                connection.send(h2.headers(request.stream, [(":status", "200")], END_HEADERS)
                                + h2.data(request.stream, b"from the endpoint"))
            elif event == "head":
                connection.answer(request.stream, b"", status="426")
        key = base64.b64encode(b"0123456789abcdef").decode()
        asked = get("/chat", "Connection: upgrade", "Upgrade: websocket", f"Sec-WebSocket-Key: {key}",
                    "Sec-WebSocket-Version: 13")
        self.start(script, first=h2.settings((h2.ENABLE_CONNECT_PROTOCOL, 1)))
        client = self.client()
        client.send(asked)
        said = client.head()
        proof = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
        self.assertEqual((said.status, said.field("Sec-WebSocket-Accept")), (101, proof))
        self.assertEqual(b"".join(client.reader.counted(17)), b"from the endpoint")
        client.send(b"to the endpoint")
        request = self.endpoint.requests[0]
        self.until(lambda: bytes(request.body) == b"to the endpoint", "what the client sends")
        self.assertEqual((request.field(":protocol"), request.field(":path")), ("websocket", "/chat"))
        client.close()
        self.until(lambda: request.ended or request.reset is not None, "the end of the tunnel")
        self.start(script)  # announces nothing
        self.assertEqual(self.ask(asked).status, 426)


class Sharing(EndpointCase):
    def hold(self, connection: Connection, request: Request, event: str) -> None:
        """Answers nobody until `release`."""
        if event == "end":
            self.held.append((connection, request))

    def setUp(self):
        self.held: list[tuple[Connection, Request]] = []

    def release(self, count: int | None = None) -> None:
        for connection, request in self.held[:count]:
            connection.answer(request.stream)
        del self.held[:count]

    def begin(self, count: int) -> list[Client]:
        clients = [self.client() for _ in range(count)]
        for client in clients:
            client.send(get())
        return clients

    def test_requests_share_connections_up_to_the_limits(self):
        self.start(self.hold, http2={"max_concurrent_streams": 3, "connections": 2})
        clients = self.begin(3)
        self.until(lambda: len(self.held) == 3, "three requests")
        self.assertEqual(len(self.endpoint.connections), 1)
        clients += self.begin(3)
        self.until(lambda: len(self.held) == 6, "six requests")
        self.assertEqual(len(self.endpoint.connections), 2)
        waiting = self.begin(1)
        self.until(lambda: self.count("lbd_http_requests_active") == 7, "one more that waits")
        self.assertEqual(len(self.held), 6)
        self.release(1)
        self.until(lambda: len(self.held) == 6, "its turn")
        self.release()
        for client in clients + waiting:
            self.assertEqual(client.response().status, 200)
        self.assertEqual(len(self.endpoint.connections), 2)
        self.assertEqual(self.count("lbd_http2_upstream_connections_total"), 2)
        self.assertEqual(self.count("lbd_http2_upstream_streams_total"), 7)

    def test_what_the_endpoint_allows_counts_too(self):
        self.start(self.hold, first=h2.settings((h2.MAX_CONCURRENT_STREAMS, 1)), http2={"connections": 2})
        clients = self.begin(1)
        self.until(lambda: len(self.held) == 1, "a request")
        clients += self.begin(1)
        self.until(lambda: len(self.held) == 2, "another")
        self.assertEqual(len(self.endpoint.connections), 2)
        self.release()
        for client in clients:
            self.assertEqual(client.response().status, 200)

    def test_idle_connections_end_with_a_word(self):
        self.start(upstream={"timeouts": {"idle": "100ms"}})
        self.assertEqual(self.ask().status, 200)
        self.until(lambda: self.endpoint.connections[0].over, "the end of the connection")
        self.assertEqual(self.endpoint.connections[0].goaway, h2.NO_ERROR)
        self.assertEqual(self.ask().status, 200)

    def test_a_client_that_leaves_costs_its_own_request_alone(self):
        self.start(self.hold)
        leaves, stays = self.begin(2)
        self.until(lambda: len(self.held) == 2, "two requests")
        leaves.close()
        self.until(lambda: any(request.reset == CANCEL for _, request in self.held), "word that it has left")
        self.held = [(connection, request) for connection, request in self.held if request.reset is None]
        self.release()
        self.assertEqual(stays.response().status, 200)
        self.assertEqual(len(self.endpoint.connections), 1)

    def test_a_client_that_takes_nothing_stops_nobody_else(self):
        window = 32 * 1024
        def script(connection: Connection, request: Request, event: str) -> None:
            if event != "end":
                return
            if request.field(":path") != "/large":
                return connection.answer(request.stream)
            connection.send(h2.headers(request.stream, [(":status", "200")], END_HEADERS)
                            + h2.data(request.stream, bytes(window // 2)) + h2.data(request.stream, bytes(window // 2)))
        self.start(script, http2={"stream_window": "32KiB"})
        for _ in range(8):
            self.client().send(get("/large"))
        self.until(lambda: len(self.endpoint.requests) == 8, "all of them")
        self.assertEqual(self.ask().status, 200)
        self.assertEqual(len(self.endpoint.connections), 1)

    def test_an_endpoint_that_takes_no_content_stops_nobody_else(self):
        self.start(takes_content=False)
        big = b"x" * 500_000
        client = self.client()
        client.send(post(big, path="/large")[:400_000])
        self.until(lambda: self.endpoint.requests and len(self.endpoint.requests[0].body) == h2.DEFAULT_WINDOW, "a full window")
        self.endpoint.connections[0].send(h2.window_update(0, 1 << 20))
        self.assertEqual(self.ask(post(b"small"), "POST").status, 200)
        self.assertEqual(len(self.endpoint.connections), 1)

    def test_many_at_once_are_all_answered(self):
        self.start(answer_ok, answer_ok, http2={"max_concurrent_streams": 8})
        good = []
        def work():
            client = self.client()
            for _ in range(20):
                client.send(get())
                good.append(client.response().status == 200)
        threads = [threading.Thread(target=work) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LONG)
        self.assertEqual((len(good), all(good)), (320, True))


class Checks(EndpointCase):
    CHECK = {"check": {"enabled": True, "interval": "50ms", "rise": 1, "fall": 1, "timeout": "30s"}}

    def test_checks_speak_http2_and_take_an_endpoint_out(self):
        status = ["200"]
        self.start(lambda connection, request, event: event == "end" and connection.answer(
            request.stream, status=status[0] if request.field(":path") == "/readyz" else "200"), upstream=self.CHECK)
        self.until(self.lbd.is_ready, "ready")
        self.assertEqual(self.ask().status, 200)
        status[0] = "503"
        self.until(lambda: not self.lbd.is_ready(), "not ready")
        status[0] = "200"
        self.until(self.lbd.is_ready, "ready again")

    def test_a_drain_ends_every_connection(self):
        self.start(upstream=self.CHECK)
        self.until(self.lbd.is_ready, "ready")
        self.assertEqual(self.ask().status, 200)
        self.lbd.process.terminate()
        self.assertEqual(self.lbd.process.wait(LONG), 0)
        self.until(lambda: all(connection.over for connection in self.endpoint.connections), "the end of all")


@unittest.skipUnless(shutil.which("nghttpd"), "needs nghttpd (Debian: nghttp2-server)")
class Nghttpd(EndpointCase):
    """A server of somebody else's, in the clear and with TLS."""

    def serve(self, *words: str) -> str:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.large = os.urandom(3 << 20)
        for name, content in (("small", b"small\n"), ("large", self.large)):
            with open(os.path.join(folder.name, name), "wb") as file:
                file.write(content)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        server = subprocess.Popen(["nghttpd", "--address=127.0.0.1", "-d", folder.name, "--echo-upload", str(port), *words],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait, LONG)
        self.addCleanup(server.kill)
        def listens() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0
        self.until(listens, "nghttpd")
        return f"127.0.0.1:{port}"

    def try_it(self) -> None:
        for _ in range(3):
            self.assertEqual(self.ask(get("/small")).body, b"small\n")
        self.assertEqual(self.ask(get("/large")).body, self.large)
        self.assertEqual(self.ask(get("/missing")).status, 404)
        self.assertEqual(self.ask(post(self.large[:1 << 20], path="/echo"), "POST").body, self.large[:1 << 20])
        self.assertEqual(self.count("lbd_http2_upstream_connections_total"), 1)

    def test_prior_knowledge(self):
        self.start_before(self.serve("--no-tls"), limits={"body": "64MiB"})
        self.try_it()

    def test_tls_by_alpn(self):
        authority = Authority()
        self.addCleanup(authority.remove)
        app = authority.make("app", "app.internal", "127.0.0.1")
        tls = {"tls": {"ca_file": authority.file, "server_name": "app.internal"}}
        self.start_before(self.serve(app["key_file"], app["certificate_file"]), upstream=tls, limits={"body": "64MiB"})
        self.try_it()
        # Who does not choose h2 is not spoken to.
        origin = Origin()
        origin.tls = authority.server_context(app)
        self.addCleanup(origin.stop)
        self.start_before(origin.name, upstream={**tls, **Checks.CHECK})
        self.until(lambda: not self.lbd.is_ready(), "not ready")
        self.assertEqual(origin.requests, [])
        said = ask(self.lbd.admin_address, get("/api/v1/upstreams", "Connection: close", host="127.0.0.1")).body.decode()
        self.assertIn("did not choose h2", said)


if __name__ == "__main__":
    unittest.main()
