"""Files of an upstream's TLS that change while lbd runs: new connections go by them, nobody's request is lost, and what does not
fit together changes nothing."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import unittest

sys.dont_write_bytecode = True

from support.certificates import Authority  # noqa: E402
from support.http2_case import PATIENCE  # noqa: E402
from support.lbd_process import PROGRAM, Lbd, merge  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import Client, ask, get, wait_until  # noqa: E402

READS = 'lbd_tls_certificate_reads_total{side="upstream",result="%s"}'
LOADERS = 3
LBCTL = os.path.join(os.path.dirname(PROGRAM), "lbctl")


def put(content: str, target: str) -> None:
    """As renewals do: the file is there whole, or as it was."""
    with open(target + ".new", "w", encoding="ascii") as file:
        file.write(content)
    shutil.copymode(target, target + ".new")
    os.rename(target + ".new", target)


def text(*paths: str) -> str:
    return "".join(pathlib.Path(path).read_text("ascii") for path in paths)


class Renewal(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority, cls.next_authority = Authority("the first"), Authority("the next")
        for authority in (cls.authority, cls.next_authority):
            cls.addClassCleanup(authority.remove)
        cls.app = cls.authority.make("app", "app.internal")
        cls.next_app = cls.next_authority.make("app", "app.internal")
        cls.old, cls.new = (cls.authority.make(name, f"{name}.lbd.internal") for name in ("old", "new"))

    def setUp(self):
        """Endpoints answer with the number of the certificate that lbd has shown."""
        self.ours = {name: self.authority.path("ours" + os.path.splitext(file)[1]) for name, file in self.old.items()}
        self.ca = self.authority.path("trusted.pem")
        for source, target in ((self.authority.file, self.ca), *((self.old[name], self.ours[name]) for name in self.old)):
            shutil.copy(source, target)
        self.origin = Origin(self.script)
        self.addCleanup(self.origin.stop)
        self.origin.tls = self.authority.server_context(self.app, ask_clients=True)
        upstream = {"tls": {"ca_file": self.ca, "server_name": "app.internal", **self.ours},
                    "check": {"enabled": True, "interval": "100ms", "timeout": "20s"}}
        self.lbd = Lbd([self.origin.name], merge(upstream, PATIENCE["upstream"]), overload=PATIENCE["overload"])
        self.addCleanup(self.lbd.close)
        wait_until(self.lbd.is_ready, what="ready")
        self.failures, self.answered, self.stopping = [], 0, threading.Event()
        self.loaders = [threading.Thread(target=self.load) for _ in range(LOADERS)]

    def script(self, request, connection) -> bytes | None:
        serial = connection.sock.getpeercert()["serialNumber"].encode()
        if request.target != "/slow":
            return answer(serial)
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (2 * len(serial)) + serial)
        self.go_on.wait()
        return serial

    def load(self) -> None:
        while not self.stopping.is_set():
            try:
                said = ask(self.lbd.address, get())
                if said.status != 200:
                    self.failures.append(said.status)
            except OSError as error:
                self.failures.append(repr(error))
            self.answered += 1

    def begin_load(self) -> None:
        self.addCleanup(self.stopping.set)
        for loader in self.loaders:
            loader.start()
        self.some_more()

    def some_more(self) -> None:
        least = self.answered + 20
        wait_until(lambda: self.answered > least, what="requests being answered")

    def check_load(self) -> None:
        self.some_more()
        self.stopping.set()
        for loader in self.loaders:
            loader.join()
        self.assertEqual(self.failures, [])

    def reads(self, result: str) -> int:
        return int(self.lbd.metrics()[READS % result])

    def await_reads(self, result: str, count: int) -> None:
        wait_until(lambda: self.reads(result) == count, what=f"reads that are {result}")

    def shown(self) -> str:
        return ask(self.lbd.address, get()).body.decode()

    def test_our_certificate_is_renewed_under_load(self):
        self.begin_load()
        self.go_on = threading.Event()
        self.addCleanup(self.go_on.set)
        before = self.shown()
        with Client(self.lbd.address) as slow:
            slow.send(get("/slow"))
            wait_until(lambda: any(request.target == "/slow" for request in self.origin.whole), what="the slow request")
            put(text(self.new["certificate_file"]), self.ours["certificate_file"])  # the key is still the old one's
            self.await_reads("refused", 1)
            told = self.lbd.said("the certificates stay as they were")[0]
            self.assertEqual(told["upstream"], "origins")
            self.some_more()
            self.assertEqual(self.shown(), before)
            put(text(self.new["key_file"]), self.ours["key_file"])
            self.await_reads("applied", 1)
            wait_until(lambda: self.shown() != before, what="the new certificate")
            self.go_on.set()
            self.assertEqual(slow.response().body.decode(), 2 * before)
        self.check_load()
        self.assertNotEqual(self.shown(), before)
        self.assertEqual((self.reads("refused"), self.reads("applied")), (1, 1))

    def test_authorities_change_under_load_and_the_old_one_is_believed_no_more(self):
        self.begin_load()
        put("nothing\n", self.ca)
        self.await_reads("refused", 1)
        self.some_more()
        put(text(self.authority.file, self.next_authority.file), self.ca)
        self.await_reads("applied", 1)
        renewed = self.next_authority.server_context(self.next_app, ask_clients=True)
        renewed.load_verify_locations(self.authority.file)  # it is ours that stays
        self.origin.tls = renewed
        self.some_more()
        put(text(self.next_authority.file), self.ca)
        self.await_reads("applied", 2)
        self.check_load()
        # No connection that is warm and no session of before lets anybody in.
        put(text(self.authority.file), self.ca)
        self.await_reads("applied", 3)
        wait_until(lambda: ask(self.lbd.address, get()).status != 200, what="its being refused")
        wait_until(lambda: not self.lbd.is_ready(), what="checks that refuse it, too")

    def certificates(self, *words: str) -> str:
        return subprocess.run([LBCTL, "certificates", *words, "--url", "http://%s:%d" % self.lbd.admin_address], check=True,
                              capture_output=True, text=True).stdout

    def test_its_end_is_told(self):
        listed = self.certificates()
        for word in ("upstream origins", "old.lbd.internal", "EC 256", " 19 ", self.ours["certificate_file"]):
            self.assertIn(word, listed)
        one, = json.loads(self.certificates("--json"))
        self.assertEqual((one["upstream"], one.get("listener")), ("origins", None))
        ends, = (value for name, value in self.lbd.metrics().items() if name.startswith(
            'lbd_tls_certificate_expiry_timestamp_seconds{upstream="origins",'))
        self.assertGreater(ends, 1.7e9)


if __name__ == "__main__":
    unittest.main()
