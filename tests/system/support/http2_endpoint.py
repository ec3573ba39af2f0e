"""An endpoint that speaks HTTP/2 as a script has it: what it says is octets, also the forbidden."""

import socket
import struct
import threading
from collections.abc import Callable

import hpack

from . import http2_frames as h2
from .http2_frames import ACK, END_HEADERS, END_STREAM, Frame


class Request:
    def __init__(self, stream: int):
        self.stream = stream
        self.fields: list[tuple[str, str]] = []
        self.trailers: list[tuple[str, str]] = []
        self.body = bytearray()
        self.ended = False
        self.reset: int | None = None  # the code

    def field(self, name: str) -> str | None:
        return next((value for known, value in self.fields if known == name), None)


class Connection:
    """One connection of lbd's. The script is called with each frame's request: when its head, its end or its reset comes."""

    def __init__(self, endpoint: "Http2Endpoint", sock: socket.socket):
        self.endpoint, self.socket = endpoint, sock
        self.decoder = hpack.Decoder()
        self.requests: dict[int, Request] = {}
        self.frames: list[Frame] = []
        self.goaway: int | None = None
        self.over = False

    def send(self, octets: bytes) -> None:
        try:
            self.socket.sendall(octets)
        except OSError:
            self.over = True

    def answer(self, stream: int, content: bytes = b"ok", *fields: tuple[str, str], status: str = "200") -> None:
        head = h2.headers(stream, [(":status", status), *fields], END_HEADERS | (0 if content else END_STREAM))
        self.send(head + (h2.data(stream, content, END_STREAM) if content else b""))

    def close(self) -> None:
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def _read(self, size: int) -> bytes:
        octets = b""
        while len(octets) < size:
            more = self.socket.recv(size - len(octets))
            if not more:
                raise ConnectionError
            octets += more
        return octets

    def serve(self) -> None:
        try:
            self._read(len(h2.PREFACE))
            self.send(self.endpoint.first)
            while True:
                head = self._read(9)
                size = struct.unpack(">I", b"\0" + head[:3])[0]
                self._take(Frame(head[3], head[4], struct.unpack(">I", head[5:])[0], self._read(size)))
        except (OSError, ConnectionError):
            pass
        finally:
            self.over = True
            self.socket.close()

    def _take(self, frame: Frame) -> None:
        self.frames.append(frame)
        request = self.requests.get(frame.stream)
        if frame.kind == h2.SETTINGS and not frame.has(ACK):
            self.send(h2.settings_ack())
        elif frame.kind == h2.PING and not frame.has(ACK):
            self.send(h2.ping(frame.payload, ACK))
        elif frame.kind == h2.GOAWAY:
            self.goaway = struct.unpack_from(">I", frame.payload, 4)[0]
        elif frame.kind == h2.HEADERS:
            fields = [(str(name), str(value)) for name, value in self.decoder.decode(frame.payload)]
            if request is None:
                request = self.requests[frame.stream] = Request(frame.stream)
                self.endpoint.requests.append(request)
                request.fields = fields
                request.ended = frame.has(END_STREAM)
                self.endpoint.script(self, request, "head")
            else:
                request.trailers = fields
                request.ended = True
            if request.ended:
                self.endpoint.script(self, request, "end")
        elif frame.kind == h2.DATA and request is not None:
            request.body += frame.payload
            if frame.payload and self.endpoint.takes_content:
                self.send(h2.window_update(0, len(frame.payload)) + h2.window_update(frame.stream, len(frame.payload)))
            request.ended = frame.has(END_STREAM)
            if request.ended:
                self.endpoint.script(self, request, "end")
        elif frame.kind == h2.RST_STREAM and request is not None:
            request.reset = frame.number()
            self.endpoint.script(self, request, "reset")


Script = Callable[[Connection, Request, str], None]


def answer_ok(connection: Connection, request: Request, event: str) -> None:
    if event == "end":
        connection.answer(request.stream)


class Http2Endpoint:
    def __init__(self, script: Script = answer_ok, first: bytes = h2.settings(), takes_content: bool = True):
        self.script, self.first, self.takes_content = script, first, takes_content
        self.requests: list[Request] = []
        self.connections: list[Connection] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.name = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = Connection(self, sock)
            self.connections.append(connection)
            threading.Thread(target=connection.serve, daemon=True).start()

    def stop(self) -> None:
        self.listener.close()
        for connection in list(self.connections):
            connection.close()
