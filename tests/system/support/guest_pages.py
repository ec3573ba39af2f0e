"""A browser before the guest's pages, and what a guest does on them."""
import base64
import os
import tempfile

from .booking_stack import PHONE, Stack
from .browser import PHONE_SIZE
from .watched_browser import WatchedBrowser

DESCRIPTION = "보일러 아래에서 물이 떨어집니다"


class GuestPages(WatchedBrowser, Stack):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_browser()

    def setUp(self):
        self.page = self.browser
        self.driver = self.page.driver
        self.page.resize(PHONE_SIZE)
        self.page.scheme("light")
        self.open("/")
        self.driver.execute_script("sessionStorage.clear()")
        self.driver.delete_all_cookies()
        self.open("/")
        self.page.complaints()

    def open(self, path: str, port: int | None = None) -> None:
        self.driver.get(f"http://127.0.0.1:{port or self.bookd.port}{path}")

    def press(self, css: str) -> None:
        """Once: a second press may meet the next page's button of the same kind."""
        element = self.page.find(css)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def write(self, **fields) -> None:
        for name, value in fields.items():
            field = self.page.find(f"[name={name}]")
            field.clear()
            field.send_keys(value)

    def fill(self, **changes) -> None:
        self.press("input[name=service][value=leak]")
        self.write(**{"description": DESCRIPTION, "address": "서울 종로구 1", "name": "홍길동", "phone": PHONE, **changes})

    def set_day(self, day: str) -> None:
        self.driver.execute_script(
            "const d = document.getElementById('date-0'); d.value = arguments[0];"
            "for (const e of ['input', 'change']) d.dispatchEvent(new Event(e, {bubbles: true}))", day)

    def value(self, name: str) -> str:
        return self.driver.execute_script("return document.getElementsByName(arguments[0])[0].value", name)

    def picture(self, width: int, height: int) -> str:
        """A JPEG of that size in a file, drawn by the browser itself."""
        octets = base64.b64decode(self.driver.execute_script(
            "const c = document.createElement('canvas'); [c.width, c.height] = arguments;"
            "const g = c.getContext('2d'); g.fillStyle = '#386'; g.fillRect(9, 9, 500, 300);"
            "return c.toDataURL('image/jpeg').split(',')[1]", width, height))
        with tempfile.NamedTemporaryFile(suffix=".jpg", delete=False) as file:
            file.write(octets)
        self.addCleanup(os.unlink, file.name)
        return file.name

    def send(self) -> str:
        """From the filled form over the review to the number."""
        self.press("button[value=review]")
        self.page.find("button[value=send]")
        self.press("button[value=send]")
        return self.page.find("#number.number").text
