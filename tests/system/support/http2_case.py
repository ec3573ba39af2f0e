"""An lbd that speaks HTTP/2, with and without TLS, an endpoint in the hands of a script, and clients."""

import ssl
import unittest

from .certificates import Authority
from .http2_client import Http2Client
from .lbd_process import Lbd
from .origin import Origin

HTTP2 = {"http2": {"enabled": True}}  # of a listener; over TLS it is on anyway

# On a machine that others keep busy nothing is shed and nobody is given up: clients would be right to call that a failure.
PATIENCE = {"overload": {"loop_lag": "0ms"}, "upstream": {"timeouts": {"connect": "30s", "first_byte": "60s"}}}


class Http2Case(unittest.TestCase):
    """`start` one lbd a test; what is open at its end is closed."""

    def start(self, script=None, listener: dict | None = None, **settings) -> Lbd:
        self.origin = Origin(script)
        self.addCleanup(self.origin.stop)
        return self.start_before(self.origin.name, listener, **settings)

    def start_before(self, endpoint: str, listener: dict | None = None, **settings) -> Lbd:
        self.lbd = Lbd([endpoint], listeners=[{"address": "127.0.0.1:0", **HTTP2, **(listener or {})}],
                       **{**PATIENCE, **settings})
        self.addCleanup(self.lbd.close)
        return self.lbd

    def connect(self, context: ssl.SSLContext | None = None, **about) -> Http2Client:
        client = Http2Client(self.lbd.address, context, **about)
        self.addCleanup(client.close)
        return client

    def peak_octets(self) -> int:
        """The most memory of lbd that was ever resident."""
        with open(f"/proc/{self.lbd.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM:"))

    def count(self, family: str, **labels: str) -> int:
        inner = ",".join(f'{name}="{value}"' for name, value in labels.items())
        return int(self.lbd.metrics().get(f"{family}{{{inner}}}", 0))


class Http2TlsCase(Http2Case):
    """As Http2Case, over TLS."""

    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()
        cls.addClassCleanup(cls.authority.remove)
        cls.www = cls.authority.make("www", "www.test", "test", "*.wild.test", "127.0.0.1")

    def context(self, *protocols: str) -> ssl.SSLContext:
        made = self.authority.context()
        made.set_alpn_protocols(list(protocols or ("h2",)))
        return made

    def start_tls(self, script=None, certificates: tuple[dict, ...] = (), listener: dict | None = None, **settings) -> Lbd:
        tls = {"certificates": list(certificates or (self.www,))}
        return self.start(script, {"tls": tls, **(listener or {})}, **settings)
