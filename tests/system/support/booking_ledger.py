"""What clients asked for and what they were told, held against every row of a node and against what bookd tells of it."""
import collections
import json

from lab import daemons, mariadb

SERVICES = {"leak": "1", "clog": "2", "freeze": "3", "replace": "4", "other": "5"}
PARTS = {"morning": "1", "afternoon": "2"}
NO_TIME = "-"
PAGE = 100


def minutes(time: str) -> str:
    hours, rest = time.split(":")
    return str(int(hours) * 60 + int(rest))


def octets(column: str) -> str:
    """In hexadecimal, which no client's character set and no separator touches."""
    return f"IFNULL(HEX({column}), '')"


def rows(node, sql: str) -> list[list[str]]:
    return [line.split("\t") for line in mariadb.query(node, sql).splitlines()]


def text(hexadecimal: str) -> str:
    return bytes.fromhex(hexadecimal).decode()


class Ledger:
    """Every request has a key and a name of its own, so that a row says which request it stands for. Requests to be left out
    of the count, such as those of another test, have to be asked through it as well: no row may be anybody else's."""

    def __init__(self):
        self.asked: dict[str, dict] = {}  # a request's body by its key
        self.told: dict[str, str] = {}  # the number of what was acknowledged, as it is stored, by the request's key
        self.looked_up: set[str] = set()  # the keys of those a guest's look-up was tried with

    def acknowledge(self, key: str, number: str) -> None:
        self.told[key] = number.replace("-", "")  # what is told is grouped, what is stored is not

    def missing(self, node) -> set[str]:
        return set(self.told.values()) - {number for number, in rows(node, "SELECT number FROM bookd.booking")}

    def faults(self, node) -> list[str]:
        """What is wrong with the rows of a node: lost, doubled, nobody's, or not as they were sent."""
        keys, wishes = collections.defaultdict(list), collections.defaultdict(list)
        for key, booking in rows(node, f"SELECT {octets('idempotency_key')}, HEX(booking_id) FROM bookd.idempotency"):
            keys[booking].append(text(key))
        for booking, *wish in rows(node, f"SELECT HEX(booking_id), day, part, IFNULL(start_minute, '{NO_TIME}') "
                                         "FROM bookd.preferred_window ORDER BY booking_id, position"):
            wishes[booking].append(wish)
        found, counted = [], collections.Counter()
        of_names = {body["name"]: key for key, body in self.asked.items()}
        for booking, number, name, service, last_four in rows(node, f"""
                SELECT HEX(b.id), b.number, {octets('b.contact_name')}, b.service, IFNULL(c.phone_last4, 'none')
                FROM bookd.booking b LEFT JOIN bookd.customer c ON c.id = b.customer_id"""):
            key = of_names.get(text(name))
            if key is None:
                found.append(f"{number} of {text(name)!r}: nobody asked for it")
                continue
            counted[key] += 1
            if keys.pop(booking, []) != [key]:
                found.append(f"{number} stands under other keys than {key}")
            if self.told.get(key, number) != number:
                found.append(f"{key} was told {self.told[key]}, there is {number}")
            body = self.asked[key]
            if (service, last_four) != (SERVICES[body["service"]], body["phone"][-4:]) or not self.wished(body, wishes[booking]):
                found.append(f"{number}: {service}, {last_four}, {wishes[booking]} is not what {key} sent")
        found += [f"{key} has {count} rows" for key, count in counted.items() if count > 1]
        found += [f"{key} was acknowledged and has no row" for key in self.told if not counted[key]]
        return found + [f"{of_one} are keys without a booking" for of_one in keys.values()]

    @staticmethod
    def wished(body: dict, stored: list[list[str]]) -> bool:
        """By SQL: the day, the part where one was sent, and the minute."""
        def same(sent, row):
            day, part, minute = row
            return (day == sent["date"].replace("-", "") and part == PARTS.get(sent.get("window"), part)
                    and minute == (minutes(sent["time"]) if "time" in sent else NO_TIME))
        return len(stored) == len(body["preferred"]) and all(map(same, body["preferred"], stored))

    def misread(self, connection) -> list[str]:
        """What bookd tells otherwise than it was sent: of every booking to staff, and once to whoever has its number and phone."""
        told, found = self.as_staff_reads(connection), []
        for key, number in self.told.items():
            body = self.asked[key]
            read = told.get(number, {})
            if any(read.get(member) != value for member, value in body.items() if member != "preferred"):
                found.append(f"{key}: {body} is read as {read}")
            seen = [read.get("preferred")]
            if key not in self.looked_up:
                self.looked_up.add(key)
                seen.append(ask(connection, "POST", "/api/v1/bookings/lookup", {"number": number, "phone": body["phone"]})["preferred"])
            for wishes in seen:
                if not self.tells(body["preferred"], wishes):
                    found.append(f"{key}: wished for {body['preferred']}, told {wishes}")
        return found

    @staticmethod
    def tells(sent: list[dict], told: list[dict] | None) -> bool:
        """Of a time it is also told which half of the day it lies in."""
        return told is not None and len(told) == len(sent) and all({**one, **wish} == one for wish, one in zip(sent, told))

    @staticmethod
    def as_staff_reads(connection) -> dict[str, dict]:
        credentials = {"username": daemons.OWNER, "password": daemons.OWNER_PASSWORD}
        connection.request("POST", "/api/v1/admin/login", json.dumps(credentials), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        cookie = {"Cookie": answer.headers["Set-Cookie"].split(";")[0]}
        told, cursor = {}, ""
        while cursor is not None:
            page = ask(connection, "GET", f"/api/v1/admin/bookings?limit={PAGE}" + (cursor and f"&cursor={cursor}"), None, cookie)
            told |= {one["number"].replace("-", ""): one for one in page["bookings"]}
            cursor = page["next_cursor"]
        return told


def ask(connection, method: str, path: str, body: dict | None, headers: dict | None = None) -> dict:
    connection.request(method, path, body and json.dumps(body), {"Content-Type": "application/json", **(headers or {})})
    response = connection.getresponse()
    said = response.read()
    if response.status not in (200, 201):
        raise ValueError(f"{response.status} {said[:200]!r}")
    return json.loads(said)
