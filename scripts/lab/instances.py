"""Finds the labs of this machine, living and dead, and removes what the dead ones left."""

import glob
import os
import shutil
import signal
import socket
import tempfile

from . import waiting

PREFIX = "mainstay-lab-"
MEMORY = "/dev/shm"
KILL_SECONDS = 5.0


def places() -> list[str]:
    """Where state directories are, the usual one first. Who names a place for what is temporary means that one alone."""
    return [tempfile.gettempdir()] if os.environ.get("TMPDIR") else [tempfile.gettempdir(), MEMORY]


def all_directories() -> list[str]:
    """State directories, oldest first."""
    found = [path for place in places() for path in glob.glob(os.path.join(place, PREFIX + "*")) if os.path.isdir(path)]
    return sorted(found, key=os.path.getctime)


def identity(directory: str) -> str:
    return os.path.basename(directory).removeprefix(PREFIX).split("-")[0]


def is_alive(directory: str) -> bool:
    """A lab lives as long as its keeper answers the door."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        try:
            door.connect(os.path.join(directory, "keeper.sock"))
            return True
        except OSError:
            return False


def processes_of(name: str) -> list[int]:
    """Everything that carries the lab's mark in its environment. Survives the loss of the keeper."""
    pids = (int(entry) for entry in os.listdir("/proc") if entry.isdigit())
    return [pid for pid in pids if pid != os.getpid() and is_of(pid, name)]


def is_of(pid: int, name: str) -> bool:
    """Whether the process carries the lab's mark: a number read from a file may meanwhile be a stranger's."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return f"MAINSTAY_LAB={name}".encode() in file.read().split(b"\0")
    except OSError:
        return False  # It has ended.


def remove_leftovers(directory: str) -> None:
    for pid in processes_of(identity(directory)):
        try:
            os.kill(pid, signal.SIGKILL)
            waiting.wait_for_exit(pid, KILL_SECONDS)
        except ProcessLookupError:
            continue
    shutil.rmtree(directory, ignore_errors=True)
