#!/usr/bin/env python3
# examples/ntp.py: answers one NTP query that comes on standard input
import struct
import sys
import time

query = sys.stdin.buffer.read1(1000)
if len(query) < 48 or query[0] & 7 != 3:  # mode 3: client
    sys.exit()
since_1900 = struct.pack("!II", int(time.time()) + 2208988800, 0)
# no leap second, version 3, mode 4 (server); stratum 1; poll, precision; delay, dispersion; name
answer = struct.pack("!BBbbII4s", 0x1C, 1, 4, -6, 0, 0, b"LOCL")
# the clock was set; the client sent (in its own words); we received; we answer
answer += since_1900 + query[40:48] + since_1900 + since_1900
sys.stdout.buffer.write(answer)
