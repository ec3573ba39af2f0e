"""The pods of conf/kubernetes, production, each container as its manifest has it: they come up, the virtual address is taken, a customer
books over HTTPS there, the lbd that serves him dies, and the nightly backup is found good."""
import json
import socket
import ssl
import threading
import unittest

from cluster import HOSTS, PODS, Cluster
from raised import BOOKING, Customer, note, site

from lab import namespaces
from lab.topology import VIP
from lab.waiting import wait_until
from support.kubernetes_render import pod_of

ELECTED_SECONDS = 15
GONE_SECONDS = 15
DRAINED_SECONDS = 60  # terminationGracePeriodSeconds
FEW, MOST_ASKED = 10, 2000
PATIENCE_SECONDS = 10
MOVED = 308
TLS_REFUSED = (35, 56)  # curl's status: in the handshake, or behind it as TLS 1.3 has it
RIGHTS = {"NET_BIND_SERVICE": 10, "NET_ADMIN": 12, "NET_RAW": 13}  # linux/capability.h


class HalfSent:
    """A customer's request that is under way while something happens: half of its content has been sent."""

    def __init__(self, customer: Customer, text: str):
        content = text.encode()
        head = (f"POST /api/v1/bookings/lookup HTTP/1.1\r\nHost: {VIP}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n").encode()
        sock = namespaces.open_socket(customer.node.namespace, socket.AF_INET, socket.SOCK_STREAM)
        sock.settimeout(PATIENCE_SECONDS)
        sock.connect((VIP, 443))
        self.stream = ssl.create_default_context(cafile=customer.certificate).wrap_socket(sock, server_hostname=VIP)
        self.left = content[len(content) // 2:]
        self.stream.sendall(head + content[:len(content) // 2])

    def rest(self) -> str:
        """The status line of the answer."""
        self.stream.sendall(self.left)
        return self.stream.makefile("rb").readline().decode().rstrip()

    def close(self) -> None:
        self.stream.close()


class Clustered(unittest.TestCase):
    """In the order of the names: each stands on what the ones before made."""

    cluster: Cluster

    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(site())
        cls.addClassCleanup(cls.cluster.down)
        cls.cluster.build()
        cls.cluster.have_databases()
        cls.cluster.have_secrets()
        note("an image of vrrpd, two databases that want certificates, and secrets by the lines of docs/kubernetes.md")

    def test_1_pods_come_up_as_their_manifests_have_them(self):
        self.cluster.start_bookd()
        self.cluster.start_load_balancers()
        wait_until(lambda: len(self.cluster.holders()) == 1, ELECTED_SECONDS, "one host has the virtual address", poll=0.1)
        note("Kubernetes: two bookd and two hosts with lbd and vrrpd say yes to their probes, and one has the virtual address")

    def test_2_a_customer_books_at_the_virtual_address(self):
        customer = self.cluster.customer()
        number = customer.book()
        self.assertEqual(number, customer.find(number)["number"])
        plain = self.cluster.lab["client"].http(VIP, 80)
        self.assertEqual((MOVED, f"https://{VIP}/"), (plain[0], plain[1].getheader("Location")))
        note("Kubernetes: a booking was made and found over HTTPS at the virtual address")

    def test_3_each_container_may_what_its_manifest_says_and_no_more(self):
        for node in (*PODS, *HOSTS):
            pod = self.cluster.pods[node]
            for container in pod.spec["containers"]:
                with self.subTest(pod=node, container=container["name"]):
                    context = pod.context | container["securityContext"]
                    status = pod.status(container["name"])
                    self.assertEqual([str(context["runAsUser"])] * 4, status["Uid"].split())
                    given = sum(1 << RIGHTS[one] for one in context["capabilities"].get("add", []))
                    self.assertEqual([given] * 3, [int(status[kind], 16) for kind in ("CapBnd", "CapPrm", "CapEff")])
                    self.assertEqual(("1", "2"), (status["NoNewPrivs"], status["Seccomp"]))

    def test_4_nobody_without_the_load_balancers_certificate_gets_into_bookd(self):
        pod = self.cluster.pods[PODS[0]]
        done = site().engine.run("docker", "exec", pod.called("bookd"), "curl", "--silent", "--insecure", "--max-time", "5",
                                 "https://127.0.0.1:8080/livez")
        self.assertIn(done.returncode, TLS_REFUSED, done.stdout + done.stderr)

    def test_5_an_lbd_that_dies_is_not_missed(self):
        customer = self.cluster.customer()
        number = customer.book()
        before, = self.cluster.holders()
        other, = set(HOSTS) - {before}
        site().engine.docker("kill", "--signal", "KILL", self.cluster.pods[before].called("lbd"))
        wait_until(lambda: self.cluster.holders() == [other], GONE_SECONDS, f"{other} has the virtual address, and {before} not", poll=0.05)
        self.assertEqual(number, customer.find(number)["number"])
        customer.book()
        self.cluster.again(before, "lbd")
        note(f"Kubernetes: lbd killed on {before}: {other} has the virtual address, and the booking of before")

    def test_6_a_pod_that_is_told_to_end_breaks_nothing(self):
        """As `kubectl rollout restart` and `kubectl drain` do: all of its containers at the same time."""
        before, = self.cluster.holders()
        other, = set(HOSTS) - {before}
        self.cluster.await_successor(before)
        customer, ended, codes = self.cluster.customer(), threading.Event(), []
        half = HalfSent(customer, json.dumps({"number": customer.book(), "phone": BOOKING["phone"]}))

        def ask() -> None:
            while not ended.is_set() and len(codes) < MOST_ASKED:
                codes.append(customer.curl("/").returncode)
        asking = threading.Thread(target=ask)
        ending = threading.Thread(target=self.cluster.end, args=(before, DRAINED_SECONDS))
        asking.start()
        try:
            wait_until(lambda: len(codes) > FEW, GONE_SECONDS, "somebody asks")
            ending.start()
            # The one that gave it keeps it silently while somebody is connected there.
            wait_until(lambda: other in self.cluster.holders(), GONE_SECONDS, f"{other} has the virtual address", poll=0.05)
            moved = len(codes)
            wait_until(lambda: len(codes) > moved + FEW, GONE_SECONDS, f"{other} answers")
            self.assertEqual("HTTP/1.1 200 OK", half.rest())
        finally:
            ended.set()
            asking.join()
            half.close()
        ending.join()
        self.assertEqual([other], self.cluster.holders())
        self.assertEqual({0}, set(codes))
        self.assertLess(len(codes), MOST_ASKED)
        self.cluster.assert_ended_well(before)
        for name in ("lbd", "vrrpd"):
            self.cluster.again(before, name)
        note(f"Kubernetes: the pod on {before} was told to end: {len(codes)} pages on connections of their own and a request that was half sent all went well")

    def test_7_the_nightly_backup_is_good(self):
        done = self.cluster.back_up()
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        done = self.cluster.judged()
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertRegex(done.stderr, r"logical-\S+: good")
        note("Kubernetes: the CronJob's backup was taken over TLS from the replica, and restored to be found good")

    def test_8_every_pod_of_the_overlay_was_run(self):
        run = {id(pod_of(one)) for one in self.cluster.manifests.values()}
        self.assertEqual(run, {id(pod.spec) for pod in self.cluster.pods.values()})


if __name__ == "__main__":
    unittest.main()
