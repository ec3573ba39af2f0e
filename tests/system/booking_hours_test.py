#!/usr/bin/python3
"""When the shop works: what its owner sets on one node holds on both, for guests and for who plans visits."""
import datetime
import html
import json
import re
import unittest

from support.bookd import wait_until
from support.booking_stack import BOOKINGS, SOON, Stack, at_once, booking, change
from support.working_days import working_day

HOURS = "/api/v1/admin/opening-hours"
WINDOWS = "/api/v1/windows"
GUESTS_SECONDS = 15  # by then every node tells guests of a change; two seconds on an idle machine
STAFF_PASSWORD = "a quite long password"


def after(day: str, days: int) -> str:
    return (datetime.date.fromisoformat(day) + datetime.timedelta(days=days)).isoformat()


class Hours(Stack):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.new_bookd().start()
        cls.count = 0

    def setUp(self):
        self.owner = self.session()
        usual = self.read().json
        self.put({"week": USUAL_WEEK, "closed": [], "openings": [], "rests_on_holidays": True, "lead_minutes": 120,
                  "horizon_days": 180, "travel_minutes": 30}, usual["version"])

    def read(self, bookd=None):
        return (bookd or self.bookd).get(HOURS, **self.owner)

    def send(self, body: dict, tag: str | None, session: dict | None = None, bookd=None):
        headers = {"Content-Type": "application/json", **(session or self.owner)}
        if tag:
            headers["If-Match"] = tag
        return (bookd or self.bookd).request("PUT", HOURS, json.dumps(body), headers)

    def put(self, body: dict, version: int) -> None:
        answer = self.send(body, f'"v{version}"')
        self.assertEqual(answer.status, 204, answer.text)

    def set(self, **changes) -> None:
        read = self.read().json
        self.put({**draft_of(read), **changes}, read["version"])

    def new(self, **changes) -> str:
        type(self).count += 1
        made = self.create(f"hours-{self.count}", booking(preferred=[], **changes))
        self.assertEqual(made.status, 201, made.text)
        return made.json["number"]

    def approve(self, number: str, start: str, technician: str, headers=None, bookd=None, **more):
        visit = {"technician": technician, "start": f"{start}:00+09:00", "duration_minutes": 60, **more}
        return (bookd or self.bookd).post_json(f"/api/v1/admin/bookings/{number}/approve", visit,
                                               headers or change(self.owner))

    def days(self, bookd=None) -> dict:
        return {row["date"]: row for row in (bookd or self.bookd).get(WINDOWS).json["days"]}

    def wish(self, bookd, key: str, day: str, **when):
        return bookd.post_json(BOOKINGS, booking(preferred=[{"date": day, **when}]), {"Idempotency-Key": key})


USUAL_WEEK = [{"day": day, "open": {"from": "09:00", "to": "18:00"}, "lunch": {"from": "12:00", "to": "13:00"}}
              for day in ("monday", "tuesday", "wednesday", "thursday", "friday")] + [
                  {"day": "saturday", "open": {"from": "09:00", "to": "13:00"}}]


def draft_of(read: dict) -> dict:
    return {key: value for key, value in read.items() if key not in ("version", "holidays")}


class Editor(Hours):
    def test_the_hours_are_read_with_a_version_and_the_holidays_ahead(self):
        answer = self.read()
        self.assertEqual(answer.headers["ETag"], f'"v{answer.json["version"]}"')
        self.assertEqual(answer.json["week"], USUAL_WEEK)
        self.assertIn("성탄절", [row["name"] for row in answer.json["holidays"]])
        self.assert_problem(self.bookd.get(HOURS), 401, "session_required")

    def test_a_change_wants_an_owner_a_token_and_the_version_that_was_read(self):
        read = self.read().json
        body, tag = draft_of(read), f'"v{read["version"]}"'
        self.assert_problem(self.send(body, None), 428, "precondition_required")
        self.assert_problem(self.send(body, tag, {"Cookie": self.owner["Cookie"]}), 403, "csrf_token_wrong")
        made = self.bookd.post_json("/api/v1/admin/accounts", {"username": "helper", "password": STAFF_PASSWORD,
                                                               "role": "staff"}, change(self.owner))
        self.assertEqual(made.status, 201, made.text)
        logged = self.login(username="helper", password=STAFF_PASSWORD)
        staff = {"Cookie": logged.headers["Set-Cookie"].split(";")[0], "X-CSRF-Token": logged.json["csrf_token"]}
        self.assertEqual(self.bookd.get(HOURS, **staff).status, 200)
        self.assert_problem(self.send(body, tag, staff), 403, "owner_required")
        self.set(travel_minutes=60)
        self.assert_problem(self.send(body, tag), 412, "stale_version")
        self.assertEqual(self.send(body, "*").status, 204)

    def test_two_owners_who_save_at_once_do_not_both_win(self):
        read = self.read().json
        answers = at_once(2, lambda i: self.send({**draft_of(read), "travel_minutes": 90 + 30 * i},
                                                 f'"v{read["version"]}"', bookd=(self.bookd, self.other)[i]))
        self.assertEqual(sorted(answer.status for answer in answers), [204, 412])
        self.assertEqual(self.read().json["version"], read["version"] + 1)
        self.assertEqual(self.read().json, self.read(self.other).json)

    def test_all_that_is_wrong_is_told_with_its_place(self):
        body = {**draft_of(self.read().json), "travel_minutes": 20, "closed": ["2026-02-30"],
                "week": [{"day": "monday", "open": {"from": "18:00", "to": "09:00"}}]}
        problem = self.assert_problem(self.send(body, "*"), 400, "invalid_fields")
        self.assertEqual({error["pointer"] for error in problem["errors"]},
                         {"/week/0/open", "/closed/0", "/travel_minutes"})

    def test_the_audit_log_says_what_changed_and_who_did_it(self):
        self.set(closed=[after(SOON, 7)], lead_minutes=240)
        entry = self.bookd.get("/api/v1/admin/audit?limit=1", **self.owner).json["entries"][0]
        self.assertEqual((entry["action"], entry["actor"]), ("calendar.set", "owner"))
        self.assertEqual(entry["detail"], f"{after(SOON, 7)} usual -> closed; lead minutes 120 -> 240")
        version = self.read().json["version"]
        self.set()  # the same once more is no change
        self.assertEqual(self.read().json["version"], version)


class Guests(Hours):
    def test_guests_can_wish_for_what_is_worked_on_every_node(self):
        closed = working_day(datetime.date.fromisoformat(SOON) + datetime.timedelta(days=1)).isoformat()
        sunday = next(day for day in (after(SOON, ahead) for ahead in range(7))
                      if datetime.date.fromisoformat(day).weekday() == 6)
        self.assertIn(closed, self.days())
        self.assertNotIn(sunday, self.days())
        self.assert_problem(self.wish(self.bookd, "sunday-0", sunday), 400, "invalid_fields")
        self.set(closed=[closed], openings=[{"date": sunday, "open": {"from": "13:00", "to": "16:00"}}])
        for index, bookd in enumerate((self.bookd, self.other)):
            days = wait_until(lambda: sunday in (found := self.days(bookd)) and found, GUESTS_SECONDS, "the new days")
            self.assertEqual(days[sunday], {"date": sunday, "morning": False, "afternoon": True,
                                            "times": ["13:00", "13:30", "14:00", "14:30", "15:00", "15:30"]})
            self.assertNotIn(closed, days)
            problem = self.assert_problem(self.wish(bookd, f"closed-{index}", closed), 400, "invalid_fields")
            self.assertEqual([(error["pointer"], error["code"]) for error in problem["errors"]],
                             [("/preferred/0/date", "closed")])
            problem = self.assert_problem(self.wish(bookd, f"morning-{index}", sunday, window="morning"), 400, "invalid_fields")
            self.assertEqual(problem["errors"][0]["code"], "outside_hours")
            self.assertEqual(self.wish(bookd, f"sunday-{index + 1}", sunday).status, 201)
            self.assertEqual(self.wish(bookd, f"sunday-at-{index}", sunday, time="15:30").status, 201)
            problem = self.assert_problem(self.wish(bookd, f"sunday-late-{index}", sunday, time="16:00"), 400, "invalid_fields")
            self.assertEqual([(error["pointer"], error["code"]) for error in problem["errors"]],
                             [("/preferred/0/time", "outside_hours")])

    def test_a_time_that_is_not_worked_is_refused_in_both_languages(self):
        times = wait_until(lambda: SOON in (found := self.days()) and found[SOON]["times"], GUESTS_SECONDS, "the usual hours")
        self.assertEqual((times[0], times[-1], "11:30" in times, "12:00" in times), ("09:00", "17:30", True, False))
        for time, code, korean, english in (("12:30", "lunch", "점심시간", "lunch"), ("18:00", "outside_hours", "그 시각에는", "at that time"),
                                            ("14:10", "invalid", "30분 단위", "half past")):
            with self.subTest(time=time):
                problem = self.assert_problem(self.wish(self.bookd, f"time-{time}", SOON, time=time), 400, "invalid_fields")
                error, = problem["errors"]
                self.assertEqual((error["pointer"], error["code"]), ("/preferred/0/time", code))
                self.assertIn(korean, error["detail_ko"])
                self.assertIn(english, error["detail"])
        wrong = self.assert_problem(self.wish(self.bookd, "half", SOON, window="morning", time="14:00"), 400, "invalid_fields")
        self.assertEqual(wrong["errors"][0]["pointer"], "/preferred/0/window")

    def test_the_page_says_when_the_shop_comes_and_refuses_other_days(self):
        sunday = next(day for day in (after(SOON, ahead) for ahead in range(7))
                      if datetime.date.fromisoformat(day).weekday() == 6)
        # The test before may have set other hours a moment ago.
        page = wait_until(lambda: re.search(f'data-rest="[^"]*{sunday}', text := self.bookd.get("/").text) and text,
                          GUESTS_SECONDS, "the usual hours")
        self.assertIn("월–금 09:00–18:00, 토 09:00–13:00", page)
        self.assertIn("쉬는 날: 일, 공휴일", page)
        form = {"step": "review", "service": "leak", "description": "샙니다", "address": "서울 1", "name": "홍길동",
                "phone": "010-1234-5678", "date-0": sunday, "window-0": "any"}
        refused = self.bookd.post_form("/request", form)
        self.assertEqual(refused.status, 400)
        self.assertIn("그날은 쉽니다", refused.text)
        self.assertIn('href="#date-0"', refused.text)
        number = self.new()
        for day, window in ((sunday, "any"), (SOON, "12:30")):
            moved = self.bookd.post_form("/manage/change", {"number": number, "phone": "010-1234-5678", "version": "1",
                                                            "key": "page-change", "date-0": day, "window-0": window})
            self.assertEqual(moved.status, 400)
            self.assertIn("고르신 날이나 시간에는 방문하지 않습니다", html.unescape(moved.text))


class Planning(Hours):
    def test_a_visit_outside_of_the_hours_wants_a_word(self):
        number = self.new()
        for start, misfit in ((f"{SOON}T12:00", "lunch"), (f"{SOON}T19:00", "outside_hours")):
            problem = self.assert_problem(self.approve(number, start, "밖"), 409, "off_calendar")
            self.assertEqual((problem["misfit"], len(problem["next_free"])), (misfit, 3))
        self.set(closed=[SOON])
        problem = self.assert_problem(self.approve(number, f"{SOON}T10:00", "밖", bookd=self.other), 409, "off_calendar")
        self.assertEqual(problem["misfit"], "closed")
        meant = self.approve(number, f"{SOON}T10:00", "밖", anyway=True)
        self.assertEqual(meant.status, 200, meant.text)
        noted = self.bookd.get("/api/v1/admin/audit?limit=1", **self.owner).json["entries"][0]
        self.assertIn("the calendar not asked", noted["detail"])
        # The visit stands: what is confirmed as it is, is not asked for again.
        confirmed = self.bookd.post_json(f"/api/v1/admin/bookings/{number}/schedule", {}, change(self.owner))
        self.assertEqual(confirmed.status, 200, confirmed.text)

    def test_an_answer_once_given_is_given_again_whatever_the_hours_are_now(self):
        number, headers = self.new(), change(self.owner)
        self.assertEqual(self.approve(number, f"{SOON}T14:00", "다시", headers).status, 200)
        self.set(closed=[SOON])
        again = self.approve(number, f"{SOON}T14:00", "다시", headers, self.other)
        self.assertEqual((again.status, again.headers["Idempotency-Replayed"]), (200, "true"), again.text)

    def test_the_way_to_the_next_visit_is_kept_free_as_it_is_set(self):
        self.set(travel_minutes=120)
        first, second = self.new(), self.new()
        self.assertEqual(self.approve(first, f"{SOON}T09:00", "먼길", bookd=self.other).status, 200)
        self.assert_problem(self.approve(second, f"{SOON}T11:00", "먼길"), 409, "slot_taken")
        self.set(travel_minutes=0)
        third = self.new()
        self.assertEqual(self.approve(second, f"{SOON}T13:00", "먼길").status, 200)
        self.assertEqual(self.approve(third, f"{SOON}T14:00", "먼길", bookd=self.other).status, 200)

    def test_free_times_and_the_plan_follow_at_once_on_the_other_node(self):
        self.set(week=[{"day": "sunday", "open": {"from": "10:00", "to": "11:00"}}], rests_on_holidays=False)
        query = f"technician=new&duration_minutes=60&from={SOON}T00:00:00%2B09:00"
        starts = self.other.get(f"/api/v1/admin/free-starts?{query}", **self.owner).json["starts"]
        self.assertTrue(starts)
        for start in starts:
            self.assertEqual((datetime.date.fromisoformat(start[:10]).weekday(), start[11:16]), (6, "10:00"))
        plan = self.other.get(f"/api/v1/admin/calendar?from={SOON}T00:00:00%2B09:00&to={SOON}T23:00:00%2B09:00",
                              **self.owner).json["days"]
        self.assertNotIn("open", plan[0])


if __name__ == "__main__":
    unittest.main(verbosity=2)
