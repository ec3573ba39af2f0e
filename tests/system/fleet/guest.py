"""What a guest outside does, with the fleet's authority at hand."""
import concurrent.futures
import json
import pathlib
import subprocess
import threading
import time
import uuid

from raised import VIP, fleet

from lab.waiting import wait_until

PHONE = "010-8371-2946"
BOOKING = {"service": "leak", "description": "세면대 밑에서 물이 샙니다", "address": "서울시 마포구 시연로 7", "name": "시연 손님",
           "preferred": []}
JSON = ("-H", "Content-Type: application/json")
READY_SECONDS = 60
BETWEEN_SECONDS = 0.15
MOST_AT_ONCE = 64


def authority() -> pathlib.Path:
    return fleet().place / "ca.pem"


def arrive() -> None:
    """Until the site answers."""
    authority().write_text(fleet()["app2"].said("cat", "/etc/mainstay/pki/ca.pem"), encoding="ascii")
    wait_until(lambda: curl("/").returncode == 0, READY_SECONDS, f"https://{VIP}/ answers")


def curl(path: str, *more: str, trusted: bool = True, host: str = VIP) -> subprocess.CompletedProcess:
    trust = ["--cacert", str(authority())] if trusted else []
    return fleet().lab["client"].run(["curl", "--silent", "--show-error", "--fail", "--max-time", "10", *trust, *more,
                                      f"https://{host}{path}"])


def book(phone: str = PHONE) -> str:
    """The booking's number. Raises AssertionError."""
    done = curl("/api/v1/bookings", *JSON, "-H", f"Idempotency-Key: {uuid.uuid4()}", "-d", json.dumps(BOOKING | {"phone": phone}))
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)
    return json.loads(done.stdout)["number"]


class Asking:
    """
    While the block runs somebody new asks for the page every BETWEEN_SECONDS, however long those before wait. `failed()` then has
    when those began who got none, and why.
    """

    def __init__(self, host: str = VIP):
        self.host = host
        self.longest = 0.0
        self.count = 0
        self._failed: list[tuple[float, str]] = []
        self._over = threading.Event()
        self._askers = concurrent.futures.ThreadPoolExecutor(MOST_AT_ONCE)
        self._clock = threading.Thread(target=self._keep_asking)

    def __enter__(self) -> "Asking":
        self._clock.start()
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        self._clock.join()
        self._askers.shutdown()

    def failed(self, since: float = 0.0) -> list[tuple[float, str]]:
        return [one for one in self._failed if one[0] >= since]

    def _keep_asking(self) -> None:
        while not self._over.wait(BETWEEN_SECONDS):
            self._askers.submit(self._ask)

    def _ask(self) -> None:
        began = time.monotonic()
        done = curl("/", "--output", "/dev/null", host=self.host)
        self.longest = max(self.longest, time.monotonic() - began)
        self.count += 1
        if done.returncode != 0:
            self._failed.append((began, done.stderr))
