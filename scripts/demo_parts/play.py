"""What is done to the stack, act by act. Each act breaks one thing or brings it back, and waits for the event that
shows the stack has answered."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lab import Stack

STEADY_SECONDS = 3.0
OBSERVED_SECONDS = 2.5  # Traffic goes on this long after the event, so that the next act begins in calm.


@dataclass(frozen=True)
class Act:
    name: str
    do: Callable[[], None]
    observed: float = OBSERVED_SECONDS


class Play:
    def __init__(self, stack: Stack):
        self._stack = stack

    def acts(self) -> Iterator[Act]:
        """In order; each is named when its turn comes, since it concerns whoever is active then."""
        yield Act("all is well", lambda: None, STEADY_SECONDS)
        active, standby = self._pair()
        yield Act(f"kill lbd on {active}, the active node", lambda: self._kill_lbd(active, standby))
        yield Act(f"start lbd on {active} again", lambda: self._start_lbd(active))
        active, standby = self._pair()
        yield Act(f"power off {active}, the active node", lambda: self._power_off_balancer(active, standby))
        yield Act(f"power {active} on again", lambda: self._power_on_balancer(active))
        yield Act("power off app1", lambda: self._stack.lab["app1"].power_off())
        yield Act("power app1 on again", lambda: self._stack.lab["app1"].power_on())
        yield Act("kill the database on db1, the primary; dbctl failover", self._fail_over)
        yield Act("the database on db1 is back; dbctl rejoin", self._rejoin)
        yield Act("dbctl switchover: writes move back to db1", lambda: self._stack.dbctl("switchover"))

    def _fail_over(self) -> None:
        self._stack.lab["db1"].kill("mariadbd")
        self._stack.dbctl("failover")

    def _rejoin(self) -> None:
        self._stack.lab["db1"].start("mariadbd")
        self._stack.dbctl("rejoin")

    def _pair(self) -> tuple[str, str]:
        active = self._stack.vip_owner()
        if active is None:
            raise RuntimeError("nobody holds the virtual address")
        return active, "lb2" if active == "lb1" else "lb1"

    def _kill_lbd(self, active: str, standby: str) -> None:
        self._stack.lab[active].kill("lbd")
        self._stack.wait_vip_owner(standby)

    def _start_lbd(self, node: str) -> None:
        self._stack.lab[node].start("lbd")
        self._stack.wait_vip_owner(node)

    def _power_off_balancer(self, active: str, standby: str) -> None:
        self._stack.lab[active].power_off()
        self._stack.wait_vip_owner(standby)

    def _power_on_balancer(self, node: str) -> None:
        self._stack.lab[node].power_on()
        self._stack.wait_vip_owner(node)


def observe(seconds: float, check: Callable[[], None]) -> None:
    """Lets the traffic run on, and notices when it does not."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        check()
        time.sleep(min(0.1, max(0.0, deadline - time.monotonic())))
