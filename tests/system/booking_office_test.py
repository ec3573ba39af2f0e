#!/usr/bin/python3
"""What those who work on bookings do through the API: the inbox, the plan, customers, records, operations."""
import csv
import io
import json
import os
import re
import unittest

from support.bookd import REPOSITORY
from support.booking_stack import OTHER_PHONE, SOON, Stack, at_once, booking, change
from support.pictures import PHOTO, multipart
from support.working_days import now_in_the_shop

BOOKINGS = "/api/v1/admin/bookings"
CUSTOMERS = "/api/v1/admin/customers"


class Office(Stack):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.count = 0

    def setUp(self):
        self.owner = self.session()

    def new(self, **changes) -> str:
        type(self).count += 1
        made = self.create(f"office-{self.count}", booking(**changes))
        self.assertEqual(made.status, 201, made.text)
        return made.json["number"]

    def read(self, number: str):
        return self.bookd.get(f"{BOOKINGS}/{number}", **self.owner)

    def move(self, number: str, move: str, version: int | None = None, **words):
        return self.bookd.post_json(f"{BOOKINGS}/{number}/{move}", words, change(self.owner, version))

    def send(self, method: str, path: str, value=None, session: dict | None = None):
        return self.bookd.request(method, path, json.dumps(value if value is not None else {}),
                                  {"Content-Type": "application/json", **change(session or self.owner)})

    def visit(self, hour: int, technician: str = "김기사") -> dict:
        return {"technician": technician, "start": f"{SOON}T{hour:02}:00:00+09:00", "duration_minutes": 60}


class Inbox(Office):
    def test_a_request_goes_the_whole_way_and_its_story_is_told(self):
        number = self.new()
        self.assertEqual(self.read(number).json["moves"], ["quote", "approve", "reject", "cancel"])
        quoted = self.move(number, "quote", items=[{"text": "부품", "amount": 50000}, {"text": "할인", "amount": -5000}],
                           note="방문 후 확정", valid_until=f"{SOON}T23:59:00+09:00")
        self.assertEqual((quoted.status, quoted.json["estimate"]["total"]), (200, 45000), quoted.text)
        self.assertEqual(self.move(number, "approve", **self.visit(9, "여정")).status, 200)
        self.assertEqual(self.move(number, "schedule").status, 200)
        self.assertEqual(self.move(number, "reschedule", **self.visit(11, "여정"), notify=False).status, 200)
        done = self.move(number, "complete")
        self.assertEqual((done.status, done.json["status"]), (200, "done"), done.text)
        story = self.read(number)
        self.assertEqual(story.headers["ETag"], f'"v{done.json["version"]}"')
        self.assertEqual([event["move"] for event in story.json["events"]],
                         ["request", "quote", "approve", "schedule", "reschedule", "complete"])
        self.assertEqual({event["actor"] for event in story.json["events"][1:]}, {"owner"})
        self.assertEqual(story.json["moves"], [])
        self.assert_problem(self.move(number, "cancel", reason="늦음"), 409, "illegal_state")

    def test_a_change_names_the_version_it_was_made_for_and_is_made_once(self):
        number = self.new()
        path, words = f"{BOOKINGS}/{number}/reject", {"reason": "지역 밖"}
        bare = {key: value for key, value in change(self.owner).items() if key != "If-Match"}
        self.assert_problem(self.bookd.post_json(path, words, bare), 428, "precondition_required")
        self.assert_problem(self.bookd.post_json(path, words, {**self.owner, "If-Match": "*"}), 400,
                            "idempotency_key_missing")
        self.assert_problem(self.move(number, "reject", 7, **words), 412, "stale_version")
        self.assert_problem(self.move(number, "reject", 1, reason=" "), 400, "invalid_fields")
        headers = change(self.owner, 1)
        second = self.new_bookd().start()
        answers = [self.bookd.post_json(path, words, headers), second.post_json(path, words, headers)]
        self.assertEqual([answer.status for answer in answers], [200, 200], answers[1].text)
        self.assertEqual(answers[1].headers["Idempotency-Replayed"], "true")
        self.assertEqual(answers[0].json, answers[1].json)

    def test_two_who_decide_at_once_do_not_both_win(self):
        number = self.new()
        moves = [("reject", {"reason": "나"}), ("cancel", {"reason": "너"})]
        answers = at_once(2, lambda i: self.move(number, moves[i][0], 1, **moves[i][1]))
        self.assertEqual(sorted(answer.status for answer in answers), [200, 412])

    def test_the_list_tells_of_earlier_visits_from_the_same_number(self):
        numbers = [self.new(phone="010-7777-0001") for _ in range(3)]
        page = self.bookd.get(f"{BOOKINGS}?limit=50", **self.owner).json["bookings"]
        counts = {row["number"]: row["earlier_visits"] for row in page}
        self.assertEqual([counts[number] for number in numbers], [0, 1, 2])
        earlier = self.read(numbers[2]).json["earlier"]
        self.assertEqual([row["number"] for row in earlier], numbers[1::-1])

    def test_a_taken_time_is_refused_with_the_next_free_ones(self):
        first, second = self.new(), self.new()
        self.assertEqual(self.move(first, "approve", **self.visit(14, "바쁜")).status, 200)
        problem = self.assert_problem(self.move(second, "approve", **self.visit(14, "바쁜")), 409, "slot_taken")
        self.assertEqual(len(problem["next_free"]), 3)
        start = problem["next_free"][0]
        self.assertEqual(self.move(second, "approve", technician="바쁜", start=start, duration_minutes=60).status, 200)


class Photos(Office):
    def with_photos(self, photos: list[bytes], **changes) -> str:
        page = self.bookd.get("/").text
        form = {"step": "send", "key": re.search(r'name="key" value="([^"]+)"', page).group(1), "service": "leak",
                "description": "사진 있음", "address": "서울 1", "name": "사진손님", "phone": "010-6600-0001", **changes}
        sent = self.bookd.request("POST", "/request", *multipart(form, photos))
        self.assertEqual(sent.status, 303, sent.text)
        return sent.headers["Location"].split("number=")[1]

    def test_staff_sees_what_the_guest_photographed_and_nobody_else_does(self):
        number = self.with_photos([PHOTO, PHOTO])
        photos = self.read(number).json["photos"]
        self.assertEqual(len(photos), 2)
        answer = self.bookd.get(photos[0], **self.owner)
        self.assertEqual((answer.status, answer.headers["Content-Type"], answer.headers["X-Content-Type-Options"]),
                         (200, "image/jpeg", "nosniff"))
        self.assertIn("sandbox", answer.headers["Content-Security-Policy"])
        self.assertTrue(answer.headers["Cache-Control"].startswith("private"))
        self.assertTrue(answer.body.startswith(b"\xff\xd8") and b"GPS" not in answer.body)
        self.assert_problem(self.bookd.get(photos[0]), 401, "session_required")
        for missing in ("0" * 32, "x", photos[0].rsplit("/", 1)[1].upper() + "0"):
            self.assert_problem(self.bookd.get("/api/v1/admin/photos/" + missing, **self.owner), 404, "no_such_resource")
        self.assertEqual(self.read(self.new()).json["photos"], [])


class Plan(Office):
    def calendar(self, day: str = SOON):
        query = f"from={day}T00:00:00%2B09:00&to={day}T23:59:00%2B09:00"
        return self.bookd.get(f"/api/v1/admin/calendar?{query}", **self.owner)

    def test_the_calendar_has_visits_days_and_technicians(self):
        self.assertEqual(self.send("PUT", "/api/v1/admin/technicians",
                                   {"technicians": [{"name": "나기사"}, {"name": "가기사"}]}).status, 204)
        number = self.new()
        self.assertEqual(self.move(number, "approve", **self.visit(9, "손님기사")).status, 200)
        plan = self.calendar().json
        self.assertIn(number, [row["number"] for row in plan["visits"]])
        self.assertEqual(plan["technicians"][:2], ["나기사", "가기사"])
        self.assertIn("손님기사", plan["technicians"])
        self.assertEqual([day["date"] for day in plan["days"]], [SOON])
        new_year = self.calendar("2027-01-01").json["days"][0]
        self.assertEqual((new_year["holiday"], "open" in new_year), ("신정", False), new_year)
        for query in ("", "?from=x&to=y", "?from=2026-01-01T00:00:00Z&to=2026-12-01T00:00:00Z"):
            self.assert_problem(self.bookd.get("/api/v1/admin/calendar" + query, **self.owner), 400, "invalid_query")

    def test_the_feed_has_the_visits_behind_a_secret_that_can_be_changed(self):
        number = self.new(name="달력손님")
        self.assertEqual(self.move(number, "approve", **self.visit(16, "달력")).status, 200)
        first = self.send("POST", "/api/v1/admin/calendar-feed").json["path"]
        feed = self.bookd.get(first)
        self.assertEqual((feed.status, feed.headers["Content-Type"]), (200, "text/calendar; charset=utf-8"))
        unfolded = feed.text.replace("\r\n ", "")
        self.assertIn(f"UID:{number.replace('-', '')}@bookd", unfolded)
        self.assertIn("달력손님", unfolded)
        self.assertNotRegex(unfolded, r"010-?\d{4}-?\d{4}")
        second = self.send("POST", "/api/v1/admin/calendar-feed").json["path"]
        self.assertEqual([self.bookd.get(path).status for path in (first, second)], [404, 200])
        self.assertEqual(self.bookd.get("/calendar/" + "A" * 43 + "/visits.ics").status, 404)
        self.assertNotIn(second.split("/")[2], self.bookd.log())


class Customers(Office):
    def search(self, phone: str) -> list:
        answer = self.bookd.post_json(CUSTOMERS + "/search", {"phone": phone}, self.owner)
        self.assertEqual(answer.status, 200, answer.text)
        return answer.json["customers"]

    def test_a_customer_is_found_noted_and_blocked(self):
        self.new(phone="010-3333-9876", name="박손님")
        found = {row["id"] for row in self.search("9876")}
        for typed in ("010-3333-9876", "+82 10 3333 9876", "01033339876"):
            self.assertLessEqual({row["id"] for row in self.search(typed)}, found)
        self.assertEqual(self.search("0000"), [])
        self.assertEqual(self.search("nonsense"), [])
        one = self.search("010-3333-9876")[0]
        self.assertEqual((one["name"], one["bookings"], one["blocked"]), ("박손님", 1, False))
        self.assertEqual(self.send("PATCH", f"{CUSTOMERS}/{one['id']}", {"note": "개 조심", "blocked": True}).status, 204)
        seen = self.bookd.get(f"{CUSTOMERS}/{one['id']}", **self.owner).json
        self.assertEqual((seen["note"], seen["blocked"], len(seen["history"])), ("개 조심", True, 1))
        self.assert_problem(self.bookd.get(f"{CUSTOMERS}/{'0' * 32}", **self.owner), 404, "customer_not_found")

    def test_two_numbers_of_one_person_are_merged_and_parted_again(self):
        self.new(phone="010-4444-0001", name="이사람")
        last = self.new(phone="010-4444-0002", name="이사람")
        one, two = (self.search(f"010-4444-000{i}")[0]["id"] for i in (1, 2))
        merge = f"{CUSTOMERS}/{one}/merge"
        self.assert_problem(self.send("POST", merge, {"from": one}), 409, "same_customer")
        self.assertEqual(self.send("POST", merge, {"from": two}).status, 204)
        self.assert_problem(self.send("POST", merge, {"from": two}), 409, "merged_already")
        found = self.search("010-4444-0002")
        self.assertEqual([(row["id"], row["bookings"]) for row in found], [(one, 2)])
        self.assertEqual(len(self.read(last).json["earlier"]), 1)
        file = self.bookd.get(f"{CUSTOMERS}/{one}", **self.owner).json
        self.assertEqual([row["id"] for row in file["merges"]], [two])
        self.assertEqual(self.send("POST", f"{CUSTOMERS}/{one}/unmerge", {"merge": two}).status, 204)
        self.assertEqual([row["id"] for row in self.search("010-4444-0002")], [two])
        self.assertEqual(self.read(last).json["earlier"], [])

    def test_two_merges_in_opposite_directions_make_no_ring(self):
        for i in (1, 2):
            self.new(phone=f"010-5555-000{i}")
        ids = [self.search(f"010-5555-000{i}")[0]["id"] for i in (1, 2)]
        answers = at_once(2, lambda i: self.send("POST", f"{CUSTOMERS}/{ids[i]}/merge", {"from": ids[1 - i]}))
        self.assertEqual(sorted(answer.status for answer in answers), [204, 409])


class Records(Office):
    def test_a_months_bookings_leave_as_csv_with_a_reason_and_nothing_is_computed(self):
        self.new(name="=HYPERLINK(1)", address="서울, \"종로\"", phone=OTHER_PHONE)
        month = now_in_the_shop().strftime("%Y-%m")  # whose months the shop counts
        path = "/api/v1/admin/export"
        self.assert_problem(self.send("POST", path, {"month": month, "reason": ""}), 400, "invalid_fields")
        file = self.send("POST", path, {"month": month, "reason": "세무 신고"}).json
        self.assertTrue(file["csv"].startswith("\ufeff"))
        rows = list(csv.reader(io.StringIO(file["csv"][1:])))
        self.assertEqual(rows[0][:2], ["번호", "접수 시각"])
        self.assertIn("'=HYPERLINK(1)", {row[4] for row in rows})
        self.assertIn('서울, "종로"', {row[6] for row in rows})
        noted = self.bookd.get("/api/v1/admin/audit?limit=5", **self.owner).json["entries"]
        self.assertIn("세무 신고", next(row["detail"] for row in noted if row["action"] == "bookings.export"))
        self.database.query("UPDATE bookd.admin_session SET verified_us = 0")
        self.assert_problem(self.send("POST", path, {"month": month, "reason": "x"}), 403, "password_required")

    def test_who_of_the_staff_looks_at_a_booking_or_a_photo_is_noted(self):
        key = re.search(r'name="key" value="([^"]+)"', self.bookd.get("/").text).group(1)
        form = {"step": "send", "key": key, "service": "leak", "description": "사진", "address": "서울 1", "name": "사진손님",
                "phone": "010-6161-0001"}
        sent = self.bookd.request("POST", "/request", *multipart(form, [PHOTO, PHOTO]))
        self.assertEqual(sent.status, 303, sent.text)
        number = sent.headers["Location"].split("number=")[1]
        photos = self.read(number).json["photos"]
        self.assertEqual([self.bookd.get(photo, **self.owner).status for photo in photos], [200, 200])
        self.assertEqual(self.bookd.get(photos[0]).status, 401)
        guests = self.bookd.post_json("/api/v1/bookings/lookup", {"number": number, "phone": "010-6161-0001"}).json["photos"]
        self.assertEqual(self.bookd.get(guests[0]).status, 200)  # a guest looks at what is theirs: nobody notes it
        noted = self.bookd.get("/api/v1/admin/audit?limit=20", **self.owner).json["entries"]
        looks = [(row["action"], row["actor"]) for row in noted if row["subject"] == number.replace("-", "")]
        self.assertEqual(looks, [("photo.view", "owner"), ("photo.view", "owner"), ("booking.view", "owner")])

    def test_who_of_the_staff_looks_at_a_list_is_noted_once_while_it_stays_the_same(self):
        number = self.new(phone="010-6262-0001", name="목록손님")
        self.assertEqual(self.move(number, "approve", **self.visit(17, "목록")).status, 200)
        feed = self.send("POST", "/api/v1/admin/calendar-feed").json["path"]
        calendar = f"/api/v1/admin/calendar?from={SOON}T00:00:00%2B09:00&to={SOON}T23:00:00%2B09:00"
        staff = {"X-Forwarded-For": "198.51.100.44"}  # from where nobody of the other tests looks
        customer = None
        for _ in range(2):
            for path in (f"{BOOKINGS}?limit=3&status=approved", calendar, feed):
                self.assertEqual(self.bookd.get(path, **self.owner, **staff).status, 200)
            customer = self.bookd.post_json(CUSTOMERS + "/search", {"phone": "010-6262-0001"},
                                            {**self.owner, **staff}).json["customers"][0]["id"]
        noted = self.bookd.get("/api/v1/admin/audit?limit=50", **self.owner).json["entries"]
        looks = {row["action"]: row for row in noted if row["address"] == "198.51.100.44"}
        self.assertEqual(len([row for row in noted if row["address"] == "198.51.100.44"]), 4, noted)  # asked for twice
        name = number.replace("-", "")
        for action, actor, subject, whose in (("bookings.list", "owner", "approved", name), ("customers.list", "owner", "phone", customer),
                                              ("calendar.list", "owner", f"{SOON} {SOON}", name),
                                              ("feed.list", "calendar feed", "calendar", name)):
            row = looks[action]
            self.assertEqual((row["actor"], row["subject"]), (actor, subject))
            self.assertIn(whose, row["detail"].split(": ")[1].split())
        self.move(number, "cancel", reason="목록 시험")  # another list
        self.bookd.get(f"{BOOKINGS}?limit=3&status=cancelled", **self.owner, **staff)
        again = self.bookd.get("/api/v1/admin/audit?limit=1", **self.owner).json["entries"][0]
        self.assertEqual((again["action"], again["subject"]), ("bookings.list", "cancelled"))
        self.assertRegex(again["detail"], r"^\d+: .*" + name)

    def test_the_month_is_counted(self):
        before = self.bookd.get(f"/api/v1/admin/report?month={SOON[:7]}", **self.owner).json
        number = self.new(service="freeze")
        self.move(number, "quote", items=[{"text": "작업", "amount": 70000}], valid_until=f"{SOON}T23:00:00+09:00")
        self.move(number, "approve", **self.visit(9, "셈"))
        self.move(number, "schedule")
        self.move(number, "complete")
        after = self.bookd.get(f"/api/v1/admin/report?month={SOON[:7]}", **self.owner).json
        self.assertEqual((after["done"] - before["done"], after["revenue"] - before["revenue"]), (1, 70000))
        self.assertIn("freeze", {row["service"] for row in after["services"]})
        self.assert_problem(self.bookd.get("/api/v1/admin/report?month=2026-13", **self.owner), 400, "invalid_query")

    def test_the_audit_logs_chain_holds_until_somebody_touches_it(self):
        self.move(self.new(), "reject", reason="시험")
        verify = "/api/v1/admin/audit/verify"
        good = self.send("POST", verify).json
        self.assertIsNone(good["first_broken"])
        self.assertGreater(good["entries"], 1)
        one = self.bookd.get("/api/v1/admin/audit?limit=1", **self.owner).json["entries"][0]
        def touch(sequence, detail):
            self.database.query(f"UPDATE bookd.audit_log SET detail = '{detail}' WHERE sequence = {sequence}")
        touch(one["sequence"], "forged")
        self.assertEqual(self.send("POST", verify).json["first_broken"], one["sequence"])
        touch(one["sequence"], one["detail"])
        self.assertIsNone(self.send("POST", verify).json["first_broken"])

    def test_many_who_write_at_once_make_one_chain(self):
        numbers = [self.new() for _ in range(20)]
        second = self.new_bookd().start()
        nodes = (self.bookd, second)
        answers = at_once(20, lambda i: nodes[i % 2].post_json(f"{BOOKINGS}/{numbers[i]}/reject", {"reason": "동시"},
                                                               change(self.owner)))
        self.assertEqual({answer.status for answer in answers}, {200})
        self.assertIsNone(self.send("POST", "/api/v1/admin/audit/verify").json["first_broken"])

    def test_neither_log_nor_audit_holds_whom_it_is_about(self):
        number = self.new(name="숨은이름", phone="010-8765-4321", address="비밀로 7")
        self.move(number, "quote", items=[{"text": "x", "amount": 1}], valid_until=f"{SOON}T23:00:00+09:00")
        customer = self.bookd.post_json(CUSTOMERS + "/search", {"phone": "010-8765-4321"}, self.owner).json
        self.bookd.get(f"{CUSTOMERS}/{customer['customers'][0]['id']}", **self.owner)
        audit = self.database.query("SELECT CONCAT_WS(' ', actor, action, subject, detail) FROM bookd.audit_log")
        for text in (audit, self.bookd.log()):
            for secret in ("숨은이름", "비밀로"):
                self.assertNotIn(secret, text)
            self.assertNotRegex(text, "8765-?4321")


class Client(Office):
    def test_the_client_is_one_page_under_a_strict_policy_with_files_that_are_kept_for_good(self):
        page = self.bookd.get("/admin", **{"Accept-Encoding": "br, gzip"})
        self.assertEqual((page.status, page.headers["Content-Encoding"], page.headers["Cache-Control"]),
                         (200, "br", "no-cache"))
        self.assertNotIn("unsafe", page.headers["Content-Security-Policy"])
        plain = self.bookd.get("/admin/")
        self.assertIsNone(plain.headers["Content-Encoding"])
        self.assertNotRegex(plain.text, r"<style|style=|<script>|onclick")
        for path in re.findall(r'(?:src|href)="(/admin/assets/[^"]+)"', plain.text):
            asset = self.bookd.get(path)
            self.assertEqual((asset.status, "immutable" in asset.headers["Cache-Control"]), (200, True))
            again = self.bookd.get(path, **{"If-None-Match": asset.headers["ETag"]})
            self.assertEqual((again.status, again.body), (304, b""))
        self.assertEqual(self.bookd.get("/admin/assets/nothing.js").status, 404)

    def test_what_pages_of_the_release_before_ask_for_is_there_on_every_node_after_an_upgrade(self):
        folder = os.path.join(REPOSITORY, "app", "web", "dist", "previous")
        with open(os.path.join(folder, "RELEASE"), encoding="utf-8") as file:
            _, *paths = file.read().split()
        kept = set(os.listdir(folder))
        for kind in ("/admin/assets/index-", "/assets/style-", "/assets/guest-", "/fonts/"):
            self.assertTrue([path for path in paths if path.startswith(kind)], kind)
        self.assertTrue([path for path in paths if os.path.basename(path) in kept], "nothing changed since")
        for bookd in (self.bookd, self.new_bookd().start()):
            for path in paths:
                answer = bookd.get(path)
                self.assertEqual((answer.status, "immutable" in answer.headers["Cache-Control"]), (200, True), path)
                if os.path.basename(path) in kept:
                    with open(os.path.join(folder, os.path.basename(path)), "rb") as file:
                        self.assertEqual(answer.body, file.read(), path)
        # Of a release that nobody here knows: better than nothing, and not to be kept under that name.
        unknown = self.bookd.get("/assets/style-000000000000.css")
        self.assertEqual((unknown.status, unknown.headers["Cache-Control"]), (200, "no-store"))

    def test_operations_are_told_without_anything_else_running(self):
        told = self.bookd.get("/api/v1/admin/ops", **self.owner)
        self.assertEqual(told.status, 200, told.text)
        self.assertEqual(told.json["database"]["rows"][0]["role"], "primary")
        self.assertEqual((told.json["vip"]["health"], told.json["alerts"]["health"]), ("not_configured",) * 2)
        event = self.bookd.get("/api/v1/admin/ops/events", **self.owner)
        self.assertEqual(event.headers["Content-Type"], "text/event-stream")
        lines = dict(line.split(": ", 1) for line in event.text.splitlines() if ": " in line)
        self.assertEqual(json.loads(lines["data"])["overall"], "good")
        self.assert_problem(self.bookd.get("/api/v1/admin/ops/events"), 401, "session_required")


if __name__ == "__main__":
    unittest.main(verbosity=2)
