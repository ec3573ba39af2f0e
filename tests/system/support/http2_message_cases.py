"""Which requests a client may and may not make: RFC 9113 §8 and the compression of their fields, RFC 7541."""

from hpack.huffman import HuffmanEncoder
from hpack.huffman_constants import REQUEST_CODES, REQUEST_CODES_LENGTH

from . import http2_frames as h2
from .http2_frames import (
    COMPRESSION_ERROR, DEFAULT_TABLE, END_HEADERS, END_STREAM, HEADER_TABLE_SIZE, PROTOCOL_ERROR, block, data, headers,
    indexed, integer, literal, octets_of, post, request_fields, string, table_size)
from .http2_judge import Answered, Case, ConnectionError, StreamError, answered

MALFORMED = StreamError(PROTOCOL_ERROR)
# RFC 9113 leaves it open whether what is well-formed in HTTP/2, and wrong in HTTP, is reset or answered.
REFUSED = StreamError(PROTOCOL_ERROR, statuses=(400, 403, 405, 421, 501))
COMPRESSION = ConnectionError(COMPRESSION_ERROR)
REQUEST = block(request_fields())


def with_fields(name: str, *more: h2.Field, outcome=MALFORMED) -> Case:
    return Case(name, (headers(1, request_fields("/", "GET", *more)),), outcome)


def of_fields(name: str, *fields: h2.Field, outcome=MALFORMED) -> Case:
    return Case(name, (headers(1, list(fields)),), outcome)


def with_content(name: str, length: str, *pieces: bytes, outcome=MALFORMED) -> Case:
    """A POST that says how long it is, and its content in frames."""
    frames = [data(1, piece, END_STREAM if piece is pieces[-1] else 0) for piece in pieces]
    return Case(name, (post(1, "/", ("content-length", length)), *frames), outcome)


def with_trailers(name: str, *fields: h2.Field, flags: int = END_HEADERS | END_STREAM, outcome=MALFORMED) -> Case:
    return Case(name, (post(1), data(1, b"test"), headers(1, list(fields), flags)), outcome)


METHOD, SCHEME, AUTHORITY, PATH = request_fields()
MESSAGES = (
    Case("8.1 GET", (headers(1, request_fields()),), Answered()),
    Case("8.1 HEAD", (headers(1, request_fields(method="HEAD")),), Answered()),
    Case("8.1 POST", (post(1), data(1, b"test", END_STREAM)), Answered()),
    with_trailers("8.1 POST with trailers", ("late", "x"), outcome=Answered()),
    Case("8.1 trailers without content", (post(1), headers(1, [("late", "x")])), Answered()),
    with_trailers("8.1 a second field section that does not end the stream", ("late", "x"), flags=END_HEADERS),
    with_trailers("8.1 pseudo-header fields in trailers", (":method", "GET")),
    with_trailers("8.1 a name in upper case in trailers", ("Late", "x")),
    with_trailers("8.1 connection in trailers", ("connection", "close")),
    with_fields("8.2.1 a name in upper case", ("X-Test", "x")),
    with_fields("8.2.1 a name with a blank", ("x test", "x")),
    with_fields("8.2.1 a name with a colon", ("x:test", "x")),
    with_fields("8.2.1 a name with NUL", ("x\0", "x")),
    with_fields("8.2.1 a name with a line's end", ("x\r\ny", "x")),
    with_fields("8.2.1 a name with DEL", ("x\x7f", "x")),
    with_fields("8.2.1 a name beyond ASCII", ("x\xe4", "x")),
    with_fields("8.2.1 an empty name", ("", "x")),
    with_fields("8.2.1 NUL in a value", ("x-test", "a\0b")),
    with_fields("8.2.1 CR in a value", ("x-test", "a\rb")),
    with_fields("8.2.1 LF in a value", ("x-test", "a\nb")),
    with_fields("8.2.1 a request in a value", ("x-test", "a\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n")),
    with_fields("8.2.1 a blank in front of a value", ("x-test", " a")),
    with_fields("8.2.1 a tab behind a value", ("x-test", "a\t")),
    with_fields("8.2.1 values may be empty, and beyond ASCII", ("x-test", ""), ("x-other", "\xe4 \t\xff"), outcome=Answered()),
    with_fields("8.2.2 connection", ("connection", "keep-alive")),
    with_fields("8.2.2 proxy-connection", ("proxy-connection", "keep-alive")),
    with_fields("8.2.2 keep-alive", ("keep-alive", "timeout=5")),
    with_fields("8.2.2 upgrade", ("upgrade", "websocket")),
    with_fields("8.2.2 te other than trailers", ("te", "trailers, deflate")),
    with_fields("8.2.2 te: trailers", ("te", "trailers"), outcome=Answered()),
    Case("8.2.2 transfer-encoding",
         (post(1, "/", ("transfer-encoding", "chunked")), data(1, b"0\r\n\r\n", END_STREAM)), MALFORMED),
    with_fields("8.2.3 crumbs of cookies", ("cookie", "a=b"), ("cookie", "c=d"), outcome=Answered()),
    with_fields("8.3 an unknown pseudo-header field", (":test", "x")),
    with_fields("8.3 a pseudo-header field of responses", (":status", "200")),
    of_fields("8.3 a pseudo-header field behind others", METHOD, SCHEME, AUTHORITY, ("x-test", "x"), PATH),
    of_fields("8.3.1 no :method", SCHEME, AUTHORITY, PATH),
    of_fields("8.3.1 no :scheme", METHOD, AUTHORITY, PATH),
    of_fields("8.3.1 no :path", METHOD, SCHEME, AUTHORITY),
    of_fields("8.3.1 no fields at all"),
    of_fields("8.3.1 an empty :path", METHOD, SCHEME, AUTHORITY, (":path", "")),
    of_fields("8.3.1 :method twice", METHOD, METHOD, SCHEME, AUTHORITY, PATH),
    of_fields("8.3.1 :scheme twice", METHOD, SCHEME, SCHEME, AUTHORITY, PATH),
    of_fields("8.3.1 :authority twice", METHOD, SCHEME, AUTHORITY, AUTHORITY, PATH),
    of_fields("8.3.1 :path twice", METHOD, SCHEME, AUTHORITY, PATH, PATH),
    of_fields("8.3.1 an empty :method", (":method", ""), SCHEME, AUTHORITY, PATH, outcome=REFUSED),
    of_fields("8.3.1 a :method with a blank", (":method", "GET /smuggled"), SCHEME, AUTHORITY, PATH, outcome=REFUSED),
    of_fields("8.3.1 a :path with a blank", METHOD, SCHEME, AUTHORITY, (":path", "/ HTTP/1.1"), outcome=REFUSED),
    of_fields("8.3.1 a :path with a line's end", METHOD, SCHEME, AUTHORITY, (":path", "/\r\nx: y"), outcome=REFUSED),
    of_fields("8.3.1 a :path without a slash", METHOD, SCHEME, AUTHORITY, (":path", "index"), outcome=REFUSED),
    of_fields("8.3.1 :path * of GET", METHOD, SCHEME, AUTHORITY, (":path", "*"), outcome=REFUSED),
    of_fields("8.3.1 a :scheme with a line's end", METHOD, (":scheme", "http\r\n"), AUTHORITY, PATH, outcome=REFUSED),
    of_fields("8.3.1 host instead of :authority", METHOD, SCHEME, PATH, ("host", "test"), outcome=Answered()),
    of_fields("8.3.1 host like :authority", METHOD, SCHEME, AUTHORITY, PATH, ("host", "test"), outcome=Answered()),
    of_fields("8.3.1 host other than :authority", METHOD, SCHEME, AUTHORITY, PATH, ("host", "other"),
              outcome=StreamError(PROTOCOL_ERROR, statuses=(200, 400))),  # then the endpoint is told of :authority alone
    of_fields("8.3.1 host twice", METHOD, SCHEME, PATH, ("host", "test"), ("host", "other"), outcome=REFUSED),
    of_fields("8.3.1 neither :authority nor host", METHOD, SCHEME, PATH, outcome=REFUSED),
    of_fields("8.3.1 an :authority with a user", METHOD, SCHEME, (":authority", "me@test"), PATH, outcome=REFUSED),
    of_fields("8.3.1 an :authority with a slash", METHOD, SCHEME, (":authority", "test/x"), PATH, outcome=REFUSED),
    of_fields("8.3.1 an :authority with a line's end",
              METHOD, SCHEME, (":authority", "test\r\nx: y"), PATH, outcome=REFUSED),
    of_fields("8.5 CONNECT with :path", (":method", "CONNECT"), SCHEME, AUTHORITY, PATH),
    of_fields("8.5 CONNECT without :authority", (":method", "CONNECT")),
    of_fields("8.5 CONNECT to anywhere", (":method", "CONNECT"), (":authority", "test:443"), outcome=REFUSED),
    of_fields("RFC 8441 :protocol without CONNECT", METHOD, SCHEME, AUTHORITY, PATH, (":protocol", "websocket")),
    with_content("8.1.1 content-length", "4", b"test", outcome=Answered()),
    with_content("8.1.1 content-length of pieces", "8", b"test", b"ed! ", outcome=Answered()),
    with_content("8.1.1 content shorter than content-length", "5", b"test"),
    with_content("8.1.1 content longer than content-length", "3", b"test"),
    with_content("8.1.1 content in pieces longer than content-length", "5", b"tes", b"ted"),
    with_content("8.1.1 content in pieces shorter than content-length", "9", b"te", b"sted"),
    with_content("8.1.1 content-length 0 with content", "0", b"test", outcome=StreamError(PROTOCOL_ERROR, arrives=True)),
    with_content("8.1.1 content-length with a sign", "+4", b"test"),
    with_content("8.1.1 content-length below zero", "-4", b"test"),
    with_content("8.1.1 content-length in hexadecimal", "0x4", b"test"),
    with_content("8.1.1 an empty content-length", "", b"test"),
    with_content("8.1.1 content-length beyond 64 bits", "18446744073709551620", b"test"),
    with_content("8.1.1 a list in content-length", "4, 5", b"test"),
    with_fields("8.1.1 content-length of nothing", ("content-length", "4")),
    with_fields("8.1.1 content-length 0 of nothing", ("content-length", "0"), outcome=Answered()),
    Case("8.1.1 two values of content-length",
         (post(1, "/", ("content-length", "4"), ("content-length", "5")), data(1, b"test", END_STREAM)), MALFORMED),
    Case("8.1.1 content shorter than content-length, with trailers",
         (post(1, "/", ("content-length", "5")), data(1, b"test"), headers(1, [("late", "x")])), MALFORMED),
)


def huffman(text: str | bytes) -> bytes:
    return HuffmanEncoder(REQUEST_CODES, REQUEST_CODES_LENGTH).encode(octets_of(text))


def coded(text: str | bytes, more: bytes = b"") -> bytes:
    """A string coded by Huffman, and octets that do not belong there."""
    octets = huffman(text) + more
    return integer(len(octets), 7, 0x80) + octets


def with_octets(name: str, octets: bytes, outcome=COMPRESSION, before: bytes = b"") -> Case:
    """A request whose field block ends, or begins, with these."""
    return Case(name, (headers(1, before + REQUEST + octets),), outcome)


def beyond_the_table(client) -> bytes:
    return headers(1, table_size(client.theirs.get(HEADER_TABLE_SIZE, DEFAULT_TABLE) + 1) + REQUEST)


def in_tables(*blocks: bytes, outcome) -> tuple[tuple, object]:
    """A request after the other, each behind the answer to the one before."""
    steps = []
    for number, octets in enumerate(blocks):
        stream = 2 * number + 1
        steps += [headers(stream, REQUEST + octets), answered(stream)]
    return tuple(steps[:-1]), outcome


NAME_BY_INDEX = 58  # user-agent
KINDS = {"with indexing": (0x40, 6), "without indexing": (0x00, 4), "never indexed": (0x10, 4)}
LITERALS = tuple(
    with_octets(f"RFC 7541 6.2 a literal {kind}, {what}{how}", octets, Answered())
    for kind, (pattern, prefix) in KINDS.items()
    for how, text in (("", string), (", by Huffman", coded))
    for what, octets in (("indexed name", integer(NAME_BY_INDEX, prefix, pattern) + text("test")),
                         ("new name", bytes([pattern]) + text("x-test") + text("test"))))
KEPT = literal("x-test", "x", 0x40)
FIRST_DYNAMIC = indexed(62)
LARGE = literal("x-large", "x" * 5000, 0x40)  # larger than the table: it empties it. RFC 7541 §4.4
COMPRESSIONS = LITERALS + (
    with_octets("RFC 7541 6.1 an indexed field", indexed(NAME_BY_INDEX), Answered()),
    Case("RFC 7541 2.3.2 a field of the dynamic table",
         *in_tables(KEPT, FIRST_DYNAMIC, outcome=Answered(3))),
    Case("RFC 7541 4.4 a field too large for the table",
         *in_tables(KEPT, LARGE, outcome=Answered(3))),
    Case("RFC 7541 4.4 the table is empty thereafter",
         *in_tables(KEPT, LARGE, FIRST_DYNAMIC, outcome=COMPRESSION)),
    Case("RFC 7541 4.3 a table of size 0 holds nothing",
         (headers(1, table_size(0) + REQUEST + KEPT), answered(1), headers(3, REQUEST + FIRST_DYNAMIC)), COMPRESSION),
    Case("9113 4.3 a malformed request leaves its fields in the table",
         (headers(1, REQUEST + literal("X-Upper", "x") + KEPT), headers(3, REQUEST + FIRST_DYNAMIC)), Answered(3)),
    with_octets("RFC 7541 2.3.3 an index beyond both tables", indexed(70)),
    with_octets("RFC 7541 2.3.3 a name's index beyond both tables", integer(70, 6, 0x40) + string("x")),
    with_octets("RFC 7541 6.1 index 0", indexed(0)),
    with_octets("RFC 7541 4.2 a change of size at the end of a field block", table_size(0)),
    with_octets("RFC 7541 4.2 two changes of size at its begin",
                b"", Answered(), table_size(0) + table_size(DEFAULT_TABLE)),
    with_octets("RFC 7541 6.3 a change of size to 0", b"", Answered(), table_size(0)),
    Case("RFC 7541 6.3 a size beyond SETTINGS_HEADER_TABLE_SIZE", (beyond_the_table,), COMPRESSION),
    with_octets("RFC 7541 5.1 an integer without end", b"\x7f" + b"\xff" * 20),
    with_octets("RFC 7541 5.1 an integer beyond 2^32", b"\x7f" + b"\xff" * 8 + b"\x7f" + string("x")),
    with_octets("RFC 7541 5.1 an integer beyond 2^64", b"\x00\x7f" + b"\xff" * 10 + b"\x01x"),
    with_octets("RFC 7541 5.2 a string longer than its block", b"\x00\x7f\x20x-test"),
    with_octets("RFC 7541 5.2 a value that is missing", b"\x00" + string("x-test")),
    with_octets("RFC 7541 5.2 padding of more than 7 bits", b"\x00" + string("x-test") + coded("test", b"\xff")),
    with_octets("RFC 7541 5.2 padding by zeros", b"\x00" + string("x-test") + b"\x83\x49\x50\x90"),
    with_octets("RFC 7541 5.2 the end of a string within it",
                b"\x00" + string("x-test") + b"\x87\xff\xff\xff\xfd\x25\x42\x7f"),
)
CASES = MESSAGES + COMPRESSIONS
