# SPDX-License-Identifier: Apache-2.0
"""The UDP tracker protocol from the client's side (BEP 15): datagrams, responses and a client.

Written from the BEP, not from the tracker's own code, so that one mistake is not made twice.
"""

import dataclasses
import itertools
import random
import socket
import struct
import time

PROTOCOL_MAGIC = 0x41727101980
CONNECT, ANNOUNCE, SCRAPE, ERROR = range(4)
NO_EVENT, COMPLETED, STARTED, STOPPED, PAUSED = range(5)

# BEP 15: a request is sent again after 15 · 2^n seconds, n up to 8. No test waits so long.
RETRY_S = 15.0
RETRIES = 1
# More than any datagram on a loopback interface.
_MAX_DATAGRAM = 65536

_transaction_ids = itertools.count(random.randrange(2**31))


class NoResponse(AssertionError):
    """All tries of a request went unanswered."""


class TrackerError(Exception):
    """The tracker's error response; its text is the exception's."""


@dataclasses.dataclass(frozen=True)
class ConnectResponse:
    connection_id: int


@dataclasses.dataclass(frozen=True)
class AnnounceResponse:
    interval: int
    leechers: int
    seeders: int
    peers: tuple  # of (address, port)


@dataclasses.dataclass(frozen=True)
class TorrentScrape:
    seeders: int
    completed: int
    leechers: int


def next_transaction_id():
    return next(_transaction_ids) % 2**32


def connect_request(transaction_id, magic=PROTOCOL_MAGIC):
    return struct.pack(">QII", magic, CONNECT, transaction_id)


def announce_request(connection_id, transaction_id, info_hash, *, port, left=1, event=NO_EVENT,
                     num_want=-1, peer_id=b"-IT0001-integration1", downloaded=0, uploaded=0, ip=0,
                     key=0, options=b""):
    return struct.pack(">QII20s20sqqqIIIiH", connection_id, ANNOUNCE, transaction_id, info_hash,
                       peer_id, downloaded, left, uploaded, event, ip, key, num_want,
                       port) + options


def scrape_request(connection_id, transaction_id, info_hashes):
    return struct.pack(">QII", connection_id, SCRAPE, transaction_id) + b"".join(info_hashes)


def transaction_id_of(response):
    """None for a datagram that is too short to have one."""
    return struct.unpack_from(">I", response, 4)[0] if len(response) >= 8 else None


def decode_response(response, family):
    """Returns the response's dataclass, or raises TrackerError. Anything malformed asserts."""
    assert len(response) >= 8, f"a response of {len(response)} bytes"
    action, = struct.unpack_from(">I", response)
    if action == ERROR:
        raise TrackerError(response[8:].decode())
    if action == CONNECT:
        assert len(response) == 16, "a connect response is 16 bytes"
        return ConnectResponse(*struct.unpack_from(">Q", response, 8))
    if action == ANNOUNCE:
        return _decode_announce(response, family)
    assert action == SCRAPE, f"action {action} in a response"
    assert len(response) % 12 == 8, "a scrape response is 8 bytes and 12 for each torrent"
    return [TorrentScrape(*entry) for entry in struct.iter_unpack(">III", response[8:])]


def _decode_announce(response, family):
    assert len(response) >= 20, "an announce response is at least 20 bytes"
    address_bytes = 4 if family == socket.AF_INET else 16
    entries = response[20:]
    assert len(entries) % (address_bytes + 2) == 0, "peers of the other address family"
    peers = tuple((socket.inet_ntop(family, address), port)
                  for address, port in struct.iter_unpack(f">{address_bytes}sH", entries))
    return AnnounceResponse(*struct.unpack_from(">III", response, 8), peers)


class Client:
    """One UDP socket and the connection id it was given.

    Everything that arrives and is not the awaited answer from the tracker's own address lands in
    `strays`.
    """

    def __init__(self, tracker, source=None, sock=None):
        """`tracker`: (address, port). `source`: the address to send from; any if None."""
        self.tracker = tracker
        self.family = socket.AF_INET6 if ":" in tracker[0] else socket.AF_INET
        self.socket = sock or socket.socket(self.family, socket.SOCK_DGRAM)
        if source:
            self.socket.bind((source, 0))
        self.connection_id = None
        self.strays = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    @property
    def port(self):
        return self.socket.getsockname()[1]

    def send(self, datagram):
        self.socket.sendto(datagram, self.tracker)

    def request(self, datagram, family=None):
        """Sends, again if need be as BEP 15 says, and returns the decoded response."""
        response = self.exchange(datagram)
        return decode_response(response, family or self.family)

    def exchange(self, datagram):
        """The same, undecoded."""
        transaction_id = struct.unpack_from(">I", datagram, 12)[0]
        strays = len(self.strays)
        for attempt in range(RETRIES + 1):
            self.send(datagram)
            response = self._receive(transaction_id, RETRY_S * 2**attempt)
            if response is not None:
                return response
        raise NoResponse(f"no answer to {datagram.hex()}, but {self.strays[strays:]}")

    def _receive(self, transaction_id, timeout_s):
        end = time.monotonic() + timeout_s
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                response, source = self.socket.recvfrom(_MAX_DATAGRAM)
            except TimeoutError:
                return None
            if source[:2] == self.tracker and transaction_id_of(response) == transaction_id:
                return response
            self.strays.append((response, source[:2]))
        return None

    def connect(self):
        response = self.request(connect_request(next_transaction_id()))
        self.connection_id = response.connection_id
        return response

    def announce(self, info_hash, *, port, connection_id=None, **fields):
        family = fields.pop("family", None)
        return self.request(announce_request(self._id(connection_id), next_transaction_id(),
                                             info_hash, port=port, **fields), family)

    def scrape(self, *info_hashes, connection_id=None):
        return self.request(scrape_request(self._id(connection_id), next_transaction_id(),
                                           info_hashes))

    def _id(self, connection_id):
        if connection_id is not None:
            return connection_id
        if self.connection_id is None:
            self.connect()
        return self.connection_id

    def answers_to(self, *datagrams):
        """What the tracker sends because of `datagrams`, besides the answers to two probes.

        Needs no time-out to show silence: a tracker with one worker handles datagrams in order, so
        what it has to say to them has been said when it answers the second probe.
        """
        before = len(self.strays)
        for datagram in datagrams:
            self.send(datagram)
        for _ in range(2):
            self.request(connect_request(next_transaction_id()))
        return [response for response, _ in self.strays[before:]]
