#!/usr/bin/python3
"""A guest comes back: photos, the list by name, estimate, change and cancellation by plain forms; and who guesses is slowed
down on every node, unless their browser works for it. Planted personal data is looked for everywhere."""
import hashlib
import pathlib
import re
import time
import unittest

from support.booking_stack import BOOKINGS, LOOKUP, OTHER_PHONE, PHONE, SOON, Stack, booking
from support.pictures import PHOTO, PICTURE, multipart


def hidden(page: str, action: str) -> dict:
    form = page[page.index(f'action="{action}"'):]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[:form.index("</form>")]))


class GuestPages(Stack):
    def post(self, path: str, fields: dict, photos: list[bytes] | None = None):
        if photos is None:
            return self.bookd.post_form(path, fields)
        body, headers = multipart(fields, photos)
        return self.bookd.request("POST", path, body, headers)

    def form(self, **changes) -> dict:
        key = re.search(r'name="key" value="([^"]+)"', self.bookd.get("/").text).group(1)
        return {"step": "review", "key": key, "service": "leak", "description": "샙니다", "address": "서울 1",
                "name": "박영수", "phone": PHONE, "date-0": SOON, "window-0": "any", **changes}

    def made(self, **changes) -> str:
        sent = self.post("/request", {**self.form(**changes), "step": "send"})
        self.assertEqual(sent.status, 303, sent.text)
        return sent.headers["Location"].split("number=")[1]

    def found(self, number: str, phone: str = PHONE) -> str:
        page = self.post("/lookup", {"number": number, "phone": phone})
        self.assertEqual(page.status, 200, page.text)
        return page.text

    def test_photos_come_along_lose_what_they_tell_and_can_be_added(self):
        form = self.form(phone="010-7000-0001")
        review = self.post("/request", form, [PHOTO, PHOTO])
        self.assertEqual((review.status, review.text.count("<img src=\"/photos/")), (200, 2), review.text)
        again = self.post("/request", form, [PHOTO, PHOTO])  # from the form, gone back to
        self.assertEqual((again.status, again.text.count("<img src=\"/photos/")), (200, 2), again.text)
        sent = self.post("/request", {**form, "step": "send"})
        page = self.found(sent.headers["Location"].split("number=")[1], "010-7000-0001")
        urls = re.findall(r'<img src="(/photos/[^"]+)"', page)
        self.assertEqual(len(urls), 2)
        shown = self.bookd.get(urls[0])
        self.assertEqual((shown.status, shown.headers["Content-Type"]), (200, "image/jpeg"))
        for secret in (b"Exif", b"GPS", b"Photoshop"):
            self.assertNotIn(secret, shown.body)
        self.assertTrue(shown.body.endswith(PICTURE))
        self.assertIn("sandbox", shown.headers["Content-Security-Policy"])
        self.assertEqual(shown.headers["X-Content-Type-Options"], "nosniff")
        self.assertIn("filename", shown.headers["Content-Disposition"])
        self.assertEqual(self.bookd.get(urls[0][:-1] + ("0" if urls[0][-1] != "0" else "1")).status, 404)
        fields = hidden(page, "/manage/photos")
        others = [PHOTO.replace(b"\xff\0c", b"\xff\0" + letter) for letter in (b"d", b"e", b"f", b"g")]
        self.assertIn("사진을 올렸습니다", self.post("/manage/photos", fields, others[:3]).text)
        again = self.post("/manage/photos", fields, others[:3])  # pressed twice
        self.assertEqual((again.status, again.text.count('<img src="/photos/')), (200, 5))
        self.assertEqual(self.post("/manage/photos", fields, others[3:]).status, 409)
        self.assertEqual(self.post("/manage/photos", fields, [b"<svg onload=alert(1)>"]).status, 400)

    def test_a_photo_that_is_none_sends_nothing_and_is_said(self):
        answer = self.post("/request", self.form(), [b"GIF89a"])
        self.assertEqual(answer.status, 400)
        self.assertIn('id="photos-fault"', answer.text)
        self.assertIn("박영수", answer.text)

    def test_a_body_too_large_is_refused_before_it_is_read(self):
        for path, size, status in (("/lookup", 100_000, 413), ("/request", 13 << 20, 413)):
            head = (f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                    f"Content-Length: {size}\r\n\r\n").encode()
            self.assertIn(b" %d " % status, self.bookd.raw(head).split(b"\r\n")[0])

    def test_change_and_cancel_by_form(self):
        number = self.made(phone="010-7000-0002")
        page = self.found(number, "010-7000-0002")
        change = hidden(page, "/manage/change")
        changed = self.post("/manage/change", {**change, "address": "부산 9", "date-0": SOON, "window-0": "10:30"})
        self.assertEqual(changed.status, 200, changed.text)
        self.assertIn("처리했습니다", changed.text)
        self.assertIn(f"{SOON} 10:30", changed.text)
        self.assertIn("이미 처리된", self.post("/manage/change", {**change, "address": "부산 9", "date-0": SOON,
                                                              "window-0": "10:30"}).text)
        stale = self.post("/manage/cancel", {**hidden(page, "/manage/cancel"), "reason": "x"})
        self.assertEqual(stale.status, 409)
        self.assertIn("그 사이에", stale.text)
        cancelled = self.post("/manage/cancel", {**hidden(stale.text, "/manage/cancel"), "reason": "이사"})
        self.assertIn('class="status cancelled"', cancelled.text)
        self.assertNotIn("/manage/cancel", cancelled.text)
        self.assertEqual(self.post("/manage/other", {}).status, 404)

    def test_a_name_and_a_number_to_call_are_changed_by_form(self):
        number = self.made(phone="010-7000-0021")
        change = hidden(self.found(number, "010-7000-0021"), "/manage/change")
        wrong = self.post("/manage/change", {**change, "new-phone": "12"})
        self.assertEqual(wrong.status, 400)
        self.assertRegex(wrong.text, r'(?s)<details[^>]* open>.*name="new-phone"[^>]* value="12"[^>]* aria-invalid="true"')
        self.assertIn('id="new-phone-fault">전화번호를', wrong.text)
        nothing = self.post("/manage/change", change)
        self.assertEqual(nothing.status, 400)
        self.assertIn("바꿀 내용을 적어 주세요", nothing.text)
        changed = self.post("/manage/change", {**change, "name": "새이름", "new-phone": "010-7000-0022"})
        self.assertEqual(changed.status, 200, changed.text)
        self.assertIn("처리했습니다", changed.text)
        # The page goes on with the new number.
        self.assertEqual(hidden(changed.text, "/manage/cancel")["phone"], "010-7000-0022")
        again = self.post("/manage/change", {**change, "name": "새이름", "new-phone": "010-7000-0022"})
        self.assertIn("이미 처리된", again.text)
        self.assertEqual(self.post("/lookup", {"number": number, "phone": "010-7000-0021"}).status, 404)
        self.found(number, "010-7000-0022")

    def test_name_and_phone_show_a_masked_list(self):
        number = self.made(name="조용한사람", phone="010-7000-0003")
        listed = self.post("/lookup/name", {"name": "조용한사람", "phone": "010-7000-0003"})
        self.assertEqual(listed.status, 200)
        self.assertIn(number[:3] + "-•••-••" + number[-1], listed.text)
        self.assertNotIn(number, listed.text)
        nobody = self.post("/lookup/name", {"name": "다른사람", "phone": "010-7000-0003"})
        nothing = self.post("/lookup/name", {"name": "다른사람", "phone": "010-7999-0003"})
        self.assertEqual(nobody.text, nothing.text)

    def test_who_guesses_is_slowed_down_on_every_node_and_work_opens(self):
        phone = "010-7000-0004"
        number = self.made(phone=phone)
        second = self.new_bookd().start()
        nodes = (self.bookd, second)
        for i in range(5):
            answer = nodes[i % 2].post_json(LOOKUP, {"number": "000-000-000", "phone": phone})
            self.assert_problem(answer, 404, "booking_not_found")
        for node in nodes:
            locked = node.post_json(LOOKUP, {"number": number, "phone": phone})
            problem = self.assert_problem(locked, 429, "lookup_locked")
            self.assertGreaterEqual(int(locked.headers["Retry-After"]), 1)
        page = second.post_form("/lookup", {"number": number, "phone": phone})
        self.assertEqual(page.status, 429)
        self.assertIn("data-challenge=", page.text)
        challenge, bits = problem["challenge"], problem["challenge_bits"]
        nonce = 0
        while int.from_bytes(hashlib.sha256(f"{challenge}:{nonce}".encode()).digest()[:8], "big") >> (64 - bits):
            nonce += 1
        opened = self.bookd.post_json(LOOKUP, {"number": number, "phone": phone, "proof": f"{challenge}:{nonce}"})
        self.assertEqual(opened.status, 200, opened.text)
        cheat = self.bookd.post_json(LOOKUP, {"number": number, "phone": phone, "proof": f"{challenge}:-1"})
        self.assert_problem(cheat, 429, "lookup_locked")
        # Who did the work can go on with what the page offers, as long as nobody guesses anew.
        page = second.post_form("/lookup", {"number": number, "phone": phone, "proof": f"{challenge}:{nonce}"})
        form = hidden(page.text, "/manage/cancel")
        self.assertEqual(second.post_form("/manage/cancel", {**form, "proof": ""}).status, 429)
        cancelled = second.post_form("/manage/cancel", form)
        self.assertEqual(cancelled.status, 200, cancelled.text)
        self.assertIn("취소된 신청", cancelled.text)

    def test_a_miss_takes_as_long_whatever_its_reason(self):
        number = self.made(phone="010-7000-0005")
        for given, phone in ((number, "010-7000-0006"), ("000-000-000", "010-7000-0007"), ("x", "010-7000-0008")):
            begun = time.monotonic()
            self.assertEqual(self.bookd.post_json(LOOKUP, {"number": given, "phone": phone}).status, 404)
            self.assertGreaterEqual(time.monotonic() - begun, 0.06)  # the floor is the feature

    def test_what_is_personal_stands_nowhere_else(self):
        phone, name, address = "010-8642-9753", "숨은이름찾기", "비밀의화원 77"
        number = self.made(phone=phone, name=name, address=address, description="은밀한증상")
        page = self.found(number, phone)
        self.post("/manage/cancel", {**hidden(page, "/manage/cancel"), "reason": "남모를사정"})
        self.bookd.post_json(BOOKINGS, booking(phone=phone, name=name), {"Idempotency-Key": "planted"})
        self.post("/lookup/name", {"name": name, "phone": phone})
        said = self.bookd.log() + self.bookd.request("GET", "/metrics", port=self.bookd.admin_port).text
        for secret in (name, address, "은밀한증상", "남모를사정", "8642-9753", "86429753"):
            self.assertNotIn(secret, said)
        self.database.query("FLUSH TABLES")
        kept = b"".join(path.read_bytes() for path in pathlib.Path(self.database.directory).rglob("*") if path.is_file())
        self.assertIn(number.replace("-", "").encode(), kept)  # we do read what is kept
        for secret in (address, "은밀한증상", "남모를사정", "8642-9753", "86429753", OTHER_PHONE.replace("-", "")):
            self.assertNotIn(secret.encode(), kept)


if __name__ == "__main__":
    unittest.main(verbosity=2)
