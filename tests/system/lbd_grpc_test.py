"""gRPC through lbd, by a client and a server of somebody else's: calls of every kind, cancelled, broken and drained."""

import os
import signal
import subprocess
import sys
import threading
import time
import unittest
from concurrent import futures

sys.dont_write_bytecode = True

import grpc  # noqa: E402

from support import http2_frames as h2  # noqa: E402
from support.certificates import Authority  # noqa: E402
from support.http2_endpoint import Connection, Http2Endpoint, Request  # noqa: E402
from support.lbd_process import Lbd  # noqa: E402
from support.wire import wait_until  # noqa: E402

LONG = 60.0  # for what takes a moment, on a machine that others keep busy
SIZES = [("grpc.max_receive_message_length", 8 << 20), ("grpc.max_send_message_length", 8 << 20)]
MESSAGE = 4 << 20


class Service(grpc.GenericRpcHandler):
    """Messages are octets: no compiler of protocols is needed."""

    def __init__(self):
        self.cancelled = threading.Event()
        self.waiting = threading.Event()
        self.go_on = threading.Event()

    def service(self, call):
        kind = call.method.rsplit("/", 1)[1]
        return {
            "Unary": grpc.unary_unary_rpc_method_handler(self.unary),
            "Fail": grpc.unary_unary_rpc_method_handler(self.fail),
            "Wait": grpc.unary_unary_rpc_method_handler(self.wait),
            "Count": grpc.unary_stream_rpc_method_handler(self.count),
            "Forever": grpc.unary_stream_rpc_method_handler(self.forever),
            "Sum": grpc.stream_unary_rpc_method_handler(self.sum),
            "Echo": grpc.stream_stream_rpc_method_handler(self.echo),
        }.get(kind)

    def unary(self, request: bytes, context) -> bytes:
        context.send_initial_metadata((("x-first", "early"),))
        context.set_trailing_metadata((("x-last", "late"), ("x-octets-bin", b"\0\xff")))
        return request[::-1]

    def fail(self, request: bytes, context) -> bytes:
        context.set_trailing_metadata((("x-why", "so"),))
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not today: 100 %")
        return b""

    def wait(self, request: bytes, context) -> bytes:
        context.add_callback(self.cancelled.set)
        self.waiting.set()
        self.go_on.wait(LONG)
        return b"waited"

    def count(self, request: bytes, context):
        for number in range(int(request)):
            yield b"%d" % number

    def forever(self, request: bytes, context):
        context.add_callback(self.cancelled.set)
        number = 0
        while context.is_active():
            yield b"%d" % number
            number += 1
            time.sleep(0.01)

    def sum(self, requests, context) -> bytes:
        return b"%d" % sum(len(request) for request in requests)

    def echo(self, requests, context):
        context.add_callback(self.cancelled.set)
        for request in requests:
            yield request


def serve(service: Service, address: str = "127.0.0.1:0", credentials=None):
    server = grpc.server(futures.ThreadPoolExecutor(16), options=SIZES)
    server.add_generic_rpc_handlers((service,))
    port = server.add_secure_port(address, credentials) if credentials else server.add_insecure_port(address)
    server.start()
    return server, f"127.0.0.1:{port}"


class Case(unittest.TestCase):
    def start(self, credentials=None, upstream: dict | None = None, listener: dict | None = None, **settings) -> None:
        self.service = Service()
        self.server, name = serve(self.service, credentials=credentials)
        self.addCleanup(self.server.stop, None)
        self.start_before(name, upstream=upstream, listener=listener, **settings)

    def start_before(self, *endpoints: str, upstream: dict | None = None, listener: dict | None = None, **settings) -> None:
        patient = {"http2": {"enabled": True}, "timeouts": {"connect": "30s", "first_byte": "60s"}}
        made = {"overload": {"loop_lag": "0ms"}, "limits": {"body": "64MiB"}, **settings}
        self.lbd = Lbd(list(endpoints), {**patient, **(upstream or {})},
                       listeners=[{"address": "127.0.0.1:0", "http2": {"enabled": True}, **(listener or {})}], **made)
        self.addCleanup(self.lbd.close)
        self.channel = self.connect()

    def connect(self, credentials=None, *options) -> grpc.Channel:
        where = "%s:%d" % self.lbd.address
        made = [*SIZES, ("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1), *options]
        channel = (grpc.secure_channel(where, credentials, made) if credentials else grpc.insecure_channel(where, made))
        self.addCleanup(channel.close)
        return channel

    def unary(self, kind: str = "Unary", channel: grpc.Channel | None = None):
        return (channel or self.channel).unary_unary(f"/test.Service/{kind}")


class Refused(Case):
    def test_a_call_that_was_not_looked_at_is_made_elsewhere(self):
        def refuse(connection: Connection, request: Request, event: str) -> None:
            if event == "end":
                connection.send(h2.rst_stream(request.stream, h2.REFUSED_STREAM))
        refusing = Http2Endpoint(refuse)
        self.addCleanup(refusing.stop)
        self.service = Service()
        self.server, name = serve(self.service)
        self.addCleanup(self.server.stop, None)
        self.start_before(refusing.name, name)
        for _ in range(8):
            self.assertEqual(self.unary()(b"abc", timeout=LONG), b"cba")
        self.assertTrue(refusing.requests)


class Calls(Case):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()
        cls.addClassCleanup(cls.authority.remove)

    def try_all(self, channel: grpc.Channel) -> None:
        answer, call = self.unary(channel=channel).with_call(b"abc", timeout=LONG)
        self.assertEqual(answer, b"cba")
        self.assertIn(("x-first", "early"), [tuple(one) for one in call.initial_metadata()])
        trailing = {one.key: one.value for one in call.trailing_metadata()}
        self.assertEqual((trailing["x-last"], trailing["x-octets-bin"]), ("late", b"\0\xff"))
        count = channel.unary_stream("/test.Service/Count")
        self.assertEqual(list(count(b"100", timeout=LONG)), [b"%d" % number for number in range(100)])
        total = channel.stream_unary("/test.Service/Sum")
        self.assertEqual(total((b"x" * 1000 for _ in range(100)), timeout=LONG), b"100000")
        large = os.urandom(MESSAGE)
        self.assertEqual(self.unary(channel=channel)(large, timeout=LONG), large[::-1])
        # Each question waits for the answer to the one before.
        asked = []
        turn = threading.Semaphore(1)
        def questions():
            for number in range(20):
                if not turn.acquire(timeout=LONG):
                    return
                asked.append(b"%d" % number)
                yield asked[-1]
        heard = []
        for one in channel.stream_stream("/test.Service/Echo")(questions(), timeout=LONG):
            heard.append(one)
            self.assertEqual(heard, asked)
            turn.release()
        self.assertEqual(len(heard), 20)

    def test_calls_of_every_kind(self):
        self.start()
        self.try_all(self.channel)

    def test_over_tls_on_both_sides(self):
        app = self.authority.make("app", "app.internal", "127.0.0.1")
        www = self.authority.make("www", "localhost", "127.0.0.1")
        with open(app["key_file"], "rb") as key, open(app["certificate_file"], "rb") as chain:
            credentials = grpc.ssl_server_credentials([(key.read(), chain.read())])
        self.start(credentials, {"tls": {"ca_file": self.authority.file, "server_name": "app.internal"}},
                   {"tls": {"certificates": [www]}})
        with open(self.authority.file, "rb") as ca:
            channel = self.connect(grpc.ssl_channel_credentials(ca.read()))
        self.try_all(channel)

    def test_calls_at_once_share_a_connection(self):
        self.start()
        calls = [self.unary().future(b"%03d" % number, timeout=LONG) for number in range(200)]
        self.assertEqual([call.result() for call in calls], [(b"%03d" % number)[::-1] for number in range(200)])
        made = self.lbd.metrics()["lbd_http2_upstream_connections_total"]
        self.assertLessEqual(made, 4)

    def test_statuses_of_the_service_pass(self):
        self.start()
        with self.assertRaises(grpc.RpcError) as caught:
            self.unary("Fail")(b"", timeout=LONG)
        self.assertEqual((caught.exception.code(), caught.exception.details()),
                         (grpc.StatusCode.FAILED_PRECONDITION, "not today: 100 %"))
        self.assertIn(("x-why", "so"), [tuple(one) for one in caught.exception.trailing_metadata()])
        with self.assertRaises(grpc.RpcError) as caught:
            self.unary("Nothing")(b"", timeout=LONG)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNIMPLEMENTED)

    def test_cancelled_calls_and_deadlines_reach_the_service(self):
        self.start()
        stream = self.channel.unary_stream("/test.Service/Forever")(b"", timeout=LONG)
        self.assertEqual([next(stream), next(stream)], [b"0", b"1"])
        stream.cancel()
        self.assertTrue(self.service.cancelled.wait(LONG))
        self.service.cancelled.clear()
        silent = threading.Event()
        self.addCleanup(silent.set)
        def questions():
            yield b"one"
            silent.wait(LONG)
        both = self.channel.stream_stream("/test.Service/Echo")(questions(), timeout=LONG)
        self.assertEqual(next(both), b"one")
        both.cancel()  # while neither side has anything to say
        self.assertTrue(self.service.cancelled.wait(LONG))
        self.service.cancelled.clear()
        with self.assertRaises(grpc.RpcError) as caught:
            self.unary("Wait")(b"", timeout=0.5)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
        if self.service.waiting.is_set():  # on a slow machine it may not even have begun
            self.assertTrue(self.service.cancelled.wait(LONG))
        self.service.go_on.set()
        self.assertEqual(self.unary()(b"ab", timeout=LONG), b"ba")

    def test_errors_of_lbd_are_errors_of_grpc(self):
        self.start_before("127.0.0.1:1")
        with self.assertRaises(grpc.RpcError) as caught:
            self.unary()(b"", timeout=LONG)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE)
        self.assertIn("502", caught.exception.details())

    def test_a_drain_of_lbd_ends_no_call(self):
        self.start(drain={"grace": "100ms", "deadline": "60s"})
        call = self.unary("Wait").future(b"", timeout=LONG)
        self.assertTrue(self.service.waiting.wait(LONG))
        self.lbd.process.terminate()
        wait_until(lambda: self.lbd.said("draining") or self.lbd.metrics()["lbd_draining"], LONG, "the drain")
        self.service.go_on.set()
        self.assertEqual(call.result(), b"waited")
        self.assertEqual(self.lbd.process.wait(LONG), 0)


PROGRAM = """
import os, sys
sys.path.insert(0, sys.argv[1])
import lbd_grpc_test as test
server, name = test.serve(test.Service())
print(name, flush=True)
server.wait_for_termination()
"""


class Endpoints(Case):
    """Servers in processes of their own, as they are to be killed."""

    def run_server(self) -> tuple[subprocess.Popen, str]:
        server = subprocess.Popen([sys.executable, "-c", PROGRAM, os.path.dirname(os.path.abspath(__file__))],
                                  stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait, LONG)
        self.addCleanup(server.kill)
        return server, server.stdout.readline().strip()

    def test_a_service_that_dies_ends_its_calls_and_the_next_are_answered_elsewhere(self):
        one, one_name = self.run_server()
        other, other_name = self.run_server()
        self.start_before(one_name, other_name)
        streams = [self.channel.unary_stream("/test.Service/Forever")(b"", timeout=LONG) for _ in range(4)]
        for stream in streams:
            self.assertEqual(next(stream), b"0")
        ended: list[grpc.StatusCode] = []
        def listen(stream) -> None:
            try:
                for _ in stream:
                    pass
            except grpc.RpcError as error:
                ended.append(error.code())
        for stream in streams:
            threading.Thread(target=listen, args=(stream,), daemon=True).start()
        one.send_signal(signal.SIGKILL)
        one.wait(LONG)
        codes = wait_until(lambda: set(ended), LONG, "the end of the calls there")
        self.assertTrue(codes <= {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}, codes)
        for _ in range(6):
            self.assertEqual(self.unary()(b"ab", timeout=LONG), b"ba")
        for stream in streams:
            stream.cancel()

    def test_a_service_that_leaves_in_peace_loses_no_call(self):
        service, other = Service(), Service()
        server, name = serve(service)
        second, other_name = serve(other)
        self.addCleanup(server.stop, None)
        self.addCleanup(second.stop, None)
        self.start_before(name, other_name)
        waiting = [self.unary("Wait").future(b"", timeout=LONG) for _ in range(2)]
        self.assertTrue(service.waiting.wait(LONG))
        self.assertTrue(other.waiting.wait(LONG))
        stopped = server.stop(LONG)  # GOAWAY, then waits for its calls
        for _ in range(10):
            self.assertEqual(self.unary()(b"ab", timeout=LONG), b"ba")
        service.go_on.set()
        other.go_on.set()
        self.assertEqual([call.result() for call in waiting], [b"waited"] * 2)
        self.assertTrue(stopped.wait(LONG))


if __name__ == "__main__":
    unittest.main()
