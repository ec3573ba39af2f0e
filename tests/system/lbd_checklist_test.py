"""The security checklist, each line under its number, in both directions where it has two: what octets may and may not
be. How lbd conducts itself beyond that is in lbd_conduct_test.py and
lbd_pressure_test.py."""

import pathlib
import re
import sys
import unittest

sys.dont_write_bytecode = True

from support.checklist import PATHS, REQUESTS  # noqa: E402
from support.checklist_case import ChecklistCase  # noqa: E402
from support.hostile_requests import CL, SMUGGLED, TE, coded, with_fields  # noqa: E402
from support.origin import answer  # noqa: E402
from support.wire import Client, ask, chunked, get, post, values  # noqa: E402


def listed_claims() -> list[str]:
    """What docs/security.md says that strangers may not; of names that end in `*`, one."""
    text = (pathlib.Path(__file__).resolve().parents[2] / "docs" / "security.md").read_text(encoding="utf-8")
    section = text.split("\n## Forwarding fields", 1)[1].split("\n## ")[0]
    items = "".join(re.findall(r"^- .+(?:\n  .+)*", section, re.MULTILINE))
    return [name.replace("*", "Else") for name in re.findall(r"`([^`]+)`", items)]


class Framing(ChecklistCase):
    def test_line_01_length_and_coding(self):
        self.check_requests(1)
        self.check_answers(1)

    def test_line_02_transfer_encoding_forms(self):
        self.check_requests(2)
        self.check_answers(2)
        for value in (b"chunked", b"CHUNKED", b"\tChunked \t"):
            request = self.seen(with_fields(b"Transfer-Encoding:" + value, method=b"POST", body=chunked(b"hello")))
            self.assertEqual((request.body, values(request.fields, "Transfer-Encoding")), (b"hello", ["chunked"]))

    def test_line_03_content_length_forms(self):
        self.check_requests(3)
        self.check_answers(3)
        for value in (b"5", b"0005", b"\t5 ", b"5\t"):
            request = self.seen(with_fields(b"Content-Length:" + value, method=b"POST", body=b"hello"))
            self.assertEqual((request.body, values(request.fields, "Content-Length")), (b"hello", ["5"]))

    def test_line_04_long_names_and_many_fields_hide_no_length(self):
        self.check_requests(4)
        self.check_answers(4)
        smuggled = SMUGGLED[:60].ljust(60, b"x")
        for length in (250, 254, 255, 256, 257, 270, 511, 512, 4096, 8000):
            name = b"Content-Length0" + b"a" * (length - 15)
            with self.subTest(length=length):
                request = self.seen(with_fields(name + b":", CL + b"60", method=b"POST", body=smuggled))
                self.assertEqual((request.body, request.field("Content-Length")), (smuggled, "60"))
                self.assertEqual(request.field(name.decode()), "")
                self.answer_well()
                self.origin.script = lambda request, connection, name=name: (
                    b"HTTP/1.1 200 OK\r\n" + name + b":\r\n" + CL + b"5\r\n\r\nhello")
                said = ask(self.lbd.address, get())
                self.assertEqual((said.body, said.field("Content-Length")), (b"hello", "5"))

    def test_line_05_empty_field_names(self):
        self.check_requests(5)
        self.check_answers(5)

    def test_line_06_chunks(self):
        self.check_requests(6)
        self.check_answers(6)
        for body, content in ((b"5;a\r\nhello\r\n0\r\n\r\n", b"hello"),
                              (b"005\r\nhello\r\n000;x=\"y\"\r\n\r\n", b"hello"),
                              (b"5;\r\nhello\r\n0;\r\n\r\n", b"hello"), (b"0\r\n\r\n", b"")):
            with self.subTest(body=body):
                self.assertEqual(self.seen(coded(body)).body, content)

    def test_line_07_chunk_extensions_are_counted(self):
        self.check_requests(7)
        self.check_answers(7)

    def test_line_08_trailers_are_bounded_and_never_become_fields(self):
        self.check_requests(8)
        self.check_answers(8)
        trailers = (b"Content-Length: 9\r\nTransfer-Encoding: chunked\r\nHost: evil\r\nX-Forwarded-For: 6.6.6.6\r\n"
                    b"Authorization: Basic eA==\r\nX-Request-ID: forged\r\nField: late\r\n")
        request = self.seen(coded(chunked(b"hello", end=b"0\r\n" + trailers + b"\r\n")))
        self.assertEqual((request.body, values(request.fields, "Host")), (b"hello", ["test"]))
        for name in ("Content-Length", "Authorization", "Field"):
            self.assertIsNone(request.field(name))
        self.assertNotIn("6.6.6.6", request.field("X-Forwarded-For"))
        self.assertNotEqual(request.field("X-Request-ID"), "forged")
        self.origin.script = lambda request, connection: (
            b"HTTP/1.1 200 OK\r\n" + TE + b"chunked\r\n\r\n" + chunked(b"hello", end=b"0\r\nSet-Cookie: a=b\r\n"
                                                                     b"Content-Length: 2\r\nField: late\r\n\r\n"))
        with Client(self.lbd.address) as client:
            for _ in range(2):
                said = client.send(get()).response()
                self.assertEqual((said.body, said.complete, said.field("Set-Cookie"), said.field("Content-Length")),
                                 (b"hello", True, None, None))
                forbidden = {"content-length", "transfer-encoding", "host", "set-cookie"}
                self.assertFalse(forbidden & {name.lower() for name, _ in client.reader.trailers})

    def test_line_09_control_octets(self):
        self.check_requests(9)
        self.check_answers(9)

    def test_line_10_folding_and_blanks(self):
        self.check_requests(10)
        self.check_answers(10)


class Heads(ChecklistCase):
    def test_line_11_request_lines(self):
        self.check_requests(11)

    def test_line_12_hosts_and_absolute_targets(self):
        self.check_requests(12)
        for target, host, expected in (("http://real/x", "fake", "real"), ("HTTP://REAL:81/x", "fake", "REAL:81"),
                                       ("http://[::1]:8/x", "fake", "[::1]:8"), ("/x", "Fake:80", "Fake:80")):
            with self.subTest(target=target):
                request = self.seen(get(target, host=host))
                self.assertEqual((request.target, values(request.fields, "Host")), ("/x", [expected]))
                self.assertEqual(request.field("X-Forwarded-Host"), expected)
        self.answer_well()  # routed by the path behind the authority, not by what stands in front of it
        ask(self.lbd.address, get("http://admin/rest"))
        self.assertEqual((len(self.admins.whole), len(self.origin.whole)), (0, 1))

    def test_line_13_the_path_that_chooses_the_route_is_the_path_that_is_forwarded(self):
        self.check_requests(13)
        for target, route in PATHS.items():
            with self.subTest(target=target):
                self.answer_well()
                self.assertEqual(ask(self.lbd.address, get(target)).status, 200)
                routed = {"admin": self.admins, "rest": self.origin}[route]
                self.assertEqual([request.target for request in routed.whole], [target])
                self.assertEqual(len(self.admins.whole) + len(self.origin.whole), 1)

    def test_line_14_connection_takes_away_only_what_belongs_to_the_hop(self):
        kept = {"Authorization": "Basic eA==", "Cookie": "a=b", "Content-Length": "5", "Host": "test",
                "Idempotency-Key": "k", "X-Request-ID": "named"}
        for spelling in (str, str.lower, str.upper):
            nominated = ", ".join(spelling(name) for name in (*kept, "X-Forwarded-For", "X-Forwarded-Proto",
                                                               "X-Forwarded-Host", "X-Real-IP", "X-Hop"))
            fields = [f"{name}: {value}" for name, value in kept.items() if name not in ("Host", "Content-Length")]
            request = self.seen(post(b"hello", f"Connection: close, {nominated}", "X-Hop: a", "x-hop: b", *fields))
            self.assertEqual({name: request.field(name) for name in kept}, kept)
            self.assertEqual((request.field("X-Forwarded-For"), request.field("X-Forwarded-Proto"),
                              request.field("X-Forwarded-Host")), ("127.0.0.1", "http", "test"))
            for gone in ("Connection", "X-Hop"):
                self.assertIsNone(request.field(gone))
        self.origin.script = lambda request, connection: answer(
            b"hello", "Connection: X-Hop, Content-Length, Set-Cookie", "X-Hop: a", "Set-Cookie: c=d",
            "Keep-Alive: timeout=1", "Proxy-Connection: close")
        with Client(self.lbd.address) as client:
            said = client.send(get()).response()
            self.assertEqual((said.body, said.field("Set-Cookie"), said.field("X-Hop"), said.field("Keep-Alive"),
                              said.field("Proxy-Connection")), (b"hello", "c=d", None, None, None))
            self.assertTrue(client.send(get("/stays")).response().complete)

    def test_line_15_forwarding_fields_of_a_stranger(self):
        forged = "6.6.6.6"
        written = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "Forwarded")
        names = (*written, "X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "X-Client-IP", "X-Cluster-Client-IP",
                 "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Prefix", "X-Forwarded-Ssl", "X-Forwarded-Server",
                 "X-Forwarded-Scheme", "X-Forwarded-Client-Cert", "Client-Cert", *listed_claims())
        self.assertGreater(len(names), 60)
        for name in dict.fromkeys(names):
            spellings = [spelling for spelling in (name, name.lower(), name.upper(), name.replace("-", "_"),
                                                   name.replace("-", "_", 1), name.replace("-", "."))]
            with self.subTest(name=name):
                for spelling in dict.fromkeys(spellings):
                    request = self.seen(get("/", f"{spelling}: {forged}", "X-Kept: a", f"Connection: {spelling}"))
                    self.assertNotIn(forged, str(request.fields), spelling)
                    self.assertEqual((request.field("X-Forwarded-For"), request.field("X-Kept")), ("127.0.0.1", "a"))
                    for field in written:
                        self.assertLessEqual(len(values(request.fields, field)), 1, field)

    def test_line_19_connect(self):
        for row in REQUESTS[19].values():
            self.origin.clear()
            before = self.lbd.refused()
            with Client(self.lbd.address) as client:
                said = client.send(row.octets + SMUGGLED).response()
                self.assertIn(said.status, row.statuses)
                # What a client sends at once in hope of a tunnel must not be read as requests of its own.
                self.assertTrue(said.closes and client.is_closed())
            self.assertEqual(sum(self.counted(before).values()), 1)
            self.assertEqual(self.origin.requests, [])
            self.check_bystander()


if __name__ == "__main__":
    unittest.main()
