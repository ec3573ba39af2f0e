"""Six empty machines become the fleet and keep its promises: `scripts/test --fleet`. One fleet for all cases, in this order:
what the later ones look at, the earlier ones made. The report with its seconds: build/fleet-report.txt.
FLEET_PACKAGES names a folder with our .debs; without it they are those of the release build."""
import unittest

import alerts
import backups
import demo
import keeping
import leaving
import load
import moving
import provisioning
import raised
import renewal
import service
import units
import walls
import watching

STAGES = (provisioning, service, renewal, walls, backups, watching, load, alerts, keeping, moving, units, demo)


def passes(stage) -> bool:
    # A fleet that was not made has nothing to look at.
    suite = unittest.defaultTestLoader.loadTestsFromModule(stage)
    return unittest.TextTestRunner(verbosity=2, failfast=stage is provisioning).run(suite).wasSuccessful()


def main() -> int:
    raised.raise_fleet()
    try:
        # What does not hold is told of all stages, but of a fleet that was not made there is nothing to tell.
        well = passes(provisioning) and all([passes(stage) for stage in STAGES[1:]])
    finally:
        raised.remove_fleet()
    raised.note("the fleet is gone")
    return 0 if passes(leaving) and well else 1


if __name__ == "__main__":
    raise SystemExit(main())
