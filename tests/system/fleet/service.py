"""What a customer has of it, and what somebody on the inner network can read."""
import json
import re
import subprocess
import time
import unittest

import guest
from raised import VIP, fleet, note

from lab.waiting import wait_until

CUT_OFF = 60  # curl's status: the peer's certificate cannot be verified
REFUSED = (1, 35, 52, 55, 56)  # no HTTP at all, a handshake that failed, a connection that was cut
# Where a guest's words pass: by port, as tshark is to see them.
PRIVATE = {"MariaDB": 3306, "bookd": 8080}
TOLD_SECONDS = 30  # an outbox is looked into every ten
INNER_PORTS = ("lb1", "lb2", "app1", "app2", "db1", "db2")


class Service(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        guest.arrive()
        cls.told_of = guest.book()

    def test_a_booking_is_made_and_found_over_https(self):
        number = guest.book()
        done = guest.curl("/api/v1/bookings/lookup", *guest.JSON, "-d", json.dumps({"number": number, "phone": guest.PHONE}))
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertEqual(number, json.loads(done.stdout)["number"])
        self.assertEqual(CUT_OFF, guest.curl("/", trusted=False).returncode)
        note(f"curl https://{VIP} made a booking and found it again, with the fleet's authority and only with it")

    def test_what_guests_do_reaches_slack_and_says_nothing_of_them(self):
        """By the proxy: the applications have no other way out."""
        words = f"새 견적 신청 · {self.told_of} · 누수"
        told = wait_until(lambda: [one for one in fleet().slack() if one.get("text") == words], TOLD_SECONDS,
                          f"{words} at Slack", poll=0.2)
        self.assertEqual([{"to": fleet().slack_url, "text": words}], [{name: one[name] for name in one if name != "at"} for one in told])
        said = fleet().slack_file.read_text(encoding="utf-8")
        for what in (guest.PHONE, guest.PHONE.replace("-", ""), *(guest.BOOKING[name] for name in ("name", "address", "description"))):
            self.assertNotIn(what, said)
        note("a booking is told at Slack once, by its number and its trade; no name, number to call, address or word of the guest")

    def test_http_is_sent_to_https(self):
        said = fleet().lab["client"].run(["curl", "--silent", "--include", "--max-time", "10", f"http://{VIP}/"]).stdout
        self.assertRegex(said, r"^HTTP/1\.1 308 ")
        self.assertRegex(said.lower(), rf"\nlocation: https://{re.escape(VIP)}/")

    def test_replication_and_bookd_are_encrypted(self):
        for name in ("db1", "db2"):
            on = fleet()[name].said("mariadb", "--batch", "--skip-column-names", "--execute=SELECT @@require_secure_transport")
            self.assertEqual("1", on.strip(), name)
        status = fleet()["db2"].said("mariadb", "--execute=SHOW SLAVE STATUS\\G")
        self.assertRegex(status, r"Master_SSL_Allowed: Yes")
        self.assertRegex(status, r"Master_SSL_Verify_Server_Cert: Yes")
        self.assertRegex(status, r"Master_SSL_Cert: /etc/mysql/tls/node\.pem")
        note("both databases refuse what is not encrypted; the replica verifies its primary, and shows its own certificate")

    def test_the_databases_let_in_a_machine_with_its_certificate_alone(self):
        """The right password is not enough: not without a certificate, not with another node's, not from another machine."""
        app1 = fleet()["app1"]
        own = ("/etc/mainstay/pki/node.pem", "/etc/mainstay/pki/node.key")
        lent = self.lend("db2", "app1")
        for account, file in (("bookd", "bookd-database-password"), ("dbctl", "dbctl.password"), ("replication", "replication.password")):
            secret = app1.said("cat", f"/etc/mainstay/{file}").strip()
            for certificate in (own, (lent[1], lent[3]), ()):
                shown = [f"--ssl-{what}={path}" for what, path in zip(("cert", "key"), certificate)]
                done = app1.run(["mariadb", "--no-defaults", "--host=10.0.0.31", "--ssl-ca=/etc/mainstay/pki/ca.pem",
                                 "--ssl-verify-server-cert", *shown, f"--user={account}", f"--password={secret}", "--execute=SELECT 1"])
                if certificate == own and account != "replication":
                    self.assertEqual(0, done.returncode, f"{account}: {done.stderr}")
                else:
                    # 1698 is what the server says of an account that it does not have.
                    self.assertRegex(done.stderr, r"^ERROR (1045|1698) ", f"{account} by {certificate}")
        note("MariaDB lets bookd and dbctl in from app1 with app1's certificate; with db2's, without one, or as the replica nobody")

    def test_a_renewed_certificate_is_no_transaction_of_the_replica(self):
        db2 = fleet()["db2"]
        before = db2.said("openssl", "x509", "-noout", "-serial", "-in", "/etc/mysql/tls/node.pem")
        db2.said("/usr/lib/mainstay/pki", "renew", "--force")
        self.assertNotEqual(before, db2.said("openssl", "x509", "-noout", "-serial", "-in", "/etc/mysql/tls/node.pem"))
        position = db2.said("mariadb", "--batch", "--skip-column-names", "--execute=SELECT @@gtid_binlog_pos").strip()
        self.assertRegex(position, r"^0-1-\d+$", "what db1, the primary, wrote, and nothing else")

    def test_bookd_answers_load_balancers_alone_and_metrics_are_for_those_who_watch(self):
        """Over TLS, each with its own certificate; by addresses the firewall would let all of these pass."""
        ask = ("curl", "--silent", "--output", "/dev/null", "--max-time", "10", "--cacert", "/etc/mainstay/pki/ca.pem",
               "--write-out", "%{http_code}")
        page, metrics = "https://10.0.0.21:8080/readyz", "https://10.0.0.31:9104/metrics"
        own = ("--cert", "/etc/mainstay/pki/node.pem", "--key", "/etc/mainstay/pki/node.key")
        for node, url in (("lb1", page), ("app1", metrics)):
            self.assertEqual("200", fleet()[node].run([*ask, *own, url]).stdout, f"{node} asks {url}")
            for name, certificate in (("nobody", ()), ("db2", self.lend("db2", node))):
                done = fleet()[node].run([*ask, *certificate, url])
                self.assertIn(done.returncode, REFUSED, f"{node} as {name} asks {url}: {done.stdout}")
            self.assertIn(fleet()[node].run([*ask, url.replace("https", "http")]).returncode, REFUSED, f"in the clear: {url}")
        note("bookd answers lb1 with its certificate, MariaDB's metrics app1; without one, with db2's or in the clear neither")

    @staticmethod
    def lend(owner: str, node: str) -> tuple[str, ...]:
        """The certificate and key of a node, laid down on another."""
        for file in ("node.pem", "node.key"):
            fleet()[node].run(["sh", "-c", f"umask 077; cat >/tmp/lent-{file}"],
                              input=fleet()[owner].said("cat", f"/etc/mainstay/pki/{file}"))
        return ("--cert", "/tmp/lent-node.pem", "--key", "/tmp/lent-node.key")

    def test_nobody_reads_a_telephone_number_on_the_inner_network(self):
        """On every cable of it at once, from lbd to the databases."""
        inner = fleet().lab.switches["inner"]
        caught = fleet().place / "inner.pcapng"
        cables = [word for name in INNER_PORTS for word in ("-i", name)]
        with subprocess.Popen(["nsenter", f"--net={inner}", "--", "tshark", "-q", *cables, "-w", str(caught)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as listening:
            try:
                for what, port in PRIVATE.items():
                    wait_until(lambda: self.count(caught, f"tcp.port == {port}"), guest.READY_SECONDS, f"tshark hears {what}", poll=1)
                guest.book()
                after = time.time()
                # lbd looks after bookd every second: what it says later comes behind the booking.
                for what, port in PRIVATE.items():
                    wait_until(lambda: self.count(caught, f"tcp.port == {port} && frame.time_epoch > {after:.3f}"), guest.READY_SECONDS,
                               f"tshark hears {what} after the booking", poll=1)
            finally:
                listening.terminate()
        self.assertEqual(0, self.count(caught, PLAIN))
        # The proxy alone is spoken to in the clear, about whom to reach.
        self.assertEqual(0, self.count(caught, 'frame contains "HTTP/1." && !(tcp.port == 3128)'))
        heard = ", ".join(f"{self.count(caught, f'tcp.port == {port}')} packets of {what}" for what, port in PRIVATE.items())
        note(f"tshark on all cables of the inner network: {heard}; none with the planted number, none of HTTP in the clear")

    @staticmethod
    def count(caught, display_filter: str) -> int:
        done = subprocess.run(["tshark", "-r", str(caught), "-Y", display_filter], capture_output=True, text=True, timeout=60, check=False)
        return len(done.stdout.splitlines())


PLAIN = f'(frame contains "{guest.PHONE}" || frame contains "{guest.PHONE.replace("-", "")}")'
