#!/usr/bin/python3
"""docs/vrrpd.md names every key that vrrpd's readers ask for, and no other."""
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
ASKED = re.compile(r'(?:read|read_as|read_choice|require|items|read_path|read_command|read_directory)'
                   r'(?:<[^>]*>)?\(\s*(?:node, |root, )?"([a-z_]+)"')
LISTS = {"routers", "track", "notify", "keys", "routes"}  # what has settings of its own


class Settings(unittest.TestCase):
    def test_documented_and_read_are_the_same(self):
        asked = {"format", "level"}  # common::read_log_options
        for source in (ROOT / "vrrpd" / "config").glob("*.cpp"):
            asked |= set(ASKED.findall(source.read_text(encoding="utf-8")))
        page = (ROOT / "docs" / "vrrpd.md").read_text(encoding="utf-8")
        told = {setting.rsplit(".", 1)[-1] for setting in re.findall(r"^\| `([a-z_.\[\]]+)` \|", page, re.M)}
        self.assertEqual(sorted(asked - LISTS), sorted(told))


if __name__ == "__main__":
    unittest.main()
