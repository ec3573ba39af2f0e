"""Holds answers to app/api/openapi.yaml: every JSON a test gets is checked against what the contract says of it. And the requests of
our own pages: those of tests are broken on purpose."""
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

    def check_request(self, method: str, target: str, headers, body: bytes) -> None:
        """Raises AssertionError where no client of ours would ask so: another operation, query, header or body than there is."""
        asked = urllib.parse.urlsplit(target)
        found = self.operation(method, asked.path)
        if found is None:
            assert not asked.path.startswith("/api/"), f"{method} {asked.path}: no operation of the contract"
            return
        name, operation = found
        known = {(one["in"], one["name"]): one for one in map(self.resolve, operation.get("parameters", ())) if one["in"] != "path"}
        query = dict(urllib.parse.parse_qsl(asked.query, keep_blank_values=True))
        for key in query:
            assert ("query", key) in known or not asked.path.startswith("/api/"), f"{name}: no {key} is asked for"
        for (place, key), one in known.items():
            given = query.get(key) if place == "query" else headers.get(key)
            assert given is not None or not one.get("required"), f"{name}: without {key}"
            if given is not None:
                schema = self.resolve(one["schema"])
                self.validate(f"{name}: {key}", schema, int(given) if schema.get("type") == "integer" else given)
        self.check_content(name, self.resolve(operation.get("requestBody", {})), headers, body)

    def check_content(self, name: str, wanted: dict, headers, body: bytes) -> None:
        if not body:
            assert not wanted.get("required"), f"{name}: without a body"
            return
        kind = (headers.get("Content-Type") or "").split(";")[0]
        assert kind in wanted.get("content", {}), f"{name}: its body is {kind}, not one of {list(wanted.get('content', {}))}"
        if kind.endswith("json"):
            self.validate(f"{name}: the request", wanted["content"][kind]["schema"], json.loads(body))

    def validate(self, name: str, schema: dict, value) -> None:
        validator = jsonschema.Draft202012Validator(schema, resolver=self.resolver)
        for error in validator.iter_errors(value):
            raise AssertionError(f"{name}: {'/'.join(map(str, error.path))}: {error.message[:300]}")


@functools.cache
def contract() -> Contract:
    with open(FILE, encoding="utf-8") as file:
        return Contract(yaml.safe_load(file))
