# SPDX-License-Identifier: Apache-2.0
"""Real clients exchange real files, with the tracker as the only way to find each other.

Everything happens on loopback interfaces. All pairs of clients of a tracker run at the same time:
most of a transfer's seconds are spent in the clients' own timers.
"""

import dataclasses
import pathlib
import shutil
import socket
import tempfile

import pytest

from support import machine
from support.clients import ANNOUNCE_INTERVAL_S, Aria2, Libtorrent, RealClient, Transmission
from support.network import HOST_NAMES, HostLoopback, PrivateNetwork, Unavailable
from support.torrent import Torrent, make_torrent, sha256
from support.tracker import merged
from support.udp_tracker import UdpTracker, base_config
from support.waiting import wait_until

_SIZE = 16 * 1024 * 1024 + 12345  # The last piece is a short one.
# transmission looks whom to serve every ten seconds; clients that miss each other try again.
_DEADLINE_S = 120
_IPV4, _IPV6 = socket.AF_INET, socket.AF_INET6
_LOOPBACK = {_IPV4: "127.0.0.1", _IPV6: "::1"}
# (seeder, leecher, family). aria2 has no UDP trackers over IPv6, as a test below shows.
# transmission refuses to call loopback addresses, so one of a pair has to be another client.
_PAIRS = [
    (Libtorrent, Libtorrent, _IPV4),
    (Libtorrent, Transmission, _IPV4),
    (Libtorrent, Aria2, _IPV4),
    (Transmission, Libtorrent, _IPV4),
    (Transmission, Aria2, _IPV4),
    (Aria2, Libtorrent, _IPV4),
    (Aria2, Transmission, _IPV4),
    (Aria2, Aria2, _IPV4),
    (Libtorrent, Libtorrent, _IPV6),
    (Libtorrent, Transmission, _IPV6),
    (Transmission, Libtorrent, _IPV6),
]


def name_of(pair):
    seeder, leecher, family = pair
    return f"{seeder.__name__}-to-{leecher.__name__}-ipv{4 if family == _IPV4 else 6}".lower()


@dataclasses.dataclass
class Transfer:
    """One pair of clients and their torrent."""

    pair: tuple
    torrent: Torrent
    folder: pathlib.Path  # The leecher's.
    seeder: RealClient = None
    leecher: RealClient = None


class Exchange:
    """A tracker and all the transfers that it serves."""

    def __init__(self, folder, io_backend):
        self._folder = folder
        try:
            self.network = PrivateNetwork(folder)
        except Unavailable as error:
            self.network, self.unavailable = HostLoopback(), str(error)
        config = merged(base_config(io_backend),
                        {"protocol": {"peer_announce_interval": ANNOUNCE_INTERVAL_S}})
        self.tracker = UdpTracker(folder, config, network=self.network)
        self._transfers = {}

    def start_all(self):
        for pair in _PAIRS:
            if not self.reason_to_skip(pair):
                self._transfers[pair] = self._prepare(pair)
        for transfer in self._transfers.values():
            transfer.seeder = self._start(transfer.pair[0], transfer,
                                          transfer.torrent.content_path.parent)
        for transfer in self._transfers.values():
            wait_until(lambda: self.scrape(transfer).seeders == 1,
                       lambda: "the tracker knows " + transfer.seeder.process.describe())
            transfer.leecher = self._start(transfer.pair[1], transfer, transfer.folder)

    def reason_to_skip(self, pair):
        seeder, leecher, family = pair
        if family == _IPV6 and machine.no_ipv6():
            return machine.no_ipv6()
        if family == _IPV6 and Transmission in pair and isinstance(self.network, HostLoopback):
            return f"transmission needs a global IPv6 address: {self.unavailable}"
        return seeder.missing() or leecher.missing()

    def _prepare(self, pair):
        folder = self._folder / name_of(pair)
        download = folder / "download"
        download.mkdir(parents=True)
        url = self.tracker.url(pair[2])
        if Transmission in pair and pair[2] == _IPV6:
            url = url.replace("[::1]", HOST_NAMES["::1"])
        return Transfer(pair, make_torrent(folder, url, _SIZE, seed=name_of(pair)), download)

    def _start(self, client, transfer, folder):
        return client(transfer.torrent, folder, _LOOPBACK[transfer.pair[2]], self.network)

    def __getitem__(self, pair):
        return self._transfers[pair]

    def scrape(self, transfer):
        family = transfer.pair[2]
        client = self.tracker.client(family)
        if isinstance(self.network, PrivateNetwork):
            client.socket.close()
            client.socket = self.network.socket(family)
        with client:
            return client.scrape(transfer.torrent.info_hash)[0]

    def stop(self):
        try:
            clients = [client for transfer in self._transfers.values()
                       for client in (transfer.seeder, transfer.leecher) if client]
            for client in clients:
                client.ask_to_stop()
            for client in clients:
                client.stop()
            self.tracker.stop_cleanly()
        finally:
            self.tracker.kill()
            self.network.close()


@pytest.fixture(scope="module")
def exchange(io_backend):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="aquatic-"))
    made = Exchange(folder, io_backend)
    try:
        made.start_all()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder)


@pytest.mark.parametrize("pair", _PAIRS, ids=name_of)
def test_transfer(exchange, pair):
    """The leecher finds the seeder through the tracker, gets every byte, and is counted once."""
    machine.skip_if(exchange.reason_to_skip(pair))
    transfer = exchange[pair]
    transfer.leecher.wait_until_complete(_DEADLINE_S)
    assert sha256(transfer.folder / transfer.torrent.content_path.name) == transfer.torrent.sha256
    wait_until(lambda: exchange.scrape(transfer).seeders == 2, "the leecher counts as a seeder")
    # transmission at times announces that nothing is left before it announces `completed`. By then
    # it is a seeder, whose `completed` is no download.
    if pair[1] is not Transmission:
        wait_until(lambda: exchange.scrape(transfer).completed == 1,
                   lambda: f"one download counted, but {exchange.scrape(transfer)}")
    assert exchange.scrape(transfer).completed <= 1


def test_clients_leave_the_swarm(exchange):
    """A client that is stopped says so, and the tracker forgets it at once."""
    pair = (Libtorrent, Transmission, _IPV4)
    machine.skip_if(exchange.reason_to_skip(pair))
    transfer = exchange[pair]
    transfer.leecher.wait_until_complete(_DEADLINE_S)
    before = exchange.scrape(transfer)
    transfer.leecher.stop()
    wait_until(lambda: exchange.scrape(transfer).seeders == before.seeders - 1,
               "the stopped client is gone")


def test_aria2_asks_no_tracker_over_ipv6(exchange, tmp_path):
    """Why aria2 is missing from the IPv6 pairs: it fails to send the very first datagram."""
    machine.skip_if(Aria2.missing() or machine.no_ipv6())
    torrent = make_torrent(tmp_path, exchange.tracker.url(_IPV6), 100_000, seed="aria2")
    client = Aria2(torrent, torrent.content_path.parent, "::1", exchange.network,
                   ["--log=-", "--log-level=info"])
    try:
        client.process.wait_for(lambda: client.process.stdout.matching("UDPT fail CONNECT to ::1"),
                                "aria2 gives up, or works: then put it into the pairs")
    finally:
        client.stop()
    pytest.skip("aria2 cannot use UDP trackers over IPv6: it sends from its IPv4 socket")
