"""Endpoints that die, refuse, freeze or hang: what may be asked again is, what must not be is not, and nobody waits
longer than the stated bounds."""

import json
import socket
import sys
import threading
import time
import unittest

sys.dont_write_bytecode = True

from support.lbd_process import Lbd  # noqa: E402
from support.load import Load  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import SECONDS, Client, ask, chunked, get, post, wait_until  # noqa: E402

INTERVAL, TIMEOUT, RISE, FALL = 0.05, 0.1, 2, 3
CHECK = {"check": {"enabled": True, "interval": "50ms", "timeout": "100ms", "rise": RISE, "fall": FALL}}
SLACK = 3.0  # a busy machine
OUT_WITHIN = FALL * (1.1 * INTERVAL + TIMEOUT) + SLACK
BACK_WITHIN = RISE * (1.1 * INTERVAL + TIMEOUT) + SLACK
CHUNKED_POST = get("/", "Transfer-Encoding: chunked", method="POST") + chunked(b"hello")
KEY = "Idempotency-Key: one-and-only"


class ProxyFailover(unittest.TestCase):
    def origins(self, count: int) -> list[Origin]:
        made = [Origin() for _ in range(count)]
        for origin in made:
            self.addCleanup(origin.stop)
        return made

    def lbd(self, origins: list[Origin], **settings) -> Lbd:
        lbd = Lbd([origin.name for origin in origins], **settings)
        self.addCleanup(lbd.close)
        return lbd

    def pair(self, **settings):
        first, second = self.origins(2)
        return first, second, self.lbd([first, second], **settings)

    def up(self, lbd: Lbd, origin: Origin) -> bool:
        return lbd.metrics()[f'lbd_upstream_up{{upstream="origins",endpoint="{origin.name}"}}'] == 1

    def retries(self, lbd: Lbd) -> int:
        return int(sum(value for key, value in lbd.metrics().items() if key.startswith("lbd_retries_total")))

    # Under load

    def busy(self, origins: list[Origin]):
        """Answers take a while, so that every death finds requests under way."""
        pause = threading.Event()
        for origin in origins:
            origin.script = lambda request, connection: pause.wait(0.003) or answer(b"x" * 2000)

    def test_no_get_fails_when_an_endpoint_is_killed_and_comes_back(self):
        first, second, lbd = self.pair(upstream=CHECK, workers=2)
        self.busy([first, second])
        with Load(lbd.address, threads=6) as load:
            load.await_answers(300)
            for _ in range(2):
                first.stop()
                wait_until(lambda: not self.up(lbd, first), OUT_WITHIN, "taking the endpoint out")
                load.await_answers(200)
                first.start()
                first.clear()
                wait_until(lambda: self.up(lbd, first), BACK_WITHIN, "taking the endpoint back")
                wait_until(lambda: len(first.whole) > 50, what="requests at the endpoint that is back")
        self.assertEqual(load.failures, [])
        self.assertTrue(first.whole and second.whole)
        self.assertEqual(first.malformed + second.malformed, [])

    def test_no_get_fails_when_an_endpoint_freezes(self):
        """It goes on taking connections and requests, and says nothing."""
        first, second, lbd = self.pair(upstream=CHECK, workers=2)
        thawed = threading.Event()
        thawed.set()
        self.addCleanup(thawed.set)
        first.script = lambda request, connection: thawed.wait(SECONDS) and answer()
        first.health_script = first.script
        with Load(lbd.address, threads=6) as load:
            load.await_answers(200)
            thawed.clear()
            wait_until(lambda: not self.up(lbd, first), OUT_WITHIN, "taking the endpoint out")
            load.await_answers(200)
            thawed.set()
            wait_until(lambda: self.up(lbd, first), BACK_WITHIN, "taking the endpoint back")
            load.await_answers(100)
        self.assertEqual(load.failures, [])
        self.assertLess(load.slowest, OUT_WITHIN + SLACK)

    def test_no_get_fails_when_an_endpoint_closes_idle_connections_as_they_are_reused(self):
        for count in (1, 2):
            with self.subTest(endpoints=count):
                origins = self.origins(count)
                for origin in origins:
                    def script(_request, connection):
                        connection.close()  # without a word before, right behind the answer
                        connection.send(answer())
                    origin.script = script
                lbd = self.lbd(origins)
                with Load(lbd.address, threads=4, interval=0.001) as load:
                    load.await_answers(600)
                self.assertEqual(load.failures, [])

    def test_a_connection_that_dies_with_the_request_on_it_is_replaced(self):
        """The worst moment: the endpoint has read the request when it gives the idle connection up."""
        origin, = self.origins(1)
        lbd = self.lbd([origin])
        on_connection = {}

        def script(request, connection):
            on_connection[connection.number] = on_connection.get(connection.number, 0) + 1
            if on_connection[connection.number] == 1:
                return answer(request.body or b"ok")
            return connection.close()
        origin.script = script
        with Client(lbd.address) as client:
            for octets, body in [(get(), b"ok"), (post(b"hello", KEY), b"hello")] * 10:
                self.assertEqual(client.send(octets).response().body, body)

    # Who may be asked again

    def die_reading(self, *origins: Origin):
        for origin in origins:
            origin.script = lambda request, connection: connection.close()

    def test_what_may_be_done_twice_is_asked_again(self):
        first, second, lbd = self.pair()
        self.die_reading(first)
        body = bytes(range(256)) * 200
        for name, octets in {"GET": get(), "HEAD": get(method="HEAD"),
                             "PUT": get("/", "Content-Length: 5", method="PUT") + b"hello",
                             "DELETE": get(method="DELETE"), "OPTIONS": get(method="OPTIONS"),
                             "POST with a key": post(body, KEY)}.items():
            with self.subTest(request=name):
                for origin in (first, second):
                    origin.clear()
                for _ in range(2):  # one of two begins at the endpoint that dies
                    self.assertEqual(ask(lbd.address, octets, name.split()[0]).status, 200)
                self.assertEqual(len(second.whole), 2)
                self.assertEqual({(r.body, r.field("Idempotency-Key")) for r in first.whole},
                                 {(r.body, r.field("Idempotency-Key")) for r in second.whole})
        self.assertGreaterEqual(self.retries(lbd), 6)

    def test_what_must_not_be_done_twice_is_sent_once(self):
        first, second, lbd = self.pair()
        self.die_reading(first, second)
        for name, octets in {"POST": post(b"hello"), "PATCH": get("/", "Content-Length: 5", method="PATCH") + b"hello",
                             "empty key": post(b"hello", "Idempotency-Key:"), "unknown method": get(method="BOOK"),
                             "chunked": CHUNKED_POST}.items():
            with self.subTest(request=name):
                for origin in (first, second):
                    origin.clear()
                self.assertEqual(ask(lbd.address, octets).status, 502)
                self.assertEqual(len(first.requests) + len(second.requests), 1)
        self.assertEqual(self.retries(lbd), 0)

    def test_no_post_is_sent_twice_while_endpoints_die_at_random(self):
        first, second, lbd = self.pair()
        turn = iter(range(1_000_000))
        for origin in (first, second):
            origin.script = lambda request, connection: connection.close() if next(turn) % 3 == 0 else answer()
        numbers = iter(range(1_000_000))
        with Load(lbd.address, threads=4, interval=0.001, request=lambda _: post(b"%d" % next(numbers))) as load:
            wait_until(lambda: load.answered + len(load.failures) > 400)
        bodies = [request.body for request in first.whole + second.whole]
        self.assertEqual(len(bodies), len(set(bodies)), "a POST was sent twice")
        self.assertEqual(load.failures, [failure for failure in load.failures if failure.startswith("<502")])

    def test_a_post_that_reached_nobody_is_asked_elsewhere(self):
        first, second, lbd = self.pair()
        first.stop()
        for _ in range(4):
            self.assertEqual(ask(lbd.address, post(b"hello")).body, b"hello")
            self.assertEqual(ask(lbd.address, CHUNKED_POST).body, b"hello")
        self.assertEqual(len(second.whole), 8)

    def test_attempts_are_bounded(self):
        origins = self.origins(5)
        self.die_reading(*origins)
        lbd = self.lbd(origins, limits={"attempts": 3})
        self.assertEqual(ask(lbd.address, get()).status, 502)
        self.assertEqual(sum(len(origin.requests) for origin in origins), 3)

    def test_an_answer_that_is_merely_late_is_not_asked_for_again(self):
        first, second, lbd = self.pair(upstream={"timeouts": {"first_byte": "200ms"}})
        done = threading.Event()
        self.addCleanup(done.set)
        for origin in (first, second):
            origin.script = lambda request, connection: done.wait(SECONDS) and None
        for octets in (get(), post(b"x"), post(b"x", KEY), post(b"x" * 100_000)):
            began = time.monotonic()
            said = ask(lbd.address, octets)
            self.assertEqual((said.status, json.loads(said.body)["code"]), (504, "answer_timeout"))
            self.assertLess(time.monotonic() - began, 0.2 + SLACK)
        self.assertEqual(len(first.requests) + len(second.requests), 4)

    # What is answered when nobody is left

    def test_nobody_listens(self):
        first, second, lbd = self.pair()
        first.stop()
        second.stop()
        said = ask(lbd.address, get())
        self.assertEqual((said.status, json.loads(said.body)["code"]), (502, "not_connected"))

    def test_an_endpoint_that_takes_no_connection_is_left_in_time(self):
        origin, = self.origins(1)
        with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf:
            address = deaf.getsockname()
            fillers = []
            for _ in range(8):  # fill its backlog: the kernel then ignores who comes
                filler = socket.socket()
                filler.setblocking(False)
                filler.connect_ex(address)
                fillers.append(filler)
                self.addCleanup(filler.close)
            timeouts = {"upstream": {"timeouts": {"connect": "200ms"}}}
            lbd = Lbd([f"127.0.0.1:{address[1]}", origin.name], **timeouts)
            self.addCleanup(lbd.close)
            for octets in (get(), post(b"x"), get(), post(b"x")):
                began = time.monotonic()
                self.assertEqual(ask(lbd.address, octets).status, 200)
                self.assertLess(time.monotonic() - began, 0.2 + SLACK)
            lonely = Lbd([f"127.0.0.1:{address[1]}"], **timeouts)
            self.addCleanup(lonely.close)
            self.assertEqual(ask(lonely.address, get()).status, 504)

    def test_all_endpoints_down(self):
        first, second, lbd = self.pair(upstream=CHECK)
        wait_until(lambda: first.probes and second.probes)
        self.assertTrue(lbd.is_ready())
        first.stop()
        second.health_script = lambda request, connection: answer(status="500 Internal Server Error")
        wait_until(lambda: not lbd.is_ready(), OUT_WITHIN, "/readyz saying no")
        why = lbd.admin("/readyz").body.decode()
        for word in ("origins", first.name, second.name):
            self.assertIn(word, why)
        self.assertEqual(lbd.admin("/healthz").status, 200)
        said = ask(lbd.address, get())
        self.assertEqual((said.status, json.loads(said.body)["code"]), (503, "no_endpoint"))
        self.assertTrue(said.field("Retry-After").isdigit())
        self.assertEqual(second.requests, [])
        first.start()
        wait_until(lbd.is_ready, BACK_WITHIN, "/readyz saying yes")
        self.assertEqual(ask(lbd.address, get()).status, 200)

    # Checks

    def test_an_endpoint_is_out_after_fall_failures_and_back_after_rise_passes(self):
        first, second, lbd = self.pair(upstream=CHECK)
        verdicts = {"500": answer(status="500 Oops"), "redirect": answer(b"", "Location: /ok", status="302 Found"),
                    "no HTTP": b"what?\r\n\r\n", "huge head": b"HTTP/1.1 200 OK\r\nA: " + b"x" * 100_000,
                    "smuggling": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"}
        for name, octets in verdicts.items():
            with self.subTest(verdict=name):
                first.health_script = lambda request, connection: octets
                wait_until(lambda: not self.up(lbd, first), OUT_WITHIN, "taking the endpoint out")
                first.clear()
                for _ in range(6):
                    self.assertEqual(ask(lbd.address, get()).status, 200)
                self.assertEqual(first.requests, [])
                first.health_script = lambda request, connection: answer(b"x" * 50_000)
                wait_until(lambda: self.up(lbd, first), BACK_WITHIN, "taking the endpoint back")
                for _ in range(6):
                    ask(lbd.address, get())
                self.assertEqual(len(first.whole), 3)

    def test_fewer_failures_than_fall_take_nobody_out(self):
        first, _, lbd = self.pair(upstream=CHECK)
        wait_until(lambda: first.probes > 2)
        first.health_script = lambda request, connection: answer(
            status="200 OK" if first.probes % FALL == 0 else "500 Oops")
        until = first.probes + 6 * FALL
        while first.probes < until:
            self.assertTrue(self.up(lbd, first))
        self.assertNotIn("endpoint is down", [line.get("msg") for line in lbd.log()])

    def test_no_endpoint_is_down_before_it_was_checked(self):
        lbd = self.lbd(self.origins(1), upstream={"check": {"enabled": True, "interval": "1h"}})
        self.assertTrue(lbd.is_ready())
        self.assertEqual(ask(lbd.address, get()).status, 200)

    # Warm connections

    def test_connections_to_an_endpoint_are_used_again(self):
        origin, = self.origins(1)
        lbd = self.lbd([origin])
        for _ in range(5):
            with Client(lbd.address) as client:
                for octets in (get(), post(b"hello"), get(method="PUT"), post(b"x" * 100_000), CHUNKED_POST):
                    self.assertEqual(client.send(octets).response().status, 200)
        self.assertEqual((len(origin.whole), origin.accepted), (25, 1))

    def test_a_connection_that_idled_too_long_is_not_used_again(self):
        origin, = self.origins(1)
        lbd = self.lbd([origin], upstream={"timeouts": {"idle": "100ms"}})
        ask(lbd.address, get())
        wait_until(lambda: not origin.live, what="lbd closing the idle connection")
        ask(lbd.address, get())
        self.assertEqual(origin.accepted, 2)

    def test_turns_are_taken(self):
        origins = self.origins(3)
        lbd = self.lbd(origins)
        for _ in range(9):
            ask(lbd.address, get())
        self.assertEqual([len(origin.whole) for origin in origins], [3, 3, 3])


if __name__ == "__main__":
    unittest.main()
