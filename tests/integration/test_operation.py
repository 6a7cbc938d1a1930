# SPDX-License-Identifier: Apache-2.0
"""What an operator does with a running tracker: stop it, reload it, let it drop its privileges."""

import json
import os
import pathlib
import signal
import socket
import sys
import threading

import pytest

from support import bep15, machine
from support.bep15 import TorrentScrape, TrackerError
from support.torrent import random_info_hash
from support.tracker import AS_NOBODY
from support.udp_tracker import run_to_end
from support.waiting import wait_until

_PORT = 6881
_QUEUED_REQUESTS = 48  # Less than one batch.


class Load:
    """A client that announces as fast as it is answered, in a thread, until stopped."""

    def __init__(self, tracker, family):
        self.answered = 0
        self.wrong = []
        self._info_hash = random_info_hash()
        self._stop = threading.Event()
        self._client = tracker.client(family)
        self._client.connect()
        self._client.socket.settimeout(0.05)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        while not self._stop.is_set():
            transaction_id = bep15.next_transaction_id()
            self._client.send(bep15.announce_request(
                self._client.connection_id, transaction_id, self._info_hash, port=_PORT))
            try:
                response, _ = self._client.socket.recvfrom(2048)
                bep15.decode_response(response, self._client.family)
                self.answered += 1
            except (TimeoutError, ConnectionError):
                pass  # The tracker is gone, or slow.
            except (AssertionError, TrackerError) as error:
                self.wrong.append(error)

    def stop(self):
        self._stop.set()
        self._thread.join()
        self._client.socket.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_clean_stop_under_load(start_tracker, io_backend, family, number):
    """SIGTERM and SIGINT end a busy tracker with exit status 0; all that it sent was right."""
    tracker = start_tracker({"socket_workers": 2}, io_backend)
    loads = [Load(tracker, family) for _ in range(4)]
    try:
        wait_until(lambda: all(load.answered > 50 for load in loads), "some load")
        tracker.stop_cleanly(number=number)
    finally:
        for load in loads:
            load.stop()
    assert [load.wrong for load in loads] == [[], [], [], []]
    assert not tracker.stderr.matching("error"), tracker.describe()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_clean_stop_when_idle(start_tracker, io_backend, number):
    """So do they end one that has nothing to do."""
    start_tracker(io_backend=io_backend).stop_cleanly(number=number)


def test_stop_answers_whole_responses_or_none(start_tracker, io_backend, family):
    """Requests that are under way when the signal comes are answered whole or not at all."""
    tracker = start_tracker(io_backend=io_backend)
    with tracker.client(family) as client:
        client.connect()
        info_hash = random_info_hash()
        tracker.send_signal(signal.SIGSTOP)
        for port in range(1000, 1000 + _QUEUED_REQUESTS):
            client.send(bep15.announce_request(client.connection_id, port, info_hash, port=port))
        tracker.send_signal(signal.SIGTERM)
        tracker.send_signal(signal.SIGCONT)
        assert tracker.wait() == 0, tracker.describe()
        client.socket.setblocking(False)
        answered = []
        try:
            while True:
                response = client.socket.recv(2048)
                bep15.decode_response(response, family)
                answered.append(bep15.transaction_id_of(response))
        except BlockingIOError:
            pass
        assert answered == sorted(set(answered)) and len(answered) <= _QUEUED_REQUESTS


def test_port_is_free_after_a_stop(start_tracker, io_backend, family):
    """The next tracker can have the port at once."""
    first = start_tracker(io_backend=io_backend)
    port = first.listening[family][1]
    first.stop_cleanly()
    key, host = (("address_ipv6", "[::1]") if family == socket.AF_INET6 else
                 ("address_ipv4", "127.0.0.1"))
    second = start_tracker({"network": {key: f"{host}:{port}"}}, io_backend)
    assert second.listening[family][1] == port


def reload(tracker):
    """SIGUSR1, and what the log says about it."""
    before = len(tracker.stderr)
    tracker.send_signal(signal.SIGUSR1)
    return tracker.wait_for(lambda: tracker.stderr.matching("access list", before) or
                            tracker.stderr.matching("access-list", before), "a reload")


def is_served(client, info_hash):
    try:
        client.announce(info_hash, port=_PORT)
    except TrackerError as error:
        assert str(error) == "Info hash not allowed"
        return False
    return True


def test_reload_replaces_the_list(start_tracker, io_backend, family):
    """After SIGUSR1 the new list holds, for every worker: what is not in it any more is refused."""
    old, new = random_info_hash(), random_info_hash()
    path = start_tracker.folder() / "access-list.txt"
    path.write_text(old.hex() + "\n")
    tracker = start_tracker({"socket_workers": 3, "access_list": {"mode": "allow", "path": path},
                             "statistics": {"interval": 1, "print_to_stdout": True},
                             "cleaning": {"torrent_cleaning_interval": 1}}, io_backend)
    clients = [tracker.client(family) for _ in range(16)]
    assert all(is_served(client, old) and not is_served(client, new) for client in clients)
    path.write_text(new.hex() + "\n")
    assert "1 entries" in " ".join(reload(tracker))
    assert all(is_served(client, new) and not is_served(client, old) for client in clients)
    assert clients[0].scrape(old, new) == [TorrentScrape(0, 0, 0), TorrentScrape(0, 0, 1)]
    tracker.wait_for(lambda: (tracker.reports(family) or [{}])[-1].get("torrents") == 1,
                     "the refused torrent is dropped")
    for client in clients:
        client.socket.close()


def test_reload_is_atomic(start_tracker, io_backend, family):
    """While lists are exchanged under load, a torrent that both of them have is never refused."""
    both = random_info_hash()
    others = [[random_info_hash().hex() for _ in range(2000)] for _ in range(2)]
    path = start_tracker.folder() / "access-list.txt"

    def write(lines):  # As an operator should: a reader sees the old file or the new one.
        fresh = path.with_suffix(".new")
        fresh.write_text("\n".join([*lines, both.hex()]))
        os.replace(fresh, path)

    write(others[0])
    tracker = start_tracker({"access_list": {"mode": "allow", "path": path}}, io_backend)
    with tracker.client(family) as client:
        for round_number in range(20):
            write(others[round_number % 2])
            before = len(tracker.stderr)
            tracker.send_signal(signal.SIGUSR1)
            requests = 0
            while not tracker.stderr.matching("access list", before) or requests < 20:
                assert is_served(client, both)
                requests += 1


@pytest.mark.parametrize("content, place", [
    (b"0" * 40 + b"\nnot a hash\n", "2"), (None, ""), (b"\x00\xff\n", "1")],
    ids=["bad-line", "missing", "binary"])
def test_bad_file_keeps_the_old_list(start_tracker, family, content, place):
    """A list that cannot be read leaves the old one in force, and the log says what is wrong."""
    listed = random_info_hash()
    path = start_tracker.folder() / "access-list.txt"
    path.write_text(listed.hex() + "\n")
    tracker = start_tracker({"access_list": {"mode": "allow", "path": path}})
    with tracker.client(family) as client:
        path.unlink()
        if content is not None:
            path.write_bytes(content)
        said = " ".join(reload(tracker))
        assert "error" in said and "access-list.txt" in said and place in said
        assert is_served(client, listed) and not is_served(client, random_info_hash())
        path.write_text("")
        reload(tracker)
        assert not is_served(client, listed)


def test_reload_without_a_list(start_tracker, family):
    """SIGUSR1 harms no tracker that has no list."""
    tracker = start_tracker()
    with tracker.client(family) as client:
        for _ in range(3):
            tracker.send_signal(signal.SIGUSR1)
            assert is_served(client, random_info_hash())


def test_privileges_are_dropped(start_tracker, io_backend):
    """With both families: serves on both, in its new root directory, as nobody in every thread."""
    machine.skip_if(machine.not_root())
    root = start_tracker.folder()
    tracker = start_tracker({"socket_workers": 2,
                             "privileges": {"drop_privileges": True, "chroot_path": root}},
                            io_backend)
    tracker.check_is_nobody()
    assert os.readlink(f"/proc/{tracker.pid}/root") == str(root)
    assert os.readlink(f"/proc/{tracker.pid}/cwd") == str(root)
    for family in tracker.listening:
        with tracker.client(family) as client:
            assert client.announce(random_info_hash(), port=_PORT).peers == ()


def test_default_root_directory_is_the_working_directory(start_tracker, family):
    """chroot_path = ".", the default, locks the tracker into the folder that it was started in."""
    machine.skip_if(machine.not_root())
    tracker = start_tracker({"privileges": {"drop_privileges": True}})
    tracker.check_is_nobody()
    assert os.readlink(f"/proc/{tracker.pid}/root") == str(tracker.config_path.parent)
    with tracker.client(family) as client:
        assert client.announce(random_info_hash(), port=_PORT).peers == ()


def test_privileged_port_without_privileges(start_tracker, tmp_path):
    """A port below 1024 is opened before root is given up."""
    machine.skip_if(machine.not_root())
    lowest_privileged = int(pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
                            .read_text()) - 1
    if lowest_privileged < 1:
        pytest.skip("no port is privileged here")
    port = next((port for port in range(lowest_privileged, 0, -1) if is_free(port)), None)
    tracker = start_tracker({"network": {"address_ipv4": f"127.0.0.1:{port}"},
                             "privileges": {"drop_privileges": True, "chroot_path": tmp_path}})
    tracker.check_is_nobody()
    with tracker.client(socket.AF_INET) as client:
        assert client.announce(random_info_hash(), port=_PORT).peers == ()


def is_free(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def test_reload_after_the_change_of_root(start_tracker, family):
    """A relative path of the access list is good for the start and, from the new root, after it."""
    machine.skip_if(machine.not_root())
    listed = random_info_hash()
    root = start_tracker.folder()
    (root / "access-list.txt").write_text(listed.hex() + "\n")
    tracker = start_tracker({"access_list": {"mode": "allow", "path": "access-list.txt"},
                             "privileges": {"drop_privileges": True, "chroot_path": "."}},
                            folder=root)
    with tracker.client(family) as client:
        assert is_served(client, listed)
        (root / "access-list.txt").write_text("")
        assert "error" not in " ".join(reload(tracker))
        assert not is_served(client, listed)


def test_dropping_privileges_needs_root(start_tracker):
    """Without root there is nothing to drop, and the tracker says so instead of pretending."""
    machine.skip_if(machine.not_root())
    folder = start_tracker.folder()
    config = folder / "aquatic_udp.toml"
    config.write_text('[network]\nuse_ipv6 = false\naddress_ipv4 = "127.0.0.1:0"\n'
                      '[privileges]\ndrop_privileges = true\n')
    failed = run_to_end("-c", config, cwd=folder, wrapper=AS_NOBODY)
    assert failed.exit_code == 1, failed.describe()
    sentence, = failed.stderr.matching("error: ")
    assert "root" in sentence


_WITHOUT_IO_URING = [sys.executable,
                     pathlib.Path(__file__).parent / "support" / "without_io_uring.py"]


@pytest.mark.parametrize("wanted", ["auto", "io_uring"])
def test_forbidden_io_uring(start_tracker, family, wanted):
    """Where io_uring is forbidden, one log line says so and the tracker runs on mmsg.

    auto may prefer mmsg anyway; then it has nothing to say about io_uring.
    """
    tracker = start_tracker(io_backend=wanted, wrapper=_WITHOUT_IO_URING)
    assert not tracker.uses_io_uring()
    with tracker.client(family) as client:
        assert client.announce(random_info_hash(), port=_PORT).peers == ()
    tracker.stop_cleanly()
    line, = tracker.stderr.matching("mmsg")
    assert [other for other in tracker.stderr.matching("io_uring") if other != line] == []
    if wanted == "io_uring":
        assert "io_uring" in line


def test_backend_is_logged(start_tracker):
    """auto takes one that works here, and the log says which."""
    tracker = start_tracker(io_backend="auto")
    name = "io_uring" if tracker.uses_io_uring() else "mmsg"
    tracker.wait_for(lambda: tracker.stderr.matching(f"with {name}"), f"a line about {name}")


def test_log_for_machines(start_tracker):
    """log_format = "json": each line of the log is one JSON object with time, level, message."""
    path = start_tracker.folder() / "access-list.txt"
    path.write_text("")
    tracker = start_tracker({"log_format": "json", "access_list": {"mode": "deny", "path": path}})
    path.write_text('no "hash" \\ \x01\n')
    reload(tracker)
    tracker.stop_cleanly()
    entries = [json.loads(line) for line in tracker.stderr]
    assert all(entry.keys() >= {"time", "level", "message"} for entry in entries)
    assert any(entry["level"] == "error" for entry in entries)
