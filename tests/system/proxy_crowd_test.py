"""Clients that are many, idle, rude or more than lbd can take: memory stays bounded, and nothing stays
behind. Running out of descriptors is in lbd_pressure_test.py."""

import resource
import socket
import sys
import threading
import unittest

sys.dont_write_bytecode = True

from support.lbd_process import Lbd  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.wire import Client, ask, get, wait_until  # noqa: E402


def setUpModule():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65536), most))


class ManyClients(unittest.TestCase):
    def start(self, **settings):
        self.origin = Origin()
        self.addCleanup(self.origin.stop)
        self.lbd = Lbd([self.origin.name], **settings)
        self.addCleanup(self.lbd.close)

    def clients(self, count: int) -> list[Client]:
        made = []
        for _ in range(count):
            made.append(Client(self.lbd.address))
            self.addCleanup(made[-1].close)
        return made

    def active(self) -> int:
        return int(self.lbd.metrics()['lbd_connections_active{side="client"}'])

    def test_idle_connections_cost_little_and_go_on_working(self):
        self.start()
        ask(self.lbd.address, get())
        before = self.lbd.resident_octets()
        clients = self.clients(2000)
        wait_until(lambda: self.active() == len(clients))
        for client in clients:
            self.assertEqual(client.send(get()).response().status, 200)
        cost = (self.lbd.resident_octets() - before) / len(clients)
        self.assertLess(cost, 24 * 1024, "more than a buffer for each")
        threading.Event().wait(1.5)  # idle for longer than the second that a connection keeps its buffer
        held = self.lbd.resident_octets()
        more = self.clients(2000)
        for client in more:
            self.assertEqual(client.send(get()).response().status, 200)
        self.assertLess((self.lbd.resident_octets() - held) / len(more), 8 * 1024, "idle buffers were not used again")
        self.assertEqual(self.active(), len(clients) + len(more))
        self.assertEqual(self.origin.accepted, 1)

    def test_beyond_the_connection_limit_clients_wait_their_turn(self):
        self.start(limits={"connections": 10})
        clients = self.clients(10)
        for client in clients:
            self.assertEqual(client.send(get()).response().status, 200)
        late = self.clients(3)
        for client in late:
            client.send(get())
        wait_until(lambda: self.lbd.metrics()["lbd_accept_pauses_total"] > 2)
        self.assertEqual((self.active(), len(self.origin.whole)), (10, 10))
        for leaving, waiting in zip(clients, late):
            leaving.close()
            self.assertEqual(waiting.response().status, 200)

    def test_connections_that_are_reset_leave_nothing_behind(self):
        self.start()
        ask(self.lbd.address, get())
        before = self.lbd.descriptors()
        for octets in (b"", b"GET / HT", get(), get("/", "Content-Length: 100", method="POST") + b"x"):
            for client in self.clients(50):
                client.send(octets)
                client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                client.close()
        wait_until(lambda: self.active() == 0)
        wait_until(lambda: self.lbd.descriptors() <= before + 60)  # warm connections to the endpoint
        self.assertEqual(ask(self.lbd.address, get()).status, 200)


if __name__ == "__main__":
    unittest.main()
