"""New connections to the virtual address, some 200 a second: how many are slowed by a SYN that had to be repeated, or fail."""

import json
import subprocess
import sys

PORT = 8080

ACCEPT = f"""
import socket
server = socket.create_server(("", {PORT}), backlog=512)
print("ready", flush=True)
while True:
    server.accept()[0].close()
"""

CONNECT = f"""
import json, select, socket, sys, time
waiting, counts, due = {{}}, {{"opened": 0, "slow": 0, "failed": 0}}, time.monotonic()
print("ready", flush=True)
over = None
while over is None or (waiting and time.monotonic() < over + 5):
    now = time.monotonic()
    if over is None and now >= due:
        due = max(due + 0.005, now)
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex((sys.argv[1], {PORT}))
        waiting[one] = now
    readable, writable, _ = select.select([sys.stdin] if over is None else [], list(waiting), [], 0.002)
    if readable:
        over = time.monotonic()
    for one in writable:
        took = time.monotonic() - waiting.pop(one)
        failed = one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0
        counts["failed" if failed else "slow" if took > 0.9 else "opened"] += 1
        one.close()
counts["failed"] += len(waiting)
print(json.dumps(counts), flush=True)
"""


def _start(node, program: str, *arguments: str, **options) -> subprocess.Popen:
    process = node.spawn([sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, text=True, **options)
    if process.stdout.readline().strip() != "ready":
        raise RuntimeError(f"the connections of {node.name} do not begin")
    return process


def accept_on(node) -> subprocess.Popen:
    """Until it is killed."""
    return _start(node, ACCEPT)


class Connects:
    def __init__(self, node, address: str):
        self._process = _start(node, CONNECT, address, stdin=subprocess.PIPE)

    def end(self) -> dict:
        """`opened`, `slow` (0.9 s and more), `failed`."""
        output, _ = self._process.communicate("\n", timeout=30)
        return json.loads(output)
