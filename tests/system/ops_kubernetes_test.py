"""The manifests of Kubernetes and their overlays: of the right types, what is named is there, only the fleet's flows pass, and what is
promised of each container. No cluster runs here; tests/system/containers runs the pods."""
import copy
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

sys.dont_write_bytecode = True

from support.certificates import Authority  # noqa: E402
from support.kubernetes_render import (KUBERNETES, OVERLAYS, containers_of, generated, names, overlay, patched, pod_of,  # noqa: E402
                                       rendered, the_base)
from support.kubernetes_types import of_manifest  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
FLEET = yaml.safe_load((ROOT / "conf/inventory/fleet.yaml").read_text(encoding="utf-8"))
FLOWS = yaml.safe_load((ROOT / "conf/inventory/flows.yaml").read_text(encoding="utf-8"))
INNER = FLEET["networks"]["inner"]["subnet"]
RIGHTS = {"lbd": {"NET_BIND_SERVICE"}, "vrrpd": {"NET_ADMIN", "NET_RAW"}}  # all others have none
BIN = pathlib.Path(os.environ.get("MAINSTAY_BIN") or ROOT / "build" / "release" / "bin").resolve()


def run(argv):
    return subprocess.run([str(word) for word in argv], text=True, capture_output=True, timeout=60, check=False)


class Kubernetes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.base = the_base()

    def pods(self) -> dict[str, dict]:
        return {one["metadata"]["name"]: pod_of(one) for one in self.base if pod_of(one)}

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
            used = {container["image"].partition(":")[0] for one in made for container in containers_of(one)}
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
                    rights = RIGHTS.get(container["name"], set())
                    self.assertEqual(rights, set(context["capabilities"].get("add", [])))
                    # Rights that a manifest adds are root's alone: another user's process would begin without them.
                    self.assertEqual(not rights, context["runAsUser"] != 0)
                    self.assertEqual(not rights, bool(context.get("runAsNonRoot")))
                    self.assertTrue(container["resources"]["requests"]["cpu"] and container["resources"]["requests"]["memory"])

    def test_what_serves_is_asked_whether_it_is_well_where_it_answers(self):
        for pod in ("bookd", "load-balancer"):
            for container in self.pods()[pod]["containers"]:
                with self.subTest(container=container["name"]):
                    ports = {port["name"]: port["containerPort"] for port in container.get("ports", [])}
                    config = yaml.safe_load(generated()[container["name"]][f"{container['name']}.yaml"])
                    listens = config["admin"]["listen"]
                    kinds = {"startupProbe", "livenessProbe"} | ({"readinessProbe"} if container["name"] != "vrrpd" else set())
                    self.assertEqual(kinds, {key for key in container if key.endswith("Probe")})
                    for kind in kinds:
                        get = container[kind]["httpGet"]
                        asked = f"{get.get('host', '0.0.0.0')}:{ports.get(get['port'], get['port'])}"
                        self.assertIn(asked, listens if isinstance(listens, list) else [listens])
                        # A process that has not got up yet is not killed for it, and one that hangs is soon.
                        self.assertLessEqual(container["livenessProbe"]["periodSeconds"] * container["livenessProbe"]["failureThreshold"], 15)

    def test_a_pod_has_time_to_drain(self):
        drain = {"bookd": 3 + 1 + 10, "load-balancer": 5 + 30}  # preStop, drain.announce, drain.deadline; drain.grace, drain.deadline
        for name, seconds in drain.items():
            self.assertGreater(self.pods()[name]["terminationGracePeriodSeconds"], seconds)

    def test_one_bookd_may_go_and_one_stays(self):
        by_kind = {(one["kind"], one["metadata"]["name"]): one["spec"] for one in self.base if "spec" in one}
        replicas = by_kind["Deployment", "bookd"]["replicas"]
        scaler = by_kind["HorizontalPodAutoscaler", "bookd"]
        self.assertEqual({"apiVersion": "apps/v1", "kind": "Deployment", "name": "bookd"}, scaler["scaleTargetRef"])
        self.assertTrue(2 <= replicas == scaler["minReplicas"] < scaler["maxReplicas"])
        # Fewer than there are, or no host can be emptied.
        self.assertEqual(1, replicas - by_kind["PodDisruptionBudget", "bookd"]["minAvailable"])
        self.assertEqual(0, by_kind["Deployment", "bookd"]["strategy"]["rollingUpdate"]["maxUnavailable"])

    def test_what_is_named_is_there(self):
        """ConfigMaps of the generator, claims, images of the Dockerfile, secrets of the lines of docs/kubernetes.md."""
        made = set(re.findall(r"^secret (\S+)", (ROOT / "docs/kubernetes.md").read_text(encoding="utf-8"), flags=re.M))
        claims = {one["metadata"]["name"] for one in self.base if one["kind"] == "PersistentVolumeClaim"}
        targets = set(re.findall(r"^FROM \S+ AS (\w+)$", (ROOT / "conf/images/Dockerfile").read_text(encoding="utf-8"), flags=re.M))
        named = {"secret": set(), "configMap": set(), "claim": set()}
        for pod, spec in self.pods().items():
            for volume in spec["volumes"]:
                for source in volume.get("projected", {}).get("sources", [volume]):
                    if "secret" in source:
                        named["secret"].add(source["secret"].get("secretName") or source["secret"]["name"])
                if "configMap" in volume:
                    named["configMap"].add(volume["configMap"]["name"])
                if "persistentVolumeClaim" in volume:
                    named["claim"].add(volume["persistentVolumeClaim"]["claimName"])
            for container in spec["containers"]:
                self.assertIn(container["image"].removeprefix("mainstay/"), targets, pod)
                for mount in container["volumeMounts"]:
                    if "subPath" in mount:
                        volume = next(one for one in spec["volumes"] if one["name"] == mount["name"])
                        self.assertIn(mount["subPath"], generated()[volume["configMap"]["name"]])
        self.assertEqual({"secret": made, "configMap": set(generated()), "claim": claims}, named)

    def test_addresses_are_the_fleets(self):
        databases = [f"{address}:3306" for address in self.addresses("db")]
        bookd, lbd, vrrpd = (yaml.safe_load(generated()[name][f"{name}.yaml"]) for name in ("bookd", "lbd", "vrrpd"))
        self.assertEqual(databases, bookd["database"]["nodes"])
        service = next(one for one in self.base if one["kind"] == "EndpointSlice")
        self.assertEqual(self.addresses("db"), [address for one in service["endpoints"] for address in one["addresses"]])
        outer = FLEET["networks"]["outer"]
        self.assertEqual((outer["vrid"], [f"{outer['vip']}/{outer['subnet'].partition('/')[2]}"]),
                         (vrrpd["routers"][0]["vrid"], vrrpd["routers"][0]["addresses"]))
        name = f"bookd.{yaml.safe_load((KUBERNETES / 'base/kustomization.yaml').read_text(encoding='utf-8'))['namespace']}.svc.cluster.local"
        upstream = lbd["upstreams"][0]
        self.assertEqual((f"{name}:8080", name), (upstream["endpoints"][0]["dns"], upstream["tls"]["server_name"]))

    def test_the_fleets_flows_pass_and_nothing_else(self):
        def ports(to: str, *sources: str) -> set[int]:
            return {port for flow in FLOWS if flow["to"] == to and flow["from"] in sources and flow["protocol"] == "tcp" for port in flow["port"]}
        # Of what may come to an application node, bookd's two doors; of where it may go, the databases.
        coming = {port for port in ports("app", "lb", "monitoring") if port in (8080, 9108)}
        databases = ({f"{address}/32" for address in self.addresses("db")}, ports("db", "app") - {22})
        wanted = {"nothing": (None, None), "bookd": (({INNER}, coming), databases), "backup": (None, databases)}
        found = {one["metadata"]["name"]: one["spec"] for one in self.base if one["kind"] == "NetworkPolicy"}
        self.assertEqual(set(wanted), set(found))
        self.assertEqual({}, found["nothing"]["podSelector"])
        for name, (ingress, egress) in wanted.items():
            with self.subTest(policy=name):
                self.assertEqual(["Ingress", "Egress"], found[name]["policyTypes"])
                self.assertEqual((ingress, egress), (self.passes(found[name].get("ingress"), "from"), self.passes(found[name].get("egress"), "to")))

    @staticmethod
    def passes(rules: list[dict] | None, whom: str) -> tuple[set, set] | None:
        """Networks and ports of a policy's only rule of a direction."""
        if not rules:
            return None
        rule, = rules
        return {peer["ipBlock"]["cidr"] for peer in rule[whom]}, {port["port"] for port in rule["ports"] if port["protocol"] == "TCP"}

    @staticmethod
    def addresses(role: str) -> list[str]:
        return [node["inner"]["address"] for node in FLEET["nodes"] if role in node["roles"]]

    def test_overlays_differ_as_documented(self):
        def facts(name: str) -> dict:
            made = {(one["kind"], one["metadata"]["name"]): one for one in rendered(name)}
            scaler = made["HorizontalPodAutoscaler", "bookd"]["spec"]
            return {"namespace": overlay(name).get("namespace", "mainstay"), "load balancer": ("DaemonSet", "load-balancer") in made,
                    "bookd": (made["Deployment", "bookd"]["spec"]["replicas"], scaler["minReplicas"], scaler["maxReplicas"]),
                    "stay": made["PodDisruptionBudget", "bookd"]["spec"]["minAvailable"], "backup": ("CronJob", "backup") in made,
                    "newest": containers_of(made["Deployment", "bookd"])[0]["image"].endswith(":latest")}
        self.assertEqual({"namespace": "mainstay", "load balancer": True, "bookd": (2, 2, 4), "stay": 1, "backup": True, "newest": False},
                         facts("production"))
        self.assertEqual({"namespace": "mainstay-staging", "load balancer": False, "bookd": (1, 1, 1), "stay": 0, "backup": True, "newest": True},
                         facts("staging"))

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
        authority = Authority()
        self.addCleanup(authority.remove)
        made = authority.make("node", "bookd.mainstay.svc.cluster.local")
        with tempfile.TemporaryDirectory() as folder:
            for place in ("web", "inner", "tls", "bookd", "vrrpd"):
                secrets = pathlib.Path(folder, place)
                secrets.mkdir()
                for key, file in (("tls.crt", made["certificate_file"]), ("tls.key", made["key_file"]), ("ca.crt", authority.file)):
                    shutil.copy(file, secrets / key)
            for key, text in (("bookd/bookd-database-password", "password\n"), ("bookd/bookd-keys", run([BIN / "bookd", "--new-keys"]).stdout),
                              ("vrrpd/handover-key", "of sixteen letters or more\n")):
                secret = pathlib.Path(folder, key)
                secret.write_text(text, encoding="utf-8")
                secret.chmod(0o400)
            for program in ("lbd", "bookd", "vrrpd"):
                config = pathlib.Path(folder, f"{program}.yaml")
                config.write_text(generated()[program][f"{program}.yaml"].replace("/run/secrets", folder), encoding="utf-8")
                done = run([BIN / program, "--config", config, "--check", *(["--file-only"] if program == "vrrpd" else [])])
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
                    self.assertEqual(overlay(name).get("namespace", "mainstay"), one["metadata"]["namespace"])
            # Pods to the letter, but for the sum at the end of a ConfigMap's name: what the lab runs is what a cluster would.
            ours = {one["metadata"]["name"]: pod_of(one) for one in rendered(name) if pod_of(one)}
            text = re.sub(r"(name: (?:bookd|lbd|vrrpd|backup))-[a-z0-9]{10}$", r"\1", done.stdout, flags=re.M)
            self.assertEqual(ours, {one["metadata"]["name"]: pod_of(one) for one in yaml.safe_load_all(text) if one and pod_of(one)})


if __name__ == "__main__":
    unittest.main()
