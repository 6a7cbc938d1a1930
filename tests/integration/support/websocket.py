# SPDX-License-Identifier: Apache-2.0
"""WebSocket from the client's side (RFC 6455): frames as they are, broken ones too.

Written from the RFC, not from the tracker's own code, so that one mistake is not made twice. What
a server must not send asserts.
"""

import base64
import collections
import dataclasses
import hashlib
import json
import os
import socket
import struct

from support.waiting import DEADLINE_S

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
_ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 §1.3.
_MAX_HEAD_BYTES = 65536
_RECEIVE_BYTES = 65536


class ConnectionLost(AssertionError):
    """The stream ended without a close frame."""


class Closed(AssertionError):
    """A close frame came instead of a message."""

    def __init__(self, code, reason):
        super().__init__(f"closed with {code}: {reason!r}")
        self.code, self.reason = code, reason


@dataclasses.dataclass(frozen=True)
class Response:
    """Of HTTP: header names in lower case, each with all of its values."""

    status: int
    headers: dict
    body: bytes


class Refused(Exception):
    """The server did not switch protocols; `response` says what it did."""

    def __init__(self, response):
        super().__init__(f"status {response.status}: {response.body!r}")
        self.response = response


def apply_mask(payload, key):
    repeated = key * (len(payload) // 4 + 1)
    number = int.from_bytes(payload, "big") ^ int.from_bytes(repeated[:len(payload)], "big")
    return number.to_bytes(len(payload), "big")


def frame(opcode, payload=b"", *, final=True, reserved=0, key=b"\x12\x34\x56\x78", length=None):
    """A frame of a client. Without `key` it is not masked; `length` is told instead of the true
    one, and `reserved` are the three bits behind the first."""
    told = len(payload) if length is None else length
    mask_bit = 0x80 if key is not None else 0
    head = bytes([(0x80 if final else 0) | reserved << 4 | opcode])
    if told < 126:
        head += bytes([mask_bit | told])
    elif told < 2**16:
        head += struct.pack(">BH", mask_bit | 126, told)
    else:
        head += struct.pack(">BQ", mask_bit | 127, told)
    return head + (payload if key is None else key + apply_mask(payload, key))


def close_frame(code=None, reason=b""):
    return frame(CLOSE, (b"" if code is None else struct.pack(">H", code)) + reason)


def upgrade_headers(key):
    """What a browser sends, in order; tests change it."""
    return {"Host": "tracker.test", "Upgrade": "websocket", "Connection": "Upgrade",
            "Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13"}


class HttpStream:
    """A connection that speaks HTTP so far."""

    def __init__(self, address, *, source=None, tls=None, server_name="localhost",
                 receive_buffer_bytes=None, connected=None):
        """`tls`: an ssl.SSLContext. `connected`: a socket to use, e.g. of another network."""
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._socket = connected or socket.socket(family, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(DEADLINE_S)
            if receive_buffer_bytes:
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
            if source:
                self._socket.bind((source, 0))
            self._socket.connect(address)
            if tls:
                self._socket = tls.wrap_socket(self._socket, server_hostname=server_name)
        except BaseException:
            self._socket.close()
            raise
        self.local_address = self._socket.getsockname()
        self._input = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.abort()

    def abort(self):
        """Ends the connection without a word."""
        self._socket.close()

    def send(self, data):
        """Sends all of it, unless the other side has had enough and is gone."""
        try:
            self._socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # What it had to say first can still be read.

    def _fill(self):
        """Whether more has come before the end."""
        try:
            data = self._socket.recv(_RECEIVE_BYTES)
        except ConnectionResetError:
            data = b""
        self._input += data
        return bool(data)

    def take(self, count):
        while len(self._input) < count:
            if not self._fill():
                raise ConnectionLost(f"the stream ended, {len(self._input)} of {count} bytes")
        taken = bytes(self._input[:count])
        del self._input[:count]
        return taken

    def request(self, head_lines, behind=b""):
        """Sends a request of these lines, `behind` at once after it, and returns the response."""
        self.send("".join(f"{line}\r\n" for line in [*head_lines, ""]).encode() + behind)
        while (end := self._input.find(b"\r\n\r\n")) < 0:
            assert len(self._input) < _MAX_HEAD_BYTES, "an endless head"
            if not self._fill():
                raise ConnectionLost(f"no response, but {bytes(self._input)!r}")
        status_line, *lines = self.take(end + 4).decode("latin-1").rstrip("\r\n").split("\r\n")
        headers = collections.defaultdict(list)
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.strip().lower()].append(value.strip())
        status = int(status_line.split(" ")[1])
        body_bytes = int(headers["content-length"][0]) if "content-length" in headers else 0
        return Response(status, headers, self.take(body_bytes))

    def get(self, target):
        return self.request([f"GET {target} HTTP/1.1", "Host: tracker.test"])


class WebSocket(HttpStream):
    """An upgraded connection. Pings of the server are answered along the way."""

    def __init__(self, address, *, target="/", headers=None, behind=b"", **how):
        """`headers` replace or, with None, remove those of upgrade_headers(); `behind` is sent in
        one go with the upgrade."""
        super().__init__(address, **how)
        key = base64.b64encode(os.urandom(16)).decode()
        wanted = {**upgrade_headers(key), **(headers or {})}
        lines = [f"{name}: {value}" for name, value in wanted.items() if value is not None]
        try:
            self.upgrade = self.request([f"GET {target} HTTP/1.1", *lines], behind)
            if self.upgrade.status != 101:
                raise Refused(self.upgrade)
        except BaseException:
            self.abort()
            raise
        accept = base64.b64encode(hashlib.sha1((key + _ACCEPT_GUID).encode()).digest()).decode()
        assert self.upgrade.headers["sec-websocket-accept"] == [accept]
        assert [value.lower() for value in self.upgrade.headers["upgrade"]] == ["websocket"]
        self._pings_sent = 0

    # --- Frames.

    def send_frame(self, opcode, payload=b"", **how):
        self.send(frame(opcode, payload, **how))

    def receive_frame(self):
        """(opcode, payload) of the next frame; a server masks nothing and fragments nothing that
        is as short as ours."""
        first, second = self.take(2)
        assert first & 0x70 == 0, f"reserved bits are set: {first:#x}"
        assert first & 0x80, "the server sent a fragment"
        assert second & 0x80 == 0, "a server's frame is masked (RFC 6455 §5.1)"
        length = second & 0x7F
        if length == 126:
            length, = struct.unpack(">H", self.take(2))
            assert length >= 126, "a length in more bytes than it needs"
        elif length == 127:
            length, = struct.unpack(">Q", self.take(8))
            assert length >= 2**16, "a length in more bytes than it needs"
        opcode = first & 0x0F
        assert opcode in (TEXT, BINARY, CLOSE, PING, PONG), f"opcode {opcode}"
        assert opcode < CLOSE or length <= 125, "a long control frame"
        return opcode, self.take(length)

    def _next_event(self):
        """The next frame that is no ping."""
        while True:
            opcode, payload = self.receive_frame()
            if opcode != PING:
                return opcode, payload
            self.send_frame(PONG, payload)

    # --- Messages.

    def send_text(self, text):
        self.send_frame(TEXT, text if isinstance(text, bytes) else text.encode())

    def send_json(self, message):
        self.send_text(json.dumps(message))

    def receive_json(self):
        """The next message, which has to be one: an object in text whose keys differ."""
        opcode, payload = self._next_event()
        if opcode == CLOSE:
            raise Closed(*_decode_close(payload))
        assert opcode == TEXT, f"opcode {opcode} with {payload!r} instead of a message"
        return json.loads(payload.decode(), object_pairs_hook=_without_repeated_keys)

    def receive_pong(self):
        """The payload of the next frame, which has to be a pong."""
        opcode, payload = self._next_event()
        assert opcode == PONG, f"opcode {opcode} with {payload!r} instead of a pong"
        return payload

    def messages_so_far(self):
        """The messages that came before the answer to a ping that is sent now.

        Whatever is sent before the ping has been handled by then, so this shows silence without
        waiting for it."""
        self._pings_sent += 1
        mark = b"mark %d" % self._pings_sent
        self.send_frame(PING, mark)
        messages = []
        while True:
            opcode, payload = self._next_event()
            if opcode == CLOSE:
                raise Closed(*_decode_close(payload))
            if opcode == PONG and payload == mark:
                return messages
            assert opcode == TEXT, f"opcode {opcode} with {payload!r}"
            messages.append(json.loads(payload, object_pairs_hook=_without_repeated_keys))

    # --- The end.

    def receive_close(self):
        """(code, reason) of the close frame that has to come, after any messages; then answers it
        and sees the stream end. The code is None where the frame has none."""
        while True:
            opcode, payload = self._next_event()
            if opcode == CLOSE:
                break
        self.send_frame(CLOSE, payload[:2])
        self.expect_end()
        return _decode_close(payload)

    def expect_end(self):
        """The server ends the stream first (RFC 6455 §7.1.1), then we do."""
        while self._fill():
            pass
        self.abort()
        assert not self._input, f"more after the close frame: {bytes(self._input)!r}"

    def close(self, code=1000):
        """A close handshake begun by us; returns what the server answers."""
        self.send(close_frame(code))
        while True:
            opcode, payload = self._next_event()
            if opcode == CLOSE:
                self.expect_end()
                return _decode_close(payload)


def _decode_close(payload):
    if not payload:
        return None, ""
    return struct.unpack_from(">H", payload)[0], payload[2:].decode()


def _without_repeated_keys(pairs):
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), f"a key is there twice: {keys}"
    return dict(pairs)
