"""What whoever works in the shop does on the admin's pages; for tests that have a browser as `page`."""
from selenium.webdriver.common.keys import Keys

from .bookd import ADMIN, ADMIN_PASSWORD


class AdminSteps:
    def enter(self, password: str = ADMIN_PASSWORD) -> None:
        self.page.find("[name=username]").clear()
        self.page.find("[name=username]").send_keys(ADMIN)
        self.page.find("[name=password]").clear()
        self.page.find("[name=password]").send_keys(password + Keys.ENTER)

    def go(self, place: str) -> None:
        self.page.driver.execute_script("location.hash = arguments[0]", f"#/{place}")
        self.page.find(f"main.{place.split('/')[0]} h1, main.{place.split('/')[0]} h2")
