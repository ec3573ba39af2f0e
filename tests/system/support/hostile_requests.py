"""Requests as raw octets that lbd must refuse, and by what status."""

from .wire import chunked

BODY_LIMIT = 100 * 1024
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n"


def head(*lines: bytes) -> bytes:
    return b"\r\n".join((*lines, b"", b""))


def with_fields(*fields: bytes, method: bytes = b"GET", body: bytes = b"") -> bytes:
    return head(method + b" / HTTP/1.1", b"Host: test", *fields) + body


def line(text: bytes) -> bytes:
    return head(text, b"Host: test")


def coded(body: bytes) -> bytes:
    return with_fields(b"Transfer-Encoding: chunked", method=b"POST", body=body)


def framed(*fields: bytes) -> bytes:
    """A body that every reading of `fields` would cut elsewhere."""
    return with_fields(*fields, method=b"POST", body=b"0\r\n\r\n" + SMUGGLED)


def with_host(*fields: bytes) -> bytes:
    return head(b"GET / HTTP/1.1", *fields)


TE, CL = b"Transfer-Encoding: ", b"Content-Length: "

REFUSED = {
    "both framings": {
        "length then coding": (400, framed(CL + b"6", TE + b"chunked")),
        "coding then length": (400, framed(TE + b"chunked", CL + b"6")),
        "length 0 and coding": (400, framed(CL + b"0", TE + b"chunked")),
        "empty length and coding": (400, framed(CL, TE + b"chunked")),
        "length and a coding that is none": (400, framed(CL + b"6", TE + b"x")),
    },
    "Transfer-Encoding": {
        "twice": (400, framed(TE + b"chunked", TE + b"chunked")),
        "chunked, chunked": (400, framed(TE + b"chunked, chunked")),
        "identity, then chunked": (400, framed(TE + b"identity", TE + b"chunked")),
        "empty": (400, framed(TE)),
        "empty member": (400, framed(TE + b", chunked")),
        "comma behind": (400, framed(TE + b"chunked,")),
        "unknown": (501, framed(TE + b"xchunked")),
        "identity": (501, framed(TE + b"identity")),
        "gzip": (501, framed(TE + b"gzip")),
        "gzip, chunked": ((400, 501), framed(TE + b"gzip, chunked")),
        "chunked not last": (400, framed(TE + b"chunked, identity")),
        "quoted": (400, framed(TE + b'"chunked"')),
        "parameter": (400, framed(TE + b"chunked;x=1")),
        "vertical tab before": (400, framed(TE + b"\x0bchunked")),
        "form feed behind": (400, framed(TE + b"chunked\x0c")),
        "no-break space": (400, framed(TE + b"\xa0chunked")),
        "NUL": (400, framed(TE + b"chunked\0")),
        "folded": (400, framed(TE, b" chunked")),
        "blank before the colon": (400, framed(b"Transfer-Encoding : chunked")),
        "in HTTP/1.0": (400, head(b"POST / HTTP/1.0", b"Host: test", TE + b"chunked") + b"0\r\n\r\n"),
    },
    "Content-Length": {
        "empty": (400, framed(CL)),
        "plus": (400, framed(CL + b"+5")),
        "minus": (400, framed(CL + b"-5")),
        "minus zero": (400, framed(CL + b"-0")),
        "list": (400, framed(CL + b"5, 5")),
        "hexadecimal": (400, framed(CL + b"0x5")),
        "fraction": (400, framed(CL + b"5.0")),
        "exponent": (400, framed(CL + b"1e1")),
        "blank within": (400, framed(CL + b"5 5")),
        "quoted": (400, framed(CL + b'"5"')),
        "letters": (400, framed(CL + b"five")),
        "2^64 + 5": (400, framed(CL + b"18446744073709551621")),
        "2^63": ((400, 413), framed(CL + b"9223372036854775808")),
        "twice, different": (400, framed(CL + b"5", CL + b"6")),
        "empty and valid": (400, framed(CL, CL + b"5")),
        "valid and empty": (400, framed(CL + b"5", CL)),
        "Arabic digits": (400, framed(CL + "٥".encode())),
        "vertical tab": (400, framed(CL + b"\x0b5")),
        "more than is allowed": (413, framed(CL + b"%d" % (BODY_LIMIT + 1))),
    },
    "fields": {
        "empty name": (400, with_fields(b": x")),
        "empty name before the framing": (400, framed(b":x", CL + b"6")),
        "no colon": (400, with_fields(b"Field")),
        "blank before the colon": (400, with_fields(b"Field : x")),
        "tab before the colon": (400, with_fields(b"Field\t: x")),
        "blank in the name": (400, with_fields(b"A Field: x")),
        "folded": (400, with_fields(b"Field: a", b" b")),
        "folded by a tab": (400, with_fields(b"Field: a", b"\tb")),
        "first line folded": (400, head(b"GET / HTTP/1.1", b" Host: test")),
        "NUL in the value": (400, with_fields(b"Field: a\0b")),
        "NUL in the name": (400, with_fields(b"Fi\0eld: a")),
        "bare CR in the value": (400, with_fields(b"Field: a\rInjected: b")),
        "bare CR before CR LF": (400, with_fields(b"Field: a\r")),
        "control octet": (400, with_fields(b"Field: a\x01b")),
        "DEL": (400, with_fields(b"Field: a\x7fb")),
        "non-ASCII name": (400, with_fields("Fäld: a".encode())),
        "name in parentheses": (400, with_fields(b"Fi(eld): a")),
        "bare LF after a field": (400, b"GET / HTTP/1.1\r\nHost: test\nField: a\r\n\r\n"),
        "bare LF at the end": (400, b"GET / HTTP/1.1\r\nHost: test\r\n\n"),
        "bare LF everywhere": (400, b"GET / HTTP/1.1\nHost: test\n\n"),
        "too long a line": (431, with_fields(b"Field: " + b"x" * 9000)),
        "too long a name": (431, with_fields(b"x" * 70000 + b": x", CL + b"5")),
        "too many": (431, with_fields(*[b"F%d: x" % i for i in range(101)])),
        "too much together": (431, with_fields(*[b"F%d: " % i + b"x" * 4000 for i in range(5)])),
        "a length hidden behind too many": (431, framed(*[b"A: b"] * 120, CL + b"0")),
    },
    "request line": {
        "two blanks before the target": (400, line(b"GET  / HTTP/1.1")),
        "two blanks before the version": (400, line(b"GET /  HTTP/1.1")),
        "blank within the target": (400, line(b"GET /a b HTTP/1.1")),
        "blank behind": (400, line(b"GET / HTTP/1.1 ")),
        "blank before": (400, line(b" GET / HTTP/1.1")),
        "tabs": (400, line(b"GET\t/\tHTTP/1.1")),
        "NUL": (400, line(b"GET /\0 HTTP/1.1")),
        "bare CR": (400, line(b"GET /\r HTTP/1.1")),
        "no version": (400, line(b"GET /")),
        "method only": (400, line(b"GET")),
        "HTTP/0.9": (505, line(b"GET / HTTP/0.9")),
        "HTTP/2.0": (505, line(b"GET / HTTP/2.0")),
        "HTTP/3.1": (505, line(b"GET / HTTP/3.1")),
        "HTTP/1.10": (400, line(b"GET / HTTP/1.10")),
        "HTTP/1": (400, line(b"GET / HTTP/1")),
        "HTTP/1,1": (400, line(b"GET / HTTP/1,1")),
        "http/1.1": (400, line(b"GET / http/1.1")),
        "HTTP/+1.1": (400, line(b"GET / HTTP/+1.1")),
        "preface of HTTP/2": ((400, 505), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        "TLS": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
        "method with a slash": (400, line(b"G/T / HTTP/1.1")),
        "method with a control octet": (400, line(b"G\x01T / HTTP/1.1")),
        "no method": (400, line(b"/ HTTP/1.1")),
        "too long": (414, line(b"GET /" + b"x" * 9000 + b" HTTP/1.1")),
        "too long without an end": (414, b"GET /" + b"x" * 40000),
        "asterisk with GET": (400, line(b"GET * HTTP/1.1")),
        "authority with GET": (400, line(b"GET test:80 HTTP/1.1")),
        "relative": (400, line(b"GET index.html HTTP/1.1")),
        "CONNECT": ((400, 405, 501), head(b"CONNECT test:443 HTTP/1.1", b"Host: test:443")),
        "CONNECT to a path": ((400, 405, 501), line(b"CONNECT / HTTP/1.1")),
    },
    "target": {
        "fragment": (400, line(b"GET /a#b HTTP/1.1")),
        "fragment that hides an extension": (400, line(b"GET /admin#.png HTTP/1.1")),
        "dot dot": (400, line(b"GET /../x HTTP/1.1")),
        "dot dot within": (400, line(b"GET /a/../x HTTP/1.1")),
        "dot dot at the end": (400, line(b"GET /a/.. HTTP/1.1")),
        "encoded dots": (400, line(b"GET /%2e%2E/x HTTP/1.1")),
        "half encoded dots": (400, line(b"GET /.%2e/x HTTP/1.1")),
        "dot dot behind an encoded slash": (400, line(b"GET /a%2f..%2fx HTTP/1.1")),
        "dot dot with a parameter": (400, line(b"GET /..;/x HTTP/1.1")),
        "encoded NUL": (400, line(b"GET /a%00b HTTP/1.1")),
        "half an escape": (400, line(b"GET /a%2 HTTP/1.1")),
        "no escape": (400, line(b"GET /a%zz HTTP/1.1")),
        "backslash": (400, line(b"GET /a\\..\\b HTTP/1.1")),
        "raw UTF-8": (400, line("GET /견적 HTTP/1.1".encode())),
        "userinfo": (400, line(b"GET http://user@test/ HTTP/1.1")),
        "userinfo that looks like the host": (400, line(b"GET http://test:80@evil/ HTTP/1.1")),
        "no authority": (400, line(b"GET http:///x HTTP/1.1")),
        "another scheme": (400, line(b"GET ftp://test/ HTTP/1.1")),
        "port out of range": (400, line(b"GET http://test:65536/ HTTP/1.1")),
    },
    "Host": {
        "missing": (400, with_host()),
        "twice": (400, with_host(b"Host: test", b"Host: test")),
        "twice, different": (400, with_host(b"Host: test", b"Host: evil")),
        "list": (400, with_host(b"Host: test, evil")),
        "path": (400, with_host(b"Host: test/path")),
        "userinfo": (400, with_host(b"Host: user@test")),
        "blank within": (400, with_host(b"Host: te st")),
        "fragment": (400, with_host(b"Host: test#x")),
        "query": (400, with_host(b"Host: test?x")),
        "letters for a port": (400, with_host(b"Host: test:80x")),
        "open bracket": (400, with_host(b"Host: [::1")),
        "markup": (400, with_host(b"Host: <script>")),
        "missing with an absolute target": (400, head(b"GET http://test/ HTTP/1.1")),
        "twice with an absolute target": (400, head(b"GET http://test/ HTTP/1.1", b"Host: a", b"Host: b")),
    },
    "Expect": {
        "unknown": (417, with_fields(b"Expect: something", CL + b"2", method=b"POST", body=b"ok")),
        "obfuscated": (417, with_fields(b"Expect: y 100-continue", CL + b"2", method=b"POST", body=b"ok")),
        "list": (417, with_fields(b"Expect: 100-continue, x", CL + b"2", method=b"POST", body=b"ok")),
        "too large a body": (413, with_fields(b"Expect: 100-continue", CL + b"%d" % (BODY_LIMIT + 1), method=b"POST")),
    },
    "chunks": {
        "no size": (400, coded(b"\r\nok\r\n0\r\n\r\n")),
        "minus": (400, coded(b"-2\r\nok\r\n0\r\n\r\n")),
        "plus": (400, coded(b"+2\r\nok\r\n0\r\n\r\n")),
        "0x": (400, coded(b"0x2\r\nok\r\n0\r\n\r\n")),
        "letter": (400, coded(b"g\r\nok\r\n0\r\n\r\n")),
        "2^64 + 2": (400, coded(b"10000000000000002\r\nok\r\n0\r\n\r\n")),
        "2^63": ((400, 413), coded(b"8000000000000000\r\nok\r\n0\r\n\r\n")),
        "many zeroes": (400, coded(b"0" * 40 + b"2\r\nok\r\n0\r\n\r\n")),
        "blank before": (400, coded(b" 2\r\nok\r\n0\r\n\r\n")),
        "blank behind": (400, coded(b"2 \r\nok\r\n0\r\n\r\n")),
        "junk behind": (400, coded(b"2 x\r\nok\r\n0\r\n\r\n")),
        "bare LF after the size": (400, coded(b"2\nok\r\n0\r\n\r\n")),
        "bare CR after the size": (400, coded(b"2\rok\r\n0\r\n\r\n")),
        "bare LF after the content": (400, coded(b"2\r\nok\n0\r\n\r\n")),
        "no line end after the content": (400, coded(b"2\r\nok0\r\n\r\n")),
        "two octets too many": (400, coded(b"2\r\nokxx0\r\n\r\n")),
        "bare LF in an extension": (400, coded(b"2;a\nb\r\nok\r\n0\r\n\r\n")),
        "bare CR in an extension": (400, coded(b"2;a\rb\r\nok\r\n0\r\n\r\n")),
        "NUL in an extension": (400, coded(b"2;a\0b\r\nok\r\n0\r\n\r\n")),
        "bare LF at the end": (400, coded(b"2\r\nok\r\n0\r\n\n")),
        "flood of extensions": (400, coded((b"1;" + b"y" * 200 + b"\r\nx\r\n") * 100 + b"0\r\n\r\n")),
        "one long extension": (400, coded(b"2;" + b"y" * 9000 + b"\r\nok\r\n0\r\n\r\n")),
        "too much content": (413, coded(chunked(*[b"x" * 1024] * 101))),
        "a chunk larger than is allowed": (413, coded(b"7fffffff\r\n" + b"x" * (BODY_LIMIT + 1))),
        "trailer without a colon": (400, coded(b"2\r\nok\r\n0\r\nTrailer\r\n\r\n")),
        "trailer with an empty name": (400, coded(b"2\r\nok\r\n0\r\n: x\r\n\r\n")),
        "folded trailer": (400, coded(b"2\r\nok\r\n0\r\nA: b\r\n c\r\n\r\n")),
        "NUL in a trailer": (400, coded(b"2\r\nok\r\n0\r\nA: b\0\r\n\r\n")),
        "large trailers": (431, coded(b"2\r\nok\r\n0\r\n" + b"A: %s\r\n" % (b"x" * 1000) * 10 + b"\r\n")),
        "many trailers": (431, coded(b"2\r\nok\r\n0\r\n" + b"A: b\r\n" * 2000 + b"\r\n")),
    },
}
