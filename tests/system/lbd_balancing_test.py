"""Who gets the next request: every policy, weights, backups, slow start, sticky clients, places and the queue for them,
and who is asked again. long because every policy stands against the same few endpoints."""

import json
import os
import sys
import threading
import unittest

sys.dont_write_bytecode = True

from support.lbd_process import Lbd  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import SECONDS, Client, ask, get, post, wait_until  # noqa: E402

CHECK = {"enabled": True, "interval": "50ms", "timeout": "5s", "rise": 2, "fall": 2}


class Gate:
    """Holds requests at an origin until they are let go, one by one."""

    def __init__(self, *origins: Origin):
        self.free = threading.Semaphore(0)
        self.most = self.inside = 0
        self.lock = threading.Lock()
        for origin in origins:
            origin.script = self.pass_through

    def pass_through(self, request, _connection) -> bytes:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.free.acquire(timeout=SECONDS)
        with self.lock:
            self.inside -= 1
        return answer(request.target.encode())

    def open(self, count: int = 1) -> None:
        for _ in range(count):
            self.free.release()


class Balancing(unittest.TestCase):
    def origins(self, count: int) -> list[Origin]:
        made = [Origin() for _ in range(count)]
        for number, origin in enumerate(made):
            self.addCleanup(origin.stop)
            origin.script = lambda request, connection, name=str(number): answer(name.encode())
        return made

    def lbd(self, endpoints: list, **settings) -> Lbd:
        lbd = Lbd([one.name if isinstance(one, Origin) else one for one in endpoints], **settings)
        self.addCleanup(lbd.close)
        return lbd

    def gate(self, *origins: Origin) -> Gate:
        gate = Gate(*origins)
        self.addCleanup(gate.open, 1000)
        return gate

    def named(self, lbd: Lbd, count: int, *fields: str, path: str = "/") -> list[str]:
        """Who answered `count` requests in a row."""
        with Client(lbd.address) as client:
            return [client.send(get(path, *fields)).response().body.decode() for _ in range(count)]

    def shares(self, lbd: Lbd, count: int) -> dict[str, int]:
        names = self.named(lbd, count)
        return {name: names.count(name) for name in sorted(set(names))}

    def hold(self, lbd: Lbd, path: str = "/") -> Client:
        client = Client(lbd.address)
        self.addCleanup(client.close)
        return client.send(get(path))

    def queued(self, lbd: Lbd) -> int:
        return int(lbd.metrics()['lbd_upstream_queued{upstream="origins"}'])

    # Policies

    def test_turns_follow_weights_evenly(self):
        one, two, three = self.origins(3)
        lbd = self.lbd([{"address": one.name, "weight": 5}, {"address": two.name, "weight": 1},
                        {"address": three.name, "weight": 1}])
        self.assertEqual("".join(self.named(lbd, 14)), "00102000010200")

    def test_every_policy_uses_every_endpoint_in_about_its_share(self):
        origins = self.origins(3)
        endpoints = [{"address": origin.name, "weight": weight} for origin, weight in zip(origins, (100, 100, 200))]
        for policy in ("round_robin", "least_requests", "two_choices", "peak_ewma", "random"):
            with self.subTest(policy=policy):
                lbd = self.lbd(endpoints, upstream={"balance": {"policy": policy}})
                shares = self.shares(lbd, 400)
                self.assertEqual(set(shares), {"0", "1", "2"})
                if policy != "peak_ewma":  # that one goes by how fast they are
                    self.assertGreater(shares["2"], 130)
                    self.assertGreater(min(shares.values()), 50)

    def test_least_requests_and_two_choices_leave_the_busy_alone(self):
        for policy in ("least_requests", "two_choices"):
            with self.subTest(policy=policy):
                one, two = self.origins(2)
                lbd = self.lbd([one, two], upstream={"balance": {"policy": policy}}, workers=2)
                gate = self.gate(one)
                idle = f'lbd_upstream_requests_active{{upstream="origins",endpoint="{two.name}"}}'
                while not gate.inside:  # the other one may be asked first
                    asked = len(two.whole)
                    held = self.hold(lbd, "/held")
                    wait_until(lambda: gate.inside or len(two.whole) > asked)
                    if not gate.inside:
                        held.response()
                for _ in range(20):
                    # An answer is here a moment before the worker that brought it has counted its end.
                    wait_until(lambda: lbd.metrics()[idle] == 0)
                    self.assertEqual(ask(lbd.address, get()).body, b"1")
                gate.open()
                self.assertEqual(held.response().body, b"/held")

    def test_peak_ewma_prefers_who_answers_sooner(self):
        one, two = self.origins(2)
        slow = threading.Event()
        one.script = lambda request, connection: slow.wait(0.05) or answer(b"0")
        lbd = self.lbd([one, two], upstream={"balance": {"policy": "peak_ewma"}})
        names = self.named(lbd, 60)
        self.assertIn("0", names)
        self.assertGreater(names.count("1"), 50)

    def test_a_key_stays_where_it_is_and_moves_only_when_it_must(self):
        origins = self.origins(4)
        users = [f"user-{number}" for number in range(60)]
        balance = {"policy": "hash", "hash": {"field": "X-User"}}

        def places(lbd):
            return {user: self.named(lbd, 1, f"X-User: {user}")[0] for user in users}
        before = places(self.lbd(origins, upstream={"balance": balance}, workers=2))
        self.assertEqual(set(before.values()), {"0", "1", "2", "3"})
        # Another process, another order: the same places.
        shuffled = self.lbd(list(reversed(origins)), upstream={"balance": balance})
        self.assertEqual(places(shuffled), before)
        origins[2].stop()
        after = places(shuffled)
        self.assertEqual({user: name for user, name in before.items() if name != "2"},
                         {user: name for user, name in after.items() if before[user] != "2"})
        self.assertNotIn("2", after.values())

    def test_what_is_hashed(self):
        origins = self.origins(4)
        for balance, fields, path in (
                ({"policy": "client_hash"}, lambda n: [], lambda n: f"/{n}"),
                ({"policy": "hash", "hash": {"cookie": "sid"}}, lambda n: [f"Cookie: a={n}; sid=7"], lambda n: f"/{n}"),
                ({"policy": "hash", "hash": {"path": True}}, lambda n: [f"X-User: {n}"], lambda n: f"/one?q={n}")):
            with self.subTest(balance=balance):
                lbd = self.lbd(origins, upstream={"balance": balance})
                self.assertEqual(len({self.named(lbd, 1, *fields(n), path=path(n))[0] for n in range(12)}), 1)

    def test_bounded_load_shares_a_hot_key(self):
        origins = self.origins(4)
        lbd = self.lbd(origins, upstream={"balance": {"policy": "hash", "hash": {"path": True}, "bounded_load": 1.25}})
        gate = self.gate(*origins)
        clients = []
        for number in range(1, 21):
            clients.append(self.hold(lbd, "/hot"))
            wait_until(lambda: gate.inside == number, what="the request at an origin")
            most = max(len(origin.whole) for origin in origins)
            self.assertLessEqual(most, -(-5 * number // 16))  # ⌈1.25 × number / 4⌉
        gate.open(20)
        for client in clients:
            self.assertEqual(client.response().status, 200)

    # Who serves

    def test_a_backup_serves_only_when_nobody_else_does(self):
        one, two, spare = self.origins(3)
        lbd = self.lbd([one, two, {"address": spare.name, "backup": True}], upstream={"check": CHECK})
        self.assertEqual(self.shares(lbd, 20), {"0": 10, "1": 10})
        one.stop()
        self.assertNotIn("2", self.named(lbd, 20))
        two.stop()
        self.assertEqual(set(self.named(lbd, 20)), {"2"})
        one.start()
        wait_until(lambda: "0" in self.named(lbd, 2), what="the first endpoint to be back")
        self.assertEqual(set(self.named(lbd, 10)), {"0"})

    def test_tiers_serve_in_their_order(self):
        origins = self.origins(3)
        lbd = self.lbd([{"address": origin.name, "tier": 2 - tier} for tier, origin in enumerate(origins)])
        for name in ("2", "1", "0"):
            self.assertEqual(set(self.named(lbd, 6)), {name})
            origins[int(name)].stop()

    def test_in_a_panic_the_sick_serve_too(self):
        origins = self.origins(4)
        for origin in origins[:3]:
            origin.health_script = lambda request, connection: answer(b"", status="503 Service Unavailable")
        for panic, serving in (("0%", {"3"}), ("50%", {"0", "1", "2", "3"})):
            with self.subTest(panic=panic):
                lbd = self.lbd(origins, upstream={"check": CHECK, "balance": {"panic": panic}})
                up = [f'lbd_upstream_up{{upstream="origins",endpoint="{origin.name}"}}' for origin in origins]
                wait_until(lambda: [lbd.metrics()[key] for key in up] == [0, 0, 0, 1], what="the verdicts")
                self.assertEqual(set(self.named(lbd, 12)), serving)
                self.assertEqual(lbd.metrics()['lbd_upstream_panic{upstream="origins"}'], int(panic != "0%"))

    def test_who_comes_back_starts_slowly(self):
        one, two = self.origins(2)
        lbd = self.lbd([one, two], upstream={"check": CHECK, "balance": {"slow_start": "1h"}})
        self.assertEqual(self.shares(lbd, 20), {"0": 10, "1": 10})  # a start of lbd is no come-back
        key = f'lbd_upstream_up{{upstream="origins",endpoint="{one.name}"}}'
        one.stop()
        wait_until(lambda: lbd.metrics()[key] == 0, what="the endpoint to be out")
        one.start()
        wait_until(lambda: lbd.metrics()[key] == 1, what="the endpoint to be back")
        self.assertAlmostEqual(self.shares(lbd, 110)["0"], 10, delta=2)  # a tenth of the other's weight

    # Sticky clients

    def sticky(self, response) -> str:
        field = response.field("Set-Cookie")
        self.assertTrue(field and field.startswith("seat=") and "HttpOnly" in field, field)
        return field.partition(";")[0]

    def test_a_client_comes_back_to_its_endpoint(self):
        origins = self.origins(3)
        key_file = os.path.join(os.path.dirname(__file__), "lbd_balancing_test.py")
        upstream = {"balance": {"sticky": {"cookie": "seat", "key_file": key_file}}}
        lbd = self.lbd(origins, upstream=upstream, workers=2)
        first = ask(lbd.address, get())
        cookie = self.sticky(first)
        for _ in range(9):
            again = ask(lbd.address, get("/", f"Cookie: other=1; {cookie}"))
            self.assertEqual(again.body, first.body)
            self.assertIsNone(again.field("Set-Cookie"))
        # The other load balancer of a pair, with the same key and another order.
        other = self.lbd(list(reversed(origins)), upstream=upstream)
        for _ in range(4):
            self.assertEqual(ask(other.address, get("/", f"Cookie: {cookie}")).body, first.body)
        # Its endpoint is gone: another one, another cookie.
        origins[int(first.body)].stop()
        moved = ask(lbd.address, get("/", f"Cookie: {cookie}"))
        self.assertNotEqual(moved.body, first.body)
        self.assertEqual(ask(lbd.address, get("/", f"Cookie: {self.sticky(moved)}")).body, moved.body)

    def test_a_forged_cookie_is_ignored(self):
        one, two = self.origins(2)
        lbd = self.lbd([one, two], upstream={"balance": {"sticky": {"cookie": "seat"}}})
        cookie = self.sticky(ask(lbd.address, get()))
        for forged in (cookie[:-1] + ("A" if cookie[-1] != "A" else "B"), "seat=", "seat=0", "seat=" + "A" * 5000):
            with self.subTest(cookie=forged[:70]):
                answers = [ask(lbd.address, get("/", f"Cookie: {forged}")) for _ in range(2)]
                self.assertEqual({response.body for response in answers}, {b"0", b"1"})
                for response in answers:
                    self.sticky(response)

    # Places and the queue for them

    def full(self, *origins: Origin, queue: dict | None = None, workers: int = 1, **settings) -> Lbd:
        return self.lbd([{"address": origin.name, "max_connections": 1} for origin in origins],
                        upstream={"queue": queue or {}}, workers=workers, **settings)

    def test_who_waits_is_served_in_order(self):
        one, = self.origins(1)
        gate = self.gate(one)
        lbd = self.full(one, workers=2)
        clients = [self.hold(lbd, "/0")]
        wait_until(lambda: gate.inside == 1, what="the first at the origin")
        for number in range(1, 6):
            clients.append(self.hold(lbd, f"/{number}"))
            wait_until(lambda: self.queued(lbd) == number, what="the request in the queue")
        for number, client in enumerate(clients):
            gate.open()
            self.assertEqual(client.response().body, f"/{number}".encode())
        self.assertEqual(gate.most, 1)
        self.assertEqual([request.target for request in one.whole], [f"/{number}" for number in range(6)])
        self.assertEqual(self.queued(lbd), 0)

    def test_who_waits_is_served_by_the_priority_of_its_route(self):
        one, = self.origins(1)
        gate = self.gate(one)
        lbd = self.full(one, workers=2, queue={"length": 4, "timeout": "60s"}, routes=[
            {"path": "/", "upstream": "origins"}, {"path": "/pay", "upstream": "origins", "priority": 10}])
        held = self.hold(lbd, "/first")
        wait_until(lambda: gate.inside == 1, what="the first at the origin")
        waiting = []
        for path in ("/1", "/pay/1", "/2", "/pay/2"):
            waiting.append(self.hold(lbd, path))
            wait_until(lambda: self.queued(lbd) == len(waiting), what="the request in the queue")
        urgent = self.hold(lbd, "/pay/3")  # the queue is full: the last of those who can wait makes room
        displaced = waiting.pop(2).response()
        self.assertEqual((displaced.status, json.loads(displaced.body)["code"]), (503, "queue_full"))
        self.assertTrue(displaced.field("Retry-After"))
        refused = ask(lbd.address, get("/3"))
        self.assertEqual((refused.status, json.loads(refused.body)["code"]), (503, "queue_full"))
        self.assertEqual(lbd.refused(), {"queue_full": 2})
        gate.open(5)
        self.assertEqual([client.response().status for client in (held, *waiting, urgent)], [200] * 5)
        self.assertEqual([request.target for request in one.whole], ["/first", "/pay/1", "/pay/2", "/pay/3", "/1"])

    def test_who_waits_too_long_is_told_so(self):
        one, = self.origins(1)
        gate = self.gate(one)
        lbd = self.full(one, queue={"timeout": "100ms"})
        held = self.hold(lbd)
        wait_until(lambda: gate.inside == 1)
        late = ask(lbd.address, get())
        self.assertEqual((late.status, json.loads(late.body)["code"]), (503, "queue_timeout"))
        self.assertTrue(late.field("Retry-After"))
        gate.open()
        self.assertEqual(held.response().status, 200)
        gate.open()
        self.assertEqual(ask(lbd.address, get()).status, 200)

    def test_a_full_queue_refuses_at_once(self):
        one, = self.origins(1)
        gate = self.gate(one)
        for length in (0, 1):
            with self.subTest(length=length):
                lbd = self.full(one, queue={"length": length, "timeout": "60s"})
                held = [self.hold(lbd)]
                wait_until(lambda: gate.inside == 1)
                for number in range(length):
                    held.append(self.hold(lbd))
                    wait_until(lambda: self.queued(lbd) == number + 1)
                refused = ask(lbd.address, get())
                self.assertEqual((refused.status, json.loads(refused.body)["code"]), (503, "queue_full"))
                self.assertTrue(refused.field("Retry-After"))
                gate.open(1 + length)
                for client in held:
                    self.assertEqual(client.response().status, 200)
                self.assertEqual(lbd.refused(), {"queue_full": 1})

    def test_nobody_gets_more_than_it_takes_and_nobody_is_forgotten(self):
        """Two workers, many clients: a place given back on one wakes who waits on the other."""
        origins = self.origins(2)
        gate = self.gate(*origins)
        gate.open(400)
        lbd = self.full(*origins, workers=2)
        failures = []

        def client():
            with Client(lbd.address) as mine:
                for _ in range(25):
                    status = mine.send(get()).response().status
                    if status != 200:
                        failures.append(status)
        threads = [threading.Thread(target=client) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(SECONDS)
        self.assertEqual(failures, [])
        self.assertEqual(sum(len(origin.whole) for origin in origins), 300)
        self.assertLessEqual(gate.most, 2)

    def test_who_waits_goes_to_whoever_is_free_first(self):
        one, two = self.origins(2)
        first, second = self.gate(one), self.gate(two)
        lbd = self.full(one, two)
        held = [self.hold(lbd, "/a"), self.hold(lbd, "/b")]
        wait_until(lambda: first.inside == 1 and second.inside == 1)
        waiting = self.hold(lbd, "/c")
        wait_until(lambda: self.queued(lbd) == 1)
        second.open(2)
        self.assertEqual(waiting.response().body, b"/c")
        self.assertEqual([request.target for request in two.whole][-1], "/c")
        first.open()
        for client in held:
            self.assertEqual(client.response().status, 200)

    # Who is asked again

    def test_idle_connections_given_up_are_no_failures(self):
        """Many warm connections, all closed by the endpoint at once, met by as many requests: it stays in use."""
        one, two = self.origins(2)
        gate = self.gate(one, two)
        for origin in (one, two):
            def script(request, connection, served=set()):
                if connection in served:
                    return connection.close()
                served.add(connection)
                return gate.pass_through(request, connection)
            origin.script = script
        lbd = self.lbd([one, two], upstream={"passive": {"consecutive_failures": 3}})
        for _ in range(2):
            clients = [self.hold(lbd) for _ in range(16)]
            wait_until(lambda: gate.inside == 16, what="all requests at the origins")
            gate.open(16)
            self.assertEqual([client.response().status for client in clients], [200] * 16)
            for client in clients:
                client.close()
        self.assertEqual([value for key, value in lbd.metrics().items() if key.startswith("lbd_upstream_up")], [1, 1])

    def test_a_try_that_takes_too_long_goes_to_another(self):
        one, two = self.origins(2)
        never = threading.Event()
        self.addCleanup(never.set)
        one.script = lambda request, connection: never.wait(SECONDS) and None
        lbd = self.lbd([one, two], upstream={"retry": {"try_timeout": "100ms"}})
        self.assertEqual(set(self.named(lbd, 4)), {"1"})
        self.assertEqual(lbd.metrics()['lbd_retries_total{reason="try_timeout"}'], 2)

    def test_a_post_is_never_cut_short_for_another_try(self):
        one, = self.origins(1)
        two, = self.origins(1)
        slow = threading.Event()
        for origin in (one, two):
            origin.script = lambda request, connection: slow.wait(0.3) or answer(b"done")
        lbd = self.lbd([one, two], upstream={"retry": {"try_timeout": "50ms"}})
        self.assertEqual(ask(lbd.address, post(b"pay")).body, b"done")
        self.assertEqual(len(one.whole) + len(two.whole), 1)

    def test_the_last_endpoint_is_asked_again_after_a_while(self):
        one, = self.origins(1)
        lbd = self.lbd([one], upstream={"retry": {"attempts": 10, "backoff": "100ms", "most_backoff": "1s"}})
        one.stop()
        with Client(lbd.address) as client:
            client.send(get())
            wait_until(lambda: lbd.metrics()['lbd_retries_total{reason="not_connected"}'] >= 1, what="a try")
            one.start()
            self.assertEqual(client.response().body, b"0")

    def test_a_spent_budget_ends_trying_again(self):
        one, two = self.origins(2)
        for origin in (one, two):
            origin.script = lambda request, connection: connection.close()
        lbd = self.lbd([one, two], upstream={"retry": {"budget": "0%", "least_per_second": 0}})
        self.assertEqual(ask(lbd.address, get()).status, 502)
        self.assertEqual(len(one.whole) + len(two.whole), 1)


if __name__ == "__main__":
    unittest.main()
