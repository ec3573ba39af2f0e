"""The security checklist as tables: for each of its lines, hostile octets of a client and of an endpoint.

A request and an answer are framed by the same rules, so most rows serve both directions: `as_answer` turns the one into
the other. The numbers are those of the checklist."""

import dataclasses

from .hostile_answers import CUT, MALFORMED
from .hostile_requests import CL, REFUSED, SMUGGLED, coded, framed, head, line, with_fields


@dataclasses.dataclass(frozen=True)
class Row:
    octets: bytes
    statuses: tuple[int, ...]  # that may answer it
    reasons: tuple[str, ...]   # of which lbd must count one
    may_begin: bool = False    # its head is right: an endpoint may see it begin, but never come to an end


FRAMING = ("conflicting_framing", "bad_content_length", "bad_transfer_encoding", "unknown_transfer_coding")
FIELD = ("bad_field", "folded_field", "bare_line_ending")
SIZE = ("field_line_too_long", "too_many_fields", "head_too_large", "request_line_too_long")
LINE = ("bad_request_line", "bad_target", "bad_version", "bare_line_ending", "request_line_too_long", "connect_method",
        "tls_on_plain_port", "http2_preface")
CHUNK = ("bad_chunk", "chunk_extensions_too_large", "trailers_too_large", "body_too_large")
REASONS = {
    "both framings": FRAMING, "Transfer-Encoding": FRAMING + FIELD,
    "Content-Length": (*FRAMING, *FIELD, "body_too_large"),
    "fields": FIELD + SIZE, "request line": LINE, "target": ("bad_target", "bad_request_line"), "Host": ("bad_host",),
    "Expect": ("unknown_expectation", "body_too_large"), "chunks": CHUNK,
}


def rows(group: str, *names: str) -> dict[str, Row]:
    """Of REFUSED: the named rows of a group, or all."""
    made = {}
    for name in names or REFUSED[group]:
        statuses, octets = REFUSED[group][name]
        statuses = statuses if isinstance(statuses, tuple) else (statuses,)
        made[name] = Row(octets, statuses, REASONS[group], group == "chunks")
    return made


def bad_chunk(body: bytes) -> Row:
    return Row(coded(body), (400,), CHUNK, True)


def bad_field(*fields: bytes) -> Row:
    return Row(with_fields(*fields), (400,), FIELD)


CONTROLS = [octet for octet in (*range(0x20), 0x7F) if octet not in b"\t\r\n"]

REQUESTS: dict[int, dict[str, Row]] = {
    1: rows("both framings"),
    2: rows("Transfer-Encoding"),
    3: rows("Content-Length"),
    4: rows("fields", "too long a line", "too long a name", "too many", "too much together",
            "a length hidden behind too many"),
    5: {**rows("fields", "empty name", "empty name before the framing"),
        "blank for a name": bad_field(b" : x"),
        "empty name, then a length": Row(framed(b": 1", CL + b"60", b"Connection: close"), (400,), FIELD),
        "empty name and value": bad_field(b":")},
    6: {**rows("chunks", "no size", "minus", "plus", "0x", "letter", "2^64 + 2", "2^63", "many zeroes", "blank before",
               "blank behind", "junk behind", "bare LF after the size", "bare CR after the size",
               "bare LF after the content", "no line end after the content", "two octets too many",
               "bare LF in an extension", "bare CR in an extension", "NUL in an extension", "bare LF at the end"),
        "bare LF in an extension that hides a request": bad_chunk(b"2;\nxx\r\n4c\r\n0\r\n\r\n" + SMUGGLED),
        "bare CR after the content": bad_chunk(b"2\r\nok\r0\r\n\r\n"),
        "CR CR LF after the size": bad_chunk(b"2\r\r\nok\r\n0\r\n\r\n"),
        "tab behind the size": bad_chunk(b"2\t\r\nok\r\n0\r\n\r\n"),
        "no-break space before the extension": bad_chunk(b"2\xa0;a\r\nok\r\n0\r\n\r\n"),
        "underscore": bad_chunk(b"1_0\r\n0123456789abcdef\r\n0\r\n\r\n"),
        "size of the last chunk with a sign": bad_chunk(b"2\r\nok\r\n-0\r\n\r\n"),
        "a line break too many": bad_chunk(b"2\r\nok\r\n\r\n0\r\n\r\n")},
    7: {**rows("chunks", "flood of extensions", "one long extension"),
        "an extension for each octet": bad_chunk(b"1;abc\r\nx\r\n" * 2000 + b"0\r\n\r\n"),
        "extension without an end": bad_chunk(b"2;" + b"x" * 100_000)},
    8: {**rows("chunks", "trailer without a colon", "trailer with an empty name", "folded trailer", "NUL in a trailer",
               "large trailers", "many trailers"),
        "bare LF after a trailer": bad_chunk(b"2\r\nok\r\n0\r\nA: b\n\r\n"),
        "bare CR in a trailer": bad_chunk(b"2\r\nok\r\n0\r\nA: b\rC: d\r\n\r\n"),
        "blank before the colon of a trailer": bad_chunk(b"2\r\nok\r\n0\r\nA : b\r\n\r\n"),
        "a trailer without an end": Row(coded(b"2\r\nok\r\n0\r\nA: " + b"x" * 100_000), (431,), CHUNK, True)},
    9: {**rows("fields", "NUL in the value", "NUL in the name", "bare CR in the value", "bare CR before CR LF",
               "control octet", "DEL", "bare LF after a field", "bare LF at the end", "bare LF everywhere"),
        **{f"octet {octet:02x} in a value": bad_field(b"Field: a" + bytes([octet]) + b"b") for octet in CONTROLS},
        **{f"octet {octet:02x} in a name": bad_field(b"Fi" + bytes([octet]) + b"eld: a") for octet in CONTROLS}},
    10: {**rows("fields", "folded", "folded by a tab", "first line folded", "blank before the colon",
                "tab before the colon", "blank in the name", "no colon"),
         "folded after an empty value": bad_field(b"Field:", b" b"),
         "folded length": Row(framed(b"X: y", b"\tContent-Length: 5"), (400,), FIELD)},
    11: {**rows("request line"),
         "two empty lines before": Row(b"\r\n\r\n" + line(b"GET / HTTP/1.1"), (400,), LINE),
         "bare LF before": Row(b"\n" + line(b"GET / HTTP/1.1"), (400,), LINE),
         "octets beyond ASCII in the method": Row(line("GÉT / HTTP/1.1".encode()), (400,), LINE),
         "method without an end": Row(b"G" * 40_000, (414,), LINE),
         "version with a trailing NUL": Row(line(b"GET / HTTP/1.1\0"), (400,), LINE),
         "asterisk with POST": Row(line(b"POST * HTTP/1.1"), (400,), LINE)},
    12: {**rows("Host"),
         **rows("target", "fragment", "fragment that hides an extension", "userinfo",
                "userinfo that looks like the host", "no authority", "another scheme", "port out of range"),
         "Host out of range": Row(head(b"GET / HTTP/1.1", b"Host: test:65536"), (400,), ("bad_host",)),
         "Host that is bad beside an absolute target": Row(
             head(b"GET http://test/ HTTP/1.1", b"Host: a/b"), (400,), ("bad_host",)),
         "Host with an encoded NUL": Row(head(b"GET / HTTP/1.1", b"Host: te%00st"), (400,), ("bad_host",)),
         "Host with a scope": Row(head(b"GET / HTTP/1.1", b"Host: [fe80::1%25eth0]"), (400,), ("bad_host",)),
         "Host that is empty": Row(head(b"GET / HTTP/1.1", b"Host:"), (400,), ("bad_host",)),
         "Host of two ports": Row(head(b"GET / HTTP/1.1", b"Host: test:80:80"), (400,), ("bad_host",)),
         "Host twice, in both cases": Row(
             head(b"GET / HTTP/1.1", b"Host: test", b"host: evil"), (400,), ("bad_host",))},
    13: {**rows("target", "dot dot", "dot dot within", "dot dot at the end", "encoded dots", "half encoded dots",
                "dot dot behind an encoded slash", "dot dot with a parameter", "encoded NUL", "half an escape",
                "no escape", "backslash", "raw UTF-8"),
         "single dot": Row(line(b"GET /./x HTTP/1.1"), (400,), ("bad_target",)),
         "dot dot behind an encoded backslash": Row(line(b"GET /a%5c..%5cx HTTP/1.1"), (400,), ("bad_target",)),
         "dot dot in an absolute target": Row(line(b"GET http://test/../x HTTP/1.1"), (400,), ("bad_target",)),
         "escape cut by the query": Row(line(b"GET /a%2?b HTTP/1.1"), (400,), ("bad_target",)),
         "encoded NUL in the query": Row(line(b"GET /a?b=%00 HTTP/1.1"), (400,), ("bad_target",))},
    19: rows("request line", "CONNECT", "CONNECT to a path"),
    20: {**rows("Expect"),
         "twice": Row(with_fields(b"Expect: 100-continue", b"Expect: 100-continue"), (417,), ("unknown_expectation",)),
         "with a parameter": Row(with_fields(b"Expect: 100-continue;a=b"), (417,), ("unknown_expectation",)),
         "empty": Row(with_fields(b"Expect:"), (417,), ("unknown_expectation",))},
}

# What a request may not be for reasons that no answer has.
ONLY_REQUESTS = {"more than is allowed", "in HTTP/1.0 that stays", "first line folded"}


def as_answer(octets: bytes) -> bytes:
    for version in (b"1.1", b"1.0"):
        for method in (b"GET", b"POST"):
            octets = octets.replace(method + b" / HTTP/" + version, b"HTTP/" + version + b" 200 OK", 1)
    return octets


# Lines whose hostile requests make hostile answers, too.
BOTH_WAYS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)

ANSWERS: dict[int, dict[str, bytes]] = {
    number: {name: as_answer(row.octets) for name, row in REQUESTS[number].items() if name not in ONLY_REQUESTS}
    for number in BOTH_WAYS
}
ANSWERS[3]["more digits than a number may have"] = as_answer(framed(CL + b"9" * 19))
ANSWERS[22] = MALFORMED
ANSWERS[23] = CUT

# Targets that lbd passes on as they are, and the route (`admin` is /admin, else `rest`) that the same octets choose.
PATHS = {
    "/admin": "admin", "/admin/": "admin", "/admin/x": "admin", "/admin?x": "admin", "/admin/..x": "admin",
    "/administrator": "rest", "//admin": "admin", "/ADMIN": "rest", "/%61dmin": "admin", "/admin%2fx": "rest",
    "/x//admin": "rest", "/admin;x": "rest", "/x?/admin": "rest", "/admin%20": "rest", "/.admin": "rest",
    "/admin//x": "admin", "/admin/%2e%2ex": "admin",
}
