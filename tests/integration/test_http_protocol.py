# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1 as a tracker speaks it (RFC 9110, RFC 9112), byte by byte, with TLS and without."""

import dataclasses
import socket

import pytest

from support.bencode import encode
from support.http_client import (TorrentScrape, announce_target, decode_announce, decode_scrape,
                                 request, scrape_target)
from support.torrent import random_info_hash

_PIPELINED = 100
_NOT_FOUND = (b"This is a BitTorrent tracker. Torrent clients reach it at the path /announce.\n")


def test_one_byte_at_a_time(http_client):
    """Requests that arrive in pieces of a byte are answered like any other."""
    info_hash = random_info_hash()
    http_client.send_one_by_one(request(announce_target(info_hash), "User-Agent: slow") * 2)
    for _ in range(2):
        assert decode_announce(http_client.receive()).peers == ()
    assert http_client.scrape(info_hash) == [TorrentScrape(0, 0, 1)]


def test_pipelined_requests_are_answered_in_order(http_client):
    """A hundred requests in one go: a hundred responses, the first one first."""
    hashes = [random_info_hash() for _ in range(_PIPELINED)]
    http_client.send(b"".join(request(scrape_target(info_hash)) for info_hash in hashes))
    answered = [decode_scrape(http_client.receive()) for _ in hashes]
    assert [list(files) for files in answered] == [[info_hash] for info_hash in hashes]


def test_more_pipelined_than_any_buffer_holds(http_client):
    """Requests and responses of megabytes: neither side waits for the other for ever."""
    hashes = [random_info_hash() for _ in range(50)]
    data = request(scrape_target(*hashes))
    count = 2_000_000 // len(data)
    http_client.send_while_receiving(data * count)
    responses = [http_client.receive() for _ in range(count)]
    assert set(responses) == {responses[0]}
    assert decode_scrape(responses[0]).keys() == set(hashes)


def test_connection_is_kept(http_client):
    """HTTP/1.1 keeps the connection and need not say so."""
    for _ in range(3):
        response = http_client.get("/health")
        assert (response.version, response.status, response.header("connection")) == (
            "HTTP/1.1", 200, None)


@pytest.mark.parametrize("value", ["close", "CLOSE", "keep-alive, close", "upgrade ,\tclose"])
def test_connection_close_is_honoured(http_client, value):
    """Whoever asks for the end is answered, told so and gets it; what is behind is ignored."""
    http_client.send(request("/health", f"Connection: {value}") + request("/health"))
    response = http_client.receive()
    assert (response.status, response.body) == (200, b"ok")
    assert response.header("connection") == "close"
    assert http_client.read_to_end() == b""


def test_http_1_0_is_closed(http_client):
    """HTTP/1.0 ends the connection after a response."""
    response = http_client.get("/health", version="HTTP/1.0", host=None)
    assert (response.status, response.body, response.header("connection")) == (200, b"ok", "close")
    assert http_client.read_to_end() == b""


def test_http_1_0_is_kept_where_asked(http_client):
    """Unless it asks for the connection to stay; then it needs to be told."""
    for _ in range(3):
        response = http_client.get("/health", "Connection: keep-alive", version="HTTP/1.0")
        assert (response.status, response.header("connection")) == (200, "keep-alive")


def test_keep_alive_can_be_turned_off(start_http_tracker, family):
    """With keep_alive = false each connection has one response."""
    with start_http_tracker({"network": {"keep_alive": False}}).client(family) as client:
        client.send(request("/health") * 2)
        assert client.receive().header("connection") == "close"
        assert client.read_to_end() == b""


@pytest.mark.parametrize("target", ["/health", "/nowhere", "/scrape", "/announce",
                                    scrape_target(b"h" * 20)])
def test_head_is_get_without_the_body(http_client, target):
    """HEAD gets what GET would get but the body, and the connection goes on."""
    expected = dataclasses.replace(http_client.get(target), body=b"")
    assert http_client.get(target, method="HEAD") == expected
    assert http_client.get(target).status == expected.status


def test_head_announces_nobody(http_client):
    """HEAD is safe (RFC 9110 §9.2.1): an announce by it does not join the swarm."""
    info_hash = random_info_hash()
    assert http_client.get(announce_target(info_hash), method="HEAD").status == 200
    assert http_client.scrape(info_hash) == [TorrentScrape(0, 0, 0)]


def test_expect_continue(http_client):
    """Without a body there is nothing to go on with: the response comes at once."""
    response = http_client.get("/health", "Expect: 100-continue")
    assert (response.status, response.body) == (200, b"ok")


def test_body_is_refused_before_it_is_sent(http_client):
    """With one, the client learns before he sends it that nobody wants it."""
    response = http_client.get("/health", "Expect: 100-continue", "Content-Length: 5")
    assert (response.status, response.header("connection")) == (413, "close")
    assert http_client.read_to_end() == b""


def test_other_expectations_fail(http_client):
    """Any other expectation cannot be met; the connection can go on."""
    assert http_client.get("/health", "Expect: miracles").status == 417
    assert http_client.get("/health").status == 200


@pytest.mark.parametrize("headers", [["Content-Length: 3"], ["Transfer-Encoding: chunked"]])
def test_bodies_are_not_taken_for_requests(http_client, headers):
    """A request with a body is refused and closes: nothing behind it is read as a request."""
    http_client.send(request("/health", *headers) + request("/health"))
    response = http_client.receive()
    assert (response.status, response.reason) == (413, "Content Too Large")
    assert response.body == b"This tracker takes no request bodies.\n"
    assert http_client.read_to_end() == b""


def test_health(http_client):
    """/health says ok, with or without a query."""
    for target in ("/health", "/health?x=y"):
        response = http_client.get(target)
        assert (response.status, response.reason, response.body) == (200, "OK", b"ok")
        assert response.header("content-type") == "text/plain"


@pytest.mark.parametrize("target", ["/", "/announce/", "/Announce", "/a/b/announce", "/health/",
                                    "/index.html", "/announce.php?info_hash=x", "*", "//"])
def test_other_paths(http_client, target):
    """Any other path tells a human what this is; the connection goes on."""
    response = http_client.get(target)
    assert (response.status, response.reason) == (404, "Not Found")
    assert (response.body, response.header("connection")) == (_NOT_FOUND, None)
    assert http_client.get("/health").status == 200


@pytest.mark.parametrize("prefix", ["/0123456789abcdef", "/p%41ss-key", "/~",
                                    "http://tracker.test:80", "HTTPS://tracker.test/passkey"])
def test_passkeys_and_absolute_targets(http_client, prefix):
    """One segment before announce and scrape may be anything, and a target may be a whole URL."""
    info_hash = random_info_hash()
    http_client.announce(info_hash, path=f"{prefix}/announce")
    response = http_client.get(scrape_target(info_hash, path=f"{prefix}/scrape"))
    assert decode_scrape(response) == {info_hash: TorrentScrape(0, 0, 1)}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "CONNECT", "BREW", "get"])
def test_other_methods(http_client, method):
    """Only GET and HEAD; whoever tries others is told so."""
    response = http_client.get("/announce", method=method)
    assert (response.status, response.header("allow")) == (405, "GET, HEAD")
    assert response.body == b"This tracker takes GET and HEAD.\n"
    assert http_client.get("/health").status == 200


def test_bencode_has_an_exact_length(http_client):
    """The body is bencode to its last byte, as libraries that parse it strictly need it."""
    response = http_client.get(scrape_target(b"h" * 20))
    zeros = {"complete": 0, "downloaded": 0, "incomplete": 0}
    assert response.body == encode({"files": {"h" * 20: zeros}})
    assert response.header("content-length") == str(len(response.body))


_BAD = {
    "no-http": b"hello tracker\r\n\r\n",
    "line-feeds": b"GET /health HTTP/1.1\nHost: x\n\n",
    "one-line-feed": b"GET /health HTTP/1.1\r\nHost: x\n\r\n",
    "folded": b"GET /health HTTP/1.1\r\nHost: x\r\n y\r\n\r\n",
    "space-before-colon": b"GET /health HTTP/1.1\r\nHost : x\r\n\r\n",
    "no-colon": b"GET /health HTTP/1.1\r\nHost\r\n\r\n",
    "empty-name": b"GET /health HTTP/1.1\r\n: x\r\n\r\n",
    "nul-in-target": b"GET /he\0alth HTTP/1.1\r\n\r\n",
    "nul-in-header": b"GET /health HTTP/1.1\r\nHost: \0\r\n\r\n",
    "two-hosts": b"GET /health HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
    "two-lengths": b"GET /health HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
    "bad-length": b"GET /health HTTP/1.1\r\nContent-Length: +1\r\n\r\n",
    "length-and-chunks":
        b"GET /health HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "other-coding": b"GET /health HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    "chunks-in-1.0": b"GET /health HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
    "no-version": b"GET /health\r\n\r\n",
    "two-spaces": b"GET  /health HTTP/1.1\r\n\r\n",
    "tls": bytes.fromhex("16030100050100000100") + b"\n",
}


@pytest.mark.parametrize("name", _BAD)
def test_malformed(http_client, name):
    """What two readers may understand differently is refused, and ends the connection."""
    http_client.send(_BAD[name] + request("/health"))
    response = http_client.receive()
    assert (response.status, response.reason) == (400, "Bad Request")
    assert response.body == b"This is no HTTP request.\n"
    assert response.header("connection") == "close"
    assert http_client.read_to_end() == b""


@pytest.mark.parametrize("data", [b"GET /health HTTP/2.0\r\n\r\n", b"GET / HTTP/1.2\r\n\r\n",
                                  b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET / HTTP/0.9\r\n\r\n"])
def test_other_versions(http_client, data):
    """Other versions of HTTP are refused with which one is spoken."""
    response = http_client.exchange(data)
    assert (response.status, response.reason) == (505, "HTTP Version Not Supported")
    assert response.body == b"This tracker speaks HTTP/1.1.\n"
    assert http_client.read_to_end() == b""


@pytest.mark.parametrize("data", [
    b"\r\n\r\nGET /health HTTP/1.1\r\n\r\n",                   # Empty lines before it (§2.2).
    b"GET /health HTTP/1.1\r\nhOsT:x\r\nX-Any: \xff\xfe\r\n\r\n",
    b"GET /health HTTP/1.1\r\nHost:\t x \t\r\nX-Empty:\r\n\r\n",
    b"GET http://x/health HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
    b"GET /health#fragment HTTP/1.1\r\n\r\n"])
def test_unusual_but_good(http_client, data):
    """What is unusual but clear is served."""
    assert http_client.exchange(data).body == b"ok"


def test_end_of_input_is_not_the_end_of_output(start_http_tracker, family):
    """Who says that he sends no more still gets his responses. Python has no way to with TLS."""
    with start_http_tracker().client(family) as client:
        client.send(request("/health") * 3)
        client.socket.shutdown(socket.SHUT_WR)
        assert [client.receive().body for _ in range(3)] == [b"ok"] * 3
        assert client.read_to_end() == b""
