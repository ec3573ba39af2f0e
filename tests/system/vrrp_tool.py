"""What runs inside a namespace for the VRRP tests: an echo, a prober, a sender of arbitrary advertisements, an ARP listener.

Run as `vrrp_tool.py COMMAND …`; every command ends when its standard input is closed.
"""
import json
import select
import socket
import struct
import sys
import time

ECHO_PORT = 7777
PROBE_INTERVAL = 0.001  # seconds
FIRST_ANSWER = 5.0  # seconds


def input_closed():
    readable, _, _ = select.select([sys.stdin], [], [], 0)
    return bool(readable) and not sys.stdin.buffer.read1(1)


def turns_to_read(sock):
    """A turn each time the socket has something, until standard input is closed; what came before that is read."""
    while True:
        readable, _, _ = select.select([sock, sys.stdin], [], [])
        if sock in readable:
            yield
        elif input_closed():
            return


def echo():
    """Answers each datagram from the address that was asked, IPv4 or IPv6."""
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
    sock.bind(("::", ECHO_PORT))
    print("ready", flush=True)
    for _ in turns_to_read(sock):
        data, control, _, sender = sock.recvmsg(64, 128)
        info = [(level, kind, asked) for level, kind, asked in control if kind == socket.IPV6_PKTINFO]
        try:
            sock.sendmsg([data], info, 0, sender)
        except OSError:
            pass  # the address has just left this node


def probe(vip, after="at once"):
    """A datagram each millisecond; at the end one line of JSON with the longest time without an answer.

    `after`: "at once", or "the first answer": ready, and counted, from then on.
    """
    family, _, _, _, target = socket.getaddrinfo(vip, ECHO_PORT, type=socket.SOCK_DGRAM)[0]
    sock = probe_socket(family)
    sent, answered = [], set()
    ready = after == "at once"
    if ready:
        print("ready", flush=True)
    start = next_at = time.monotonic()
    while not input_closed():
        now = time.monotonic()
        if not ready and now > start + FIRST_ANSWER:
            sys.exit(f"{vip} does not answer")
        if now >= next_at:
            try:
                sock.sendto(struct.pack("!I", len(sent)), target)
            except OSError:
                pass
            sent.append(now)
            next_at = max(next_at + PROBE_INTERVAL, now)
        receive(sock, answered)
        if not ready and answered:
            ready, sent, answered = True, [], set()
            sock.close()  # late answers to what is forgotten
            sock = probe_socket(family)
            print("ready", flush=True)
        time.sleep(max(0.0, min(next_at - time.monotonic(), PROBE_INTERVAL)))
    time.sleep(0.05)
    receive(sock, answered)
    print(json.dumps(summary(sent, answered)), flush=True)


def probe_socket(family):
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.setblocking(False)
    return sock


def receive(sock, answered):
    while True:
        try:
            answered.add(struct.unpack("!I", sock.recv(64))[0])
        except OSError:
            return


def summary(sent, answered):
    longest, start = 0.0, None
    for number, at in enumerate(sent):
        if number in answered:
            if start is not None:
                longest = max(longest, at - start)
            start = None
        elif start is None:
            start = at
    if start is not None and sent:
        longest = max(longest, sent[-1] - start)
    return {"sent": len(sent), "lost": len(sent) - len(answered), "outage_ms": round(longest * 1000, 1)}


def checksum(octets):
    if len(octets) % 2:
        octets += b"\0"
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def advertisement(source, vrid=51, priority=100, interval=10, addresses=("192.168.10.100",), version=3, kind=1,
                  count=None, destination="224.0.0.18", form="pseudo_header", spoil_checksum=False, cut=None,
                  trailer=0):
    """The octets after the IP header; every field can be made wrong."""
    body = b"".join(socket.inet_aton(address) for address in addresses)
    count = len(addresses) if count is None else count
    head = struct.pack("!BBBBHH", version << 4 | kind, vrid, priority, count, interval, 0)
    message = head + body
    pseudo = b""
    if form == "pseudo_header":
        pseudo = socket.inet_aton(source) + socket.inet_aton(destination) + struct.pack("!BBH", 0, 112, len(message))
    value = checksum(pseudo + message)
    if spoil_checksum:
        value ^= 0x0101
    message = message[:6] + struct.pack("!H", value) + message[8:] + b"\0" * trailer
    return message[:cut] if cut is not None else message


def send(source, interface, packets):
    """`packets`: a list of dicts: fields of `advertisement`, and ttl, destination, times, pause (seconds)."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, 112)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_HDRINCL, 1)
    for packet in packets:
        ttl, times, pause = packet.pop("ttl", 255), packet.pop("times", 1), packet.pop("pause", 0.0)
        sender = packet.pop("from", source)
        destination = packet.get("destination", "224.0.0.18")
        raw = packet.pop("raw", None)
        message = bytes.fromhex(raw) if raw else advertisement(sender, **packet)
        header = struct.pack("!BBHHHBBH4s4s", 0x45, 0xC0, 20 + len(message), 0, 0, ttl, 112, 0,
                             socket.inet_aton(sender), socket.inet_aton(destination))
        for _ in range(times):
            sock.sendto(header + message, (destination, 0))
            time.sleep(pause)


def capture(source):
    """The next advertisement of `source` as hexadecimal digits, IP header taken off."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
    while True:
        packet = sock.recv(2048)
        if packet[9] == 112 and packet[12:16] == socket.inet_aton(source):
            print(packet[20:].hex(), flush=True)
            return


def arp_watch(address):
    """A line of JSON for each ARP frame about `address`: time, operation, sender's MAC, whether it is gratuitous."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806))
    wanted = socket.inet_aton(address)
    print("ready", flush=True)
    for _ in turns_to_read(sock):
        frame = sock.recv(128)
        operation, mac, sender, target = frame[21], frame[22:28].hex(":"), frame[28:32], frame[38:42]
        if sender == wanted:
            line = {"at": time.monotonic(), "operation": operation, "mac": mac, "gratuitous": target == wanted}
            print(json.dumps(line), flush=True)


def advert_watch(interface):
    """A line of JSON for each advertisement heard: kernel-near time, source, priority, interval."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
    sock.bind((interface, 0))
    print("ready", flush=True)
    for _ in turns_to_read(sock):
        frame = sock.recv(2048)
        now = time.monotonic()
        if len(frame) < 42 or frame[23] != 112:
            continue
        line = {"at": now, "source": socket.inet_ntoa(frame[26:30]), "priority": frame[36], "ttl": frame[22],
                "tos": frame[15], "interval": struct.unpack("!H", frame[38:40])[0] & 0xFFF}
        print(json.dumps(line), flush=True)


def main():
    command, *arguments = sys.argv[1:]
    if command == "echo":
        echo()
    elif command == "probe":
        probe(*arguments)
    elif command == "send":
        send(arguments[0], arguments[1], json.loads(arguments[2]))
    elif command == "capture":
        capture(*arguments)
    elif command == "arp-watch":
        arp_watch(*arguments)
    elif command == "advert-watch":
        advert_watch(*arguments)
    else:
        sys.exit(f"unknown command {command}")


if __name__ == "__main__":
    main()
