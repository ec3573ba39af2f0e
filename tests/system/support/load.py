"""Steady traffic of a few clients, of which every single request is accounted for."""

import threading
import time

from .wire import SECONDS, Client, Ended, Malformed, get, wait_until


class Crowd:
    """Clients on a thread each, which runs `_run` until `stopping` is set."""

    PATIENCE = SECONDS  # for more answers, and for each client to leave

    def __init__(self, threads: int):
        self.lock = threading.Lock()
        self.answered = 0
        self.failures: list[str] = []
        self.leaving, self.stopping = threading.Event(), threading.Event()
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]
        for thread in self.threads:
            thread.start()

    def _run(self) -> None:
        raise NotImplementedError

    def _fail(self, fault: str) -> None:
        with self.lock:
            self.failures.append(fault)

    def await_answers(self, count: int) -> None:
        """Until `count` more requests have been answered."""
        until = self.answered + count
        wait_until(lambda: self.answered >= until, self.PATIENCE, what=f"{count} more answers")

    def await_end(self) -> None:
        """Until every client has left of its own accord."""
        for thread in self.threads:
            thread.join(self.PATIENCE)
            if thread.is_alive():
                raise TimeoutError("a client did not leave")

    def stop(self) -> None:
        self.stopping.set()
        self.await_end()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Load(Crowd):
    """`threads` clients ask `address` for `request(number)` every `interval` seconds each, on connections kept as long
    as lbd keeps them. Whatever is not answered by 200 is a failure. A client that is told `Connection: close` obeys;
    after `leaving` was set it does not come back, as its next connection would be steered elsewhere."""

    def __init__(self, address, threads: int = 4, interval: float = 0.005, fresh: bool = False, request=None):
        self.address = address
        self.interval = interval
        self.fresh = fresh  # a connection for each request
        self.request = request or (lambda number: get(f"/{number}"))
        self.slowest = 0.0
        super().__init__(threads)

    def _run(self) -> None:
        client = None
        number = 0
        while not self.stopping.wait(self.interval):
            number += 1
            began = time.monotonic()
            try:
                if client is None:
                    client = Client(self.address)
            except OSError as error:
                self._fail(f"connect: {error!r}")
                continue
            fault = None
            try:
                said = client.send(self.request(number)).response()
                if said.status != 200 or not said.complete:
                    fault = f"{said} {said.body[:200]!r}"
            except (Ended, Malformed, OSError) as error:
                fault = f"request {number} of its client: {error!r} from {error.__cause__!r}"
            with self.lock:
                self.answered += fault is None
                self.slowest = max(self.slowest, time.monotonic() - began)
            if fault:
                self._fail(fault)
            if fault or said.closes or self.fresh:
                client.close()
                client = None
                if self.leaving.is_set():
                    return
        if client is not None:
            client.close()
