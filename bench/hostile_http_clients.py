#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures what hostile HTTP clients do to the well-behaved ones, and to the tracker's memory.

  bench/hostile_http_clients.py [--rounds 5]

Each round has a quiet turn and one under attack, for the same tracker and the same load: requests
at a fixed rate on kept connections. The attack is all at once, over plain HTTP:
  heads     connections that send a request byte by byte and never finish it
  unread    connections that ask for a great deal and never read
  resets    connections that are reset as soon as they have asked, over and over
and, in the https turns, handshakes that stop half way. Who is closed comes again. Attackers have
addresses of their own (127.0.1.x), each within the limit of connections for an address.

Prints p50 and p99 of the well-behaved, the ratio of the p99 of attack and quiet in the same round,
and the resident memory that each hostile connection takes; writes everything to --json.
Exit status: 0, or 1 if the tracker or the generator failed, or an answer was wrong.
"""

import argparse
import contextlib
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

from comparison import (SERVER_CPU, Server, machine, run_generator, spread, write_json,
                        wrong_counts)

FIRST_PORT = 21300  # Below those that the kernel gives to connections.
PER_ADDRESS = 500
# Each connection has its turn once a second, but no two at the same moment: attackers all over the
# world do not wait for each other, and what comes at once is served at once.
TICKS_A_SECOND = 1000
LOADED_WITHIN_S = 60

CONFIG = """
socket_workers = 1
[network]
use_ipv6 = false
address_ipv4 = "127.0.0.1:{port}"
{tls}
"""
TLS = """
enable_tls = true
tls_certificate_path = "{folder}/cert.pem"
tls_private_key_path = "{folder}/key.pem"
"""
HEAD = b"GET /announce?info_hash=" + b"a" * 4000
ANNOUNCE = (b"GET /announce?info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=bbbbbbbbbbbbbbbbbbbb"
            b"&port=%d&left=1&numwant=50 HTTP/1.1\r\nHost: x\r\n\r\n")
MANY_ANNOUNCES = b"".join(ANNOUNCE % (1 + i) for i in range(100))
# The beginning of a TLS record of a ClientHello whose rest never comes.
HALF_HELLO = bytes.fromhex("16030102000100") + b"\x01" * 100


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--aquatic", default="build/release/aquatic_http")
    parser.add_argument("--load-test", default="build/release/aquatic_http_load_test")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5, help="of each turn, beside 1 to warm up")
    parser.add_argument("--rate", type=int, default=2000, help="well-behaved requests a second")
    parser.add_argument("--heads", type=int, default=2000)
    parser.add_argument("--unread", type=int, default=200)
    parser.add_argument("--resets", type=int, default=100, help="a second")
    parser.add_argument("--handshakes", type=int, default=500)
    parser.add_argument("--json", help="file for all that was measured")
    return parser.parse_args()


class Attack(threading.Thread):
    """Keeps hostile connections up until it is stopped."""

    def __init__(self, port, heads=0, unread=0, resets=0, handshakes=0):
        super().__init__(daemon=True)
        self.port = port
        self.resets = resets
        self.kinds = ["head"] * heads + ["unread"] * unread + ["handshake"] * handshakes
        self.sockets = [None] * len(self.kinds)
        self.sent = [0] * len(self.kinds)
        self.has_loaded = threading.Event()
        self.has_to_stop = threading.Event()
        self.opened = 0

    def run(self):
        # On the tracker's CPU, which is idle for the most part: the generator looks at the clock
        # all the time and would leave us nothing of its own. The tracker comes first, or we would
        # measure how long it waits for this script. Both calls are about this thread alone.
        os.sched_setaffinity(0, {int(SERVER_CPU)})
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        tick, next_tick = 0, time.monotonic()
        while not self.has_to_stop.is_set():
            for number in range(tick % TICKS_A_SECOND, len(self.kinds), TICKS_A_SECOND):
                self.tend(number)
            tick += 1
            if tick == TICKS_A_SECOND:
                self.has_loaded.set()
            if tick * self.resets // TICKS_A_SECOND > (tick - 1) * self.resets // TICKS_A_SECOND:
                self.reset()
            # A tick that comes late is made up for.
            next_tick += 1 / TICKS_A_SECOND
            self.has_to_stop.wait(max(0, next_tick - time.monotonic()))
        for number in range(len(self.kinds)):
            self.close(number)

    def connect(self, number):
        connection = socket.socket()
        connection.bind((f"127.0.1.{1 + number // PER_ADDRESS}", 0))
        if self.kinds and self.kinds[number % len(self.kinds)] == "unread":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(5)
        connection.connect(("127.0.0.1", self.port))
        connection.setblocking(False)
        self.opened += 1
        return connection

    def tend(self, number):
        try:
            if self.sockets[number] is None:
                self.sockets[number] = self.connect(number)
                self.sent[number] = 0
            self.send(number, self.sockets[number])
        except BlockingIOError:
            pass
        except OSError:
            self.close(number)

    def send(self, number, connection):
        kind, sent = self.kinds[number], self.sent[number]
        if kind == "head":
            with contextlib.suppress(BlockingIOError):
                if connection.recv(1024):  # Told to go.
                    return self.close(number)
            connection.send(HEAD[sent:sent + 1])
        elif kind == "unread":
            connection.send(MANY_ANNOUNCES)
        elif sent == 0:
            connection.send(HALF_HELLO)
        self.sent[number] += 1
        return None

    def reset(self):
        with contextlib.suppress(OSError):
            connection = self.connect(len(self.kinds))
            connection.send(ANNOUNCE % 1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()

    def close(self, number):
        if self.sockets[number] is not None:
            self.sockets[number].close()
            self.sockets[number] = None

    def is_up(self):
        return sum(connection is not None for connection in self.sockets)


def attack_of(arguments, mode, port):
    if mode == "https":
        return Attack(port, handshakes=arguments.handshakes)
    return Attack(port, arguments.heads, arguments.unread, arguments.resets)


def settings(arguments, server, mode):
    return f"""
server_address = "127.0.0.1:{server.port}"
duration = {arguments.seconds + 1}
warmup = 1
num_connections = 32
connection_creation_interval_ms = 1
rate = {arguments.rate}
enable_tls = {"true" if mode == "https" else "false"}
tracker_pid = {server.process.pid}
report_json = "{{report}}"
extra_statistics = false
[torrents]
number_of_torrents = 1000
number_of_peers = 10000
"""


def turn(arguments, server, mode, folder, attack=None):
    resident_before = server.resident_bytes()
    if attack is not None:
        attack.start()
        attack.has_loaded.wait(LOADED_WITHIN_S)
    result = run_generator(arguments.load_test, settings(arguments, server, mode), folder,
                           arguments.seconds + 60)
    result["resident_bytes"] = server.resident_bytes()
    if attack is not None:
        result["hostile_connections"] = attack.is_up()
        result["hostile_opened"] = attack.opened
        result["bytes_per_hostile_connection"] = (
            (result["resident_bytes"] - resident_before) / max(1, attack.is_up()))
        attack.has_to_stop.set()
        attack.join()
    return result


def measure(arguments, mode, folder):
    port = FIRST_PORT + (mode == "https")
    path = os.path.join(folder, f"{mode}.toml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(CONFIG.format(port=port, tls=TLS.format(folder=folder) if mode == "https"
                                 else ""))
    server = Server("aquatic", f"{arguments.aquatic} -c {path}", port, folder, {}, ["tcp"])
    try:
        server.wait_until_bound()
        turn(arguments, server, mode, folder)  # Fills the swarm.
        rounds = []
        for number in range(arguments.rounds):
            rounds.append({"quiet": turn(arguments, server, mode, folder),
                           "attack": turn(arguments, server, mode, folder,
                                          attack_of(arguments, mode, port))})
            print(f"{mode}: round {number + 1} of {arguments.rounds}", flush=True)
        return rounds
    finally:
        server.stop()


def report(mode, rounds):
    def of(kind, key):
        return [one[kind]["latency_ns"][key] / 1000 for one in rounds]
    ratios = [b / a for a, b in zip(of("quiet", "p99"), of("attack", "p99"))]
    hostile = [one["attack"] for one in rounds]
    print(f"\n### {mode}, {len(rounds)} rounds\n")
    print("| | quiet | under attack |\n|---|---|---|")
    for key in ("p50", "p99"):
        print(f"| {key} µs | {spread(of('quiet', key), '{:.0f}')} | "
              f"{spread(of('attack', key), '{:.0f}')} |")
    print(f"| p99, attack ÷ quiet | | {spread(ratios, '{:.2f}')} |")
    print(f"| lost | {max(one['quiet']['lost_share'] for one in rounds):.4f} | "
          f"{max(one['lost_share'] for one in hostile):.4f} |")
    connections = [one["hostile_connections"] for one in hostile]
    print(f"| hostile connections | | {spread(connections, '{:.0f}')} |")
    # Later, the memory is there already.
    first = hostile[0]["bytes_per_hostile_connection"]
    print(f"| bytes for each, the first time | | {first:.0f} |")
    most = [max(one[kind]["resident_bytes"] for one in rounds) / 1e6
            for kind in ("quiet", "attack")]
    print(f"| resident MB, most | {most[0]:.1f} | {most[1]:.1f} |")


def main():
    arguments = parse_arguments()
    result = {"machine": machine(), "arguments": vars(arguments), "modes": {}}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"],
                       check=True, capture_output=True)
        for mode in ("http", "https"):
            result["modes"][mode] = measure(arguments, mode, folder)
    for mode, rounds in result["modes"].items():
        report(mode, rounds)
    if arguments.json:
        write_json(arguments.json, result)
    turns = [one[kind] for rounds in result["modes"].values() for one in rounds for kind in one]
    if wrong := wrong_counts(turns):
        sys.exit(f"error: wrong answers: {wrong}")


if __name__ == "__main__":
    main()
