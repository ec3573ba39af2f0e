"""Images of our Dockerfile are built and docker-compose.yml is brought up: everything well, a booking made and found, by a customer
outside over HTTPS; a bookd that dies is not noticed, one that ends is started again; and all of it down and up again."""
import json
import time
import unittest

from raised import BOOKING, BUILD_SECONDS, CLIENT_ADDRESS, HOST_ADDRESS, ROOT, UP_SECONDS, note, site

from lab.waiting import Timeout, wait_until

ONCE = "pair"
SERVICES = ("db1", "db2", ONCE, "app1", "app2", "lbd", "node", "mysqld1", "mysqld2", "blackbox", "prometheus", "alertmanager", "shipper",
            "backup", "vault")
# What Prometheus asks, by job: all that conf/compose/prometheus.yml names.
TARGETS = {("lbd", "lbd"), ("bookd", "app1"), ("bookd", "app2"), ("machine", "machine"), ("mysqld", "db1"), ("mysqld", "db2"),
           ("probe", "blackbox"), ("prometheus", "prometheus"), ("alertmanager", "alertmanager")}
ASKED_AFTER_DEATH = 20
CUT_OFF = 60  # curl's status: the peer's certificate cannot be verified
DOWN_SECONDS = 180
QUIET_SECONDS = 60


def up() -> None:
    site().compose.said("up", "--detach", *SERVICES, seconds=UP_SECONDS)
    wait_until(all_well, UP_SECONDS, "all containers are healthy", poll=0.5)


def all_well() -> bool:
    every = site().compose.containers()
    if every[ONCE]["State"]["Status"] != "exited" or every[ONCE]["State"]["ExitCode"] != 0:
        return False
    return all(every[name]["State"].get("Health", {}).get("Status") == "healthy" for name in SERVICES if name != ONCE)


def prometheus(path: str) -> dict:
    """What it answers to /api/v1/`path`."""
    address = site().compose.containers()["prometheus"]["NetworkSettings"]["Networks"]["mainstay_inner"]["IPAddress"]
    status, _, body = site().lab["host"].http(address, 9090, path=f"/api/v1/{path}")
    if status != 200:
        raise AssertionError(f"{path}: {status} {body!r}")
    return json.loads(body)["data"]


class ComingUp(unittest.TestCase):
    """In the order of the names: each stands on what the ones before made."""

    def test_01_the_images_are_built_of_our_dockerfile(self):
        site().compose.said("build", seconds=BUILD_SECONDS)
        note("images are built, of packages alone, without a network")

    def test_02_everything_comes_up_and_is_well(self):
        up()
        self.assertEqual(set(SERVICES), set(site().compose.containers()))
        note(f"{len(SERVICES) - 1} containers are healthy, the pair of databases is made")

    def test_03_a_customer_books_over_https_and_finds_it_again(self):
        number = site().customer().book()
        self.assertEqual(number, site().customer().find(number)["number"])
        self.assertEqual(CUT_OFF, site().customer().curl("/", trusted=False).returncode)
        note("curl from another machine made a booking and found it again, with our certificate and only with it")

    def test_04_what_watches_sees_them(self):
        def told() -> dict[tuple, str]:
            return {(one["metric"]["job"], one["metric"]["instance"]): one["value"][1] for one in prometheus("query?query=up")["result"]}
        wait_until(lambda: told() == dict.fromkeys(TARGETS, "1"), UP_SECONDS, f"Prometheus reaches {sorted(TARGETS)}", poll=0.5)
        note(f"Prometheus has the metrics of {len(TARGETS)} targets, and an alert of none of them")

    def test_05_while_all_is_well_nothing_fires_and_nothing_is_about_to(self):
        seen = set()

        def quiet() -> bool:
            nonlocal seen
            seen = {(one["labels"]["alertname"], one["state"]) for one in prometheus("alerts")["alerts"]}
            # Each rule has looked at what every target said.
            looked = all(group["lastEvaluation"] > since for group in prometheus("rules")["groups"])
            return looked and seen == {("Watchdog", "firing")}
        # A rule's moment is text, in UTC and to the nanosecond.
        since = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
        try:
            wait_until(quiet, QUIET_SECONDS, "only Watchdog fires", poll=0.5)
        except Timeout as error:
            raise AssertionError(f"{error}: {sorted(seen)}") from None
        watchdog, = prometheus("alerts")["alerts"]
        self.assertTrue((ROOT / f"{watchdog['annotations']['runbook_url']}.md").is_file(), "the alert names a file of the repository")
        note("with everything well Watchdog fires, and no other rule is even waiting; its runbook is a file of the repository")

    def test_06_log_lines_reach_loki_and_nobody_is_in_them(self):
        number = site().customer().book()
        loki = site().loki
        apps = {"lbd", "lbd-access", "bookd"}
        wait_until(lambda: apps <= {labels["app"] for labels, _ in loki.lines}
                   and any('"target":"/api/v1/bookings"' in line for _, line in loki.lines), QUIET_SECONDS, f"lines of {apps} at Loki", poll=0.2)
        self.assertEqual([], loki.faults)
        self.assertEqual({"compose"}, {labels["env"] for labels, _ in loki.lines})
        said = "\n".join(line for _, line in loki.lines)
        self.assertIn('"client":"192.168.10.0"', said)
        for personal in (CLIENT_ADDRESS, BOOKING["phone"], BOOKING["phone"].replace("-", ""), BOOKING["name"], BOOKING["address"],
                         BOOKING["description"], number):
            self.assertNotIn(personal, said)
        note(f"{len(loki.lines)} lines of {len(apps)} programs and others reached Loki's push interface, strictly read, with no guest in them")

    def test_07_a_backup_is_found_good_and_leads_back(self):
        """By the words of docs/install.md, into the volume of backups."""
        done = site().compose.run_in("vault", "/usr/lib/mainstay/restore.sh", "--to", "latest", "--into", "/var/backups/mainstay/way-back")
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertIn("is the database at GTID", done.stderr)
        good = prometheus('query?query=mainstay_backups{kind="full",verdict="good"}')["result"]
        self.assertEqual(["1"], [one["value"][1] for one in good])
        note("a backup was taken, found good without a network, and restored")

    def test_08_a_bookd_that_is_killed_is_not_noticed(self):
        before = site().customer().book()
        engine, victim = site().engine, site().compose.containers()["app1"]["Id"]
        engine.docker("kill", "--signal", "KILL", victim)
        for _ in range(ASKED_AFTER_DEATH):
            done = site().customer().curl("/")
            self.assertEqual(0, done.returncode, done.stderr)
        after = site().customer().book()
        for number in (before, after):
            self.assertEqual(number, site().customer().find(number)["number"])
        engine.docker("start", victim)
        wait_until(all_well, UP_SECONDS, "app1 is healthy again", poll=0.5)
        note(f"app1 killed: {ASKED_AFTER_DEATH} of {ASKED_AFTER_DEATH} pages, a booking made and the one before it found")

    def test_09_one_that_ends_is_started_again(self):
        compose = site().compose
        self.assertEqual(0, compose.run_in("app2", "sh", "-c", "kill 1").returncode)
        wait_until(lambda: compose.containers()["app2"]["RestartCount"] > 0, UP_SECONDS, "app2 is started again", poll=0.5)
        wait_until(all_well, UP_SECONDS, "app2 is healthy again", poll=0.5)
        note("app2 ended and was started again by the engine")

    def test_10_down_and_up_again_has_what_was_booked(self):
        number = site().customer().book()
        site().compose.said("down", seconds=DOWN_SECONDS)
        self.assertEqual({}, site().compose.containers())
        self.assertFalse(site().lab["client"].reaches(HOST_ADDRESS, 8443))
        up()
        self.assertEqual(number, site().customer().find(number)["number"])
        site().customer().book()
        note("down and up again: the booking of before is found, and a new one is made")
