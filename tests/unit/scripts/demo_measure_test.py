"""What the demo makes of the records: the same gap as strobe's, and a booking lost is a booking shown."""
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "scripts"))

from demo_parts.measure import Row, cells, longest_gap, measure, percentile  # noqa: E402
from demo_parts.traffic import Record  # noqa: E402

BEGIN = 1_000_000.0


def get(n, error=None, ms=1.0):
    return Record(n, BEGIN + 10 * n, "get", ms, error, 1, None)


def booking(n, number, error=None):
    return Record(n, BEGIN + 50 * n, "book", 5.0, error, 1, number)


def gets(verdicts):
    """One character a request, 10 ms apart: + good, - failed, s answered, but late."""
    return [get(n, "refused" if verdict == "-" else None, 1003.0 if verdict == "s" else 1.0)
            for n, verdict in enumerate(verdicts)]


def gap(verdicts):
    begin, length = longest_gap(gets(verdicts), BEGIN + 10 * len(verdicts))
    return begin - BEGIN if length else None, length


class Gap(unittest.TestCase):
    def test_from_first_bad_to_next_good_instant(self):
        self.assertEqual(gap("++---+++"), (20, 30))

    def test_none_where_all_is_well(self):
        self.assertEqual(gap("++++"), (None, 0))

    def test_longest_counts(self):
        self.assertEqual(gap("+-++---+--+"), (40, 30))

    def test_late_answers_belong_to_it_but_their_latency_does_not_stretch_it(self):
        self.assertEqual(gap("+ss-s+"), (10, 40))

    def test_open_at_the_end_of_the_act(self):
        self.assertEqual(gap("+--"), (10, 20))


class Rows(unittest.TestCase):
    def test_a_row_counts_what_was_due_in_its_act(self):
        row = Row("act", BEGIN + 20, BEGIN + 60)
        measure(row, gets("--+-+---"), [booking(0, "A"), booking(1, "B")], set())
        self.assertEqual((row.requests, row.failed, row.outage_ms), (5, 2, 10))
        self.assertEqual(row.failures(), "2 refused")
        self.assertEqual(row.bookings_acknowledged, 1)

    def test_a_missing_booking_shows_in_the_act_it_was_made_in(self):
        rows = [Row("first", BEGIN, BEGIN + 100), Row("second", BEGIN + 100, BEGIN + 200)]
        for row in rows:
            measure(row, [], [booking(0, "A"), booking(2, "B"), booking(3, None, "timeout")], {"B"})
        self.assertEqual([row.bookings_missing for row in rows], [0, 1])
        self.assertEqual([row.bookings_acknowledged for row in rows], [1, 1])
        self.assertEqual([row.failed for row in rows], [0, 1])

    def test_a_request_that_an_act_broke_belongs_to_it_though_it_was_due_just_before(self):
        rows = [Row("calm", BEGIN, BEGIN + 100), Row("kill", BEGIN + 100, BEGIN + 4000)]
        broken = get(9, "reset", 15.0)
        for row in rows:
            measure(row, [get(8), broken, get(10)], [], set())
        self.assertEqual([(row.requests, row.failed) for row in rows], [(1, 0), (2, 1)])
        self.assertEqual(rows[1].outage_begin, broken.t)

    def test_a_request_that_was_late_before_the_act_began_is_not_its_fault(self):
        rows = [Row("calm", BEGIN, BEGIN + 1000), Row("kill", BEGIN + 1000, BEGIN + 4000)]
        for row in rows:
            measure(row, [get(0, "timeout", 2000.0)], [], set())
        self.assertEqual([row.failed for row in rows], [1, 0])

    def test_json_has_the_agreed_names(self):
        self.assertEqual(set(Row("act", BEGIN).to_json()), {"name", "outage_ms", "requests", "failed",
                                                            "bookings_acknowledged", "bookings_missing"})


class Cells(unittest.TestCase):
    def test_a_cell_is_good_bad_mixed_or_empty(self):
        records = gets("++++++++++" + "+-++++++++" + "----------")
        self.assertEqual(cells(records, BEGIN, BEGIN + 400), ["good", "some", "bad", "none"])


class Percentiles(unittest.TestCase):
    def test_of_nothing_and_of_a_hundred(self):
        self.assertEqual(percentile([], 99), 0)
        self.assertEqual(percentile([float(value) for value in range(1, 101)], 99), 100)


if __name__ == "__main__":
    unittest.main()
