"""Loki's push interface, strict: what Loki would refuse is refused, and what the fleet promises of a line is checked."""
import contextlib
import gzip
import http.server
import json
import socket
import ssl
import sys
import threading

LABELS = {"app", "host", "env", "level"}
LEVELS = {"debug", "info", "warn", "error", "notice"}


class LokiStub:
    """On a port of its own, or the one named, of the namespace of the thread that makes it; over TLS with a `context`.
    `faults` has what was not right; `lines` all that was taken, in order; `cut` why connections ended early."""

    def __init__(self, port: int = 0, address: str = "127.0.0.1", context: ssl.SSLContext | None = None):
        self.lines: list[tuple[dict, str]] = []
        self.faults: list[str] = []
        self.cut: list[BaseException] = []
        self.deaf = False  # hears, hangs up and says nothing
        self.statuses: list[int] = []  # answered with first, one each
        stub = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if stub.deaf:
                    self.close_connection = True
                    return
                status = stub.statuses.pop(0) if stub.statuses else stub.take(self.path, self.headers, body)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            allow_reuse_address = True
            daemon_threads = True
            connections = []

            def process_request(self, request, client_address):
                self.connections.append(request)
                super().process_request(request, client_address)

            def handle_error(self, *_):
                stub.cut.append(sys.exc_info()[1])

        self.server = Server((address, port), Handler)
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()

    def close(self) -> None:
        """Nobody listens, and connections that were kept warm are cut."""
        self.server.shutdown()
        for connection in self.server.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server.server_close()
        self.thread.join()

    def take(self, path: str, headers, body: bytes) -> int:
        fault = self.fault_of(path, headers, body)
        if fault:
            self.faults.append(fault)
            return 400
        return 204

    def fault_of(self, path: str, headers, body: bytes) -> str | None:
        if path != "/loki/api/v1/push":
            return f"{path} is not where logs are pushed to"
        if headers["Content-Type"] != "application/json":
            return f"content type {headers['Content-Type']}"
        if headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        taken = []
        try:
            for stream in json.loads(body.decode("utf-8"))["streams"]:
                if set(stream) != {"stream", "values"}:
                    return f"a stream has {sorted(stream)}"
                labels = stream["stream"]
                if set(labels) != LABELS or not all(isinstance(value, str) and value for value in labels.values()):
                    return f"labels {labels}"
                if labels["level"] not in LEVELS:
                    return f"level {labels['level']}"
                for moment, line in stream["values"]:
                    if not (isinstance(moment, str) and len(moment) == 19 and moment.isdigit()):
                        return f"moment {moment!r} is not nanoseconds as text"
                    if not isinstance(line, str):
                        return f"line {line!r} is no text"
                    taken.append((labels, line))
        except (ValueError, KeyError, TypeError) as error:
            return f"{error}: {body[:200]!r}"
        self.lines += taken
        return None
