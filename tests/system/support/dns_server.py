"""A name server that says what a test tells it, also nothing, nonsense or a refusal (RFC 1035)."""

import socket
import struct
import threading

TYPES = {"A": 1, "CNAME": 5, "AAAA": 28, "SRV": 33}
NAMES = {number: name for name, number in TYPES.items()}
NOERROR, SERVFAIL, NXDOMAIN, REFUSED = 0, 2, 3, 5


def encoded_name(name: str) -> bytes:
    labels = [label.encode() for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def encoded(kind: str, value) -> bytes:
    """A, AAAA: an address; CNAME: a name; SRV: (priority, weight, port, target)."""
    if kind == "A":
        return socket.inet_aton(value)
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, value)
    if kind == "CNAME":
        return encoded_name(value)
    priority, weight, port, target = value
    return struct.pack("!HHH", priority, weight, port) + encoded_name(target)


class DnsServer:
    """`records[name, kind]` is a list of values; a name without any does not exist. `broken(name, kind)` may give octets
    to answer, a response code, or "silent". On a port of its own, or the one named, of the namespace of the thread that makes it."""

    def __init__(self, ttl: int = 1, port: int = 0):
        self.records: dict[tuple[str, str], list] = {}
        self.ttl = ttl
        self.broken = None
        self.questions: list[tuple[str, str]] = []
        self.lock = threading.Lock()
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.tcp = socket.socket()
        while True:  # one port for both
            self.udp.bind(("127.0.0.1", port))
            self.port = self.udp.getsockname()[1]
            try:
                self.tcp.bind(("127.0.0.1", self.port))
                break
            except OSError:
                if port:
                    raise
                self.udp.close()
                self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.tcp.listen(16)
        self.threads = [threading.Thread(target=run, daemon=True) for run in (self._serve_udp, self._serve_tcp)]
        for thread in self.threads:
            thread.start()

    @property
    def name(self) -> str:
        return f"127.0.0.1:{self.port}"

    def set(self, name: str, kind: str, *values) -> None:
        with self.lock:
            self.records[name, kind] = list(values)

    def asked(self, name: str, kind: str) -> int:
        with self.lock:
            return self.questions.count((name, kind))

    def stop(self) -> None:
        for sock in (self.udp, self.tcp):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            sock.close()

    def _serve_udp(self) -> None:
        while True:
            try:
                query, client = self.udp.recvfrom(4096)
                if not query:  # stopped
                    return
                answer = self._answer(query)
                if answer is not None:
                    if len(answer) > 512:  # RFC 1035 §4.2.1: the client asks again over TCP
                        answer = answer[:2] + struct.pack("!H", 0x8380) + answer[4:6] + b"\0" * 6 + query[12:]
                    self.udp.sendto(answer, client)
            except OSError:
                return

    def _serve_tcp(self) -> None:
        while True:
            try:
                sock, _ = self.tcp.accept()
            except OSError:
                return
            with sock:
                sock.settimeout(5)
                try:
                    size, = struct.unpack("!H", sock.recv(2, socket.MSG_WAITALL))
                    answer = self._answer(sock.recv(size, socket.MSG_WAITALL))
                    if answer is not None:
                        sock.sendall(struct.pack("!H", len(answer)) + answer)
                except (OSError, struct.error):
                    pass

    def _answer(self, query: bytes) -> bytes | None:
        at, labels = 12, []
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        kind = NAMES.get(struct.unpack_from("!H", query, at + 1)[0], "?")
        question = query[12:at + 5]
        name = ".".join(labels).lower()
        with self.lock:
            self.questions.append((name, kind))
            values = self.records.get((name, kind), [])
            exists = any(known == name for known, _ in self.records)
            broken = self.broken(name, kind) if self.broken else None
        if broken == "silent":
            return None
        if isinstance(broken, bytes):
            return query[:2] + broken
        code = broken if broken is not None else NOERROR if exists else NXDOMAIN
        records = b"".join(
            b"\xc0\x0c" + struct.pack("!HHIH", TYPES[kind], 1, self.ttl, len(data)) + data
            for data in (encoded(kind, value) for value in (values if code == NOERROR else [])))
        count = len(values) if code == NOERROR else 0
        return query[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, count, 0, 0) + question + records
