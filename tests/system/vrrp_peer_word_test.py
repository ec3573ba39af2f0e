"""Protocol 112 that does not pass between two nodes whose vrrpd share a secret: the lesser one yields by the other's word."""
import time
import unittest

from vrrp_lan import VIP, Lan, await_true

SECRET = "a-secret-of-some-length"
INTERVAL = 0.1
WORD_LIMIT = 2.0


class PeerWord(unittest.TestCase):
    def setUp(self):
        self.lan = Lan()
        self.addCleanup(self.lan.close)
        self.lb1, self.lb2 = self.lan.nodes

    def start(self, router, priority, key=SECRET):
        (router.folder / "key").write_text(key + "\n")
        (router.folder / "key").chmod(0o600)
        router.start_vrrpd(priority, extra=f"handover: {{key_file: {router.folder}/key}}\n")

    def start_both(self, other_key=SECRET):
        self.start(self.lb1, 200)
        self.lb1.await_state("active")
        self.start(self.lb2, 100, other_key)
        self.lb2.await_state("backup")
        await_true(lambda: self.lb2.router()["last_peer"], 3, "they hear each other")

    def filter(self):
        for router in self.lan.nodes:
            router.filter_advertisements()

    def by_word(self, router):
        return router.router()["by_word"]

    def assert_one_answers(self):
        arp = self.lan.watch_arp()
        for _ in range(3):
            self.lan.client.run(["ip", "neigh", "flush", "to", VIP])
            self.lan.client.run(["ping", "-c1", "-W1", VIP])
        answers = {frame["mac"] for frame in arp.finish() if frame["operation"] == 2 and not frame["gratuitous"]}
        self.assertEqual({self.lb1.mac}, answers)

    def test_the_lesser_one_yields_and_goes_on_as_ever_when_advertisements_pass_again(self):
        self.start_both()
        await_true(lambda: self.lb1.router()["planned_move"]["successor"], 5, "they know each other")
        self.filter()
        took = await_true(lambda: self.by_word(self.lb2), 5, lambda: f"lb2 is a Backup by word\n{self.lb2.tail()}")
        print(f"a Backup by word {took * 1000:.0f} ms after the filter")
        await_true(lambda: self.lan.owners() == ["lb1"], 1, "one owner")
        self.assertIn("is protocol 112 blocked?", self.lb2.log.read_text())
        self.assertIn('vrrpd_backup_by_word{interface="out0",vrid="51"} 1', self.lb2.get("/metrics"))
        changes = self.lb2.log.read_text().count("state changed")
        time.sleep(2 * WORD_LIMIT)  # the word is renewed
        self.assertEqual(changes, self.lb2.log.read_text().count("state changed"))
        self.assert_one_answers()
        for router in self.lan.nodes:
            router.pass_advertisements()
        await_true(lambda: not self.by_word(self.lb2), 3, "lb2 hears advertisements")
        time.sleep(5 * INTERVAL)
        self.assertEqual("backup", self.lb2.router()["state"])
        self.assertEqual(changes, self.lb2.log.read_text().count("state changed"))
        self.assert_one_answers()

    def test_a_better_one_that_vanishes_is_replaced_when_its_word_has_lasted(self):
        self.start_both()
        await_true(lambda: self.lb1.router()["planned_move"]["successor"], 5, "they know each other")
        self.filter()
        await_true(lambda: self.by_word(self.lb2), 5, lambda: f"lb2 is a Backup by word\n{self.lb2.tail()}")
        self.lb1.cut_off()
        took = self.lb2.await_state("active", WORD_LIMIT + 1)
        print(f"replaced {took * 1000:.0f} ms after it vanished")
        self.assertFalse(self.by_word(self.lb2))

    def test_two_that_never_heard_each_other_find_each_other(self):
        self.filter()
        self.start(self.lb2, 100)
        self.lb2.await_state("active")
        self.start(self.lb1, 200)
        self.lb1.await_state("active")
        await_true(lambda: self.by_word(self.lb2), 5, lambda: f"lb2 is a Backup by word\n{self.lb2.tail()}\n{self.lb1.tail()}")
        await_true(lambda: self.lan.owners() == ["lb1"], 1, "one owner")
        time.sleep(1.2 * WORD_LIMIT)
        self.assertEqual(["lb1"], self.lan.owners())
        self.assert_one_answers()

    def test_a_word_that_is_not_of_our_secret_moves_nobody(self):
        self.start_both(other_key="another-secret-of-some-length")
        self.filter()
        self.lb2.await_owner()
        time.sleep(1.2 * WORD_LIMIT)
        self.assertEqual(["lb1", "lb2"], self.lan.owners())
        self.assertFalse(self.by_word(self.lb2))


if __name__ == "__main__":
    unittest.main()
