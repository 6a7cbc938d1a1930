# SPDX-License-Identifier: Apache-2.0
"""A tracker under test: the real executable, on ports of its own choice."""

import os
import pathlib
import re
import socket

from support.network import HostLoopback
from support.process import Process

_REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
_ANNOUNCE_URL = re.compile(r"^(?P<scheme>udp|https?)://"
                           r"(?:\[(?P<v6>[^\]]+)\]|(?P<v4>[0-9.]+)):(?P<port>\d+)/announce$")
_SANITIZER_REPORT = re.compile(r"ERROR: \w+Sanitizer|WARNING: \w+Sanitizer|runtime error:")
_FAILURE = 1  # The exit status.
_NOBODY = 65534  # nobody and nogroup on every Debian.
AS_NOBODY = ("setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups")


def executable(program):
    """AQUATIC_BINARY_DIR names the folder; without it, the release build."""
    folder = os.environ.get("AQUATIC_BINARY_DIR", _REPOSITORY / "build" / "release")
    return pathlib.Path(folder).resolve() / program


def merged(config, changes):
    """`config` with the tables of `changes` laid over it."""
    result = dict(config)
    for key, value in changes.items():
        is_table = isinstance(value, dict)
        result[key] = merged(config.get(key, {}), value) if is_table else value
    return result


def to_toml(config):
    """Enough TOML for a configuration: scalars, then tables of scalars."""
    lines = [f"{key} = {_value(value)}" for key, value in config.items()
             if not isinstance(value, dict)]
    for name, table in config.items():
        if isinstance(table, dict):
            lines.append(f"[{name}]")
            lines += [f"{key} = {_value(value)}" for key, value in table.items()]
    return "\n".join(lines) + "\n"


def _value(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _environment(config, more):
    environment = {**os.environ, **more}
    if config.get("privileges", {}).get("drop_privileges"):
        # LeakSanitizer reads /proc at the exit, which it does not find in another root directory.
        options = environment.get("ASAN_OPTIONS", "")
        environment["ASAN_OPTIONS"] = ":".join(filter(None, [options, "detect_leaks=0"]))
    return environment


class Tracker(Process):
    """`PROGRAM -c FILE`, serving once the constructor returns."""

    program = ""
    # The sections of print_to_stdout, and the last line of each.
    report_sections = {"IPv4": "peers", "IPv6": "peers"}
    report_title = "UDP"  # What stands before the family in a section's first line.

    def __init__(self, folder, config, network=None, wrapper=(), arguments=(), environment=(),
                 pass_fds=()):
        """`wrapper`: a command that runs the tracker, e.g. under a seccomp filter. `environment`:
        variables beside ours."""
        self.config = config
        self.config_path = pathlib.Path(folder) / f"{self.program}.toml"
        self.config_path.write_text(to_toml(config))
        command = [*wrapper, executable(self.program), "-c", self.config_path, *arguments]
        super().__init__((network or HostLoopback()).command(command), cwd=folder,
                         env=_environment(config, dict(environment)), pass_fds=pass_fds)
        self.scheme = ""
        self.listening = {}  # family → (address, port), the first of each
        try:
            self.wait_for(self._is_serving, "an announce URL for each address family")
        except AssertionError:
            self.kill()
            raise

    def _is_serving(self):
        for line in self.stdout:
            match = _ANNOUNCE_URL.match(line)
            if match:
                self.scheme = match["scheme"]
                family = socket.AF_INET if match["v4"] else socket.AF_INET6
                address = (match["v4"] or match["v6"], int(match["port"]))
                self.listening.setdefault(family, address)
        network = self.config["network"]
        return ((not network["use_ipv4"] or socket.AF_INET in self.listening) and
                (not network["use_ipv6"] or socket.AF_INET6 in self.listening))

    def url(self, family):
        address, port = self.listening[family]
        host = f"[{address}]" if family == socket.AF_INET6 else address
        return f"{self.scheme}://{host}:{port}/announce"

    def same_port(self, family):
        """The setting in `network` of another tracker that wants the port of this one."""
        address, port = self.listening[family]
        if family == socket.AF_INET6:
            return {"address_ipv6": f"[{address}]:{port}"}
        return {"address_ipv4": f"{address}:{port}"}

    def stop_cleanly(self, **how):
        """Ends it with SIGTERM, as an operator does, and checks that it ended well."""
        code = self.stop(**how)
        self.check_sanitizers()
        assert code == 0, f"no clean stop: {self.describe()}"

    def check_sanitizers(self):
        report = _SANITIZER_REPORT.search(self.stderr.text)
        assert report is None, f"a sanitizer's report: {self.describe()}"

    def status(self, task="self"):
        """/proc/PID/status as a dictionary; `task` names a thread."""
        path = f"/proc/{self.pid}/status"
        if task != "self":
            path = f"/proc/{self.pid}/task/{task}/status"
        with open(path) as lines:
            return dict(line.rstrip("\n").split(":\t", 1) for line in lines if ":\t" in line)

    def check_is_nobody(self):
        """Every thread: no uid, gid, group or capability of root's, in any of their forms."""
        for task in os.listdir(f"/proc/{self.pid}/task"):
            status = self.status(task)
            assert set(status["Uid"].split()) == {str(_NOBODY)}, status
            assert set(status["Gid"].split()) == {str(_NOBODY)}, status
            assert set(status["Groups"].split()) <= {str(_NOBODY)}, status
            for capabilities in ("CapPrm", "CapEff", "CapInh", "CapAmb"):
                assert int(status[capabilities], 16) == 0, status

    def resident_kib(self):
        return int(self.status()["VmRSS"].split()[0])

    def reports(self, section):
        """What print_to_stdout has told, oldest first: name → number each.

        `section` is a family or a title. Of names that come twice, the last one counts.
        """
        titles = {socket.AF_INET: "IPv4", socket.AF_INET6: "IPv6"}
        section = titles.get(section, section)
        title = f"{self.report_title} {section}" if section in titles.values() else section
        reports, current = [], None
        for line in self.stdout:
            name, _, number = line.strip().rpartition(" ")
            if line == title:
                current = {}
                reports.append(current)
            elif not line.startswith(" "):
                current = None
            elif current is not None:
                current[name.strip()] = float(number)
        # The last one may not have been read to its end yet.
        return [report for report in reports if self.report_sections[section] in report]


def run_to_end(program, *arguments, wrapper=(), **how):
    """Runs `program` with `arguments` until it ends by itself; returns the ended process."""
    process = Process([*wrapper, executable(program), *arguments], **how)
    process.wait()
    return process


def failure_sentence(failed):
    """The one line `error: …`; beside it exit status 1, and no URL that would not be served."""
    assert failed.exit_code == _FAILURE, failed.describe()
    assert not any(map(_ANNOUNCE_URL.match, failed.stdout)), failed.describe()
    failed_lines = [line for line in failed.stderr if line.startswith("error: ")]
    assert len(failed_lines) == 1, failed.describe()
    # Before the sentence there may be log lines; nothing else.
    assert [line for line in failed.stderr
            if not line.startswith("error: ") and not re.match(r"\d{4}-\d\d-\d\dT", line)] == []
    return failed_lines[0]
