"""lbd between programs that others wrote: nginx and HAProxy as endpoints, curl, wrk, h2load and a WebSocket library
as clients. They also judge it: what lbd passes on must never be malformed in their eyes."""

import asyncio
import gzip
import hashlib
import os
import subprocess
import sys
import tempfile
import threading
import unittest

sys.dont_write_bytecode = True

import websockets  # noqa: E402

from support import peers  # noqa: E402
from support.lbd_process import Lbd  # noqa: E402
from support.load import Load  # noqa: E402
from support.odd_requests import ACCEPTED  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import Client, ask, chunked, get, post  # noqa: E402

MIB = 1 << 20
TEXT = b"All work and no play makes a test a dull test.\n" * 200
LARGE = os.urandom(MIB) * 24
BODIES = {"limits": {"body": "64MiB"}}


def digest(octets: bytes) -> str:
    return hashlib.sha256(octets).hexdigest()


class Peers(unittest.TestCase):
    def start(self, *endpoints, **settings) -> Lbd:
        for endpoint in endpoints:
            self.addCleanup(endpoint.stop if isinstance(endpoint, Origin) else endpoint.close)
        self.lbd = Lbd([endpoint.name for endpoint in endpoints], **{**BODIES, **settings})
        self.addCleanup(self.lbd.close)
        return self.lbd

    def opened(self) -> int:
        return int(self.lbd.metrics()["lbd_upstream_connections_total"])

    def run_client(self, *argv: str, stdin: bytes | None = None) -> subprocess.CompletedProcess:
        return subprocess.run(argv, input=stdin, capture_output=True, timeout=30, check=False)


class NginxAsEndpoint(Peers):
    def setUp(self):
        self.start(peers.nginx({"small": b"small\n", "text": TEXT, "large": LARGE, "empty": b""},
                               "location = /moved { return 302 /small; } location = /none { return 204; }"
                               "location = /broken { return 503; }"))

    def test_connections_are_kept_and_used_again(self):
        with Client(self.lbd.address) as client:
            for path in ("/small", "/text", "/none", "/moved", "/nothing", "/empty", "/broken", "/large") * 5:
                said = client.send(get(path)).response()
                self.assertTrue(said.complete)
                special = {"/none": 204, "/moved": 302, "/nothing": 404, "/broken": 503}
                self.assertEqual(said.status, special.get(path, 200))
        self.assertEqual(self.opened(), 1)

    def test_large_bodies(self):
        with Client(self.lbd.address) as client:
            for _ in range(3):
                self.assertEqual(digest(client.send(get("/large")).response().body), digest(LARGE))
            said = client.send(get("/large", method="HEAD")).response("HEAD")
            self.assertEqual((said.field("Content-Length"), said.body), (str(len(LARGE)), b""))

    def test_compressed_and_chunked(self):
        with Client(self.lbd.address) as client:
            for _ in range(3):
                said = client.send(get("/text", "Accept-Encoding: gzip")).response()
                self.assertEqual((said.field("Content-Encoding"), said.field("Transfer-Encoding")), ("gzip", "chunked"))
                self.assertEqual(gzip.decompress(said.body), TEXT)
                self.assertIn("Accept-Encoding", said.field("Vary"))
                self.assertEqual(client.send(get("/text")).response().body, TEXT)

    def test_conditions_and_ranges(self):
        with Client(self.lbd.address) as client:
            whole = client.send(get("/large", method="HEAD")).response("HEAD")
            for condition in (f"If-None-Match: {whole.field('ETag')}",
                              f"If-Modified-Since: {whole.field('Last-Modified')}"):
                said = client.send(get("/large", condition)).response()
                self.assertEqual((said.status, said.body, said.field("ETag")), (304, b"", whole.field("ETag")))
            self.assertEqual(client.send(get("/large", 'If-Match: "other"')).response().status, 412)
            said = client.send(get("/large", "Range: bytes=1000-1999")).response()
            self.assertEqual((said.status, said.body, said.field("Content-Range")),
                             (206, LARGE[1000:2000], f"bytes 1000-1999/{len(LARGE)}"))
            said = client.send(get("/large", "Range: bytes=-5")).response()
            self.assertEqual((said.status, said.body), (206, LARGE[-5:]))
            said = client.send(get("/small", "Range: bytes=0-1,4-5")).response()
            self.assertEqual(said.status, 206)
            self.assertIn(b"sm", said.body)
            self.assertEqual(client.send(get("/small", "Range: bytes=100-")).response().status, 416)
        self.assertLessEqual(self.opened(), 2)  # behind a 412 nginx closes

    def test_an_upload_that_nobody_wants(self):
        """nginx refuses at once and throws the body away, or does not read it at all."""
        for body in (b"x" * 1000, b"x" * 300_000, b"x" * 4 * MIB):
            with Client(self.lbd.address) as client:
                said = client.send_what_is_taken(post(body, path="/small")).response()
                self.assertEqual((said.status, said.complete), (405, True))
                if not said.closes:
                    self.assertEqual(client.send(get("/small")).response().body, b"small\n")
        self.assertEqual(ask(self.lbd.address, get("/small")).body, b"small\n")

    def test_it_never_finds_what_lbd_passes_on_malformed(self):
        for name, (octets, method, *_rest) in ACCEPTED.items():
            if name == "asterisk":  # nginx does not know OPTIONS *
                continue
            with self.subTest(case=name):
                said = ask(self.lbd.address, octets, method)
                # It knows no method but its own, and 405 is what it thinks of POST: neither is a malformed request.
                self.assertNotIn(said.status, (400, 411, 414, 431, 501, 502), said.body[:300])

    def test_clients_of_others(self):
        url = f"http://127.0.0.1:{self.lbd.address[1]}"
        for argv, expected in ((["--http1.0"], b"small\n"), (["--http1.1"], b"small\n"), (["--http2"], b"small\n"),
                               (["-H", "Connection: close"], b"small\n"), (["-I"], b"200")):
            done = self.run_client("curl", "-sS", "-m", "10", *argv, f"{url}/small")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(expected, done.stdout)
        done = self.run_client("curl", "-sS", "-m", "10", "--compressed", f"{url}/text")
        self.assertEqual(done.stdout, TEXT)
        done = self.run_client("curl", "-sS", "-m", "20", f"{url}/large", f"{url}/small", f"{url}/large")
        self.assertEqual(digest(done.stdout), digest(LARGE + b"small\n" + LARGE))
        said = self.run_client("wrk", "-t1", "-c16", "-d1s", f"{url}/small").stdout.decode()
        self.assertRegex(said, r"\d+ requests in")
        self.assertNotRegex(said, "Non-2xx|Socket errors", said)
        said = self.run_client("h2load", "--h1", "-n2000", "-c10", "-m4", f"{url}/small").stdout.decode()
        self.assertIn("2000 succeeded, 0 failed, 0 errored", said)


class KeepAliveRaces(Peers):
    """Endpoints that end their connections at the moment they are used again."""

    def check_nobody_notices(self):
        with Load(self.lbd.address, threads=6, interval=0.001, request=lambda _: get("/small")) as load:
            load.await_answers(1500)
        self.assertEqual(load.failures, [])

    def test_nginx_closes_after_a_few_requests(self):
        self.start(peers.nginx({"small": b"small\n"}, http="keepalive_requests 3;"))
        self.check_nobody_notices()

    def test_nginx_closes_after_a_short_while(self):
        self.start(peers.nginx({"small": b"small\n"}, http="keepalive_timeout 10ms;"))
        self.check_nobody_notices()

    def test_haproxy_closes_after_a_short_while(self):
        self.start(peers.haproxy("http-request return status 200 content-type text/plain string small",
                                 "timeout http-keep-alive 3ms"))
        self.check_nobody_notices()

    def test_nginx_reloads(self):
        server = peers.nginx({"small": b"small\n"})
        self.start(server)
        with Load(self.lbd.address, threads=6, interval=0.001, request=lambda _: get("/small")) as load:
            for _ in range(5):
                load.await_answers(200)
                os.kill(server.process.pid, 1)
            load.await_answers(200)
        self.assertEqual(load.failures, [])


class HaproxyAsEndpoint(Peers):
    def setUp(self):
        self.origin = Origin(lambda request, connection: answer(request.digest.hexdigest().encode()))
        self.addCleanup(self.origin.stop)
        self.start(peers.haproxy_before(self.origin.name))

    def test_uploads(self):
        body = LARGE[:8 * MIB]
        for octets in (post(body), post(b"x" * 1000), post(b""),
                       get("/", "Transfer-Encoding: chunked", method="POST") + chunked(body, b"x")):
            said = ask(self.lbd.address, octets)
            self.assertEqual(said.status, 200)
        self.assertEqual([request.length for request in self.origin.whole], [8 * MIB, 1000, 0, 8 * MIB + 1])
        self.assertEqual(self.origin.whole[0].digest.hexdigest(), digest(body))

    def test_curl_uploads(self):
        url = f"http://127.0.0.1:{self.lbd.address[1]}/"
        with tempfile.NamedTemporaryFile() as file:
            file.write(LARGE)
            file.flush()
            for argv in (["-T", file.name], ["--data-binary", f"@{file.name}"], ["--http1.0", "-T", file.name],
                         ["-T", "-"], ["--data-binary", f"@{file.name}", "-H", "Expect: 100-continue"]):
                done = self.run_client("curl", "-sS", "-m", "20", *argv, url, stdin=LARGE if "-" in argv else None)
                self.assertEqual(done.stdout.decode(), digest(LARGE), (argv, done.stderr))

    def test_it_never_finds_what_lbd_passes_on_malformed(self):
        for name, (octets, method, *_rest) in ACCEPTED.items():
            if name == "asterisk":  # HAProxy answers OPTIONS * itself, elsewhere
                continue
            with self.subTest(case=name):
                self.assertEqual(ask(self.lbd.address, octets, method).status, 200)


class WebSockets(Peers):
    def serve(self) -> int:
        """An echo of the library; gives its port."""
        ready = threading.Event()
        self.port = 0

        async def echo(socket):
            async for message in socket:
                await socket.send(message)

        async def main():
            self.stopping = asyncio.get_running_loop().create_future()
            async with websockets.serve(echo, "127.0.0.1", 0, max_size=None) as server:
                self.port = server.sockets[0].getsockname()[1]
                ready.set()
                await self.stopping
        self.loop = asyncio.new_event_loop()
        thread = threading.Thread(target=self.loop.run_until_complete, args=(main(),), daemon=True)
        thread.start()
        self.assertTrue(ready.wait(5))

        def stop():
            self.loop.call_soon_threadsafe(self.stopping.set_result, None)
            thread.join(5)
            self.loop.close()
        self.addCleanup(stop)
        return self.port

    def test_a_library_talks_to_a_library(self):
        self.lbd = Lbd([f"127.0.0.1:{self.serve()}"])
        self.addCleanup(self.lbd.close)

        async def talk(number: int):
            url = f"ws://127.0.0.1:{self.lbd.address[1]}/{number}"
            async with websockets.connect(url, max_size=None) as socket:
                for message in ("hello", "", "견적", b"\0" * 70_000, os.urandom(2 * MIB), "x" * 125, "x" * 126):
                    await socket.send(message)
                    self.assertEqual(await asyncio.wait_for(socket.recv(), 10), message)
                pong = await socket.ping()
                await asyncio.wait_for(pong, 10)

        async def all_at_once():
            await asyncio.gather(*[talk(number) for number in range(8)])
        asyncio.run(all_at_once())
        self.assertEqual(self.lbd.refused(), {})


if __name__ == "__main__":
    unittest.main()
