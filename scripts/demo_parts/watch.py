"""Looks at the nodes while the acts are played: who holds the virtual address, which node works."""

import threading
import time

from lab import Stack

LOOK_SECONDS = 0.02


def now_ms() -> float:
    return time.time() * 1000


class Watch:
    """Changes as (UNIX ms, value), oldest first. Owner: a node's name or None. Lamp: "on", "hurt" (powered, but a
    service is missing) or "off"."""

    def __init__(self, stack: Stack):
        self._stack = stack
        self.owners: list[tuple[float, str | None]] = []
        self.lamps: dict[str, list[tuple[float, str]]] = {name: [] for name in stack.lab.nodes}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.look()
        self._thread.start()

    def owner(self) -> str | None:
        return self.owners[-1][1]

    def lamp(self, name: str) -> str:
        return self.lamps[name][-1][1]

    def look(self) -> None:
        _note(self.owners, self._stack.vip_owner())
        for name, node in self._stack.lab.nodes.items():
            running = all(node.is_running(service) for service in list(node.services))
            _note(self.lamps[name], "off" if not node.powered else "on" if running else "hurt")

    def _run(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            self.look()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()


def _note(changes: list, value) -> None:
    if not changes or changes[-1][1] != value:
        changes.append((now_ms(), value))
