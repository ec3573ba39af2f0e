"""Requests made from app/api/openapi.yaml by a seeded generator: some as the contract wants them, some broken in one place."""
import json
import random
import string
import urllib.parse

from .contract import Contract
from .working_days import working_day_ahead

WORDS = ("누수", "서울 종로구 1, 101호", "홍길동", "a", "Z" * 70, "line\nbreak", "\u0001", "😀" * 5, "' OR 1=1 --", "<b>&amp;</b>",
         "%s%n", "../../etc/passwd", "")
# Some lie ahead whenever a test runs, so that not everything is over.
AHEAD = [working_day_ahead(days).isoformat() for days in (3, 30)]
DATES = (*AHEAD, "2024-02-29", "1999-12-31", "2099-01-01")
TIMES = (f"{AHEAD[0]}T10:00:00+09:00", f"{AHEAD[1]}T14:30:00+09:00", f"{AHEAD[0]}T05:00:00Z", "1999-12-31T23:59:59+09:00")
# Values for patterns, which a generator of texts does not meet by chance.
PATTERNS = {"^[a-z0-9._-]{1,40}$": ("helper", "a.b-c_d", "z9"), "^[0-9]{4}-[0-9]{2}$": ("2026-12", "2027-01"),
            "^([01][0-9]|2[0-3]):[03]0$": ("09:00", "00:00", "13:30"),
            "^(([01][0-9]|2[0-3]):[03]0|24:00)$": ("18:00", "24:00", "20:30"), "^[!-~]+$": None}
PHONES = ("010-1234-5678", "+82 10 9876 5432", "02-123-4567", "119")
HUGE = 2**63


class Request:
    def __init__(self, method: str, path: str, headers: dict, body: bytes | None, broken: str):
        self.method, self.path, self.headers, self.body, self.broken = method, path, headers, body, broken

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.headers} {(self.body or b'')[:400]!r} (broken: {self.broken or 'no'})"


class Maker:
    """`known` are real values for holes of paths, by the hole's name, so that not everything is 404. With `whole` every member
    is there and none is strange."""

    def __init__(self, contract: Contract, seed: int, known: dict):
        self.contract, self.random, self.known, self.count, self.whole = contract, random.Random(seed), known, 0, False

    # Values

    def value(self, schema: dict, name: str = ""):
        schema = self.contract.resolve(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.random.choice(schema["enum"])
        kind = schema.get("type", "object")
        if isinstance(kind, list):
            kind = self.random.choice(kind)
        return getattr(self, "_" + kind)(schema, name)

    def _null(self, _schema, _name):
        return None

    def _boolean(self, _schema, _name):
        return self.random.random() < 0.5

    def _integer(self, schema, _name):
        low, high = schema.get("minimum", -5), schema.get("maximum", 500)
        step = schema.get("multipleOf", 1)
        return self.random.choice((low, high, self.random.randint(low // step, high // step) * step))

    def _string(self, schema, name):
        if schema.get("format") == "date":
            return self.random.choice(DATES)
        if schema.get("format") == "date-time":
            return self.random.choice(TIMES)
        if values := PATTERNS.get(schema.get("pattern")):
            return self.random.choice(values)
        if "phone" in name:
            return self.random.choice(self.known["phone"] if self.whole or self.random.random() < 0.5 else PHONES)
        if name in self.known and self.random.random() < 0.6:
            return self.random.choice(self.known[name])
        text = self.random.choice(WORDS)
        return (text + "x" * schema.get("minLength", 0))[:schema.get("maxLength", 300)]

    def _array(self, schema, name):
        most = min(schema.get("maxItems", 3), 4)
        return [self.value(schema.get("items", {"type": "string"}), name)
                for _ in range(self.random.randint(schema.get("minItems", 0), most))]

    def _object(self, schema, _name):
        required = schema.get("required", ())
        return {key: self.value(part, key) for key, part in schema.get("properties", {}).items()
                if self.whole or key in required or self.random.random() < 0.5}

    # Faults. Each is one that no right reader can take.

    def broken_body(self, schema: dict) -> tuple[bytes, str]:
        schema = self.contract.resolve(schema)
        value = self.value(schema)
        faults = ["no json", "cut off", "an array", "unknown member", "too deep", "not utf-8", "twice"]
        if value:
            faults.append("wrong type")
        if schema.get("required"):
            faults.append("missing member")
        fault = self.random.choice(faults)
        if fault == "unknown member":
            value["no_such_member"] = 1
        elif fault == "wrong type":
            key = self.random.choice(list(value))
            value[key] = self.random.choice(({"a": []}, 1.5, HUGE))
        elif fault == "missing member":
            value.pop(self.random.choice(schema["required"]))
        text = json.dumps(value, ensure_ascii=self.random.random() < 0.5).encode("utf-8", "surrogatepass")
        if fault == "no json":
            text = self.random.choice((b"", b"nothing", b"{]", b"\x00", b"null", b"NaN"))
        elif fault == "cut off":
            text = text[:-1]
        elif fault == "an array":
            text = b"[" + text + b"]"
        elif fault == "too deep":
            text = b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}"
        elif fault == "not utf-8":
            text = b'{"a":"\xff\xfe"}'
        elif fault == "twice":
            text = b'{"a":1,"a":2}'
        return text, fault

    # Requests

    def make(self, method: str, path: str, operation: dict, shared: list, session: dict) -> Request:
        self.count += 1
        headers, query, broken = {}, {}, ""
        for scheme in operation.get("security", ({},))[0]:
            name = {"session": "Cookie", "csrf": "X-CSRF-Token"}[scheme]
            headers[name] = session[name]
        for parameter in map(self.contract.resolve, [*shared, *operation.get("parameters", ())]):
            name, schema = parameter["name"], parameter["schema"]
            if parameter["in"] == "path":
                path = path.replace("{" + name + "}", self.hole(name, schema))
            elif parameter["in"] == "query" and (parameter.get("required") or self.random.random() < 0.5):
                query[name] = self.value(schema, name) if self.random.random() < 0.8 else self.random.choice(WORDS)
            elif name == "Idempotency-Key":
                headers[name] = f"made-{self.random.getrandbits(64):x}"
            elif name == "If-Match":
                headers[name] = self.random.choice(("*", '"v1"', '"v2"', '"v9"', "W/\"v1\"", "nonsense"))
        body = None
        content = self.contract.resolve(operation.get("requestBody", {})).get("content", {})
        if "application/json" in content:
            headers["Content-Type"] = "application/json"
            schema = content["application/json"]["schema"]
            if self.random.random() < 0.45:
                body, broken = self.broken_body(schema)
            else:
                body = json.dumps(self.value(schema), ensure_ascii=False).encode("utf-8", "surrogatepass")
        elif content:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urllib.parse.urlencode({key: self.random.choice((*WORDS, *PHONES)) for key in self.form()}).encode()
        elif method in ("POST", "PUT", "PATCH"):
            body = b""
        broken = self.spoil_headers(headers) or broken
        if query:
            path += "?" + urllib.parse.urlencode(query)
        return Request(method, path, headers, body, broken)

    def right(self, method: str, path: str, operation: dict, shared: list, session: dict) -> Request:
        """One that is not broken, for something that is there and in no particular version."""
        headers = {{"session": "Cookie", "csrf": "X-CSRF-Token"}[scheme]: "" for scheme in operation.get("security", ({},))[0]}
        headers = {name: session[name] for name in headers}
        query = {}
        for parameter in map(self.contract.resolve, [*shared, *operation.get("parameters", ())]):
            name, schema = parameter["name"], parameter["schema"]
            if parameter["in"] == "path":
                path = path.replace("{" + name + "}", self.random.choice(self.known.get(name) or schema["enum"]))
            elif parameter["in"] == "query" and parameter.get("required"):
                query[name] = self.value(schema, name)
            elif name == "Idempotency-Key":
                headers[name] = f"made-{self.random.getrandbits(64):x}"
            elif name == "If-Match":
                headers[name] = "*"
        body = b"" if method in ("POST", "PUT", "PATCH") else None
        content = self.contract.resolve(operation.get("requestBody", {})).get("content", {})
        if "application/json" in content:
            headers["Content-Type"] = "application/json"
            value = self.value(content["application/json"]["schema"])
            body = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
        return Request(method, path + (query and "?" + urllib.parse.urlencode(query) or ""), headers, body, "")

    def hole(self, name: str, schema: dict) -> str:
        if name in self.known and self.random.random() < 0.7:
            return self.random.choice(self.known[name])
        if "enum" in schema:
            return self.random.choice(schema["enum"])
        return "".join(self.random.choice(string.ascii_letters + string.digits + "-._~") for _ in range(self.random.randint(1, 40)))

    def form(self) -> list:
        keys = ["service", "description", "address", "name", "phone", "number", "date-0", "window-0", "key", "version", "step",
                "reason", "proof"]
        return self.random.sample(keys, self.random.randint(0, len(keys)))

    def spoil_headers(self, headers: dict) -> str:
        """Seldom: one that the contract wants goes, or is none."""
        wanted = [name for name in ("X-CSRF-Token", "Idempotency-Key", "Cookie") if name in headers]
        if not wanted or self.random.random() < 0.85:
            return ""
        name = self.random.choice(wanted)
        if name == "Idempotency-Key" and self.random.random() < 0.5:
            headers[name] = "k" * 129
        else:
            del headers[name]
        return name
