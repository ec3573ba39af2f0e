"""What a customer has of it, and what somebody on the inner network can read."""
import json
import re
import subprocess
import unittest
import uuid

from raised import VIP, fleet, note

from lab.waiting import wait_until

PHONE = "010-8371-2946"
BOOKING = {"service": "leak", "description": "세면대 밑에서 물이 샙니다", "address": "서울시 마포구 시연로 7", "name": "시연 손님",
           "phone": PHONE, "preferred": []}
READY_SECONDS = 60
CUT_OFF = 60  # curl's status: the peer's certificate cannot be verified
INNER_PORTS = ("lb1", "lb2", "app1", "app2", "db1", "db2")


class Service(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = fleet().place / "ca.pem"
        cls.authority.write_text(fleet()["app2"].said("cat", "/etc/mainstay/pki/ca.pem"), encoding="ascii")
        wait_until(lambda: cls.curl("/").returncode == 0, READY_SECONDS, f"https://{VIP}/ answers")

    @classmethod
    def curl(cls, path: str, *more: str, trusted: bool = True) -> subprocess.CompletedProcess:
        trust = ["--cacert", str(cls.authority)] if trusted else []
        return fleet().lab["client"].run(["curl", "--silent", "--show-error", "--fail", "--max-time", "10", *trust, *more,
                                          f"https://{VIP}{path}"])

    def book(self) -> str:
        done = self.curl("/api/v1/bookings", "-H", "Content-Type: application/json",
                         "-H", f"Idempotency-Key: {uuid.uuid4()}", "-d", json.dumps(BOOKING))
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        return json.loads(done.stdout)["number"]

    def test_a_booking_is_made_and_found_over_https(self):
        number = self.book()
        done = self.curl("/api/v1/bookings/lookup", "-H", "Content-Type: application/json",
                         "-d", json.dumps({"number": number, "phone": PHONE}))
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertEqual(number, json.loads(done.stdout)["number"])
        self.assertEqual(CUT_OFF, self.curl("/", trusted=False).returncode)
        note(f"curl https://{VIP} made a booking and found it again, with the fleet's authority and only with it")

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
        note("both databases refuse what is not encrypted; the replica verifies its primary")

    def test_a_renewed_certificate_is_no_transaction_of_the_replica(self):
        db2 = fleet()["db2"]
        before = db2.said("openssl", "x509", "-noout", "-serial", "-in", "/etc/mysql/tls/node.pem")
        db2.said("/usr/lib/mainstay/pki", "renew", "--force")
        self.assertNotEqual(before, db2.said("openssl", "x509", "-noout", "-serial", "-in", "/etc/mysql/tls/node.pem"))
        position = db2.said("mariadb", "--batch", "--skip-column-names", "--execute=SELECT @@gtid_binlog_pos").strip()
        self.assertRegex(position, r"^0-1-\d+$", "what db1, the primary, wrote, and nothing else")

    def test_nobody_reads_a_telephone_number_on_the_way_to_and_between_the_databases(self):
        """On every cable of the inner network at once; what goes between lbd and bookd is told apart by its port."""
        inner = fleet().lab.switches["inner"]
        caught = fleet().place / "inner.pcapng"
        cables = [word for name in INNER_PORTS for word in ("-i", name)]
        with subprocess.Popen(["nsenter", f"--net={inner}", "--", "tshark", "-q", *cables, "-w", str(caught)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as listening:
            try:
                wait_until(lambda: caught.exists() and self.count(caught, "tcp.port == 3306"), READY_SECONDS, "tshark hears the databases",
                           poll=1)
                wait_until(lambda: self.book() and self.count(caught, PLAIN_APP), READY_SECONDS, "a booking is heard on its way to bookd",
                           poll=1)
            finally:
                listening.terminate()
        self.assertEqual(0, self.count(caught, f"!(tcp.port == 8080) && {PLAIN}"))
        note(f"tshark: {self.count(caught, 'tcp.port == 3306')} packets of MariaDB, none with the planted number")

    @staticmethod
    def count(caught, display_filter: str) -> int:
        done = subprocess.run(["tshark", "-r", str(caught), "-Y", display_filter], capture_output=True, text=True, timeout=60, check=False)
        return len(done.stdout.splitlines())


PLAIN = f'(frame contains "{PHONE}" || frame contains "{PHONE.replace("-", "")}")'
PLAIN_APP = f"tcp.port == 8080 && {PLAIN}"
