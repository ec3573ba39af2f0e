#!/usr/bin/python3
"""The search of the system tests for personal data (tests/system/support/planted.py) finds it in every form it could have in a log."""
import json
import pathlib
import sys
import unittest
import urllib.parse

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "tests" / "system"))

from support.planted import Planted  # noqa: E402

NAME, PHONE = "숨은 이름", "010-8642-9753"


class Search(unittest.TestCase):
    def setUp(self):
        self.planted = Planted()
        self.planted.note({"name": NAME, "phone": PHONE, "service": "leak", "address": "a"})

    def test_a_name_is_found_in_every_form(self):
        quoted = urllib.parse.quote(NAME)
        for form in (NAME, quoted, quoted.lower(), urllib.parse.quote_plus(NAME), urllib.parse.quote(quoted), json.dumps(NAME),
                     json.dumps(NAME).upper().replace("\\U", "\\u"), json.dumps({"target": "/lookup?name=" + quoted}),
                     "".join(f"\\x{octet:02x}" for octet in NAME.encode())):
            with self.subTest(form=form):
                self.assertEqual(self.planted.found_in(f'{{"msg":"x {form} y"}}'), [NAME])

    def test_a_telephone_number_is_found_in_every_form(self):
        for form in (PHONE, "01086429753", "010 8642 9753", "010.8642.9753", "+821086429753", "+82 10-8642-9753", "821086429753",
                     "%2B821086429753", "%2b82+10+8642+9753", "010%2D8642%2D9753", "1086429753"):
            with self.subTest(form=form):
                self.assertEqual(self.planted.found_in(f"GET /lookup?phone={form} 200"), ["1086429753"])

    def test_what_is_masked_or_not_planted_is_not_found(self):
        for text in ("010-****-9753", "숨*름", "010-8642-9754", "leak", "a", ""):
            with self.subTest(text=text):
                self.assertEqual(self.planted.found_in(text), [])

    def test_a_number_is_the_same_however_it_was_given(self):
        for given in ("+82 10 8642 9753", "01086429753", "+821086429753"):
            self.planted.note({"new_phone": given})
        self.assertEqual(self.planted.phones, {"1086429753"})


if __name__ == "__main__":
    unittest.main()
