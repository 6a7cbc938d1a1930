# SPDX-License-Identifier: Apache-2.0
"""What a peer may say to the WebTorrent tracker, and what it is told: JSON, good and bad.

Every message of the tracker has an action and, where it is known, the info hash; a bad message is
answered with a failure and is never a reason to close: some clients fall silent for minutes
otherwise.
"""

import json

import pytest

from support import machine, ws_tracker
from support.signalling import (Counts, Peer, RESPONSE_KEYS, announcement, check_failure,
                                check_message, make_offer, make_offers, random_id, scrape)
from support.waiting import wait_until

machine.skip_if(ws_tracker.missing())


@pytest.fixture
def peer(shared_ws_tracker):
    """A peer of a torrent that nobody else knows."""
    with shared_ws_tracker.peer() as made:
        yield made


def raw_announce(peer, **replaced):
    """The JSON of an announce in which values are replaced by text as it is."""
    fields = {key: json.dumps(value)
              for key, value in announcement(peer.info_hash, peer.peer_id).items()}
    fields.update(replaced)
    return "{" + ",".join(f'"{key}":{value}' for key, value in fields.items()) + "}"


def refused(peer, text, info_hash=None, action="announce"):
    """Sends `text`, which is refused with these, and sees that the connection still serves."""
    peer.connection.send_text(text)
    reason = check_failure(peer.connection.receive_json(), info_hash, action)
    assert peer.announce()["incomplete"] == 1
    return reason


# --- What is no request at all.

_NO_REQUESTS = {
    "empty": b"", "null": b"null", "array": b"[]", "string": b'"x"', "number": b"1",
    "true": b"true", "empty object": b"{}", "cut short": b'{"action":"announce"',
    "two": b"{}{}", "text": b"hello",
    "nul": b"\0", "array of objects": b'[{"action":"announce"}]', "bom": b"\xef\xbb\xbf{}",
    "deep arrays": b"[" * 2000, "deep objects": b'{"a":' * 2000, "comment": b"{}//",
    "single quotes": b"{'action':'announce'}", "trailing comma": b'{"action":"announce",}',
    "unquoted": b"{action:1}", "control character": b'{"action":"\x01"}', "NaN": b'{"left":NaN}',
}


@pytest.mark.parametrize("text", _NO_REQUESTS.values(), ids=_NO_REQUESTS.keys())
def test_no_request(peer, text):
    """Not JSON, or not an object with an action: a failure with an action, and no closing."""
    refused(peer, text)


@pytest.mark.parametrize("action", ['"connect"', '"Announce"', '""', "null", "1", "[]", "{}",
                                    '["announce"]', '"announce\\u0000"'])
def test_unknown_actions(peer, action):
    refused(peer, raw_announce(peer, action=action), peer.info_hash)


# --- Twenty bytes.

_NO_BYTES = {
    "short": json.dumps("x" * 19), "long": json.dumps("x" * 21), "empty": '""', "null": "null",
    "number": "12345678901234567890", "array": json.dumps(["x"] * 20), "object": "{}",
    "above U+00FF": json.dumps("x" * 19 + "\u0100"), "euro": '"' + "x" * 19 + '€"',
    "surrogate pair": json.dumps("x" * 19 + "\U0001f600"),
    "lone high surrogate": '"' + "x" * 19 + '\\ud800"',
    "lone low surrogate": '"' + "x" * 19 + '\\udfff"',
    "swapped surrogates": '"' + "x" * 18 + '\\udc00\\ud800"',
    "40 hexadecimal digits": json.dumps("0123456789" * 4), "bad escape": '"' + "x" * 19 + '\\q"',
}
# What makes the whole of it no JSON.
_NO_JSON = {"bad escape", "lone high surrogate", "lone low surrogate", "swapped surrogates"}


@pytest.mark.parametrize("name", _NO_BYTES)
def test_bad_info_hash(peer, name):
    """A failure without an info hash: there is none to repeat."""
    refused(peer, raw_announce(peer, info_hash=_NO_BYTES[name]))


@pytest.mark.parametrize("name", _NO_BYTES)
def test_bad_peer_id(peer, name):
    peer.connection.send_text(raw_announce(peer, peer_id=_NO_BYTES[name]))
    message = peer.connection.receive_json()
    # Who cannot read the message to its end may not know what it was about.
    known = None if name in _NO_JSON and "info_hash" not in message else peer.info_hash
    check_failure(message, known)
    assert scrape(peer.connection, peer.info_hash) == [Counts(0, 0)]


def test_every_byte_is_a_character(shared_ws_tracker):
    """All 256 bytes, as escapes and as they are, mean the same and come back the same."""
    for start in range(0, 260, 20):
        info_hash = "".join(chr((start + offset) % 256) for offset in range(20))
        with shared_ws_tracker.peer(info_hash) as one, shared_ws_tracker.peer(info_hash) as other:
            one.announce()
            other.connection.send_text(json.dumps(announcement(info_hash, other.peer_id),
                                                  ensure_ascii=False))
            assert other.receive_response()["incomplete"] == 2


def test_missing_fields(peer):
    for field in ("info_hash", "peer_id", "action"):
        message = announcement(peer.info_hash, peer.peer_id)
        del message[field]
        peer.connection.send_json(message)
        check_failure(peer.connection.receive_json(),
                      None if field == "info_hash" else peer.info_hash)


# --- left, numwant, event.

@pytest.mark.parametrize("left", ["missing", "null", "1", "1000000000000", "0.5"])
def test_leechers(peer, left):
    """Who does not say that nothing is left is a leecher."""
    text = raw_announce(peer, left=left)
    if left == "missing":
        text = raw_announce(peer).replace(',"left":1', "")
        assert "left" not in text
    peer.connection.send_text(text)
    message = peer.connection.receive_json()
    if left == "0.5" and "failure reason" in message:  # Nobody sends it; both is fine.
        check_failure(message, peer.info_hash)
        return
    assert (message["complete"], message["incomplete"]) == (0, 1)


def test_seeders(peer):
    response = peer.announce(left=0)
    assert (response["complete"], response["incomplete"]) == (1, 0)


@pytest.mark.parametrize("field", ["left", "numwant"])
@pytest.mark.parametrize("value", ['"0"', '"1"', '""', "[]", "[0]", "{}", "true"])
def test_no_numbers(peer, field, value):
    """A number in a string is none: in no case is this peer a seeder."""
    peer.connection.send_text(raw_announce(peer, **{field: value}))
    check_failure(peer.connection.receive_json(), peer.info_hash)
    assert scrape(peer.connection, peer.info_hash) == [Counts(0, 0)]


@pytest.mark.parametrize("event", [None, "", "empty", "update", "paused", "started", "completed"])
def test_events(peer, event):
    assert peer.announce(event=event)["incomplete"] == 1


@pytest.mark.parametrize("event", ['"stop"', '"Started"', "1", "{}", "[]", "false"])
def test_unknown_events(peer, event):
    refused(peer, raw_announce(peer, event=event), peer.info_hash)


def test_completed_counts_a_download(peer):
    peer.announce(event="started")
    response = peer.announce(event="completed", left=0)
    assert (response["complete"], response["incomplete"], response["downloaded"]) == (1, 0, 1)


def test_stopped_is_answered(peer):
    """With the counts of those who stay; nobody is created by it."""
    peer.announce()
    for _ in range(2):
        response = peer.announce(event="stopped")
        assert (response["complete"], response["incomplete"]) == (0, 0)


# --- Offers and answers that are none.

_BAD_OFFERS = {
    "null inside": "[null]", "with a length": '{"length":5}', "string": '"x"', "number": "5",
    "true": "true", "arrays": "[[]]", "empty object": "[{}]", "number inside": "[1]",
    "no offer": json.dumps([{"offer_id": "x" * 20}]),
    "no offer_id": json.dumps([{"offer": make_offer()["offer"]}]),
    "short offer_id": json.dumps([{**make_offer(), "offer_id": "x"}]),
    "large character": json.dumps([{**make_offer(), "offer_id": "x" * 19 + "\u0100"}]),
    "offer is null": json.dumps([{**make_offer(), "offer": None}]),
    "sdp is no string": json.dumps([{**make_offer(), "offer": {"type": "offer", "sdp": {}}}]),
    "no sdp": json.dumps([{**make_offer(), "offer": {"type": "offer"}}]),
    "lone surrogate": json.dumps([make_offer()]).replace("an offer", "\\ud800"),
}


@pytest.mark.parametrize("name", _BAD_OFFERS)
def test_bad_offers(shared_ws_tracker, name):
    """What is no list of offers harms neither the tracker nor any receiver (it crashes others)."""
    with shared_ws_tracker.peer() as receiver:
        receiver.announce(left=0)
        with shared_ws_tracker.peer(receiver.info_hash) as peer:
            peer.connection.send_text(raw_announce(peer, offers=_BAD_OFFERS[name]))
            message = peer.connection.receive_json()
            check_failure(message, message.get("info_hash") and peer.info_hash)
            assert "info_hash" in message or name == "lone surrogate"
            offer = make_offer()
            peer.announce(offers=[offer])
            # The only one that gets through.
            assert receiver.receive_offer()["offer_id"] == offer["offer_id"]
            receiver.silence()


@pytest.mark.parametrize("offers", ["null", "[]"])
def test_no_offers(peer, offers):
    peer.connection.send_text(raw_announce(peer, offers=offers))
    peer.receive_response()


@pytest.mark.parametrize("replaced", [
    {"answer": '"x"'}, {"answer": "{}"}, {"answer": "[]"}, {"to_peer_id": '"x"'},
    {"to_peer_id": "5"}, {"offer_id": '"x"'}, {"offer_id": "null"},
    {"answer": '{"type":"answer"}'}, {"answer": '{"type":"answer","sdp":5}'}], ids=str)
def test_bad_answers(peer, replaced):
    answer = {"answer": json.dumps({"type": "answer", "sdp": "v=0"}),
              "to_peer_id": json.dumps(random_id()), "offer_id": json.dumps(random_id())}
    refused(peer, raw_announce(peer, **{**answer, **replaced}), peer.info_hash)


# --- The shape of good messages.

def test_announce_response(peer):
    response = peer.announce(numwant=5, uploaded=0, downloaded=0, corrupt=0, key="x", compact=1,
                             trackerid="t", offers=make_offers(1))
    assert set(response) == RESPONSE_KEYS
    assert 0 < response["min interval"] == response["min_interval"] <= response["interval"]


def test_binary_messages_are_json_too(peer):
    peer.connection.send_frame(2, json.dumps(announcement(peer.info_hash, peer.peer_id)).encode())
    peer.receive_response()


def test_repeated_keys(peer):
    """Whichever counts: one answer that can be understood, and nothing breaks."""
    text = raw_announce(peer)
    for twice in ('"action":"scrape"', '"info_hash":"x"', '"peer_id":null', '"left":"0"',
                  '"offers":5', f'"info_hash":{json.dumps(random_id())}', '"event":"stopped"'):
        for whole in (f"{{{twice},{text[1:]}", f"{text[:-1]},{twice}}}"):
            peer.connection.send_text(whole)
            message, = peer.connection.messages_so_far()
            check_message(message)
    peer.announce()


# --- Scrapes.

def files_of(peer, info_hash):
    peer.connection.send_json({"action": "scrape", "info_hash": info_hash})
    message = check_message(peer.connection.receive_json())
    assert message["action"] == "scrape" and "failure reason" not in message, message
    return message["files"]


def test_scrape_forms(peer):
    """One info hash, several, none of an empty list; unknown ones are zeros."""
    peer.announce(left=0)
    unknown, zeros = random_id(), {"complete": 0, "incomplete": 0, "downloaded": 0}
    one = {"complete": 1, "incomplete": 0, "downloaded": 0}
    assert files_of(peer, peer.info_hash) == {peer.info_hash: one}
    assert files_of(peer, [peer.info_hash]) == {peer.info_hash: one}
    assert files_of(peer, [unknown, peer.info_hash]) == {unknown: zeros, peer.info_hash: one}
    assert files_of(peer, []) == {}


def test_scrape_of_many(peer):
    """No more than max_scrape_torrents, 255, are answered: the first."""
    hashes = [random_id() for _ in range(300)]
    assert set(files_of(peer, hashes)) == set(hashes[:255])


@pytest.mark.parametrize("field", ["", ',"info_hash":null'])
def test_scrape_of_everything(peer, field):
    """Is not allowed unless the operator says so."""
    peer.announce()
    refused(peer, '{"action":"scrape"' + field + "}", action="scrape")


@pytest.mark.parametrize("info_hash", ['"x"', "5", "{}", "[null]", '["x"]', "[[]]",
                                       '["' + "x" * 19 + '\u0100"]'])
def test_bad_scrapes(peer, info_hash):
    refused(peer, f'{{"action":"scrape","info_hash":{info_hash}}}', action="scrape")


# --- Several torrents on one connection.

def test_torrents_and_peer_ids_of_a_connection(shared_ws_tracker):
    """libtorrent has one connection for all of its torrents, with another peer id in each; at its
    end all of them are left."""
    with shared_ws_tracker.connect() as watcher:
        connection = shared_ws_tracker.connect()
        peers = [Peer(connection, random_id()) for _ in range(20)]
        for peer in peers:
            peer.announce()
        hashes = [peer.info_hash for peer in peers]
        assert scrape(watcher, *hashes) == [Counts(0, 1)] * len(peers)
        connection.close()
        assert_gone(watcher, hashes)


def assert_gone(watcher, hashes):
    wait_until(lambda: scrape(watcher, *hashes) == [Counts(0, 0)] * len(hashes),
               "the tracker forgets all peers of a closed connection")


@pytest.mark.parametrize("how", ["close", "abort"])
def test_new_peer_id_after_stopped(shared_ws_tracker, how):
    """After `stopped`, a connection may use another peer id in the same torrent."""
    with shared_ws_tracker.connect() as watcher:
        peer = shared_ws_tracker.peer()
        peer.announce()
        peer.announce(event="stopped")
        peer.peer_id = random_id()
        assert peer.announce()["incomplete"] == 1
        getattr(peer.connection, how)()
        assert_gone(watcher, [peer.info_hash])
