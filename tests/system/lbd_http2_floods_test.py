"""Floods and tricks of HTTP/2: who sends what costs him nothing, and much of it, is told so and let go; lbd stays small
and others are served meanwhile. The names are those under which the tricks became known."""

import sys
import unittest

sys.dont_write_bytecode = True

from support import http2_frames as h2  # noqa: E402
from support.http2_case import Http2Case  # noqa: E402
from support.http2_client import error_of  # noqa: E402
from support.http2_frames import (  # noqa: E402
    ENHANCE_YOUR_CALM, FLOW_CONTROL_ERROR, INITIAL_WINDOW_SIZE, PROTOCOL_ERROR, STREAM_CLOSED, block,
    continuation, data, frame, get, headers, indexed, literal, ping, post, priority, request_fields, rst_stream,
    settings, table_size, window_update)
from support.origin import answer  # noqa: E402
from support.wire import SECONDS, Ended, wait_until  # noqa: E402

MIB = 1 << 20
GROWTH = 24 * MIB  # what lbd may grow by, whatever one client does
FAMILY = "lbd_http2_connections_ended_total"
CALM = (ENHANCE_YOUR_CALM,)
REQUEST = block(request_fields())
COUNT = 5000  # of what is sent at most


def streams(make, count: int = COUNT) -> bytes:
    """`make(stream)` of one stream after the other."""
    return b"".join(make(2 * number + 1) for number in range(count))


def batches_of_streams(make, count: int = 1000, batch: int = 20) -> list[bytes]:
    """As `streams`, no more at once than may be open."""
    return [b"".join(make(2 * number + 1) for number in range(first, first + batch)) for first in range(0, count, batch)]


class Hostile(Http2Case):
    """One lbd a test, and somebody who has nothing to do with it."""

    timeouts = {"head": "30s", "send": "30s", "keep_alive": "60s"}

    def setUp(self):
        large = answer(b"x" * 4 * MIB)
        self.start(lambda request, connection: large if request.target == "/large" else answer(b"ok"), timeouts=self.timeouts)
        self.bystander = self.connect()
        self.check_bystander()
        self.before = self.peak_octets()

    def check_bystander(self):
        said = self.bystander.ask("/bystander")
        self.assertEqual((said.status, bytes(said.body), self.bystander.goaways), (200, b"ok", []))

    def check_size(self):
        self.assertLess(self.peak_octets() - self.before, GROWTH)

    def active(self) -> int:
        return int(self.lbd.metrics()['lbd_connections_active{side="client"}'])


class Floods(Hostile):
    def counted(self, reasons: tuple[str, ...]) -> int:
        return sum(self.count(FAMILY, reason=reason) for reason in reasons)

    def check_flood(self, octets: bytes | list[bytes], *reasons: str, codes: tuple[int, ...] = CALM, before: bytes = b""):
        """The connection that sends `octets` is ended in the midst of them with one of the codes; counted by one reason.
        Batches are sent each when lbd has dealt with the one before."""
        counted = self.counted(reasons)
        batches = octets if isinstance(octets, list) else [octets]
        with self.connect() as client:
            client.await_settings()
            client.send(before)
            for batch in batches:
                if not client.pour(batch) or (len(batches) > 1 and not client.answers_ping()):
                    break
            self.check_bystander()
            client.until_ended()
            self.assertIn(error_of(client), codes, f"{client!r}"[:2000])
        wait_until(lambda: self.counted(reasons) == counted + 1, what=f"{reasons} being counted")
        self.check_size()
        self.check_bystander()

    def test_rapid_reset(self):
        """CVE-2023-44487."""
        self.check_flood(streams(lambda stream: get(stream, "/reset") + rst_stream(stream)), "resets")
        self.assertLess(len([request for request in self.origin.requests if request.target == "/reset"]), COUNT // 2)

    def test_made_you_reset(self):
        """CVE-2025-8671: the client makes the server reset its streams."""
        for name, codes, make in (
                ("a window beyond bounds", (*CALM, FLOW_CONTROL_ERROR),
                 lambda stream: post(stream) + window_update(stream, (1 << 31) - 1)),
                ("a window of nothing", (*CALM, PROTOCOL_ERROR), lambda stream: post(stream) + window_update(stream, 0)),
                ("content behind the end", (*CALM, STREAM_CLOSED), lambda stream: get(stream) + data(stream, b"x")),
                ("fields behind the end", (*CALM, STREAM_CLOSED), lambda stream: get(stream) + get(stream)),
                ("a malformed head", CALM, lambda stream: get(stream, "/", ("X-Upper", "x"))),
                ("more content than said", CALM,
                 lambda stream: post(stream, "/", ("content-length", "1")) + data(stream, b"xx")),
                ("PRIORITY of a wrong length", (*CALM, h2.FRAME_SIZE_ERROR),
                 lambda stream: post(stream) + frame(h2.PRIORITY, 0, stream, b"x"))):
            with self.subTest(name):
                self.check_flood(batches_of_streams(make), "stream_errors", "protocol", codes=codes)
        self.assertGreaterEqual(self.count(FAMILY, reason="stream_errors"), 2)

    def test_continuation_flood(self):
        """VU#421644."""
        begin = headers(1, REQUEST, 0)
        for name, piece, count in (("empty", b"", 20000), ("small", literal("x-more", "x"), 20000),
                                   ("large", literal("x-more", "x" * 16000), 1000),
                                   ("from the table", indexed(58) * 16000, 1000)):
            with self.subTest(name):
                self.check_flood(begin + continuation(1, piece, 0) * count, "continuations", "header_list")
        self.assertEqual([request for request in self.origin.requests if request.target != "/bystander"], [])

    def test_empty_frames(self):
        """CVE-2019-9518."""
        self.check_flood(data(1) * 20000, "empty_frames", before=post(1))

    def test_settings(self):
        """CVE-2019-9515."""
        self.check_flood(settings() * COUNT, "settings")
        self.check_flood(settings(*[(INITIAL_WINDOW_SIZE, 1000)] * 2000) * 200, "settings", "protocol")

    def test_pings(self):
        """CVE-2019-9512."""
        self.check_flood(ping() * 20000, "pings")

    def test_priorities(self):
        """CVE-2019-9513."""
        self.check_flood(b"".join(priority(2 * number + 1, 2 * number + 3) for number in range(20000)), "priorities")
        self.check_flood(frame(0x10, 0, 0, b"\0\0\0\1u=1") * 20000, "priorities")  # PRIORITY_UPDATE, RFC 9218

    def test_frames_nobody_knows(self):
        self.check_flood(frame(0xEE, 0, 0, b"x") * 20000, "unknown_frames")

    def test_window_updates(self):
        self.check_flood(window_update(0, 1) * 20000, "window_updates")

    def test_a_bomb_of_fields(self):
        """CVE-2016-6581: one large field in the table, and a head that names it thousands of times."""
        fields = literal("x-bomb", "x" * 4000, 0x40)
        bomb = REQUEST + fields + indexed(62) * (16000 - len(REQUEST) - len(fields))
        with self.connect() as client:
            client.pour(headers(1, bomb))
            try:
                client.until(lambda: client.goaways or 1 in client.streams and client.streams[1].over, "a refusal")
            except Ended:
                pass
            if error_of(client) is None:
                self.assertIn((client.streams[1].status, client.streams[1].reset),
                              [(431, None), (431, h2.NO_ERROR), (None, ENHANCE_YOUR_CALM), (None, PROTOCOL_ERROR)])
            else:
                self.assertIn(error_of(client), (ENHANCE_YOUR_CALM, PROTOCOL_ERROR))
        self.check_size()
        self.check_bystander()
        self.assertEqual({request.target for request in self.origin.requests}, {"/bystander"})

    def test_many_bombs(self):
        fields = literal("x-bomb", "x" * 4000, 0x40)
        first = headers(1, REQUEST + fields)
        with self.connect() as client:
            client.pour(first + streams(lambda stream: headers(stream + 2, REQUEST + indexed(62) * 15000), 300))
            self.check_bystander()
            client.until_ended()
            self.assertIn(error_of(client), (ENHANCE_YOUR_CALM, PROTOCOL_ERROR))
        self.check_size()
        self.check_bystander()

    def test_games_with_tables(self):
        """Sizes that change with every head, and a table for our answers as large as a number can say."""
        largest = settings(*[(h2.HEADER_TABLE_SIZE, size) for size in ((1 << 32) - 1, 0, (1 << 32) - 1)])
        with self.connect() as client:
            client.decoder.max_allowed_table_size = 1 << 32
            client.send(largest)
            changes = (table_size(0) + table_size(4096)) * 20
            for number in range(100):
                stream = 2 * number + 1
                fields = literal("x-new", "x" * 4000, 0x40)
                client.send(headers(stream, changes + REQUEST + fields))
                client.until(lambda stream=stream: stream in client.streams and client.streams[stream].over)
                self.assertEqual(client.streams[stream].status, 200)
        self.check_size()
        self.check_bystander()

    def test_more_streams_than_allowed(self):
        with self.connect() as client:
            client.await_settings()
            most = client.theirs[h2.MAX_CONCURRENT_STREAMS]
            client.pour(streams(lambda stream: post(stream, "/held")))
            self.check_bystander()
            client.until(lambda: client.goaways or len([1 for stream in client.streams.values() if stream.resets]) > 100,
                         "refusals")
            self.check_bystander()
        held = [request for request in self.origin.requests if request.target == "/held"]
        self.assertLessEqual(len(held), most)
        self.check_size()
        wait_until(lambda: self.active() == 1, what="nothing left of it")


class Slow(Hostile):
    timeouts = {"head": "3s", "send": "2s", "keep_alive": "60s"}

    def test_windows_that_are_held(self):
        """CVE-2019-9511, CVE-2019-9517: asks for much and takes nothing, or lets nothing be sent."""
        for name, about in (("no window", {"settings": {INITIAL_WINDOW_SIZE: 0}}),
                            ("nothing read", {"settings": {INITIAL_WINDOW_SIZE: (1 << 31) - 1}, "receive_buffer": 4096})):
            with self.subTest(name), self.connect(**about) as client:
                client.send(window_update(0, (1 << 31) - 1 - h2.DEFAULT_WINDOW))
                client.send(streams(lambda stream: get(stream, "/large"), 100))
                wait_until(lambda: [1 for request in self.origin.requests if request.target == "/large"],
                           what="answers that nobody takes")
                self.check_bystander()
                wait_until(lambda: self.active() == 1 or self.lbd.refused().get("client_stalled", 0) >= 100,
                           3 * SECONDS, "an end to it")
                self.check_bystander()
                self.origin.clear()
        self.check_size()

    def test_a_head_that_does_not_end(self):
        begun = [self.connect().await_settings().send(octets)
                 for octets in (headers(1, REQUEST[:20], 0), headers(1, REQUEST)[:12], get(1)[:5])]
        silent = self.connect(opens=False).send(h2.PREFACE)
        torn = self.connect(opens=False).send(h2.PREFACE[:10])
        for client in (*begun, silent):
            client.until_ended()
        torn.sock.recv(4096)  # a word of HTTP/1.1, or the end
        self.check_bystander()


if __name__ == "__main__":
    unittest.main()
