"""The whole matrix of conf/inventory/flows.yaml on six nodes with UFW: what is allowed passes, all else does not."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from lab import Lab  # noqa: E402
from support.flow_table import CLIENT, FLEET, NODES, PORTS, VIRTUAL, allowed, where  # noqa: E402

PROBE = str(ROOT / "tests/system/support/fleet_probe.py")
GENERATED = ROOT / "conf/inventory/generated"
ANSWER_SECONDS = 2.0  # a SYN that was dropped is sent again after one; what is allowed answers in milliseconds
INTERFACE = {"outer": "out0", "inner": "in0"}

# UFW with files of its own: what the playbook does to /etc, done to a copy that only this process sees.
ENABLE = """
set -e
cp -r /etc/ufw {folder}/ufw
for file in before after before6 after6 user user6; do cp /usr/share/ufw/iptables/$file.rules {folder}/ufw/; done
cp {rules}/user.rules {folder}/ufw/user.rules
sed -i '/^COMMIT/e cat {rules}/before.rules' {folder}/ufw/before.rules
sed -e 's/^DEFAULT_INPUT_POLICY=.*/DEFAULT_INPUT_POLICY="DROP"/' -e 's/^DEFAULT_OUTPUT_POLICY=.*/DEFAULT_OUTPUT_POLICY="DROP"/' \
    /etc/default/ufw >{folder}/default
mount --bind {folder}/ufw /etc/ufw
mount --bind {folder}/default /etc/default/ufw
ufw --force enable
ufw status verbose
cmp {rules}/user.rules /etc/ufw/user.rules && echo "ufw leaves it as it is"
"""


class Matrix(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.down)
        cls.status = {}
        for network, plan in FLEET["networks"].items():
            done = cls.lab["lb1"].run(["ip", "addr", "add", f"{plan['vip']}/24", "dev", INTERFACE[network]])
            assert done.returncode == 0, done.stderr
        for name in [*NODES, CLIENT]:
            listening = cls.lab[name].spawn(["/usr/bin/python3", PROBE, "answer", ",".join(map(str, PORTS))],
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            cls.addClassCleanup(cls.end, listening)
            assert listening.stdout.readline() == "ready\n"
        for name in NODES:
            with tempfile.TemporaryDirectory() as folder:
                script = ENABLE.format(folder=folder, rules=GENERATED / "ufw" / name)
                done = cls.lab[name].run(["unshare", "--mount", "sh", "-c", script])
            assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"
            cls.status[name] = done.stdout

    @staticmethod
    def end(listening: subprocess.Popen) -> None:
        listening.stdin.close()
        listening.wait(5)
        listening.stdout.close()

    def places(self) -> list[tuple[str, str, str]]:
        """Who, in which network, at what address: each card, and the virtual addresses where they are."""
        found = [(name, network, address) for name in [*NODES, CLIENT] for network, address in where(name).items()]
        return found + [("lb1", network, plan["vip"]) for network, plan in FLEET["networks"].items()]

    def test_what_the_table_allows_passes_and_nothing_else(self):
        asking = {}
        for source in [*NODES, CLIENT]:
            wanted = [[protocol, address, port] for target, _, address in self.places() if target != source
                      for port in PORTS for protocol in ("tcp", "udp")]
            asking[source] = self.lab[source].spawn(["/usr/bin/python3", PROBE, "ask", str(ANSWER_SECONDS)],
                                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            asking[source].stdin.write(json.dumps(wanted))
            asking[source].stdin.close()
        asked = passed = 0
        wrong = []
        for source, process in asking.items():
            answered = {tuple(what) for what in json.loads(process.stdout.read())}
            process.stdout.close()
            self.assertEqual(0, process.wait(10))
            for target, network, address in self.places():
                if target == source:
                    continue
                for port in PORTS:
                    for protocol in ("tcp", "udp"):
                        asked += 1
                        passes = (protocol, address, port) in answered
                        passed += passes
                        # A node that has no card there has no way there either.
                        wants = network in where(source) and allowed(source, target, network, protocol, port,
                                                                      address in VIRTUAL)
                        if passes != wants:
                            wrong.append(f"{source} to {target} {address} {protocol} {port}: "
                                         f"{'passes' if passes else 'is blocked'}")
        print(f"{asked} ways, {passed} pass, {asked - passed} are blocked")
        self.assertEqual([], wrong[:40], len(wrong))
        self.assertGreater(passed, 60)

    def heard(self, listener: str, network: str, speaker: str) -> list[str]:
        """Sources of VRRP that the listener's programs got while the speaker spoke once."""
        hearing = self.lab[listener].spawn(["/usr/bin/python3", PROBE, "vrrp-hear", "0.5", where(listener)[network]],
                                           stdout=subprocess.PIPE, text=True)
        with hearing:
            self.assertEqual("ready\n", hearing.stdout.readline())
            self.lab[speaker].run(["/usr/bin/python3", PROBE, "vrrp-say", where(speaker)[network]])
            return hearing.stdout.read().split()

    def test_vrrp_passes_between_the_load_balancers_alone(self):
        for network in ("outer", "inner"):
            self.assertEqual([where("lb1")[network]], self.heard("lb2", network, "lb1"))
        self.assertEqual([], self.heard("lb2", "outer", CLIENT), "a stranger's advertisement")
        self.assertEqual([], self.heard("lb2", "inner", "app1"), "not let out of app1")
        self.assertEqual([], self.heard("db1", "inner", "lb1"), "not let into db1")

    def test_ufw_knows_the_rules_as_its_own(self):
        for name, status in self.status.items():
            with self.subTest(node=name):
                self.assertIn("Status: active", status)
                self.assertIn("ufw leaves it as it is", status)  # or a second run of the playbook would change it again
                self.assertIn("Default: deny (incoming), deny (outgoing)", status)
                text = (GENERATED / "ufw" / name / "user.rules").read_text(encoding="utf-8")
                self.assertNotIn("vrrp", text, "ufw 0.36.1 has no such word")
                self.assertEqual(text.count("### tuple ###"), status.count("ALLOW"))


if __name__ == "__main__":
    unittest.main()
