"""Frames of the client's own making: ARP questions for the virtual address, and forged advertisements."""

import contextlib
import socket
import struct
import time

from lab import namespaces
from lab.topology import VIP

VRRP, ARP = 112, 0x0806
INTERFACE = "out0"


class Askers:
    """Asks the LAN for the VIP each millisecond, and keeps who answered when."""

    def __init__(self, lab):
        self._socket = namespaces.open_socket(lab["client"].namespace, socket.AF_PACKET, socket.SOCK_RAW,
                                              socket.htons(ARP))
        self._socket.bind((INTERFACE, ARP))
        self._socket.setblocking(False)
        mac = self._socket.getsockname()[4]
        own = socket.inet_aton(lab["client"].address())
        self._question = (b"\xff" * 6 + mac + struct.pack("!HHHBBH", ARP, 1, 0x0800, 6, 4, 1) + mac + own + bytes(6)
                          + socket.inet_aton(VIP))

    def overlap(self, first: str, second: str, seconds: float) -> float:
        """Milliseconds in which `first` still answered though `second` did already."""
        heard: dict[str, list[float]] = {first: [], second: []}
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._socket.send(self._question)
            time.sleep(0.001)
            with contextlib.suppress(BlockingIOError):
                while frame := self._socket.recv(128):
                    mac = frame[22:28].hex(":")
                    if frame[20:22] == b"\0\x02" and frame[28:32] == socket.inet_aton(VIP) and mac in heard:
                        heard[mac].append(time.monotonic())
        if not heard[first] or not heard[second]:
            return 0.0
        return max(0.0, (heard[first][-1] - heard[second][0]) * 1000)

    def close(self) -> None:
        self._socket.close()


def _checksum(octets: bytes) -> int:
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def forge(lab, interval_cs: int, count: int = 1) -> None:
    """One advertisement of priority 255 from the client's place. RFC 9568 §5."""
    own, group = socket.inet_aton(lab["client"].address()), socket.inet_aton("224.0.0.18")
    message = struct.pack("!BBBBHH", 0x31, 51, 255, count, interval_cs, 0) + (socket.inet_aton(VIP) if count else b"")
    pseudo = own + group + struct.pack("!BBH", 0, VRRP, len(message))
    message = message[:6] + struct.pack("!H", _checksum(pseudo + message)) + message[8:]
    with namespaces.open_socket(lab["client"].namespace, socket.AF_INET, socket.SOCK_RAW, VRRP) as out:
        out.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, INTERFACE.encode())
        out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
        out.sendto(message, ("224.0.0.18", 0))
