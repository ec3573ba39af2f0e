#!/usr/bin/python3
"""Every dialog of the admin's pages, light and dark: clean for axe, the keyboard is in it and goes back where it came from; and the
sheet of a day as it is printed. And what is seen of a browser that meets what the contract does not allow."""
import base64
import copy
import unittest

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from support.admin_case import AdminCase
from support.booking_stack import booking, change
from support.contract import Contract

ADMIN = "/api/v1/admin"


class Dialogs(AdminCase):
    def check(self, name: str) -> None:
        """The dialog that is open; then it is closed by Escape."""
        self.page.find("dialog[open]")
        for scheme in ("light", "dark"):
            self.page.scheme(scheme)
            with self.subTest(dialog=name, scheme=scheme):
                self.assertEqual(self.page.axe_faults(), [])
                self.assertEqual(self.page.sideways(), 0)
            self.page.shot(f"dialog-{name}-{scheme}")
        self.page.scheme("light")
        self.assertTrue(self.page.driver.execute_script("return document.querySelector('dialog').contains(document.activeElement)"))
        self.page.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
        self.page.gone("dialog")

    def press(self, text: str) -> None:
        self.page.click(lambda: self.page.button(text), text)

    def test_what_is_done_to_a_booking(self):
        number = self.create("dialogs", booking(name="대화손님")).json["number"]
        self.enter()
        self.go(f"inbox/{number}")
        for text in ("승인하고 일정 잡기", "견적 보내기", "반려", "예약 취소"):
            button = f"//article//button[normalize-space()='{text}']"
            self.page.click(lambda button=button: self.page.driver.find_element(By.XPATH, button), text)
            self.check(text)
            self.page.wait(lambda driver, text=text: driver.switch_to.active_element.text == text, "the focus is back")
        approved = self.approved("dialogs-approved", 10, "옮길손님")
        self.go(f"inbox/{approved}")
        self.press("시간 바꾸기")
        self.check("시간 바꾸기")

    def test_the_question_after_a_drag(self):
        self.approved("dialogs-drag", 13, "끌릴손님")
        self.enter()
        self.go(f"calendar/{self.day}")
        self.drag(self.event("끌릴손님"), 56)
        self.page.text("dialog", "방문을 옮길까요?")
        self.check("drag")

    def test_the_password_given_again(self):
        self.enter()
        self.page.find(".rows li, .empty")
        self.go("settings")
        self.database.query("UPDATE bookd.admin_session SET verified_us = 0")
        self.press("켜기")
        self.page.text("dialog", "비밀번호를 다시 입력해 주세요")
        self.page.complaints()  # the browser's own word on a 403
        self.check("password")

    def test_what_breaks_the_contract_is_a_fault_of_the_test(self):
        """The proxy that the browser goes through, with a contract that bookd and its pages cannot keep."""
        strange = copy.deepcopy(self.proxy.contract.document)
        strange["components"]["schemas"]["Credentials"]["properties"].pop("password")
        strange["components"]["schemas"]["Session"]["required"].append("no_such_member")
        del strange["paths"]["/api/v1/admin/bookings"]
        kept, self.proxy.contract = self.proxy.contract, Contract(strange)
        try:
            self.enter()
            self.page.find("main.inbox h1")
            self.page.wait(lambda _: len(self.proxy.faults) >= 3, "three faults")
        finally:
            self.proxy.contract = kept
        told = self.proxy.tell()
        for begin in ("POST /api/v1/admin/login: the request: : Unevaluated", "GET /api/v1/admin/session: : 'no_such_member' is a required",
                      "GET /api/v1/admin/bookings: no operation"):
            self.assertTrue(any(fault.startswith(begin) for fault in told), (begin, told))

    def test_a_days_sheet_is_printed_without_what_is_for_the_screen(self):
        number = self.approved("sheet", 9, "종이손님")
        self.bookd.post_json(f"{ADMIN}/bookings/{number}/schedule", {}, change(self.session()))
        self.enter()
        self.go(f"calendar/sheet/{self.day}")
        self.page.text(".sheet table", "종이손님")
        self.page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        self.addCleanup(self.page.driver.execute_cdp_cmd, "Emulation.setEmulatedMedia", {"media": ""})
        shown = self.page.driver.execute_script(
            "return ['.sheet table', '.noprint', 'nav'].map((css) => [...document.querySelectorAll(css)]"
            ".some((e) => e.checkVisibility()))")
        self.assertEqual(shown, [True, False, False])
        paper = base64.b64decode(self.page.driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": False})["data"])
        self.assertTrue(paper.startswith(b"%PDF-"))
        self.assertEqual(paper.count(b"/Type /Page\n") + paper.count(b"/Type /Page "), 1)  # one sheet for one day


if __name__ == "__main__":
    unittest.main(verbosity=2)
