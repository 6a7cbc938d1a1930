# SPDX-License-Identifier: Apache-2.0
"""What the scripts that compare trackers share: pinned processes, turns, ratios, tables.

All servers run at once, idle but for the one whose turn it is; each is pinned to the first CPU, the
generator to the second. A round gives each its turn; ratios are formed within a round, since the
speed of a shared machine drifts from one to the next.
"""

import json
import os
import platform
import shlex
import statistics
import subprocess
import sys
import time

SERVER_CPU, GENERATOR_CPU = "0", "1"
UDP_BOUND, TCP_LISTENS = "07", "0A"  # States in /proc/net.
READY_WITHIN_S = 30
STOPPED_WITHIN_S = 20


class Server:
    """One competitor, running and pinned. {file:PATH} in a command is a copy of a file in which
    the word PORT is replaced by the port; other names in braces are `values`."""

    def __init__(self, name, command, port, folder, values, tables):
        self.name = name
        self.command = command
        self.port = port
        self.tables = tables
        words = [self.resolve(word, folder, values) for word in shlex.split(command)]
        self.log = open(os.path.join(folder, f"{port}.log"), "w+", encoding="utf-8")
        self.process = subprocess.Popen(["taskset", "-c", SERVER_CPU, *words], stdout=self.log,
                                        stderr=self.log)

    def resolve(self, word, folder, values):
        while (begin := word.find("{file:")) >= 0:
            end = word.index("}", begin)
            word = word[:begin] + self.copy(word[begin + len("{file:"):end], folder) + \
                word[end + 1:]
        return word.format(port=self.port, **values)

    def copy(self, path, folder):
        copy = os.path.join(folder, f"{self.port}-{os.path.basename(path)}")
        with open(path, encoding="utf-8") as source, open(copy, "w", encoding="utf-8") as target:
            target.write(source.read().replace("PORT", str(self.port)))
        return copy

    def is_bound(self):
        for table in self.tables:
            with open(f"/proc/net/{table}", encoding="utf-8") as file:
                for line in file.readlines()[1:]:
                    _, local, _, state = line.split()[:4]
                    if local.endswith(f":{self.port:04X}") and state in (UDP_BOUND, TCP_LISTENS):
                        return True
        return False

    def wait_until_bound(self):
        """Until the kernel has the port in one of `tables`, such as udp, tcp6."""
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                self.log.seek(0)
                sys.exit(f"error: {self.name} ended: {self.log.read()[-2000:]}")
            if self.is_bound():
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


def run_generator(executable, settings, folder, patience_s):
    """Runs a load tester, which has to write {report}, and returns what that says. Wrong answers
    are in the report and in the table: others have rules of their own."""
    report = os.path.join(folder, "report.json")
    path = os.path.join(folder, "load.toml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(settings.replace("{report}", report))
    done = subprocess.run(["taskset", "-c", GENERATOR_CPU, executable, "-c", path],
                          capture_output=True, text=True, timeout=patience_s, check=False)
    if not os.path.exists(report):
        sys.exit(f"error: the generator failed: {done.stderr}{done.stdout[-2000:]}")
    with open(report, encoding="utf-8") as file:
        result = json.load(file)
    for path in ("report_json", "info_hashes_path"):
        del result["config"][path]  # Nobody else has such files.
    os.remove(report)
    return result


def play_rounds(title, count, servers, turn):
    """Lets each server have its turn, count times: [{name: what turn(server) returned}]."""
    rounds = []
    for number in range(count):
        # Every other round the other way about, so that no one always follows the same one.
        order = servers if number % 2 == 0 else servers[::-1]
        rounds.append({server.name: turn(server) for server in order})
        print(f"{title}: round {number + 1} of {count}", flush=True)
    return rounds


def spread(values, form):
    return (f"{form.format(statistics.median(values))} "
            f"[{form.format(min(values))}–{form.format(max(values))}]")


def table(title, rounds, names, shows_lost=True):
    """Markdown: a row a server, ratios to the first one of the same round."""
    lost_title = " lost % |" if shows_lost else ""
    lines = [f"\n### {title}, {len(rounds)} rounds\n",
             "| tracker | CPU ns a response | first ÷ this | responses/s | this ÷ first | "
             f"p50 µs | p99 µs |{lost_title} wrong answers | limit |",
             "|---|---|---|---|---|---|---|---|---|" + ("---|" if shows_lost else "")]
    for name in names:
        turns = [turn[name] for turn in rounds]
        cost = [turn["tracker_cpu_ns_per_response"] for turn in turns]
        # Right and wrong: the table says how many of them are wrong.
        rate = [turn["answers_per_second"] / 1000 for turn in turns]
        first = [turn[names[0]] for turn in rounds]
        cost_ratio = [a["tracker_cpu_ns_per_response"] / b for a, b in zip(first, cost)]
        rate_ratio = [b * 1000 / a["answers_per_second"] for a, b in zip(first, rate)]
        p50 = [turn["latency_ns"]["p50"] / 1000 for turn in turns]
        p99 = [turn["latency_ns"]["p99"] / 1000 for turn in turns]
        lost = max(turn["lost_share"] for turn in turns) * 100
        limits = "/".join(sorted({turn["limit"] for turn in turns}))
        rate_form = "{:.0f}" if statistics.median(rate) >= 50 else "{:.1f}"
        lost_cell = f" {lost:.2f} |" if shows_lost else ""
        lines.append(f"| {name} | {spread(cost, '{:.0f}')} | {spread(cost_ratio, '{:.2f}')} | "
                     f"{spread(rate, rate_form)} k | {spread(rate_ratio, '{:.2f}')} | "
                     f"{spread(p50, '{:.0f}')} | {spread(p99, '{:.0f}')} |{lost_cell} "
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
    """Which answers were wrong, for each thousand of them."""
    answers = sum(turn["answers_per_second"] * turn["seconds"] for turn in turns)
    return ", ".join(f"{kind} {1000 * count / answers:.1f} ‰"
                     for kind, count in wrong_counts(turns).items()) or "none"


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    return {"cpu": models[0] if models else "?", "cpus": len(models),
            "kernel": platform.release(), "load_average": os.getloadavg()[0]}


def write_json(path, result):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)
        file.write("\n")
