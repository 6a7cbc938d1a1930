# SPDX-License-Identifier: Apache-2.0
"""RFC 6455 case by case, in the order of Autobahn's public list (its section numbers in the names).

Autobahn's own programs need an echo, and Python 2; so these are its cases over again, with the
tracker's answers in place of the echo: a text that is no JSON gets a failure, which shows that it
has arrived whole.
"""

import json
import struct

import pytest

from support import machine, ws_tracker
from support.signalling import announcement, check_failure, check_message, random_id
from support.websocket import (BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, close_frame, frame)

machine.skip_if(ws_tracker.missing())

# What has to come back.
ANSWER = "the response"  # To an announce that arrived whole.
FAILURE = "a failure"    # To a message that is no JSON.


def pong(payload):
    return "pong", payload


def closed(*codes):
    """The connection ends with one of these codes; nothing that comes before counts."""
    return "closed", codes


_ANNOUNCE = json.dumps(announcement(random_id(), random_id())).encode()
_UTF8 = "Hello-µ@ßöäüàá-UTF-8!!"


def split(payload, size, opcode=TEXT):
    """The frames of a message in fragments of `size` bytes."""
    pieces = [payload[at:at + size] for at in range(0, len(payload), size)] or [b""]
    return [frame(opcode if index == 0 else CONTINUATION, piece, final=index == len(pieces) - 1)
            for index, piece in enumerate(pieces)]


def announce_of(size):
    return _ANNOUNCE[:-1] + b',"padding":"' + b"x" * (size - len(_ANNOUNCE) - 13) + b'"}'


def text_then(more, *, begin=b"fragment1", final=False):
    return [frame(TEXT, begin, final=final), *more]


def utf8_cases():
    """6: text in one frame, in fragments on and inside characters; bad text, as early as can be."""
    good = {"": "empty", _UTF8: "letters", "κόσμε": "greek", "\u0000": "nul",
            "\uffff": "noncharacter", "\U0010ffff": "last", "\ue000": "private",
            "\ufffd": "replacement", "\U0001f600": "emoji"}
    for text, name in good.items():
        data = text.encode()
        yield f"6.2 {name}", [frame(TEXT, data)], [FAILURE]
        yield f"6.2 {name} byte by byte", split(data, 1), [FAILURE]
    bad = {"lone continuation": b"\x80", "two of them": b"\x80\xbf", "cut two": b"\xc3",
           "cut three": b"\xe2\x82", "cut four": b"\xf0\x9f\x98", "overlong slash": b"\xc0\xaf",
           "overlong nul": b"\xc0\x80", "overlong three": b"\xe0\x80\xaf",
           "overlong four": b"\xf0\x80\x80\xaf", "surrogate": b"\xed\xa0\x80",
           "surrogate pair": b"\xed\xa0\xbd\xed\xb8\x80", "above the last": b"\xf4\x90\x80\x80",
           "five bytes": b"\xf8\x88\x80\x80\x80", "fe": b"\xfe", "ff": b"\xff",
           "autobahn's": b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited"}
    for name, data in bad.items():
        yield f"6.3 {name}", [frame(TEXT, data)], [closed(1007)]
        yield f"6.3 {name} after text", [frame(TEXT, _UTF8.encode() + data + b"x")], [closed(1007)]
        yield f"6.3 {name} byte by byte", split(data, 1), [closed(1007)]
        yield f"6.3 {name} is fine in binary", [frame(BINARY, data)], [FAILURE]
    yield "6.3 last fragment", [frame(TEXT, b"\xc3", final=False),
                                frame(CONTINUATION, b"x")], [closed(1007)]


def close_cases():
    """7: codes that may be sent come back; those that may not are a protocol error."""
    for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999):
        yield f"7.7 code {code}", [close_frame(code)], [closed(code)]
    for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535):
        yield f"7.9 code {code}", [close_frame(code)], [closed(1002)]
    yield "7.1 nothing after a close is handled", [close_frame(1000), frame(TEXT, _ANNOUNCE),
                                                   frame(PING, b"x")], [closed(1000)]
    yield "7.1 between fragments", text_then([close_frame(1000)]), [closed(1000)]
    yield "7.3 empty", [close_frame()], [closed(None, 1000)]
    yield "7.3 one byte", [frame(CLOSE, b"\x03")], [closed(1002)]
    yield "7.3 reason", [close_frame(1000, b"bye")], [closed(1000)]
    yield "7.3 longest reason", [close_frame(1000, b"x" * 123)], [closed(1000)]
    yield "7.3 too long a reason", [close_frame(1000, b"x" * 124)], [closed(1002)]
    yield "7.5 reason is no UTF-8", [close_frame(1000, b"\xce\xba\xed\xa0\x80")], [closed(1007)]


def framing_cases():
    """1: payloads of every length encoding, whole and in pieces."""
    for size in (0, 125, 126, 127, 128, 65535, 65536):
        for opcode, name in ((TEXT, "text"), (BINARY, "binary")):
            yield f"1 {name} of {size}", [frame(opcode, b"*" * size)], [FAILURE]
    for size in (len(_ANNOUNCE) + 20, 1000, 65535, 65536):
        yield f"1 announce of {size}", [frame(TEXT, announce_of(size))], [ANSWER]
    yield "1 masked with zeros", [frame(TEXT, _ANNOUNCE, key=bytes(4))], [ANSWER]
    yield "1 not masked", [frame(TEXT, _ANNOUNCE, key=None)], [closed(1002)]
    yield "1 ping not masked", [frame(PING, b"x", key=None)], [closed(1002)]
    yield "1 empty text not masked", [frame(TEXT, key=None)], [closed(1002)]
    # A length has to be in as few bytes as it takes (§5.2).
    key = b"abcd"
    yield "1 length 5 in two bytes", [bytes([0x81, 0xFE, 0, 5]) + key + b"x" * 5], [closed(1002)]
    yield ("1 length 5 in eight bytes",
           [bytes([0x81, 0xFF]) + struct.pack(">Q", 5) + key + b"x" * 5], [closed(1002)])
    yield "1 length of 64 bits", [frame(TEXT, b"x", length=2**63)], [closed(1002, 1009)]


def ping_cases():
    """2: pings come back with what they brought, pongs are nobody's business."""
    for payload in (b"", b"Hello", bytes(range(256))[:125], b"\xff" * 125, b"\x00"):
        yield f"2 ping {payload[:6]!r} {len(payload)}", [frame(PING, payload)], [pong(payload)]
    yield "2.5 ping of 126", [frame(PING, b"x" * 126)], [closed(1002)]
    yield "2.7 pong out of the blue", [frame(PONG, b"x"), frame(PING, b"y")], [pong(b"y")]
    yield ("2.9 pong and ping", [frame(PONG), frame(PING), frame(TEXT, _ANNOUNCE)],
           [pong(b""), ANSWER])
    yield ("2.10 ten pings", [frame(PING, b"payload-%d" % number) for number in range(10)],
           [pong(b"payload-%d" % number) for number in range(10)])
    yield "2 pong of 126", [frame(PONG, b"x" * 126)], [closed(1002)]


def bit_cases():
    """3 and 4: what is reserved is an error, whatever else the frame is."""
    for reserved in range(1, 8):
        for opcode in (TEXT, BINARY, PING, PONG, CLOSE, CONTINUATION):
            yield (f"3 bits {reserved} opcode {opcode}",
                   [frame(opcode, b"", reserved=reserved)], [closed(1002)])
    for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
        yield f"4 opcode {opcode}", [frame(opcode)], [closed(1002)]
        yield f"4 opcode {opcode} with payload", [frame(opcode, b"x" * 10)], [closed(1002)]
        yield (f"4 opcode {opcode} after a message", [frame(TEXT, _ANNOUNCE), frame(opcode)],
               [ANSWER, closed(1002)])


def fragment_cases():
    """5: fragments, control frames between them, and what is no fragment."""
    for size in (1, 7, 64):
        yield f"5 fragments of {size}", split(_ANNOUNCE, size), [ANSWER]
    yield ("5 empty fragments",
           [frame(TEXT, b"", final=False), frame(CONTINUATION, b"", final=False),
            frame(CONTINUATION, _ANNOUNCE, final=False), frame(CONTINUATION, b"")], [ANSWER])
    half = len(_ANNOUNCE) // 2
    first = frame(TEXT, _ANNOUNCE[:half], final=False)
    second = frame(CONTINUATION, _ANNOUNCE[half:])
    yield "5.6 ping between", [first, frame(PING, b"p"), second], [pong(b"p"), ANSWER]
    yield "5.6 pong between", [first, frame(PONG, b"p"), second], [ANSWER]
    yield ("5.7 pings between all", [piece for part in split(_ANNOUNCE, 16)
                                     for piece in (frame(PING, b"p"), part)],
           [pong(b"p")] * len(split(_ANNOUNCE, 16)) + [ANSWER])
    for opcode in (PING, PONG):
        yield (f"5.1 control frame {opcode} in fragments",
               [frame(opcode, b"1", final=False), frame(CONTINUATION, b"2")], [closed(1002)])
    yield "5 close in fragments", [frame(CLOSE, b"\x03\xe8", final=False)], [closed(1002)]
    for final in (True, False):
        for payload in (b"", b"x"):
            yield (f"5.9 continuation of nothing, final {final}, {payload}",
                   [frame(CONTINUATION, payload, final=final)], [closed(1002)])
    yield ("5.12 continuation after a message",
           [frame(TEXT, _ANNOUNCE), frame(CONTINUATION, b"x")], [ANSWER, closed(1002)])
    for opcode in (TEXT, BINARY):
        yield (f"5.18 new message inside, {opcode}", text_then([frame(opcode, b"x")]),
               [closed(1002)])
        yield (f"5.18 new fragments inside, {opcode}",
               text_then([frame(opcode, b"x", final=False)]), [closed(1002)])
    yield ("5.19 a message after one in fragments", [first, second, frame(TEXT, _ANNOUNCE)],
           [ANSWER, ANSWER])


def limit_cases():
    """9: as much as there may be, in one frame and in many. What is more is test_ws_operation's."""
    largest = announce_of(65536)
    for size in (64, 256, 1024, 4096, 16384):
        yield f"9.3 fragments of {size}", split(largest, size), [ANSWER]
    yield "9.7 a thousand messages", [frame(TEXT, _ANNOUNCE)] * 1000, [ANSWER] * 1000


_CASES = [case for cases in (framing_cases, ping_cases, bit_cases, fragment_cases, utf8_cases,
                             close_cases, limit_cases) for case in cases()]


@pytest.fixture(scope="module")
def tracker(ws_starter):
    return ws_starter({"network": {"websocket_max_message_size": 65536,
                                   "websocket_max_frame_size": 65536}})


def check_next(connection, expected):
    if expected in (ANSWER, FAILURE):
        message = check_message(connection.receive_json())
        assert ("failure reason" in message) == (expected == FAILURE), message
        if expected == FAILURE:
            check_failure(message)
    elif expected[0] == "pong":
        assert connection.receive_pong() == expected[1]
    else:
        assert connection.receive_close()[0] in expected[1]


@pytest.mark.parametrize("pieces", [False, True], ids=["at_once", "in_pieces"])
@pytest.mark.parametrize("case", _CASES, ids=[case[0] for case in _CASES])
def test_case(tracker, case, pieces):
    """Each case in one go and in pieces that ignore where frames begin; then, unless it ended the
    connection, it serves on."""
    _, frames, expected = case
    data = b"".join(frames)
    with tracker.connect() as connection:
        # Pieces of a few bytes for what is short, few ones for what is long.
        step = max(3, len(data) // 50) if pieces else max(1, len(data))
        for start in range(0, len(data), step):
            connection.send(data[start:start + step])
        for one in expected:
            check_next(connection, one)
        if not expected or expected[-1][0] != "closed":
            assert connection.messages_so_far() == []
            assert connection.close()[0] == 1000


def test_cases_leave_no_mark(tracker):
    """After all of that the tracker is alive, and nobody is left in its torrents."""
    with tracker.peer() as peer:
        assert peer.announce()["incomplete"] == 1
