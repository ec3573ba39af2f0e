#!/usr/bin/python3
"""A customer asks to be forgotten: what is personal goes from every table, and what the books need stays."""
import re
import unittest
import uuid

from support.booking_stack import SOON, Stack, at_once, booking, change
from support.pictures import PHOTO, multipart

CUSTOMERS = "/api/v1/admin/customers"
PHONE, SECOND = "010-8282-4545", "010-8282-4646"
NAME, ADDRESS, DETAIL, WORDS = "지워질이름", "지워질주소 77", "지워질동호수", "지워질증상"
NOTE, ITEM, ESTIMATE, REASON = "지워질메모", "지워질항목", "지워질설명", "지워질사유"
# What is stored in clear in one of these shows up.
TABLES = ("customer", "booking", "booking_event", "estimate", "estimate_item", "consent", "outbox", "audit_log")


class Erasure(Stack):
    def setUp(self):
        self.owner = self.session()

    def post(self, path: str, value: dict, key: str | None = None, session: dict | None = None):
        return self.bookd.post_json(path, value, {**(session or self.owner), "Idempotency-Key": key or str(uuid.uuid4())})

    def move(self, number: str, move: str, **words):
        answer = self.bookd.post_json(f"/api/v1/admin/bookings/{number}/{move}", words, change(self.owner))
        self.assertEqual(answer.status, 200, answer.text)

    def customer(self, phone: str) -> str:
        return self.bookd.post_json(CUSTOMERS + "/search", {"phone": phone}, self.owner).json["customers"][0]["id"]

    def with_photo(self, phone: str) -> str:
        key = re.search(r'name="key" value="([^"]+)"', self.bookd.get("/").text).group(1)
        form = {"step": "send", "key": key, "service": "leak", "description": WORDS, "address": ADDRESS, "address_detail": DETAIL,
                "name": NAME, "phone": phone, "date-0": SOON, "window-0": "any", "keep_photos": "yes"}
        sent = self.bookd.request("POST", "/request", *multipart(form, [PHOTO]))
        self.assertEqual(sent.status, 303, sent.text)
        return sent.headers["Location"].split("number=")[1]

    def columns(self, table: str) -> str:
        """Those that hold text, as a list for SELECT."""
        return self.database.query("SELECT GROUP_CONCAT(column_name) FROM information_schema.columns WHERE table_schema = "
                                   f"'bookd' AND table_name = '{table}' AND data_type IN ('char', 'varchar', 'text')").strip()

    def finished(self, phone: str) -> str:
        number = self.with_photo(phone)
        self.move(number, "quote", items=[{"text": ITEM, "amount": 70000}], note=ESTIMATE,
                  valid_until=f"{SOON}T23:00:00+09:00")
        return number

    def test_everything_personal_goes_and_the_sums_stay(self):
        done, refused = self.finished(PHONE), self.with_photo(SECOND)
        photo = self.bookd.get(f"/api/v1/admin/bookings/{done}", **self.owner).json["photos"][0]
        self.move(done, "approve", technician="지움", start=f"{SOON}T09:00:00+09:00", duration_minutes=60)
        self.move(done, "schedule")
        self.move(done, "complete")
        one, two = self.customer(PHONE), self.customer(SECOND)
        self.assertEqual(self.post(f"{CUSTOMERS}/{one}/merge", {"from": two}).status, 204)
        self.assertEqual(self.bookd.request("PATCH", f"{CUSTOMERS}/{one}", f'{{"note": "{NOTE}"}}', {
            "Content-Type": "application/json", "If-Match": "*", **self.owner}).status, 204)
        path = f"{CUSTOMERS}/{one}/erase"
        # The other number's request is still to be done.
        self.assert_problem(self.post(path, {"reason": "요청"}), 409, "open_bookings")
        self.assertEqual(self.bookd.get(photo, **self.owner).status, 200)
        self.move(refused, "reject", reason=REASON)
        self.assertEqual(self.post(path, {"reason": "고객 요청 (전화)"}, "erase-1").status, 204)
        self.assertEqual(self.post(path, {"reason": "고객 요청 (전화)"}, "erase-1").headers["Idempotency-Replayed"], "true")

        for number in (done, refused):
            seen = self.bookd.get(f"/api/v1/admin/bookings/{number}", **self.owner)
            self.assertEqual(seen.json["photos"], [])
            for secret in (NAME, ADDRESS, DETAIL, WORDS, ITEM, ESTIMATE, REASON, "010-8282"):
                self.assertNotIn(secret, seen.text)
            self.assertEqual(self.bookd.post_json("/api/v1/bookings/lookup", {"number": number, "phone": PHONE}).status, 404)
        kept = self.bookd.get(f"/api/v1/admin/bookings/{done}", **self.owner).json
        self.assertEqual((kept["status"], kept["estimate"]["total"], kept["visit"]["technician"]), ("done", 70000, "지움"))
        self.assertEqual(self.bookd.get(photo, **self.owner).status, 404)
        self.assertEqual(self.post(CUSTOMERS + "/search", {"phone": "4545"}).json["customers"], [])
        for table in TABLES:
            text = self.database.query(f"SELECT {self.columns(table)} FROM bookd.{table}")
            for secret in (NAME, ADDRESS, DETAIL, WORDS, NOTE, ITEM, ESTIMATE, "82824545", "82824646"):
                self.assertNotIn(secret, text, table)
        self.assertEqual(self.database.query("SELECT COUNT(*) FROM bookd.photo").strip(), "0")
        self.assertEqual(self.database.query("SELECT COUNT(*) FROM bookd.customer WHERE phone_last4 IN ('4545', '4646') "
                                             "OR phone_sealed IS NOT NULL OR note IS NOT NULL").strip(), "0")
        sealed = self.database.query("SELECT CONCAT_WS(',', description, address_sealed, reason) FROM bookd.booking")
        self.assertEqual(re.findall(r"[^,\s]", sealed.replace("NULL", "")), [])
        noted = self.bookd.get("/api/v1/admin/audit?limit=20", **self.owner).json["entries"]
        erased = [row for row in noted if row["action"] == "customer.erase"]
        self.assertEqual([(row["actor"], row["subject"], row["detail"]) for row in erased],
                         [("owner", one, "2 bookings: 고객 요청 (전화)")])
        # The number is a stranger's now, and may come back as one.
        self.assertEqual(self.create("after-erasure", booking(phone=PHONE, name="다시온손님")).status, 201)
        self.assertNotEqual(self.customer(PHONE), one)

    def test_what_is_still_to_be_done_is_called_off_in_the_same_step(self):
        phone = "010-8585-0001"
        open_one, planned, done = (self.create(f"open-{i}", booking(phone=phone, name=NAME)).json["number"] for i in range(3))
        self.move(planned, "approve", technician="파기", start=f"{SOON}T13:00:00+09:00", duration_minutes=60)
        self.move(done, "reject", reason=REASON)
        path = f"{CUSTOMERS}/{self.customer(phone)}/erase"
        # Each that is open has to be named: nobody calls off what was not seen.
        for named in ([], [open_one], [open_one, done]):
            self.assert_problem(self.post(path, {"reason": "고객 요청", "cancel": named}), 409, "open_bookings")
        self.assertEqual(self.bookd.get(f"/api/v1/admin/bookings/{planned}", **self.owner).json["status"], "approved")
        self.assert_problem(self.post(path, {"reason": "고객 요청", "cancel": ["nonsense"]}), 400, "invalid_fields")
        self.assertEqual(self.post(path, {"reason": "고객 요청", "cancel": [open_one, planned]}).status, 204)
        for number, status in ((open_one, "cancelled"), (planned, "cancelled"), (done, "rejected")):
            seen = self.bookd.get(f"/api/v1/admin/bookings/{number}", **self.owner)
            self.assertEqual((seen.json["status"], seen.json["phone"]), (status, "010-0000-0000"))
            self.assertNotIn("고객 요청", seen.text)
        self.assertEqual(self.database.query("SELECT COUNT(*) FROM bookd.slot_claim WHERE technician = '파기'").strip(), "0")
        # The hour is free again for somebody else.
        other = self.create("after-open", booking(phone="010-8585-0002")).json["number"]
        self.move(other, "approve", technician="파기", start=f"{SOON}T13:00:00+09:00", duration_minutes=60)
        noted = self.bookd.get("/api/v1/admin/audit?limit=30", **self.owner).json["entries"]
        cancelled = {row["subject"] for row in noted if row["action"] == "booking.cancel"}
        self.assertLessEqual({open_one.replace("-", ""), planned.replace("-", "")}, cancelled)

    def test_it_wants_an_owner_with_a_fresh_password_and_a_reason(self):
        self.assertEqual(self.create("erase-who", booking(phone="010-8383-0001")).status, 201)
        path = f"{CUSTOMERS}/{self.customer('010-8383-0001')}/erase"
        for reason in ("", "  ", "가" * 501):
            self.assert_problem(self.post(path, {"reason": reason}), 400, "invalid_fields")
        self.assert_problem(self.post(f"{CUSTOMERS}/{'0' * 32}/erase", {"reason": "x"}), 404, "customer_not_found")
        self.assert_problem(self.post(path, {"reason": "x"}, session={"Cookie": self.owner["Cookie"]}), 403,
                            "csrf_token_wrong")
        made = self.post("/api/v1/admin/accounts", {"username": "helper", "password": "a long password", "role": "staff"})
        self.assertEqual(made.status, 201, made.text)
        logged = self.login(username="helper", password="a long password")
        staff = {"Cookie": logged.headers["Set-Cookie"].split(";")[0], "X-CSRF-Token": logged.json["csrf_token"]}
        self.assert_problem(self.post(path, {"reason": "x"}, session=staff), 403, "owner_required")
        self.database.query("UPDATE bookd.admin_session SET verified_us = 0")
        self.assert_problem(self.post(path, {"reason": "x"}), 403, "password_required")

    def test_who_books_while_being_erased_keeps_the_new_booking(self):
        phone = "010-8484-0001"
        for round_ in range(5):
            made = self.create(f"race-{round_}", booking(phone=phone))
            self.assertEqual(made.status, 201, made.text)
            self.move(made.json["number"], "reject", reason="시험")
            path = f"{CUSTOMERS}/{self.customer(phone)}/erase"
            answers = at_once(2, lambda i: self.post(path, {"reason": "시험"}) if i == 0
                              else self.create(f"race-{round_}-again", booking(phone=phone)))
            self.assertIn(answers[0].status, (204, 409))
            self.assertEqual(answers[1].status, 201, answers[1].text)
            number = answers[1].json["number"]
            found = self.bookd.post_json("/api/v1/bookings/lookup", {"number": number, "phone": phone})
            self.assertEqual(found.status, 200, found.text)
            self.move(number, "reject", reason="시험")


if __name__ == "__main__":
    unittest.main(verbosity=2)
