"""HTTP/2 when lbd leaves, reloads, hands over or asks clients to come anew: two GOAWAYs, and no request is lost."""

import multiprocessing
import sys
import threading
import unittest

sys.dont_write_bytecode = True

from support import http2_frames as h2  # noqa: E402
from support.http2_case import HTTP2, Http2Case  # noqa: E402
from support.http2_client import Http2Client  # noqa: E402
from support.http2_load import Http2Load  # noqa: E402
from support.operator import Operated  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import SECONDS, refuses, wait_until  # noqa: E402

ALL = (1 << 31) - 1


def burn(stopped) -> None:
    while not stopped.is_set():
        sum(range(10000))


class Drain(Http2Case):
    def start_held(self, **settings):
        self.go = threading.Event()
        self.addCleanup(self.go.set)

        def script(request, connection):
            if request.target == "/held":
                self.go.wait(3 * SECONDS)
            return answer()
        self.start(script, **settings)

    def test_two_goaways_and_what_is_under_way_is_finished(self):
        self.start_held(drain={"grace": "50ms", "deadline": "20s"})
        client = self.connect()
        first = client.begin("/held")
        wait_until(lambda: self.origin.requests)
        self.lbd.terminate()
        client.until(lambda: client.goaways, "the first GOAWAY")
        self.assertEqual(client.goaways[0], (ALL, h2.NO_ERROR))
        second = client.begin("/under/way") if len(client.goaways) == 1 else None  # sent before the first was heard of
        client.until(lambda: len(client.goaways) == 2, "the second GOAWAY")
        last, code = client.goaways[1]
        self.assertEqual(code, h2.NO_ERROR)
        self.assertGreaterEqual(last, first)
        self.assertFalse(client.streams[first].over)
        self.go.set()
        self.assertEqual(client.response(first).status, 200)
        if second is not None and second <= last:
            self.assertEqual(client.response(second).status, 200)
        client.until_ended()
        self.assertEqual(self.lbd.wait(), 0)

    def test_who_asks_for_nothing_is_let_go(self):
        self.start()
        client, fresh = self.connect(), self.connect().await_settings()
        client.ask()
        self.lbd.terminate()
        for one in (client, fresh):
            one.until_ended()
            self.assertEqual({code for _, code in one.goaways}, {h2.NO_ERROR})
        self.assertEqual(self.lbd.wait(), 0)

    def test_the_deadline_ends_what_does_not_end(self):
        self.start_held(drain={"grace": "10ms", "deadline": "500ms"})
        client = self.connect()
        client.begin("/held")
        wait_until(lambda: self.origin.requests)
        self.lbd.terminate()
        client.until_ended()
        self.assertTrue(client.goaways)
        self.lbd.wait()

    def check_load(self, load: Http2Load):
        self.assertEqual(load.failures, [])
        self.assertEqual(self.origin.malformed, [])

    def burners(self):
        """Others want the processors, too."""
        stopped = multiprocessing.Event()
        for _ in range(3):
            process = multiprocessing.Process(target=burn, args=(stopped,), daemon=True)
            process.start()
            self.addCleanup(process.join)
        self.addCleanup(stopped.set)

    def test_no_request_is_lost_when_it_leaves_under_load(self):
        pause = threading.Event()
        self.start(lambda request, connection: pause.wait(0.002) or answer(b"x" * 1000), workers=2,
                   drain={"grace": "300ms", "deadline": "30s"})
        self.burners()
        load = Http2Load(self.lbd.address)
        self.addCleanup(load.stop)
        load.await_answers(200)
        load.leaving.set()
        self.lbd.terminate()
        load.await_end()
        self.check_load(load)
        for goaways in load.goaways:
            self.assertEqual(goaways[0], (ALL, h2.NO_ERROR))
            self.assertEqual(len(goaways), 2)
        self.assertEqual(len(load.goaways), 3)
        self.assertEqual(self.lbd.wait(3 * SECONDS), 0)

    def test_no_request_is_lost_when_it_reloads_or_hands_over(self):
        self.start(lambda request, connection: answer(b"x" * 1000), workers=2, drain={"grace": "100ms", "deadline": "30s"})
        load = Http2Load(self.lbd.address)
        self.addCleanup(load.stop)
        load.await_answers(100)
        for _ in range(3):
            self.assertEqual(self.lbd.reload()["msg"], "reloaded")
            load.await_answers(100)
        self.assertEqual(self.lbd.upgrade()["msg"], "handed over, draining")
        self.lbd.process.wait(3 * SECONDS)  # the old one is gone
        load.await_answers(100)
        load.stop()
        self.check_load(load)
        self.assertGreaterEqual(load.connections, 6)
        self.assertFalse(refuses(self.lbd.address))


class Offer(unittest.TestCase):
    """`PUT /api/v1/offer-close`: nothing is refused, and who can be told is told at once."""

    def setUp(self):
        self.go = threading.Event()
        self.addCleanup(self.go.set)
        self.origin = Origin(lambda request, connection: (request.target != "/held" or self.go.wait(3 * SECONDS)) and answer())
        self.addCleanup(self.origin.stop)
        self.operated = Operated([self.origin.name], listeners=[{"address": "127.0.0.1:0", **HTTP2}])
        self.addCleanup(self.operated.close)

    def connect(self) -> Http2Client:
        client = Http2Client(self.operated.lbd.address).await_settings()
        self.addCleanup(client.close)
        return client

    def offer(self, seconds: int) -> None:
        self.assertEqual(self.operated.call("PUT", "/api/v1/offer-close", {"seconds": seconds}).status, 200)

    def test_clients_are_told_before_they_ask_for_anything_more(self):
        fresh, idle, busy = self.connect(), self.connect(), self.connect()
        self.assertEqual(idle.ask().status, 200)
        held = busy.begin("/held")
        wait_until(lambda: [1 for request in self.origin.requests if request.target == "/held"])
        self.offer(60)
        for client in (fresh, idle):
            client.until_ended()
            self.assertEqual([code for _, code in client.goaways], [h2.NO_ERROR] * len(client.goaways))
            self.assertEqual(client.goaways[0][0], ALL)
        busy.until(lambda: len(busy.goaways) == 2, "both GOAWAYs")
        self.assertEqual((busy.goaways[0], busy.goaways[1]), ((ALL, h2.NO_ERROR), (held, h2.NO_ERROR)))
        self.assertFalse(busy.streams[held].over)
        self.go.set()
        self.assertEqual(busy.response(held).status, 200)
        busy.until_ended()

    def test_an_end_to_it_ends_no_connection(self):
        client = self.connect()
        self.offer(0)
        for _ in range(3):
            self.assertEqual(client.ask().status, 200)
        self.assertTrue(client.answers_ping())
        self.assertEqual(client.goaways, [])


if __name__ == "__main__":
    unittest.main()
