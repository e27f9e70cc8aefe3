"""Packets inside the isolated network: dropped, refused, watched, or delayed."""

import contextlib
import fcntl
import functools
import os
import socket
import struct
import subprocess
import threading
import time

# The socket module does not name it.
_SO_TIMESTAMPNS = 35
_ETH_P_ALL = 3
_SYN, _ACK = 0x02, 0x10
_TUNSETIFF = 0x400454CA
_IFF_TUN, _IFF_NO_PI = 0x0001, 0x1000


def dropping(*rules):
    """While open, arriving packets that match one of these nft rules are dropped."""
    return _judging("drop", rules)


def refusing(how, *rules):
    """The same, and who sent them is told: `tcp reset`, `icmp type host-unreachable`."""
    return _judging("reject with " + how, rules)


@contextlib.contextmanager
def _judging(verdict, rules):
    lines = "".join(f"    {rule} {verdict}\n" for rule in rules)
    hook = "type filter hook input priority 0;"
    _nft(f"table inet xtrace_test {{\n  chain arriving {{\n    {hook}\n{lines}  }}\n}}\n")
    try:
        yield
    finally:
        _nft("delete table inet xtrace_test\n")


def any_syn_to(host, port):
    """A rule for `dropping`: every SYN to that address, as if nothing were there."""
    family = "ip6" if ":" in host else "ip"
    return f"{family} daddr {host} tcp dport {port} tcp flags & (syn | ack) == syn"


def first_syn_to(host, port):
    """A rule for `dropping`: the first SYN only; the kernel's retransmission gets through."""
    return any_syn_to(host, port) + " limit rate 1/hour burst 1 packets"


def data_to(port):
    """A rule for `dropping`: what carries data to that port; connections still come about."""
    return f"tcp dport {port} tcp flags & psh == psh"


def data_from(port):
    """A rule for `dropping`: what carries data from that port."""
    return f"tcp sport {port} tcp flags & psh == psh"


@contextlib.contextmanager
def late(milliseconds):
    """While open, every packet of the loopback interface is that late."""
    netem = ["root", "netem", "delay", f"{milliseconds}ms"]
    subprocess.run(["tc", "qdisc", "add", "dev", "lo", *netem], check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(["tc", "qdisc", "delete", "dev", "lo", "root"], check=True)


def needs_netem(case):
    """Decorator of cases that use `late`."""

    @functools.wraps(case)
    def judged(self):
        try:
            with late(1):
                pass
        except (OSError, subprocess.CalledProcessError) as error:
            self.skipTest(f"no delay can be put on an interface here (tc netem): {error}")
        case(self)

    return judged


class Wiretap:
    """Sees every TCP packet of a port on the loopback interface, with the time it passed."""

    def __init__(self, port):
        self._port = port
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ETH_P_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.bind(("lo", _ETH_P_ALL))
        self._socket.setblocking(False)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self._socket.close()

    def handshake(self):
        """Seconds from the first SYN to the SYN-ACK, and the number of SYNs (IPv4)."""
        syns, answered = [], None
        for when, packet in self._packets():
            header = (packet[0] & 15) * 4
            if packet[0] >> 4 != 4 or packet[9] != socket.IPPROTO_TCP:
                continue
            source, target = struct.unpack("!HH", packet[header : header + 4])
            flags = packet[header + 13] & (_SYN | _ACK)
            if target == self._port and flags == _SYN:
                syns.append(when)
            elif source == self._port and flags == _SYN | _ACK and answered is None:
                answered = when
        return answered - syns[0], len(syns)

    def _packets(self):
        """Each packet once: the loopback interface shows it leaving and arriving."""
        while True:
            try:
                data, extra, _, address = self._socket.recvmsg(65536, 256)
            except BlockingIOError:
                return
            if address[2] != socket.PACKET_OUTGOING:
                continue
            seconds, nanoseconds = struct.unpack("qq", extra[0][2])
            yield seconds + nanoseconds / 1e9, data


class LateLink:
    """A network interface that sends every packet back with its two addresses swapped.

    So a connection to `address` ends at a server on `local`. SYN-ACKs pass `delay` seconds late,
    all else at once; `delays` are the times they really waited.
    """

    local = "10.78.0.1"
    address = "10.78.0.2"

    def __init__(self):
        self.delay = 0.0
        self.delays = []
        self._tun = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(
            self._tun, _TUNSETIFF, struct.pack("16sH", b"xtracelate", _IFF_TUN | _IFF_NO_PI)
        )
        for command in (
            ["address", "add", self.local + "/24", "dev", "xtracelate"],
            ["link", "set", "xtracelate", "up"],
        ):
            subprocess.run(["ip", *command], check=True, capture_output=True)
        self._thread = threading.Thread(target=self._reflect, daemon=True)
        self._thread.start()

    def close(self):
        # Taking the interface down wakes the reader with an error.
        subprocess.run(["ip", "link", "delete", "xtracelate"], check=True, capture_output=True)
        self._thread.join()
        os.close(self._tun)

    def _reflect(self):
        while True:
            try:
                packet = os.read(self._tun, 65536)
                if packet[0] >> 4 != 4:
                    continue
                if packet[9] == socket.IPPROTO_TCP and _is_syn_ack(packet):
                    began = time.monotonic()
                    if self.delay > 0:
                        time.sleep(self.delay)
                    self.delays.append(time.monotonic() - began)
                # Swapping two words of a sum does not change it: the checksums stay right.
                os.write(self._tun, packet[:12] + packet[16:20] + packet[12:16] + packet[20:])
            except OSError:
                return


def _is_syn_ack(packet):
    header = (packet[0] & 15) * 4
    return packet[header + 13] & (_SYN | _ACK) == _SYN | _ACK


def _nft(text):
    subprocess.run(["nft", "-f", "-"], input=text.encode(), check=True, capture_output=True)
