"""Certificates that are renewed by their timer, on every node at once, under load."""
import concurrent.futures
import http.client
import ssl
import threading
import time
import unittest

import guest
from raised import VIP, fleet, note

from lab.waiting import Connection, wait_until

RENEWALS = 1  # of each node; those that are quicker have more
RENEWAL_SECONDS = 120
REQUEST_SECONDS = 10
CLIENTS = 2  # of each kind
PAUSE = 0.02  # a client's, between two requests: six machines share the processors with it
ALWAYS_SOON = 99  # days: longer than a certificate holds, so each look of the timer finds one that ends soon
OTHER_PHONE = "010-8371-2947"  # the planted one is for those who listen
SOON = "/run/systemd/system/mainstay-pki-renew.timer.d/soon.conf"
CONFIGURATION = "/etc/mainstay/pki.conf"


class Client(threading.Thread):
    """GETs one after the other, by one connection or each by its own. `failed`: what went wrong, when."""

    def __init__(self, trust: ssl.SSLContext, stop: threading.Event, keeps: bool):
        super().__init__(daemon=True)
        self.answered, self.failed, self.serials = 0, [], set()
        self._trust, self._stop_word, self._keeps = trust, stop, keeps
        self._connection = None

    def run(self) -> None:
        while not self._stop_word.wait(PAUSE):
            try:
                self._ask()
                self.answered += 1
            except (OSError, http.client.HTTPException, AssertionError) as error:
                self.failed.append(f"{time.strftime('%X')} {'kept' if self._keeps else 'new'} connection: {error!r}")
                self._leave()
        self._leave()

    def _ask(self) -> None:
        if self._connection is None:
            self._connection = Connection(fleet().lab["client"].namespace, VIP, 443, REQUEST_SECONDS, self._trust)
            self._connection.connect()
            self.serials.add(self._connection.sock.getpeercert()["serialNumber"])
        self._connection.request("GET", "/")
        answer = self._connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise AssertionError(f"status {answer.status}")
        if not self._keeps:
            self._leave()

    def _leave(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def serial(node: str) -> str:
    return fleet()[node].said("openssl", "x509", "-noout", "-serial", "-in", "/etc/mainstay/pki/node.pem").strip()


def served(node: str, address: str) -> str:
    """By bookd at that address, to a load balancer."""
    script = (f"openssl s_client -connect {address}:8080 -cert /etc/mainstay/pki/node.pem -key /etc/mainstay/pki/node.key "
              "</dev/null 2>/dev/null | openssl x509 -noout -serial")
    return fleet()[node].said("sh", "-c", script).strip()


class Renewal(unittest.TestCase):
    def setUp(self):
        self.nodes = [node.name for node in fleet().fleet.nodes]
        guest.arrive()

    def hasten(self, node: str) -> None:
        """Its timer looks every three seconds, below the limit of starts, and finds each time that the certificate ends too soon."""
        fleet()[node].said("sh", "-ec", f"""cp {CONFIGURATION} {CONFIGURATION}.kept
            sed -i 's/^PKI_LEFT_DAYS=.*/PKI_LEFT_DAYS={ALWAYS_SOON}/' {CONFIGURATION}
            mkdir -p {SOON.rpartition('/')[0]}
            printf '[Timer]\\nOnCalendar=\\nOnCalendar=*:*:0/3\\nRandomizedDelaySec=0\\nAccuracySec=100ms\\n' >{SOON}
            systemctl daemon-reload; systemctl restart mainstay-pki-renew.timer""")

    def calm(self, node: str) -> None:
        fleet()[node].said("sh", "-ec", f"""rm {SOON}; systemctl daemon-reload; systemctl restart mainstay-pki-renew.timer
            while systemctl --quiet is-active mainstay-pki-renew.service; do sleep 0.1; done
            mv {CONFIGURATION}.kept {CONFIGURATION}""")

    def everywhere(self, what) -> None:
        with concurrent.futures.ThreadPoolExecutor(len(self.nodes)) as pool:
            list(pool.map(what, self.nodes))

    def test_no_request_is_lost_while_every_node_renews(self):
        trust = ssl.create_default_context(cafile=str(guest.authority()))
        stop = threading.Event()
        clients = [Client(trust, stop, keeps) for keeps in (True, False) for _ in range(CLIENTS)]
        seen = {name: {serial(name)} for name in self.nodes}
        booked = [guest.book(OTHER_PHONE)]
        for client in clients:
            client.start()
        try:
            self.addCleanup(self.everywhere, self.calm)
            self.everywhere(self.hasten)

            def renewed() -> bool:
                booked.append(guest.book(OTHER_PHONE))
                for name in self.nodes:
                    seen[name].add(serial(name))
                return all(len(found) > RENEWALS for found in seen.values())
            wait_until(renewed, RENEWAL_SECONDS, f"{RENEWALS} certificates of each node", poll=1)
            self.doCleanups()
            booked.append(guest.book(OTHER_PHONE))
        finally:
            stop.set()
            for client in clients:
                client.join(2 * REQUEST_SECONDS)
        failed = [line for client in clients for line in client.failed]
        self.assertEqual([], failed)
        self.assertGreater(len(set().union(*(client.serials for client in clients))), RENEWALS, "new connections saw the new ones")
        for node, address in (("app1", "10.0.0.21"), ("app2", "10.0.0.22")):
            wait_until(lambda n=node, a=address: served("lb1", a) == serial(n), REQUEST_SECONDS, f"bookd of {node} shows its newest")
        note(f"every node renewed its certificate {min(map(len, seen.values())) - 1} times or more by its timer: "
             f"{sum(client.answered for client in clients)} requests of {len(clients)} clients and {len(booked)} bookings, 0 failed")
