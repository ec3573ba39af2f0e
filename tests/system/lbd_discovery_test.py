"""Endpoints that are looked up: by DNS, again and again, and in a file that somebody writes. What cannot be looked up
stays as it was."""

import contextlib
import copy
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

from support.dns_server import REFUSED, SERVFAIL, DnsServer  # noqa: E402
from support.lbd_process import Lbd  # noqa: E402
from support.load import Load  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import ask, get, wait_until  # noqa: E402

UP = 'lbd_upstream_up{upstream="origins",endpoint="'
HOST = "app.internal"
SERVICE = "_http._tcp.app.internal"


class Discovery(unittest.TestCase):
    def origins(self, count: int) -> list[Origin]:
        made = [Origin() for _ in range(count)]
        for origin in made:
            self.addCleanup(origin.stop)
            origin.script = lambda request, connection, origin=origin: answer(origin.name.encode())
        return made

    def dns(self) -> DnsServer:
        server = DnsServer()
        self.addCleanup(server.stop)
        return server

    def lbd(self, *endpoints, dns: DnsServer | None = None, **settings) -> Lbd:
        if dns:
            settings["resolver"] = {"servers": [dns.name], "timeout": "200ms", "attempts": 1, "least_ttl": "50ms",
                                    "most_ttl": "100ms", "retry": "50ms", "most_retry": "100ms"}
        lbd = Lbd(list(endpoints), **settings)
        self.addCleanup(lbd.close)
        return lbd

    def known(self, lbd: Lbd) -> set[str]:
        """The endpoints lbd has, by their names."""
        return {key[len(UP):-2] for key in lbd.metrics() if key.startswith(UP)}

    def await_known(self, lbd: Lbd, *names: str) -> None:
        wait_until(lambda: self.known(lbd) == set(names), what=f"{names} as the endpoints, not {self.known(lbd)}")

    def served_by(self, lbd: Lbd, requests: int = 8) -> set[str]:
        said = [ask(lbd.address, get()) for _ in range(requests)]
        self.assertEqual({response.status for response in said}, {200})
        return {response.body.decode() for response in said}

    def said(self, lbd: Lbd, message: str) -> list[dict]:
        return [line for line in lbd.log() if line.get("msg") == message]

    # DNS

    def test_the_addresses_of_a_name_are_endpoints_and_follow_it(self):
        origin, = self.origins(1)
        dns = self.dns()
        dns.set(HOST, "A", "127.0.0.1")
        lbd = self.lbd({"dns": f"{HOST}:{origin.port}"}, dns=dns)
        self.await_known(lbd, origin.name)
        self.assertTrue(lbd.is_ready())
        self.assertEqual(self.served_by(lbd), {origin.name})
        dns.set(HOST, "A", "127.0.0.2", "127.0.0.1", "127.0.0.2", "0.0.0.0", "224.0.0.1")
        self.await_known(lbd, origin.name, f"127.0.0.2:{origin.port}")
        dns.set(HOST, "A", "127.0.0.1")
        self.await_known(lbd, origin.name)
        self.assertEqual(self.served_by(lbd), {origin.name})

    def test_no_get_fails_while_the_addresses_change(self):
        first, second = self.origins(2)
        dns = self.dns()
        dns.set(SERVICE, "SRV", (0, 1, first.port, HOST))
        dns.set(HOST, "A", "127.0.0.1")
        lbd = self.lbd({"srv": SERVICE}, dns=dns, workers=2)
        self.await_known(lbd, first.name)
        with Load(lbd.address, threads=4) as load:
            for turn in range(4):
                now = (first, second)[turn % 2]
                dns.set(SERVICE, "SRV", (0, 1, now.port, HOST))
                self.await_known(lbd, now.name)
                load.await_answers(50)
        self.assertEqual(load.failures, [])

    def test_line_39_a_failing_name_server_changes_nothing_and_is_told(self):
        origin, = self.origins(1)
        dns = self.dns()
        dns.set(HOST, "A", "127.0.0.1")
        lbd = self.lbd({"dns": f"{HOST}:{origin.port}"}, dns=dns)
        self.await_known(lbd, origin.name)
        for name, broken in {"silent": "silent", "fails": SERVFAIL, "refuses": REFUSED,
                             "nonsense": b"\x81\x80\0\1\0\7\0\0\0\0\xc0\x0c"}.items():
            with self.subTest(name_server=name):
                before = len(self.said(lbd, "endpoints cannot be looked up, those found last stay"))
                dns.broken = lambda name, kind: broken
                wait_until(lambda: len(self.said(
                    lbd, "endpoints cannot be looked up, those found last stay")) > before, what="a word of the failure")
                self.assertEqual(self.known(lbd), {origin.name})
                self.assertEqual(self.served_by(lbd, 2), {origin.name})
                failures = lambda: lbd.metrics()[  # noqa: E731
                    f'lbd_endpoint_source_failures_total{{upstream="origins",source="dns {HOST}:{origin.port}"}}']
                self.assertGreater(failures(), 0)
                dns.broken = None
                found = len(self.said(lbd, "endpoints were found"))
                wait_until(lambda: len(self.said(lbd, "endpoints were found")) > found, what="the name again")
        with self.subTest("a name that is gone"):
            dns.records.clear()
            asked = dns.asked(HOST, "A")
            wait_until(lambda: dns.asked(HOST, "A") > asked + 2)
            self.assertEqual(self.served_by(lbd, 2), {origin.name})

    def test_one_family_failing_does_not_lose_the_other(self):
        origin, = self.origins(1)
        dns = self.dns()
        dns.set(HOST, "A", "127.0.0.1")
        dns.broken = lambda name, kind: SERVFAIL if kind == "AAAA" else None
        lbd = self.lbd({"dns": f"{HOST}:{origin.port}"}, dns=dns)
        self.await_known(lbd, origin.name)

    def test_both_families_or_the_one_that_is_asked_for(self):
        dns = self.dns()
        dns.set(HOST, "A", "127.0.0.1")
        dns.set(HOST, "AAAA", "::1")
        lbd = self.lbd({"dns": f"{HOST}:80"}, {"dns": f"{HOST}:81", "family": "v4"},
                       {"dns": f"{HOST}:82", "family": "v6"}, dns=dns)
        self.await_known(lbd, "127.0.0.1:80", "[::1]:80", "127.0.0.1:81", "[::1]:82")

    def test_a_name_that_was_never_found_makes_lbd_not_ready_and_the_reason_is_told(self):
        lbd = self.lbd({"dns": "nobody.internal:80"}, dns=self.dns())
        wait_until(lambda: b"there is no such name" in lbd.admin("/readyz").body)
        self.assertFalse(lbd.is_ready())
        self.assertEqual(ask(lbd.address, get()).status, 503)

    def test_a_name_of_the_hosts_file_needs_no_name_server(self):
        origin, = self.origins(1)
        dns = self.dns()
        lbd = self.lbd({"dns": f"localhost:{origin.port}", "family": "v4"}, dns=dns)
        self.await_known(lbd, origin.name)
        self.assertEqual(dns.questions, [])

    def test_line_39_a_large_answer_is_read_over_tcp_and_bounded(self):
        dns = self.dns()
        dns.set(HOST, "A", *(f"127.0.1.{i}" for i in range(1, 201)))
        lbd = self.lbd({"dns": f"{HOST}:80"}, dns=dns)
        wait_until(lambda: len(self.known(lbd)) > 32)
        self.assertLessEqual(len(self.known(lbd)), 64)

    def test_services_have_ports_tiers_and_weights(self):
        best, light, spare = self.origins(3)
        dns = self.dns()
        dns.set(SERVICE, "SRV", (10, 90, best.port, "a.internal"), (10, 10, light.port, "b.internal"),
                (20, 1, spare.port, "a.internal"))
        dns.set("a.internal", "A", "127.0.0.1")
        dns.set("b.internal", "A", "127.0.0.1")
        lbd = self.lbd({"srv": SERVICE}, dns=dns)
        self.await_known(lbd, best.name, light.name, spare.name)
        self.served_by(lbd, 50)
        self.assertEqual(len(spare.whole), 0)
        self.assertGreater(len(best.whole), 4 * len(light.whole))
        self.assertGreater(len(light.whole), 0)
        dns.set(SERVICE, "SRV", (20, 1, spare.port, "a.internal"))
        self.await_known(lbd, spare.name)
        self.assertEqual(self.served_by(lbd), {spare.name})

    def test_a_reload_keeps_what_was_found_also_while_the_name_server_is_dead(self):
        origin, = self.origins(1)
        dns = self.dns()
        dns.set(HOST, "A", "127.0.0.1")
        lbd = self.lbd({"dns": f"{HOST}:{origin.port}"}, dns=dns)
        self.await_known(lbd, origin.name)
        dns.broken = lambda name, kind: "silent"
        for timeout in ("200ms", "300ms"):  # as it was, and looked up otherwise
            made = copy.deepcopy(lbd.settings)
            made["resolver"]["timeout"] = timeout
            made["upstreams"][0]["endpoints"].insert(0, "127.0.0.1:1")
            lbd.configure(made)
            self.assertEqual(lbd.reload()["msg"], "reloaded")
            self.assertEqual(self.known(lbd), {origin.name, "127.0.0.1:1"})
            lbd.configure(lbd.settings)
            lbd.reload()
            self.assertEqual(self.served_by(lbd, 4), {origin.name})

    # Files

    @contextlib.contextmanager
    def file(self, text: str):
        with tempfile.TemporaryDirectory(prefix="lbd-endpoints-") as folder:
            path = os.path.join(folder, "endpoints.txt")
            self.write(path, text)
            yield path

    def write(self, path: str, text: str) -> None:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def replace(self, path: str, text: str) -> None:
        self.write(path + ".new", text)
        os.replace(path + ".new", path)

    def test_a_file_is_followed_however_it_is_changed(self):
        first, second, third = self.origins(3)
        with self.file(f"# ours\n{first.name} weight=50 name=one\n") as path:
            lbd = self.lbd({"file": path})
            self.await_known(lbd, "one")
            self.assertEqual(self.served_by(lbd), {first.name})
            self.write(path, f"{first.name}\n{second.name}\n")
            self.await_known(lbd, first.name, second.name)
            for turn in range(6):  # a rename puts another file there each time
                names = [origin.name for origin in ([third], [second, third])[turn % 2]]
                self.replace(path, "\n".join(names))
                self.await_known(lbd, *names)
            self.assertEqual(self.served_by(lbd), {second.name, third.name})

    def test_a_bad_line_leaves_all_as_it_was_and_is_told_with_its_number(self):
        origin, = self.origins(1)
        with self.file(origin.name) as path:
            lbd = self.lbd({"file": path})
            self.await_known(lbd, origin.name)
            for text, line in {f"{origin.name}\n10.0.0.1:80\nnonsense\n": f"{path}:3: ",
                               f"{origin.name} wieght=1\n": f"{path}:1: ", "# nobody\n": "it names no endpoint"}.items():
                with self.subTest(text=text):
                    self.replace(path, text)
                    wait_until(lambda: any(line in said["reason"] for said in self.said(
                        lbd, "endpoints cannot be looked up, those found last stay")), what=line)
                    self.assertEqual(self.known(lbd), {origin.name})
            os.unlink(path)
            wait_until(lambda: "No such file" in self.said(
                lbd, "endpoints cannot be looked up, those found last stay")[-1]["reason"])
            self.assertEqual(self.served_by(lbd, 2), {origin.name})
            self.replace(path, "127.0.0.1:1\n")
            self.await_known(lbd, "127.0.0.1:1")

    def test_a_file_that_comes_later_is_found(self):
        origin, = self.origins(1)
        with self.file("") as path:
            os.unlink(path)
            lbd = self.lbd({"file": path})
            wait_until(lambda: b"No such file" in lbd.admin("/readyz").body)
            self.write(path, origin.name)
            self.await_known(lbd, origin.name)
            wait_until(lbd.is_ready)

    def test_sources_stand_beside_each_other(self):
        first, second, third = self.origins(3)
        dns = self.dns()
        dns.set(HOST, "A", "127.0.0.1")
        with self.file(f"{second.name} backup\n") as path:
            lbd = self.lbd(first.name, {"file": path}, {"dns": f"{HOST}:{third.port}"}, dns=dns)
            self.await_known(lbd, first.name, second.name, third.name)
            self.assertEqual(self.served_by(lbd), {first.name, third.name})


if __name__ == "__main__":
    unittest.main()
