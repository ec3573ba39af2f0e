"""Run on the node `outside`, for everything that is not ours: a name server to which every name is this node, the
distribution's packages (HTTP), and Slack and the receiver of the heartbeat (HTTPS).
usage: outside.py ADDRESS PACKAGES CERTIFICATE KEY FILE   (prints "ready"; each message to Slack becomes a line of JSON in FILE)
"""
import functools
import http.server
import json
import socket
import ssl
import struct
import sys
import threading
import time

LARGEST = 1 << 20
TYPE_A, CLASS_IN = 1, 1
SECONDS = 60  # of an answer's life, and of a connection


class Packages(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = SECONDS

    def log_message(self, *_):
        pass


class Messages(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = SECONDS
    lock = threading.Lock()

    def do_POST(self):
        message = json.loads(self.rfile.read(min(int(self.headers["Content-Length"]), LARGEST)))
        with self.lock, open(sys.argv[5], "a", encoding="utf-8") as file:
            told = {"at": time.time(), "to": f"https://{self.headers['Host']}{self.path}", **message}
            file.write(json.dumps(told, ensure_ascii=False) + "\n")
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


def answer(question: bytes, address: str) -> bytes:
    """RFC 1035 §4.1: one question; of type A it gets the address, of any other type no record."""
    end = 12
    while question[end]:
        end += question[end] + 1
    kind, net = struct.unpack_from("!HH", question, end + 1)
    asked = question[12:end + 5]
    found = (kind, net) == (TYPE_A, CLASS_IN)
    head = question[:2] + struct.pack("!HHHHH", 0x8580, 1, int(found), 0, 0)
    record = b"\xc0\x0c" + struct.pack("!HHIH", TYPE_A, CLASS_IN, SECONDS, 4) + socket.inet_aton(address)
    return head + asked + (record if found else b"")


def names(address: str) -> None:
    door = socket.socket(type=socket.SOCK_DGRAM)
    door.bind((address, 53))
    while True:
        question, peer = door.recvfrom(512)
        try:
            door.sendto(answer(question, address), peer)
        except (IndexError, struct.error):
            continue  # No question.


def main() -> None:
    address, packages, certificate, key = sys.argv[1:5]
    web = http.server.ThreadingHTTPServer((address, 80), functools.partial(Packages, directory=packages))
    told = http.server.ThreadingHTTPServer((address, 443), Messages)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    told.socket = context.wrap_socket(told.socket, server_side=True, do_handshake_on_connect=False)
    for work in (functools.partial(names, address), web.serve_forever):
        threading.Thread(target=work, daemon=True).start()
    print("ready", flush=True)
    told.serve_forever()


if __name__ == "__main__":
    main()
