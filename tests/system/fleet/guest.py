"""What a guest outside does, with the fleet's authority at hand."""
import json
import pathlib
import subprocess
import uuid

from raised import VIP, fleet

from lab.waiting import wait_until

PHONE = "010-8371-2946"
BOOKING = {"service": "leak", "description": "세면대 밑에서 물이 샙니다", "address": "서울시 마포구 시연로 7", "name": "시연 손님",
           "preferred": []}
JSON = ("-H", "Content-Type: application/json")
READY_SECONDS = 60


def authority() -> pathlib.Path:
    return fleet().place / "ca.pem"


def arrive() -> None:
    """Until the site answers."""
    authority().write_text(fleet()["app2"].said("cat", "/etc/mainstay/pki/ca.pem"), encoding="ascii")
    wait_until(lambda: curl("/").returncode == 0, READY_SECONDS, f"https://{VIP}/ answers")


def curl(path: str, *more: str, trusted: bool = True) -> subprocess.CompletedProcess:
    trust = ["--cacert", str(authority())] if trusted else []
    return fleet().lab["client"].run(["curl", "--silent", "--show-error", "--fail", "--max-time", "10", *trust, *more,
                                      f"https://{VIP}{path}"])


def book(phone: str = PHONE) -> str:
    """The booking's number. Raises AssertionError."""
    done = curl("/api/v1/bookings", *JSON, "-H", f"Idempotency-Key: {uuid.uuid4()}", "-d", json.dumps(BOOKING | {"phone": phone}))
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)
    return json.loads(done.stdout)["number"]
