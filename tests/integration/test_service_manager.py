# SPDX-License-Identifier: Apache-2.0
"""systemd's protocols, with the test in the place of systemd: what the tracker tells of itself
(sd_notify), and sockets that were there before it (socket activation)."""

import os
import pathlib
import secrets
import signal
import socket
import tempfile
import threading
import time

import pytest

from support import bep15, http_client, machine, run_tracker, service_manager
from support.run_tracker import PROGRAM, base_config
from support.service_manager import Notifications, SocketUnit, handing_over
from support.signalling import Peer, random_id
from support.torrent import random_info_hash
from support.tracker import executable, failure_sentence, merged, to_toml
from support.waiting import DEADLINE_S, wait_until
from support.websocket import WebSocket

machine.skip_if("" if executable(PROGRAM).exists() else f"{PROGRAM} is not built")

_IPV4 = socket.AF_INET


@pytest.fixture(params=["in the file system", "abstract"])
def notifications(request, tmp_path):
    """What the tracker tells, by each kind of name."""
    is_abstract = request.param == "abstract"
    name = f"@aquatic-{secrets.token_hex(8)}" if is_abstract else tmp_path / "notify"
    with Notifications(name) as made:
        yield made


@pytest.fixture
def unit():
    with SocketUnit() as made:
        yield made


def notifying(notifications, **more):
    return {"environment": {"NOTIFY_SOCKET": notifications.name, **more}}


class Gate:
    """A file whose readers wait until it is opened to them: a named pipe. What it holds is all
    that it is asked for, and `first` is looked at while the reader waits."""

    def __init__(self, path, first):
        self.path = pathlib.Path(path)
        self._first = first
        os.mkfifo(path)

    def open_once(self):
        """Returns a function that waits for the reader and gives what `first` returned."""
        seen = []

        def wait_and_write():
            with open(self.path, "w") as pipe:  # Waits for a reader.
                seen.append(self._first())
                pipe.write(random_info_hash().hex())
        thread = threading.Thread(target=wait_and_write, daemon=True)
        thread.start()

        def result():
            thread.join(DEADLINE_S)
            assert seen, "nobody has read it"
            return seen[0]
        return result


# --- What it tells.


def test_it_says_that_it_serves_and_that_it_stops(start_run, notifications, family):
    tracker = start_run(tls=False, **notifying(notifications))
    assert notifications.receive() == {"READY": "1", "STATUS": "serving", "pid": tracker.pid}
    with tracker.udp(family) as udp:
        udp.connect()
        assert udp.announce(random_info_hash(), port=1).peers == ()
    with tracker.http(family=family) as http:
        assert http.announce(random_info_hash(), port=1).peers == ()
    assert notifications.so_far() == []
    tracker.stop_cleanly()
    assert notifications.so_far() == [{"STOPPING": "1", "STATUS": "stopping", "pid": tracker.pid}]


def test_it_is_not_ready_before_it_serves_or_has_read_everything(start_run, tmp_path):
    with Notifications(tmp_path / "notify") as notifications:
        gate = Gate(tmp_path / "list", notifications.so_far)
        config = {"access_list": {"mode": "deny", "path": gate.path}}
        told_while_starting = gate.open_once()
        tracker = start_run(config, tls=False, **notifying(notifications))
        assert told_while_starting() == []
        assert notifications.receive()["READY"] == "1"

        told_while_reloading = gate.open_once()
        before_us = time.monotonic_ns() // 1000
        tracker.send_signal(signal.SIGUSR1)
        (reloading,) = told_while_reloading()
        assert reloading["RELOADING"] == "1" and "READY" not in reloading
        assert before_us <= int(reloading["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000
        assert notifications.receive()["READY"] == "1"


def test_whoever_asks_after_a_reload_is_told_the_new_settings(start_run, tmp_path):
    with Notifications(tmp_path / "notify") as notifications:
        tracker = start_run(tls=False, **notifying(notifications))
        notifications.receive()
        changes = {"udp": {"peer_announce_interval": 1111},
                   "http": {"peer_announce_interval": 2222}}
        tracker.config_path.write_text(to_toml(merged(tracker.config, changes)))
        tracker.send_signal(signal.SIGUSR1)
        assert notifications.receive()["RELOADING"] == "1"
        assert notifications.receive()["STATUS"] == "serving"
        with tracker.udp() as udp:
            udp.connect()
            assert udp.announce(random_info_hash(), port=1).interval == 1111
        with tracker.http() as http:
            assert http.announce(random_info_hash(), port=1).interval == 2222


def test_it_says_what_it_could_not_read_again(start_run, tmp_path):
    """`systemctl status` then shows it, until a reload goes well."""
    with Notifications(tmp_path / "notify") as notifications:
        tracker = start_run(tls=False, **notifying(notifications))
        notifications.receive()
        good = tracker.config_path.read_text()
        for text, status in (("nonsense = 1\n", "serving; at the last reload: the settings stay as "
                                                "they were: "), (good, "serving")):
            tracker.config_path.write_text(text)
            tracker.send_signal(signal.SIGUSR1)
            assert notifications.receive()["RELOADING"] == "1"
            ready = notifications.receive()
            assert ready["READY"] == "1" and ready["STATUS"].startswith(status), ready
        assert ready["STATUS"] == "serving"


def test_a_tracker_that_cannot_start_was_never_ready(unit, notifications):
    """The last of its ports is somebody else's."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "aquatic.toml"
        path.write_text(to_toml(merged(base_config(), unit.config())))
        failed = run_tracker.run_to_end(
            "-c", path, **unit.handing_over(without=["tcp4"]),
            env={**os.environ, "NOTIFY_SOCKET": notifications.name})
    assert "in use" in failure_sentence(failed)
    assert notifications.so_far() == []


def test_the_watchdog_hears_of_it(start_run, tmp_path):
    with Notifications(tmp_path / "notify") as notifications:
        tracker = start_run(tls=False, **notifying(notifications, WATCHDOG_USEC="100000"))
        assert notifications.receive()["READY"] == "1"
        for _ in range(3):
            assert notifications.receive() == {"WATCHDOG": "1", "pid": tracker.pid}
        tracker.stop_cleanly()
        told = notifications.so_far()
        assert "STOPPING" in told[-1], told


def test_the_watchdog_of_another_process_does_not(start_run, tmp_path):
    with Notifications(tmp_path / "notify") as notifications:
        tracker = start_run(tls=False, **notifying(notifications, WATCHDOG_USEC="1000",
                                                   WATCHDOG_PID=str(os.getpid())))
        assert notifications.receive()["READY"] == "1"
        tracker.stop_cleanly()
        assert ["STOPPING" in message for message in notifications.so_far()] == [True]


# --- Sockets that were there before it.


def announce_everywhere(tracker, family):
    """By each protocol, as somebody new."""
    info_hash = random_info_hash()
    with tracker.udp(family) as udp:
        udp.connect()
        udp.announce(info_hash, port=1001)
    with tracker.http(family=family) as http:
        assert 1001 in {port for _, port in http.announce(info_hash, port=1002).peers}
    with Peer(WebSocket(tracker.address("ws", family)), random_id(), None) as peer:
        assert peer.announce(left=1)["incomplete"] == 1


@pytest.mark.parametrize("workers", [1, 3])
def test_it_serves_on_the_sockets_of_the_service_manager(start_run, unit, io_backend, workers):
    """They are not to be shared, so that it could not have opened any itself."""
    config = {"socket_workers": workers, "udp": {"io_backend": io_backend}}
    tracker = start_run(merged(unit.config(), config), tls=False, **unit.handing_over())
    for family in unit.families:
        assert {tracker.address(scheme, family) for scheme in ("udp", "http", "ws")} == {
            unit.address(family)}
        announce_everywhere(tracker, family)
    assert tracker.figures()["swarms"]


def test_tls_works_there_too(start_run, unit, family):
    tracker = start_run(unit.config(), **unit.handing_over())
    with tracker.http("https", family) as http:
        assert http.announce(random_info_hash(), port=1).peers == ()


def test_who_came_before_it_is_served(start_run, unit, family):
    address = unit.address(family)
    info_hash = random_info_hash()
    with (bep15.Client(address) as udp, http_client.Client(address) as asking,
          http_client.Client(address) as waiting):
        udp.send(bep15.connect_request(12345))
        asking.send(http_client.request(http_client.announce_target(info_hash, port=2001)))
        tracker = start_run(unit.config(), tls=False, **unit.handing_over())
        udp.socket.settimeout(DEADLINE_S)
        response, source = udp.socket.recvfrom(100)
        assert (bep15.transaction_id_of(response), source[:2]) == (12345, address)
        assert http_client.decode_announce(asking.receive()).peers == ()
        assert [port for _, port in waiting.announce(info_hash, port=2002).peers] == [2001]
    tracker.stop_cleanly()


class Visitors:
    """Connect again and again, each with a request, and keep what went wrong."""

    def __init__(self, address):
        self._address = address
        self._is_over = threading.Event()
        self.served = 0
        self.failure = None
        self._thread = threading.Thread(target=self._visit, daemon=True)
        self._thread.start()

    def _visit(self):
        try:
            while not self._is_over.is_set():
                with http_client.Client(self._address) as client:
                    assert client.get("/health", "Connection: close").status == 200
                self.served += 1
        except Exception as error:  # pylint: disable=broad-except
            self.failure = error

    def wait_for_more(self):
        wanted = self.served + 20
        wait_until(lambda: self.failure or self.served >= wanted, "further visitors")
        assert self.failure is None, repr(self.failure)

    def end(self):
        self._is_over.set()
        self._thread.join(DEADLINE_S)
        assert self.failure is None, repr(self.failure)


def test_a_restart_loses_nobody(start_run, unit, family):
    """Whoever comes while there is no tracker waits for the next one, by UDP too."""
    address = unit.address(family)
    first = start_run(unit.config(), tls=False, **unit.handing_over())
    visitors = Visitors(address)
    visitors.wait_for_more()
    first.stop_cleanly()
    with bep15.Client(address) as udp, http_client.Client(address) as http:
        udp.send(bep15.connect_request(777))
        http.send(http_client.request("/health"))
        second = start_run(unit.config(), tls=False, **unit.handing_over())
        udp.socket.settimeout(DEADLINE_S)
        assert bep15.transaction_id_of(udp.socket.recv(100)) == 777
        assert http.receive().status == 200
    visitors.wait_for_more()
    visitors.end()
    announce_everywhere(second, family)


def test_what_is_not_handed_over_it_opens_itself(start_run, unit):
    unit.sockets.pop("udp4").close()
    tracker = start_run(unit.config(), tls=False, **unit.handing_over())
    assert tracker.address("udp") == unit.address(_IPV4)
    announce_everywhere(tracker, _IPV4)


def test_sockets_for_another_process_are_left_alone(start_run, unit):
    """A shell in between may have passed the variables on: it serves on sockets of its own."""
    how = handing_over(unit.sockets, pid=os.getpid())
    tracker = start_run(tls=False, **how)
    assert tracker.address("udp") != unit.address(_IPV4)
    announce_everywhere(tracker, _IPV4)


# --- Sockets that it cannot serve on.


def failure_with(sockets, config=None, **lies):
    """What it says instead of serving, and closes what was opened for it."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "aquatic.toml"
            path.write_text(to_toml(merged(base_config(), config or {})))
            return failure_sentence(
                run_tracker.run_to_end("-c", path, **handing_over(sockets, **lies)))
    finally:
        for made in sockets.values():
            made.close()


def accepted_connection():
    with service_manager.open_tcp(_IPV4) as listener:
        with socket.create_connection(listener.getsockname()):
            return listener.accept()[0]


@pytest.mark.parametrize("make, reason", [
    (lambda: open("/dev/null"), "is not a socket"),
    (lambda: socket.socket(socket.AF_UNIX), "is neither IPv4 nor IPv6: give its socket unit"),
    (accepted_connection, "is a TCP socket that does not listen: use Accept=no"),
    (lambda: socket.socket(_IPV4, socket.SOCK_DGRAM), "is not bound to a port"),
], ids=["file", "unix", "connection", "unbound"])
def test_what_nobody_could_serve_on_is_named(make, reason):
    said = failure_with({"good": service_manager.open_udp(_IPV4), "odd one": make()})
    assert f"odd one of the service manager {reason}" in said


@pytest.mark.parametrize("open_one, protocol, changes", [
    (service_manager.open_udp, "UDP", {"udp": {"enable": False}}),
    (service_manager.open_tcp, "TCP", {"http": {"enable": False}, "ws": {"enable": False},
                                       "metrics": {"run_prometheus_endpoint": False}}),
], ids=["UDP", "TCP"])
def test_a_socket_that_no_protocol_wants_is_named(open_one, protocol, changes, family):
    made = open_one(family)
    host, port = made.getsockname()[:2]
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    said = failure_with({"idle.socket": made}, changes)
    assert f"nothing here listens on: idle.socket ({protocol} {address})" in said


def test_a_socket_of_a_family_that_is_off_is_named(family):
    off = "use_ipv4" if family == _IPV4 else "use_ipv6"
    if off == "use_ipv4":
        machine.skip_if(machine.no_ipv6())
    said = failure_with({"idle.socket": service_manager.open_udp(family)},
                        {"network": {off: False}})
    assert "nothing here listens on: idle.socket (UDP " in said


def test_a_socket_in_the_way_is_named():
    made = service_manager.open_udp(_IPV4)
    port = made.getsockname()[1]
    said = failure_with({"narrow": made}, {"network": {"address_ipv4": f"0.0.0.0:{port}"}})
    assert f"narrow (UDP 127.0.0.1:{port}) of the service manager stands in the way" in said


@pytest.mark.parametrize("count, reason", [
    ("2", "descriptor 4 is not open, although LISTEN_FDS counts it"),
    ("257", "LISTEN_FDS is `257`, not a number of sockets up to 256"),
    ("many", "LISTEN_FDS is `many`, not a number"),
])
def test_a_wrong_count_is_said(count, reason):
    assert reason in failure_with({"only": service_manager.open_udp(_IPV4)}, count=count)
