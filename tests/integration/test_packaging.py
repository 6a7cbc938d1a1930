# SPDX-License-Identifier: Apache-2.0
"""What is packaged besides the executable: pages of the manual, and units for systemd."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

import pytest

from support import machine, run_tracker, unit_sandbox
from support.process import Process
from support.run_tracker import RunTracker
from support.torrent import random_info_hash
from support.tracker import AS_NOBODY, executable, merged, to_toml
from support.waiting import wait_until

_REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
_UNITS = _REPOSITORY / "packaging" / "systemd"
_PROGRAMS = ("aquatic", "aquatic_udp", "aquatic_http", "aquatic_ws", "aquatic_udp_load_test",
             "aquatic_http_load_test", "aquatic_ws_load_test")
_MAX_EXPOSURE = 2.0  # Of 10.


# --- Pages of the manual.

def _page(program):
    shown = subprocess.run([executable(program), "--print-manual"], capture_output=True, text=True,
                           check=True)
    return shown.stdout


def _complaints(page):
    """What mandoc has to say, without what concerns other systems than ours, and pages that are
    not installed."""
    judged = subprocess.run(["mandoc", "-T", "lint", "-W", "all"], input=page, capture_output=True,
                            text=True)
    ignored = re.compile("STYLE: (operating system explicitly|referenced manual not found)")
    return [line for line in judged.stdout.splitlines() if not ignored.search(line)]


@pytest.mark.parametrize("program", _PROGRAMS)
def test_pages_of_the_manual_are_well_written(program):
    machine.skip_if("" if machine.has("mandoc") else "no mandoc here")
    page = _page(program)
    assert _complaints(page) == []
    related = set(re.findall(r"^\.Xr (\w+) 1", page, re.MULTILINE))
    assert related == set(_PROGRAMS) - {program}


def test_mandoc_sees_what_is_wrong():
    machine.skip_if("" if machine.has("mandoc") else "no mandoc here")
    assert _complaints(_page("aquatic_udp").replace(".El\n", "", 1)) != []


@pytest.mark.parametrize("program", _PROGRAMS)
def test_a_page_has_every_setting_and_option(program):
    machine.skip_if("" if machine.has("mandoc") else "no mandoc here")
    shown = subprocess.run(["mandoc", "-T", "ascii", "-O", "width=200"], input=_page(program),
                           capture_output=True, text=True, check=True).stdout
    text = re.sub(r".\x08", "", shown)  # What is bold or underlined is struck twice.
    defaults = subprocess.run([executable(program), "-p"], capture_output=True, text=True,
                              check=True).stdout
    settings = re.findall(r"^[a-z]\w* = .*$", defaults, re.MULTILINE)
    assert len(settings) > 10
    # Long lines are broken anywhere, so blanks do not count.
    squeezed = re.sub(r"\s+", "", text)
    assert [line for line in settings if re.sub(r"\s+", "", line) not in squeezed] == []
    for option in ("--config", "--check", "--print-config", "-P", "--version", "--help"):
        assert option in text, text
    assert "EXIT STATUS" in text and "SIGTERM" in text


# --- Units.

def _service_lines(unit):
    return [line for line in (_UNITS / unit).read_text().splitlines()
            if line and not line.startswith("#")]


def test_both_services_allow_the_same():
    """There is no way to include one unit in another."""
    differing = ("Description=", "ExecStart=")
    whole, single = ([line for line in _service_lines(unit) if not line.startswith(differing)]
                     for unit in ("aquatic.service", "aquatic@.service"))
    assert whole == single


@pytest.fixture
def installed(tmp_path):
    """The units as they are once the package is installed, in a root directory of their own."""
    machine.skip_if("" if machine.has("systemd-analyze") else "no systemd-analyze here")
    folder = tmp_path / "etc" / "systemd" / "system"
    folder.mkdir(parents=True)
    for unit in _UNITS.iterdir():
        text = unit.read_text().replace("/usr/bin/aquatic", str(executable("aquatic")))
        (folder / unit.name).write_text(re.sub("^Documentation=.*$", "", text, flags=re.MULTILINE))
    (folder / "aquatic@.service").rename(folder / "aquatic@udp.service")
    return folder


@pytest.mark.parametrize("unit", ["aquatic.service", "aquatic@udp.service", "aquatic.socket"])
def test_systemd_understands_the_units(installed, unit):
    verified = subprocess.run(["systemd-analyze", "verify", "--man=no", installed / unit],
                              capture_output=True, text=True)
    complaints = [line for line in verified.stderr.splitlines() if "aquatic" in line]
    assert (verified.returncode, complaints) == (0, []), verified.stderr


def _exposure(unit):
    judged = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", unit],
                            capture_output=True, text=True, check=True)
    return float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", judged.stdout)[1])


def test_the_services_are_confined(installed):
    for unit in ("aquatic.service", "aquatic@udp.service"):
        assert _exposure(installed / unit) < _MAX_EXPOSURE


def test_the_judge_tells_confined_from_open(installed):
    unit = installed / "aquatic.service"
    unit.write_text(re.sub("^(Protect|Restrict|SystemCall|Private).*$", "", unit.read_text(),
                           flags=re.MULTILINE))
    assert _exposure(unit) > _MAX_EXPOSURE


# --- Programs under what the units allow.

def _confined(unit="aquatic.service"):
    """What runs a tracker as nobody without capabilities, and allows it what the unit does."""
    machine.skip_if(unit_sandbox.missing())
    unprivileged = AS_NOBODY if os.geteuid() == 0 else ("setpriv",)
    return (*unprivileged, "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all", "--",
            "/usr/bin/python3", unit_sandbox.__file__, _UNITS / unit)


@pytest.fixture
def scratch():
    """A folder that nobody may read and write."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="aquatic-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


def test_the_confined_tracker_does_all_its_work(scratch, certificates, io_backend, family):
    """Every protocol, pages, files that it writes, a reload, and a clean end: whatever the unit
    does not allow would end it."""
    changes = {
        "network": {"serve_stats": True},
        "udp": {"io_backend": io_backend},
        "statistics": {"interval": 1, "print_to_stdout": True, "write_html_to_file": True,
                       "html_file_path": str(scratch / "statistics.html"), "peer_clients": True,
                       "torrent_peer_histograms": True},
        "cleaning": {"torrent_cleaning_interval": 1},
        "scrape_exports": {"enable_scrape_exports": True, "frequency": 1,
                           "path": str(scratch / "exports.txt")},
    }
    tracker = RunTracker(scratch, merged(run_tracker.base_config(certificates), changes),
                         certificates, wrapper=_confined())
    try:
        tracker.wait_for(lambda: {"udp", "https", "wss"} <= {url[0] for url in tracker.urls()},
                         "a URL of each protocol")
        assert tracker.status()["Seccomp"] == "2"
        assert int(tracker.status()["CapBnd"], 16) == 0 or os.geteuid() != 0
        info_hash = random_info_hash()
        with tracker.udp(family) as udp:
            udp.connect()
            udp.announce(info_hash, port=1001)
        with tracker.http("https", family) as http:
            assert http.announce(info_hash, port=1002).peers
        with tracker.peer("wss") as peer:
            peer.announce(left=1)
        assert tracker.figures()
        assert "aquatic_peers" in tracker.page("/metrics")
        for name in ("statistics.html", "exports.txt"):
            wait_until(lambda: (scratch / name).exists(), f"{name} is written")
        tracker.config_path.write_text(
            to_toml(merged(tracker.config, {"udp": {"peer_announce_interval": 1111}})))
        tracker.send_signal(signal.SIGUSR1)
        tracker.wait_for(lambda: tracker.stderr.matching("udp.peer_announce_interval is "),
                         "a word on the new setting")
        tracker.stop_cleanly()
    finally:
        tracker.kill()


@pytest.mark.parametrize("program", ["aquatic_udp", "aquatic_http", "aquatic_ws"])
def test_confined_trackers_for_one_protocol(scratch, program):
    config = {"network": {"address_ipv4": "127.0.0.1:0", "use_ipv6": False}}
    path = scratch / "tracker.toml"
    path.write_text(to_toml(config))
    tracker = Process([*_confined("aquatic@.service"), executable(program), "-c", path])
    try:
        tracker.wait_for(lambda: tracker.stdout.matching("://127.0.0.1:"), "an announce URL")
        assert tracker.stop() == 0, tracker.describe()
    finally:
        tracker.kill()


@pytest.mark.parametrize("forbidden", [
    "import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    "import mmap; mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)",
    "import os; os.chroot('/')",
    "import os; os.sched_setaffinity(0, {0})",
    "import ctypes; ctypes.CDLL(None).unshare(0x40000000)",
])
def test_the_confinement_is_none_on_paper_only(forbidden):
    ended = subprocess.run([*map(str, _confined()), sys.executable, "-c", forbidden])
    assert ended.returncode == -signal.SIGSYS


# --- The container.

def _is_healthy(port):
    script = _REPOSITORY / "packaging" / "container" / "healthcheck.sh"
    checked = subprocess.run([script, str(port)])
    assert checked.returncode in (0, 1)
    return checked.returncode == 0


@pytest.mark.parametrize("off", ["", "udp", "http", "ws"])
def test_the_health_check_tells_serving_from_gone(scratch, off):
    """Whatever is switched off, as long as there is something that can be asked."""
    changes = {off: {"enable": False}} if off else {}
    tracker = RunTracker(scratch, merged(run_tracker.base_config(), changes))
    try:
        scheme = "http" if off == "udp" else "udp"
        tracker.wait_for(lambda: any(url[0] == scheme and url[3] not in ("/stats", "/metrics")
                                     for url in tracker.urls()), "an announce URL")
        _, port = tracker.address(scheme)
        assert _is_healthy(port)
        tracker.stop_cleanly()
        assert not _is_healthy(port)
    finally:
        tracker.kill()


# --- The Debian package.

def test_the_package_needs_what_the_build_needs():
    """Two lists of the same packages: Debian's own tools read one, ours the other."""
    control = (_REPOSITORY / "packaging" / "debian" / "control").read_text()
    listed = re.search(r"^Build-Depends: (.*?)^\S", control, re.MULTILINE | re.DOTALL)[1]
    named = {item.split()[0] for item in listed.split(",")}
    ours = subprocess.run([_REPOSITORY / "scripts" / "packages", "list", "build"],
                          capture_output=True, text=True, check=True).stdout.split()
    # The compiler is build-essential's; the compiler cache is for those who build again.
    assert named - {"debhelper-compat"} == set(ours) - {"g++", "ccache"}


def test_the_package_has_the_version_of_the_executable():
    changelog = (_REPOSITORY / "packaging" / "debian" / "changelog").read_text()
    told = subprocess.run([executable("aquatic"), "--version"], capture_output=True, text=True,
                          check=True).stdout
    assert re.match(r"aquatic \(([0-9.]+)\)", changelog)[1] == told.split()[1]
