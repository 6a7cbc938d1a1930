# SPDX-License-Identifier: Apache-2.0
"""The protocol of WebTorrent's trackers, from the peer's side: JSON in WebSocket messages.

Twenty bytes are a string of twenty characters, U+0000 to U+00FF, each for the byte of its number.
"""

import dataclasses
import itertools
import os

_offer_ids = itertools.count(1)

RESPONSE_KEYS = {"action", "info_hash", "complete", "incomplete", "downloaded", "interval",
                 "min interval", "min_interval"}
OFFER_KEYS = {"action", "info_hash", "offer", "offer_id", "peer_id"}
ANSWER_KEYS = {"action", "info_hash", "answer", "offer_id", "peer_id"}


def random_id():
    return os.urandom(20).decode("latin-1")


def make_offer(sdp="v=0\r\ns=an offer\r\n"):
    """An offer that is different from all others."""
    offer_id = f"offer {next(_offer_ids):014}"
    return {"offer": {"type": "offer", "sdp": sdp}, "offer_id": offer_id}


def make_offers(count):
    return [make_offer() for _ in range(count)]


def announcement(info_hash, peer_id, **fields):
    """`left` is 1 unless told: a leecher. A field that is None is sent as null."""
    return {"action": "announce", "info_hash": info_hash, "peer_id": peer_id, "left": 1, **fields}


def answer_to(offer, peer_id, sdp="v=0\r\ns=an answer\r\n"):
    """The answer of `peer_id` to a relayed offer."""
    return {"action": "announce", "info_hash": offer["info_hash"], "peer_id": peer_id,
            "to_peer_id": offer["peer_id"], "offer_id": offer["offer_id"],
            "answer": {"type": "answer", "sdp": sdp}}


def check_message(message):
    """What clients need of every message, or they disconnect: an action, and the info hash."""
    assert message.get("action") in ("announce", "scrape"), message
    is_failure = "failure reason" in message
    if is_failure:
        assert isinstance(message["failure reason"], str) and message["failure reason"], message
    if "info_hash" in message:
        assert len(message["info_hash"]) == 20, message
        assert all(ord(character) < 256 for character in message["info_hash"]), message
    else:
        assert is_failure or message["action"] == "scrape", message
    return message


def check_failure(message, info_hash=None, action="announce"):
    """That it is one, with the action and the info hash of what was asked."""
    check_message(message)
    assert "failure reason" in message, f"not refused: {message}"
    assert message["action"] == action, message
    assert message.get("info_hash") == info_hash, message
    return message["failure reason"]


@dataclasses.dataclass(frozen=True)
class Counts:
    complete: int
    incomplete: int


class Peer:
    """A peer of one torrent on a connection of his own, or on one that he shares."""

    def __init__(self, connection, info_hash, peer_id=None):
        self.connection = connection
        self.info_hash = info_hash
        self.peer_id = peer_id or random_id()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.abort()

    def send_announce(self, **fields):
        self.connection.send_json(announcement(self.info_hash, self.peer_id, **fields))

    def announce(self, **fields):
        """Announces and returns the response, which is the next message."""
        self.send_announce(**fields)
        return self.receive_response()

    def receive(self):
        """The next message; it is about this torrent."""
        message = check_message(self.connection.receive_json())
        assert message.get("info_hash") == self.info_hash, message
        return message

    def receive_response(self):
        message = self.receive()
        assert "failure reason" not in message, message
        assert RESPONSE_KEYS <= set(message), message
        return message

    def receive_offer(self):
        message = self.receive()
        assert set(message) == OFFER_KEYS, message
        return message

    def receive_answer(self):
        message = self.receive()
        assert set(message) == ANSWER_KEYS, message
        return message

    def receive_failure(self):
        return check_failure(self.connection.receive_json(), self.info_hash)

    def answer(self, offer, **how):
        self.connection.send_json(answer_to(offer, self.peer_id, **how))

    def silence(self):
        """Asserts that nothing has come since the last message."""
        messages = self.connection.messages_so_far()
        assert messages == [], messages


def scrape(connection, *info_hashes):
    """Counts of each torrent, asked on this connection."""
    connection.send_json({"action": "scrape", "info_hash": list(info_hashes)})
    message = check_message(connection.receive_json())
    assert message["action"] == "scrape" and set(message["files"]) == set(info_hashes), message
    return [Counts(file["complete"], file["incomplete"])
            for file in map(message["files"].get, info_hashes)]
