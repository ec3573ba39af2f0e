#!/usr/bin/python3
"""Every operation of app/api/openapi.yaml with requests that a seeded generator makes of it, right ones and broken ones: no answer
is a server's fault, none has a status that the contract does not name, each is what its schema says.

usage: booking_contract_test.py [--seed N] [--requests N]   one seed instead of the fixed ones; requests of an operation and seed
"""
import json
import random
import sys
import unittest
import uuid

from support.bookd import wait_until
from support.booking_stack import SOON, Stack, booking
from support.bounds import bounds, put
from support.contract import contract
from support.request_maker import Maker
from support.right_requests import RightRequests

SEEDS = (1, 20261201, 987654321)
REQUESTS = 8  # of each operation and seed
# Its kept bounds end the session that asks, and so does a fresh one that needs no old password.
ENDS_SESSIONS = {"changePassword"}
# Held against more than its own bound: with a time beside it, the half of the day is that of the time. And no time is none.
MORE_IS_ASKED = [("/preferred/0/window", "morning"), ("/preferred/0/window", "afternoon"), ("/preferred/0/time", "")]
PHONE = "010-7777-1000"
METHODS = ("get", "post", "put", "patch", "delete")
OF_THE_DOOR = {413, 431}  # what a request brings upon itself before an operation is asked


def under(pointer: str, upper: str) -> bool:
    """Whether it points at the upper one or into it; /address_detail is not in /address."""
    return pointer == upper or pointer.startswith(upper + "/")


class Made(Stack):
    seeds, requests = SEEDS, REQUESTS

    @classmethod
    def new_bookd(cls):
        """One that guesses do not lock, since a generator guesses all the time."""
        made = super().new_bookd()
        with open(made.config, "a", encoding="utf-8") as file:
            file.write("guests: {guard: {free_by_address: 10000, free_by_phone: 1000}}\n")
        return made

    def open_as_usual(self) -> None:
        """The generator sets hours as well, and then nobody can book."""
        self.database.query("DELETE FROM bookd.calendar_rules; DELETE FROM bookd.calendar_weekday; DELETE FROM bookd.calendar_day")
        wait_until(lambda: SOON in self.bookd.get("/api/v1/windows").text, 10, "guests are offered the usual days")

    def known(self) -> dict:
        """Things that are there, for the holes of paths."""
        right = RightRequests(self)
        other = right.addAccount().json["username"]
        self.open_as_usual()
        numbers = [self.create(f"made-{uuid.uuid4()}", booking(phone=PHONE)).json["number"] for _ in range(4)]
        for index in range(3):
            self.create(f"made-{uuid.uuid4()}", booking(phone=f"010-7777-200{index}"))
        found = self.bookd.post_json("/api/v1/admin/customers/search", {"phone": ""}, right.owner)
        ids = [row["id"] for row in found.json["customers"]]
        return {"number": numbers, "id": ids, "from": ids, "merge": ids, "username": ["helper", other, "a.b-c_d"],
                "month": ["2026-12", "2026-13"], "technician": ["김기사", "a"], "phone": [PHONE]}

    def guesser(self) -> dict:
        """A session of an account of its own: guessed passwords lock whose they are, and the owner must not be locked."""
        return RightRequests(self).account()

    def operations(self):
        for path, item in sorted(contract().document["paths"].items()):
            for method in METHODS:
                if method in item:
                    yield method.upper(), path, item[method], item.get("parameters", [])

    def check(self, request, operation: dict) -> int:
        answer = self.bookd.request(request.method, request.path, request.body, {
            **request.headers, "X-Forwarded-For": f"198.51.100.{random.randint(1, 250)}"})
        self.assertLess(answer.status, 500, f"{request}\n{answer.text[:500]}")
        documented = {int(status) for status in operation["responses"]} | OF_THE_DOOR
        self.assertIn(answer.status, documented, f"{request}\n{answer.text[:500]}")
        if request.broken:
            self.assertGreaterEqual(answer.status, 400, f"{request}\n{answer.text[:500]}")
        return answer.status

    def test_made_requests_are_answered_as_the_contract_says(self):
        seeds = [*self.seeds, random.SystemRandom().getrandbits(32)]
        print("seeds:", *seeds, flush=True)
        known = self.known()
        taken = set()
        for seed in seeds:
            maker = Maker(contract(), seed, known)
            session = self.guesser()
            for method, path, operation, shared in self.operations():
                for index in range(self.requests):
                    with self.subTest(seed=seed, operation=operation["operationId"], request=index):
                        request = maker.make(method, path, operation, shared, session)
                        if self.check(request, operation) < 400:
                            taken.add(operation["operationId"])
                            if operation["operationId"] in ("logout", "revokeSession", *ENDS_SESSIONS):
                                session = self.guesser()
        names = {operation["operationId"] for _, _, operation, _ in self.operations()}
        print(f"gone through by the generator: {len(taken)} of {len(names)} operations", flush=True)
        # A generator whose every request is refused checks little: most operations are also gone through, and all that need
        # something in the right state are asked for with that.
        self.assertGreater(len(taken), len(names) // 2, sorted(names - taken))
        self.open_as_usual()
        right = RightRequests(self)
        for name in right.operations():
            with self.subTest(right=name):
                answer = getattr(right, name)()
                self.assertLess(answer.status, 400, answer.body[:500])
                taken.add(name)
        self.assertEqual(sorted(names - taken), [])
        self.assertEqual(self.bookd.process.poll(), None)
        self.assertNotIn('"level":"error"', self.bookd.log())

    def test_every_bound_of_the_contract_is_bookds(self):
        """One value of an otherwise right request is broken, and is what the refusal points at; one that just keeps the bound is
        not pointed at."""
        seed, tried = random.SystemRandom().getrandbits(32), 0
        print("seed:", seed, flush=True)
        maker, session = Maker(contract(), seed, self.known()), self.guesser()
        maker.whole = True
        for method, path, operation, shared in self.operations():
            name = operation["operationId"]
            schema = contract().resolve(operation.get("requestBody", {})).get("content", {}).get("application/json", {}).get("schema")
            asking = self.guesser() if name in ENDS_SESSIONS else session
            for bound in bounds(contract(), schema or {}):
                for value, broken in [*((one, True) for one in bound.broken), *((one, False) for one in bound.kept)]:
                    if (bound.pointer, value) in MORE_IS_ASKED or (name in ENDS_SESSIONS and not broken):
                        continue
                    with self.subTest(operation=name, bound=str(bound), value=str(value)[:40], seed=seed):
                        request = maker.right(method, path, operation, shared, asking)
                        body = put(contract(), maker.value, schema, maker.value(schema), bound, value)
                        request.body = json.dumps(body).encode("utf-8", "surrogatepass")
                        answer = self.bookd.request(request.method, request.path, request.body, {
                            **request.headers, "X-Forwarded-For": f"198.51.100.{random.randint(1, 250)}"})
                        tried += 1
                        faults = answer.json.get("errors", ()) if answer.status == 400 else ()
                        # Of hours that are none it is said that the hours are, and not which.
                        pointed = any(under(fault["pointer"], bound.pointer) or
                                      broken and fault["pointer"] and under(bound.pointer, fault["pointer"]) for fault in faults)
                        self.assertEqual(pointed, broken, f"{request}\n{answer.status} {answer.text[:500]}")
        print(f"{tried} values at bounds", flush=True)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    while len(arguments) >= 2 and arguments[0] in ("--seed", "--requests"):
        if arguments[0] == "--seed":
            Made.seeds = (int(arguments[1]),)
        else:
            Made.requests = int(arguments[1])
        arguments = arguments[2:]
    unittest.main(argv=[sys.argv[0], *arguments], verbosity=2)
