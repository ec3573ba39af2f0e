"""docs/rfc/9568.md: each MUST names files that exist and tests that say what is claimed."""
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
TABLE = ROOT / "docs" / "rfc" / "9568.md"
TESTS = ROOT / "tests"


def plain(text):
    """Lower case letters and digits, one blank between words: as names of tests in C++ and Python agree."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", text.lower()).split())


def rows():
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) == 4 and cells[0] != "§":
            yield cells


def files_of(place):
    """`unit/packet/checksum` is a file, `unit/election` a folder, `system/vrrp_hostile` a program, `simulation` a folder."""
    kind, _, rest = place.partition("/")
    if kind == "system":
        return list((TESTS / "system").glob(f"{rest}_test.py"))
    if kind == "simulation":
        return list((TESTS / "simulation").glob("vrrp_*_test.cpp"))
    folder = TESTS / "unit" / "vrrpd" / rest
    return list(folder.glob("*_test.cpp")) or list(folder.parent.glob(f"{folder.name}_test.cpp"))


class RfcTable(unittest.TestCase):
    def test_the_files_it_names_exist(self):
        for section, _, where, _ in rows():
            for path in re.findall(r"`([a-z_0-9]+/[a-z_0-9./]*)`", where):
                with self.subTest(section=section, path=path):
                    self.assertTrue((ROOT / "vrrpd" / path).exists())

    def test_the_tests_it_names_exist(self):
        for section, demand, _, proof in rows():
            place = None
            for part in proof.split(";"):
                part = re.sub(r"\([^)]*\)", "", part).strip()
                if part in ("open", "the same"):
                    continue
                found = re.match(r"((?:unit|system|simulation)[a-z_0-9/]*)(?:: *(.*))?$", part)
                if found:
                    place, claim = found.group(1), found.group(2) or ""
                elif re.match(r"[a-z_]+: ", part):
                    name, claim = part.split(": ", 1)
                    place = f"{place.rsplit('/', 1)[0]}/{name}"
                else:
                    claim = part
                with self.subTest(section=section, demand=demand, proof=part):
                    files = files_of(place)
                    self.assertTrue(files, f"no test file for {place}")
                    text = plain(" ".join(file.read_text(encoding="utf-8") for file in files))
                    self.assertIn(plain(claim), text)


if __name__ == "__main__":
    unittest.main()
