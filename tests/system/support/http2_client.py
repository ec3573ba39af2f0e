"""HTTP/2 on a raw socket: sends what a test gives it, and judges every frame that comes back.

What a server may never do raises Malformed, whatever the test is about. Every wait has a deadline."""

import select
import socket
import ssl
import struct
import time

import hpack

from . import http2_frames as h2
from .wire import SECONDS, Ended, Malformed, Reader, values

FIXED_LENGTHS = {h2.PRIORITY: 5, h2.RST_STREAM: 4, h2.PING: 8, h2.WINDOW_UPDATE: 4}
OF_THE_CONNECTION = (h2.SETTINGS, h2.PING, h2.GOAWAY)
CONNECTION_SPECIFIC = {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "te"}


class Stream:
    """What came on one stream."""

    def __init__(self, window: int):
        self.window = window  # what the server may still send
        self.credit = 0       # what we may still send
        self.heads: list[list[tuple[str, str]]] = []  # interim ones, then the final one
        self.trailers: list[tuple[str, str]] | None = None
        self.body = bytearray()
        self.length = 0
        self.ended = False
        self.resets: list[int] = []

    @property
    def reset(self) -> int | None:
        return self.resets[0] if self.resets else None

    @property
    def status(self) -> int | None:
        """Of the final response."""
        found = int(values(self.heads[-1], ":status")[0]) if self.heads else 100
        return found if found >= 200 else None

    @property
    def interim(self) -> list[int]:
        return [status for head in self.heads if (status := int(values(head, ":status")[0])) < 200]

    @property
    def over(self) -> bool:
        return self.ended or bool(self.resets)

    def field(self, name: str) -> str | None:
        found = values(self.heads[-1], name)
        return ", ".join(found) if found else None

    def __repr__(self) -> str:
        return f"<{self.heads} {self.length} octets ended={self.ended} reset={self.reset} trailers={self.trailers}>"


class Http2Client:
    """One connection. `settings`: ours; `replenish`: give back the windows as content comes; `opens`: send the preface at
    once. `counts_windows`: a server that sends more than it may is malformed; not for those who give windows by frames of
    their own making."""

    counts_windows = True

    def __init__(self, address, context: ssl.SSLContext | None = None, name: str = "www.test",
                 settings: dict[int, int] | None = None, replenish: bool = True, opens: bool = True,
                 receive_buffer: int | None = None, seconds: float = SECONDS):
        self.seconds = seconds
        self.sock = socket.socket()
        if receive_buffer is not None:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.settimeout(seconds)
        try:
            self.sock.connect(address)
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if context is not None:
                self.sock = context.wrap_socket(self.sock, server_hostname=name)
        except BaseException:
            self.sock.close()
            raise
        self.reader = Reader(self.sock)
        self.replenish = replenish
        self.decoder = hpack.Decoder()
        self.decoder.max_allowed_table_size = self.decoder.header_table_size = h2.DEFAULT_TABLE
        self.ours = {h2.INITIAL_WINDOW_SIZE: h2.DEFAULT_WINDOW, **(settings or {})}
        self.theirs: dict[int, int] = {}
        self.window = h2.DEFAULT_WINDOW  # what the server may still send
        self.credit = h2.DEFAULT_WINDOW  # what we may still send
        self.streams: dict[int, Stream] = {}
        self.next_stream = 1
        self.frames: list[tuple[int, int, int]] = []  # kind, flags, stream of the last ones that came
        self.goaways: list[tuple[int, int]] = []      # last stream, code
        self.pongs: list[bytes] = []
        self.acknowledged = 0
        self.seen_settings = False
        self.ended = False  # the server closed
        self.held: list[bytes] | None = None  # fragments of a field block that goes on
        if opens:
            self.send(h2.PREFACE + h2.settings(*(settings or {}).items()))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self) -> None:
        self.sock.close()

    def send(self, octets: bytes) -> "Http2Client":
        self.sock.sendall(octets)
        return self

    def send_what_is_taken(self, octets: bytes) -> "Http2Client":
        """As `send`, to a peer who may close in the midst of it."""
        try:
            self.sock.sendall(octets)
        except (ConnectionResetError, BrokenPipeError, ssl.SSLError):
            pass
        return self

    def pour(self, octets: bytes) -> bool:
        """Sends while keeping what comes for later, so that neither side waits for the other. False: the server closed."""
        view = memoryview(octets)
        while view:
            readable, writable, _ = select.select([self.sock], [self.sock], [], self.seconds)
            if not readable and not writable:
                raise TimeoutError(f"{len(view)} octets were not taken; {self!r}")
            try:
                if readable:
                    self.reader.more()
                if writable:
                    view = view[self.sock.send(view[:65536]):]
            except (Ended, ConnectionResetError, BrokenPipeError):
                return False
        return True

    # What comes.

    def take(self) -> h2.Frame:
        """The next frame, judged and taken to heart. Ended when the server has closed."""
        try:
            while len(self.reader.held) < 9:
                self.reader.more()
            size = int.from_bytes(self.reader.held[:3], "big")
            if size > self.ours.get(h2.MAX_FRAME_SIZE, h2.DEFAULT_FRAME):
                raise Malformed(f"a frame of {size} octets")
            while len(self.reader.held) < 9 + size:
                self.reader.more()
        except (Ended, ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
            self.ended = True
            raise Ended(f"after {self.frames}, goaways {self.goaways}") from error
        head = self.reader.take(9)
        kind, flags, stream = struct.unpack(">BBI", head[3:])
        frame = h2.Frame(kind, flags, stream, self.reader.take(size))
        self.frames = [*self.frames[-63:], frame[:3]]
        self._on_frame(frame)
        return frame

    def until(self, condition, what: str = "what was waited for"):
        """Takes frames until `condition()`; gives its value."""
        deadline = time.monotonic() + self.seconds
        while not (value := condition()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what} did not come; {self!r}")
            try:
                self.take()
            except TimeoutError as error:
                raise TimeoutError(f"{what} did not come; {self!r}") from error
        return value

    def until_ended(self) -> "Http2Client":
        """Takes all that still comes."""
        try:
            self.until(lambda: False, "the end of the connection")
        except Ended:
            pass
        return self

    def _on_frame(self, frame: h2.Frame) -> None:
        kind, stream = frame.kind, frame.stream
        if not self.seen_settings and (kind != h2.SETTINGS or frame.has(h2.ACK)):
            raise Malformed(f"{frame} in front of SETTINGS")  # RFC 9113 §3.4
        if self.held is not None and kind != h2.CONTINUATION:
            raise Malformed(f"{frame} within a field block")
        if kind in FIXED_LENGTHS and len(frame.payload) != FIXED_LENGTHS[kind]:
            raise Malformed(f"{frame} of a wrong length")
        if kind != h2.WINDOW_UPDATE and (stream == 0) != (kind in OF_THE_CONNECTION):
            raise Malformed(f"{frame} on stream {stream}")
        if stream and stream not in self.streams:
            # Raw octets may have opened it; even ones, and those not yet used, nobody did.
            if stream % 2 == 0:
                raise Malformed(f"{frame} on a stream that nobody opened")
            self._open(stream)
        on = {h2.DATA: self._on_data, h2.HEADERS: self._on_headers, h2.CONTINUATION: self._on_fragment,
              h2.RST_STREAM: self._on_reset, h2.SETTINGS: self._on_settings, h2.PING: self._on_ping,
              h2.GOAWAY: self._on_goaway, h2.WINDOW_UPDATE: self._on_window}.get(kind)
        if kind == h2.PUSH_PROMISE:
            raise Malformed("a push")
        if on is not None:
            on(frame)

    def _open(self, number: int) -> Stream:
        stream = self.streams[number] = Stream(self.ours[h2.INITIAL_WINDOW_SIZE])
        stream.credit = self.theirs.get(h2.INITIAL_WINDOW_SIZE, h2.DEFAULT_WINDOW)
        return stream

    def _living(self, frame: h2.Frame) -> Stream:
        stream = self.streams[frame.stream]
        if stream.over:
            raise Malformed(f"{frame} on a stream that had ended")
        return stream

    def _on_data(self, frame: h2.Frame) -> None:
        stream = self._living(frame)
        if stream.status is None:
            raise Malformed("DATA in front of a final response")
        size = len(frame.payload)
        content = frame.payload[1:size - frame.payload[0]] if frame.has(h2.PADDED) else frame.payload
        stream.window -= size
        self.window -= size
        if size and self.counts_windows and (stream.window < 0 or self.window < 0):
            raise Malformed(f"windows {stream.window}, {self.window}")
        stream.length += len(content)
        stream.body += content
        stream.ended = frame.has(h2.END_STREAM)
        if self.replenish and size:
            self.give(0, size)
            if not stream.ended:
                self.give(frame.stream, size)

    def give(self, number: int, octets: int) -> None:
        """Lets the server send more."""
        if number:
            self.streams[number].window += octets
        else:
            self.window += octets
        self.send_what_is_taken(h2.window_update(number, octets))

    def _on_headers(self, frame: h2.Frame) -> None:
        self._living(frame)
        start = frame.has(h2.PADDED) + 5 * frame.has(h2.PRIORITISED)
        padding = frame.payload[0] if frame.has(h2.PADDED) else 0
        self.held, self.ends = [], frame.has(h2.END_STREAM)
        self._add_fragment(frame, frame.payload[start:len(frame.payload) - padding])

    def _on_fragment(self, frame: h2.Frame) -> None:
        if self.held is None:
            raise Malformed("CONTINUATION of nothing")
        self._add_fragment(frame, frame.payload)

    def _add_fragment(self, frame: h2.Frame, octets: bytes) -> None:
        self.held.append(octets)
        if frame.has(h2.END_HEADERS):
            fields = [(name.decode("latin-1"), value.decode("latin-1"))
                      for name, value in self.decoder.decode(b"".join(self.held), raw=True)]
            self.held = None
            self._on_fields(self.streams[frame.stream], fields)

    def _on_fields(self, stream: Stream, fields: list[tuple[str, str]]) -> None:
        names = [name for name, _ in fields]
        if any(name != name.lower() or name in CONNECTION_SPECIFIC for name in names):
            raise Malformed(f"fields {fields}")  # RFC 9113 §8.2
        trailers = stream.status is not None
        pseudo = [name for name in names if name.startswith(":")]
        if pseudo != ([] if trailers else [":status"]) or (pseudo and names[0] != ":status"):
            raise Malformed(f"pseudo-header fields in {fields}")  # RFC 9113 §8.3.2
        if trailers and not self.ends:
            raise Malformed("trailers that do not end the stream")
        if trailers:
            stream.trailers = fields
        else:
            stream.heads.append(fields)
        if self.ends and stream.status is None:
            raise Malformed("an interim response that ends the stream")
        stream.ended = self.ends

    def _on_reset(self, frame: h2.Frame) -> None:
        self.streams[frame.stream].resets.append(frame.number())

    def _on_settings(self, frame: h2.Frame) -> None:
        if frame.has(h2.ACK):
            self.acknowledged += 1
            return
        self.seen_settings = True
        before = self.theirs.get(h2.INITIAL_WINDOW_SIZE, h2.DEFAULT_WINDOW)
        self.theirs.update(struct.iter_unpack(">HI", frame.payload))
        for stream in self.streams.values():
            stream.credit += self.theirs.get(h2.INITIAL_WINDOW_SIZE, h2.DEFAULT_WINDOW) - before
        self.send_what_is_taken(h2.settings_ack())

    def _on_ping(self, frame: h2.Frame) -> None:
        if frame.has(h2.ACK):
            self.pongs.append(frame.payload)
        else:
            self.send_what_is_taken(h2.ping(frame.payload, h2.ACK))

    def _on_goaway(self, frame: h2.Frame) -> None:
        last, code = struct.unpack_from(">II", frame.payload)
        if self.goaways and last > self.goaways[-1][0]:
            raise Malformed("a GOAWAY that takes in more than the one before")  # RFC 9113 §6.8
        self.goaways.append((last, code))

    def _on_window(self, frame: h2.Frame) -> None:
        increment = frame.number()
        if not increment:
            raise Malformed("WINDOW_UPDATE of nothing")
        if frame.stream:
            self.streams[frame.stream].credit += increment
        else:
            self.credit += increment

    # What a well-behaved client does.

    def await_settings(self) -> "Http2Client":
        self.until(lambda: self.seen_settings and self.acknowledged, "SETTINGS and their acknowledgment")
        return self

    def begin(self, path: str = "/", method: str = "GET", *more: h2.Field, ends: bool = True, **about) -> int:
        """Sends the head of a request; its stream."""
        number, self.next_stream = self.next_stream, self.next_stream + 2
        self._open(number)
        flags = h2.END_HEADERS | (h2.END_STREAM if ends else 0)
        self.send(h2.headers(number, h2.request_fields(path, method, *more, **about), flags))
        return number

    def upload(self, number: int, content: bytes, ends: bool = True, waits: bool = True) -> int:
        """Sends as the windows let it; how much went out before the server had enough, or, if it does not wait, before
        the windows were used up."""
        stream, sent = self.streams[number], 0
        view = memoryview(content)
        while sent < len(content) and not stream.over:
            allowed = min(stream.credit, self.credit, h2.DEFAULT_FRAME, len(content) - sent)
            if allowed <= 0 and waits:
                self.take()
                continue
            if allowed <= 0:
                break
            last = ends and sent + allowed == len(content)
            self.send(h2.data(number, bytes(view[sent:sent + allowed]), h2.END_STREAM if last else 0))
            stream.credit -= allowed
            self.credit -= allowed
            sent += allowed
        return sent

    def response(self, number: int) -> Stream:
        """What came on the stream once it is over."""
        self.until(lambda: self.streams[number].over, f"the end of stream {number}")
        return self.streams[number]

    def ask(self, path: str = "/", method: str = "GET", *more: h2.Field, content: bytes = b"", **about) -> Stream:
        number = self.begin(path, method, *more, ends=not content, **about)
        if content:
            self.upload(number, content)
        return self.response(number)

    def answers_ping(self) -> bool:
        """Whether the connection is alive: all sent before has been taken."""
        octets = b"%08d" % len(self.pongs)
        self.send_what_is_taken(h2.ping(octets))
        try:
            self.until(lambda: octets in self.pongs, "PING's acknowledgment")
        except Ended:
            return False
        return True

    def __repr__(self) -> str:
        return f"<goaways {self.goaways} ended={self.ended} frames {self.frames[-12:]} streams {self.streams}>"


def error_of(client: Http2Client) -> int | None:
    """The code the connection ended, or is to end, with; NO_ERROR is none."""
    return next((code for _, code in client.goaways if code != h2.NO_ERROR), None)
