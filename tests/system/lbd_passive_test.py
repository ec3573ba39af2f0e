"""What real requests say of an endpoint: failures in a row, a success rate far below the others', an open circuit. Not
all endpoints can go that way, and each comes back."""

import sys
import unittest

sys.dont_write_bytecode = True

from support.lbd_process import Lbd  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import ask, get, post, wait_until  # noqa: E402

PASSIVE = {"consecutive_failures": 3, "ejection": "300ms", "most_ejection": "5s", "success_rate": {"enabled": False}}
SICK = answer(status="503 Not Now")


class Passive(unittest.TestCase):
    def origins(self, count: int) -> list[Origin]:
        made = [Origin() for _ in range(count)]
        for origin in made:
            self.addCleanup(origin.stop)
        return made

    def lbd(self, origins: list[Origin], upstream: dict, **settings) -> Lbd:
        lbd = Lbd([origin.name for origin in origins], upstream=upstream, **settings)
        self.addCleanup(lbd.close)
        return lbd

    def up(self, lbd: Lbd, origin: Origin) -> bool:
        return lbd.metrics()[f'lbd_upstream_up{{upstream="origins",endpoint="{origin.name}"}}'] == 1

    def sicken(self, *origins: Origin) -> None:
        for origin in origins:
            origin.script = lambda request, connection: SICK

    def cure(self, *origins: Origin) -> None:
        for origin in origins:
            origin.script = lambda request, connection: answer()

    def ask_until(self, lbd: Lbd, condition, octets: bytes = get()) -> None:
        wait_until(lambda: ask(lbd.address, octets) and condition(), what="a verdict of real requests")

    def reasons(self, lbd: Lbd) -> list[str]:
        return [line["reason"] for line in lbd.log() if line.get("msg") == "endpoint is down"]

    def test_failures_in_a_row_eject_for_a_while_that_grows(self):
        first, second = self.origins(2)
        lbd = self.lbd([first, second], {"passive": PASSIVE})
        self.sicken(first)
        self.ask_until(lbd, lambda: not self.up(lbd, first), post(b"x"))
        self.assertIn("passive: failed requests in a row", self.reasons(lbd))
        first.clear()
        while not self.up(lbd, first):  # nobody is sent there meanwhile
            self.assertEqual(ask(lbd.address, post(b"x")).status, 200)
        self.assertLessEqual(len(first.requests), 1)
        self.cure(first)
        for _ in range(6):
            self.assertEqual(ask(lbd.address, get()).status, 200)
        self.assertTrue(first.whole)

    def test_failures_that_are_not_in_a_row_eject_nobody(self):
        first, second = self.origins(2)
        lbd = self.lbd([first, second], {"passive": PASSIVE})
        turn = iter(range(1_000))
        first.script = lambda request, connection: SICK if next(turn) % 3 else answer()
        for _ in range(40):
            ask(lbd.address, post(b"x"))
        self.assertTrue(self.up(lbd, first))

    def test_an_endpoint_that_dies_is_ejected_by_what_requests_meet(self):
        first, second = self.origins(2)
        lbd = self.lbd([first, second], {"passive": PASSIVE | {"ejection": "5s"}})
        first.stop()
        self.ask_until(lbd, lambda: not self.up(lbd, first))
        self.assertTrue(self.up(lbd, second))

    def test_the_last_endpoint_stays(self):
        origins = self.origins(2)
        lbd = self.lbd(origins, {"passive": PASSIVE | {"ejection": "5s", "most_ejected": 100}})
        self.sicken(*origins)
        self.ask_until(lbd, lambda: not all(self.up(lbd, origin) for origin in origins))
        for _ in range(10):
            self.assertEqual(ask(lbd.address, get()).status, 503)
        self.assertEqual(sum(self.up(lbd, origin) for origin in origins), 1)

    def test_no_more_than_the_stated_share_is_ejected(self):
        origins = self.origins(4)
        lbd = self.lbd(origins, {"passive": PASSIVE | {"ejection": "5s", "most_ejected": 50}})
        self.sicken(*origins)
        self.ask_until(lbd, lambda: sum(self.up(lbd, origin) for origin in origins) == 2)
        for _ in range(20):
            ask(lbd.address, get())
        self.assertEqual(sum(self.up(lbd, origin) for origin in origins), 2)

    def test_a_success_rate_far_below_the_others_ejects(self):
        origins = self.origins(4)
        rate = {"least_requests": 10, "least_endpoints": 3, "deviations": 1.0}
        lbd = self.lbd(origins, {"passive": {"consecutive_failures": 0, "interval": "300ms", "ejection": "5s",
                                             "success_rate": rate}})
        turn = iter(range(100_000))
        origins[2].script = lambda request, connection: (
            answer(status="500 Oops") if next(turn) % 2 else answer())
        self.ask_until(lbd, lambda: not self.up(lbd, origins[2]), post(b"x"))
        self.assertEqual([self.up(lbd, origin) for origin in origins], [True, True, False, True])
        self.assertEqual(self.reasons(lbd), ["passive: success rate below the others"])

    def test_a_circuit_opens_tries_and_closes(self):
        first, second = self.origins(2)
        lbd = self.lbd([first, second], {"circuit": {"window": "2s", "least_requests": 10, "failed": 50, "open": "300ms",
                                                     "most_open": "2s", "trials": 2}})
        self.sicken(first)
        self.ask_until(lbd, lambda: not self.up(lbd, first), post(b"x"))
        self.assertIn("circuit: open", self.reasons(lbd)[0])
        with self.subTest("a failed trial opens it again"):
            self.ask_until(lbd, lambda: len(self.reasons(lbd)) > 1, post(b"x"))
        with self.subTest("good trials close it"):
            self.cure(first)
            self.ask_until(lbd, lambda: self.up(lbd, first), post(b"x"))
            first.clear()
            self.ask_until(lbd, lambda: len(first.whole) > 10, post(b"x"))
            self.assertTrue(self.up(lbd, first))

    def test_without_a_section_nobody_is_ejected(self):
        first, second = self.origins(2)
        lbd = self.lbd([first, second], {})
        self.sicken(first)
        for _ in range(40):
            ask(lbd.address, get())
        self.assertTrue(self.up(lbd, first))


if __name__ == "__main__":
    unittest.main()
