"""Which upstream gets a request: by host, path, method, field, query, cookie and share; on exactly the octets that are
forwarded."""

import collections
import sys
import unittest

sys.dont_write_bytecode = True

from support.lbd_process import Lbd  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import Client, ask, get  # noqa: E402


class Routing(unittest.TestCase):
    def site(self, names: str, routes: list[dict], **settings) -> Lbd:
        """An upstream for each letter; its answer is the letter."""
        self.origins = {}
        upstreams = []
        for name in names:
            origin = Origin(lambda request, connection, name=name: answer(name.encode()))
            self.addCleanup(origin.stop)
            self.origins[name] = origin
            upstreams.append({"name": name, "endpoints": [origin.name], "check": {"enabled": False}})
        lbd = Lbd([self.origins[names[0]].name], upstreams=upstreams, routes=routes, **settings)
        self.addCleanup(lbd.close)
        return lbd

    def got(self, lbd: Lbd, *rows: tuple) -> None:
        """(request octets, upstream or status)"""
        with Client(lbd.address) as client:
            for octets, expected in rows:
                with self.subTest(octets):
                    response = client.send(octets).response()
                    if isinstance(expected, int):
                        self.assertEqual(response.status, expected)
                    else:
                        self.assertEqual(response.body.decode(), expected)

    def test_hosts(self):
        lbd = self.site("abcd", [{"host": "*.kr", "upstream": "a"}, {"host": "*.shop.kr", "upstream": "b"},
                                 {"host": "www.shop.kr", "upstream": "c"}, {"path": "/any", "upstream": "d"}])
        self.got(lbd,
                 (get(host="www.shop.kr"), "c"), (get(host="WWW.Shop.KR:8080"), "c"), (get(host="www.shop.kr."), "c"),
                 (get(host="x.y.shop.kr"), "b"), (get(host="shop.kr"), "a"), (get(host="kr"), 404),
                 (get("/any", host="kr"), "d"), (get("/any", host="www.shop.kr"), "c"),
                 (get("http://www.shop.kr/x", host="www.shop.kr"), "c"))
        self.assertEqual(lbd.refused(), {"no_route": 1})

    def test_paths(self):
        lbd = self.site("abcd", [{"path": "/", "upstream": "a"}, {"path": "/api", "upstream": "b"},
                                 {"path": {"regex": "^/api/v[0-9]+/"}, "upstream": "c"},
                                 {"path": {"exact": "/api/v1/me"}, "upstream": "d"}])
        self.got(lbd, (get("/"), "a"), (get("/apix"), "a"), (get("/api"), "b"), (get("/api/x?y"), "b"),
                 (get("/api/v12/x"), "c"), (get("/api/v1/me"), "d"), (get("/api/v1/me?x"), "d"),
                 (get("/api/v1/me/"), "c"), (get("*", method="OPTIONS"), "a"))

    def test_line_13_no_other_spelling_leads_past_a_route_and_all_are_forwarded_as_they_came(self):
        routes = [{"path": "/", "upstream": "a"}, {"path": "/admin", "upstream": "b"}]
        lbd = self.site("ab", routes)

        def got(path: str, name: str) -> None:
            self.assertEqual(ask(lbd.address, get(path)).body, name.encode(), path)
            self.assertEqual(self.origins[name].requests[-1].target, path)
        for path in ("/%61dmin", "//admin", "///%61%64min//x", "/admi%6E?x"):
            got(path, "b")
        for path in ("/x//admin", "/a%2fb", "/admin%2fx", "/admin;x", "/Admin", "/a?b=/admin", "/%2561dmin"):
            got(path, "a")
        for path in ("/x/../admin", "/x/%2e%2e/admin", "/x%2f..%2fadmin", "/./admin"):
            self.assertEqual(ask(lbd.address, get(path)).status, 400, path)
        lbd = self.site("ab", routes, merge_slashes=False)
        got("//admin", "a")
        got("/%61dmin", "b")

    def test_methods_fields_queries_and_cookies(self):
        lbd = self.site("abcdef", [
            {"upstream": "a"}, {"methods": ["POST", "PUT"], "upstream": "b"},
            {"fields": {"X-Canary": "1"}, "upstream": "c"}, {"query": {"v": {"regex": "^2"}}, "upstream": "d"},
            {"cookies": {"beta": {"present": True}}, "upstream": "e"},
            {"methods": ["GET"], "fields": {"X-Canary": "1"}, "upstream": "f"}])
        self.got(lbd, (get(), "a"), (get(method="PUT"), "b"), (get(method="DELETE"), "a"),
                 (get("/", "x-canary: 1", method="DELETE"), "c"), (get("/", "X-Canary: 1"), "f"),
                 (get("/", "X-Canary: 11"), "a"), (get("/?v=2x"), "d"), (get("/?w=2"), "a"),
                 (get("/", "Cookie: a=b; beta=1"), "e"), (get("/", "Cookie: betamax=1"), "a"))

    def test_shares_and_who_keeps_his(self):
        route = {"split": [{"upstream": "a", "weight": 3}, {"upstream": "b", "weight": 1}]}
        lbd = self.site("ab", [{**route, "path": "/each"}, {**route, "path": "/cookie", "split_by": {"cookie": "sid"}},
                               {**route, "path": "/address", "split_by": "address"}])

        def counted(path, *fields):
            with Client(lbd.address) as client:
                return collections.Counter(
                    client.send(get(path, *(field.format(number) for field in fields))).response().body
                    for number in range(400))
        each = counted("/each")
        self.assertTrue(60 <= each[b"b"] <= 140, each)
        self.assertEqual(len(counted("/address")), 1)
        by_cookie = counted("/cookie", "Cookie: sid={}")
        self.assertTrue(60 <= by_cookie[b"b"] <= 140, by_cookie)
        self.assertEqual(counted("/cookie", "Cookie: sid={}"), by_cookie)  # the same ones again
        for number in range(20):
            self.assertEqual(len({ask(lbd.address, get("/cookie", f"Cookie: sid={number}")).body for _ in range(3)}), 1)

    def test_a_thousand_routes(self):
        routes = [{"host": f"h{number}.kr", "path": f"/p{number}", "upstream": "ab"[number % 2]}
                  for number in range(1000)]
        lbd = self.site("ab", routes)
        self.got(lbd, *((get(f"/p{number}/x", host=f"h{number}.kr"), "ab"[number % 2]) for number in range(0, 1000, 37)),
                 (get("/p1", host="h2.kr"), 404))

    def test_expressions_of_strangers_paths_take_no_time(self):
        lbd = self.site("a", [{"path": {"regex": "^/(a+)+$"}, "upstream": "a"}])
        before = lbd.cpu_seconds()
        for _ in range(20):
            self.assertEqual(ask(lbd.address, get("/" + "a" * 7000 + "!")).status, 404)
        self.assertLess(lbd.cpu_seconds() - before, 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
