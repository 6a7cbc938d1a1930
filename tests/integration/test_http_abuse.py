# SPDX-License-Identifier: Apache-2.0
"""Slow and hostile clients of the HTTP tracker, bounded in count: others are served, memory stays
within what the settings promise, and nothing is left behind."""

import resource
import socket
import ssl
import threading

import pytest

from support.http_client import TorrentScrape, announce_target, request
from support.torrent import random_info_hash
from support.tracker import merged
from support.waiting import wait_until

_SLOW = 2000
_HALF_OPEN = 500
_RESETS = {"http": 1000, "https": 200}  # A handshake is dear, for us as well.
_NOT_READING = 50
_PER_ADDRESS = 1000  # The default of max_connections_per_ip.
# Everybody's 127.0.0.x, so that no limit of one address hides the others.
_SOURCES = [f"127.0.0.{number}" for number in range(101, 111)]
_GOOD_SOURCE = "127.0.0.100"
_GOOD_ROUNDS = 20  # Of a good client, while the others are at their worst.
_KIB = 1024

_MAX_REQUEST = 8192
_READ_AHEAD = 16 * _KIB  # What may wait behind an unfinished request.
_MAX_OUTPUT = 64 * _KIB
_QUICK = {"socket_workers": 2,
          "limits": {"max_request_s": 2, "max_tls_handshake_s": 2, "max_write_s": 2,
                     "max_request_bytes": _MAX_REQUEST, "max_output_bytes": _MAX_OUTPUT},
          "statistics": {"interval": 1, "print_to_stdout": True}}

# Bounds, in bytes for each connection. A buffer that grows by doubling has up to twice what is in
# it; for the connection's own state, its place in tables and lists and the allocator's own we allow
# a KiB.
_STATE = _KIB
_SLOW_BOUND = _STATE + 2 * _MAX_REQUEST
# OpenSSL's state of a handshake, and its two record buffers of 16 KiB and a bit.
_TLS_BOUND = _STATE + 2 * 17 * _KIB + 30 * _KIB
# Input, and output that may exceed its limit by the response that does so.
_RESPONSE = 20 * _KIB
_NOT_READING_BOUND = (_STATE + 2 * (_MAX_REQUEST + _READ_AHEAD) + 2 * (_MAX_OUTPUT + _RESPONSE))
# Once: scratch buffers of the workers, first use of code and of the allocator's arenas.
_ONCE = 6 * _KIB * _KIB
_ATTACKS = 2


class GoodClient:
    """Announces and scrapes in a thread until stopped, and wants each answer, and right."""

    def __init__(self, tracker, family=socket.AF_INET):
        self.rounds = 0
        self._tracker = tracker
        self._family = family
        self._error = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        if self._error:
            raise self._error

    def wait_for_rounds(self, count=_GOOD_ROUNDS):
        """So many more."""
        goal = self.rounds + count
        wait_until(lambda: self._error or self.rounds >= goal, "a good client is served")

    def _connect(self):
        return self._tracker.client(self._family, _GOOD_SOURCE)

    def _run(self):
        try:
            with self._connect() as kept:
                while not self._stop.is_set():
                    self._play(kept)
                    self.rounds += 1
        except BaseException as error:  # For the thread that asks.
            self._error = error

    def _play(self, kept):
        info_hash = random_info_hash()
        kept.announce(info_hash, port=1, left=0)
        with self._connect() as fresh:
            announced = fresh.announce(info_hash, port=2)
            assert announced.peers == ((_GOOD_SOURCE, 1),)
            assert (announced.seeders, announced.leechers) == (1, 0)
            fresh.announce(info_hash, port=2, event="stopped")
        assert kept.scrape(info_hash) == [TorrentScrape(1, 0, 0)]
        kept.announce(info_hash, port=1, left=0, event="stopped")


def raise_file_limit(count):
    """To what connections in this process take; skips the test where that is not allowed."""
    wanted = 2 * count
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(f"{count} connections need more open files than {hard}")
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class Crowd:
    """Many plain connections that are kept in one thread."""

    def __init__(self, tracker, count, sources=_SOURCES, receive_buffer_bytes=None):
        raise_file_limit(count)
        self.received = {}  # socket → bytes
        self._by_fd = {}
        for number in range(count):
            made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            if receive_buffer_bytes:
                made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
            made.bind((sources[number % len(sources)], 0))
            made.connect(tracker.listening[socket.AF_INET])
            made.setblocking(False)
            self._by_fd[made.fileno()] = made
            self.received[made] = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for made in list(self._by_fd.values()):
            made.close()

    @property
    def open(self):
        return list(self._by_fd.values())

    def send(self, made, data):
        """As much as goes."""
        try:
            return made.send(data)
        except BlockingIOError:
            return 0
        except (BrokenPipeError, ConnectionResetError):
            self._end(made)
            return 0

    def read(self):
        """What has come so far, and which of them have ended."""
        for made in self.open:
            try:
                while data := made.recv(65536):
                    self.received[made] += data
                self._end(made)
            except BlockingIOError:
                pass
            except ConnectionResetError:
                self._end(made)

    def _end(self, made):
        del self._by_fd[made.fileno()]
        made.close()


def peak_kib(tracker):
    """The most memory that it ever had."""
    return int(tracker.status()["VmHWM"].split()[0])


def check_peak(tracker, before_kib, count, bound):
    growth_kib = peak_kib(tracker) - before_kib
    print(f"{before_kib} KiB before, {growth_kib} more at the most")
    assert growth_kib * _KIB <= _ONCE + count * bound


def check_all_are_gone(tracker):
    tracker.wait_for_report(lambda report: report["open"] == 0, "no connection is left")


def abuse(tracker, attack, count, bound):
    """Attacks, again and again: a good client is served all the time, memory stays within the
    bound, and afterwards it is back."""
    with GoodClient(tracker) as good:
        good.wait_for_rounds()
    before = tracker.resident_kib()
    for _ in range(_ATTACKS):
        with GoodClient(tracker) as good:
            good.wait_for_rounds()
            attack(good)
            good.wait_for_rounds()
        check_peak(tracker, before, count, bound)
        check_all_are_gone(tracker)
        wait_until(lambda: (tracker.resident_kib() - before) * _KIB <= _ONCE,
                   lambda: f"memory is back: {before} KiB before, {tracker.resident_kib()} now")
        print(f"{tracker.resident_kib() - before} more in the end")


def test_headers_without_end(start_http_tracker):
    """2,000 connections that send their headers bit by bit, and never finish: each is told so in
    due time, although there is always something coming."""
    tracker = start_http_tracker(_QUICK)
    head = request("/announce", "X-Filling: ".ljust(_MAX_REQUEST - 1000, "x"))[:-4]

    def attack(good):
        with Crowd(tracker, _SLOW) as slow:
            for number, made in enumerate(slow.open):
                slow.send(made, head[:1 + number * (len(head) - 1) // _SLOW])
            good.wait_for_rounds()
            while slow.open:
                for made in slow.open:
                    slow.send(made, b"x")
                slow.read()
            endings = {data.split(b"\r\n")[0] for data in slow.received.values()}
            # Nothing where the last byte came behind the end, and the kernel says so.
            assert b"HTTP/1.1 408 Request Timeout" in endings
            assert endings <= {b"HTTP/1.1 408 Request Timeout", b""}

    abuse(tracker, attack, _SLOW, _SLOW_BOUND)


def test_silent_connections(start_http_tracker):
    """2,000 connections that say nothing at all are closed without a word."""
    tracker = start_http_tracker(_QUICK)

    def attack(good):
        with Crowd(tracker, _SLOW) as silent:
            good.wait_for_rounds()
            wait_until(lambda: silent.read() or not silent.open, "all are closed")
            assert set(silent.received.values()) == {b""}

    abuse(tracker, attack, _SLOW, _STATE)


def client_hello(context):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
    return outgoing.read()


def test_half_open_handshakes(start_http_tracker, certificates):
    """500 connections that begin a TLS handshake, or half of its first message, and stop there."""
    tracker = start_http_tracker(_QUICK, certificates)
    context = certificates.context()

    def attack(good):
        with Crowd(tracker, _HALF_OPEN) as half_open:
            for number, made in enumerate(half_open.open):
                hello = client_hello(context)
                half_open.send(made, hello[:len(hello) // (1 + number % 2)])
            good.wait_for_rounds()
            wait_until(lambda: half_open.read() or not half_open.open, "all are closed")
            # Those who have said hello whole got the tracker's half of the handshake.
            answered = [data for data in half_open.received.values() if data]
            assert len(answered) == _HALF_OPEN // 2

    abuse(tracker, attack, _HALF_OPEN, _TLS_BOUND)


def large_requests(count):
    """Each has a response many times its size: a full scrape."""
    return request("/scrape") * count


def fill(tracker, torrents):
    """Torrents for full scrapes."""
    with tracker.client(socket.AF_INET, _GOOD_SOURCE) as client:
        for first in range(0, torrents, 100):
            for _ in range(100):
                client.send(request(announce_target(random_info_hash())))
            for _ in range(100):
                assert client.receive().status == 200


_SCRAPED = 3000  # Torrents; each has some 70 bytes in a full scrape.
_WITH_SCRAPES = merged(_QUICK, {"protocol": {"allow_full_scrape": True}})


def test_crowd_of_one_address(start_http_tracker):
    """By default one address has 1,000 connections: the rest of its crowd is refused, nobody else
    is."""
    tracker = start_http_tracker(merged(_QUICK, {"limits": {"max_request_s": 3600}}))
    with GoodClient(tracker) as good, Crowd(tracker, _PER_ADDRESS + 200, _SOURCES[:1]) as crowd:
        good.wait_for_rounds()
        wait_until(lambda: crowd.read() or len(crowd.open) == _PER_ADDRESS, "200 are refused")
        refused = [data for data in crowd.received.values() if data]
        assert len(refused) == 200
        assert all(data.startswith(b"HTTP/1.1 503 Service Unavailable\r\n") and
                   b"\r\nRetry-After: " in data for data in refused)
    check_all_are_gone(tracker)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_resets_in_mid_response(start_http_tracker, certificates, scheme):
    """Connections that ask for much, read a bit of it or nothing and are gone with a reset."""
    count = _RESETS[scheme]
    tracker = start_http_tracker(_WITH_SCRAPES, certificates if scheme == "https" else None)
    fill(tracker, _SCRAPED)

    def attack(good):
        for number in range(count):
            source = _SOURCES[number % len(_SOURCES)]
            with tracker.client(socket.AF_INET, source, receive_buffer_bytes=4096) as rude:
                rude.send(large_requests(4))
                if number % 2:
                    rude.receive_some()
                rude.abort()

    abuse(tracker, attack, count, _NOT_READING_BOUND)
    assert tracker.counted("broken/s") > 0


def test_clients_that_never_read(start_http_tracker):
    """50 connections that ask and ask and never read: their further requests wait, and before long
    they are cut off."""
    tracker = start_http_tracker(_WITH_SCRAPES)
    fill(tracker, _SCRAPED)
    requests = large_requests(100)

    def attack(good):
        with Crowd(tracker, _NOT_READING, receive_buffer_bytes=4096) as deaf:
            for made in deaf.open:
                deaf.send(made, requests)
            good.wait_for_rounds()

            def all_are_cut_off():
                for made in deaf.open:
                    deaf.send(made, requests)
                return not deaf.open
            wait_until(all_are_cut_off, "all are cut off")

    abuse(tracker, attack, _NOT_READING, _NOT_READING_BOUND)
