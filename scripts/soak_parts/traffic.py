"""What a soak does to lbd: clients of every kind, endpoints that come and go, reloads."""

import hashlib
import os
import random
import threading
import time

from support.lbd_process import Lbd, settings
from support.load import Load
from support.origin import Origin, answer
from support.wire import Client, Ended, Malformed, chunked, get, post, wait_until

KIB = 1024
BLOCK = os.urandom(64 * KIB)
DOWNLOAD_BLOCKS = 32
EVENTS = 20
ECHOES = 20
WORKERS = 2
PIPE_ENDS_KEPT = WORKERS * 2 * 16  # net::PipePool::kMostFree
SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
KILL_EVERY, DOWN_FOR, RELOAD_EVERY = 6.0, 1.5, 4.0  # seconds
# A limit that a busy machine does not meet; who is killed refuses at once.
CHECK = {"enabled": True, "interval": "200ms", "timeout": "2s", "rise": 2, "fall": 2}


def head(*fields: str) -> bytes:
    return "".join(f"{line}\r\n" for line in ("HTTP/1.1 200 OK", *fields, "")).encode()


def frail(request, _connection):
    """Of endpoints that are killed: short answers, which may be asked for again."""
    return answer(request.digest.hexdigest().encode() if request.method == "POST" else request.target.encode() * 20)


def steady(request, connection):
    """Of an endpoint that lives: what nobody could take up again in the middle."""
    if request.target.startswith("/steady/download"):
        connection.send(head(f"Content-Length: {DOWNLOAD_BLOCKS * len(BLOCK)}"))
        for _ in range(DOWNLOAD_BLOCKS):
            connection.send(BLOCK)
        return None
    if request.target.startswith("/steady/events"):
        connection.send(head("Content-Type: text/event-stream", "Transfer-Encoding: chunked"))
        for number in range(EVENTS):
            connection.send(chunked(b"data: %d\n\n" % number, end=b""))
            time.sleep(0.05)
        return b"0\r\n\r\n"
    if request.target.startswith("/steady/tunnel"):
        connection.send(SWITCHING)
        connection.closing = True
        for _ in range(ECHOES):
            connection.send(b"".join(connection.reader.counted(len(BLOCK))))
        return None
    return answer(request.digest.hexdigest().encode())


class Traffic:
    def __init__(self):
        self.frail = [Origin(frail) for _ in range(3)]
        self.steady = Origin(steady)
        self.reloads = 0
        self.reloaded_at = 0.0
        self.lbd = Lbd([origin.name for origin in self.frail], **self._changes())
        self.descriptors_before = self.lbd.descriptors()
        self.pipe_ends_before = self.lbd.pipe_ends()
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.failures: list[str] = []
        self.done: dict[str, int] = {}
        self.down: Origin | None = None
        self.killed_at = 0.0
        self.loads = [Load(self.lbd.address, threads=3, interval=0.004),
                      Load(self.lbd.address, threads=2, interval=0.02, fresh=True)]
        kinds = (self.upload, self.upload_small, self.download, self.events, self.tunnel, self.be_rude)
        self.threads = [threading.Thread(target=self._repeat, args=(kind,), daemon=True) for kind in kinds]
        for thread in self.threads:
            thread.start()

    def _changes(self) -> dict:
        """The configuration; each reload changes a few things, and the third of three is refused."""
        turn = self.reloads % 3
        routes = [{"path": "/", "upstream": "origins"}, {"path": "/steady", "upstream": "steady"}]
        if turn == 1:
            routes.append({"path": "/more", "upstream": "steady"})
        return {"workers": WORKERS, "access_log": {"enabled": False}, "routes": routes,
                "timeouts": {"body": f"{20 + turn}s"} if turn < 2 else {"body": "soon"},
                "upstreams": [{"name": "origins", "endpoints": [], "check": CHECK},
                              {"name": "steady", "endpoints": [self.steady.name], "check": {"enabled": False}}]}

    def reload(self) -> None:
        self.reloads += 1
        changes = self._changes()
        self.lbd.configure(settings([origin.name for origin in self.frail], **changes))
        said = self.lbd.reload()["msg"]
        if said != ("reload refused" if self.reloads % 3 == 2 else "reloaded"):
            self.failures.append(f"reload {self.reloads}: {said}")

    def __str__(self) -> str:
        with self.lock:
            others = "  ".join(f"{count} {name}" for name, count in sorted(self.done.items()))
        return f"{sum(load.answered for load in self.loads)} GETs  {self.reloads} reloads  {others}"

    def _repeat(self, kind) -> None:
        while not self.stopping.is_set():
            try:
                kind()
                with self.lock:
                    self.done[kind.__name__] = self.done.get(kind.__name__, 0) + 1
            except (Ended, Malformed, OSError, AssertionError) as error:
                with self.lock:
                    self.failures.append(f"{kind.__name__}: {error!r}")
            self.stopping.wait(0.05)

    def _expect(self, holds: bool, what: object) -> None:
        if not holds:
            raise AssertionError(what)

    def upload(self) -> None:
        body = BLOCK * random.randint(1, 16)
        coded = random.random() < 0.5
        with Client(self.lbd.address) as client:
            client.send(get("/steady/up", "Transfer-Encoding: chunked", method="POST") + chunked(body) if coded
                        else post(body, path="/steady/up"))
            said = client.response()
            self._expect(said.body.decode() == hashlib.sha256(body).hexdigest(), said)

    def upload_small(self) -> None:
        """To endpoints that die: 502 is right where it may have been done, another POST is not."""
        with Client(self.lbd.address) as client:
            for _ in range(10):
                said = client.send(post(b"x" * random.randint(0, 40_000))).response()
                self._expect(said.status in (200, 502), said)
                if said.closes:
                    return

    def download(self) -> None:
        with Client(self.lbd.address) as client:
            for _ in range(3):
                said = client.send(get("/steady/download")).response()
                self._expect(said.complete and said.body == BLOCK * DOWNLOAD_BLOCKS, said)

    def events(self) -> None:
        with Client(self.lbd.address) as client:
            said = client.send(get("/steady/events")).response()
            self._expect(said.complete and said.body.count(b"data: ") == EVENTS, said)

    def tunnel(self) -> None:
        """Over several reloads, which must not cut it."""
        with Client(self.lbd.address) as client:
            client.send(get("/steady/tunnel", "Connection: Upgrade", "Upgrade: websocket"))
            said = client.head()
            self._expect(said.status == 101, said)
            for _ in range(ECHOES):
                client.send(BLOCK)
                self._expect(b"".join(client.reader.counted(len(BLOCK))) == BLOCK, "an echo that is none")
                self.stopping.wait(0.5)

    def be_rude(self) -> None:
        """Leaves in the midst of all that one can leave in the midst of."""
        for octets in (b"", b"GET / HT", get("/steady/download"), post(b"x" * 100_000)[:-1], get() * 20, b"\0\r\n\r\n",
                       get("/", "Transfer-Encoding: chunked", method="POST") + b"5\r\nhel"):
            with Client(self.lbd.address) as client:
                client.send_what_is_taken(octets)
                if random.random() < 0.5:
                    client.sock.settimeout(0.05)
                    try:
                        client.reader.more()
                    except (Ended, OSError):
                        pass

    def disturb(self, passed: float) -> None:
        """What happens to lbd and its endpoints at this time; called often."""
        if passed - self.reloaded_at >= RELOAD_EVERY:
            self.reload()
            self.reloaded_at = passed
        if self.down is not None and passed - self.killed_at >= DOWN_FOR:
            self.down.start()
            self.down = None
        elif self.down is None and passed - self.killed_at >= KILL_EVERY:
            self.down = random.choice(self.frail)
            self.down.stop()
            self.killed_at = passed
            for origin in (*self.frail, self.steady):
                origin.clear()  # they remember every request, and this takes long

    def stop(self) -> list[str]:
        self.stopping.set()
        for load in self.loads:
            load.stop()
        for thread in self.threads:
            thread.join(20)
        return [*self.failures, *(failure for load in self.loads for failure in load.failures)]

    def settled_descriptors(self) -> int:
        """Once the clients have left and what is kept warm is let go with its endpoints."""
        for origin in (*self.frail, self.steady):
            origin.stop()
        most = self.descriptors_before + 4
        try:
            wait_until(lambda: self._held_descriptors() <= most, 10)
        except TimeoutError:
            pass
        return self._held_descriptors()

    def _held_descriptors(self) -> int:
        """But for the pipes that may be kept for the next content: how many there are goes by how much came at once."""
        kept = min(self.lbd.pipe_ends() - self.pipe_ends_before, PIPE_ENDS_KEPT)
        return self.lbd.descriptors() - kept

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.lbd.close()
        for origin in (*self.frail, self.steady):
            origin.stop()
