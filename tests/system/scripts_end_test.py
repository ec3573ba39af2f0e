"""scripts/bench, soak and loadtest that are told to end take everything with them that they started."""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest
import uuid

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests/system")]

from lab.waiting import wait_until  # noqa: E402
from support.origin import Origin  # noqa: E402

MARK = "MAINSTAY_TEST_MARK"  # in the environment of all that a script starts, and in the name of the folder that it has
START_SECONDS = 300  # packages that only it wants may have to be fetched
END_SECONDS = 30


def marked(mark: str) -> dict[int, str]:
    """Number → command line of what runs with the mark."""
    found = {}
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            line = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            # nginx writes its name over its environment.
            if mark in line or f"{MARK}={mark}".encode() in (path / "environ").read_bytes():
                found[int(path.name)] = line
        except OSError:
            continue  # It has ended.
    return found


class ScriptsEnd(unittest.TestCase):
    def leaves_nothing(self, script: str, *words: str, runs: tuple[str, ...]) -> None:
        """`runs`: what its own processes are known by, once it is at work."""
        mark = uuid.uuid4().hex
        with tempfile.TemporaryDirectory(prefix=mark) as folder:
            os.chmod(folder, 0o755)  # nginx's worker is somebody else
            started = subprocess.Popen([str(ROOT / "scripts" / script), *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.PIPE, env=os.environ | {MARK: mark, "TMPDIR": folder})
            try:
                def at_work() -> bool:
                    self.assertIsNone(started.poll(), f"{script} ended by itself")
                    lines = marked(mark).values()
                    return all(any(what in line for line in lines) for what in runs)
                wait_until(at_work, START_SECONDS, f"{script} runs {runs}", poll=0.1)
                started.send_signal(signal.SIGTERM)
                started.wait(END_SECONDS)
                wait_until(lambda: not marked(mark), END_SECONDS, f"nothing of {script} runs", poll=0.1)
                self.assertEqual([], os.listdir(folder), "its own folders")
            finally:
                for number in marked(mark):
                    os.kill(number, signal.SIGKILL)
                started.wait()
                started.stderr.close()

    def test_bench(self):
        self.leaves_nothing("bench", "--quick", "--only", "tls", runs=("/lbd --config", "nginx: master", "haproxy -db"))

    def test_soak(self):
        self.leaves_nothing("soak", "--seconds", "120", runs=("/lbd --config",))

    def test_loadtest(self):
        origin = Origin()
        self.addCleanup(origin.stop)
        self.leaves_nothing("loadtest", "--target", origin.name, "--step", "60s", "--rates", "5", "--report", os.devnull, runs=("/strobe",))


if __name__ == "__main__":
    unittest.main()
