#!/usr/bin/python3
"""What the shop's owner reads and sets, through lbd and two bookd: Korean and English, on a narrow phone and on a desktop."""
import sys
import unittest

sys.dont_write_bytecode = True

from support import through_lbd  # noqa: E402
from support.bookd import ADMIN_PASSWORD  # noqa: E402
from support.booking_stack import SOON, booking  # noqa: E402
from support.ops_stub import Fleet  # noqa: E402
from support.totp import code_of, step_now  # noqa: E402

RECOVERY_CODES = 10
HOURS = "/api/v1/admin/opening-hours"


class Journeys(through_lbd.InTheShop):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.planted.note(booking())
        first = cls.bookd.post_json("/api/v1/bookings", booking(), {"Idempotency-Key": "month"})
        assert first.status == 201, first.text

    @classmethod
    def new_bookd(cls):
        """Each watches the same fleet."""
        made = super().new_bookd()
        if not hasattr(cls, "fleet"):
            cls.fleet = Fleet([f"127.0.0.1:{made.port}"])
            cls.addClassCleanup(cls.fleet.close)
        with open(made.config, "a", encoding="utf-8") as file:
            file.write(cls.fleet.settings())
        return made

    def asked(self, path: str) -> dict:
        return self.bookd.get(path, **self.session()).json

    def rows(self, what: str) -> set[str]:
        return set(self.database.query(f"SELECT {what}").splitlines())

    def journey_the_month_leaves_as_a_file_after_the_password_and_the_calendar_gets_an_address(self, index, words):
        self.go("report")
        self.page.text(".figures", words["received"])
        self.database.query("UPDATE bookd.admin_session SET verified_us = 0")
        self.type_into("[name=reason]", f"세무 {index}")
        self.press_button(words["export_csv"], ".card")
        self.page.text("dialog", words["password_again_why"])
        self.page.complaints()  # the browser's own word on a 403
        self.type_into("dialog [name=password]", ADMIN_PASSWORD)
        self.press_button(words["confirm"], "dialog")
        self.page.gone("dialog")
        self.page.wait(lambda _: any(row["action"] == "bookings.export" and row["detail"].endswith(f"세무 {index}")
                                     for row in self.asked("/api/v1/admin/audit?limit=100")["entries"]),
                       "the reason stands in the audit log")
        self.press_button(words["ics_new"], ".card")
        self.page.text("code.long", "/visits.ics")
        path = self.page.find("code.long").text.split(str(self.port), 1)[1]
        self.assertIn("BEGIN:VCALENDAR", self.bookd.get(path).text)

    def journey_the_audit_log_is_read_and_verified_and_the_operations_are_live(self, _, words):
        self.go("audit")
        self.page.text("main table", "session.create")
        self.press_button(words["verify"], "main")
        self.page.text(".notice.good", words["chain_good"].split("{n}")[1])
        self.go("ops")
        self.page.text(".overall", words["overall_good"])
        self.page.text(".live.on", words["live"])
        self.page.text(".map", "lb1")
        self.page.text(".cards", words["no_alerts"])
        self.addCleanup(self.fleet.give_address_to, 0)
        self.fleet.give_address_to(1)
        self.page.text(".cards strong", "lb2")  # by itself
        self.fleet.give_address_to(0)
        self.page.text(".cards strong", "lb1")

    def journey_a_day_of_rest_is_set_and_taken_back(self, _, words):
        self.go("hours")
        self.page.find(".weekday")
        self.set_value("input[name=closed]", SOON)
        self.press_button(words["closed_day_add"], ".card")
        self.press_button(words["save"], ".bar")
        self.page.wait(lambda _: self.asked(HOURS)["closed"] == [SOON], "the day is kept")
        self.page.gone(".bar button[aria-busy=true]")
        self.press_one(f"button[aria-label^='{words['remove']}']")
        self.press_button(words["save"], ".bar")
        self.page.wait(lambda _: self.asked(HOURS)["closed"] == [], "it is open again")
        self.page.gone(".bar button[aria-busy=true]")

    def journey_a_second_factor_is_turned_on_and_off(self, _, words):
        self.go("settings")
        self.press_button(words["turn_on"], ".card")
        self.page.find("img.qr")
        secret = self.page.find("form code.long").text.replace(" ", "")
        self.type_into("[name=code]", code_of(secret, step_now()))
        self.submit(".card form:has([name=code])")
        self.page.text("dialog", words["recovery"])
        self.assertEqual(len(self.driver.find_elements("css selector", "dialog .codes li")), RECOVERY_CODES)
        self.press_button(words["confirm"], "dialog")
        self.page.text(".card", words["factor_on"].split("{n}")[0])
        self.press_button(words["turn_off"], ".card")
        self.page.text(".card", words["factor_off"])

    def journey_technicians_and_accounts_are_added_and_another_device_is_logged_out(self, index, words):
        other = self.login()  # the other device
        self.assertEqual(other.status, 200, other.text)
        self.go("settings")
        self.type_into("form.search [name=name]", f"기사{index}")
        self.submit("form.search")
        self.page.text(".card", f"기사{index}")
        self.type_into("[name=username]", f"staff{index}")
        self.type_into(".card form:has([name=username]) [name=password]", "another long password")
        self.submit(".card form:has([name=username])")
        self.page.text(".card .rows", f"staff{index}")
        devices = "HEX(token_hash) FROM bookd.admin_session"
        before = self.rows(devices)
        self.press_button(words["revoke"], ".card")  # the newest of the others
        self.page.wait(lambda _: len(before - self.rows(devices)) == 1, "one of them is over")
        cookie = {"Cookie": other.headers["Set-Cookie"].split(";")[0]}
        self.assertEqual(self.bookd.get("/api/v1/admin/session", **cookie).status, 401)


if __name__ == "__main__":
    unittest.main(verbosity=2)
