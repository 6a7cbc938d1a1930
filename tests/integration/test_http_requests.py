# SPDX-License-Identifier: Apache-2.0
"""Announces and scrapes: what each parameter does, and what each bad one is told, to the byte."""

import socket

import pytest

from support import bencode
from support.http_client import (PEER_ID, Failure, TorrentScrape, announce_target, decode_announce,
                                 decode_body, decode_scrape, query, request, scrape_target)
from support.torrent import random_info_hash

_LOOPBACK = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}
_OTHER = {socket.AF_INET: socket.AF_INET6, socket.AF_INET6: socket.AF_INET}
_MAX_PEERS = 50
_MAX_SCRAPE_TORRENTS = 255
_BAD_ID = "%61" * 19


def failure(reason, is_for_good=True):
    """The exact body; BEP 31's `retry in` where trying again is futile."""
    more = {"retry in": "never"} if is_for_good else {}
    return bencode.encode({"failure reason": reason, **more})


# Parameters laid over good ones (None: without it), and what is said of them.
_BAD_ANNOUNCES = [
    ({"info_hash": None}, "info_hash is missing"),
    *[({"info_hash": text}, "info_hash must be 20 bytes, percent-encoded")
      for text in ("", "a" * 19, "a" * 21, _BAD_ID, _BAD_ID + "%6", _BAD_ID + "%6g", "%00" * 21)],
    ({"peer_id": None}, "peer_id is missing"),
    *[({"peer_id": text}, "peer_id must be 20 bytes, percent-encoded")
      for text in ("", "a" * 19, "a" * 21, "%zz" * 20)],
    ({"port": None}, "port is missing"),
    *[({"port": text}, "port must be a number from 1 to 65535")
      for text in ("", "0", "65536", "-1", "+1", "1.0", "0x1", "port", "%3", "9" * 20)],
    ({"left": None}, "left is missing"),
    *[({"left": text}, "left must be a number of bytes")
      for text in ("", "-2", "+1", "1.5", "all", "18446744073709551616", "%")],
    *[({"event": text}, "event must be started, stopped, completed, paused or empty")
      for text in ("begin", "0", "started%20", "%2", "x" * 100)],
    *[({"numwant": text}, "numwant must be a number")
      for text in ("many", "-", "1.5", "+1", "--1", "%1")],
    *[({"compact": text}, "compact must be 0 or 1") for text in ("2", "yes", "-1", "%0")],
]


def raw_query(**fields):
    """Like query(), of what is percent-encoded already."""
    return "&".join(f"{key}={text}" for key, text in fields.items() if text is not None)


def with_good_fields(changes):
    good = {"info_hash": "a" * 20, "peer_id": "b" * 20, "port": "6881", "left": "0"}
    return "/announce?" + raw_query(**{**good, **changes})


@pytest.mark.parametrize("changes, reason", _BAD_ANNOUNCES)
def test_bad_announce(http_client, changes, reason):
    """Each bad parameter is named; status 200, as clients read nothing else; nothing is closed."""
    response = http_client.get(with_good_fields(changes))
    assert (response.status, response.body) == (200, failure(reason))
    assert http_client.get("/health").status == 200


def test_announce_without_a_query(http_client):
    """So is the first one that is missing if there are none at all."""
    for target in ("/announce", "/announce?", "/announce?&&=&x"):
        assert http_client.get(target).body == failure("info_hash is missing")


@pytest.mark.parametrize("target", ["/scrape?info_hash=abc", "/scrape?info_hash=",
                                    "/scrape?info_hash=" + "a" * 20 + "&info_hash=" + "%41" * 21])
def test_bad_scrape(http_client, target):
    """One bad info hash spoils a scrape."""
    expected = failure("info_hash must be 20 bytes, percent-encoded")
    assert http_client.get(target).body == expected


def test_announce_to_the_byte(http_client, family):
    """A whole response: sorted keys, peers of the family that asks, his own address (BEP 24)."""
    info_hash = random_info_hash()
    key = "peers" if family == socket.AF_INET else "peers6"
    ip = socket.inet_pton(family, _LOOPBACK[family])
    for port, incomplete, peers in ((1000, 0, b""), (1001, 1, ip + b"\x03\xe8")):
        response = http_client.get(announce_target(info_hash, port=port))
        assert response.body == bencode.encode({
            "complete": 0, "downloaded": 0, "external ip": ip, "incomplete": incomplete,
            "interval": 120, "min interval": 60, key: peers})


@pytest.mark.parametrize("changes", [
    {"event": ""}, {"event": "empty"}, {"event": "Started"}, {"event": "st%61rted"},
    {"numwant": "-1"}, {"numwant": ""}, {"numwant": "%31"}, {"numwant": "99999999999999999999"},
    {"compact": ""}, {"compact": "1"}, {"no_peer_id": "1"}, {"key": "x%zz"}, {"%zz": "x"},
    {"left": "18446744073709551615"}, {"left": "-1"}, {"uploaded": "lots", "downloaded": "-1"},
    {"port": "%36881"}, {"port": "06881"}, {"ip": "nowhere"}, {"ipv6": "1.2.3.4"}, {"p%6frt": "1"},
    {"x" * 300: "y" * 3000}])
def test_tolerated(http_client, changes):
    """What programs out there send and what cannot be misunderstood is answered."""
    info_hash = raw_query(info_hash="".join(f"%{byte:02x}" for byte in random_info_hash()))[10:]
    response = http_client.get(with_good_fields({"info_hash": info_hash, **changes}))
    assert decode_announce(response).peers == ()


def test_last_of_repeated_parameters_counts(http_client):
    """Of a repeated key the last value counts; bytes need no encoding where they are letters."""
    info_hash = b"Unencoded" + random_info_hash().hex()[:11].encode()
    target = announce_target(random_info_hash(), port=1)
    http_client.get(f"{target}&{query(info_hash=info_hash)}&port=2")
    assert [port for _, port in http_client.announce(info_hash, port=3).peers] == [2]


@pytest.mark.parametrize("num_want, count", [(0, 0), (1, 1), (7, 7), (_MAX_PEERS, _MAX_PEERS),
                                             (1000, _MAX_PEERS), (-1, _MAX_PEERS),
                                             (None, _MAX_PEERS), ("", _MAX_PEERS)])
def test_numwant(http_client, num_want, count):
    """As many peers as wanted, at most max_peers; each once, and never the one who asks."""
    info_hash = random_info_hash()
    http_client.send(b"".join(request(announce_target(info_hash, port=port, numwant=0))
                              for port in range(1, 61)))
    for _ in range(60):
        http_client.receive()
    peers = http_client.announce(info_hash, port=60, numwant=num_want).peers
    assert len(peers) == len(set(peers)) == count
    assert all(1 <= port < 60 for _, port in peers)


def test_life_of_a_peer(http_client):
    """started, completed, stopped; the counts are those of the others."""
    info_hash = random_info_hash()
    first = http_client.announce(info_hash, port=1, left=10, event="started")
    assert (first.seeders, first.leechers, first.completed) == (0, 0, 0)
    assert http_client.scrape(info_hash) == [TorrentScrape(0, 0, 1)]
    http_client.announce(info_hash, port=1, left=0, event="completed")
    assert http_client.scrape(info_hash) == [TorrentScrape(1, 1, 0)]
    second = http_client.announce(info_hash, port=2, left=10)
    assert (second.seeders, second.leechers, second.completed) == (1, 0, 1)
    assert http_client.announce(info_hash, port=1, left=0, event="stopped").peers == ()
    assert http_client.scrape(info_hash) == [TorrentScrape(0, 1, 1)]


def test_paused_peer_is_a_leecher(http_client):
    """`paused` (BEP 21) with something left: a leecher that is handed out."""
    info_hash = random_info_hash()
    http_client.announce(info_hash, port=1, left=10, event="paused")
    assert http_client.scrape(info_hash) == [TorrentScrape(0, 0, 1)]
    assert [port for _, port in http_client.announce(info_hash, port=2).peers] == [1]


def test_families_are_apart(http_tracker, family):
    """A peer is handed out over the family that it announced over, and counted there."""
    info_hash = random_info_hash()
    if len(http_tracker.listening) < 2:
        pytest.skip("only one address family here")
    with http_tracker.client(family) as client, http_tracker.client(_OTHER[family]) as other:
        client.announce(info_hash, port=1)
        assert other.announce(info_hash, port=2).peers == ()
        assert client.announce(info_hash, port=3).peers == ((_LOOPBACK[family], 1),)
        assert other.scrape(info_hash) == [TorrentScrape(0, 0, 1)]


def long_peers(client, info_hash, **fields):
    """The peers of a response that is not compact."""
    value = decode_body(client.get(announce_target(info_hash, compact=0, **fields)))
    assert b"peers6" not in value
    return value[b"peers"]


def test_not_compact(http_client, family):
    """compact=0 gets dictionaries, without ids where none are kept."""
    info_hash = random_info_hash()
    http_client.announce(info_hash, port=1)
    assert long_peers(http_client, info_hash, port=2) == [
        {b"ip": _LOOPBACK[family].encode(), b"port": 1}]


def test_peer_ids(start_http_tracker, family):
    """Where ids are kept, dictionaries have them unless no_peer_id=1; compact peers have none."""
    tracker = start_http_tracker({"protocol": {"keep_peer_ids": True}})
    info_hash = random_info_hash()
    peer = {b"ip": _LOOPBACK[family].encode(), b"port": 1}
    with tracker.client(family) as client:
        client.announce(info_hash, port=1)
        with_id = {**peer, b"peer id": PEER_ID}
        assert long_peers(client, info_hash, port=2, numwant=1) == [with_id]
        assert long_peers(client, info_hash, port=2, no_peer_id=0) == [with_id]
        assert long_peers(client, info_hash, port=2, no_peer_id=1) == [peer]
        assert client.announce(info_hash, port=2).peers == ((_LOOPBACK[family], 1),)


def test_other_address_is_not_believed(http_client, family):
    """ipv4= and ipv6= (BEP 7) ask for those peers, too, but do not add the one who asks."""
    info_hash = random_info_hash()
    other = _OTHER[family]
    field, key, ip = (("ipv6", b"peers6", "2001:db8::7") if other == socket.AF_INET6 else
                      ("ipv4", b"peers", "192.0.2.7"))
    for port in (1, 2):
        value = decode_body(http_client.get(announce_target(info_hash, port=port, ip="192.0.2.8",
                                                            **{field: ip})))
        assert value[key] == b""
    assert http_client.announce(info_hash, port=3).peers[0][0] == _LOOPBACK[family]


def test_ip_parameters_where_allowed(start_http_tracker, family):
    """With allow_ip_parameters a peer is where he says he is; his external ip stays the truth."""
    tracker = start_http_tracker({"protocol": {"allow_ip_parameters": True}})
    info_hash = random_info_hash()
    with tracker.client(family) as client:
        said = client.announce(info_hash, port=1, ip="192.0.2.7", ipv6="2001:db8::7")
        assert said.external_ip == _LOOPBACK[family]
        announced = client.announce(info_hash, port=2, ip="192.0.2.8", ipv6="[2001:db8::8]:5")
        assert set(announced.peers) == {("192.0.2.7", 1), ("2001:db8::7", 1)}


def test_scrape_of_many(http_client):
    """Every torrent asked for, once, in the order of bencode; unknown ones with zeros."""
    known, unknown = random_info_hash(), [random_info_hash() for _ in range(100)]
    http_client.announce(known, port=1, left=0)
    files = decode_scrape(http_client.get(scrape_target(*unknown, known, known, unknown[0])))
    assert files.pop(known) == TorrentScrape(1, 0, 0)
    assert files == {info_hash: TorrentScrape(0, 0, 0) for info_hash in unknown}


def test_scrape_has_a_limit(start_http_tracker, family):
    """Beyond max_scrape_torrents the rest is left out."""
    tracker = start_http_tracker({"limits": {"max_request_bytes": 65536}})
    hashes = [random_info_hash() for _ in range(_MAX_SCRAPE_TORRENTS + 1)]
    with tracker.client(family) as client:
        files = decode_scrape(client.get(scrape_target(*hashes)))
        assert files.keys() == set(hashes[:_MAX_SCRAPE_TORRENTS])


def test_full_scrape_is_off(http_client):
    """A scrape that names no torrent is refused by default."""
    for target in ("/scrape", "/scrape?", "/scrape?x=y", "/passkey/scrape"):
        assert http_client.get(target).body == failure("Full scrapes are not allowed")


@pytest.mark.parametrize("count", [0, 1, 5000])
def test_full_scrape(start_http_tracker, family, count):
    """Where it is allowed, all torrents of the family: in chunks, or up to the end for HTTP/1.0."""
    tracker = start_http_tracker({"protocol": {"allow_full_scrape": True}})
    hashes = [random_info_hash() for _ in range(count)]
    with tracker.client(family) as client:
        for start in range(0, count, 100):
            some = hashes[start:start + 100]
            client.send(b"".join(request(announce_target(info_hash)) for info_hash in some))
            for _ in some:
                client.receive()
        for response in (client.get("/scrape"), client.get("/scrape", "Connection: close")):
            assert response.header("transfer-encoding") == "chunked"
            check_full_scrape(response, hashes)
        assert client.read_to_end() == b""
    with tracker.client(family) as client:
        head = client.get("/scrape", method="HEAD")
        assert head.header("transfer-encoding") == "chunked"
        response = client.get("/scrape", "Connection: keep-alive", version="HTTP/1.0")
        assert response.header("transfer-encoding") is None
        assert response.header("connection") == "close"
        check_full_scrape(response, hashes)


def check_full_scrape(response, hashes):
    # In no particular order, as the setting says.
    files = bencode.decode(response.body, sorted_keys=False)[b"files"]
    assert files == {info_hash: {b"complete": 0, b"downloaded": 0, b"incomplete": 1}
                     for info_hash in hashes}


@pytest.mark.parametrize("mode", ["allow", "deny"])
def test_access_list(start_http_tracker, family, mode):
    """What the list does not allow is refused for good, and has only zeros in scrapes."""
    listed, other = random_info_hash(), random_info_hash()
    path = start_http_tracker.folder() / "access-list.txt"
    path.write_text(listed.hex() + "\n")
    tracker = start_http_tracker({"access_list": {"mode": mode, "path": path},
                                  "protocol": {"allow_full_scrape": True}})
    allowed, refused = (listed, other) if mode == "allow" else (other, listed)
    with tracker.client(family) as client:
        assert client.announce(allowed, port=1).peers == ()
        assert client.get(announce_target(refused)).body == failure("Info hash not allowed")
        with pytest.raises(Failure) as raised:
            client.announce(refused, port=1)
        assert raised.value.retry_in == b"never"
        assert client.scrape(allowed, refused) == [TorrentScrape(0, 0, 1), TorrentScrape(0, 0, 0)]
        check_full_scrape(client.get("/scrape"), [allowed])


def test_settings_in_responses(start_http_tracker, family):
    """Intervals and max_peers are those of the settings; min interval is never the longer one."""
    tracker = start_http_tracker({"protocol": {"peer_announce_interval": 33, "max_peers": 2,
                                               "min_announce_interval": 44}})
    info_hash = random_info_hash()
    with tracker.client(family) as client:
        for port in range(1, 5):
            announced = client.announce(info_hash, port=port, numwant=100)
        assert (announced.interval, announced.min_interval) == (33, 33)
        assert len(announced.peers) == 2
