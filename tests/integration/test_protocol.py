# SPDX-License-Identifier: Apache-2.0
"""What well-formed requests are answered, over real sockets, both families and both backends."""

import socket

import pytest

from support import bep15
from support.bep15 import TorrentScrape, TrackerError
from support.torrent import random_info_hash
from support.waiting import wait_until

_PORT = 6881
_MAX_RESPONSE_PEERS = 30  # Of the shared tracker, as its interval of 321.


def fill(client, info_hash, count):
    """`count` leechers on ports from 1000 on; returns the ports."""
    ports = range(1000, 1000 + count)
    for port in ports:
        client.announce(info_hash, port=port, num_want=1)
    return set(ports)


def loopback_of(client):
    return client.tracker[0]


def test_swarm_grows_peer_by_peer(client):
    """Twenty peers, every third a seeder: each sees those before it, at most ten of them."""
    info_hash, unknown = random_info_hash(), random_info_hash()
    seeders = leechers = 0
    for count in range(20):
        is_seeder = count % 3 == 0
        response = client.announce(info_hash, port=1000 + count, left=0 if is_seeder else 1,
                                   event=bep15.STARTED, num_want=10)
        assert (response.seeders, response.leechers) == (seeders, leechers)
        assert response.interval == 321
        assert len(set(response.peers)) == len(response.peers) == min(count, 10)
        assert set(response.peers) <= {(loopback_of(client), 1000 + i) for i in range(count)}
        seeders += is_seeder
        leechers += not is_seeder
        assert client.scrape(info_hash, unknown) == [TorrentScrape(seeders, 0, leechers),
                                                     TorrentScrape(0, 0, 0)]


@pytest.mark.parametrize("num_want, expected", [
    (1, 1), (2, 2), (7, 7), (29, 29), (30, 30), (31, 30), (2**31 - 1, 30),
    (0, 30), (-1, 30), (-2**31, 30)])
def test_num_want_is_exact(client, num_want, expected):
    """num_want gets exactly so many distinct peers; 0 and less get the most allowed."""
    info_hash = random_info_hash()
    ports = fill(client, info_hash, 64)
    response = client.announce(info_hash, port=_PORT, num_want=num_want)
    found = {port for _, port in response.peers}
    assert len(response.peers) == len(found) == expected
    assert found <= ports


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 30, 31])
def test_small_swarms_are_given_whole(client, size):
    """A peer that wants more than there are gets them all, whatever the swarm's size."""
    info_hash = random_info_hash()
    ports = fill(client, info_hash, size)
    response = client.announce(info_hash, port=_PORT, num_want=_MAX_RESPONSE_PEERS)
    assert len(response.peers) == min(size, _MAX_RESPONSE_PEERS)
    assert {port for _, port in response.peers} <= ports


def test_every_peer_can_be_chosen(client):
    """In a swarm larger than a response, all peers are handed out sooner or later."""
    info_hash = random_info_hash()
    missing = fill(client, info_hash, 40)
    for _ in range(1000):  # One misses a given peer with probability 3/4; a thousand never do.
        if not missing:
            break
        response = client.announce(info_hash, port=_PORT, num_want=10)
        missing -= {port for _, port in response.peers}
    assert not missing


def test_announcer_is_never_in_its_own_response(client):
    """A peer that announces again and again finds neither itself nor itself counted."""
    info_hash = random_info_hash()
    fill(client, info_hash, 3)
    for _ in range(50):
        response = client.announce(info_hash, port=_PORT, left=0)
        assert _PORT not in {port for _, port in response.peers}
        assert (response.seeders, response.leechers) == (0, 3)


def test_ports_tell_peers_apart(client):
    """A peer is its address and announced port: another peer id is no other peer, a port is."""
    info_hash = random_info_hash()
    client.announce(info_hash, port=_PORT, peer_id=b"A" * 20)
    client.announce(info_hash, port=_PORT, peer_id=b"B" * 20)
    assert client.scrape(info_hash) == [TorrentScrape(0, 0, 1)]
    client.announce(info_hash, port=_PORT + 1, peer_id=b"A" * 20)
    assert client.scrape(info_hash) == [TorrentScrape(0, 0, 2)]


def test_stopped_gets_no_peers_and_is_forgotten(client):
    """`stopped` is answered with counts and no peers, and the peer is gone at once."""
    info_hash = random_info_hash()
    ports = fill(client, info_hash, 3)
    client.announce(info_hash, port=_PORT, left=0)
    response = client.announce(info_hash, port=_PORT, left=0, event=bep15.STOPPED)
    assert (response.seeders, response.leechers, response.peers) == (0, 3, ())
    assert client.scrape(info_hash) == [TorrentScrape(0, 0, 3)]
    response = client.announce(info_hash, port=_PORT + 1)
    assert {port for _, port in response.peers} == ports


def test_stopped_for_an_unknown_torrent(client):
    """`stopped` where nobody was is answered and changes nothing."""
    info_hash = random_info_hash()
    response = client.announce(info_hash, port=_PORT, event=bep15.STOPPED)
    assert (response.seeders, response.leechers, response.peers) == (0, 0, ())
    assert client.scrape(info_hash) == [TorrentScrape(0, 0, 0)]


def test_a_download_counts_once(client):
    """`completed` makes a seeder and counts one download, however often it is sent."""
    info_hash = random_info_hash()
    client.announce(info_hash, port=_PORT, left=5, event=bep15.STARTED)
    assert client.scrape(info_hash) == [TorrentScrape(0, 0, 1)]
    for _ in range(3):
        client.announce(info_hash, port=_PORT, left=0, event=bep15.COMPLETED)
        assert client.scrape(info_hash) == [TorrentScrape(1, 1, 0)]
    client.announce(info_hash, port=_PORT, left=0)
    client.announce(info_hash, port=_PORT + 1, left=5, event=bep15.STARTED)
    client.announce(info_hash, port=_PORT + 1, left=0, event=bep15.COMPLETED)
    assert client.scrape(info_hash) == [TorrentScrape(2, 2, 0)]


def test_seeders_are_no_downloads(client):
    """Who has the whole file from the start is a seeder and no download."""
    info_hash = random_info_hash()
    client.announce(info_hash, port=_PORT, left=0, event=bep15.STARTED)
    client.announce(info_hash, port=_PORT, left=0)
    client.announce(info_hash, port=_PORT, left=0, event=bep15.COMPLETED)
    assert client.scrape(info_hash) == [TorrentScrape(1, 0, 0)]


def test_seeder_becomes_leecher_again(client):
    """The last announce decides what a peer is; negative `left` is a leecher's."""
    info_hash = random_info_hash()
    for left, expected in [(0, TorrentScrape(1, 0, 0)), (7, TorrentScrape(0, 0, 1)),
                           (0, TorrentScrape(1, 0, 0)), (-1, TorrentScrape(0, 0, 1))]:
        client.announce(info_hash, port=_PORT, left=left)
        assert client.scrape(info_hash) == [expected]


def test_event_paused_is_accepted(client):
    """Event 4, BEP 21's `paused`, keeps the peer."""
    info_hash = random_info_hash()
    response = client.announce(info_hash, port=_PORT, event=bep15.PAUSED)
    assert response.interval == 321
    assert client.scrape(info_hash) == [TorrentScrape(0, 0, 1)]


@pytest.mark.parametrize("options", [
    b"\x02\x09/announce",             # URL data, as libtorrent sends it.
    b"\x02\x09/announce\x02\x04?a=b\x01\x00",  # In two parts, then NOP and the end.
    b"\x02\xff/cut short",            # Longer than the datagram.
    b"\x00", b"\xff" * 500], ids=["url", "parts", "cut", "end", "garbage"])
def test_bep41_options_are_accepted(client, options):
    """What follows the 98 bytes of an announce does not matter (BEP 41)."""
    info_hash = random_info_hash()
    assert client.announce(info_hash, port=_PORT, options=options).interval == 321
    assert client.scrape(info_hash) == [TorrentScrape(0, 0, 1)]


def test_scrape_of_74_torrents_is_answered_in_full(client):
    """As many as BEP 15 allows: 74 entries in the order that was asked, unknown ones zero."""
    info_hashes = [random_info_hash() for _ in range(74)]
    for index in range(0, 74, 2):
        client.announce(info_hashes[index], port=_PORT, left=index % 4)
    expected = [TorrentScrape(0, 0, 0) if index % 2 else
                TorrentScrape(index % 4 == 0, 0, index % 4 != 0) for index in range(74)]
    assert client.scrape(*info_hashes) == expected


def test_one_torrent_twice_in_a_scrape(client):
    """Each hash of a scrape has its entry, also when it was there before."""
    info_hash = random_info_hash()
    client.announce(info_hash, port=_PORT)
    assert client.scrape(info_hash, info_hash) == [TorrentScrape(0, 0, 1)] * 2


def test_transaction_ids_may_be_reused(client):
    """Several requests with one transaction id are all answered."""
    info_hashes = [random_info_hash() for _ in range(5)]
    client.connect()
    requests = [bep15.scrape_request(client.connection_id, 7, [info_hash] * (1 + index))
                for index, info_hash in enumerate(info_hashes)]
    answers = client.answers_to(*requests)
    assert sorted(map(len, answers)) == [8 + 12 * (1 + index) for index in range(5)]


def test_families_are_separate_swarms(tracker):
    """IPv4 peers of a torrent are none of the IPv6 peers' business, and the other way round."""
    if len(tracker.listening) < 2:
        pytest.skip("no IPv6 loopback here")
    info_hash = random_info_hash()
    clients = [tracker.client(family) for family in tracker.listening]
    for one in clients:
        response = one.announce(info_hash, port=_PORT)
        assert (response.leechers, response.peers) == (0, ())
        assert one.scrape(info_hash) == [TorrentScrape(0, 0, 1)]
    for one in clients:
        one.socket.close()


def test_scrape_limit_truncates(start_tracker, io_backend, family):
    """max_scrape_torrents: the first N of a longer scrape are answered."""
    tracker = start_tracker({"protocol": {"max_scrape_torrents": 10}}, io_backend)
    with tracker.client(family) as client:
        info_hashes = [random_info_hash() for _ in range(11)]
        for info_hash in info_hashes:
            client.announce(info_hash, port=_PORT)
        assert client.scrape(*info_hashes) == [TorrentScrape(0, 0, 1)] * 10


@pytest.mark.parametrize("size", [75, 101])
def test_surplus_of_a_scrape_is_left_out(client, size):
    """A scrape of more torrents than BEP 15 allows is answered for the first 74."""
    info_hashes = [random_info_hash() for _ in range(size)]
    client.announce(info_hashes[73], port=_PORT)
    client.announce(info_hashes[74], port=_PORT)
    assert client.scrape(*info_hashes) == [TorrentScrape(0, 0, 0)] * 73 + [TorrentScrape(0, 0, 1)]


def test_large_responses_fit_one_datagram(start_tracker, io_backend, family):
    """The most peers that can be configured arrive in a datagram that any path carries whole."""
    tracker = start_tracker({"protocol": {"max_response_peers": 202}}, io_backend)
    most = 202 if family == socket.AF_INET else 67
    with tracker.client(family) as client:
        info_hash = random_info_hash()
        ports = fill(client, info_hash, 250)
        response = client.announce(info_hash, port=_PORT, num_want=1000)
        found = {port for _, port in response.peers}
        assert len(response.peers) == len(found) == most
        assert found <= ports


def test_peers_and_connection_ids_expire(start_tracker, io_backend, family):
    """Who says nothing for max_peer_age is gone, and so is an id after max_connection_age."""
    ages = {"torrent_cleaning_interval": 1, "max_peer_age": 1, "max_connection_age": 1}
    tracker = start_tracker({"cleaning": ages}, io_backend)
    with tracker.client(family) as client:
        info_hash = random_info_hash()
        client.announce(info_hash, port=_PORT)
        old_id = client.connection_id
        request = bep15.scrape_request(old_id, bep15.next_transaction_id(), [info_hash])
        wait_until(lambda: not client.answers_to(request), "the connection id expired")

        def is_forgotten():
            client.connect()
            return client.scrape(info_hash) == [TorrentScrape(0, 0, 0)]
        wait_until(is_forgotten, "the peer expired")


def test_secret_makes_ids_survive_a_restart(start_tracker, family):
    """With connection_secret, another tracker of the same secret honours the id; without, none."""
    secret = {"protocol": {"connection_secret": "0123456789abcdef" * 4}}
    info_hash = random_info_hash()
    with start_tracker(secret).client(family) as first:
        first.connect()
    with start_tracker(secret).client(family) as second:
        assert second.announce(info_hash, port=_PORT, connection_id=first.connection_id).peers == ()
    with start_tracker().client(family) as third:
        request = bep15.scrape_request(first.connection_id, 1, [info_hash])
        assert third.answers_to(request) == []


def test_access_list_deny(start_tracker, io_backend, family):
    """deny: a listed torrent is refused by name, its scrape is zeros; another one is served."""
    check_access_list(start_tracker, io_backend, family, "deny")


def test_access_list_allow(start_tracker, io_backend, family):
    """allow: only the listed torrent is served."""
    check_access_list(start_tracker, io_backend, family, "allow")


def check_access_list(start_tracker, io_backend, family, mode):
    listed, other = random_info_hash(), random_info_hash()
    path = start_tracker.folder() / "access-list.txt"
    path.write_text(listed.hex().upper() + "\n")
    tracker = start_tracker({"access_list": {"mode": mode, "path": path}}, io_backend)
    refused, served = (listed, other) if mode == "deny" else (other, listed)
    with tracker.client(family) as client:
        with pytest.raises(TrackerError, match="^Info hash not allowed$"):
            client.announce(refused, port=_PORT)
        assert client.announce(served, port=_PORT).peers == ()
        assert client.scrape(refused, served) == [TorrentScrape(0, 0, 0), TorrentScrape(0, 0, 1)]
