"""Active checks against real endpoints: what passes, how soon a verdict turns, and what must not turn it."""

import copy
import sys
import threading
import time
import unittest

sys.dont_write_bytecode = True

from support.lbd_process import Lbd  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import SECONDS, ask, get, wait_until  # noqa: E402

INTERVAL, TIMEOUT, RISE, FALL = 0.2, 0.5, 2, 3
SLACK = 3.0  # a busy machine
CHECK = {"enabled": True, "interval": "200ms", "timeout": "500ms", "rise": RISE, "fall": FALL}
QUICK = {"enabled": True, "interval": "30ms", "timeout": "1s", "rise": 1, "fall": 2}


class Checks(unittest.TestCase):
    def origin(self) -> Origin:
        origin = Origin()
        self.addCleanup(origin.stop)
        return origin

    def lbd(self, *origins: Origin, check: dict, **settings) -> Lbd:
        lbd = Lbd([origin.name for origin in origins], upstream={"check": check}, **settings)
        self.addCleanup(lbd.close)
        return lbd

    def up(self, lbd: Lbd, origin: Origin) -> bool:
        return lbd.metrics()[f'lbd_upstream_up{{upstream="origins",endpoint="{origin.name}"}}'] == 1

    def await_verdict(self, lbd: Lbd, origin: Origin, up: bool, seconds: float = SECONDS) -> None:
        wait_until(lambda: self.up(lbd, origin) == up, seconds, f"the endpoint being {'up' if up else 'down'}")

    def reason(self, lbd: Lbd) -> str:
        return [line for line in lbd.log() if line.get("msg") == "endpoint is down"][-1]["reason"]

    # How soon

    def test_a_sick_endpoint_is_out_and_back_within_the_stated_times(self):
        first, second = self.origin(), self.origin()
        lbd = self.lbd(first, second, check=CHECK)
        wait_until(lambda: first.probes > 1)
        thawed = threading.Event()
        self.addCleanup(thawed.set)
        sicknesses = {"wrong status": lambda request, connection: answer(status="500 Oops"),
                      "hanging": lambda request, connection: thawed.wait(SECONDS) and None}
        for name, sickness in sicknesses.items():
            with self.subTest(sickness=name):
                first.health_script = sickness
                began = time.monotonic()
                self.await_verdict(lbd, first, False)
                self.assertLess(time.monotonic() - began, FALL * INTERVAL + TIMEOUT + SLACK)
                first.health_script = lambda request, connection: answer()
                began = time.monotonic()
                self.await_verdict(lbd, first, True)
                self.assertLess(time.monotonic() - began, RISE * INTERVAL + SLACK)
        thawed.set()

    def test_a_hanging_endpoint_pins_neither_its_checks_nor_those_of_others(self):
        """With a timeout much longer than the interval."""
        first, second = self.origin(), self.origin()
        lbd = self.lbd(first, second, check={"enabled": True, "interval": "50ms", "timeout": "1s", "fall": 2, "rise": 1})
        wait_until(lambda: first.probes > 1)
        thawed = threading.Event()
        self.addCleanup(thawed.set)
        first.health_script = lambda request, connection: thawed.wait(SECONDS) and None
        began, probes = time.monotonic(), second.probes
        self.await_verdict(lbd, first, False)
        self.assertLess(time.monotonic() - began, 2 * 0.05 + 1 + SLACK)
        self.assertGreater(second.probes, probes + 5)
        self.assertLess(lbd.descriptors(), 60)
        self.assertIn("no answer in time", self.reason(lbd))

    def test_a_drip_of_octets_does_not_pin_a_check(self):
        origin, other = self.origin(), self.origin()
        stop = threading.Event()
        self.addCleanup(stop.set)

        def drip(_request, connection):
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while not stop.wait(0.02):
                connection.send(b"x")
        origin.health_script = drip
        lbd = self.lbd(origin, other, check={"enabled": True, "interval": "50ms", "timeout": "200ms",
                                             "expect_body": "never"})
        self.await_verdict(lbd, origin, False)
        self.assertIn("the end of the content did not come within 200ms", self.reason(lbd))

    def test_checks_come_faster_while_the_verdict_wavers(self):
        origin, other = self.origin(), self.origin()
        lbd = self.lbd(origin, other, check={"enabled": True, "interval": "2s", "fast_interval": "20ms", "fall": 5,
                                             "rise": 5})
        wait_until(lambda: origin.probes > 0)
        origin.health_script = lambda request, connection: answer(status="500 Oops")
        self.await_verdict(lbd, origin, False, 2 + SLACK)
        self.assertGreaterEqual(origin.probes, 5)
        origin.health_script = lambda request, connection: answer()
        self.await_verdict(lbd, origin, True, 2 + SLACK)

    # What must not turn a verdict

    def test_unchecked_endpoints_are_usable_at_start(self):
        origin = self.origin()
        held = threading.Event()
        self.addCleanup(held.set)
        origin.health_script = lambda request, connection: held.wait(SECONDS) and None
        lbd = self.lbd(origin, check={"enabled": True, "interval": "1h", "timeout": "1h"})
        self.assertTrue(lbd.is_ready())
        self.assertEqual(ask(lbd.address, get()).status, 200)
        wait_until(lambda: origin.probes == 1)  # on its way, without an answer
        self.assertTrue(self.up(lbd, origin))
        self.assertEqual(ask(lbd.address, get()).status, 200)

    def test_one_failed_check_takes_nobody_out(self):
        origin = self.origin()
        lbd = self.lbd(origin, check=QUICK)
        wait_until(lambda: origin.probes > 2)
        failed = []

        def fail_once(_request, _connection):
            failed.append(origin.probes)
            origin.health_script = lambda request, connection: answer()
            return answer(status="500 Oops")
        for turn in range(1, 6):
            origin.health_script = fail_once
            wait_until(lambda: len(failed) == turn)
            until = origin.probes + 3
            while origin.probes < until:
                self.assertTrue(self.up(lbd, origin))
        self.assertNotIn("endpoint is down", [line.get("msg") for line in lbd.log()])

    def test_a_reload_neither_forgets_a_verdict_nor_checks_all_anew(self):
        first, second, third = self.origin(), self.origin(), self.origin()
        first.health_script = lambda request, connection: answer(status="500 Oops")
        lbd = self.lbd(first, second, check=QUICK)
        self.await_verdict(lbd, first, False)
        first.clear()
        names = [origin.name for origin in (third, first, second)]
        for rise in (1, 2, 3):
            made = copy.deepcopy(lbd.settings)
            made["upstreams"][0] |= {"endpoints": names, "check": QUICK | {"rise": rise}}
            lbd.configure(made)
            self.assertEqual(lbd.reload()["msg"], "reloaded")
            self.assertFalse(self.up(lbd, first))
            for _ in range(6):
                self.assertEqual(ask(lbd.address, get()).status, 200)
        self.assertEqual(first.requests, [])
        self.assertEqual(len(lbd.said("endpoint is down")), 1)
        first.health_script = lambda request, connection: answer()
        self.await_verdict(lbd, first, True)

    # What passes

    def verdict(self, check: dict, script) -> str:
        """The reason for which an endpoint that answers so is out; empty while it is in."""
        origin, other = Origin(), Origin()
        origin.health_script = script
        try:
            with Lbd([origin.name], upstream={"check": QUICK | check}) as lbd:
                wait_until(lambda: origin.probes >= 5 or not self.up(lbd, origin))
                return "" if self.up(lbd, origin) else self.reason(lbd)
        finally:
            origin.stop()
            other.stop()

    def test_what_an_answer_must_be_is_as_configured(self):
        redirect = answer(b"", "Location: /ok", status="302 Found")
        for name, check, octets, reason in [
                ("a status in a range", {"statuses": ["200-204", "401"]}, answer(status="401 Who"), ""),
                ("a status in none", {"statuses": ["200-204", "401"]}, answer(status="205 Hm"),
                 "status 205, expected 200-204, 401"),
                ("a redirect is not followed", {}, redirect, "status 302, expected 200-299"),
                ("a redirect that is wanted", {"statuses": ["302"]}, redirect, ""),
                ("content", {"expect_body": "ready"}, answer(b"all is ready"), ""),
                ("content, chunked", {"expect_body": "ready"},
                 b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nrea\r\n2\r\ndy\r\n0\r\n\r\n", ""),
                ("content to the end", {"expect_body": "ready"}, b"HTTP/1.0 200 OK\r\n\r\nready", ""),
                ("content by pattern", {"expect_body": {"matches": "^status: (ok|fine)$"}}, answer(b"status: fine"), ""),
                ("other content", {"expect_body": "ready"}, answer(b"not yet"), 'the content lacks "ready"'),
                ("content too far behind", {"expect_body": "ready"}, answer(b"x" * 70_000 + b"ready"), "first 64 KiB"),
                ("content cut short", {"expect_body": "ready"},
                 b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nready", "cut short"),
                ("a field", {"expect_field": "X-App: bookd"}, answer(b"", "x-app: bookd 2"), ""),
                ("no field", {"expect_field": "X-App"}, answer(), "no field x-app"),
                ("an interim answer first", {}, b"HTTP/1.1 103 Early Hints\r\n\r\n" + answer(), ""),
                ("no HTTP", {}, b"220 mail.example ESMTP\r\n", "no HTTP"),
                ("a head without end", {}, b"HTTP/1.1 200 OK\r\nA: " + b"x" * 20_000, "too large")]:
            with self.subTest(name):
                def script(_request, connection, octets=octets):
                    connection.close()
                    return octets
                said = self.verdict(check, script)
                self.assertIn(reason, said)
                self.assertEqual(bool(reason), bool(said), said)

    def test_a_check_asks_as_configured(self):
        seen = []

        def script(request, _connection):
            seen.append((request.line, request.field("Host")))
            return b"HTTP/1.1 200 OK\r\n\r\n"
        self.assertEqual(self.verdict({"method": "HEAD", "path": "/live?x=1", "host": "app.example"}, script), "")
        self.assertEqual(seen[0], ("HEAD /live?x=1 HTTP/1.1", "app.example"))

    def test_the_host_of_a_check_is_the_address_whatever_the_name(self):
        origin, seen = self.origin(), []
        lbd = Lbd([{"address": origin.name, "name": "app1"}], upstream={"check": QUICK})
        self.addCleanup(lbd.close)

        def script(request, _connection):
            seen.append(request.field("Host"))
            return answer()
        origin.health_script = script
        wait_until(lambda: seen)
        self.assertEqual(seen[0], origin.name)

    def test_the_port_of_the_check_may_be_another(self):
        origin, doctor = self.origin(), self.origin()
        lbd = self.lbd(origin, check=QUICK | {"port": doctor.port})
        wait_until(lambda: doctor.probes > 2)
        self.assertEqual(origin.probes, 0)
        doctor.stop()
        self.await_verdict(lbd, origin, False)

    def test_a_tcp_check_wants_a_connection_only(self):
        origin = self.origin()
        lbd = self.lbd(origin, check=QUICK | {"type": "tcp"})
        wait_until(lambda: origin.accepted > 3)
        self.assertTrue(self.up(lbd, origin))
        self.assertEqual(origin.probes, 0)
        origin.stop()
        self.await_verdict(lbd, origin, False)
        self.assertIn("connection refused", self.reason(lbd))
        origin.start()
        self.await_verdict(lbd, origin, True)


if __name__ == "__main__":
    unittest.main()
