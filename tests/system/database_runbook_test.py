#!/usr/bin/python3
"""docs/database.md: each headline under "When something is broken" is done to a pair under writes, and the commands below it
are run, line for line. The pages of docs/runbooks name no command that is not among those."""
import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.database_pair import REPOSITORY, Timeout, Writers, wait_until  # noqa: E402
from support.pair_case import InSync  # noqa: E402

DOCS = pathlib.Path(REPOSITORY, "docs")
GUIDE = DOCS / "database.md"
SECTION = re.compile(r"## When something is broken\n(.*?)\n## ", re.S)
BLOCK = re.compile(r"\*\*([^*]+?)[.:]*\*\*[^*]*?```sh\n(.*?)```", re.S)
COMMAND_SECONDS = 120


def blocks() -> dict[str, list[str]]:
    """Headline → lines."""
    told = SECTION.search(GUIDE.read_text(encoding="utf-8")).group(1)
    return {title: lines.splitlines() for title, lines in BLOCK.findall(told)}


def parted(line: str) -> tuple[str, str, int]:
    """Command, remark, exit status."""
    command, _, remark = line.partition("#")
    status = re.match(r"\s*(\d+):", remark)
    return command.strip(), remark.strip(), int(status.group(1)) if status else 0


class Runbook(InSync):
    """`old` is db1 of the guide and `other` its db2, whichever they are here."""

    DISK_MIB = 300

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.blocks = blocks()

    def perform(self, command: str) -> tuple[int, str]:
        words = command.split()
        if words[0] == "dbctl":
            done = self.pair.run_dbctl(*words[1:])
        else:
            ssh, machine, *words = words
            self.assertEqual(ssh, "ssh")
            server = {"db1": self.old, "db2": self.other}[machine]
            words = [{"/usr/lib/mainstay/db-node": server.command, "/var/lib/mysql": server.data}.get(word, word)
                     for word in words if word != "sudo"]
            done = subprocess.run(words, capture_output=True, text=True, errors="replace", timeout=COMMAND_SECONDS, check=False)
        return done.returncode, done.stdout + done.stderr

    def follow(self, title: str, breaks) -> dict[str, str]:
        """Breaks it, runs the lines; what each said. Nothing acknowledged may be missing afterwards."""
        self.old = self.pair.primary()
        self.other = self.pair.other(self.old)
        said = {}
        with Writers(self.pair, threads=2, patience=120) as writers:
            writers.wait_for(20)
            breaks(writers)
            for line in self.blocks[title]:
                command, remark, status = parted(line)
                if "when there is room" in remark:
                    for server in (self.old, self.other):
                        server.disk.free()
                found, said[command] = self.perform(command)
                self.assertEqual(found, status, f"{title}: {line}\n{said[command]}")
            writers.wait_for(20)
            self.assertEqual(writers.stop()["failed"], 0)
            for server in (self.old, self.other):
                wait_until(lambda s=server: set(writers.acknowledged()) <= s.identifiers(), 60, f"{title}: all rows on {server.name}")
        wait_until(lambda: self.pair.status()["state"] == "well", 30, f"{title}: the pair is well")
        return said

    def fill(self, server, writers):
        """A write has to wait there, which is what dbctl can see of it. Where none comes to, this says what there is."""
        server.disk.fill()
        before = len(writers.acknowledged())
        try:
            wait_until(lambda: self.pair.run_dbctl("status").returncode == 5, 60, "dbctl status notices")
        except Timeout as late:
            status = self.pair.run_dbctl("status")
            said = [f"exit {status.returncode}", status.stdout + status.stderr, str(os.statvfs(server.disk.path)),
                    f"{len(writers.acknowledged()) - before} rows since; writers {writers.process.poll()}"]
            for ask in ("SHOW FULL PROCESSLIST", "SET STATEMENT max_statement_time=5 FOR INSERT INTO bookd.ledger VALUES ('asked', 0)"):
                try:
                    said.append(server.sql(ask))
                except RuntimeError as error:
                    said.append(str(error))
            log = pathlib.Path(server.directory, "error.log").read_text(encoding="utf-8", errors="replace")
            raise AssertionError("\n".join([str(late), *said, log[-3000:]])) from late

    def split(self, _):
        """The primary is cut off, its replica promoted, and then it is back: open, and of a term that is over."""
        app = self.pair.lab["app1"].address("inner")
        self.old.cut_from(self.other)
        self.old.node.run(["ip", "route", "add", "blackhole", f"{app}/32"])
        self.old.set_within_reach(False)
        self.pair.dbctl("failover")
        self.old.node.run(["ip", "route", "del", "blackhole", f"{app}/32"])
        self.old.mend_to(self.other)
        self.old.set_within_reach(True)

    def test_the_primary_is_dead(self):
        self.follow("The primary is dead", lambda _: self.old.kill())
        self.assertEqual(self.pair.primary(), self.other)

    def test_the_replica_is_dead(self):
        said = self.follow("The replica is dead: writes wait", lambda _: self.other.kill())
        self.assertIn("does not answer", said["dbctl status"])
        self.assertEqual(self.pair.primary(), self.old)

    def test_both_were_down(self):
        def both_die(_):
            self.old.kill()
            self.other.kill()
        self.follow("Both servers were down", both_die)

    def test_the_primarys_disk_is_full(self):
        said = self.follow("The primary's disk is full", lambda writers: self.fill(self.old, writers))
        self.assertIn("'s disk is full: writes wait", said["dbctl status"])
        self.assertEqual(self.pair.primary(), self.other)

    def test_the_primarys_disk_is_full_as_a_photograph_comes(self):
        """MariaDB 10.11 ends itself where it finds no room for a large value (an assertion of InnoDB): the same commands help."""
        self.pair.primary().sql("CREATE OR REPLACE TABLE bookd.photographs (id INT PRIMARY KEY, octets LONGBLOB)")

        def fill_and_send(_):
            self.old.disk.fill()
            with self.assertRaises(RuntimeError):
                self.old.sql("INSERT INTO bookd.photographs VALUES (1, REPEAT('x', 600000))")
        self.follow("The primary's disk is full", fill_and_send)
        self.assertEqual(self.pair.primary(), self.other)

    def test_the_replicas_disk_is_full(self):
        self.follow("The replica's disk is full", lambda writers: self.fill(self.other, writers))
        self.assertEqual(self.pair.primary(), self.old)

    def test_a_node_has_rows_of_its_own(self):
        def part(_):
            self.other.sql("STOP SLAVE; RESET SLAVE ALL; INSERT INTO bookd.ledger VALUES ('of-its-own', 77)")
        said = self.follow("A node has rows of its own", part)
        self.assertIn("look at them", said["dbctl rejoin"])
        self.assertIn("of-its-own", said["ssh db2 sudo /usr/lib/mainstay/db-node show-log"])
        self.assertNotIn("of-its-own", self.other.identifiers())

    def test_both_can_be_written_to(self):
        said = self.follow("Both can be written to", self.split)
        self.assertIn("two writers", said["dbctl status"])
        self.assertEqual(self.pair.primary(), self.other)

    def test_it_acknowledges_alone(self):
        self.follow("It acknowledges alone, though both are well", lambda _: self.pair.dbctl("degrade"))

    def test_home_again(self):
        self.follow("Home again", lambda _: None)
        self.assertEqual(self.pair.primary(), self.other)


def traps() -> list[tuple[str, str]]:
    """Trap and test, of each line of the table."""
    table = GUIDE.read_text(encoding="utf-8").partition("| trap |")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()[2:]]
    return [(row[0], test) for row in rows for test in row[-1].split("; ")]


class Pages(unittest.TestCase):
    def test_each_trap_of_the_table_has_the_test_that_it_names(self):
        files = {path.name: path for path in (DOCS.parent / "tests").rglob("*_test.*")}
        self.assertGreater(len(traps()), 20)
        for trap, test in traps():
            with self.subTest(trap=trap, test=test):
                name, file = re.fullmatch(r"([^`(]*?) ?\(?(?:`([^`]+)`\)?)?", test).groups()
                file = files[pathlib.Path(file).name] if file else pathlib.Path(__file__).with_name("database_traps_test.py")
                if name and name not in ("the same", "asserted after each case"):
                    name = "_".join(re.findall("[a-z0-9]+|…", name.lower())).replace("…", ".*")
                    self.assertRegex(file.read_text(encoding="utf-8"), rf"def (test_)?{name}\(")

    def test_each_headline_is_done_to_a_pair(self):
        here = pathlib.Path(__file__).read_text(encoding="utf-8")
        self.assertEqual([title for title in blocks() if f'follow("{title}"' not in here], [])

    def test_the_pages_name_no_command_that_was_not_run(self):
        """Of the pair; those of backups are run by backup_runbook_test.py."""
        run = {parted(line)[0] for lines in blocks().values() for line in lines}
        run |= {line.strip() for block in re.findall(r"```sh\n(.*?)```", (DOCS / "backup.md").read_text(encoding="utf-8"), re.S)
                for line in block.splitlines()}
        for path in sorted((DOCS / "runbooks").glob("D*.md")):
            for block in re.findall(r"```sh\n(.*?)```", path.read_text(encoding="utf-8"), re.S):
                for line in block.splitlines():
                    with self.subTest(page=path.name, command=line):
                        self.assertIn(parted(line)[0], run)
            prose = re.sub(r"```sh\n.*?```", "", path.read_text(encoding="utf-8"), flags=re.S)
            for command in re.findall(r"`((?:dbctl|db-node|ssh) [^`]*)`", prose):
                with self.subTest(page=path.name, command=command):
                    self.assertTrue(any(one == command or one.endswith(f"/{command}") for one in run))


if __name__ == "__main__":
    unittest.main()
