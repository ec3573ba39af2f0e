#!/usr/bin/python3
"""What the shop does with requests, visits and customers, through lbd and two bookd: Korean and English, on a narrow phone and
on a desktop. Estimates and approvals stand in booking_node_dies_test.py."""
import sys
import unittest

sys.dont_write_bytecode = True

from selenium.webdriver.common.action_chains import ActionChains  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402

from support import through_lbd  # noqa: E402
from support.booking_stack import booking, change  # noqa: E402
from support.working_days import working_day_ahead  # noqa: E402

TWO_HALF_HOURS = 56  # pixels of the plan


class Journeys(through_lbd.InTheShop):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.day = working_day_ahead(weekday=1).isoformat()

    def approved(self, key: str, hour: int, **changes) -> str:
        number = self.create(key, booking(**changes)).json["number"]
        answer = self.bookd.post_json(f"/api/v1/admin/bookings/{number}/approve", {
            "technician": key, "start": f"{self.day}T{hour:02}:00:00+09:00", "duration_minutes": 60}, change(self.session()))
        self.assertEqual(answer.status, 200, answer.text)
        return number

    def customer(self, phone: str) -> str:
        found = self.bookd.post_json("/api/v1/admin/customers/search", {"phone": phone}, self.session())
        return found.json["customers"][0]["id"]

    def journey_a_request_is_rejected(self, index, words):
        number = self.create(f"refuse-{index}", booking(name=f"먼손님{index}", urgent=True)).json["number"]
        self.go(f"inbox/{number}")
        self.page.text(".booking > header", words["urgent"])
        self.press_button(words["reject"], ".booking")
        self.type_into("dialog [name=reason]", "지역 밖")
        self.submit("dialog")
        self.page.text(".booking > header", words["rejected"])
        self.assertEqual(self.kept(number)["reason"], "지역 밖")

    def journey_a_visit_is_confirmed_moved_and_done(self, index, words):
        number = self.approved(f"way-{index}", 9)
        self.go(f"inbox/{number}")
        self.press_button(words["schedule"], ".booking")
        self.page.text(".booking > header", words["scheduled"])
        self.press_button(words["reschedule"], ".booking")
        self.set_value("dialog [name=start]", f"{self.day}T15:00")
        self.submit("dialog")
        self.page.gone("dialog")
        self.page.text(".facts", "15:00")
        self.press_button(words["complete"], ".booking")
        self.page.text(".booking > header", words["done"])
        self.assertEqual(self.kept(number)["status"], "done")

    def visit(self, name: str):
        return self.page.wait(lambda driver: next(iter(driver.find_elements(
            "xpath", f"//article[contains(@class,'ec-event') and contains(., '{name}')]")), None), "the visit")

    def open_where_it_was(self, name: str, start: str) -> None:
        """By keyboard, and not before the plan is drawn anew: the visit of before it is of a version of before."""
        def opened(_):
            event = self.visit(name)
            if start not in event.text:
                return False
            event.find_element("tag name", "button").send_keys(Keys.ENTER)
            return True
        self.page.wait(opened, f"the visit at {start}")

    def journey_a_visit_is_moved_by_mouse_and_by_keyboard_put_back_and_printed(self, index, words):
        name = f"옮길손님{index}"
        number = self.approved(f"plan-{index}", 13, name=name)
        self.driver.execute_script("localStorage.setItem('calendar-view', 'resourceTimeGridDay')")
        self.go(f"calendar/{self.day}")
        event = self.visit(name)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center', inline: 'center'})", event)
        actions = ActionChains(self.driver, duration=60).move_to_element(event).click_and_hold()
        for _ in range(8):
            actions.move_by_offset(0, TWO_HALF_HOURS // 8)
        actions.release().perform()
        self.page.text("dialog", words["move_question"])
        self.press_button(words["confirm"], "dialog")
        self.page.text(".toast", "14:00")
        self.assertIn("T14:00", self.kept(number)["visit"]["start"])
        self.press_button(words["undo"], ".toast")
        self.page.gone(".toast")
        self.assertIn("T13:00", self.kept(number)["visit"]["start"])
        self.open_where_it_was(name, "13:00")
        self.page.text("dialog", words["reschedule"])
        self.set_value("dialog [name=start]", f"{self.day}T16:30")
        self.page.button(words["confirm"]).send_keys(Keys.ENTER)
        self.page.text(".toast", "16:30")
        self.assertIn("T16:30", self.kept(number)["visit"]["start"])
        self.go(f"calendar/sheet/{self.day}")
        self.page.text(".sheet", name)
        self.page.button(words["print"])

    def journey_a_customer_is_found_noted_blocked_merged_parted_and_erased(self, index, words):
        end = f"00{index}1"
        one, other = f"010-7400-{end}", f"010-7400-00{index}2"
        self.create(f"one-{index}", booking(name="합칠손님", phone=one))
        moved = self.create(f"other-{index}", booking(service="clog", name="합칠손님", phone=other)).json["number"]
        into, gone = self.customer(one), self.customer(other)
        self.go("customers")
        self.type_into("input[type=search]", end + Keys.ENTER)
        self.press_one(f".rows a[href='#/customers/{into}']")
        self.type_into("[name=note]", "개가 있습니다")
        self.submit("article form")
        self.page.text(".toast", words["saved"])
        self.press_button(words["block"], "article")
        self.page.text("article header", words["blocked"])
        self.press_button(words["unblock"], "article")
        self.page.button(words["block"])
        self.press_button(words["merge"], "article")
        self.type_into("dialog input[type=search]", other + Keys.TAB)
        self.page.click(lambda: self.page.find(f"dialog option[value='{gone}']"), "the other one")
        self.page.text("dialog .past", words["clog"])
        self.press_button(words["merge_do"], "dialog")
        self.page.text(".toast", words["merged"])
        self.page.find(f"article .rows a[href='#/inbox/{moved}']")
        self.press_button(words["undo"], "article")
        self.page.gone(f"article .rows a[href='#/inbox/{moved}']")
        self.press_button(words["erase"], "article")
        self.type_into("dialog [name=reason]", "고객 요청")
        self.press_one("dialog [name=sure]")
        self.press_button(words["erase_do"], "dialog")
        self.page.text(".toast", words["erased"])
        found = self.bookd.post_json("/api/v1/admin/customers/search", {"phone": one}, self.session())
        self.assertEqual(found.json["customers"], [])

    def journey_out_and_in_again(self, _, words):
        self.press_button(words["logout"], ".me")
        self.page.find("[name=password]")
        self.enter()
        self.page.find("main.inbox h1")  # the login has one as well


if __name__ == "__main__":
    unittest.main(verbosity=2)
