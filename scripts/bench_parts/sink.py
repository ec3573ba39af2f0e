#!/usr/bin/python3
"""An origin that takes uploads: reads every body to its end, fast, and says how long it was. usage: sink.py PORT

A request to /upload?slow is answered only when the connection ends: of its body nothing is read beyond what came with
the head."""

import re
import socket
import sys
import threading

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.I)
BUFFER_OCTETS = 1 << 20


def read_body(connection: socket.socket, head: bytes, held: bytes, memory: bytearray) -> bytes:
    """What came behind the body."""
    counted = LENGTH.search(head)
    if counted:
        left = int(counted.group(1)) - len(held)
        while left > 0:
            count = connection.recv_into(memory)
            if count == 0:
                raise ConnectionError
            left -= count
        return b""
    if b"chunked" in head.lower():  # its content never says this
        tail = held[-5:]
        while tail != b"0\r\n\r\n":
            count = connection.recv_into(memory)
            if count == 0:
                raise ConnectionError
            tail = (tail + bytes(memory[max(0, count - 5):count]))[-5:]
        return b""
    return held


def serve(connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    memory = bytearray(BUFFER_OCTETS)
    held = b""
    try:
        while True:
            while b"\r\n\r\n" not in held:
                octets = connection.recv(65536)
                if not octets:
                    return
                held += octets
            head, _, held = held.partition(b"\r\n\r\n")
            head += b"\r\n"
            if b"?slow" in head.split(b"\r\n", 1)[0]:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                threading.Event().wait()
            held = read_body(connection, head, held, memory)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    except OSError:
        pass
    finally:
        connection.close()


def main() -> None:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(sys.argv[1])))
    listener.listen(128)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    main()
