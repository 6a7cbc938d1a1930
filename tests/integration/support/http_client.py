# SPDX-License-Identifier: Apache-2.0
"""The HTTP tracker protocol from the client's side (BEP 3, 7, 23, 48; RFC 9112).

Written from the specifications, not from the tracker's own code, so that one mistake is not made
twice. A connection sends whatever bytes it is told to, and reads responses strictly.
"""

import contextlib
import dataclasses
import select
import socket
import ssl
import struct
from urllib.parse import quote_from_bytes

from support import bencode
from support.waiting import DEADLINE_S

PEER_ID = b"-AQ0001-abcdefghijkl"
_RECEIVE_BYTES = 65536
_LINE_END = b"\r\n"


class Closed(AssertionError):
    """The connection ended where a response was to come."""


class Failure(Exception):
    """The tracker's `failure reason`; `retry_in` is what BEP 31 says beside it, if anything."""

    def __init__(self, reason, retry_in):
        super().__init__(reason)
        self.retry_in = retry_in


@dataclasses.dataclass(frozen=True)
class Response:
    version: str
    status: int
    reason: str
    headers: tuple  # of (name in lower case, value)
    body: bytes = b""

    def header(self, name):
        """The value, or None."""
        values = [value for key, value in self.headers if key == name.lower()]
        assert len(values) <= 1, f"{name} more than once: {self.headers}"
        return values[0] if values else None


@dataclasses.dataclass(frozen=True)
class Announced:
    interval: int
    min_interval: int
    seeders: int
    leechers: int
    completed: int
    external_ip: str
    peers: tuple  # of (address, port)


@dataclasses.dataclass(frozen=True)
class TorrentScrape:
    seeders: int
    completed: int
    leechers: int


def query(**fields):
    """A query; bytes are percent-encoded, None leaves a field out."""
    texts = {key: quote_from_bytes(value, safe="") if isinstance(value, bytes) else str(value)
             for key, value in fields.items() if value is not None}
    return "&".join(f"{key}={text}" for key, text in texts.items())


def announce_target(info_hash, *, port=6881, left=1, peer_id=PEER_ID, path="/announce", **more):
    return f"{path}?" + query(info_hash=info_hash, peer_id=peer_id, port=port, left=left, **more)


def scrape_target(*info_hashes, path="/scrape"):
    return f"{path}?" + "&".join(query(info_hash=info_hash) for info_hash in info_hashes)


def request(target, *headers, method="GET", version="HTTP/1.1", host="tracker.test"):
    """The bytes of a request; `headers` are lines."""
    lines = [f"{method} {target} {version}", *([f"Host: {host}"] if host else []), *headers]
    return "".join(f"{line}\r\n" for line in lines).encode() + _LINE_END


def split_peers(packed, family):
    """Compact peers (BEP 23, BEP 7)."""
    address_bytes = 4 if family == socket.AF_INET else 16
    assert len(packed) % (address_bytes + 2) == 0
    return tuple((socket.inet_ntop(family, address), port)
                 for address, port in struct.iter_unpack(f">{address_bytes}sH", packed))


def decode_body(response):
    """The dictionary that answers an announce or a scrape; raises Failure if it is one."""
    assert response.status == 200, response
    value = bencode.decode(response.body)
    if b"failure reason" in value:
        assert value.keys() <= {b"failure reason", b"retry in"}, value
        raise Failure(value[b"failure reason"].decode(), value.get(b"retry in"))
    return value


def decode_announce(response):
    value = decode_body(response)
    peers = split_peers(value.get(b"peers", b""), socket.AF_INET) + split_peers(
        value.get(b"peers6", b""), socket.AF_INET6)
    external = value[b"external ip"]
    return Announced(value[b"interval"], value[b"min interval"], value[b"complete"],
                     value[b"incomplete"], value[b"downloaded"],
                     socket.inet_ntop(socket.AF_INET6 if len(external) == 16 else socket.AF_INET,
                                      external), peers)


def decode_scrape(response):
    return {info_hash: TorrentScrape(torrent[b"complete"], torrent[b"downloaded"],
                                     torrent[b"incomplete"])
            for info_hash, torrent in decode_body(response)[b"files"].items()}


class Client:
    """One connection."""

    def __init__(self, address, source=None, *, tls=None, server_name=None, session=None,
                 preface=b"", sock=None, receive_buffer_bytes=None):
        """`tls`: an SSL context. `preface`: what a proxy sends before TLS. `sock`: unconnected."""
        self.family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.socket = sock or socket.socket(self.family, socket.SOCK_STREAM)
        self.socket.settimeout(DEADLINE_S)
        self._received = b""
        try:
            if receive_buffer_bytes:
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
            if source:
                self.socket.bind((source, 0))
            self.socket.connect(address)
            if preface:
                self.socket.sendall(preface)
            if tls:
                self.start_tls(tls, server_name or address[0], session)
        except BaseException:
            self.socket.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def start_tls(self, context, server_name, session=None):
        # Strict: what ends without TLS saying so was cut off.
        self.socket = context.wrap_socket(self.socket, server_hostname=server_name,
                                          session=session, suppress_ragged_eofs=False)

    def abort(self):
        """Closes with a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    @property
    def source(self):
        """(address, port) as the tracker should see it."""
        return self.socket.getsockname()[:2]

    def send(self, data):
        self.socket.sendall(data)

    def send_one_by_one(self, data):
        """Each byte in a segment and, with TLS, a record of its own."""
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in data:
            self.socket.sendall(bytes([byte]))

    def send_while_receiving(self, data):
        """Sends all of it and keeps what comes meanwhile: neither side waits for the other for
        ever. In one thread, as Python's TLS sockets are not for two."""
        would_block = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
        rest = memoryview(data)
        self.socket.settimeout(0)
        while rest:
            readable, writable, _ = select.select([self.socket], [self.socket], [], DEADLINE_S)
            assert readable or writable, f"{len(rest)} bytes that nobody takes"
            with contextlib.suppress(*would_block):
                self._read()
            with contextlib.suppress(*would_block):
                rest = rest[self.socket.send(rest[:_RECEIVE_BYTES]):]
        self.socket.settimeout(DEADLINE_S)

    def receive(self, is_head=False):
        """The next response. `is_head`: it answers HEAD, so it has no body."""
        head = self._read_until(_LINE_END * 2)
        lines = head[:-4].decode("latin-1").split("\r\n")
        version, status, reason = lines[0].split(" ", 2)
        assert version in ("HTTP/1.0", "HTTP/1.1"), lines
        headers = tuple((name.lower(), value.strip(" \t"))
                        for name, value in (line.split(":", 1) for line in lines[1:]))
        response = Response(version, int(status), reason, headers)
        if is_head or response.status < 200:
            return response
        return dataclasses.replace(response, body=self._read_body(response))

    def exchange(self, data, is_head=False):
        self.send(data)
        return self.receive(is_head)

    def get(self, target, *headers, **how):
        return self.exchange(request(target, *headers, **how), how.get("method") == "HEAD")

    def announce(self, info_hash, *headers, **fields):
        return decode_announce(self.get(announce_target(info_hash, **fields), *headers))

    def scrape(self, *info_hashes):
        """In the order asked for."""
        scraped = decode_scrape(self.get(scrape_target(*info_hashes)))
        return [scraped[info_hash] for info_hash in info_hashes]

    def receive_some(self):
        """Whether anything came before the end; it is the beginning of what is received next."""
        return self._read()

    def read_to_end(self):
        """Everything until the tracker closes in an orderly way."""
        while self._read():
            pass
        rest, self._received = self._received, b""
        return rest

    def is_cut_off(self):
        """Whether the tracker ends the connection, in whatever way, without another word."""
        try:
            return self.read_to_end() == b""
        except (ConnectionError, ssl.SSLError):
            return True

    def _read(self):
        data = self.socket.recv(_RECEIVE_BYTES)
        self._received += data
        return len(data) > 0

    def _read_until(self, mark):
        while mark not in self._received:
            if not self._read():
                raise Closed(f"the connection ended after {self._received!r}")
        end = self._received.index(mark) + len(mark)
        return self._take(end)

    def _take(self, count):
        while len(self._received) < count:
            if not self._read():
                raise Closed(f"{count} bytes were to come, but {self._received!r}")
        taken, self._received = self._received[:count], self._received[count:]
        return taken

    def _read_body(self, response):
        if response.header("transfer-encoding") == "chunked":
            assert response.header("content-length") is None
            return self._read_chunks()
        length = response.header("content-length")
        return self.read_to_end() if length is None else self._take(int(length))

    def _read_chunks(self):
        body = b""
        while size := int(self._read_until(_LINE_END), 16):
            body += self._take(size)
            assert self._take(2) == _LINE_END
        assert self._take(2) == _LINE_END  # No trailers.
        return body
