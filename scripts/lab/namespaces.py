"""Work inside another network namespace without moving the caller there.

A thread that has entered a namespace never comes back: it does its one piece of work and ends. The main thread
stays where it was, so whoever looks up a node's processes by namespace never finds this program among them.
"""

import ctypes
import os
import socket
import threading

CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def enter(descriptor: int) -> None:
    """Moves the calling thread."""
    if _libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns: " + os.strerror(ctypes.get_errno()))


def leave_for_new() -> None:
    """Moves the calling thread into a namespace that nobody else is in."""
    if _libc.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare: " + os.strerror(ctypes.get_errno()))


def create() -> int:
    """A descriptor of a fresh namespace, which lives as long as the descriptor or a process in it."""
    def make() -> int:
        leave_for_new()
        return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    return _in_thread(make)


def run_inside(path: str, work):
    """work()'s result, from a thread inside the namespace named by `path`."""
    def enter_and_work():
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            enter(descriptor)
        finally:
            os.close(descriptor)
        return work()
    return _in_thread(enter_and_work)


def open_socket(path: str, family: int, kind: int, protocol: int = 0) -> socket.socket:
    """A socket belongs for life to the namespace it was made in; any thread may use it."""
    return run_inside(path, lambda: socket.socket(family, kind, protocol))


def processes_in(inodes: set[int]) -> list[int]:
    """Every process that lives in one of the namespaces, by scanning /proc. Never the caller."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        try:
            if os.stat(f"/proc/{entry}/ns/net").st_ino in inodes:
                found.append(int(entry))
        except OSError:
            continue  # It ended, or is a zombie, while we looked.
    return found


def _in_thread(work):
    outcome: dict = {}

    def body() -> None:
        try:
            outcome["value"] = work()
        except BaseException as error:  # Handed to the caller below.
            outcome["error"] = error

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    if "error" in outcome:
        raise outcome["error"]
    return outcome["value"]
