# SPDX-License-Identifier: Apache-2.0
"""Who asks, behind proxies: what trusted ones say counts, what others say does not."""

import socket
import struct

import pytest

from support import bencode
from support.http_client import Client, Failure, announce_target, decode_announce, request
from support.torrent import random_info_hash

# The proxy is 127.0.0.1 or ::1; 127.0.0.2 is some peer.
_TRUSTED = "127.0.0.1/32, 10.0.0.0/8, ::1"
_REPORTS = {"statistics": {"interval": 1, "print_to_stdout": True}}
_BEHIND_HTTP = {"network": {"runs_behind_reverse_proxy": True, "trusted_proxies": _TRUSTED}}
_BEHIND_STREAM = {**_REPORTS, "network": {"proxy_protocol": True, "trusted_proxies": _TRUSTED}}

_MISSING = "The proxy does not say who asks"
_MALFORMED = "The proxy says who asks, but not how it should"
_HIDDEN = "The proxy hides who asks"


def seen_as(client, *headers):
    """Which address the tracker takes for that of the peer."""
    return client.announce(random_info_hash(), *headers).external_ip


@pytest.fixture(scope="module")
def behind_http(start_shared_http_tracker, maybe_certificates):
    """Takes X-Forwarded-For from trusted proxies."""
    return start_shared_http_tracker(_BEHIND_HTTP, maybe_certificates)


@pytest.mark.parametrize("headers, ip", [
    (["X-Forwarded-For: 203.0.113.7"], "203.0.113.7"),
    (["x-forwarded-FOR:203.0.113.7"], "203.0.113.7"),
    (["X-Forwarded-For: 203.0.113.7:4711"], "203.0.113.7"),
    (["X-Forwarded-For: 2001:db8::7"], "2001:db8::7"),
    (["X-Forwarded-For: [2001:db8::7]:4711"], "2001:db8::7"),
    (["X-Forwarded-For: ::ffff:203.0.113.7"], "203.0.113.7"),
    # Only the right-most untrusted address is beyond doubt.
    (["X-Forwarded-For: 198.51.100.1, 203.0.113.7"], "203.0.113.7"),
    (["X-Forwarded-For: 198.51.100.1, 203.0.113.7, 10.1.2.3,127.0.0.1"], "203.0.113.7"),
    (["X-Forwarded-For: nonsense, 203.0.113.7"], "203.0.113.7"),
    (["X-Forwarded-For: 198.51.100.1", "X-Forwarded-For: 203.0.113.7"], "203.0.113.7"),
    (["X-Forwarded-For: 203.0.113.7", "X-Forwarded-For: 10.0.0.1"], "203.0.113.7"),
    # If all are trusted, the left-most one asks for himself.
    (["X-Forwarded-For: 10.0.0.9, 10.0.0.1"], "10.0.0.9"),
    (["X-Forwarded-For: 203.0.113.7", "X-Real-IP: 198.51.100.1", "Forwarded: for=198.51.100.2"],
     "203.0.113.7")])
def test_forwarded_for(behind_http, family, headers, ip):
    """X-Forwarded-For as proxies write it."""
    with behind_http.client(family) as client:
        assert seen_as(client, *headers) == ip


@pytest.mark.parametrize("headers, reason", [
    ([], _MISSING), (["X-Real-IP: 203.0.113.7"], _MISSING),
    (["X-Forwarded-For: somebody"], _MALFORMED), (["X-Forwarded-For: 203.0.113.7:x"], _MALFORMED),
    (["X-Forwarded-For: 203.0.113.7, nonsense"], _MALFORMED),
    (["X-Forwarded-For: 1.2.3.4 5.6.7.8"], _MALFORMED),
    (["X-Forwarded-For: unknown"], _HIDDEN), (["X-Forwarded-For: 203.0.113.7, _x"], _HIDDEN)])
def test_bad_forwarded_for(behind_http, family, headers, reason):
    """Without a good header the proxy's own peers fail; the proxy's connection goes on."""
    with behind_http.client(family) as client:
        for target in (announce_target(random_info_hash()), "/scrape?info_hash=" + "a" * 20):
            response = client.get(target, *headers)
            assert (response.status, response.body) == (200,
                                                        bencode.encode({"failure reason": reason}))
        assert client.get("/health", *headers).body == b"ok"
        assert seen_as(client, "X-Forwarded-For: 203.0.113.7") == "203.0.113.7"


def test_each_request_has_its_own_peer(behind_http, family):
    """Proxies send the requests of many on one connection, even of both families."""
    info_hash = random_info_hash()
    ips = [f"203.0.113.{last}" for last in range(1, 31)]
    ips6 = [f"2001:db8::{last}" for last in range(1, 31)]
    with behind_http.client(family) as client:
        client.send(b"".join(request(announce_target(info_hash, port=9), f"X-Forwarded-For: {ip}")
                             for pair in zip(ips, ips6) for ip in pair))
        answered = [decode_announce(client.receive()) for _ in ips + ips6]
        assert [each.external_ip for each in answered] == [ip for pair in zip(ips, ips6)
                                                           for ip in pair]
        assert {ip for ip, _ in answered[-2].peers} == set(ips[:-1])
        assert {ip for ip, _ in answered[-1].peers} == set(ips6[:-1])


def test_others_are_not_believed(behind_http):
    """Whoever is no trusted proxy is where his connection comes from, whatever he says."""
    with behind_http.client(socket.AF_INET, source="127.0.0.2") as client:
        for headers in ([], ["X-Forwarded-For: 203.0.113.7"], ["X-Forwarded-For: nonsense"]):
            assert seen_as(client, *headers) == "127.0.0.2"


def test_nobody_is_believed_by_default(start_http_tracker, family):
    """Without runs_behind_reverse_proxy the header means nothing."""
    with start_http_tracker().client(family) as client:
        assert seen_as(client, "X-Forwarded-For: 203.0.113.7") == client.source[0]


def test_other_header(start_http_tracker, family):
    """The name of the header is a setting."""
    tracker = start_http_tracker({"network": {**_BEHIND_HTTP["network"],
                                              "reverse_proxy_ip_header_name": "X-Real-IP"}})
    with tracker.client(family) as client:
        assert seen_as(client, "X-Forwarded-For: 198.51.100.1", "x-real-ip: 203.0.113.7") == (
            "203.0.113.7")


_RFC7239 = {"network": {**_BEHIND_HTTP["network"], "reverse_proxy_ip_header_name": "Forwarded",
                        "reverse_proxy_ip_header_format": "rfc7239"}}


@pytest.fixture(scope="module")
def behind_rfc7239(start_shared_http_tracker):
    return start_shared_http_tracker(_RFC7239)


@pytest.mark.parametrize("value, seen", [
    ("for=203.0.113.7", "203.0.113.7"), ("For=203.0.113.7;proto=https", "203.0.113.7"),
    ('proto=https;for="203.0.113.7:4711"', "203.0.113.7"),
    ('for="[2001:db8::7]"', "2001:db8::7"), ('for="[2001:db8::7]:4711"', "2001:db8::7"),
    ('for=198.51.100.1, for=203.0.113.7;by="[::1]", for=10.0.0.1', "203.0.113.7"),
    ('for="198.51.100.1, for=203.0.113.7', "203.0.113.7"),
    ("for=_hidden", _HIDDEN), ("for=unknown", _HIDDEN), ("proto=https", _HIDDEN),
    ("for=2001:db8::7", "2001:db8::7"),  # It should have quotes, but is clear.
    ("203.0.113.7", _MALFORMED), ("for=203.0.113.7;for=1.2.3.4", _MALFORMED)])
def test_forwarded(behind_rfc7239, family, value, seen):
    """Forwarded (RFC 7239)."""
    with behind_rfc7239.client(family) as client:
        try:
            told = seen_as(client, f"Forwarded: {value}")
        except Failure as error:
            told = str(error)
            assert error.retry_in is None
        assert told == seen


def v1(line):
    return f"PROXY {line}\r\n".encode()


_SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"


def v2(source, command=1, family=None, transport=1, more=b"", version=2, length=None):
    """The binary header; `source` is (address, port)."""
    kind = socket.AF_INET6 if ":" in source[0] else socket.AF_INET
    packed = socket.inet_pton(kind, source[0]) + socket.inet_pton(
        kind, "::" if kind == socket.AF_INET6 else "0.0.0.0")
    body = packed + struct.pack(">HH", source[1], 80) + more
    code = family if family is not None else 2 if kind == socket.AF_INET6 else 1
    return _SIGNATURE + struct.pack(">BBH", version << 4 | command, code << 4 | transport,
                                    len(body) if length is None else length) + body


@pytest.fixture(scope="module")
def behind_stream(start_shared_http_tracker, maybe_certificates):
    """Takes the PROXY protocol from trusted proxies."""
    return start_shared_http_tracker(_BEHIND_STREAM, maybe_certificates)


_V4, _V6 = ("203.0.113.7", 4711), ("2001:db8::7", 4711)


@pytest.mark.parametrize("header, ip", [
    (v1("TCP4 203.0.113.7 127.0.0.1 4711 80"), "203.0.113.7"),
    (v1("TCP6 2001:db8::7 ::1 4711 80"), "2001:db8::7"),
    (v1("UNKNOWN"), None), (v1("UNKNOWN " + "x" * 80), None),
    (v2(_V4), "203.0.113.7"), (v2(_V6), "2001:db8::7"),
    (v2(("::ffff:203.0.113.7", 1)), "203.0.113.7"),
    (v2(_V4, more=b"\x04\x00\x05hello" * 20), "203.0.113.7"),  # Extensions are passed over.
    (v2(_V4, command=0), None), (v2(_V4, family=0), None)], ids=range(10))
@pytest.mark.parametrize("piecewise", [False, True], ids=["at-once", "byte-by-byte"])
def test_proxy_protocol(behind_stream, family, header, ip, piecewise):
    """Versions 1 and 2, also before TLS; LOCAL and UNKNOWN are the proxy itself."""
    with behind_stream.client(family, preface=b"" if piecewise else header, tls=None) as plain:
        if piecewise:
            plain.send_one_by_one(header)
        assert seen_as(secured(behind_stream, plain)) == (ip or plain.source[0])


def secured(tracker, plain):
    """The same connection, with TLS if the tracker has it."""
    if tracker.scheme == "https":
        plain.start_tls(tracker.context, tracker.listening[plain.family][0])
    return plain


_BAD_HEADERS = {
    "none": request("/health"), "none-but-tls": bytes.fromhex("16030100c0010000bc0303"),
    "lower-case": b"proxy TCP4 203.0.113.7 127.0.0.1 4711 80\r\n",
    "no-protocol": v1(""), "other-protocol": v1("UDP4 203.0.113.7 127.0.0.1 4711 80"),
    "wrong-family": v1("TCP4 2001:db8::7 ::1 4711 80"),
    "no-ports": v1("TCP4 203.0.113.7 127.0.0.1"),
    "bad-port": v1("TCP4 203.0.113.7 127.0.0.1 4711 65536"),
    "bad-address": v1("TCP4 203.0.113.700 127.0.0.1 4711 80"),
    "two-spaces": v1("TCP4  203.0.113.7 127.0.0.1 4711 80"),
    "too-long": b"PROXY UNKNOWN " + b"x" * 107,
    "bad-version": v2(_V4, version=1), "bad-command": v2(_V4, command=2),
    "bad-family": v2(_V4, family=4), "too-short": v2(_V4, length=11), "huge": v2(_V4, length=65535),
    "bad-signature": _SIGNATURE[:11] + b"\r" + v2(_V4)[12:],
}


@pytest.mark.parametrize("name", _BAD_HEADERS)
def test_bad_proxy_header(behind_stream, family, name):
    """A trusted proxy that does not speak the protocol is cut off without a word."""
    with behind_stream.client(family, tls=None) as client:
        client.send(_BAD_HEADERS[name])
        assert client.is_cut_off()


def test_bad_proxy_headers_are_counted(start_http_tracker):
    """And counted."""
    tracker = start_http_tracker(_BEHIND_STREAM)
    with tracker.client() as client:
        client.send(b"x")
        assert client.is_cut_off()
    tracker.wait_for(lambda: tracker.counted("bad PROXY headers/s") > 0, "it is counted")


def test_others_must_not_speak_it(behind_stream):
    """Who is no trusted proxy is served without a header, and not with one."""
    with behind_stream.client(socket.AF_INET, source="127.0.0.2") as client:
        assert seen_as(client) == "127.0.0.2"
    with behind_stream.client(socket.AF_INET, source="127.0.0.2", tls=None) as client:
        client.send(v1("TCP4 203.0.113.7 127.0.0.1 4711 80") + request("/health"))
        if behind_stream.scheme == "https":
            assert client.read_to_end()[:1] in (b"", b"\x15")  # At most an alert.
        else:
            assert client.receive().status == 400
            assert client.read_to_end() == b""


def test_limit_of_an_address_behind_a_proxy(start_http_tracker, family):
    """Connections count for the address in the header, not for the proxy's."""
    tracker = start_http_tracker({**_BEHIND_STREAM, "limits": {"max_connections_per_ip": 1}})
    address = tracker.listening[family]
    clients = []
    for last in range(1, 11):
        clients.append(Client(address, preface=v1(f"TCP4 203.0.113.{last} 127.0.0.1 4711 80")))
        assert clients[-1].get("/health").body == b"ok"
    with Client(address, preface=v1("TCP4 203.0.113.1 127.0.0.1 4712 80")) as second:
        assert second.receive().status == 503
        assert second.read_to_end() == b""
    for client in clients:
        assert client.get("/health").body == b"ok"
        client.close()


def test_both_at_once(start_http_tracker):
    """PROXY from the balancer, X-Forwarded-For from the proxy behind which it stands."""
    tracker = start_http_tracker({"network": {**_BEHIND_HTTP["network"], "proxy_protocol": True}})
    address = tracker.listening[socket.AF_INET]
    with Client(address, preface=v1("TCP4 10.0.0.5 127.0.0.1 4711 80")) as client:
        assert seen_as(client, "X-Forwarded-For: 203.0.113.7") == "203.0.113.7"
    with Client(address, preface=v1("TCP4 198.51.100.5 127.0.0.1 4711 80")) as client:
        assert seen_as(client, "X-Forwarded-For: 203.0.113.7") == "198.51.100.5"
