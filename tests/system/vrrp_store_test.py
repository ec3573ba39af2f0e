"""systemd's descriptor store: what a vrrpd that was killed has kept open tells the next one whether anybody took over.

A small stand-in for systemd holds the descriptors (FDSTORE=1 on its notify socket) and hands them to the next run (LISTEN_FDS).
"""
import array
import fcntl
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

from vrrp_lan import BIN, INTERFACE, VIP, Lan, await_true  # noqa: E402

GROUP = "224.0.0.18"
HIGH = 20  # descriptors here; below are those that a shell writes into 3, 4, …
MOST = 7


class Manager:
    """What systemd does for one service: hears its words, keeps what it is given, hands that to the next run."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = str(pathlib.Path(self.folder.name, "notify"))
        self.door = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.door.bind(self.path)
        self.door.setblocking(False)
        self.kept = {}  # name: descriptor
        self.said = []

    def listen(self):
        """Whatever was said until now."""
        while True:
            try:
                text, control, _, _ = self.door.recvmsg(4096, socket.CMSG_SPACE(4 * MOST))
            except BlockingIOError:
                return self
            given = array.array("i")
            for level, kind, octets in control:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                    given.frombytes(octets)
            words = dict(line.split("=", 1) for line in text.decode().splitlines())
            self.said.append(words)
            if words.get("FDSTORE") == "1":
                self.keep(words["FDNAME"], given.pop())
            if words.get("FDSTOREREMOVE") == "1":
                os.close(self.kept.pop(words["FDNAME"]))
            for number in given:
                os.close(number)

    def keep(self, name, number):
        self.kept[name] = fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, HIGH)
        os.close(number)

    def heard(self, word):
        self.listen()
        return any(word in words for words in self.said)

    def command(self, argv):
        """`argv` as systemd would execute it: the descriptors from 3 on, and the variables that say so."""
        if not self.kept:
            return argv
        moved = " ".join(f"{3 + at}<&{number}" for at, number in enumerate(self.kept.values()))
        variables = f"LISTEN_PID=$$ LISTEN_FDS={len(self.kept)} LISTEN_FDNAMES={':'.join(self.kept)}"
        return ["/bin/bash", "-c", f'export {variables}; exec "$0" "$@" {moved}', *argv]

    def close(self):
        for number in self.kept.values():
            os.close(number)
        self.door.close()
        self.folder.cleanup()


class Store(unittest.TestCase):
    def setUp(self):
        self.lan = Lan()
        self.addCleanup(self.lan.close)
        self.lb1, self.lb2 = self.lan.nodes
        self.manager = Manager()
        self.addCleanup(self.manager.close)

    def start(self, priority=200, interval="100ms", more=""):
        """lb1's, under the manager, when it is ready."""
        self.manager.said.clear()
        config = self.lb1.write_vrrpd(priority, interval, f"{more}directories: {{runtime: {self.lb1.folder}}}\n")
        argv = self.manager.command([str(BIN / "vrrpd"), "--config", str(config)])
        with self.lb1.log.open("a") as log:
            self.lb1.daemon = self.lb1.node.spawn(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                  env={"NOTIFY_SOCKET": self.manager.path},
                                                  pass_fds=tuple(self.manager.kept.values()))
        await_true(lambda: self.manager.heard("READY"), 10, self.lb1.tail)

    def become_active(self, **options):
        self.start(**options)
        self.lb1.await_state("active", 6)

    def lines(self, text):
        return [line for line in self.lb1.log.read_text().splitlines() if text in line]

    def answers(self):
        return self.lan.client.run(["ping", "-c", "1", "-W", "1", VIP]).returncode == 0

    def in_group(self):
        return GROUP in self.lb1.node.run(["ip", "-4", "maddr", "show", "dev", INTERFACE]).stdout

    def test_the_socket_is_kept_and_given_back(self):
        self.become_active()
        name, = self.manager.kept
        self.assertRegex(name, "^ipv4-[0-9]+$")
        kept = next(words for words in self.manager.said if "FDSTORE" in words)
        self.assertEqual("0", kept["FDPOLL"], "a link that goes down is no reason to drop it")
        self.lb1.stop(signal.SIGKILL)
        self.assertTrue(self.in_group(), "switches go on forwarding")
        self.start()
        self.assertEqual([name], list(self.manager.kept))
        self.assertFalse(self.manager.heard("FDSTORE"), "it is the same one")
        self.assertEqual(0, self.lb1.stop())
        self.assertEqual({}, self.manager.listen().kept, "a planned stop leaves nothing")
        self.assertFalse(self.in_group())

    def test_a_node_alone_goes_on_at_once_though_its_lease_has_ended(self):
        """Nobody was heard who took over: what it had is its own still."""
        self.become_active()
        self.lb1.stop(signal.SIGKILL)
        await_true(lambda: not self.answers(), 5, "the lease ends")
        self.start()
        self.assertEqual("active", self.lb1.router()["state"], self.lb1.tail())
        self.assertTrue(self.lines("an earlier run was Active"))
        self.assertFalse(self.lines("left behind"), "the addresses stayed where they were")

    def test_without_a_lease_it_goes_on_at_once_too(self):
        self.become_active(interval="1s", more="    lease: off\n")
        self.lb1.stop(signal.SIGKILL)
        self.start(interval="1s", more="    lease: off\n")
        self.assertEqual("active", self.lb1.router()["state"], self.lb1.tail())

    def test_what_a_successor_has_is_let_go_before_the_first_word(self):
        self.become_active(more="    lease: off\n")
        self.lb2.start_vrrpd(100)
        self.lb2.await_state("backup")
        await_true(lambda: self.lb2.router()["advertisements_received"] > 0, 3, "lb2 hears lb1")
        self.lb1.stop(signal.SIGKILL)
        self.lb2.await_state("active")
        watch = self.lan.watch_adverts()
        self.start(priority=50, more="    lease: off\n")
        self.assertEqual(["lb2"], self.lan.owners(), "when it says that it is ready")
        self.assertTrue(self.lines("left behind"))
        await_true(lambda: self.lb1.router()["advertisements_received"] > 3, 3, "lb1 hears lb2")
        self.assertEqual({self.lb2.node.address()}, {line["source"] for line in watch.finish()})

    def test_what_is_not_its_socket_is_not_used(self):
        self.become_active()
        name, = self.manager.kept
        self.assertEqual(0, self.lb1.stop())
        self.manager.listen()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            self.manager.keep(name, os.dup(other.fileno()))
            self.manager.keep("stranger", os.dup(other.fileno()))
        self.become_active()
        self.assertEqual([name], list(self.manager.listen().kept), "the stranger was dropped")
        self.assertTrue(self.manager.heard("FDSTORE"), "another one in its place")

    def test_asked_to_make_way_it_ends_and_the_next_run_goes_on(self):
        self.become_active(interval="1s")
        self.lb2.start_vrrpd(100, "1s")
        self.lb2.await_state("backup")
        await_true(lambda: self.lb2.router()["advertisements_received"] > 0, 3, "lb2 hears lb1")
        changed = self.lb2.router()["last_transition_unix_ms"]
        probe = self.lan.probe()
        self.assertEqual(-signal.SIGUSR2, self.lb1.stop(signal.SIGUSR2))
        self.start(interval="1s")
        self.assertEqual("active", self.lb1.router()["state"], self.lb1.tail())
        counted = probe.finish()[-1]
        print(f"made way and went on: {counted}")
        self.assertLess(counted["outage_ms"], 500)  # a probe that waits for a busy machine included
        self.assertEqual(changed, self.lb2.router()["last_transition_unix_ms"], "the Backup never took over")
        self.assertEqual(["lb1"], self.lan.owners())


if __name__ == "__main__":
    unittest.main()
