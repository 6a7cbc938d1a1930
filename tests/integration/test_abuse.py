# SPDX-License-Identifier: Apache-2.0
"""Floods on the loopback interface, bounded in count: others are served, nothing is left behind."""

import pathlib
import socket
import sys

import pytest

from support import bep15
from support.process import Process
from support.torrent import random_info_hash

_FLOOD = pathlib.Path(__file__).parent / "support" / "flood.py"
_DATAGRAMS = 40_000
# How much more memory a tracker may have after the last of several equal floods than after the
# first: a leak of one flood's torrents would about double it.
_MOST_GROWTH = 1.25

# Where a flood has to show in the tracker's own statistics, or the test would prove nothing.
_TRACES = {"garbage": "malformed/s", "new-torrents": "torrents", "hot-torrent": "peers",
           "connects": "connect"}
_LEAST_TRACE = 100

_FORGETFUL = {"statistics": {"interval": 1, "print_to_stdout": True},
              "cleaning": {"torrent_cleaning_interval": 1, "max_peer_age": 2}}


def start_flood(tracker, kind, family, count=_DATAGRAMS):
    address, port = tracker.listening[family]
    return Process([sys.executable, "-B", _FLOOD, kind, address, port, count])


def wait_until_empty(tracker, family):
    """The peers of the flood expire and take their torrents with them."""
    before = len(tracker.reports(family))

    def is_empty():
        reports = tracker.reports(family)
        return len(reports) > before and reports[-1]["torrents"] == reports[-1]["peers"] == 0
    tracker.wait_for(is_empty, "the flood's peers are forgotten")


def behave_well(tracker, family, is_over):
    """Connects, announces and scrapes until it is over: each request is answered, and rightly."""
    info_hash = random_info_hash()
    rounds = 0
    while rounds == 0 or not is_over():
        with tracker.client(family) as seeder, tracker.client(family) as leecher:
            seeder.announce(info_hash, port=1, left=0)
            response = leecher.announce(info_hash, port=2)
            assert (response.seeders, response.leechers) == (1, 0)
            assert response.peers == ((tracker.listening[family][0], 1),)
            seen, = leecher.scrape(info_hash)
            assert (seen.seeders, seen.leechers) == (1, 1)
            leecher.announce(info_hash, port=2, event=bep15.STOPPED)
        rounds += 1


@pytest.mark.parametrize("kind", ["garbage", "new-torrents", "hot-torrent"])
def test_flood(start_tracker, io_backend, family, kind):
    """During a flood a good client's requests are all answered; after it everything expires."""
    tracker = start_tracker(_FORGETFUL, io_backend)
    check_flood(tracker, family, kind)


def test_flood_of_connects_from_many_addresses(start_tracker, io_backend):
    """So with connects from thousands of addresses whose answers find nobody."""
    tracker = start_tracker(_FORGETFUL, io_backend)
    check_flood(tracker, socket.AF_INET, "connects")


def check_flood(tracker, family, kind):
    flood = start_flood(tracker, kind, family)
    behave_well(tracker, family, lambda: flood.exit_code is not None)
    assert flood.wait() == 0, flood.describe()
    with tracker.client(family) as client:  # And still rightly when it is over.
        assert client.announce(random_info_hash(), port=3).peers == ()
    wait_until_empty(tracker, family)
    assert max(report[_TRACES[kind]] for report in tracker.reports(family)) > _LEAST_TRACE


def test_hot_torrent_stays_fair(start_tracker, io_backend, family):
    """In a swarm of tens of thousands, a response still has exactly as many peers as wanted."""
    tracker = start_tracker(io_backend=io_backend)
    flood = start_flood(tracker, "hot-torrent", family, 40_000)
    assert flood.wait() == 0, flood.describe()
    with tracker.client(family) as client:
        hot = b"hot torrent of floods"[:20]
        for num_want in (1, 7, 30):
            response = client.announce(hot, port=65535, num_want=num_want)
            assert len(set(response.peers)) == len(response.peers) == num_want
        assert client.scrape(hot)[0].seeders + client.scrape(hot)[0].leechers > 1000


def test_memory_is_used_again(start_tracker, io_backend):
    """Floods of new torrents, one after another has expired, need the memory of one."""
    tracker = start_tracker(_FORGETFUL, io_backend)
    resident = []
    for _ in range(3):
        flood = start_flood(tracker, "new-torrents", socket.AF_INET)
        assert flood.wait() == 0, flood.describe()
        resident.append(tracker.resident_kib())
        wait_until_empty(tracker, socket.AF_INET)
    assert resident[-1] <= resident[0] * _MOST_GROWTH, resident
