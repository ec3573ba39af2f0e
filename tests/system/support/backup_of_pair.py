"""A pair that dbctl made, with TLS and semi-synchronous replication, and beside it what backups need."""
import signal
import tempfile

from .backup_pair import BackupPair
from .database_pair import DatabasePair, Server, wait_until


class Node:
    """A server of the pair as the tests of backups speak to one."""

    def __init__(self, server: Server):
        self.server, self.socket, self.data = server, server.socket, server.data

    def query(self, text: str) -> str:
        return self.server.sql(text)

    def start(self) -> None:
        self.server.start()

    def stop(self) -> None:
        pid = self.server.signal(signal.SIGTERM)
        wait_until(lambda: self.server.pid() != pid, 30, "mariadbd gone")


class BackupOfPair(BackupPair):
    """`pair` has dbctl; the primary is db1."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="mainstay-backup-")
        self.next_booking = 1
        self._servers = []
        self.pair = None
        try:
            self.pair = DatabasePair()
            self.pair.dbctl("bootstrap", "--to", "db1")
            self.primary, self.replica = Node(self.pair.db1), Node(self.pair.db2)
            self._accounts_and_schema()
            self._machines()
        except BaseException:
            self.remove()
            raise

    def remove(self) -> None:
        if self.pair is not None:
            self.pair.close()
        super().remove()

    def _archive_login(self) -> str:
        # The vault is no node of this lab: it reads the log by the replica's socket.
        return f"[client]\nsocket={self.replica.socket}\nuser=backup\npassword=b\n"
