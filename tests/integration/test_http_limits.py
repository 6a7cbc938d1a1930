# SPDX-License-Identifier: Apache-2.0
"""Every limit of the HTTP tracker: what fits, and exactly what becomes of what does not."""

import socket

import pytest

from support import machine
from support.http_client import Client, Closed, request
from support.waiting import wait_until

_REPORTS = {"statistics": {"interval": 1, "print_to_stdout": True}}
_LEAST_S = 1  # Of every limit in seconds.
_RETRY_AFTER = "120"


def padded(total, *headers):
    """A request for /health of exactly so many bytes."""
    bare = request("/health", *headers, "X-Pad: ")
    return request("/health", *headers, "X-Pad: " + "x" * (total - len(bare)))


def check_too_large(client):
    response = client.receive()
    assert (response.status, response.reason) == (431, "Request Header Fields Too Large")
    assert response.body == b"The request is too large.\n"
    assert response.header("connection") == "close"
    assert client.read_to_end() == b""


@pytest.mark.parametrize("limit", [None, 512])
def test_bytes_of_a_head(start_http_tracker, family, limit):
    """max_request_bytes pass; one more is status 431."""
    tracker = start_http_tracker({"limits": {"max_request_bytes": limit}} if limit else None)
    limit = limit or 8192
    with tracker.client(family) as client:
        assert client.exchange(padded(limit)).body == b"ok"
        client.send(padded(limit + 1))
        check_too_large(client)


def test_head_without_an_end(start_http_tracker, family):
    """As soon as no head can come of it any more, however little is read at a time."""
    with start_http_tracker({"limits": {"max_request_bytes": 512}}).client(family) as client:
        client.send_one_by_one(b"GET /" + b"x" * (512 - 5))
        check_too_large(client)


@pytest.mark.parametrize("limit", [None, 4])
def test_number_of_headers(start_http_tracker, family, limit):
    """max_request_headers pass; one more is status 431."""
    tracker = start_http_tracker({"limits": {"max_request_headers": limit}} if limit else None)
    more = [f"X-{number}: x" for number in range((limit or 64) - 1)]  # Host is one.
    with tracker.client(family) as client:
        assert client.get("/health", *more).body == b"ok"
        client.send(request("/health", *more, "X-Last: x"))
        check_too_large(client)


_HASTY = {**_REPORTS, "cleaning": {"max_connection_idle": _LEAST_S},
          "limits": {"max_request_s": _LEAST_S, "max_write_s": _LEAST_S,
                     "max_tls_handshake_s": _LEAST_S}}


@pytest.fixture(scope="module")
def hasty(start_shared_http_tracker, maybe_certificates):
    """A tracker whose patience is as short as can be, without and with TLS."""
    return start_shared_http_tracker(_HASTY, maybe_certificates)


def check_too_slow(client):
    response = client.receive()
    assert (response.status, response.reason) == (408, "Request Timeout")
    assert response.body == b"The request took too long.\n"
    assert response.header("connection") == "close"
    assert client.read_to_end() == b""


def test_request_that_does_not_end(hasty):
    """A request that has begun and does not come to its end: status 408."""
    with hasty.client() as client:
        client.send(request("/health")[:-2])
        check_too_slow(client)


def test_second_request_that_does_not_end(hasty):
    """So with one that comes behind a good one."""
    with hasty.client() as client:
        client.send(request("/health") + b"GET ")
        assert client.receive().body == b"ok"
        check_too_slow(client)


def test_bytes_now_and_then_are_no_progress(hasty):
    """Nor does it help to send a byte now and then (slowloris)."""
    with hasty.client() as client:
        client.send(b"GET /health HTTP/1.1\r\nX: ")
        client.socket.settimeout(0.05)

        def drips():
            try:
                client.send(b"x")
                return client.receive()
            except TimeoutError:
                return None
        assert wait_until(drips, "the tracker's patience ends").status == 408


def test_connection_without_a_request(hasty):
    """Who asks for nothing gets no response: the connection is closed."""
    with hasty.client() as client:
        assert client.read_to_end() == b""


def test_idle_connection(hasty):
    """After a response likewise."""
    with hasty.client() as client:
        assert client.get("/health").body == b"ok"
        assert client.read_to_end() == b""
    hasty.wait_for(lambda: hasty.counted("idle/s") > 0, "idle connections are counted")


@pytest.mark.parametrize("begin", [b"", bytes.fromhex("160301020001")])
def test_handshake_that_does_not_end(start_http_tracker, certificates, begin):
    """A TLS handshake that does not begin, or does not end, is cut off."""
    tracker = start_http_tracker(_HASTY, certificates)
    with tracker.client(tls=None) as client:
        client.send(begin)
        assert client.is_cut_off()
    tracker.wait_for(lambda: tracker.counted("handshake") > 0, "the time-out is counted")


def check_refused(tracker, client):
    """Plain text gets status 503 and when to come again; TLS a close, as anything else is work."""
    if tracker.scheme == "https":
        assert client.is_cut_off()
        return
    response = client.receive()
    assert (response.status, response.reason) == (503, "Service Unavailable")
    assert response.header("retry-after") == _RETRY_AFTER
    assert response.header("connection") == "close"
    assert response.body == b"There are too many connections.\n"
    assert client.read_to_end() == b""


def served(tracker, family, source=None):
    """A connection that was served, or None if it was refused."""
    try:
        client = tracker.client(family, source)
    except OSError:  # In the middle of the handshake.
        return None
    try:
        if client.get("/health").status == 200:
            return client
    except (Closed, OSError):
        pass
    client.close()
    return None


def check_limit_of_two(tracker, family):
    """Two are served, the third is refused, until one of the two has gone."""
    clients = [served(tracker, family) for _ in range(2)]
    with Client(tracker.listening[family]) as third:
        check_refused(tracker, third)
    assert all(client.get("/health").status == 200 for client in clients)
    clients.pop().close()
    clients.append(wait_until(lambda: served(tracker, family), "room for another connection"))
    tracker.wait_for(lambda: tracker.counted("refused") > 0, "refusals are counted")
    return clients


def test_connections_in_all(start_http_tracker, family, maybe_certificates):
    """One more than max_connections is refused, wherever it comes from."""
    tracker = start_http_tracker({**_REPORTS, "socket_workers": 2,
                                  "limits": {"max_connections": 2}}, maybe_certificates)
    clients = check_limit_of_two(tracker, family)
    if len(tracker.listening) == 2:
        other = socket.AF_INET + socket.AF_INET6 - family
        with Client(tracker.listening[other]) as another:
            check_refused(tracker, another)
    for client in clients:
        client.close()


def test_connections_of_one_address(start_http_tracker, family, maybe_certificates):
    """One more than max_connections_per_ip is refused; other addresses are served."""
    tracker = start_http_tracker({**_REPORTS, "socket_workers": 2,
                                  "limits": {"max_connections_per_ip": 2}}, maybe_certificates)
    clients = check_limit_of_two(tracker, family)
    if family == socket.AF_INET:
        clients += [served(tracker, family, "127.0.0.2") for _ in range(2)]
        assert None not in clients
    for client in clients:
        client.close()


def test_request_is_no_way_around_a_refusal(start_http_tracker, family):
    """Whoever sends his request at once still sees the 503, not a reset that overtakes it."""
    tracker = start_http_tracker({"limits": {"max_connections": 1}})
    with tracker.client(family) as first:
        assert first.get("/health").status == 200
        for _ in range(50):
            with Client(tracker.listening[family]) as client:
                client.send(request("/health"))
                check_refused(tracker, client)


def test_trusted_proxies_have_no_limit_of_their_own(start_http_tracker, family):
    """Behind one address of a trusted proxy there are many peers."""
    tracker = start_http_tracker({"limits": {"max_connections_per_ip": 2},
                                  "network": {"runs_behind_reverse_proxy": True}})
    clients = [served(tracker, family) for _ in range(10)]
    assert None not in clients
    for client in clients:
        client.close()


def test_peer_that_does_not_read(hasty):
    """Responses that nobody takes: the connection is reset, and the time-out counted."""
    client = hasty.client()
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.socket.settimeout(0.05)
    before = hasty.counted("response")

    def is_reset():
        try:
            client.send(request("/nowhere") * 1000)
            return False
        except TimeoutError:
            return False
        except OSError:
            return True
    try:
        wait_until(is_reset, "the tracker's patience ends")
    finally:
        client.close()
    hasty.wait_for(lambda: hasty.counted("response") > before, "the time-out is counted")


def test_open_files_limit_connections(start_http_tracker):
    """Fewer descriptors than max_connections wants: the log says so, and connections get a 503."""
    machine.skip_if("" if machine.has("prlimit") else "not installed: util-linux")
    tracker = start_http_tracker({"limits": {"max_connections_per_ip": 0}},
                                 wrapper=["prlimit", "--nofile=100:100"])
    line, = tracker.stderr.matching("limit of open files")
    assert "100" in line and "max_connections" in line
    clients = [Client(tracker.listening[socket.AF_INET]) for _ in range(100)]
    try:
        check_refused(tracker, clients[-1])
        clients[0].close()
        wait_until(lambda: served(tracker, socket.AF_INET), "room for another connection")
    finally:
        for client in clients:
            client.close()
