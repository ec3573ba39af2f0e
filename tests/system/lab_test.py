"""The lab is what it says it is: six nodes and a client that reach each other over two networks and nothing else,
that can be broken and mended, and of which nothing stays however the program that raised it ends."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest

REPOSITORY = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(REPOSITORY, "scripts"))

from lab import STANDARD, VIP, Lab, Ready, Service, Stack, Timeout, wait_until  # noqa: E402
from lab import instances, mariadb, waiting  # noqa: E402
from lab.topology import INNER, OUTER  # noqa: E402

TOOL = os.path.join(REPOSITORY, "scripts", "lab", "lab")
PORT = 8080
SECONDS = 10.0
REMOVED_SECONDS = 15.0
REACHED_SECONDS = 5.0  # a SYN that is lost is said again after one


def web(name: str = "web") -> Service:
    """Something that answers GET with 200."""
    return Service(name, ["/usr/bin/python3", "-m", "http.server", str(PORT)], ready=Ready("http", "127.0.0.1", PORT))


def root_namespace() -> dict[str, str]:
    """What a lab must leave as it was."""
    commands = {"links": ["ip", "-br", "link"], "addresses": ["ip", "-br", "addr"], "routes": ["ip", "route"],
                "rules": ["nft", "list", "ruleset"], "names": ["ip", "netns"], "mounts": ["cat", "/proc/self/mounts"],
                "forwarding": ["cat", "/proc/sys/net/ipv4/ip_forward"]}
    return {name: subprocess.run(argv, capture_output=True, text=True, check=True).stdout
            for name, argv in commands.items()}


def namespaces_held() -> set[int]:
    """Every network namespace that a process lives in or holds open."""
    found = set()
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            found.add(os.stat(f"/proc/{entry}/ns/net").st_ino)
            for number in os.listdir(f"/proc/{entry}/fd"):
                target = os.readlink(f"/proc/{entry}/fd/{number}")
                if target.startswith("net:["):
                    found.add(int(target[5:-1]))
        except OSError:
            continue
    return found


class Topology(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.before = root_namespace()
        cls.lab = Lab()
        for node in cls.lab.nodes.values():
            node.start(web(), wait=False)
        for node in cls.lab.nodes.values():
            node.wait_ready("web")

    @classmethod
    def tearDownClass(cls):
        cls.lab.down()

    def test_nodes_reach_each_other_where_they_share_a_network_and_nowhere_else(self):
        for source in self.lab.nodes.values():
            for target in self.lab.nodes.values():
                for network, address in target.plan.links.items():
                    with self.subTest(source=source.name, target=target.name, network=network):
                        shared = source is target or network in source.plan.links
                        if shared:
                            self.assertTrue(source.reaches(address, PORT, REACHED_SECONDS))
                        else:
                            self.assertFalse(source.reaches(address, PORT))

    def test_there_is_no_way_out(self):
        for node in self.lab.nodes.values():
            with self.subTest(node=node.name):
                self.assertNotIn("default", node.run(["ip", "route"]).stdout)
                self.assertNotIn("default", node.run(["ip", "-6", "route"]).stdout)
                self.assertNotEqual(node.run(["ip", "route", "get", "192.0.2.1"]).returncode, 0)

    def test_a_load_balancer_node_does_not_route_between_its_networks(self):
        client = self.lab["client"]
        lb1 = self.lab["lb1"].address(OUTER)
        client.run(["ip", "route", "add", "10.0.0.0/24", "via", lb1], check=True)
        try:
            self.assertFalse(client.reaches(self.lab["app1"].address(INNER), PORT))
        finally:
            client.run(["ip", "route", "del", "10.0.0.0/24", "via", lb1], check=True)

    def test_two_labs_do_not_meet(self):
        with Lab(STANDARD.only("client", "lb1")) as other:
            self.assertNotEqual(other.identity, self.lab.identity)
            self.assertFalse(other["client"].reaches(other["lb1"].address(), PORT))
            self.assertTrue(self.lab["client"].reaches(self.lab["lb1"].address(), PORT, REACHED_SECONDS))

    def test_nothing_is_touched_outside(self):
        self.assertEqual(root_namespace(), self.before)


class Operations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(STANDARD.only("client", "lb1", "app1"))
        cls.client, cls.node = cls.lab["client"], cls.lab["lb1"]

    @classmethod
    def tearDownClass(cls):
        cls.lab.down()

    def setUp(self):
        if not self.node.is_running("web"):
            self.node.start(web())

    def reached(self) -> bool:
        return self.client.reaches(self.node.address(), PORT)

    def wait_reached(self) -> None:
        """A neighbour asked for in vain is asked for again only after a second, so mending takes a moment to show."""
        wait_until(self.reached, SECONDS, f"{self.node.name} reached")

    def test_kill_and_stop_end_the_service_and_start_brings_it_back(self):
        for end in (self.node.kill, self.node.stop):
            pid = self.node.pid("web")
            end("web")
            self.assertFalse(os.path.exists(f"/proc/{pid}"))
            self.assertFalse(self.reached())
            self.node.start("web")
            self.assertTrue(self.reached())

    def test_a_frozen_node_accepts_and_does_not_answer(self):
        self.node.freeze()
        try:
            self.assertTrue(self.reached())
            self.assertIsNone(waiting.http_status(self.client.namespace, self.node.address(), PORT, "/", 0.3))
        finally:
            self.node.thaw()
        self.assertEqual(self.client.http(self.node.address(), PORT)[0], 200)

    def test_a_cut_node_runs_on_unreached(self):
        self.node.cut()
        try:
            self.assertFalse(self.reached())
            self.assertTrue(self.node.is_running("web"))
        finally:
            self.node.restore()
        self.wait_reached()

    def test_one_network_can_be_cut_alone(self):
        self.node.cut(OUTER)
        try:
            self.assertFalse(self.reached())
            self.assertTrue(self.lab["app1"].reaches(self.node.address(INNER), PORT, REACHED_SECONDS))
        finally:
            self.node.restore(OUTER)
            self.wait_reached()

    def test_power_off_takes_everything_and_power_on_brings_a_clean_node(self):
        self.node.run(["ip", "addr", "add", f"{VIP}/24", "dev", "out0"], check=True)
        self.node.run(["nft", "add", "table", "ip", "leftover"], check=True)
        stray = self.node.spawn(["sleep", "600"])
        self.assertTrue(self.node.holds(VIP))
        self.node.power_off()
        self.assertEqual(stray.wait(SECONDS), -signal.SIGKILL)
        self.assertEqual(self.node.processes(), [])
        self.assertFalse(self.reached())
        self.assertFalse(self.node.holds(VIP))
        self.node.power_on()
        self.wait_reached()
        self.assertEqual(self.node.addresses(OUTER), [self.node.address(OUTER)])
        self.assertEqual(self.node.run(["nft", "list", "ruleset"]).stdout, "")

    def test_a_node_that_loses_power_says_no_goodbye(self):
        """Its peer must not see the connection end: that is what a pulled plug is."""
        connection = waiting.Connection(self.client.namespace, self.node.address(), PORT, 0.5)
        connection.connect()
        self.node.power_off()
        try:
            with self.assertRaises(TimeoutError):
                connection.sock.recv(1)
        finally:
            connection.close()
            self.node.power_on()
            self.wait_reached()

    def test_a_service_that_does_not_come_up_says_why(self):
        broken = Service("broken", ["sh", "-c", "echo out of paint; exit 3"], ready=Ready("tcp", "127.0.0.1", 9))
        with self.assertRaisesRegex(Timeout, "out of paint"):
            self.lab["app1"].start(broken)


class Databases(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(STANDARD.only("app1", "db1", "db2"))
        cls.primary, cls.replica = cls.lab["db1"], cls.lab["db2"]
        try:
            cls.stack = Stack(cls.lab)
            cls.stack.start_databases()
            mariadb.query(cls.primary, f"CREATE TABLE {mariadb.DATABASE}.notes (id INT PRIMARY KEY)")
        except BaseException:
            cls.lab.down()
            raise

    @classmethod
    def tearDownClass(cls):
        cls.lab.down()

    def as_bookd(self, node, sql: str) -> subprocess.CompletedProcess:
        tls = mariadb.tls_directory(node)
        return self.lab["app1"].run(["mariadb", "--no-defaults", f"--host={node.address(INNER)}",
                                     f"--ssl-ca={tls}/ca.pem", "--ssl-verify-server-cert",
                                     f"--ssl-cert={tls}/{mariadb.APP_USER}.pem", f"--ssl-key={tls}/{mariadb.APP_USER}.key",
                                     f"--user={mariadb.APP_USER}", f"--password={mariadb.APP_PASSWORD}",
                                     "--skip-column-names", f"--execute={sql}", mariadb.DATABASE])

    def wait_on_replica(self, number: int) -> None:
        count = f"SELECT COUNT(*) FROM {mariadb.DATABASE}.notes WHERE id = {number}"
        wait_until(lambda: mariadb.query(self.replica, count) == "1", SECONDS, f"row {number} on the replica")

    def test_what_is_written_to_the_primary_reaches_the_replica_by_gtid(self):
        self.assertEqual(self.as_bookd(self.primary, "INSERT INTO notes VALUES (1)").returncode, 0)
        self.wait_on_replica(1)
        self.assertEqual(mariadb.replica_status(self.replica)["Using_Gtid"], "Slave_Pos")
        self.assertEqual(mariadb.query(self.primary, "SELECT @@rpl_semi_sync_master_enabled"), "1")

    def test_bookd_cannot_write_to_the_replica_nor_reach_beyond_its_schema(self):
        self.assertIn("1290", self.as_bookd(self.replica, "INSERT INTO notes VALUES (2)").stderr)
        self.assertNotEqual(self.as_bookd(self.primary, "SELECT * FROM mysql.global_priv").returncode, 0)
        self.assertNotEqual(self.as_bookd(self.primary, "DROP TABLE notes").returncode, 0)

    def test_a_primary_that_lost_power_comes_back_with_what_it_acknowledged(self):
        self.assertEqual(self.as_bookd(self.primary, "INSERT INTO notes VALUES (3)").returncode, 0)
        self.primary.power_off()
        self.primary.power_on()
        self.assertIn("1290", self.as_bookd(self.primary, "INSERT INTO notes VALUES (4)").stderr)
        self.stack.dbctl("failover")
        self.stack.dbctl("rejoin")
        self.stack.dbctl("switchover")
        self.assertEqual(self.as_bookd(self.primary, "SELECT id FROM notes WHERE id = 3").stdout, "3\n")
        self.assertEqual(self.as_bookd(self.primary, "INSERT INTO notes VALUES (4)").returncode, 0)
        self.wait_on_replica(4)


class Endings(unittest.TestCase):
    """Each test raises a lab with a program of its own, ends that program in some way and looks for remains."""

    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.env = os.environ | {"TMPDIR": self.scratch.name}
        self.namespaces = namespaces_held()
        self.tool = self.attached = None

    def tearDown(self):
        if self.tool and self.tool.poll() is None:
            self.tool.kill()
            self.tool.wait()
        if self.tool:
            self.tool.stdout.close()
        for directory in self.directories():
            instances.remove_leftovers(directory)
        if self.attached:
            self.attached["app1"].forget_children()

    def directories(self) -> list[str]:
        return [os.path.join(self.scratch.name, name) for name in os.listdir(self.scratch.name)]

    def raise_lab(self) -> dict:
        """A bare lab in the foreground of a process, with a service in it."""
        self.tool = subprocess.Popen([TOOL, "up", "--bare"], env=self.env, stdout=subprocess.PIPE, text=True)
        while "Ctrl-C" not in (line := self.tool.stdout.readline()):
            self.assertTrue(line, "the lab did not come up")
        directory, = self.directories()
        self.attached = Lab.attach(directory)
        self.attached["app1"].start(web())
        with open(os.path.join(directory, "state.json"), encoding="utf-8") as file:
            return json.load(file)

    def check_nothing_is_left(self, state: dict) -> None:
        self.assertTrue(waiting.wait_for_exit(state["keeper"], REMOVED_SECONDS), "the keeper is still there")
        self.assertEqual(instances.processes_of(state["identity"]), [])
        self.assertEqual(self.directories(), [])
        self.assertEqual(namespaces_held() - self.namespaces, set())

    def test_killed_outright(self):
        state = self.raise_lab()
        self.tool.send_signal(signal.SIGKILL)
        self.check_nothing_is_left(state)

    def test_interrupted(self):
        state = self.raise_lab()
        self.tool.send_signal(signal.SIGINT)
        self.assertEqual(self.tool.wait(REMOVED_SECONDS), 0)
        self.check_nothing_is_left(state)

    def test_terminated(self):
        state = self.raise_lab()
        self.tool.send_signal(signal.SIGTERM)
        self.assertEqual(self.tool.wait(REMOVED_SECONDS), 0)
        self.check_nothing_is_left(state)

    def test_ended_by_an_exception(self):
        body = ("import sys\nsys.path.insert(0, sys.argv[1])\nfrom lab import Lab\n"
                "with Lab() as lab:\n    print(lab.keeper_pid, lab.identity, flush=True)\n    1 / 0\n")
        done = subprocess.run(["/usr/bin/python3", "-B", "-c", body, os.path.join(REPOSITORY, "scripts")], env=self.env,
                              capture_output=True, text=True, timeout=30, check=False)
        self.assertIn("ZeroDivisionError", done.stderr)
        keeper, identity = done.stdout.split()
        self.check_nothing_is_left({"keeper": int(keeper), "identity": identity})

    def test_kept_and_taken_down_by_another_program(self):
        subprocess.run([TOOL, "up", "--bare", "--keep"], env=self.env, check=True, stdout=subprocess.DEVNULL)
        directory, = self.directories()
        self.assertTrue(instances.is_alive(directory))
        lab = Lab.attach(directory)
        self.assertEqual(lab["client"].run(["ping", "-c1", "-W1", lab["lb1"].address()]).returncode, 0)
        subprocess.run([TOOL, "fail", "lb1", "power-off"], env=self.env, check=True)
        self.assertNotEqual(lab["client"].run(["ping", "-c1", "-W1", lab["lb1"].address()]).returncode, 0)
        subprocess.run([TOOL, "down"], env=self.env, check=True, stdout=subprocess.DEVNULL)
        self.check_nothing_is_left({"keeper": lab.keeper_pid, "identity": lab.identity})

    def test_leftovers_of_a_dead_keeper_are_removed_on_request(self):
        state = self.raise_lab()
        os.kill(state["keeper"], signal.SIGKILL)
        self.assertTrue(waiting.wait_for_exit(state["keeper"], SECONDS))
        self.tool.kill()
        self.tool.wait()
        self.assertNotEqual(instances.processes_of(state["identity"]), [])
        subprocess.run([TOOL, "down", "--all"], env=self.env, check=True, stdout=subprocess.DEVNULL)
        self.check_nothing_is_left(state)


if __name__ == "__main__":
    unittest.main()
