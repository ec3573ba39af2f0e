"""lbd protects itself: what runs out is let go in steps, before anything fails."""

import os
import resource
import socket
import struct
import sys
import threading
import unittest

sys.dont_write_bytecode = True

from support.lbd_process import Lbd  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import Client, ask, get, wait_until  # noqa: E402

MIB = 1 << 20
V2_SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def proxy_header(source: str) -> bytes:
    """PROXY protocol, version 2, TCP over IPv6."""
    ends = socket.inet_pton(socket.AF_INET6, source) + socket.inet_pton(socket.AF_INET6, "2001:db8::ff")
    return V2_SIGNATURE + struct.pack("!BBH", 0x21, 0x21, 36) + ends + struct.pack("!HH", 1000, 80)


class Overload(unittest.TestCase):
    def start(self, script=None, preexec=None, **settings) -> Lbd:
        self.origin = Origin(script)
        self.addCleanup(self.origin.stop)
        self.lbd = Lbd([self.origin.name], preexec=preexec, **settings)
        self.addCleanup(self.lbd.close)
        return self.lbd

    def client(self) -> Client:
        made = Client(self.lbd.address)
        self.addCleanup(made.close)
        return made

    def served(self, count: int) -> list[Client]:
        """Clients that have been answered and idle."""
        made = [self.client() for _ in range(count)]
        for client in made:
            self.assertEqual(client.send(get()).response().status, 200)
        return made

    def metric(self, name: str) -> int:
        return int(self.lbd.metrics()[name])

    # Connections of one client

    def test_a_client_has_as_many_connections_as_it_may(self):
        self.start(overload={"connections_per_client": 3}, workers=2)
        first, *_ = self.served(3)
        said = self.client().response()
        self.assertEqual((said.status, said.closes), (429, True))
        self.assertEqual(self.metric('lbd_connections_rejected_total{reason="per_client"}'), 1)
        first.close()
        wait_until(lambda: ask(self.lbd.address, get()).status == 200, what="the place that came free")

    def test_exempt_addresses_have_no_limit(self):
        self.start(overload={"connections_per_client": 1, "exempt": ["127.0.0.0/8"]})
        self.served(5)

    def test_a_network_of_64_bits_is_one_client_behind_a_proxy_header(self):
        self.start(overload={"connections_per_client": 2}, listeners=[
            {"address": "127.0.0.1:0", "proxy_protocol": {"from": ["127.0.0.1"], "required": True}}])
        for source in ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"):
            self.assertEqual(self.client().send(proxy_header(source) + get()).response().status, 200)
        self.assertEqual(self.client().send(proxy_header("2001:db8::3") + get()).response().status, 429)

    # Too many connections

    def test_connections_that_idle_make_room_for_others(self):
        self.start(limits={"connections": 20}, timeouts={"keep_alive": "60s"})
        idle = self.served(20)
        late = self.client()
        self.assertEqual(late.send(get()).response().status, 200)
        self.assertGreater(self.metric("lbd_idle_connections_shed_total"), 0)
        self.assertTrue(any(client.is_closed() for client in idle[:3]))

    # Descriptors

    def test_descriptors_never_run_out_for_the_checks_and_the_operator(self):
        limit = 250
        self.start(preexec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)),
                   upstream={"check": {"enabled": True, "interval": "50ms"}}, timeouts={"keep_alive": "60s"})
        made = []
        for _ in range(limit + 50):
            made.append(self.client().send(get()))
        answered = 0
        for client in made:
            client.sock.settimeout(15)
            answered += client.response().status == 200
        self.assertEqual(answered, len(made))
        self.assertLess(self.lbd.descriptors(), limit)
        self.assertEqual(self.metric(f'lbd_upstream_up{{upstream="origins",endpoint="{self.origin.name}"}}'), 1)

    def test_who_waits_in_vain_for_a_descriptor_is_told(self):
        self.start()
        ask(self.lbd.address, get())
        # From outside and under lbd's feet: what no reckoning of its own foresees.
        highest = max(int(number) for number in os.listdir(f"/proc/{self.lbd.process.pid}/fd"))
        resource.prlimit(self.lbd.process.pid, resource.RLIMIT_NOFILE, (highest + 1, 20_000))
        before = self.lbd.cpu_seconds()
        held = []
        while not held or (held[-1].status == 200 and len(held) < 30):  # numbers that were free below the highest
            held.append(self.client().send(get()).response())
        self.assertEqual(held[-1].status, 503)
        self.assertLess(self.lbd.cpu_seconds() - before, 0.7)  # it did not turn in circles
        resource.prlimit(self.lbd.process.pid, resource.RLIMIT_NOFILE, (10_000, 20_000))
        wait_until(lambda: ask(self.lbd.address, get()).status == 200)
        self.assertGreater(self.metric('lbd_connections_rejected_total{reason="descriptors"}'), 0)

    # Memory

    def test_near_its_limit_of_memory_lbd_refuses_requests_and_recovers(self):
        self.start(overload={"memory": "200MiB"}, limits={"body": "1GiB", "replay": "16MiB"})
        busy = self.client().send(get()[:-2])
        holders = [self.client() for _ in range(20)]
        for holder in holders:  # content that is held until it is whole, and never is
            holder.send(get("/", f"Content-Length: {16 * MIB}", method="POST") + b"x")
        wait_until(lambda: self.level() == 3, what="memory near its limit")
        said = busy.send(b"\r\n").response()
        self.assertEqual((said.status, said.closes), (503, True))
        self.assertIsNotNone(said.field("Retry-After"))
        self.assertGreaterEqual(self.lbd.refused()["overloaded"], 1)
        for holder in holders:
            holder.close()
        wait_until(lambda: self.level() == 0, what="calm")
        self.assertEqual(ask(self.lbd.address, get()).status, 200)

    def level(self) -> int:
        return self.metric('lbd_overload_level{worker="0"}')

    # Lag

    def test_a_pause_of_the_whole_process_is_no_overload(self):
        self.start(overload={"loop_lag": "100ms"})
        client, = self.served(1)
        with self.lbd.asleep():
            threading.Event().wait(0.5)
        self.assertEqual(client.send(get()).response().status, 200)
        self.assertEqual(self.level(), 0)
        lag = 'lbd_event_loop_lag_seconds_bucket{worker="0",le="0.25"}'
        # The answer may come before the timer that was due during the pause.
        wait_until(lambda: self.metric('lbd_event_loop_lag_seconds_count{worker="0"}') > self.metric(lag), what="the pause is counted")


if __name__ == "__main__":
    unittest.main()
