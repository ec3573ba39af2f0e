#!/usr/bin/python3
"""bookd in front of a MariaDB of its own: the API's contract, races, the database's death, leaving."""
import datetime
import re
import signal
import socket
import time
import unittest

from support.bookd import ADMIN, ADMIN_PASSWORD, wait_until
from support.booking_stack import BOOKINGS, LOGIN, LOOKUP, MANY, OTHER_PHONE, PHONE, SOON, Stack, at_once, booking, change


class GuestApi(Stack):
    def test_a_booking_is_made_once_and_told_again(self):
        first = self.create("once")
        self.assertEqual(first.status, 201, first.text)
        self.assertIn(first.json["number"], first.headers["Location"])
        self.assertEqual(first.json["status"], "requested")
        self.assertTrue(datetime.datetime.fromisoformat(first.json["created_at"]).tzinfo)
        self.assertIsNone(first.headers["Idempotency-Replayed"])
        again = self.create("once")
        self.assertEqual((again.status, again.body), (201, first.body))
        self.assertEqual(again.headers["Idempotency-Replayed"], "true")

    def test_a_key_belongs_to_one_request(self):
        self.assertEqual(self.create("owned").status, 201)
        self.assert_problem(self.create("owned", booking(name="김철수")), 422, "idempotency_key_reused")

    def test_without_a_usable_key_nothing_is_made(self):
        before = self.database.query("SELECT COUNT(*) FROM bookd.booking")
        self.assert_problem(self.bookd.post_json(BOOKINGS, booking()), 400, "idempotency_key_missing")
        for key in ("", "a b", "x" * 129):
            self.assert_problem(self.create(key), 400, "idempotency_key_missing")
        self.assertEqual(self.database.query("SELECT COUNT(*) FROM bookd.booking"), before)

    def test_fifty_at_once_with_one_key_make_one_booking(self):
        before = int(self.database.query("SELECT COUNT(*) FROM bookd.booking"))
        answers = at_once(MANY, lambda _: self.create("race"))
        self.assertLessEqual({answer.status for answer in answers}, {201, 409})
        made = [answer for answer in answers if answer.status == 201]
        self.assertEqual(len({answer.json["number"] for answer in made}), 1)
        self.assertEqual(sum(answer.headers["Idempotency-Replayed"] is None for answer in made), 1)
        for answer in answers:
            if answer.status == 409:
                self.assertTrue(answer.headers["Retry-After"])
        self.assertEqual(int(self.database.query("SELECT COUNT(*) FROM bookd.booking")), before + 1)

    def test_the_fields_at_fault_are_named(self):
        problem = self.assert_problem(self.create("faulty", booking(phone="1", service="x", name=" ")), 400,
                                      "invalid_fields")
        self.assertEqual({error["pointer"] for error in problem["errors"]}, {"/phone", "/service", "/name"})
        problem = self.assert_problem(self.create("unknown", booking(extra=1)), 400, "invalid_fields")
        self.assertEqual(problem["errors"][0]["pointer"], "/extra")

    def test_bodies_that_are_no_json_are_refused(self):
        for body, status, code, kind in ((b"{", 400, "invalid_json", "application/json"),
                                         (b'{"name":1,"name":2}', 400, "duplicate_key", "application/json"),
                                         (b"[" * 5000, 400, "invalid_json", "application/json"),
                                         (b"{}", 415, "json_expected", "text/plain")):
            answer = self.bookd.request("POST", BOOKINGS, body, {"Content-Type": kind, "Idempotency-Key": "bad"})
            self.assert_problem(answer, status, code)

    def test_a_booking_is_found_by_number_and_phone(self):
        number = self.create("lookup").json["number"]
        for written in (number, number.replace("-", "").lower()):
            found = self.bookd.post_json(LOOKUP, {"number": written, "phone": "+82 10 1234 5678"})
            self.assertEqual((found.status, found.json["number"], found.json["service"]), (200, number, "leak"))
            self.assertNotIn("홍길동", found.text)

    def test_a_wrong_phone_is_told_the_same_as_a_wrong_number(self):
        number = self.create("private").json["number"]
        wanted = ((number, OTHER_PHONE), ("000-000-000", PHONE), ("nonsense", PHONE), (number, "nonsense"))
        answers = [self.bookd.post_json(LOOKUP, {"number": given, "phone": phone}) for given, phone in wanted]
        for answer in answers:
            self.assert_problem(answer, 404, "booking_not_found")
        said = {re.sub(r'"request_id":"[^"]*"', "", answer.text) for answer in answers}
        self.assertEqual(len(said), 1)

    def test_paths_and_methods_that_are_not_there(self):
        self.assert_problem(self.bookd.get("/api/v1/nothing"), 404, "no_such_resource")
        answer = self.bookd.request("DELETE", BOOKINGS)
        self.assert_problem(answer, 405, "method_not_allowed")
        self.assertEqual(answer.headers["Allow"], "POST")
        head = self.bookd.request("HEAD", "/")
        self.assertEqual((head.status, head.body), (200, b""))
        self.assertGreater(int(head.headers["Content-Length"]), 1000)

    def test_a_request_keeps_its_id(self):
        self.assertEqual(self.bookd.get("/livez", **{"X-Request-ID": "abc-1"}).headers["X-Request-ID"], "abc-1")
        self.assertNotEqual(self.bookd.get("/livez", **{"X-Request-ID": 'a"b'}).headers["X-Request-ID"], 'a"b')

    def test_logs_and_metrics_carry_no_personal_data(self):
        number = self.create("quiet", booking(name="유일한이름", phone="010-5555-1234")).json["number"]
        self.bookd.post_json(LOOKUP, {"number": number, "phone": "010-5555-1234"})
        text = self.bookd.log() + self.bookd.request("GET", "/metrics", port=self.bookd.admin_port).text
        self.assertIn("010-****-1234", text)
        for secret in ("유일한이름", "종로구", "부엌"):
            self.assertNotIn(secret, text)
        self.assertNotRegex(text, "5555-?1234")  # four digits alone stand in many a time stamp
        self.assertGreaterEqual(self.bookd.metric('bookd_bookings_total{event="requested"}'), 1)
        self.assertGreaterEqual(self.bookd.metric('bookd_lookup_attempts_total{result="found"}'), 1)


class AdminApi(Stack):
    def approve(self, session: dict, number: str, **changes):
        visit = {"technician": "김기사", "start": f"{SOON}T10:00:00+09:00", "duration_minutes": 90, **changes}
        return self.bookd.post_json(f"/api/v1/admin/bookings/{number}/approve", visit, change(session))

    def test_only_a_session_sees_bookings(self):
        self.assert_problem(self.bookd.get("/api/v1/admin/bookings"), 401, "session_required")
        self.assert_problem(self.bookd.get("/api/v1/admin/bookings", Cookie="session=" + "A" * 43), 401,
                            "session_required")

    def test_the_list_goes_page_by_page(self):
        made = [self.create(f"page-{i}", booking(service="freeze")).json["number"] for i in range(5)]
        session = self.session()
        seen, cursor = [], ""
        for _ in range(100):
            page = self.bookd.get(f"/api/v1/admin/bookings?status=requested&limit=2{cursor}", **session).json
            seen += [row["number"] for row in page["bookings"]]
            if not page["next_cursor"]:
                break
            cursor = "&cursor=" + page["next_cursor"]
        self.assertEqual(len(seen), len(set(seen)))
        self.assertLessEqual(set(made), set(seen))
        for query in ("limit=0", "limit=x", "status=x", "cursor=x"):
            self.assert_problem(self.bookd.get("/api/v1/admin/bookings?" + query, **session), 400, "invalid_query")

    def test_approving_needs_the_csrf_token(self):
        number = self.create("csrf").json["number"]
        session = self.session()
        del session["X-CSRF-Token"]
        self.assert_problem(self.approve(session, number), 403, "csrf_token_wrong")
        session["X-CSRF-Token"] = "A" * 43
        self.assert_problem(self.approve(session, number), 403, "csrf_token_wrong")

    def test_an_approved_booking_shows_its_visit_and_is_not_approved_again(self):
        number = self.create("approve").json["number"]
        session = self.session()
        answer = self.approve(session, number, technician="이기사")
        self.assertEqual((answer.status, answer.json["status"]), (200, "approved"), answer.text)
        self.assertEqual(answer.json["visit"]["technician"], "이기사")
        self.assert_problem(self.approve(session, number, technician="박기사"), 409, "illegal_state")
        self.assert_problem(self.approve(session, "000-000-000"), 404, "booking_not_found")
        found = self.bookd.post_json(LOOKUP, {"number": number, "phone": PHONE}).json
        self.assertEqual((found["status"], found["visit"]["start"]), ("approved", f"{SOON}T10:00:00+09:00"))

    def test_fifty_overlapping_approvals_at_once_give_the_time_to_one(self):
        numbers = [self.create(f"slot-{i}").json["number"] for i in range(MANY)]
        session = self.session()
        starts = (f"{SOON}T13:00:00+09:00", f"{SOON}T13:30:00+09:00", f"{SOON}T14:00:00+09:00")
        answers = at_once(MANY, lambda i: self.approve(session, numbers[i], technician="최기사", start=starts[i % 3]))
        statuses = sorted(answer.status for answer in answers)
        self.assertEqual(statuses, [200] + [409] * (MANY - 1))
        for answer in answers:
            if answer.status == 409:
                self.assert_problem(answer, 409, "slot_taken")
        self.assertEqual(self.database.query("SELECT COUNT(*) FROM bookd.slot_claim WHERE technician = '최기사'"),
                         "4")  # its own three half hours, and one to get to the next
        self.assertEqual(self.bookd.metric("bookd_slot_conflicts_total"), MANY - 1)

    def test_a_session_is_known_to_every_bookd_and_ends_with_its_logout(self):
        session = self.session()
        second = self.new_bookd().start()
        self.assertEqual(second.get("/api/v1/admin/bookings", **session).status, 200)
        self.assertEqual(second.request("POST", "/api/v1/admin/logout", "", session).status, 204)
        self.assert_problem(self.bookd.get("/api/v1/admin/bookings", **session), 401, "session_required")

    def test_wrong_passwords_lock_the_account_for_a_while_on_every_bookd(self):
        self.assert_problem(self.login(username="nobody", address="192.0.2.7"), 401, "wrong_credentials")
        locked = None
        for i in range(8):
            answer = self.login(username="victim", password="wrong", address=f"192.0.2.{10 + i}")
            if answer.status == 429:
                locked = answer
                break
            self.assert_problem(answer, 401, "wrong_credentials")
        self.assertIsNotNone(locked)
        self.assert_problem(locked, 429, "login_locked")
        wait = int(locked.headers["Retry-After"])
        self.assertGreaterEqual(wait, 1)
        # The right password does not open a locked door either, and the other account is not locked.
        self.assert_problem(self.login(username="victim", address="192.0.2.40"), 429, "login_locked")
        self.assertEqual(self.login(address="192.0.2.41").status, 200)
        opened = wait_until(lambda: self.login(username="victim", address="192.0.2.42").status == 200, wait + 5,
                            "the lock opens by itself")
        self.assertTrue(opened)

    def test_a_name_that_is_locked_is_no_sign_of_an_account(self):
        codes = [self.login(username="no-such-account", password="wrong", address=f"192.0.2.{50 + i}").json["code"]
                 for i in range(8)]
        self.assertEqual(codes[:5], ["wrong_credentials"] * 5)
        self.assertIn("login_locked", codes[5:])
        self.assertEqual(self.database.query("SELECT COUNT(*) FROM bookd.login_failure WHERE subject LIKE '%such%'"), "0")

    def test_a_secure_cookie_when_the_guest_came_by_https(self):
        answer = self.bookd.post_json(LOGIN, {"username": ADMIN, "password": ADMIN_PASSWORD},
                                      {"X-Forwarded-For": "192.0.2.99", "X-Forwarded-Proto": "https"})
        self.assertIn("Secure", answer.headers["Set-Cookie"].split("; "))


class Outage(Stack):
    def test_a_dead_database_is_said_and_survived(self):
        self.assertEqual(self.create("before").status, 201)
        self.database.kill()
        wait_until(lambda: self.bookd.get("/readyz").status == 503, 5, "not ready")
        self.assertTrue(self.bookd.get("/readyz").json["reasons"])
        self.assertEqual(self.bookd.get("/livez").status, 200)
        answer = self.create("during")
        self.assertEqual(answer.status, 503)
        self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
        page = self.bookd.post_form("/lookup", {"number": "000-000-000", "phone": PHONE}, {"Accept": "text/html"})
        self.assertEqual((page.status, page.headers["Content-Type"]), (503, "text/html; charset=utf-8"))
        self.assertEqual(self.bookd.get("/").status, 200)
        self.database.start()
        wait_until(lambda: self.bookd.answers("/readyz"), 10, "ready again")
        self.assertEqual(self.create("during").status, 201)
        self.assertEqual(self.create("before").headers["Idempotency-Replayed"], "true")

    def test_a_frozen_database_costs_no_request_more_than_its_deadline(self):
        self.database.process.send_signal(signal.SIGSTOP)
        try:
            begun = time.monotonic()
            answers = at_once(20, lambda i: self.create(f"frozen-{i}"))
            self.assertEqual({answer.status for answer in answers}, {503})
            self.assertLess(time.monotonic() - begun, 8)
            self.assertEqual(self.bookd.get("/livez").status, 200)
        finally:
            self.database.process.send_signal(signal.SIGCONT)
        wait_until(lambda: self.bookd.answers("/readyz"), 15, "ready again")
        for i in range(20):
            wait_until(lambda key=f"frozen-{i}": self.create(key).status == 201, 10, "made at last")


class Leaving(Stack):
    def test_a_leaving_bookd_says_so_and_answers_what_it_has(self):
        idle = socket.create_connection(("127.0.0.1", self.bookd.port), timeout=5)
        self.addCleanup(idle.close)
        idle.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertIn(b"200 OK", idle.recv(4096))
        half = socket.create_connection(("127.0.0.1", self.bookd.port), timeout=5)
        self.addCleanup(half.close)
        self.bookd.terminate()
        wait_until(lambda: self.bookd.get("/readyz").status == 503, 2, "says that it leaves")
        self.assertIn("draining", self.bookd.get("/readyz").json["reasons"])
        self.assertEqual(self.create("while-leaving").status, 201)
        body = b'{"number":"x","phone":"y"}'
        half.sendall(b"POST /api/v1/bookings/lookup HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                     b"Content-Length: %d\r\n\r\n" % len(body))
        wait_until(lambda: not self.bookd.answers("/livez"), 5, "takes nobody new")
        half.sendall(body)
        said = half.recv(4096)
        self.assertTrue(said.startswith(b"HTTP/1.1 404 "), said)
        self.assertIn(b"Connection: close", said)
        self.assertEqual(idle.recv(1), b"")
        half.close()
        self.assertEqual(self.bookd.process.wait(timeout=10), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
