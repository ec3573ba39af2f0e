"""A headless Chromium, driven by Debian's chromedriver, and what the tests of pages ask of it."""
import contextlib
import gzip
import os
import shutil
import sqlite3
import tempfile

from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException, TimeoutException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from .bookd import REPOSITORY
from .contract_proxy import ContractProxy

PHONE_SIZE, DESKTOP_SIZE = (360, 780), (1360, 900)
WAIT_SECONDS = 60  # never waited for on an idle machine
AXE = os.path.join(REPOSITORY, "tests", "system", "axe", "axe.min.js.gz")


class Browser:
    """With a `proxy` everything it asks goes through that."""

    def __init__(self, proxy: ContractProxy | None = None):
        self.proxy = proxy
        self.profile = tempfile.mkdtemp(prefix="mainstay-browser-")
        options = webdriver.ChromeOptions()
        for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic",
                     "--no-first-run", "--disable-background-networking", "--disable-component-update",
                     "--disable-sync", "--hide-scrollbars", f"--user-data-dir={self.profile}"):
            options.add_argument(flag)
        if proxy:
            options.add_argument(f"--proxy-server={proxy.address}")
            options.add_argument("--proxy-bypass-list=<-loopback>")  # loopback as well, which usually goes without
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        # Far from Seoul on purpose: what the pages show must not depend on it.
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver", env={**os.environ, "TZ": "America/New_York"}),
                                       options=options)
        self.driver.set_page_load_timeout(WAIT_SECONDS)
        self.driver.set_script_timeout(WAIT_SECONDS)
        with gzip.open(AXE, "rt", encoding="utf-8") as file:
            self.axe = file.read()

    def quit(self) -> None:
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    def leave_and_tell(self) -> list[str]:
        """Quits, and gives the addresses of all pages that it was on, with what stands behind `#`."""
        self.driver.quit()
        with contextlib.closing(sqlite3.connect(os.path.join(self.profile, "Default", "History"))) as history:
            return [address for address, in history.execute("SELECT url FROM urls")]

    def resize(self, size: tuple) -> None:
        """The size of the page itself, which a window may not get as small as."""
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size[0] < 500})

    def scheme(self, name: str) -> None:
        """`light` or `dark`, as the device would prefer."""
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": name}]})

    def sideways(self) -> int:
        """How many pixels the page is wider than its window."""
        return self.driver.execute_script(
            "return Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)")

    def wait(self, condition, what: str):
        # A page that is drawn anew takes away what was just found: look again.
        ignored = (NoSuchElementException, StaleElementReferenceException)
        try:
            return WebDriverWait(self.driver, WAIT_SECONDS, 0.05, ignored).until(condition, what)
        except TimeoutException as error:
            raise TimeoutException(f"{what}; there is {self.seen()}") from error

    def seen(self) -> str:
        """The page as far as it came, for whoever has to find out why something is not on it."""
        return str(self.driver.execute_script(
            "return {address: location.href, state: document.readyState, text: document.body.innerText.slice(0, 500),"
            " asked: performance.getEntriesByType('resource').slice(-12).map((e) => e.name + ' '"
            " + e.responseStatus + ' ' + Math.round(e.startTime) + '+' + Math.round(e.duration))}")) + f" {self.complaints()}"

    def click(self, find, what: str) -> None:
        """Clicks what `find()` gives, anew when the page was drawn anew in between."""
        def clicked(_):
            find().click()
            return True
        self.wait(clicked, what)

    def find(self, css: str):
        """The first that is shown, as soon as there is one."""
        def shown(driver):
            return next((element for element in driver.find_elements(By.CSS_SELECTOR, css) if element.is_displayed()), None)
        return self.wait(shown, css)

    def button(self, text: str):
        def shown(driver):
            found = driver.find_elements(By.XPATH, f"//*[self::button or @role='button' or self::a][normalize-space()='{text}']")
            return next((element for element in found if element.is_displayed()), None)
        return self.wait(shown, f"button {text}")

    def text(self, css: str, part: str):
        self.wait(lambda _: part in self.driver.execute_script(
            "return [...document.querySelectorAll(arguments[0])].map((e) => e.innerText).join('\\n')", css),
            f"{part!r} in {css}")

    def gone(self, css: str):
        self.wait(lambda driver: not driver.find_elements(By.CSS_SELECTOR, css), f"no {css}")

    def complaints(self) -> list:
        """What the console has against the page: errors, and what the policy kept out."""
        return [entry["message"] for entry in self.driver.get_log("browser")
                if entry["level"] == "SEVERE" or "Content Security Policy" in entry["message"]]

    def axe_faults(self) -> list:
        """Through the debugger, which the page's policy does not bind. Colours on their way to others are none yet."""
        self.driver.execute_script(self.axe)
        result = self.driver.execute_async_script(
            "const done = arguments[0];"
            "const ending = document.getAnimations().filter((a) => a.effect.getComputedTiming().endTime !== Infinity);"
            "Promise.allSettled(ending.map((a) => a.finished))"
            ".then(() => axe.run(document, {resultTypes: ['violations']}))"
            ".then(done, (e) => done({violations: [{id: String(e), nodes: []}]}))")
        return [f"{fault['id']}: {[node['target'] for node in fault['nodes']][:3]} {fault.get('help', '')}"
                for fault in result["violations"]]

    def shot(self, name: str) -> None:
        """Into the folder MAINSTAY_SCREENSHOTS names, if it does."""
        if folder := os.environ.get("MAINSTAY_SCREENSHOTS"):
            os.makedirs(folder, exist_ok=True)
            self.driver.save_screenshot(os.path.join(folder, name + ".png"))
