"""A reader of the captures that --pcap writes, stricter than any that people use.

    Capture(data)            every block of the file, or a failure that says what is wrong with it
        .interfaces          their names
        .packets             Packet objects in the order of the file
        .conversations()     Conversation objects, one for each pair of addresses and ports

A packet whose lengths or checksums are wrong fails the test, and so does a TCP conversation whose
numbers have gaps, that acknowledges what was never sent, or goes on behind its end.
"""

import ipaddress
import struct

import pytest

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
TCP, UDP = 6, 17


def _check(right, what):
    if not right:
        pytest.fail(f"the capture is wrong: {what}")


def _sum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


class Packet:
    """One packet: addresses as (host, port), its data, and of TCP flags, seq and ack."""

    def __init__(self, data, interface, time, options):
        self.interface, self.time = interface, time
        self.comment = options.get(1, b"").decode()
        self.inbound = options[2] == struct.pack("=I", 1)
        _check(self.inbound or options[2] == struct.pack("=I", 2), "a packet without direction")
        if data[0] >> 4 == 4:
            _check(data[0] == 0x45 and _sum(data[:20]) == 0xFFFF, "the checksum of an IP header")
            _check(struct.unpack(">H", data[2:4])[0] == len(data), "the length of an IP packet")
            self.protocol, hosts, rest = data[9], (data[12:16], data[16:20]), data[20:]
        else:
            _check(data[0] == 0x60, "an IP version")
            _check(struct.unpack(">H", data[4:6])[0] == len(data) - 40, "the length of IPv6")
            self.protocol, hosts, rest = data[6], (data[8:24], data[24:40]), data[40:]
        pseudo = b"".join(hosts) + struct.pack(">II", len(rest), self.protocol)
        _check(_sum(pseudo + rest) == 0xFFFF, f"a checksum of protocol {self.protocol}")
        ports = struct.unpack(">HH", rest[:4])
        self.source, self.target = (
            (str(ipaddress.ip_address(host)), port) for host, port in zip(hosts, ports))
        self.flags = self.seq = self.ack = 0
        if self.protocol == UDP:
            _check(struct.unpack(">H", rest[4:6])[0] == len(rest), "the length of UDP")
            self.data = rest[8:]
        else:
            _check(self.protocol == TCP, f"protocol {self.protocol}")
            self.seq, self.ack, offset, self.flags = struct.unpack(">IIBB", rest[4:14])
            self.data = rest[(offset >> 4) * 4:]


class Conversation:
    """All packets between two ends. `first` has sent the first one; data[end] is what it has said."""

    def __init__(self, packets):
        self.packets = packets
        self.first, self.second = packets[0].source, packets[0].target
        self.protocol = packets[0].protocol
        self.interface = packets[0].interface
        self.comments = [packet.comment for packet in packets if packet.comment]
        self.messages = {end: [p.data for p in packets if p.source == end]
                         for end in (self.first, self.second)}
        self.data = {end: b"".join(parts) for end, parts in self.messages.items()}
        self.ended, self.reset, self.wrapped = [], None, False
        if self.protocol == TCP:
            self._follow()

    def end(self, invented):
        """The end whose address begins so."""
        return next(end for end in (self.first, self.second) if end[0].startswith(invented))

    def _follow(self):
        flags = [packet.flags for packet in self.packets[:3]]
        _check(flags == [SYN, SYN | ACK, ACK], f"a conversation that begins with {flags}")
        following = {}
        for packet in self.packets:
            other = packet.target
            _check(self.reset is None, "a packet behind RST")
            if packet.flags & SYN:
                following[packet.source] = packet.seq
            _check(packet.seq == following[packet.source], f"a gap before {packet.seq}")
            if packet.flags & ACK:
                _check(packet.ack == following[other], f"{packet.ack} isn't what has come")
            if packet.source in self.ended:
                _check(not packet.data and packet.flags == ACK, "more behind FIN")
            if packet.flags & FIN:
                self.ended.append(packet.source)
            if packet.flags & RST:
                self.reset = packet.source
            length = len(packet.data) + bool(packet.flags & (SYN | FIN))
            self.wrapped = self.wrapped or packet.seq + length > 0xFFFFFFFF
            following[packet.source] = packet.seq + length & 0xFFFFFFFF


class Capture:
    def __init__(self, data):
        self.interfaces, self.packets = [], []
        position = 0
        while position < len(data):
            _check(len(data) - position >= 12, "half a block at the end")
            kind, length = struct.unpack_from("=II", data, position)
            _check(length % 4 == 0 and position + length <= len(data), "half a block at the end")
            _check(data[position + length - 4:position + length] == struct.pack("=I", length),
                   "a block with two lengths")
            self._block(kind, data[position + 8:position + length - 4], position)
            position += length

    def _block(self, kind, body, position):
        if kind == 0x0A0D0D0A:
            _check(position == 0, "two sections")
            _check(struct.unpack("=IHHq", body[:16]) == (0x1A2B3C4D, 1, 0, -1), "the section")
            _check(self._options(body[16:])[4].startswith(b"nettool"), "the application")
            return
        _check(position > 0, "no section")
        if kind == 1:
            _check(not self.packets, "an interface behind a packet")
            options = self._options(body[8:])
            _check(struct.unpack("=HHI", body[:8]) == (101, 0, 0) and options[9] == b"\x09",
                   "an interface")
            self.interfaces.append(options[2].decode())
            return
        _check(kind == 6, f"a block of type {kind}")
        interface, high, low, length, original = struct.unpack("=IIIII", body[:20])
        _check(length == original and interface < len(self.interfaces), "a packet")
        options = self._options(body[20 + (length + 3 & ~3):])
        self.packets.append(Packet(body[20:20 + length], interface, high << 32 | low, options))

    @staticmethod
    def _options(data):
        found = {}
        while data:
            code, length = struct.unpack("=HH", data[:4])
            if code == 0:
                _check(len(data) == 4 and length == 0, "something behind the options")
                return found
            found[code] = data[4:4 + length]
            data = data[4 + (length + 3 & ~3):]
        pytest.fail("the capture is wrong: options without end")

    def conversations(self):
        found = {}
        for packet in self.packets:
            key = frozenset((packet.source, packet.target)), packet.protocol
            found.setdefault(key, []).append(packet)
        return [Conversation(packets) for packets in found.values()]
