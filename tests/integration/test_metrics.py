# SPDX-License-Identifier: Apache-2.0
"""A real Prometheus scrapes real trackers: every metric is there, and tells what has happened."""

import re
import socket
import urllib.request

import pytest

from support import machine, prometheus
from support.prometheus import Prometheus
from support.torrent import random_info_hash
from support.waiting import DEADLINE_S

machine.skip_if(prometheus.missing())

_METRICS_URL = re.compile(r"^http://(127\.0\.0\.1:\d+)/metrics$")
_ENDPOINT = {"run_prometheus_endpoint": True, "prometheus_endpoint_address": "127.0.0.1:0"}
_ANNOUNCES = 12
_SCRAPES = 3

# What every tracker has.
_COMMON = ["aquatic_requests_total", "aquatic_responses_total", "aquatic_torrents", "aquatic_peers",
           "aquatic_request_duration_seconds_bucket", "aquatic_request_duration_seconds_sum",
           "aquatic_request_duration_seconds_count", "aquatic_troubles_total",
           "aquatic_memory_bytes", "aquatic_access_list_entries", "aquatic_uptime_seconds",
           "aquatic_build_info", "process_cpu_seconds_total", "process_open_fds",
           "process_max_fds", "process_resident_memory_bytes", "process_virtual_memory_bytes",
           "process_start_time_seconds"]
_OF_UDP = ["aquatic_rx_bytes", "aquatic_rx_bytes_total", "aquatic_tx_bytes",
           "aquatic_tx_bytes_total", "aquatic_peers_per_torrent", "aquatic_peer_clients",
           "aquatic_peer_id_prefixes"]
_OF_STREAMS = ["aquatic_active_connections", "aquatic_accepted_connections_total",
               "aquatic_stream_rx_bytes_total", "aquatic_stream_tx_bytes_total",
               "aquatic_tls_handshakes_total"]


def metrics_address(tracker):
    """Where a tracker says that its metrics are: host:port."""
    return tracker.wait_for(
        lambda: next((match[1] for match in map(_METRICS_URL.match, tracker.stdout) if match), ""),
        "a URL of its metrics")


@pytest.fixture
def scraped_by(tmp_path):
    """scraped_by(tracker) → a Prometheus that scrapes it."""
    started = []

    def start(tracker):
        started.append(Prometheus(tmp_path, metrics_address(tracker)))
        return started[-1]
    yield start
    for process in started:
        process.kill()


def check_names(server, names):
    absent = [name for name in names if not server.query(name)]
    assert absent == [], f"not among {server.api('label/__name__/values')}"


def page(tracker):
    url = f"http://{metrics_address(tracker)}/metrics"
    with urllib.request.urlopen(url, timeout=DEADLINE_S) as response:
        assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return response.read().decode()


@pytest.fixture
def udp_tracker(start_tracker):
    return start_tracker({
        "socket_workers": 2,
        "statistics": {**_ENDPOINT, "interval": 1, "torrent_peer_histograms": True,
                       "peer_clients": True, "prometheus_peer_id_prefixes": True},
        "cleaning": {"torrent_cleaning_interval": 1}})


def announce_all(client):
    """Peers of one torrent, and scrapes of it."""
    info_hash = random_info_hash()
    for port in range(1000, 1000 + _ANNOUNCES):
        client.announce(info_hash, port=port)
    for _ in range(_SCRAPES):
        client.scrape(info_hash)


def test_udp(udp_tracker, scraped_by, family):
    """Every metric of a UDP tracker, and its counts are those of what was asked."""
    server = scraped_by(udp_tracker)
    with udp_tracker.client(family) as client:
        announce_all(client)
    of_family = f'protocol="udp",ip_version="{"4" if family == socket.AF_INET else "6"}"'
    swarm = of_family.replace('protocol="udp"', 'swarm="bittorrent"')
    for series, expected in [
            (f'aquatic_responses_total{{{of_family},type="connect"}}', 1),
            (f'aquatic_responses_total{{{of_family},type="announce"}}', _ANNOUNCES),
            (f'aquatic_responses_total{{{of_family},type="scrape"}}', _SCRAPES),
            (f'aquatic_requests_total{{{of_family}}}', 1 + _ANNOUNCES + _SCRAPES),
            ('aquatic_requests_total', 1 + _ANNOUNCES + _SCRAPES),
            (f'aquatic_torrents{{{swarm}}}', 1),
            (f'aquatic_peers{{{swarm}}}', _ANNOUNCES),
            (f'aquatic_peers_per_torrent{{{swarm},type="p95"}}', _ANNOUNCES),
            ('aquatic_request_duration_seconds_count{protocol="udp",type="announce"}',
             _ANNOUNCES)]:
        server.wait_for_number(f"sum({series})", expected)
    check_names(server, _COMMON + _OF_UDP)
    workers = {labels["worker_index"] for labels, _ in server.query("aquatic_requests_total")}
    assert workers == {"0", "1"}
    assert server.number("sum(aquatic_rx_bytes) - sum(aquatic_rx_bytes_total)") == 0


def test_udp_page_is_clean(udp_tracker):
    """promtool has nothing to say."""
    with udp_tracker.client(socket.AF_INET) as client:
        announce_all(client)
    assert prometheus.lint(page(udp_tracker)) == ""


def test_http(start_http_tracker, scraped_by):
    """The same of an HTTP tracker, whose requests are told apart by type."""
    tracker = start_http_tracker({"metrics": _ENDPOINT, "statistics": {"interval": 1}})
    server = scraped_by(tracker)
    with tracker.client() as client:
        announce_all(client)
        of_v4 = 'protocol="http",ip_version="4"'
        for kind in ("requests", "responses"):
            series = f"aquatic_{kind}_total{{{of_v4}"
            server.wait_for_number(f'sum({series},type="announce"}})', _ANNOUNCES)
            server.wait_for_number(f'sum({series},type="scrape"}})', _SCRAPES)
        server.wait_for_number('sum(aquatic_peers{swarm="bittorrent",ip_version="4"})', _ANNOUNCES)
        server.wait_for_number("sum(aquatic_active_connections)", 1)
    server.wait_for_number("sum(aquatic_active_connections)", 0)
    check_names(server, _COMMON + _OF_STREAMS)
    assert prometheus.lint(page(tracker)) == ""


def test_webtorrent(start_ws_tracker, scraped_by):
    """The same of a WebTorrent tracker, whose open connections are told apart by IP version."""
    tracker = start_ws_tracker({"metrics": {**_ENDPOINT, "peer_clients": True},
                                "statistics": {"interval": 1}})
    server = scraped_by(tracker)
    with tracker.peer() as peer:
        peer.announce()
        of_v4 = 'protocol="ws",ip_version="4"'
        server.wait_for_number(f'sum(aquatic_requests_total{{{of_v4},type="announce"}})', 1)
        server.wait_for_number(f'sum(aquatic_responses_total{{{of_v4},type="announce"}})', 1)
        server.wait_for_number(f"sum(aquatic_active_connections{{{of_v4}}})", 1)
        server.wait_for_number("sum(aquatic_active_connections)", 1)
        server.wait_for_number('sum(aquatic_peers{swarm="webtorrent",ip_version="4"})', 1)
        server.wait_for_number("sum(aquatic_peer_clients)", 1)
    server.wait_for_number("sum(aquatic_active_connections)", 0)
    check_names(server, _COMMON + _OF_STREAMS)
    assert prometheus.lint(page(tracker)) == ""
