"""What scripts/loadtest takes for an event: words and their times, and what a series of Prometheus says has changed."""
import datetime
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "scripts"))

from loadtest_parts import events  # noqa: E402
from loadtest_parts.events import Event  # noqa: E402
from loadtest_parts.prometheus import ALERTS, Prometheus, Unanswered, alert, changes  # noqa: E402

NOON = datetime.datetime(2026, 11, 30, 12, tzinfo=datetime.timezone.utc).timestamp()


class Words(unittest.TestCase):
    def test_a_line_is_json_or_a_time_and_a_text(self):
        for line, found in (('{"time": 1796040000, "text": "a b"}', (NOON, "a b")), ('{"time": "2026-11-30T12:00:00Z", "text": "a"}', (NOON, "a")),
                            ("2026-11-30T21:00:00+09:00 a b", (NOON, "a b")), ("1796040000.5 a", (NOON + 0.5, "a")),
                            ("app1 restarted", (None, "app1 restarted")), ("200 users came", (None, "200 users came")),
                            ("2026-11-30T12:00:00Z", (None, "2026-11-30T12:00:00Z"))):
            with self.subTest(line):
                self.assertEqual(found, events.read_line(line))

    def test_json_without_its_two_words_is_a_fault(self):
        for line in ('{"time": 1}', '{"text": "a"}', '{"time": "soon", "text": "a"}', '{"time": true, "text": "a"}', "{"):
            with self.subTest(line), self.assertRaises(ValueError):
                events.read_line(line)

    def test_on_the_command_line_a_text_is_about_the_beginning_unless_it_says_when(self):
        for text, at, said in (("release 1.4", 100.0, "release 1.4"), ("+12s lb1 unplugged", 112.0, "lb1 unplugged"),
                               ("+0.5s a", 100.5, "a"), ("1796040000 a", NOON, "a"), ("+12 a", 100.0, "+12 a")):
            self.assertEqual(Event(at, said, "--event"), events.of_command_line(text, 100.0))

    def test_those_of_the_run_stand_in_order_and_the_others_are_counted(self):
        told = [Event(12.0, "b", "x"), Event(9.9, "before", "x"), Event(10.0, "a", "x"), Event(20.1, "after", "x")]
        found, notes = events.in_order(told, 10.0, 20.0)
        self.assertEqual(["a", "b"], [event.text for event in found])
        self.assertEqual(["2 events were before or after it"], notes)
        found, notes = events.in_order([Event(15.0, "a", "x")] * (events.MOST_EVENTS + 1), 10.0, 20.0)
        self.assertEqual((events.MOST_EVENTS, 1), (len(found), len(notes)))


class Answers(Prometheus):
    """Of a Prometheus that says what a test wants, by what is asked; "up" has always been scraped."""

    def __init__(self, **answers):
        super().__init__("http://nowhere.test", None)
        self.answers = answers

    def ask(self, path: str, **parameters) -> list[dict]:
        query = parameters["query"]
        if query.startswith("min("):
            return [{"value": [0, "1000"]}]
        return next((series for name, series in self.answers.items() if query.startswith(name)), [])


class Seen(unittest.TestCase):
    def test_a_sample_unlike_the_one_before_is_a_change(self):
        self.assertEqual([(3.0, 0.0), (5.0, 1.0)], changes([[1, "1"], [2, "1"], [3, "0"], [4, "0"], [5, "1"]]))
        self.assertEqual([], changes([[1, "0"]]))

    def test_what_each_change_means(self):
        series = {"instance": "lb1", "endpoint": "10.0.0.21:8080", "upstream": "bookd", "vrid": "51", "interface": "eth0", "job": "lbd"}
        values = [[95, "0"], [99, "1"], [101, "0"], [106, "1"]]
        answers = {name: [{"metric": series, "values": values}] for name in ("lbd_upstream_up", "vrrpd_state", "up")}
        self.assertEqual([(101.0, "lb1: endpoint 10.0.0.21:8080 of bookd is out"), (106.0, "lb1: endpoint 10.0.0.21:8080 of bookd is in use"),
                          (101.0, "lb1: no longer Active for VRID 51 on eth0"), (106.0, "lb1: Active for VRID 51 on eth0"),
                          (101.0, "lb1: lbd does not answer Prometheus"), (106.0, "lb1: lbd answers Prometheus")],
                         [(event.at, event.text) for event in Answers(**answers).events(100.0, 110.0)])

    def test_an_alert_fires_where_it_is_first_seen_and_is_over_where_it_is_no_more(self):
        fires, over = "alert X fires", "alert X is over"
        for seen, told in (((), []), (range(100, 111), []), (range(103, 111), [(103.0, fires)]), (range(100, 105), [(105.0, over)]),
                           ((103, 104), [(103.0, fires), (105.0, over)]),
                           ((100, 101, 105, 106), [(102.0, over), (105.0, fires), (107.0, over)])):
            with self.subTest(seen=list(seen)):
                series = {"metric": {"alertname": "X"}, "values": [[at, "1"] for at in seen]}
                self.assertEqual(told, [(event.at, event.text) for event in alert(series, 100.0, 110.9, 1.0)])
        answers = {ALERTS: [{"metric": {"alertname": "X", "instance": "lb1"}, "values": [[103, "1"]]}]}
        self.assertEqual("lb1: alert X fires", Answers(**answers).events(100.0, 110.0)[0].text)

    def test_who_does_not_answer_is_named(self):
        with self.assertRaisesRegex(Unanswered, "http://127.0.0.1:1: "):
            Prometheus("http://127.0.0.1:1/", None).ask("query", query="1")


if __name__ == "__main__":
    unittest.main()
