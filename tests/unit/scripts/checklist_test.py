"""Each line of the security checklist (docs/security.md) has a test named after it, and each such test a line."""
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
ROW = re.compile(r"^\| (\d+) \| (.+) \| (.+) \|$", re.MULTILINE)
UNIT_TEST = re.compile(r'TEST_CASE\("Security ([\d, ]+):')
SYSTEM_TEST = re.compile(r"def test_line_(\d+)_")
LINES = range(1, 41)


def named() -> dict[int, set[str]]:
    """Line → the files with a test of it."""
    found: dict[int, set[str]] = {}
    for folder, suffix, pattern in (("unit", "*.cpp", UNIT_TEST), ("simulation", "*.cpp", UNIT_TEST),
                                    ("system", "*.py", SYSTEM_TEST)):
        for file in (ROOT / "tests" / folder).rglob(suffix):
            for numbers in pattern.findall(file.read_text(encoding="utf-8")):
                for number in numbers.split(","):
                    found.setdefault(int(number), set()).add(str(file.relative_to(ROOT)))
    return found


class ChecklistTest(unittest.TestCase):
    def setUp(self):
        text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
        self.rows = [(int(number), where) for number, _, where in ROW.findall(text)]
        self.named = named()

    def test_the_table_has_every_line_once(self):
        self.assertEqual([number for number, _ in self.rows], list(LINES))

    def test_every_line_has_a_test_or_waits_for_a_room(self):
        for number, where in self.rows:
            with self.subTest(line=number):
                if waits := re.fullmatch(r"not before `(.+)`", where):
                    self.assertFalse((ROOT / waits[1]).exists(), f"{waits[1]} is there: line {number} is due")
                else:
                    self.assertIn(number, self.named)

    def test_every_line_is_met_where_the_table_says(self):
        for number, where in self.rows:
            for place in re.findall(r"`([^`]+)`", where) if not where.startswith("not before") else ():
                with self.subTest(line=number, place=place):
                    self.assertTrue(any((ROOT / (place + suffix)).exists() for suffix in ("", ".hpp", ".cpp")))

    def test_the_list_of_forwarding_fields_is_the_one_that_lbd_has(self):
        text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8").split("## Forwarding fields", 1)[1]
        told = {name.lower() for item in re.findall(r"^- (.+(?:\n  .+)*)", text, re.MULTILINE)
                for name in re.findall(r"`([^`]+)`", item)}
        code = (ROOT / "lb" / "http" / "field_names.cpp").read_text(encoding="utf-8")
        lists = {name: set(re.findall(r'"([a-z0-9-]+)"', code.split(f"> {name}{{", 1)[1].split("};")[0]))
                 for name in ("kClaims", "kClaimPrefixes")}
        self.assertEqual({name for name in told if not name.endswith("*")}, lists["kClaims"])
        self.assertEqual({name[:-1] for name in told if name.endswith("*")}, lists["kClaimPrefixes"])

    def test_no_test_is_named_after_a_line_that_is_not_there(self):
        self.assertEqual(set(self.named) - set(LINES), set())


if __name__ == "__main__":
    unittest.main()
