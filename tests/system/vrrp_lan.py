"""A LAN of network namespaces for the VRRP tests: nodes and a client on one bridge that lives in a namespace of its own.

Everything is removed by `Lan.close()`, however the test ends; nothing is attached to the host's network.
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BIN = pathlib.Path(os.environ.get("MAINSTAY_BIN", ROOT / "build" / "release" / "bin"))
VIP = "192.168.10.100"
CLIENT = "192.168.10.50"


def run(*command, check=True):
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def await_true(condition, seconds, what):
    """Polls until `condition()` holds; returns the seconds it took, raises after the deadline."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        if condition():
            return time.monotonic() - start
        time.sleep(0.005)
    raise AssertionError(f"not within {seconds} s: {what}")


class Tool:
    """A command of vrrp_tool.py inside a namespace."""

    def __init__(self, namespace, *arguments):
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", namespace, sys.executable, str(HERE / "vrrp_tool.py"), *map(str, arguments)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline().strip() != "ready":
            raise RuntimeError(f"vrrp_tool {arguments} did not start")

    def finish(self):
        """Its lines of JSON."""
        output, _ = self.process.communicate("", timeout=10)
        return [json.loads(line) for line in output.splitlines()]

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


class Node:
    """A namespace on the LAN, with at most one failover daemon."""

    def __init__(self, lan, name, address):
        self.lan, self.name, self.address = lan, name, address
        self.namespace = f"{lan.prefix}-{name}"
        self.port = f"p-{name}"
        self.daemon = None
        self.log = lan.folder / f"{name}.log"
        run("ip", "netns", "add", self.namespace)
        lan.namespaces.append(self.namespace)
        run("ip", "link", "add", "eth0", "netns", self.namespace, "type", "veth", "peer", "name", self.port,
            "netns", lan.switch)
        run("ip", "-n", lan.switch, "link", "set", self.port, "master", "br0", "up")
        run("ip", "-n", self.namespace, "link", "set", "lo", "up")
        run("ip", "-n", self.namespace, "link", "set", "eth0", "up")
        run("ip", "-n", self.namespace, "addr", "add", f"{address}/24", "dev", "eth0")
        link = json.loads(run("ip", "-n", self.namespace, "-j", "link", "show", "eth0"))[0]
        self.mac = link["address"]

    def tool(self, *arguments):
        tool = Tool(self.namespace, *arguments)
        self.lan.tools.append(tool)
        return tool

    def owns(self, address=VIP):
        return f" {address}/" in run("ip", "-n", self.namespace, "-4", "addr", "show", "dev", "eth0")

    # The network as others see it
    def cut_off(self):
        """Silence: carrier stays, nothing passes."""
        run("ip", "-n", self.lan.switch, "link", "set", self.port, "nomaster")

    def reconnect(self):
        run("ip", "-n", self.lan.switch, "link", "set", self.port, "master", "br0")

    def pull_plug(self):
        run("ip", "-n", self.lan.switch, "link", "set", self.port, "down")

    def push_plug(self):
        run("ip", "-n", self.lan.switch, "link", "set", self.port, "up")

    # Daemons
    def start_vrrpd(self, priority, interval="100ms", extra="", address=f"{VIP}/24"):
        config = self.lan.folder / f"{self.name}.yaml"
        config.write_text(f"""log: {{format: console, level: debug}}
routers:
  - vrid: 51
    interface: eth0
    priority: {priority}
    advertisement_interval: {interval}
    addresses: [{address}]
{extra}""")
        self.start([str(BIN / "vrrpd"), "--config", str(config)])

    def start_keepalived(self, priority, interval="0.1", nopreempt=False):
        config = self.lan.folder / f"{self.name}.conf"
        config.write_text(f"""global_defs {{
    vrrp_version 3
}}
vrrp_instance V {{
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority {priority}
    advert_int {interval}
    {"nopreempt" if nopreempt else ""}
    virtual_ipaddress {{
        {VIP}/24
    }}
}}
""")
        pid = self.lan.folder / self.name
        self.start(["keepalived", "-n", "-l", "-D", "-P", "-f", str(config), "-p", f"{pid}.pid", "-r", f"{pid}.vrrp.pid"])

    def start(self, command):
        with self.log.open("a") as log:
            self.daemon = subprocess.Popen(["ip", "netns", "exec", self.namespace, *command], stdin=subprocess.DEVNULL,
                                           stdout=log, stderr=log, start_new_session=True)

    def send_signal(self, number):
        os.killpg(self.daemon.pid, number)

    def stop(self, number=signal.SIGTERM):
        """Its exit status."""
        if number == signal.SIGTERM:
            self.daemon.terminate()  # keepalived's parent tells its child
        else:
            self.send_signal(number)
        status = self.daemon.wait(timeout=10)
        self.daemon = None
        return status

    def get(self, path):
        return run("ip", "netns", "exec", self.namespace, "curl", "-s", "-m", "2", f"http://127.0.0.1:9112{path}",
                   check=False)

    def router(self):
        text = self.get("/status")
        return json.loads(text)["routers"][0] if text else None

    def discarded(self):
        return json.loads(self.get("/status"))["interfaces"][0]["advertisements_discarded"]

    def await_state(self, state, seconds=5.0):
        def reached():
            router = self.router()
            return router is not None and router["state"] == state
        return await_true(reached, seconds, f"{self.name} is {state}; its log:\n{self.tail()}")

    def await_owner(self, seconds=5.0):
        return await_true(self.owns, seconds, f"{self.name} owns {VIP}; its log:\n{self.tail()}")

    def await_no_owner(self, seconds=5.0):
        return await_true(lambda: not self.owns(), seconds, f"{self.name} gave {VIP} away; its log:\n{self.tail()}")

    def tail(self):
        return "\n".join(self.log.read_text().splitlines()[-30:]) if self.log.exists() else ""


class Lan:
    """`nodes` load-balancer nodes lb1, lb2, … (192.168.10.11, .12, …) and a client."""

    _count = 0

    def __init__(self, nodes=2):
        Lan._count += 1
        self.prefix = f"vrrp{os.getpid()}-{Lan._count}"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vrrp-test-"))
        self.namespaces, self.tools, self.nodes = [], [], []
        try:
            self.switch = f"{self.prefix}-switch"
            run("ip", "netns", "add", self.switch)
            self.namespaces.append(self.switch)
            run("ip", "-n", self.switch, "link", "add", "br0", "type", "bridge", "stp_state", "0", "mcast_snooping",
                "0", "forward_delay", "0")
            run("ip", "-n", self.switch, "link", "set", "br0", "up")
            self.client = Node(self, "client", CLIENT)
            for i in range(1, nodes + 1):
                node = Node(self, f"lb{i}", f"192.168.10.{10 + i}")
                node.tool("echo")
                self.nodes.append(node)
        except BaseException:
            self.close()
            raise

    def probe(self):
        return self.client.tool("probe", VIP)

    def watch_arp(self):
        return self.client.tool("arp-watch", VIP)

    def send(self, *packets, source=CLIENT):
        """Advertisements of any shape from the client's place."""
        run("ip", "netns", "exec", self.client.namespace, sys.executable, str(HERE / "vrrp_tool.py"), "send", source,
            "eth0", json.dumps(packets))

    def client_reaches(self, node):
        """Whether the client's neighbour cache sends the virtual address to `node`."""
        return f"lladdr {node.mac}" in run("ip", "-n", self.client.namespace, "neigh", "show", VIP)

    def owners(self):
        return [node.name for node in self.nodes if node.owns()]

    def close(self):
        for tool in self.tools:
            tool.kill()
        for node in self.nodes:
            if node.daemon is not None:
                try:
                    node.send_signal(signal.SIGKILL)
                except ProcessLookupError:
                    pass
                node.daemon.wait()
        for namespace in self.namespaces:
            for pid in run("ip", "netns", "pids", namespace, check=False).split():
                os.kill(int(pid), signal.SIGKILL)
            run("ip", "netns", "del", namespace, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


class ReadyzServer:
    """Answers /readyz inside a node as lbd would: 200, 503 or, when stopped, nothing."""

    PROGRAM = """
import http.server, pathlib, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        ready = self.path == "/readyz" and not pathlib.Path(sys.argv[1]).exists()
        self.send_response(200 if ready else 503); self.end_headers()
    def log_message(self, *arguments): pass
server = http.server.HTTPServer(("127.0.0.1", 9101), Handler)
print("ready", flush=True)
server.serve_forever()
"""

    def __init__(self, node):
        self.unready = node.lan.folder / f"{node.name}.unready"
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", node.namespace, sys.executable, "-c", self.PROGRAM, str(self.unready)],
            stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()

    def become_unready(self):
        self.unready.touch()

    def become_ready(self):
        self.unready.unlink()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()
