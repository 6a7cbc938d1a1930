# SPDX-License-Identifier: Apache-2.0
"""Private one-file torrents of pseudo-random bytes (BEP 3, BEP 27)."""

import dataclasses
import hashlib
import os
import pathlib
import random

from support import bencode

_PIECE_BYTES = 256 * 1024


def random_info_hash():
    return os.urandom(20)


def sha256(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


@dataclasses.dataclass(frozen=True)
class Torrent:
    content_path: pathlib.Path  # What a seeder has.
    path: pathlib.Path          # The .torrent file.
    info_hash: bytes
    sha256: str


def make_torrent(folder, announce_url, size, seed, name="payload.bin"):
    """`private` is set: a client that obeys BEP 27 asks the tracker and nobody else for peers."""
    content = random.Random(seed).randbytes(size)
    content_path = folder / "content" / name
    content_path.parent.mkdir()
    content_path.write_bytes(content)
    pieces = b"".join(hashlib.sha1(content[start:start + _PIECE_BYTES]).digest()
                      for start in range(0, size, _PIECE_BYTES))
    info = {"length": size, "name": name, "piece length": _PIECE_BYTES, "pieces": pieces,
            "private": 1}
    path = folder / "payload.torrent"
    path.write_bytes(bencode.encode({"announce": announce_url, "info": info}))
    return Torrent(content_path, path, hashlib.sha1(bencode.encode(info)).digest(),
                   hashlib.sha256(content).hexdigest())
