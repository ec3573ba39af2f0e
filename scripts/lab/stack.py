"""The product on the standard topology: MariaDB, bookd, lbd and vrrpd on their nodes."""

from . import mariadb
from .lab import Lab
from .waiting import wait_until

DATABASES = ("db1", "db2")
REPLICA_SECONDS = 10.0


class Stack:
    def __init__(self, lab: Lab):
        self.lab = lab

    def start_databases(self) -> None:
        primary, replica = (self.lab[name] for name in DATABASES)
        primary.start(mariadb.service(primary, 1), wait=False)
        replica.start(mariadb.service(replica, 2, primary), wait=False)
        primary.wait_ready("mariadbd")
        replica.wait_ready("mariadbd")
        wait_until(lambda: mariadb.replica_status(replica).get("Slave_IO_Running") == "Yes", REPLICA_SECONDS,
                   "the replica follows the primary")

    def start(self) -> None:
        self.start_databases()
