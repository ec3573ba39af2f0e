"""Run inside a node of the lab: answers on many ports, or asks many addresses at once and says which of them answered.
usage: fleet_probe.py answer PORT,…          (TCP and UDP; prints "ready"; ends when standard input does)
       fleet_probe.py ask SECONDS            (standard input: JSON [[protocol, address, port], …]; prints those that answered)
       fleet_probe.py knock SECONDS          (as ask, of machines on which little listens: a refusal has passed, too)
       fleet_probe.py vrrp-hear SECONDS ADDRESS   (prints "ready", then each source of protocol 112 heard at that card)
       fleet_probe.py vrrp-say ADDRESS            (one datagram of protocol 112 to the group by that card)
"""
import errno
import json
import select
import socket
import sys
import time

GROUP = "224.0.0.18"
VRRP = 112
IP_PKTINFO = 8  # linux/in.h; Python 3.11 has no name for it


def answer(ports: list[int]) -> None:
    streams, datagrams = [], []
    for port in ports:
        stream = socket.socket()
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stream.bind(("0.0.0.0", port))
        stream.listen(64)
        datagram = socket.socket(type=socket.SOCK_DGRAM)
        # Answers leave from the address that was asked, also when that is a virtual one.
        datagram.setsockopt(socket.SOL_IP, IP_PKTINFO, 1)
        datagram.bind(("0.0.0.0", port))
        streams.append(stream)
        datagrams.append(datagram)
    print("ready", flush=True)
    while True:
        readable, _, _ = select.select([sys.stdin, *streams, *datagrams], [], [])
        for found in readable:
            if found is sys.stdin:
                return
            if found in streams:
                found.accept()[0].close()
            else:
                _, ancillary, _, peer = found.recvmsg(64, 64)
                packet_info = next(data for level, kind, data in ancillary if kind == IP_PKTINFO)
                info = bytes(4) + packet_info[4:8] + bytes(4)
                found.sendmsg([b"pong"], [(socket.SOL_IP, IP_PKTINFO, info)], 0, peer)


def ask(seconds: float, wanted: list, refusal_passes: bool = False) -> list:
    waiting, answered = {}, []
    for protocol, address, port in wanted:
        kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
        asking = socket.socket(type=kind)
        asking.setblocking(False)
        try:
            if protocol == "tcp":
                if asking.connect_ex((address, port)) not in (0, errno.EINPROGRESS):
                    continue
            else:
                asking.connect((address, port))  # or a refusal is told to nobody
                asking.send(b"ping")
        except OSError:
            continue  # The firewall's own word about what may leave.
        waiting[asking] = [protocol, address, port]
    deadline = time.monotonic() + seconds
    while waiting and (left := deadline - time.monotonic()) > 0:
        streams = [asking for asking, what in waiting.items() if what[0] == "tcp"]
        datagrams = [asking for asking, what in waiting.items() if what[0] == "udp"]
        readable, writable, _ = select.select(datagrams, streams, [], left)
        for asking in readable + writable:
            what = waiting.pop(asking)
            try:
                fault = asking.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                good = fault == 0 or (refusal_passes and fault == errno.ECONNREFUSED)
                if what[0] == "udp" and fault == 0:
                    good = asking.recv(64) == b"pong"
            except OSError:
                good = False
            if good:
                answered.append(what)
    return answered


def vrrp_hear(seconds: float, address: str) -> None:
    hearing = socket.socket(socket.AF_INET, socket.SOCK_RAW, VRRP)
    membership = socket.inet_aton(GROUP) + socket.inet_aton(address)
    hearing.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    print("ready", flush=True)
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        if select.select([hearing], [], [], left)[0]:
            print(hearing.recvfrom(256)[1][0], flush=True)


def vrrp_say(address: str) -> None:
    saying = socket.socket(socket.AF_INET, socket.SOCK_RAW, VRRP)
    saying.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
    saying.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
    saying.bind((address, 0))
    try:
        saying.sendto(b"any content", (GROUP, 0))
    except PermissionError:
        print("not let out")


if __name__ == "__main__":
    if sys.argv[1] == "answer":
        answer([int(port) for port in sys.argv[2].split(",")])
    elif sys.argv[1] == "ask":
        print(json.dumps(ask(float(sys.argv[2]), json.load(sys.stdin))))
    elif sys.argv[1] == "knock":
        print(json.dumps(ask(float(sys.argv[2]), json.load(sys.stdin), refusal_passes=True)))
    elif sys.argv[1] == "vrrp-hear":
        vrrp_hear(float(sys.argv[2]), sys.argv[3])
    else:
        vrrp_say(sys.argv[2])
