"""lbd's dashboard in a browser: figures that come by themselves, endpoints with what is wrong with them, an operator's change;
light and dark, on a desktop and on a narrow phone, with nothing for the console to complain about."""

import sys
import unittest

sys.dont_write_bytecode = True

from support.browser import DESKTOP_SIZE, PHONE_SIZE, Browser  # noqa: E402
from support.operator import TOKEN, Operated  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import ask, get, wait_until  # noqa: E402

CHECK = {"check": {"enabled": True, "interval": "50ms", "timeout": "2s", "rise": 2, "fall": 2}}
ROW = """return [...document.querySelectorAll('.endpoint')].map((row) => ({
  name: row.querySelector('.who b').textContent, state: row.querySelector('.why b').textContent,
  why: row.querySelector('.why small').textContent, answered: Number(row.querySelector('.answered span').textContent),
  lamp: row.querySelector('.lamp').className}))"""


class Dashboard(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.page = Browser()
        cls.addClassCleanup(cls.page.quit)

    def setUp(self):
        self.fit, self.sick = Origin(), Origin()
        for origin in (self.fit, self.sick):
            self.addCleanup(origin.stop)
        self.lbd = Operated([self.fit.name, self.sick.name], upstream=CHECK)
        self.addCleanup(self.lbd.close)
        wait_until(lambda: {self.lbd.endpoint(one.name)["state"] for one in (self.fit, self.sick)} == {"up"})
        self.page.resize(DESKTOP_SIZE)
        self.page.scheme("light")
        self.page.complaints()  # of pages before
        self.page.driver.get(f"http://127.0.0.1:{self.lbd.admin[1]}/")
        self.page.text("#state", "정상 운영")

    def tearDown(self):
        self.assertEqual(self.page.complaints(), [])

    def row(self, origin: Origin) -> dict:
        return next((row for row in self.page.driver.execute_script(ROW) if row["name"] == origin.name), {})

    def await_row(self, origin: Origin, what: str, condition) -> dict:
        return self.page.wait(lambda _: (row := self.row(origin)) and condition(row) and row, what)

    def sicken(self) -> None:
        self.sick.health_script = lambda request, connection: answer(status="503 Service Unavailable")

    def asked(self, path: str) -> int:
        return self.page.driver.execute_script(
            "return performance.getEntriesByType('resource').filter((e) => new URL(e.name).pathname == arguments[0]).length",
            path)

    def test_figures_come_by_themselves(self):
        self.assertEqual(self.row(self.fit)["answered"], 0)
        for count in (1, 2):  # the page is told again and again
            for _ in range(10):
                self.assertEqual(ask(self.lbd.address, get()).status, 200)
            self.await_row(self.fit, "answers being counted", lambda row: row["answered"] == 5 * count)
        drawn = "return document.querySelector('#rate path').getAttribute('d')"
        before = self.page.driver.execute_script(drawn)
        self.page.wait(lambda driver: driver.execute_script(drawn) != before, "the chart going on")
        self.assertEqual(self.asked("/api/v1/status"), 1, "by asking, not by events")

    def test_an_endpoint_that_is_out_says_why(self):
        self.assertEqual((self.row(self.sick)["lamp"], self.row(self.fit)["lamp"]), ("lamp good", "lamp good"))
        self.sicken()
        row = self.await_row(self.sick, "the endpoint being out", lambda row: row["lamp"] == "lamp bad")
        detail = self.lbd.endpoint(self.sick.name)["reason"]["detail"]
        self.assertTrue(detail)
        self.assertIn("중단", row["state"])
        self.assertIn(detail, row["why"])
        self.page.text(".badge", "1 / 2 사용 가능")
        self.page.click(lambda: self.page.driver.find_element("id", "language"), "the other language")
        self.await_row(self.sick, "in English", lambda row: row["state"].startswith("down"))
        self.page.driver.refresh()  # it is remembered
        self.page.text("#state", "serving")
        self.page.driver.execute_script("localStorage.clear()")
        self.sick.health_script = lambda request, connection: answer(b"fit")
        self.await_row(self.sick, "the endpoint being back", lambda row: row["lamp"] == "lamp good")

    def test_recent_errors_are_listed_as_text(self):
        hostile = "/<img%20src=x%20onerror=alert(1)>"
        self.fit.script = self.sick.script = lambda request, connection: connection.close()
        self.assertEqual(ask(self.lbd.address, get(hostile)).status, 502)
        self.page.text("#errors", "502")
        self.page.text("#errors", hostile)
        self.assertEqual(self.page.driver.find_elements("css selector", "#errors img"), [])

    def test_an_operator_drains_an_endpoint_with_the_token_alone(self):
        def button():
            return next(row for row in self.page.driver.find_elements("css selector", ".endpoint")
                        if row.find_element("css selector", ".who b").text == self.fit.name).find_element("tag name", "button")
        self.page.click(button, "drain")
        self.page.find("#ask-token").send_keys("not the token")
        self.page.click(lambda: self.page.find("#ask-yes"), "a wrong token")
        self.page.text("#ask-fault", "토큰이 맞지 않습니다")
        self.assertEqual(self.lbd.endpoint(self.fit.name)["state"], "up")
        self.assertEqual(len(self.page.complaints()), 1)  # the browser's own word on a 401
        self.page.find("#ask-token").send_keys(TOKEN)
        self.page.click(lambda: self.page.find("#ask-yes"), "the token")
        self.await_row(self.fit, "draining", lambda row: row["lamp"] == "lamp warn")
        self.assertEqual(self.lbd.endpoint(self.fit.name)["state"], "draining")
        self.page.click(button, "undrain")  # without being asked again
        self.await_row(self.fit, "being back", lambda row: row["lamp"] == "lamp good")
        self.assertEqual(self.page.driver.execute_script("return Object.values(localStorage).concat(document.cookie)"), [""])

    def test_it_can_be_read_light_and_dark_on_a_desktop_and_on_a_phone(self):
        self.sicken()
        self.fit.script = lambda request, connection: connection.close()
        self.await_row(self.sick, "the endpoint being out", lambda row: row["lamp"] == "lamp bad")
        self.assertEqual(ask(self.lbd.address, get("/" + "long/" * 100)).status, 502)
        self.page.text("#errors", "502")
        grounds = set()
        for scheme in ("light", "dark"):
            self.page.scheme(scheme)
            for size in (DESKTOP_SIZE, PHONE_SIZE):
                with self.subTest(scheme=scheme, size=size):
                    self.page.resize(size)
                    self.page.wait(lambda driver: driver.execute_script("return innerWidth") == size[0], "the size")
                    self.assertEqual(self.page.sideways(), 0, "the page scrolls sideways")
                    self.assertEqual(self.page.axe_faults(), [])
                    self.page.shot(f"lbd-{scheme}-{size[0]}")
            grounds.add(self.page.driver.execute_script("return getComputedStyle(document.body).backgroundColor"))
        self.assertEqual(len(grounds), 2, "dark looks like light")

    def test_nothing_but_the_pages_own_script_and_style_may_run(self):
        page = self.lbd.call("GET", "/", token=None)
        policy = page.field("Content-Security-Policy")
        for rule in ("default-src 'none'", "connect-src 'self'", "script-src 'sha256-", "style-src 'sha256-",
                     "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"):
            self.assertIn(rule, policy)
        self.assertNotIn("unsafe", policy)
        ran = self.page.driver.execute_script(
            "const made = document.createElement('script'); made.textContent = 'window.ran = true';"
            "document.body.append(made); return window.ran === true")
        self.assertFalse(ran)
        self.assertEqual(len([one for one in self.page.complaints() if "Content Security Policy" in one]), 1)


class Lost(unittest.TestCase):
    def test_a_balancer_that_is_gone_is_told(self):
        page = Browser()
        self.addCleanup(page.quit)
        origin = Origin()
        self.addCleanup(origin.stop)
        lbd = Operated([origin.name])
        self.addCleanup(lbd.close)
        page.driver.get(f"http://127.0.0.1:{lbd.admin[1]}/")
        page.text("#state", "정상 운영")
        lbd.lbd.process.kill()
        page.text("#notice", "연결이 끊겼습니다")


if __name__ == "__main__":
    unittest.main()
