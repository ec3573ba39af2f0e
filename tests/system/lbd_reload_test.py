"""Another configuration while lbd serves (SIGHUP): all of it or nothing, and nobody notices but those it is about."""

import contextlib
import copy
import json
import os
import signal
import sys
import tempfile
import threading
import time
import unittest

sys.dont_write_bytecode = True

from support.lbd_process import Lbd  # noqa: E402
from support.load import Load  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import SECONDS, Client, Ended, ask, get, post, refuses, wait_until  # noqa: E402


def echo(request, connection) -> bool:
    """An origin that switches protocols and sends back what it gets."""
    connection.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
    with contextlib.suppress(Ended):
        while True:
            connection.send(connection.reader.some(65536))
    connection.close()
    return True


class Reload(unittest.TestCase):
    def start(self, script=None, **settings) -> Lbd:
        self.origin = self.another_origin(script)
        self.lbd = Lbd([self.origin.name], **settings)
        self.addCleanup(self.lbd.close)
        return self.lbd

    def another_origin(self, script=None) -> Origin:
        origin = Origin(script)
        self.addCleanup(origin.stop)
        return origin

    def folder(self) -> str:
        made = tempfile.TemporaryDirectory(prefix="lbd-test-")
        self.addCleanup(made.cleanup)
        return made.name

    def settings(self) -> dict:
        return copy.deepcopy(self.lbd.settings)

    def reload(self, made: dict | None = None) -> dict:
        if made is not None:
            self.lbd.configure(made)
        return self.lbd.reload()

    def assertReloaded(self, made: dict | None = None):
        self.assertEqual(self.reload(made)["msg"], "reloaded")

    def test_a_hundred_reloads_under_load_lose_no_request(self):
        lbd = self.start(workers=2, access_log={"enabled": False})
        second, third = self.another_origin(), self.another_origin()
        warm = Load(lbd.address, threads=4, interval=0.003)
        posts = Load(lbd.address, threads=2, interval=0.004, request=lambda number: post(b"%d" % number))
        fresh = Load(lbd.address, threads=3, interval=0.004, fresh=True)
        loads = (warm, posts, fresh)
        for load in loads:
            self.addCleanup(load.stop)
        for number in range(100):
            made = self.settings()
            made["upstreams"][0]["endpoints"] = [(self.origin.name, second.name, third.name)[number % 3],
                                                 self.origin.name][:1 + number % 2]
            if len(set(made["upstreams"][0]["endpoints"])) == 1:
                made["upstreams"][0]["endpoints"] = made["upstreams"][0]["endpoints"][:1]
            if number % 3 == 0:
                made["upstreams"].insert(0, {"name": f"more{number}", "endpoints": [second.name], "required": False})
                made["routes"].append({"path": "/more", "upstream": f"more{number}"})
            if number % 4 == 0:
                made["limits"] = {"head": f"{8 + number % 16}KiB", "request_line": "4KiB", "field_line": "4KiB"}
            if number % 5 == 0:
                made["listeners"].append({"address": "127.0.0.1:0", "name": "another"})
            self.assertReloaded(made)
        for load in loads:
            load.await_answers(20)
            load.stop()
        self.assertEqual([load.failures for load in loads], [[], [], []])
        self.assertEqual([origin.malformed for origin in (self.origin, second, third)], [[], [], []])
        self.assertGreater(len(second.requests), 10)
        metrics = lbd.metrics()
        self.assertEqual(metrics['lbd_config_reloads_total{result="applied"}'], 100)

    def test_a_reload_that_is_asked_for_during_the_start_comes_after_it(self):
        class Hasty(Lbd):
            def _address(self, message: str) -> tuple[str, int]:
                if message == "listening":
                    until = time.monotonic() + SECONDS
                    while not self.said("admin is listening") and time.monotonic() < until:
                        pass  # the moment is short
                    self.process.send_signal(signal.SIGHUP)
                return super()._address(message)

        self.origin = self.another_origin()
        self.lbd = Hasty([self.origin.name], workers=64)  # to make them takes its time
        self.addCleanup(self.lbd.close)
        wait_until(lambda: self.lbd.said("reloaded"), what="`reloaded` in the log")
        self.assertEqual(ask(self.lbd.address, get()).status, 200)

    def test_a_faulty_file_changes_nothing_and_every_fault_is_told(self):
        lbd = self.start()
        with Client(lbd.address) as client:
            client.send(get()).response()
            made = self.settings()
            made["upstreams"][0]["endpoints"] = []
            made["routes"][0]["upstream"] = "nowhere"
            made["limts"] = {}
            self.assertEqual(self.reload(made)["msg"], "reload refused")
            faults = json.dumps(lbd.said("configuration fault"))
            for word in ("endpoints", "nowhere", "limts"):
                self.assertIn(word, faults)
            self.assertEqual(client.send(get()).response().status, 200)
        lbd.configure(lbd.settings)
        os.remove(lbd.config_path)
        self.assertEqual(self.reload()["msg"], "reload refused")
        with open(lbd.config_path, "w", encoding="ascii") as file:
            file.write("listeners: [")
        self.assertEqual(self.reload()["msg"], "reload refused")
        self.assertEqual(ask(lbd.address, get()).status, 200)
        metrics = lbd.metrics()
        self.assertEqual(metrics['lbd_config_reloads_total{result="refused"}'], 3)
        self.assertEqual(metrics["lbd_config_last_reload_successful"], 0)
        self.assertReloaded(self.settings())
        self.assertEqual(lbd.metrics()["lbd_config_last_reload_successful"], 1)

    def test_an_address_that_cannot_be_had_refuses_all(self):
        lbd = self.start()
        made = self.settings()
        made["upstreams"][0]["endpoints"] = [self.another_origin().name]
        made["listeners"] = [{"address": "127.0.0.1:0", "name": "new"}, {"address": "192.0.2.1:80"}]
        self.assertEqual(self.reload(made)["msg"], "reload refused")
        self.assertIn("192.0.2.1:80", json.dumps(lbd.said("configuration fault")))
        self.assertEqual(ask(lbd.address, get()).status, 200)
        self.assertEqual(len(self.origin.requests), 1)
        self.assertEqual(len(lbd.said("listening")), 1)

    def test_listeners_come_and_go(self):
        lbd = self.start(lambda request, connection: answer(b"slow" if go.wait(SECONDS) else b""))
        go = threading.Event()
        go.set()
        made = self.settings()
        made["listeners"] = [{"address": "127.0.0.1:0", "name": "first"}, {"address": "127.0.0.1:0", "name": "second"}]
        self.assertReloaded(made)
        host, _, port = lbd.said("listening")[-1]["address"].rpartition(":")
        second = (host, int(port))
        self.assertNotEqual(second, lbd.address)
        idle, staying, under_way = Client(second), Client(lbd.address), Client(second)
        with under_way, idle, staying:
            for client in (idle, staying):
                self.assertFalse(client.send(get()).response().closes)
            go.clear()
            before = len(self.origin.requests)
            under_way.send(get())
            wait_until(lambda: len(self.origin.requests) > before)
            made["listeners"].pop()
            self.assertReloaded(made)
            self.assertEqual(lbd.said("listening no more")[-1]["address"], f"{host}:{port}")
            wait_until(lambda: refuses(second))
            self.assertTrue(idle.is_closed())
            go.set()
            said = under_way.response()
            self.assertEqual((said.status, said.closes), (200, True))
            self.assertEqual(staying.send(get()).response().status, 200)

    def test_who_waits_in_a_listener_that_goes_is_served(self):
        lbd = self.start(listeners=[{"address": "127.0.0.1:0"}, {"address": "127.0.0.1:0", "name": "second"}])
        host, _, port = wait_until(lambda: lbd.said("listening")[1:])[0]["address"].rpartition(":")
        made = self.settings()
        made["listeners"].pop()
        lbd.configure(made)
        with lbd.asleep():
            waiting = [Client((host, int(port))) for _ in range(20)]
            for client in waiting:
                self.addCleanup(client.close)
                client.send(get())
            os.kill(lbd.pid, 1)
        for client in waiting:
            self.assertEqual(client.response().status, 200)

    def test_what_is_under_way_is_not_touched(self):
        """An answer that streams, an upload, a connection that idles: all of them over many reloads."""
        go = threading.Event()

        def stream(request, connection):
            if request.target == "/stream":
                connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n" + b"a" * 100)
                go.wait(SECONDS)
                connection.send(b"b" * 100)
                return None
            return answer(b"%d" % request.length)
        lbd = self.start(stream)
        streaming, uploading, idle = (Client(lbd.address) for _ in range(3))
        with streaming, uploading, idle:
            idle.send(get()).response()
            streaming.send(get("/stream"))
            uploading.send(get("/", "Content-Length: 200000", method="POST") + b"x" * 100_000)
            wait_until(lambda: any(request.target == "/stream" for request in self.origin.requests))
            for number in range(5):
                made = self.settings()
                made["upstreams"] = [{"name": f"other{number}", "endpoints": [self.another_origin().name]}]
                made["routes"] = [{"path": "/", "upstream": f"other{number}"}]
                self.assertReloaded(made)
            uploading.send(b"x" * 100_000)
            self.assertEqual(uploading.response().body, b"200000")
            go.set()
            self.assertEqual(streaming.response().body, b"a" * 100 + b"b" * 100)
            self.assertEqual(idle.send(get()).response().status, 200)

    def test_a_tunnel_lives_over_reloads_of_everything_around_it(self):
        lbd = self.start()
        self.origin.on_head = echo
        with Client(lbd.address) as client:
            client.send(get("/", "Connection: Upgrade", "Upgrade: echo"))
            self.assertEqual(client.head().status, 101)
            other = self.another_origin()
            for number in range(5):
                made = self.settings()
                made["upstreams"] = [{"name": f"other{number}", "endpoints": [other.name]}]
                made["routes"] = [{"path": "/", "upstream": f"other{number}"}]
                self.assertReloaded(made)
                client.send(b"still there?")
                self.assertEqual(b"".join(client.reader.counted(12)), b"still there?")

    def test_health_stays_as_it_is(self):
        """A sick endpoint is not asked again because of a reload, and is not thought fit for a moment."""
        sick = self.another_origin(lambda request, connection: answer(b"sick"))
        sick.health_script = lambda request, connection: answer(b"", status="503 Service Unavailable")
        fit = self.another_origin(lambda request, connection: answer(b"fit"))
        self.lbd = lbd = Lbd([sick.name, fit.name],
                             upstream={"check": {"enabled": True, "interval": "50ms", "fall": 1, "rise": 100}})
        self.addCleanup(lbd.close)
        wait_until(lambda: lbd.said("endpoint is down"))
        down = len(lbd.said("endpoint is down"))
        for number in range(10):
            made = self.settings()
            made["limits"] = {"attempts": 1 + number % 3}
            self.assertReloaded(made)
            for _ in range(4):
                self.assertEqual(ask(lbd.address, get()).body, b"fit")
        self.assertEqual(len(lbd.said("endpoint is down")), down)
        self.assertEqual(sick.requests, [])

    def test_warm_connections_stay(self):
        lbd = self.start()
        self.assertEqual(ask(lbd.address, get()).status, 200)
        for _ in range(5):
            self.assertReloaded(self.settings())
            self.assertEqual(ask(lbd.address, get()).status, 200)
        self.assertEqual(self.origin.accepted, 1)

    def test_a_new_limit_holds_for_the_next_request(self):
        lbd = self.start()
        long = get("/", "X-Long: " + "x" * 6000)
        with Client(lbd.address) as client:
            self.assertEqual(client.send(long).response().status, 200)
            made = self.settings()
            made["limits"] = {"head": "4KiB", "field_line": "2KiB", "request_line": "2KiB"}
            self.assertReloaded(made)
            self.assertEqual(client.send(long).response().status, 431)
        made["limits"] = {"head": "64KiB", "field_line": "60KiB"}
        self.assertReloaded(made)
        self.assertEqual(ask(lbd.address, get("/", "X-Long: " + "x" * 50_000)).status, 200)

    def test_the_access_log_is_opened_anew(self):
        path = os.path.join(self.folder(), "access.log")
        lbd = self.start(access_log={"file": path})
        self.assertEqual(ask(lbd.address, get("/first")).status, 200)

        def lines(name):
            with open(name, encoding="utf-8") as file:
                return [json.loads(line)["target"] for line in file]
        wait_until(lambda: lines(path) == ["/first"])
        os.rename(path, path + ".1")
        self.assertReloaded()
        self.assertEqual(ask(lbd.address, get("/second")).status, 200)
        wait_until(lambda: os.path.exists(path) and lines(path) == ["/second"])
        self.assertEqual(lines(path + ".1"), ["/first"])
        os.rename(path, path + ".2")  # as logrotate does it, without a reload
        reloads = len(lbd.said("reloaded"))
        lbd.signal_and_await(signal.SIGUSR1, "the access log is opened anew")
        self.assertEqual(ask(lbd.address, get("/third")).status, 200)
        wait_until(lambda: os.path.exists(path) and lines(path) == ["/third"])
        self.assertEqual((lines(path + ".2"), len(lbd.said("reloaded"))), (["/second"], reloads))

    def test_a_log_that_is_no_file_survives_its_rotation(self):
        lbd = self.start()
        os.kill(lbd.pid, signal.SIGUSR1)
        self.assertReloaded()
        self.assertEqual(ask(lbd.address, get()).status, 200)

    def test_an_access_log_that_cannot_be_opened_refuses_all(self):
        lbd = self.start()
        made = self.settings()
        made["access_log"] = {"file": os.path.join(self.folder(), "access.log")}
        made["routes"] = [{"path": "/only", "upstream": "origins"}]
        said = self.reload(made)  # the sandbox was entered without that folder
        self.assertEqual(said["msg"], "reload refused")
        self.assertEqual(ask(lbd.address, get()).status, 200)

    def test_what_waits_for_a_restart_is_named(self):
        lbd = self.start()
        made = self.settings()
        made["workers"] = 3
        made["admin"] = {"listen": "127.0.0.1:1"}
        made["routes"] = [{"path": "/only", "upstream": "origins"}]
        self.assertReloaded(made)
        named = {line["key"] for line in lbd.said("a setting waits for a restart or an upgrade")}
        self.assertEqual(named, {"workers", "admin.listen"})
        self.assertEqual((ask(lbd.address, get("/only")).status, ask(lbd.address, get("/")).status), (200, 404))
        self.assertTrue(lbd.is_ready())


if __name__ == "__main__":
    unittest.main()
