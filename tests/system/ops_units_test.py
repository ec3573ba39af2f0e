"""systemd units: what they let a daemon do is bounded, and a vrrpd that is gone leaves no virtual address."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNITS = ROOT / "conf" / "systemd"
MOST_EXPOSED = {"lbd": 1.8, "bookd": 1.8, "vrrpd": 2.5}  # systemd-analyze security: 0 is nothing, 10 everything
VIP = "192.0.2.100"


def run(argv, **options):
    options = {"text": True, "capture_output": True, "timeout": 60, "check": False} | options
    return subprocess.run(argv, **options)


class Sandbox(unittest.TestCase):
    def test_exposure_stays_below_its_bound(self):
        for name, most in MOST_EXPOSED.items():
            with self.subTest(unit=name):
                done = run(["systemd-analyze", "security", "--offline=yes", f"--threshold={round(most * 10)}",
                            "--no-pager", str(UNITS / f"{name}.service")])
                self.assertEqual(0, done.returncode, done.stdout[-3000:] + done.stderr)

    def test_who_holds_keys_leaves_no_core_dump(self):
        for name in ("lbd", "bookd"):
            with self.subTest(unit=name):
                self.assertIn("\nLimitCORE=0\n", (UNITS / f"{name}.service").read_text(encoding="utf-8"))

    def test_a_unit_without_a_sandbox_is_over_the_bound(self):
        with tempfile.TemporaryDirectory() as folder:
            bare = pathlib.Path(folder, "bare.service")
            bare.write_text("[Service]\nExecStart=/bin/true\n", encoding="utf-8")
            done = run(["systemd-analyze", "security", "--offline=yes", "--threshold=25", "--no-pager", str(bare)])
            self.assertNotEqual(0, done.returncode)

    def test_every_unit_reads_without_a_fault(self):
        with tempfile.TemporaryDirectory() as folder:
            for unit in UNITS.iterdir():
                text = unit.read_text(encoding="utf-8")
                # Programs and pages that are not installed on this machine are not the units' fault.
                text = re.sub(r"^(Exec\w+=-?)/usr/(bin|lib/mainstay)/\S+", r"\1/bin/true", text, flags=re.M)
                text = re.sub(r"^Documentation=.*$", "", text, flags=re.M)
                pathlib.Path(folder, unit.name).write_text(text, encoding="utf-8")
            for unit in sorted(UNITS.iterdir()):
                with self.subTest(unit=unit.name):
                    done = run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no",
                                str(pathlib.Path(folder, unit.name))])
                    self.assertEqual("", "\n".join(line for line in done.stderr.splitlines() if unit.name in line))

    def test_each_daemon_tells_systemd_how_it_is(self):
        for name in MOST_EXPOSED:
            with self.subTest(unit=name):
                text = (UNITS / f"{name}.service").read_text(encoding="utf-8")
                self.assertIn("Type=notify\n", text)
                self.assertRegex(text, r"\nWatchdogSec=\d+s\n")
                self.assertRegex(text, r"\nExecStartPre=\S+ .*--check\b")
                self.assertRegex(text, r"\nRestart=(always|on-failure)\n")


class Withdraw(unittest.TestCase):
    """scripts/vrrpd-withdraw in a network namespace of its own."""
    CONFIGURATION = f"""
routers:
  - vrid: 51
    interface: wire0   # {VIP}/24 is not this one's name
    addresses:
      - {VIP}/24
      - "192.0.2.101/24"
    track:
      - {{name: other, tcp: "192.0.2.7:80"}}
  - {{vrid: 52, interface: wire0, addresses: [192.0.2.102/24, "fe80::100/64"]}}
  - {{vrid: 53, interface: wire0, addresses: [192.0.2.8/24], priority: 255}}
  - addresses:
      - 192.0.2.103/24
    priority: 25
    vrid: 54
    interface: wire0
  # addresses: [192.0.2.9/24]
"""
    OWN = ["192.0.2.8/24", "192.0.2.9/24", "fe80::9/64"]
    VIRTUAL = [f"{VIP}/24", "192.0.2.101/32", "192.0.2.102/24", "192.0.2.103/24", "fe80::100/64"]

    def left(self, result: str, configuration: str = CONFIGURATION) -> list[str]:
        """Addresses that stand after vrrpd ended with this SERVICE_RESULT."""
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "vrrpd.yaml")
            file.write_text(configuration, encoding="utf-8")
            lines = ["ip link add wire0 type bridge", "ip link set wire0 addrgenmode none", "ip link set wire0 up"]
            lines += [f"ip addr add {address} dev wire0 nodad" for address in self.OWN + self.VIRTUAL]
            lines += [f"{ROOT}/scripts/vrrpd-withdraw {file} >&2", "ip -oneline addr show dev wire0 | awk '{print $4}'"]
            done = run(["unshare", "--net", "sh", "-e", "-c", "\n".join(lines)],
                       env=os.environ | {"SERVICE_RESULT": result})
            self.assertEqual(0, done.returncode, done.stderr)
            return done.stdout.split()

    def test_nothing_virtual_stays_after_a_stop_that_took_too_long(self):
        self.assertEqual(sorted(self.OWN), sorted(self.left("timeout")))

    def test_nothing_virtual_stays_when_the_next_run_is_refused(self):
        self.assertEqual(sorted(self.OWN), sorted(self.left("exit-code", self.CONFIGURATION + "unknown: [\n")))

    def test_a_killed_run_leaves_its_addresses_to_the_one_that_follows(self):
        self.assertEqual(sorted(self.OWN + self.VIRTUAL), sorted(self.left("signal")))

    def test_it_takes_the_shipped_configuration(self):
        shipped = (ROOT / "conf" / "vrrpd.yaml").read_text(encoding="utf-8").replace("192.168.10.100", VIP)
        self.assertNotIn(f"{VIP}/24", self.left("success", shipped))


if __name__ == "__main__":
    unittest.main()
