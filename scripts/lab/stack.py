"""The product on the standard topology: MariaDB, bookd, lbd and vrrpd on their nodes."""

from . import daemons, mariadb
from .lab import Lab
from .service import Service
from .topology import VIP
from .waiting import http_status, wait_until

DATABASES = ("db1", "db2")
APPS = ("app1", "app2")
PRIORITIES = {"lb1": 200, "lb2": 100}
ELECTION_SECONDS = 10.0
ANSWER_SECONDS = 10.0


class Stack:
    """Each tier starts on its own, and a service can be replaced: a test of the LB nodes alone starts something
    simple on the app nodes, one with a foreign VRRP speaker gives it instead of vrrpd."""

    def __init__(self, lab: Lab):
        self.lab = lab

    def start(self) -> None:
        """All of it, until a request through the virtual address can be answered."""
        self.start_databases()
        self.start_apps()
        self.start_load_balancers()
        client = self.lab["client"]
        wait_until(lambda: http_status(client.namespace, VIP, daemons.HTTP_PORT, "/") == 200, ANSWER_SECONDS,
                   f"http://{VIP}/ answers 200")

    def start_databases(self) -> None:
        nodes = [self.lab[name] for name in DATABASES]
        mariadb.certificates(nodes)
        for server_id, node in enumerate(nodes, 31):
            node.start(mariadb.service(node, server_id), wait=False)
        for node in nodes:
            node.wait_ready("mariadbd")
        mariadb.configure_dbctl(nodes)
        self.dbctl("bootstrap")

    def dbctl(self, *words: str) -> dict:
        """Of the pair, from an application node that has power; what it said."""
        at = next(node for node in self.lab.nodes.values() if node.powered and node.name in (*APPS, *DATABASES))
        return mariadb.dbctl(at, daemons.program("dbctl"), *words)

    def start_apps(self) -> None:
        databases, proxies = ([self.lab[name] for name in names if name in self.lab.nodes]
                              for names in (DATABASES, PRIORITIES))
        for name in APPS:
            self.lab[name].start(daemons.bookd(self.lab[name], databases, proxies), wait=False)
        for name in APPS:
            self.lab[name].wait_ready("bookd")

    def start_load_balancers(self, instead_of_vrrpd: dict[str, Service] | None = None) -> None:
        """`instead_of_vrrpd`: by node, what runs there in vrrpd's place."""
        apps = [self.lab[name] for name in APPS if name in self.lab.nodes]
        nodes = [self.lab[name] for name in PRIORITIES]
        for node in nodes:
            node.start(daemons.lbd(node, apps), wait=False)
        for node in nodes:
            node.wait_ready("lbd")
            other = (instead_of_vrrpd or {}).get(node.name)
            node.start(other or daemons.vrrpd(node, PRIORITIES[node.name]))
        self.wait_vip_owner("lb1")

    def vip_owner(self) -> str | None:
        """The node that holds the virtual address; None while nobody does."""
        for name in PRIORITIES:
            if self.lab[name].holds(VIP):
                return name
        return None

    def wait_vip_owner(self, name: str, seconds: float = ELECTION_SECONDS) -> None:
        wait_until(lambda: self.vip_owner() == name, seconds, f"{name} holds {VIP}")
