# SPDX-License-Identifier: Apache-2.0
"""What is not a good request: silence, or exactly the error that it deserves.

Silence is shown without waiting for it, see Client.answers_to().
"""

import random
import socket
import struct

import pytest

from support import bep15, machine
from support.bep15 import TorrentScrape, TrackerError
from support.torrent import random_info_hash

_PORT = 6881


def announce(connection_id, transaction_id=1, **fields):
    return bep15.announce_request(connection_id, transaction_id, fields.pop("info_hash", b"h" * 20),
                                  port=fields.pop("port", _PORT), **fields)


def error_of(client, datagram):
    """The text of the error that answers `datagram`."""
    with pytest.raises(TrackerError) as raised:
        client.request(datagram)
    return str(raised.value)


def wrong_ids(connection_id):
    """Ids that were never given: inverted, off by a bit anywhere, and the well-known ones."""
    flipped = [connection_id ^ (1 << bit) for bit in range(64)]
    return [connection_id ^ (2**64 - 1), 0, 2**64 - 1, bep15.PROTOCOL_MAGIC, *flipped]


def test_wrong_connection_id_is_met_with_silence(client):
    """No announce, scrape or error for an id that was never given, and nothing remembered of it."""
    client.connect()
    info_hash = random_info_hash()
    requests = []
    for wrong in wrong_ids(client.connection_id):
        requests += [announce(wrong, info_hash=info_hash),
                     bep15.scrape_request(wrong, 2, [info_hash])]
    assert client.answers_to(*requests) == []
    assert client.scrape(info_hash) == [TorrentScrape(0, 0, 0)]


def test_errors_need_a_valid_connection_id(client):
    """Even what would be told the owner of a valid id is told nobody else."""
    client.connect()
    wrong = client.connection_id ^ (2**64 - 1)
    assert client.answers_to(announce(wrong, port=0), bep15.scrape_request(wrong, 2, []),
                             bep15.scrape_request(wrong, 3, [b"x" * 19])) == []


def test_connection_id_belongs_to_the_address(start_tracker, io_backend):
    """An id is good for any port of its address and for no other address."""
    tracker = start_tracker(io_backend=io_backend)
    with (tracker.client(socket.AF_INET, "127.0.0.1") as first,
          tracker.client(socket.AF_INET, "127.0.0.1") as same_address,
          tracker.client(socket.AF_INET, "127.0.0.2") as other_address):
        first.connect()
        info_hash = random_info_hash()
        same_address.announce(info_hash, port=_PORT, connection_id=first.connection_id)
        stolen = announce(first.connection_id, info_hash=info_hash)
        assert other_address.answers_to(stolen) == []
        assert first.scrape(info_hash) == [TorrentScrape(0, 0, 1)]


def test_too_short_for_anything(client):
    """Fewer bytes than a connect request: silence, for every length and action (U9, U10)."""
    client.connect()
    whole = struct.pack(">QII", client.connection_id, 0, 1)
    datagrams = [whole[:length] for length in range(16)]
    datagrams += [struct.pack(">QI", client.connection_id, action) + b"abc" for action in range(5)]
    assert client.answers_to(*datagrams) == []


def test_unknown_actions(client):
    """Actions other than connect, announce and scrape: silence (U9)."""
    client.connect()
    body = announce(client.connection_id)
    datagrams = [body[:8] + struct.pack(">I", action) + body[12:]
                 for action in (3, 4, 5, 255, 256, 2**31, 2**32 - 1)]
    assert client.answers_to(*datagrams) == []


def test_connect_needs_the_magic(client):
    """A connect without the protocol's magic number: silence (U11)."""
    magics = [0, 1, bep15.PROTOCOL_MAGIC + 1, bep15.PROTOCOL_MAGIC ^ 2**63, 2**64 - 1]
    assert client.answers_to(*[bep15.connect_request(9, magic) for magic in magics]) == []


def test_surplus_after_connect_is_ignored(client):
    """A longer connect is answered as usual (U12)."""
    request = bep15.connect_request(bep15.next_transaction_id())
    for surplus in (1, 82, 500, 1400):
        assert len(client.exchange(request + bytes(surplus))) == 16


def test_announce_too_short(client):
    """An announce cut anywhere: silence, and nothing remembered (U13)."""
    client.connect()
    info_hash = random_info_hash()
    whole = announce(client.connection_id, info_hash=info_hash)
    assert client.answers_to(*[whole[:length] for length in range(12, 98)]) == []
    assert client.scrape(info_hash) == [TorrentScrape(0, 0, 0)]


def test_unknown_events(client):
    """An event that no BEP knows: silence, and nothing remembered (U15)."""
    client.connect()
    info_hash = random_info_hash()
    datagrams = [announce(client.connection_id, info_hash=info_hash, event=event)
                 for event in (5, 6, 255, 256, 2**31, 2**32 - 1)]
    assert client.answers_to(*datagrams) == []
    assert client.scrape(info_hash) == [TorrentScrape(0, 0, 0)]


def test_announced_port_zero(client):
    """Port 0 is told so (U16), and nobody is remembered."""
    client.connect()
    info_hash = random_info_hash()
    request = announce(client.connection_id, bep15.next_transaction_id(), info_hash=info_hash,
                       port=0)
    assert error_of(client, request) == "Port can't be 0"
    assert client.scrape(info_hash) == [TorrentScrape(0, 0, 0)]


def test_scrape_of_everything(client):
    """A scrape without hashes is told that it may not (U17)."""
    client.connect()
    request = bep15.scrape_request(client.connection_id, bep15.next_transaction_id(), [])
    assert error_of(client, request) == "Full scrapes are not allowed"


@pytest.mark.parametrize("surplus", [1, 10, 19, 21, 39, 1479])
def test_scrape_with_part_of_a_hash(client, surplus):
    """Hashes that do not end on a whole one are refused (U18)."""
    client.connect()
    request = bep15.scrape_request(client.connection_id, bep15.next_transaction_id(),
                                   [b"x" * surplus])
    assert error_of(client, request) == "Invalid info hash list"


def test_client_address_in_the_request_is_ignored(client):
    """The ip field of an announce sends no stranger any peers (U20)."""
    info_hash = random_info_hash()
    client.announce(info_hash, port=_PORT, ip=0xC6336401, key=7, downloaded=-1, uploaded=2**62)
    response = client.announce(info_hash, port=_PORT + 1)
    assert response.peers == ((client.tracker[0], _PORT),)


def test_oversized_datagrams(client):
    """Datagrams longer than any request are survived; the largest ones that fit are understood."""
    client.connect()
    info_hash = random_info_hash()
    for length in (2047, 2048):
        request = announce(client.connection_id, bep15.next_transaction_id(), info_hash=info_hash)
        response = client.request(request.ljust(length, b"\0"))
        assert response.leechers == 0
    client.answers_to(*[announce(client.connection_id).ljust(length, b"\0")
                        for length in (2049, 4096, 9000, 65000)])
    assert client.scrape(info_hash) == [TorrentScrape(0, 0, 1)]


def test_garbage_between_good_requests(client):
    """Random bytes of random lengths are not answered, and every request among them is."""
    generator = random.Random(20)
    info_hash = random_info_hash()
    for port in range(1000, 1020):
        garbage = [generator.randbytes(generator.randrange(0, 1500)) for _ in range(50)]
        assert client.answers_to(*garbage) == []
        client.announce(info_hash, port=port)
    assert client.scrape(info_hash) == [TorrentScrape(0, 0, 20)]


def test_nothing_without_a_valid_id_is_larger_than_its_request(client):
    """No amplification: whoever has not echoed an id gets at most what it sent, or nothing."""
    generator = random.Random(21)
    for _ in range(200):
        action = generator.choice([0, 0, 1, 2, 3])
        first = generator.choice([bep15.PROTOCOL_MAGIC, generator.randrange(2**64)])
        length = generator.choice([16, 17, 36, 56, 98, 109, generator.randrange(16, 1500)])
        datagram = struct.pack(">QII", first, action, 77).ljust(length, b"\x01")
        is_connect = action == 0 and first == bep15.PROTOCOL_MAGIC
        answers = client.answers_to(datagram)
        assert [len(answer) for answer in answers] == ([16] if is_connect else [])


def test_source_port_zero(client):
    """A datagram from port 0, which no answer can reach, harms nobody else's (U21)."""
    machine.skip_if(machine.not_root())
    client.connect()
    payload = bep15.connect_request(5)
    header = struct.pack(">HHHH", 0, client.tracker[1], 8 + len(payload), 0)
    with socket.socket(client.family, socket.SOCK_RAW, socket.IPPROTO_UDP) as raw:
        if client.family == socket.AF_INET6:
            checksum_offset = 6  # The kernel fills it in; over IPv4 zero means none.
            raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_CHECKSUM, checksum_offset)
        info_hash = random_info_hash()
        for port in range(1000, 1020):
            raw.sendto(header + payload, (client.tracker[0], 0))
            client.announce(info_hash, port=port)
    assert client.scrape(info_hash) == [TorrentScrape(0, 0, 20)]
