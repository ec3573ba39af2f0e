"""TLS to clients: names, certificates, versions, tickets, certificates of clients, renewal; and what is no TLS."""

import contextlib
import copy
import os
import select
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import unittest
import warnings

sys.dont_write_bytecode = True

from support.certificates import Authority, TlsClient, openssl  # noqa: E402
from support.lbd_process import PROGRAM, Lbd  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import SECONDS, Client, Ended, ask, get, wait_until  # noqa: E402

LBCTL = os.path.join(os.path.dirname(PROGRAM), "lbctl")


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()
        cls.addClassCleanup(cls.authority.remove)
        cls.www = cls.authority.make("www", "www.test", "*.wild.test")
        cls.rsa = cls.authority.make("rsa", "www.test", rsa=True)
        cls.shop = cls.authority.make("shop", "shop.test")
        cls.client = cls.authority.make("client", "client.test", subject="/O=Plumbers/CN=client.test")

    def start(self, *certificates: dict, listener: dict | None = None, script=None, **tls) -> Lbd:
        self.origin = Origin(script)
        self.addCleanup(self.origin.stop)
        settings = dict(listener or {})
        changes = settings.pop("changes", {})
        self.lbd = Lbd([self.origin.name], listeners=[{
            "address": "127.0.0.1:0", "name": "web", **settings,
            "tls": {"certificates": list(certificates or (self.www,)), **tls}}], **changes)
        self.addCleanup(self.lbd.close)
        return self.lbd

    def connect(self, name: str | None = "www.test", context: ssl.SSLContext | None = None, session=None) -> TlsClient:
        client = TlsClient(self.lbd.address, context or self.authority.context(), name, session)
        self.addCleanup(client.close)
        return client

    def count(self, family: str, **labels: str) -> int:
        inner = ",".join(f'{name}="{value}"' for name, value in labels.items())
        return int(self.lbd.metrics()[f"{family}{{{inner}}}"])

    def failures(self, reason: str) -> int:
        return self.count("lbd_tls_handshake_failures_total", side="client", reason=reason)

    def handshakes(self, version: str = "TLSv1.3", resumed: bool = False) -> int:
        return self.count("lbd_tls_handshakes_total", side="client", version=version, resumed=str(resumed).lower())

    def test_requests_of_one_connection_and_what_the_endpoint_is_told(self):
        lbd = self.start(hsts={"max_age": "1h", "subdomains": True})
        client = self.connect()
        for number in range(3):
            said = client.send(get(f"/{number}", host="www.test")).response()
            self.assertEqual((said.status, said.body), (200, b"ok"))
            self.assertEqual(said.field("Strict-Transport-Security"), "max-age=3600; includeSubDomains")
        request = self.origin.requests[0]
        self.assertEqual(request.field("X-Forwarded-Proto"), "https")
        self.assertIn("proto=https", request.field("Forwarded"))
        self.assertEqual((client.sock.version(), client.sock.selected_alpn_protocol()), ("TLSv1.3", None))
        self.assertEqual(self.handshakes(), 1)
        client.sock.unwrap()
        wait_until(lambda: lbd.metrics()['lbd_connections_active{side="client"}'] == 0)

    def test_long_content_both_ways_and_a_request_sent_ahead(self):
        big = os.urandom(3 << 20)
        self.start(script=lambda request, connection: answer(big if request.target == "/big" else request.body))
        client = self.connect()
        client.send(get("/big", host="www.test") + get("/second", host="www.test"))
        self.assertEqual(client.response().body, big)
        self.assertEqual(client.response().status, 200)
        self.assertEqual(client.send(get("/x", f"Content-Length: {1 << 20}", method="POST", host="www.test") + big[:1 << 20]).final_response("POST").body, big[:1 << 20])
        self.assertEqual(self.origin.malformed, [])

    def test_names_exact_wildcard_default_and_unknown(self):
        self.start(self.www, self.shop)
        shown = {}
        for name in ("www.test", "shop.test", "a.wild.test", "other.test", None):
            shown[name] = self.connect(name, self.authority.context(check_hostname=False)).sock.getpeercert()["subjectAltName"][0][1]
        self.assertEqual(shown, {"www.test": "www.test", "shop.test": "shop.test", "a.wild.test": "www.test",
                                 "other.test": "www.test", None: "www.test"})

    def test_strict_names_refuse_who_names_nobody_we_know(self):
        self.start(strict_names=True)
        self.connect("www.test")
        for name in ("other.test", None, "a.b.wild.test"):
            with self.assertRaises(ssl.SSLError):
                self.connect(name, self.authority.context(check_hostname=False))
        self.assertEqual(self.failures("unknown_name"), 3)

    def test_ecdsa_and_rsa_side_by_side_and_versions(self):
        warnings.simplefilter("ignore", DeprecationWarning)  # old versions are what this is about
        self.start(self.www, self.rsa)
        for ciphers, kind in (("ECDHE-RSA-AES128-GCM-SHA256", b"rsaEncryption"), ("ECDHE-ECDSA-AES128-GCM-SHA256", b"id-ecPublicKey")):
            context = self.authority.context(maximum_version=ssl.TLSVersion.TLSv1_2)
            context.set_ciphers(ciphers)
            client = self.connect(context=context)
            self.assertEqual(client.sock.version(), "TLSv1.2")
            self.assertIn(kind, openssl("x509", "-inform", "DER", "-text", "-noout", input=client.sock.getpeercert(True)).stdout)
        self.assertEqual(self.handshakes("TLSv1.2"), 2)
        for flaw in ({"ciphers": "ECDHE-ECDSA-AES128-SHA"}, {"ciphers": "ALL:@SECLEVEL=0", "maximum": ssl.TLSVersion.TLSv1_1}):
            context = self.authority.context()
            context.set_ciphers(flaw["ciphers"])
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = flaw.get("maximum", ssl.TLSVersion.TLSv1_2)
            with self.assertRaises(OSError):
                self.connect(context=context)
        self.assertEqual(self.failures("nothing_in_common"), 2)

    def test_the_modern_profile_is_tls_1_3(self):
        self.start(profile="modern")
        self.assertEqual(self.connect().sock.version(), "TLSv1.3")
        with self.assertRaises(ssl.SSLError):
            self.connect(context=self.authority.context(maximum_version=ssl.TLSVersion.TLSv1_2))

    def test_line_35_renegotiation_is_refused(self):
        self.start()
        host, port = self.lbd.address
        with subprocess.Popen(["openssl", "s_client", "-connect", f"{host}:{port}", "-tls1_2", "-servername", "www.test"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as peer:
            wait_until(lambda: self.handshakes("TLSv1.2") == 1, what="a handshake")
            said, _ = peer.communicate(b"R\n", timeout=10)
        self.assertIn(b"no renegotiation", said)
        self.assertEqual(self.handshakes("TLSv1.2"), 1)

    def test_alpn_and_nothing_in_common(self):
        self.start()
        context = self.authority.context()
        context.set_alpn_protocols(["spdy/3", "http/1.1"])
        self.assertEqual(self.connect(context=context).sock.selected_alpn_protocol(), "http/1.1")
        context.set_alpn_protocols(["spdy/3"])
        with self.assertRaises(ssl.SSLError):
            self.connect(context=context)

    def test_what_is_no_tls(self):
        lbd = self.start(listener={"changes": {"timeouts": {"handshake": "300ms"}}})
        self.assertEqual(ask(lbd.address, get()).status, 400)
        with Client(lbd.address) as client:
            client.send_what_is_taken(b"\x80\x01nothing of the kind" * 40).rest()
        with Client(lbd.address) as silent:
            self.assertTrue(silent.is_closed())
        with Client(lbd.address) as slow:
            slow.send(b"\x16\x03\x01\x02\x00\x01")  # the begin of a ClientHello
            self.assertTrue(slow.is_closed())
        Client(lbd.address).close()
        wait_until(lambda: self.failures("closed") == 1, what="who went away")
        self.assertEqual(self.failures("not_tls"), 2)
        self.assertEqual(self.failures("timeout"), 2)
        self.assertEqual(lbd.metrics()['lbd_timeouts_total{kind="handshake"}'], 2)
        self.assertEqual(self.connect().send(get(host="www.test")).response().status, 200)

    def test_line_35_a_host_of_another_certificate_is_misdirected(self):
        self.start(self.www, self.shop)
        client = self.connect()
        self.assertEqual(client.send(get(host="shop.test")).response().status, 421)
        self.assertEqual(client.send(get(host="b.wild.test:8443")).response().status, 200)
        self.assertEqual(client.send(get(host="WWW.test.")).response().status, 200)
        self.assertEqual(self.connect(None, self.authority.context(check_hostname=False))
                         .send(get(host="shop.test")).response().status, 200)
        self.assertEqual(self.lbd.refused(), {"misdirected": 1})

    def test_certificates_of_clients(self):
        policy = {"mode": "required", "ca_file": self.authority.file}
        self.start({**self.www, "client_certificates": policy}, self.shop)
        claims = ("X-Client-Cert-Subject: CN=evil", "X-Client-Cert-Fingerprint: 00", "X_Client_Cert_Subject: CN=evil")
        shown = self.connect(context=self.authority.context(self.client))
        self.assertEqual(shown.send(get("/", *claims, host="www.test")).response().status, 200)
        request = self.origin.requests[-1]
        self.assertEqual(request.field("X-Client-Cert-Subject"), "CN=client.test,O=Plumbers")
        fingerprint = openssl("x509", "-in", self.client["certificate_file"], "-noout", "-fingerprint", "-sha256").stdout
        self.assertEqual(request.field("X-Client-Cert-Fingerprint"),
                         fingerprint.decode().strip().rpartition("=")[2].replace(":", "").lower())
        self.assertIsNone(request.field("X_Client_Cert_Subject"))
        # The rule of one name is not met by a connection made for another.
        shop = self.connect("shop.test", self.authority.context(self.client))
        self.assertEqual(shop.send(get("/", *claims, host="shop.test")).response().status, 200)
        self.assertIsNone(self.origin.requests[-1].field("X-Client-Cert-Subject"))
        self.assertEqual(shop.send(get(host="www.test")).response().status, 421)
        strangers = Authority("somebody else")
        self.addCleanup(strangers.remove)
        for stranger in (None, strangers.make("stranger", "client.test")):
            with self.assertRaises((OSError, Ended)):
                self.connect(context=self.authority.context(stranger)).send(get(host="www.test")).response()
        wait_until(lambda: self.failures("certificate") == 2, what="refused certificates")

    def test_an_optional_certificate(self):
        self.start(client_certificates={"mode": "optional", "ca_file": self.authority.file})
        self.assertEqual(self.connect().send(get(host="www.test")).response().status, 200)
        self.assertIsNone(self.origin.requests[-1].field("X-Client-Cert-Fingerprint"))
        known = self.connect(context=self.authority.context(self.client))
        self.assertEqual(known.send(get(host="www.test")).response().status, 200)
        self.assertIn("CN=client.test", self.origin.requests[-1].field("X-Client-Cert-Subject"))

    def resume(self, lbd: Lbd, context: ssl.SSLContext, session, name: str = "www.test") -> bool:
        with TlsClient(lbd.address, context, name, session) as client:
            client.send(get(host=name)).response()
            return client.sock.session_reused

    def session(self, context: ssl.SSLContext, name: str = "www.test"):
        client = self.connect(name, context)
        client.send(get(host=name)).response()  # its ticket has come by now
        return client.sock.session

    def test_a_ticket_is_taken_by_the_other_load_balancer_that_has_the_keys(self):
        keys = self.authority.path("ticket.keys")
        self.addCleanup(os.remove, keys)
        self.assertEqual(subprocess.run([LBCTL, "ticket-keys", keys], check=True, capture_output=True).stderr, b"")
        self.assertEqual(os.stat(keys).st_mode & 0o077, 0o040)
        first = self.start(ticket_keys_file=keys)
        context = self.authority.context()
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context.maximum_version = version
            self.lbd = first
            session = self.session(context)
            self.assertTrue(self.resume(first, context, session))
            second = self.start(ticket_keys_file=keys)
            self.assertTrue(self.resume(second, context, session))
            self.assertEqual(self.handshakes(version.name.replace("_", "."), True), 1)
            stranger = self.start()
            self.assertFalse(self.resume(stranger, context, session))
        # A key that has been followed by another still opens what it closed.
        self.lbd = first
        session = self.session(context)
        subprocess.run([LBCTL, "ticket-keys", keys], check=True, capture_output=True)
        wait_until(lambda: first.said("certificates read again"), what="new keys")
        self.assertTrue(self.resume(first, context, session))
        for _ in range(3):
            subprocess.run([LBCTL, "ticket-keys", keys], check=True, capture_output=True)
        wait_until(lambda: len(first.said("certificates read again")) >= 2, what="newer keys")
        self.assertFalse(self.resume(first, context, session))

    def test_a_resumption_brings_the_ticket_for_the_next_one(self):
        self.start()
        context = self.authority.context(minimum_version=ssl.TLSVersion.TLSv1_3)
        used = [self.session(context)]
        for _ in range(3):
            with TlsClient(self.lbd.address, context, "www.test", used[-1]) as client:
                client.send(get(host="www.test")).response()
                self.assertTrue(client.sock.session_reused)
                self.assertNotIn(client.sock.session, used)
                used.append(client.sock.session)

    def test_a_client_that_says_nothing_gets_its_ticket_too(self):
        self.start()
        client = self.connect(context=self.authority.context(minimum_version=ssl.TLSVersion.TLSv1_3))
        self.assertTrue(select.select([client.sock.fileno()], [], [], SECONDS)[0])
        client.send(get(host="www.test")).response()
        self.assertTrue(client.sock.session.has_ticket)

    def test_line_35_a_session_is_not_resumed_under_another_rule_for_clients(self):
        policy = {"mode": "required", "ca_file": self.authority.file}
        self.start(self.shop, {**self.www, "client_certificates": policy})
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = self.authority.context(maximum_version=version, check_hostname=False)
            session = self.session(context, "shop.test")
            self.assertTrue(self.resume(self.lbd, context, session, "shop.test"))
            with self.assertRaises((OSError, Ended)):
                self.resume(self.lbd, context, session, "www.test")

    def test_without_tickets_nothing_is_resumed(self):
        self.start(tickets=False)
        context = self.authority.context(maximum_version=ssl.TLSVersion.TLSv1_2)
        self.assertFalse(self.resume(self.lbd, context, self.session(context)))

    def test_a_stapled_response(self):
        self.start({**self.www, "ocsp_file": self.authority.staple("www")}, self.shop)
        host, port = self.lbd.address
        for name, expected in (("www.test", b"OCSP Response Status: successful"), ("shop.test", b"OCSP response: no response sent")):
            said = openssl("s_client", "-connect", f"{host}:{port}", "-servername", name, "-status", "-CAfile",
                           self.authority.file, input=b"").stdout
            self.assertIn(expected, said)

    def test_certificates_renewed_under_load_lose_no_request(self):
        pair = {name: self.authority.path("live" + os.path.splitext(file)[1]) for name, file in self.www.items()}
        for name, file in self.www.items():
            shutil.copy(file, pair[name])
        self.start(pair)
        kept = self.connect()
        failures, answered, stopping = [], [0], threading.Event()

        def load():
            while not stopping.is_set():
                try:
                    with TlsClient(self.lbd.address, self.authority.context()) as client:
                        answered[0] += client.send(get(host="www.test")).response().status == 200
                except (OSError, Ended) as error:
                    failures.append(repr(error))
        thread = threading.Thread(target=load)
        thread.start()
        self.addCleanup(stopping.set)

        def serial() -> str:
            return self.connect().sock.getpeercert()["serialNumber"]
        before = serial()
        renewed = self.authority.make("renewed", "www.test")
        # Halfway through, certificate and key do not fit: the old ones stay.
        self.replace(renewed["certificate_file"], pair["certificate_file"])
        wait_until(lambda: self.lbd.said("the certificates stay as they were"), what="a refusal")
        self.assertEqual(serial(), before)
        self.replace(renewed["key_file"], pair["key_file"])
        wait_until(lambda: self.lbd.said("certificates read again"), what="new certificates")
        self.assertNotEqual(serial(), before)
        for file, name in ((self.www, "certificate_file"), (self.www, "key_file")):
            self.replace(file[name], pair[name])
        self.assertEqual(self.lbd.reload()["msg"], "reloaded")
        wait_until(lambda: serial() == before, what="the certificates of a reload")
        wait_until(lambda: answered[0] > 20, what="some load")
        stopping.set()
        thread.join()
        self.assertEqual(failures, [])
        self.assertEqual(kept.send(get(host="www.test")).response().status, 200)

    def replace(self, source: str, target: str) -> None:
        shutil.copy(source, target + ".new")
        os.rename(target + ".new", target)

    def check(self, *certificates: dict, **tls) -> subprocess.CompletedProcess:
        made = copy.deepcopy(self.lbd.settings)
        made["listeners"][0]["tls"] = {"certificates": list(certificates), **tls}
        self.lbd.configure(made)
        return subprocess.run([PROGRAM, "--config", self.lbd.config_path, "--check"], capture_output=True, text=True, check=False)

    def test_all_faults_at_once_and_warnings(self):
        self.start()
        said = self.check({"certificate_file": "/nowhere.pem", "key_file": self.www["key_file"]},
                          {"certificate_file": self.www["certificate_file"], "key_file": self.rsa["key_file"]},
                          ticket_keys_file="/nowhere.keys", profile="ancient",
                          client_certificates={"mode": "required"})
        self.assertEqual(said.returncode, 2)
        for word in ("/nowhere.pem: No such file", "is not the key of", "/nowhere.keys", "ancient", "who may have signed"):
            self.assertIn(word, said.stderr)
        self.assertEqual(self.lbd.reload()["msg"], "reload refused")
        self.assertEqual(self.connect().send(get(host="www.test")).response().status, 200)
        old = self.authority.make("old", "old.test", days=0)
        os.chmod(old["key_file"], 0o644)
        said = self.check(old)
        self.assertEqual(said.returncode, 0)
        for word in ("has expired", "may be read by everybody", "holds no chain"):
            self.assertIn(word, said.stderr)

    def test_lbctl_lists_certificates_and_metrics_tell_their_end(self):
        lbd = self.start(self.www, self.shop)
        said = subprocess.run([LBCTL, "certificates", "--url", "http://%s:%d" % lbd.admin_address], check=True,
                              capture_output=True, text=True).stdout
        for word in ("www.test", "*.wild.test", "shop.test", "EC 256", "CN=test authority", " 19 "):
            self.assertIn(word, said)
        ends = [value for name, value in lbd.metrics().items() if name.startswith("lbd_tls_certificate_expiry")]
        self.assertEqual(len(ends), 2)

    def test_a_proxy_header_stands_in_front_of_tls(self):
        self.start(listener={"proxy_protocol": {"from": ["127.0.0.1"]}})
        raw = socket.create_connection(self.lbd.address, timeout=10)
        raw.sendall(b"PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\r\n")
        with self.authority.context().wrap_socket(raw, server_hostname="www.test") as secured:
            secured.sendall(get(host="www.test"))
            self.assertIn(b"200 OK", secured.recv(4096))
        self.assertEqual(self.origin.requests[-1].field("X-Forwarded-For"), "203.0.113.9")

    def test_a_key_log_only_by_order(self):
        folder = self.authority.path("log")
        os.mkdir(folder)
        self.start(key_log_file=os.path.join(folder, "keys"))
        self.connect().send(get(host="www.test")).response()
        with open(os.path.join(folder, "keys"), encoding="ascii") as file:
            self.assertIn("CLIENT_TRAFFIC_SECRET_0", file.read())
        self.assertEqual(os.stat(file.name).st_mode & 0o777, 0o600)

    def test_an_idle_connection_is_parked_and_comes_back(self):
        self.start()
        client = self.connect()
        for _ in range(2):
            self.assertEqual(client.send(get(host="www.test")).response().status, 200)
            with contextlib.suppress(TimeoutError):
                client.sock.settimeout(0.1)
                client.sock.recv(1)  # nothing comes while it idles
            client.sock.settimeout(10)

    def test_drain_tells_clients_the_end(self):
        self.start()
        client = self.connect()
        client.send(get(host="www.test")).response()
        self.lbd.process.terminate()
        self.assertEqual(client.sock.recv(1), b"")  # close_notify: not an error of TLS
        self.lbd.process.wait(10)


if __name__ == "__main__":
    unittest.main()
