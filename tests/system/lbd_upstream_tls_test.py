"""TLS to endpoints: who they are is verified, checks speak it, sessions are resumed."""

import os
import shutil
import sys
import threading
import unittest

sys.dont_write_bytecode = True

from support.certificates import Authority, TlsClient  # noqa: E402
from support.lbd_process import Lbd  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import SECONDS, Client, ask, get, post, wait_until  # noqa: E402


class UpstreamTls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()
        cls.addClassCleanup(cls.authority.remove)
        cls.app = cls.authority.make("app", "app.internal", "127.0.0.1")
        cls.ours = cls.authority.make("lbd", "lbd.internal")

    def start(self, certificate: dict | None = None, ask_clients: bool = False, check: bool = False, script=None,
              **tls) -> Lbd:
        self.origin = Origin(script)
        self.origin.tls = self.authority.server_context(certificate or self.app, ask_clients)
        self.addCleanup(self.origin.stop)
        settings = {"ca_file": self.authority.file, "server_name": "app.internal", **tls}
        checks = {"enabled": check, "interval": "50ms", "rise": 1, "fall": 1}
        self.lbd = Lbd([self.origin.name], {"tls": settings, "check": checks})
        self.addCleanup(self.lbd.close)
        return self.lbd

    def count(self, family: str, labels: str) -> int:
        return int(self.lbd.metrics()[f'{family}{{side="upstream",{labels}}}'])

    def test_a_verified_endpoint_is_asked_on_warm_connections_and_sessions_are_resumed(self):
        self.start()
        for _ in range(5):
            self.assertEqual(ask(self.lbd.address, get()).status, 200)
        self.assertEqual(self.origin.accepted, 1)
        self.origin.stop()
        self.origin.start()
        self.assertEqual(ask(self.lbd.address, get()).status, 200)
        self.assertEqual(self.count("lbd_tls_handshakes_total", 'version="TLSv1.3",resumed="false"'), 1)
        self.assertEqual(self.count("lbd_tls_handshakes_total", 'version="TLSv1.3",resumed="true"'), 1)

    def test_long_content_both_ways(self):
        big = os.urandom(2 << 20)
        self.start(script=lambda request, connection: answer(big if request.method == "GET" else request.body))
        self.assertEqual(ask(self.lbd.address, get()).body, big)
        self.assertEqual(ask(self.lbd.address, post(big[:1 << 20]), "POST").body, big[:1 << 20])

    def test_the_wrong_name_the_wrong_authority_and_no_tls_at_all_are_refused(self):
        strangers = Authority("somebody else")
        self.addCleanup(strangers.remove)
        for case in ({"server_name": "other.internal"}, {"certificate": strangers.make("app", "app.internal")}):
            with self.subTest(case=case):
                self.start(**case)
                self.assertEqual(ask(self.lbd.address, get()).status, 502)
                self.assertEqual(self.origin.requests, [])
                self.assertGreater(self.count("lbd_tls_handshake_failures_total", 'reason="certificate"'), 0)
        self.start()
        self.origin.tls = None
        self.assertEqual(ask(self.lbd.address, get()).status, 502)

    def test_without_a_name_the_address_is_verified(self):
        self.start(server_name="")
        self.assertEqual(ask(self.lbd.address, get()).status, 200)
        self.start(server_name="", certificate=self.authority.make("nameless", "app.internal"))
        self.assertEqual(ask(self.lbd.address, get()).status, 502)

    def test_verification_can_be_left_out(self):
        self.start(server_name="other.internal", verify=False)
        self.assertEqual(ask(self.lbd.address, get()).status, 200)

    def test_an_endpoint_that_asks_who_we_are(self):
        self.start(ask_clients=True, **self.ours)
        self.assertEqual(ask(self.lbd.address, get()).status, 200)
        self.start(ask_clients=True)
        self.assertEqual(ask(self.lbd.address, get()).status, 502)

    def test_checks_speak_tls_and_tell_what_is_wrong(self):
        self.start(check=True)
        wait_until(self.lbd.is_ready, what="ready")
        wait_until(lambda: self.origin.probes > 1, what="checks")
        self.start(check=True, server_name="other.internal")
        wait_until(lambda: not self.lbd.is_ready(), what="not ready")
        said = ask(self.lbd.admin_address, get("/api/v1/upstreams", "Connection: close", host="127.0.0.1")).body.decode()
        self.assertIn("hostname mismatch", said)

    def reload(self, upstream: dict, **tls) -> None:
        made = self.lbd.settings
        made["upstreams"][0].update(upstream)
        made["upstreams"][0]["tls"].update(tls)
        self.lbd.configure(made)
        self.assertEqual(self.lbd.reload()["msg"], "reloaded")

    def test_stricter_settings_hold_for_connections_that_are_warm(self):
        strangers = Authority("somebody else")
        self.addCleanup(strangers.remove)
        others = os.path.join(os.path.dirname(self.authority.file), "others.pem")  # lbd sees no other folder
        shutil.copy(strangers.file, others)
        for before, after in (({"server_name": "other.internal", "verify": False}, {"verify": True}),
                              ({}, {"server_name": "other.internal"}), ({}, {"ca_file": others})):
            with self.subTest(after=after):
                self.start(**before)
                self.assertEqual(ask(self.lbd.address, get()).status, 200)
                self.reload({}, **after)
                self.assertEqual(ask(self.lbd.address, get()).status, 502)
                self.assertEqual(len(self.origin.requests), 1)

    def test_stricter_settings_resume_no_session_of_before(self):
        self.start(server_name="other.internal", verify=False)
        self.reload({"idle_connections": 0})
        for _ in range(2):
            self.assertEqual(ask(self.lbd.address, get()).status, 200)
        self.assertEqual(self.count("lbd_tls_handshakes_total", 'version="TLSv1.3",resumed="true"'), 1)
        self.reload({}, verify=True)
        self.assertEqual(ask(self.lbd.address, get()).status, 502)
        self.assertEqual(self.count("lbd_tls_handshakes_total", 'version="TLSv1.3",resumed="true"'), 1)

    def test_a_connection_lent_before_is_not_taken_back_after(self):
        asked, go_on = threading.Event(), threading.Event()
        self.addCleanup(go_on.set)

        def script(request, connection):
            asked.set()
            go_on.wait(SECONDS)
            return answer()
        self.start(script=script, server_name="other.internal", verify=False)
        with Client(self.lbd.address) as client:
            client.send(get())
            self.assertTrue(asked.wait(SECONDS))
            self.reload({}, verify=True)
            go_on.set()
            self.assertEqual(client.response().status, 200)
            self.assertEqual(client.send(get()).response().status, 502)
        self.assertEqual(len(self.origin.requests), 1)

    def test_tls_on_both_sides(self):
        self.start()
        made = self.lbd.settings
        certificate = self.authority.make("www", "www.test")
        made["listeners"].append({"address": "127.0.0.1:0", "name": "web", "tls": {"certificates": [certificate]}})
        self.lbd.configure(made)
        self.assertEqual(self.lbd.reload()["msg"], "reloaded")
        address = wait_until(lambda: self.lbd.said("listening")[1:], what="another listener")[0]["address"]
        host, _, port = address.rpartition(":")
        with TlsClient((host, int(port)), self.authority.context()) as client:
            self.assertEqual(client.send(get(host="www.test")).response().status, 200)


if __name__ == "__main__":
    unittest.main()
