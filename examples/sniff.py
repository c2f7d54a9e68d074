#!/usr/bin/env python3
# examples/sniff.py: shows the TCP segments of one port of this machine that open, carry data, or close
import socket
import struct
import sys

port = int(sys.argv[1])
try:
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))  # all of IPv4
except PermissionError:
    sys.exit("only root may open a raw socket")
print("the raw socket is open", flush=True)
while True:
    packet, (card, _, kind, _, _) = wire.recvfrom(65536)
    if card != "lo" or kind == socket.PACKET_OUTGOING or packet[9] != socket.IPPROTO_TCP:
        continue  # on lo each packet comes by twice: on its way out, and on its way in
    segment = packet[(packet[0] & 15) * 4 :]
    source, target, offset, flags = struct.unpack("!HH8xBB", segment[:14])
    data = segment[(offset >> 4) * 4 : len(segment)]
    names = [name for bit, name in ((1, "FIN"), (2, "SYN"), (4, "RST")) if flags & bit]
    if port in (source, target) and (names or data):
        where = "to the server: " if target == port else "to the client: "
        print(where + " ".join(names + [repr(data)] * bool(data)), flush=True)
