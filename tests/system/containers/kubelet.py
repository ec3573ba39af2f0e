"""What a kubelet makes of a pod, by an engine: a network of the pod's own or its host's, volumes, and each container as the user, with
the capabilities, limits and mounts of its manifest. It knows the fields that our manifests have; any other is an error here, so
that none is passed over."""
import os
import pathlib
import subprocess

from raised import BASE_IMAGE  # first: by it the others are found

from engine import Engine
from lab import network
from lab.node import Node
from lab.topology import INTERFACES, PREFIX_LENGTH
from lab.waiting import Timeout, http_status, wait_until

LOW_PORTS = "net.ipv4.ip_unprivileged_port_start=1024"
READY_SECONDS = 30
COMMAND_SECONDS = 10
# What decides nothing in a pod that is there already: where it is put, and what its namespace has to do with it.
OF_THE_CLUSTER = {"automountServiceAccountToken", "dnsPolicy", "hostNetwork", "nodeSelector", "priorityClassName",
                  "restartPolicy", "terminationGracePeriodSeconds", "topologySpreadConstraints"}
PROBES = ("startupProbe", "livenessProbe", "readinessProbe")


def strictly(found: dict, known: set[str], what: str) -> dict:
    if unknown := set(found) - known:
        raise ValueError(f"{what}: {sorted(unknown)} is not known here")
    return found


class Pod:
    """A pod on a machine of the lab, whose cables become the pod's, by the names that `interfaces` has for each switch: the host's own network,
    or what a cluster's gives a pod. Nothing else runs on that machine then."""

    def __init__(self, engine: Engine, node: Node, spec: dict, interfaces: dict[str, str]):
        self.engine, self.node, self.name = engine, node, node.name
        self.spec = strictly(spec, {"securityContext", "containers", "volumes"} | OF_THE_CLUSTER, self.name)
        self.context = strictly(spec["securityContext"], {"runAsNonRoot", "runAsUser", "runAsGroup", "fsGroup", "seccompProfile"}, self.name)
        if self.context["seccompProfile"] != {"type": "RuntimeDefault"}:
            raise ValueError(f"{self.name}: {self.context['seccompProfile']} is not what the engine does")
        self.group = self.context.get("fsGroup")
        self.place = pathlib.Path(node.directory)
        self.volumes: dict[str, pathlib.Path] = {}
        self.resolver = self.place / "resolv.conf"
        self.resolver.write_text("nameserver 127.0.0.1\noptions ndots:1\n", encoding="ascii")
        self.holder = f"{self.name}-network"
        self.namespace = self._network(interfaces)

    # Network --------------------------------------------------------------------------------------------------------

    def _network(self, interfaces: dict[str, str]) -> str:
        """A container that does nothing holds it, as in a cluster. Low ports are root's, as on a host: of itself the engine gives them to all."""
        identity = self.engine.docker("run", "--detach", "--name", self.holder, "--network", "none", "--sysctl", LOW_PORTS,
                                      "--entrypoint", "sleep", BASE_IMAGE, "infinity").strip()
        namespace = f"/proc/{self._process(identity)}/ns/net"
        lines = ["link set lo up"]
        for switch, address in self.node.plan.links.items():
            here = interfaces[switch]
            done = self.node.run(["ip", "link", "set", INTERFACES[switch], "netns", namespace.split("/")[2], "name", here])
            if done.returncode != 0:
                raise OSError(done.stderr)
            lines += [f"addr add {address}/{PREFIX_LENGTH} dev {here}", f"link set {here} up"]
        network.ip_batch(namespace, lines)
        for here in interfaces.values():
            network.await_carrier(namespace, here)
        return namespace

    def _process(self, identity: str) -> int:
        """The container's first, by the number that it has here: the engine counts in a namespace of its own."""
        tree = pathlib.Path("/sys/fs/cgroup")
        found = [path.read_text(encoding="ascii").split() for pattern in ("", "*/")
                 for path in tree.glob(f"{pattern}{self.engine.group}/{identity}/cgroup.procs")]
        return int(next(numbers[0] for numbers in found if numbers))

    def holds(self, address: str) -> bool:
        shown = subprocess.run(network.command_inside(self.namespace, ["ip", "-brief", "address"]), text=True, capture_output=True,
                               timeout=COMMAND_SECONDS, check=True)
        return f" {address}/" in shown.stdout

    # Volumes --------------------------------------------------------------------------------------------------------

    def lay_volumes(self, files: dict[str, dict[str, str]], secrets: dict[str, pathlib.Path]) -> None:
        for volume in self.spec["volumes"]:
            name, (kind, what) = volume["name"], next(item for item in volume.items() if item[0] != "name")
            folder = self.place / "volumes" / name
            folder.mkdir(parents=True)
            for above in (folder.parent, folder):
                above.chmod(0o755)
            if kind == "configMap":
                for key, text in files[what["name"]].items():
                    (folder / key).write_text(text, encoding="utf-8")
            elif kind == "secret":
                strictly(what, {"secretName", "defaultMode"}, name)
                self._lay_secret(folder, secrets[what["secretName"]], what["defaultMode"])
            elif kind == "projected":
                strictly(what, {"sources", "defaultMode"}, name)
                for source in what["sources"]:
                    self._lay_secret(folder, secrets[strictly(source, {"secret"}, name)["secret"]["name"]], what["defaultMode"])
            elif kind == "emptyDir":
                strictly(what, {"medium", "sizeLimit"}, name)
                self._give(folder, 0o777)
            elif kind == "persistentVolumeClaim":
                self._give(folder, 0o755)
            else:
                raise ValueError(f"{self.name}: {kind} is not known here")
            self.volumes[name] = folder

    def _give(self, folder: pathlib.Path, mode: int) -> None:
        """root's, and writable for the pod's group if it has one."""
        if self.group:
            os.chown(folder, 0, self.group)
            mode |= 0o2770
        folder.chmod(mode)

    def _lay_secret(self, folder: pathlib.Path, source: pathlib.Path, mode: int) -> None:
        """root's files, to be read by the pod's group if it has one, whatever the mode says."""
        for path in source.iterdir():
            made = folder / path.name
            made.write_bytes(path.read_bytes())
            if self.group:
                os.chown(made, 0, self.group)
                mode |= 0o440
            made.chmod(mode)

    # Containers -----------------------------------------------------------------------------------------------------

    def words(self, container: dict) -> list[str]:
        """Of `docker run`, after its own options."""
        strictly(container, {"name", "image", "command", "args", "ports", "securityContext", "resources", "lifecycle", "volumeMounts", *PROBES},
                 self.name)
        context = self.context | strictly(container["securityContext"], {
            "runAsNonRoot", "runAsUser", "runAsGroup", "allowPrivilegeEscalation", "readOnlyRootFilesystem", "capabilities"}, self.name)
        user = context["runAsUser"]
        if context.get("runAsNonRoot") and user == 0:  # a kubelet would not start it
            raise ValueError(f"{self.name}: root, and not root")
        capabilities = strictly(context["capabilities"], {"drop", "add"}, self.name)
        # What is added is root's alone: this engine, as a cluster's, gives another user's process none of it.
        words = ["--user", f"{user}:{context.get('runAsGroup', 0)}",
                 *(word for one in capabilities["drop"] for word in ("--cap-drop", one)),
                 *(word for one in capabilities.get("add", []) for word in ("--cap-add", one)),
                 "--memory", container["resources"]["limits"]["memory"].removesuffix("i").lower(),
                 "--network", f"container:{self.holder}", "--volume", f"{self.resolver}:/etc/resolv.conf:ro"]
        if self.group:
            words += ["--group-add", str(self.group)]
        if context["readOnlyRootFilesystem"]:
            words.append("--read-only")
        if not context["allowPrivilegeEscalation"]:
            words += ["--security-opt", "no-new-privileges"]
        for mount in container["volumeMounts"]:
            strictly(mount, {"name", "mountPath", "subPath", "readOnly"}, self.name)
            source = self.volumes[mount["name"]] / mount.get("subPath", "")
            words += ["--volume", f"{source}:{mount['mountPath']}{':ro' if mount.get('readOnly') else ''}"]
        program, *more = [*container["command"], *container["args"]]
        return [*words, "--entrypoint", program, container["image"], *more]

    def start(self) -> None:
        """All containers, until each probe says yes, in the time that it gives."""
        for container in self.spec["containers"]:
            self.engine.docker("run", "--detach", "--name", self.called(container["name"]), *self.words(container))
        for container in self.spec["containers"]:
            self.wait_well(container["name"])

    def wait_well(self, name: str) -> None:
        container = next(one for one in self.spec["containers"] if one["name"] == name)
        for kind in PROBES:
            self.wait(container, kind)

    def run_to_its_end(self, name: str, seconds: float):
        """A job's only container."""
        container, = self.spec["containers"]
        return self.engine.run("docker", "run", "--name", name, *self.words(container), timeout=seconds)

    def called(self, container: str) -> str:
        return f"{self.name}-{container}"

    def well(self, container: dict, kind: str) -> bool:
        """Whether the probe says yes now."""
        get = strictly(strictly(container[kind], {"httpGet", "periodSeconds", "timeoutSeconds", "failureThreshold"}, kind)["httpGet"],
                       {"host", "path", "port"}, kind)
        ports = {one["name"]: one["containerPort"] for one in container.get("ports", [])}
        address = get.get("host") or next(iter(self.node.plan.links.values()))
        return http_status(self.namespace, address, ports.get(get["port"], get["port"]), get["path"],
                           container[kind].get("timeoutSeconds", 1)) == 200

    def wait(self, container: dict, kind: str) -> None:
        if kind not in container:
            return
        probe = container[kind]
        seconds = probe["periodSeconds"] * probe["failureThreshold"] if kind == "startupProbe" else READY_SECONDS
        try:
            wait_until(lambda: self.well(container, kind), seconds, f"{self.called(container['name'])}: {kind}", poll=0.1)
        except Timeout as error:
            raise AssertionError(f"{error}\n{self.said(container['name'])}") from None

    def said(self, container: str) -> str:
        done = self.engine.run("docker", "logs", "--tail", "30", self.called(container))
        return done.stdout + done.stderr

    def status(self, container: str) -> dict[str, str]:
        """/proc/…/status of its first process."""
        identity = self.engine.docker("inspect", "--format", "{{.Id}}", self.called(container)).strip()
        text = pathlib.Path(f"/proc/{self._process(identity)}/status").read_text(encoding="utf-8")
        return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
