"""docker-compose.yml, and then the pods of conf/kubernetes, brought up for real, by an engine in a network of its own: `scripts/test --fleet`. One bring-up for all cases,
in this order: what the later ones look at, the earlier ones made. The report with its seconds: build/containers-report.txt.
The images are made of the .debs of the release build; Prometheus and Alertmanager are the distribution's. Grafana and Loki are
had from an image registry alone: of those ops_containers_test.py reads what the engine would be told."""
import unittest

import clustered
import coming_up
import leaving
import raised
import shut_in


def passes(stage) -> bool:
    # What did not come up has nothing to look at.
    suite = unittest.defaultTestLoader.loadTestsFromModule(stage)
    return unittest.TextTestRunner(verbosity=2, failfast=stage in (coming_up, clustered)).run(suite).wasSuccessful()


def main() -> int:
    leaving.Leaving.before = leaving.own_network()
    raised.raise_site()
    lab = raised.site().lab
    try:
        well = passes(coming_up) and passes(shut_in) and passes(clustered)
    finally:
        raised.remove_site()
    leaving.Leaving.assert_gone(lab.identity, lab.directory, "that was removed")
    raised.note("all of it is gone")
    return 0 if passes(leaving) and well else 1


if __name__ == "__main__":
    raise SystemExit(main())
