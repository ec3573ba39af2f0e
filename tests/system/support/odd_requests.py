"""Requests as raw octets that look odd and that lbd must pass on, and as what."""

from .hostile_requests import BODY_LIMIT, CL, SMUGGLED, TE, coded, head, line, with_fields
from .wire import chunked, get, post


def none(*names: str) -> dict[str, None]:
    return dict.fromkeys(names)


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
    "HTTP/1.0 without Host": (
        head(b"GET / HTTP/1.0"), "GET", "/", b"", {"Host": "origins", "X-Forwarded-Host": None}),
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
    "sizes in both cases": (coded(b"A\r\n0123456789\r\na\r\n0123456789\r\n000\r\n\r\n"), "POST", "/", b"0123456789" * 2,
                            {}),
    "extensions": (coded(b'2;a=b;c="d e"\r\nok\r\n0;x\r\n\r\n'), "POST", "/", b"ok", {}),
    "trailers are dropped": (
        coded(b"2\r\nok\r\n0\r\nHost: evil\r\nContent-Length: 9\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n"), "POST", "/",
        b"ok", {"Host": "test", "X-Forwarded-For": "127.0.0.1", "Content-Length": None}),
    "a request for a body": (coded(chunked(SMUGGLED)), "POST", "/", SMUGGLED, {}),
    "largest body": (post(b"x" * BODY_LIMIT), "POST", "/", b"x" * BODY_LIMIT, {}),
    "fields of one hop": (
        with_fields(b"Connection: keep-alive, X-Hop, x-other", b"X-Hop: a", b"X-OTHER: b", b"Keep-Alive: 5",
                    b"Proxy-Connection: close", b"TE: trailers", b"Trailer: A", b"Proxy: evil"), "GET", "/", b"",
        none("X-Hop", "X-Other", "Keep-Alive", "Proxy-Connection", "Trailer", "Proxy")),
    "fields that Connection must not take away": (
        with_fields(b"Connection: Host, Content-Length, X-Forwarded-For, X-Forwarded-Proto, X-Request-ID",
                    b"Connection: Authorization, Cookie, Idempotency-Key", CL + b"5", b"Authorization: Basic eA==",
                    b"Cookie: a=b", b"Idempotency-Key: k", method=b"POST", body=b"hello"), "POST", "/", b"hello",
        {"Host": "test", "Content-Length": "5", "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http",
         "Authorization": "Basic eA==", "Cookie": "a=b", "Idempotency-Key": "k"}),
    "forwarding fields of a stranger": (
        with_fields(b"X-Forwarded-For: 6.6.6.6", b"X-Forwarded-Proto: https", b"X-Forwarded-Host: evil",
                    b"X-Forwarded-Port: 1", b"X-Real-IP: 6.6.6.6", b"Forwarded: for=6.6.6.6"), "GET", "/", b"",
        {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "test",
         "Forwarded": 'for=127.0.0.1;host="test";proto=http', **none("X-Forwarded-Port", "X-Real-IP")}),
    "aliases of trusted names": (
        with_fields(b"X_Forwarded_For: 6.6.6.6", b"X-Forwarded_Proto: https", b"Content_Length: 9",
                    b"Transfer_Encoding: chunked", b"X_Real_IP: 6.6.6.6", b"X_Request_ID: x"), "GET", "/", b"",
        none("X_Forwarded_For", "X-Forwarded_Proto", "Content_Length", "Transfer_Encoding", "X_Real_IP",
             "X_Request_ID")),
    "h2c": (
        with_fields(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk"), "GET", "/",
        b"", none("Connection", "Upgrade", "HTTP2-Settings")),
    "h2c without Connection": (
        with_fields(b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk"), "GET", "/", b"", none("Upgrade", "HTTP2-Settings")),
    "Upgrade with a body": (
        with_fields(b"Connection: Upgrade", b"Upgrade: websocket", CL + b"5", method=b"POST", body=b"hello"), "POST",
        "/", b"hello", none("Upgrade")),
    "an own request id": (with_fields(b"X-Request-ID: abc-1.2_3"), "GET", "/", b"", {"X-Request-ID": "abc-1.2_3"}),
    "Connection: close is ours": (with_fields(b"Connection: close"), "GET", "/", b"", none("Connection")),
}
