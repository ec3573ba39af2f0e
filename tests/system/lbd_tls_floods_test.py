"""Records of TLS in which nothing is said: each makes lbd compute new keys and costs its sender little. Who sends more than a
few in a row is let go, and others are served meanwhile; they are no sign of life either."""

import array
import fcntl
import select
import sys
import termios
import time
import unittest

sys.dont_write_bytecode = True

from support.certificates import TlsClient  # noqa: E402
from support.http2_case import Http2TlsCase  # noqa: E402
from support.origin import answer  # noqa: E402
from support.raw_tls import RawTls  # noqa: E402
from support.wire import get, wait_until  # noqa: E402

MOST = 32  # between two pieces of data
FLOODS = 'lbd_tls_floods_total{side="client"}'


class NewKeys(Http2TlsCase):
    def begin(self, script=None, **settings) -> None:
        self.start_tls(script, **settings)
        self.bystander = TlsClient(self.lbd.address, self.authority.context())
        self.addCleanup(self.bystander.close)

    def raw(self) -> RawTls:
        client = RawTls(self.lbd.address)
        self.addCleanup(client.close)
        return client

    def ask(self, client: RawTls, path: str = "/", before: bytes = b"") -> bytes:
        client.sock.sendall(before + client.said(get(path, host="www.test")))
        said = client.read()
        while b"\r\n\r\n" not in said:
            said += client.read()
        return said[:15]

    def fill(self, client: RawTls) -> None:
        """Until nothing more comes for a client that does not read."""
        arrived, before = array.array("i", [0]), -1
        while arrived[0] != before:
            before = arrived[0]
            self.assertEqual(self.bystander.send(get(host="www.test")).response().status, 200)
            fcntl.ioctl(client.sock, termios.FIONREAD, arrived)

    def is_closed(self, client: RawTls) -> bool:
        try:
            while client.sock.recv(65536):
                pass
        except ConnectionError:
            pass
        except TimeoutError:
            return False
        return True

    def test_line_35_who_sends_nothing_but_new_keys_is_let_go(self):
        self.begin()
        flood = 3000
        for number, (name, before) in enumerate((
                ("at first", lambda client: None),
                ("between two requests", self.ask),
                ("in the midst of a head", lambda client: client.sock.sendall(client.said(b"GET / HTTP/1.1\r\n"))),
                ("parked", lambda client: (self.ask(client), select.select([client.sock], [], [], 0.2))))):
            for requested in (False, True):
                with self.subTest(name, requested=requested):
                    client = self.raw()
                    before(client)
                    octets = client.new_keys(flood, requested)
                    try:
                        client.sock.sendall(octets)
                    except ConnectionError:
                        pass
                    self.assertEqual(self.bystander.send(get(host="www.test")).response().status, 200)
                    self.assertTrue(self.is_closed(client))
                    wait_until(lambda: self.lbd.metrics()[FLOODS] == 2 * number + requested + 1, what="a flood being counted")

    def test_others_are_served_meanwhile(self):
        """Seconds of work for lbd in one go, for a few packets of its sender's."""
        self.begin()
        client = self.raw()
        octets = client.new_keys(40000)
        began = time.process_time()
        client.new_keys(1000)
        cost = time.process_time() - began  # of as many for us: about the same for lbd
        before = self.lbd.cpu_seconds()
        try:
            client.sock.sendall(octets)
        except ConnectionError:
            pass
        self.assertEqual(self.bystander.send(get(host="www.test")).response().status, 200)
        self.assertTrue(self.is_closed(client))
        self.assertLess(self.lbd.cpu_seconds() - before, 10 * cost)

    def test_a_few_of_them_pass_and_data_of_either_side_makes_room_for_more(self):
        size = 24 << 20  # the system holds some of it between us, for which lbd has done its part already
        self.begin(lambda request, connection: answer(b"x" * size if request.target == "/large" else b"ok"))
        client = self.raw()
        for _ in range(4):
            self.assertEqual(self.ask(client, before=client.new_keys(MOST - 1)), b"HTTP/1.1 200 OK")
        client.sock.sendall(client.said(get("/large", host="www.test")))
        taken = sent = 0
        while taken < size:
            taken += len(client.read())
            if taken > (sent + 1) * size // (2 * MOST):
                client.sock.sendall(client.new_keys(1))
                sent += 1
        self.assertGreater(sent, MOST)
        self.assertEqual(self.lbd.metrics()[FLOODS], 0)

    def test_wishes_for_new_keys_are_heard_while_lbd_cannot_write(self):
        """OpenSSL answers the first with its next record, and the second before it goes on: into the midst of a record of which
        the socket has taken a part."""
        size = 24 << 20  # more than the system holds
        self.begin(lambda request, connection: answer(b"x" * size if request.target == "/large" else b"ok"))
        for number in (1, 2, 8):
            client = self.raw()
            client.sock.sendall(client.said(get("/large", host="www.test")))
            taken = len(client.read())
            self.fill(client)
            for _ in range(2):
                client.sock.sendall(client.new_keys(number, requested=True))
                self.fill(client)
            while taken < size:
                taken += len(client.read())
            self.assertEqual(self.ask(client), b"HTTP/1.1 200 OK")
        self.assertEqual(self.lbd.metrics()[FLOODS], 0)

    def test_new_keys_are_no_sign_of_life(self):
        self.begin(timeouts={"keep_alive": "500ms"})
        client = self.raw()
        self.assertEqual(self.ask(client), b"HTTP/1.1 200 OK")
        sent = 0
        while not select.select([client.sock], [], [], 0.1)[0]:
            sent += 1
            self.assertLess(sent, MOST - 1, "it is still open")
            client.sock.sendall(client.new_keys(1))
        self.assertTrue(self.is_closed(client))
        self.assertGreater(sent, 1)
        self.assertEqual(self.lbd.metrics()[FLOODS], 0)


if __name__ == "__main__":
    unittest.main()
