"""Something breaks, and Slack hears of it: the right alert, with its page, in time; and that it is over."""
import datetime
import json
import re
import time
import unittest
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass

import guest
from raised import ROOT, fleet, note

from fleet_lab import FleetStack
from lab.waiting import wait_until

TOLD_SECONDS = 30.0  # after its `for`
PATIENCE = 240.0  # until it is told at all, or is over: the fault, a scrape, the rule's `for` and Alertmanager's intervals
BEGAN = re.compile(r"시작 (\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)")
SEOUL = datetime.timezone(datetime.timedelta(hours=9))
POLL = 0.5


@dataclass(frozen=True)
class Fault:
    name: str
    alert: str
    text: str  # what tells it from others of the same alert
    page: str
    cause: Callable[[], None]
    mend: Callable[[], None]


def sh(node: str, script: str) -> str:
    return fleet()[node].said("sh", "-ec", script)


def kill_for_good(node: str, program: str) -> None:
    """A killed daemon is back in a fifth of a second; this one has lost its program, too."""
    sh(node, f"mv /usr/bin/{program} /usr/bin/{program}.lost && systemctl kill --signal=KILL {program}")


def bring_back(node: str, program: str) -> None:
    sh(node, f"mv /usr/bin/{program}.lost /usr/bin/{program}; systemctl reset-failed {program}; systemctl start {program}")


def fill_disk() -> None:
    sh("app2", "fallocate -l $(($(df --output=avail -B1 /srv | tail -n 1) * 97 / 100)) /srv/full")


def plant_certificate() -> None:
    """One of the fleet's own authority that ends in two days."""
    sh("db2", "cd /tmp && openssl ecparam -name prime256v1 -genkey -noout -out short.key && "
              "openssl req -new -key short.key -subj /CN=db2 -out short.csr")
    request = sh("db2", "cat /tmp/short.csr")
    certificate = fleet()["app2"].run(
        ["sh", "-ec", "cat >/tmp/short.csr; openssl x509 -req -in /tmp/short.csr -CA /var/lib/mainstay-pki/authority/ca.pem "
         "-CAkey /var/lib/mainstay-pki/authority/ca.key -set_serial 77 -days 2"], input=request).stdout
    fleet()["db2"].run(["sh", "-ec", "cat >/etc/mainstay/pki/node.pem; mv /tmp/short.key /etc/mainstay/pki/node.key"],
                       input=certificate)


def stop_node_metrics() -> None:
    """Ten minutes ago, for node exporter."""
    sh("db1", "systemctl stop mainstay-node-metrics.timer mainstay-node-metrics.service; "
              "touch --date='10 minutes ago' /var/lib/prometheus/node-exporter/mainstay_node.prom")


def follow(link: str) -> str:
    """What is read there by somebody outside, who has the fleet's names and its authority. Raises AssertionError."""
    place = urllib.parse.urlsplit(link)
    hosts = (ROOT / "conf/inventory/generated/hosts").read_text(encoding="utf-8")
    addresses = re.findall(rf"(?m)^(\S+) {re.escape(place.hostname)}$", hosts)
    done = fleet().lab["client"].run(["curl", "--silent", "--show-error", "--fail", "--max-time", "20", "--cacert", str(guest.authority()),
                                      "--resolve", f"{place.hostname}:{place.port}:{','.join(addresses)}", link])
    if done.returncode != 0:
        raise AssertionError(f"{link}: {done.stderr}")
    return done.stdout


def return_node(name: str) -> None:
    fleet().power_on(name)
    fleet().wait_ssh(name)


def fail_over() -> None:
    stack = FleetStack(fleet())
    stack.dbctl("failover")
    sh("db1", "systemctl start mariadb")
    stack.dbctl("rejoin")


SMALL = (
    Fault("kill lbd on lb1", "TargetMissing", "lb1 의 lbd", "MonitoringBroken", lambda: kill_for_good("lb1", "lbd"),
          lambda: bring_back("lb1", "lbd")),
    Fault("kill bookd on app1", "UpstreamDown", "10.0.0.21:8080", "UpstreamDown", lambda: kill_for_good("app1", "bookd"),
          lambda: bring_back("app1", "bookd")),
    Fault("fill a disk of app2", "DiskFull", "/srv", "DiskFull", fill_disk, lambda: sh("app2", "rm /srv/full")),
    Fault("a certificate of db2 ends in two days", "TlsCertExpiringSoon", "db2", "TlsCertExpiringSoon", plant_certificate,
          lambda: sh("db2", "systemctl start mainstay-pki-renew.service")),
    Fault("stop replication", "DbReplicationStopped", "db2", "DbReplicationStopped",
          lambda: sh("db2", "mariadb --execute='STOP SLAVE'"), lambda: sh("db2", "mariadb --execute='START SLAVE'")),
    Fault("stop the log shipper of lb2", "LogShipperStopped", "lb2", "LogsNotShipped", lambda: sh("lb2", "systemctl stop syslog-ng"),
          lambda: sh("lb2", "systemctl start syslog-ng")),
    Fault("stop the node metrics of db1", "NodeMetricsStale", "db1", "NodeMetricsStale", stop_node_metrics,
          lambda: sh("db1", "systemctl start mainstay-node-metrics.service mainstay-node-metrics.timer")),
)
GREAT = (
    Fault("power off lb1", "NodeDown", "lb1", "NodeDown", lambda: fleet()["lb1"].power_off(), lambda: return_node("lb1")),
    Fault("stop MariaDB on db1, the primary", "DbNoWritablePrimary", "쓸 수 있는", "DbNoWritablePrimary",
          lambda: sh("db1", "systemctl stop mariadb"), fail_over),
)


class Alerts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        guest.arrive()

    def test_1_small_faults_are_told_and_so_is_their_end(self):
        self.play(SMALL)

    def test_2_great_faults_are_told_and_so_is_their_end(self):
        self.play(GREAT, meanwhile=self.what_lb1_explains)

    def what_lb1_explains(self, start: int, caused: float) -> None:
        """
        Nobody is told that the daemons of a node which is gone are gone, too. What began before is another's: the end of an earlier
        TargetMissing may be told twice (Alertmanager tells at least once) and late.
        """
        wait_until(lambda: self.suppressed("TargetMissing", "lb1") >= {"lbd", "vrrpd"}, PATIENCE, "TargetMissing of lb1 is suppressed", poll=POLL)
        told = [part for message in fleet().slack()[start:] for attachment in message.get("attachments", ())
                if "· TargetMissing" in attachment["title"]
                for part in self.paragraphs(attachment["text"]) if "lb1 의" in part and self.began(part) >= caused]
        self.assertEqual([], told)
        note("power off lb1: no TargetMissing of its daemons at Slack")

    @staticmethod
    def suppressed(alert: str, node: str) -> set[str]:
        """The jobs of this node for which Alertmanager holds the alert back, by the reason of another."""
        done = fleet().lab["app1"].run(["curl", "--silent", "--max-time", "10", "http://127.0.0.1:9093/api/v2/alerts"])
        return {one["labels"]["job"] for one in json.loads(done.stdout or "[]")
                if one["labels"]["alertname"] == alert and one["labels"]["instance"] == node and one["status"]["inhibitedBy"]}

    def play(self, faults: tuple[Fault, ...], meanwhile: Callable[[int, float], None] = lambda start, caused: None) -> None:
        """All at once. None of them is the reason of another: what is explained by something greater is not told."""
        start, caused = len(fleet().slack()), int(time.time())  # a message tells whole seconds
        for fault in faults:
            fault.cause()
        try:
            for fault in faults:
                message, attachment = wait_until(lambda: self.told(fault, start, over=False), PATIENCE,
                                                 f"{fault.name}: {fault.alert} at Slack", poll=POLL)
                self.assertIn(f"/runbooks/{fault.page}", attachment["title_link"])
                self.assertIn(f"<code>{fault.alert}</code>", follow(attachment["title_link"]))
                after = message["at"] - self.began(next(part for part in self.paragraphs(attachment["text"]) if fault.text in part))
                note(f"{fault.name}: {fault.alert} at Slack {after:.0f} s after its `for`")
                self.assertLess(after, TOLD_SECONDS, fault.name)
            note(f"the link of each of the {len(faults)} showed its page outside, while nothing was mended")
            meanwhile(start, caused)
        finally:  # whoever comes next finds it mended
            start = len(fleet().slack())
            for fault in faults:
                fault.mend()
        for fault in faults:
            wait_until(lambda: self.told(fault, start, over=True), PATIENCE, f"{fault.name}: the end of {fault.alert} at Slack", poll=POLL)
        note(f"RESOLVED reached Slack of all {len(faults)}")

    @staticmethod
    def told(fault: Fault, start: int, over: bool):
        for message in fleet().slack()[start:]:
            for attachment in message.get("attachments", ()):
                if f"· {fault.alert}" in attachment["title"] and ("복구" in attachment["title"]) == over and fault.text in attachment["text"]:
                    return message, attachment
        return None

    @staticmethod
    def paragraphs(text: str) -> list[str]:
        """One of each alert that the message tells of."""
        return [part for part in text.split("대응 절차") if BEGAN.search(part)]

    @staticmethod
    def began(paragraph: str) -> float:
        """When the alert began to fire, by the message's own word."""
        month, day, hour, minute, second = map(int, BEGAN.search(paragraph).groups())
        year = datetime.datetime.now(SEOUL).year
        return datetime.datetime(year, month, day, hour, minute, second, tzinfo=SEOUL).timestamp()
