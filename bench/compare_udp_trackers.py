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

All trackers run at once, idle but for the one whose turn it is; each is pinned to the first CPU,
the generator to the second. A round gives each tracker its turn; ratios are formed within a round,
since the speed of a shared machine drifts from one to the next. Before the first round each tracker
is filled with the whole population.

Prints a table with medians and [least–most], and writes everything measured to --json.
Exit status: 0, or 1 if a tracker or the generator failed, or the first tracker answered wrongly.
"""

import argparse
import json
import os
import platform
import re
import shlex
import statistics
import subprocess
import sys
import tempfile
import time

TRACKER_CPU, GENERATOR_CPU = "0", "1"
FIRST_PORT = 42100
READY_WITHIN_S = 30
STOPPED_WITHIN_S = 20

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

    def run(self, port, pid, mode, duration, warmup=1, info_hashes=""):
        report = os.path.join(self.folder, "report.json")
        settings = os.path.join(self.folder, "load.toml")
        with open(settings, "w", encoding="utf-8") as file:
            file.write(self.settings(port, pid, mode, duration, warmup, report, info_hashes))
        done = subprocess.run(
            ["taskset", "-c", GENERATOR_CPU, self.arguments.load_test, "-c", settings],
            capture_output=True, text=True, timeout=duration + 120, check=False)
        # Wrong answers are in the report and in the table: others have rules of their own.
        if not os.path.exists(report):
            sys.exit(f"error: the generator failed: {done.stderr}{done.stdout[-2000:]}")
        with open(report, encoding="utf-8") as file:
            result = json.load(file)
        os.remove(report)
        return result

    def write_info_hashes(self, path):
        """Writes the list without a tracker: nobody has to answer for it to be complete."""
        settings = os.path.join(self.folder, "load.toml")
        with open(settings, "w", encoding="utf-8") as file:
            file.write(self.settings(9, 0, {"rate": 1, "outstanding": 1}, 1, 0, "", path))
        subprocess.run([self.arguments.load_test, "-c", settings], capture_output=True,
                       timeout=120, check=False)


class Tracker:
    """One competitor, running and pinned."""

    def __init__(self, name, command, port, folder, info_hashes):
        self.name = name
        self.port = port
        config = os.path.join(folder, f"aquatic-{port}.toml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(AQUATIC_CONFIG.format(port=port))
        command_line = re.sub(r"\{file:([^}]+)\}", lambda match: self.copy(match[1], folder),
                              command)
        words = [word.format(port=port, aquatic_config=config, info_hashes=info_hashes)
                 for word in shlex.split(command_line)]
        self.command = command
        self.log = open(os.path.join(folder, f"{name}.log"), "w+", encoding="utf-8")
        self.process = subprocess.Popen(["taskset", "-c", TRACKER_CPU, *words], stdout=self.log,
                                        stderr=self.log)

    def copy(self, path, folder):
        copy = os.path.join(folder, f"{self.port}-{os.path.basename(path)}")
        with open(path, encoding="utf-8") as source, open(copy, "w", encoding="utf-8") as target:
            target.write(source.read().replace("PORT", str(self.port)))
        return copy

    def wait_until_bound(self):
        entry = f":{self.port:04X} "
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                self.log.seek(0)
                sys.exit(f"error: {self.name} ended: {self.log.read()[-2000:]}")
            with open("/proc/net/udp", encoding="utf-8") as file:
                if entry in file.read():
                    return
            time.sleep(0.05)
        sys.exit(f"error: {self.name} does not listen on port {self.port}")

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/statm", encoding="utf-8") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(STOPPED_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def spread(values, form):
    return (f"{form.format(statistics.median(values))} "
            f"[{form.format(min(values))}–{form.format(max(values))}]")


def table(mode, rounds, names):
    """Markdown: a row a tracker, ratios to the first one of the same round."""
    lines = [f"\n### {mode}, {len(rounds)} rounds\n",
             "| tracker | CPU ns a response | first ÷ this | responses/s | this ÷ first | "
             "p50 µs | p99 µs | lost % | wrong answers | limit |",
             "|---|---|---|---|---|---|---|---|---|---|"]
    for name in names:
        turns = [turn[name] for turn in rounds]
        cost = [turn["tracker_cpu_ns_per_response"] for turn in turns]
        rate = [turn["responses_per_second"] / 1000 for turn in turns]
        first = [turn[names[0]] for turn in rounds]
        cost_ratio = [a["tracker_cpu_ns_per_response"] / b for a, b in zip(first, cost)]
        rate_ratio = [b * 1000 / a["responses_per_second"] for a, b in zip(first, rate)]
        p50 = [turn["latency_ns"]["p50"] / 1000 for turn in turns]
        p99 = [turn["latency_ns"]["p99"] / 1000 for turn in turns]
        lost = max(turn["lost_share"] for turn in turns) * 100
        limits = "/".join(sorted({turn["limit"] for turn in turns}))
        lines.append(f"| {name} | {spread(cost, '{:.0f}')} | {spread(cost_ratio, '{:.2f}')} | "
                     f"{spread(rate, '{:.0f}')} k | {spread(rate_ratio, '{:.2f}')} | "
                     f"{spread(p50, '{:.0f}')} | {spread(p99, '{:.0f}')} | {lost:.2f} | "
                     f"{wrong_text(turns)} | {limits} |")
    return "\n".join(lines)


def wrong_counts(turns):
    counts = {}
    for turn in turns:
        for kind, count in turn["wrong_responses"].items():
            if count:
                counts[kind] = counts.get(kind, 0) + count
    return counts


def wrong_text(turns):
    """Which answers were wrong, for each thousand responses."""
    responses = sum(turn["responses_per_second"] * turn["seconds"] for turn in turns)
    return ", ".join(f"{kind} {1000 * count / responses:.1f} ‰"
                     for kind, count in wrong_counts(turns).items()) or "none"


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    return {"cpu": models[0] if models else "?", "cpus": len(models),
            "kernel": platform.release(), "load_average": os.getloadavg()[0]}


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
                trackers.append(
                    Tracker(name, command, FIRST_PORT + i, folder, info_hashes))
            for tracker in trackers:
                tracker.wait_until_bound()
            result = measure(arguments, modes, generator, trackers)
        finally:
            for tracker in trackers:
                tracker.stop()
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=1)
    first = [turn[trackers[0].name] for rounds in result["modes"].values() for turn in rounds]
    if wrong_counts(first):
        sys.exit(f"error: {trackers[0].name} gave wrong answers: {wrong_counts(first)}")


def measure(arguments, modes, generator, trackers):
    names = [tracker.name for tracker in trackers]
    result = {"machine": machine(), "torrents": arguments.torrents, "peers": arguments.peers,
              "trackers": {tracker.name: tracker.command for tracker in trackers}, "modes": {}}
    resident = {}
    for tracker in trackers:
        generator.run(tracker.port, tracker.process.pid, MODES["saturated"],
                      arguments.fill_seconds, 0)
        resident[tracker.name] = tracker.resident_bytes()
        print(f"filled {tracker.name}: {resident[tracker.name] / 2**20:.0f} MiB resident",
              flush=True)
    result["resident_bytes_after_fill"] = resident
    for mode in modes:
        rounds = []
        for number in range(arguments.rounds):
            # Every other round the other way about, so that no one always follows the same one.
            order = trackers if number % 2 == 0 else trackers[::-1]
            rounds.append({tracker.name: generator.run(
                tracker.port, tracker.process.pid, MODES[mode], arguments.seconds + 1)
                for tracker in order})
            print(f"{mode}: round {number + 1} of {arguments.rounds}", flush=True)
        result["modes"][mode] = rounds
        print(table(mode, rounds, names), flush=True)
    return result


if __name__ == "__main__":
    main()
