"""HTTP/2 by the letter: each case of RFC 9113 and RFC 7541 on a connection of its own, the judge being what the RFC
allows. The tables are in support/http2_frame_cases.py and support/http2_message_cases.py."""

import sys
import unittest

sys.dont_write_bytecode = True

from support import http2_frame_cases as frames  # noqa: E402
from support import http2_message_cases as messages  # noqa: E402
from support.http2_case import Http2TlsCase  # noqa: E402
from support.http2_frames import PREFACE  # noqa: E402
from support.http2_judge import StreamError  # noqa: E402
from support.origin import answer  # noqa: E402
from support.wire import Client, ask, get, wait_until  # noqa: E402


def echo(request, connection) -> bytes:
    return answer(request.body or b"0123456789")


class Conformance(Http2TlsCase):
    def check(self, cases, context=None):
        """All of them, and that no request came to its end at the endpoint that had no right to be made."""
        for case in cases:
            with self.subTest(case=case.name):
                self.origin.clear()
                self.assertIsNone(case.fault(self.lbd.address, context))
                if case.name.startswith("8") and isinstance(case.outcome, StreamError) and not case.outcome.arrives:
                    self.assertLessEqual({request.target for request in self.origin.whole}, {"/bystander"})
                self.assertEqual(self.origin.malformed, [])

    def tearDown(self):
        self.assertIsNone(self.lbd.process.poll(), "it left")
        wait_until(lambda: self.lbd.metrics()['lbd_connections_active{side="client"}'] == 0, what="no connection left")

    def test_prefaces(self):
        self.start(echo)
        self.check(frames.PREFACES)

    def test_prefaces_over_tls(self):
        self.start_tls(echo)
        self.check(frames.PREFACES, self.context())

    def test_what_is_no_preface(self):
        self.start(echo)
        for octets in (PREFACE[:-2] + b"XX", PREFACE.replace(b"SM", b"XX"), b"INVALID CONNECTION PREFACE\r\n\r\n"):
            with self.subTest(octets=octets), Client(self.lbd.address) as client:
                client.send_what_is_taken(octets).rest()  # it ends
        self.assertEqual(ask(self.lbd.address, get()).body, b"0123456789")
        self.assertEqual(len(self.origin.requests), 1)

    def test_formats_and_sizes_of_frames(self):
        self.start(echo)
        self.check(frames.FORMATS)

    def test_states_and_numbers_of_streams(self):
        self.start(echo)
        self.check(frames.STATES)

    def test_frames_of_streams(self):
        self.start(echo)
        self.check(frames.STREAM_FRAMES)

    def test_frames_of_the_connection(self):
        self.start(echo)
        self.check(frames.CONNECTION_FRAMES)

    def test_requests(self):
        self.start(echo)
        self.check(messages.MESSAGES)

    def test_compression_of_fields(self):
        self.start(echo)
        self.check(messages.COMPRESSIONS)


if __name__ == "__main__":
    unittest.main()
