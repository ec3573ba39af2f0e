"""lbd's admin door: who may change what, and what a change does to traffic."""

import json
import os
import stat
import sys
import threading
import unittest

sys.dont_write_bytecode = True

from support.load import Load  # noqa: E402
from support.operator import TOKEN, Events, Operated, ask_through  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import Client, ask, get, wait_until  # noqa: E402

CHECK = {"check": {"enabled": True, "interval": "50ms", "timeout": "5s", "rise": 2, "fall": 2}}


class Admin(unittest.TestCase):
    def origins(self, count: int) -> list[Origin]:
        made = [Origin() for _ in range(count)]
        for origin in made:
            self.addCleanup(origin.stop)
        return made

    def operated(self, origins: list[Origin], **settings) -> Operated:
        operated = Operated([origin.name for origin in origins], **settings)
        self.addCleanup(operated.close)
        return operated

    # Who may

    def test_nothing_changes_without_the_token_by_get_or_from_another_site(self):
        origin, = self.origins(1)
        lbd = self.operated([origin])
        path = f"/api/v1/upstreams/origins/endpoints/{origin.name}/drain"
        admin = f"http://127.0.0.1:{lbd.admin[1]}"
        for name, expected, said in [
                ("no token", 401, lbd.call("POST", path, token=None)),
                ("a wrong token", 401, lbd.call("POST", path, token=TOKEN[:-1])),
                ("an empty token", 401, lbd.call("POST", path, None, "Authorization: Bearer ", token=None)),
                ("the token twice", 401, lbd.call("POST", path, None, f"Authorization: Bearer {TOKEN}")),
                ("basic", 401, lbd.call("POST", path, None, f"Authorization: Basic {TOKEN}", token=None)),
                ("in the query", 401, lbd.call("POST", f"{path}?token={TOKEN}&access_token={TOKEN}", token=None)),
                ("GET", 405, lbd.call("GET", path)),
                ("HEAD", 405, lbd.call("HEAD", path)),
                ("GET overridden", 405, lbd.call("GET", path, None, "X-HTTP-Method-Override: POST")),
                ("another site", 403, lbd.call("POST", path, None, "Origin: http://evil.example")),
                ("a sandboxed frame", 403, lbd.call("POST", path, None, "Origin: null")),
                ("another port", 403, lbd.call("POST", path, None, "Origin: http://127.0.0.1:1")),
                ("cross-site", 403, lbd.call("POST", path, None, "Sec-Fetch-Site: cross-site")),
                ("a rebound name", 403, lbd.call("POST", path, host="evil.example")),
                ("a form", 415, form(lbd, path))]:
            with self.subTest(by=name):
                self.assertEqual(said.status, expected)
        self.assertNotEqual(lbd.endpoint(origin.name)["state"], "draining")
        self.assertEqual(ask(lbd.address, get()).status, 200)
        self.assertEqual(lbd.call("POST", path, None, f"Origin: {admin}",
                                  host=f"127.0.0.1:{lbd.admin[1]}").status, 200)
        self.assertEqual(lbd.endpoint(origin.name)["state"], "draining")

    def test_status_is_not_told_to_a_rebound_name_and_metrics_are(self):
        lbd = self.operated(self.origins(1))
        for path in ("/api/v1/status", "/api/v1/events", "/"):
            self.assertEqual(lbd.call("GET", path, token=None, host="evil.example").status, 403)
        for path in ("/metrics", "/healthz"):
            self.assertEqual(lbd.call("GET", path, token=None, host="lb1").status, 200)

    def test_without_a_token_configured_nothing_can_be_changed(self):
        origin, = self.origins(1)
        lbd = self.operated([origin], without_token=True)
        self.assertEqual(lbd.command(origin.name, "drain").status, 403)
        self.assertEqual(lbd.call("POST", "/api/v1/reload").status, 403)

    def test_a_token_that_everybody_can_read_is_refused(self):
        lbd = self.operated(self.origins(1))
        os.chmod(lbd.token_file, 0o644)
        said = lbd.call("POST", "/api/v1/reload")
        self.assertGreaterEqual(said.status, 400)
        self.assertIn("open to everybody", json.loads(said.body)["faults"][0]["wrong"])

    def test_the_unix_socket_is_the_groups_and_wants_the_token_too(self):
        origin, = self.origins(1)
        lbd = self.operated([origin])
        self.assertEqual(stat.S_IMODE(os.stat(lbd.socket).st_mode), 0o660)
        self.assertIn(b"200 OK", ask_through(lbd.socket, get("/healthz", "Connection: close")))
        path = f"/api/v1/upstreams/origins/endpoints/{origin.name}/drain"
        self.assertIn(b"HTTP/1.1 401 ", ask_through(lbd.socket, get(path, "Connection: close", method="POST")))
        said = ask_through(lbd.socket, get(path, "Connection: close", f"Authorization: Bearer {TOKEN}", method="POST"))
        self.assertIn(b"HTTP/1.1 200 ", said)
        self.assertEqual(lbd.endpoint(origin.name)["state"], "draining")

    def test_large_and_broken_content_is_refused(self):
        origin, = self.origins(1)
        lbd = self.operated([origin])
        path = f"/api/v1/upstreams/origins/endpoints/{origin.name}/weight"
        self.assertEqual(lbd.call("PUT", path, {"weight": "x" * 70000}).status, 413)
        for content in ({}, [], {"weight": -1}, {"weight": 10001}, {"weight": 1.5}, {"weight": None}, {"waight": 1}):
            with self.subTest(content=content):
                self.assertEqual(lbd.call("PUT", path, content).status, 422)
        self.assertEqual(lbd.call("PUT", path, {"weight": 7}).status, 200)
        self.assertEqual(lbd.endpoint(origin.name)["weight"], 7)

    # What it does

    def test_drain_moves_traffic_and_fails_no_request(self):
        first, second = self.origins(2)
        pause = threading.Event()
        for origin in (first, second):
            origin.script = lambda request, connection: pause.wait(0.003) or answer(b"x" * 500)
        lbd = self.operated([first, second], workers=2)
        with Load(lbd.address, threads=6) as load:
            load.await_answers(200)
            self.assertEqual(lbd.command(first.name, "drain").status, 200)
            wait_until(lambda: lbd.endpoint(first.name)["in_flight"] == 0, what="nothing in flight")
            first.clear()
            load.await_answers(200)
            self.assertEqual(first.requests, [])
            first.stop()  # what an operator drains for
            load.await_answers(100)
            first.start()
            self.assertEqual(lbd.command(first.name, "undrain").status, 200)
            wait_until(lambda: len(first.whole) > 20, what="requests at the endpoint that is back")
        self.assertEqual(load.failures, [])

    def test_endpoints_come_and_go_under_load(self):
        first, second, third = self.origins(3)
        lbd = self.operated([first, second], workers=2, upstream=CHECK)
        with Load(lbd.address, threads=6) as load:
            load.await_answers(100)
            said = lbd.call("POST", "/api/v1/upstreams/origins/endpoints",
                            {"address": third.name, "name": "third", "weight": 200})
            self.assertEqual(said.status, 201)
            wait_until(lambda: len(third.whole) > 50, what="requests at the new endpoint")
            self.assertEqual(lbd.endpoint("third")["source"], "operator")
            again = lbd.call("POST", "/api/v1/upstreams/origins/endpoints", {"address": third.name, "name": "third"})
            self.assertEqual(again.status, 409)
            self.assertEqual(lbd.call("DELETE", f"/api/v1/upstreams/origins/endpoints/{first.name}").status, 200)
            wait_until(lambda: lbd.call("GET", f"/api/v1/upstreams/origins/endpoints/{first.name}").status == 404,
                       what="the endpoint is gone")
            load.await_answers(100)
            first.clear()
            load.await_answers(200)
            self.assertEqual(first.requests, [])
        self.assertEqual(load.failures, [])
        self.assertEqual(lbd.call("DELETE", "/api/v1/upstreams/origins/endpoints/nobody").status, 404)
        self.assertEqual(lbd.call("POST", "/api/v1/upstreams/nobody/endpoints", {"address": "10.0.0.1:80"}).status, 404)
        self.assertEqual(lbd.call("POST", "/api/v1/upstreams/origins/endpoints", {"address": "nowhere"}).status, 422)
        for name in ("a/b", "a b", "a\n", "n" * 65):  # as in the configuration
            said = lbd.call("POST", "/api/v1/upstreams/origins/endpoints", {"address": "10.0.0.1:80", "name": name})
            self.assertEqual(said.status, 422)

    def test_it_says_why_an_endpoint_is_out(self):
        first, second = self.origins(2)
        first.health_script = lambda request, connection: answer(b"no", status="503 Service Unavailable")
        lbd = self.operated([first, second], upstream=CHECK)
        wait_until(lambda: lbd.endpoint(first.name)["state"] == "down", what="down")
        endpoint = lbd.endpoint(first.name)
        self.assertEqual(endpoint["reason"]["last_check"], "wrong_status")
        self.assertIn("503", endpoint["reason"]["detail"])
        self.assertGreaterEqual(endpoint["reason"]["failed_in_row"], 2)
        self.assertIsNotNone(endpoint["since"])
        self.assertEqual(lbd.endpoint(second.name)["state"], "up")
        self.assertEqual(lbd.get("/api/v1/upstreams")[0]["usable"], 1)

    def test_recent_errors_are_told_without_the_query(self):
        origin, = self.origins(1)
        lbd = self.operated([origin])
        origin.script = lambda request, connection: answer(b"", status="503 Service Unavailable")
        ask(lbd.address, get("/broken?secret=1"))
        error = wait_until(lambda: lbd.get("/api/v1/errors"), what="an error on record")[0]
        self.assertEqual((error["status"], error["method"], error["path"]), (503, "GET", "/broken"))
        self.assertNotIn("secret", json.dumps(error))

    def test_sessions_are_told_by_state_and_the_longest_in_full(self):
        origin, = self.origins(1)
        lbd = self.operated([origin], workers=2)
        release = threading.Event()
        self.addCleanup(release.set)
        origin.script = lambda request, connection: (release.wait(20) and None if request.target.startswith("/hangs")
                                                     else answer())
        clients = [Client(lbd.address) for _ in range(9)]
        for client in clients:
            self.addCleanup(client.close)
        for client in clients[:5]:
            self.assertEqual(client.send(get()).response().status, 200)
        clients[5].send(b"GET /half")
        for client in clients[6:]:
            client.send(get("/hangs?secret=1" + "x" * 300, method="POST"))

        def told(query="") -> dict:
            return lbd.get("/api/v1/sessions" + query)
        expected = {"idle": 5, "receiving_head": 1, "awaiting_answer": 3}
        wait_until(lambda: told()["by_state"] == expected, what="nine connections")
        said = told()
        self.assertEqual((said["total"], said["complete"], len(said["longest"])), (9, True, 9))
        for session in said["longest"][:3]:
            self.assertEqual([session[name] for name in ("client", "state", "requests", "method", "host", "path", "upstream",
                                                         "endpoint", "attempts", "bytes_sent")],
                             ["127.0.0.1", "awaiting_answer", 1, "POST", "test", "/hangs", "origins", origin.name, 1, 0])
        ages = [session["lasts_ms"] for session in said["longest"][:3]]
        self.assertEqual(ages, sorted(ages, reverse=True))
        self.assertNotIn("secret", json.dumps(said))
        self.assertEqual([len(told(f"?most={most}")["longest"]) for most in (0, 1, 4)], [0, 1, 4])
        self.assertEqual(told("?most=1")["total"], 9, "all are counted, however few are told")
        self.assertEqual(lbd.call("GET", "/api/v1/sessions?most=1001").status, 422)
        release.set()

    # Live

    def test_events_bring_status_and_changes(self):
        origin, = self.origins(1)
        lbd = self.operated([origin])
        events = Events(lbd.admin)
        self.addCleanup(events.close)
        self.assertEqual(events.head.field("Content-Type"), "text/event-stream")
        name, status = events.next()
        self.assertEqual((name, status["upstreams"][0]["name"]), ("status", "origins"))
        lbd.command(origin.name, "drain")

        def drained():
            return events.next()[1]["upstreams"][0]["endpoints"][0]["state"] == "draining"
        wait_until(drained, what="the change among the events")

    def test_only_so_many_may_watch_and_metrics_stay_within_reach(self):
        lbd = self.operated(self.origins(1))
        readers = [Events(lbd.admin) for _ in range(16)]
        for reader in readers:
            self.addCleanup(reader.close)
            self.assertEqual(reader.head.status, 200)
        self.assertEqual(lbd.call("GET", "/api/v1/events", token=None).status, 503)
        self.assertEqual(lbd.lbd.admin("/metrics").status, 200)

    def test_the_page_takes_nothing_from_outside(self):
        lbd = self.operated(self.origins(1))
        said = lbd.call("GET", "/", token=None)
        self.assertEqual(said.status, 200)
        self.assertIn("default-src 'none'", said.field("Content-Security-Policy"))
        self.assertNotIn(b"https://", said.body)

    def test_status_counts_what_was_served(self):
        lbd = self.operated(self.origins(1))
        for _ in range(5):
            ask(lbd.address, get())
        status = wait_until(lambda: (told := lbd.get("/api/v1/status"))["totals"]["answers"]["2xx"] >= 5 and told,
                            what="five answers")
        self.assertTrue(status["process"]["ready"])
        self.assertEqual(status["upstreams"][0]["endpoints"][0]["answered"], 5)
        self.assertEqual(status["listeners"][0]["address"], "%s:%d" % lbd.address)
        self.assertEqual(status["routes"][0]["upstreams"], ["origins"])


def form(lbd: Operated, path: str):
    """What the form of another page can send without asking first."""
    body = b'{"weight": 1}'
    octets = get(path.replace("/drain", "/weight"), f"Authorization: Bearer {TOKEN}", "Content-Type: text/plain",
                 f"Content-Length: {len(body)}", "Connection: close", method="PUT", host="127.0.0.1") + body
    return ask(lbd.admin, octets)


if __name__ == "__main__":
    unittest.main()
