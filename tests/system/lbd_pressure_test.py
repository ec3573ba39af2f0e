"""The security checklist, continued: who is believed, what slow and many clients cost, and lbd's own doors: its checks,
the operator's, the log."""

import json
import resource
import sys
import threading
import time
import unittest

sys.dont_write_bytecode = True

from support.hostile_answers import TE, ok  # noqa: E402
from support.hostile_requests import coded, head  # noqa: E402
from support.lbd_process import Lbd  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import Client, ask, chunked, get, post, wait_until  # noqa: E402

SLACK = 3.0  # a busy machine
MIB = 1 << 20


class Pressure(unittest.TestCase):
    def start(self, **settings):
        self.origin = Origin(lambda request, connection: answer(request.target.encode()))
        self.addCleanup(self.origin.stop)
        self.lbd = Lbd([self.origin.name], **settings)
        self.addCleanup(self.lbd.close)

    def test_line_15_only_trusted_proxies_say_who_the_client_is(self):
        chain = ("X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.0.0.1", "X-Forwarded-Proto: https",
                 "X-Forwarded-Host: shop")
        for trusted, source, proto in (([], "127.0.0.1", "http"), (["192.0.2.0/24"], "127.0.0.1", "http"),
                                       (["127.0.0.0/8", "10.0.0.0/8"], "203.0.113.9", "https")):
            with self.subTest(trusted=trusted):
                self.start(trusted_proxies=trusted)
                ask(self.lbd.address, get("/", *chain))
                request, = self.origin.requests
                told = [part.strip() for part in request.field("X-Forwarded-For").split(",")]
                self.assertEqual((told[-1], request.field("X-Forwarded-Proto")), ("127.0.0.1", proto))
                self.assertEqual("203.0.113.9" in told, bool(trusted) and source != "127.0.0.1")
                line, = wait_until(self.lbd.access_log)
                self.assertEqual(line["client"], source)

    def test_line_36_proxy_headers(self):
        v1, signature = b"PROXY TCP4 203.0.113.9 192.0.2.1 4711 80\r\n", b"\r\n\r\n\0\r\nQUIT\n"
        v2 = signature + b"\x21\x11\0\x0c" + bytes((203, 0, 113, 9, 192, 0, 2, 1, 0x12, 0x67, 0, 80))
        local = signature + b"\x20\0\0\0"
        listener = {"address": "127.0.0.1:0", "proxy_protocol": {"from": ["127.0.0.0/8"], "required": True}}
        self.start(listeners=[listener])
        for header, source in ((v1, "203.0.113.9"), (v2, "203.0.113.9"), (local, "127.0.0.1"),
                               (b"PROXY UNKNOWN\r\n", "127.0.0.1")):
            with self.subTest(header=header):
                self.origin.clear()
                self.assertEqual(ask(self.lbd.address, header + get("/x")).body, b"/x")
                self.assertTrue(self.origin.whole[0].field("X-Forwarded-For").endswith(source))
        hostile = {"none": b"", "not an address": b"PROXY TCP4 999.1.1.1 192.0.2.1 1 80\r\n", "leading zero": (
            b"PROXY TCP4 203.0.113.09 192.0.2.1 1 80\r\n"), "port": b"PROXY TCP4 203.0.113.9 192.0.2.1 1 65536\r\n",
            "bare LF": v1.replace(b"\r\n", b"\n"), "two blanks": v1.replace(b"TCP4 ", b"TCP4  "), "family": (
            b"PROXY TCP4 ::1 ::1 1 80\r\n"), "lower case": b"proxy" + v1[5:], "too long": b"PROXY UNKNOWN" + b"x" * 200,
            "version 3": signature + b"\x31\x11" + v2[14:], "short": signature + b"\x21\x11\0\x04abcd",
            "extension over the end": signature + b"\x21\x11\0\x0f" + v2[16:] + b"\x04\0\xff"}
        for name, header in hostile.items():
            with self.subTest(hostile=name):
                self.origin.clear()
                with Client(self.lbd.address) as client:
                    self.assertTrue(client.send_what_is_taken(header + get("/x")).is_closed())
                self.assertEqual(self.origin.requests, [])
        twice = ask(self.lbd.address, v1 + v1 + get("/x"))
        self.assertEqual(twice.status, 400, "one header, then HTTP")
        listener["proxy_protocol"]["from"] = ["192.0.2.0/24"]
        self.start(listeners=[listener])
        with Client(self.lbd.address) as client:
            self.assertTrue(client.send_what_is_taken(v1 + get("/x")).is_closed(), "from somebody who is not listed")
        self.assertEqual(self.origin.requests, [])

    def test_line_25_slow_heads_bodies_and_readers_cost_only_themselves(self):
        self.start(timeouts={"head": "600ms", "body": "600ms", "send": "600ms"}, limits={"body": "1MiB"})
        large = answer(b"x" * 8 * MIB)
        self.origin.script = lambda request, connection: (
            large if request.target == "/large" else answer(request.target.encode()))
        before = self.lbd.resident_octets()
        began = time.monotonic()
        slow = {"head": (get("/", "Field: x")[:-4], 408), "body": (post(b"x" * 300_000)[:70_000], 408),
                "coded": (coded(b"5\r\nhel"), 408), "reader": (get("/large"), None)}
        clients = [(name, Client(self.lbd.address, receive_buffer=4096)) for name in slow for _ in range(25)]
        for name, client in clients:
            self.addCleanup(client.close)
            client.send(slow[name][0])
        with Client(self.lbd.address) as other:
            pause = threading.Event()
            turn = 0
            while time.monotonic() - began < 0.9:  # heads go on, an octet at a time: their limit is absolute
                for name, client in clients:
                    if name == "head":
                        client.send_what_is_taken(b"x")
                asked = time.monotonic()
                self.assertEqual(other.send(get(f"/{turn}")).response().body, f"/{turn}".encode())
                self.assertLess(time.monotonic() - asked, 2 * SLACK)
                turn += 1
                pause.wait(0.02)
        # What the kernel holds for a reader is not lbd's: 64 KiB each is.
        self.assertLess((self.lbd.resident_octets() - before) / len(clients), 100 * 1024)
        for name, client in clients:
            if slow[name][1]:
                self.assertEqual(client.response().status, slow[name][1], name)
        wait_until(lambda: self.lbd.metrics()['lbd_connections_active{side="client"}'] == 0, 2.5 + SLACK,
                   "all being let go")
        refused = self.lbd.refused()
        self.assertEqual({key: refused.get(key) for key in ("head_timeout", "body_timeout", "client_stalled")},
                         {"head_timeout": 25, "body_timeout": 50, "client_stalled": 25})

    def test_line_26_out_of_descriptors(self):
        limit = 256
        self.start(preexec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)),
                   upstream={"check": {"enabled": True, "interval": "50ms", "timeout": "5s", "fall": 2, "rise": 2}})
        wait_until(lambda: self.origin.probes > 2)
        with Client(self.lbd.address) as early:
            self.assertEqual(early.send(get("/early")).response().body, b"/early")
            crowd = [Client(self.lbd.address) for _ in range(2 * limit)]
            for client in crowd:
                self.addCleanup(client.close)
            wait_until(lambda: self.lbd.metrics()["lbd_accept_pauses_total"] > 0, what="exhaustion")
            began, spent = time.monotonic(), self.lbd.cpu_seconds()
            pause = threading.Event()
            for turn in range(20):
                self.assertEqual(early.send(get(f"/{turn}")).response().body, f"/{turn}".encode())
                self.assertEqual(self.lbd.admin("/healthz").status, 200, "the operator is locked out")
                pause.wait(0.03)
            self.assertLess(self.lbd.cpu_seconds() - spent, 0.3 * (time.monotonic() - began), "it spins")
            # That we cannot ask says nothing about the endpoint.
            self.assertNotIn("endpoint is down", [line.get("msg") for line in self.lbd.log()])
            for client in crowd:
                client.close()
            with Client(self.lbd.address, 3) as late:
                self.assertEqual(late.send(get("/late")).response().body, b"/late")
        self.assertTrue(self.lbd.is_ready())
        wait_until(lambda: self.lbd.descriptors() < limit // 2, what="giving descriptors back")

    def test_line_33_checks_are_bounded(self):
        elsewhere, hanging = Origin(), Origin()
        for origin in (elsewhere, hanging):
            self.addCleanup(origin.stop)
        endless = threading.Event()
        self.addCleanup(endless.set)

        def flood(_request, connection):
            connection.send(ok(TE + b"chunked"))
            while not endless.is_set():
                connection.send(chunked(b"x" * 65536, end=b""))
        hanging.health_script = lambda request, connection: endless.wait(10) and None
        self.origin = Origin()
        self.addCleanup(self.origin.stop)
        self.origin.health_script = lambda request, connection: answer(
            b"", f"Location: http://{elsewhere.name}/secret", status="302 Found")
        self.lbd = Lbd([self.origin.name, hanging.name], upstream={
            "check": {"enabled": True, "interval": "50ms", "timeout": "150ms", "rise": 2, "fall": 2}})
        self.addCleanup(self.lbd.close)

        def up(origin):
            return self.lbd.metrics()[f'lbd_upstream_up{{upstream="origins",endpoint="{origin.name}"}}'] == 1
        wait_until(lambda: not up(self.origin) and not up(hanging), 2 + SLACK)
        self.assertEqual((elsewhere.accepted, elsewhere.probes), (0, 0), "a redirect was followed")
        hanging.health_script = flood
        before = self.lbd.resident_octets()
        probes = hanging.probes
        wait_until(lambda: hanging.probes >= probes + 5)  # one after the other, none pinned by what never ends
        self.assertLess(self.lbd.resident_octets() - before, 4 * MIB)
        self.origin.health_script = lambda request, connection: answer(b"fit")
        wait_until(lambda: up(self.origin), 2 + SLACK)

    def test_line_37_the_operators_door(self):
        self.start()
        state = self.lbd.admin("/readyz").body
        for path in ("/drain", "/undrain", "/reload", "/stop", "/api/drain", "/v1/reload", "/upstreams/origins"):
            for method in ("GET", "HEAD"):
                self.lbd.admin(path, method)
        self.assertEqual(self.lbd.admin("/readyz").body, state, "asking has changed something")
        self.assertEqual(ask(self.lbd.address, get("/metrics")).body, b"/metrics", "clients must not come in")
        before = set(self.lbd.metrics())
        for number in range(50):
            ask(self.lbd.address, get(f"/{number}", f"F{number}: x", method=f"METHOD{number}", host=f"host{number}"))
            ask(self.lbd.address, b"nonsense%d\r\n\r\n" % number)
        self.assertLessEqual(len(set(self.lbd.metrics()) - before), 2, "labels come from strangers")

    def test_line_38_no_client_writes_the_log(self):
        self.start()
        hostile = [get('/"},{"status":200', host="a"), get("/%22%0A%7B%22forged%22:1"), get("/", 'X-Request-ID: "}'),
                   get("/", 'User-Agent: "},{"forged":1,"a":"\\', 'Referer: \x1b[31m'), get("/" + "%0a" * 2000),
                   head(b"GET / HTTP/1.1", b"Host: test", b"User-Agent: \xff\xfe\x80" + b"x" * 7000),
                   b'GET /\n{"forged":1} HTTP/1.1\r\n\r\n', b"\xff\x00 / HTTP/1.1\r\n\r\n", get("/", method="`|~'")]
        for octets in hostile:
            with Client(self.lbd.address) as client:
                client.send_what_is_taken(octets).response()
        lines = wait_until(lambda: len(found := self.lbd.access_log()) >= len(hostile) and found)
        self.assertEqual(len(lines), len(hostile))
        for line in lines:  # that each is one line of JSON, and UTF-8, was seen as they were read
            self.assertNotIn("forged", line)
            self.assertLess(len(json.dumps(line)), 4096)


if __name__ == "__main__":
    unittest.main()
