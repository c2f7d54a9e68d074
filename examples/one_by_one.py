#!/usr/bin/env python3
# examples/one_by_one.py: an echo server that serves one client after the other
import socket
import sys

server = socket.create_server(("", int(sys.argv[1])))
while True:
    client, address = server.accept()
    with client:
        while data := client.recv(4096):  # here it waits for this client, and for nobody else
            client.sendall(data)
