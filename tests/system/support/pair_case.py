"""A test case that has a pair in sync, and what is asked of it again and again."""
import unittest

from .database_pair import DatabasePair


def lost(acknowledged, server):
    return set(acknowledged) - server.identifiers()


class InSync(unittest.TestCase):
    """A pair that begins each test in sync, db1 or db2 being the primary. The tests share one, for as long as they succeed:
    in what state a failed one left it nobody knows, so the next begins with another."""

    DISK_MIB = None
    spoiled = False

    @classmethod
    def setUpClass(cls):
        cls.pair = DatabasePair(cls.DISK_MIB)
        cls.addClassCleanup(cls.pair.close)
        cls.pair.dbctl("bootstrap")
        cls.pair.make_ledger()

    def run(self, result=None):
        before = len(result.failures) + len(result.errors)
        super().run(result)
        type(self).spoiled = len(result.failures) + len(result.errors) > before
        return result

    def setUp(self):
        if self.spoiled:
            self.doClassCleanups()
            self.setUpClass()

    def assert_in_sync(self):
        told = self.pair.status()
        self.assertEqual(told["state"], "well", told["findings"])
        self.assertEqual(told["may_be_lost"], "nothing that was acknowledged")
        # Left on, it would hang the replica once that is alone.
        self.assertEqual(self.pair.other(self.pair.primary()).sql("SELECT @@rpl_semi_sync_master_enabled"), "0")
        self.assertTrue(self.pair.dbctl("verify")["equal"])

    def rule(self, told, name):
        return next(v for v in told["verdicts"] if v["rule"] == name)
