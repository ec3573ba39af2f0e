"""The judge of the security checklist: how hostile octets of a client, or of an endpoint, are to be met.

Judged are: the status and whether the connection ends; what the endpoint, or the client, got to see; that it was
counted, once, with its reason; and that another client, who has been there all along, notices nothing."""

import itertools
import unittest

from .checklist import ANSWERS, REQUESTS
from .hostile_requests import BODY_LIMIT
from .lbd_process import Lbd
from .origin import Origin, answer
from .wire import Client, ask, get, post

TURNS = itertools.count()


class ChecklistCase(unittest.TestCase):
    """One lbd, an endpoint that echoes, and a bystander: a client with a connection of its own."""

    @classmethod
    def setUpClass(cls):
        cls.origin = Origin()
        cls.addClassCleanup(cls.origin.stop)
        cls.admins = Origin()
        cls.addClassCleanup(cls.admins.stop)
        cls.lbd = Lbd([cls.origin.name], limits={"body": f"{BODY_LIMIT}B"}, timeouts={"head": "5s", "body": "5s"},
                      upstreams=[{"name": name, "endpoints": [origin.name], "check": {"enabled": False},
                                  "timeouts": {"first_byte": "5s", "between_bytes": "5s"}}
                                 for name, origin in (("origins", cls.origin), ("admins", cls.admins))],
                      routes=[{"path": "/admin", "upstream": "admins"}, {"path": "/", "upstream": "origins"}])
        cls.addClassCleanup(cls.lbd.close)
        cls.bystander = Client(cls.lbd.address)
        cls.addClassCleanup(cls.bystander.close)

    def setUp(self):
        self.answer_well()

    def answer_well(self):
        for origin in (self.origin, self.admins):
            origin.clear()
            origin.on_head = None
            origin.script = lambda request, connection: answer(request.body or request.target.encode())

    def check_bystander(self):
        """His request and his answer are what they always were, and nothing comes with them."""
        self.answer_well()
        path = f"/bystander/{next(TURNS)}"
        said = self.bystander.send(post(b"mine", "Field: untouched", path=path)).response()
        self.assertEqual((said.status, said.body, said.closes, self.bystander.reader.held), (200, b"mine", False, b""))
        self.assertEqual([(r.line, r.field("Field"), r.body) for r in self.origin.whole],
                         [(f"POST {path} HTTP/1.1", "untouched", b"mine")])
        self.assertEqual(self.origin.malformed, [])

    def counted(self, before: dict[str, int]) -> dict[str, int]:
        """The reasons counted since `before`."""
        now = self.lbd.refused()
        return {reason: count - before.get(reason, 0) for reason, count in now.items() if count > before.get(reason, 0)}

    def check_requests(self, number: int):
        for name, row in REQUESTS[number].items():
            with self.subTest(request=name):
                self.origin.clear()
                before = self.lbd.refused()
                with Client(self.lbd.address) as client:
                    said = client.send_what_is_taken(row.octets).response()
                    self.assertIn(said.status, row.statuses)
                    self.assertEqual(said.field("Content-Type"), "application/problem+json")
                    self.assertTrue(said.closes)
                    self.assertTrue(client.is_closed(), "something came after a refusal")
                counted = self.counted(before)
                self.assertEqual(sum(counted.values()), 1, counted)
                self.assertIn(*counted, row.reasons)
                if row.may_begin:
                    self.assertEqual(self.origin.whole, [])
                    self.assertNotIn("/smuggled", [request.target for request in self.origin.requests])
                else:
                    self.assertEqual(self.origin.requests, [])
                self.check_bystander()

    def check_answers(self, number: int):
        for name, octets in ANSWERS[number].items():
            with self.subTest(answer=name):
                self.origin.clear()
                ends = number in (22, 23)  # elsewhere lbd must see it from what has come, without waiting

                def script(request, connection, octets=octets, ends=ends):
                    if ends:
                        connection.close()
                    connection.send(octets)
                self.origin.script = script
                before = self.lbd.refused()
                with Client(self.lbd.address) as client:
                    said = client.send(get("/hostile")).final_response()
                    if said.status == 502:
                        self.assertEqual(said.field("Content-Type"), "application/problem+json")
                        self.assertFalse(said.closes, "the client was not to blame")
                    else:
                        self.assertEqual((said.status, said.complete), (200, False), "it looks whole")
                        self.assertTrue(client.is_closed())
                        self.assertIn(number, (6, 7, 8, 22, 23), "its head should have been enough")
                    self.assertEqual(len(self.origin.requests), 1, "asked again after an answer had begun")
                    used = self.origin.requests[0].connection
                    counted = self.counted(before)
                    self.assertEqual(sum(counted.values()), 1, counted)
                    self.assertIn(*counted, ("bad_answer", "answer_cut"))
                    self.check_bystander()
                    self.assertNotEqual(self.origin.requests[0].connection, used, "the connection was used again")
                    if said.status == 502:
                        self.assertEqual(client.send(get("/after")).response().body, b"/after")

    def seen(self, octets: bytes, method: str = "GET"):
        """The one request that the endpoint gets to see of `octets`."""
        self.answer_well()
        said = ask(self.lbd.address, octets, method)
        self.assertEqual((said.status, self.origin.malformed), (200, []))
        self.assertEqual(len(self.origin.whole), 1, self.origin.requests)
        return self.origin.whole[0]
