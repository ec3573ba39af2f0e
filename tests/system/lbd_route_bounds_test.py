"""Limits and timeouts that a route has of its own: they hold there, in HTTP/1.1 and HTTP/2, and the site's hold elsewhere."""

import json
import sys
import threading
import unittest

sys.dont_write_bytecode = True

from support.http2_case import Http2Case  # noqa: E402
from support.origin import answer  # noqa: E402
from support.wire import SECONDS, Client, ask, chunked, get, post, wait_until  # noqa: E402

SITE = 1000  # octets
LARGE = 64 * 1024  # more than is held, so that it streams
SMALL = 10
SHORT = "150ms"
LONG = "1m"
KINDS = ("body", "first_byte", "between_bytes", "total", "tunnel")


def routes(**own) -> list[dict]:
    """`/own` with settings of its own, and one for all else."""
    return [{"path": "/", "upstream": "origins"}, {"path": "/own", "upstream": "origins", **own}]


class Bodies(Http2Case):
    def put(self, way: str, path: str, size: int) -> tuple[int, int]:
        """Status, and how many requests reached the endpoint whole."""
        self.origin.clear()
        body = b"x" * size
        if way == "counted":
            status = ask(self.lbd.address, post(body, path=path)).status
        elif way == "chunked":
            status = ask(self.lbd.address, get(path, "Transfer-Encoding: chunked", method="POST") + chunked(body)).status
        else:
            more = [("content-length", str(size))] if way == "HTTP/2" else []
            status = self.connect().ask(path, "POST", *more, content=body).status
        return status, len(self.origin.whole)

    def test_each_route_takes_what_it_says(self):
        self.start(lambda request, connection: answer(), limits={"body": f"{SITE}B"}, routes=[
            *routes(limits={"body": f"{LARGE}B"}), {"path": "/own/small", "upstream": "origins", "limits": {"body": f"{SMALL}B"}}])
        for way in ("counted", "chunked", "HTTP/2", "HTTP/2, not counted"):
            for path, most in (("/", SITE), ("/own", LARGE), ("/own/small", SMALL)):
                with self.subTest(way=way, path=path):
                    before = self.lbd.refused().get("body_too_large", 0)
                    self.assertEqual(self.put(way, path, most), (200, 1))
                    self.assertEqual(self.put(way, path, most + 1), (413, 0))
                    self.assertEqual(self.lbd.refused(), {"body_too_large": before + 1})

    def test_a_reload_changes_them(self):
        self.start(lambda request, connection: answer(), limits={"body": f"{SITE}B"}, routes=routes())
        self.assertEqual(self.put("counted", "/own", SITE + 1), (413, 0))
        self.lbd.configure({**self.lbd.settings, "routes": routes(limits={"body": f"{LARGE}B"})})
        self.assertEqual(self.lbd.reload()["msg"], "reloaded")
        self.assertEqual(self.put("counted", "/own", SITE + 1), (200, 1))

    def test_content_that_nobody_waits_for_is_not_asked_for(self):
        self.start(limits={"body": f"{SITE}B"}, routes=routes(limits={"body": f"{SMALL}B"}))
        with Client(self.lbd.address) as client:
            head = get("/own", f"Content-Length: {SMALL + 1}", "Expect: 100-continue", method="POST")
            self.assertEqual(client.send(head).response().status, 413)
        self.assertEqual(self.origin.requests, [])


class Timeouts(Http2Case):
    """Of two requests that stall in the same way, the one whose limit is long begins first: when the other's has struck,
    its own would have, too."""

    def script(self, request, connection):
        """The request stalls its endpoint as its kind says, until it is `released`."""
        kind = request.target.rpartition("/")[2]
        released = self.released[request.target]
        if kind == "between_bytes":
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no")
            released.wait(SECONDS)
            connection.send(b"k")
        elif kind == "tunnel":
            connection.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: test\r\n\r\n")
            released.wait(SECONDS)
            connection.send(b"ok")
            connection.close()
        else:
            if kind != "body":
                released.wait(SECONDS)
            return answer()
        return None

    def begin(self, path: str, kind: str) -> Client:
        client = Client(self.lbd.address)
        self.addCleanup(client.close)
        if kind == "body":
            return client.send(post(b"hello", path=path)[:-1])
        return client.send(get(path, *(["Connection: upgrade", "Upgrade: test"] if kind == "tunnel" else [])))

    def finish(self, client: Client, path: str, kind: str) -> None:
        self.released[path].set()
        if kind == "body":
            client.send(b"o")
        said = client.final_response() if kind != "tunnel" else client.head()
        if kind == "tunnel":
            self.assertEqual((said.status, client.rest()), (101, b"ok"))
        else:
            self.assertEqual((said.status, said.complete, said.body), (200, True, b"ok"))

    def settings(self, kind: str, site: str, own: str) -> dict:
        upstream = {"timeouts": {"first_byte": LONG, "between_bytes": LONG}}
        timeouts = {}
        if kind in upstream["timeouts"]:
            upstream["timeouts"][kind] = site
        else:
            timeouts[kind] = site
        return {"timeouts": timeouts, "upstream": upstream, "routes": routes(timeouts={kind: own})}

    def test_each_is_the_routes_own(self):
        for kind in KINDS:
            for site, own in ((LONG, SHORT), (SHORT, LONG)):
                with self.subTest(kind=kind, own=own):
                    paths = [f"/own/{kind}", f"/{kind}"]
                    patient, hasty = paths if own == LONG else reversed(paths)
                    self.released = {path: threading.Event() for path in paths}
                    for event in self.released.values():
                        self.addCleanup(event.set)
                    self.start(self.script, **self.settings(kind, site, own))
                    stays = self.begin(patient, kind)
                    wait_until(lambda: self.lbd.metrics()["lbd_http_requests_active"] == 1, what="the first request")
                    goes = self.begin(hasty, kind)
                    counter = f'lbd_timeouts_total{{kind="{kind}"}}'
                    wait_until(lambda: self.lbd.metrics()[counter] == 1, what=f"{kind} being counted")
                    self.finish(stays, patient, kind)
                    self.assertEqual(self.lbd.metrics()[counter], 1)
                    if kind in ("body", "first_byte"):
                        said = goes.final_response()
                        self.assertEqual((said.status, json.loads(said.body)["code"]),
                                         (408, "body_timeout") if kind == "body" else (504, "answer_timeout"))

    def test_a_stream_has_its_routes(self):
        self.released = {"/own/first_byte": threading.Event(), "/first_byte": threading.Event()}
        for event in self.released.values():
            self.addCleanup(event.set)
        self.start(self.script, **self.settings("first_byte", LONG, SHORT))
        client = self.connect()
        patient = client.begin("/first_byte")
        said = client.ask("/own/first_byte")
        self.assertEqual(said.status, 504)
        self.released["/first_byte"].set()
        self.assertEqual(client.response(patient).status, 200)


if __name__ == "__main__":
    unittest.main()
