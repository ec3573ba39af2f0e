"""Certificates of clients: no name, however it is spelt and by whatever protocol it is asked for, is had under another rule
than that of the certificate whose name, or wildcard, stands above it."""

import os
import ssl
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True

from support import http2_frames as h2  # noqa: E402
from support.certificates import TlsClient  # noqa: E402
from support.http2_case import Http2TlsCase  # noqa: E402
from support.lbd_process import PROGRAM, Lbd  # noqa: E402
from support.origin import Origin  # noqa: E402
from support.wire import Ended, get, wait_until  # noqa: E402

STAFF = "X-Of: staff"
# Below the wildcard, where a route's `*.` reaches and a certificate's does not.
DEEP = ("a.b.staff.test", "a.b.c.staff.test", "A.B.Staff.TEST", "a.b.staff.test.", "a.b.staff.test:443", "a.b.staff.test.:8443",
        ".staff.test", "a..staff.test", "a.b.staff.test:")
VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


class BelowAWildcard(Http2TlsCase):
    """`www.test` asks for nothing and stands first, `*.staff.test` for a certificate."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.staff = cls.authority.make("staff", "*.staff.test")
        cls.open = cls.authority.make("open", "*.open.staff.test", "door.staff.test")
        cls.client = cls.authority.make("client", "client.test", subject="/O=Plumbers/CN=client.test")
        cls.origins = Origin(), Origin()
        for origin in cls.origins:
            cls.addClassCleanup(origin.stop)
        cls.everybody, cls.inner = cls.origins
        policy = {"mode": "required", "ca_file": cls.authority.file}
        cls.lbd = Lbd(
            [cls.everybody.name],
            listeners=[{"address": "127.0.0.1:0", "tls": {"certificates": [
                cls.www, {**cls.staff, "client_certificates": policy}, cls.open]}}],
            upstreams=[{"name": name, "endpoints": [origin.name], "check": {"enabled": False}}
                       for name, origin in (("origins", cls.everybody), ("inner", cls.inner))],
            routes=[{"path": "/", "upstream": "origins"}, {"host": "*.staff.test", "path": "/", "upstream": "inner"}])
        cls.addClassCleanup(cls.lbd.close)

    def setUp(self):
        for origin in self.origins:
            origin.clear()

    def trust(self, shown: dict | None = None, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
        return self.authority.context(shown, check_hostname=False, maximum_version=version)

    def ask(self, name: str | None, host: str, shown: dict | None = None, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
            session=None, target: str = "/") -> int | None:
        """The status of the answer; None when there is no connection to ask on."""
        try:
            with TlsClient(self.lbd.address, self.trust(shown, version), name, session) as client:
                return client.send(get(target, host=host)).response().status
        except (OSError, Ended):
            return None

    def nobody_came_in(self):
        self.assertEqual(self.inner.requests, [])

    def test_line_35_a_name_below_a_wildcard_is_under_its_rule(self):
        for version in VERSIONS:
            for name in ("a.b.staff.test", "a.b.c.staff.test", "A.B.Staff.TEST", "a.b.staff.test."):
                with self.subTest(name=name, version=version.name):
                    self.assertIsNone(self.ask(name, name, version=version))
        self.nobody_came_in()
        self.assertEqual(self.ask("a.b.staff.test", "a.b.staff.test", self.client), 200)
        self.assertEqual(self.inner.requests[0].field("X-Client-Cert-Subject"), "CN=client.test,O=Plumbers")

    def test_line_35_no_host_below_a_wildcard_by_the_connection_of_another_name(self):
        for name in (None, "www.test", "nobody.test"):
            for host in (*DEEP, "a.staff.test"):
                with self.subTest(name=name, host=host):
                    # Whoever has a certificate was not asked for it on this connection.
                    self.assertEqual({self.ask(name, host), self.ask(name, host, self.client)}, {421})
        for host, target in (("www.test", "a.b.staff.test"), ("a.b.staff.test", "A.B.staff.test.:443")):
            for name in (None, "www.test"):
                self.assertEqual(self.ask(name, host, target=f"http://{target}/"), 421)
        self.nobody_came_in()

    def test_line_35_the_same_by_http2(self):
        for name in ("www.test", "nobody.test"):
            for host in DEEP:
                with self.subTest(name=name, host=host):
                    context = self.trust()
                    context.set_alpn_protocols(["h2"])
                    client = self.connect(context, name=name)
                    said = client.response(client.begin("/", authority=host))
                    # What is no authority at all is refused as malformed.
                    self.assertTrue(said.status == 421 or said.reset == h2.PROTOCOL_ERROR, said)
        self.nobody_came_in()

    def test_line_35_no_session_is_resumed_from_above_to_below(self):
        for version in VERSIONS:
            with self.subTest(version.name):
                context = self.trust(version=version)
                with TlsClient(self.lbd.address, context, "www.test") as client:
                    client.send(get(host="www.test")).response()
                    session = client.sock.session
                with TlsClient(self.lbd.address, context, "www.test", session) as client:
                    client.send(get(host="www.test")).response()
                    self.assertTrue(client.sock.session_reused)
                with self.assertRaises((OSError, Ended)), TlsClient(self.lbd.address, context, "a.b.staff.test", session) as client:
                    client.send(get(host="a.b.staff.test")).response()
        self.nobody_came_in()

    def test_what_has_a_certificate_of_its_own_goes_by_its_own_rule(self):
        for name in ("door.staff.test", "a.open.staff.test", "a.b.open.staff.test"):
            self.assertEqual(self.ask(name, name), 200, name)
        self.assertEqual(len(self.inner.requests), 3)
        self.inner.clear()
        for name in ("b.door.staff.test", "open.staff.test"):
            self.assertIsNone(self.ask(name, name), name)
        self.nobody_came_in()


class Warned(Http2TlsCase):
    """What `--check` says of rules that do not protect what they seem to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = {"mode": "required", "ca_file": cls.authority.file}
        cls.staff = {**cls.authority.make("staff", "*.staff.test"), "client_certificates": cls.policy}

    def check(self, routes: list[dict], *certificates: dict, **tls) -> subprocess.CompletedProcess:
        self.start()
        settings = self.lbd.settings
        settings["listeners"] = [{"address": "127.0.0.1:0", "tls": {"certificates": list(certificates), **tls}}]
        settings["upstreams"] = [{"name": name, "endpoints": [self.origin.name], "check": {"enabled": False}}
                                 for name in ("origins", "inner")]
        settings["routes"] = routes
        self.lbd.configure(settings)
        return subprocess.run([PROGRAM, "--config", self.lbd.config_path, "--check"], capture_output=True, text=True, check=False)

    def test_a_name_twice_with_two_rules(self):
        both = self.authority.make("both", "www.test", "door.staff.test")
        door = {**self.authority.make("door", "door.staff.test"), "client_certificates": self.policy}
        said = self.check([{"path": "/", "upstream": "origins"}], both, door)
        self.assertEqual(said.returncode, 2)
        self.assertIn("another certificate of the same name has another rule", said.stderr)
        self.assertEqual(self.check([{"path": "/", "upstream": "origins"}], {**both, "names": ["www.test"]}, door).returncode, 0)

    def test_a_name_that_the_certificate_does_not_have(self):
        for names, warned in ((["WWW.test", "one.wild.test", "*.wild.test"], ()),
                              (["www.test", "shop.test"], ("shop.test",)),
                              (["wild.test", "a.b.wild.test", "*.test"], ("wild.test", "a.b.wild.test", "*.test"))):
            with self.subTest(names=names):
                said = self.check([{"path": "/", "upstream": "origins"}], {**self.www, "names": names})
                self.assertEqual(said.returncode, 0, said.stderr)
                found = [line for line in said.stderr.splitlines() if "is no name of" in line]
                self.assertEqual(len(found), len(warned), said.stderr)
                for line, name in zip(found, warned):
                    self.assertRegex(line, r"lbd\.yaml:\d+: listeners\[0\]\.tls\.certificates\[0\]\.names: ")
                    self.assertIn(f'"{name}" is no name of {self.www["certificate_file"]}', line)
                    self.assertIn("www.test, test, *.wild.test", line)

    def test_a_way_around_a_rule(self):
        inner = {"name": "staff", "host": "*.staff.test", "path": "/", "upstream": "inner"}
        other = {"path": "/", "upstream": "origins"}
        word = "without the client certificate"
        for routes, certificates, tls, warned in (
                ([inner, other], (self.www, self.staff), {}, False),
                ([inner, {"name": "around", "path": "/x", "upstream": "inner"}], (self.www, self.staff), {}, True),
                ([inner, {"name": "around", "path": "/x", "upstream": "inner"}], (self.staff,), {}, False),
                ([inner, {"name": "around", "path": "/x", "upstream": "inner"}], (self.staff, self.www), {}, True),
                ([inner, {"name": "around", "host": "www.test", "path": "/x", "upstream": "inner"}],
                 (self.staff, self.www), {}, True),
                ([inner, {"name": "around", "host": "www.test", "path": "/x", "upstream": "inner"}],
                 (self.www, self.staff), {"client_certificates": self.policy}, False)):
            with self.subTest(routes=routes, tls=tls):
                said = self.check(routes, *certificates, **tls)
                self.assertEqual(said.returncode, 0, said.stderr)
                self.assertEqual(word in said.stderr, warned, said.stderr)


if __name__ == "__main__":
    unittest.main()
