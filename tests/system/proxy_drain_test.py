"""lbd as its operator meets it: leaving without losing a request, saying what is wrong with a configuration, the admin
pages and the access log."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.dont_write_bytecode = True

from support.lbd_process import PROGRAM, REPOSITORY, Lbd  # noqa: E402
from support.load import Load  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import SECONDS, Client, ask, get, post, refuses, wait_until  # noqa: E402

SLACK = 3.0  # a busy machine


class Daemon(unittest.TestCase):
    def start(self, script=None, **settings):
        self.origin = Origin(script)
        self.addCleanup(self.origin.stop)
        self.lbd = Lbd([self.origin.name], **settings)
        self.addCleanup(self.lbd.close)

    def refuses(self) -> bool:
        return refuses(self.lbd.address)


class Drain(Daemon):
    def start_slow(self, **settings):
        """Requests wait at the origin server until `go`."""
        self.go = threading.Event()
        self.addCleanup(self.go.set)
        self.start(lambda request, connection: self.go.wait(SECONDS) and answer(b"late"), **settings)

    def test_no_request_is_lost_under_load(self):
        pause = threading.Event()
        self.start(lambda request, connection: pause.wait(0.002) or answer(b"x" * 1000), workers=2,
                   drain={"grace": "400ms", "deadline": "5s"})
        warm = Load(self.lbd.address, threads=6, interval=0.002)
        posts = Load(self.lbd.address, threads=2, interval=0.002, request=lambda number: post(b"%d" % number))
        fresh = Load(self.lbd.address, threads=3, interval=0.004, fresh=True)
        loads = (warm, posts, fresh)
        for load in loads:
            self.addCleanup(load.stop)
        warm.await_answers(300)
        self.lbd.terminate()
        wait_until(lambda: self.lbd.admin("/readyz").status == 503, 0.4, "/readyz saying no")
        fresh.stop()  # new clients are steered elsewhere by what /readyz says; those that are in stay
        for load in loads:
            load.leaving.set()
        self.assertIsNone(self.lbd.process.poll())
        for load in (warm, posts):
            load.await_end()
        self.assertEqual([load.failures for load in loads], [[], [], []])
        self.assertEqual(self.lbd.wait(), 0)
        self.assertEqual(self.origin.malformed, [])

    def test_clients_under_way_are_told_that_their_connection_ends(self):
        self.start(drain={"grace": "600ms", "deadline": "5s"})
        with Client(self.lbd.address) as client, Client(self.lbd.address) as silent:
            self.assertFalse(client.send(get()).response().closes)
            silent.send(get()).response()
            self.lbd.terminate()
            wait_until(lambda: not self.lbd.is_ready())
            said = client.send(get()).response()
            self.assertEqual((said.status, said.closes), (200, True))
            self.assertTrue(client.is_closed())
            self.assertTrue(silent.is_closed(), "a client that asks for nothing is let go")
        self.assertEqual(self.lbd.wait(), 0)

    def test_during_the_grace_all_is_as_ever_but_for_readiness(self):
        self.start(drain={"grace": "700ms", "deadline": "5s"})
        began = time.monotonic()
        self.lbd.terminate()
        wait_until(lambda: not self.lbd.is_ready())
        self.assertIn(b"draining", self.lbd.admin("/readyz").body)
        self.assertEqual(self.lbd.admin("/healthz").status, 200)
        self.assertEqual(self.lbd.metrics()["lbd_draining"], 1)
        self.assertEqual(ask(self.lbd.address, get()).status, 200)
        self.assertLess(time.monotonic() - began, 0.7)
        wait_until(self.refuses)
        self.assertGreaterEqual(time.monotonic() - began, 0.65)
        self.assertEqual(self.lbd.wait(), 0)

    def test_a_client_that_has_just_connected_may_still_ask(self):
        self.start(drain={"grace": "10ms", "deadline": "5s"})
        with Client(self.lbd.address) as client:
            self.lbd.terminate()
            wait_until(lambda: not self.lbd.is_ready())
            said = client.send(get()).response()
            self.assertEqual((said.status, said.closes), (200, True))
        self.assertEqual(self.lbd.wait(), 0)

    def test_requests_under_way_are_finished(self):
        self.start_slow()
        with Client(self.lbd.address) as client, Client(self.lbd.address) as uploader:
            client.send(get())
            uploader.send(get("/", "Content-Length: 200000", method="POST") + b"x" * 100_000)
            wait_until(lambda: len(self.origin.requests) == 2)
            self.lbd.terminate()
            wait_until(self.refuses)
            uploader.send(b"x" * 100_000)
            self.go.set()
            for one in (client, uploader):
                said = one.response()
                self.assertEqual((said.status, said.body, said.complete, said.closes), (200, b"late", True, True))
        self.assertEqual(self.lbd.wait(), 0)

    def test_the_deadline_ends_what_does_not_end(self):
        self.start_slow(drain={"grace": "10ms", "deadline": "400ms"})
        with Client(self.lbd.address) as client:
            client.send(get())
            wait_until(lambda: self.origin.requests)
            began = time.monotonic()
            self.lbd.terminate()
            self.lbd.wait(0.41 + SLACK)
            self.assertGreaterEqual(time.monotonic() - began, 0.35)

    def test_a_second_signal_ends_all_at_once(self):
        for which in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=which):
                self.start_slow(drain={"grace": "1h", "deadline": "1h"})
                waiting, idle, half = (Client(self.lbd.address) for _ in range(3))
                with waiting, idle, half:
                    waiting.send(get())
                    half.send(b"GET / HT")
                    wait_until(lambda: self.origin.requests)
                    wait_until(lambda: self.lbd.metrics()['lbd_connections_active{side="client"}'] == 3)
                    self.lbd.process.send_signal(which)
                    wait_until(lambda: not self.lbd.is_ready())
                    self.lbd.process.send_signal(which)
                    self.lbd.wait(SLACK)
                    self.assertTrue(idle.is_closed())

    def test_an_idle_daemon_leaves_after_its_grace(self):
        self.start(drain={"grace": "10ms", "deadline": "1h"})
        self.lbd.terminate()
        self.assertEqual(self.lbd.wait(SLACK), 0)
        self.assertNotIn("error", [line.get("level") for line in self.lbd.log()])


class CommandLine(unittest.TestCase):
    def run_lbd(self, *arguments: str, by: tuple[str, ...] = ()) -> subprocess.CompletedProcess:
        return subprocess.run([*by, PROGRAM, *arguments], capture_output=True, text=True, timeout=SECONDS, check=False)

    def check(self, text: str) -> tuple[int, list[str]]:
        """Exit status and complaints, the path of the file left out."""
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(text)
            file.flush()
            done = self.run_lbd("--config", file.name, "--check")
            said = [line for line in (done.stdout + done.stderr).splitlines() if not re.fullmatch(r"\d+ errors?", line)]
            for line in said:
                self.assertRegex(line, rf"\A{re.escape(file.name)}(:\d+)?: \S")
            return done.returncode, [line[len(file.name):] for line in said]

    GOOD = ('listeners:\n  - address: 127.0.0.1:0\nadmin:\n  listen: 127.0.0.1:0\n'
            'upstreams:\n  - name: a\n    endpoints: ["127.0.0.1:1"]\nroutes:\n  - path: /\n    upstream: a\n')

    def test_version_and_help(self):
        for argument, word in (("--version", "lbd "), ("--help", "--config")):
            done = self.run_lbd(argument)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn(word, done.stdout)

    def test_unknown_arguments_are_refused(self):
        for arguments in (("--chekc",), ("--config",), ("extra",)):
            done = self.run_lbd(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertTrue(done.stderr)

    def test_a_good_configuration_passes_silently(self):
        self.assertEqual(self.check(self.GOOD), (0, []))

    def test_the_shipped_configuration_passes(self):
        # In a network where nobody listens yet: what has port 80 here is no matter of the file.
        done = self.run_lbd("--config", os.path.join(REPOSITORY, "conf", "lbd.yaml"), "--check", by=("unshare", "--net"))
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_all_faults_are_told_at_once_with_their_lines(self):
        status, said = self.check(
            'workrs: 1\n'                                # 1
            'listeners:\n  - address: nowhere\n'         # 3
            'admin:\n  listen: 127.0.0.1:0\n'
            'timeouts:\n  head: soon\n'                  # 7
            'limits:\n  body: -1\n  fields: many\n'      # 9, 10
            'upstreams:\n  - name: a\n    endpoints: ["127.0.0.1:0", "127.0.0.1:99999", "x"]\n'  # 13
            '    check:\n      path: ready\n      rise: 0\n'  # 15, 16
            'routes:\n  - path: here\n    upstream: b\n')   # 18, 19
        self.assertEqual(status, 2)
        lines = [int(line.split(":")[1]) for line in said]
        self.assertEqual(sorted(set(lines)), [1, 3, 7, 9, 10, 13, 15, 16, 18, 19], said)
        self.assertEqual(len([line for line in lines if line == 13]), 3, said)
        self.assertIn("workers", said[lines.index(1)], "did you mean")
        self.assertIn("head", said[lines.index(7)])

    def test_files_that_are_no_configuration(self):
        for name, text in {"empty": "", "a list": "- a\n", "no YAML": "a: [b\n", "a tab": "a:\n\tb: c\n", "a key twice":
                           self.GOOD + "admin:\n  listen: 127.0.0.1:1\n", "octets": "\x00\x01"}.items():
            with self.subTest(file=name):
                status, said = self.check(text)
                self.assertEqual(status, 2)
                self.assertTrue(said)

    def test_a_missing_file(self):
        done = self.run_lbd("--config", "/nonexistent/lbd.yaml", "--check")
        self.assertEqual(done.returncode, 2)
        self.assertIn("/nonexistent/lbd.yaml", done.stderr + done.stdout)

    def test_an_address_in_use_ends_the_start_with_1(self):
        with socket.create_server(("127.0.0.1", 0)) as taken, tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(self.GOOD.replace("127.0.0.1:0", f"127.0.0.1:{taken.getsockname()[1]}", 1))
            file.flush()
            done = self.run_lbd("--config", file.name)
            self.assertEqual(done.returncode, 1)
            self.assertIn(str(taken.getsockname()[1]), done.stdout + done.stderr)


class AdminAndLog(Daemon):
    def test_admin_pages(self):
        self.start()
        for path, kind, word in (("/healthz", "text/plain", b"ok"), ("/readyz", "text/plain", b"ready"),
                                 ("/metrics", "text/plain", b"# TYPE lbd_http_requests_total counter")):
            said = self.lbd.admin(path)
            self.assertEqual(said.status, 200)
            self.assertTrue(said.field("Content-Type").startswith(kind))
            self.assertIn(word, said.body)
            self.assertEqual((self.lbd.admin(path, "HEAD").status, self.lbd.admin(path, "HEAD").body), (200, b""))
        self.assertEqual(self.lbd.admin("/nothing").status, 404)
        said = self.lbd.admin("/readyz", "POST")
        self.assertEqual((said.status, said.field("Allow")), (405, "GET, HEAD"))
        with Client(self.lbd.admin_address) as client:
            self.assertIn(client.send(b"nonsense\r\n\r\n").rest()[:12], (b"", b"HTTP/1.1 400"))
        self.assertEqual(self.lbd.admin("/healthz").status, 200)

    def test_clients_do_not_reach_the_admin_pages(self):
        self.start(lambda request, connection: answer(b"origin"))
        for path in ("/metrics", "/readyz", "/healthz"):
            self.assertEqual(ask(self.lbd.address, get(path)).body, b"origin")

    def test_metrics_count_what_happened(self):
        self.start(lambda request, connection: answer(b"x", status=request.target[1:] + " Status"))
        for status in (200, 200, 201, 404, 500, 299):
            self.assertEqual(ask(self.lbd.address, get(f"/{status}")).status, status)
        ask(self.lbd.address, b"nonsense\r\n\r\n")
        metrics = self.lbd.metrics()
        for status, count in {200: 2, 201: 1, 404: 1, 500: 1, 299: 1, 400: 1}.items():
            route, method = ("none", "other") if status == 400 else ("/", "GET")
            labels = f'listener="127.0.0.1:0",route="{route}",method="{method}",code="{status}"'
            self.assertEqual(metrics[f"lbd_http_requests_total{{{labels}}}"], count)
        self.assertEqual(metrics['lbd_http_request_duration_seconds_count{route="/"}'], 6)
        self.assertEqual(metrics["lbd_client_connections_total"], 7)
        self.assertEqual(self.lbd.refused(), {"bad_request_line": 1})
        labels = f'{{upstream="origins",endpoint="{self.origin.name}",outcome='
        self.assertEqual(metrics[f'lbd_upstream_requests_total{labels}"answered"}}'], 5)
        self.assertEqual(metrics[f'lbd_upstream_requests_total{labels}"server_error"}}'], 1)

    def test_no_label_comes_from_a_client(self):
        self.start()
        before = len(self.lbd.metrics())
        for number in range(50):
            ask(self.lbd.address, get(f"/{number}", method=f"METHOD{number}", host=f"host{number}"))
        self.assertLessEqual(len(self.lbd.metrics()), before + 2)

    def test_a_line_of_the_access_log_tells_a_request(self):
        self.start(lambda request, connection: answer(b"hello"))
        fields = ("X-Request-ID: named", "Content-Length: 3")
        ask(self.lbd.address, get("/a?b", *fields, method="PUT", host="example:81") + b"abc")
        line, = wait_until(self.lbd.access_log)
        expected = {"client": "127.0.0.1", "method": "PUT", "host": "example:81", "target": "/a?b", "status": 200,
                    "received_bytes": 3, "upstream": "origins", "endpoint": self.origin.name, "retries": 0,
                    "request_id": "named"}
        self.assertEqual({key: line[key] for key in expected}, expected)
        self.assertGreater(line["sent_bytes"], 5)
        self.assertGreaterEqual(line["duration_s"], line["first_byte_s"])
        self.assertGreater(line["first_byte_s"], 0)
        self.assertRegex(line["time"], r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\Z")

    def test_no_client_can_forge_a_line_of_the_log(self):
        self.start()
        hostile = [get('/"},{"status":200', host='a"b'), get("/%22%7D%0A%7B%22forged%22:1", host="a%22%0Ab"),
                   get("/" + "x" * 5000), get("/", host="x" * 250), get("/", 'X-Request-ID: "},"'),
                   get("/", "X-Request-ID: a\\"), b'GET /\n{"forged":1} HTTP/1.1\r\n\r\n', b'"\\\b\f\r\n\r\n',
                   b"\xff\xfe\x00\x01 / HTTP/1.1\r\nHost: \xff\r\n\r\n",
                   get("/\"<>`'{}|^\\"), get("/'{}[]|^`~<>"), get("/", method="'`|~!#$%&*+-.^_")]
        for octets in hostile:
            with Client(self.lbd.address) as client:
                client.send_what_is_taken(octets).response()
        lines = wait_until(lambda: len(found := self.lbd.access_log()) >= len(hostile) and found)
        self.assertEqual(len(lines), len(hostile))
        for line in lines:  # that each is JSON, and UTF-8, was seen as they were read
            self.assertNotIn("forged", line)
            self.assertLess(len(json.dumps(line)), 4096)

    def test_every_request_has_its_line_at_the_end(self):
        self.start(workers=2)
        with Load(self.lbd.address, threads=4, interval=0.001) as load:
            load.await_answers(400)
        self.lbd.terminate()
        self.assertEqual(self.lbd.wait(), 0)
        lines = self.lbd.access_log()
        self.assertEqual(len(lines), load.answered)
        self.assertEqual(len({line["request_id"] for line in lines}), load.answered)


if __name__ == "__main__":
    unittest.main()
