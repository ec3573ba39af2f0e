"""slowhttptest against lbd: slow heads, slow bodies and slow readers are let go in time, hold little, and cost nobody else
anything."""

import subprocess
import sys
import unittest

sys.dont_write_bytecode = True

from support.lbd_process import Lbd  # noqa: E402
from support.load import Load  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import SECONDS, get, wait_until  # noqa: E402

SLOW = 60  # clients
KIB = 1024
LARGE = answer(b"x" * 16 * KIB * KIB)


class SlowClients(unittest.TestCase):
    def setUp(self):
        self.origin = Origin(lambda request, connection: LARGE if request.target == "/large" else answer())
        self.addCleanup(self.origin.stop)
        self.lbd = Lbd([self.origin.name], timeouts={"head": "1s", "body": "1s", "send": "1s", "keep_alive": "5s"})
        self.addCleanup(self.lbd.close)

    def attack(self, *argv: str, path: str = "/") -> subprocess.Popen:
        attacker = subprocess.Popen(
            ["slowhttptest", "-c", str(SLOW), "-r", str(SLOW), "-l", "4", "-i", "1", "-p", "3", "-v", "0", *argv,
             "-u", f"http://127.0.0.1:{self.lbd.address[1]}{path}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(attacker.wait)
        self.addCleanup(attacker.kill)
        return attacker

    def active(self) -> int:
        return int(self.lbd.metrics()['lbd_connections_active{side="client"}'])

    def check(self, reason: str, *argv: str, path: str = "/"):
        before = self.lbd.resident_octets()
        with Load(self.lbd.address, threads=3, interval=0.01, request=lambda _: get("/small")) as load:
            load.await_answers(20)
            attacker = self.attack(*argv, path=path)
            wait_until(lambda: self.active() > SLOW // 2, what="the attack")
            load.await_answers(50)
            self.assertLess(self.lbd.resident_octets() - before, (SLOW + 4) * 96 * KIB)
            wait_until(lambda: self.lbd.refused().get(reason, 0) >= SLOW // 2, 2 * SECONDS, f"{reason} being counted")
            load.await_answers(50)
            attacker.wait(SECONDS)
            wait_until(lambda: self.active() <= 3, what="all but the load being let go")
        self.assertEqual(load.failures, [])

    def test_slow_heads(self):
        self.check("head_timeout", "-H")
        self.assertNotIn("POST", [request.method for request in self.origin.requests])

    def test_slow_bodies(self):
        self.check("body_timeout", "-B", "-i", "2", "-s", "8192")
        self.assertEqual([request for request in self.origin.whole if request.method == "POST"], [])

    def test_slow_readers(self):
        self.check("client_stalled", "-X", "-w", "512", "-y", "1024", "-n", "3", "-z", "1", "-k", "1", path="/large")


if __name__ == "__main__":
    unittest.main()
