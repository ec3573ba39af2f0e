"""What tests give as personal data, and where it stands in a log, metrics or URLs: plain, encoded for a URL or escaped for JSON,
and telephone numbers as they are dialled here, from abroad (E.164), with dashes or without."""
import re

PHONES = {"phone", "new_phone", "new-phone"}
WORDS = {"name", "address", "description", "reason", "note"}
SHORTEST = 3  # shorter words stand everywhere
ESCAPE = re.compile(r"\\u([0-9a-f]{4})|\\x([0-9a-f]{2})|%([0-9a-f]{2})", re.IGNORECASE)
DEPTH = 3  # a URL within a URL within JSON


def unescaped(text: str) -> str:
    """The octets that escapes stand for."""
    def octets(found: re.Match) -> str:
        wide, octet, percent = found.groups()
        return chr(int(wide, 16)) if wide else chr(int(octet or percent, 16))
    # Octets one by one, to be read as UTF-8 once they stand together.
    parts = ESCAPE.sub(octets, text.replace("+", " "))
    return re.sub(r"[\x80-\xff]{2,}", lambda run: run[0].encode("latin-1").decode("utf-8", "replace"), parts)


class Planted:
    def __init__(self):
        self.phones: set[str] = set()  # digits from the area on, without 0 or +82
        self.words: set[str] = set()

    def note(self, fields: dict) -> None:
        """Of a request or a form: what is personal by its name."""
        for name, value in fields.items():
            if name in PHONES and (digits := re.sub(r"\D", "", value.removeprefix("+82")).lstrip("0")):
                self.phones.add(digits)
            elif name in WORDS and len(value) >= SHORTEST:
                self.words.add(value)

    def found_in(self, text: str) -> list[str]:
        found, seen = set(), text
        for _ in range(DEPTH):
            found |= {word for word in self.words if word in seen}
            digits = re.sub(r"(?<=\d)[-. ]+(?=\d)", "", seen)
            found |= {phone for phone in self.phones if phone in digits}
            seen = unescaped(seen)
        return sorted(found)
