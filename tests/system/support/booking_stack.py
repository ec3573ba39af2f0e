"""What the tests of bookd share: a database and a bookd for a class of tests, and the words of the API."""
import concurrent.futures
import threading
import unittest
import uuid

from .bookd import ADMIN, ADMIN_PASSWORD, Bookd, password_hash
from .mariadb import MariaDb
from .working_days import working_day_ahead

SOON = working_day_ahead().isoformat()
PHONE = "010-1234-5678"
OTHER_PHONE = "010-9876-5432"
BOOKINGS = "/api/v1/bookings"
LOOKUP = "/api/v1/bookings/lookup"
LOGIN = "/api/v1/admin/login"
MANY = 50


def booking(**changes) -> dict:
    return {"service": "leak", "description": "부엌에서 물이 샙니다", "address": "서울 종로구 1, 101호",
            "name": "홍길동", "phone": PHONE, "preferred": [{"date": SOON, "window": "morning"}], **changes}


def change(session: dict, version: int | None = None) -> dict:
    """A session's headers with those of a change: a key of its own, and the version it is made for."""
    return {**session, "Idempotency-Key": str(uuid.uuid4()), "If-Match": f'"v{version}"' if version else "*"}


def at_once(count: int, action) -> list:
    """The results of `action(0)` … `action(count - 1)`, all begun together."""
    gate = threading.Barrier(count)

    def run(index):
        gate.wait(timeout=10)
        return action(index)

    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


class Stack(unittest.TestCase):
    """One database and one bookd for a class of tests; each test brings keys of its own."""

    @classmethod
    def setUpClass(cls):
        cls.hash = password_hash()
        cls.database = MariaDb()
        cls.addClassCleanup(cls.database.remove)
        cls.database.start()
        cls.bookd = cls.new_bookd().start()

    @classmethod
    def new_bookd(cls) -> Bookd:
        made = Bookd(cls.database, cls.hash)
        cls.addClassCleanup(made.remove)
        return made

    def create(self, key: str, value: dict | None = None, headers: dict | None = None):
        return self.bookd.post_json(BOOKINGS, value or booking(), {"Idempotency-Key": key, **(headers or {})})

    def assert_problem(self, answer, status: int, code: str) -> dict:
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (status, "application/problem+json"),
                         answer.text)
        problem = answer.json
        self.assertEqual((problem["status"], problem["code"]), (status, code))
        for member in ("type", "title", "detail", "request_id"):
            self.assertTrue(problem[member], member)
        self.assertEqual(problem["request_id"], answer.headers["X-Request-ID"])
        return problem

    def login(self, bookd: Bookd | None = None, **changes):
        given = {"username": ADMIN, "password": ADMIN_PASSWORD, **changes}
        address = given.pop("address", "192.0.2.1")
        return (bookd or self.bookd).post_json(LOGIN, given, {"X-Forwarded-For": address})

    def session(self) -> dict:
        answer = self.login()
        self.assertEqual(answer.status, 200, answer.text)
        cookie = answer.headers["Set-Cookie"]
        for attribute in ("HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(attribute, cookie.split("; "))
        return {"Cookie": cookie.split(";")[0], "X-CSRF-Token": answer.json["csrf_token"]}
