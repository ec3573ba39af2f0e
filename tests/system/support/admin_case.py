"""A browser before the admin's pages of one bookd, and what a test of them needs of its API."""
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

from .admin_steps import AdminSteps
from .booking_stack import Stack, booking, change
from .browser import DESKTOP_SIZE
from .watched_browser import WatchedBrowser
from .working_days import working_day_ahead

DRAG_STEPS = 8


class AdminCase(AdminSteps, WatchedBrowser, Stack):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_browser()
        # A Tuesday: a day with the days around it in one view of a week.
        cls.day = working_day_ahead(weekday=1).isoformat()

    def setUp(self):
        self.page = self.browser
        self.page.resize(DESKTOP_SIZE)
        self.page.scheme("light")
        self.page.driver.get(f"http://127.0.0.1:{self.bookd.port}/admin")
        self.page.driver.execute_script("localStorage.clear()")
        self.page.driver.delete_all_cookies()
        self.page.driver.get(f"http://127.0.0.1:{self.bookd.port}/admin")
        self.page.find("form")
        self.page.complaints()

    def approved(self, key: str, hour: int, name: str = "한예약", **words) -> str:
        """A booking with a visit on the day, made over the API."""
        session = self.session()
        number = self.create(key, booking(name=name)).json["number"]
        answer = self.bookd.post_json(f"/api/v1/admin/bookings/{number}/approve", {
            "technician": key, "start": f"{self.day}T{hour:02}:00:00+09:00", "duration_minutes": 60, **words}, change(session))
        self.assertEqual(answer.status, 200, answer.text)
        return number

    def visit_of(self, number: str) -> dict:
        return self.bookd.get(f"/api/v1/admin/bookings/{number}", **self.session()).json["visit"]

    def start_of(self, number: str) -> str:
        return self.visit_of(number)["start"]

    def event(self, name: str):
        """The visit of whoever has that name, in the calendar."""
        return self.page.wait(lambda driver: next(iter(driver.find_elements(
            By.XPATH, f"//article[contains(@class,'ec-event') and contains(., '{name}')]")), None), f"the visit of {name}")

    def drag(self, element, down: int, right: int = 0) -> None:
        actions = ActionChains(self.page.driver, duration=60)
        actions.move_to_element(element).click_and_hold()
        for _ in range(DRAG_STEPS):
            actions.move_by_offset(right // DRAG_STEPS, down // DRAG_STEPS)
        actions.release().perform()
