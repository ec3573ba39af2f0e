"""The one bring-up that all cases of this folder share, and what was seen of it."""
import json
import pathlib
import re
import subprocess
import sys
import uuid

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests/system")]

import base  # noqa: E402
from engine import Compose, Engine  # noqa: E402
from lab import STANDARD, Lab, NodePlan, Topology, namespaces  # noqa: E402
from lab.node import Node  # noqa: E402
from lab.topology import INNER, OUTER  # noqa: E402
from support.loki_stub import LokiStub  # noqa: E402
from support.report import Report  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
BASE_IMAGE = "mainstay-base:here"
HOST_ADDRESS, CLIENT_ADDRESS = "192.168.10.20", "192.168.10.50"
LOKI_PORT = 3100
IMPORT_SECONDS = 180
BUILD_SECONDS = 600
UP_SECONDS = 300
# Beside it what conf/kubernetes is for: two hosts of load balancers, what a cluster's network gives two pods of bookd and a job, and the
# two machines of the databases (clustered.py).
NETWORK = Topology(switches=(OUTER, INNER), nodes=(
    NodePlan("host", {OUTER: HOST_ADDRESS}), NodePlan("client", {OUTER: CLIENT_ADDRESS}),
    *(STANDARD.only("lb1", "lb2", "app1", "app2", "db1", "db2").nodes), NodePlan("job", {INNER: "10.0.0.41"})))
BOOKING = {"service": "leak", "description": "세면대 밑에서 물이 샙니다", "address": "서울시 마포구 시연로 7", "name": "시연 손님",
           "phone": "010-8371-2946", "preferred": []}
JSON = ("-H", "Content-Type: application/json")


class Site:
    """A machine with an engine, and a client that reaches it by cable and nothing else; both on no other network."""

    def __init__(self):
        tar = base.ready()
        note("the base image is there")
        self.lab = Lab(NETWORK)
        self.loki = None
        try:
            # By every address of the machine: that of the inner network is there when the network is.
            self.loki = namespaces.run_inside(self.lab["host"].namespace, lambda: LokiStub(LOKI_PORT, "0.0.0.0"))
            self.place = pathlib.Path(self.lab.directory)
            self.engine = Engine(self.lab["host"])
            self.engine.start()
            self.engine.docker("import", str(tar), BASE_IMAGE, timeout=IMPORT_SECONDS)
            self.secrets = self.place / "secrets"
            make_secrets(self.place)
            self.compose = Compose(self.engine, [ROOT / "docker-compose.yml", HERE / "stand-ins.yml"],
                                   {"BASE_IMAGE": BASE_IMAGE, "MAINSTAY_SECRETS": str(self.secrets)})
        except BaseException:
            self.down()
            raise
        note("an engine runs in a network of its own")

    def down(self) -> None:
        if self.loki:
            self.loki.close()
        self.lab.down()
        self.engine.wait_ended()

    def customer(self) -> "Customer":
        """At the machine with the engine: the certificate is for localhost, the cable leads to the host."""
        return Customer(self.lab["client"], self.secrets / "lbd-certificate", "https://localhost:8443",
                        "--connect-to", f"localhost:8443:{HOST_ADDRESS}:8443")


class Customer:
    """Asks as one outside does, over HTTPS, by a certificate that is trusted. `more` words are curl's."""

    def __init__(self, node: Node, certificate: pathlib.Path, origin: str, *more: str):
        self.node, self.certificate, self.origin, self.more = node, certificate, origin, more

    def curl(self, path: str, *more: str, trusted: bool = True) -> subprocess.CompletedProcess:
        trust = ["--cacert", str(self.certificate)] if trusted else []
        return self.node.run(["curl", "--silent", "--show-error", "--fail", "--max-time", "10", *trust, *self.more, *more, self.origin + path])

    def book(self) -> str:
        """The number of a booking that was acknowledged."""
        done = self.curl("/api/v1/bookings", *JSON, "-H", f"Idempotency-Key: {uuid.uuid4()}", "-d", json.dumps(BOOKING))
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        return json.loads(done.stdout)["number"]

    def find(self, number: str) -> dict:
        done = self.curl("/api/v1/bookings/lookup", *JSON, "-d", json.dumps({"number": number, "phone": BOOKING["phone"]}))
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        return json.loads(done.stdout)


def make_secrets(place: pathlib.Path) -> None:
    """By the very lines that docs/install.md gives."""
    text = (ROOT / "docs/install.md").read_text(encoding="utf-8")
    lines = re.search(r"^(mkdir -m 0700 secrets.*?^chmod 0444 secrets/\*.*?)$", text, flags=re.M | re.S)[1]
    (place / "build").symlink_to(ROOT / "build")  # they call the bookd that was built
    subprocess.run(["sh", "-ec", lines], cwd=place, check=True, capture_output=True, timeout=60)


_raised: list[Site] = []
_report = Report(ROOT / "build/containers-report.txt")
note = _report.note


def site() -> Site:
    return _raised[0]


def raise_site() -> None:
    _report.begin()
    _raised.append(Site())


def remove_site() -> None:
    if _raised:
        _raised.pop().down()
