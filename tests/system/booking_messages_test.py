#!/usr/bin/python3
"""Messages to others: two bookd on one database and a receiver that fails, hangs up and is told again; a bookd is killed with
messages under way. What was accepted comes once from living nodes, and never goes missing."""
import collections
import hashlib
import hmac
import http.server
import json
import os
import signal
import threading
import time
import unittest

from support.bookd import Bookd, wait_until
from support.booking_stack import SOON, Stack, at_once, booking, change

SECRET, TOKEN = "only-for-this-test", "of-the-adapter"
CHANNELS = "/hook", "/slack", "/text"
BOOKINGS = 24
KILLED_AFTER = 6


class Receiver(http.server.ThreadingHTTPServer):
    """Takes POSTs; refuses the first try of every third message."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.taken, self.refused, self.faults = collections.defaultdict(list), set(), []
        self.lock = threading.Lock()
        self.is_away = False  # refuses all
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{path}"

    def of(self, path: str, numbers) -> list:
        """The messages about these bookings, each with its key."""
        with self.lock:
            return [(key, body) for key, body in self.taken[path] if any(number in json.dumps(body) for number in numbers)]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):  # pylint: disable=invalid-name
        body = self.rfile.read(int(self.headers["Content-Length"]))
        message, server = self.headers["Idempotency-Key"], self.server
        with server.lock:
            if self.path == "/hook":
                parts = dict(part.split("=") for part in self.headers["Mainstay-Signature"].split(","))
                wanted = hmac.new(SECRET.encode(), parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
                if not hmac.compare_digest(wanted, parts["v1"]):
                    server.faults.append("signature")
            if (self.path == "/text") != (self.headers["Authorization"] == f"Bearer {TOKEN}"):
                server.faults.append("token")
            refuse = server.is_away or (int(message[-1], 16) % 3 == 0 and message not in server.refused)
            if refuse:
                server.refused.add(message)
            else:
                server.taken[self.path].append((message, json.loads(body)))
        self.send_response(503 if refuse else 204)
        self.end_headers()

    def log_message(self, *_args):  # pylint: disable=arguments-differ
        pass


class Messages(Stack):
    @classmethod
    def setUpClass(cls):
        cls.receiver = Receiver()
        cls.addClassCleanup(cls.receiver.server_close)
        cls.addClassCleanup(cls.receiver.shutdown)
        super().setUpClass()

    @classmethod
    def new_bookd(cls) -> Bookd:
        made = super().new_bookd()
        for name, text in (("slack-url", cls.receiver.url("/slack")), ("webhook-secret", SECRET), ("text-token", TOKEN)):
            with open(os.path.join(made.directory, name), "w", encoding="utf-8") as file:
                file.write(text + "\n")
        with open(made.config, "a", encoding="utf-8") as file:
            file.write(f"notify: {{slack: {{url_file: slack-url}}, webhook: {{url: \"{cls.receiver.url('/hook')}\", "
                       f"secret_file: webhook-secret}}, text: {{url: \"{cls.receiver.url('/text')}\", "
                       "token_file: text-token}, timeout: 2s}\n")
        return made

    def test_every_message_comes_once_from_two_nodes_and_survives_a_kill(self):
        second = self.new_bookd().start()
        nodes = (self.bookd, second)
        answers = at_once(BOOKINGS, lambda i: nodes[i % 2].post_json(
            "/api/v1/bookings", booking(phone=f"010-3000-{i:04}"), {"Idempotency-Key": f"told-{i}"}))
        numbers = {answer.json["number"] for answer in answers}
        wait_until(lambda: len(self.receiver.of("/hook", numbers)) >= KILLED_AFTER, 30, "the first messages")
        second.process.send_signal(signal.SIGKILL)
        second.process.wait(timeout=10)
        for path in CHANNELS:
            # A lease of the dead node runs out before its messages come from the other one.
            wait_until(lambda at=path: len({key for key, _ in self.receiver.of(at, numbers)}) == BOOKINGS, 60, path)
        told = self.receiver.of("/hook", numbers)
        self.assertEqual({body["number"] for _, body in told}, numbers)
        self.assertEqual(self.receiver.faults, [])
        keys = collections.Counter(key for path in CHANNELS for key, _ in self.receiver.of(path, numbers))
        twice = [key for key, count in keys.items() if count > 1]
        # Only what the killed one had sent and not yet noted may come again, and under the same key.
        self.assertLessEqual(len(twice), 1)
        self.assertGreater(len(self.receiver.refused), 0)
        for _, body in told + self.receiver.of("/slack", numbers):
            self.assertNotIn("홍길동", json.dumps(body, ensure_ascii=False))
            self.assertNotIn("3000", json.dumps(body))
        self.all_is_told()

    def all_is_told(self) -> None:
        """What is to be told stands in the transaction of what happened: when nothing is left, all was said that will be."""
        wait_until(lambda: self.database.query("SELECT COUNT(*) FROM bookd.outbox WHERE done_us IS NULL") == "0", 60, "all is told")

    def test_a_customer_hears_of_a_move_by_text_when_the_shop_says_so(self):
        number = self.create("by-text", booking(phone="010-5000-0001")).json["number"]
        session = self.session()

        def shop(move: str, hour: int, **words) -> None:
            answer = self.bookd.post_json(f"/api/v1/admin/bookings/{number}/{move}", {
                "technician": "알림", "start": f"{SOON}T{hour}:00:00+09:00", "duration_minutes": 60, "anyway": True, **words},
                change(session))
            self.assertEqual(answer.status, 200, answer.text)

        def told(path: str) -> list[dict]:
            self.all_is_told()
            return [body for _, body in self.receiver.of(path, [number])]

        shop("approve", 10)
        self.assertEqual(sorted(body["template"] for body in told("/text")), ["booking_approve", "booking_request"])
        shop("reschedule", 14, notify=False)
        self.assertEqual(len(told("/text")), 2)
        shop("reschedule", 16, notify=True)
        self.assertEqual(told("/text")[2:], [{"to": "+821050000001", "template": "booking_reschedule", "values": {
            "business": "한빛 설비", "number": number, "visit": f"{SOON}T16:00:00+09:00"}}])
        # The shop's own programs hear of every move; its people, who made these, of none.
        self.assertEqual(sorted(body["event"] for body in told("/hook")),
                         ["booking.approve", "booking.request", "booking.reschedule", "booking.reschedule"])
        self.assertEqual(len(told("/slack")), 1)
        self.assertEqual(self.receiver.faults, [])

    def test_what_cannot_be_told_is_seen_to_wait(self):
        """By the alert OutboxStuck. The first of a kind is a growth of its series, so that is there before."""
        self.all_is_told()
        self.assertIn('bookd_messages_total{channel="slack",result="given_up"} 0',
                      self.bookd.request("GET", "/metrics", port=self.bookd.admin_port).text)
        self.receiver.is_away = True
        begun = time.time()
        self.create("waits", booking(phone="010-6000-0001"))
        wait_until(lambda: self.bookd.metric("bookd_outbox_messages") == len(CHANNELS), 30, "what waits is counted")
        oldest = self.bookd.metric("bookd_outbox_oldest_timestamp_seconds")
        self.assertTrue(begun - 1 <= oldest <= time.time(), oldest)
        self.receiver.is_away = False
        wait_until(lambda: self.bookd.metric("bookd_outbox_messages") == 0, 60, "nothing waits any more")
        self.assertEqual(self.bookd.metric("bookd_outbox_oldest_timestamp_seconds"), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
