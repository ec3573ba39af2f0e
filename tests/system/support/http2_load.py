"""Steady traffic over HTTP/2 that obeys GOAWAY, of which every single request is accounted for."""

from .http2_client import Http2Client
from .load import Crowd
from .wire import SECONDS, Ended, Malformed, wait_until


class Http2Load(Crowd):
    """`threads` clients with `streams` requests at a time each. Whatever is not answered by 200 is a failure, but for
    streams that a GOAWAY says were not taken up, which are asked for again on a new connection (RFC 9113 §6.8); after
    `leaving` was set nobody comes back, as new connections would be steered elsewhere."""

    PATIENCE = 3 * SECONDS

    def __init__(self, address, threads: int = 3, streams: int = 5):
        self.address, self.streams = address, streams
        self.connections = 0
        self.goaways: list[list[tuple[int, int]]] = []  # of each connection that was told to end
        super().__init__(threads)

    def _run(self) -> None:
        while not self.stopping.is_set():
            try:
                with Http2Client(self.address) as client:
                    with self.lock:
                        self.connections += 1
                    self._talk(client)
            except (Ended, Malformed, OSError) as error:
                self._fail(f"{error!r}")
            if self.leaving.is_set():
                return

    def _talk(self, client: Http2Client) -> None:
        """Until the server says goodbye and has answered what it has taken up."""
        open_streams: set[int] = set()
        while open_streams or not (client.goaways or self.stopping.is_set()):
            while len(open_streams) < self.streams and not client.goaways and not self.stopping.is_set():
                open_streams.add(client.begin("/load"))
            client.take()
            last = client.goaways[-1][0] if client.goaways else None
            for number in [number for number in open_streams if client.streams[number].over]:
                open_streams.remove(number)
                said = client.streams.pop(number)
                with self.lock:
                    self.answered += said.status == 200 and said.ended
                    if said.status != 200 or not said.ended:
                        self.failures.append(f"stream {number}: {said}, goaways {client.goaways}")
            if last is not None:
                open_streams = {number for number in open_streams if number <= last}
        if client.goaways:
            client.until_ended()
            with self.lock:
                self.goaways.append(client.goaways)

    def await_answers(self, count: int) -> None:
        until = self.answered + count
        wait_until(lambda: self.answered >= until or self.failures, self.PATIENCE, f"{count} more answers")
