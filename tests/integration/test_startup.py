# SPDX-License-Identifier: Apache-2.0
"""The command line, the configuration file, and every way in which a start can fail."""

import pathlib
import re
import socket
import tomllib

import pytest

from support import machine
from support.torrent import random_info_hash
from support.tracker import failure_sentence, merged, to_toml
from support.udp_tracker import base_config, run_to_end

_BAD_USAGE = 2


def fail_to_start(folder, changes):
    """Starts with `changes`, which have to be refused: returns the one sentence that says why."""
    path = pathlib.Path(folder) / "aquatic_udp.toml"
    path.write_text(changes if isinstance(changes, str) else
                    to_toml(merged(base_config(), changes)))
    return failure_sentence(run_to_end("-c", path, cwd=folder))


def test_unknown_key(tmp_path):
    """A misspelt key is refused with its line and the key that was probably meant."""
    sentence = fail_to_start(tmp_path, 'socket_workers = 1\n\n[network]\nuse_ipv6 = false\n'
                                       'adress_ipv4 = "127.0.0.1:0"\n')
    assert "adress_ipv4" in sentence
    assert "address_ipv4" in sentence.replace("adress_ipv4", "")
    assert re.search(r"did you mean", sentence, re.IGNORECASE)
    assert re.search(r"(:5\b|line 5\b)", sentence)


def test_unknown_section(tmp_path):
    """So is a misspelt section."""
    sentence = fail_to_start(tmp_path, "[netwrok]\nuse_ipv6 = false\n")
    assert "netwrok" in sentence and "did you mean" in sentence.lower()
    assert "network" in sentence.replace("netwrok", "")


@pytest.mark.parametrize("line, key", [
    ('[network]\naddress_ipv4 = "127.0.0.1"', "address_ipv4"),
    ('[network]\naddress_ipv4 = "[::1]:3000"', "address_ipv4"),
    ('[network]\naddress_ipv6 = "127.0.0.1:3000"', "address_ipv6"),
    ('[network]\naddress_ipv4 = "localhost:3000"', "address_ipv4"),
    ('[network]\naddress_ipv4 = "127.0.0.1:65536"', "address_ipv4"),
    ('[network]\nio_backend = "epoll"', "io_backend"),
    ('[network]\nuse_ipv4 = "yes"', "use_ipv4"),
    ('[protocol]\nmax_scrape_torrents = 256', "max_scrape_torrents"),
    ('[protocol]\nmax_response_peers = -1', "max_response_peers"),
    ('[protocol]\nconnection_secret = "abc"', "connection_secret"),
    ('[access_list]\nmode = "white"', "mode"),
    ('[cleaning]\nmax_peer_age = 99999999999', "max_peer_age")])
def test_bad_value(tmp_path, line, key):
    """A value that cannot be is refused with its key and line."""
    sentence = fail_to_start(tmp_path, line + "\n")
    assert key in sentence
    assert re.search(r"(:2\b|line 2\b)", sentence)


def test_no_toml(tmp_path):
    """A file that is no TOML is refused with the line."""
    sentence = fail_to_start(tmp_path, "socket_workers = 1\n[network\n")
    assert re.search(r"(:2\b|line 2\b)", sentence)


def test_missing_config_file(tmp_path):
    """A configuration that is not there is named."""
    assert "nowhere.toml" in failure_sentence(run_to_end("-c", tmp_path / "nowhere.toml"))


def test_config_is_a_folder(tmp_path):
    """So is one that is a folder."""
    assert str(tmp_path) in failure_sentence(run_to_end("-c", tmp_path))


def test_port_in_use(start_tracker, family, tmp_path):
    """A second tracker on the same port is refused, although both share ports among workers."""
    first = start_tracker()
    address, port = first.listening[family]
    is_ipv6 = family == socket.AF_INET6
    network = {"use_ipv4": not is_ipv6, "use_ipv6": is_ipv6,
               "address_ipv6" if is_ipv6 else "address_ipv4":
                   f"[{address}]:{port}" if is_ipv6 else f"{address}:{port}"}
    assert str(port) in fail_to_start(tmp_path, {"network": network})
    with first.client(family) as client:
        assert client.announce(random_info_hash(), port=1).peers == ()


@pytest.mark.parametrize("first, second", [("0.0.0.0", "0.0.0.0"), ("0.0.0.0", "127.0.0.1"),
                                           ("127.0.0.1", "0.0.0.0")])
@pytest.mark.parametrize("reply_from", ["pktinfo", "each"])
def test_port_in_use_with_wildcards(start_tracker, tmp_path, first, second, reply_from):
    """So is one whose addresses overlap those of the first, whatever either listens on."""
    common = {"use_ipv6": False, "reply_from": reply_from}
    running = start_tracker({"socket_workers": 2,
                             "network": {**common, "address_ipv4": f"{first}:0"}})
    port = running.listening[socket.AF_INET][1]
    assert str(port) in fail_to_start(tmp_path, {
        "socket_workers": 2, "network": {**common, "address_ipv4": f"{second}:{port}"}})


def test_port_in_use_by_another_program(tmp_path, family):
    """So is a port that another program's socket has."""
    is_ipv6 = family == socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as other:
        other.bind(("::1" if is_ipv6 else "127.0.0.1", 0))
        port = other.getsockname()[1]
        network = {"address_ipv6": f"[::1]:{port}"} if is_ipv6 else {
            "address_ipv4": f"127.0.0.1:{port}"}
        assert str(port) in fail_to_start(tmp_path, {"network": network})


@pytest.mark.parametrize("key, address", [("address_ipv4", "198.51.100.77:0"),
                                          ("address_ipv6", "[2001:db8:99::1]:0")])
def test_address_of_another_machine(tmp_path, key, address):
    """An address that no interface has is named."""
    if key == "address_ipv6":
        machine.skip_if(machine.no_ipv6())
    assert address.rsplit(":", 1)[0].strip("[]") in fail_to_start(tmp_path,
                                                                  {"network": {key: address}})


def test_nothing_to_listen_on(tmp_path):
    """Both address families off: there is nothing to do."""
    sentence = fail_to_start(tmp_path, {"network": {"use_ipv4": False, "use_ipv6": False}})
    assert "use_ipv4" in sentence and "use_ipv6" in sentence


@pytest.mark.parametrize("mode", ["allow", "deny"])
def test_missing_access_list(tmp_path, mode):
    """An access list that is not there is named; nobody is served without it."""
    path = tmp_path / "missing-list.txt"
    assert "missing-list.txt" in fail_to_start(tmp_path,
                                               {"access_list": {"mode": mode, "path": path}})


@pytest.mark.parametrize("line", ["xyz", "0" * 39, "0" * 41, "0" * 39 + "g"])
def test_bad_line_in_access_list(tmp_path, line):
    """A line of the access list that is no info hash is named by number."""
    path = tmp_path / "access-list.txt"
    path.write_text(f"{'a' * 40}\n\n# a comment\n{line}\n{'b' * 40}\n")
    sentence = fail_to_start(tmp_path, {"access_list": {"mode": "allow", "path": path}})
    assert "access-list.txt" in sentence
    assert re.search(r"(:4\b|line 4\b)", sentence)


def test_access_list_tolerates_what_editors_leave(start_tracker):
    """CRLF, blank lines, blanks around a hash, comments, either case, no newline at the end."""
    listed = [random_info_hash() for _ in range(3)]
    path = start_tracker.folder() / "access-list.txt"
    path.write_bytes(b"# ours\r\n\r\n  " + listed[0].hex().encode() + b"\t\r\n" +
                     listed[1].hex().upper().encode() + b"\n\n" + listed[2].hex().encode())
    tracker = start_tracker({"access_list": {"mode": "allow", "path": path}})
    with tracker.client(socket.AF_INET) as client:
        for info_hash in listed:
            assert client.announce(info_hash, port=1).peers == ()


@pytest.mark.parametrize("key, name", [("user", "no-such-user"), ("group", "no-such-group")])
def test_missing_user_and_group(tmp_path, key, name):
    """A user or group to become that does not exist is named."""
    machine.skip_if(machine.not_root())
    privileges = {"drop_privileges": True, "chroot_path": tmp_path, key: name}
    assert name in fail_to_start(tmp_path, {"privileges": privileges})


def test_missing_root_directory(tmp_path):
    """A new root directory that does not exist is named."""
    machine.skip_if(machine.not_root())
    privileges = {"drop_privileges": True, "chroot_path": tmp_path / "no-such-folder"}
    assert "no-such-folder" in fail_to_start(tmp_path, {"privileges": privileges})


def test_root_gives_up_nothing(tmp_path):
    """Becoming root is refused: that would drop no privileges."""
    machine.skip_if(machine.not_root())
    privileges = {"drop_privileges": True, "chroot_path": tmp_path, "user": "root"}
    assert "root" in fail_to_start(tmp_path, {"privileges": privileges})


@pytest.mark.parametrize("arguments", [["--no-such-option"], ["-c"], ["surplus"],
                                       ["-c", "a.toml", "-x"]])
def test_bad_usage(arguments):
    """A command line that cannot be understood: exit status 2, and a word on stderr."""
    process = run_to_end(*arguments)
    assert process.exit_code == _BAD_USAGE, process.describe()
    assert process.stderr.text and not process.stdout.text


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help(option):
    """Help goes to stdout and is a success."""
    process = run_to_end(option)
    assert process.exit_code == 0
    assert "-c" in process.stdout.text and not process.stderr.text


@pytest.mark.parametrize("option", ["-v", "--version"])
def test_version(option):
    """The version is one line on stdout."""
    process = run_to_end(option)
    assert process.exit_code == 0
    assert re.fullmatch(r"aquatic \d+\.\d+\.\d+.*", process.stdout.text)


def test_printed_defaults_load_back(tmp_path):
    """-p prints a commented file with every default, which -c loads and --check finds good."""
    printed = run_to_end("-p")
    assert printed.exit_code == 0
    defaults = tomllib.loads(printed.stdout.text)
    assert defaults["network"]["address_ipv4"] == "0.0.0.0:3000"
    assert defaults["socket_workers"] == 0
    assert printed.stdout.matching("# ")
    path = tmp_path / "defaults.toml"
    path.write_text(printed.stdout.text + "\n")
    checked = run_to_end("--check", "-c", path, cwd=tmp_path)
    assert checked.exit_code == 0, checked.describe()


def test_printed_defaults_run(start_tracker):
    """The same file, with free ports in place of 3000, starts a tracker."""
    printed = tomllib.loads(run_to_end("-p").stdout.text)
    tracker = start_tracker(merged(printed, {"network": {"address_ipv4": "127.0.0.1:0",
                                                         "address_ipv6": "[::1]:0",
                                                         "use_ipv6": not machine.no_ipv6()}}))
    with tracker.client(socket.AF_INET) as client:
        assert client.announce(random_info_hash(), port=1).interval == 900


def test_check_finds_faults(tmp_path):
    """--check exits with 1 and the sentence where a start would, without listening."""
    path = tmp_path / "bad.toml"
    path.write_text("[network]\nuse_ipv7 = true\n")
    assert "use_ipv7" in failure_sentence(run_to_end("--check", "-c", path))


def test_settings_in_force(start_tracker):
    """-P prints every setting as it is in force, and then the tracker runs."""
    tracker = start_tracker({"protocol": {"peer_announce_interval": 77}}, arguments=["-P"])
    settings = tomllib.loads("\n".join(line for line in tracker.stdout
                                       if not line.startswith("udp://")))
    assert settings["protocol"]["peer_announce_interval"] == 77
    assert settings["cleaning"]["max_peer_age"] == 1200
    with tracker.client(socket.AF_INET) as client:
        assert client.announce(random_info_hash(), port=1).interval == 77


def test_stdout_has_nothing_but_urls(start_tracker):
    """One line for each listening address, so that a program can read them."""
    tracker = start_tracker()
    assert list(tracker.stdout) == [tracker.url(family) for family in tracker.listening]


def test_file_of_the_original_loads(tmp_path):
    """A file with every key of aquatic_udp 0.9 and its defaults is good as it is."""
    path = tmp_path / "aquatic-0.9.toml"
    path.write_text(to_toml({
        "socket_workers": 1, "log_level": "error",
        "network": {"use_ipv4": True, "use_ipv6": True, "address_ipv4": "0.0.0.0:3000",
                    "address_ipv6": "[::]:3000", "socket_recv_buffer_size": 8000000,
                    "poll_timeout_ms": 50, "resend_buffer_max_len": 0, "set_only_ipv6": True,
                    "use_io_uring": True, "ring_size": 128},
        "protocol": {"max_scrape_torrents": 70, "max_response_peers": 30,
                     "peer_announce_interval": 900},
        "statistics": {"interval": 5, "torrent_peer_histograms": False, "peer_clients": False,
                       "print_to_stdout": False, "write_html_to_file": False,
                       "html_file_path": "tmp/statistics.html", "run_prometheus_endpoint": False,
                       "prometheus_endpoint_address": "0.0.0.0:9000",
                       "prometheus_peer_id_prefixes": False},
        "scrape_exports": {"enable_scrape_exports": False, "frequency": 10,
                           "path": "./udp-scrape-export.txt"},
        "cleaning": {"torrent_cleaning_interval": 120, "max_connection_age": 120,
                     "max_peer_age": 1200},
        "privileges": {"drop_privileges": False, "chroot_path": ".", "group": "nogroup",
                       "user": "nobody"},
        "access_list": {"mode": "off", "path": "./access-list.txt"},
    }))
    checked = run_to_end("--check", "-c", path, cwd=tmp_path)
    assert checked.exit_code == 0, checked.describe()


def test_keys_of_older_versions_warn(tmp_path):
    """A key that has a successor still loads, and the log names the successor."""
    path = tmp_path / "old.toml"
    path.write_text('[network]\naddress = "127.0.0.1:3000"\n')
    checked = run_to_end("--check", "-c", path, cwd=tmp_path)
    assert checked.exit_code == 0, checked.describe()
    assert checked.stderr.matching("address_ipv4"), checked.describe()
