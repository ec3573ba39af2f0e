#!/usr/bin/python3
"""What staff is shown and writes over: nobody overwrites what they have not seen. And what else the office is told of a guest."""
import datetime
import hashlib
import json
import re
import unittest

from support.booking_stack import BOOKINGS, SOON, Stack, at_once, booking, change

ADMIN = "/api/v1/admin"
CUSTOMERS, ACCOUNTS, TECHNICIANS = f"{ADMIN}/customers", f"{ADMIN}/accounts", f"{ADMIN}/technicians"
MANY = 10
NIGHT = "밤기사"


class Shown(Stack):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nodes = (cls.bookd, cls.new_bookd().start())
        cls.count = 0

    def setUp(self):
        self.owner = self.session()

    def new(self, **changes) -> str:
        type(self).count += 1
        made = self.create(f"shown-{self.count}", booking(**changes))
        self.assertEqual(made.status, 201, made.text)
        return made.json["number"]

    def customer(self, phone: str) -> dict:
        return self.bookd.post_json(f"{CUSTOMERS}/search", {"phone": phone}, self.owner).json["customers"][0]

    def write(self, method: str, path: str, value: dict, version: int | None, node: int = 0):
        headers = change(self.owner, version)
        return self.nodes[node].request(method, path, json.dumps(value), {"Content-Type": "application/json", **headers})

    def assert_one_is_first(self, method: str, path: str, version: int, value_of) -> int:
        """Of many who saw the same on two nodes one writes, the others are told; which one it was."""
        answers = at_once(MANY, lambda i: self.write(method, path, value_of(i), version, i % 2))
        self.assertEqual(sorted(answer.status for answer in answers), [204] + [412] * (MANY - 1))
        for answer in answers:
            if answer.status == 412:
                self.assert_problem(answer, 412, "stale_version")
        return next(i for i, answer in enumerate(answers) if answer.status == 204)

    def assert_wants_a_version(self, method: str, path: str, value: dict) -> None:
        bare = {"Content-Type": "application/json", **self.owner}
        self.assert_problem(self.bookd.request(method, path, json.dumps(value), bare), 428, "precondition_required")
        for tag in ('"v1"', 'W/"v1"', '"somebody"', '"v99999999999999999999"'):
            answer = self.bookd.request(method, path, json.dumps(value), {**bare, "If-Match": tag})
            self.assert_problem(answer, 412, "stale_version")

    def test_a_customers_note_is_written_over_by_who_has_read_it(self):
        self.new(phone="010-4141-0001")
        path = f"{CUSTOMERS}/{self.customer('010-4141-0001')['id']}"
        self.assert_wants_a_version("PATCH", path, {"note": "x"})
        read = self.bookd.get(path, **self.owner)
        version = read.json["version"]
        self.assertEqual(read.headers["ETag"], f'"v{version}"')
        self.assertEqual(self.customer("010-4141-0001")["version"], version)
        first = self.assert_one_is_first("PATCH", path, version, lambda i: {"note": f"메모 {i}"})
        after = self.bookd.get(path, **self.owner).json
        self.assertEqual(after["note"], f"메모 {first}")
        # With what is there now it goes on, and is told what it is afterwards.
        again = self.write("PATCH", path, {"blocked": True}, after["version"])
        self.assertEqual(again.status, 204, again.text)
        self.assertEqual(again.headers["ETag"], self.bookd.get(path, **self.owner).headers["ETag"])
        self.assert_problem(self.write("PATCH", f"{CUSTOMERS}/{'0' * 32}", {"note": "x"}, None), 404, "customer_not_found")

    def test_an_account_is_changed_by_who_has_seen_it(self):
        for name, role in (("stays", "owner"), ("seen", "staff")):
            made = self.bookd.post_json(ACCOUNTS, {"username": name, "password": "a quite long password", "role": role},
                                        change(self.owner))
            self.assertEqual(made.status, 201, made.text)
        path = f"{ACCOUNTS}/seen"
        self.assert_wants_a_version("PATCH", path, {"disabled": True})
        # What the two change is not the same: neither loses the other's.
        changes = ({"role": "owner"}, {"disabled": True})
        answers = at_once(2, lambda i: self.write("PATCH", path, changes[i], made.json["version"], i))
        self.assertEqual(sorted(answer.status for answer in answers), [204, 412])
        first = [answer.status for answer in answers].index(204)
        row = next(row for row in self.bookd.get(ACCOUNTS, **self.owner).json["accounts"] if row["username"] == "seen")
        self.assertEqual((row["role"], row["disabled"]), (("owner", False), ("staff", True))[first])
        self.assertEqual(answers[first].headers["ETag"], f'"v{row["version"]}"')
        # Sent again by whoever got no answer, it is told that it is so.
        again = self.write("PATCH", path, changes[first], made.json["version"])
        self.assertEqual((again.status, again.headers["ETag"]), (204, answers[first].headers["ETag"]))
        # What a change tells is what the next one is made for, without a look in between.
        back = self.write("PATCH", path, {"role": "staff", "disabled": False}, row["version"])
        self.assertEqual(back.status, 204, back.text)
        next_one = int(back.headers["ETag"].strip('"v'))
        self.assertEqual(self.write("PATCH", path, {"disabled": True}, next_one).status, 204)
        noted = self.bookd.get(f"{ADMIN}/audit?limit=50", **self.owner).json["entries"]
        self.assertEqual(len([one for one in noted if (one["action"], one["subject"]) == ("account.change", "seen")]), 3)

    def test_technicians_are_set_by_who_has_seen_who_there_is(self):
        self.assert_wants_a_version("PUT", TECHNICIANS, {"technicians": [{"name": "새기사"}]})
        read = self.bookd.get(TECHNICIANS, **self.owner)
        self.assertEqual(read.headers["ETag"], f'"v{read.json["version"]}"')
        first = self.assert_one_is_first("PUT", TECHNICIANS, read.json["version"],
                                         lambda i: {"technicians": [{"name": f"기사 {i}"}]})
        after = self.bookd.get(TECHNICIANS, **self.owner).json
        self.assertEqual(after["technicians"], [{"name": f"기사 {first}"}])
        kept = self.write("PUT", TECHNICIANS, {"technicians": after["technicians"]}, after["version"])
        self.assertEqual((kept.status, kept.headers["ETag"]), (204, f'"v{after["version"]}"'))

    def test_a_visit_over_midnight_is_in_both_days(self):
        number = self.new(phone="010-4141-0002")
        start = f"{SOON}T22:00:00+09:00"
        planned = self.bookd.post_json(f"{ADMIN}/bookings/{number}/approve", {
            "technician": NIGHT, "start": start, "duration_minutes": 240, "anyway": True}, change(self.owner))
        self.assertEqual(planned.status, 200, planned.text)
        day = datetime.date.fromisoformat(SOON)

        def numbers_of(date: datetime.date) -> list:
            path = f"{ADMIN}/calendar?from={date}T00:00:00%2B09:00&to={date + datetime.timedelta(days=1)}T00:00:00%2B09:00"
            return [row["number"] for row in self.bookd.get(path, **self.owner).json["visits"]]

        self.assertIn(number, numbers_of(day))
        self.assertIn(number, numbers_of(day + datetime.timedelta(days=1)))
        self.assertNotIn(number, numbers_of(day + datetime.timedelta(days=2)))
        self.assertNotIn(number, numbers_of(day - datetime.timedelta(days=1)))

    def test_the_list_tells_of_whom_the_shop_has_blocked(self):
        number = self.new(phone="010-4141-0003")

        def blocked() -> bool:
            rows = self.bookd.get(f"{ADMIN}/bookings?limit=50", **self.owner).json["bookings"]
            return next(row["blocked"] for row in rows if row["number"] == number)

        self.assertFalse(blocked())
        customer = self.customer("010-4141-0003")
        self.assertEqual(self.write("PATCH", f"{CUSTOMERS}/{customer['id']}", {"blocked": True}, customer["version"]).status, 204)
        self.assertTrue(blocked())

    def test_a_consent_is_shown_in_the_words_it_was_given_to(self):
        page = self.bookd.get("/", Cookie="lang=en").text
        sentence = re.search(r'name="marketing" value="yes"><span>([^<]+)</span>', page).group(1)
        form = {"step": "send", "key": re.search(r'name="key" value="([^"]+)"', page).group(1), "service": "leak",
                "description": "샙니다", "address": "서울 1", "name": "동의손님", "phone": "010-4141-0004", "marketing": "yes"}
        sent = self.bookd.post_form("/request", form, {"Cookie": "lang=en"})
        self.assertEqual(sent.status, 303, sent.text)
        number = sent.headers["Location"].split("number=")[1]
        consents = self.bookd.get(f"{ADMIN}/bookings/{number}", **self.owner).json["consents"]
        self.assertEqual([(one["kind"], one["text"], one["text_sha256"]) for one in consents],
                         [("marketing", sentence, hashlib.sha256(sentence.encode()).hexdigest())])
        path = f"{CUSTOMERS}/{self.customer('010-4141-0004')['id']}"
        self.assertEqual(self.bookd.get(path, **self.owner).json["consents"], [{**consents[0], "number": number}])
        # They outlive the words of the booking: that they were given is to be shown afterwards, too.
        self.assertEqual(self.bookd.post_json(f"{path}/erase", {"reason": "요청", "cancel": [number]},
                                              change(self.owner)).status, 204)
        self.assertEqual(self.bookd.get(f"{ADMIN}/bookings/{number}", **self.owner).json["consents"], consents)

    def test_an_address_has_two_parts_and_old_ones_have_one(self):
        number = self.new(phone="010-4141-0005", address="서울 마포구 월드컵로 1", address_detail="101동 202호")
        old = self.new(phone="010-4141-0005", address="서울 종로구 1, 101호")

        def parts(which: str) -> tuple:
            read = self.bookd.get(f"{ADMIN}/bookings/{which}", **self.owner).json
            return read["address"], read["address_detail"]

        self.assertEqual(parts(number), ("서울 마포구 월드컵로 1", "101동 202호"))
        self.assertEqual(parts(old), ("서울 종로구 1, 101호", ""))

        def mend(**words) -> None:
            answer = self.bookd.post_json(f"{BOOKINGS}/{number}/change", {"phone": "010-4141-0005", **words}, change({}))
            self.assertEqual(answer.status, 200, answer.text)

        mend(address_detail="103동 1호")
        self.assertEqual(parts(number), ("서울 마포구 월드컵로 1", "103동 1호"))
        mend(address="서울 중구 세종대로 110")  # another building: the flat was of the old one
        self.assertEqual(parts(number), ("서울 중구 세종대로 110", ""))
        problem = self.assert_problem(self.create("long-detail", booking(address_detail="x" * 101)), 400, "invalid_fields")
        self.assertEqual([error["pointer"] for error in problem["errors"]], ["/address_detail"])
        self.assertNotIn("호", self.database.query("SELECT CONCAT_WS(' ', address, address_detail_sealed) FROM bookd.booking"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
