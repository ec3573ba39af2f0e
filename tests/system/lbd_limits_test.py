"""Limits and waits that docs/lbd.md names and no other test sets: each lets through what is within, strikes beyond, and is
counted. Sizes of requests and answers by their defaults are in lbd_conduct_test.py."""

import json
import sys
import threading
import unittest

sys.dont_write_bytecode = True

from support.hostile_answers import CL, said as octets_of  # noqa: E402
from support.hostile_requests import coded  # noqa: E402
from support.lbd_process import Lbd  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import Client, ask, chunked, get, post, wait_until  # noqa: E402

KIB = 1024
REPLAY = 2 * KIB
KEY = "Idempotency-Key: one-and-only"


def put(body: bytes) -> bytes:
    return get("/", f"Content-Length: {len(body)}", method="PUT") + body


class Limits(unittest.TestCase):
    def origin(self, script=None) -> Origin:
        origin = Origin(script)
        self.addCleanup(origin.stop)
        return origin

    def lbd(self, *origins: Origin, **settings) -> Lbd:
        lbd = Lbd([origin.name for origin in origins], **settings)
        self.addCleanup(lbd.close)
        return lbd

    def retries(self, lbd: Lbd) -> dict[str, int]:
        prefix = 'lbd_retries_total{reason="'
        return {key[len(prefix):-2]: int(value) for key, value in lbd.metrics().items()
                if key.startswith(prefix) and value}

    def pair_that_dies_once(self, **settings) -> tuple[list[Origin], Lbd]:
        """Of both endpoints whoever reads a request first dies of it, the other answers."""
        died = []

        def script(request, connection):
            if not died:
                died.append(request)
                return connection.close()
            return answer(request.digest.hexdigest().encode())
        origins = [self.origin(script), self.origin(script)]
        self.died = died
        return origins, self.lbd(*origins, **settings)

    # limits.replay

    def test_content_within_the_replay_buffer_is_sent_once_more(self):
        origins, lbd = self.pair_that_dies_once(limits={"replay": f"{REPLAY}B"})
        count = 0
        for size in (1, REPLAY):
            body = b"x" * size
            for octets in (put(body), post(body, KEY)):
                with self.subTest(octets=octets[:4], size=size):
                    for origin in origins:
                        origin.clear()
                    self.died.clear()
                    self.assertEqual(ask(lbd.address, octets).status, 200)
                    self.assertEqual([[request.body for request in origin.whole] for origin in origins], [[body], [body]])
                    count += 1
                    self.assertEqual(self.retries(lbd), {"connection_died": count})
        self.assertEqual(lbd.refused(), {})

    def test_content_beyond_the_replay_buffer_is_sent_once(self):
        origins, lbd = self.pair_that_dies_once(limits={"replay": f"{REPLAY}B"})
        count = 0
        body = b"x" * (REPLAY + 1)
        small = get("/", "Transfer-Encoding: chunked", method="PUT") + chunked(b"x")  # who knows how much there will be
        for name, octets in {"PUT": put(body), "POST with a key": post(body, KEY), "chunked": small}.items():
            with self.subTest(request=name):
                for origin in origins:
                    origin.clear()
                self.died.clear()
                said = ask(lbd.address, octets)
                self.assertEqual((said.status, json.loads(said.body)["code"]), (502, "connection_died"))
                self.assertEqual(sum(len(origin.requests) for origin in origins), 1)
                count += 1
                self.assertEqual(lbd.refused(), {"connection_died": count})
        self.assertEqual(self.retries(lbd), {})
        self.assertEqual(ask(lbd.address, put(body)).status, 200)

    def test_content_beyond_the_replay_buffer_goes_elsewhere_while_none_of_it_was_sent(self):
        first, second = self.origin(), self.origin()
        lbd = self.lbd(first, second, limits={"replay": f"{REPLAY}B"})
        first.stop()
        body = b"x" * 50 * KIB
        for _ in range(4):  # half of them begin at who is not there
            self.assertEqual(ask(lbd.address, put(body)).status, 200)
        self.assertEqual([request.length for request in second.whole], [len(body)] * 4)
        self.assertEqual(self.retries(lbd), {"not_connected": 2})

    def test_a_larger_replay_buffer_holds_more(self):
        origins, lbd = self.pair_that_dies_once(limits={"replay": "256KiB"})
        body = bytes(range(256)) * KIB
        self.assertEqual(ask(lbd.address, put(body)).status, 200)
        self.assertEqual([[request.length for request in origin.whole] for origin in origins], [[len(body)]] * 2)
        self.assertEqual(origins[0].whole[0].digest.digest(), origins[1].whole[0].digest.digest())

    # Sizes that are set otherwise than by default

    def test_sizes_of_a_coded_request_hold_as_they_are_set(self):
        lbd = self.lbd(self.origin(), limits={"chunk_line": "32B", "chunk_extensions": "64B", "trailers": "64B",
                                              "trailer_fields": 2})
        trailer = b"A: b\r\n"
        rows = [
            ("chunk line", b"1;" + b"a" * 20 + b"\r\nx\r\n0\r\n\r\n", b"1;" + b"a" * 40 + b"\r\nx\r\n0\r\n\r\n",
             400, "chunk_extensions_too_large"),
            ("extensions", b"1;abc\r\nx\r\n" * 10 + b"0\r\n\r\n", b"1;abc\r\nx\r\n" * 20 + b"0\r\n\r\n",
             400, "chunk_extensions_too_large"),
            ("trailer fields", b"0\r\n" + trailer * 2 + b"\r\n", b"0\r\n" + trailer * 3 + b"\r\n",
             431, "trailers_too_large"),
            ("trailers", b"0\r\nA: " + b"x" * 40 + b"\r\n\r\n", b"0\r\nA: " + b"x" * 80 + b"\r\n\r\n",
             431, "trailers_too_large")]
        for name, within, beyond, status, reason in rows:
            with self.subTest(limit=name):
                self.assertEqual(ask(lbd.address, coded(within)).status, 200)
                before = lbd.refused().get(reason, 0)
                self.assertEqual(ask(lbd.address, coded(beyond)).status, status)
                self.assertEqual(lbd.refused()[reason], before + 1)

    def test_interim_answers_hold_as_they_are_set(self):
        early = octets_of(b"HTTP/1.1 103 Early Hints")
        final = octets_of(b"HTTP/1.1 200 OK", CL + b"2", body=b"ok")
        for most, interim, status in ((0, 0, 200), (0, 1, 502), (2, 2, 200), (2, 3, 502)):
            with self.subTest(most=most, interim=interim):
                origin = self.origin(lambda request, connection, octets=early * interim + final: octets)
                lbd = self.lbd(origin, limits={"interim_answers": most})
                with Client(lbd.address) as client:
                    self.assertEqual(client.send(get()).final_response().status, status)
                self.assertEqual(lbd.refused(), {} if status == 200 else {"bad_answer": 1})

    # Connections to endpoints

    def test_no_more_connections_are_kept_warm_than_are_set(self):
        for most in (0, 2):
            with self.subTest(idle_connections=most):
                go = threading.Event()
                self.addCleanup(go.set)
                origin = self.origin(lambda request, connection: go.wait(10) and answer())
                lbd = self.lbd(origin, upstream={"idle_connections": most})
                clients = [Client(lbd.address).send(get()) for _ in range(5)]
                for client in clients:
                    self.addCleanup(client.close)
                wait_until(lambda: len(origin.whole) == 5, what="five requests at a time")
                go.set()
                self.assertEqual([client.response().status for client in clients], [200] * 5)
                wait_until(lambda: len(origin.live) == most, what="the others being closed")
                self.assertEqual(lbd.metrics()['lbd_connections_active{side="upstream"}'], most)
                for client in clients:
                    client.send(get()).response()
                self.assertEqual(origin.accepted, 5 if most else 10)

    # Waits

    def test_each_wait_that_ends_in_vain_is_counted_by_its_kind(self):
        gone = threading.Event()
        self.addCleanup(gone.set)

        def script(request, connection):
            if request.target == "/stops":
                connection.send(b"HTTP/1.1 200 OK\r\n" + CL + b"10\r\n\r\nx")
            elif request.target == "/drips":
                connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                while not gone.wait(0.02):
                    connection.send(chunked(b"x", end=b""))
            elif request.target == "/tunnel":
                connection.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")
            else:
                return answer(b"x" * (8 << 20) if request.target == "/large" else b"ok")
            gone.wait(10)
            return connection.close()
        upgrade = get("/tunnel", "Connection: upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
        short = {"timeouts": {"between_bytes": "100ms"}}
        rows = {"head": ({"timeouts": {"head": "100ms"}}, b"GET / HT"),
                "body": ({"timeouts": {"body": "100ms"}}, post(b"hello")[:-1]),
                "send": ({"timeouts": {"send": "100ms"}}, get("/large")),
                "keep_alive": ({"timeouts": {"keep_alive": "100ms"}}, get()),
                "total": ({"timeouts": {"total": "200ms"}}, get("/drips")),
                "tunnel": ({"timeouts": {"tunnel": "100ms"}}, upgrade),
                "between_bytes": ({"upstream": short}, get("/stops"))}
        origin = self.origin(script)
        for kind, (settings, octets) in rows.items():
            with self.subTest(wait=kind):
                lbd = self.lbd(origin, **settings)
                counter = f'lbd_timeouts_total{{kind="{kind}"}}'
                with Client(lbd.address, receive_buffer=4096) as client:
                    client.send(octets)
                    metrics = wait_until(lambda: (now := lbd.metrics())[counter] and now, what=f"{kind} being counted")
                self.assertEqual({key: value for key, value in metrics.items() if value and "timeouts_total" in key},
                                 {counter: 1})


if __name__ == "__main__":
    unittest.main()
