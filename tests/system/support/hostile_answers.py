"""Answers of an origin server as raw octets: such as are no answer, and such as end too early."""

from .wire import chunked

POISON = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"


def said(*lines: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join((*lines, b"", b"")) + body


def ok(*fields: bytes, body: bytes = b"") -> bytes:
    return said(b"HTTP/1.1 200 OK", *fields, body=body)


TE, CL = b"Transfer-Encoding: ", b"Content-Length: "

MALFORMED = {
    "no HTTP": b"hello\r\n\r\n",
    "HTTP/0.9": b"<html>hello</html>",
    "HTTP/2": said(b"HTTP/2 200", CL + b"2", body=b"ok"),
    "HTTP/2.0": said(b"HTTP/2.0 200 OK", CL + b"2", body=b"ok"),
    "lower case": said(b"http/1.1 200 OK", CL + b"2", body=b"ok"),
    "no status": said(b"HTTP/1.1", CL + b"2", body=b"ok"),
    "status of two digits": said(b"HTTP/1.1 20 OK", CL + b"2", body=b"ok"),
    "status of four digits": said(b"HTTP/1.1 2000 OK", CL + b"2", body=b"ok"),
    "status 099": said(b"HTTP/1.1 099 OK", CL + b"2", body=b"ok"),
    "status 999": said(b"HTTP/1.1 999 OK", CL + b"2", body=b"ok"),
    "letters for a status": said(b"HTTP/1.1 2xx OK", CL + b"2", body=b"ok"),
    "two blanks": said(b"HTTP/1.1  200 OK", CL + b"2", body=b"ok"),
    "NUL in the reason": said(b"HTTP/1.1 200 O\0K", CL + b"2", body=b"ok"),
    "bare CR in the reason": said(b"HTTP/1.1 200 OK\rSet-Cookie: a", CL + b"2", body=b"ok"),
    "bare LF": b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    "empty line before": b"\r\n" + ok(CL + b"2", body=b"ok"),
    "two lengths": ok(CL + b"2", CL + b"3", body=b"ok!"),
    "list of lengths": ok(CL + b"2, 3", body=b"ok!"),
    "no number": ok(CL + b"two", body=b"ok"),
    "negative": ok(CL + b"-1", body=b"ok"),
    "plus": ok(CL + b"+2", body=b"ok"),
    "empty length": ok(CL, body=b"ok"),
    "2^64 + 2": ok(CL + b"18446744073709551618", body=b"ok"),
    "length and coding": ok(CL + b"2", TE + b"chunked", body=b"2\r\nok\r\n0\r\n\r\n"),
    "unknown coding": ok(TE + b"gzip", body=b"ok"),
    "obfuscated coding": ok(TE + b"\x0bchunked", body=b"2\r\nok\r\n0\r\n\r\n"),
    "coding twice": ok(TE + b"chunked", TE + b"chunked", body=b"2\r\nok\r\n0\r\n\r\n"),
    "coding in HTTP/1.0": said(b"HTTP/1.0 200 OK", TE + b"chunked", body=b"2\r\nok\r\n0\r\n\r\n"),
    "folded field": ok(b"Field: a", b" b", CL + b"2", body=b"ok"),
    "empty name": ok(b": a", CL + b"2", body=b"ok"),
    "blank before the colon": ok(b"Content-Length : 2", body=b"ok"),
    "no colon": ok(b"Field", CL + b"2", body=b"ok"),
    "NUL in a value": ok(b"Field: a\0b", CL + b"2", body=b"ok"),
    "bare CR in a value": ok(b"Field: a\rSet-Cookie: b", CL + b"2", body=b"ok"),
    "huge line": ok(b"Field: " + b"x" * 100_000, CL + b"2", body=b"ok"),
    "huge head": ok(*[b"Field: " + b"x" * 4000] * 40, CL + b"2", body=b"ok"),
    "endless status line": b"HTTP/1.1 200 " + b"x" * 100_000,
    "thousand fields": ok(*[b"A: b"] * 1000, CL + b"2", body=b"ok"),
    "flood of interim answers": said(b"HTTP/1.1 103 Early Hints", b"Link: </a>") * 1000 + ok(CL + b"2", body=b"ok"),
    "101 without an Upgrade": said(b"HTTP/1.1 101 Switching Protocols", b"Upgrade: x", b"Connection: Upgrade"),
    "nothing but an interim answer": said(b"HTTP/1.1 100 Continue"),
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n",
}

CUT = {
    "short of its length": ok(CL + b"100", body=b"x" * 99),
    "nothing of its length": ok(CL + b"100"),
    "short of a long length": ok(CL + b"1000000", body=b"x" * 500_000),
    "no last chunk": ok(TE + b"chunked", body=chunked(b"hello", end=b"")),
    "within a chunk": ok(TE + b"chunked", body=b"a\r\nhello"),
    "within a chunk size": ok(TE + b"chunked", body=chunked(b"hello", end=b"5")),
    "no end of the trailers": ok(TE + b"chunked", body=chunked(b"hello", end=b"0\r\n")),
    "bad chunk": ok(TE + b"chunked", body=chunked(b"hello", end=b"-5\r\nhello\r\n0\r\n\r\n")),
    "bare LF in the chunks": ok(TE + b"chunked", body=chunked(b"hello", end=b"0\n\n")),
    "huge chunk size": ok(TE + b"chunked", body=chunked(b"hello", end=b"ffffffffffffffffffff\r\nx")),
}
