"""A connection that changes its protocol: when it becomes a tunnel, and that nothing else ever does."""

import asyncio
import os
import socket
import sys
import threading
import unittest

import websockets

sys.dont_write_bytecode = True

from support.lbd_process import Lbd  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import Client, Ended, get, post, wait_until  # noqa: E402

ASKED = ("Connection: Upgrade", "Upgrade: echo")
SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"


class EchoServer:
    """websockets' own server, which sends back what it gets."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        started = threading.Event()

        async def echo(peer):
            async for message in peer:
                await peer.send(message)

        async def begin():
            self.server = await websockets.serve(echo, "127.0.0.1", 0, max_size=None)
            self.port = self.server.sockets[0].getsockname()[1]
            started.set()
        self.loop.create_task(begin())
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        started.wait(10)

    def stop(self):
        async def end():
            self.server.close()
            await self.server.wait_closed()
        asyncio.run_coroutine_threadsafe(end(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()


class WebSocket(unittest.TestCase):
    def test_messages_of_any_size_come_back(self):
        server = EchoServer()
        self.addCleanup(server.stop)
        with Lbd([f"127.0.0.1:{server.port}"]) as lbd:
            async def talk():
                host, port = lbd.address
                async with websockets.connect(f"ws://{host}:{port}/chat", max_size=None) as peer:
                    for message in ("hello", "", b"\x00\xff" * 10, os.urandom(3_000_000)):
                        await peer.send(message)
                        self.assertEqual(await peer.recv(), message)
                    await asyncio.gather(*(peer.send(f"{number}") for number in range(500)))
                    self.assertEqual([await peer.recv() for _ in range(500)], [f"{n}" for n in range(500)])
                return peer.close_code
            self.assertEqual(asyncio.run(asyncio.wait_for(talk(), 20)), 1000)
            wait_until(lambda: lbd.metrics()['lbd_connections_active{side="client"}'] == 0)


class Tunnel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.origin = Origin()
        cls.addClassCleanup(cls.origin.stop)
        cls.lbd = Lbd([cls.origin.name], timeouts={"tunnel": "1s"})
        cls.addClassCleanup(cls.lbd.close)

    def setUp(self):
        self.origin.clear()
        self.origin.script = lambda request, connection: answer(request.target.encode())
        self.origin.on_head = None

    def echo(self):
        def on_head(request, connection):
            if request.field("Upgrade") is None:
                return False
            connection.send(SWITCHED)
            connection.close()
            try:
                while True:
                    connection.send(connection.reader.some(65536))
            except Ended:
                connection.send(b" bye")
            return True
        self.origin.on_head = on_head

    def open(self, client: Client):
        client.send(get("/", *ASKED))
        switched = client.head()
        self.assertEqual((switched.status, switched.field("Upgrade")), (101, "echo"))
        self.assertEqual(switched.field("Connection").lower(), "upgrade")

    def test_octets_pass_both_ways_until_both_have_ended(self):
        self.echo()
        with Client(self.lbd.address) as client:
            self.open(client)
            for octets in (b"a", b"GET / HTTP/1.1\r\n\r\n", bytes(range(256)) * 1000):
                client.send(octets)
                self.assertEqual(b"".join(client.reader.counted(len(octets))), octets)
            client.sock.shutdown(socket.SHUT_WR)  # half of it: the answer to that still comes
            self.assertEqual(client.rest(), b" bye")

    def test_what_is_sent_ahead_is_for_the_tunnel_only_after_101(self):
        self.echo()
        with Client(self.lbd.address) as client:
            client.send(get("/", *ASKED) + b"early")
            self.assertEqual(client.head().status, 101)
            self.assertEqual(b"".join(client.reader.counted(5)), b"early")
        self.origin.on_head = None
        self.origin.clear()
        with Client(self.lbd.address) as client:  # no 101: what follows is a request, and is treated as one
            client.send(get("/refused", *ASKED) + get("/next", "X-Forwarded-For: 6.6.6.6"))
            self.assertEqual([client.response().body for _ in range(2)], [b"/refused", b"/next"])
        self.assertEqual(self.origin.whole[1].field("X-Forwarded-For"), "127.0.0.1")

    def test_a_silent_tunnel_ends(self):
        self.echo()
        counted = self.lbd.refused().get("tunnel_timeout", 0)
        with Client(self.lbd.address) as client:
            self.open(client)
            self.assertEqual(client.rest(), b"")
        wait_until(lambda: self.lbd.refused().get("tunnel_timeout", 0) == counted + 1)

    def test_a_slow_reader_holds_the_other_side_back(self):
        sent = []

        def on_head(_request, connection):
            connection.send(SWITCHED)
            connection.close()
            connection.sock.settimeout(0.3)
            try:
                while True:
                    sent.append(connection.sock.send(b"x" * 65536))
            except OSError:
                pass
            return True
        self.origin.on_head = on_head
        before = self.lbd.resident_octets()
        with Client(self.lbd.address, receive_buffer=65536) as client:
            self.open(client)
            wait_until(lambda: self.origin.live == set(), 5)
            self.assertLess(sum(sent), 24 << 20)  # what the kernel's buffers hold, not what a sender has
            self.assertLess(self.lbd.resident_octets() - before, 1 << 20)

    def test_only_an_agreed_answer_opens_it(self):
        for name, octets in {"another protocol": SWITCHED.replace(b"echo", b"other"),
                             "no protocol": SWITCHED.replace(b"Upgrade: echo\r\n", b""),
                             "no Connection": SWITCHED.replace(b"Connection: Upgrade\r\n", b""),
                             "two protocols": SWITCHED.replace(b"echo", b"echo, other"),
                             "a length": SWITCHED.replace(b"\r\n\r\n", b"\r\nContent-Length: 5\r\n\r\n"),
                             "an old version": SWITCHED.replace(b"HTTP/1.1", b"HTTP/1.0")}.items():
            with self.subTest(case=name):
                self.origin.script = lambda request, connection, octets=octets: octets + b"SECRET"
                with Client(self.lbd.address) as client:
                    got = client.send(get("/", *ASKED)).response()
                    self.assertEqual(got.status, 502)
                    self.assertNotIn(b"SECRET", got.body)

    def test_what_is_not_asked_for_on_behalf_of_a_client(self):
        for name, octets in {"h2c": get("/", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AA"),
                             "HTTP/1.0": b"GET / HTTP/1.0\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n",
                             "a body": post(b"x", *ASKED), "not of this hop": get("/", "Upgrade: echo")}.items():
            with self.subTest(case=name):
                self.origin.clear()
                with Client(self.lbd.address) as client:
                    self.assertEqual(client.send(octets).response().status, 200)
                request, = self.origin.requests
                self.assertEqual([request.field(f) for f in ("Upgrade", "Connection", "HTTP2-Settings")], [None] * 3)

    def test_a_drain_gives_it_the_deadline(self):
        self.echo()
        with Lbd([self.origin.name], drain={"grace": "10ms", "deadline": "1s"}) as lbd, Client(lbd.address) as client:
            client.send(get("/", *ASKED))
            self.assertEqual(client.head().status, 101)
            lbd.terminate()
            wait_until(lambda: lbd.admin("/readyz").status == 503)
            client.send(b"still here")
            self.assertEqual(b"".join(client.reader.counted(10)), b"still here")
            self.assertEqual(client.rest(), b"")
            self.assertEqual(lbd.wait(), 0)


if __name__ == "__main__":
    unittest.main()
