#!/usr/bin/python3
"""Makes the pictures of docs/guide.ko.md and of the READMEs anew: a shop with a week of visits, as its pages show it.

usage: MAINSTAY_BIN=FOLDER tests/system/guide_tool.py [FOLDER]     docs/images without a folder
MAINSTAY_DEMO_REPORT=FILE names what `scripts/demo --report FILE` wrote: then its picture is made anew, too."""
import datetime
import os
import sys
import unittest

sys.dont_write_bytecode = True

from selenium.webdriver.common.keys import Keys  # noqa: E402

from support.admin_steps import AdminSteps  # noqa: E402
from support.bookd import REPOSITORY  # noqa: E402
from support.booking_stack import booking, change  # noqa: E402
from support.browser import DESKTOP_SIZE, PHONE_SIZE  # noqa: E402
from support.guest_pages import GuestPages  # noqa: E402
from support.ops_stub import Fleet  # noqa: E402
from support.working_days import working_day_ahead  # noqa: E402

STORIES = (("leak", "싱크대 아래에서 물이 샙니다. 밤새 조금씩 고여요.", "김하늘", "010-2345-6789"),
           ("clog", "욕실 배수구가 막혀 물이 내려가지 않아요", "이도윤", "010-3456-7890"),
           ("freeze", "베란다 수도가 얼었습니다", "박서연", "010-4567-8901"),
           ("replace", "변기 부속을 교체하고 싶어요", "최지우", "010-5678-9012"),
           ("leak", "천장에 물 자국이 번집니다", "김하늘", "010-2345-6789"))
# Technician, day of the week (Monday is 0), start, minutes, whether it is confirmed.
VISITS = (("정기사", 0, "09:00", 90, True), ("오기사", 0, "13:30", 120, False), ("정기사", 1, "10:00", 60, True),
          ("오기사", 1, "14:00", 90, True), ("정기사", 2, "09:30", 120, False), ("오기사", 3, "13:00", 60, True),
          ("정기사", 3, "15:00", 120, True), ("오기사", 4, "10:00", 90, False))
NAMES = ("강민준", "윤서아", "임지호", "한예린", "송우진", "배수아", "노하준", "문채원")


REPORT_SIZE = (1000, 800)  # its height is what it needs


class Pictures(AdminSteps, GuestPages):
    def plan(self) -> None:
        """A week of visits, the one that begins on the next Monday that is worked on."""
        session = self.session()
        self.bookd.request("PUT", "/api/v1/admin/technicians", '{"technicians":[{"name":"정기사"},{"name":"오기사"}]}',
                           {"Content-Type": "application/json", "If-Match": "*", **session})
        self.monday = working_day_ahead(3, weekday=0)
        for index, (technician, day, start, minutes, confirmed) in enumerate(VISITS):
            service = ("leak", "clog", "replace", "freeze")[index % 4]
            number = self.create(f"plan-{index}", booking(service=service, name=NAMES[index],
                                                          phone=f"010-8800-{index:04}")).json["number"]
            when = (self.monday + datetime.timedelta(days=day)).isoformat()
            path = f"/api/v1/admin/bookings/{number}"
            self.bookd.post_json(f"{path}/approve", {"technician": technician, "start": f"{when}T{start}:00+09:00",
                                                     "duration_minutes": minutes, "anyway": True}, change(session))
            if confirmed:
                self.bookd.post_json(f"{path}/schedule", {}, change(session))
        for index, (service, description, name, phone) in enumerate(STORIES):
            self.create(f"story-{index}", booking(service=service, description=description, name=name, phone=phone,
                                                  address="서울 종로구 세종대로 175",
                                                  preferred=[{"date": self.monday.isoformat(), "window": "morning"}]))

    def settled(self, name: str) -> None:
        self.page.gone("[aria-busy=true]")
        self.page.wait(lambda driver: driver.execute_script("return document.fonts.status == 'loaded'"), "the font")
        self.page.shot(name)

    def test_guest(self):
        self.page.resize(PHONE_SIZE)
        self.open("/")
        self.settled("bookd-request")
        self.fill(name="김하늘", phone="010-2222-3456", address="서울 종로구 세종대로 175, 101호")
        self.set_day(working_day_ahead(3).isoformat())
        number = self.send()
        self.settled("bookd-done")
        self.open(f"/lookup?number={number}")
        self.write(phone="010-2222-3456")
        self.press("form[action='/lookup'] button")
        self.page.find(".facts")
        self.settled("bookd-found")

    def test_operations(self):
        other = self.new_bookd()
        watching = self.new_bookd()
        fleet = Fleet([f"127.0.0.1:{node.port}" for node in (watching, other)])
        self.addCleanup(fleet.close)
        with open(watching.config, "a", encoding="utf-8") as file:
            file.write(fleet.settings())
        other.start()
        watching.start()
        self.page.resize(DESKTOP_SIZE)
        self.open("/admin", watching.port)
        self.enter()
        self.go("ops")
        self.page.text(".overall", "모두 정상입니다")
        fleet.give_address_to(1)
        self.page.text(".timeline", "lb2")
        self.page.text(".overall", "모두 정상입니다")
        self.settled("admin-ops")

    @unittest.skipUnless("MAINSTAY_DEMO_REPORT" in os.environ, "no report of a demo is named")
    def test_demo(self):
        self.page.resize(REPORT_SIZE)
        self.driver.get("file://" + os.path.realpath(os.environ["MAINSTAY_DEMO_REPORT"]))
        height = self.driver.execute_script("return document.documentElement.scrollHeight")
        self.page.resize((REPORT_SIZE[0], height))
        self.page.shot("demo-report")

    def test_staff(self):
        self.plan()
        self.page.resize(DESKTOP_SIZE)
        self.open("/admin")
        self.enter()
        self.page.click(lambda: self.driver.find_element("xpath", "//ul[@class='rows']//a[contains(., '천장에 물 자국')]"),
                        "the request")
        self.page.text(".earlier", "이전 방문 1건")
        self.settled("admin-inbox")
        for view, name in (("timeGridWeek", "admin-calendar"), ("resourceTimeGridDay", "admin-technicians")):
            self.driver.execute_script("localStorage.setItem('calendar-view', arguments[0])", view)
            self.go(f"calendar/{self.monday.isoformat()}")
            self.driver.refresh()
            self.page.find(".ec-event.visit button")
            self.settled(name)
        self.go("hours")
        self.page.find(".weekday")
        self.settled("admin-hours")
        self.go("settings")
        self.page.click(lambda: self.page.button("켜기"), "켜기")
        self.page.find("img.qr")
        self.settled("admin-factor")
        self.go("customers")
        search = self.page.find("input[type=search]")
        search.send_keys("6789" + Keys.ENTER)
        self.page.click(lambda: self.driver.find_element("xpath", "//a[contains(., '김하늘')]"), "the customer")
        self.page.click(lambda: self.page.button("고객 합치기"), "고객 합치기")
        self.page.find("dialog input[type=search]").send_keys("010-4567-8901" + Keys.TAB)
        self.page.click(lambda: self.driver.find_element("xpath", "//dialog//option[contains(., '박서연')]"), "the other one")
        self.page.text("dialog .past", "동파")
        self.settled("admin-merge")


if __name__ == "__main__":
    os.environ["MAINSTAY_SCREENSHOTS"] = sys.argv.pop(1) if len(sys.argv) > 1 else os.path.join(REPOSITORY, "docs", "images")
    unittest.main()
