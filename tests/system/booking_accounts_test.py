#!/usr/bin/python3
"""Who may log in to bookd and as what: accounts, roles, second factors, sessions, the password given again."""
import json
import subprocess
import unittest
import uuid

from support.bookd import ADMIN_PASSWORD, program, wait_until
from support.booking_stack import Stack, change
from support.totp import code_of, step_now

ME = "/api/v1/admin/session"
SESSIONS = "/api/v1/admin/sessions"
ACCOUNTS = "/api/v1/admin/accounts"
FACTOR = "/api/v1/admin/second-factor"
NEW_PASSWORD = "another long password"


class Accounts(Stack):
    def enter(self, username: str, password: str, **more) -> dict:
        answer = self.login(username=username, password=password, address=f"198.51.100.{len(username)}", **more)
        self.assertEqual(answer.status, 200, answer.text)
        return {"Cookie": answer.headers["Set-Cookie"].split(";")[0], "X-CSRF-Token": answer.json["csrf_token"]}

    def add(self, owner: dict, username: str, role: str = "staff"):
        return self.once(ACCOUNTS, {"username": username, "password": NEW_PASSWORD, "role": role}, owner)

    def once(self, path: str, value: dict, session: dict, key: str | None = None, bookd=None):
        return (bookd or self.bookd).post_json(path, value, {**session, "Idempotency-Key": key or str(uuid.uuid4())})

    def age(self, username: str) -> None:
        """As if the account's sessions had last seen a password an hour ago."""
        self.database.query("UPDATE bookd.admin_session SET verified_us = verified_us - 3600000000 "
                            f"WHERE username = '{username}'")

    def patch(self, username: str, session: dict, **words):
        return self.bookd.request("PATCH", f"{ACCOUNTS}/{username}", json.dumps(words),
                                  {"Content-Type": "application/json", **change(session)})

    def test_an_account_is_added_at_the_command_line_and_by_an_owner(self):
        def add_user(*arguments, password=NEW_PASSWORD):
            return subprocess.run([program(), "--add-user", *arguments, "--config", self.bookd.config], text=True,
                                  input=password + "\n", capture_output=True, timeout=60, check=False)

        added = add_user("first", "owner")
        self.assertEqual(added.returncode, 0, added.stderr)
        self.assertIn("taken", add_user("first", "owner").stderr)
        self.assertIn("10 characters to 256", add_user("second", "owner", password="short").stderr)
        self.assertIn("owner or staff", add_user("second", "boss").stderr)
        owner = self.enter("first", NEW_PASSWORD)
        self.assertEqual(self.bookd.get(ME, **owner).json["role"], "owner")
        self.assertEqual(self.add(owner, "helper").status, 201)
        self.assert_problem(self.add(owner, "helper"), 409, "name_taken")
        self.assert_problem(self.add(owner, "owner"), 409, "name_taken")  # the configuration's
        self.assert_problem(self.add(owner, "No Name"), 400, "invalid_fields")
        names = [row["username"] for row in self.bookd.get(ACCOUNTS, **owner).json["accounts"]]
        self.assertLessEqual({"first", "helper"}, set(names))

    def test_staff_may_not_what_owners_may(self):
        owner = self.session()
        self.assertEqual(self.add(owner, "apprentice").status, 201)
        staff = self.enter("apprentice", NEW_PASSWORD)
        self.assertEqual(self.bookd.get("/api/v1/admin/bookings", **staff).status, 200)
        self.assert_problem(self.bookd.get(ACCOUNTS, **staff), 403, "owner_required")
        self.assert_problem(self.add(staff, "friend"), 403, "owner_required")
        mine = self.bookd.get(SESSIONS, **staff).json["sessions"]
        self.assertEqual({row["username"] for row in mine}, {"apprentice"})
        self.assertIn("owner", {row["username"] for row in self.bookd.get(SESSIONS, **owner).json["sessions"]})
        # Disabled, he is out at once and stays out.
        self.assertEqual(self.patch("apprentice", owner, disabled=True).status, 204)
        self.assert_problem(self.bookd.get(ME, **staff), 401, "session_required")
        self.assert_problem(self.login(username="apprentice", password=NEW_PASSWORD, address="198.51.100.99"), 401,
                            "wrong_credentials")

    def test_a_session_is_revoked_from_another_one(self):
        owner, lost = self.session(), self.session()
        rows = self.bookd.get(SESSIONS, **lost).json["sessions"]
        victim = next(row for row in rows if row["current"])
        self.assertEqual(victim["address"], "192.0.2.1")
        self.assertEqual(self.bookd.request("DELETE", f"{SESSIONS}/{victim['id']}", headers=owner).status, 204)
        self.assert_problem(self.bookd.get(ME, **lost), 401, "session_required")
        self.assert_problem(self.bookd.request("DELETE", f"{SESSIONS}/{victim['id']}", headers=owner), 404,
                            "session_not_found")

    def test_some_things_want_the_password_of_a_moment_ago(self):
        owner = self.session()
        self.age("owner")
        self.assert_problem(self.add(owner, "late"), 403, "password_required")
        again = "/api/v1/admin/reauthenticate"
        self.assert_problem(self.bookd.post_json(again, {"password": "wrong"}, owner), 401, "wrong_credentials")
        self.assertEqual(self.bookd.post_json(again, {"password": ADMIN_PASSWORD}, owner).status, 204)
        self.assertEqual(self.add(owner, "late").status, 201)

    def confirm_by_the_code_before(self, secret: str, session: dict):
        """So that the code of now is still to be used. Once more when the clock's step ended meanwhile: then it was one too old."""
        while True:
            step = step_now()
            done = self.once(FACTOR + "/confirm", {"code": code_of(secret, step - 1)}, session)
            if done.status == 200 or step == step_now():
                return done

    def test_a_second_factor_is_asked_for_on_every_node_and_its_codes_open_once(self):
        owner = self.session()
        self.assertEqual(self.add(owner, "careful", "owner").status, 201)
        careful = self.enter("careful", NEW_PASSWORD)
        begun = self.once(FACTOR, {}, careful).json
        self.assertTrue(begun["uri"].startswith("otpauth://totp/"), begun)
        secret = begun["secret"]
        self.assertIn(secret, begun["uri"])
        self.assertRegex(begun["qr"], r'^<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \d+ \d+"')
        self.assertNotIn("style", begun["qr"])
        self.assert_problem(self.once(FACTOR + "/confirm", {"code": "000000"}, careful), 400, "wrong_code")
        done = self.confirm_by_the_code_before(secret, careful)
        self.assertEqual(done.status, 200, done.text)
        recovery = done.json["recovery_codes"]
        self.assertEqual(len(set(recovery)), 10)
        me = self.bookd.get(ME, **careful).json
        self.assertEqual((me["second_factor"], me["recovery_codes_left"]), (True, 10))

        def enter(code=None, bookd=None):
            more = {"code": code} if code else {}
            return self.login(bookd, username="careful", password=NEW_PASSWORD, address="198.51.100.77", **more)

        self.assert_problem(enter(), 401, "code_required")
        self.assert_problem(enter("123456" if code_of(secret, step_now()) != "123456" else "654321"), 401,
                            "wrong_code")
        # An old code is no code; one that was used on this node does not open on the other.
        self.assert_problem(enter(code_of(secret, step_now() - 5)), 401, "wrong_code")
        code = code_of(secret, step_now())
        self.assertEqual(enter(code).status, 200)
        second = self.new_bookd().start()
        self.assert_problem(enter(code, second), 401, "wrong_code")
        self.assertEqual(enter(recovery[3].lower(), second).status, 200)
        self.assert_problem(enter(recovery[3]), 401, "wrong_code")

        self.age("careful")
        self.assert_problem(self.bookd.request("DELETE", FACTOR, headers=careful), 403, "password_required")
        self.assertEqual(self.bookd.post_json("/api/v1/admin/reauthenticate",
                                              {"password": NEW_PASSWORD, "code": recovery[4]}, careful).status, 204)
        self.assertEqual(self.bookd.request("DELETE", FACTOR, headers=careful).status, 204)
        self.assertEqual(enter().status, 200)

    def test_a_new_password_ends_every_session_of_its_account(self):
        owner = self.session()
        self.assertEqual(self.add(owner, "mover").status, 201)
        one, two = self.enter("mover", NEW_PASSWORD), self.enter("mover", NEW_PASSWORD)
        self.assert_problem(self.once("/api/v1/admin/password", {"password": "short"}, one), 400,
                            "invalid_fields")
        self.assertEqual(self.once("/api/v1/admin/password", {"password": "yet another password"}, one).status, 204)
        for session in (one, two):
            self.assert_problem(self.bookd.get(ME, **session), 401, "session_required")
        self.enter("mover", "yet another password")
        self.assert_problem(self.once("/api/v1/admin/password", {"password": NEW_PASSWORD}, owner), 409,
                            "account_configured")

    def test_a_dead_node_logs_nobody_out(self):
        second = self.new_bookd().start()
        session = self.session()
        self.assertEqual(second.get(ME, **session).json["username"], "owner")
        first = self.new_bookd().start()
        answer = self.login(first)
        other = {"Cookie": answer.headers["Set-Cookie"].split(";")[0]}
        first.process.kill()
        first.process.wait(timeout=10)
        self.assertTrue(wait_until(lambda: second.get(ME, **other).status == 200, 5, "known to the other node"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
