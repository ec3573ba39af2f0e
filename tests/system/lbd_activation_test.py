"""Listening sockets that were open before lbd started: systemd's socket activation, sd_listen_fds(3)."""

import fcntl
import os
import socket
import sys
import unittest

sys.dont_write_bytecode = True

from support.lbd_process import Lbd  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.wire import Client, ask, get, wait_until  # noqa: E402


def listen(address=("127.0.0.1", 0), shared=False) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, int(shared))
    made.bind(address)
    made.listen(64)
    return made


def hand_over(sockets: list[socket.socket], names: list[str]):
    """What systemd does between fork and exec: descriptors from 3 on, and the variables that say so."""
    originals = [one.fileno() for one in sockets]

    def prepare():
        spare = [fcntl.fcntl(number, fcntl.F_DUPFD, 3 + len(originals)) for number in originals]
        for place, number in enumerate(spare):
            os.dup2(number, 3 + place)
            os.set_inheritable(3 + place, True)
            os.close(number)
        # The environment of this child, which exec passes on.
        os.environ.update(LISTEN_FDS=str(len(originals)), LISTEN_PID=str(os.getpid()),
                          LISTEN_FDNAMES=":".join(names))
    return prepare


class Activation(unittest.TestCase):
    def start(self, sockets, names=None, **settings) -> Lbd:
        self.origin = Origin()
        self.addCleanup(self.origin.stop)
        for one in sockets:
            self.addCleanup(one.close)
        host, port = sockets[0].getsockname()
        lbd = Lbd([self.origin.name], preexec=hand_over(sockets, names or ["lbd.socket"] * len(sockets)),
                  hands_over=True, listeners=[{"address": f"{host}:{port}"}], **settings)
        self.addCleanup(lbd.close)
        return lbd

    def test_a_client_who_came_before_lbd_is_served(self):
        door = listen()
        with Client(door.getsockname()) as early:
            early.send(get())
            lbd = self.start([door])
            self.assertEqual(lbd.address, door.getsockname())
            self.assertEqual(early.response().status, 200)

    def test_one_socket_is_served_by_every_worker(self):
        """It was bound without SO_REUSEPORT, so no worker can open another one."""
        lbd = self.start([listen()], workers=3)
        clients = [Client(lbd.address) for _ in range(30)]
        for client in clients:
            self.addCleanup(client.close)
            client.send(get())
        for client in clients:
            self.assertEqual(client.response().status, 200)

    def test_more_sockets_than_workers_are_all_served(self):
        first = listen(shared=True)
        doors = [first] + [listen(first.getsockname(), shared=True) for _ in range(4)]
        clients = [Client(first.getsockname()) for _ in range(40)]  # the kernel spreads them over the five
        for client in clients:
            self.addCleanup(client.close)
            client.send(get())
        self.start(doors, workers=2)
        for client in clients:
            self.assertEqual(client.response().status, 200)

    def test_the_admin_listener_may_be_inherited_too(self):
        door, admin = listen(), listen()
        lbd = self.start([door, admin], ["lbd.socket", "admin"],
                         admin={"listen": "%s:%d" % admin.getsockname()})
        self.assertEqual(lbd.admin_address, admin.getsockname())
        self.assertTrue(lbd.is_ready())

    def test_a_socket_that_nobody_wants_is_named(self):
        door, stray = listen(), listen()
        lbd = self.start([door, stray])
        name = "%s:%d" % stray.getsockname()
        said = [line for line in lbd.log() if line.get("socket") == name]
        self.assertEqual([line["level"] for line in said], ["warning"])
        self.assertEqual(ask(lbd.address, get()).status, 200)

    def test_who_comes_after_the_stop_waits_for_the_next_lbd(self):
        """systemd keeps the socket: nobody is refused between two services."""
        door = listen()
        first = self.start([door])
        self.assertEqual(ask(first.address, get()).status, 200)
        first.terminate()
        self.assertEqual(first.wait(), 0)
        with Client(door.getsockname()) as between:
            between.send(get())
            self.start([door])
            self.assertEqual(between.response().status, 200)

    def test_variables_meant_for_another_process_are_ignored(self):
        door = listen()
        self.addCleanup(door.close)
        origin = Origin()
        self.addCleanup(origin.stop)

        def prepare():
            hand_over([door], [""])()
            os.environ["LISTEN_PID"] = str(os.getppid())
        with Lbd([origin.name], preexec=prepare, hands_over=True) as lbd:
            self.assertNotEqual(lbd.address, door.getsockname())
            wait_until(lbd.is_ready)


if __name__ == "__main__":
    unittest.main()
