#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts WebTorrent trackers under the same load by turns and compares what a message costs them.

  scripts/webtorrent-tools
  bench/compare_ws_trackers.py \
      --bittorrent-tracker build/webtorrent-tools/node_modules/bittorrent-tracker
  bench/compare_ws_trackers.py --mode many --idle 20000 --busy 2000

Aquatic is the first, and the others are compared with it; one process each, all on one CPU:
  saturated  plain ws, every connection announces as soon as it has its response;
  paced      plain ws, a number of announces a second that everybody keeps up with: for latencies;
  many       wss, aquatic alone: idle connections that only answer pings, and busy ones with a pace.
Announces have ten offers, all that are relayed are answered; a message is whatever the tracker
sends: responses, relayed offers, relayed answers. How turns are taken stands in comparison.py.

--bittorrent-tracker takes the folder of the npm package; its server is started by node with
WebSocket only, as its own program does it. Other trackers: --tracker 'NAME=COMMAND {port}'.
More connections than the limit of open files are refused: ulimit -n before it.

Prints tables with medians and [least–most], and writes everything measured to --json.
Exit status: 0, or 1 if a server or the generator failed, or aquatic answered wrongly.
"""

import argparse
import os
import subprocess
import sys
import tempfile

from comparison import (Server, machine, play_rounds, run_generator, spread, write_json,
                        wrong_counts, wrong_text)

FIRST_PORT = 21300  # Below those that the kernel gives to connections.
TABLES = ["tcp", "tcp6"]

AQUATIC_CONFIG = """
socket_workers = 1
[network]
use_ipv6 = false
address_ipv4 = "127.0.0.1:{port}"
{tls}
[cleaning]
max_peer_age = 36000
max_connection_idle = 36000
"""
AQUATIC_TLS = """
enable_tls = true
tls_certificate_path = "{folder}/cert.pem"
tls_private_key_path = "{folder}/key.pem"
"""

# What the package's own program does, but for the UDP, HTTP and statistics that it also serves.
BITTORRENT_TRACKER = """
import {{ Server }} from '{package}/index.js'
const server = new Server({{ udp: false, http: false, ws: true, stats: false }})
server.on('warning', () => {{}})
server.listen({port}, '127.0.0.1')
"""


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--aquatic", default="build/release/aquatic_ws")
    parser.add_argument("--load-test", default="build/release/aquatic_ws_load_test")
    parser.add_argument("--bittorrent-tracker", metavar="FOLDER")
    parser.add_argument("--tracker", action="append", default=[], metavar="NAME=COMMAND")
    parser.add_argument("--mode", action="append", choices=["saturated", "paced", "many"],
                        help="default: saturated and paced")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4, help="of each turn, beside 1 to warm up")
    parser.add_argument("--connections", type=int, default=100, help="of saturated and paced")
    parser.add_argument("--torrents", type=int, default=50)
    parser.add_argument("--rate", type=int, default=100, help="announces a second of paced")
    parser.add_argument("--idle", type=int, default=20_000, help="connections of many")
    parser.add_argument("--busy", type=int, default=2000)
    parser.add_argument("--many-rate", type=int, default=200)
    parser.add_argument("--json", help="file for all that was measured")
    return parser.parse_args()


class Generator:
    """Runs the load tester against one server at a time."""

    def __init__(self, arguments, folder):
        self.arguments = arguments
        self.folder = folder

    def run(self, server, busy, idle, rate, torrents, is_tls):
        seconds = self.arguments.seconds
        settings = f"""
server_address = "127.0.0.1:{server.port}"
duration = {seconds + 1}
warmup = 1
num_connections_per_worker = {busy}
num_idle_connections_per_worker = {idle}
connection_creation_interval_ms = 1
rate = {rate}
enable_tls = {"true" if is_tls else "false"}
tracker_pid = {server.process.pid}
report_json = "{{report}}"
extra_statistics = false
[torrents]
number_of_torrents = {torrents}
"""
        return run_generator(self.arguments.load_test, settings, self.folder,
                             seconds + 120 + (busy + idle) // 20)


class Contest:
    """Starts the servers of one mode, in a folder that has the certificate."""

    def __init__(self, arguments, folder):
        self.arguments = arguments
        self.folder = folder
        self.next_port = FIRST_PORT

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def start(self, name, command, **values):
        server = Server(name, command, self.next_port, self.folder, values, TABLES)
        self.next_port += 1
        server.wait_until_bound()
        return server

    def start_aquatic(self, is_tls):
        config = self.write(f"aquatic-{self.next_port}.toml", AQUATIC_CONFIG.format(
            port=self.next_port, tls=AQUATIC_TLS.format(folder=self.folder) if is_tls else ""))
        return self.start("aquatic", f"{self.arguments.aquatic} -c {{config}}", config=config)

    def start_all(self):
        servers = [self.start_aquatic(is_tls=False)]
        if self.arguments.bittorrent_tracker:
            package = os.path.abspath(self.arguments.bittorrent_tracker)
            script = self.write(f"bittorrent-tracker-{self.next_port}.mjs",
                                BITTORRENT_TRACKER.format(package=package, port=self.next_port))
            servers.append(self.start("bittorrent-tracker", "node {script}", script=script))
        for argument in self.arguments.tracker:
            servers.append(self.start(*argument.split("=", 1)))
        return servers


def make_certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN=localhost",
                    "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"],
                   check=True, capture_output=True)


def us(turns, kind, share):
    return spread([turn[kind][share] / 1000 for turn in turns], "{:.0f}")


def messages_per_cpu_second(turn):
    return 1e9 / turn["tracker_cpu_ns_per_response"]


def ws_table(title, rounds, names):
    """Markdown: a row a server, ratios to the first one of the same round."""
    lines = [f"\n### {title}, {len(rounds)} rounds\n",
             "| tracker | CPU ns a message | messages a CPU second | first ÷ this | messages/s | "
             "response p50 µs | p99 µs | offer p50 µs | p99 µs | answer p50 µs | p99 µs | wrong | "
             "limit |", "|" + "---|" * 13]
    for name in names:
        turns = [turn[name] for turn in rounds]
        cost = [turn["tracker_cpu_ns_per_response"] for turn in turns]
        first = [turn[names[0]]["tracker_cpu_ns_per_response"] for turn in rounds]
        cells = [name, spread(cost, "{:.0f}"),
                 spread([messages_per_cpu_second(turn) / 1000 for turn in turns], "{:.1f}") + " k",
                 spread([a / b for a, b in zip(first, cost)], "{:.2f}"),
                 spread([turn["answers_per_second"] / 1000 for turn in turns], "{:.1f}") + " k"]
        for kind in ("latency_ns", "offer_latency_ns", "answer_latency_ns"):
            cells += [us(turns, kind, "p50"), us(turns, kind, "p99")]
        cells += [wrong_text(turns), "/".join(sorted({turn["limit"] for turn in turns}))]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def memory_text(turns):
    each = [turn["tracker_memory"]["bytes_per_connection"] for turn in turns]
    count = [turn["tracker_memory"]["connections"] for turn in turns]
    missing = max(turn["missing_offers"] for turn in turns)
    return (f"Resident bytes for each of {min(count)} connections: {spread(each, '{:.0f}')}; "
            f"missing offers, those under way included: {missing}")


def compare(arguments, mode, generator, contest):
    servers = contest.start_all()
    rate = arguments.rate if mode == "paced" else 0
    try:
        rounds = play_rounds(mode, arguments.rounds, servers, lambda server: generator.run(
            server, arguments.connections, 0, rate, arguments.torrents, is_tls=False))
    finally:
        for server in servers:
            server.stop()
    print(ws_table(mode, rounds, [server.name for server in servers]), flush=True)
    return rounds


def measure_many(arguments, generator, contest):
    """A new tracker in each round, so that memory counts from the start."""
    def turn(_):
        server = contest.start_aquatic(is_tls=True)
        try:
            return generator.run(server, arguments.busy, arguments.idle, arguments.many_rate,
                                 arguments.busy // 2, is_tls=True)
        finally:
            server.stop()

    class Name:
        name = "aquatic"

    rounds = play_rounds("many", arguments.rounds, [Name], turn)
    print(ws_table(f"many: {arguments.idle} idle, {arguments.busy} busy", rounds, ["aquatic"]))
    print(memory_text([turn["aquatic"] for turn in rounds]), flush=True)
    return rounds


def main():
    arguments = parse_arguments()
    result = {"machine": machine(), "arguments": {
        name: value for name, value in vars(arguments).items()
        if name not in ("aquatic", "load_test", "bittorrent_tracker", "json")}, "modes": {}}
    with tempfile.TemporaryDirectory() as folder:
        make_certificate(folder)
        generator = Generator(arguments, folder)
        contest = Contest(arguments, folder)
        for mode in arguments.mode or ["saturated", "paced"]:
            if mode == "many":
                result["modes"][mode] = measure_many(arguments, generator, contest)
            else:
                result["modes"][mode] = compare(arguments, mode, generator, contest)
    if arguments.json:
        write_json(arguments.json, result)
    ours = [turn["aquatic"] for rounds in result["modes"].values() for turn in rounds]
    if wrong_counts(ours):
        sys.exit(f"error: aquatic gave wrong answers: {wrong_counts(ours)}")


if __name__ == "__main__":
    main()
