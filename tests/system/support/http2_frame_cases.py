"""What frames a client may and may not send: RFC 9113 §3 to §7, by section."""

import struct

from . import http2_frames as h2
from .http2_frames import (
    COMPRESSION_ERROR, CONTINUATION, DATA, DEFAULT_FRAME, END_HEADERS, END_STREAM, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR,
    GOAWAY, HEADERS, INITIAL_WINDOW_SIZE, LARGEST_WINDOW, MAX_CONCURRENT_STREAMS, MAX_FRAME_SIZE, PADDED, PING, PREFACE,
    PRIORITISED, PRIORITY, PROTOCOL_ERROR, REFUSED_STREAM, RST_STREAM, SETTINGS, STREAM_CLOSED, WINDOW_UPDATE, block,
    continuation, data, dependency, frame, get, goaway, headers, literal, padded, ping, post, priority, request_fields,
    rst_stream, settings, settings_ack, window_update)
from .http2_client import error_of
from .http2_judge import Alive, Answered, Case, ConnectionError, StreamError, answered

RESERVED = 1 << 31
REQUEST = block(request_fields())
PART = headers(1, REQUEST[:20], END_STREAM)  # a field block that goes on
REST = REQUEST[20:]
NO_PREFACE = ConnectionError(PROTOCOL_ERROR, bare=True)
PROTOCOL = ConnectionError(PROTOCOL_ERROR)
SIZE = ConnectionError(FRAME_SIZE_ERROR)
CLOSED = StreamError(STREAM_CLOSED)
UNKNOWN = frame(0x16, 0xFF, 0, b"from a later century")


def too_large(kind: int, flags: int = 0, stream: int = 1):
    return lambda client: frame(kind, flags, stream, bytes(client.theirs.get(MAX_FRAME_SIZE, DEFAULT_FRAME) + 1))


class TooMany:
    """One stream more than the server lets be open at a time is refused, and room is found again. The fields of the one
    that was refused are in the table all the same (§4.3)."""

    def fault(self, client) -> str | None:
        most = client.theirs.get(MAX_CONCURRENT_STREAMS)
        if most is None:
            return "no limit of streams"
        last = 2 * most + 1
        field = literal("x-test", "x", 0x40)
        client.send(b"".join(post(stream) for stream in range(1, last, 2)) + headers(last, REQUEST + field, END_HEADERS))
        refusal = StreamError(PROTOCOL_ERROR, REFUSED_STREAM, stream=last)
        client.until(lambda: refusal.is_decided(client), "a refusal")
        if error_of(client) is not None:
            return ConnectionError(PROTOCOL_ERROR).fault(client)
        if client.streams[last].reset not in (PROTOCOL_ERROR, REFUSED_STREAM):
            return f"{client.streams[last]}"
        client.send(rst_stream(1) + headers(last + 2, REQUEST + h2.indexed(62)))
        return Answered(last + 2).fault(client)


class Content:
    """Just so many octets of content come, then none, as the window is used up."""

    def __init__(self, octets: int):
        self.octets = octets

    def fault(self, client) -> str | None:
        client.until(lambda: 1 in client.streams and client.streams[1].length >= self.octets, "content")
        if not client.answers_ping():
            return "the connection ended"
        return None if client.streams[1].length == self.octets else f"{client.streams[1]}"


def content_came(octets: int):
    return lambda client: Content(octets).fault(client)


def ponged(octets: bytes):
    """A step: wait until that PING is acknowledged."""
    return lambda client: client.until(lambda: octets in client.pongs, "PING's acknowledgment") and None


class SettingsTaken:
    def fault(self, client) -> str | None:
        client.until(lambda: client.acknowledged == 2, "an acknowledgment")
        return None


def held(name: str, *steps, outcome) -> Case:
    """Stream 1 is half-closed (remote) for sure: we let no content come."""
    return Case(name, (get(1), *steps), outcome, window=0)


PREFACES = (
    Case("3.4 SETTINGS come first", (), Alive()),
    Case("3.4 SETTINGS may be empty", (PREFACE + settings(),), Alive(), opens=False),
    Case("3.4 a preface in pieces",
         tuple(bytes([octet]) for octet in PREFACE + settings() + get(1)), Answered(), opens=False),
    Case("3.4 a request sent ahead", (PREFACE + settings() + get(1),), Answered(), opens=False),
    Case("3.4 PING instead of SETTINGS", (PREFACE + ping(),), NO_PREFACE, opens=False),
    Case("3.4 HEADERS instead of SETTINGS", (PREFACE + get(1),), NO_PREFACE, opens=False),
    Case("3.4 an acknowledgment instead of SETTINGS", (PREFACE + settings_ack(),), NO_PREFACE, opens=False),
)
FORMATS = (
    Case("4.1 a frame of an unknown type", (UNKNOWN,), Alive()),
    Case("4.1 flags that PING does not have", (ping(flags=0xFE), ), Alive()),
    Case("4.1 flags that HEADERS does not have", (headers(1, REQUEST, END_HEADERS | END_STREAM | 0xD2),), Answered()),
    Case("4.1 flags that SETTINGS does not have", (frame(SETTINGS, 0xFE),), Alive()),
    Case("4.1 flags that DATA does not have", (post(1), data(1, b"x", END_STREAM | 0xF6)), Answered()),
    Case("4.1 the reserved bit at PING", (frame(PING, 0, RESERVED, b"whatever"),), Alive()),
    Case("4.1 the reserved bit at HEADERS", (headers(1 | RESERVED, REQUEST),), Answered()),
    Case("4.1 the reserved bit at SETTINGS", (frame(SETTINGS, 0, RESERVED),), Alive()),
    Case("4.2 DATA of 2^14 octets", (post(1), data(1, bytes(DEFAULT_FRAME), END_STREAM)), Answered()),
    Case("4.2 DATA larger than allowed", (post(1), too_large(DATA, END_STREAM)), StreamError(FRAME_SIZE_ERROR)),
    Case("4.2 HEADERS larger than allowed", (too_large(HEADERS, END_STREAM | END_HEADERS),), SIZE),
    Case("4.2 CONTINUATION larger than allowed",
         (PART, frame(CONTINUATION, END_HEADERS, 1, REST + literal("x-large", "x" * DEFAULT_FRAME))), SIZE),
    Case("4.2 SETTINGS larger than allowed", (too_large(SETTINGS, stream=0),), SIZE),
    Case("4.2 an unknown frame larger than allowed", (too_large(0x16, stream=0),), SIZE),
    Case("4.3 a field block that ends within a field", (headers(1, b"\x40"),), ConnectionError(COMPRESSION_ERROR)),
    Case("4.3 trailers that end within a field", (post(1), headers(1, b"\x00\x05ab")), ConnectionError(COMPRESSION_ERROR)),
    Case("4.3 PRIORITY within a field block", (PART, priority(1), continuation(1, REST)), PROTOCOL),
    Case("4.3 HEADERS of another stream within a field block", (PART, get(3), continuation(1, REST)), PROTOCOL),
    Case("4.3 DATA within a field block", (PART, data(1, b"x"), continuation(1, REST)), PROTOCOL),
    Case("4.3 PING within a field block", (PART, ping(), continuation(1, REST)), PROTOCOL),
    Case("4.3 SETTINGS within a field block", (PART, settings(), continuation(1, REST)), PROTOCOL),
    Case("4.3 RST_STREAM within a field block", (PART, rst_stream(1), continuation(1, REST)), PROTOCOL),
    Case("4.3 WINDOW_UPDATE within a field block", (PART, window_update(0, 1), continuation(1, REST)), PROTOCOL),
    Case("4.3 GOAWAY within a field block", (PART, goaway(), continuation(1, REST)), PROTOCOL),
    Case("5.5 an unknown frame within a field block", (PART, UNKNOWN, continuation(1, REST)), PROTOCOL),
)
STATES = (
    Case("5.1 idle: DATA", (data(1, b"x", END_STREAM),), PROTOCOL),
    Case("5.1 idle: RST_STREAM", (rst_stream(1),), PROTOCOL),
    Case("5.1 idle: WINDOW_UPDATE", (window_update(1, 100),), PROTOCOL),
    Case("5.1 idle: CONTINUATION", (continuation(1, REQUEST),), PROTOCOL),
    Case("5.1 idle: PRIORITY", (priority(1),), Alive()),
    held("5.1 half-closed (remote): DATA", data(1, b"x", END_STREAM), outcome=CLOSED),
    held("5.1 half-closed (remote): DATA without END_STREAM", data(1, b"x"), outcome=CLOSED),
    held("5.1 half-closed (remote): HEADERS", get(1), outcome=CLOSED),
    held("5.1 half-closed (remote): CONTINUATION",
         continuation(1, REQUEST), outcome=StreamError(STREAM_CLOSED, PROTOCOL_ERROR)),
    held("5.1 half-closed (remote): WINDOW_UPDATE", window_update(1, 1), outcome=Content(1)),
    held("5.1 half-closed (remote): PRIORITY", priority(1), window_update(1, 1), outcome=Content(1)),
    held("5.1 half-closed (remote): RST_STREAM", rst_stream(1), outcome=Alive()),
    Case("5.1 closed by RST_STREAM: DATA", (post(1), rst_stream(1), data(1, b"x", END_STREAM)), CLOSED),
    Case("5.1 closed by RST_STREAM: HEADERS", (post(1), rst_stream(1), get(1)), CLOSED),
    Case("5.1 closed by RST_STREAM: CONTINUATION", (post(1), rst_stream(1), continuation(1, REQUEST)),
         StreamError(STREAM_CLOSED, PROTOCOL_ERROR)),
    Case("5.1 closed by RST_STREAM: RST_STREAM", (post(1), rst_stream(1), rst_stream(1)), Alive()),
    Case("5.1 closed by RST_STREAM: WINDOW_UPDATE", (post(1), rst_stream(1), window_update(1, 1)), Alive()),
    Case("5.1 closed: DATA", (get(1), answered(), data(1, b"x", END_STREAM)), ConnectionError(STREAM_CLOSED)),
    Case("5.1 closed: HEADERS", (get(1), answered(), get(1)), ConnectionError(STREAM_CLOSED)),
    Case("5.1 closed: CONTINUATION",
         (get(1), answered(), continuation(1, REQUEST)), ConnectionError(STREAM_CLOSED, PROTOCOL_ERROR)),
    Case("5.1 closed: PRIORITY", (get(1), answered(), priority(1)), Alive()),
    Case("5.1 closed: WINDOW_UPDATE that was under way", (get(1), answered(), window_update(1, 1)), Alive()),
    Case("5.1 closed: RST_STREAM that was under way", (get(1), answered(), rst_stream(1)), Alive()),
    Case("5.1.1 an even stream", (get(2),), PROTOCOL),
    Case("5.1.1 a stream with a smaller number", (get(5), get(3)), PROTOCOL),
    Case("5.1.1 streams may be left out", (get(7), answered(7), get(1 << 30 | 1)), Answered(1 << 30 | 1)),
    Case("5.1.1 a stream of the highest number", (get((1 << 31) - 1),), Answered((1 << 31) - 1)),
    Case("5.1.2 more streams than allowed", (), TooMany()),
    Case("5.3.2 HEADERS with a dependency",
         (headers(1, dependency(0, 256) + REQUEST, END_STREAM | END_HEADERS | PRIORITISED),), Answered()),
    Case("5.3.2 HEADERS that depend on an idle stream",
         (headers(1, dependency(9, 1, True) + REQUEST, END_STREAM | END_HEADERS | PRIORITISED),), Answered()),
    Case("5.3.2 PRIORITY of an idle stream on an idle stream", (priority(7, 9, 1, True), get(7)), Answered(7)),
    Case("5.3.2 PRIORITY with weight 256", (get(1), priority(1, 0, 256)), Answered()),
    Case("5.3.2 PRIORITY, exclusive", (post(1), post(3), priority(3, 1, 8, True), data(3, b"x", END_STREAM)), Answered(3)),
    Case("5.3.2 PRIORITY on a closed stream", (get(1), answered(), get(3), answered(3), priority(3, 1)), Alive()),
    # RFC 9113 has given up the scheme; RFC 7540 §5.3.1 and the usual suites want these refused still.
    Case("5.3.2 HEADERS that depend on themselves",
         (headers(1, dependency(1) + REQUEST, END_STREAM | END_HEADERS | PRIORITISED),), StreamError(PROTOCOL_ERROR)),
    Case("5.3.2 PRIORITY on itself", (post(1), priority(1, 1)), StreamError(PROTOCOL_ERROR)),
    Case("5.5 an unknown frame between others", (post(1), UNKNOWN, data(1, b"x", END_STREAM)), Answered()),
)
STREAM_FRAMES = (
    Case("6.1 DATA", (post(1), data(1, b"test", END_STREAM)), Answered()),
    Case("6.1 DATA more than once", (post(1), data(1, b"te"), data(1, b"st"), data(1, b"", END_STREAM)), Answered()),
    Case("6.1 DATA with padding", (post(1), data(1, padded(b"test", 200), PADDED | END_STREAM)), Answered()),
    Case("6.1 DATA of padding only", (post(1), data(1, padded(b"", 255), PADDED), data(1, b"", END_STREAM)), Answered()),
    Case("6.1 DATA on stream 0", (data(0, b"x", END_STREAM),), PROTOCOL),
    Case("6.1 padding longer than DATA", (post(1), data(1, b"\x06test!", END_STREAM | PADDED)), PROTOCOL),
    Case("6.1 padding without its length",
         (post(1), data(1, b"", END_STREAM | PADDED)), ConnectionError(PROTOCOL_ERROR, FRAME_SIZE_ERROR)),
    Case("6.2 HEADERS with padding", (headers(1, padded(REQUEST, 255), END_STREAM | END_HEADERS | PADDED),), Answered()),
    Case("6.2 HEADERS with padding and a dependency",
         (headers(1, padded(dependency() + REQUEST, 9), END_STREAM | END_HEADERS | PADDED | PRIORITISED),), Answered()),
    Case("6.2 HEADERS on stream 0", (headers(0, REQUEST),), PROTOCOL),
    Case("6.2 padding longer than HEADERS",
         (headers(1, bytes([len(REQUEST) + 1]) + REQUEST, END_STREAM | END_HEADERS | PADDED),), PROTOCOL),
    Case("6.2 padding without its length",
         (headers(1, b"", END_STREAM | END_HEADERS | PADDED),), ConnectionError(PROTOCOL_ERROR, FRAME_SIZE_ERROR)),
    Case("6.2 half a dependency",
         (headers(1, b"\0\0\0\0", END_STREAM | END_HEADERS | PRIORITISED),),
         ConnectionError(PROTOCOL_ERROR, FRAME_SIZE_ERROR)),
    Case("6.2 HEADERS in the middle of another's", (PART, get(1)), PROTOCOL),
    Case("6.3 PRIORITY", (priority(1, 0, 1),), Alive()),
    Case("6.3 PRIORITY on stream 0", (priority(0),), PROTOCOL),
    Case("6.3 PRIORITY of 4 octets", (post(1), frame(PRIORITY, 0, 1, bytes(4))), StreamError(FRAME_SIZE_ERROR)),
    Case("6.3 PRIORITY of 6 octets", (post(1), frame(PRIORITY, 0, 1, bytes(6))), StreamError(FRAME_SIZE_ERROR)),
    Case("6.4 RST_STREAM", (post(1), rst_stream(1)), Alive()),
    Case("6.4 RST_STREAM on stream 0", (rst_stream(0),), PROTOCOL),
    Case("6.4 RST_STREAM of an idle stream above one in use", (get(1), rst_stream(3)), PROTOCOL),
    Case("6.4 RST_STREAM of 3 octets", (post(1), frame(RST_STREAM, 0, 1, bytes(3))), SIZE),
    Case("6.4 RST_STREAM of 5 octets", (post(1), frame(RST_STREAM, 0, 1, bytes(5))), SIZE),
    Case("6.10 CONTINUATION", (PART, continuation(1, REST)), Answered()),
    Case("6.10 CONTINUATION more than once",
         (PART, *(continuation(1, REST[at:at + 9], 0) for at in range(0, len(REST), 9)), continuation(1, b"")), Answered()),
    Case("6.10 CONTINUATION of trailers",
         (post(1), headers(1, b"", END_STREAM), continuation(1, [("late", "x")])), Answered()),
    Case("6.10 CONTINUATION that is missing", (PART, data(1, b"x")), PROTOCOL),
    Case("6.10 CONTINUATION on stream 0", (PART, continuation(0, REST)), PROTOCOL),
    Case("6.10 CONTINUATION on another stream", (PART, continuation(3, REST)), PROTOCOL),
    Case("6.10 CONTINUATION behind the end of HEADERS", (post(1), continuation(1, [("late", "x")])), PROTOCOL),
    Case("6.10 CONTINUATION behind the end of another",
         (headers(1, REQUEST[:20], 0), continuation(1, REST), continuation(1, [("late", "x")])), PROTOCOL),
    Case("6.10 CONTINUATION behind DATA", (post(1), data(1, b"x"), continuation(1, [("late", "x")])), PROTOCOL),
    Case("7 RST_STREAM with an unknown code", (post(1), rst_stream(1, 0xFF)), Alive()),
    Case("8.4 PUSH_PROMISE of a client",
         (get(1), frame(h2.PUSH_PROMISE, END_HEADERS, 1, struct.pack(">I", 2) + REQUEST)), PROTOCOL),
)
CONNECTION_FRAMES = (
    Case("6.5 SETTINGS are acknowledged", (settings((h2.HEADER_TABLE_SIZE, 100)),), SettingsTaken()),
    Case("6.5 an acknowledgment with content", (frame(SETTINGS, h2.ACK, 0, bytes(6)),), SIZE),
    Case("6.5 SETTINGS on a stream", (frame(SETTINGS, 0, 1, struct.pack(">HI", 3, 1)),), PROTOCOL),
    Case("6.5 SETTINGS of 3 octets", (frame(SETTINGS, 0, 0, bytes(3)),), SIZE),
    Case("6.5.2 ENABLE_PUSH 2", (settings((h2.ENABLE_PUSH, 2)),), PROTOCOL),
    Case("6.5.2 ENABLE_PUSH 0 and 1", (settings((h2.ENABLE_PUSH, 0)), settings((h2.ENABLE_PUSH, 1))), Alive()),
    Case("6.5.2 INITIAL_WINDOW_SIZE 2^31",
         (settings((INITIAL_WINDOW_SIZE, 1 << 31)),), ConnectionError(FLOW_CONTROL_ERROR)),
    Case("6.5.2 MAX_FRAME_SIZE 2^14 - 1", (settings((MAX_FRAME_SIZE, DEFAULT_FRAME - 1)),), PROTOCOL),
    Case("6.5.2 MAX_FRAME_SIZE 2^24", (settings((MAX_FRAME_SIZE, 1 << 24)),), PROTOCOL),
    Case("6.5.2 MAX_FRAME_SIZE 2^24 - 1", (settings((MAX_FRAME_SIZE, (1 << 24) - 1)),), Alive()),
    Case("6.5.2 MAX_CONCURRENT_STREAMS 0 keeps nobody from asking",
         (settings((MAX_CONCURRENT_STREAMS, 0)), get(1)), Answered()),
    Case("6.5.2 HEADER_TABLE_SIZE of 4 GiB", (settings((h2.HEADER_TABLE_SIZE, (1 << 32) - 1)), get(1)), Answered()),
    Case("6.5.2 HEADER_TABLE_SIZE 0", (settings((h2.HEADER_TABLE_SIZE, 0)), get(1), answered(), get(3)), Answered(3)),
    Case("6.5.2 an unknown setting", (settings((0xF0F0, 7)),), SettingsTaken()),
    Case("6.5.3 the last of two values counts",
         (settings((INITIAL_WINDOW_SIZE, 100), (INITIAL_WINDOW_SIZE, 1)), get(1)), Content(1)),
    Case("6.7 PING is answered with its octets",
         (ping(b"\0\1\2\3\xfc\xfd\xfe\xff"), ponged(b"\0\1\2\3\xfc\xfd\xfe\xff")), Alive()),
    Case("6.7 an acknowledgment of no PING", (ping(b"nobody's", h2.ACK),), Alive()),
    Case("6.7 PING on a stream", (frame(PING, 0, 1, bytes(8)),), PROTOCOL),
    Case("6.7 PING of 6 octets", (frame(PING, 0, 0, bytes(6)),), SIZE),
    Case("6.7 PING of 9 octets", (frame(PING, 0, 0, bytes(9)),), SIZE),
    Case("6.8 GOAWAY on a stream", (frame(GOAWAY, 0, 1, bytes(8)),), PROTOCOL),
    Case("6.8 GOAWAY of 4 octets", (frame(GOAWAY, 0, 0, bytes(4)),), SIZE),
    Case("6.8 who says goodbye gets the answer to what he has asked", (get(1), goaway(debug=b"thank you")), Answered(1)),
    Case("7 GOAWAY with an unknown code", (get(1), goaway(0xFF)), Answered(1)),
    Case("6.9 WINDOW_UPDATE", (get(1), window_update(0, 1), window_update(1, 1)), Answered()),
    Case("6.9 WINDOW_UPDATE with the reserved bit", (window_update(0, 1 | RESERVED),), Alive()),
    Case("6.9 WINDOW_UPDATE of 0 for the connection", (window_update(0, 0),), PROTOCOL),
    Case("6.9 WINDOW_UPDATE of 0 for a stream", (post(1), window_update(1, 0)), StreamError(PROTOCOL_ERROR)),
    Case("6.9 WINDOW_UPDATE of 3 octets", (frame(WINDOW_UPDATE, 0, 0, bytes(3)),), SIZE),
    Case("6.9 WINDOW_UPDATE of 5 octets", (post(1), frame(WINDOW_UPDATE, 0, 1, bytes(5))), SIZE),
    held("6.9.1 no content beyond the window", window_update(1, 1), outcome=Content(1)),
    Case("6.9.1 a window of the connection beyond 2^31 - 1",
         (window_update(0, LARGEST_WINDOW), window_update(0, LARGEST_WINDOW)),
         ConnectionError(FLOW_CONTROL_ERROR)),
    held("6.9.1 a window of a stream beyond 2^31 - 1", window_update(1, LARGEST_WINDOW), window_update(1, LARGEST_WINDOW),
         outcome=StreamError(FLOW_CONTROL_ERROR)),
    held("6.9.2 SETTINGS open the windows of streams", settings((INITIAL_WINDOW_SIZE, 1)), outcome=Content(1)),
    Case("6.9.2 a window below zero",
         (get(1), content_came(3), settings((INITIAL_WINDOW_SIZE, 2)), window_update(1, 2)), Content(4), window=3),
    # The RFC wants the connection to end; libnghttp2 ends the stream, which no less keeps the window from overflowing.
    held("6.9.2 SETTINGS that take a window beyond 2^31 - 1",
         window_update(1, LARGEST_WINDOW), settings((INITIAL_WINDOW_SIZE, 1)),
         outcome=StreamError(FLOW_CONTROL_ERROR)),
)
CASES = PREFACES + FORMATS + STATES + STREAM_FRAMES + CONNECTION_FRAMES
