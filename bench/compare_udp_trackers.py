#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts UDP trackers under the same load by turns and compares what a response costs them.

  bench/compare_udp_trackers.py \
      --tracker 'aquatic=build/release/aquatic_udp -c {aquatic_config}' \
      --tracker 'other=/path/to/tracker -p {port} -P {port}' …

The first tracker is the one that the others are compared with. In a command, {port} is the port to
listen on (127.0.0.1), {aquatic_config} a settings file for aquatic with one worker, {file:PATH} a
copy of a file in which the word PORT is replaced by the port, and {info_hashes} a file with all
info hashes of the load, for a tracker that wants an allow list.

How turns are taken stands in comparison.py. Before the first round each tracker is filled with the
whole population.

Prints a table with medians and [least–most], and writes everything measured to --json.
Exit status: 0, or 1 if a tracker or the generator failed, or the first tracker answered wrongly.
"""

import argparse
import os
import subprocess
import sys
import tempfile

from comparison import (Server, machine, play_rounds, run_generator, table, write_json,
                        wrong_counts)

FIRST_PORT = 42100

AQUATIC_CONFIG = """
socket_workers = 1
[network]
use_ipv6 = false
address_ipv4 = "127.0.0.1:{port}"
[cleaning]
max_peer_age = 36000
"""

# Requests a second (0: as many as are answered), unanswered requests on each socket.
MODES = {
    "saturated": {"rate": 0, "outstanding": 32},
    "100 k/s": {"rate": 100_000, "outstanding": 1},
}


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tracker", action="append", required=True, metavar="NAME=COMMAND")
    parser.add_argument("--load-test", default="build/release/aquatic_udp_load_test")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=5, help="of each turn, beside 1 to warm up")
    parser.add_argument("--fill-seconds", type=int, default=20)
    parser.add_argument("--torrents", type=int, default=1_000_000)
    parser.add_argument("--peers", type=int, default=2_000_000)
    parser.add_argument("--sockets", type=int, default=32,
                        help="of the generator; it looks at each before it sends again, so that "
                             "with many, requests at a fixed rate come in bursts")
    parser.add_argument("--mode", action="append", choices=MODES, help="default: all")
    parser.add_argument("--json", help="file for all that was measured")
    return parser.parse_args()


class Generator:
    """Runs the load tester against one tracker at a time."""

    def __init__(self, arguments, folder):
        self.arguments = arguments
        self.folder = folder

    def settings(self, port, pid, mode, duration, warmup, report, info_hashes=""):
        return f"""
server_address = "127.0.0.1:{port}"
duration = {duration}
warmup = {warmup}
rate = {mode["rate"]}
outstanding = {mode["outstanding"]}
tracker_pid = {pid}
report_json = "{report}"
info_hashes_path = "{info_hashes}"
extra_statistics = false
[network]
sockets_per_worker = {self.arguments.sockets}
[requests]
number_of_torrents = {self.arguments.torrents}
number_of_peers = {self.arguments.peers}
max_response_peers = 0
"""

    def run(self, tracker, mode, duration, warmup=1):
        settings = self.settings(tracker.port, tracker.process.pid, mode, duration, warmup,
                                 "{report}")
        return run_generator(self.arguments.load_test, settings, self.folder, duration + 120)

    def write_info_hashes(self, path):
        """Writes the list without a tracker: nobody has to answer for it to be complete."""
        settings = os.path.join(self.folder, "load.toml")
        with open(settings, "w", encoding="utf-8") as file:
            file.write(self.settings(9, 0, {"rate": 1, "outstanding": 1}, 1, 0, "", path))
        subprocess.run([self.arguments.load_test, "-c", settings], capture_output=True,
                       timeout=120, check=False)


def start(name, command, port, folder, info_hashes):
    config = os.path.join(folder, f"aquatic-{port}.toml")
    with open(config, "w", encoding="utf-8") as file:
        file.write(AQUATIC_CONFIG.format(port=port))
    return Server(name, command, port, folder,
                  {"aquatic_config": config, "info_hashes": info_hashes}, ["udp"])


def main():
    arguments = parse_arguments()
    modes = arguments.mode or list(MODES)
    with tempfile.TemporaryDirectory() as folder:
        generator = Generator(arguments, folder)
        info_hashes = os.path.join(folder, "info-hashes.txt")
        if any("{info_hashes}" in tracker for tracker in arguments.tracker):
            generator.write_info_hashes(info_hashes)
        trackers = []
        try:
            for i, argument in enumerate(arguments.tracker):
                name, command = argument.split("=", 1)
                trackers.append(start(name, command, FIRST_PORT + i, folder, info_hashes))
            for tracker in trackers:
                tracker.wait_until_bound()
            result = measure(arguments, modes, generator, trackers)
        finally:
            for tracker in trackers:
                tracker.stop()
    if arguments.json:
        write_json(arguments.json, result)
    first = [turn[trackers[0].name] for rounds in result["modes"].values() for turn in rounds]
    if wrong_counts(first):
        sys.exit(f"error: {trackers[0].name} gave wrong answers: {wrong_counts(first)}")


def measure(arguments, modes, generator, trackers):
    names = [tracker.name for tracker in trackers]
    result = {"machine": machine(), "torrents": arguments.torrents, "peers": arguments.peers,
              "trackers": {tracker.name: tracker.command for tracker in trackers}, "modes": {}}
    resident = {}
    for tracker in trackers:
        generator.run(tracker, MODES["saturated"], arguments.fill_seconds, 0)
        resident[tracker.name] = tracker.resident_bytes()
        print(f"filled {tracker.name}: {resident[tracker.name] / 2**20:.0f} MiB resident",
              flush=True)
    result["resident_bytes_after_fill"] = resident
    for mode in modes:
        rounds = play_rounds(mode, arguments.rounds, trackers, lambda tracker: generator.run(
            tracker, MODES[mode], arguments.seconds + 1))
        result["modes"][mode] = rounds
        print(table(mode, rounds, names), flush=True)
    return result


if __name__ == "__main__":
    main()
