# SPDX-License-Identifier: Apache-2.0
"""Where a datagram came from, where its response leaves from, and which worker saw it."""

import random
import socket

import pytest

from support import bep15, machine
from support.bep15 import Client, TorrentScrape
from support.network import (GLOBAL_IPV4, GLOBAL_IPV6, SECOND_IPV4, SECOND_IPV6, PrivateNetwork,
                             Unavailable)
from support.torrent import random_info_hash

_PORT = 6881
_SOURCE_PORTS = 1000


@pytest.fixture
def network(tmp_path):
    """A private network, where an interface has several addresses."""
    try:
        made = PrivateNetwork(tmp_path)
    except Unavailable as error:
        pytest.skip(str(error))
    yield made
    made.close()


def test_dual_stack_socket_serves_ipv4(start_tracker, io_backend):
    """Without an IPv4 socket but with set_only_ipv6 = false, IPv4 peers are IPv4 peers."""
    machine.skip_if(machine.no_ipv6())
    tracker = start_tracker({"network": {"use_ipv4": False, "use_ipv6": True,
                                         "set_only_ipv6": False, "address_ipv6": "[::]:0"}},
                            io_backend)
    port = tracker.listening[socket.AF_INET6][1]
    info_hash = random_info_hash()
    with Client(("127.0.0.1", port)) as ipv4, Client(("::1", port)) as ipv6:
        ipv4.announce(info_hash, port=_PORT)
        response = ipv4.announce(info_hash, port=_PORT + 1)
        assert response.peers == (("127.0.0.1", _PORT),)
        assert ipv6.announce(info_hash, port=_PORT).peers == ()
        assert ipv4.scrape(info_hash) == [TorrentScrape(0, 0, 2)]
        assert ipv6.scrape(info_hash) == [TorrentScrape(0, 0, 1)]


def test_dual_stack_counts_mapped_addresses_as_ipv4(start_tracker, io_backend):
    """An id given over IPv4 is bound to the IPv4 address also where it arrives mapped into IPv6."""
    machine.skip_if(machine.no_ipv6())
    tracker = start_tracker({"network": {"use_ipv4": False, "use_ipv6": True,
                                         "set_only_ipv6": False, "address_ipv6": "[::]:0"}},
                            io_backend)
    port = tracker.listening[socket.AF_INET6][1]
    with Client(("127.0.0.1", port), "127.0.0.1") as first, \
            Client(("127.0.0.1", port), "127.0.0.2") as other:
        first.connect()
        request = bep15.scrape_request(first.connection_id, 1, [random_info_hash()])
        assert len(first.answers_to(request)) == 1
        assert other.answers_to(request) == []


def test_only_ipv6_keeps_ipv4_away(start_tracker, io_backend):
    """By default the IPv6 socket leaves its port number on IPv4 to others."""
    machine.skip_if(machine.no_ipv6())
    tracker = start_tracker({"network": {"use_ipv4": False, "use_ipv6": True,
                                         "address_ipv6": "[::]:0"}}, io_backend)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("0.0.0.0", tracker.listening[socket.AF_INET6][1]))


@pytest.mark.parametrize("reply_from", ["pktinfo", "each"])
def test_response_leaves_from_the_asked_loopback_address(start_tracker, io_backend, reply_from):
    """Listening on 0.0.0.0, what was sent to 127.0.0.2 is answered from 127.0.0.2."""
    tracker = start_tracker({"network": {"use_ipv6": False, "address_ipv4": "0.0.0.0:0",
                                         "reply_from": reply_from}}, io_backend)
    check_every_address(tracker, [f"127.0.0.{last}" for last in range(1, 9)], socket.socket)


@pytest.mark.parametrize("reply_from", ["pktinfo", "each", "auto"])
def test_response_leaves_from_the_asked_address(start_tracker, io_backend, family, reply_from,
                                                network):
    """Listening on all addresses of a machine that has several, each answers for itself."""
    is_ipv6 = family == socket.AF_INET6
    tracker = start_tracker({"network": {"use_ipv4": not is_ipv6, "address_ipv4": "0.0.0.0:0",
                                         "use_ipv6": is_ipv6, "address_ipv6": "[::]:0",
                                         "reply_from": reply_from}}, io_backend, network=network)
    addresses = (["::1", GLOBAL_IPV6, SECOND_IPV6] if is_ipv6 else
                 ["127.0.0.1", GLOBAL_IPV4, SECOND_IPV4])
    check_every_address(tracker, addresses, network.socket)


def check_every_address(tracker, addresses, open_socket):
    """The client always has the first of the addresses, so that the routing table is no help."""
    family, (_, port) = next(iter(tracker.listening.items()))
    for address in addresses:
        sock = open_socket(family, socket.SOCK_DGRAM)
        with Client((address, port), source=addresses[0], sock=sock) as client:
            assert client.announce(random_info_hash(), port=_PORT).interval
            assert client.strays == []


def test_a_thousand_source_ports(tracker, family):
    """Each of a thousand ports gets its own answer, and one id serves them all."""
    info_hash = random_info_hash()
    sockets = [tracker.client(family) for _ in range(_SOURCE_PORTS)]
    try:
        connection_id = sockets[0].connect().connection_id
        for port, client in enumerate(sockets, start=1000):
            client.send(bep15.announce_request(connection_id, port, info_hash, port=port,
                                               num_want=1))
        for port, client in enumerate(sockets, start=1000):
            # Sent before; what was lost on a full queue is asked again, as BEP 15 has it.
            response = client.request(bep15.announce_request(connection_id, port, info_hash,
                                                             port=port, num_want=1))
            assert len(response.peers) <= 1
            assert all(source == client.tracker for _, source in client.strays)
        assert sockets[0].scrape(info_hash) == [TorrentScrape(0, 0, _SOURCE_PORTS)]
    finally:
        for client in sockets:
            client.socket.close()


@pytest.mark.parametrize("steering", [True, False], ids=["steered", "unsteered"])
def test_workers_share_one_swarm(start_tracker, io_backend, family, steering):
    """With four workers, whoever serves a datagram: ids are good, and all see the same swarm."""
    tracker = start_tracker({"socket_workers": 4, "network": {"steering": steering}}, io_backend)
    generator = random.Random(4)
    info_hashes = [random_info_hash() for _ in range(40)]
    clients = [tracker.client(family) for _ in range(32)]
    try:
        ids = [client.connect().connection_id for client in clients]
        for info_hash in info_hashes:
            for count, client in enumerate(clients):
                response = client.announce(info_hash, port=1000 + count, left=count % 2,
                                           connection_id=generator.choice(ids), num_want=30)
                assert response.seeders + response.leechers == count
                assert len(response.peers) == min(count, 30)
        for client in clients:
            assert client.scrape(*info_hashes) == [TorrentScrape(16, 0, 16)] * len(info_hashes)
    finally:
        for client in clients:
            client.socket.close()


def test_default_number_of_workers(start_tracker, io_backend, family):
    """socket_workers = 0, the default, serves as well."""
    tracker = start_tracker({"socket_workers": 0}, io_backend)
    with tracker.client(family) as client:
        assert client.announce(random_info_hash(), port=_PORT).peers == ()
