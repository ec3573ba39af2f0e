"""An lbd before endpoints that speak HTTP/2, each in the hands of a script."""

import unittest

from . import http2_frames as h2
from .http2_endpoint import Http2Endpoint, answer_ok
from .lbd_process import Lbd
from .wire import Client, ask, get, wait_until

LONG = 60.0  # for what takes a moment, on a machine that others keep busy
PATIENCE = {"overload": {"loop_lag": "0ms"}}


class EndpointCase(unittest.TestCase):
    def start(self, *scripts, first: bytes = h2.settings(), takes_content: bool = True, http2: dict | None = None,
              upstream: dict | None = None, **settings) -> Lbd:
        """lbd before an endpoint for each of the scripts."""
        self.endpoints = [Http2Endpoint(script, first, takes_content) for script in scripts or (answer_ok,)]
        for endpoint in self.endpoints:
            self.addCleanup(endpoint.stop)
        self.endpoint = self.endpoints[0]
        return self.start_before(*(endpoint.name for endpoint in self.endpoints), http2=http2, upstream=upstream, **settings)

    def start_before(self, *endpoints: str, http2: dict | None = None, upstream: dict | None = None, **settings) -> Lbd:
        patient = {"http2": {"enabled": True, **(http2 or {})}, "timeouts": {"connect": "30s", "first_byte": "60s"}}
        self.lbd = Lbd(list(endpoints), {**patient, **(upstream or {})}, **PATIENCE, **settings)
        self.addCleanup(self.lbd.close)
        return self.lbd

    def ask(self, octets: bytes | None = None, method: str = "GET"):
        return ask(self.lbd.address, octets or get(method=method), method, LONG)

    def client(self) -> Client:
        client = Client(self.lbd.address, LONG)
        self.addCleanup(client.close)
        return client

    def count(self, family: str, **labels: str) -> int:
        inner = ",".join(f'{name}="{value}"' for name, value in labels.items())
        return int(self.lbd.metrics().get(family + (f"{{{inner}}}" if inner else ""), 0))

    def until(self, condition, what: str):
        return wait_until(condition, LONG, what)
