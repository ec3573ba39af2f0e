"""HTTP/2 with clients that others wrote: curl, nghttp, h2load and Chromium, with and without TLS."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

from selenium import webdriver  # noqa: E402
from selenium.webdriver.chrome.service import Service  # noqa: E402
from support import peers  # noqa: E402
from support.http2_case import Http2TlsCase  # noqa: E402
from support.origin import answer  # noqa: E402
from support.wire import wait_until  # noqa: E402

MIB = 1 << 20
LARGE = os.urandom(MIB) * 10
PAGE = (b"<!doctype html><title>h2</title><link rel=stylesheet href=/a.css><p>page"
        + b"".join(b"<img src=/%d.svg>" % number for number in range(20)))
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'></svg>"


def respond(request, connection) -> bytes:
    if request.target == "/large":
        return answer(LARGE)
    if request.target == "/piece":
        return answer(LARGE[:MIB])
    if request.target == "/page":
        return answer(PAGE, "Content-Type: text/html")
    if request.target.endswith(".svg"):
        return answer(SVG, "Content-Type: image/svg+xml")
    return answer(f"{request.method} {request.digest.hexdigest()}".encode())


class Clients(Http2TlsCase):
    def start_both(self):
        """lbd at `self.plain` and, over TLS, at `self.secure`."""
        self.start(respond, limits={"body": "64MiB"})
        self.plain = "http://127.0.0.1:%d" % self.lbd.address[1]
        self.start_tls(respond, limits={"body": "64MiB"})
        self.secure = "https://127.0.0.1:%d" % self.lbd.address[1]

    def run_client(self, *argv: str) -> subprocess.CompletedProcess:
        return subprocess.run(argv, capture_output=True, timeout=120, check=False)

    def curl(self, *argv: str) -> bytes:
        done = self.run_client("curl", "-sS", "-m", "110", "--cacert", self.authority.file, *argv)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_curl(self):
        self.start_both()
        with tempfile.NamedTemporaryFile() as file:
            file.write(LARGE)
            file.flush()
            for url, option, version in ((self.plain, "--http2-prior-knowledge", b"2"), (self.secure, "--http2", b"2"),
                                         (self.plain, "--http1.1", b"1.1"), (self.secure, "--http1.1", b"1.1"),
                                         (self.plain, "--http2", b"1.1")):  # nobody upgrades by h2c any more
                with self.subTest(url=url, option=option):
                    said = self.curl(option, "-w", "\n%{http_version} %{http_code}", f"{url}/")
                    self.assertTrue(said.endswith(b"\n" + version + b" 200"), said)
                    self.assertEqual(self.curl(option, f"{url}/large"), LARGE)
                    self.assertEqual(self.curl(option, "-T", file.name, f"{url}/"),
                                     b"PUT " + hashlib.sha256(LARGE).hexdigest().encode())
                    self.assertIn(b"200", self.curl(option, "-I", f"{url}/large"))
                    if option == "--http2-prior-knowledge":
                        continue  # curl 7.88 gives up its own requests beside the first, with any server
                    side_by_side = ["-o", os.devnull, f"{url}/large"] * 4
                    self.assertEqual(self.curl(option, "-Z", "-w", "%{http_code} %{size_download}\n", *side_by_side),
                                     b"200 %d\n" % len(LARGE) * 4)

    def test_nghttp(self):
        self.start_both()
        for url in (self.plain, self.secure):
            with self.subTest(url=url), tempfile.NamedTemporaryFile() as file:
                file.write(LARGE[:MIB])
                file.flush()
                urls = [f"{url}/{number}" for number in range(20)]
                done = self.run_client("nghttp", "-v", "-n", "--no-verify-peer", *urls)
                self.assertEqual(done.stdout.count(b":status: 200"), 20, done.stdout[-2000:])
                done = self.run_client("nghttp", "--no-verify-peer", "-d", file.name, "--trailer", "x-sum: 1", f"{url}/")
                self.assertEqual(done.stdout, b"POST " + hashlib.sha256(LARGE[:MIB]).hexdigest().encode(), done.stderr)
                done = self.run_client("nghttp", "--no-verify-peer", "-w", "10", "-W", "10", f"{url}/piece")  # 1023 octets
                self.assertEqual(hashlib.sha256(done.stdout).digest(), hashlib.sha256(LARGE[:MIB]).digest())

    def test_h2load(self):
        endpoint = peers.nginx({"small": b"small\n", "large": LARGE})
        self.addCleanup(endpoint.close)
        for listener, url in ((None, "http://127.0.0.1:%d"), ({"tls": {"certificates": [self.www]}}, "https://127.0.0.1:%d")):
            self.start_before(endpoint.name, listener)
            for path, argv in (("small", ("-n20000", "-c10", "-m32")), ("large", ("-n12", "-c3", "-m4"))):
                done = self.run_client("h2load", *argv, url % self.lbd.address[1] + f"/{path}")
                self.assertIn(f"{argv[0][2:]} succeeded, 0 failed, 0 errored, 0 timeout".encode(), done.stdout, done.stdout)

    def test_chromium(self):
        self.start_both()
        options = webdriver.ChromeOptions()
        profile = tempfile.TemporaryDirectory(prefix="mainstay-browser-", ignore_cleanup_errors=True)
        self.addCleanup(profile.cleanup)
        for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic",
                     "--no-first-run", "--disable-background-networking", "--ignore-certificate-errors",
                     f"--user-data-dir={profile.name}"):
            options.add_argument(flag)
        driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.addCleanup(driver.quit)
        driver.set_page_load_timeout(40)
        driver.get(f"{self.secure}/page")

        def protocols() -> dict[str, str]:
            return dict(json.loads(driver.execute_script(
                "return JSON.stringify(performance.getEntries().filter((e) => e.nextHopProtocol !== undefined)"
                ".map((e) => [e.name, e.nextHopProtocol]))")))
        wait_until(lambda: len(protocols()) >= 21, 40, "the page, its style and its images")  # told some time after they came
        self.assertEqual(set(protocols().values()), {"h2"})


if __name__ == "__main__":
    unittest.main()
