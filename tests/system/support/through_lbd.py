"""A browser before lbd, and two bookd behind: both languages, a narrow phone and a desktop."""
import json
import re
from datetime import UTC, datetime

from .admin_steps import AdminSteps
from .bookd import ADMIN_PASSWORD, wait_until
from .booking_stack import booking
from .browser import DESKTOP_SIZE, PHONE_SIZE
from .guest_pages import GuestPages
from .lbd_process import Lbd
from .planted import Planted
from .wire import ask, get
from .words import of_staff

PATIENCE = 60
MILLISECONDS = len("2026-12-01T00:00:00.000")
SIDES = [(language, size) for language in ("ko", "en") for size in (PHONE_SIZE, DESKTOP_SIZE)]
JOURNEY = "journey_"


class BehindLbd(AdminSteps, GuestPages):
    """Two bookd, `nodes`, behind `lbd`. At the end nothing personal that a test gave stands in a log, in metrics, or in an address
    that the browser went to."""

    @classmethod
    def setUpClass(cls):
        cls.planted, cls.metrics = Planted(), ""
        super().setUpClass()
        cls.nodes = [cls.new_bookd().start(), cls.new_bookd().start()]
        check = {"enabled": True, "path": "/readyz", "interval": "100ms", "timeout": "5s", "rise": 1, "fall": 2}
        cls.lbd = Lbd([f"127.0.0.1:{node.port}" for node in cls.nodes],
                      {"check": check, "timeouts": {"first_byte": "30s"}}, log={"level": "debug"},
                      access_log={"user_agent": True, "referer": True})
        cls.addClassCleanup(cls.lbd.close)
        cls.wait_for_both()
        cls.addClassCleanup(cls.nothing_personal_is_told)

    @classmethod
    def keep_metrics(cls, node) -> None:
        """Before it ends, too: they go with it."""
        cls.metrics += node.request("GET", "/metrics", port=node.admin_port).text

    @classmethod
    def nothing_personal_is_told(cls) -> None:
        for node in (cls.bookd, *cls.nodes):
            cls.keep_metrics(node)
        told = {"metrics of bookd": cls.metrics, "metrics of lbd": cls.lbd.admin("/metrics").body.decode()}
        visited = cls.browser.leave_and_tell()
        cls.lbd.terminate()  # by then its access log is whole
        cls.lbd.wait()
        # What is looked through is what is meant: the browser's requests stand in it.
        assert any("Chrome" in line.get("user_agent", "") for line in cls.lbd.access_log()), "no browser in lbd's access log"
        assert f"http://127.0.0.1:{cls.lbd.address[1]}/" in "\n".join(visited), visited
        told |= {"log of lbd": cls.lbd.log_text(), "addresses of the browser": "\n".join(visited)}
        told |= {f"log of bookd {index}": node.log() for index, node in enumerate((cls.bookd, *cls.nodes))}
        assert cls.planted.phones and cls.planted.words, "nothing personal was given"
        found = {place: at for place, text in told.items() if (at := cls.planted.found_in(text))}
        assert not found, f"personal data stands in {found}"

    def create(self, key: str, value: dict | None = None, headers: dict | None = None):
        self.planted.note(value or booking())
        return super().create(key, value, headers)

    def write(self, **fields) -> None:
        self.planted.note(fields)
        super().write(**fields)

    @classmethod
    def wait_for_both(cls):
        """Both are there, and lbd has seen it since: it may not have heard yet that one was gone."""
        begun = datetime.now(UTC).isoformat()[:MILLISECONDS]

        def seen(endpoint: dict) -> bool:
            reason = endpoint["reason"]
            return endpoint["state"] == "up" and (reason["checked_at"] or "") > begun and reason["passed_in_row"] > 0

        def both():
            said = ask(cls.lbd.admin_address, get("/api/v1/upstreams", "Connection: close", host="127.0.0.1"))
            return all(seen(one) for upstream in json.loads(said.body) for one in upstream["endpoints"])
        try:
            wait_until(both, PATIENCE, "lbd has both nodes")
        except AssertionError as error:
            told = [f"bookd at {node.port} ended with {node.process.poll()}:\n{node.log()[-2000:]}" for node in cls.nodes]
            raise AssertionError("\n".join([str(error), *told])) from error

    @property
    def port(self) -> int:
        return self.lbd.address[1]


class OnEachSide(BehindLbd):
    """A class of journeys: methods `journey_…(self, index, words)`, which begin where `arrive` and `start` leave off. `index` is
    the side's, for names of one's own; what a console says at the end of a journey is a fault of the pages."""

    entered: dict | None = None

    def setUp(self):
        self.page = self.browser
        self.driver = self.page.driver

    def open(self, path: str, port: int | None = None) -> None:
        super().open(path, port or self.port)

    def session(self) -> dict:
        """The API's, for what is not the journey: logged in once, a password costs more than a page."""
        if self.entered is None:
            type(self).entered = super().session()
        return self.entered

    def test_in_korean_on_a_phone(self):
        self.walk(0)

    def test_in_korean_on_a_desktop(self):
        self.walk(1)

    def test_in_english_on_a_phone(self):
        self.walk(2)

    def test_in_english_on_a_desktop(self):
        self.walk(3)

    def walk(self, index: int) -> None:
        language, size = SIDES[index]
        self.page.resize(size)
        self.forget()
        words = self.arrive(language)
        for name in (name for name in dir(self) if name.startswith(JOURNEY)):
            with self.subTest(journey=name.removeprefix(JOURNEY).replace("_", " ")):
                self.start()
                self.page.complaints()  # of a journey that failed
                getattr(self, name)(index, words)
                self.assertEqual(self.page.complaints(), [])

    def forget(self) -> None:
        """The browser knows nothing of us; on a page of ours that is no page."""
        self.open("/livez")
        self.driver.execute_script("localStorage.clear(); sessionStorage.clear()")
        self.driver.delete_all_cookies()

    def arrive(self, language: str) -> dict[str, str]:
        """At the beginning of a side; the words of its pages."""
        raise NotImplementedError

    def start(self) -> None:
        """At the beginning of a journey."""
        raise NotImplementedError

    def kept(self, number: str) -> dict:
        return self.bookd.get(f"/api/v1/admin/bookings/{number}", **self.session()).json


class InTheShop(OnEachSide):
    """Begins logged in, after one try with a wrong password."""

    def arrive(self, language: str) -> dict[str, str]:
        words = of_staff(language)
        self.open(f"/admin?lang={language}")
        self.enter("not the password")
        self.page.text(".fault", words["wrong_credentials"])
        self.enter(ADMIN_PASSWORD)
        self.page.text("main h1", words["inbox"])
        return words

    def start(self) -> None:
        if self.driver.find_elements("css selector", "dialog"):  # of a journey that failed
            self.driver.refresh()
        self.go("inbox")  # so that the next page is drawn anew

    def press_button(self, text: str, within: str = "#app") -> None:
        """The first of this name that is shown there."""
        self.press_one(f"{within} button", text)

    def submit(self, css: str) -> None:
        self.press_one(f"{css} button[type=submit]")

    def press_one(self, css: str, text: str = "") -> None:
        """As soon as there is one, from under a toast that may lie over it."""
        def pressed(_):
            for element in self.driver.find_elements("css selector", css):
                if element.is_displayed() and text in ("", element.text.strip()):
                    self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
                    element.click()
                    return True
            return False
        self.page.wait(pressed, f"{css} {text}")

    def type_into(self, css: str, text: str) -> None:
        """Into a field that may just be drawn anew."""
        self.planted.note(dict.fromkeys(re.findall(r"\[name=(\w+)\]$", css), text))

        def typed(_):
            self.page.find(css).send_keys(text)
            return True
        self.page.wait(typed, css)

    def set_value(self, css: str, value: str) -> None:
        """Of a field that is not typed into, such as a day."""
        self.page.find(css)
        self.driver.execute_script(
            "const input = document.querySelector(arguments[0]); input.value = arguments[1];"
            "for (const e of ['input', 'change']) input.dispatchEvent(new Event(e, {bubbles: true}))", css, value)
