"""What Grafana Alloy's stage.replace does to a line, by its manual: each captured group of each match becomes `replace`.
Alloy is in no distribution, so its settings are read here; expressions are of RE2, of which this takes what it has no word for."""
import json
import pathlib
import re

STRING = r'"(?:[^"\\]|\\.)*"'
STAGE = re.compile(rf"stage\.replace \{{\s*expression = ({STRING})\s*replace\s*= ({STRING})\s*\}}")
NOT_OF_RE2 = re.compile(r"\(\?(?:[=!>]|<[=!])|\\[1-9]|[*+?}]\+")


def replacements(settings: pathlib.Path) -> list[tuple[re.Pattern, str]]:
    """Raises ValueError for what Alloy would not take or this does not do."""
    text = settings.read_text(encoding="utf-8")
    found = []
    for expression, replace in STAGE.findall(text):
        expression, replace = json.loads(expression), json.loads(replace)
        pattern = re.compile(expression, re.ASCII)
        if NOT_OF_RE2.search(expression) or pattern.groups != 1 or "{{" in replace:
            raise ValueError(expression)
        found.append((pattern, replace))
    if len(found) != text.count("stage.replace"):
        raise ValueError(f"{settings}: a stage that is not read")
    return found


def replaced(line: str, stages: list[tuple[re.Pattern, str]]) -> str:
    for pattern, replace in stages:
        line = pattern.sub(lambda found: found[0][:found.start(1) - found.start()] + replace + found[0][found.end(1) - found.start():]
                           if found[1] is not None else found[0], line)
    return line
