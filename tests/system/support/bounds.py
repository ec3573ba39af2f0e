"""Every bound of a schema of the contract: where it stands, values that just keep it and values that break it."""
import re

from .contract import Contract

NOT_THIS = ("", "no such value", "99:99", "24:30", "2026-1", "A B", "x" * 41)  # one of them breaks any pattern there is
BROKEN_FORMATS = {"date": ("2026-02-30", "20261201", "tomorrow"),
                  "date-time": ("2026-02-30T10:00:00+09:00", "2026-12-01T10:00:00", "2026-12-01 10:00", "now")}


class Bound:
    """`place` is the way to the value: members' names, and 0 for an item of an array."""

    def __init__(self, place: tuple, word: str, kept: list, broken: list):
        self.place, self.word, self.kept, self.broken = place, word, kept, broken

    @property
    def pointer(self) -> str:
        return "".join(f"/{step}" for step in self.place)

    def __str__(self) -> str:
        return f"{self.word} at {self.pointer or 'the top'}"


def bounds(contract: Contract, schema: dict, place: tuple = ()):
    schema = contract.resolve(schema)
    if "enum" in schema:
        yield Bound(place, "enum", schema["enum"], ["no such value", schema["enum"][0].upper(), schema["enum"][0] + " "])
    if "pattern" in schema:
        yield Bound(place, "pattern", [], [text for text in NOT_THIS if not re.search(schema["pattern"], text)])
    if schema.get("format") in BROKEN_FORMATS:
        yield Bound(place, "format", [], list(BROKEN_FORMATS[schema["format"]]))
    # Letters are counted, not octets, but for the most of a password.
    if schema.get("minLength"):
        yield Bound(place, "minLength", ["가" * schema["minLength"]], ["가" * (schema["minLength"] - 1)])
    if "maxLength" in schema:
        letter = "x" if place[-1] == "password" else "가"
        yield Bound(place, "maxLength", [letter * schema["maxLength"]], ["가" * (schema["maxLength"] + 1), "x" * (schema["maxLength"] + 1)])
    if "minimum" in schema:
        yield Bound(place, "minimum", [schema["minimum"]], [schema["minimum"] - 1, -2**40])
    if "maximum" in schema:
        yield Bound(place, "maximum", [schema["maximum"]], [schema["maximum"] + 1, 2**40])
    if "multipleOf" in schema:
        yield Bound(place, "multipleOf", [schema["multipleOf"]], [schema["multipleOf"] + 1, schema["multipleOf"] // 2])
    if schema.get("minItems"):
        yield Bound(place, "minItems", [], [[]])
    if "maxItems" in schema:
        yield Bound(place, "maxItems", [], [schema["maxItems"] + 1])  # so many of them
    if "items" in schema:
        yield from bounds(contract, schema["items"], (*place, 0))
    for name, part in schema.get("properties", {}).items():
        yield from bounds(contract, part, (*place, name))


def put(contract: Contract, make, schema: dict, body, bound: Bound, value):
    """`body` with the value at the bound's place; what is on the way and missing is made by `make(schema, name)`."""
    schema = contract.resolve(schema)
    holder = body
    for at, step in enumerate(bound.place):
        last = at == len(bound.place) - 1
        part = contract.resolve(schema["items"] if step == 0 else schema["properties"][step])
        if last and bound.word == "maxItems":
            value = [make(part["items"], step) for _ in range(value)]
        if last:
            there = value
        elif step == 0:
            there = holder[0] if holder else make(part, "")
        else:
            there = holder[step] if step in holder else make(part, step)
        if step == 0:
            holder[:1] = [there]
        else:
            holder[step] = there
        holder, schema = there, part
    return body
