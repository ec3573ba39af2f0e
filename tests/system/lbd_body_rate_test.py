"""Content that comes so slowly that it only holds an endpoint's connection ends with 408; whoever has a reason to be slow, or is
not slow himself, goes on."""

import json
import select
import sys
import threading
import time
import unittest

sys.dont_write_bytecode = True

from support.http2_case import Http2Case  # noqa: E402
from support.origin import answer  # noqa: E402
from support.wire import SECONDS, Client, chunked, get, wait_until  # noqa: E402

GRACE = 2.0
SPLICED = 256 * 1024  # long enough for lbd to splice it
LARGE = 16 << 20  # more than sockets hold
OCTET = chunked(b"x", end=b"")
END = b"0\r\n\r\n"
ROUNDS = 5


class BodyRate(Http2Case):
    """Clients that send an octet now and then, side by side: when those have been refused who should be, the others would
    have been, too."""

    def setUp(self):
        self.taken = threading.Event()  # the endpoint takes what it has left
        self.addCleanup(self.taken.set)
        self.start(lambda request, connection: answer(b"whole"), limits={"body_rate": "64KiB", "body": "64MiB"},
                   timeouts={"body": f"{int(GRACE * 1000)}ms", "body_grace": "1ms"},
                   routes=[{"path": "/", "upstream": "origins"},
                           {"path": "/free", "upstream": "origins", "limits": {"body_rate": "0B"}}])
        self.origin.on_head = self.on_head

    def on_head(self, request, connection) -> bool:
        if request.target == "/late":
            self.taken.wait(SECONDS)
        if request.target != "/talk":
            return False
        connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"who", end=b""))
        self.origin.read_body(request, connection)
        connection.send(chunked(b"le"))
        return True

    def begin(self, path: str, *fields: str) -> Client:
        client = Client(self.lbd.address)
        self.addCleanup(client.close)
        return client.send(get(path, *(fields or ["Transfer-Encoding: chunked"]), method="POST"))

    def trickle(self, slow: list[Client], others: list[Client]) -> float:
        """An octet from each, until every one of `slow` has got something; the longest pause between two."""
        longest, before = 0.0, time.monotonic()
        while slow:
            for client in slow + others:
                client.send_what_is_taken(OCTET if client.chunked else b"x")
            slow = [client for client in slow if not select.select([client.sock], [], [], 0.01)[0]]
            now = time.monotonic()
            longest, before = max(longest, now - before), now
        return longest

    def round(self) -> float:
        """The longest pause; of one as long as what is allowed nothing can be said."""
        self.taken.clear()
        coded, counted = self.begin("/"), self.begin("/", f"Content-Length: {SPLICED}")
        free, talk, paid = self.begin("/free"), self.begin("/talk"), self.begin("/")
        for client in (coded, counted, free, talk, paid):
            client.chunked = client is not counted
        paid.send(chunked(b"x" * SPLICED * 8, end=b""))  # half a minute
        talk.head()
        late = self.begin("/late", f"Content-Length: {LARGE}")
        sender = threading.Thread(target=late.send_what_is_taken, args=[b"x" * LARGE], daemon=True)
        sender.start()
        longest = self.trickle([coded, counted], [free, talk, paid])
        if longest > GRACE / 2:
            self.taken.set()
            return longest
        for client in (coded, counted):
            said = client.final_response()
            self.assertEqual((said.status, json.loads(said.body)["code"], said.closes), (408, "body_too_slow", True))
        self.taken.set()
        sender.join(SECONDS)
        for client in (free, paid):
            client.send(END)
        for client in (free, paid, late):
            said = client.final_response()
            self.assertEqual((said.status, said.body), (200, b"whole"))
        talk.send(END)
        self.assertEqual(b"".join(talk.reader.chunks()), b"whole")
        return longest

    def test_who_is_too_slow_and_who_is_not(self):
        for _ in range(ROUNDS):
            if self.round() <= GRACE / 2:
                break
        else:
            self.skipTest("this machine pauses for seconds")
        wait_until(lambda: self.lbd.metrics()["lbd_http_requests_active"] == 0, what="all having ended")

    def test_a_stream_that_is_too_slow(self):
        client = self.connect()
        number = client.begin("/", "POST", ends=False)
        stream = client.streams[number]
        while not stream.over:
            client.upload(number, b"x", ends=False)
            if select.select([client.sock], [], [], 0.01)[0]:
                client.take()
        self.assertEqual((stream.status, json.loads(bytes(stream.body))["code"]), (408, "body_too_slow"))
        self.assertEqual(client.ask("/").status, 200)


if __name__ == "__main__":
    unittest.main()
