"""Hostile and odd requests, as raw octets: what lbd answers, and what the origin server gets to see of them.

A refused request must never come whole to an origin server, must be counted with a reason, must end its own connection and
must leave the request of the next client as it is."""

import socket
import sys
import unittest

sys.dont_write_bytecode = True

from support.lbd_process import Lbd  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import Client, ask, chunked, get, post, values, wait_until  # noqa: E402

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
        "flood of extensions": (400, coded(b"".join(b"1;%s\r\nx\r\n" % (b"y" * 200) for _ in range(100)) + b"0\r\n\r\n")),
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

UTF8 = "견적".encode().decode("latin-1")

# octets → method, target, body and fields that must, or (None) must not, come to the origin server
ACCEPTED = {
    "plain": (get(), "GET", "/", b"", {"Host": "test"}),
    "an empty line before": (b"\r\n" + get(), "GET", "/", b"", {}),
    "a method nobody knows": (get(method="PURGE"), "PURGE", "/", b"", {}),
    "query": (get("/a?b=c&d=%20?/../x"), "GET", "/a?b=c&d=%20?/../x", b"", {}),
    "slashes are not merged": (get("//a///b/"), "GET", "//a///b/", b"", {}),
    "escapes are not decoded": (get("/a%2Fb%20;c=d"), "GET", "/a%2Fb%20;c=d", b"", {}),
    "dots that are names": (get("/.well-known/a..b/...x"), "GET", "/.well-known/a..b/...x", b"", {}),
    "asterisk": (get("*", method="OPTIONS"), "OPTIONS", "*", b"", {}),
    "minor version": (line(b"GET / HTTP/1.7"), "GET", "/", b"", {}),
    "HTTP/1.0 without Host": (head(b"GET / HTTP/1.0"), "GET", "/", b"", {}),
    "absolute target before Host": (get("http://Real:81/x?y", host="fake"), "GET", "/x?y", b"", {"Host": "Real:81"}),
    "absolute target without a path": (get("http://real", host="fake"), "GET", "/", b"", {"Host": "real"}),
    "IPv6 host": (get(host="[::1]:80"), "GET", "/", b"", {"Host": "[::1]:80"}),
    "blanks around a value": (with_fields(b"Field: \t a  b \t"), "GET", "/", b"", {"Field": "a  b"}),
    "no blank before a value": (with_fields(b"Field:a"), "GET", "/", b"", {"Field": "a"}),
    "empty value": (with_fields(b"Field:"), "GET", "/", b"", {"Field": ""}),
    "octets beyond ASCII in a value": (with_fields(b"Field: " + "견적".encode()), "GET", "/", b"", {"Field": UTF8}),
    "repeated field": (with_fields(b"Field: a", b"Field: b"), "GET", "/", b"", {"Field": "a, b"}),
    "length": (post(b"hello"), "POST", "/", b"hello", {"Content-Length": "5", "Transfer-Encoding": None}),
    "length with zeroes": (with_fields(CL + b"0005", body=b"hello"), "GET", "/", b"hello", {"Content-Length": "5"}),
    "length 0": (post(b""), "POST", "/", b"", {"Content-Length": "0"}),
    "chunked": (coded(chunked(b"he", b"llo")), "POST", "/", b"hello",
                {"Transfer-Encoding": "chunked", "Content-Length": None}),
    "Chunked in capitals": (with_fields(TE + b"CHUNKED", body=chunked(b"hello")), "GET", "/", b"hello",
                            {"Transfer-Encoding": "chunked"}),
    "sizes in both cases": (coded(b"A\r\n0123456789\r\na\r\n0123456789\r\n000\r\n\r\n"), "POST", "/", b"0123456789" * 2, {}),
    "extensions": (coded(b'2;a=b;c="d e"\r\nok\r\n0;x\r\n\r\n'), "POST", "/", b"ok", {}),
    "trailers are dropped": (coded(b"2\r\nok\r\n0\r\nHost: evil\r\nContent-Length: 9\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n"),
                             "POST", "/", b"ok", {"Host": "test", "X-Forwarded-For": "127.0.0.1", "Content-Length": None}),
    "a request for a body": (coded(chunked(SMUGGLED)), "POST", "/", SMUGGLED, {}),
    "largest body": (post(b"x" * BODY_LIMIT), "POST", "/", b"x" * BODY_LIMIT, {}),
    "fields of one hop": (with_fields(b"Connection: keep-alive, X-Hop, x-other", b"X-Hop: a", b"X-OTHER: b", b"Keep-Alive: 5",
                                      b"Proxy-Connection: close", b"TE: trailers", b"Trailer: A", b"Proxy: evil"), "GET", "/", b"",
                          {name: None for name in ("Connection", "X-Hop", "X-Other", "Keep-Alive", "Proxy-Connection", "TE",
                                                   "Trailer", "Proxy")}),
    "fields that Connection must not take away": (
        with_fields(b"Connection: Host, Content-Length, X-Forwarded-For, X-Forwarded-Proto, X-Request-ID, Authorization, Cookie, "
                    b"Idempotency-Key", CL + b"5", b"Authorization: Basic eA==", b"Cookie: a=b", b"Idempotency-Key: k",
                    method=b"POST", body=b"hello"), "POST", "/", b"hello",
        {"Host": "test", "Content-Length": "5", "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http",
         "Authorization": "Basic eA==", "Cookie": "a=b", "Idempotency-Key": "k"}),
    "forwarding fields of a stranger": (
        with_fields(b"X-Forwarded-For: 6.6.6.6", b"X-Forwarded-Proto: https", b"X-Forwarded-Host: evil", b"X-Forwarded-Port: 1",
                    b"X-Real-IP: 6.6.6.6", b"Forwarded: for=6.6.6.6"), "GET", "/", b"",
        {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "test", "X-Forwarded-Port": None,
         "X-Real-IP": None, "Forwarded": None}),
    "aliases of trusted names": (
        with_fields(b"X_Forwarded_For: 6.6.6.6", b"X-Forwarded_Proto: https", b"Content_Length: 9", b"Transfer_Encoding: chunked",
                    b"X_Real_IP: 6.6.6.6", b"X_Request_ID: x"), "GET", "/", b"",
        {name: None for name in ("X_Forwarded_For", "X-Forwarded_Proto", "Content_Length", "Transfer_Encoding", "X_Real_IP",
                                 "X_Request_ID")}),
    "h2c": (with_fields(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk"), "GET", "/", b"",
            {"Connection": None, "Upgrade": None, "HTTP2-Settings": None}),
    "h2c without Connection": (with_fields(b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk"), "GET", "/", b"",
                               {"Upgrade": None, "HTTP2-Settings": None}),
    "Upgrade with a body": (with_fields(b"Connection: Upgrade", b"Upgrade: websocket", CL + b"5", method=b"POST", body=b"hello"),
                            "POST", "/", b"hello", {"Upgrade": None}),
    "an own request id": (with_fields(b"X-Request-ID: abc-1.2_3"), "GET", "/", b"", {"X-Request-ID": "abc-1.2_3"}),
    "Connection: close is ours": (with_fields(b"Connection: close"), "GET", "/", b"", {"Connection": None}),
}


class ProxyFraming(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.origin = Origin()
        cls.lbd = Lbd([cls.origin.name], limits={"body": f"{BODY_LIMIT}B"}, timeouts={"head": "5s", "body": "5s"})
        cls.addClassCleanup(cls.origin.stop)
        cls.addClassCleanup(cls.lbd.close)

    def setUp(self):
        self.origin.clear()
        self.origin.script = lambda request, connection: answer(request.body or b"ok")

    def refusals(self) -> int:
        return sum(self.lbd.refused().values())

    def check_next_client(self):
        self.origin.clear()
        said = ask(self.lbd.address, get("/next", "Field: untouched"))
        self.assertEqual((said.status, said.body), (200, b"ok"))
        self.assertEqual([(r.line, r.field("Field"), r.body) for r in self.origin.requests],
                         [("GET /next HTTP/1.1", "untouched", b"")])
        self.assertEqual(self.origin.malformed, [])

    def test_what_is_refused(self):
        for group, cases in REFUSED.items():
            for name, (statuses, octets) in cases.items():
                with self.subTest(group=group, case=name):
                    self.origin.clear()
                    before = self.refusals()
                    with Client(self.lbd.address) as client:
                        said = client.send_what_is_taken(octets).response()
                        self.assertIn(said.status, statuses if isinstance(statuses, tuple) else (statuses,))
                        self.assertEqual(said.field("Content-Type"), "application/problem+json")
                        if not octets.startswith(b"CONNECT"):
                            self.assertTrue(said.closes)
                            self.assertTrue(client.is_closed(), "something came after a refusal")
                    self.assertEqual(self.refusals(), before + 1, self.lbd.refused())
                    self.assertEqual(self.origin.whole, [])
                    self.assertNotIn("/smuggled", [request.target for request in self.origin.requests])
                    if group != "chunks":
                        self.assertEqual(self.origin.requests, [])
                    self.check_next_client()

    def test_what_is_accepted(self):
        for name, (octets, method, target, body, fields) in ACCEPTED.items():
            with self.subTest(case=name):
                self.origin.clear()
                said = ask(self.lbd.address, octets)
                self.assertEqual(said.status, 200)
                self.assertEqual(self.origin.malformed, [])
                self.assertEqual(len(self.origin.requests), 1)
                request = self.origin.requests[0]
                self.assertEqual((request.method, request.target, request.body), (method, target, body))
                for field, value in fields.items():
                    self.assertEqual(request.field(field), value, field)
                self.assertEqual(request.field("X-Forwarded-For"), "127.0.0.1")
                self.check_next_client()

    def test_every_name_of_a_request_is_harmless(self):
        for sent in ("", "a b", "x" * 65, "a\"b", "{}", "a, b"):
            with self.subTest(sent=sent):
                self.origin.clear()
                ask(self.lbd.address, get("/", f"X-Request-ID: {sent}"))
                self.assertRegex(self.origin.requests[0].field("X-Request-ID"), r"\A[0-9a-f]{32}\Z")

    def split_everywhere(self, octets: bytes):
        """One answer for each place where the octets may be cut in two reads."""
        for at in range(1, len(octets)):
            received = self.lbd.metrics()["lbd_client_received_bytes_total"]
            with Client(self.lbd.address) as client:
                client.send(octets[:at])
                wait_until(lambda: self.lbd.metrics()["lbd_client_received_bytes_total"] >= received + at)
                yield at, client.send_what_is_taken(octets[at:]).final_response()

    def test_octets_may_come_cut_anywhere(self):
        for octets, body in ((get("/x", "Field: a"), b"ok"), (post(b"hello"), b"hello"),
                             (b"\r\n" + coded(b"2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\nA: b\r\n\r\n"), b"hello")):
            self.origin.clear()
            for at, said in self.split_everywhere(octets):
                self.assertEqual((said.status, said.body), (200, body), f"cut at {at}")
            self.assertEqual(len(self.origin.whole), len(octets) - 1)
            self.assertEqual({request.body for request in self.origin.whole}, {b"" if body == b"ok" else body})
        self.assertEqual(self.origin.malformed, [])

    def test_a_refusal_is_the_same_wherever_it_is_cut(self):
        for octets in (with_fields(CL + b"3", TE + b"chunked", body=b"0\r\n\r\n"), with_fields(b"A: b", b" c"),
                       coded(b"2\r\nok\n")):
            self.origin.clear()
            for at, said in self.split_everywhere(octets):
                self.assertEqual(said.status, 400, f"cut at {at}")
            self.assertEqual(self.origin.whole, [])

    def test_pipelined_requests_are_answered_in_order(self):
        self.origin.script = lambda request, connection: answer(f"{request.target} {request.body.decode()}".encode())
        requests = [get("/0"), post(b"one", path="/1"), get("/2", "Transfer-Encoding: chunked", method="POST") + chunked(b"t", b"wo"),
                    get("/3", "Connection: Upgrade", "Upgrade: websocket"), post(b"x" * 70_000, path="/4"), get("/5")]
        with Client(self.lbd.address) as client:
            client.send(b"".join(requests))
            said = [client.response().body for _ in requests]
        self.assertEqual(said, [b"/0 ", b"/1 one", b"/2 two", b"/3 ", b"/4 " + b"x" * 70_000, b"/5 "])
        self.assertEqual([request.target for request in self.origin.requests], [f"/{i}" for i in range(6)])

    def test_nothing_behind_a_refused_request_is_read(self):
        with Client(self.lbd.address) as client:
            client.send(get("/first") + with_fields(CL + b"0", TE + b"chunked", body=b"0\r\n\r\n") + SMUGGLED)
            self.assertEqual(client.response().status, 200)
            self.assertEqual(client.response().status, 400)
            self.assertTrue(client.is_closed())
        self.assertEqual([request.target for request in self.origin.requests], ["/first"])

    def test_connect_opens_no_tunnel(self):
        with Client(self.lbd.address) as client:
            client.send(head(b"CONNECT test:80 HTTP/1.1", b"Host: test:80") + SMUGGLED)
            self.assertGreaterEqual(client.response().status, 400)
        self.assertNotIn("CONNECT", [request.method for request in self.origin.requests])

    def test_an_upgrade_nobody_agreed_to_tunnels_nothing(self):
        self.origin.script = lambda request, connection: (
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        with Client(self.lbd.address) as client:
            client.send(get("/", "Connection: Upgrade", "Upgrade: websocket"))
            self.assertEqual(client.final_response().status, 502)
        self.origin.script = lambda request, connection: answer()
        self.check_next_client()

    def test_a_client_that_expects_100_gets_it_before_its_body(self):
        with Client(self.lbd.address) as client:
            for size in (5, 90_000):  # held, and passed on as it comes
                client.send(get("/", f"Content-Length: {size}", "Expect: 100-Continue", method="POST"))
                self.assertEqual(client.head().status, 100)
                self.assertEqual(client.send(b"x" * size).response().body, b"x" * size)
        self.assertEqual([request.field("Expect") for request in self.origin.requests], [None, None])

    def test_a_client_that_expects_100_but_does_not_wait_for_it(self):
        with Client(self.lbd.address) as client:
            client.send(get("/", "Content-Length: 5", "Expect: 100-continue", method="POST") + b"hello" + get("/second"))
            self.assertEqual(client.final_response().body, b"hello")
            self.assertEqual(client.final_response().body, b"ok")

    def test_a_client_of_http_1_0_gets_no_100(self):
        said = []
        with Client(self.lbd.address) as client:
            client.send(head(b"POST / HTTP/1.0", CL + b"5", b"Expect: 100-continue"))
            client.send(b"hello")
            said.append(client.response())
        self.assertEqual([(s.status, s.body) for s in said], [(200, b"hello")])

    def test_http_1_0_connections_end_unless_asked_to_stay(self):
        with Client(self.lbd.address) as client:
            said = client.send(head(b"GET / HTTP/1.0")).response()
            self.assertTrue(said.complete and client.is_closed())
        with Client(self.lbd.address) as client:
            for _ in range(2):
                said = client.send(head(b"GET / HTTP/1.0", b"Connection: keep-alive")).response()
                self.assertEqual((said.body, said.field("Connection")), (b"ok", "keep-alive"))

    def test_http_1_0_clients_never_meet_chunks(self):
        self.origin.script = lambda request, connection: (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"he", b"llo"))
        with Client(self.lbd.address) as client:
            said = client.send(head(b"GET / HTTP/1.0", b"Connection: keep-alive")).response()
        self.assertEqual((said.field("Transfer-Encoding"), said.body, said.complete), (None, b"hello", True))

    def test_head_has_the_fields_of_get_and_no_body(self):
        self.origin.script = lambda request, connection: (
            answer(b"0123456789") if request.method == "GET" else b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
        with Client(self.lbd.address) as client:
            for method in ("HEAD", "GET", "HEAD"):
                said = client.send(get("/", method=method)).response(method)
                self.assertEqual(said.field("Content-Length"), "10")
                self.assertEqual(said.body, b"0123456789" if method == "GET" else b"")

    def test_a_connection_that_asks_to_close_is_closed(self):
        with Client(self.lbd.address) as client:
            said = client.send(get("/", "Connection: Close")).response()
            self.assertTrue(said.closes and client.is_closed())

    def test_a_client_that_sends_no_more_is_answered_and_let_go(self):
        """Its end may come together with its request: neither may be lost."""
        for octets, answers in ((get(), 1), (get() * 3, 3), (post(b"hello"), 1), (coded(chunked(b"hello")), 1)):
            with self.subTest(octets=octets[:20], answers=answers), Client(self.lbd.address, 3) as client:
                client.send(octets).sock.shutdown(socket.SHUT_WR)
                for _ in range(answers):
                    self.assertEqual(client.response().status, 200)
                self.assertTrue(client.is_closed())

    def test_a_request_cut_by_its_client_never_looks_whole(self):
        for octets in (post(b"x" * 90_000)[:-1], coded(b"5\r\nhel"), coded(b"5\r\nhello\r\n"), coded(b"5\r\nhello\r\n0\r\n")):
            with self.subTest(octets=octets[:40]):
                self.origin.clear()
                with Client(self.lbd.address) as client:
                    client.send(octets)
                    wait_until(lambda: self.origin.requests)
                wait_until(lambda: not self.lbd.metrics()["lbd_client_connections_active"])
                self.assertEqual(self.origin.whole, [])
                self.check_next_client()

    def test_fields_come_once_each(self):
        """What lbd writes itself stands beside nothing that a client wrote."""
        ask(self.lbd.address, get("/", "X-Forwarded-For: a", "X-Forwarded-For: b", "X-Request-ID: c", "X-Request-ID: d"))
        for name in ("Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Request-ID"):
            self.assertEqual(len(values(self.origin.requests[0].fields, name)), 1, name)


if __name__ == "__main__":
    unittest.main()
