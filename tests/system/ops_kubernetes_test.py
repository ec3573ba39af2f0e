"""The manifests of Kubernetes and their overlays: of the right types, and what is promised of each container. No cluster runs here."""
import copy
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

sys.dont_write_bytecode = True

from support.kubernetes_types import of_manifest  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("MAINSTAY_BIN") or ROOT / "build" / "release" / "bin").resolve()
KUBERNETES = ROOT / "conf/kubernetes"
OVERLAYS = ("production", "staging")


def run(argv):
    return subprocess.run([str(word) for word in argv], text=True, capture_output=True, timeout=60, check=False)


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


class Kubernetes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.base = the_base()

    @staticmethod
    def pod(manifest: dict) -> dict | None:
        spec = manifest.get("spec", {})
        return spec.get("jobTemplate", {}).get("spec", spec).get("template", {}).get("spec")

    def containers(self, manifest: dict) -> list[dict]:
        return (self.pod(manifest) or {"containers": []})["containers"]

    def pods(self) -> dict[str, dict]:
        return {one["metadata"]["name"]: self.pod(one) for one in self.base if self.pod(one)}

    def test_each_field_is_one_of_its_kind_and_of_its_type(self):
        for one in self.base:
            self.assertEqual([], of_manifest(one))
        for name in OVERLAYS:
            for one in patched(self.base, overlay(name).get("patches", [])):
                self.assertEqual([], of_manifest(one), name)

    def test_what_is_wrong_of_a_manifest_is_told_with_its_place(self):
        wrong = copy.deepcopy(next(one for one in self.base if one["kind"] == "Deployment"))
        container = wrong["spec"]["template"]["spec"]["containers"][0]
        container["livenessProb"] = container.pop("livenessProbe")
        container["ports"][0]["containerPort"] = "8080"
        where = "Deployment bookd.spec.template.spec.containers.0"
        self.assertEqual([f"{where}.ports.0.containerPort: '8080' is no int", f"{where}: V1Container has no livenessProb"],
                         sorted(of_manifest(wrong)))

    def test_an_overlay_names_images_that_are_used(self):
        for name in OVERLAYS:
            made = patched(self.base, overlay(name).get("patches", []))
            used = {container["image"].partition(":")[0] for one in made for container in self.containers(one)}
            ours = {one for one in used if one.startswith("mainstay/")}
            self.assertEqual({image["name"] for image in overlay(name)["images"]}, ours, name)

    def test_every_container_is_bounded_and_shut_in(self):
        self.assertEqual({"bookd", "load-balancer", "backup"}, set(self.pods()))
        for pod, spec in self.pods().items():
            self.assertFalse(spec["automountServiceAccountToken"])
            self.assertEqual("RuntimeDefault", spec["securityContext"]["seccompProfile"]["type"])
            for container in spec["containers"]:
                with self.subTest(pod=pod, container=container["name"]):
                    context = spec["securityContext"] | container["securityContext"]
                    self.assertTrue(context["readOnlyRootFilesystem"])
                    self.assertFalse(context["allowPrivilegeEscalation"])
                    self.assertEqual(["ALL"], context["capabilities"]["drop"])
                    self.assertIn("memory", container["resources"]["limits"])
                    self.assertEqual(container["name"] != "vrrpd", bool(context.get("runAsNonRoot")))
                    if pod != "backup":
                        self.assertIn("livenessProbe", container)

    def test_selectors_find_what_they_are_for(self):
        labels = {one["metadata"]["name"]: one["spec"]["template"]["metadata"]["labels"] for one in self.base
                  if one["kind"] in ("Deployment", "DaemonSet")}
        labels["backup"] = {"app.kubernetes.io/name": "backup"}
        for one in self.base:
            spec = one.get("spec", {})
            selector = spec.get("podSelector", spec.get("selector")) or {}
            wanted = selector.get("matchLabels", selector if one["kind"] == "Service" else {})
            if wanted:
                with self.subTest(kind=one["kind"], name=one["metadata"]["name"]):
                    self.assertTrue(any(wanted.items() <= found.items() for found in labels.values()))

    def test_what_is_mounted_is_a_volume_of_the_pod(self):
        for pod, spec in self.pods().items():
            volumes = {volume["name"] for volume in spec["volumes"]}
            for container in spec["containers"]:
                self.assertLessEqual({mount["name"] for mount in container["volumeMounts"]}, volumes, pod)

    def test_the_programs_take_the_configurations(self):
        with tempfile.TemporaryDirectory() as folder:
            for program in ("lbd", "bookd", "vrrpd"):
                text = (KUBERNETES / f"base/config/{program}.yaml").read_text(encoding="utf-8")
                pathlib.Path(folder, "bookd-database-password").write_text("password\n", encoding="utf-8")
                config = pathlib.Path(folder, f"{program}.yaml")
                config.write_text(text.replace("/run/secrets", folder), encoding="utf-8")
                done = run([BIN / program, "--config", config, "--check"])
                self.assertEqual(0, done.returncode, done.stderr)

    @unittest.skipUnless(shutil.which("kubectl"), "no kubectl")
    def test_the_overlays_can_be_built(self):
        """Debian's own is too old for them."""
        for name, kinds in (("production", {"DaemonSet", "Deployment"}), ("staging", {"Deployment"})):
            done = run(["kubectl", "kustomize", KUBERNETES / "overlays" / name])
            self.assertEqual(0, done.returncode, done.stderr)
            made = [one for one in yaml.safe_load_all(done.stdout) if one]
            self.assertEqual(kinds, {one["kind"] for one in made} & {"DaemonSet", "Deployment"})
            self.assertEqual(names(patched(self.base, overlay(name).get("patches", []))), names(made))
            for one in made:
                if one["kind"] != "Namespace":
                    self.assertTrue(one["metadata"]["namespace"].startswith("mainstay"))


if __name__ == "__main__":
    unittest.main()
