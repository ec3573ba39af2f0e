#!/usr/bin/python3
"""Every operation of app/api/openapi.yaml with requests that a seeded generator makes of it, right ones and broken ones: no answer
is a server's fault, none has a status that the contract does not name, each is what its schema says.

usage: booking_contract_test.py [--seed N] [--requests N]   one seed instead of the fixed ones; requests of an operation and seed
"""
import random
import sys
import unittest

from support.booking_stack import Stack, booking
from support.contract import contract
from support.request_maker import Maker

SEEDS = (1, 20261201, 987654321)
REQUESTS = 8  # of each operation and seed
# Those end the session that asks, or close an account's doors for what comes after.
LEFT_OUT = {"logout", "revokeSession"}
METHODS = ("get", "post", "put", "patch", "delete")
OF_THE_DOOR = {413, 431}  # what a request brings upon itself before an operation is asked


class Made(Stack):
    seeds, requests = SEEDS, REQUESTS

    def known(self) -> dict:
        """Things that are there, for the holes of paths."""
        session = self.session()
        numbers = [self.create(f"made-{i}", booking(phone=f"010-7777-100{i}")).json["number"] for i in range(4)]
        found = self.bookd.post_json("/api/v1/admin/customers/search", {"phone": ""}, session)
        ids = [row["id"] for row in found.json["customers"]]
        return {"number": numbers, "id": ids, "from": ids, "merge": ids, "username": ["helper", "owner", "a.b-c_d"],
                "month": ["2026-12", "2026-13"], "technician": ["김기사", "a"]}

    def operations(self):
        for path, item in sorted(contract().document["paths"].items()):
            for method in METHODS:
                if method in item and item[method]["operationId"] not in LEFT_OUT:
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
            session = self.session()
            for method, path, operation, shared in self.operations():
                for index in range(self.requests):
                    with self.subTest(seed=seed, operation=operation["operationId"], request=index):
                        request = maker.make(method, path, operation, shared, session)
                        if self.check(request, operation) < 400:
                            taken.add(operation["operationId"])
        # A generator whose every request is refused checks little: most operations are also gone through.
        names = {operation["operationId"] for _, _, operation, _ in self.operations()}
        print(f"gone through: {len(taken)} of {len(names)} operations", flush=True)
        self.assertGreater(len(taken), len(names) // 2, sorted(names - taken))
        self.assertEqual(self.bookd.process.poll(), None)
        self.assertNotIn('"level":"error"', self.bookd.log())


if __name__ == "__main__":
    arguments = sys.argv[1:]
    while len(arguments) >= 2 and arguments[0] in ("--seed", "--requests"):
        if arguments[0] == "--seed":
            Made.seeds = (int(arguments[1]),)
        else:
            Made.requests = int(arguments[1])
        arguments = arguments[2:]
    unittest.main(argv=[sys.argv[0], *arguments], verbosity=2)
