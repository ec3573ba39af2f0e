"""HTTP/2 frames and HPACK representations as octets: what a test writes is what goes out, also the forbidden."""

import struct
from typing import NamedTuple

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM = ACK = 0x1
END_HEADERS, PADDED, PRIORITISED = 0x4, 0x8, 0x20

(HEADER_TABLE_SIZE, ENABLE_PUSH, MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE,
 MAX_HEADER_LIST_SIZE) = range(1, 7)
ENABLE_CONNECT_PROTOCOL = 8

(NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR, SETTINGS_TIMEOUT, STREAM_CLOSED, FRAME_SIZE_ERROR,
 REFUSED_STREAM, CANCEL, COMPRESSION_ERROR, CONNECT_ERROR, ENHANCE_YOUR_CALM, INADEQUATE_SECURITY,
 HTTP_1_1_REQUIRED) = range(14)

DEFAULT_WINDOW = 65535
LARGEST_WINDOW = (1 << 31) - 1
DEFAULT_FRAME = 16384
DEFAULT_TABLE = 4096

Field = tuple[str | bytes, str | bytes]


class Frame(NamedTuple):
    kind: int
    flags: int
    stream: int
    payload: bytes

    def has(self, flag: int) -> bool:
        return bool(self.flags & flag)

    def number(self) -> int:
        """The first four octets: a code, an increment."""
        return struct.unpack_from(">I", self.payload)[0]


def frame(kind: int, flags: int = 0, stream: int = 0, payload: bytes = b"", length: int | None = None) -> bytes:
    """`length`: what the frame claims, when that is not what it holds."""
    size = len(payload) if length is None else length
    return struct.pack(">I", size)[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def padded(payload: bytes, padding: int) -> bytes:
    return bytes([padding]) + payload + bytes(padding)


def data(stream: int, content: bytes = b"", flags: int = 0) -> bytes:
    return frame(DATA, flags, stream, content)


def settings(*pairs: tuple[int, int]) -> bytes:
    return frame(SETTINGS, payload=b"".join(struct.pack(">HI", *pair) for pair in pairs))


def settings_ack() -> bytes:
    return frame(SETTINGS, ACK)


def ping(octets: bytes = b"whatever", flags: int = 0) -> bytes:
    return frame(PING, flags, 0, octets)


def rst_stream(stream: int, code: int = CANCEL) -> bytes:
    return frame(RST_STREAM, 0, stream, struct.pack(">I", code))


def goaway(code: int = NO_ERROR, last: int = 0, debug: bytes = b"") -> bytes:
    return frame(GOAWAY, 0, 0, struct.pack(">II", last, code) + debug)


def window_update(stream: int, increment: int) -> bytes:
    return frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", increment))


def dependency(on: int = 0, weight: int = 16, exclusive: bool = False) -> bytes:
    return struct.pack(">IB", on | exclusive << 31, weight - 1)


def priority(stream: int, on: int = 0, weight: int = 16, exclusive: bool = False) -> bytes:
    return frame(PRIORITY, 0, stream, dependency(on, weight, exclusive))


def integer(value: int, prefix: int, pattern: int = 0) -> bytes:
    """RFC 7541 §5.1, in the lower `prefix` bits of an octet that begins with `pattern`."""
    most = (1 << prefix) - 1
    if value < most:
        return bytes([pattern | value])
    octets = bytearray([pattern | most])
    value -= most
    while value >= 128:
        octets.append(value & 127 | 128)
        value >>= 7
    octets.append(value)
    return bytes(octets)


def octets_of(text: str | bytes) -> bytes:
    return text.encode("latin-1") if isinstance(text, str) else text


def string(text: str | bytes) -> bytes:
    """RFC 7541 §5.2, not coded by Huffman."""
    plain = octets_of(text)
    return integer(len(plain), 7) + plain


def literal(name: str | bytes, value: str | bytes, pattern: int = 0x00) -> bytes:
    """A field with a new name: 0x00 without indexing, 0x40 with, 0x10 never indexed. RFC 7541 §6.2."""
    return bytes([pattern]) + string(name) + string(value)


def indexed(index: int) -> bytes:
    return integer(index, 7, 0x80)


def table_size(size: int) -> bytes:
    return integer(size, 5, 0x20)


def block(fields: list[Field]) -> bytes:
    """A field block that touches no table, so that blocks may be sent in any order, or more than once."""
    return b"".join(literal(name, value) for name, value in fields)


def request_fields(path: str = "/", method: str = "GET", *more: Field, authority: str = "test", scheme: str = "http",
                   ) -> list[Field]:
    return [(":method", method), (":scheme", scheme), (":authority", authority), (":path", path), *more]


def headers(stream: int, fields: list[Field] | bytes, flags: int = END_HEADERS | END_STREAM) -> bytes:
    """One HEADERS frame with these fields, or with octets of a field block."""
    return frame(HEADERS, flags, stream, fields if isinstance(fields, bytes) else block(fields))


def continuation(stream: int, fields: list[Field] | bytes, flags: int = END_HEADERS) -> bytes:
    return frame(CONTINUATION, flags, stream, fields if isinstance(fields, bytes) else block(fields))


def get(stream: int = 1, path: str = "/", *more: Field) -> bytes:
    return headers(stream, request_fields(path, "GET", *more))


def post(stream: int = 1, path: str = "/", *more: Field) -> bytes:
    """The head of a request whose content, or trailers, are still to come."""
    return headers(stream, request_fields(path, "POST", *more), END_HEADERS)
