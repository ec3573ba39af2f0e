#!/usr/bin/python3
"""The guest's pages of bookd, as a browser without scripts sees them."""
import gzip
import html
import re
import unittest
import urllib.parse

from support.booking_stack import OTHER_PHONE, PHONE, SOON, Stack, at_once

SCRIPT_BUDGET = 30 * 1024  # octets, packed


class Pages(Stack):
    def form(self) -> dict:
        page = self.bookd.get("/").text
        key = re.search(r'name="key" value="([^"]+)"', page).group(1)
        return {"step": "send", "key": key, "service": "clog", "description": "싱크대가 막혔어요", "address": "서울 중구 2",
                "name": "이영희", "phone": PHONE, "date-0": SOON, "window-0": "afternoon", "date-1": "",
                "window-1": "any", "date-2": "", "window-2": "any"}

    def test_scripts_are_small_and_nothing_waits_for_them(self):
        for path in ("/", "/lookup"):
            with self.subTest(path=path):
                page = self.bookd.get(path).text
                scripts = re.findall(r"<script[^>]*>", page)
                octets = sum(len(gzip.compress(self.bookd.get(re.search(r'src="([^"]+)"', tag).group(1)).body)) for tag in scripts)
                self.assertTrue(0 < octets <= SCRIPT_BUDGET, octets)
                for tag in scripts:
                    self.assertRegex(tag, r"defer|type=\"module\"")

    def test_a_page_brings_nothing_from_elsewhere_and_nothing_inline(self):
        page = self.bookd.get("/")
        policy = page.headers["Content-Security-Policy"]
        for rule in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'"):
            self.assertIn(rule, policy)
        self.assertNotIn("unsafe", policy)
        self.assertNotRegex(page.text, r"<script(?! src=\"/assets/)|<style|style=\"|\son\w+=")
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        for path in set(re.findall(r'(?:href|src)="(/assets/[^"]+)"', page.text)):
            asset = self.bookd.get(path)
            self.assertEqual((asset.status, "immutable" in asset.headers["Cache-Control"]), (200, True))
            self.assertEqual(self.bookd.get(path, **{"If-None-Match": asset.headers["ETag"]}).status, 304)
            packed = self.bookd.get(path, **{"Accept-Encoding": "gzip, br;q=0.5"})
            if packed.headers["Content-Encoding"]:
                self.assertEqual(packed.headers["Content-Encoding"], "br")
                self.assertLess(len(packed.body), len(asset.body))
            packed = self.bookd.get(path, **{"Accept-Encoding": "gzip, br;q=0"})
            if packed.headers["Content-Encoding"]:
                self.assertEqual(gzip.decompress(packed.body), asset.body)

    def test_the_form_makes_a_booking_and_shows_its_number(self):
        sent = self.bookd.post_form("/request", self.form())
        self.assertEqual(sent.status, 303, sent.text)
        location = sent.headers["Location"]
        number = urllib.parse.parse_qs(urllib.parse.urlsplit(location).query)["number"][0]
        self.assertNotIn("phone", location)
        done = self.bookd.get(location)
        self.assertEqual(done.status, 200)
        self.assertIn(number, done.text)
        found = self.bookd.post_form("/lookup", {"number": number, "phone": PHONE})
        self.assertEqual(found.status, 200)
        self.assertIn("막힘", found.text)
        self.assertNotIn("이영희", found.text)
        self.assertIn("<svg", done.text)
        self.assertEqual(self.bookd.get("/request/done?number=000000001").status, 404)

    def test_before_anything_is_sent_it_is_shown_for_review(self):
        before = self.database.query("SELECT COUNT(*) FROM bookd.booking")
        form = {**self.form(), "step": "review", "marketing": "yes", "urgent": "yes"}
        review = self.bookd.post_form("/request", form)
        self.assertEqual(review.status, 200)
        for part in ("싱크대가 막혔어요", "서울 중구 2", PHONE, 'name="marketing" value="yes"', 'name="urgent" value="yes"', "바로 와 주세요"):
            self.assertIn(part, review.text)
        self.assertEqual(self.database.query("SELECT COUNT(*) FROM bookd.booking"), before)
        edit = self.bookd.post_form("/request", {**form, "step": "edit"})
        self.assertIn('value="서울 중구 2"', edit.text)
        self.assertEqual(self.bookd.post_form("/request", {**form, "step": "send"}).status, 303)
        self.assertEqual(self.database.query("SELECT GROUP_CONCAT(kind) FROM bookd.consent"), "2")
        self.assertEqual(self.database.query("SELECT GROUP_CONCAT(urgent) FROM bookd.booking WHERE urgent <> 0"), "1")

    def test_a_time_is_chosen_among_those_that_some_day_has(self):
        form = {**self.form(), "step": "review", "phone": "010-7300-0001", "window-0": "14:30", "date-1": SOON}
        times = re.findall(r'<option value="(\d\d:\d\d)">', self.bookd.get("/").text)
        rows = len(times) // 3
        self.assertEqual((times[:2], times[rows - 1], len(times)), (["09:00", "09:30"], "17:30", 3 * len(set(times))))
        self.assertIn(f"<dd>{SOON} 14:30, {SOON} 시간 무관</dd>", self.bookd.post_form("/request", form).text)
        edit = self.bookd.post_form("/request", {**form, "step": "edit"}).text
        self.assertEqual(edit.count('<option value="14:30" selected>'), 1)
        sent = self.bookd.post_form("/request", {**form, "step": "send"})
        number = sent.headers["Location"].split("number=")[1]
        found = self.bookd.post_form("/lookup", {"number": number, "phone": "010-7300-0001"}).text
        self.assertIn(f"{SOON} 14:30, {SOON} 시간 무관", found)
        for window, korean, english in (("12:30", "점심시간", "lunch"), ("25:00", "30분 단위", "half past"), ("<b>:", "30분 단위", "half past")):
            with self.subTest(window=window):
                for cookie, words in (("lang=ko", korean), ("lang=en", english)):
                    wrong = self.bookd.post_form("/request", {**self.form(), "window-0": window}, {"Cookie": cookie})
                    self.assertEqual(wrong.status, 400)
                    self.assertIn(words, re.search(r'id="date-0-fault">([^<]+)<', wrong.text).group(1))

    def test_in_english_by_a_switch(self):
        chosen = self.bookd.get("/language/en")
        self.assertEqual((chosen.status, chosen.headers["Location"]), (303, "/"))
        cookie = chosen.headers["Set-Cookie"].split(";")[0]
        self.assertIn('<html lang="en">', self.bookd.get("/", Cookie=cookie).text)
        wrong = self.bookd.post_form("/request", {**self.form(), "phone": "1"}, {"Cookie": cookie})
        self.assertIn("Give a Korean telephone number", wrong.text)
        self.assertEqual(self.bookd.get("/language/xx").status, 404)

    def test_a_double_press_makes_one_booking(self):
        form = self.form()
        answers = at_once(8, lambda _: self.bookd.post_form("/request", form))
        self.assertEqual({answer.status for answer in answers}, {303})
        self.assertEqual(len({answer.headers["Location"] for answer in answers}), 1)

    def test_a_changed_form_is_not_taken_for_the_one_sent_before(self):
        form = self.form()
        self.assertEqual(self.bookd.post_form("/request", form).status, 303)
        changed = self.bookd.post_form("/request", {**form, "address": "부산 1"})
        self.assertEqual(changed.status, 409)
        self.assertIn("이미 한 번 접수", changed.text)
        self.assertIn("부산 1", changed.text)
        key = re.search(r'name="key" value="([^"]+)"', changed.text).group(1)
        self.assertNotEqual(key, form["key"])
        self.assertEqual(self.bookd.post_form("/request", {**form, "address": "부산 1", "key": key}).status, 303)

    def test_a_faulty_form_comes_back_filled_in_and_says_what_is_wrong(self):
        nasty = '"><b>&'
        answer = self.bookd.post_form("/request", {**self.form(), "phone": "123", "address": nasty, "date-0": "",
                                                   "date-1": "2001-01-01"})
        self.assertEqual(answer.status, 400)
        for part in ('id="phone-fault"', 'id="date-1-fault"', 'href="#phone"', 'value="123"', html.escape(nasty)):
            self.assertIn(part, answer.text)
        self.assertNotIn(nasty, answer.text)
        self.assertNotIn('id="address-fault"', answer.text)

    def test_forms_of_other_sites_are_refused(self):
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.test"}, {"Origin": "null"}):
            self.assertEqual(self.bookd.post_form("/request", self.form(), headers).status, 403)
        own = {"Origin": f"http://127.0.0.1:{self.bookd.port}", "Sec-Fetch-Site": "same-origin"}
        self.assertEqual(self.bookd.post_form("/request", self.form(), own).status, 303)

    def test_looking_for_nothing_and_for_somebody_elses_reads_the_same(self):
        number = self.create("page-private").json["number"]
        pages = []
        for given, phone in ((number, OTHER_PHONE), ("000-000-000", OTHER_PHONE)):
            answer = self.bookd.post_form("/lookup", {"number": given, "phone": phone})
            self.assertEqual(answer.status, 404)
            pages.append(answer.text.replace(given, ""))
        self.assertEqual(pages[0], pages[1])

    def test_a_missing_page_is_a_page_for_a_browser(self):
        answer = self.bookd.get("/nothing", Accept="text/html")
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (404, "text/html; charset=utf-8"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
