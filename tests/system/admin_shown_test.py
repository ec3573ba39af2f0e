#!/usr/bin/python3
"""Two of the staff before the same page: who comes second is told what the first one wrote, and loses nothing that was typed. And what
else a page of the admin's shows of a guest: a visit over midnight, a block, consents."""
import datetime
import json
import unittest

from selenium.webdriver.common.by import By

from support.admin_case import AdminCase
from support.booking_stack import booking, change

ADMIN = "/api/v1/admin"
PHONE = "010-4242-0001"
STALE = "그사이 다른 사람이 바꿨습니다"
MEANWHILE = "그사이 다른 사람이 고친 내용입니다"


class Shown(AdminCase):
    def of_api(self, method: str, path: str, value=None):
        answer = self.bookd.request(method, ADMIN + path, json.dumps(value) if value is not None else None,
                                    {"Content-Type": "application/json", **change(self.session())})
        self.assertLess(answer.status, 300, answer.text)
        return answer.json if answer.body else None

    def customer(self, phone: str) -> str:
        return self.of_api("POST", "/customers/search", {"phone": phone})["customers"][0]["id"]

    def press(self, text: str) -> None:
        self.page.click(lambda: self.page.button(text), text)

    def value(self, css: str) -> str:
        return self.page.find(css).get_attribute("value")

    def test_a_note_typed_over_one_that_changed_meanwhile_is_not_lost_and_loses_nothing(self):
        self.create("note", booking(phone=PHONE, name="메모손님"))
        customer = self.customer(PHONE)
        self.enter()
        self.go(f"customers/{customer}")
        self.page.find("textarea[name=note]").send_keys("뒷문으로 오세요")
        self.of_api("PATCH", f"/customers/{customer}", {"note": "개 조심"})
        self.press("저장")
        self.page.text(".fault", STALE)
        self.page.text(".meanwhile", MEANWHILE)
        self.page.text(".meanwhile", "개 조심")
        self.assertEqual(self.value("textarea[name=note]"), "뒷문으로 오세요")
        self.assertEqual(self.of_api("GET", f"/customers/{customer}")["note"], "개 조심")
        self.page.shot("meanwhile")
        self.assertEqual(self.page.axe_faults(), [])
        self.page.complaints()  # the browser's own word on a 412
        # Seen, it is written over.
        self.press("저장")
        self.page.gone(".meanwhile")
        self.assertEqual(self.of_api("GET", f"/customers/{customer}")["note"], "뒷문으로 오세요")
        self.assertEqual(self.page.complaints(), [])

    def test_a_technicians_name_that_was_typed_stays_and_the_others_are_not_taken_away(self):
        self.of_api("PUT", "/technicians", {"technicians": [{"name": "첫기사"}]})
        self.enter()
        self.go("settings")
        self.page.find("form.search [name=name]").send_keys("새기사")
        self.of_api("PUT", "/technicians", {"technicians": [{"name": "첫기사"}, {"name": "다른기사"}]})
        self.press("추가")
        self.page.text(".meanwhile", "첫기사, 다른기사")
        self.assertEqual(self.value("form.search [name=name]"), "새기사")
        self.page.click(lambda: self.page.find("form.search button"), "추가")
        self.page.gone(".meanwhile")
        self.assertEqual([row["name"] for row in self.of_api("GET", "/technicians")["technicians"]], ["첫기사", "다른기사", "새기사"])
        self.page.wait(lambda _: self.value("form.search [name=name]") == "", "the name is taken")

    def test_an_account_somebody_else_changed_is_shown_as_it_is_now(self):
        self.of_api("POST", "/accounts", {"username": "shown", "password": "a quite long password", "role": "staff"})
        self.enter()
        self.go("settings")
        row = "//li[contains(., 'shown')]//button[normalize-space()='사용 중지']"
        self.page.wait(lambda driver: driver.find_elements(By.XPATH, row), "the account")
        self.of_api("PATCH", "/accounts/shown", {"role": "owner"})
        self.page.click(lambda: self.page.driver.find_element(By.XPATH, row), "사용 중지")
        self.page.text(".meanwhile", "직원, 사용 중")
        self.page.text(".meanwhile", "대표, 사용 중")
        shown = next(one for one in self.of_api("GET", "/accounts")["accounts"] if one["username"] == "shown")
        self.assertEqual((shown["role"], shown["disabled"]), ("owner", False))

    def test_opening_hours_that_two_change_keep_what_each_of_them_changed(self):
        self.enter()
        self.go("hours")
        lead = self.page.find("[name=lead]")
        lead.clear()
        lead.send_keys("5")
        hours = self.of_api("GET", "/opening-hours")
        draft = {name: value for name, value in hours.items() if name not in ("version", "holidays")}
        self.of_api("PUT", "/opening-hours", {**draft, "travel_minutes": 90})
        self.press("저장")
        self.page.text(".fault", STALE)
        self.page.text(".notice", "이동 시간")
        self.assertEqual((self.value("[name=lead]"), self.value("[name=travel]")), ("5", "90"))
        self.press("저장")
        self.page.wait(lambda _: self.of_api("GET", "/opening-hours")["lead_minutes"] == 300, "the lead time is kept")
        self.assertEqual(self.of_api("GET", "/opening-hours")["travel_minutes"], 90)
        self.of_api("PUT", "/opening-hours", draft)

    def test_a_visit_over_midnight_is_on_the_view_and_the_sheet_of_both_days(self):
        self.approved("night", 22, "밤손님", duration_minutes=240, anyway=True)
        next_day = (datetime.date.fromisoformat(self.day) + datetime.timedelta(days=1)).isoformat()
        self.enter()
        self.page.driver.execute_script("localStorage.setItem('calendar-view', 'timeGridDay')")
        for day in (self.day, next_day):
            self.go(f"calendar/{day}")
            event = self.event("밤손님")
            self.assertGreater(event.size["height"], 20)
            self.assertTrue(event.is_displayed())
            self.page.shot(f"midnight-{day}")
            self.go(f"calendar/sheet/{day}")
            self.page.text(".sheet table", "밤손님")
        self.page.text(".sheet table", "22:00")

    def test_a_blocked_guest_is_marked_in_the_inbox_and_consents_stand_at_the_booking(self):
        number = self.create("agreed", booking(phone="010-4242-0002", name="동의손님", marketing=True,
                                               address_detail="101동 202호")).json["number"]
        self.of_api("PATCH", f"/customers/{self.customer('010-4242-0002')}", {"blocked": True})
        self.enter()
        self.go(f"inbox/{number}")
        row = "//ul[@class='rows']//a[contains(., '동의손님')]"
        self.page.wait(lambda driver: "차단" in driver.find_element(By.XPATH, row).text, "the mark")
        self.page.text(".consents", "소식과 할인 안내를 받는 데 동의합니다.")
        self.page.text(".booking .facts", "101동 202호")
        self.assertEqual(self.page.axe_faults(), [])
        self.go(f"customers/{self.customer('010-4242-0002')}")
        self.page.text(".consents", number)
        self.assertEqual(self.page.axe_faults(), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
