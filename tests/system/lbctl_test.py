"""lbctl against a real lbd: over the socket and TCP, exit statuses, JSON, completion, a clean terminal."""

import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import fcntl
import time
import unittest

sys.dont_write_bytecode = True

from support.lbd_process import BINARIES, REPOSITORY  # noqa: E402
from support.load import Load  # noqa: E402
from support.operator import Operated  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import SECONDS, Client, get, wait_until  # noqa: E402

LBCTL = os.path.join(os.path.realpath(BINARIES), "lbctl")
NGINX = """
worker_processes auto;
http {
    upstream app { least_conn; server %s weight=2; server %s; keepalive 16; }
    server {
        listen 127.0.0.1:18080;
        server_name www.example.kr;
        client_max_body_size 20m;
        gzip on;
        location / { proxy_pass http://app; proxy_set_header Host $host; proxy_read_timeout 90s; }
        location /old { return 301 https://$host/new; }
        location ~ \\.php$ { fastcgi_pass unix:/run/php.sock; }
    }
}
"""


class Lbctl(unittest.TestCase):
    def origin(self) -> Origin:
        origin = Origin()
        self.addCleanup(origin.stop)
        return origin

    def operated(self, *origins: Origin, **settings) -> Operated:
        operated = Operated([origin.name for origin in origins], **settings)
        self.addCleanup(operated.close)
        return operated

    def run_alone(self, *words: str, **environment: str):
        return subprocess.run([LBCTL, *words], capture_output=True, text=True, check=False, timeout=SECONDS,
                              env={**os.environ, **environment})

    def run_at(self, lbd: Operated, *words: str, way: str = "socket"):
        place = ["--socket", lbd.socket] if way == "socket" else ["--url", "http://%s:%d" % lbd.admin]
        return self.run_alone(*words, *place, "--token-file", lbd.token_file)

    def test_status_over_the_socket_and_tcp(self):
        origin = self.origin()
        lbd = self.operated(origin)
        for way in ("socket", "url"):
            said = self.run_at(lbd, "status", way=way)
            self.assertEqual((said.returncode, said.stderr), (0, ""))
            self.assertIn("ready", said.stdout)
            self.assertIn(origin.name, said.stdout)
            self.assertNotIn("\x1b", said.stdout)
        told = json.loads(self.run_at(lbd, "status", "--json").stdout)
        self.assertEqual(told["upstreams"][0]["endpoints"][0]["name"], origin.name)
        by_environment = self.run_alone("upstreams", "--names", LBCTL_URL=f"unix:{lbd.socket}")
        self.assertEqual(by_environment.stdout, f"origins/{origin.name}\n")

    def test_sessions(self):
        origin = self.origin()
        lbd = self.operated(origin)
        release = threading.Event()
        self.addCleanup(release.set)
        origin.script = lambda request, connection: release.wait(20) and answer()
        with Client(lbd.address) as client:
            client.send(get("/hangs"))
            said = wait_until(lambda: (told := self.run_at(lbd, "sessions")).stdout.count("awaiting_answer") == 2 and told)
            self.assertEqual((said.returncode, said.stderr), (0, ""))
            self.assertIn("1 client connections: 1 awaiting_answer\n", said.stdout)
            self.assertIn(f"origins/{origin.name}", said.stdout)
            self.assertNotIn("/hangs", self.run_at(lbd, "sessions", "--most", "0").stdout)
            self.assertEqual(json.loads(self.run_at(lbd, "sessions", "--most=0", "--json").stdout)["longest"], [])
            self.assertEqual(self.run_at(lbd, "sessions", "--most", "1001").returncode, 2)
            release.set()

    def test_drain_waits_until_nothing_is_in_flight_and_undrain_takes_it_back(self):
        first, second = self.origin(), self.origin()
        for origin in (first, second):
            origin.script = lambda request, connection: time.sleep(0.005) or answer()
        lbd = self.operated(first, second)
        with Load(lbd.address, threads=4) as load:
            load.await_answers(50)
            said = self.run_at(lbd, "drain", first.name, "--wait=5s")
            self.assertEqual((said.returncode, said.stdout), (0, f"origins/{first.name} is draining\n"))
            self.assertEqual(lbd.endpoint(first.name)["in_flight"], 0)
            self.assertEqual(self.run_at(lbd, "undrain", f"origins/{first.name}").returncode, 0)
            load.await_answers(50)
        self.assertEqual(load.failures, [])
        self.assertNotEqual(lbd.endpoint(first.name)["state"], "draining")

    def test_weight_add_and_remove(self):
        first, second = self.origin(), self.origin()
        lbd = self.operated(first)
        self.assertEqual(self.run_at(lbd, "weight", first.name, "50", way="url").returncode, 0)
        self.assertEqual(lbd.endpoint(first.name)["weight"], 50)
        said = self.run_at(lbd, "add", "origins", second.name, "--name", "two", "--weight=7", "--max-connections", "9")
        self.assertEqual((said.returncode, said.stderr), (0, ""))
        endpoint = lbd.endpoint("two")
        self.assertEqual((endpoint["weight"], endpoint["max_connections"]), (7, 9))
        self.assertEqual(self.run_at(lbd, "remove", "two").returncode, 0)
        self.assertEqual(self.run_at(lbd, "remove", "two").returncode, 1)

    def test_exit_statuses_tell_what_went_wrong(self):
        origin = self.origin()
        lbd = self.operated(origin)
        wrong = os.path.join(lbd.folder.name, "wrong")
        with open(wrong, "w", encoding="ascii") as file:
            file.write("this-is-not-the-token\n")
        for expected, said in [
                (2, self.run_alone()), (2, self.run_alone("drain")), (2, self.run_alone("drian", "x")),
                (2, self.run_alone("weight", origin.name, "much", "--socket", lbd.socket)),
                (3, self.run_alone("status", "--socket", lbd.socket + "x")),
                (3, self.run_alone("status", "--url", "http://127.0.0.1:1")),
                (4, self.run_alone("drain", origin.name, "--socket", lbd.socket, "--token-file", wrong)),
                (2, self.run_alone("drain", origin.name, "--socket", lbd.socket, "--token-file", wrong + "x")),
                (1, self.run_at(lbd, "drain", "nobody")),
                (1, self.run_at(lbd, "weight", origin.name, "10001"))]:
            with self.subTest(command=said.args[1:]):
                self.assertEqual(said.returncode, expected, said.stderr)
                self.assertTrue(said.stderr)
        refused = self.run_at(lbd, "drain", "nobody", "--json")
        self.assertEqual(refused.returncode, 1)

    def test_reload_and_check_tell_all_faults(self):
        origin = self.origin()
        lbd = self.operated(origin)
        path = os.path.join(lbd.lbd.folder.name, "lbd.yaml")
        self.assertEqual(self.run_alone("check", path).returncode, 0)
        self.assertEqual(self.run_at(lbd, "reload").returncode, 0)
        with open(path, encoding="utf-8") as file:
            settings = json.load(file)
        settings["workers"] = -1
        settings["limits"]["fields"] = 0
        with open(path, "w", encoding="utf-8") as file:
            json.dump(settings, file)
        for said in (self.run_alone("check", path), self.run_at(lbd, "reload")):
            self.assertEqual(said.returncode, 1)
            self.assertIn("workers", said.stderr)
            self.assertIn("limits.fields", said.stderr)
        faults = json.loads(self.run_alone("check", path, "--json").stdout)["faults"]
        self.assertEqual({fault["path"] for fault in faults}, {"workers", "limits.fields"})
        self.assertIn("last reload refused", self.run_at(lbd, "status").stdout)

    def test_log_level_is_changed_while_lbd_runs(self):
        lbd = self.operated(self.origin())
        self.assertEqual(self.run_at(lbd, "log-level", "debug").returncode, 0)
        self.assertEqual(lbd.get("/api/v1/process")["log_level"], "debug")
        self.assertEqual(self.run_at(lbd, "log-level", "loud").returncode, 1)

    def test_help_and_completion(self):
        for words in (["help"], ["--help"], ["drain", "--help"], ["help", "import"], ["--version"]):
            said = self.run_alone(*words)
            self.assertEqual((said.returncode, said.stderr), (0, ""))
            self.assertIn("lbctl", said.stdout)
        script = self.run_alone("completion", "bash").stdout
        said = subprocess.run(["bash", "-c", script + "\nCOMP_WORDS=(lbctl dr); COMP_CWORD=1; _lbctl; "
                               "echo ${COMPREPLY[@]}"], capture_output=True, text=True, check=True)
        self.assertEqual(said.stdout.strip(), "drain")
        for shell in ("zsh", "fish"):
            self.assertEqual(self.run_alone("completion", shell).returncode, 0)

    def test_an_nginx_configuration_becomes_one_that_serves(self):
        first, second = self.origin(), self.origin()
        with tempfile.TemporaryDirectory(prefix="lbd-test-") as folder:
            path = os.path.join(folder, "nginx.conf")
            with open(path, "w", encoding="utf-8") as file:
                file.write(NGINX % (first.name, second.name))
            said = self.run_alone("import", "nginx", path)
            self.assertEqual(said.returncode, 0, said.stderr)
            self.assertIn("fastcgi_pass unix:/run/php.sock: left out", said.stderr)
            made = os.path.join(folder, "lbd.yaml")
            with open(made, "w", encoding="utf-8") as file:
                file.write(said.stdout)
            self.assertEqual(self.run_alone("check", made).returncode, 0)
            self.assertEqual(self.run_alone("import", "nginx", path + "x").returncode, 1)

    def test_settings_are_listed_with_defaults_and_ranges(self):
        said = self.run_alone("settings", os.path.join(REPOSITORY, "conf", "lbd.yaml"), "--json")
        self.assertEqual(said.returncode, 0, said.stderr)
        settings = {one["path"]: one for one in json.loads(said.stdout)}
        self.assertEqual(settings["upstreams[].check.rise"]["default"], "2")
        self.assertEqual(settings["upstreams[].check.rise"]["range"], "1 to 100")

    def test_top_leaves_the_terminal_as_it_was(self):
        lbd = self.operated(self.origin())
        for way_out in (b"q", signal.SIGINT, signal.SIGTERM):
            with self.subTest(way_out=way_out):
                master, terminal = pty.openpty()
                try:
                    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
                    before = termios.tcgetattr(terminal)
                    process = subprocess.Popen([LBCTL, "top", "--interval=100ms", "--socket", lbd.socket],
                                               stdin=terminal, stdout=terminal, stderr=terminal)
                    shown = b""

                    def more() -> bool:
                        nonlocal shown
                        if select.select([master], [], [], 0)[0]:
                            shown += os.read(master, 65536)
                        return shown.count(b"\x1b[H") >= 3
                    wait_until(more, what="three pictures")
                    self.assertIn(b"origins", shown)
                    if isinstance(way_out, bytes):
                        os.write(master, way_out)
                    else:
                        process.send_signal(way_out)

                    def left() -> bool:
                        nonlocal shown
                        if select.select([master], [], [], 0)[0]:
                            shown += os.read(master, 65536)
                        return process.poll() is not None
                    wait_until(left, what="its end")
                    while select.select([master], [], [], 0)[0]:
                        shown += os.read(master, 65536)
                    self.assertEqual(process.returncode, 0)
                    self.assertTrue(shown.endswith(b"\x1b[?25h\x1b[?1049l"))
                    self.assertEqual(termios.tcgetattr(terminal), before)
                finally:
                    os.close(master)
                    os.close(terminal)


if __name__ == "__main__":
    unittest.main()
