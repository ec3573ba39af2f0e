"""conf/kubernetes as Kustomize renders it, so far as our files go: by this no program is needed that Debian does not have. Where there
is one, ops_kubernetes_test.py holds the two against each other."""
import copy
import pathlib

import yaml

KUBERNETES = pathlib.Path(__file__).resolve().parents[3] / "conf/kubernetes"
OVERLAYS = ("production", "staging")


def the_base() -> list[dict]:
    return [one for path in sorted((KUBERNETES / "base").glob("*.yaml")) if path.name != "kustomization.yaml"
            for one in yaml.safe_load_all(path.read_text(encoding="utf-8"))]


def overlay(name: str) -> dict:
    return yaml.safe_load((KUBERNETES / "overlays" / name / "kustomization.yaml").read_text(encoding="utf-8"))


def names(manifests: list[dict]) -> list[tuple]:
    """Of what an overlay leaves as it is called."""
    return sorted((one["kind"], one["metadata"]["name"]) for one in manifests if one["kind"] not in ("Namespace", "ConfigMap"))


def replace(manifest: dict, path: str, value) -> None:
    """RFC 6902, 4.3: what is replaced has to be there. Raises KeyError."""
    *above, last = path.removeprefix("/").split("/")
    for step in above:
        manifest = manifest[step]
    if last not in manifest:
        raise KeyError(last)
    manifest[last] = value


def patched(base: list[dict], patches: list[dict]) -> list[dict]:
    """By the two kinds of patch that our overlays have. Raises ValueError for others, and for one that meets nothing."""
    made = copy.deepcopy(base)
    for patch in patches:
        what = yaml.safe_load(patch["patch"])
        target = patch.get("target") or {"kind": what["kind"], "name": what["metadata"]["name"]}
        met = [one for one in made if (one["kind"], one["metadata"]["name"]) == (target["kind"], target["name"])]
        if len(met) != 1:
            raise ValueError(f"{target} meets {len(met)}")
        if isinstance(what, dict) and what.get("$patch") == "delete":
            made.remove(met[0])
            continue
        for step in what:
            if not isinstance(step, dict) or step["op"] != "replace":
                raise ValueError(f"{step}: of another kind")
            replace(met[0], step["path"], step["value"])
    return made


def pod_of(manifest: dict) -> dict | None:
    """The pod that it makes, if it makes any."""
    spec = manifest.get("spec", {})
    return spec.get("jobTemplate", {}).get("spec", spec).get("template", {}).get("spec")


def containers_of(manifest: dict) -> list[dict]:
    return (pod_of(manifest) or {"containers": []})["containers"]


def generated() -> dict[str, dict[str, str]]:
    """The files of each ConfigMap, by its name."""
    def read(words: list[str]) -> dict[str, str]:
        return {key: (KUBERNETES / "base" / path).read_text(encoding="utf-8") for key, _, path in (word.partition("=") for word in words)}
    base = yaml.safe_load((KUBERNETES / "base/kustomization.yaml").read_text(encoding="utf-8"))
    return {one["name"]: read(one["files"]) for one in base["configMapGenerator"]}


def rendered(name: str) -> list[dict]:
    """The manifests of an overlay: patched, with its images. Names of ConfigMaps stay without their sums."""
    made = patched(the_base(), overlay(name).get("patches", []))
    tags = {image["name"]: image["newTag"] for image in overlay(name)["images"]}
    for one in made:
        for container in containers_of(one):
            if container["image"] in tags:
                container["image"] += f":{tags[container['image']]}"
    return made
