"""An origin server that does what a test tells it, also the forbidden, and remembers every request it was sent."""

import hashlib
import socket
import struct
import threading

from .wire import SECONDS, Ended, Malformed, Reader, values

KEPT_OCTETS = 1 << 20  # of a body; of longer ones only the digest and the length are kept


class Request:
    def __init__(self, line: str, fields: list[tuple[str, str]], connection: int):
        self.line = line
        self.method, self.target, self.version = line.split(" ")
        self.fields = fields
        self.connection = connection  # which of the origin's connections it came on
        self.body = b""
        self.length = 0
        self.digest = hashlib.sha256()
        self.complete = False

    def field(self, name: str) -> str | None:
        found = values(self.fields, name)
        return ", ".join(found) if found else None

    def __repr__(self) -> str:
        return f"<{self.line} {self.fields} {self.length} octets complete={self.complete}>"


class Connection:
    """The origin's end of one connection, in the hands of a script."""

    def __init__(self, sock: socket.socket, number: int):
        self.sock = sock
        self.number = number
        self.reader = Reader(sock)
        self.closing = False

    def send(self, octets: bytes) -> None:
        self.sock.sendall(octets)

    def close(self) -> None:
        self.closing = True

    def reset(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.closing = True

    def is_ended(self, seconds: float = SECONDS) -> bool:
        """The peer closes within `seconds`; nothing more may come before."""
        self.sock.settimeout(seconds)
        try:
            self.reader.more()
        except (Ended, OSError) as error:
            return not isinstance(error, TimeoutError)
        return False


def answer(body: bytes = b"ok", *fields: str, status: str = "200 OK") -> bytes:
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields, "")
    return "".join(f"{line}\r\n" for line in lines).encode() + body


class Origin:
    """`script(request, connection)` gives the octets of an answer, or None when it has seen to it itself.

    `on_head(request, connection)`, when set, is asked before the body is read; True: the script has taken over.
    Probes (by their User-Agent) are answered by `health_script` and are not among `requests`."""

    def __init__(self, script=None):
        self.script = script or (lambda request, connection: answer(request.body or b"ok"))
        self.health_script = lambda request, connection: answer(b"fit")
        self.on_head = None
        self.tls = None  # an ssl.SSLContext to speak by
        self.lock = threading.Lock()
        self.clear()
        self.probes = 0
        self.accepted = 0
        self.live: set[socket.socket] = set()
        self.threads: list[threading.Thread] = []
        self.listener = None
        self.port = 0
        self.start()

    def clear(self) -> None:
        with self.lock:
            self.requests: list[Request] = []
            self.malformed: list[str] = []

    @property
    def name(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def whole(self) -> list[Request]:
        """Requests that came to their end."""
        with self.lock:
            return [request for request in self.requests if request.complete]

    def start(self) -> None:
        """Listens; after `stop`, on the same port as before."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(512)
        self.port = listener.getsockname()[1]
        self.listener = listener
        thread = threading.Thread(target=self._accept, args=(listener,), daemon=True)
        thread.start()
        self.threads.append(thread)

    def stop(self) -> None:
        """As if killed: refuses, and every connection is reset."""
        if self.listener is None:
            return
        listener, self.listener = self.listener, None
        listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        listener.close()
        with self.lock:
            live = list(self.live)
        for sock in live:
            try:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        for thread in self.threads:
            thread.join(SECONDS)
        self.threads.clear()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            with self.lock:
                self.accepted += 1
                self.live.add(sock)
                number = self.accepted
            thread = threading.Thread(target=self._serve, args=(sock, number), daemon=True)
            thread.start()

    def _serve(self, sock: socket.socket, number: int) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.tls is not None:
            raw = sock
            try:
                sock = self.tls.wrap_socket(raw, server_side=True)
            except OSError:  # SSLError is one
                raw.close()
                return
            with self.lock:
                self.live.discard(raw)
                self.live.add(sock)
        connection = Connection(sock, number)
        try:
            while not connection.closing:
                self._exchange(connection)
        except (Ended, OSError):
            pass
        except Malformed as error:
            with self.lock:
                self.malformed.append(str(error))
        finally:
            with self.lock:
                self.live.discard(sock)
            sock.close()

    def _exchange(self, connection: Connection) -> None:
        reader = connection.reader
        line = reader.line().decode("latin-1")
        if line.count(" ") != 2 or not line.endswith(" HTTP/1.1"):
            raise Malformed(f"request line {line!r}")
        request = Request(line, reader.fields(), connection.number)
        is_probe = request.field("User-Agent") == "lbd-check"
        with self.lock:
            if is_probe:
                self.probes += 1
            else:
                self.requests.append(request)
        if not is_probe and self.on_head is not None and self.on_head(request, connection):
            return
        self.read_body(request, connection)
        if request.field("Connection") == "close":
            connection.closing = True
        octets = (self.health_script if is_probe else self.script)(request, connection)
        if octets is not None:
            connection.send(octets)

    def read_body(self, request: Request, connection: Connection) -> None:
        reader = connection.reader
        coding, length = values(request.fields, "Transfer-Encoding"), values(request.fields, "Content-Length")
        if len(values(request.fields, "Host")) != 1:
            raise Malformed(f"Host in {request.fields}")
        if len(coding) + len(length) > 1:
            raise Malformed(f"ambiguous framing {request.fields}")
        if coding and coding != ["chunked"]:
            raise Malformed(f"transfer coding {coding}")
        if length and not length[0].isdigit():
            raise Malformed(f"content length {length}")
        pieces = reader.chunks() if coding else reader.counted(int(length[0]) if length else 0)
        for piece in pieces:
            request.digest.update(piece)
            request.length += len(piece)
            if request.length <= KEPT_OCTETS:
                request.body += piece
        request.complete = True
