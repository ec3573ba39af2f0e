"""The keeper: holds a lab's namespaces and removes everything of the lab when its owner is gone.

Started by lab.py as a process of its own, so that it outlives an owner killed by any signal. Its standard input is
the lifeline: when that closes and nobody said "keep", the lab ends. The namespaces have no names and no mounts; they
exist through the keeper's descriptors and vanish with it. Requests, a line of JSON each, arrive on the lifeline and
on `keeper.sock` in the state directory: {"do": "keep" | "down"} and {"do": "renew", "name": NODE}.
"""

import json
import os
import select
import shutil
import signal
import socket
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from lab import namespaces  # noqa: E402

LONGEST_REQUEST = 4096
REQUEST_SECONDS = 2.0
KILL_ROUNDS = 50  # A process may fork while we kill; each round waits for the ones it killed.
KILL_WAIT_SECONDS = 2.0


class Keeper:
    def __init__(self, identity: str, place: str, names: list[str]):
        self.directory = tempfile.mkdtemp(prefix=f"mainstay-lab-{identity}-", dir=place)
        self.spaces = {name: namespaces.create() for name in names}
        self.kept = False
        self.ended = False
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(os.path.join(self.directory, "keeper.sock"))
        self.listener.listen(4)

    def description(self) -> dict:
        return {"directory": self.directory, "pid": os.getpid(),
                "namespaces": {name: f"/proc/{os.getpid()}/fd/{number}" for name, number in self.spaces.items()}}

    def serve(self, lifeline: socket.socket) -> None:
        lifeline.sendall(json.dumps(self.description()).encode() + b"\n")
        watched = [lifeline, self.listener]
        while not self.ended:
            for ready in select.select(watched, [], [])[0]:
                if ready is self.listener:
                    client, _ = self.listener.accept()
                    with client:
                        client.settimeout(REQUEST_SECONDS)
                        self.exchange(client)
                elif not self.exchange(lifeline):
                    watched.remove(lifeline)
                    self.ended = self.ended or not self.kept

    def exchange(self, client: socket.socket) -> bool:
        """Answers one request; false when the other side has gone."""
        try:
            line = client.recv(LONGEST_REQUEST)
            if not line:
                return False
            client.sendall(json.dumps(self.answer(json.loads(line))).encode() + b"\n")
            return True
        except (OSError, ValueError):
            return False

    def answer(self, request: dict) -> dict:
        match request.get("do"):
            case "keep":
                self.kept = True
            case "down":
                self.ended = True
            case "renew":
                self.renew(request["name"])
            case other:
                return {"error": f"unknown request {other!r}"}
        return {}

    def renew(self, name: str) -> None:
        """A fresh namespace under the old descriptor number, so that its path stays good."""
        fresh = namespaces.create()
        os.dup2(fresh, self.spaces[name], inheritable=False)
        os.close(fresh)

    def clean_up(self) -> None:
        inodes = {os.fstat(number).st_ino for number in self.spaces.values()}
        for _ in range(KILL_ROUNDS):
            victims = namespaces.processes_in(inodes)
            if not victims:
                break
            kill_and_wait(victims)
        shutil.rmtree(self.directory, ignore_errors=True)


def kill_and_wait(pids: list[int]) -> None:
    handles = []
    for pid in pids:
        try:
            handles.append(os.pidfd_open(pid))
            signal.pidfd_send_signal(handles[-1], signal.SIGKILL)
        except OSError:
            continue  # Already gone.
    for handle in handles:
        select.select([handle], [], [], KILL_WAIT_SECONDS)
        os.close(handle)


def main() -> None:
    for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(ignored, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    lifeline = socket.socket(fileno=0)
    try:
        keeper = Keeper(sys.argv[1], sys.argv[2], sys.argv[3:])
    except OSError as error:
        lifeline.sendall(json.dumps({"error": str(error)}).encode() + b"\n")
        sys.exit(1)
    try:
        keeper.serve(lifeline)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        keeper.clean_up()


if __name__ == "__main__":
    main()
