"""
The two virtual addresses go together: lb1's outer cable is cut, and what is inside finds its way out by lb2 as well. When they are
moved as planned, who is connected stays so.
"""
import http.client
import re
import socket
import ssl
import time
import unittest

import guest
import walls
from raised import INNER_VIP, VIP, fleet, note

from lab import namespaces
from lab.waiting import wait_until

MOVED_SECONDS = 5
ANSWER_SECONDS = 5
GUESTS = 5
BACK_SECONDS = 30  # lb1 is the better one, and waits for nothing
PACKAGES = "deb.debian.org"
SPEAKS = re.compile(r'^vrrpd_state{.*state="active"} 1$', re.M)


def await_both(name: str, seconds: float) -> None:
    """
    It has both and its vrrpd speaks for them. After a planned move the other one may have them as well for a while, silent: it serves
    those who were connected to it.
    """
    wait_until(lambda: all(fleet().lab[name].holds(address) for address in (VIP, INNER_VIP)) and speaks(name), seconds,
               f"{name} has both virtual addresses", poll=0.05)


def speaks(name: str) -> bool:
    said = fleet().lab[name].run(["curl", "--silent", "--max-time", "2", "http://127.0.0.1:9112/metrics"]).stdout
    return len(SPEAKS.findall(said)) == 2


def connected(node: str, address: str, port: int) -> socket.socket:
    return namespaces.run_inside(fleet().lab[node].namespace, lambda: socket.create_connection((address, port), timeout=ANSWER_SECONDS))


class Guest:
    """Who keeps his connection, and does not make another."""

    def __init__(self):
        self.told_to_leave = False
        self.connection = http.client.HTTPConnection(VIP)
        self.connection.auto_open = 0
        trust = ssl.create_default_context(cafile=str(guest.authority()))
        self.connection.sock = trust.wrap_socket(connected("client", VIP, 443), server_hostname=VIP)

    def ask(self) -> int:
        self.connection.request("GET", "/")
        answer = self.connection.getresponse()
        answer.read()
        self.told_to_leave = answer.will_close
        return answer.status


class Tunnel:
    """Of a database node through the proxy, to Slack."""

    def __init__(self):
        self.host = fleet().slack_host
        self.socket = connected("db1", INNER_VIP, walls.FLEET["proxy"]["port"])
        self.socket.sendall(f"CONNECT {self.host}:443 HTTP/1.1\r\nHost: {self.host}\r\n\r\n".encode())
        self.answer = self.socket.recv(4096)

    def use(self) -> bytes:
        trust = ssl.create_default_context(cafile=str(fleet().place / "authority/ca.pem"))
        with trust.wrap_socket(self.socket, server_hostname=self.host) as inside:
            inside.sendall(f"GET / HTTP/1.1\r\nHost: {self.host}\r\n\r\n".encode())
            return inside.recv(4096)


class Moving(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        guest.arrive()

    def test_both_addresses_leave_a_node_whose_outer_cable_is_cut_and_return(self):
        lb1 = fleet().lab["lb1"]
        await_both("lb1", BACK_SECONDS)
        with guest.Asking() as asking:
            guest.book()
            began = time.monotonic()
            lb1.cut("outer")
            try:
                await_both("lb2", MOVED_SECONDS)
                moved = time.monotonic()
                guest.book()
                self.assertEqual("200", walls.Walls.connected(PACKAGES, 443), "the way out of the inner network")
            finally:
                lb1.restore("outer")
            restored = time.monotonic()
            await_both("lb1", BACK_SECONDS)
            back = time.monotonic()
            guest.book()
            self.assertEqual("200", walls.Walls.connected(PACKAGES, 443), "the way out of the inner network")
        # Whoever was being answered by lb1 when its cable went got no more of it.
        self.assertEqual([], asking.failed(moved))
        note(f"lb1's outer cable is cut: both addresses are with lb2 in {moved - began:.2f} s; mended, they are with lb1 in {back - restored:.1f} s. "
             f"{asking.count} pages asked for, {len(asking.failed())} of them lost at the cut, the longest took {asking.longest:.1f} s")

    def test_a_planned_move_there_and_back_breaks_no_connection(self):
        await_both("lb1", BACK_SECONDS)
        guests, tunnel = [Guest() for _ in range(GUESTS)], Tunnel()
        self.assertEqual({200}, {one.ask() for one in guests})
        for giver, taker in (("lb1", "lb2"), ("lb2", "lb1")):
            fleet()[giver].said("vrrpctl", "handover")
            await_both(taker, MOVED_SECONDS)
            until = time.monotonic() + ANSWER_SECONDS
            for one in guests:
                while not one.told_to_leave:
                    self.assertEqual(200, one.ask(), f"after the move to {taker}")
                    self.assertLess(time.monotonic(), until, f"lbd of {giver} ends the connections that it holds with their next answer")
            guests = [Guest() for _ in range(GUESTS)]
            self.assertEqual({200}, {one.ask() for one in guests}, f"connected to {taker}")
            self.assertEqual({False}, {one.told_to_leave for one in guests}, f"{taker} keeps its own")
        self.assertRegex(tunnel.answer, rb"^HTTP/1.[01] 200 ")
        self.assertRegex(tunnel.use(), rb"^HTTP/1.1 501 ")
        for one in guests:
            one.connection.close()
        note(f"the addresses went to lb2 and back as planned: {GUESTS} connections of guests went on until their next answer, "
             "which told them to leave, and one through the proxy to the end")
