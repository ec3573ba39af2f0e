"""HTTP/2 when lbd leaves, reloads or hands over: two GOAWAYs, and no request is lost."""

import multiprocessing
import sys
import threading
import unittest

sys.dont_write_bytecode = True

from support import http2_frames as h2  # noqa: E402
from support.http2_case import Http2Case  # noqa: E402
from support.http2_load import Http2Load  # noqa: E402
from support.origin import answer  # noqa: E402
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


if __name__ == "__main__":
    unittest.main()
