"""scripts/demo --fleet on the fleet that is up: every act of it, under traffic over https. Comes last, since it breaks everything once."""
import contextlib
import io
import time
import unittest

from raised import fleet, note

from demo_parts.main import perform, verdict
from fleet_lab import FleetStack

ADVERTISEMENT_MS = 1000
# RFC 9568 section 6.1, at the standby node's priority; and a moment for six systems on two processors.
TAKEOVER_MS = 3 * ADVERTISEMENT_MS + (256 - 100) * ADVERTISEMENT_MS / 256 + 1000
ACTS = 10
OBSERVED_SECONDS = 1.0
BREAKING = ("kill lbd", "power off")
RETURN = "power lb1 on again"  # the better node comes back: a planned move


class Demo(unittest.TestCase):
    def test_every_act_is_played_and_no_acknowledged_booking_is_lost(self):
        stack = FleetStack(fleet())
        stack.wait_ready()
        if fleet()["db1"].said("mariadb", "--batch", "--skip-column-names", "--execute=SELECT @@read_only").strip() != "0":
            stack.dbctl("switchover")  # the demo begins with writes on db1
        stack.wait_vip_owner("lb1")
        report = fleet().place / "demo.html"
        began, said = time.monotonic(), io.StringIO()
        with contextlib.redirect_stdout(said):
            rows = perform(stack, [], str(report), OBSERVED_SECONDS)
        acts = {row.name: row for row in rows}
        self.assertEqual(ACTS, len(acts))
        with contextlib.redirect_stderr(said):
            self.assertEqual(0, verdict(rows), said.getvalue())
        for row in rows:
            with self.subTest(row.name):
                self.assertGreater(row.requests, 50, said.getvalue())
                if row.name.startswith(BREAKING):
                    self.assertLess(row.outage_ms, TAKEOVER_MS, said.getvalue())
                if row.name == "all is well" or "database" in row.name or "switchover" in row.name or row.name == RETURN:
                    self.assertEqual(0, row.failed, said.getvalue())
        for beginning in ("kill lbd", "power off lb"):
            self.assertTrue([row for row in rows if row.name.startswith(beginning) and row.outage_ms > 0], "nothing was broken")
        page = report.read_text(encoding="utf-8")
        for name in acts:
            self.assertIn(name, page)
        outages = ", ".join(f"{row.name} {row.outage_ms:.0f} ms" for row in rows if row.outage_ms)
        note(f"scripts/demo's {ACTS} acts over https in {time.monotonic() - began:.0f} s, {sum(row.bookings_acknowledged for row in rows)} "
             f"bookings acknowledged, every one found again; without a good page: {outages or 'never'}")
