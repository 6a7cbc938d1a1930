# SPDX-License-Identifier: Apache-2.0
"""Real clients exchange real files through the UDP tracker, on loopback interfaces."""

import pathlib
import shutil
import socket
import tempfile

import pytest

from support import machine
from support.clients import ANNOUNCE_INTERVAL_S, Aria2, Libtorrent, Transmission
from support.exchange import Exchange, Transfer
from support.network import HOST_NAMES, HostLoopback, PrivateNetwork, Unavailable
from support.torrent import make_torrent
from support.tracker import merged
from support.udp_tracker import UdpTracker, base_config
from support.waiting import DEADLINE_S, wait_until

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


class UdpExchange(Exchange):
    """A tracker and all the transfers that it serves."""

    def __init__(self, folder, io_backend):
        try:
            self.network = PrivateNetwork(folder)
        except Unavailable as error:
            self.network, self._unavailable = HostLoopback(), str(error)
        super().__init__(folder, self.network)
        config = merged(base_config(io_backend),
                        {"protocol": {"peer_announce_interval": ANNOUNCE_INTERVAL_S}})
        self.tracker = UdpTracker(folder, config, network=self.network)

    def start_all(self):
        self.start([self._transfer(pair) for pair in _PAIRS if not self.reason_to_skip(pair)])

    def reason_to_skip(self, pair):
        seeder, leecher, family = pair
        if family == _IPV6 and machine.no_ipv6():
            return machine.no_ipv6()
        if family == _IPV6 and Transmission in pair and isinstance(self.network, HostLoopback):
            return f"transmission needs a global IPv6 address: {self._unavailable}"
        return seeder.missing() or leecher.missing()

    def _transfer(self, pair):
        seeder, leecher, family = pair
        url, ip = self.tracker.url(family), _LOOPBACK[family]
        if Transmission in pair and family == _IPV6:
            url = url.replace("[::1]", HOST_NAMES["::1"])
        return Transfer(name_of(pair), seeder, leecher, url, ip, ip,
                        lambda info_hash: self._scrape(info_hash, family))

    def _scrape(self, info_hash, family):
        client = self.tracker.client(family)
        if isinstance(self.network, PrivateNetwork):
            client.socket.close()
            client.socket = self.network.socket(family)
        with client:
            return client.scrape(info_hash)[0]

    def stop(self):
        try:
            super().stop()
            self.tracker.stop_cleanly()
        finally:
            self.tracker.kill()
            self.network.close()


@pytest.fixture(scope="module")
def exchange(io_backend):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="aquatic-"))
    made = UdpExchange(folder, io_backend)
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
    exchange.check(name_of(pair))


def test_clients_leave_the_swarm(exchange):
    """A client that is stopped says so, and the tracker forgets it at once."""
    pair = (Libtorrent, Transmission, _IPV4)
    machine.skip_if(exchange.reason_to_skip(pair))
    transfer = exchange[name_of(pair)]
    transfer.leecher.wait_until_complete(DEADLINE_S)
    before = transfer.scrape()
    transfer.leecher.stop()
    wait_until(lambda: transfer.scrape().seeders == before.seeders - 1,
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
