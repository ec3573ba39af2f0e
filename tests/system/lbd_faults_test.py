"""Endpoints that are killed, frozen and cut off under load, and lbd itself without memory or descriptors: no GET fails as
long as one endpoint is fit, no POST is done twice, and what was lost comes back."""

import os
import re
import resource
import signal
import socket
import sys
import threading
import unittest

sys.dont_write_bytecode = True

from support import peers  # noqa: E402
from support.lbd_process import Lbd  # noqa: E402
from support.load import Load  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import SECONDS, Client, Ended, Malformed, ask, get, post, wait_until  # noqa: E402

CHECK = {"check": {"enabled": True, "path": "/small", "interval": "100ms", "timeout": "200ms", "rise": 2, "fall": 2}}
MIB = 1 << 20


class EndpointFaults(unittest.TestCase):
    def setUp(self):
        self.first, self.second = [peers.nginx({"small": b"small\n"}) for _ in range(2)]
        self.addCleanup(self.first.close)
        self.addCleanup(self.second.close)
        self.lbd = Lbd([self.first.name, self.second.name], upstream=CHECK, workers=2)
        self.addCleanup(self.lbd.close)

    def up(self, server) -> bool:
        return self.lbd.metrics()[f'lbd_upstream_up{{upstream="origins",endpoint="{server.name}"}}'] == 1

    def load(self) -> Load:
        return Load(self.lbd.address, threads=6, interval=0.002, request=lambda _: get("/small"))

    def test_no_get_fails_when_nginx_is_killed_and_comes_back(self):
        with self.load() as load:
            for server in (self.first, self.second):
                load.await_answers(150)
                server.kill()
                wait_until(lambda: not self.up(server), what="taking it out")
                load.await_answers(150)
                server.start()
                wait_until(lambda: self.up(server), what="taking it back")
            load.await_answers(150)
        self.assertEqual(load.failures, [])

    def test_no_get_fails_when_nginx_freezes(self):
        with self.load() as load:
            for server in (self.first, self.second):
                load.await_answers(150)
                server.signal(signal.SIGSTOP)
                wait_until(lambda: not self.up(server), what="taking it out")
                load.await_answers(150)
                server.signal(signal.SIGCONT)
                wait_until(lambda: self.up(server), what="taking it back")
            load.await_answers(150)
        self.assertEqual(load.failures, [])

    def test_no_get_fails_when_nginx_cuts_connections_off(self):
        """Workers die again and again with whatever they hold; the master starts new ones."""
        def workers(server) -> list[int]:
            with open(f"/proc/{server.process.pid}/task/{server.process.pid}/children", encoding="ascii") as file:
                return [int(pid) for pid in file.read().split()]
        with self.load() as load:
            for turn in range(8):
                load.await_answers(60)
                for pid in workers((self.first, self.second)[turn % 2]):
                    os.kill(pid, signal.SIGKILL)
        self.assertEqual(load.failures, [])

    def test_without_any_endpoint_all_is_told_and_nothing_lasts(self):
        with self.load() as load:
            load.await_answers(100)
            for server in (self.first, self.second):
                server.kill()
            wait_until(lambda: not self.lbd.is_ready(), what="/readyz saying no")
            wait_until(lambda: ask(self.lbd.address, get("/small")).status == 503)
            for server in (self.first, self.second):
                server.start()
            wait_until(self.lbd.is_ready, what="/readyz saying yes")
            failed = len(load.failures)
            load.await_answers(200)
            self.assertEqual(load.failures[failed + load_threads(load):], [])
        for failure in load.failures:
            self.assertRegex(failure, r"\A<50[234] ")


def load_threads(load: Load) -> int:
    """How many may still have been under way when the endpoints came back."""
    return len(load.threads)


def was_cut(client: Client) -> bool:
    client.sock.settimeout(0.001)
    try:
        client.reader.more()
    except Ended:
        return True
    except TimeoutError:
        pass
    return False


class OwnLimits(unittest.TestCase):
    def start(self, **settings):
        self.origin = Origin(lambda request, connection: answer(request.body or request.target.encode()))
        self.addCleanup(self.origin.stop)
        self.lbd = Lbd([self.origin.name], **settings)
        self.addCleanup(self.lbd.close)

    def limit(self, which: int, value: int) -> None:
        _, hard = resource.prlimit(self.lbd.process.pid, which)
        resource.prlimit(self.lbd.process.pid, which, (value, hard))

    def test_memory_that_runs_out_is_survived(self):
        """Whoever cannot be served is cut off or told so; the others, and all who come later, are served."""
        self.start()
        with Client(self.lbd.address) as early:
            self.assertEqual(early.send(get("/early")).response().body, b"/early")
            with open(f"/proc/{self.lbd.process.pid}/status", encoding="ascii") as file:
                taken = int(re.search(r"VmData:\s+(\d+) kB", file.read())[1]) * 1024
            self.limit(resource.RLIMIT_DATA, taken + 2 * MIB)
            crowd = []
            for _ in range(400):  # each wants its body held
                try:
                    client = Client(self.lbd.address)
                    crowd.append(client)
                    client.send_what_is_taken(get("/", "Content-Length: 60000", method="POST") + b"x" * 30_000)
                except OSError:
                    pass
            for turn in range(5):
                self.assertIsNone(self.lbd.process.poll(), "it died")
                try:
                    early.send(get(f"/{turn}")).response()
                except (Ended, Malformed, OSError):  # he may be one of those who are cut off
                    break
            self.assertTrue(any(was_cut(client) for client in crowd), "memory did not run out")
            for client in crowd:
                client.close()
            self.limit(resource.RLIMIT_DATA, resource.RLIM_INFINITY)
        self.assertIsNone(self.lbd.process.poll(), "it died")

        def serves() -> bool:
            try:
                return ask(self.lbd.address, post(b"x" * 50_000), seconds=2).body == b"x" * 50_000
            except (Ended, OSError):
                return False
        wait_until(serves, what="being served again")
        self.assertEqual(self.lbd.admin("/healthz").status, 200)
        self.assertEqual(self.origin.malformed, [])

    def test_descriptors_that_run_out_under_load_are_survived(self):
        """Connections to endpoints need them, too: who has a connection is answered or told, and nobody is lost for good."""
        self.start()
        with Load(self.lbd.address, threads=4, interval=0.005) as load:
            load.await_answers(100)
            used = self.lbd.descriptors()
            self.limit(resource.RLIMIT_NOFILE, used + 3)
            crowd = [socket.create_connection(self.lbd.address, SECONDS) for _ in range(60)]
            threading.Event().wait(0.3)
            self.assertIsNone(self.lbd.process.poll())
            load.await_answers(50)
            for sock in crowd:
                sock.close()
            self.limit(resource.RLIMIT_NOFILE, 1024)
            load.await_answers(100)
            with Client(self.lbd.address, 3) as late:
                self.assertEqual(late.send(get("/late")).response().body, b"/late")
        self.assertEqual(load.failures, [])


if __name__ == "__main__":
    unittest.main()
