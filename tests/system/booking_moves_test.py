#!/usr/bin/python3
"""A guest's moves through bookd's API: estimate accepted and declined, change, cancel, the fields that make them safe."""
import datetime
import unittest

from support.booking_stack import BOOKINGS, LOOKUP, OTHER_PHONE, PHONE, SOON, Stack, booking, change
from support.working_days import now_in_the_shop


class GuestMoves(Stack):
    def look_up(self, number: str):
        return self.bookd.post_json(LOOKUP, {"number": number, "phone": PHONE})

    def move(self, number: str, what: str, key: str, tag: str | None = "*", phone: str = PHONE, bookd=None, **body):
        headers = {"Idempotency-Key": key, **({"If-Match": tag} if tag else {})}
        return (bookd or self.bookd).post_json(f"{BOOKINGS}/{number}/{what}", {"phone": phone, **body}, headers)

    def test_change_and_cancel_with_the_version_that_was_read(self):
        number = self.create("move-1").json["number"]
        found = self.look_up(number)
        self.assertEqual(found.json["moves"], ["change", "cancel"])
        tag = found.headers["ETag"]
        changed = self.move(number, "change", "c1", tag, address="부산 2", preferred=[{"date": SOON}])
        self.assertEqual((changed.status, changed.json["preferred"][0]["window"]), (200, "any"), changed.text)
        self.assert_problem(self.move(number, "change", "c2", tag, address="부산 3"), 412, "stale_version")
        cancelled = self.move(number, "cancel", "c3", changed.headers["ETag"], reason="다른 곳에 맡겼어요")
        self.assertEqual((cancelled.json["status"], cancelled.json["reason"]), ("cancelled", "다른 곳에 맡겼어요"))
        self.assertEqual([event["move"] for event in cancelled.json["events"]], ["request", "change", "cancel"])
        self.assert_problem(self.move(number, "cancel", "c4"), 409, "illegal_state")

    def test_a_time_is_wished_for_changed_and_told_to_guest_and_staff(self):
        number = self.create("timed", booking(preferred=[{"date": SOON, "time": "09:30"}, {"date": SOON, "window": "any"}])).json["number"]
        wishes = [{"date": SOON, "window": "morning", "time": "09:30"}, {"date": SOON, "window": "any"}]
        self.assertEqual(self.look_up(number).json["preferred"], wishes)
        # What is told is what can be sent again.
        changed = self.move(number, "change", "t1", preferred=[wishes[0], {"date": SOON, "time": "14:00"}])
        wishes[1] = {"date": SOON, "window": "afternoon", "time": "14:00"}
        self.assertEqual((changed.status, changed.json["preferred"]), (200, wishes), changed.text)
        again = self.move(number, "change", "t1", preferred=[wishes[0], {"date": SOON, "window": "afternoon", "time": "14:00"}])
        self.assertEqual((again.status, again.headers["Idempotency-Replayed"]), (200, "true"))
        self.assert_problem(self.move(number, "change", "t1", preferred=[wishes[0], {"date": SOON, "window": "afternoon"}]), 422,
                            "idempotency_key_reused")
        session = self.session()
        listed = self.bookd.get("/api/v1/admin/bookings?limit=100", **session).json["bookings"]
        for seen in (self.bookd.get(f"/api/v1/admin/bookings/{number}", **session).json,
                     next(row for row in listed if row["number"] == number)):
            self.assertEqual(seen["preferred"], wishes)

    def test_a_move_is_made_once_and_told_again_by_every_bookd(self):
        number = self.create("move-2").json["number"]
        first = self.move(number, "cancel", "once", reason="r")
        again = self.move(number, "cancel", "once", bookd=self.new_bookd().start(), reason="r")
        self.assertEqual((again.status, again.body), (200, first.body))
        self.assertEqual(again.headers["Idempotency-Replayed"], "true")
        self.assert_problem(self.move(number, "cancel", "once", reason="x"), 422, "idempotency_key_reused")

    def test_a_guest_is_called_by_another_name_and_at_another_number(self):
        old, new = "010-4100-0001", "010-4100-0002"
        self.create("neighbour", booking(phone=new, name="이웃"))  # who has the number has a customer's row
        number = self.create("contact", booking(phone=old)).json["number"]
        made = self.move(number, "change", "contact-1", phone=old, name="김하늘", new_phone=new)
        self.assertEqual(made.status, 200, made.text)
        again = self.move(number, "change", "contact-1", phone=old, bookd=self.new_bookd().start(), name="김하늘", new_phone=new)
        self.assertEqual((again.status, again.body, again.headers["Idempotency-Replayed"]), (200, made.body, "true"))
        # The old number is nobody's any more, but for the answer to what changed it.
        self.assert_problem(self.move(number, "change", "contact-2", phone=old, name="x", new_phone=new), 404, "booking_not_found")
        self.assert_problem(self.move(number, "cancel", "contact-3", phone=old), 404, "booking_not_found")
        for phone, status in ((old, 404), (new, 200)):
            self.assertEqual(self.bookd.post_json(LOOKUP, {"number": number, "phone": phone}).status, status)
        session = self.session()
        kept = self.bookd.get(f"/api/v1/admin/bookings/{number}", **session).json
        self.assertEqual((kept["name"], kept["phone"], len(kept["earlier"])), ("김하늘", new, 1), kept)
        entry = next(row for row in self.bookd.get("/api/v1/admin/audit?limit=100", **session).json["entries"]
                     if row["action"] == "booking.change" and row["subject"] == number.replace("-", ""))
        self.assertEqual((entry["actor"], entry["detail"]), ("guest", "requested -> requested, name, phone"))

    def test_a_name_and_a_number_are_the_guests_until_a_visit_is_promised(self):
        number = self.create("contact-late", booking(phone="010-4100-0003")).json["number"]
        for value, pointer in (({"new_phone": "12"}, "/new_phone"), ({"name": ""}, "/name")):
            refused = self.move(number, "change", "contact-bad", phone="010-4100-0003", **value)
            problem = self.assert_problem(refused, 400, "invalid_fields")
            self.assertEqual([error["pointer"] for error in problem["errors"]], [pointer])
        approved = self.bookd.post_json(f"/api/v1/admin/bookings/{number}/approve", {
            "technician": "정기사", "start": f"{SOON}T10:00:00+09:00", "duration_minutes": 60, "anyway": True},
            change(self.session()))
        self.assertEqual(approved.status, 200, approved.text)
        for value in ({"new_phone": "010-4100-0004"}, {"name": "늦은이름"}):
            self.assert_problem(self.move(number, "change", "contact-4", phone="010-4100-0003", **value), 409, "illegal_state")

    def test_what_a_move_needs(self):
        number = self.create("move-3").json["number"]
        self.assert_problem(self.move(number, "cancel", "n1", None), 428, "precondition_required")
        self.assert_problem(self.move(number, "cancel", "n1", "v1"), 412, "stale_version")
        self.assert_problem(self.move(number, "cancel", ""), 400, "idempotency_key_missing")
        for phone in (OTHER_PHONE, "nonsense"):
            self.assert_problem(self.move(number, "cancel", "n2", phone=phone), 404, "booking_not_found")
        self.assert_problem(self.move("000-000-000", "cancel", "n3"), 404, "booking_not_found")
        self.assert_problem(self.move(number, "cancel", "n4", reason="x" * 501), 400, "invalid_fields")
        self.assert_problem(self.move(number, "change", "n5"), 400, "invalid_fields")
        self.assert_problem(self.move(number, "accept", "n6"), 409, "illegal_state")
        self.assertEqual(self.look_up(number).json["status"], "requested")

    def test_a_problem_speaks_the_language_that_is_asked_for(self):
        answer = self.bookd.post_json(LOOKUP, {"number": "000-000-000", "phone": PHONE},
                                      {"Accept-Language": "ko-KR,ko;q=0.9,en;q=0.8"})
        self.assertEqual((answer.json["detail"], answer.headers["Content-Language"]),
                         ("일치하는 신청을 찾지 못했습니다.", "ko"))
        answer = self.bookd.post_json(LOOKUP, {"number": "000-000-000", "phone": PHONE},
                                      {"Accept-Language": "en, ko;q=0.5"})
        self.assertEqual(answer.headers["Content-Language"], "en")

    def test_nearer_than_the_cut_off_a_guest_is_told_to_call(self):
        number = self.create("move-4", booking()).json["number"]
        session = self.session()
        visit = {"technician": "컷오프", "start": self.soon(), "duration_minutes": 30, "anyway": True}
        approved = self.bookd.post_json(f"/api/v1/admin/bookings/{number}/approve", visit, change(session))
        self.assertEqual(approved.status, 200, approved.text)
        self.assertEqual(self.look_up(number).json["moves"], [])
        self.assert_problem(self.move(number, "cancel", "late"), 409, "too_late")

    @staticmethod
    def soon() -> str:
        """The half hour after the next, in Seoul."""
        now = now_in_the_shop().replace(second=0, microsecond=0)
        return (now + datetime.timedelta(minutes=60 - now.minute % 30)).isoformat()


if __name__ == "__main__":
    unittest.main(verbosity=2)
