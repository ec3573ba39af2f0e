#!/usr/bin/python3
"""A guest's moves through bookd's API: estimate accepted and declined, change, cancel, the fields that make them safe."""
import datetime
import unittest

from support.booking_stack import BOOKINGS, LOOKUP, OTHER_PHONE, PHONE, SOON, Stack, booking, change


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

    def test_a_move_is_made_once_and_told_again_by_every_bookd(self):
        number = self.create("move-2").json["number"]
        first = self.move(number, "cancel", "once", reason="r")
        again = self.move(number, "cancel", "once", bookd=self.new_bookd().start(), reason="r")
        self.assertEqual((again.status, again.body), (200, first.body))
        self.assertEqual(again.headers["Idempotency-Replayed"], "true")
        self.assert_problem(self.move(number, "cancel", "once", reason="x"), 422, "idempotency_key_reused")

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
        seoul = datetime.timezone(datetime.timedelta(hours=9))
        now = datetime.datetime.now(seoul).replace(second=0, microsecond=0)
        return (now + datetime.timedelta(minutes=60 - now.minute % 30)).isoformat()


if __name__ == "__main__":
    unittest.main(verbosity=2)
