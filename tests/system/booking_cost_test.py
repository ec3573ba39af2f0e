#!/usr/bin/python3
"""How often bookd asks its database: what a look-up and a booking cost under load is mostly the way there and back."""
import os
import re
import unittest

from support.booking_stack import LOOKUP, SOON, Stack, booking

MANY = 5  # of each
COMMAND = re.compile(rb"^(?:\d{6} [ \d:]+)?\t+ *(\d+) (?:Execute|Query)\t(.*)$")  # thread, statement
SETTING_UP = b"SET SESSION", b"SELECT @@global"  # of a session that is new


class Cost(Stack):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.log = os.path.join(cls.database.directory, "general.log")
        cls.database.query(f"SET GLOBAL general_log_file = '{cls.log}'; SET GLOBAL general_log = ON")

    def asked(self) -> dict[bytes, list[bytes]]:
        """Of each session with the database what it was asked, in its order."""
        sessions = {}
        with open(self.log, "rb") as file:
            for found in filter(None, map(COMMAND.match, file.read().split(b"\n"))):
                sessions.setdefault(found.group(1), []).append(found.group(2))
        return sessions

    def made(self) -> list[list[bytes]]:
        """The statements of each transaction that made a booking with wishes, without those that set a session up."""
        made = []
        for statements in self.asked().values():
            ends = [index + 1 for index, text in enumerate(statements) if text in (b"COMMIT", b"ROLLBACK")]
            made += [statements[begin:end] for begin, end in zip([0, *ends], ends)]
        made = [[text for text in statements if not text.startswith(SETTING_UP)] for statements in made]
        return [statements for statements in made if any(b"preferred_window" in text and b"), (" in text for text in statements)]

    def test_a_look_up_asks_once(self):
        phone = "010-4200-0001"
        number = self.create("cost", booking(phone=phone)).json["number"]
        for _ in range(MANY):
            self.assertEqual(self.bookd.post_json(LOOKUP, {"number": number, "phone": phone}).status, 200)
        looks = []
        for statements in self.asked().values():
            begins = [index for index, text in enumerate(statements) if b"LEFT JOIN booking b ON b.number" in text]
            looks += [statements[begin:end] for begin, end in zip(begins, [*begins[1:], len(statements)])]
        self.assertEqual(len(looks), MANY)
        # A session may have been asked for something else after one of them, not after all.
        self.assertEqual(len(min(looks, key=len)), 1, looks[:1])

    def test_a_booking_asks_six_times_whoever_it_is_of_and_however_many_wishes_it_has(self):
        for index in range(MANY):
            for visit in ("first", "again"):
                made = self.create(f"cost-{index}-{visit}", booking(phone=f"010-4201-{index:04}", preferred=[
                    {"date": SOON, **when} for when in ({"window": "morning"}, {"time": "14:30"}, {"window": "any"})]))
                self.assertEqual(made.status, 201, made.text)
        made = self.made()
        self.assertEqual([len(statements) for statements in made], [6] * 2 * MANY, made[:2])



if __name__ == "__main__":
    unittest.main(verbosity=2)
