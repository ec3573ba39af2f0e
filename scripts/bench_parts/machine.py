"""What the kernel says a process has cost, and on which core it may run."""

import os
import socket

PROXY_CORE = "0"
LOAD_CORE = "1"


def on_core(core: str, argv: list[str]) -> list[str]:
    return ["taskset", "-c", core, *argv]


def cpu_ns(pids: list[int]) -> int:
    """User and system time of all threads, in nanoseconds (schedstat; /proc/PID/stat counts in 10 ms)."""
    total = 0
    for pid in pids:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
    return total


def memory_bytes(pids: list[int]) -> int:
    """Private memory: what would come free if the processes ended."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            for line in file:
                if line.startswith(("Private_Clean:", "Private_Dirty:")):
                    total += int(line.split()[1]) * 1024
    return total


def resident_bytes(pids: list[int]) -> int:
    """What stands in memory for them; a page that two of them share counts twice."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            total += sum(int(line.split()[1]) * 1024 for line in file if line.startswith("Rss:"))
    return total


def children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
