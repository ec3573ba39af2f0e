"""lbd in its sandbox: what it gives away after it has opened its doors, and that it still does all it must."""

import os
import signal
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

from support.lbd_process import Lbd  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.wire import ask, get, wait_until  # noqa: E402

CAP_NET_BIND_SERVICE = 1 << 10


def status(pid: int, thread: int | None = None) -> dict[str, str]:
    path = f"/proc/{pid}/status" if thread is None else f"/proc/{pid}/task/{thread}/status"
    with open(path, encoding="ascii") as file:
        return dict((part.strip() for part in line.split(":", 1)) for line in file)


class Sandbox(unittest.TestCase):
    def start(self, **settings) -> Lbd:
        self.origin = Origin()
        self.addCleanup(self.origin.stop)
        self.lbd = Lbd([self.origin.name], **settings)
        self.addCleanup(self.lbd.close)
        return self.lbd

    def folder(self) -> str:
        made = tempfile.TemporaryDirectory(prefix="lbd-test-")
        self.addCleanup(made.cleanup)
        return made.name

    def assert_confined(self, pid: int):
        threads = os.listdir(f"/proc/{pid}/task")
        self.assertGreater(len(threads), 1)
        for thread in threads:
            with self.subTest(thread=thread):
                said = status(pid, int(thread))
                self.assertEqual((said["NoNewPrivs"], said["Seccomp"]), ("1", "2"))
                for kind in ("CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb"):
                    self.assertEqual(int(said[kind], 16) & ~CAP_NET_BIND_SERVICE, 0, kind)

    def test_line_40_every_thread_is_confined(self):
        lbd = self.start(workers=2)
        self.assertEqual(ask(lbd.address, get()).status, 200)
        self.assert_confined(lbd.pid)
        said, = lbd.said("confined")
        self.assertEqual(said["by"], "capabilities no_new_privs landlock seccomp")

    def test_it_can_be_switched_off(self):
        lbd = self.start(sandbox={"enabled": False})
        self.assertEqual(status(lbd.pid)["Seccomp"], status(os.getpid())["Seccomp"])
        self.assertEqual(lbd.said("confined"), [])

    def test_an_upgrade_works_in_it_and_does_not_pile_it_up(self):
        lbd = self.start(workers=1)
        for _ in range(18):  # Landlock knows 16 layers
            self.assertNotIn("error", lbd.upgrade())
        self.assertEqual(ask(lbd.address, get()).status, 200)
        self.assert_confined(lbd.pid)
        self.assertEqual(status(lbd.pid)["Seccomp_filters"], str(int(status(os.getpid())["Seccomp_filters"]) + 1))
        self.assertEqual({line["by"] for line in lbd.said("confined")}, {"capabilities no_new_privs landlock seccomp"})

    def test_the_access_log_is_written(self):
        path = os.path.join(self.folder(), "access.log")
        lbd = self.start(access_log={"file": path})
        self.assertEqual(ask(lbd.address, get()).status, 200)
        lbd.terminate()
        self.assertEqual(lbd.wait(), 0)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(len(file.readlines()), 1)

    def test_a_unix_door_goes_with_the_daemon(self):
        path = os.path.join(self.folder(), "admin.sock")
        lbd = self.start(admin={"listen": ["127.0.0.1:0", f"unix:{path}"]})
        self.assertTrue(os.path.exists(path))
        lbd.upgrade()
        self.assertEqual(lbd.wait(), 0)
        self.assertTrue(os.path.exists(path), "it is the new one's now")
        os.kill(lbd.pid, signal.SIGTERM)
        wait_until(lambda: not os.path.exists(path))

    def test_no_call_of_a_usual_life_is_refused(self):
        """Refused system calls show up as errors in the log."""
        lbd = self.start(workers=2)
        for _ in range(50):
            self.assertEqual(ask(lbd.address, get()).status, 200)
        for path in ("/metrics", "/readyz", "/healthz"):
            lbd.admin(path)
        lbd.terminate()
        self.assertEqual(lbd.wait(), 0)
        self.assertEqual([line for line in lbd.log() if line.get("level") == "error"], [])


if __name__ == "__main__":
    unittest.main()
