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
           "/usr/lib/sysusers.d/mainstay-db.conf", "/usr/lib/tmpfiles.d/mainstay-db.conf",
           "/usr/share/bash-completion/completions/dbctl", "/usr/share/zsh/vendor-completions/_dbctl",
           "/usr/share/fish/vendor_completions.d/dbctl.fish"],
    "node": ["/usr/lib/mainstay/pki", "/usr/lib/mainstay/node-metrics", "/lib/systemd/system/mainstay-pki-renew.timer",
             "/lib/systemd/system/mainstay-node-metrics.service", "/usr/share/mainstay/pages/runbooks/VipDown.html",
             "/usr/share/mainstay/pages/fleet.html"],
}
# Debian 12, Ubuntu 22.04 and 24.04: the oldest of each, as their packages libc6 2.35 and libstdc++6 12 have them.
NEWEST_SYMBOLS = {"GLIBC": (2, 35), "GLIBCXX": (3, 4, 30), "CXXABI": (1, 3, 13), "OPENSSL": (3, 0, 2), "LIBSYSTEMD": (249,)}
# The packages of our shared libraries as Ubuntu 22.04, the oldest, was released; held against published lists of what is
# installed on such machines (2026-11), libc-ares2 and zlib1g excepted, which those did not have.
OLDEST = {"libc6": "2.35-0ubuntu3", "libgcc-s1": "12-20220319-1ubuntu1", "libstdc++6": "12-20220319-1ubuntu1", "libssl3": "3.0.2-0ubuntu1",
          "zlib1g": "1:1.2.11.dfsg-2ubuntu9", "libbrotli1": "1.0.9-2build6", "libcrypt1": "1:4.4.27-1", "libc-ares2": "1.18.1-1build1",
          "libseccomp2": "2.5.3-2ubuntu2", "libsodium23": "1.0.18-1build2", "libsystemd0": "249.11-0ubuntu3", "libmnl0": "1.0.4-3build2",
          "libcurl4": "7.81.0-1", "libmariadb3": "1:10.6.7-2ubuntu1", "libsqlite3-0": "3.37.2-2", "libqrencode4": "4.1.1-1"}
RENAMED = {"libssl3": "libssl3t64", "libcurl4": "libcurl4t64"}  # since Ubuntu 24.04
# Shared libraries that all three have under these names; the C++ ones of others are part of our programs.
SHARED = {"libc.so.6", "ld-linux-x86-64.so.2", "libm.so.6", "libgcc_s.so.1", "libstdc++.so.6", "libssl.so.3", "libcrypto.so.3",
          "libz.so.1", "libbrotlienc.so.1", "libcrypt.so.1", "libcares.so.2", "libseccomp.so.2", "libsodium.so.23",
          "libsystemd.so.0", "libmnl.so.0", "libcurl.so.4", "libmariadb.so.3", "libsqlite3.so.0", "libqrencode.so.4"}


def run(argv, **options):
    options = {"text": True, "capture_output": True, "timeout": 120, "check": False} | options
    return subprocess.run([str(word) for word in argv], **options)


def pack(folder: pathlib.Path, components=COMPONENTS) -> dict[str, pathlib.Path]:
    """Component → its .deb, made in a folder of its own."""
    done = run(["cpack", "-G", "DEB", "-B", folder, "-D", f"CPACK_COMPONENTS_ALL={';'.join(components)}", "--config",
                BUILD / "CPackConfig.cmake"])
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
                # Keys and certificates are the machine's; bookd would ask for them.
                alone = ["--file-only"] if program == "bookd" else []
                done = run([root / "usr/bin" / program, "--config", root / f"etc/mainstay/{program}.yaml", "--check", *alone])
                self.assertEqual(0, done.returncode, done.stderr)

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
                    versions = {tuple(map(int, found.split("."))) for found in re.findall(rf"(?<!\w){family}_([0-9.]+)", said)}
                    self.assertLessEqual(max(versions, default=(0,)), most, family)

    def test_no_library_is_wanted_that_another_system_has_under_another_name(self):
        for path in self.programs():
            with self.subTest(program=path.name):
                wanted = set(re.findall(r"NEEDED\s+(\S+)", run(["objdump", "-p", path]).stdout))
                self.assertIn("libc.so.6", wanted)
                self.assertEqual(set(), wanted - SHARED - self.brought(path))

    def test_what_a_package_depends_on_the_oldest_system_has_and_the_newest_under_its_new_name(self):
        for name, root in self.unpacked.items():
            control = (root / "DEBIAN/control").read_text(encoding="utf-8")
            for wanted in re.search(r"^Depends: (.*)$", control, flags=re.M)[1].split(", "):
                with self.subTest(package=name, depends=wanted):
                    package, version = re.fullmatch(r"([\w.+-]+)(?: \(>= (\S+)\))?(?: \| .*)?", wanted).groups()
                    if package.startswith("lib") and version:
                        self.assertIn(package, OLDEST)
                        self.assertEqual(0, run(["dpkg", "--compare-versions", OLDEST[package], "ge", version]).returncode)
                    if package in RENAMED:
                        self.assertIn(f"| {RENAMED[package]}", wanted)

    @staticmethod
    def brought(program: pathlib.Path) -> set[str]:
        """Libraries that its package brings along, where it looks for them before it asks the system."""
        place = re.search(r"RUNPATH\s+\$ORIGIN/(\S+)", run(["objdump", "-p", program]).stdout)
        return {path.name for path in (program.parent / place[1]).glob("*.so.*")} if place else set()

    def programs(self) -> list[pathlib.Path]:
        """And the libraries that come along."""
        return [path for root in self.unpacked.values() for path in [*(root / "usr/bin").glob("*"), *(root / "usr/lib").rglob("*.so.*")]]


if __name__ == "__main__":
    unittest.main()
