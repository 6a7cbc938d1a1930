# SPDX-License-Identifier: Apache-2.0
"""Pairs of real clients that exchange files, with a tracker as their only way to find each other.

All pairs run at the same time: most of a transfer's seconds are spent in the clients' own timers.
"""

import dataclasses
import pathlib
import typing

from support.clients import RealClient
from support.torrent import Torrent, make_torrent, sha256
from support.waiting import wait_until

_SIZE = 16 * 1024 * 1024 + 12345  # The last piece is a short one.
# transmission looks whom to serve every ten seconds; clients that miss each other try again.
_DEADLINE_S = 120


@dataclasses.dataclass
class Transfer:
    """One pair of clients and their torrent."""

    name: str
    seeder_kind: type
    leecher_kind: type
    announce_url: str
    seeder_ip: str
    leecher_ip: str
    scrape_torrent: typing.Callable  # info hash → seeders, completed, leechers
    authority_path: pathlib.Path = None  # Whom to trust, where the tracker speaks TLS.
    torrent: Torrent = None
    folder: pathlib.Path = None  # The leecher's.
    seeder: RealClient = None
    leecher: RealClient = None

    def scrape(self):
        return self.scrape_torrent(self.torrent.info_hash)


class Exchange:
    def __init__(self, folder, network):
        self._folder = pathlib.Path(folder)
        self._network = network
        self._transfers = {}

    def start(self, transfers):
        """The seeders, and as soon as the tracker knows of a seeder, its leecher."""
        self._transfers = {transfer.name: transfer for transfer in transfers}
        for transfer in transfers:
            folder = self._folder / transfer.name
            transfer.folder = folder / "download"
            transfer.folder.mkdir(parents=True)
            transfer.torrent = make_torrent(folder, transfer.announce_url, _SIZE,
                                            seed=transfer.name)
            transfer.seeder = self._client(transfer, transfer.seeder_kind, transfer.seeder_ip,
                                           transfer.torrent.content_path.parent)
        for transfer in transfers:
            wait_until(lambda: transfer.scrape().seeders == 1,
                       lambda: "the tracker knows " + transfer.seeder.process.describe())
            transfer.leecher = self._client(transfer, transfer.leecher_kind, transfer.leecher_ip,
                                            transfer.folder)

    def _client(self, transfer, kind, ip, folder):
        return kind(transfer.torrent, folder, ip, self._network,
                    authority_path=transfer.authority_path)

    def __getitem__(self, name):
        return self._transfers[name]

    def check(self, name):
        """The leecher found the seeder, got every byte, and was counted once."""
        transfer = self[name]
        transfer.leecher.wait_until_complete(_DEADLINE_S)
        content = transfer.folder / transfer.torrent.content_path.name
        assert sha256(content) == transfer.torrent.sha256
        wait_until(lambda: transfer.scrape().seeders == 2, "the leecher counts as a seeder")
        if transfer.leecher_kind.announces_completion_first:
            wait_until(lambda: transfer.scrape().completed == 1,
                       lambda: f"one download counted, but {transfer.scrape()}")
        assert transfer.scrape().completed <= 1

    def stop(self):
        clients = [client for transfer in self._transfers.values()
                   for client in (transfer.seeder, transfer.leecher) if client]
        for client in clients:
            client.ask_to_stop()
        for client in clients:
            client.stop()
