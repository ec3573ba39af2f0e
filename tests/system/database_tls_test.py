#!/usr/bin/python3
"""Between bookd, dbctl and the pair nothing goes in the clear, and each verifies whom it talks to: a foreign authority, and a
certificate that names another machine, are refused by all three. An account lets in whoever has its certificate, and
nobody else who knows the password."""
import json
import os
import shutil
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts"))

from lab import STANDARD, Lab, Stack, daemons, mariadb, wait_until  # noqa: E402
from lab.topology import INNER  # noqa: E402
from lab.waiting import Connection  # noqa: E402

SECONDS = 30
TIMEOUT = 10.0
DENIED = "1045"  # ER_ACCESS_DENIED_ERROR


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(STANDARD.only("lb1", "app1", "db1", "db2"))
        cls.addClassCleanup(cls.lab.down)
        cls.stack = Stack(cls.lab)
        cls.stack.start_databases()
        cls.app, cls.db1, cls.db2 = (cls.lab[name] for name in ("app1", "db1", "db2"))
        cls.tls = mariadb.tls_directory(cls.db1)
        cls.foreign = f"{cls.lab.directory}/foreign.pem"
        cls.sign("foreign", cls.foreign, "/CN=another authority")

    @classmethod
    def sign(cls, name, certificate, subject, *more):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                        "-keyout", f"{cls.lab.directory}/{name}.key", "-out", certificate, "-subj", subject, *more],
                       check=True, capture_output=True)

    def dbctl_status(self):
        done = self.app.run([daemons.program("dbctl"), "status", "--json", "--config", f"{self.lab.directory}/dbctl.yaml"])
        return json.loads(done.stdout)

    def start_bookd(self, edit=lambda text: text):
        service = daemons.bookd(self.app, [self.db1, self.db2], [self.lab["lb1"]])
        path = next(word for word in service.argv if word.endswith(".yaml"))
        with open(path, "r+", encoding="utf-8") as file:
            text = edit(file.read())
            file.seek(0)
            file.truncate()
            file.write(text)
        self.app.start(service, wait=False)
        self.addCleanup(self.app.kill, "bookd")

    def readyz(self):
        connection = Connection(self.app.namespace, self.app.address(INNER), daemons.BOOKD_PORT, TIMEOUT)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().read().decode()
        except OSError:
            return ""  # it does not listen yet
        finally:
            connection.close()

    def test_an_account_lets_in_its_own_certificate_alone(self):
        for node in (self.db1, self.db2):
            for account in mariadb.ACCOUNTS:
                def login(*how):
                    return self.app.run(["mariadb", "--no-defaults", f"--host={node.address(INNER)}", f"--user={account}",
                                         f"--password={mariadb.APP_PASSWORD}", "--execute=SELECT 1", *how])

                def showing(certificate, key):
                    return login(f"--ssl-ca={self.tls}/ca.pem", "--ssl-verify-server-cert", f"--ssl-cert={certificate}", f"--ssl-key={key}")
                with self.subTest(node=node.name, account=account):
                    done = showing(f"{self.tls}/{account}.pem", f"{self.tls}/{account}.key")
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertIn(DENIED, login(f"--ssl-ca={self.tls}/ca.pem", "--ssl-verify-server-cert").stderr)
                    self.assertNotEqual(login("--skip-ssl").returncode, 0)
                    for other in {*mariadb.ACCOUNTS, "db1", "db2"} - {account}:
                        self.assertIn(DENIED, showing(f"{self.tls}/{other}.pem", f"{self.tls}/{other}.key").stderr, other)
                    self.sign("forged", f"{self.lab.directory}/forged.pem", f"/CN={account}")
                    self.assertNotEqual(showing(f"{self.lab.directory}/forged.pem", f"{self.lab.directory}/forged.key").returncode, 0)

    def test_a_replica_verifies_its_primary(self):
        status = mariadb.replica_status(self.db2)
        self.assertEqual((status["Master_SSL_Allowed"], status["Master_SSL_Verify_Server_Cert"]), ("Yes", "Yes"))

        def follow(authority):
            mariadb.query(self.db2, f"STOP SLAVE; CHANGE MASTER TO MASTER_SSL_CA = '{authority}'; START SLAVE")
        self.addCleanup(self.stack.dbctl, "rejoin")
        self.addCleanup(follow, f"{self.tls}/ca.pem")
        follow(self.foreign)
        wait_until(lambda: "SSL connection error" in mariadb.replica_status(self.db2)["Last_IO_Error"], SECONDS, "it does not trust its primary")
        self.assertNotEqual(self.dbctl_status()["state"], "well")

    def test_a_replica_shows_its_certificate(self):
        def show(name):
            mariadb.query(self.db2, f"STOP SLAVE; CHANGE MASTER TO MASTER_SSL_CERT = '{self.tls}/{name}.pem', "
                                    f"MASTER_SSL_KEY = '{self.tls}/{name}.key'; START SLAVE")
        self.assertEqual(mariadb.replica_status(self.db2)["Master_SSL_Cert"], f"{self.tls}/replication.pem")
        self.addCleanup(self.stack.dbctl, "rejoin")
        self.addCleanup(show, "replication")
        show("bookd")
        wait_until(lambda: mariadb.replica_status(self.db2)["Last_IO_Errno"] == DENIED, SECONDS, "its primary takes no other certificate")
        self.assertNotEqual(self.dbctl_status()["state"], "well")

    def test_bookd_shows_a_renewed_certificate_without_a_restart(self):
        old, new = f"{self.lab.directory}/renewed", f"{self.tls}/bookd"
        for end in ("pem", "key"):
            shutil.copy(f"{self.tls}/dbctl.{end}", f"{old}.{end}")
        self.start_bookd(lambda text: text.replace(new, old))
        wait_until(lambda: self.readyz().count("Access denied") >= 2, SECONDS, "neither node takes another role's certificate")
        for end in ("key", "pem"):
            shutil.copy(f"{new}.{end}", f"{old}.{end}")
        wait_until(lambda: '"writes":"taken"' in self.readyz(), SECONDS, "with the new one it is let in")

    def test_bookd_trusts_its_own_authority_alone(self):
        self.start_bookd(lambda text: text.replace(f"{self.tls}/ca.pem", self.foreign))
        wait_until(lambda: self.readyz().count("certificate") >= 2, SECONDS, "bookd trusts neither node")
        self.assertIn("not ready", self.readyz())

    def test_a_certificate_of_another_machine_is_refused_by_dbctl_and_bookd(self):
        pem, key = f"{self.tls}/db2.pem", f"{self.tls}/db2.key"
        for path in (pem, key):
            shutil.copy(path, path + ".right")
        self.sign("elsewhere", pem, "/CN=elsewhere", "-CA", f"{self.tls}/ca.pem", "-CAkey", f"{self.tls}/ca.key", "-addext",
                  "subjectAltName=IP:10.9.9.9", "-addext", "basicConstraints=CA:FALSE")
        shutil.copy(f"{self.lab.directory}/elsewhere.key", key)
        before = mariadb.query(self.db2, "SELECT @@gtid_binlog_pos")
        mariadb.query(self.db2, "FLUSH LOCAL SSL")
        self.assertEqual(mariadb.query(self.db2, "SELECT @@gtid_binlog_pos"), before)  # without LOCAL it has one of its own

        def mend():
            for path in (pem, key):
                shutil.move(path + ".right", path)
            mariadb.query(self.db2, "FLUSH LOCAL SSL")
        self.addCleanup(mend)
        node = self.dbctl_status()["nodes"][1]
        self.assertFalse(node["reachable"])
        self.assertRegex(node["why"], "(?i)certificate|ssl")
        self.start_bookd()
        wait_until(lambda: '"writes":"taken"' in self.readyz(), SECONDS, "bookd writes to the node it trusts")
        mariadb.query(self.db1, "SET GLOBAL read_only = ON")
        self.addCleanup(mariadb.query, self.db1, "SET GLOBAL read_only = OFF")
        wait_until(lambda: "is read-only" in self.readyz() and "ertificate" in self.readyz(), SECONDS, "bookd does not trust the other one")


if __name__ == "__main__":
    unittest.main()
