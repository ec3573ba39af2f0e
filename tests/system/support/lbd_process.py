"""lbd as a process under test: a configuration of its own, ports from the kernel, and its doors."""

import contextlib
import copy
import ctypes
import json
import os
import re
import signal
import subprocess
import tempfile

from . import wire
from .wire import wait_until

REPOSITORY = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
BINARIES = os.environ.get("MAINSTAY_BIN", os.path.join(REPOSITORY, "build", "release", "bin"))
PROGRAM = os.path.join(os.path.realpath(BINARIES), "lbd")
PR_SET_PDEATHSIG = 1
TICKS = os.sysconf("SC_CLK_TCK")

SETTINGS = {
    "workers": 1,  # one pool of warm connections: what one client leaves behind, the next client meets
    "listeners": [{"address": "127.0.0.1:0"}],
    "admin": {"listen": "127.0.0.1:0"},
    "drain": {"grace": "100ms", "deadline": "5s"},
    "timeouts": {},
    "limits": {},
    "upstreams": [{"name": "origins", "endpoints": [], "check": {"enabled": False}, "timeouts": {}}],
    "routes": [{"path": "/", "upstream": "origins"}],
}


def merge(into: dict, changes: dict) -> dict:
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            merge(into[key], value)
        else:
            into[key] = value
    return into


def settings(endpoints: list[str], upstream: dict | None = None, **changes) -> dict:
    """The configuration: SETTINGS with `changes`, those of the one upstream in `upstream`."""
    made = merge(copy.deepcopy(SETTINGS), changes)
    made["upstreams"][0]["endpoints"] = endpoints
    merge(made["upstreams"][0], upstream or {})
    return made


def die_with_the_test() -> None:
    """However a test ends, its lbd does not outlive it."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Lbd:
    def __init__(self, endpoints: list[str], upstream: dict | None = None, preexec=None, hands_over: bool = False,
                 program: str = PROGRAM, **changes):
        self.folder = tempfile.TemporaryDirectory(prefix="lbd-test-")
        # `hands_over`: `preexec` leaves descriptors for the program. Those that pass_fds names would have to be open
        # here before the fork already, whatever other threads close meanwhile; all others are close-on-exec anyway.
        def prepare():
            die_with_the_test()
            if preexec is not None:
                preexec()
        path = os.path.join(self.folder.name, "lbd.yaml")
        self.config_path = path
        self.settings = settings(endpoints, upstream, **changes)
        self.configure(self.settings)
        self.log_path = os.path.join(self.folder.name, "log")
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen([program, "--config", path], stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, preexec_fn=prepare, close_fds=not hands_over)
        self.pid = self.process.pid  # of the one that serves: an upgrade makes another one
        try:
            self.address = self._address("listening")
            self.admin_address = self._address("admin is listening")
        except BaseException:
            self.close()
            raise

    def configure(self, made: dict) -> None:
        """Another file in place of the old, at once, as an editor or a package does it."""
        with open(self.config_path + ".new", "w", encoding="utf-8") as file:
            json.dump(made, file)  # JSON is YAML, too
        os.rename(self.config_path + ".new", self.config_path)

    def said(self, message: str) -> list[dict]:
        return [line for line in self.log() if line.get("msg") == message]

    def signal_and_await(self, which: signal.Signals, *messages: str) -> dict:
        """The line, one of `messages`, that tells what came of a signal to the one that serves."""
        def lines():
            return [line for line in self.log() if line.get("msg") in messages]
        before = len(lines())
        os.kill(self.pid, which)
        return wait_until(lambda: lines()[before:], what=" or ".join(messages))[0]

    def reload(self) -> dict:
        return self.signal_and_await(signal.SIGHUP, "reloaded", "reload refused")

    def upgrade(self) -> dict:
        said = self.signal_and_await(signal.SIGUSR2, "handed over, draining", "the upgrade failed, serving on")
        self.pid = said.get("successor", self.pid)
        return said

    def _address(self, message: str) -> tuple[str, int]:
        def said():
            if self.process.poll() is not None:
                raise RuntimeError(f"lbd left with {self.process.returncode}: {self.log_text()}")
            return [line for line in self.log() if line.get("msg") == message]
        host, _, port = wait_until(said, what=f"`{message}` in the log")[0]["address"].rpartition(":")
        return host, int(port)

    def log_text(self) -> str:
        with open(self.log_path, encoding="utf-8") as file:  # strict: a log is UTF-8 whatever clients send
            return file.read()

    def log(self) -> list[dict]:
        """Whole lines of the log, each of which must be JSON."""
        text = self.log_text()
        return [json.loads(line) for line in text[:text.rfind("\n") + 1].splitlines()]

    def access_log(self) -> list[dict]:
        return [line for line in self.log() if "duration_s" in line]

    def admin(self, path: str, method: str = "GET") -> wire.Response:
        return wire.ask(self.admin_address, wire.get(path, "Connection: close", method=method), method)

    def metrics(self) -> dict[str, float]:
        """`name{label="value"}` → value."""
        text = self.admin("/metrics").body.decode()
        return {key: float(value) for key, value in re.findall(r"^(\w+(?:\{[^}]*\})?) (\S+)$", text, re.MULTILINE)}

    def refused(self) -> dict[str, int]:
        """Reason → how often; only those that occurred."""
        prefix = 'lbd_refused_total{reason="'
        return {key[len(prefix):-2]: int(value) for key, value in self.metrics().items()
                if key.startswith(prefix) and value}

    def is_ready(self) -> bool:
        return self.admin("/readyz").status == 200

    def resident_octets(self) -> int:
        with open(f"/proc/{self.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def cpu_seconds(self) -> float:
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def pipe_ends(self) -> int:
        """Those of `descriptors` that are pipes: lbd keeps some that content has gone through."""
        count = 0
        for number in os.listdir(f"/proc/{self.pid}/fd"):
            with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                count += os.readlink(f"/proc/{self.pid}/fd/{number}").startswith("pipe:")
        return count

    @contextlib.contextmanager
    def asleep(self):
        """What happens meanwhile, lbd learns all at once."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def wait(self, seconds: float = wire.SECONDS) -> int:
        return self.process.wait(seconds)

    def close(self) -> None:
        """Ends it at once; a test that cares how it ends has ended it before."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.pid != self.process.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        self.folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
