#!/usr/bin/python3
"""All that a guest does on the pages, through lbd and two bookd: Korean and English, on a narrow phone and on a desktop."""
import sys
import unittest

sys.dont_write_bytecode = True

from support import through_lbd  # noqa: E402
from support.booking_stack import SOON, booking, change  # noqa: E402
from support.guest_pages import DESCRIPTION  # noqa: E402
from support.words import of_guests  # noqa: E402

FREE_TRIES = 5  # with one telephone number, before the next one costs work


class Journeys(through_lbd.OnEachSide):
    def arrive(self, language: str) -> dict[str, str]:
        self.open(f"/language/{language}")
        return of_guests(language)

    def start(self) -> None:
        self.driver.execute_script("sessionStorage.clear()")

    def look_up(self, number: str, phone: str) -> None:
        self.open(f"/lookup?number={number}")
        self.write(phone=phone)
        self.press("form[action='/lookup'] button")
        self.page.find(".status")

    def quote(self, number: str) -> None:
        answer = self.bookd.post_json(f"/api/v1/admin/bookings/{number}/quote", {
            "items": [{"text": "배관 교체", "amount": 120000}], "valid_until": f"{SOON}T23:00:00+09:00"}, change(self.session()))
        self.assertEqual(answer.status, 200, answer.text)

    def unfold(self, move: str) -> None:
        self.driver.execute_script("document.querySelector(arguments[0]).closest('details').open = true",
                                   f"form[action='/manage/{move}']")

    def answer(self, move: str) -> None:
        self.press(f"form[action='/manage/{move}'] button")

    def journey_from_the_request_over_photos_and_a_change_to_the_estimate_and_away(self, index, words):
        phone = f"010-7300-000{index}"
        self.open("/")
        self.fill(phone=phone)
        for box in ("urgent", "keep_photos"):
            self.press(f"input[name={box}]")
        self.set_day(SOON)
        number = self.send()
        self.page.text("main", words["done"])
        self.assertTrue(self.page.find(".qr svg").is_displayed())
        self.press("[data-copy]")
        self.page.text("[data-copy]", words["copied"])

        self.look_up(number, phone)
        self.page.text(".status", words["status_requested"])
        self.page.text(".story", words["move_request"])
        self.page.find("#photos").send_keys(self.picture(400, 300))
        self.page.wait(lambda driver: driver.execute_script("return document.getElementById('photos').files[0]?.name") ==
                       "photo.jpg", "the photo is ready")
        self.answer("photos")
        self.page.find(".notice.good")
        self.page.find(".gallery img")
        self.unfold("change")
        old, phone = phone, f"010-7300-030{index}"
        self.write(address="서울 중구 7", description="더 심해졌습니다", name="김하늘", **{"new-phone": phone})
        self.answer("change")
        self.page.text(".story", words["move_change"])
        kept = self.kept(number)
        self.assertEqual((kept["address"], kept["description"], kept["urgent"], len(kept["photos"])),
                         ("서울 중구 7", "더 심해졌습니다", True, 1))
        self.assertEqual((kept["name"], kept["phone"]), ("김하늘", phone))
        self.assertEqual(self.bookd.post_form("/lookup", {"number": number, "phone": old}).status, 404)

        self.quote(number)
        self.look_up(number, phone)
        self.page.text(".estimate", "120,000")
        self.answer("accept")
        self.page.text(".status", words["status_approved"])
        self.page.shot(f"journey-{index}-accepted")
        self.unfold("cancel")
        self.write(reason="이사합니다")
        self.answer("cancel")
        self.page.text(".status", words["status_cancelled"])
        self.assertEqual(self.kept(number)["reason"], "이사합니다")

    def journey_an_estimate_is_declined_and_who_lost_the_number_sees_a_masked_list(self, index, words):
        phone = f"010-7300-010{index}"
        number = self.create(f"journey-{index}", booking(phone=phone)).json["number"]
        self.quote(number)
        self.look_up(number, phone)
        self.answer("decline")
        self.page.text(".status", words["status_requested"])
        self.page.text(".story", words["move_decline"])
        self.open("/lookup")
        self.page.find("#name").send_keys("홍길동")
        self.page.find("#name-phone").send_keys(phone)
        self.press("form[action='/lookup/name'] button")
        self.page.text("dl.facts", f"{number[:3]}-•••")
        self.assertNotIn(number, self.driver.page_source)
        self.open("/lookup")
        self.write(number="000-000-000", phone=phone)
        self.press("form[action='/lookup'] button")
        self.page.text("main", words["not_found"])
        self.page.complaints()  # the browser's own word on a 404

    def journey_faults_are_said_and_a_draft_outlives_a_reload(self, _, words):
        self.open("/")
        self.press("button[value=review]")
        self.page.text(".notice[role=alert]", words["faults"])
        self.page.complaints()  # the browser's own word on a 400
        self.fill(address="부산 해운대구 2")
        self.open("/")
        self.assertEqual((self.value("description"), self.value("address")), (DESCRIPTION, "부산 해운대구 2"))

    def journey_who_failed_too_often_works_for_the_next_try(self, index, words):
        phone = f"010-7300-020{index}"
        number = self.create(f"proof-{index}", booking(phone=phone)).json["number"]
        for _ in range(FREE_TRIES + 1):  # from elsewhere: the number is guarded, wherever one tries
            self.nodes[index % 2].post_form("/lookup", {"number": "000-000-000", "phone": phone},
                                            {"X-Forwarded-For": f"198.51.100.{index + 1}"})
        self.open("/lookup")
        self.write(number=number, phone=phone)
        self.press("form[action='/lookup'] button")
        self.page.find("form[data-challenge][action='/lookup']")
        self.page.complaints()  # the browser's own word on a 429
        self.page.find("form[action='/lookup'] button:enabled")
        self.page.wait(lambda driver: driver.find_elements("css selector", "form[action='/lookup'] [name=proof]"), "the work is done")
        self.press("form[action='/lookup'] button")
        self.page.text(".status", words["status_requested"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
