"""What the field's own models say of a manifest, field by field: `mistakes`, each with the path where it stands."""
import datetime
import re

from kubernetes.client import models

# The model of one version is that of another, which these models do not have yet.
SAME = {"V2HorizontalPodAutoscaler": "V2beta2HorizontalPodAutoscaler"}
NEWER = {"V1CronJobSpec": {"timeZone": "str"}, "V1TopologySpreadConstraint": {"nodeTaintsPolicy": "str"}}  # fields that are younger than the models
PLAIN = {"str": str, "int": int, "float": (int, float), "bool": bool, "object": object, "datetime": (str, datetime.datetime)}
# What the models call text is a quantity: a number will do.
QUANTITIES = re.compile(r"\.(limits|requests)\.\w[\w-]*$|\.sizeLimit$")
WITHIN = re.compile(r"list\[(.+)\]|dict\(str, (.+)\)")


def model_of(manifest: dict) -> str:
    version = manifest["apiVersion"].rpartition("/")[2]
    name = version.capitalize() + manifest["kind"]
    return SAME.get(name, name)


def mistakes(value, kind: str, where: str) -> list[str]:
    if kind in PLAIN:
        fits = isinstance(value, PLAIN[kind]) and (kind in ("bool", "object") or not isinstance(value, bool))
        return [] if fits or QUANTITIES.search(where) and isinstance(value, (int, float)) else [f"{where}: {value!r} is no {kind}"]
    if within := WITHIN.fullmatch(kind):
        of, outer = within[1] or within[2], list if within[1] else dict
        if not isinstance(value, outer):
            return [f"{where}: {value!r} is no {kind}"]
        parts = value.items() if outer is dict else enumerate(value)
        return [found for key, part in parts for found in mistakes(part, of, f"{where}.{key}")]
    model = getattr(models, kind)
    if not isinstance(value, dict):
        return [f"{where}: {value!r} is no {kind}"]
    fields = {model.attribute_map[name]: of for name, of in model.openapi_types.items()} | NEWER.get(kind, {})
    found = [f"{where}: {kind} has no {key}" for key in value if key not in fields]
    for key, of in fields.items():
        if value.get(key) is not None:
            found += mistakes(value[key], of, f"{where}.{key}")
    return found


def of_manifest(manifest: dict) -> list[str]:
    return mistakes(manifest, model_of(manifest), f"{manifest['kind']} {manifest['metadata'].get('name')}")
