"""Another binary in place of the one that serves (SIGUSR2): no request lost, and nothing lost when it is broken."""

import contextlib
import os
import signal
import socket
import sys
import tempfile
import threading
import time
import unittest

sys.dont_write_bytecode = True

from support.lbd_process import PROGRAM, Lbd  # noqa: E402
from support.load import Load  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import SECONDS, Client, Ended, ask, get, post, wait_until  # noqa: E402


def is_alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Upgrade(unittest.TestCase):
    def start(self, script=None, **settings) -> Lbd:
        self.origin = Origin(script)
        self.addCleanup(self.origin.stop)
        self.folder = tempfile.TemporaryDirectory(prefix="lbd-test-")
        self.addCleanup(self.folder.cleanup)
        self.program = os.path.join(self.folder.name, "lbd")
        os.symlink(PROGRAM, self.program)
        # What stands in for a broken binary is a script.
        settings.setdefault("sandbox", {"execute": ["/usr"]})
        self.lbd = Lbd([self.origin.name], program=self.program, **settings)
        self.addCleanup(self.lbd.close)
        return self.lbd

    def install(self, text: str) -> None:
        """A new binary on disk."""
        path = self.program + ".new"
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        os.chmod(path, 0o755)
        os.rename(path, self.program)

    def test_twenty_upgrades_under_load_lose_no_request(self):
        lbd = self.start(workers=2, drain={"grace": "100ms", "deadline": "5s"}, access_log={"enabled": False})
        warm = Load(lbd.address, threads=4, interval=0.002)
        posts = Load(lbd.address, threads=2, interval=0.003, request=lambda number: post(b"%d" % number))
        fresh = Load(lbd.address, threads=3, interval=0.003, fresh=True)
        loads = (warm, posts, fresh)
        for load in loads:
            self.addCleanup(load.stop)
        pids = [lbd.pid]
        for _ in range(20):
            lbd.upgrade()
            self.assertNotIn(lbd.pid, pids)
            wait_until(lambda: not is_alive(pids[-1]), what=f"the end of {pids[-1]}")
            pids.append(lbd.pid)
            for load in loads:
                load.await_answers(10)
        for load in loads:
            load.stop()
        self.assertEqual([load.failures for load in loads], [[], [], []])
        self.assertEqual(self.origin.malformed, [])
        self.assertTrue(lbd.is_ready())
        self.assertLess(lbd.descriptors(), 64)

    def test_clients_that_no_worker_has_accepted_yet_are_served(self):
        lbd = self.start()
        waiting = []
        for _ in range(3):
            os.kill(lbd.pid, signal.SIGSTOP)
            clients = [Client(lbd.address) for _ in range(20)]
            for client in clients:
                self.addCleanup(client.close)
                client.send(get())
            os.kill(lbd.pid, signal.SIGUSR2)
            before = len(lbd.said("handed over, draining"))
            os.kill(lbd.pid, signal.SIGCONT)
            lbd.pid = wait_until(lambda: lbd.said("handed over, draining")[before:])[0]["successor"]
            waiting += clients
        for client in waiting:
            self.assertEqual(client.response().status, 200)

    def test_what_is_under_way_is_finished_by_the_old_one(self):
        go = threading.Event()
        self.addCleanup(go.set)
        lbd = self.start(lambda request, connection: request.target == "/now" and answer(b"now")
                         or go.wait(SECONDS) and answer(b"late"))
        with Client(lbd.address) as client:
            client.send(get())
            wait_until(lambda: self.origin.requests)
            lbd.upgrade()
            self.assertEqual(ask(lbd.address, get("/now")).body, b"now")
            self.assertIsNone(lbd.process.poll())
            go.set()
            said = client.response()
            self.assertEqual((said.status, said.body, said.closes), (200, b"late", True))
        self.assertEqual(lbd.wait(), 0)
        self.assertTrue(lbd.is_ready())

    def test_a_tunnel_stays_with_the_old_one_until_its_deadline(self):
        lbd = self.start(drain={"grace": "50ms", "deadline": "1s"})
        self.origin.on_head = lambda request, connection: request.field("Upgrade") and self.echo(connection)
        with Client(lbd.address) as client:
            client.send(get("/", "Connection: Upgrade", "Upgrade: echo"))
            self.assertEqual(client.head().status, 101)
            began = time.monotonic()
            lbd.upgrade()
            while time.monotonic() - began < 0.7:
                client.send(b"still there?")
                self.assertEqual(b"".join(client.reader.counted(12)), b"still there?")
                self.assertEqual(ask(lbd.address, get()).status, 200)
            self.assertTrue(client.is_closed())
        self.assertEqual(lbd.wait(), 0)

    def echo(self, connection) -> bool:
        connection.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
        with contextlib.suppress(Ended):
            while True:
                connection.send(connection.reader.some(65536))
        connection.close()
        return True

    def test_a_sick_endpoint_stays_out(self):
        sick = Origin(lambda request, connection: answer(b"sick"))
        self.addCleanup(sick.stop)
        sick.health_script = lambda request, connection: answer(b"", status="503 Service Unavailable")
        lbd = self.start(upstream={"check": {"enabled": True, "interval": "50ms", "fall": 2, "rise": 2}})
        made = lbd.settings
        made["upstreams"][0]["endpoints"] = [self.origin.name, sick.name]
        lbd.configure(made)
        lbd.reload()
        wait_until(lambda: lbd.said("endpoint is down"))
        asked = len(sick.requests)
        for _ in range(3):
            self.assertNotIn("error", lbd.upgrade())
            for _ in range(6):
                self.assertEqual(ask(lbd.address, get()).body, b"ok")
        self.assertEqual(len(sick.requests), asked)

    def test_a_broken_binary_changes_nothing_and_is_named(self):
        lbd = self.start()
        first = lbd.pid
        cases = {"#!/bin/sh\nexit 7\n": "status 7", "#!/bin/sh\nkill -9 $$\n": "signal 9",
                 "not a program": "Exec format error", "#!/nonexistent\n": "No such file"}
        with Client(lbd.address) as client:
            client.send(get()).response()
            for text, why in cases.items():
                with self.subTest(binary=text):
                    self.install(text)
                    said = lbd.upgrade()
                    self.assertEqual((said["msg"], lbd.pid), ("the upgrade failed, serving on", first))
                    self.assertIn(why, said["error"])
                    self.assertEqual(client.send(get()).response().status, 200)
                    self.assertEqual(ask(lbd.address, get()).status, 200)
                    self.assertTrue(lbd.is_ready())
        os.remove(self.program)
        self.assertIn("No such file", lbd.upgrade()["error"])
        os.symlink(PROGRAM, self.program)
        self.assertNotIn("error", lbd.upgrade())
        self.assertEqual(ask(lbd.address, get()).status, 200)

    def test_a_faulty_configuration_is_told_by_the_old_one(self):
        lbd = self.start()
        lbd.configure({"listenrs": []})
        self.assertIn("listenrs", lbd.upgrade()["error"])
        self.assertEqual(ask(lbd.address, get()).status, 200)

    def test_a_stop_meanwhile_leaves_nobody_behind(self):
        lbd = self.start()
        self.install("#!/bin/sh\nexec sleep 60\n")
        os.kill(lbd.pid, signal.SIGUSR2)
        wait_until(lambda: lbd.said("starting the new binary"))
        lbd.terminate()
        self.assertEqual(lbd.wait(), 0)
        with socket.socket() as late:
            self.assertRaises(ConnectionRefusedError, late.connect, lbd.address)

    def test_another_number_of_workers_serves_every_socket(self):
        lbd = self.start(workers=4)
        for workers in (1, 3):
            made = lbd.settings | {"workers": workers}
            lbd.configure(made)
            self.assertNotIn("error", lbd.upgrade())
            clients = [Client(lbd.address) for _ in range(40)]
            for client in clients:
                self.addCleanup(client.close)
                client.send(get())
            for client in clients:
                self.assertEqual(client.response().status, 200)

    def test_systemd_is_told_who_serves(self):
        folder = tempfile.TemporaryDirectory(prefix="lbd-test-")
        self.addCleanup(folder.cleanup)
        systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(systemd.close)
        path = os.path.join(folder.name, "notify")
        systemd.bind(path)
        systemd.settimeout(SECONDS)
        lbd = self.start(preexec=lambda: os.environ.update(NOTIFY_SOCKET=path))
        self.assertIn(b"READY=1", systemd.recv(4096))
        lbd.upgrade()
        heard = b""
        deadline = time.monotonic() + SECONDS
        while b"MAINPID=%d" % lbd.pid not in heard and time.monotonic() < deadline:
            heard += systemd.recv(4096) + b"\n"
        self.assertIn(b"MAINPID=%d" % lbd.pid, heard)
        self.assertNotIn(b"STOPPING", heard)


if __name__ == "__main__":
    unittest.main()
