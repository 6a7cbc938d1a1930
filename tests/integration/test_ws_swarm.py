# SPDX-License-Identifier: Apache-2.0
"""Who gets whose offers and answers, and whose a peer id is.

Silence is shown without waiting for it, see WebSocket.messages_so_far(). A relay crosses workers,
so before it is looked for in vain, the sender has been told something that was handled after it.
"""

import contextlib
import json

import pytest

from support import machine, ws_tracker
from support.signalling import (ANSWER_KEYS, Counts, OFFER_KEYS, Peer, answer_to, check_failure,
                                make_offer, make_offers, random_id, scrape)
from support.waiting import wait_until

machine.skip_if(ws_tracker.missing())

_MAX_OFFERS = 10         # protocol.max_offers
_MAX_SDP = 16 * 1024     # Of each, as it is written.
_STRANGER = "127.0.0.2"  # Another address than that of everybody else.


@pytest.fixture
def swarm(shared_ws_tracker):
    """swarm(count, **announced) → new peers of one torrent, each with a connection of his own."""
    with contextlib.ExitStack() as stack:
        info_hash = random_id()

        def join(count=1, source=None, **announced):
            peers = [stack.enter_context(shared_ws_tracker.peer(info_hash, source=source))
                     for _ in range(count)]
            for peer in peers:
                peer.announce(**announced)
            return peers

        join.info_hash = info_hash
        join.tracker = shared_ws_tracker
        yield join


def relayed_to(peers):
    """What each has got that nobody has looked at yet."""
    return [peer.connection.messages_so_far() for peer in peers]


def settled(sender, receivers, count):
    """Waits until the receivers have `count` offers in all and returns whose they are."""
    got = {receiver.peer_id: [] for receiver in receivers}

    def enough():
        for receiver, messages in zip(receivers, relayed_to(receivers)):
            got[receiver.peer_id] += messages
        return sum(map(len, got.values())) >= count
    wait_until(enough, lambda: f"{count} offers are relayed, but {got}")
    assert scrape(sender.connection, sender.info_hash) and sum(map(len, got.values())) == count
    return got


def offered(swarm):
    """A seeder, a leecher, and the leecher's offer as the seeder got it."""
    seeder, = swarm(left=0)
    leecher, = swarm()
    leecher.announce(offers=[make_offer()])
    return seeder, leecher, seeder.receive_offer()


# --- Offers.

@pytest.mark.parametrize("offers, others, numwant, relayed", [
    (0, 3, None, 0), (1, 3, None, 1), (3, 3, None, 3), (5, 3, None, 3), (3, 3, 2, 2), (3, 3, 0, 0),
    (3, 3, 50, 3), (2, 12, None, 2), (12, 12, None, _MAX_OFFERS), (30, 12, 30, _MAX_OFFERS),
    (3, 0, None, 0)])
def test_how_many_offers(swarm, offers, others, numwant, relayed):
    """As many as there are offers, others, numwant and max_offers; each goes to somebody else."""
    receivers = swarm(others)
    sender, = swarm()
    made = make_offers(offers)
    wanted = {} if numwant is None else {"numwant": numwant}
    sender.announce(offers=made, **wanted)
    got = settled(sender, receivers, relayed)
    assert all(len(messages) <= 1 for messages in got.values())
    ids = [message["offer_id"] for messages in got.values() for message in messages]
    assert len(set(ids)) == relayed and set(ids) <= {offer["offer_id"] for offer in made}
    sender.silence()


def test_offers_are_relayed_as_they_are(swarm):
    """The session description, whatever its escapes; nothing else that the sender wrote."""
    receiver, = swarm(left=0)
    sender, = swarm()
    for sdp in ("", "v=0\r\n", "\"quoted\" \\ /", "\u0000\u0001\u001f\u007f", "äß€\U0001f600",
                "x" * (_MAX_SDP - 1000)):
        offer = make_offer(sdp)
        offer["offer"].update(type="answer", extra={"x": 1})
        offer["more"] = "y"
        sender.announce(offers=[offer], evil="z", to_peer_id=None)
        message = receiver.receive_offer()
        assert set(message) == OFFER_KEYS
        assert message["offer"] == {"type": "offer", "sdp": sdp}
        assert message["offer_id"] == offer["offer_id"]
        assert message["peer_id"] == sender.peer_id


def test_escapes_are_kept(swarm):
    """The other side may write the same text in another way: it means the same."""
    receiver, = swarm(left=0)
    sender, = swarm()
    text = json.dumps({"action": "announce", "info_hash": sender.info_hash,
                       "peer_id": sender.peer_id, "offers": [make_offer("SDP")]})
    sender.connection.send_text(text.replace('"SDP"', r'"\u0041\/\ud83d\ude00\"\t"'))
    sender.receive_response()
    assert receiver.receive_offer()["offer"]["sdp"] == "A/\U0001f600\"\t"


def test_large_descriptions_are_refused(swarm):
    receiver, = swarm(left=0)
    sender, = swarm()
    sender.send_announce(offers=[make_offer("x" * (_MAX_SDP + 1))])
    sender.receive_failure()
    sender.announce()
    receiver.silence()


def test_leechers_ask_seeders_first(swarm):
    seeders, leechers = swarm(2, left=0), swarm(8)
    sender, = swarm()
    for _ in range(8):
        sender.announce(offers=make_offers(2))
        for seeder in seeders:
            seeder.receive_offer()
    for messages in relayed_to(leechers):
        assert messages == []


def test_seeders_ask_leechers_only(swarm):
    """A seeder has nothing for another one."""
    seeders, leechers = swarm(5, left=0), swarm(2)
    sender, = swarm(left=0)
    sender.announce(left=0, offers=make_offers(5))
    for leecher in leechers:
        leecher.receive_offer()
    sender.announce(left=0)
    for messages in relayed_to(seeders):
        assert messages == []


def test_nobody_asks_himself(swarm):
    """Neither a sender nor his other ids on the same connection get his offers."""
    sender, = swarm()
    for _ in range(3):
        twin = Peer(sender.connection, sender.info_hash)
        twin.send_announce(offers=make_offers(5))
        sender.connection.receive_json()  # An answer, or a failure: who may have two ids?
        sender.announce(offers=make_offers(5))
        sender.silence()


def test_stopped_asks_nobody(swarm):
    receiver, = swarm(left=0)
    sender, = swarm()
    sender.announce(event="stopped", offers=make_offers(3))
    receiver.silence()


def test_other_torrents_hear_nothing(swarm):
    other, = swarm()
    with swarm.tracker.peer() as sender:
        sender.announce(offers=make_offers(3))
        other.silence()


# --- Answers.

def test_answer(swarm):
    """It reaches who offered, once and unaltered, and who answers is told nothing."""
    seeder, leecher, offer = offered(swarm)
    answer = answer_to(offer, seeder.peer_id, sdp="v=0\r\n\"ä\"")
    answer["answer"]["extra"], answer["more"] = 1, 2
    seeder.connection.send_json(answer)
    message = leecher.receive_answer()
    assert set(message) == ANSWER_KEYS
    assert message["answer"] == {"type": "answer", "sdp": "v=0\r\n\"ä\""}
    assert message["offer_id"] == offer["offer_id"]
    assert message["peer_id"] == seeder.peer_id
    seeder.silence()


def is_refused(peer, *victims):
    """That the answer which `peer` has just sent reached none of these; a failure may say so."""
    for message in peer.connection.messages_so_far():
        check_failure(message, peer.info_hash)
    assert scrape(peer.connection, peer.info_hash)
    for victim in victims:
        victim.silence()


def test_second_answer(swarm):
    seeder, leecher, offer = offered(swarm)
    seeder.answer(offer)
    leecher.receive_answer()
    seeder.answer(offer)
    is_refused(seeder, leecher)


def test_forged_answers(swarm):
    """Only who was offered something answers it: no one else, nothing else, nobody else."""
    seeder, leecher, offer = offered(swarm)
    stranger, = swarm()
    stranger.answer(offer)
    is_refused(stranger, leecher)
    for wrong in ({**offer, "offer_id": random_id()}, {**offer, "peer_id": random_id()},
                  {**offer, "peer_id": stranger.peer_id}, {**offer, "peer_id": seeder.peer_id}):
        seeder.answer(wrong)
        is_refused(seeder, leecher, stranger)
    seeder.answer(offer)  # Which is still open.
    leecher.receive_answer()


def test_answer_in_anothers_name(swarm):
    """Another connection, of another address, does not speak for the peer who was asked."""
    seeder, leecher, offer = offered(swarm)
    with swarm.tracker.peer(swarm.info_hash, seeder.peer_id, source=_STRANGER) as thief:
        thief.answer(offer)
        is_refused(thief, leecher)
    seeder.answer(offer)
    leecher.receive_answer()


def test_answer_in_another_torrent(swarm):
    seeder, leecher, offer = offered(swarm)
    elsewhere = Peer(seeder.connection, random_id(), seeder.peer_id)
    elsewhere.announce()
    elsewhere.answer({**offer, "info_hash": elsewhere.info_hash})
    is_refused(elsewhere, leecher)


def test_answer_to_who_has_gone(swarm):
    seeder, leecher, offer = offered(swarm)
    leecher.announce(event="stopped")
    seeder.answer(offer)
    is_refused(seeder, leecher)


# --- Whose a peer id is.

def test_reconnection(swarm):
    """Who comes back from the same address is himself: counted once, offered on the new
    connection, and not forgotten when the old one ends."""
    old, = swarm(left=0)
    with swarm.tracker.peer(swarm.info_hash, old.peer_id) as new:
        assert new.announce(left=0)["complete"] == 1
        asker, = swarm()
        asker.announce(offers=[make_offer()])
        new.receive_offer()
        old.silence()
        old.connection.close()
        wait_until(lambda: scrape(asker.connection, swarm.info_hash) == [Counts(1, 1)],
                   "the peer is still there")
        asker.announce(offers=[make_offer()])
        new.receive_offer()


def test_peer_id_of_another_address(swarm):
    """While its connection lives nobody else gets a peer id; once it is gone, anybody."""
    owner, = swarm(left=0)
    with swarm.tracker.peer(swarm.info_hash, owner.peer_id, source=_STRANGER) as thief:
        thief.send_announce(left=1)
        thief.receive_failure()
        asker, = swarm()
        asker.announce(offers=[make_offer()])
        owner.receive_offer()
        assert scrape(thief.connection, swarm.info_hash) == [Counts(1, 1)]
        thief.silence()
        owner.connection.close()
        wait_until(lambda: scrape(thief.connection, swarm.info_hash) == [Counts(0, 1)],
                   "the owner is gone")
        assert thief.announce()["incomplete"] == 2


def test_stopped_in_anothers_name(swarm):
    owner, = swarm(left=0)
    with swarm.tracker.peer(swarm.info_hash, owner.peer_id, source=_STRANGER) as thief:
        thief.send_announce(event="stopped")
        thief.receive_failure()
        assert scrape(thief.connection, swarm.info_hash) == [Counts(1, 0)]
    asker, = swarm()
    asker.announce(offers=[make_offer()])
    owner.receive_offer()


def test_connections_that_come_and_go(swarm):
    """However they end, nobody is left over."""
    swarm()
    for turn in range(30):
        with swarm.tracker.peer(swarm.info_hash) as guest:
            guest.announce(left=turn % 2, offers=make_offers(2))
            if turn % 3 == 0:
                guest.connection.close()
            elif turn % 3 == 1:
                guest.announce(event="stopped")
    with swarm.tracker.connect() as watcher:
        wait_until(lambda: scrape(watcher, swarm.info_hash) == [Counts(0, 1)],
                   "only who was there first is left")
