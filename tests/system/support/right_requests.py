"""One right request of each operation that a generator seldom meets: it needs something that is there, in the right state."""
import json
import os
import re
import uuid

from .bookd import ADMIN, ADMIN_PASSWORD, REPOSITORY
from .booking_stack import BOOKINGS, LOOKUP, SOON, booking, change
from .pictures import PHOTO, multipart
from .totp import code_of, step_now

PHONE, PASSWORD = "010-7778-0001", "another long password"
API = "/api/v1/admin"
VISIT = {"start": f"{SOON}T10:00:00+09:00", "duration_minutes": 60, "anyway": True}


class RightRequests:
    """A method for an operation, of its name; each gives the answer."""

    def __init__(self, stack):
        self.stack, self.bookd, self.owner = stack, stack.bookd, stack.session()

    def operations(self) -> list[str]:
        return sorted(name for name in vars(RightRequests) if re.fullmatch("[a-z]+[A-Z][A-Za-z]*|log(in|out)|asset|font|photo|"
                                                                            "reauthenticate", name))

    # What is needed for them

    def post(self, path: str, value: dict, session: dict | None = None):
        return self.bookd.post_json(path, value, change(self.owner if session is None else session))

    def new(self, *moves: str, phone: str = PHONE) -> str:
        """The number of a booking that went through these moves of staff."""
        number = self.bookd.post_json(BOOKINGS, booking(phone=phone), {"Idempotency-Key": str(uuid.uuid4())}).json["number"]
        for move in moves:
            assert getattr(self, move)(number).status == 200, move
        return number

    def move(self, number: str, name: str, **words):
        return self.post(f"{API}/bookings/{number}/{name}", words)

    def of_guest(self, name: str, *moves: str, **words):
        return self.post(f"{BOOKINGS}/{self.new(*moves)}/{name}", {"phone": PHONE, **words}, {})

    def visit(self) -> dict:
        return {**VISIT, "technician": f"기사{uuid.uuid4().hex[:8]}"}

    def customer(self, phone: str) -> str:
        """Of a new booking."""
        self.new(phone=phone)
        return self.customer_of(phone)

    def customer_of(self, phone: str) -> str:
        return self.post(f"{API}/customers/search", {"phone": phone}).json["customers"][0]["id"]

    def account(self) -> dict:
        """The session of one of its own."""
        name = self.addAccount().json["username"]
        answer = self.stack.login(username=name, password=PASSWORD, address="198.51.100.251")
        return {"Cookie": answer.headers["Set-Cookie"].split(";")[0], "X-CSRF-Token": answer.json["csrf_token"]}

    def form(self, path: str, page: str, **fields):
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
        return self.bookd.post_form(path, {**hidden, **fields})

    def of_page(self, page: str, pattern: str):
        return self.bookd.get(re.search(pattern, self.bookd.get(page).text).group(1))

    def photographed(self) -> str:
        key = re.search(r'name="key" value="([^"]+)"', self.bookd.get("/").text).group(1)
        sent = self.bookd.request("POST", "/request", *multipart({
            "step": "send", "key": key, "service": "leak", "description": "사진 있음", "address": "서울 1", "name": "사진손님",
            "phone": PHONE}, [PHOTO]))
        return sent.headers["Location"].split("number=")[1]

    # Guests

    def createBooking(self):
        return self.bookd.post_json(BOOKINGS, booking(phone=PHONE), {"Idempotency-Key": str(uuid.uuid4())})

    def lookUpBooking(self, number: str | None = None):
        return self.bookd.post_json(LOOKUP, {"number": number or self.new(), "phone": PHONE})

    def acceptBooking(self):
        return self.of_guest("accept", "quoteBooking")

    def declineBooking(self):
        return self.of_guest("decline", "quoteBooking", reason="비쌉니다")

    def cancelBooking(self):
        return self.of_guest("cancel", reason="이사")

    def changeBooking(self):
        return self.of_guest("change", address="부산 9")

    def sendRequest(self):
        return self.form("/request", self.bookd.get("/").text, step="send", service="leak", description="샙니다", address="서울 1",
                         name="박영수", phone=PHONE)

    def lookUpByForm(self):
        return self.bookd.post_form("/lookup", {"number": self.new(), "phone": PHONE})

    def listByName(self):
        return self.bookd.post_form("/lookup/name", {"name": booking()["name"], "phone": PHONE})

    def manageByForm(self):
        page = self.lookUpByForm().text
        return self.form("/manage/cancel", page[page.index('action="/manage/cancel"'):].split("</form>")[0], reason="이사")

    def photo(self):
        return self.bookd.get(self.lookUpBooking(self.photographed()).json["photos"][0])

    # Staff

    def readPhoto(self):
        detail = self.bookd.get(f"{API}/bookings/{self.photographed()}", **self.owner).json
        return self.bookd.get(detail["photos"][0], **self.owner)

    def quoteBooking(self, number: str | None = None):
        return self.move(number or self.new(), "quote", items=[{"text": "배관", "amount": 1000}], valid_until=f"{SOON}T23:00:00+09:00")

    def approveBooking(self, number: str | None = None):
        return self.move(number or self.new(), "approve", **self.visit())

    def scheduleBooking(self, number: str | None = None):
        return self.move(number or self.new("approveBooking"), "schedule")

    def rescheduleBooking(self):
        return self.move(self.new("approveBooking", "scheduleBooking"), "reschedule", **self.visit())

    def completeBooking(self):
        return self.move(self.new("approveBooking", "scheduleBooking"), "complete")

    def rejectBooking(self):
        return self.move(self.new(), "reject", reason="지역 밖")

    def cancelBookingAsStaff(self):
        return self.move(self.new(), "cancel", reason="고객 요청")

    def mergeCustomers(self, into: str | None = None, gone: str | None = None):
        return self.post(f"{API}/customers/{into or self.customer('010-7778-0002')}/merge",
                         {"from": gone or self.customer("010-7778-0003")})

    def unmergeCustomers(self):
        into, gone = self.customer("010-7778-0004"), self.customer("010-7778-0005")
        assert self.mergeCustomers(into, gone).status == 204
        merge = self.bookd.get(f"{API}/customers/{into}", **self.owner).json["merges"][0]["id"]
        return self.post(f"{API}/customers/{into}/unmerge", {"merge": merge})

    def eraseCustomer(self):
        phone = "010-7778-0006"
        number = self.new(phone=phone)
        return self.post(f"{API}/customers/{self.customer_of(phone)}/erase", {"reason": "고객 요청", "cancel": [number]})

    def exportBookings(self):
        return self.post(f"{API}/export", {"month": SOON[:7], "reason": "세무"})

    def setOpeningHours(self):
        hours = self.bookd.get(f"{API}/opening-hours", **self.owner).json
        draft = {name: value for name, value in hours.items() if name not in ("version", "holidays")}
        return self.bookd.request("PUT", f"{API}/opening-hours", json.dumps(draft), {
            "Content-Type": "application/json", **change(self.owner)})

    def write(self, method: str, path: str, value: dict, version: int):
        return self.bookd.request(method, f"{API}/{path}", json.dumps(value),
                                  {"Content-Type": "application/json", **change(self.owner, version)})

    def changeCustomer(self):
        path = f"customers/{self.customer('010-7778-0007')}"
        read = self.bookd.get(f"{API}/{path}", **self.owner).json
        return self.write("PATCH", path, {"note": "개 조심"}, read["version"])

    def setTechnicians(self):
        read = self.bookd.get(f"{API}/technicians", **self.owner).json
        return self.write("PUT", "technicians", {"technicians": read["technicians"]}, read["version"])

    def readFeed(self):
        return self.bookd.get(self.post(f"{API}/calendar-feed", {}).json["path"])

    # Accounts

    def addAccount(self):
        return self.post(f"{API}/accounts", {"username": f"right-{uuid.uuid4().hex[:8]}", "password": PASSWORD, "role": "owner"})

    def changeAccount(self):
        made = self.addAccount().json
        return self.write("PATCH", f"accounts/{made['username']}", {"role": "staff"}, made["version"])

    def login(self):
        return self.stack.login(username=ADMIN)

    def logout(self):
        return self.bookd.request("POST", f"{API}/logout", b"", self.account())

    def reauthenticate(self):
        return self.post(f"{API}/reauthenticate", {"password": ADMIN_PASSWORD})

    def revokeSession(self):
        session = self.account()
        mine = next(row for row in self.bookd.get(f"{API}/sessions", **session).json["sessions"] if row["current"])
        return self.bookd.request("DELETE", f"{API}/sessions/{mine['id']}", headers=self.owner)

    def changePassword(self):
        return self.post(f"{API}/password", {"password": "yet another long password"}, self.account())

    def confirmSecondFactor(self):
        session = self.account()
        secret = self.post(f"{API}/second-factor", {}, session).json["secret"]
        return self.post(f"{API}/second-factor/confirm", {"code": code_of(secret, step_now())}, session)

    # Files

    def asset(self):
        return self.of_page("/", r'"(/assets/[^"]+)"')

    def font(self):
        with open(os.path.join(REPOSITORY, "app", "web", "fonts", "fonts.css"), encoding="utf-8") as file:
            return self.bookd.get(re.search(r"url\((/fonts/[^)]+)\)", file.read()).group(1))

    def adminAsset(self):
        return self.of_page("/admin", r'"(/admin/assets/[^"]+)"')
