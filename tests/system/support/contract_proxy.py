"""What a browser asks bookd and is answered, held to app/api/openapi.yaml: a proxy it goes through on its way to loopback."""
import http.client
import http.server
import sys
import threading
import urllib.parse

from .bookd import Answer
from .contract import Contract, contract

HERE = ("127.0.0.1", "localhost")
MOST_AT_ONCE = 65536  # octets
PATIENCE = 120  # more than any test waits for an answer
OF_A_GATEWAY = {502, 504}  # said by lbd, whom the contract does not bind
OF_ONE_HOP = {"proxy-connection", "connection", "keep-alive", "transfer-encoding"}


class ContractProxy(http.server.ThreadingHTTPServer):
    """`faults` are the breaches so far. An answer is held to the contract before the browser has it: what a page shows is checked."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Relay)
        self.contract = Contract(contract().document)  # whose resolver only this one uses
        self.faults, self.passed = [], 0
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def hold(self, check, *what) -> None:
        with self.lock:
            try:
                check(*what)
            except (AssertionError, ValueError) as fault:
                self.faults.append(str(fault))

    def tell(self) -> list[str]:
        """The breaches, which are forgotten then."""
        with self.lock:
            told, self.faults = self.faults, []
            return told

    def close(self) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address):
        """A browser leaves when it likes, and so does a server that a test ends. All else is a fault of this proxy."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            with self.lock:
                self.faults.append(f"the proxy: {error!r}")


class Relay(http.server.BaseHTTPRequestHandler):
    """One connection of the browser, and one to whom it asks. The end of either is that of the other, so that the browser meets
    what it would without us."""

    protocol_version = "HTTP/1.1"
    timeout = PATIENCE

    def setup(self):
        super().setup()
        self.there, self.origin = None, None

    def finish(self):
        if self.origin:
            self.origin.close()
        super().finish()

    def __getattr__(self, name: str):
        if name.startswith("do_"):
            return self.relay
        raise AttributeError(name)

    def relay(self) -> None:
        asked = urllib.parse.urlsplit(self.path)
        if asked.hostname not in HERE:  # what a browser asks of its maker
            self.send_error(403)
            return
        target = urllib.parse.urlunsplit(("", "", asked.path or "/", asked.query, ""))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.hold(self.server.contract.check_request, self.command, target, self.headers, body)
        self.server.passed += 1
        try:
            response = self.ask(asked.netloc, target, body)
            self.give(target, response)
        except (OSError, http.client.IncompleteRead):
            self.close_connection = True

    def ask(self, there: str, target: str, body: bytes) -> http.client.HTTPResponse:
        if there != self.there:
            if self.origin:
                self.origin.close()
            self.there, self.origin = there, http.client.HTTPConnection(there, timeout=PATIENCE)
            self.origin.connect()
            self.origin.auto_open = False
        self.origin.putrequest(self.command, target, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in OF_ONE_HOP:
                self.origin.putheader(name, value)
        self.origin.endheaders(body or None)
        return self.origin.getresponse()

    def give(self, target: str, response: http.client.HTTPResponse) -> None:
        json = (response.headers.get_content_type() or "").endswith("json")
        body = response.read() if json else b""
        if response.status not in OF_A_GATEWAY:
            self.server.hold(self.server.contract.check, self.command, target, Answer(response.status, response.headers, body))
        self.send_response_only(response.status, response.reason)
        for name, value in response.headers.items():
            if name.lower() not in OF_ONE_HOP:
                self.send_header(name, value)
        chunked = response.chunked and self.command != "HEAD"
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        if response.will_close:
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()
        while part := body or response.read1(MOST_AT_ONCE):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part) if chunked else part)
            body = b""
        if chunked:
            self.wfile.write(b"0\r\n\r\n")
        response.close()  # read1() does not, and until then nothing else is asked on its connection

    def log_message(self, *_args):  # pylint: disable=arguments-differ
        pass
