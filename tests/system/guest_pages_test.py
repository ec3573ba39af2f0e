#!/usr/bin/python3
"""The guest's pages in a browser: a narrow phone, light and dark, Korean and English; what scripts add."""
import datetime
import os
import subprocess
import tempfile
import unittest

from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from support.bookd import READY_SECONDS, wait_until
from support.booking_stack import PHONE, SOON, booking, change
from support.guest_pages import DESCRIPTION, GuestPages

LARGEST_BODY = 64 * 1024
FREE_TRIES = 5  # with one telephone number, before the next one costs work


class Looks(GuestPages):
    def check(self, name: str) -> None:
        with self.subTest(page=name):
            self.assertEqual(self.page.axe_faults(), [])
            self.assertEqual(self.page.sideways(), 0, "the page scrolls sideways")
        self.page.shot(name)

    def quoted(self, key: str) -> str:
        number = self.create(key, booking(phone=f"010-7100-{len(key):04}")).json["number"]
        answer = self.bookd.post_json(f"/api/v1/admin/bookings/{number}/quote", {
            "items": [{"text": "배관 교체", "amount": 120000}, {"text": "할인", "amount": -20000}], "note": "방문 후 확정",
            "valid_until": f"{SOON}T23:00:00+09:00"}, change(self.session()))
        self.assertEqual(answer.status, 200, answer.text)
        return number

    def walk(self, name: str) -> None:
        """Every page a guest can meet, one after the other."""
        number = self.quoted(f"looks-{name}")
        self.open("/")
        self.check(f"{name}-request")
        self.press("button[value=review]")
        self.page.find(".notice[role=alert]")
        self.check(f"{name}-faults")
        self.fill()
        self.set_day(SOON)
        self.page.find("#photos").send_keys(self.picture(400, 300))
        self.page.wait(lambda driver: driver.execute_script("return document.getElementById('photos').files[0]?.name") ==
                       "photo.jpg", "the photo is ready")
        self.press("button[value=review]")
        self.page.find("button[value=send]")
        self.page.find(".gallery img")
        self.check(f"{name}-review")
        self.press("button[value=send]")
        self.page.find("#number.number")
        self.check(f"{name}-done")
        self.open(f"/lookup?number={number}")
        self.check(f"{name}-lookup")
        self.write(phone=f"010-7100-{len('looks-' + name):04}")
        self.press("form[action='/lookup'] button")
        self.page.find(".status, .facts")
        for summary in self.driver.find_elements(By.TAG_NAME, "summary"):
            summary.click()
        self.check(f"{name}-found")
        self.open("/lookup")
        self.driver.find_element(By.ID, "name").send_keys("홍길동")
        self.driver.find_element(By.ID, "name-phone").send_keys(PHONE)
        self.press("form[action='/lookup/name'] button")
        self.page.find("dl.facts")
        self.check(f"{name}-listed")
        self.open("/nothing-here")
        self.check(f"{name}-missing")

    def test_every_page_is_clean_for_axe_on_a_narrow_phone_light_dark_korean_and_english(self):
        for language in ("ko", "en"):
            for scheme in ("light", "dark"):
                self.page.scheme(scheme)
                self.open(f"/language/{language}")
                self.walk(f"{language}-{scheme}")

    def test_pages_of_a_refusal_are_clean_as_well(self):
        for language, phone in (("ko", "010-7100-9991"), ("en", "010-7100-9992")):
            for _ in range(FREE_TRIES + 1):
                self.bookd.post_form("/lookup", {"number": "000-000-000", "phone": phone})
            self.open(f"/language/{language}")
            self.open("/lookup")
            self.write(number="000-000-000", phone=phone)
            self.press("form[action='/lookup'] button")
            self.page.find("form[data-challenge]")
            self.check(f"{language}-locked")
            self.open("/lookup")
            self.driver.execute_script("document.getElementById('number').value = 'x'.repeat(arguments[0])", 2 * LARGEST_BODY)
            self.press("form[action='/lookup'] button")
            self.page.text("h1", {"ko": "사진이 너무 큽니다", "en": "photo"}[language])
            self.check(f"{language}-too-large")
        self.addCleanup(wait_until, lambda: self.bookd.get("/readyz").status == 200, READY_SECONDS, "ready again")
        self.addCleanup(self.database.start)
        self.database.stop()
        for language in ("ko", "en"):
            self.open(f"/language/{language}")
            self.open("/lookup")
            self.write(number="000-000-000", phone="010-7100-9998")
            self.press("form[action='/lookup'] button")
            self.page.text("h1", {"ko": "잠시 후 다시 시도해 주세요", "en": "moment"}[language])
            self.check(f"{language}-unavailable")
        self.page.complaints()  # the browser's own word on 429, 413 and 503

    def test_a_day_of_rest_is_told_before_anything_is_sent(self):
        rest = self.driver.execute_script("return document.querySelector('[data-rest]').dataset.rest.split(' ')[0]")
        self.set_day(rest)
        self.page.text(".day .fault", "이날은 쉽니다")
        self.check("rest")
        self.set_day(SOON)
        self.page.wait(lambda driver: driver.find_element(By.CSS_SELECTOR, ".day .fault").text == "", "no fault")

    def test_a_day_offers_its_own_times(self):
        days = self.bookd.get("/api/v1/windows").json["days"]
        # Not that of today, which has but some of its times left.
        saturday = next(day["date"] for day in days if day["date"] > SOON and datetime.date.fromisoformat(day["date"]).weekday() == 5)
        when = Select(self.page.find("#window-0"))
        self.set_day(SOON)
        when.select_by_value("14:00")
        self.check("time")
        self.set_day(saturday)
        self.page.text(".day .fault", "이날 그 시간에는")
        self.assertEqual(when.first_selected_option.get_attribute("value"), "any")
        offered = [option.get_attribute("value") for option in when.options if option.is_enabled()]
        times = next(day["times"] for day in days if day["date"] == saturday)
        self.assertEqual(offered, ["any", "morning", "afternoon", *times])
        self.assertNotIn("14:00", times)
        self.check("no-such-time")
        self.set_day(SOON)
        self.page.wait(lambda driver: driver.find_element(By.CSS_SELECTOR, ".day .fault").text == "", "no fault")
        when.select_by_value("14:00")
        self.fill()
        self.open("/")  # a reload: the draft has the time
        number = self.send()
        self.open(f"/lookup?number={number}")
        self.write(phone=PHONE)
        self.press("form[action='/lookup'] button")
        self.page.text(".facts", f"{SOON} 14:00")
        self.assertEqual(self.page.complaints(), [])


    def test_the_font_is_our_own_and_few_of_its_files_are_fetched(self):
        self.page.wait(lambda driver: driver.execute_script(
            "return document.fonts.status == 'loaded' && [...document.fonts].some((face) => face.status == 'loaded')"), "the font")
        fetched = self.driver.execute_script(
            "return performance.getEntriesByType('resource').map((e) => new URL(e.name).pathname).filter((p) => p.startsWith('/fonts/'))")
        # The shop's own name and number may need another one.
        self.assertTrue(1 <= len(fetched) <= 3, fetched)
        font = self.bookd.get(fetched[0])
        self.assertEqual((font.status, font.headers["Content-Type"], font.body[:4]), (200, "font/woff2", b"wOF2"))
        self.assertIn("immutable", font.headers["Cache-Control"])
        self.assertEqual(self.bookd.get("/fonts/other.woff2").status, 404)
        self.assertEqual(self.page.complaints(), [])


class Done(GuestPages):
    """The page with the number that a request has got."""

    def allow(self, state: str) -> None:
        """What the browser lets the page do with the clipboard; it may be read whatever that is."""
        for name, may in (("clipboard-read", "granted"), ("clipboard-write", state)):
            self.driver.execute_cdp_cmd("Browser.setPermission", {"permission": {"name": name}, "setting": may})
            self.assertEqual(self.driver.execute_async_script(
                "navigator.permissions.query({name: arguments[0]}).then((p) => arguments[1](p.state))", name), may)

    def clipboard(self) -> str:
        return self.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0], (e) => arguments[0](String(e)))")

    def scanned(self) -> str:
        """What a camera reads of the page, by somebody else's eyes."""
        with tempfile.NamedTemporaryFile(suffix=".png") as file:
            file.write(self.page.find(".qr svg").screenshot_as_png)
            file.flush()
            read = subprocess.run(["zbarimg", "--nodbus", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", file.name],
                                  capture_output=True, text=True, check=False)
        self.assertEqual((read.returncode, read.stderr), (0, ""), "there is nothing to read")
        return read.stdout.removesuffix("\n")

    def test_the_number_is_copied_whether_or_not_the_clipboard_may_be_written_to(self):
        self.addCleanup(self.driver.execute_cdp_cmd, "Browser.resetPermissions", {})
        self.fill()
        number = self.send()
        self.assertRegex(number, "^[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{3}$")
        for state in ("granted", "denied"):
            with self.subTest(clipboard=state):
                self.allow("granted")
                self.driver.execute_async_script("navigator.clipboard.writeText('something else').then(arguments[0])")
                self.assertEqual(self.clipboard(), "something else")
                self.open(f"/request/done?number={number}")
                self.allow(state)
                self.press("[data-copy]")
                self.page.text("[data-copy]", "복사했습니다")
                self.assertEqual(self.clipboard(), number)
        self.assertEqual(self.page.complaints(), [])

    def test_the_code_is_the_number_or_where_it_is_looked_up(self):
        self.fill()
        number = self.send()
        for scheme in ("light", "dark"):
            self.page.scheme(scheme)
            self.assertEqual(self.scanned(), number)
        known = self.new_bookd()
        address = f"http://127.0.0.1:{known.port}"
        with open(known.config, encoding="utf-8") as file:
            settings = file.read()
        with open(known.config, "w", encoding="utf-8") as file:
            file.write(settings.replace("web: {", f"web: {{public_url: '{address}', "))
        known.start()
        self.driver.get(f"{address}/request/done?number={number}")
        self.assertEqual(self.scanned(), f"{address}/lookup?number={number}")
        self.driver.get(self.scanned())
        self.assertEqual(self.value("number"), number)
        self.assertEqual(self.page.complaints(), [])


class Scripts(GuestPages):
    def test_a_large_photo_is_shrunk_before_it_is_sent(self):
        self.fill()
        photo = self.picture(3200, 2000)
        self.page.find("#photos").send_keys(photo)
        size = self.page.wait(lambda driver: driver.execute_script(
            "const f = document.getElementById('photos').files[0]; return f.name == 'photo.jpg' && f.size"), "shrunk")
        self.assertLess(size, os.path.getsize(photo))
        self.press("button[value=review]")
        shown = self.page.wait(lambda driver: driver.execute_script(
            "const i = document.querySelector('.gallery img');"
            "return i && i.complete && i.naturalWidth && [i.naturalWidth, i.naturalHeight]"), "the photo")
        self.assertEqual(shown, [1600, 1000])
        self.press("button[value=send]")
        self.page.find("#number.number")
        self.assertEqual(self.page.complaints(), [])

    def test_a_draft_outlives_a_reload_and_ends_with_the_request(self):
        self.fill(address="부산 해운대구 2")
        self.open("/")
        self.assertEqual((self.value("description"), self.value("address")), (DESCRIPTION, "부산 해운대구 2"))
        self.assertTrue(self.driver.find_element(By.CSS_SELECTOR, "[name=service][value=leak]").is_selected())
        self.send()
        self.open("/")
        self.assertEqual(self.value("description"), "")

    def test_who_failed_too_often_works_for_the_next_try(self):
        phone = "010-7222-0001"
        number = self.create("proof", booking(phone=phone)).json["number"]
        for _ in range(FREE_TRIES + 1):
            self.bookd.post_form("/lookup", {"number": "000-000-000", "phone": phone})
        self.open("/lookup")
        self.write(number=number, phone=phone)
        self.press("form[action='/lookup'] button")
        form = self.page.find("form[data-challenge][action='/lookup']")
        # The button wakes when the work is done.
        self.page.wait(lambda _: form.find_element(By.NAME, "proof"), "the proof")
        self.page.wait(lambda _: form.find_element(By.TAG_NAME, "button").is_enabled(), "the button")
        self.assertEqual(self.value("number"), number)
        self.press("form[action='/lookup'] button")
        self.page.text("main", "누수")
        self.assertNotIn("data-challenge", self.driver.page_source)


if __name__ == "__main__":
    unittest.main(verbosity=2)
