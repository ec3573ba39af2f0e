"""The one fleet that all cases of this folder share, and what they found."""
import os
import pathlib
import sys

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests/system")]

from fleet_lab import FleetLab  # noqa: E402
from lab import namespaces  # noqa: E402
from support.loki_stub import LokiStub  # noqa: E402
from support.report import Report  # noqa: E402

PACKAGES = pathlib.Path(os.environ.get("FLEET_PACKAGES") or ROOT / "build/release")
os.environ.setdefault("MAINSTAY_BIN", str(PACKAGES / "bin"))  # what plays the customers is in no package
VIP = "192.168.10.100"
INNER_VIP = "10.0.0.100"

LOKI = ("app2", "127.0.0.1", 3100)  # the node that has the logs; the playbook puts TLS in front

_raised: list[FleetLab] = []
_loki: list[LokiStub] = []
_report = Report(ROOT / "build/fleet-report.txt")
note = _report.note


def fleet() -> FleetLab:
    return _raised[0]


def loki() -> LokiStub:
    return _loki[-1]


def start_loki() -> None:
    """In place of the one that is in no distribution. Each start is a new one, with nothing in it."""
    node, address, port = LOKI
    _loki.append(namespaces.run_inside(fleet().lab[node].namespace, lambda: LokiStub(port, address)))


def raise_fleet() -> None:
    _report.begin()
    _raised.append(FleetLab(PACKAGES))
    note("the disk of an empty machine is there")
    fleet().boot()
    start_loki()
    note(f"{len(fleet().machines)} machines have booted and let the operator in by his key")


def remove_fleet() -> None:
    if _loki:
        loki().close()
    if _raised:
        _raised.pop().down()
