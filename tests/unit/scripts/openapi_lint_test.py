#!/usr/bin/python3
"""app/api/openapi.yaml is an OpenAPI 3.1 document, and says of every operation what its description promises of all. Each rule is
also shown a document that breaks it."""
import copy
import pathlib
import re
import sys
import unittest

import jsonschema
import yaml

sys.dont_write_bytecode = True

ROOT = pathlib.Path(__file__).resolve().parents[3]
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
PROBLEM = "application/problem+json"
# Pages tell refusals in pages, and a health check's answer is its verdict.
OTHERWISE = {"readyz"}
# They change nothing, or can as well be done twice.
WITHOUT_A_KEY = {"login", "logout", "reauthenticate", "lookUpBooking", "lookUpByForm", "listByName", "findCustomers",
                 "exportBookings", "verifyAudit"}
# Forms carry their key in a field.
FORMS = {"sendRequest", "manageByForm"}
# Of JSON Schema 2020-12 and OpenAPI 3.1 what the contract uses: a word that is not here is more likely misspelt than meant.
WORDS = {"$ref", "type", "enum", "const", "properties", "required", "items", "allOf", "unevaluatedProperties", "minimum", "maximum",
         "multipleOf", "minLength", "maxLength", "pattern", "format", "minItems", "maxItems", "default", "description", "examples",
         "contentMediaType"}
FORMATS = {"date", "date-time", "uri"}


def a(*required: str, **members) -> dict:
    """An object of the specification: these members, extensions and no others."""
    return {"type": "object", "required": list(required), "properties": members, "patternProperties": {"^x-": {}},
            "additionalProperties": False}


def mapped(of: dict | bool, names: str = "") -> dict:
    return {"type": "object", "propertyNames": {"pattern": names}, "additionalProperties": of}


def or_reference(of: str) -> dict:
    return {"if": {"type": "object", "required": ["$ref"]}, "then": REFERENCE, "else": {"$ref": f"#/$defs/{of}"}}


TEXT, FLAG = {"type": "string"}, {"type": "boolean"}
REFERENCE = a("$ref", **{"$ref": {"type": "string", "pattern": "^#/components/"}, "summary": TEXT, "description": TEXT})
SCHEMA = {"type": "object", "propertyNames": {"enum": sorted(WORDS)}}
CONTENT = mapped(a(schema=SCHEMA, example={}, examples={}, encoding={}), "^[a-z*]+/[a-z0-9.+*-]+$")
COMPONENT = "^[a-zA-Z0-9._-]+$"
NEEDS = {"type": "array", "items": mapped({"type": "array", "items": TEXT})}
# §4.8 of the specification, version 3.1.0, in its own order.
DOCUMENT = a(
    "openapi", "info", "paths", openapi={"pattern": r"^3\.1\.\d+$"}, jsonSchemaDialect=TEXT, webhooks={}, externalDocs={},
    info=a("title", "version", title=TEXT, summary=TEXT, description=TEXT, termsOfService=TEXT, contact={}, version=TEXT,
           license=a("name", name=TEXT, identifier=TEXT, url=TEXT)),
    servers={"type": "array", "items": a("url", url=TEXT, description=TEXT, variables={})},
    paths=mapped({"$ref": "#/$defs/path"}, "^/"), security=NEEDS,
    tags={"type": "array", "items": a("name", name=TEXT, description=TEXT, externalDocs={})},
    components=a(
        schemas=mapped(SCHEMA, COMPONENT), responses=mapped(or_reference("response"), COMPONENT),
        parameters=mapped(or_reference("parameter"), COMPONENT), requestBodies=mapped(or_reference("body"), COMPONENT),
        headers=mapped(or_reference("header"), COMPONENT), examples={}, links={}, callbacks={}, pathItems={},
        securitySchemes=mapped(a("type", type={"enum": ["apiKey", "http", "mutualTLS", "oauth2", "openIdConnect"]}, description=TEXT,
                                 name=TEXT, scheme=TEXT, bearerFormat=TEXT, flows={}, openIdConnectUrl=TEXT,
                                 **{"in": {"enum": ["query", "header", "cookie"]}}), COMPONENT)))
DOCUMENT["$defs"] = {
    "path": a(summary=TEXT, description=TEXT, servers={}, parameters={"type": "array", "items": or_reference("parameter")},
              **{method: {"$ref": "#/$defs/operation"} for method in METHODS}),
    "operation": a("responses", tags={"type": "array", "items": TEXT, "uniqueItems": True}, summary=TEXT, description=TEXT,
                   externalDocs={}, operationId=TEXT, parameters={"type": "array", "items": or_reference("parameter")},
                   requestBody=or_reference("body"), callbacks={}, deprecated=FLAG, security=NEEDS, servers={},
                   responses={**mapped(or_reference("response"), "^([1-5][0-9][0-9]|[1-5]XX|default)$"), "minProperties": 1}),
    "parameter": {**a("name", "in", "schema", name=TEXT, description=TEXT, required=FLAG, deprecated=FLAG, allowEmptyValue=FLAG,
                      style=TEXT, explode=FLAG, allowReserved=FLAG, schema=SCHEMA, example={}, examples={},
                      **{"in": {"enum": ["query", "header", "path", "cookie"]}}),
                  # What stands in the path is always there.
                  "if": {"properties": {"in": {"const": "path"}}}, "then": {"required": ["required"],
                                                                            "properties": {"required": {"const": True}}}},
    "body": a("content", description=TEXT, content=CONTENT, required=FLAG),
    "response": a("description", description=TEXT, headers=mapped(or_reference("header")), content=CONTENT, links={}),
    "header": a("schema", description=TEXT, required=FLAG, deprecated=FLAG, style=TEXT, explode=FLAG, schema=SCHEMA, example={},
                examples={})}


class Document:
    def __init__(self, document: dict):
        self.document = document

    def resolve(self, node: dict) -> dict:
        while "$ref" in node:
            found = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            node = found
        return node

    def operations(self):
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                if method in METHODS:
                    parameters = [self.resolve(one) for one in (*item.get("parameters", ()), *operation.get("parameters", ()))]
                    yield f"{method.upper()} {path}", operation, parameters

    def nodes(self):
        """Every object and its place."""
        todo = [("#", self.document)]
        while todo:
            place, node = todo.pop()
            if isinstance(node, dict):
                yield place, node
                todo += [(f"{place}/{name}", part) for name, part in node.items()]
            elif isinstance(node, list):
                todo += [(f"{place}/{at}", part) for at, part in enumerate(node)]

    def schemas(self):
        """Every schema and those within it."""
        todo = [(place + "/schema", node["schema"]) for place, node in self.nodes() if isinstance(node.get("schema"), dict)]
        todo += [(f"#/components/schemas/{name}", node) for name, node in self.document["components"]["schemas"].items()]
        while todo:
            place, node = todo.pop()
            yield place, node
            todo += [(f"{place}/{name}", part) for name, part in node.get("properties", {}).items()]
            todo += [(f"{place}/{at}", part) for at, part in enumerate(node.get("allOf", ()))]
            todo += [(f"{place}/items", node["items"])] if "items" in node else []


# Rules: each gives what is wrong.

def structure(of: Document):
    for fault in jsonschema.Draft202012Validator(DOCUMENT).iter_errors(of.document):
        yield f"{'/'.join(map(str, fault.absolute_path))}: {fault.message[:200]}"


def references_lead_somewhere(of: Document):
    for place, node in of.nodes():
        if "$ref" in node:
            try:
                of.resolve(node)
            except KeyError:
                yield f"{place}: {node['$ref']} is not there"


def components_are_used(of: Document):
    used = {node["$ref"] for _, node in of.nodes() if isinstance(node.get("$ref"), str)}
    for kind, members in of.document["components"].items():
        for name in members if kind != "securitySchemes" else ():
            if f"#/components/{kind}/{name}" not in used:
                yield f"nothing refers to {kind}/{name}"


def schemas_are_schemas(of: Document):
    for place, node in of.schemas():
        if unknown := set(node) - WORDS:
            yield f"{place}: {unknown}"
        try:
            jsonschema.Draft202012Validator.check_schema(node)
        except jsonschema.SchemaError as fault:
            yield f"{place}: {fault.message[:200]}"
        if missing := set(node.get("required", ())) - set(node.get("properties", {})):
            yield f"{place}: {missing} required and not described"
        if node.get("format", "date") not in FORMATS:
            yield f"{place}: format {node['format']}"


def operations_have_a_name_of_their_own(of: Document):
    seen = set()
    for name, operation, _ in of.operations():
        identity = operation.get("operationId", "")
        if not re.match("^[a-z][a-zA-Z]+$", identity) or identity in seen:
            yield f"{name}: operationId {identity!r}"
        seen.add(identity)


def operations_have_a_known_tag(of: Document):
    known = {tag["name"] for tag in of.document["tags"]}
    for name, operation, _ in of.operations():
        if not operation.get("tags") or set(operation["tags"]) - known:
            yield f"{name}: tags {operation.get('tags')}"


def holes_are_parameters(of: Document):
    for name, _, parameters in of.operations():
        holes, said = re.findall(r"\{(\w+)\}", name), [one["name"] for one in parameters if one["in"] == "path"]
        if sorted(holes) != sorted(said):
            yield f"{name}: parameters {said}"
        pairs = [(one["in"], one["name"].lower()) for one in parameters]
        if len(pairs) != len(set(pairs)):
            yield f"{name}: a parameter twice"


def what_is_needed_is_known(of: Document):
    known = of.document["components"]["securitySchemes"]
    for name, operation, _ in of.operations():
        for need in operation.get("security", ()):
            if set(need) - set(known):
                yield f"{name}: {set(need) - set(known)}"


def every_operation_can_succeed(of: Document):
    for name, operation, _ in of.operations():
        if not any(status[0] in "23" for status in operation["responses"]):
            yield f"{name}: only refusals"


def refusals_are_problems(of: Document):
    for name, operation, _ in of.operations():
        wanted = {"text/html"} if operation.get("tags") == ["page"] else {PROBLEM}
        for status, answer in operation["responses"].items():
            content = of.resolve(answer).get("content", {})
            if status[0] not in "45" or operation.get("operationId") in OTHERWISE:
                continue
            # A page's asset that is not there may be told as a problem: nobody reads it.
            if set(content) != wanted and not (wanted == {"text/html"} and set(content) == {PROBLEM}):
                yield f"{name}: {status} is {sorted(content)}"
            if PROBLEM in content and content[PROBLEM].get("schema") != {"$ref": "#/components/schemas/Problem"}:
                yield f"{name}: {status} is another problem"


def what_is_made_is_made_once(of: Document):
    for name, operation, parameters in of.operations():
        free = operation.get("operationId") in WITHOUT_A_KEY | FORMS
        key = [one for one in parameters if one["name"] == "Idempotency-Key" and one["in"] == "header" and one.get("required")]
        if name.startswith("POST ") and bool(key) == free:
            yield f"{name}: {'a key it needs not' if free else 'no Idempotency-Key'}"
        # With a key come a missing one, one of another request, and one that is under way.
        if key and not {"400", "409", "422"} <= set(operation["responses"]):
            yield f"{name}: not all that a key can bring"


def a_session_brings_its_refusals(of: Document):
    for name, operation, _ in of.operations():
        for need in operation.get("security", ()):
            wanted = ({"401"} if "session" in need else set()) | ({"403"} if "csrf" in need else set())
            if wanted - set(operation["responses"]):
                yield f"{name}: {wanted - set(operation['responses'])}"
            # What changes something is asked for by our own pages alone.
            if "session" in need and name.split()[0] != "GET" and "csrf" not in need:
                yield f"{name}: without csrf"


def exceptions_are_there(of: Document):
    names = {operation.get("operationId") for _, operation, _ in of.operations()}
    yield from sorted((OTHERWISE | WITHOUT_A_KEY | FORMS) - names)


RULES = (structure, references_lead_somewhere, components_are_used, schemas_are_schemas, operations_have_a_name_of_their_own,
         operations_have_a_known_tag, holes_are_parameters, what_is_needed_is_known, every_operation_can_succeed,
         refusals_are_problems, what_is_made_is_made_once, a_session_brings_its_refusals, exceptions_are_there)


def of_booking(document: dict) -> dict:
    return document["paths"]["/api/v1/bookings"]["post"]


def of_audit(document: dict) -> dict:
    return document["paths"]["/api/v1/admin/audit"]["get"]


# What breaks a rule.
BREAKS = [
    (structure, lambda d: d.update(openapi="3.0.3")),
    (structure, lambda d: of_booking(d).update(respones={})),
    (structure, lambda d: of_booking(d)["responses"].update({"600": {"description": "x"}})),
    (structure, lambda d: d["components"]["responses"]["Stale"].pop("description")),
    (structure, lambda d: d["components"]["parameters"]["Number"].pop("required")),
    (structure, lambda d: d["components"]["parameters"]["IfMatch"].update({"in": "head"})),
    (structure, lambda d: of_booking(d)["requestBody"].pop("content")),
    (references_lead_somewhere, lambda d: d["components"]["responses"].pop("Stale")),
    (components_are_used, lambda d: d["components"]["schemas"].update(Unused={"type": "object"})),
    (schemas_are_schemas, lambda d: d["components"]["schemas"]["Receipt"].update(type="objekt")),
    (schemas_are_schemas, lambda d: d["components"]["schemas"]["Receipt"]["required"].append("numbr")),
    (schemas_are_schemas, lambda d: d["components"]["schemas"]["Hours"]["properties"]["from"].update(maxlength=5)),
    (schemas_are_schemas, lambda d: d["components"]["schemas"]["Visit"]["properties"]["start"].update(format="datetime")),
    (operations_have_a_name_of_their_own, lambda d: of_booking(d).pop("operationId")),
    (operations_have_a_name_of_their_own, lambda d: of_booking(d).update(operationId="readAudit")),
    (operations_have_a_known_tag, lambda d: of_booking(d).pop("tags")),
    (operations_have_a_known_tag, lambda d: of_booking(d).update(tags=["gest"])),
    (holes_are_parameters, lambda d: d["paths"].update({"/x/{y}": {"get": of_audit(d)}})),
    (what_is_needed_is_known, lambda d: of_audit(d)["security"][0].update(sesion=[])),
    (every_operation_can_succeed, lambda d: of_booking(d)["responses"].pop("201")),
    (refusals_are_problems, lambda d: of_booking(d)["responses"].update({"409": {"description": "x"}})),
    (refusals_are_problems, lambda d: of_booking(d)["responses"].update(
        {"503": {"description": "x", "content": {"application/json": {}}}})),
    (what_is_made_is_made_once, lambda d: of_booking(d).update(parameters=[])),
    (what_is_made_is_made_once, lambda d: of_booking(d)["responses"].pop("422")),
    (what_is_made_is_made_once, lambda d: d["components"]["parameters"]["IdempotencyKey"].pop("required")),
    (a_session_brings_its_refusals, lambda d: of_audit(d)["responses"].pop("401")),
    (a_session_brings_its_refusals, lambda d: d["paths"]["/api/v1/admin/export"]["post"].update(security=[{"session": []}])),
    (exceptions_are_there, lambda d: d["paths"].pop("/api/v1/admin/login")),
]


class Lint(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.document = yaml.safe_load((ROOT / "app" / "api" / "openapi.yaml").read_text(encoding="utf-8"))

    def test_the_contract_holds_to_every_rule(self):
        for rule in RULES:
            with self.subTest(rule=rule.__name__):
                self.assertEqual(list(rule(Document(self.document))), [])

    def test_every_rule_finds_what_breaks_it(self):
        self.assertEqual({rule for rule, _ in BREAKS}, set(RULES))
        for index, (rule, broken) in enumerate(BREAKS):
            with self.subTest(rule=rule.__name__, index=index):
                document = copy.deepcopy(self.document)
                broken(document)
                self.assertNotEqual(list(rule(Document(document))), [])


if __name__ == "__main__":
    unittest.main()
