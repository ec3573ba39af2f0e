#!/usr/bin/python3
"""bookd under clients that mean no good or know no better: nobody else is hurt."""
import re
import socket
import unittest

from support.bookd import wait_until
from support.booking_stack import Stack


class Hostile(Stack):
    def assert_well(self):
        self.assertEqual(self.bookd.get("/readyz").status, 200)

    def test_requests_that_are_none_are_refused_and_closed(self):
        host = b"Host: x\r\n"
        post = b"POST /api/v1/bookings HTTP/1.1\r\n" + host
        for octets, status in (
                (b"nonsense\r\n\r\n", 400), (b"GET / HTTP/1.1\r\n\r\n", 400), (b"GET / HTTP/9.9\r\n\r\n", 400),
                (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400), (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
                (b"GET x HTTP/1.1\r\n" + host + b"\r\n", 400), (b"GET / HTTP/1.1\n" + b"Host: x\n\n", 400),
                (b"GET / HTTP/1.1\r\n" + host + b"a: " + b"x" * 20000 + b"\r\n\r\n", 431),
                (post + b"Content-Length: 65537\r\n\r\n", 413), (post + b"Content-Length: -1\r\n\r\n", 400),
                (post + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 400),
                (post + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
                (post + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400),
                (post + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
                (post + b"Transfer-Encoding: gzip\r\n\r\nxx", 501),
                (post + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
                (post + b"Transfer-Encoding: chunked\r\n\r\n" + b"8000\r\n" + b"x" * 0x8000 + b"\r\n" +
                 b"8000\r\n" + b"x" * 0x8000 + b"\r\n" + b"8000\r\n", 413)):
            with self.subTest(octets=octets[:70]):
                said = self.bookd.raw(octets)
                self.assertEqual(said.split(b"\r\n")[0].split(b" ")[1:2], [str(status).encode()], said[:200])
                self.assertIn(b"Connection: close", said)
        self.assert_well()

    def test_pipelined_requests_are_answered_in_their_order(self):
        one = b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Request-ID: %d\r\n\r\n"
        last = b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Request-ID: 3\r\nConnection: close\r\n\r\n"
        said = self.bookd.raw(one % 1 + one % 2 + last)
        self.assertEqual(re.findall(rb"X-Request-ID: (\d)", said), [b"1", b"2", b"3"])

    def test_a_large_body_is_announced_and_then_taken(self):
        head = (b"POST /api/v1/bookings/lookup HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                b"Expect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n")
        with socket.create_connection(("127.0.0.1", self.bookd.port), timeout=5) as stream:
            stream.sendall(head)
            self.assertTrue(stream.recv(100).startswith(b"HTTP/1.1 100 "))
            stream.sendall(b"{}")
            self.assertTrue(stream.recv(100).startswith(b"HTTP/1.1 400 "))

    def test_slow_clients_are_let_go_and_hold_up_nobody(self):
        slow = []
        for octets in (b"GET / HT", b"POST /lookup HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx") * 20:
            stream = socket.create_connection(("127.0.0.1", self.bookd.port), timeout=10)
            self.addCleanup(stream.close)
            stream.sendall(octets)
            slow.append(stream)
        self.assertEqual(self.bookd.get("/").status, 200)
        self.assertLess(self.bookd.metric('bookd_http_refused_total{reason="too_slow"}'), len(slow), "not behind the last of them")
        for stream in slow:
            self.assertEqual(stream.recv(100), b"")
        self.assertEqual(self.bookd.metric('bookd_http_refused_total{reason="too_slow"}'), len(slow))
        self.assert_well()

    def test_more_connections_than_there_may_be_are_closed_at_once(self):
        held = [socket.create_connection(("127.0.0.1", self.bookd.port), timeout=5) for _ in range(220)]
        for stream in held:
            self.addCleanup(stream.close)
        refused = wait_until(lambda: self.bookd_metric_refused() >= 20, 5, "connections beyond the limit are refused")
        self.assertTrue(refused)
        for stream in held:
            stream.close()
        wait_until(lambda: self.bookd.answers("/readyz"), 5, "and there is room again")

    def bookd_metric_refused(self) -> float:
        return self.bookd.metric('bookd_http_refused_total{reason="too_many_connections"}')


if __name__ == "__main__":
    unittest.main(verbosity=2)
