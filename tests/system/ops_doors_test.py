"""What stands in front of metrics and logs on each node (conf/ansible, mainstay-doors): TLS, by stunnel with the settings of the fleet."""
import contextlib
import http.client
import http.server
import json
import os
import pathlib
import socket
import ssl
import signal
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.request

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from support.certificates import Authority  # noqa: E402

from lab.waiting import wait_until  # noqa: E402

ANSIBLE = ROOT / "conf/ansible"
TEMPLATE = ANSIBLE / "roles/monitoring/templates/doors.conf.j2"
INSIDE, DOOR = "127.0.0.1", "127.0.0.2"  # where programs listen, and in place of a node's inner address
SECONDS = 20


class Metrics(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"up 1\n")

    def log_message(self, *_):
        pass


class Doors(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.place = pathlib.Path(scratch.name)
        cls.authority, cls.stranger = Authority("fleet"), Authority("somebody else")
        for authority in (cls.authority, cls.stranger):
            cls.addClassCleanup(authority.remove)
        cls.program = http.server.ThreadingHTTPServer((INSIDE, 0), Metrics)
        cls.addClassCleanup(cls.program.server_close)
        threading.Thread(target=cls.program.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.program.shutdown)
        cls.port = cls.program.server_address[1]
        cls.renew()
        cls.settings()
        cls.open_doors()

    @classmethod
    def renew(cls) -> None:
        """As scripts/pki does: a new key, a new certificate, by the same names."""
        made = cls.authority.make("node", DOOR, "db1")
        for name, file in (("node.pem", made["certificate_file"]), ("node.key", made["key_file"]), ("ca.pem", cls.authority.file)):
            fresh = cls.place / f"{name}.new"
            fresh.write_bytes(pathlib.Path(file).read_bytes())
            fresh.chmod(0o640)
            fresh.rename(cls.place / name)

    @classmethod
    def settings(cls) -> None:
        given = {"fleet_pki": str(cls.place), "inner_address": DOOR, "scraped": {"node": cls.port}}
        env = os.environ | {"HOME": str(cls.place), "ANSIBLE_HOME": str(cls.place), "ANSIBLE_LOCAL_TEMP": str(cls.place)}
        done = subprocess.run(["ansible", "--playbook-dir", ".", "--connection", "local", "-e", json.dumps(given), "db1", "-m",
                               "ansible.builtin.template", "-a", f"src={TEMPLATE} dest={cls.place / 'doors.conf'}"],
                              cwd=ANSIBLE, env=env, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stdout + done.stderr)

    @classmethod
    def open_doors(cls) -> None:
        with open(cls.place / "said", "wb") as said:
            cls.stunnel = subprocess.Popen(["stunnel4", str(cls.place / "doors.conf")], stdout=said, stderr=said)
        cls.addClassCleanup(cls.stunnel.wait)
        cls.addClassCleanup(cls.stunnel.terminate)
        wait_until(cls.listens, SECONDS, "stunnel listens")

    @classmethod
    def listens(cls) -> bool:
        if cls.stunnel.poll() is not None:
            raise RuntimeError((cls.place / "said").read_text(encoding="utf-8", errors="replace"))
        with socket.socket() as knocking:
            return knocking.connect_ex((DOOR, cls.port)) == 0

    def context(self, name: str | None, of: Authority | None = None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.authority.file)
        if name:
            made = (of or self.authority).make(f"asks-{name}", name)
            context.load_cert_chain(made["certificate_file"], made["key_file"])
        return context

    def ask(self, context: ssl.SSLContext) -> str:
        """What it says; raises OSError when it does not answer."""
        with urllib.request.urlopen(f"https://{DOOR}:{self.port}/metrics", timeout=SECONDS, context=context) as answer:
            return answer.read().decode()

    def test_those_that_watch_are_answered(self):
        for name in ("app1", "app2"):
            self.assertEqual("up 1\n", self.ask(self.context(name)))

    def test_nobody_else_is(self):
        for who, context in (("a node that does not watch", self.context("db2")), ("nobody", self.context(None)),
                             ("app1 of somebody else's", self.context("app1", self.stranger))):
            with self.subTest(who=who), self.assertRaises(OSError):
                self.ask(context)
        with self.assertRaises((OSError, http.client.HTTPException)):
            urllib.request.urlopen(f"http://{DOOR}:{self.port}/metrics", timeout=SECONDS)

    def test_a_new_certificate_is_shown_after_a_reload_alone(self):
        context = self.context("app1")
        before = self.shown(context)
        self.renew()
        self.assertEqual(before, self.shown(context))
        self.stunnel.send_signal(signal.SIGHUP)  # ExecReload= of its unit
        wait_until(lambda: self.shown(context) not in (None, before), SECONDS, "the new certificate")
        self.assertEqual("up 1\n", self.ask(context))

    def shown(self, context: ssl.SSLContext) -> bytes | None:
        with contextlib.suppress(OSError), socket.create_connection((DOOR, self.port), SECONDS) as raw:
            with context.wrap_socket(raw, server_hostname=DOOR) as secured:
                return secured.getpeercert(binary_form=True)
        return None


if __name__ == "__main__":
    unittest.main()
