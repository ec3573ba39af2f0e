#!/usr/bin/env python3
"""Fail when the code's #include lines disagree with the DEPS of its CMake libraries.

Every stack_library(alias SOURCES … HEADERS … DEPS …) is a room, every stack_program(name …) a door. A file may
include its own room and the HEADERS of whatever its room reaches through DEPS; headers listed in SOURCES stay
private. The rooms form no cycle, no daemon reaches into another, and no file stands outside a room.
"""
import pathlib
import re
import sys

CALL = re.compile(r"stack_(?:library|program)\(\s*([\w:]+)(.*?)\)", re.S)
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
HOUSES = ("common", "lb", "vrrpd", "app", "scripts/strobe")
DAEMONS = ("lb", "vrrpd", "app")


def read_rooms(root):
    files, deps, private = {}, {}, set()
    for house in HOUSES:
        for cmake in sorted((root / house).rglob("CMakeLists.txt")):
            text = re.sub(r"#.*", "", cmake.read_text())
            for alias, body in CALL.findall(text):
                section = None
                deps[alias] = set()
                for word in body.split():
                    if word in ("SOURCES", "HEADERS", "DEPS"):
                        section = word
                    elif section == "DEPS":
                        deps[alias].add(word)
                    elif "${" not in word:  # generated files include nothing of ours
                        name = str((cmake.parent / word).relative_to(root))
                        files[name] = alias
                        if section == "SOURCES":
                            private.add(name)
    return files, deps, private


def reach(room, deps, path=()):
    """All rooms below `room`; a cycle ends the check with the path that closes it."""
    if room in path:
        sys.exit("cycle: " + " -> ".join(path[path.index(room):] + (room,)))
    below = {room}
    for dep in deps.get(room, ()):
        below |= reach(dep, deps, path + (room,))
    return below


def house_of(name):
    return next((house for house in HOUSES if name.startswith(house + "/")), None)


def find_faults(root):
    files, deps, private = read_rooms(root)
    below = {room: reach(room, deps) for room in deps}
    wrong = []
    for name, room in sorted(files.items()):
        if not (root / name).is_file():
            wrong.append(f"{name}: listed in {room}, but there is no such file")
            continue
        for header in INCLUDE.findall((root / name).read_text()):
            owner = files.get(header)
            if owner is None:
                wrong.append(f"{name}: includes {header}, which belongs to no room")
            elif owner not in below[room]:
                wrong.append(f"{name}: includes {header}, but {room} does not depend on {owner}")
            elif owner != room and header in private:
                wrong.append(f"{name}: includes {header}, which is private to {owner}")
            elif house_of(name) in DAEMONS and house_of(header) not in (house_of(name), "common"):
                wrong.append(f"{name}: includes {header} of another daemon")
    for house in HOUSES:
        for path in sorted((root / house).rglob("*.?pp")):
            name = str(path.relative_to(root))
            if name not in files:
                wrong.append(f"{name}: stands in no room; list it in a CMakeLists.txt or delete it")
    return wrong, f"{len(deps)} rooms, {len(files)} files: layers hold"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    if root.is_file():
        root = root.parent.parent
    wrong, verdict = find_faults(root)
    print("\n".join(wrong) or verdict)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
