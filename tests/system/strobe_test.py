"""strobe against a server that misbehaves on demand: what it records is what happened, and a booking is tried with one
key until it is acknowledged."""

import json
import os
import socket
import subprocess
import threading
import time
import unittest

REPOSITORY = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
STROBE = os.path.join(os.environ.get("MAINSTAY_BIN") or os.path.join(REPOSITORY, "build", "release", "bin"), "strobe")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def answer(status: int, body: bytes = b"{}") -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


class Server:
    """Answers each request on a connection with what `behave(request text, its ordinal number)` returns: octets,
    or a callable that is given the socket, after which the connection ends."""

    def __init__(self, behave):
        self.requests: list[str] = []
        self.connections = 0
        self._behave = behave
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                while text := self._request(connection):
                    with self._lock:
                        self.requests.append(text)
                        ordinal = len(self.requests) - 1
                    reply = self._behave(text, ordinal)
                    if callable(reply):
                        reply(connection)
                        return
                    connection.sendall(reply)
            except OSError:
                return

    @staticmethod
    def _request(connection: socket.socket) -> str:
        text = b""
        while b"\r\n\r\n" not in text:
            part = connection.recv(65536)
            if not part:
                return ""
            text += part
        head, _, body = text.partition(b"\r\n\r\n")
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                while len(body) < int(line.split(b":")[1]):
                    body += connection.recv(65536)
        return (head + b"\r\n\r\n" + body).decode()


def field(request: str, name: str) -> str | None:
    for line in request.split("\r\n"):
        if line.lower().startswith(name.lower() + ":"):
            return line.split(":", 1)[1].strip()
    return None


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


class Strobe(unittest.TestCase):
    def run_against(self, behave, *options: str) -> tuple[list[dict], dict]:
        self.server = Server(behave)
        self.addCleanup(self.server.close)
        return self.strobe(self.server.address, *options)

    def strobe(self, address: str, *options: str) -> tuple[list[dict], dict]:
        done = subprocess.run([STROBE, "--target", address, "--lines", "-", *options], capture_output=True, text=True,
                              timeout=30, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        *lines, summary = map(json.loads, done.stdout.splitlines())
        return sorted(lines, key=lambda line: line["n"]), summary

    def test_requests_are_due_at_a_constant_rate_whatever_the_server_does(self):
        def slow(_text, _ordinal):
            time.sleep(0.3)
            return OK
        lines, summary = self.run_against(slow, "--rate", "100", "--count", "50")
        self.assertEqual(summary["requests"], 50)
        for before, after in zip(lines, lines[1:]):
            self.assertAlmostEqual(after["t"] - before["t"], 10, delta=0.01)
        self.assertTrue(all(line["ms"] >= 300 for line in lines))
        self.assertEqual(summary["failed"], 0)
        self.assertEqual(summary["longest_gap"]["requests"], 50)

    def test_a_connection_for_each_request_or_a_few_for_all(self):
        self.run_against(lambda text, ordinal: OK, "--rate", "200", "--count", "40")
        self.assertEqual(self.server.connections, 40)
        self.assertEqual(field(self.server.requests[0], "Connection"), "close")
        _, summary = self.run_against(lambda text, ordinal: OK, "--rate", "200", "--count", "40", "--keep-alive", "2")
        self.assertLessEqual(self.server.connections, 2)
        self.assertEqual(summary["failed"], 0)

    def test_waiting_for_one_of_few_connections_counts_as_latency(self):
        def slow(_text, _ordinal):
            time.sleep(0.05)
            return OK
        lines, summary = self.run_against(slow, "--rate", "1000", "--count", "10", "--keep-alive", "1")
        self.assertEqual(self.server.connections, 1)
        self.assertEqual(summary["failed"], 0)
        self.assertGreaterEqual(max(line["ms"] for line in lines), 450)

    def test_each_misfortune_has_its_class(self):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            refused = "127.0.0.1:%d" % closed.getsockname()[1]
        self.assertEqual(self.strobe(refused, "--count", "1")[0][0]["error"], "refused")
        for reply, error in ((answer(503), "5xx"), (answer(404), "4xx"), (answer(302), "bad-response"),
                             (b"220 mail\r\n", "bad-response"), (reset, "reset"), (lambda connection: None, "closed"),
                             (lambda connection: connection.sendall(OK[:-1]), "closed"),
                             (lambda connection: time.sleep(1), "timeout")):
            with self.subTest(error=error):
                lines, summary = self.run_against(lambda text, ordinal: reply, "--count", "1", "--timeout", "300ms")
                self.assertEqual(lines[0]["error"], error)
                self.assertEqual(summary["failed_by_class"], {error: 1})

    def test_what_exceeds_the_concurrency_is_recorded_as_never_sent(self):
        def slow(_text, _ordinal):
            time.sleep(0.5)
            return OK
        lines, summary = self.run_against(slow, "--rate", "100", "--count", "20", "--concurrency", "3")
        self.assertEqual(summary["failed_by_class"], {"overload": 17})
        self.assertEqual([line["attempts"] for line in lines if line["error"]], [0] * 17)
        self.assertEqual(len(self.server.requests), 3)

    def test_a_booking_is_tried_with_one_key_until_it_is_acknowledged(self):
        troubles = [answer(503), reset, answer(409), answer(201, b'{"number":"AB-7"}')]
        lines, summary = self.run_against(lambda text, ordinal: troubles[ordinal], "--count", "1", "--book",
                                          '{"phone":"010-0000-{n4}"}', "--path", "/api/v1/bookings")
        self.assertEqual(lines[0]["number"], "AB-7")
        self.assertEqual(lines[0]["attempts"], 4)
        self.assertIsNone(lines[0]["error"])
        self.assertEqual(summary["attempts"], 4)
        keys = {field(request, "Idempotency-Key") for request in self.server.requests}
        self.assertEqual(len(keys), 1)
        self.assertTrue(self.server.requests[0].startswith("POST /api/v1/bookings HTTP/1.1\r\n"))
        self.assertTrue(self.server.requests[0].endswith('{"phone":"010-0000-0000"}'))

    def test_every_booking_has_a_key_of_its_own(self):
        self.run_against(lambda text, ordinal: answer(201, b'{"number":"N"}'), "--count", "20", "--book", "{}")
        keys = {field(request, "Idempotency-Key") for request in self.server.requests}
        self.assertEqual(len(keys), 20)

    def test_a_booking_that_was_refused_is_not_repeated(self):
        lines, _ = self.run_against(lambda text, ordinal: answer(422), "--count", "1", "--book", "{}")
        self.assertEqual((lines[0]["error"], lines[0]["attempts"], lines[0]["number"]), ("4xx", 1, None))

    def test_a_booking_without_a_number_is_not_acknowledged(self):
        lines, _ = self.run_against(lambda text, ordinal: answer(201), "--count", "1", "--book", "{}")
        self.assertEqual((lines[0]["error"], lines[0]["number"]), ("bad-response", None))

    def test_a_booking_is_given_up_at_its_deadline(self):
        lines, _ = self.run_against(lambda text, ordinal: answer(503), "--count", "1", "--book", "{}", "--retry-for",
                                    "400ms")
        self.assertEqual(lines[0]["error"], "5xx")
        self.assertGreater(lines[0]["attempts"], 1)
        self.assertLess(lines[0]["ms"], 600)

    def test_a_gap_is_measured_between_scheduled_instants(self):
        begun = time.monotonic()
        lines, summary = self.run_against(
            lambda text, ordinal: answer(503) if 0.3 < time.monotonic() - begun < 0.6 else OK,
            "--rate", "200", "--duration", "1s")
        bad = [line["t"] for line in lines if line["error"]]
        following = min(line["t"] for line in lines if line["t"] > bad[-1])
        self.assertAlmostEqual(summary["longest_gap"]["ms"], following - bad[0], delta=0.01)
        self.assertAlmostEqual(summary["longest_gap"]["begin"], bad[0], delta=0.01)

    def test_lines_come_while_it_runs_and_a_signal_ends_it_in_order(self):
        server = Server(lambda text, ordinal: OK)
        self.addCleanup(server.close)
        strobe = subprocess.Popen([STROBE, "--target", server.address, "--lines", "-", "--duration", "60s"],
                                  stdout=subprocess.PIPE, text=True)
        first = json.loads(strobe.stdout.readline())
        self.assertEqual(first["n"], 0)
        strobe.terminate()
        with strobe.stdout:
            *lines, summary = map(json.loads, strobe.stdout)
        self.assertEqual(strobe.wait(10), 0)
        self.assertEqual(summary["requests"], len(lines) + 1)


if __name__ == "__main__":
    unittest.main()
