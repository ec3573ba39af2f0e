#!/usr/bin/python3
"""The admin's calendar in a browser: visits moved, made longer, given to another technician and put back, what a guest wishes
anew, the sheet of the day that is shown."""
import datetime
import unittest

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from support.admin_case import AdminCase
from support.bookd import Bookd
from support.booking_stack import BOOKINGS, PHONE, change
from support.working_days import now_in_the_shop

HALF_HOUR = 28  # pixels of the plan
MOVED, BY_TEXT = 7, 3  # in the outbox
NOBODY = "http://127.0.0.1:9/"  # what is to be told is looked for in the outbox


class AdminCalendar(AdminCase):
    @classmethod
    def new_bookd(cls) -> Bookd:
        made = super().new_bookd()
        with open(made.config, "a", encoding="utf-8") as file:
            file.write(f'notify: {{text: {{url: "{NOBODY}"}}}}\n')
        return made

    def told(self) -> int:
        """How often a customer is told that a visit was moved."""
        return int(self.database.query(f"SELECT COUNT(*) FROM bookd.outbox WHERE move = {MOVED} AND channel = {BY_TEXT}"))

    def press(self, text: str) -> None:
        self.page.click(lambda: self.page.button(text), text)

    def confirm(self, tell: bool = False) -> None:
        self.page.text("dialog", "방문을 옮길까요?")
        if tell:
            self.page.click(lambda: self.page.find("dialog [role=switch]"), "tell the customer")
        self.press("확인")
        self.page.text(".toast", "옮겼습니다")

    def undo(self) -> None:
        self.press("되돌리기")
        self.page.gone(".toast")

    def test_who_is_told_of_a_move_is_told_that_it_is_undone_even_back_to_an_evening(self):
        number = self.approved("undo", 19, "저녁손님", anyway=True)  # the shop has closed by then
        self.enter()
        self.go(f"calendar/{self.day}")
        for tell in (False, True):
            with self.subTest(by="mouse", tell=tell):
                before = self.told()
                # Held at its middle, which is where two half hours meet: into the eighth, not to its edge.
                self.drag(self.event("저녁손님"), -8 * HALF_HOUR - HALF_HOUR // 2)
                self.page.text("dialog", "15:00")
                self.confirm(tell)
                self.assertIn("T15:00", self.start_of(number))
                self.undo()
                self.assertIn("T19:00", self.start_of(number))
                self.assertEqual(self.told() - before, 2 * tell)
            with self.subTest(by="keyboard", tell=tell):
                before = self.told()
                self.event("저녁손님").find_element(By.TAG_NAME, "button").send_keys(Keys.ENTER)
                self.page.text("dialog", "시간 바꾸기")
                self.page.driver.execute_script(
                    "const input = document.querySelector('dialog [name=start]'); input.value = arguments[0];"
                    "input.dispatchEvent(new Event('input', {bubbles: true}))", f"{self.day}T16:30")
                if tell:
                    self.page.click(lambda: self.page.find("dialog [name=notify]"), "tell the customer")
                self.press("확인")
                self.page.text(".toast", "16:30")
                self.undo()
                self.assertIn("T19:00", self.start_of(number))
                self.assertEqual(self.told() - before, 2 * tell)
        self.assertEqual(self.page.complaints(), [])

    def test_a_visit_is_made_longer_by_its_edge(self):
        number = self.approved("edge", 10, "늘릴손님")
        self.enter()
        self.go(f"calendar/{self.day}")
        self.drag(self.event("늘릴손님").find_element(By.CSS_SELECTOR, ".ec-resizer"), HALF_HOUR)
        self.page.text("dialog", "11:30")
        self.confirm()
        self.assertEqual((self.visit_of(number)["duration_minutes"], self.start_of(number)[11:16]), (90, "10:00"))
        self.undo()
        self.assertEqual(self.visit_of(number)["duration_minutes"], 60)
        self.assertEqual(self.page.complaints(), [])

    def test_a_visit_is_given_to_another_technician(self):
        number = self.approved("column-one", 14, "넘길손님")
        self.approved("column-two", 16, "받을손님")
        self.enter()
        self.page.driver.execute_script("localStorage.setItem('calendar-view', 'resourceTimeGridDay')")
        self.go(f"calendar/{self.day}")
        event = self.event("넘길손님")
        self.drag(event, 0, self.event("받을손님").rect["x"] - event.rect["x"])
        self.page.text("dialog", "column-two")
        self.confirm()
        self.assertEqual((self.visit_of(number)["technician"], self.start_of(number)[11:16]), ("column-two", "14:00"))
        self.assertEqual(self.page.complaints(), [])

    def test_the_sheet_is_of_the_day_that_is_shown(self):
        self.approved("sheet", 11, "종이손님")
        self.enter()
        self.go(f"calendar/{self.day}")

        def opens(day: str) -> None:
            self.page.wait(lambda driver: driver.find_elements(By.CSS_SELECTOR, f".steps a[href='#/calendar/sheet/{day}']"),
                           f"the sheet of {day}")

        for view in ("월", "목록", "일", "기사별", "주"):
            self.press(view)
            opens(self.day)
        self.page.click(lambda: self.page.find(".steps [aria-label='다음']"), "the next week")
        opens((datetime.date.fromisoformat(self.day) + datetime.timedelta(days=7)).isoformat())
        self.press("오늘")
        opens(now_in_the_shop().date().isoformat())
        self.page.click(lambda: self.page.find(".steps [aria-label='다음']"), "the next week")
        self.go("inbox")
        self.go(f"calendar/{self.day}")
        self.page.click(lambda: self.page.find(".steps a[href*='sheet']"), "the sheet")
        self.page.text(".sheet", "종이손님")
        self.assertEqual(self.page.complaints(), [])

    def test_new_wishes_are_marked_until_the_shops_next_word(self):
        number = self.approved("wishes", 13, "바꿀손님")

        def marked() -> list[bool]:
            session = self.session()
            listed = self.bookd.get("/api/v1/admin/bookings?status=approved&limit=100", **session).json["bookings"]
            span = f"from={self.day}T00:00:00%2B09:00&to={self.day}T23:59:00%2B09:00"
            planned = self.bookd.get(f"/api/v1/admin/calendar?{span}", **session).json["visits"]
            return [next(row["wished_anew"] for row in rows if row["number"] == number) for rows in (listed, planned)]

        self.assertEqual(marked(), [False, False])
        changed = self.bookd.post_json(f"{BOOKINGS}/{number}/change", {
            "phone": PHONE, "preferred": [{"date": self.day, "time": "15:00"}]}, {"Idempotency-Key": "anew", "If-Match": "*"})
        self.assertEqual(changed.status, 200, changed.text)
        self.assertEqual(marked(), [True, True])
        self.enter()
        self.page.text("main h1", "접수함")
        self.press("승인")
        self.page.text(f".rows a[href='#/inbox/{number}']", "새 희망 시간")
        self.assertEqual(self.page.axe_faults(), [])
        for view in ("timeGridWeek", "listWeek"):
            self.page.driver.execute_script("localStorage.setItem('calendar-view', arguments[0])", view)
            self.go("inbox")
            self.go(f"calendar/{self.day}")
            self.assertIn("새 희망 시간", self.event("바꿀손님").text)
            self.assertEqual(self.page.axe_faults(), [])
            self.page.shot(f"wishes-{view}")
        moved = self.bookd.post_json(f"/api/v1/admin/bookings/{number}/reschedule", {
            "technician": "wishes", "start": f"{self.day}T15:00:00+09:00", "duration_minutes": 60}, change(self.session()))
        self.assertEqual(moved.status, 200, moved.text)
        self.assertEqual(marked(), [False, False])
        self.assertEqual(self.page.complaints(), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
