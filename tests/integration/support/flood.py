# SPDX-License-Identifier: Apache-2.0
"""Abuse of a tracker, bounded in count, as a process of its own.

    flood.py KIND ADDRESS PORT COUNT

Sends COUNT datagrams as fast as it can and reads no answers. KIND is one of:
    garbage        random bytes of random lengths, and requests with a few bytes changed
    connects       connect requests, each from another loopback address and port
    new-torrents   announces, each for another torrent
    hot-torrent    announces of ever new peers for one torrent
"""

import pathlib
import random
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import bep15  # noqa: E402

_HOT_TORRENT = b"hot torrent of floods"[:20]


def garbage(client, count, generator):
    whole = bep15.announce_request(client.connection_id, 1, _HOT_TORRENT, port=1)
    for _ in range(count):
        if generator.random() < 0.5:
            yield generator.randbytes(generator.randrange(1500))
        else:
            changed = bytearray(whole)
            for _ in range(3):
                changed[generator.randrange(16)] = generator.randrange(256)
            yield bytes(changed)


def new_torrents(client, count, generator):
    for number in range(count):
        yield bep15.announce_request(client.connection_id, number, generator.randbytes(20),
                                     port=1 + number % 65535)


def hot_torrent(client, count, generator):
    for number in range(count):
        yield bep15.announce_request(client.connection_id, number, _HOT_TORRENT,
                                     port=1 + number % 65535, left=generator.randrange(2))


def flood(client, datagrams):
    for datagram in datagrams:
        try:
            client.send(datagram)
        except OSError:  # The sender's own queue is full: no reason to stop.
            pass


def flood_from_everywhere(tracker, count, generator):
    """A socket for each datagram: its answer finds nobody any more, as with a forged source."""
    request = bep15.connect_request(1)
    for _ in range(count):
        source = f"127.{generator.randrange(256)}.{generator.randrange(256)}." \
                 f"{generator.randrange(1, 255)}"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as once:
            try:
                once.bind((source, 0))
                once.sendto(request, tracker)
            except OSError:
                pass


def main():
    kind, address, port, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    generator = random.Random(kind)
    if kind == "connects":
        return flood_from_everywhere((address, port), count, generator)
    kinds = {"garbage": garbage, "new-torrents": new_torrents, "hot-torrent": hot_torrent}
    with bep15.Client((address, port)) as client:
        client.connect()
        flood(client, kinds[kind](client, count, generator))


if __name__ == "__main__":
    main()
