"""What the pages say, from where they take it: the guest's texts and the admin's client."""
import functools
import os
import re

from .bookd import REPOSITORY

WEB = os.path.join(REPOSITORY, "app", "web")
ENTRY = re.compile(r'^  (\w+): \["((?:[^"\\]|\\.)*)", "((?:[^"\\]|\\.)*)"\],', re.M)
LANGUAGES = ("ko", "en")


@functools.cache
def of_guests(language: str) -> dict[str, str]:
    with open(os.path.join(WEB, "texts", f"{language}.txt"), encoding="utf-8") as file:
        return dict(line.rstrip("\n").split(" = ", 1) for line in file if " = " in line and not line.startswith("#"))


@functools.cache
def of_staff(language: str) -> dict[str, str]:
    with open(os.path.join(WEB, "client", "src", "words.ts"), encoding="utf-8") as file:
        return {name: pair[LANGUAGES.index(language)] for name, *pair in ENTRY.findall(file.read())}
