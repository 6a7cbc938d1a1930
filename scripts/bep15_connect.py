#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Asks a UDP tracker for a connection id (BEP 15), again and again until it answers.

    scripts/bep15_connect.py HOST PORT [--deadline SECONDS] [--while-alive PID]

Exit: 0 it answered rightly; 1 it did not within the deadline, or the process PID ended before;
2 wrong usage.
"""
import argparse
import os
import secrets
import socket
import struct
import sys
import time

PROTOCOL_MAGIC = 0x41727101980
CONNECT = 0
ANSWER_WAIT_S = 0.25  # Between two questions; an answer ends the wait at once.


def is_alive(pid):
    return pid is None or os.path.exists(f"/proc/{pid}")


def answers(address, family):
    """Whether one question is answered with its own transaction id and a connection id."""
    transaction_id = secrets.randbits(32)
    with socket.socket(family, socket.SOCK_DGRAM) as asking:
        asking.settimeout(ANSWER_WAIT_S)
        try:
            asking.connect(address)
            asking.send(struct.pack("!QII", PROTOCOL_MAGIC, CONNECT, transaction_id))
            answer = asking.recv(2048)
        except OSError:  # Nothing yet, or nobody there: then the kernel says so at once.
            time.sleep(ANSWER_WAIT_S)
            return False
    return len(answer) == 16 and answer[:8] == struct.pack("!II", CONNECT, transaction_id)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--deadline", metavar="SECONDS", type=float, default=10)
    parser.add_argument("--while-alive", metavar="PID", type=int)
    arguments = parser.parse_args()

    family = socket.AF_INET6 if ":" in arguments.host else socket.AF_INET
    deadline = time.monotonic() + arguments.deadline
    while time.monotonic() < deadline and is_alive(arguments.while_alive):
        if answers((arguments.host, arguments.port), family):
            return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
