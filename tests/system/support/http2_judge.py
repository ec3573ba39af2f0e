"""Cases of HTTP/2 and the outcomes that RFC 9113 and RFC 7541 allow for them."""

import itertools
from typing import NamedTuple

from . import http2_frames as h2
from .http2_client import Http2Client, error_of
from .wire import Ended, Malformed

BYSTANDER = 1001  # a stream for a request that has nothing to do with the case


class Alive:
    """Taken, or ignored: the connection goes on and no stream was reset."""

    def fault(self, client: Http2Client) -> str | None:
        if not client.answers_ping() or error_of(client) is not None:
            return "the connection ended"
        return "a stream was reset" if any(stream.resets for stream in client.streams.values()) else None


class Answered:
    """The request of the stream is answered, by `status`."""

    def __init__(self, stream: int = 1, status: int = 200):
        self.stream, self.status = stream, status

    def fault(self, client: Http2Client) -> str | None:
        try:
            client.until(lambda: error_of(client) is not None or is_over(client, self.stream), "an answer")
        except Ended:
            return "the connection ended"
        if error_of(client) is not None:
            return "a connection error"
        said = client.streams[self.stream]
        return None if (said.status, said.ended) == (self.status, True) else f"{said}"


class ConnectionError:
    """The connection ends, after a GOAWAY with one of the codes (RFC 9113 §5.4.1). `bare`: it may do without (§3.4)."""

    def __init__(self, *codes: int, bare: bool = False):
        self.codes, self.bare = codes, bare

    def fault(self, client: Http2Client) -> str | None:
        client.until_ended()
        code = error_of(client)
        if code is None:
            return None if self.bare else "it closed without a GOAWAY that says why"
        return None if code in self.codes else f"code {code} instead of {self.codes}"


class StreamError:
    """The stream is reset with one of the codes, and nothing else is disturbed (§5.4.2); or the whole connection ends
    with one of them, which an endpoint may prefer. `statuses`: answers that do instead, where the RFC leaves it to us.
    `arrives`: what is wrong comes behind what is a whole request to the endpoint."""

    def __init__(self, *codes: int, stream: int = 1, statuses: tuple[int, ...] = (), arrives: bool = False):
        self.codes, self.stream, self.statuses = codes, stream, statuses
        self.arrives = arrives or 200 in statuses

    def is_decided(self, client: Http2Client) -> bool:
        if error_of(client) is not None:
            return True
        stream = client.streams.get(self.stream)
        if stream is None:
            return False
        good = stream.ended and (200 <= stream.status < 300 or stream.status in self.statuses)
        return bool(stream.resets) or good

    def fault(self, client: Http2Client) -> str | None:
        try:
            client.until(lambda: self.is_decided(client), "an error of the stream")
        except Ended:
            return "it closed without a GOAWAY that says why"
        if error_of(client) is not None:
            return ConnectionError(*self.codes).fault(client)
        stream = client.streams[self.stream]
        if stream.resets and stream.resets[0] not in self.codes:
            return f"reset with {stream.resets} instead of {self.codes}"
        if stream.status not in (self.statuses if not stream.resets else (None, 400, *self.statuses)):
            return f"{stream}"
        client.send_what_is_taken(h2.get(BYSTANDER, "/bystander"))
        if client.ours[h2.INITIAL_WINDOW_SIZE] == 0:
            client.send_what_is_taken(h2.window_update(BYSTANDER, 1000))
        return Answered(BYSTANDER).fault(client)


def is_over(client: Http2Client, stream: int) -> bool:
    return stream in client.streams and client.streams[stream].over


def answered(stream: int = 1):
    """A step: wait until the stream is over."""
    return lambda client: client.until(lambda: is_over(client, stream), f"the end of stream {stream}") and None


class Case(NamedTuple):
    name: str      # the section, and what is done
    steps: tuple   # octets to send; or what gives some, or None, after having seen to the client
    outcome: object  # with a `fault`
    window: int = h2.DEFAULT_WINDOW  # our SETTINGS_INITIAL_WINDOW_SIZE; 0 keeps a stream from being answered whole
    opens: bool = True               # the preface is sent and SETTINGS are exchanged before

    def fault(self, address, context=None) -> str | None:
        """None when the server at `address` does what it must."""
        settings = {h2.INITIAL_WINDOW_SIZE: self.window}
        with Http2Client(address, context, settings=settings, opens=self.opens, replenish=False) as client:
            client.counts_windows = False
            try:
                if self.opens:
                    client.await_settings()
                # At once what may go at once: the server is to meet it in one state.
                for waits, steps in itertools.groupby(self.steps, callable):
                    octets = [step(client) or b"" for step in steps] if waits else steps
                    client.send_what_is_taken(b"".join(octets))
                found = self.outcome.fault(client)
            except (Ended, Malformed, TimeoutError) as error:
                found = f"{type(error).__name__}: {error}"
            return found and f"{found}; {client!r}"
