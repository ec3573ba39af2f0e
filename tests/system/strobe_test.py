"""strobe against a server that misbehaves on demand: what it records is what happened, and a booking is tried with one
key until it is acknowledged."""

import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
import unittest
import warnings

sys.dont_write_bytecode = True

from support.certificates import Authority  # noqa: E402
from support.wire import wait_until  # noqa: E402

REPOSITORY = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
STROBE = os.path.join(os.environ.get("MAINSTAY_BIN") or os.path.join(REPOSITORY, "build", "release", "bin"), "strobe")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def answer(status: int, body: bytes = b"{}") -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


class Server:
    """Answers each request on a connection with what `behave(request text, its ordinal number)` returns: octets,
    or a callable that is given the socket, after which the connection ends."""

    def __init__(self, behave, tls: ssl.SSLContext | None = None):
        self.requests: list[str] = []
        self.connections = 0
        self.left_in_order = 0
        self._behave = behave
        self._tls = tls
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self._listener.getsockname()[1]
        self.address = "127.0.0.1:%d" % self.port
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
        with contextlib.ExitStack() as kept:
            kept.enter_context(connection)
            try:
                if self._tls:
                    connection = kept.enter_context(self._shake_hands(connection))
                while text := self._request(connection):
                    with self._lock:
                        self.requests.append(text)
                        ordinal = len(self.requests) - 1
                    reply = self._behave(text, ordinal)
                    if callable(reply):
                        reply(connection)
                        return
                    connection.sendall(reply)
                with self._lock:
                    self.left_in_order += 1
            except OSError:
                return

    def _shake_hands(self, connection: socket.socket) -> ssl.SSLSocket:
        private = self._tls.wrap_socket(connection, server_side=True, suppress_ragged_eofs=False, do_handshake_on_connect=False)
        try:
            private.do_handshake()
        except ssl.SSLError:
            socket.socket.recv(private, 65536)  # closed with octets unread, the kernel's RST would overtake the alert
            private.close()
            raise
        return private

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


class Mute(Server):
    """Does with each connection what `behave(socket)` does, without a word of TLS."""

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.recv(65536)
            self._behave(connection)


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


class Private(unittest.TestCase):
    """Over TLS: whom it believes, and how the time that this takes is counted."""

    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()
        cls.addClassCleanup(cls.authority.remove)
        cls.other = Authority("another authority")
        cls.addClassCleanup(cls.other.remove)
        cls.certificate = cls.authority.make("right", "www.test", "127.0.0.1")

    def serve(self, certificate: dict[str, str] | None = None, behave=lambda text, ordinal: OK, **settings) -> Server:
        context = self.authority.server_context(certificate or self.certificate)
        for name, value in settings.items():
            setattr(context, name, value)
        server = Server(behave, context)
        self.addCleanup(server.close)
        return server

    def ask(self, server: Server, *options: str, host: str = "127.0.0.1", ca: Authority | None = None) -> tuple[list[dict], dict]:
        trust = () if "--unverified" in options else ("--ca", (ca or self.authority).file)
        done = subprocess.run([STROBE, "--target", f"https://{host}:{server.port}", "--address", "127.0.0.1", "--lines", "-", *trust,
                               *(options or ("--count", "1"))], capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        *lines, summary = map(json.loads, done.stdout.splitlines())
        return sorted(lines, key=lambda line: line["n"]), summary

    def test_the_certificate_must_be_for_the_name_or_the_address_that_is_asked_for(self):
        server = self.serve()
        for host, well in (("127.0.0.1", True), ("www.test", True), ("other.test", False), ("127.0.0.2", False), ("[::1]", False)):
            with self.subTest(host):
                lines, summary = self.ask(server, host=host)
                self.assertEqual(None if well else "tls-distrusted", lines[0]["error"])
                mismatch = "hostname mismatch" if host == "other.test" else "IP address mismatch"
                self.assertEqual({} if well else {mismatch: 1}, summary["tls"]["failed_by_reason"])
                self.assertEqual(None if well else mismatch, lines[0].get("reason"))
        self.assertEqual([f"127.0.0.1:{server.port}", f"www.test:{server.port}"],
                         [field(request, "Host") for request in server.requests], "nothing is sent to whom it does not believe")

    def test_an_address_written_as_a_name_is_none(self):
        """A DNS name that looks like the address, or a common name, proves nothing (RFC 9525 section 6)."""
        unnamed = self.authority.make("unnamed", "elsewhere.test", subject="/CN=127.0.0.1")
        lines, _ = self.ask(self.serve(unnamed))
        self.assertEqual("IP address mismatch", lines[0]["reason"])
        common = self.authority.make("common", "elsewhere.test", subject="/CN=www.test")
        lines, _ = self.ask(self.serve(common), host="www.test")
        self.assertEqual("hostname mismatch", lines[0]["reason"])

    def test_who_is_of_no_authority_or_of_another_day_is_not_believed(self):
        old = self.authority.make("old", "127.0.0.1", days=0)
        for certificate, authority, reason in ((old, self.authority, "certificate has expired"),
                                               (self.certificate, self.other, "unable to get local issuer certificate")):
            with self.subTest(reason):
                server = self.serve(certificate)
                lines, summary = self.ask(server, "--count", "3", ca=authority)
                self.assertEqual({"tls-distrusted": 3}, summary["failed_by_class"])
                self.assertEqual(reason, lines[0]["reason"])
                self.assertEqual((0, 3, {reason: 3}),
                                 tuple(summary["tls"][name] for name in ("handshakes", "failed", "failed_by_reason")))
                self.assertEqual([], server.requests)

    def test_anybody_is_believed_only_when_that_is_said(self):
        server = self.serve(self.authority.make("older", "elsewhere.test", days=0))
        lines, _ = self.ask(server, "--unverified", "--count", "1")
        self.assertIsNone(lines[0]["error"])
        done = subprocess.run([STROBE, "--target", f"https://127.0.0.1:{server.port}", "--count", "1"], capture_output=True, text=True,
                              timeout=30, check=True)
        self.assertEqual({"tls-distrusted": 1}, json.loads(done.stdout)["failed_by_class"], "the system's authorities")
        done = subprocess.run([STROBE, "--target", "https://127.0.0.1", "--ca", "/nowhere/ca.pem"], capture_output=True, text=True,
                              timeout=30, check=False)
        self.assertEqual(1, done.returncode)
        self.assertIn("--ca /nowhere/ca.pem", done.stderr)

    def test_both_versions_are_spoken_and_none_before_them(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            seen = []

            def note(sock, name, _):
                seen.append((name, sock))
            server = self.serve(minimum_version=version, maximum_version=version, sni_callback=note)
            lines, _ = self.ask(server, host="www.test")
            self.assertIsNone(lines[0]["error"], version)
            self.assertEqual(["www.test"], [name for name, _ in seen])
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            server = self.serve(minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1)
        lines, _ = self.ask(server)
        self.assertEqual(("tls", "tlsv1 alert protocol version"), (lines[0]["error"], lines[0]["reason"]))

    def test_lasting_connections_shake_hands_once_and_others_each_time(self):
        for words, most in ((("--keep-alive", "2"), 2), ((), 40)):
            server = self.serve()
            lines, summary = self.ask(server, "--rate", "200", "--count", "40", *words)
            self.assertEqual({}, summary["failed_by_class"])
            self.assertEqual(40, len(server.requests))
            self.assertEqual(server.connections, summary["tls"]["handshakes"])
            self.assertLessEqual(server.connections, most)
            self.assertEqual(server.connections, sum("handshake_ms" in line for line in lines))
            self.assertEqual(40 if most == 40 else server.connections, server.connections)
        wait_until(lambda: server.left_in_order == 40, what="each says close_notify, RFC 8446 section 6.1")

    def test_a_slow_handshake_is_part_of_the_latency_and_delays_nobody(self):
        server = self.serve(sni_callback=lambda *_: time.sleep(0.3))
        lines, summary = self.ask(server, "--rate", "100", "--count", "20", host="www.test")
        self.assertEqual({}, summary["failed_by_class"])
        for before, after in zip(lines, lines[1:]):
            self.assertAlmostEqual(after["t"] - before["t"], 10, delta=0.01)
        for line in lines:
            self.assertGreaterEqual(line["handshake_ms"], 300)
            self.assertGreaterEqual(line["ms"], line["handshake_ms"])
        self.assertGreaterEqual(summary["tls"]["ms"]["p50"], 300)

    def test_a_handshake_that_fails_is_counted_with_its_reason(self):
        """Whoever hangs in it is left behind when the attempt's time is over, and so is the next one."""
        for behaviour, error, reason in ((lambda sock: time.sleep(1), "timeout", "no handshake in time"),
                                         (lambda sock: sock.sendall(b"220 mail\r\n"), "tls", "wrong version number"),
                                         (lambda sock: None, "closed", "stream truncated"),
                                         (reset, "reset", "Connection reset by peer")):
            with self.subTest(error):
                server = Mute(behaviour)
                self.addCleanup(server.close)
                lines, summary = self.ask(server, "--rate", "100", "--count", "3", "--timeout", "300ms")
                self.assertEqual({error: 3}, summary["failed_by_class"])
                self.assertEqual({reason: 3}, summary["tls"]["failed_by_reason"])
                self.assertEqual(0, summary["tls"]["handshakes"])
                self.assertLess(max(line["ms"] for line in lines), 600)

    def test_a_server_that_asks_for_a_certificate_refuses_by_an_alert(self):
        """In TLS 1.3 it comes behind the handshake."""
        context = self.authority.server_context(self.certificate, ask_clients=True)
        server = Server(lambda text, ordinal: OK, context)
        self.addCleanup(server.close)
        lines, summary = self.ask(server)
        self.assertEqual(("tls", "tlsv13 alert certificate required"), (lines[0]["error"], lines[0]["reason"]))

    def test_an_answer_cut_short_is_closed_and_not_an_answer(self):
        lines, _ = self.ask(self.serve(behave=lambda text, ordinal: lambda connection: connection.sendall(OK[:-1])))
        self.assertEqual("closed", lines[0]["error"])


if __name__ == "__main__":
    unittest.main()
