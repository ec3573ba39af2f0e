"""HTTP/2 to endpoints: what one gives back is asked again, what it does wrong costs its own request alone."""

import socket
import sys
import unittest

sys.dont_write_bytecode = True

from support import http2_frames as h2  # noqa: E402
from support.http2_endpoint import Connection, Request, answer_ok  # noqa: E402
from support.http2_endpoint_case import EndpointCase  # noqa: E402
from support.http2_frames import END_HEADERS, END_STREAM, REFUSED_STREAM  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.wire import chunked, get, post  # noqa: E402


def looks_at_nothing(awaited: str) -> tuple:
    """Two scripts of an endpoint that says at that event that it has not looked at the request (RFC 9113 §8.7)."""
    def refuse(connection: Connection, request: Request, event: str) -> None:
        if event == awaited:
            connection.send(h2.rst_stream(request.stream, REFUSED_STREAM))

    def leave(connection: Connection, request: Request, event: str) -> None:
        if event == awaited:
            connection.send(h2.goaway(last=0))
    return refuse, leave


class Losses(EndpointCase):
    def test_what_was_not_looked_at_is_asked_elsewhere_whatever_it_is(self):
        for script in looks_at_nothing("head"):
            with self.subTest(script=script.__name__):
                self.start(script, answer_ok)
                for _ in range(4):
                    self.assertEqual(self.ask(post(b"once"), "POST").status, 200)
                self.assertGreater(self.count("lbd_http2_upstream_streams_lost_total", reason="not_processed"), 0)
                self.assertEqual([bytes(request.body) for request in self.endpoints[1].requests], [b"once"] * 4)

    def test_content_of_unknown_length_that_was_not_looked_at_is_sent_elsewhere(self):
        head = get("/", "Transfer-Encoding: chunked", method="POST")
        for script in looks_at_nothing("end"):
            with self.subTest(script=script.__name__):
                self.start(script, script, answer_ok)
                for _ in range(6):
                    self.assertEqual(self.ask(head + chunked(b"on", b"ce"), "POST").status, 200)
                self.assertTrue(self.endpoints[0].requests and self.endpoints[1].requests)
                self.assertEqual([bytes(request.body) for request in self.endpoints[2].requests], [b"once"] * 6)

    def test_content_that_is_still_coming_goes_on_elsewhere(self):
        refused, begun = [], []
        def refuse(connection: Connection, request: Request, event: str) -> None:
            if event == "head":
                refused.append(request)
                connection.send(h2.rst_stream(request.stream, REFUSED_STREAM))
        def script(connection: Connection, request: Request, event: str) -> None:
            if event == "head":
                begun.append(request)
            answer_ok(connection, request, event)
        self.start(refuse, script)
        for _ in range(50):  # either endpoint may be the first one asked
            begun.clear()
            client = self.client()
            client.send(get("/", "Transfer-Encoding: chunked", method="POST") + chunked(b"on", end=b""))
            self.until(lambda: begun, "the endpoint that takes it")
            client.send(chunked(b"ce"))
            self.assertEqual(client.response().status, 200)
            self.assertEqual(bytes(begun[-1].body), b"once")
            if refused:
                break
        self.assertTrue(refused)

    def test_content_that_is_no_longer_at_hand_is_not_sent_again(self):
        def refuse(connection: Connection, request: Request, event: str) -> None:
            if event == "end":
                connection.send(h2.rst_stream(request.stream, REFUSED_STREAM))
        self.start(refuse, refuse, limits={"replay": "1KiB"})
        long = get("/", "Transfer-Encoding: chunked", method="POST") + chunked(b"x" * 2000)
        self.assertEqual(self.ask(long, "POST").status, 502)
        self.assertEqual(sum(len(endpoint.requests) for endpoint in self.endpoints), 1)

    def test_an_endpoint_that_dies_while_content_waits_for_it(self):
        def die(connection: Connection, request: Request, event: str) -> None:
            if event == "head":
                stuck.append(connection)
        stuck: list[Connection] = []
        self.start(die, takes_content=False)
        client = self.client()
        client.send(get("/", "Transfer-Encoding: chunked", method="POST") + chunked(b"x" * 300_000))
        self.until(lambda: stuck and sum(len(r.body) for r in self.endpoint.requests) >= 65_535, "a window used up")
        stuck[0].close()
        self.assertEqual(client.response().status, 502)
        self.endpoint.script, self.endpoint.takes_content = answer_ok, True
        self.assertEqual(self.ask().status, 200)

    def test_what_may_have_been_done_is_not_done_twice(self):
        def give_up(connection: Connection, request: Request, event: str) -> None:
            if event == "end":
                connection.send(h2.rst_stream(request.stream, h2.INTERNAL_ERROR))
        def die(connection: Connection, request: Request, event: str) -> None:
            if event == "end":
                connection.close()
        for script in (give_up, die):
            with self.subTest(script=script.__name__):
                self.start(script, script)
                self.assertEqual(self.ask(post(b"once"), "POST").status, 502)
                self.assertEqual(sum(len(endpoint.requests) for endpoint in self.endpoints), 1)
                self.start(script, answer_ok)
                statuses = {self.ask().status for _ in range(4)}
                self.assertEqual(statuses, {200})  # GET may be repeated

    def test_requests_that_a_goaway_covers_are_answered(self):
        held = []
        def script(connection: Connection, request: Request, event: str) -> None:
            if event == "end":
                held.append((connection, request))
        self.start(script)
        first = self.client()
        first.send(get())
        self.until(lambda: len(held) == 1, "a request")
        held[0][0].send(h2.goaway(last=held[0][1].stream))
        second = self.client()
        second.send(get())
        # It may have been on its way already when the word came; then it is asked again there.
        self.until(lambda: any(connection is not held[0][0] for connection, _ in held), "another connection")
        for connection, request in held:
            connection.answer(request.stream)
        self.assertEqual((first.response().status, second.response().status), (200, 200))

    def test_a_connection_that_dies_takes_its_requests_along(self):
        held = []
        def script(connection: Connection, request: Request, event: str) -> None:
            if event == "end":
                held.append(connection)
        self.start(script)
        clients = [self.client() for _ in range(3)]
        for client in clients:
            client.send(post(b"once"))
        self.until(lambda: len(held) == 3, "three requests")
        held[0].close()
        self.assertEqual([client.response().status for client in clients], [502] * 3)
        self.endpoint.script = answer_ok
        self.assertEqual(self.ask().status, 200)

    def test_an_answer_that_breaks_off_is_not_whole_for_the_client_either(self):
        def script(connection: Connection, request: Request, event: str) -> None:
            if event == "end":
                connection.send(h2.headers(request.stream, [(":status", "200")], END_HEADERS)
                                + h2.data(request.stream, b"half") + h2.rst_stream(request.stream, h2.INTERNAL_ERROR))
        self.start(script)
        self.assertFalse(self.ask().complete)
        self.until(lambda: self.lbd.refused().get("answer_cut") == 1, "the reason")

    def test_an_answer_that_does_not_want_the_content(self):
        def script(connection: Connection, request: Request, event: str) -> None:
            if event == "head":
                connection.answer(request.stream, b"too much", status="413")
                connection.send(h2.rst_stream(request.stream, h2.NO_ERROR))
        self.start(script, takes_content=False)
        client = self.client()
        client.send(post(b"x" * 500_000)[:100_000])
        self.assertEqual((client.response().status), 413)
        self.endpoint.script = answer_ok
        self.assertEqual(self.ask().status, 200)
        self.assertEqual(len(self.endpoint.connections), 1)


class Hostile(EndpointCase):
    def test_malformed_answers_are_502_and_cost_one_request(self):
        ok = (":status", "200")
        heads = {
            "no status": [("server", "x")], "not a number": [(":status", "2x0")], "101": [(":status", "101")],
            "status behind a field": [("server", "x"), ok], "pseudo-field of a request": [ok, (":path", "/")],
            "connection": [ok, ("connection", "close")], "transfer-encoding": [ok, ("transfer-encoding", "chunked")],
            "upper case": [ok, ("Server", "x")], "a line end": [ok, ("a", "b\r\nc: d")], "te": [ok, ("te", "trailers")],
            "two lengths": [ok, ("content-length", "1"), ("content-length", "2")]}
        answers = {what: h2.headers(0, fields) for what, fields in heads.items()}
        answers["less than its length"] = (h2.headers(0, [ok, ("content-length", "9")], END_HEADERS | END_STREAM))
        answers["many hints"] = h2.headers(0, [(":status", "103")], END_HEADERS) * 60
        answers["an end with a hint"] = h2.headers(0, [(":status", "103")])
        asked = []
        def script(connection: Connection, request: Request, event: str) -> None:
            if event != "end":
                return
            asked.append(request)
            octets = answers.get(request.field("x-case"))
            if octets is None:
                return connection.answer(request.stream)
            number = request.stream.to_bytes(4, "big")
            out, at = b"", 0
            while at < len(octets):  # each frame for the stream that asks
                size = int.from_bytes(octets[at:at + 3], "big") + 9
                out += octets[at:at + 5] + number + octets[at + 9:at + size]
                at += size
            connection.send(out)
        self.start(script)
        for what in answers:
            with self.subTest(what=what):
                said = self.ask(post(b"", f"X-Case: {what}"), "POST")
                self.assertEqual((said.status, self.ask().status), (502, 200))
                self.until(lambda: asked[-2].reset is not None, "a reset")
        self.assertEqual(len(self.endpoint.connections), 1)
        self.assertEqual(self.lbd.refused().get("bad_answer"), len(answers))

    def test_floods_end_the_connection_and_are_told_apart(self):
        flood = {
            "settings": h2.settings() * 100,
            "pings": h2.ping() * 1000,
            "empty_frames": h2.headers(1, [(":status", "200")], END_HEADERS) + h2.data(1) * 300,
            "continuations": h2.headers(1, [(":status", "200")], 0) + h2.continuation(1, b"", 0) * 20,
            "unknown_frames": h2.frame(99) * 300,
            "window_updates": h2.window_update(0, 1) * 3000,
            "protocol": h2.frame(h2.PUSH_PROMISE, END_HEADERS, 1, b"\0\0\0\2"),
            "header_list": h2.headers(1, b"\x88" + h2.literal("a", "x" * 3000, 0x40) + h2.indexed(62) * 400)}
        for reason, octets in flood.items():
            with self.subTest(reason=reason):
                def script(connection: Connection, request: Request, event: str, octets: bytes = octets) -> None:
                    if event == "end":
                        connection.send(octets)
                self.start(script)
                client = self.client()
                client.send(post(b""))
                connection = self.until(lambda: self.endpoint.connections, "a connection")[0]
                self.until(lambda: connection.over, "its end")
                self.until(lambda: self.count("lbd_http2_upstream_connections_ended_total", reason=reason) == 1, "the reason")
                self.assertTrue(connection.goaway)
                self.endpoint.script = answer_ok
                self.assertEqual(self.ask().status, 200)

    def test_who_speaks_something_else_is_refused(self):
        origin = Origin()
        self.addCleanup(origin.stop)
        self.start_before(origin.name)
        self.assertEqual(self.ask().status, 502)
        self.assertEqual(self.lbd.refused().get("not_connected"), 1)

    def test_who_says_nothing_is_given_up(self):
        silent = socket.create_server(("127.0.0.1", 0))  # the kernel answers for it, nobody else does
        self.addCleanup(silent.close)
        self.start_before("127.0.0.1:%d" % silent.getsockname()[1], upstream={"timeouts": {"connect": "200ms"}})
        self.assertEqual(self.ask().status, 504)
        self.assertEqual(self.lbd.refused().get("connect_timeout"), 1)


if __name__ == "__main__":
    unittest.main()
