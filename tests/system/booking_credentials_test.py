#!/usr/bin/python3
"""bookd's keys and its database password come as credentials of systemd: from $CREDENTIALS_DIRECTORY, under the names that the unit
and the configuration that is shipped have for them, and from nowhere else."""
import os
import pathlib
import re
import subprocess
import unittest

import yaml

from support.bookd import KEYS, REPOSITORY, Bookd, program
from support.booking_stack import BOOKINGS, LOOKUP, PHONE, Stack, booking
from support.mariadb import PASSWORD

UNIT = pathlib.Path(REPOSITORY, "conf", "systemd", "bookd.service")
SHIPPED = pathlib.Path(REPOSITORY, "conf", "bookd.yaml")
CREDENTIALS = {"bookd-keys": KEYS, "bookd-database-password": PASSWORD + "\n"}
OTHER_KEYS = f"index {'3' * 64}\nkey 1 {'4' * 64}\n"
START_SECONDS = 30


def loaded_by_the_unit() -> dict[str, str]:
    return dict(re.findall(r"^LoadCredential=([^:\n]+):(.+)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE))


class WithCredentials(Bookd):
    """Its configuration has neither keys nor password, and beside it stand others under the same names."""

    def __init__(self, database, hash_of_password: str, credentials: dict[str, str]):
        super().__init__(database, hash_of_password)
        config = pathlib.Path(self.config)
        config.write_text(config.read_text(encoding="utf-8").replace(f"password: {PASSWORD}", "password_file: bookd-database-password"),
                          encoding="utf-8")
        for name, text in (("bookd-keys", OTHER_KEYS), ("bookd-database-password", "not-the-password\n")):
            config.with_name(name).write_text(text, encoding="utf-8")
        # As systemd lays it out: nobody can write there.
        self.credentials = pathlib.Path(self.directory, "credentials")
        self.credentials.mkdir()
        for name, text in credentials.items():
            file = self.credentials / name
            file.write_text(text, encoding="utf-8")
            file.chmod(0o400)
        self.credentials.chmod(0o500)

    def start(self, ready: bool = True) -> "WithCredentials":
        os.environ["CREDENTIALS_DIRECTORY"] = str(self.credentials)
        try:
            super().start(ready)
        finally:
            del os.environ["CREDENTIALS_DIRECTORY"]
        return self

    def refusal(self, **environment: str) -> str:
        """What it says as it does not start."""
        done = subprocess.run([program(), "--config", self.config], env={**os.environ, **environment}, capture_output=True, text=True,
                              timeout=START_SECONDS, check=False)
        assert done.returncode != 0
        return done.stdout + done.stderr


class Credentials(Stack):
    def with_credentials(self, *names: str) -> WithCredentials:
        made = WithCredentials(self.database, self.hash, {name: CREDENTIALS[name] for name in names})
        self.addCleanup(made.remove)
        return made

    def test_the_unit_loads_what_the_shipped_configuration_names(self):
        shipped = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
        # The keys' file has this name where none is given.
        named = {shipped["database"]["password_file"], shipped.get("privacy", {}).get("keys_file", "bookd-keys")}
        self.assertEqual(set(loaded_by_the_unit()), named)
        self.assertEqual(named, set(CREDENTIALS))
        self.assertTrue(all(source.startswith("/etc/mainstay/") for source in loaded_by_the_unit().values()))

    def test_it_opens_with_them_what_a_node_sealed_that_has_the_keys_beside_its_configuration(self):
        number = self.create("by-another").json["number"]
        bookd = self.with_credentials(*CREDENTIALS).start()  # ready: the password opened the database
        found = bookd.post_json(LOOKUP, {"number": number, "phone": PHONE})
        self.assertEqual(found.status, 200, found.text)
        made = bookd.post_json(BOOKINGS, booking(phone="010-5151-0001"), {"Idempotency-Key": "by-credentials"})
        self.assertEqual(made.status, 201, made.text)
        seen = self.bookd.post_json(LOOKUP, {"number": made.json["number"], "phone": "010-5151-0001"})
        self.assertEqual(seen.status, 200, seen.text)
        self.assertEqual(self.bookd.get(f"/api/v1/admin/bookings/{made.json['number']}", **self.session()).json["address"],
                         booking()["address"])
        environment = pathlib.Path(f"/proc/{bookd.process.pid}/environ").read_bytes()
        for secret in (PASSWORD, "1" * 64, "2" * 64):
            self.assertNotIn(secret.encode(), environment)
            self.assertNotIn(secret, bookd.log())

    def test_a_credential_that_is_missing_is_not_looked_for_elsewhere(self):
        for missing in CREDENTIALS:
            with self.subTest(missing=missing):
                bookd = self.with_credentials(*(set(CREDENTIALS) - {missing}))
                self.assertIn(f"cannot read {bookd.credentials / missing}", bookd.refusal(CREDENTIALS_DIRECTORY=str(bookd.credentials)))

    def test_without_credentials_both_are_looked_for_beside_the_configuration(self):
        for missing in CREDENTIALS:
            with self.subTest(missing=missing):
                bookd = self.with_credentials(*CREDENTIALS)
                beside = pathlib.Path(bookd.config).with_name(missing)
                beside.unlink()
                self.assertIn(f"cannot read {beside}", bookd.refusal())


if __name__ == "__main__":
    unittest.main(verbosity=2)
