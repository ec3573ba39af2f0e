"""What docker-compose.yml promises of each container, as the kernel has it: nobody is root, or writes to his root, or gets out."""
import subprocess
import unittest
from concurrent.futures import ThreadPoolExecutor

import yaml
from raised import BOOKING, CLIENT_ADDRESS, HOST_ADDRESS, ROOT, note, site

from coming_up import ONCE, SERVICES
from lab.waiting import wait_until

RUNNING = tuple(name for name in SERVICES if name != ONCE)
OUTSIDE_PORT = 8000
WAIT_SECONDS = 30
UNITS = {"m": 1 << 20, "g": 1 << 30}


class ShutIn(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.promised = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]

    def test_nobody_is_root_or_can_become_it(self):
        for name in RUNNING:
            with self.subTest(service=name):
                status = dict(line.split(":\t", 1) for line in self.said(name, "cat", "/proc/1/status").splitlines() if ":\t" in line)
                user, group = self.promised[name]["user"].split(":")
                self.assertEqual([user] * 4, status["Uid"].split())
                self.assertEqual([group] * 4, status["Gid"].split())
                for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
                    self.assertEqual(0, int(status[kind], 16), kind)
                self.assertEqual(("1", "2"), (status["NoNewPrivs"], status["Seccomp"]))
        note(f"{len(RUNNING)} containers: the user of the file, no capability, no new privileges, a filter of system calls")

    def test_nobody_writes_to_his_root(self):
        for name in RUNNING:
            with self.subTest(service=name):
                done = site().compose.run_in(name, "sh", "-c", "grep -q '^[^ ]* / [^ ]* ro,' /proc/mounts && ! touch /etc/here 2>/dev/null")
                self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    def test_the_limits_are_there(self):
        every = site().compose.containers()
        for name in RUNNING:
            with self.subTest(service=name):
                memory = self.promised[name]["mem_limit"]
                self.assertEqual(int(memory[:-1]) * UNITS[memory[-1]], every[name]["HostConfig"]["Memory"])
                self.assertEqual(self.promised[name]["pids_limit"], every[name]["HostConfig"]["PidsLimit"])
                self.assertFalse(every[name]["State"]["OOMKilled"])

    def test_from_the_inner_network_nobody_gets_out_and_from_outside_only_https_is_reached(self):
        client = site().lab["client"]
        server = client.spawn(["/usr/bin/python3", "-m", "http.server", "--bind", CLIENT_ADDRESS, "--directory", client.directory,
                               str(OUTSIDE_PORT)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: client.reaches(CLIENT_ADDRESS, OUTSIDE_PORT), WAIT_SECONDS, "somebody listens outside")
            ask = ("curl", "--silent", "--output", "/dev/null", "--max-time", "3", f"http://{CLIENT_ADDRESS}:{OUTSIDE_PORT}/")
            # Who is on the outer network as well shows that there is something to be reached.
            self.assertEqual(0, site().compose.run_in("lbd", *ask).returncode)
            # Side by side: each waits until it gives up.
            inner = ("app1", "app2", "db1", "db2")
            with ThreadPoolExecutor(len(inner)) as pool:
                asked = dict(zip(inner, pool.map(lambda name: site().compose.run_in(name, *ask).returncode, inner)))
            self.assertNotIn(0, asked.values(), asked)
        finally:
            server.kill()
            server.wait()
        self.assertTrue(client.reaches(HOST_ADDRESS, 8443))
        for port in (8080, 9101, 9108, 3306, 9090, 9093, 5140):
            self.assertFalse(client.reaches(HOST_ADDRESS, port), port)
        note("bookd and the databases reach nobody outside; from outside port 8443 is reached and no other")

    def test_no_log_has_a_telephone_number(self):
        every = site().compose.containers()
        for name in RUNNING:
            done = site().engine.run("docker", "logs", every[name]["Id"])
            for form in (BOOKING["phone"], BOOKING["phone"].replace("-", "")):
                self.assertNotIn(form, done.stdout + done.stderr, name)

    @staticmethod
    def said(name: str, *argv: str) -> str:
        done = site().compose.run_in(name, *argv)
        if done.returncode != 0:
            raise AssertionError(f"{name}: {done.stderr}")
        return done.stdout
