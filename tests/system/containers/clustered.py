"""The pods of conf/kubernetes, production, each container as its manifest has it: they come up, the virtual address is taken, a customer
books over HTTPS there, the lbd that serves him dies, and the nightly backup is found good."""
import unittest

from cluster import HOSTS, PODS, Cluster
from raised import note, site

from lab.topology import VIP
from lab.waiting import wait_until
from support.kubernetes_render import pod_of

ELECTED_SECONDS = 15
GONE_SECONDS = 15
MOVED = 308
TLS_REFUSED = (35, 56)  # curl's status: in the handshake, or behind it as TLS 1.3 has it
RIGHTS = {"NET_BIND_SERVICE": 10, "NET_ADMIN": 12, "NET_RAW": 13}  # linux/capability.h


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
        note(f"Kubernetes: lbd killed on {before}: {other} has the virtual address, and the booking of before")

    def test_6_the_nightly_backup_is_good(self):
        done = self.cluster.back_up()
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        done = self.cluster.judged()
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertRegex(done.stderr, r"logical-\S+: good")
        note("Kubernetes: the CronJob's backup was taken over TLS from the replica, and restored to be found good")

    def test_7_every_pod_of_the_overlay_was_run(self):
        run = {id(pod_of(one)) for one in self.cluster.manifests.values()}
        self.assertEqual(run, {id(pod.spec) for pod in self.cluster.pods.values()})


if __name__ == "__main__":
    unittest.main()
