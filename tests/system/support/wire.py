"""HTTP/1.1 on a raw socket: what a test sends is what goes out, octet for octet, and what comes back is read strictly.

Nothing here corrects or completes a message. Every wait has a deadline."""

import socket
import time

SECONDS = 10.0
LARGEST_HEAD = 256 * 1024


def wait_until(condition, seconds: float = SECONDS, what: str = "what was waited for"):
    """Polls until `condition()` is true and gives its value; TimeoutError after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise TimeoutError(f"{what} did not come within {seconds} s")
        time.sleep(0.005)


class Malformed(Exception):
    """The peer sent what RFC 9112 does not allow."""


class Ended(Exception):
    """The peer closed or reset the connection."""


class Reader:
    """Octets of a socket, by line and by number."""

    def __init__(self, sock: socket.socket):
        self.sock = sock
        self.held = b""
        self.reset = False

    def more(self) -> None:
        try:
            octets = self.sock.recv(65536)
        except (ConnectionResetError, BrokenPipeError) as error:
            self.reset = True
            raise Ended from error
        if not octets:
            raise Ended
        self.held += octets

    def take(self, count: int) -> bytes:
        octets, self.held = self.held[:count], self.held[count:]
        return octets

    def line(self) -> bytes:
        """Up to CR LF, without it."""
        while (at := self.held.find(b"\n")) < 0:
            if len(self.held) > LARGEST_HEAD:
                raise Malformed("a line without end")
            self.more()
        line = self.take(at + 1)
        if not line.endswith(b"\r\n") or b"\r" in line[:-2] or b"\0" in line:
            raise Malformed(f"line {line!r}")
        return line[:-2]

    def some(self, most: int) -> bytes:
        if not self.held:
            self.more()
        return self.take(min(most, len(self.held)))

    def fields(self) -> list[tuple[str, str]]:
        fields = []
        while line := self.line():
            name, colon, value = line.decode("latin-1").partition(":")
            if not colon or not name or name != name.strip():
                raise Malformed(f"field line {line!r}")
            fields.append((name, value.strip(" \t")))
        return fields

    def chunks(self):
        """The content of a chunked body, a piece at a time, to its clean end."""
        while True:
            size_text = self.line().split(b";")[0]
            if not size_text or any(octet not in b"0123456789abcdefABCDEF" for octet in size_text):
                raise Malformed(f"chunk size {size_text!r}")
            left = int(size_text, 16)
            if left == 0:
                self.trailers = self.fields()
                return
            while left > 0:
                piece = self.some(left)
                left -= len(piece)
                yield piece
            if self.line():
                raise Malformed("no CR LF after a chunk")

    def counted(self, octets: int):
        while octets > 0:
            piece = self.some(octets)
            octets -= len(piece)
            yield piece

    def until_close(self):
        while True:
            try:
                yield self.some(65536)
            except Ended:
                if self.reset:
                    raise
                return


def values(fields: list[tuple[str, str]], name: str) -> list[str]:
    return [value for key, value in fields if key.lower() == name.lower()]


class Response:
    def __init__(self, status: int, fields: list[tuple[str, str]]):
        self.status = status
        self.fields = fields
        self.body = b""
        self.complete = False  # its framing says that it is whole

    def field(self, name: str) -> str | None:
        found = values(self.fields, name)
        return ", ".join(found) if found else None

    @property
    def closes(self) -> bool:
        return "close" in (self.field("Connection") or "").lower()

    def __repr__(self) -> str:
        return f"<{self.status} {self.fields} {len(self.body)} octets complete={self.complete}>"


class Client:
    """One connection of a client."""

    def __init__(self, address: tuple[str, int], seconds: float = SECONDS, receive_buffer: int | None = None):
        self.sock = socket.socket()
        if receive_buffer is not None:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.settimeout(seconds)
        try:
            self.sock.connect(address)
        except OSError:
            self.sock.close()
            raise
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = Reader(self.sock)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self) -> None:
        self.sock.close()

    def send(self, octets: bytes) -> "Client":
        self.sock.sendall(octets)
        return self

    def send_what_is_taken(self, octets: bytes) -> "Client":
        """As `send`, to a peer who may answer and close in the midst of it."""
        try:
            self.sock.sendall(octets)
        except (ConnectionResetError, BrokenPipeError):
            pass
        return self

    def head(self) -> Response:
        line = self.reader.line()
        parts = line.decode("latin-1").split(" ", 2)
        if len(parts) != 3 or parts[0] != "HTTP/1.1" or len(parts[1]) != 3 or not parts[1].isdigit():
            raise Malformed(f"status line {line!r}")
        return Response(int(parts[1]), self.reader.fields())

    def pieces(self, response: Response, method: str = "GET"):
        """The content as it comes; `complete` is set at its clean end. Ended when it is cut."""
        coding = values(response.fields, "Transfer-Encoding")
        length = values(response.fields, "Content-Length")
        if (coding and length) or len(coding) > 1 or len(length) > 1:
            raise Malformed(f"ambiguous framing {response.fields}")
        if method != "HEAD" and response.status >= 200 and response.status not in (204, 304):
            if coding:
                yield from self.reader.chunks()
            elif length:
                yield from self.reader.counted(int(length[0]))
            else:
                yield from self.reader.until_close()
        response.complete = True

    def response(self, method: str = "GET") -> Response:
        """A whole answer. One cut within its content has `complete` False; Ended when not even the head came."""
        response = self.head()
        gathered = []
        try:
            for piece in self.pieces(response, method):
                gathered.append(piece)
        except Ended:
            pass
        response.body = b"".join(gathered)
        return response

    def final_response(self, method: str = "GET") -> Response:
        while (response := self.response(method)).status < 200:
            pass
        return response

    def rest(self) -> bytes:
        """All that still comes until the peer closes."""
        try:
            while True:
                self.reader.more()
        except Ended:
            return self.reader.take(len(self.reader.held))

    def is_closed(self) -> bool:
        """The peer closes, and says nothing more before."""
        return self.rest() == b""


def refuses(address: tuple[str, int]) -> bool:
    """Whether nobody listens there (any more)."""
    try:
        Client(address, 2).close()
    except (ConnectionRefusedError, ConnectionResetError):
        return True  # reset: its handshake was under way when the listener closed
    return False


def ask(address: tuple[str, int], octets: bytes, method: str = "GET", seconds: float = SECONDS) -> Response:
    """The final answer to one request on a connection of its own."""
    with Client(address, seconds) as client:
        return client.send_what_is_taken(octets).final_response(method)


def get(path: str = "/", *fields: str, method: str = "GET", host: str = "test") -> bytes:
    return "".join(f"{line}\r\n" for line in (f"{method} {path} HTTP/1.1", f"Host: {host}", *fields, "")).encode()


def post(body: bytes, *fields: str, path: str = "/") -> bytes:
    return get(path, f"Content-Length: {len(body)}", *fields, method="POST") + body


def chunked(*pieces: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + end
