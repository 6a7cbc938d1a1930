# SPDX-License-Identifier: Apache-2.0
"""WebTorrent clients exchange real files over WebRTC, with the tracker as the only signalling path.

Everything happens in a network of its own that nothing can leave; no STUN server is asked.
"""

import pathlib
import socket
import tempfile

import pytest

from support import machine, ws_tracker
from support.certificates import make_certificates, no_certutil
from support.network import Unavailable
from support.signalling import Counts, random_id, scrape
from support.torrent import make_torrent
from support.waiting import wait_until
from support.webtorrent import BrowserPeer, NodePeer, Program, WebRtcNetwork, no_tools
from support.websocket import WebSocket

machine.skip_if(ws_tracker.missing())

_SIZE = 8 * 1024 * 1024 + 12345  # The last piece is a short one.
# A browser starts, WebRTC finds its way, 8 MiB are hashed: seconds. Two who miss each other try
# again with their next announce.
_DEADLINE_S = 90
_ANNOUNCE_INTERVAL_S = 20
_PAIRS = [(BrowserPeer, BrowserPeer), (BrowserPeer, NodePeer), (NodePeer, BrowserPeer),
          (NodePeer, NodePeer)]


def name_of(pair):
    return "-to-".join(peer.__name__.removesuffix("Peer").lower() for peer in pair)


class Meeting:
    """A tracker in a network of its own, with or without TLS."""

    def __init__(self, folder, network, start, scheme):
        self._folder = folder
        self.network = network
        self.certificates = make_certificates(folder) if scheme == "wss" else None
        self.refused_hash = random_id().encode("latin-1").hex()
        access_list = self._folder / "access_list"
        access_list.write_text(self.refused_hash + "\n")
        changes = {"protocol": {"peer_announce_interval": _ANNOUNCE_INTERVAL_S},
                   "access_list": {"mode": "deny", "path": access_list}}
        self.tracker = start(changes, workers=2, certificates=self.certificates, network=network)
        self._programs = []

    def folder(self):
        return pathlib.Path(tempfile.mkdtemp(dir=self._folder))

    def torrent(self, seed):
        return make_torrent(self.folder(), self.tracker.url, _SIZE, seed)

    def start(self, kind, role, torrent):
        program = kind(role, torrent, self.tracker.url, self.folder(), self.network,
                       self.certificates)
        self._programs.append(program)
        return program

    def converse(self, **options):
        started = Program("tracker_client.mjs", {"tracker": self.tracker.url, **options},
                          self.network, self.certificates, self.folder())
        self._programs.append(started)
        return started

    def scrape(self, info_hash):
        """Counts, as somebody else is told them."""
        tls = self.certificates and self.certificates.context()
        inside = self.network.socket(socket.AF_INET, socket.SOCK_STREAM)
        with WebSocket(self.tracker.address, tls=tls, server_name="127.0.0.1",
                       connected=inside) as connection:
            return scrape(connection, info_hash.decode("latin-1"))[0]

    def wait_for_counts(self, info_hash, *counts):
        wait_until(lambda: self.scrape(info_hash) == Counts(*counts),
                   lambda: f"{Counts(*counts)}, but {self.scrape(info_hash)}")

    def stop_programs(self):
        for program in self._programs:
            program.kill()


@pytest.fixture(params=["ws", "wss"])
def meeting(request, start_ws_tracker, tmp_path):
    machine.skip_if(no_tools() or (request.param == "wss" and no_certutil()))
    try:
        network = WebRtcNetwork(tmp_path)
    except Unavailable as error:
        pytest.skip(str(error))
    made = None
    try:
        made = Meeting(tmp_path, network, start_ws_tracker, request.param)
        yield made
    finally:
        if made:
            made.stop_programs()
            made.tracker.stop_cleanly()
        network.close()


@pytest.mark.parametrize("pair", _PAIRS, ids=name_of)
def test_transfer(meeting, pair):
    """The leecher finds the seeder through the tracker, gets every byte, and counts as one who has
    it; who goes, with a word or without, is not counted any more."""
    machine.skip_if(pair[0].missing() or pair[1].missing())
    torrent = meeting.torrent(seed=name_of(pair))
    seeder = meeting.start(pair[0], "seed", torrent)
    seeding = seeder.wait_for_event("seeding", _DEADLINE_S)
    assert seeding["infoHash"] == torrent.info_hash.hex()
    meeting.wait_for_counts(torrent.info_hash, 1, 0)
    leecher = meeting.start(pair[1], "leech", torrent)
    downloaded = leecher.wait_for_event("downloaded", _DEADLINE_S)
    assert downloaded == {"event": "downloaded", "sha256": torrent.sha256, "bytes": _SIZE}
    meeting.wait_for_counts(torrent.info_hash, 2, 0)
    assert seeder.events("warning") + leecher.events("warning") == []
    leecher.stop()
    meeting.wait_for_counts(torrent.info_hash, 1, 0)
    seeder.kill()
    meeting.wait_for_counts(torrent.info_hash, 0, 0)


def test_client_library(meeting):
    """bittorrent-tracker's client, which all of WebTorrent has inside: each of its requests gets a
    response that it understands, also on a connection that several torrents share."""
    first, second = (random_id().encode("latin-1").hex() for _ in range(2))
    program = meeting.converse(hashes=[first, second], refused=meeting.refused_hash)
    program.wait_for_event("done", _DEADLINE_S)

    def counts(step):
        event, = program.events(step)
        return event["infoHash"], event["complete"], event["incomplete"]
    assert counts("started") == (first, 1, 0)
    assert counts("joined") == (first, 1, 1)
    assert program.events("greeted")[0]["texts"] == ["hello", "hello"]
    assert counts("updated") == (first, 1, 1)
    assert counts("scraped") == (first, 1, 1)
    assert counts("completed") == (first, 2, 0)
    assert counts("other torrent") == (second, 0, 1)
    assert counts("scraped there") == (second, 0, 1)
    assert program.events("refused")[0]["message"]
    assert counts("left") == (first, 1, 0)
    assert counts("alone") == (first, 1, 0)
    assert counts("still there") == (second, 0, 1)
    assert program.events("started")[0]["interval"] == _ANNOUNCE_INTERVAL_S
