"""Images of our Dockerfile are built and docker-compose.yml is brought up: everything well, a booking made and found, by a customer
outside over HTTPS; a bookd that dies is not noticed, one that ends is started again; and all of it down and up again."""
import json
import unittest

from raised import BUILD_SECONDS, HOST_ADDRESS, UP_SECONDS, note, site

from lab.waiting import wait_until

ONCE = "pair"
SERVICES = ("db1", "db2", ONCE, "app1", "app2", "lbd", "prometheus", "alertmanager", "shipper")
ASKED_AFTER_DEATH = 20
CUT_OFF = 60  # curl's status: the peer's certificate cannot be verified
DOWN_SECONDS = 180


def up() -> None:
    site().compose.said("up", "--detach", *SERVICES, seconds=UP_SECONDS)
    wait_until(all_well, UP_SECONDS, "all containers are healthy", poll=0.5)


def all_well() -> bool:
    every = site().compose.containers()
    if every[ONCE]["State"]["Status"] != "exited" or every[ONCE]["State"]["ExitCode"] != 0:
        return False
    return all(every[name]["State"].get("Health", {}).get("Status") == "healthy" for name in SERVICES if name != ONCE)


class ComingUp(unittest.TestCase):
    """In the order of the names: each stands on what the ones before made."""

    def test_1_the_images_are_built_of_our_dockerfile(self):
        site().compose.said("build", seconds=BUILD_SECONDS)
        note("seven images are built, of packages alone, without a network")

    def test_2_everything_comes_up_and_is_well(self):
        up()
        self.assertEqual(set(SERVICES), set(site().compose.containers()))
        note(f"{len(SERVICES) - 1} containers are healthy, the pair of databases is made")

    def test_3_a_customer_books_over_https_and_finds_it_again(self):
        number = site().book()
        self.assertEqual(number, site().find(number)["number"])
        self.assertEqual(CUT_OFF, site().curl("/", trusted=False).returncode)
        note("curl from another machine made a booking and found it again, with our certificate and only with it")

    def test_4_what_watches_sees_them(self):
        every = site().compose.containers()
        address = every["prometheus"]["NetworkSettings"]["Networks"]["mainstay_inner"]["IPAddress"]

        def told() -> dict[str, str]:
            status, _, body = site().lab["host"].http(address, 9090, path="/api/v1/query?query=up")
            self.assertEqual(200, status)
            return {one["metric"]["instance"]: one["value"][1] for one in json.loads(body)["data"]["result"]}
        wanted = {name: "1" for name in ("lbd", "app1", "app2", "prometheus", "alertmanager")}
        wait_until(lambda: told() == wanted, UP_SECONDS, f"Prometheus reaches {', '.join(wanted)}", poll=0.5)
        note("Prometheus has the metrics of lbd, both bookd, Alertmanager and itself")

    def test_5_a_bookd_that_is_killed_is_not_noticed(self):
        before = site().book()
        engine, victim = site().engine, site().compose.containers()["app1"]["Id"]
        engine.docker("kill", "--signal", "KILL", victim)
        for _ in range(ASKED_AFTER_DEATH):
            done = site().curl("/")
            self.assertEqual(0, done.returncode, done.stderr)
        after = site().book()
        for number in (before, after):
            self.assertEqual(number, site().find(number)["number"])
        engine.docker("start", victim)
        wait_until(all_well, UP_SECONDS, "app1 is healthy again", poll=0.5)
        note(f"app1 killed: {ASKED_AFTER_DEATH} of {ASKED_AFTER_DEATH} pages, a booking made and the one before it found")

    def test_6_one_that_ends_is_started_again(self):
        compose = site().compose
        self.assertEqual(0, compose.run_in("app2", "sh", "-c", "kill 1").returncode)
        wait_until(lambda: compose.containers()["app2"]["RestartCount"] > 0, UP_SECONDS, "app2 is started again", poll=0.5)
        wait_until(all_well, UP_SECONDS, "app2 is healthy again", poll=0.5)
        note("app2 ended and was started again by the engine")

    def test_7_down_and_up_again_has_what_was_booked(self):
        number = site().book()
        site().compose.said("down", seconds=DOWN_SECONDS)
        self.assertEqual({}, site().compose.containers())
        self.assertFalse(site().lab["client"].reaches(HOST_ADDRESS, 8443))
        up()
        self.assertEqual(number, site().find(number)["number"])
        site().book()
        note("down and up again: the booking of before is found, and a new one is made")
