#!/usr/bin/python3
"""What an admin's request changes is changed once, however often and to whichever node it is sent."""
import unittest

from support.booking_stack import Stack, at_once, booking

ACCOUNTS = "/api/v1/admin/accounts"
FEED = "/api/v1/admin/calendar-feed"
FACTOR = "/api/v1/admin/second-factor"
CUSTOMERS = "/api/v1/admin/customers"
PASSWORD = "a password long enough"


class Once(Stack):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.new_bookd().start()

    def setUp(self):
        self.owner = self.session()

    def post(self, path: str, value: dict, key: str | None, bookd=None, session: dict | None = None):
        headers = {**(session or self.owner), **({"Idempotency-Key": key} if key else {})}
        return (bookd or self.bookd).post_json(path, value, headers)

    def assert_again(self, first, again) -> None:
        self.assertEqual((again.status, again.body), (first.status, first.body), again.text)
        self.assertIsNone(first.headers["Idempotency-Replayed"])
        self.assertEqual(again.headers["Idempotency-Replayed"], "true")

    def customers(self, *phones: str) -> list:
        for phone in phones:
            self.assertEqual(self.create(f"once-{phone}", booking(phone=phone)).status, 201)
        found = [self.post(CUSTOMERS + "/search", {"phone": phone}, None).json["customers"] for phone in phones]
        return [rows[0]["id"] for rows in found]

    def test_every_post_that_changes_something_wants_a_key(self):
        customer = "0" * 32
        for path in (ACCOUNTS, FEED, FACTOR, FACTOR + "/confirm", "/api/v1/admin/password",
                     *(f"{CUSTOMERS}/{customer}/{what}" for what in ("merge", "unmerge", "erase"))):
            with self.subTest(path=path):
                self.assert_problem(self.post(path, {}, None), 400, "idempotency_key_missing")
                self.assert_problem(self.post(path, {}, "two words"), 400, "idempotency_key_missing")

    def test_an_account_is_added_once_and_a_key_is_for_one_request(self):
        value = {"username": "helper", "password": PASSWORD, "role": "staff"}
        first = self.post(ACCOUNTS, value, "account-1")
        self.assertEqual(first.status, 201, first.text)
        self.assert_again(first, self.post(ACCOUNTS, value, "account-1", self.other))
        self.assert_problem(self.post(ACCOUNTS, value, "account-2"), 409, "name_taken")
        other = {**value, "role": "owner"}
        self.assert_problem(self.post(ACCOUNTS, other, "account-1"), 422, "idempotency_key_reused")
        self.assert_problem(self.post(FEED, value, "account-1"), 422, "idempotency_key_reused")
        # What was refused keeps no key: once the name is free the same request goes through.
        self.database.query("DELETE FROM bookd.admin_account WHERE username = 'helper'")
        self.assertEqual(self.post(ACCOUNTS, value, "account-2").status, 201)

    def test_one_key_is_not_anothers(self):
        login = self.login(username="victim")
        victim = {"Cookie": login.headers["Set-Cookie"].split(";")[0], "X-CSRF-Token": login.json["csrf_token"]}
        self.assertEqual(self.post(FEED, {}, "feed-of-one").status, 200)
        self.assert_problem(self.post(FEED, {}, "feed-of-one", session=victim), 422, "idempotency_key_reused")

    def test_a_secret_that_is_told_once_is_told_again_to_its_key_alone(self):
        first = self.post(FEED, {}, "feed-1")
        self.assert_again(first, self.post(FEED, {}, "feed-1", self.other))
        path = first.json["path"]
        self.assertEqual(self.other.get(path).status, 200)
        begun = self.post(FACTOR, {}, "factor-1")
        self.assert_again(begun, self.post(FACTOR, {}, "factor-1", self.other))
        stored = self.database.query("SELECT GROUP_CONCAT(HEX(body), HEX(fingerprint)) FROM bookd.answered_request")
        for secret in (path.split("/")[2], begun.json["secret"], PASSWORD):
            self.assertNotIn(secret.encode().hex().upper(), stored)

    def test_a_merge_is_one_merge_when_it_is_sent_to_both_nodes_at_once(self):
        one, two = self.customers("010-4545-0001", "010-4545-0002")
        path = f"{CUSTOMERS}/{one}/merge"
        answers = at_once(6, lambda i: self.post(path, {"from": two}, "merge-1", (self.bookd, self.other)[i % 2]))
        # One that came while another was under way is told so (409 request_running) or waits for it.
        self.assertLessEqual({answer.status for answer in answers}, {204, 409})
        self.assertEqual(sum(answer.status == 204 and not answer.headers["Idempotency-Replayed"] for answer in answers), 1)
        self.assertEqual(self.post(path, {"from": two}, "merge-1").headers["Idempotency-Replayed"], "true")
        merges = self.database.query("SELECT COUNT(*) FROM bookd.audit_log WHERE action = 'customer.merge'")
        self.assertEqual(merges.strip(), "1")
        parted = self.post(f"{CUSTOMERS}/{one}/unmerge", {"merge": two}, "unmerge-1")
        self.assert_again(parted, self.post(f"{CUSTOMERS}/{one}/unmerge", {"merge": two}, "unmerge-1", self.other))


if __name__ == "__main__":
    unittest.main(verbosity=2)
