"""conf/examples: each is right, starts, and does what its first lines promise."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

from support.certificates import Authority, TlsClient  # noqa: E402
from support.lbd_process import PROGRAM, REPOSITORY, die_with_the_test  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import Client, ask, get, post, wait_until  # noqa: E402

EXAMPLES = os.path.join(REPOSITORY, "conf", "examples")


class Example:
    """lbd with an example's file, its addresses replaced by ones of this test."""

    def __init__(self, name: str, origins: dict[str, Origin], secrets: str = "/nowhere"):
        with open(os.path.join(EXAMPLES, name + ".yaml"), encoding="utf-8") as file:
            text = file.read()
        for address, origin in origins.items():
            text = text.replace(f'"{address}"', f'"{origin.name}"')
        text = text.replace("/etc/mainstay/tls", secrets).replace("0.0.0.0:443", "127.0.0.1:0")
        if re.search(r'"10\.0\.0\.\d+:', text):
            raise AssertionError(f"{name} has endpoints that this test does not know")
        self.folder = tempfile.TemporaryDirectory(prefix="lbd-test-")
        text = text.replace("0.0.0.0:80", "127.0.0.1:0").replace("/run/lbd", self.folder.name)
        text = text.replace("127.0.0.1:9101", "127.0.0.1:0")
        if "\nadmin:" not in text:
            text += "\nadmin: {listen: 127.0.0.1:0}\n"
        text += "\nworkers: 2\n"
        path = os.path.join(self.folder.name, "lbd.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        self.log_path = os.path.join(self.folder.name, "log")
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen([PROGRAM, "--config", path], stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, preexec_fn=die_with_the_test)
        self.address = self._address("listening")
        self.admin = self._address("admin is listening")

    def _address(self, message: str) -> tuple[str, int]:
        def said():
            with open(self.log_path, encoding="utf-8") as file:
                text = file.read()
            if self.process.poll() is not None:
                raise RuntimeError(f"lbd left with {self.process.returncode}: {text}")
            lines = [json.loads(line) for line in text[:text.rfind("\n") + 1].splitlines()]
            return [line for line in lines if line.get("msg") == message]
        host, _, port = wait_until(said, what=message)[0]["address"].rpartition(":")
        return host, int(port)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.folder.cleanup()


class Examples(unittest.TestCase):
    def origin(self, name: str) -> Origin:
        origin = Origin(lambda request, connection: answer(name.encode()))
        self.addCleanup(origin.stop)
        return origin

    def start(self, name: str, **origins: Origin) -> Example:
        """`a_21_8080=origin` stands for 10.0.0.21:8080."""
        places = {f"10.0.0.{key.split('_')[1]}:{key.split('_')[2]}": origin for key, origin in origins.items()}
        example = Example(name, places)
        self.addCleanup(example.close)
        return example

    def two(self, name: str) -> tuple[Origin, Origin, Example]:
        first, second = self.origin("first"), self.origin("second")
        return first, second, self.start(name, a_21_8080=first, a_22_8080=second)

    def test_every_example_is_right_as_it_stands(self):
        # tls.yaml names files that only its own test has.
        names = sorted(name for name in os.listdir(EXAMPLES) if not name.startswith("vrrpd") and name != "tls.yaml")
        self.assertGreaterEqual(len(names), 6)
        for name in names:
            with self.subTest(example=name):
                # In a network where nobody listens yet: what has port 80 here is no matter of the file.
                said = subprocess.run(["unshare", "--net", PROGRAM, "--config", os.path.join(EXAMPLES, name), "--check"],
                                      capture_output=True, text=True, check=False)
                self.assertEqual((said.returncode, said.stderr), (0, ""))

    def test_single(self):
        first, second, lbd = self.two("single")
        said = {ask(lbd.address, get()).body for _ in range(8)}
        self.assertEqual(said, {b"first", b"second"})
        self.assertTrue(os.path.exists(os.path.join(lbd.folder.name, "admin.sock")))

    def test_pair_is_not_ready_without_its_application_and_ready_without_search(self):
        first, second, search = self.origin("first"), self.origin("second"), self.origin("search")
        lbd = self.start("pair", a_21_8080=first, a_22_8080=second, a_31_9200=search)
        self.assertEqual(ask(lbd.address, get("/search/x")).body, b"search")
        search.stop()
        self.assertEqual(ask(lbd.admin, get("/readyz", "Connection: close")).status, 200)
        for origin in (first, second):
            origin.stop()
        wait_until(lambda: ask(lbd.admin, get("/readyz", "Connection: close")).status == 503, what="not ready")

    def test_canary(self):
        stable, canary = self.origin("stable"), self.origin("canary")
        lbd = self.start("canary", a_21_8080=stable, a_22_8080=self.origin("stable"), a_31_8080=canary)
        self.assertEqual(ask(lbd.address, get("/", "X-Canary: 1")).body, b"canary")
        said = {ask(lbd.address, get()).body for _ in range(10)}
        self.assertEqual(len(said), 1)  # one address stays with one version

    def test_sticky(self):
        _, _, lbd = self.two("sticky")
        said = ask(lbd.address, get())
        cookie = said.field("Set-Cookie").split(";")[0]
        self.assertTrue(cookie.startswith("lbd_sticky="))
        self.assertEqual({ask(lbd.address, get("/", f"Cookie: {cookie}")).body for _ in range(10)}, {said.body})

    def test_websocket(self):
        page, live = self.origin("page"), self.origin("live")

        def upgrade(request, connection):
            connection.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
            connection.send(connection.reader.some(5).upper())
            connection.close()
        live.script = upgrade
        lbd = self.start("websocket", a_21_8080=page, a_22_8080=self.origin("page"), a_21_8090=live,
                         a_22_8090=live_twin(self, upgrade))
        self.assertEqual(ask(lbd.address, get()).body, b"page")
        with Client(lbd.address) as client:
            said = client.send(get("/live", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")).head()
            self.assertEqual(said.status, 101)
            client.send(b"hello")
            self.assertEqual(client.rest(), b"HELLO")

    def test_tls_on_the_whole_way_and_from_http_to_https(self):
        authority = Authority()
        self.addCleanup(authority.remove)
        authority.make("www", "www.test")
        inner = authority.server_context(authority.make("app", "app.internal"))
        os.rename(authority.file, authority.path("inner-ca.pem"))
        subprocess.run([os.path.join(os.path.dirname(PROGRAM), "lbctl"), "ticket-keys", authority.path("tickets")],
                       check=True, capture_output=True)
        first, second = self.origin("first"), self.origin("second")
        first.tls = second.tls = inner
        example = Example("tls", {"10.0.0.21:8443": first, "10.0.0.22:8443": second}, authority.folder)
        self.addCleanup(example.close)
        with open(example.log_path, encoding="utf-8") as file:
            ports = [int(line["address"].rpartition(":")[2]) for line in map(json.loads, file)
                     if line.get("msg") == "listening"]
        said = ask(("127.0.0.1", ports[0]), get("/x?y", host="www.test"))
        self.assertEqual((said.status, said.field("Location")), (308, "https://www.test/x?y"))
        authority.file = authority.path("inner-ca.pem")
        wait_until(lambda: ask(example.admin, get("/readyz", "Connection: close")).status == 200, what="ready")
        with TlsClient(("127.0.0.1", ports[1]), authority.context()) as client:
            said = client.send(get("/x", host="www.test")).response()
            self.assertIn(said.body, (b"first", b"second"))
            self.assertEqual(said.field("Strict-Transport-Security"), "max-age=31536000")

    def test_rate_limited(self):
        _, _, lbd = self.two("rate-limited")
        logins = [ask(lbd.address, post(b"x", path="/api/login")).status for _ in range(6)]
        self.assertEqual(logins, [200] * 5 + [429])
        said = ask(lbd.address, get("/api/x"))
        self.assertEqual(said.status, 200)
        self.assertIn("api", said.field("RateLimit-Policy"))
        self.assertEqual(ask(lbd.address, get("/x")).status, 404)


def live_twin(test: Examples, script) -> Origin:
    origin = Origin(script)
    test.addCleanup(origin.stop)
    return origin


if __name__ == "__main__":
    unittest.main()
