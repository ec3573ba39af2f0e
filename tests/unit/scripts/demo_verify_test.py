"""A booking counts as found only when the service says so, and a stumble of the service is not yet a loss."""
import http.server
import json
import pathlib
import sys
import threading
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "scripts"))

from demo_parts import verify  # noqa: E402
from demo_parts.traffic import Record  # noqa: E402
from lab.waiting import Connection  # noqa: E402

HERE = "/proc/self/ns/net"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answers: list = []  # status, or None for a connection dropped without an answer; the last one repeats
    asked: list = []

    def do_POST(self):
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((self.path, question))
        status = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if status is None:
            self.close_connection = True
            return
        body = json.dumps({"number": question["number"]} if status == 200 else {}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Found(unittest.TestCase):
    def setUp(self):
        Handler.asked = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        self.connection = Connection(HERE, "127.0.0.1", self.server.server_port, 2.0)

    def tearDown(self):
        self.connection.close()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def found(self, *answers) -> bool:
        Handler.answers = list(answers)
        return verify.found(self.connection, Record(42, 0.0, "book", 1.0, None, 1, "AB-1"))

    def test_it_is_asked_for_by_number_and_phone(self):
        self.assertTrue(self.found(200))
        self.assertEqual(Handler.asked, [("/api/v1/bookings/lookup", {"number": "AB-1", "phone": "010-7000-0042"})])

    def test_not_found_is_lost(self):
        self.assertFalse(self.found(404))
        self.assertEqual(len(Handler.asked), 1)

    def test_a_stumble_is_asked_again(self):
        self.assertTrue(self.found(503, None, 429, 200))

    def test_a_service_that_never_answers_has_lost_it(self):
        self.assertFalse(self.found(503))
        self.assertEqual(len(Handler.asked), verify.ATTEMPTS)


if __name__ == "__main__":
    unittest.main()
