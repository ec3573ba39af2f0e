#!/usr/bin/python3
"""The admin's pages in a browser: Korean and English, on a desktop and a phone, by mouse and by keyboard."""
import base64
import os
import re
import unittest

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from support.admin_case import AdminCase
from support.bookd import REPOSITORY
from support.booking_stack import booking, change
from support.browser import DESKTOP_SIZE, PHONE_SIZE
from support.pictures import multipart

PLACES = ("inbox", "calendar", "customers", "report", "ops", "audit", "hours", "settings")
KIBI = 1024
STORIES = (("leak", "싱크대 아래에서 물이 샙니다", "김하늘", "010-2345-6789"),
           ("clog", "욕실 배수구가 막혀 물이 내려가지 않아요", "이도윤", "010-3456-7890"),
           ("freeze", "베란다 수도가 얼었습니다", "박서연", "010-4567-8901"),
           ("replace", "변기 부속을 교체하고 싶어요", "최지우", "010-5678-9012"),
           ("leak", "천장에 물 자국이 번집니다", "김하늘", "010-2345-6789"))


class AdminPages(AdminCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for index, (service, description, name, phone) in enumerate(STORIES):
            made = cls.bookd.post_json("/api/v1/bookings", booking(
                service=service, description=description, name=name, phone=phone, address="서울 종로구 세종대로 175",
                preferred=[{"date": cls.day, "window": "morning"}]), {"Idempotency-Key": f"page-{index}"})
            assert made.status == 201, made.text

    def test_from_the_login_over_the_inbox_to_a_visit(self):
        self.enter("not the password")
        self.page.text(".fault", "맞지 않습니다")
        self.page.shot("login")
        self.page.complaints()  # the browser's own word on a 401
        self.enter()
        self.page.find(".rows li")
        self.page.text(".rows", "이전 방문 1건")
        self.page.click(lambda: self.page.driver.find_element(
            By.XPATH, "//ul[@class='rows']//a[contains(., '천장에 물 자국')]"), "the request")
        self.page.text(".earlier", "이전 방문 1건")
        self.page.shot("inbox")
        self.page.click(lambda: self.page.button("승인하고 일정 잡기"), "승인하고 일정 잡기")
        self.page.find("dialog [name=technician]").send_keys("오기사")
        self.page.driver.execute_script(
            "const input = document.querySelector('dialog [name=start]'); input.value = arguments[0];"
            "input.dispatchEvent(new Event('input', {bubbles: true}))", f"{self.day}T10:00")
        self.page.find("dialog .free button")
        self.page.shot("approve")
        self.page.click(lambda: self.page.button("확인"), "확인")
        self.page.text(".booking > header", "승인")
        self.page.click(lambda: self.page.button("방문 확정"), "방문 확정")
        self.page.text(".booking > header", "방문 예정")
        self.page.text(".timeline", "10:00")
        self.assertEqual(self.page.complaints(), [])

    def test_the_time_a_guest_wishes_for_is_at_hand_when_the_visit_is_set(self):
        number = self.create("wished", booking(name="이시각", phone="010-6600-0009", preferred=[
            {"date": self.day, "time": "15:00"}, {"date": self.day, "window": "morning"}, {"date": self.day, "time": "16:30"}])).json["number"]
        self.enter()
        self.page.text(".rows", "15:00")
        self.go(f"inbox/{number}")
        self.page.text(".booking .facts", "16:30")
        self.page.click(lambda: self.page.button("승인하고 일정 잡기"), "승인하고 일정 잡기")
        start = self.page.find("dialog [name=start]")
        self.assertEqual(start.get_attribute("value"), f"{self.day}T15:00")
        wished = self.page.driver.find_elements(By.XPATH, "//dialog//fieldset[legend='희망 시간']/button")
        self.assertEqual([one.get_attribute("aria-pressed") for one in wished], ["true", "false"])
        wished[1].click()
        self.page.wait(lambda _: start.get_attribute("value") == f"{self.day}T16:30", "the other time")
        self.page.find("dialog [name=technician]").send_keys("시각기사")
        self.page.click(lambda: self.page.button("확인"), "확인")
        self.page.text(".booking > header", "승인")
        self.assertEqual(self.start_of(number), f"{self.day}T16:30:00+09:00")
        self.assertEqual(self.page.complaints(), [])

    def test_a_request_shows_what_the_guest_photographed(self):
        picture = base64.b64decode(self.page.driver.execute_script(
            "const c = document.createElement('canvas'); c.width = 320; c.height = 200;"
            "const g = c.getContext('2d'); g.fillStyle = '#2a7'; g.fillRect(40, 30, 200, 120);"
            "return c.toDataURL('image/jpeg').split(',')[1]"))
        form = {"step": "send", "key": re.search(r'name="key" value="([^"]+)"', self.bookd.get("/").text).group(1),
                "service": "clog", "description": "사진을 올렸습니다", "address": "서울 1", "name": "사진손님",
                "phone": "010-6600-0002"}
        sent = self.bookd.request("POST", "/request", *multipart(form, [picture, picture]))
        self.assertEqual(sent.status, 303, sent.text)
        self.enter()
        self.page.find(".rows li")
        self.go("inbox/" + sent.headers["Location"].split("number=")[1])
        self.page.find(".photos img")
        shown = self.page.wait(lambda driver: driver.execute_script(
            "const all = [...document.querySelectorAll('.photos img')];"
            "return all.length == 2 && all.every((i) => i.complete && i.naturalWidth == 320) && all.map((i) => i.alt)"),
            "two photos that loaded")
        self.assertEqual([text.split(",")[0] for text in shown],
                         ["고객이 올린 막힘 사진 2장 중 1번째", "고객이 올린 막힘 사진 2장 중 2번째"])
        self.page.shot("photos")
        self.assertEqual(self.page.axe_faults(), [])
        self.assertEqual(self.page.complaints(), [])

    def test_a_visit_is_dragged_after_a_question_and_put_back(self):
        number = self.approved("drag", 13, "끌어온손님")
        self.enter()
        self.go(f"calendar/{self.day}")
        event = self.event("끌어온손님")
        self.page.shot("calendar")
        self.drag(event, 56)  # two slots of half an hour
        self.page.text("dialog", "방문을 옮길까요?")
        self.page.text("dialog", "14:00")
        self.assertFalse(self.page.find("dialog [role=switch]").is_selected())  # nobody is told by accident
        self.page.shot("move")
        self.page.click(lambda: self.page.button("되돌리기"), "되돌리기")
        self.page.gone("dialog")
        self.assertIn("T13:00", self.start_of(number))
        event = self.event("끌어온손님")
        self.drag(event, 56)
        self.page.click(lambda: self.page.button("확인"), "확인")
        self.page.text(".toast", "옮겼습니다")
        self.assertIn("T14:00", self.start_of(number))
        self.page.click(lambda: self.page.button("되돌리기"), "되돌리기")
        self.page.gone(".toast")
        self.assertIn("T13:00", self.start_of(number))
        self.assertEqual(self.page.complaints(), [])

    def test_a_visit_is_moved_by_the_keyboard_alone(self):
        number = self.approved("keys", 15, "글쇠손님")
        self.enter()
        self.go(f"calendar/{self.day}")
        event = self.event("글쇠손님")
        event.find_element(By.TAG_NAME, "button").send_keys(Keys.ENTER)
        self.page.text("dialog", "시간 바꾸기")
        self.page.driver.execute_script(
            "const input = document.querySelector('dialog [name=start]'); input.value = arguments[0];"
            "input.dispatchEvent(new Event('input', {bubbles: true}))", f"{self.day}T16:30")
        self.page.find("dialog [name=duration]").send_keys(Keys.ENTER)
        self.page.button("확인").send_keys(Keys.ENTER)
        self.page.text(".toast", "옮겼습니다")
        self.assertIn("T16:30", self.start_of(number))

    def test_every_page_is_clean_for_axe_light_and_dark_in_both_sizes(self):
        number = self.approved("axe", 9)
        places = [*PLACES, f"inbox/{number}", f"customers/{self.customer()}", f"calendar/sheet/{self.day}"]
        self.assertEqual(self.page.axe_faults(), [])  # the login
        self.enter()
        self.page.find(".rows li")
        for scheme in ("light", "dark"):
            self.page.scheme(scheme)
            for size in (DESKTOP_SIZE, PHONE_SIZE):
                self.page.resize(size)
                for place in places:
                    self.go(place)
                    self.page.gone("[aria-busy=true]")
                    with self.subTest(place=place, size=size, scheme=scheme):
                        self.assertEqual(self.page.axe_faults(), [])
                        self.assertEqual(self.page.sideways(), 0, "the page scrolls sideways")
                    self.page.shot(f"{place.replace('/', '-')[:14]}-{size[0]}-{scheme}")
        self.assertEqual(self.page.complaints(), [])

    def test_every_view_of_the_calendar_is_clean_for_axe_light_and_dark(self):
        numbers = [self.approved(f"views-{hour}", hour) for hour in (9, 11)]
        confirmed = self.bookd.post_json(f"/api/v1/admin/bookings/{numbers[0]}/schedule", {}, change(self.session()))
        self.assertEqual(confirmed.status, 200, confirmed.text)
        self.enter()
        self.go(f"calendar/{self.day}")
        for scheme in ("light", "dark"):
            self.page.scheme(scheme)
            for view in ("dayGridMonth", "timeGridWeek", "timeGridDay", "listWeek", "resourceTimeGridDay"):
                # As it was left: the page comes back with the day of its address in that view.
                self.page.driver.execute_script("localStorage.setItem('calendar-view', arguments[0])", view)
                self.page.driver.refresh()
                self.page.find(".ec-event.visit button, .ec a[role='button']")  # a full day of the month says how many
                with self.subTest(view=view, scheme=scheme):
                    self.assertEqual(self.page.axe_faults(), [])
                self.page.shot(f"calendar-{view}-{scheme}")

    def test_it_speaks_english_by_a_switch(self):
        self.enter()
        self.page.click(lambda: self.page.button("English"), "English")
        for place, title in (("inbox", "Inbox"), ("ops", "Operations"), ("hours", "Opening hours"), ("settings", "Settings")):
            self.go(place)
            self.page.text("main h1", title)
            self.assertEqual(self.page.axe_faults(), [])
        self.page.shot("settings-en")
        self.assertEqual(self.page.complaints(), [])

    def customer(self) -> str:
        found = self.bookd.post_json("/api/v1/admin/customers/search", {"phone": STORIES[0][3]}, self.session())
        return found.json["customers"][0]["id"]

    def test_the_opening_hours_are_edited_and_a_visit_outside_of_them_is_asked_for_twice(self):
        number = self.create("hours-page", booking(name="밤손님")).json["number"]
        self.enter()
        self.go("hours")
        self.page.find(".weekday")
        day = self.page.driver.find_element(By.CSS_SELECTOR, "input[name=closed]")
        self.page.driver.execute_script(
            "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))", day, self.day)
        self.page.click(lambda: self.page.button("휴무일 추가"), "휴무일 추가")
        self.page.shot("hours")
        self.page.click(lambda: self.page.button("저장"), "저장")
        self.page.text(".toast", "저장했습니다")
        self.assertEqual(self.bookd.get("/api/v1/admin/opening-hours", **self.session()).json["closed"], [self.day])
        self.go(f"inbox/{number}")
        self.page.click(lambda: self.page.button("승인하고 일정 잡기"), "승인하고 일정 잡기")
        self.page.find("dialog [name=technician]").send_keys("밤기사")
        self.page.driver.execute_script(
            "const input = document.querySelector('dialog [name=start]'); input.value = arguments[0];"
            "input.dispatchEvent(new Event('input', {bubbles: true}))", f"{self.day}T10:00")
        self.page.click(lambda: self.page.button("확인"), "확인")
        self.page.text("dialog .fault", "영업시간 밖입니다: 휴무")
        self.page.complaints()  # the browser's own word on a 409
        self.page.click(lambda: self.page.find("dialog [name=anyway]"), "anyway")
        self.page.click(lambda: self.page.button("확인"), "확인")
        self.page.text(".booking > header", "승인")
        # As it was, for the other tests.
        self.go("hours")
        self.page.click(lambda: self.page.find("button[aria-label^='빼기']"), "빼기")
        self.page.click(lambda: self.page.button("저장"), "저장")
        self.page.wait(lambda _: self.bookd.get("/api/v1/admin/opening-hours", **self.session()).json["closed"] == [], "open")
        self.assertEqual(self.page.complaints(), [])

    def test_a_customer_is_erased_after_a_reason_and_a_word(self):
        number = self.create("erase-page", booking(name="잊힐손님", phone="010-9191-2323")).json["number"]
        found = self.bookd.post_json("/api/v1/admin/customers/search", {"phone": "010-9191-2323"}, self.session())
        self.enter()
        self.page.find(".rows li")
        self.go("customers/" + found.json["customers"][0]["id"])
        self.page.click(lambda: self.page.button("개인정보 파기"), "개인정보 파기")
        self.page.text("dialog", "잊힐손님 (010-9191-2323)")
        self.page.text("dialog", "신청 1건은 함께 취소됩니다")
        self.page.find("dialog [name=reason]").send_keys("고객 요청")
        self.assertFalse(self.page.button("모두 지우기").is_enabled())
        self.page.click(lambda: self.page.find("dialog [name=sure]"), "sure")
        self.page.shot("erase")
        self.assertEqual(self.page.axe_faults(), [])
        self.page.click(lambda: self.page.button("모두 지우기"), "모두 지우기")
        self.page.text(".toast", "개인정보를 지웠습니다")
        self.assertNotIn("잊힐손님", self.bookd.get(f"/api/v1/admin/bookings/{number}", **self.session()).text)
        self.assertEqual(self.page.complaints(), [])

    def test_what_a_merge_moves_is_listed_before_it_is_done_and_can_be_undone(self):
        one = self.create("merge-one", booking(name="합칠손님", phone="010-9292-0001")).json["number"]
        other = self.create("merge-other", booking(service="clog", name="합칠손님", phone="010-9292-0002")).json["number"]
        into, gone = (self.bookd.post_json("/api/v1/admin/customers/search", {"phone": phone}, self.session()).json[
            "customers"][0]["id"] for phone in ("010-9292-0001", "010-9292-0002"))
        self.enter()
        self.page.find(".rows li")
        self.go(f"customers/{into}")
        self.page.click(lambda: self.page.button("고객 합치기"), "고객 합치기")
        search = self.page.find("dialog input[type=search]")
        search.send_keys("010-9292-0002" + Keys.TAB)
        self.page.click(lambda: self.page.find(f"dialog option[value='{gone}']"), "the other one")
        self.page.text("dialog .past", "막힘")
        self.page.text("dialog .notice", "신청 1건이")
        self.assertEqual(self.page.axe_faults(), [])
        self.page.shot("merge")
        self.page.click(lambda: self.page.button("합치기"), "합치기")
        self.page.text(".toast", "합쳤습니다")
        self.page.find(f"main .rows a[href='#/inbox/{other}']")
        self.page.find(f"main .rows a[href='#/inbox/{one}']")
        self.page.click(lambda: self.page.button("되돌리기"), "되돌리기")
        self.page.gone(f"article .rows a[href='#/inbox/{other}']")
        self.assertEqual(self.page.complaints(), [])

    def test_the_second_factor_is_scanned_from_a_picture(self):
        self.enter()
        self.page.find(".rows li")
        self.go("settings")
        self.page.click(lambda: self.page.button("켜기"), "켜기")
        shown = self.page.wait(lambda driver: driver.execute_script(
            "const i = document.querySelector('img.qr'); return i && i.complete && [i.naturalWidth, i.naturalHeight, i.alt]"),
            "the picture")
        self.assertEqual(shown[2], "인증 앱에 등록할 QR 코드")
        self.assertGreater(shown[0], 0)
        self.assertEqual(self.page.axe_faults(), [])
        self.page.shot("factor")
        self.assertEqual(self.page.complaints(), [])  # the policy of the page holds

    def test_times_are_seouls_wherever_the_browser_is(self):
        self.approved("zone", 17, "시간손님")
        self.enter()
        self.go(f"calendar/{self.day}")
        self.page.text(".ec-event", "17:00")
        self.page.shot("calendar")
        self.go(f"calendar/sheet/{self.day}")
        self.page.text(".sheet", "17:00")
        self.assertEqual(self.page.driver.execute_script("return new Date().getTimezoneOffset() > 200"), True)

    def test_the_scripts_stay_within_their_budget(self):
        folder = os.path.join(REPOSITORY, "app", "web", "dist", "assets")
        sizes = {name: os.path.getsize(os.path.join(folder, name + ".gz"))
                 for name in os.listdir(folder) if name.endswith(".js")}
        first = sum(size for name, size in sizes.items() if name.startswith("index"))
        self.assertLess(first, 30 * KIBI, sizes)
        self.assertLess(sum(sizes.values()), 90 * KIBI, sizes)


if __name__ == "__main__":
    unittest.main(verbosity=2)
