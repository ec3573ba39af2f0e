"""What of a lab must be gone once its owner is."""
import pathlib
from collections.abc import Callable

from lab.instances import processes_of
from lab.waiting import wait_until

GONE_SECONDS = 60.0


def await_gone(identity: str, directory: str, groups: Callable[[str], list[pathlib.Path]], whose: str) -> None:
    """Processes, control groups (`groups` finds them by the identity), folder and mounts. Raises Timeout naming what stays."""
    for left, what in ((lambda: processes_of(identity), "processes"), (lambda: groups(identity), "control groups"),
                       (lambda: pathlib.Path(directory).exists(), "a folder"), (lambda: mounts_of(directory), "mounts")):
        wait_until(lambda: not left(), GONE_SECONDS, f"no {what} of {whose}", poll=0.2)


def mounts_of(directory: str) -> list[str]:
    """Of any process that still runs: a mount in a namespace of its own is seen there alone."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/mountinfo"):
        try:
            found += [line for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if directory in line]
        except OSError:
            continue  # It has ended.
    return found
