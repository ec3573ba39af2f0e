"""What lbd tells of a request: traceparent towards the endpoint, spans to a collector, lines of the access log."""

import http.server
import json
import os
import re
import sys
import tempfile
import threading
import unittest

sys.dont_write_bytecode = True

from support.lbd_process import Lbd  # noqa: E402
from support.origin import Origin, answer  # noqa: E402
from support.wire import Client, ask, get, post, wait_until  # noqa: E402

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
THEIRS = f"traceparent: 00-{TRACE}-{PARENT}-01"
TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-(0[0-3])")
ID = {"traceId": re.compile(r"[0-9a-f]{32}"), "spanId": re.compile(r"[0-9a-f]{16}"),
      "parentSpanId": re.compile(r"[0-9a-f]{16}")}
SPAN_KEYS = {"traceId", "spanId", "parentSpanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano", "attributes",
             "status"}


class Collector:
    """An OTLP/HTTP receiver that takes nothing malformed."""

    def __init__(self, statuses=()):
        self.spans, self.faults, self.calls = [], [], 0
        self.statuses = list(statuses)  # of the first answers; then 200
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.calls += 1
                status = collector.statuses.pop(0) if collector.statuses else 200
                if status == 200:
                    try:
                        assert self.path == "/v1/traces" and self.headers["Content-Type"] == "application/json"
                        collector.spans += list(spans_of(json.loads(body)))
                    except (AssertionError, KeyError, ValueError) as error:
                        collector.faults.append(f"{error!r} in {body!r}")
                self.send_response(status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # lbd may leave in the midst of a call
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/traces"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def plain(attributes: list) -> dict:
    """The attributes as a dictionary, each of which must have one value of a known kind."""
    found = {}
    for attribute in attributes:
        assert set(attribute) == {"key", "value"}, attribute
        (kind, value), = attribute["value"].items()
        assert kind in ("stringValue", "intValue") and isinstance(value, str), attribute
        assert attribute["key"] not in found, attribute
        found[attribute["key"]] = int(value) if kind == "intValue" else value
    return found


def spans_of(message: dict):
    """ExportTraceServiceRequest, in the mapping of protocol buffers to JSON that OTLP prescribes."""
    assert set(message) == {"resourceSpans"}
    for resource in message["resourceSpans"]:
        assert set(resource) == {"resource", "scopeSpans"}
        service = plain(resource["resource"]["attributes"])["service.name"]
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                assert set(span) <= SPAN_KEYS, span
                for key, pattern in ID.items():
                    assert key not in span or pattern.fullmatch(span[key]), span
                assert span["kind"] == 2 and set(span["status"]) <= {"code"}, span
                assert int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"]), span
                yield {**span, "attributes": plain(span["attributes"]), "service": service}


class Tracing(unittest.TestCase):
    def start(self, script=None, **settings) -> Lbd:
        self.origin = Origin(script)
        self.addCleanup(self.origin.stop)
        self.lbd = Lbd([self.origin.name], **settings)
        self.addCleanup(self.lbd.close)
        return self.lbd

    def collector(self, statuses=()) -> Collector:
        made = Collector(statuses)
        self.addCleanup(made.close)
        return made

    def seen(self, *fields: str):
        """The request as the endpoint got it."""
        self.origin.clear()
        self.assertEqual(ask(self.lbd.address, get("/", *fields)).status, 200)
        return self.origin.whole[0]

    # traceparent

    def test_the_trace_of_a_client_goes_on_with_lbd_as_the_parent(self):
        self.start()
        request = self.seen(THEIRS, "tracestate: a=1", "tracestate: b=2")
        trace, parent, flags = TRACEPARENT.fullmatch(request.field("traceparent")).groups()
        self.assertEqual((trace, flags), (TRACE, "01"))
        self.assertNotEqual(parent, PARENT)
        self.assertEqual(request.field("tracestate"), "a=1,b=2")

    def test_a_request_without_a_good_traceparent_begins_a_trace(self):
        self.start()
        ids = set()
        for fields in ((), ("traceparent: 00-x-y-00",), (THEIRS.upper(),), (THEIRS, THEIRS),
                       (f"traceparent: 00-{'0' * 32}-{PARENT}-01",)):
            request = self.seen(*fields, "tracestate: a=1")
            trace, parent, flags = TRACEPARENT.fullmatch(request.field("traceparent")).groups()
            self.assertNotEqual(trace, TRACE)
            self.assertEqual(flags, "00")
            self.assertIsNone(request.field("tracestate"))
            ids |= {trace, parent}
        self.assertEqual(len(ids), 10)

    def test_it_can_be_left_to_others(self):
        self.start(tracing={"propagation": "pass"})
        request = self.seen("traceparent: whatever", "tracestate: x")
        self.assertEqual((request.field("traceparent"), request.field("tracestate")), ("whatever", "x"))
        self.assertIsNone(self.seen().field("traceparent"))

    # Spans

    def test_sampled_requests_become_spans(self):
        collector = self.collector()
        self.start(lambda request, connection: answer(status="503 No" if request.target == "/bad?q" else "200 OK"),
                   tracing={"enabled": True, "endpoint": collector.url, "sample": "100%", "service": "front"})
        first = ask(self.lbd.address, get("/good", THEIRS))
        second = ask(self.lbd.address, post(b"x", "X-Request-ID: named", path="/bad?q"))
        self.assertEqual((first.status, second.status), (200, 503))
        wait_until(lambda: len(collector.spans) == 2, what="two spans")
        self.assertEqual(collector.faults, [])
        good, bad = sorted(collector.spans, key=lambda span: span["attributes"]["http.response.status_code"])
        self.assertEqual((good["traceId"], good["parentSpanId"], good["name"], good["service"], good["status"]),
                         (TRACE, PARENT, "GET /", "front", {}))
        sent = self.origin.whole[0].field("traceparent")
        self.assertEqual(sent, f"00-{TRACE}-{good['spanId']}-01")
        self.assertNotIn("parentSpanId", bad)
        self.assertEqual(bad["status"], {"code": 2})
        expected = {"http.request.method": "POST", "url.path": "/bad", "url.scheme": "http", "http.route": "/", "server.address": "test",
                    "client.address": "127.0.0.1", "lbd.upstream": "origins", "lbd.endpoint": self.origin.name,
                    "lbd.request_id": "named", "http.request.resend_count": 0}
        self.assertEqual({key: bad["attributes"].get(key) for key in expected}, expected)
        wait_until(lambda: self.lbd.metrics()['lbd_trace_spans_total{result="sent"}'] == 2)

    def test_what_is_not_sampled_is_not_told(self):
        collector = self.collector()
        self.start(tracing={"enabled": True, "endpoint": collector.url, "sample": "0%"})
        for _ in range(5):
            self.assertTrue(self.seen().field("traceparent").endswith("-00"))
        self.seen(THEIRS)
        wait_until(lambda: collector.spans, what="the one span a client asked for")
        self.assertEqual([span["traceId"] for span in collector.spans], [TRACE])

    def test_a_busy_collector_is_asked_again(self):
        collector = self.collector(statuses=(503, 429))
        self.start(tracing={"enabled": True, "endpoint": collector.url, "sample": "100%"})
        self.seen()
        wait_until(lambda: collector.spans, what="the span at last")
        self.assertEqual((collector.calls, len(collector.spans)), (3, 1))

    def test_a_collector_that_refuses_or_is_dead_costs_spans_only(self):
        collector = self.collector(statuses=(400,))
        self.start(tracing={"enabled": True, "endpoint": collector.url, "sample": "100%"})
        self.seen()
        wait_until(lambda: self.lbd.metrics()['lbd_trace_spans_total{result="lost"}'] == 1)
        collector.close()
        for _ in range(20):
            self.seen()
        self.lbd.terminate()
        self.assertEqual(self.lbd.wait(), 0)

    # The access log

    def test_a_line_tells_the_phases_and_the_names(self):
        self.start(access_log={"user_agent": True, "referer": True, "query": False},
                   listeners=[{"address": "127.0.0.1:0", "name": "web"}],
                   routes=[{"path": "/", "upstream": "origins", "name": "site"}])
        ask(self.lbd.address, get("/a?secret", THEIRS, 'User-Agent: me "x"', "Referer: /there"))
        ask(self.lbd.address, get("/b"))
        first, second = wait_until(lambda: len(lines := self.lbd.access_log()) == 2 and lines)
        expected = {"target": "/a", "listener": "web", "route": "site", "protocol": "HTTP/1.1", "trace_id": TRACE,
                    "user_agent": 'me "x"', "referer": "/there", "queue_s": 0}
        self.assertEqual({key: first[key] for key in expected}, expected)
        self.assertLess(0, first["connect_s"])
        self.assertLess(first["connect_s"], first["first_byte_s"])
        self.assertEqual(second["connect_s"], 0)  # the warm connection
        self.assertEqual(second["trace_id"], second["request_id"])
        self.assertNotIn("user_agent", second)

    def test_a_sample_leaves_out_what_went_well(self):
        self.start(lambda request, connection: answer(status="404 No" if request.target == "/no" else "200 OK"),
                   access_log={"sample": "0%"})
        for path in ("/", "/no", "/"):
            ask(self.lbd.address, get(path))
        ask(self.lbd.address, b"nonsense\r\n\r\n")
        lines = wait_until(lambda: len(lines := self.lbd.access_log()) == 2 and lines)
        self.assertEqual([line["status"] for line in lines], [404, 400])

    def test_a_log_that_nobody_reads_holds_up_no_request(self):
        folder = tempfile.TemporaryDirectory(prefix="lbd-test-")
        self.addCleanup(folder.cleanup)
        pipe = os.path.join(folder.name, "pipe")
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        self.start(access_log={"file": pipe})
        path = "/" + "x" * 500
        for _ in range(12_000 // 100):
            octets = b"".join(get(path) for _ in range(99)) + get(path, "Connection: close")
            self.assertEqual(ask_all(self.lbd.address, octets), 100)
        lost = 'lbd_access_log_lost_total{reason="queue_full"}'
        wait_until(lambda: self.lbd.metrics()[lost] > 0, what="lost lines")
        self.lbd.terminate()
        self.assertEqual(self.lbd.wait(), 0)


def ask_all(address, octets: bytes) -> int:
    """How many answers came to pipelined requests, the last of which ends the connection."""
    with Client(address) as client:
        client.send(octets)
        return client.rest().count(b"HTTP/1.1 200")


if __name__ == "__main__":
    unittest.main()
