"""Holds answers to app/api/openapi.yaml: every JSON a test gets is checked against what the contract says of it."""
import functools
import json
import os
import re
import urllib.parse

import jsonschema
import yaml

REPOSITORY = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
FILE = os.path.join(REPOSITORY, "app", "api", "openapi.yaml")
# What any request can bring upon itself before an operation is asked.
OF_THE_DOOR = {400, 403, 413, 415, 431}


class Contract:
    def __init__(self, document: dict):
        self.document = document
        self.resolver = jsonschema.RefResolver.from_schema(document)
        self.operations = []
        for path, item in document["paths"].items():
            shape = re.compile("^" + re.sub(r"\\\{[a-z]+\\\}", "[^/]+", re.escape(path)) + "$")
            self.operations.append((shape, path.count("{"), path, item))
        self.operations.sort(key=lambda entry: entry[1])  # a literal path before one with a hole
        self.seen = set()

    def operation(self, method: str, path: str):
        """Name and operation, or nothing for what the contract does not know."""
        for shape, _, name, item in self.operations:
            if shape.match(path) and method.lower() in item:
                return f"{method} {name}", item[method.lower()]
        return None

    def resolve(self, node: dict) -> dict:
        return self.resolver.resolve(node["$ref"])[1] if "$ref" in node else node

    def check(self, method: str, target: str, answer) -> None:
        """Raises AssertionError where the answer is another one than the contract allows."""
        found = self.operation(method, urllib.parse.urlsplit(target).path)
        if found is None:
            return
        name, operation = found
        said = operation["responses"].get(str(answer.status))
        if said is None:
            if answer.status in OF_THE_DOOR:
                return
            raise AssertionError(f"{name}: {answer.status} is no status of the contract: {answer.text[:300]}")
        self.seen.add((name, answer.status))
        content = self.resolve(said).get("content")
        if content is None or not answer.body:
            return
        kind = (answer.headers["Content-Type"] or "").split(";")[0]
        if kind not in content and "*/*" not in content:
            # Who asks for pages is told in pages.
            if kind == "text/html" and answer.status >= 400:
                return
            raise AssertionError(f"{name}: {answer.status} is {kind}, not one of {list(content)}")
        if kind.endswith("json") and kind in content:
            self.validate(name, content[kind]["schema"], json.loads(answer.body))

    def validate(self, name: str, schema: dict, value) -> None:
        validator = jsonschema.Draft202012Validator(schema, resolver=self.resolver)
        for error in validator.iter_errors(value):
            raise AssertionError(f"{name}: {'/'.join(map(str, error.path))}: {error.message[:300]}")


@functools.cache
def contract() -> Contract:
    with open(FILE, encoding="utf-8") as file:
        return Contract(yaml.safe_load(file))
