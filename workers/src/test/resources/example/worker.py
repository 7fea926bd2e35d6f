"""A worker in Python: answers each datum with its bytes reversed. Needs nothing but Python's own library."""

import ipaddress
import json
import os
import socket
import struct
import sys

link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)


def send(kind, content=b""):
    link.sendall(struct.pack(">I", 1 + len(content)) + kind + content)


def send_json(kind, fields):
    send(kind, json.dumps(fields).encode())


def read(count):
    data = b""
    while len(data) < count:
        more = link.recv(count - len(data))
        if not more:
            sys.exit("the supervisor is gone")
        data += more
    return data


def frames():
    while True:
        frame = read(struct.unpack(">I", read(4))[0])
        yield frame[:1], frame[1:]


def items(content):
    at = 0
    while at < len(content):
        connection, length = struct.unpack_from(">QB", content, at)
        address = content[at + 9 : at + 9 + length]
        port, size = struct.unpack_from(">HI", content, at + 9 + length)
        at += 15 + length
        yield connection, address, port, content[at : at + size]
        at += size


def item(connection, address, port, data):
    return struct.pack(">QB", connection, len(address)) + address + struct.pack(">HI", port, len(data)) + data


link.connect(os.environ["COTERIE_WORKER_SOCKET"])
send_json(b"H", {"id": os.environ["COTERIE_WORKER_ID"], "pid": os.getpid()})
received = 0
for kind, content in frames():
    if kind == b"W":  # welcome
        send_json(b"L", {})
    elif kind == b"D":  # data
        for connection, address, port, data in items(content):
            print(ipaddress.ip_address(address), port, len(data), flush=True)
            send(b"R", item(connection, address, port, data[::-1]))
            received += 1
        send(b"A")
        send_json(b"B", {"received": received})
    elif kind == b"Q":  # drain: everything before this is done
        break
