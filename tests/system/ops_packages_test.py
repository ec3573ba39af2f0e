"""The Debian packages: what is in them, that twice is the same, that lintian finds nothing, and where their programs run."""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("MAINSTAY_BIN") or ROOT / "build" / "release" / "bin").resolve()
BUILD = BIN.parent
EPOCH = "1795910400"  # any moment; the changelog's
COMPONENTS = ("lb", "vrrp", "book", "db", "node")
CONTENT = {
    "lb": ["/usr/bin/lbd", "/usr/bin/lbctl", "/etc/mainstay/lbd.yaml", "/lib/systemd/system/lbd.service",
           "/lib/systemd/system/lbd.socket", "/usr/share/man/man8/lbd.8.gz", "/usr/share/man/man1/lbctl.1.gz",
           "/usr/share/bash-completion/completions/lbctl", "/usr/share/zsh/vendor-completions/_lbctl",
           "/usr/share/fish/vendor_completions.d/lbctl.fish"],
    "vrrp": ["/usr/bin/vrrpd", "/usr/bin/vrrpctl", "/etc/mainstay/vrrpd.yaml", "/lib/systemd/system/vrrpd.service",
             "/usr/lib/mainstay/vrrpd-withdraw", "/usr/share/man/man8/vrrpd.8.gz",
             "/usr/share/bash-completion/completions/vrrpctl"],
    "book": ["/usr/bin/bookd", "/etc/mainstay/bookd.yaml", "/lib/systemd/system/bookd.service",
             "/usr/share/man/man8/bookd.8.gz"],
    "db": ["/usr/bin/dbctl", "/etc/mainstay/dbctl.yaml", "/etc/mainstay/backup.conf", "/usr/lib/mainstay/db-node",
           "/usr/lib/mainstay/backup_script.sh", "/usr/lib/mainstay/restore.sh",
           "/usr/lib/mainstay/backup_parts/common.sh", "/lib/systemd/system/mainstay-backup-full.timer",
           "/usr/lib/sysusers.d/mainstay-db.conf", "/usr/lib/tmpfiles.d/mainstay-db.conf"],
    "node": ["/usr/lib/mainstay/pki", "/usr/lib/mainstay/node-metrics", "/lib/systemd/system/mainstay-pki-renew.timer",
             "/lib/systemd/system/mainstay-node-metrics.service"],
}
# Debian 12, Ubuntu 22.04 and 24.04: the oldest of each, as their packages libc6 2.35 and libstdc++6 12 have them.
NEWEST_SYMBOLS = {"GLIBC": (2, 35), "GLIBCXX": (3, 4, 30), "CXXABI": (1, 3, 13)}


def run(argv, **options):
    options = {"text": True, "capture_output": True, "timeout": 120, "check": False} | options
    return subprocess.run([str(word) for word in argv], **options)


def pack(folder: pathlib.Path, components=COMPONENTS) -> dict[str, pathlib.Path]:
    """Component → its .deb, made in a folder of its own."""
    done = run(["cpack", "-G", "DEB", "-B", folder, "-D", f"CPACK_COMPONENTS_ALL={';'.join(components)}", "--config",
                BUILD / "CPackConfig.cmake"],
               env=os.environ | {"SOURCE_DATE_EPOCH": EPOCH})
    if done.returncode != 0:
        raise RuntimeError(done.stdout[-3000:] + done.stderr[-3000:])
    shutil.rmtree(folder / "_CPack_Packages", ignore_errors=True)
    return {name: next(folder.glob(f"mainstay-{name}_*.deb")) for name in components}


class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        done = run(["cmake", "--build", BUILD, "--target", "package_parts"], timeout=280)
        if done.returncode != 0:
            raise RuntimeError(done.stdout[-3000:])
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.debs = pack(pathlib.Path(cls.folder.name, "first"))
        cls.unpacked = {}
        pathlib.Path(cls.folder.name, "root").mkdir()
        for name, deb in cls.debs.items():
            cls.unpacked[name] = pathlib.Path(cls.folder.name, "root", name)
            run(["dpkg-deb", "--raw-extract", deb, cls.unpacked[name]], check=True)

    def test_each_has_what_belongs_to_it(self):
        for name, wanted in CONTENT.items():
            with self.subTest(package=name):
                root = self.unpacked[name]
                self.assertEqual([], [path for path in wanted if not (root / path[1:]).is_file()])

    def test_what_an_operator_edits_is_kept_over_an_upgrade(self):
        for name, root in self.unpacked.items():
            with self.subTest(package=name):
                edited = sorted(f"/etc/mainstay/{path.name}" for path in (root / "etc/mainstay").glob("*"))
                told = root / "DEBIAN/conffiles"
                told = told.read_text(encoding="utf-8").split() if told.exists() else []
                self.assertEqual(edited, sorted(told))

    def test_units_run_programs_that_are_in_the_same_package(self):
        for name, root in self.unpacked.items():
            for unit in (root / "lib/systemd/system").glob("*.service"):
                for program in re.findall(r"^Exec\w+=-?(/usr/\S+)", unit.read_text(encoding="utf-8"), flags=re.M):
                    with self.subTest(unit=unit.name):
                        self.assertTrue(os.access(root / program[1:], os.X_OK), program)

    def test_packaged_programs_take_the_packaged_configurations(self):
        for name, program in (("lb", "lbd"), ("vrrp", "vrrpd"), ("book", "bookd")):
            with self.subTest(program=program):
                root = self.unpacked[name]
                password = root / "etc/mainstay/bookd-database-password"
                if program == "bookd":
                    password.write_text("x\n", encoding="utf-8")
                done = run([root / "usr/bin" / program, "--config", root / f"etc/mainstay/{program}.yaml", "--check"])
                password.unlink(missing_ok=True)
                self.assertEqual(0, done.returncode, done.stderr)

    def test_completions_are_what_the_shells_can_read(self):
        for name, program in (("lb", "lbctl"), ("vrrp", "vrrpctl")):
            script = self.unpacked[name] / "usr/share/bash-completion/completions" / program
            self.assertEqual(0, run(["bash", "-n", script]).returncode)
            self.assertIn("complete", script.read_text(encoding="utf-8"))

    def test_twice_is_the_same(self):
        # Programs, scripts and generated files are all in these three; to pack the others again takes as long as all tests.
        some = ("vrrp", "db", "node")
        again = pack(pathlib.Path(self.folder.name, "second"), some)
        for name in some:
            with self.subTest(package=name):
                first, second = (hashlib.sha256(deb.read_bytes()).hexdigest() for deb in (self.debs[name], again[name]))
                self.assertEqual(first, second)

    def test_lintian_finds_nothing(self):
        done = run(["lintian", "--allow-root", "--fail-on", "error,warning", "--tag-display-limit", "0",
                    *self.debs.values()])
        self.assertEqual("", done.stdout.strip())
        self.assertEqual(0, done.returncode, done.stderr)

    def test_no_symbol_is_newer_than_the_oldest_system_has(self):
        for path in self.programs():
            with self.subTest(program=path.name):
                said = run(["objdump", "-T", path]).stdout
                for family, most in NEWEST_SYMBOLS.items():
                    versions = {tuple(map(int, found.split("."))) for found in re.findall(rf"{family}_([0-9.]+)", said)}
                    self.assertLessEqual(max(versions, default=(0,)), most, family)

    def programs(self) -> list[pathlib.Path]:
        return [path for root in self.unpacked.values() for path in (root / "usr/bin").glob("*")]


if __name__ == "__main__":
    unittest.main()
