# SPDX-License-Identifier: Apache-2.0
"""The WebTorrent tracker's connections: how they begin, their limits, how they end, and its pages.
"""

import base64
import json
import signal

import pytest

from support import machine, ws_tracker
from support.certificates import make_certificates
from support.signalling import (Counts, Peer, announcement, check_failure, make_offer, random_id,
                                scrape)
from support.waiting import wait_until
from support.websocket import (BINARY, CONTINUATION, PING, Refused, TEXT, frame,
                               upgrade_headers)

machine.skip_if(ws_tracker.missing())

_MAX_MESSAGE = 64 * 1024
# Frames as large as messages, to reach either limit.
_LIMITS = {"network": {"websocket_max_message_size": _MAX_MESSAGE,
                       "websocket_max_frame_size": _MAX_MESSAGE}}
_KEY = base64.b64encode(b"0123456789abcdef").decode()


# --- The upgrade.

def refusal(tracker, **headers):
    with pytest.raises(Refused) as caught:
        tracker.connect(headers={name.replace("_", "-"): value for name, value in headers.items()})
    return caught.value.response


@pytest.mark.parametrize("version", ["8", "0", "12", "14", "13.0", ""])
def test_other_versions(shared_ws_tracker, version):
    """426, with the version that we speak (RFC 6455 §4.4)."""
    response = refusal(shared_ws_tracker, Sec_WebSocket_Version=version)
    assert response.status in ((400, 426) if version in ("", "13.0") else (426,))
    if response.status == 426:
        assert response.headers["sec-websocket-version"] == ["13"]


@pytest.mark.parametrize("headers", [
    {"Sec-WebSocket-Key": None}, {"Sec-WebSocket-Key": ""}, {"Sec-WebSocket-Key": "short"},
    {"Sec-WebSocket-Key": base64.b64encode(b"15 bytes, so no").decode()},
    {"Sec-WebSocket-Key": "!" * 24}, {"Connection": None}, {"Connection": "keep-alive"},
    {"Content-Length": "5"}, {"Sec-WebSocket-Version": None}], ids=str)
def test_bad_upgrades(shared_ws_tracker, headers):
    with pytest.raises(Refused) as caught:
        shared_ws_tracker.connect(headers=headers)
    statuses = (400, 426) if "Sec-WebSocket-Version" in headers else (400,)
    assert caught.value.response.status in statuses


@pytest.mark.parametrize("line", ["POST / HTTP/1.1", "PUT / HTTP/1.1", "GET / HTTP/1.0",
                                  "GET / HTTP/2.0", "GET  / HTTP/1.1", "nonsense"])
def test_bad_request_lines(shared_ws_tracker, line):
    with shared_ws_tracker.http() as stream:
        lines = [f"{name}: {value}" for name, value in upgrade_headers(_KEY).items()]
        assert 400 <= stream.request([line, *lines]).status < 600


def test_tolerated_upgrades(shared_ws_tracker):
    """Any path, tokens in any case and in lists; nothing that was offered is accepted."""
    with shared_ws_tracker.connect(target="/announce?key=1", headers={
            "Upgrade": "WebSocket", "Connection": "keep-alive, upgrade",
            "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
            "Sec-WebSocket-Protocol": "chat, superchat", "Origin": "https://example.org",
            "User-Agent": "x" * 300}) as connection:
        assert "sec-websocket-extensions" not in connection.upgrade.headers
        assert "sec-websocket-protocol" not in connection.upgrade.headers
        Peer(connection, random_id()).announce()


def test_message_right_behind_the_upgrade(shared_ws_tracker):
    info_hash, peer_id = random_id(), random_id()
    message = frame(TEXT, json.dumps(announcement(info_hash, peer_id)).encode())
    with shared_ws_tracker.connect(behind=message * 2) as connection:
        peer = Peer(connection, info_hash, peer_id)
        peer.receive_response()
        peer.receive_response()


def test_upgrade_byte_by_byte(shared_ws_tracker):
    """Pieces of any size are put together, of the head as of the frames."""
    with shared_ws_tracker.http() as stream:
        lines = [f"{name}: {value}\r\n" for name, value in upgrade_headers(_KEY).items()]
        for byte in "".join(["GET / HTTP/1.1\r\n", *lines]).encode():
            stream.send(bytes([byte]))
        assert stream.request([]).status == 101
        for byte in frame(PING, b"piece"):
            stream.send(bytes([byte]))
        assert stream.take(7) == b"\x8a\x05piece"


# --- Limits.

def padded(info_hash, peer_id, size):
    """An announce of exactly this size."""
    text = json.dumps(announcement(info_hash, peer_id, padding=""))
    return text.replace('"padding": ""', f'"padding": "{"x" * (size - len(text))}"').encode()


def fragments(payload, size):
    pieces = [payload[start:start + size] for start in range(0, len(payload), size)]
    return b"".join(frame(CONTINUATION if index else TEXT, piece, final=index == len(pieces) - 1)
                    for index, piece in enumerate(pieces))


@pytest.mark.parametrize("piece", [_MAX_MESSAGE + 1, 16384, 1000], ids=["whole", "16384", "1000"])
def test_largest_message(start_ws_tracker, piece):
    """A message of the limit is understood; with a byte more, the close code is 1009."""
    tracker = start_ws_tracker(_LIMITS)
    with tracker.peer() as peer:
        for size in (_MAX_MESSAGE - 1, _MAX_MESSAGE):
            peer.connection.send(fragments(padded(peer.info_hash, peer.peer_id, size), piece))
            peer.receive_response()
        peer.connection.send(fragments(padded(peer.info_hash, peer.peer_id, _MAX_MESSAGE + 1),
                                       piece))
        assert peer.connection.receive_close()[0] == 1009


@pytest.mark.parametrize("told", [_MAX_MESSAGE + 1, 2**31, 2**32, 2**63 - 1])
def test_frames_that_would_be_too_large(start_ws_tracker, told):
    """The header suffices for 1009: nobody waits for what is refused anyway."""
    with start_ws_tracker(_LIMITS).connect() as connection:
        connection.send_frame(BINARY, b"x", length=told)
        assert connection.receive_close()[0] == 1009


def flood(tracker, receiver):
    """Has the receiver sent more than the kernel's and the tracker's buffers together hold, and
    sees that the sender is served all the while."""
    receiver.announce(left=0)
    with tracker.peer(receiver.info_hash) as sender:
        for _ in range(1000):
            sender.announce(offers=[make_offer("x" * 12 * 1024)])


def test_slow_receiver(start_ws_tracker):
    """Who takes too little of what others send him is told so, instead of losing some of it."""
    tracker = start_ws_tracker(workers=2)
    with tracker.peer(receive_buffer_bytes=4096) as receiver:
        flood(tracker, receiver)
        assert receiver.connection.receive_close()[0] == 1013


def test_receiver_who_does_not_read(start_ws_tracker):
    """Who takes nothing at all is gone before long, from his torrents too."""
    tracker = start_ws_tracker({"limits": {"max_write_s": 1}}, workers=2)
    with tracker.peer(receive_buffer_bytes=4096) as receiver, tracker.connect() as watcher:
        flood(tracker, receiver)
        wait_until(lambda: scrape(watcher, receiver.info_hash) == [Counts(0, 0)],
                   "the tracker gives up on him")


# --- Ends.

def test_close_handshake(shared_ws_tracker):
    """What we close with comes back, then the stream ends."""
    for code in (1000, 1001, 3000, 4999):
        with shared_ws_tracker.connect() as connection:
            assert connection.close(code)[0] == code
    with shared_ws_tracker.connect() as connection:
        assert connection.close(None)[0] in (None, 1000)


def test_stop_says_going_away(start_ws_tracker):
    """SIGTERM: each connection is closed with 1001, and the process ends well."""
    for workers in (1, 2):
        tracker = start_ws_tracker(workers=workers)
        peers = [tracker.peer() for _ in range(5)]
        idle = tracker.connect()
        for peer in peers:
            peer.announce()
        tracker.send_signal(signal.SIGTERM)
        for connection in [*(peer.connection for peer in peers), idle]:
            assert connection.receive_close()[0] == 1001
        assert tracker.wait() == 0, tracker.describe()


def test_stop_does_not_wait_for_the_dead(start_ws_tracker):
    """A peer who never answers the close frame keeps nobody waiting for ever."""
    tracker = start_ws_tracker()
    with tracker.peer() as peer:
        peer.announce()
        tracker.stop_cleanly()


# --- Access list, TLS, pages.

def test_refused_torrents(start_ws_tracker):
    """The access list refuses with a failure, and the connection goes on."""
    folder = start_ws_tracker.folder()
    refused_hash = random_id()
    path = folder / "list"
    path.write_text(refused_hash.encode("latin-1").hex() + "\n")
    tracker = start_ws_tracker({"access_list": {"mode": "deny", "path": path}}, folder=folder)
    with tracker.peer(refused_hash) as peer:
        peer.send_announce()
        check_failure(peer.connection.receive_json(), refused_hash)
        Peer(peer.connection, random_id()).announce()
        assert scrape(peer.connection, refused_hash) == [Counts(0, 0)]


def test_tls(start_ws_tracker):
    folder = start_ws_tracker.folder()
    certificates = make_certificates(folder)
    tracker = start_ws_tracker(certificates=certificates, folder=folder)
    assert tracker.url.startswith("wss://")
    with tracker.peer(tls=certificates.context()) as peer:
        peer.announce()
        assert peer.connection.close()[0] == 1000


def test_health(start_ws_tracker):
    tracker = start_ws_tracker({"network": {"enable_http_health_checks": True}})
    with tracker.http() as stream:
        assert stream.get("/health").status == 200
    for page in ("/healthz", "/nothing"):
        with tracker.http() as stream:
            assert 400 <= stream.get(page).status < 500


def test_statistics(start_ws_tracker):
    """What bittorrent-tracker tells and more, but never an info hash."""
    tracker = start_ws_tracker()
    with tracker.peer() as seeder, tracker.peer(seeder.info_hash) as leecher:
        seeder.announce(left=0)
        leecher.announce()

        def stats():
            with tracker.http() as stream:
                response = stream.get("/stats.json")
                assert response.status == 200
                return json.loads(response.body)
        # Numbers may be those of a moment ago.
        wait_until(lambda: stats()["peersAll"] == 2, lambda: f"two peers: {stats()}")
        told = stats()
        assert {"torrents": 1, "activeTorrents": 1, "peersAll": 2, "peersSeederOnly": 1,
                "peersLeecherOnly": 1, "peersSeederAndLeecher": 0, "peersIPv4": 2,
                "peersIPv6": 0}.items() <= told.items()
        with tracker.http() as stream:
            page = stream.get("/stats")
        assert page.status == 200
        for form in (seeder.info_hash.encode("latin-1"), seeder.info_hash.encode("latin-1").hex()):
            assert (form if isinstance(form, bytes) else form.encode()) not in page.body
            assert str(form) not in json.dumps(told)
