"""The production overlay of conf/kubernetes in the lab: its pods on two hosts, secrets made by the lines of docs/kubernetes.md, and
beside them the two databases, on machines that want certificates."""
import json
import os
import pathlib
import re
import subprocess

from kubelet import Pod
from raised import BASE_IMAGE, BUILD_SECONDS, ROOT, Customer, Site

from lab import daemons, mariadb, namespaces
from lab.stack import DATABASES, Stack
from lab.topology import INNER, OUTER, VIP
from lab.waiting import Timeout, http_request, wait_until
from support.dns_server import DnsServer
from support.kubernetes_render import generated, pod_of, rendered

NAME = "bookd.mainstay.svc.cluster.local"
HOSTS, PODS = ("lb1", "lb2"), ("app1", "app2")
DNS_PORT = 53
VRRPD_DOOR = 9112
PREPARED_SECONDS = 15
LINES_SECONDS = 60
# `kubectl create secret generic` of the lines: a folder for each secret.
KUBECTL = """#!/bin/sh
set -e
[ "$1 $2 $3 $4 $5" = "--namespace mainstay create secret generic" ]
name=$6
shift 6
mkdir "$SECRETS/$name"
for word in "$@"; do
  file=${word#--from-file=}
  cp "${file#*=}" "$SECRETS/$name/$(basename "${file%%=*}")"
done
"""


class Cluster:
    def __init__(self, site: Site):
        self.site, self.lab = site, site.lab
        self.pods: dict[str, Pod] = {}
        self.names: list[DnsServer] = []
        self.place = site.place / "cluster"
        self.place.mkdir()
        self.manifests = {one["metadata"]["name"]: one for one in rendered("production") if pod_of(one)}
        self.files = generated()

    def down(self) -> None:
        for one in self.names:
            one.stop()

    def build(self) -> None:
        """What docker-compose.yml has no use for; the others are there."""
        self.site.engine.docker("build", "--target", "vrrpd", "--build-arg", f"BASE_IMAGE={BASE_IMAGE}", "--file", str(ROOT / "conf/images/Dockerfile"),
                                "--tag", self.image("load-balancer", "vrrpd"), str(ROOT), timeout=BUILD_SECONDS)

    def image(self, name: str, container: str) -> str:
        return next(one["image"] for one in pod_of(self.manifests[name])["containers"] if one["name"] == container)

    # What there is before -------------------------------------------------------------------------------------------

    def have_databases(self) -> None:
        Stack(self.lab).start_databases()

    def have_secrets(self) -> None:
        """By the very lines of docs/kubernetes.md; the authority is the one that the databases trust."""
        text = (ROOT / "docs/kubernetes.md").read_text(encoding="utf-8")
        lines = re.search(r"^```sh\n(authority=.*?)^```$", text, flags=re.M | re.S)[1]
        for folder in ("bin", "secrets", "made"):
            (self.place / folder).mkdir()
        kubectl = self.place / "bin/kubectl"
        kubectl.write_text(KUBECTL, encoding="ascii")
        kubectl.chmod(0o755)
        made = self.place / "made"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN=web",
                        "-addext", f"subjectAltName=IP:{VIP}", "-keyout", made / "web.key", "-out", made / "web.crt"], check=True, capture_output=True)
        path = f"{self.place}/bin:{os.path.dirname(daemons.program('bookd'))}:{os.environ['PATH']}"
        done = subprocess.run(["sh", "-euc", lines], cwd=made, text=True, capture_output=True, timeout=LINES_SECONDS, check=False, env={
            "PATH": path, "SECRETS": str(self.place / "secrets"), "authority": mariadb.tls_directory(self.lab["db1"]),
            "pki": str(ROOT / "scripts/pki"), "conf": str(ROOT / "conf")})
        if done.returncode != 0:
            raise RuntimeError(done.stdout + done.stderr)
        self.secrets = {folder.name: folder for folder in (self.place / "secrets").iterdir()}
        for name in DATABASES:
            node = self.lab[name]
            done = node.run(["mariadb", "--no-defaults", f"--socket={node.directory}/mariadb.sock", "--user=root"],
                            input=(made / "accounts.sql").read_text(encoding="utf-8"))
            if done.returncode != 0:
                raise RuntimeError(done.stderr)

    # Pods -----------------------------------------------------------------------------------------------------------

    def pod(self, node: str, name: str, interfaces: dict[str, str]) -> Pod:
        made = Pod(self.site.engine, self.lab[node], pod_of(self.manifests[name]), interfaces)
        made.lay_volumes(self.files, self.secrets)
        self.pods[node] = made
        return made

    def start_bookd(self) -> None:
        for node in PODS:
            self.pod(node, "bookd", {INNER: "eth0"}).start()

    def start_load_balancers(self) -> None:
        """On each host the cluster's names, as a node's own cache has them."""
        for node in HOSTS:
            host = self.pod(node, "load-balancer", {OUTER: "eth0", INNER: "eth1"})
            names = namespaces.run_inside(host.namespace, lambda: DnsServer(port=DNS_PORT))
            names.set(NAME, "A", *(self.lab[pod].address(INNER) for pod in PODS))
            self.names.append(names)
            host.start()

    def end(self, node: str, seconds: float) -> None:
        """All containers of a pod at the same time, as a kubelet tells them to."""
        self.site.engine.docker("stop", "--time", str(seconds), *self._called(node), timeout=2 * seconds)

    def assert_ended_well(self, node: str) -> None:
        """And none had to be killed for it."""
        codes = self.site.engine.docker("inspect", "--format", "{{.State.ExitCode}}", *self._called(node)).split()
        if set(codes) != {"0"}:
            raise AssertionError(dict(zip(self._called(node), codes)))

    def _called(self, node: str) -> list[str]:
        return [self.pods[node].called(one["name"]) for one in self.pods[node].spec["containers"]]

    def again(self, node: str, container: str) -> None:
        self.site.engine.docker("start", self.pods[node].called(container))
        self.pods[node].wait_well(container)

    def holders(self) -> list[str]:
        """Of the virtual address."""
        return [name for name in HOSTS if self.pods[name].holds(VIP)]

    def await_successor(self, node: str) -> None:
        """vrrpd there knows of one that could take over: what minReadySeconds of the DaemonSet is for."""
        def known() -> bool:
            status = json.loads(http_request(self.pods[node].namespace, "127.0.0.1", VRRPD_DOOR, path="/status")[2])
            return status["routers"][0]["planned_move"]["successor"] is not None
        try:
            wait_until(known, PREPARED_SECONDS, f"vrrpd on {node} knows a successor", poll=0.05)
        except Timeout as error:
            raise AssertionError("\n".join((str(error), *(f"{one}: {self.pods[one].said('vrrpd')}" for one in HOSTS)))) from None

    def customer(self) -> Customer:
        return Customer(self.lab["client"], self.secrets["web-tls"] / "tls.crt", f"https://{VIP}")

    # The backup -----------------------------------------------------------------------------------------------------

    def back_up(self) -> subprocess.CompletedProcess:
        return self.pod("job", "backup", {INNER: "eth0"}).run_to_its_end("backup", LINES_SECONDS)

    def judged(self) -> subprocess.CompletedProcess:
        """By whoever has the private key: the vault, which is no part of the cluster."""
        settings = self.place / "vault.conf"
        settings.write_text(f"repository = {self.pods['job'].volumes['backups']}\nidentity = {self.place}/made/backup-identity\n", encoding="utf-8")
        return subprocess.run([str(ROOT / "scripts/backup_script.sh"), "--config", str(settings), "verify"], text=True, capture_output=True,
                              timeout=LINES_SECONDS, check=False)
