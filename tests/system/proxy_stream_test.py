"""Bodies that are large, slow or endless: content passes as it comes, memory stays bounded and time limits hold."""

import hashlib
import sys
import threading
import time
import unittest

sys.dont_write_bytecode = True

from support.lbd_process import Lbd  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import SECONDS, Client, Ended, chunked, get, wait_until  # noqa: E402

MIB = 1 << 20
BLOCK = bytes(range(256)) * 256  # 64 KiB
LARGE = 24 * MIB
MEMORY = 4 * MIB  # what one slow exchange may cost at most
SLACK = 3.0  # a busy machine


def digest_of(octets: int) -> str:
    made = hashlib.sha256()
    for _ in range(octets // len(BLOCK)):
        made.update(BLOCK)
    return made.hexdigest()


def coding(kind: str, octets: int) -> str:
    return f"Content-Length: {octets}" if kind == "counted" else "Transfer-Encoding: chunked"


def piece(kind: str, octets: bytes) -> bytes:
    return octets if kind == "counted" else chunked(octets, end=b"")


def end(kind: str) -> bytes:
    return b"" if kind == "counted" else b"0\r\n\r\n"


def head(*fields: str) -> bytes:
    return "".join(f"{line}\r\n" for line in ("HTTP/1.1 200 OK", *fields, "")).encode()


class StreamCase(unittest.TestCase):
    def start(self, script=None, **settings):
        self.origin = Origin(script)
        self.addCleanup(self.origin.stop)
        settings = {"limits": {"body": "1GiB"}, **settings}
        self.lbd = Lbd([self.origin.name], **settings)
        self.addCleanup(self.lbd.close)

    def await_stall(self, moved) -> int:
        """Until the count that `moved` gives has stood still for a while; gives it."""
        state = {"at": -1, "since": time.monotonic()}

        def still():
            now = moved()
            if now != state["at"]:
                state.update(at=now, since=time.monotonic())
            return time.monotonic() - state["since"] > 0.3
        wait_until(still, what="a standstill")
        return state["at"]


class Bodies(StreamCase):
    def test_large_uploads_arrive_whole(self):
        self.start(lambda request, connection: answer(request.digest.hexdigest().encode()))
        with Client(self.lbd.address) as client:
            for kind in ("counted", "chunked", "counted"):
                with self.subTest(framing=kind):
                    client.send(get("/", coding(kind, LARGE), method="POST"))
                    for _ in range(LARGE // len(BLOCK)):
                        client.send(piece(kind, BLOCK))
                    client.send(end(kind))
                    self.assertEqual(client.response().body.decode(), digest_of(LARGE))
        self.assertEqual(self.origin.accepted, 1)

    def test_large_downloads_arrive_whole(self):
        def script(request, connection):
            kind = request.target[1:]
            connection.send(head("Connection: close") if kind == "closed" else head(coding(kind, LARGE)))
            for _ in range(LARGE // len(BLOCK)):
                connection.send(piece("counted" if kind == "closed" else kind, BLOCK))
            if kind == "closed":
                connection.close()
            else:
                connection.send(end(kind))
        self.start(script)
        with Client(self.lbd.address) as client:
            for kind in ("counted", "chunked", "closed", "counted"):
                with self.subTest(framing=kind):
                    said = client.send(get("/" + kind)).response()
                    self.assertTrue(said.complete)
                    self.assertEqual(hashlib.sha256(said.body).hexdigest(), digest_of(LARGE))

    def test_both_ways_at_once(self):
        """The answer begins, and goes on, while the request is still on its way."""
        def on_head(request, connection):
            connection.send(head("Transfer-Encoding: chunked"))
            for octets in connection.reader.counted(8 * MIB):
                connection.send(chunked(octets, end=b""))
            connection.send(b"0\r\n\r\n")
            return True
        self.start()
        self.origin.on_head = on_head
        with Client(self.lbd.address) as client:
            client.send(get("/", f"Content-Length: {8 * MIB}", method="POST"))
            blocks = BLOCK * (8 * MIB // len(BLOCK))
            sender = threading.Thread(target=lambda: client.send(blocks), daemon=True)
            sender.start()
            said = client.response()
            sender.join(SECONDS)
        self.assertTrue(said.complete)
        self.assertEqual(hashlib.sha256(said.body).hexdigest(), digest_of(8 * MIB))

    def test_a_slow_reader_holds_the_endpoint_back(self):
        for kind in ("counted", "chunked"):
            with self.subTest(framing=kind):
                sent = [0]

                def script(_request, connection):
                    connection.send(head(coding(kind, 4 * LARGE)))
                    for _ in range(4 * LARGE // len(BLOCK)):
                        connection.send(piece(kind, BLOCK))
                        sent[0] += len(BLOCK)
                    connection.send(end(kind))
                self.start(script)
                before = self.lbd.resident_octets()
                with Client(self.lbd.address, receive_buffer=65536) as client:
                    client.send(get())
                    self.assertLess(self.await_stall(lambda: sent[0]), 2 * LARGE)  # it lies in the kernel's buffers
                    self.assertLess(self.lbd.resident_octets() - before, MEMORY)
                    made = hashlib.sha256()
                    said = client.head()
                    for octets in client.pieces(said):
                        made.update(octets)
                    self.assertEqual((said.complete, made.hexdigest()), (True, digest_of(4 * LARGE)))
                self.assertLess(self.lbd.resident_octets() - before, MEMORY)

    def test_a_slow_endpoint_holds_the_client_back(self):
        for kind in ("counted", "chunked"):
            with self.subTest(framing=kind):
                self.start()
                go = threading.Event()
                self.addCleanup(go.set)

                def on_head(request, connection):
                    go.wait(SECONDS)
                    self.origin.read_body(request, connection)
                    connection.send(answer(request.digest.hexdigest().encode()))
                    return True
                self.origin.on_head = on_head
                before = self.lbd.resident_octets()
                sent = [0]
                with Client(self.lbd.address) as client:
                    def upload():
                        client.send(get("/", coding(kind, 4 * LARGE), method="POST"))
                        for _ in range(4 * LARGE // len(BLOCK)):
                            client.send(piece(kind, BLOCK))
                            sent[0] += len(BLOCK)
                        client.send(end(kind))
                    uploader = threading.Thread(target=upload, daemon=True)
                    uploader.start()
                    self.assertLess(self.await_stall(lambda: sent[0]), 2 * LARGE)
                    self.assertLess(self.lbd.resident_octets() - before, MEMORY)
                    go.set()
                    self.assertEqual(client.response().body.decode(), digest_of(4 * LARGE))
                    uploader.join(SECONDS)
                self.assertLess(self.lbd.resident_octets() - before, MEMORY)

    def test_events_pass_at_once(self):
        for kind in ("chunked", "closed"):
            with self.subTest(framing=kind):
                seen = threading.Semaphore(0)

                def script(_request, connection):
                    framing = ["Transfer-Encoding: chunked"] if kind == "chunked" else []
                    connection.send(head("Content-Type: text/event-stream", *framing))
                    for number in range(20):
                        event = b"data: %d\n\n" % number
                        connection.send(chunked(event, end=b"") if kind == "chunked" else event)
                        if not seen.acquire(timeout=3):
                            return connection.reset()
                    if kind == "chunked":
                        connection.send(b"0\r\n\r\n")
                    else:
                        connection.close()
                self.start(script)
                with Client(self.lbd.address) as client:
                    said = client.send(get()).head()
                    for number, event in enumerate(client.pieces(said)):
                        self.assertEqual(event, b"data: %d\n\n" % number)
                        seen.release()
                    self.assertTrue(said.complete)
                    self.assertEqual(number, 19)

    def test_uploads_pass_at_once(self):
        self.start()
        seen = threading.Semaphore(0)

        def on_head(_request, connection):
            for octets in connection.reader.chunks():
                seen.release(len(octets))
            connection.send(answer())
            return True
        self.origin.on_head = on_head
        with Client(self.lbd.address) as client:
            client.send(get("/", "Transfer-Encoding: chunked", method="POST"))
            for _ in range(20):
                client.send(chunked(b"x", end=b""))
                self.assertTrue(seen.acquire(timeout=3), "a piece was held back")
            self.assertEqual(client.send(b"0\r\n\r\n").response().status, 200)

    def test_a_client_that_leaves_takes_its_endpoint_connection_along(self):
        ended = threading.Event()

        def script(_request, connection):
            try:
                connection.send(head(f"Content-Length: {100 * LARGE}"))
                while True:
                    connection.send(BLOCK)
            finally:
                ended.set()
        self.start(script)
        with Client(self.lbd.address) as client:
            client.send(get()).head()
        self.assertTrue(ended.wait(3), "the endpoint works on for nobody")
        self.assertEqual(self.lbd.refused(), {"client_gone": 1})


class TimeLimits(StreamCase):
    def test_a_slow_head_is_a_408_however_steadily_it_comes(self):
        self.start(timeouts={"head": "400ms"})
        began = time.monotonic()
        with Client(self.lbd.address) as client:
            pause = threading.Event()
            for octet in get("/", "Field: " + "x" * 1000):
                client.send_what_is_taken(bytes([octet]))
                if pause.wait(0.02) or time.monotonic() - began > 0.4 + SLACK / 2:
                    break
            said = client.response()
            took = time.monotonic() - began
            self.assertEqual((said.status, said.closes), (408, True))
        self.assertGreater(took, 0.35)
        self.assertLess(took, 0.4 + SLACK)
        self.assertEqual(self.lbd.refused(), {"head_timeout": 1})
        self.assertEqual(self.origin.requests, [])

    def test_a_slow_second_head_is_a_408_too(self):
        self.start(timeouts={"head": "300ms"})
        with Client(self.lbd.address) as client:
            self.assertEqual(client.send(get() + b"GET / HT").response().status, 200)
            began = time.monotonic()
            self.assertEqual(client.response().status, 408)
            self.assertLess(time.monotonic() - began, 0.3 + SLACK)

    def test_who_says_nothing_is_let_go_silently(self):
        self.start(timeouts={"head": "300ms", "keep_alive": "300ms"})
        for octets in (b"", get()):
            with self.subTest(before=octets), Client(self.lbd.address, 0.3 + 1 + SLACK) as client:
                if octets:
                    client.send(octets).response()
                self.assertTrue(client.is_closed())
        self.assertEqual(self.lbd.refused(), {})

    def test_a_body_that_stops_is_a_408(self):
        for name, octets in {"held": get("/", "Content-Length: 10", method="POST") + b"x",
                             "counted": get("/", f"Content-Length: {MIB}", method="POST") + BLOCK,
                             "counted, nothing of it": get("/", f"Content-Length: {MIB}", method="POST"),
                             "chunked": get("/", "Transfer-Encoding: chunked", method="POST") + b"5\r\nhel",
                             "chunked, nothing of it": get("/", "Transfer-Encoding: chunked", method="POST")}.items():
            with self.subTest(body=name):
                self.start(timeouts={"body": "300ms"})
                began = time.monotonic()
                with Client(self.lbd.address) as client:
                    said = client.send(octets).response()
                    self.assertEqual((said.status, said.closes), (408, True))
                    self.assertLess(time.monotonic() - began, 0.3 + SLACK)
                    self.assertTrue(client.is_closed())
                self.assertEqual(self.lbd.refused(), {"body_timeout": 1})
                self.assertEqual(self.origin.whole, [])

    def test_a_reader_that_stops_is_cut_off(self):
        self.start(lambda request, connection: answer(b"x" * LARGE), timeouts={"send": "300ms"})
        with Client(self.lbd.address, receive_buffer=65536) as client:
            client.send(get())
            wait_until(lambda: self.lbd.refused() == {"client_stalled": 1}, 0.3 + 2 * SLACK)
            try:
                self.assertFalse(client.response().complete)
            except Ended:
                pass

    def test_an_answer_that_stops_is_cut(self):
        for name, octets in {"counted": head("Content-Length: 10") + b"x",
                             "chunked": head("Transfer-Encoding: chunked") + b"5\r\nx",
                             "closed": head() + b"x"}.items():
            with self.subTest(answer=name):
                self.start(lambda request, connection: octets, upstream={"timeouts": {"between_bytes": "300ms"}})
                began = time.monotonic()
                with Client(self.lbd.address) as client:
                    said = client.send(get()).response()
                self.assertEqual((said.complete, said.body), (False, b"x"))
                self.assertLess(time.monotonic() - began, 0.3 + SLACK)

    def test_an_exchange_has_an_end(self):
        """However steadily both sides go on."""
        def script(_request, connection):
            connection.send(head("Transfer-Encoding: chunked"))
            pause = threading.Event()
            while not pause.wait(0.02):
                connection.send(chunked(b"x", end=b""))
        self.start(script, timeouts={"total": "500ms"})
        began = time.monotonic()
        with Client(self.lbd.address) as client:
            self.assertFalse(client.send(get()).response().complete)
        self.assertLess(time.monotonic() - began, 0.5 + SLACK)

    def test_a_slow_upload_that_moves_is_let_through(self):
        self.start(timeouts={"body": "400ms"}, upstream={"timeouts": {"first_byte": "400ms"}})
        pause = threading.Event()
        with Client(self.lbd.address) as client:
            client.send(get("/", "Transfer-Encoding: chunked", method="POST"))
            for _ in range(12):
                client.send(chunked(b"x", end=b""))
                pause.wait(0.1)
            self.assertEqual(client.send(b"0\r\n\r\n").response().body, b"x" * 12)


if __name__ == "__main__":
    unittest.main()
