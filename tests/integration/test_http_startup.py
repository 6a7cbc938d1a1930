# SPDX-License-Identifier: Apache-2.0
"""Every way in which a start of the HTTP tracker can fail, and its configuration file."""

import pathlib
import socket
import tomllib

import pytest

from support import machine
from support.http_tracker import base_config, run_to_end
from support.torrent import random_info_hash
from support.tracker import AS_NOBODY, failure_sentence, merged, to_toml


def fail_to_start(folder, changes, certificates=None, **how):
    """Starts with `changes`, which have to be refused: returns the one sentence that says why."""
    path = pathlib.Path(folder) / "aquatic_http.toml"
    path.write_text(to_toml(merged(base_config(certificates), changes)))
    return failure_sentence(run_to_end("-c", path, cwd=folder, **how))


@pytest.mark.parametrize("key", ["tls_certificate_path", "tls_private_key_path"])
def test_missing_tls_file(certificates, tmp_path, key):
    """A certificate or key that is not there is named."""
    missing = tmp_path / "missing.pem"
    assert "missing.pem" in fail_to_start(tmp_path, {"network": {key: missing}}, certificates)


@pytest.mark.parametrize("key", ["tls_certificate_path", "tls_private_key_path"])
def test_tls_without_a_path(certificates, tmp_path, key):
    """TLS with one of the paths empty, as the default is: the setting is named."""
    assert key in fail_to_start(tmp_path, {"network": {key: ""}}, certificates)


def test_key_of_another_certificate(authority, certificates, tmp_path):
    """A key that does not fit: both files are named."""
    other = authority.issue()
    sentence = fail_to_start(tmp_path, {"network": {"tls_private_key_path": other.key}},
                             certificates)
    assert str(certificates.certificate) in sentence and str(other.key) in sentence
    assert "does not belong" in sentence


@pytest.mark.parametrize("key, content, said", [
    ("tls_certificate_path", "", "has no certificate"),
    ("tls_certificate_path", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
     "damaged"),
    ("tls_private_key_path", "", "has no private key"),
    ("tls_private_key_path", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
     "damaged")])
def test_bad_tls_file(certificates, tmp_path, key, content, said):
    """A file that is something else or damaged is named, with what is wrong."""
    path = tmp_path / "bad.pem"
    path.write_text(content)
    sentence = fail_to_start(tmp_path, {"network": {key: path}}, certificates)
    assert "bad.pem" in sentence and said in sentence


def test_check_looks_at_tls_files(certificates, tmp_path):
    """--check finds what a start would."""
    path = tmp_path / "config.toml"
    missing = {"network": {"tls_private_key_path": tmp_path / "missing.pem"}}
    path.write_text(to_toml(merged(base_config(certificates), missing)))
    assert "missing.pem" in failure_sentence(run_to_end("--check", "-c", path))


@pytest.mark.parametrize("workers", [1, 3])
def test_port_in_use(start_http_tracker, family, tmp_path, workers):
    """A second tracker on the same port is refused, although workers share ports."""
    first = start_http_tracker({"socket_workers": workers})
    assert str(first.listening[family][1]) in fail_to_start(
        tmp_path, {"socket_workers": workers, "network": first.same_port(family)})
    with first.client(family) as client:
        assert client.announce(random_info_hash()).peers == ()


def test_port_in_use_by_another_program(tmp_path):
    """So is a port on which another program listens."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        sentence = fail_to_start(tmp_path, {"network": {"address_ipv4": f"127.0.0.1:{port}"}})
    assert str(port) in sentence


def test_dropping_privileges_needs_root(start_http_tracker):
    """Without root there is nothing to drop, and the tracker says so instead of pretending."""
    machine.skip_if(machine.not_root())
    folder = start_http_tracker.folder()
    assert "root" in fail_to_start(folder, {"privileges": {"drop_privileges": True}},
                                   wrapper=AS_NOBODY)


# --- Settings.

# With every key of aquatic_http 0.9 and its default.
_ORIGINAL = {
    "socket_workers": 1, "swarm_workers": 1, "log_level": "warn",
    "network": {"use_ipv4": True, "use_ipv6": True, "address_ipv4": "0.0.0.0:3000",
                "address_ipv6": "[::]:3000", "tcp_backlog": 1024, "enable_tls": False,
                "tls_certificate_path": "", "tls_private_key_path": "", "keep_alive": True,
                "runs_behind_reverse_proxy": False,
                "reverse_proxy_ip_header_name": "X-Forwarded-For",
                "reverse_proxy_ip_header_format": "last_address", "set_only_ipv6": True},
    "protocol": {"max_scrape_torrents": 100, "max_peers": 50, "peer_announce_interval": 120},
    "cleaning": {"torrent_cleaning_interval": 30, "connection_cleaning_interval": 60,
                 "max_peer_age": 1800, "max_connection_idle": 180},
    "privileges": {"drop_privileges": False, "chroot_path": ".", "group": "nogroup",
                   "user": "nobody"},
    "access_list": {"mode": "off", "path": "./access-list.txt"},
    "metrics": {"run_prometheus_endpoint": False, "prometheus_endpoint_address": "0.0.0.0:9000",
                "torrent_count_update_interval": 10},
}


def test_file_of_the_original_loads(tmp_path):
    """It is good as it is, and there is nothing to say about it."""
    path = tmp_path / "aquatic-0.9.toml"
    path.write_text(to_toml(_ORIGINAL))
    checked = run_to_end("--check", "-c", path, cwd=tmp_path)
    assert checked.exit_code == 0, checked.describe()
    assert not checked.stderr.text, checked.describe()


def test_file_of_the_original_runs(start_http_tracker):
    """With free ports in place of 3000 it starts a tracker that keeps to it."""
    tracker = start_http_tracker(merged(_ORIGINAL, {
        "network": {"address_ipv4": "127.0.0.1:0", "address_ipv6": "[::1]:0",
                    "use_ipv6": not machine.no_ipv6()},
        "protocol": {"peer_announce_interval": 1234}}))
    for family in tracker.listening:
        with tracker.client(family) as client:
            assert client.announce(random_info_hash()).interval == 1234


def test_printed_defaults_load_back(tmp_path):
    """-p prints a commented file with every default, which --check finds good."""
    printed = run_to_end("-p")
    assert printed.exit_code == 0
    assert tomllib.loads(printed.stdout.text)["network"]["address_ipv6"] == "[::]:3000"
    path = tmp_path / "defaults.toml"
    path.write_text(printed.stdout.text + "\n")
    checked = run_to_end("--check", "-c", path, cwd=tmp_path)
    assert checked.exit_code == 0, checked.describe()


def test_stdout_has_nothing_but_urls(start_http_tracker, certificates):
    """One line for each listening address, so that a program can read them."""
    for given, scheme in ((None, "http"), (certificates, "https")):
        tracker = start_http_tracker(certificates=given)
        assert tracker.scheme == scheme
        assert list(tracker.stdout) == [tracker.url(family) for family in tracker.listening]
