"""`lbd --check` on the machine where lbd runs: what a start or a reload would meet there is said, and nothing is touched."""

import os
import socket
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True

from support.lbd_process import PROGRAM, Lbd  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.wire import SECONDS, ask, get  # noqa: E402


class Check(unittest.TestCase):
    def setUp(self):
        self.origin = Origin()
        self.addCleanup(self.origin.stop)
        self.lbd = Lbd([self.origin.name])
        self.addCleanup(self.lbd.close)

    def check(self, **changes) -> list[str]:
        """What is said of the running lbd's configuration with `changes`; it is a right one in any case."""
        self.lbd.configure({**self.lbd.settings, **changes})
        done = subprocess.run([PROGRAM, "--config", self.lbd.config_path, "--check"], capture_output=True, text=True, check=False,
                              timeout=SECONDS)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        return [line.replace(self.lbd.config_path, "lbd.yaml") for line in done.stderr.splitlines()]

    def at(self, address: str) -> list[str]:
        return self.check(listeners=[{"address": address}])

    def test_nothing_is_said_beside_the_lbd_that_has_it_all(self):
        host, port = self.lbd.address
        log = os.path.join(self.lbd.folder.name, "access.log")
        for address in (f"{host}:{port}", f"0.0.0.0:{port}"):
            self.assertEqual(self.at(address), [])
        self.assertEqual(self.check(listeners=[{"address": f"{host}:{port}"}], access_log={"file": log}), [])
        self.assertFalse(os.path.exists(log))
        self.assertEqual(ask(self.lbd.address, get()).status, 200)

    def test_another_program_that_listens_is_named(self):
        with open("/proc/self/comm", encoding="ascii") as file:
            name = file.read().strip()
        who = f"{name} (process {os.getpid()})"
        with socket.create_server(("127.0.0.1", 0)) as other, socket.create_server(("::1", 0), family=socket.AF_INET6) as sixth:
            port, port_of_sixth = (one.getsockname()[1] for one in (other, sixth))
            for address, taken in ((f"127.0.0.1:{port}", f"127.0.0.1:{port}"), (f"0.0.0.0:{port}", f"127.0.0.1:{port}"),
                                   (f"[::1]:{port_of_sixth}", f"[::1]:{port_of_sixth}")):
                with self.subTest(address=address):
                    self.assertEqual(self.at(address), [
                        f"warning: lbd.yaml:1: listeners[0].address: {who} listens on {taken}, "
                        "expected an address of this machine that nobody else listens on"])
            self.assertEqual(self.at(f"127.0.0.2:{port}"), [])

    def test_an_address_of_another_machine(self):
        self.assertEqual(len(said := self.at("192.0.2.1:80")), 1)
        self.assertIn("listeners[0].address: 192.0.2.1 is no address of this machine", said[0])

    def test_a_log_that_cannot_be(self):
        folder = self.lbd.folder.name
        for file, wrong in ((folder, f"{folder} is a folder"), (f"{folder}/none/log", f"there is no folder {folder}/none")):
            with self.subTest(file=file):
                self.assertEqual(len(said := self.check(access_log={"file": file})), 1)
                self.assertIn(f"access_log.file: {wrong}", said[0])


if __name__ == "__main__":
    unittest.main()
