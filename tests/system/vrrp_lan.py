"""What the VRRP tests see of the lab: two load-balancer nodes with one failover daemon each, and a client that probes."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from lab import STANDARD, VIP, Lab  # noqa: E402

BIN = pathlib.Path(os.environ.get("MAINSTAY_BIN", ROOT / "build" / "release" / "bin"))
INTERFACE = "out0"


def await_true(condition, seconds, what):
    """Polls until `condition()` holds; returns the seconds it took, raises after the deadline. `what`: or what says it then."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        if condition():
            return time.monotonic() - start
        time.sleep(0.005)
    raise AssertionError(f"not within {seconds} s: {what() if callable(what) else what}")


class Tool:
    """A command of vrrp_tool.py on a node; it ends when its standard input is closed."""

    def __init__(self, node, *arguments):
        self.process = node.spawn([sys.executable, str(HERE / "vrrp_tool.py"), *map(str, arguments)],
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


class Router:
    """A node of the lab with at most one failover daemon."""

    def __init__(self, lan, node):
        self.lan, self.node, self.name = lan, node, node.name
        self.folder = pathlib.Path(node.directory)
        self.log = self.folder / "router.log"
        self.daemon = None
        self.mac = node.plan.mac("outer")
        self.cut_off = lambda: node.isolate("outer")
        self.reconnect = self.push_plug = lambda: node.restore("outer")
        self.pull_plug = lambda: node.cut("outer")

    def filter_advertisements(self):
        """As a host's firewall that was not told of protocol 112; ARP passes."""
        done = self.node.run(["nft", "table ip firewall { chain in { type filter hook input priority 0; ip protocol 112 drop; }; }"])
        if done.returncode != 0:
            raise RuntimeError(done.stderr)

    def pass_advertisements(self):
        self.node.run(["nft", "delete table ip firewall"])

    def owns(self, address=VIP):
        if ":" not in address:
            return address in self.node.addresses()
        return self.node.run(["ip", "-6", "addr", "show", "dev", INTERFACE, "to", address]).stdout != ""

    def write_vrrpd(self, priority, interval="100ms", extra="", top="", addresses=(f"{VIP}/24",)):
        """Its configuration file; `extra` follows the first router, `top` stands before all."""
        config = self.folder / "router.yaml"
        config.write_text(f"""log: {{format: console, level: debug}}
{top}routers:
  - vrid: 51
    interface: {INTERFACE}
    priority: {priority}
    advertisement_interval: {interval}
    addresses: [{', '.join(map(json.dumps, addresses))}]
{extra}""")
        return config

    def start_vrrpd(self, priority, interval="100ms", extra="", under=(), top="", addresses=(f"{VIP}/24",)):
        """`under`: a command that runs it, such as setpriv."""
        config = self.write_vrrpd(priority, interval, extra, top, addresses)
        self.start([*under, str(BIN / "vrrpd"), "--config", str(config)])

    def start_keepalived(self, priority, interval="0.1", version=3, addresses=(f"{VIP}/24",), extra=""):
        config = self.folder / "router.conf"
        config.write_text(f"""global_defs {{
    vrrp_version {version}
}}
vrrp_instance V {{
    state BACKUP
    interface {INTERFACE}
    virtual_router_id 51
    priority {priority}
    advert_int {interval}
{extra}
    virtual_ipaddress {{
        {chr(10).join(addresses)}
    }}
}}
""")
        self.start(["keepalived", "-n", "-l", "-D", "-P", "-f", str(config), "-p", str(self.folder / "keepalived.pid"),
                    "-r", str(self.folder / "vrrp.pid")])

    def start(self, command):
        with self.log.open("a") as log:
            self.daemon = self.node.spawn(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

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
        return self.node.run(["curl", "-s", "-m", "2", f"http://127.0.0.1:9112{path}"]).stdout

    def router(self):
        text = self.get("/status")
        return json.loads(text)["routers"][0] if text else None

    def discarded(self):
        return json.loads(self.get("/status"))["interfaces"][0]["advertisements_discarded"]

    def await_state(self, state, seconds=5.0):
        def reached():
            router = self.router()
            return router is not None and router["state"] == state
        return await_true(reached, seconds, lambda: f"{self.name} is {state}; its log:\n{self.tail()}")

    def await_owner(self, seconds=5.0, address=VIP):
        return await_true(lambda: self.owns(address), seconds, lambda: f"{self.name} owns {address}; its log:\n{self.tail()}")

    def await_no_owner(self, seconds=5.0):
        return await_true(lambda: not self.owns(), seconds, f"{self.name} gave {VIP} away; its log:\n{self.tail()}")

    def tail(self):
        return "\n".join(self.log.read_text().splitlines()[-30:]) if self.log.exists() else ""


class Lan:
    """lb1, lb2 and the client of the lab, and those named `more`; the lab's keeper ends whatever still runs."""

    def __init__(self, *more):
        self.lab = Lab(STANDARD.only("client", "lb1", "lb2", *more))
        self.tools = []
        self.client = self.lab["client"]
        self.nodes = [Router(self, self.lab[name]) for name in ("lb1", "lb2")]
        try:
            for router in self.nodes:
                self.tool(router.node, "echo")
        except BaseException:
            self.close()
            raise

    def tool(self, node, *arguments):
        tool = Tool(node, *arguments)
        self.tools.append(tool)
        return tool

    def probe(self, address=VIP):
        return self.tool(self.client, "probe", address)

    def probe_once_served(self, address=VIP):
        return self.tool(self.client, "probe", address, "the first answer")

    def watch_arp(self):
        return self.tool(self.client, "arp-watch", VIP)

    def watch_adverts(self):
        return self.tool(self.client, "advert-watch", INTERFACE)

    def send(self, *packets):
        """Advertisements of any shape from the client's place."""
        done = self.client.run([sys.executable, str(HERE / "vrrp_tool.py"), "send", self.client.address(), INTERFACE,
                                json.dumps(packets)])
        if done.returncode != 0:
            raise RuntimeError(done.stderr)

    def capture_advertisement(self, router):
        """The octets after the IP header of the next one that `router` sends."""
        done = self.client.run([sys.executable, str(HERE / "vrrp_tool.py"), "capture", router.node.address()])
        return done.stdout.strip()

    def replay(self, captured, times, source="192.168.10.11"):
        self.send({"raw": captured, "from": source, "times": times})

    def client_reaches(self, router, address=VIP):
        """Whether the client's neighbour cache sends the virtual address to `router`."""
        return f"lladdr {router.mac}" in self.client.run(["ip", "neigh", "show", address]).stdout

    def drop_announcements(self):
        """The client no longer hears gratuitous ARP for the virtual address, as behind a switch that forwards late."""
        rules = (f"table netdev deaf {{ chain in {{ type filter hook ingress device {INTERFACE} priority 0; "
                 f"arp saddr ip {VIP} arp daddr ip {VIP} drop; }}; }}")
        done = self.client.run(["nft", rules])
        if done.returncode != 0:
            raise RuntimeError(done.stderr)

    def pass_announcements(self):
        self.client.run(["nft", "delete table netdev deaf"])

    def owners(self, address=VIP):
        return [router.name for router in self.nodes if router.owns(address)]

    def outage_of(self, event, settled, address=VIP):
        """Milliseconds the client got no answer from the virtual address around `event`."""
        probe = self.probe_once_served(address)  # FRR says Master before its macvlan answers
        time.sleep(0.2)  # a stretch of good probes first
        event()
        settled()
        time.sleep(0.3)
        return probe.finish()[-1]["outage_ms"]

    def close(self):
        for tool in self.tools:
            tool.kill()
        daemons = [router.daemon for router in self.nodes if router.daemon is not None]
        self.lab.down()
        for daemon in daemons:
            daemon.wait()


class ReadyzServer:
    """Answers /readyz on a node as lbd would: 200, 503 or, when killed, nothing."""

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

    def __init__(self, router):
        self.unready = router.folder / "unready"
        self.process = router.node.spawn([sys.executable, "-c", self.PROGRAM, str(self.unready)],
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
