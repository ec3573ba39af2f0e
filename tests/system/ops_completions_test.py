"""Completions of lbctl, vrrpctl and dbctl in bash, zsh and fish themselves: every command and option that the program's help has
is offered, what it has not is not; and in zsh at the first Tab, as it is read from the folder of the package."""
import os
import pathlib
import pty
import re
import select
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("MAINSTAY_BIN") or ROOT / "build" / "release" / "bin").resolve()
READY_MADE = ROOT / "conf/packaging/completions"  # of dbctl, which writes none itself
NAMES = {"bash": "{0}", "zsh": "_{0}", "fish": "{0}.fish"}
SECONDS = 20
PROGRAMS = ("lbctl", "vrrpctl", "dbctl")
ENDPOINTS = ("bookd/10.0.0.21:8080", "bookd/10.0.0.22:8080")
# What is typed, and what becomes of it when there is but one way to go on.
TYPED = (("lbctl dra", "lbctl drain"), ("lbctl --tok", "lbctl --token-file"), ("lbctl log-level de", "lbctl log-level debug"),
         ("lbctl completion z", "lbctl completion zsh"), ("lbctl drain bookd/10.0.0.22", "lbctl drain bookd/10.0.0.22:8080"),
         ("vrrpctl maintenance of", "vrrpctl maintenance off"), ("vrrpctl import kee", "vrrpctl import keepalived"),
         ("dbctl fail", "dbctl failover"), ("dbctl failover --acc", "dbctl failover --accept-loss-after"),
         ("dbctl rejoin --rep", "dbctl rejoin --reprovision"), ("dbctl --config {config} failover --to pri", "dbctl --config {config} failover --to primrose"))


def run(argv, **options):
    options = {"text": True, "capture_output": True, "timeout": 60, "check": False} | options
    return subprocess.run([str(word) for word in argv], **options)


def helped(program: str) -> tuple[set[str], set[str]]:
    """Commands and options of its help, of each command's as well."""
    text = run([BIN / program, "help"]).stdout
    commands = set(re.findall(r"^  ([a-z][a-z-]+)\b", text, flags=re.M))
    text += "".join(run([BIN / program, "help", command]).stdout for command in commands)
    return commands, set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))


class Completions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.place = pathlib.Path(scratch.name)
        for shell, name in NAMES.items():
            (cls.place / shell).mkdir()
            for program in PROGRAMS:
                ready = READY_MADE / (name.format(program) + (".bash" if shell == "bash" else ""))
                text = ready.read_text(encoding="utf-8") if ready.exists() else run([BIN / program, "completion", shell], check=True).stdout
                (cls.place / shell / name.format(program)).write_text(text, encoding="utf-8")
        # In place of the programs: what is asked while completing, and what was typed in the end.
        (cls.place / "bin").mkdir()
        for program in PROGRAMS:
            file = cls.place / "bin" / program
            file.write_text('#!/bin/sh\nif [ "$*" = "upstreams --names" ]; then printf "%s\\n" ' + " ".join(ENDPOINTS) +
                            f'; else printf "<%s %s>\\n" {program} "$*"; fi\n', encoding="utf-8")
            file.chmod(0o755)
        cls.config = cls.place / "pair.yaml"
        cls.config.write_text("nodes:\n  - name: primrose\n    address: 10.0.0.1\n  - name: violet\n    address: 10.0.0.2\n", encoding="utf-8")
        cls.env = {"PATH": f"{cls.place}/bin:/usr/bin:/bin", "HOME": scratch.name, "TERM": "dumb", "LANG": "C.UTF-8",
                   "XDG_CONFIG_HOME": scratch.name, "XDG_DATA_HOME": scratch.name}

    def bash(self, line: str) -> list[str]:
        """As bash calls it: the words of the line, the last of them unfinished."""
        words = re.findall(r":|[^\s:]+", line) + ([""] if line.endswith(" ") else [])  # a colon parts words
        program = words[0]
        script = (f"source {self.place}/bash/{program}\nCOMP_WORDS=({' '.join(repr(word) for word in words)})\nCOMP_CWORD={len(words) - 1}\n"
                  f"COMP_LINE={line!r}\nCOMP_POINT=${{#COMP_LINE}}\n_{program} {program} {words[-1]!r} {words[-2]!r}\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n")
        done = run(["bash", "--norc", "-eu", "-c", script], env=self.env)
        self.assertEqual((0, ""), (done.returncode, done.stderr), line)
        return done.stdout.split()

    def fish(self, line: str) -> list[str]:
        done = run(["fish", "--no-config", "-c", f"set fish_complete_path {self.place}/fish; complete -C {line!r}"], env=self.env)
        self.assertEqual((0, ""), (done.returncode, done.stderr), line)
        return [candidate.split("\t")[0] for candidate in done.stdout.splitlines()]

    def test_every_command_and_option_of_the_help_is_offered_and_no_other(self):
        for program in PROGRAMS:
            commands, options = helped(program)
            self.assertGreater(len(commands), 8)
            for shell, ask in (("bash", self.bash), ("fish", self.fish)):
                with self.subTest(program=program, shell=shell):
                    self.assertEqual(commands, {word for word in ask(f"{program} ") if not word.startswith("-")})
                    offered = set()
                    for command in sorted(commands):
                        offered |= {word for word in ask(f"{program} {command} --") if word.startswith("--")}
                    self.assertEqual(options, offered)

    def test_bash_and_fish_go_on_as_far_as_there_is_one_way(self):
        for typed, wanted in TYPED:
            typed, wanted = (text.format(config=self.config) for text in (typed, wanted))
            with self.subTest(typed=typed):
                self.assertIn(wanted.split()[-1], self.fish(typed))
                if ":" not in wanted:  # that is bash-completion's own work
                    self.assertEqual([wanted.split()[-1]], self.bash(typed))

    def test_zsh_completes_at_the_first_tab(self):
        """A real one, at a terminal; each line in a shell that has not read that completion yet."""
        for typed, wanted in TYPED:
            typed, wanted = (text.format(config=self.config) for text in (typed, wanted))
            with self.subTest(typed=typed):
                self.assertIn(f"<{wanted}>", self.zsh(f"fpath=({self.place}/zsh $fpath)\nautoload -Uz compinit\ncompinit -u -D\n", typed, f"<{wanted}>"))

    def test_zsh_takes_it_by_source_as_well(self):
        for program, typed, wanted in (("lbctl", "lbctl dra", "lbctl drain"), ("vrrpctl", "vrrpctl maintenance of", "vrrpctl maintenance off"),
                                       ("dbctl", "dbctl fail", "dbctl failover")):
            said = self.zsh(f"autoload -Uz compinit\ncompinit -u -D\nsource {self.place}/zsh/_{program}\n", typed, f"<{wanted}>")
            self.assertIn(f"<{wanted}>", said)

    def zsh(self, settings: str, typed: str, wanted: str) -> str:
        """What it shows when this is typed, Tab and Return: what was run in the end, in angle brackets."""
        (self.place / ".zshrc").write_text(settings + "PS1='ready> '\nunsetopt zle_bracketed_paste 2>/dev/null; unset zle_bracketed_paste\n", encoding="utf-8")
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve("/usr/bin/zsh", ["zsh", "-i", "-d"], self.env | {"ZDOTDIR": str(self.place)})
        try:
            shown = self.until(terminal, "ready> ")
            os.write(terminal, f"{typed}\t".encode())
            # Return once the line has been gone on with, or a bell says that there is no way.
            rest = wanted[1:-1][len(typed):]
            shown = self.until(terminal, typed + rest, "\a")
            os.write(terminal, b"\n")
            shown += self.until(terminal, ">\r\n", "ready> ")
            return shown
        finally:
            os.close(terminal)
            os.waitpid(pid, 0)

    def until(self, terminal: int, *ends: str) -> str:
        shown, deadline = "", time.monotonic() + SECONDS
        while not any(end in shown for end in ends):
            if not select.select([terminal], [], [], max(0, deadline - time.monotonic()))[0]:
                self.fail(f"not in {SECONDS} s: {ends}: {shown!r}")
            shown += os.read(terminal, 4096).decode(errors="replace")
        return shown


if __name__ == "__main__":
    unittest.main()
