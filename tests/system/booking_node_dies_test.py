#!/usr/bin/python3
"""A bookd dies while somebody fills in a form that it gave out, in a browser and through lbd: nobody notices.

Guests and staff, Korean and English, on a narrow phone and on a desktop."""
import sys
import unittest

sys.dont_write_bytecode = True

from selenium.common.exceptions import WebDriverException  # noqa: E402
from selenium.webdriver.common.action_chains import ActionChains  # noqa: E402

from support.booking_stack import PHONE, SOON, booking, change  # noqa: E402
from support.browser import DESKTOP_SIZE, PHONE_SIZE  # noqa: E402
from support.guest_pages import DESCRIPTION  # noqa: E402
from support.through_lbd import SIDES, BehindLbd  # noqa: E402
from support.working_days import working_day_ahead  # noqa: E402

TWO_HALF_HOURS = 56  # pixels of the plan

WORDS = {"ko": {"approve": "승인하고 일정 잡기", "confirm": "확인", "move": "방문을 옮길까요?", "approved": "승인", "quote": "견적 보내기", "quoted": "견적"},
         "en": {"approve": "Approve with a visit", "confirm": "Confirm", "approved": "Approved",
                "quote": "Send an estimate", "quoted": "Quoted"}}


class NodeDies(BehindLbd):
    killed = 0

    def kill_one(self):
        """One node after the other, so that each has been the one that gave out the page."""
        node = self.nodes[self.killed % 2]
        type(self).killed += 1
        self.kill(node)
        self.addCleanup(self.revive, node)
        return node

    def kill(self, node) -> None:
        self.keep_metrics(node)
        node.process.kill()
        node.process.wait(timeout=10)

    def revive(self, node) -> None:
        if node.process.poll() is not None:
            node.start()
        self.wait_for_both()

    def begin(self, language: str, size: tuple) -> None:
        self.page.resize(size)
        self.open(f"/language/{language}", self.port)
        self.open("/", self.port)
        self.driver.execute_script("sessionStorage.clear()")
        self.open("/", self.port)
        self.page.complaints()

    def test_a_guests_form(self):
        for language, size in SIDES:
            with self.subTest(language=language, size=size):
                self.begin(language, size)
                self.fill()
                self.set_day(SOON)
                self.page.find("#photos").send_keys(self.picture(400, 300))
                self.page.wait(lambda driver: driver.execute_script(
                    "return document.getElementById('photos').files[0]?.name") == "photo.jpg", "the photo is ready")
                node = self.kill_one()
                self.press("button[value=review]")
                self.page.text("main", DESCRIPTION)
                self.page.wait(lambda driver: driver.execute_script(
                    "const i = document.querySelector('.gallery img'); return i && i.complete && i.naturalWidth == 400"),
                    "the photo")
                self.press("button[value=send]")
                number = self.page.find("#number.number").text
                self.assertEqual(self.page.complaints(), [])
                self.page.shot(f"node-dies-guest-{language}-{size[0]}")
                seen = self.bookd.get(f"/api/v1/admin/bookings/{number}", **self.session())
                self.assertEqual((seen.json["description"], len(seen.json["photos"])), (DESCRIPTION, 1))
                self.revive(node)

    def test_what_was_written_is_there_again_when_no_node_answered(self):
        self.begin("ko", PHONE_SIZE)
        self.fill(address="대구 중구 3")
        for node in self.nodes:
            self.kill(node)
            self.addCleanup(self.revive, node)
        try:
            self.press("button[value=review]")
        except WebDriverException:
            pass  # a page that could not be loaded is what is wanted
        self.page.wait(lambda driver: not driver.find_elements("name", "description"), "another page than the form")
        for node in self.nodes:
            node.start()
        self.wait_for_both()
        self.open("/", self.port)
        self.assertEqual((self.value("description"), self.value("address"), self.value("phone")),
                         (DESCRIPTION, "대구 중구 3", PHONE))
        self.send()

    def answer(self, move: str, shown: str, notice: str) -> None:
        """A form of the booking's page is sent while the node that gave it out is dead."""
        form = f"form[action='/manage/{move}']"
        self.driver.execute_script("const d = document.querySelector(arguments[0]).closest('details'); if (d) d.open = true", form)
        if move == "photos":
            self.page.find("#photos").send_keys(self.picture(400, 300))
            self.page.wait(lambda driver: driver.execute_script(
                "return document.getElementById('photos').files[0]?.name") == "photo.jpg", "the photo is ready")
        elif move == "change":
            self.write(address="서울 중구 7", address_detail="101동 202호")
        elif move == "cancel":
            self.write(reason="이사합니다")
        node = self.kill_one()
        self.press(f"{form} button")
        self.page.find(notice)
        self.page.text(shown, {"photos": "", "change": "내용 변경", "accept": "승인", "cancel": "취소"}[move])
        self.revive(node)

    def test_what_a_guest_adds_changes_accepts_and_calls_off(self):
        self.begin("ko", PHONE_SIZE)
        phone = "010-7500-0001"
        number = self.create("dies-guest", booking(phone=phone)).json["number"]
        detail = f"/api/v1/admin/bookings/{number}"

        def look_up() -> None:
            self.open(f"/lookup?number={number}", self.port)
            self.write(phone=phone)
            self.press("form[action='/lookup'] button")
            self.page.find(".status")

        look_up()
        self.answer("photos", ".gallery", ".gallery img")
        self.answer("change", ".story", ".notice.good")
        quoted = self.bookd.post_json(f"{detail}/quote", {
            "items": [{"text": "배관 교체", "amount": 120000}], "valid_until": f"{SOON}T23:00:00+09:00"}, change(self.session()))
        self.assertEqual(quoted.status, 200, quoted.text)
        look_up()
        self.answer("accept", ".status", ".notice.good")
        self.answer("cancel", ".status", ".notice.good")
        self.assertEqual(self.page.complaints(), [])
        kept = self.bookd.get(detail, **self.session()).json
        self.assertEqual([row["move"] for row in kept["events"]], ["request", "change", "quote", "accept", "cancel"])
        self.assertEqual((len(kept["photos"]), kept["address"], kept["address_detail"], kept["reason"]),
                         (1, "서울 중구 7", "101동 202호", "이사합니다"))

    def test_a_visit_that_staff_drags(self):
        day = working_day_ahead(weekday=1).isoformat()
        number = self.create("dies-drag", booking(name="끌릴손님")).json["number"]
        detail = f"/api/v1/admin/bookings/{number}"
        approved = self.bookd.post_json(f"{detail}/approve", {
            "technician": "끌기사", "start": f"{day}T13:00:00+09:00", "duration_minutes": 60}, change(self.session()))
        self.assertEqual(approved.status, 200, approved.text)
        self.enter_shop("ko", DESKTOP_SIZE)
        self.driver.execute_script("localStorage.setItem('calendar-view', 'timeGridDay')")
        self.go(f"calendar/{day}")
        visit = self.page.wait(lambda driver: next(iter(driver.find_elements(
            "xpath", "//article[contains(@class,'ec-event') and contains(., '끌릴손님')]")), None), "the visit")
        actions = ActionChains(self.driver, duration=60).move_to_element(visit).click_and_hold()
        for _ in range(8):
            actions.move_by_offset(0, TWO_HALF_HOURS // 8)
        actions.release().perform()
        self.page.text("dialog", WORDS["ko"]["move"])
        node = self.kill_one()
        self.page.click(lambda: self.page.button(WORDS["ko"]["confirm"]), "confirmed")
        self.page.text(".toast", "14:00")
        self.revive(node)
        self.assertEqual(self.page.complaints(), [])
        kept = self.bookd.get(detail, **self.session()).json
        self.assertEqual(kept["visit"]["start"], f"{day}T14:00:00+09:00")
        self.assertEqual([row["move"] for row in kept["events"]], ["request", "approve", "reschedule"])

    def enter_shop(self, language: str, size: tuple) -> None:
        self.page.resize(size)
        self.driver.get(f"http://127.0.0.1:{self.port}/admin?lang={language}")
        self.driver.execute_script("localStorage.clear()")
        self.driver.delete_all_cookies()
        self.driver.get(f"http://127.0.0.1:{self.port}/admin?lang={language}")
        self.page.find("form")
        self.page.complaints()
        self.enter()
        self.page.find("main.inbox h1")

    def test_staffs_approval_and_estimate(self):
        for index, (language, size) in enumerate(SIDES):
            with self.subTest(language=language, size=size):
                words = WORDS[language]
                number = self.create(f"dies-{index}", booking(name=f"손님{index}")).json["number"]
                self.enter_shop(language, size)
                self.go(f"inbox/{number}")
                self.page.click(lambda: self.page.button(words["quote"]), words["quote"])
                self.page.find("dialog .item input").send_keys("배관 교체")
                amount = self.page.find("dialog .item input[type=number]")
                amount.clear()
                amount.send_keys("120000")
                node = self.kill_one()
                self.page.click(lambda: self.page.find("dialog button[type=submit]"), "the estimate is sent")
                self.page.text(".booking > header", words["quoted"])
                self.revive(node)
                self.page.click(lambda: self.page.button(words["approve"]), words["approve"])
                technician = self.page.find("dialog [name=technician]")
                technician.clear()
                technician.send_keys(f"기사{index}")
                self.driver.execute_script(
                    "const input = document.querySelector('dialog [name=start]'); input.value = arguments[0];"
                    "input.dispatchEvent(new Event('input', {bubbles: true}))", f"{SOON}T10:00")
                node = self.kill_one()
                self.page.click(lambda: self.page.button(words["confirm"]), words["confirm"])
                self.page.text(".booking > header", words["approved"])
                self.assertEqual(self.page.complaints(), [])
                self.page.shot(f"node-dies-admin-{language}-{size[0]}")
                kept = self.bookd.get(f"/api/v1/admin/bookings/{number}", **self.session()).json
                self.assertEqual((kept["status"], kept["visit"]["technician"], kept["estimate"]["total"]),
                                 ("approved", f"기사{index}", 120000))
                self.assertEqual([row["move"] for row in kept["events"]], ["request", "quote", "approve"])
                self.revive(node)


if __name__ == "__main__":
    unittest.main(verbosity=2)
