# SPDX-License-Identifier: Apache-2.0
"""What an operator does with the running HTTP tracker: reload it, stop it, take its privileges."""

import os
import signal
import socket
import ssl

import pytest

from support import machine
from support.certificates import Authority
from support.http_client import (Failure, TorrentScrape, announce_target, decode_announce,
                                 decode_scrape, request, scrape_target)
from support.torrent import random_info_hash
from support.tracker import merged

_PIPELINED = 20


# --- Reload.

class TlsFolder:
    """A certificate and key that an operator replaces."""

    def __init__(self, folder, authority):
        self.folder = folder
        self._authority = authority
        self.current = authority.issue()
        self._install(self.current.certificate, self.current.key)
        self.changes = {"network": {"tls_certificate_path": "tracker.pem",
                                    "tls_private_key_path": "tracker.key"}}

    def _install(self, certificate, key):
        for source, name in ((certificate, "tracker.pem"), (key, "tracker.key")):
            fresh = self.folder / f"{name}.new"
            fresh.write_bytes(source.read_bytes())
            os.replace(fresh, self.folder / name)

    def renew(self, **how):
        self.current = self._authority.issue(**how)
        self._install(self.current.certificate, self.current.key)

    def install_key_of_another(self):
        self._install(self.current.certificate, self._authority.issue().key)


@pytest.fixture
def tls_folder(start_http_tracker, authority):
    return TlsFolder(start_http_tracker.folder(), authority)


@pytest.fixture
def start_https_tracker(start_http_tracker, tls_folder):
    """start_https_tracker(changes) → an HttpTracker with the files of `tls_folder`."""
    def start(changes=None):
        return start_http_tracker(merged(tls_folder.changes, changes or {}), tls_folder.current,
                                  folder=tls_folder.folder)
    return start


def reload(tracker, about):
    """SIGUSR1, and what the log says `about` its subject."""
    before = len(tracker.stderr)
    tracker.send_signal(signal.SIGUSR1)
    return " ".join(tracker.wait_for(lambda: tracker.stderr.matching(about, before), "a reload"))


def reload_tls(tracker):
    return reload(tracker, "certificate and key")


def certificate_of(client):
    return client.socket.getpeercert(binary_form=True)


def test_new_certificate_for_new_connections(start_https_tracker, tls_folder, family):
    """After SIGUSR1 every worker has the new one; an open connection goes on with the old one."""
    old = tls_folder.current
    tracker = start_https_tracker({"socket_workers": 3})
    with tracker.client(family) as before, tracker.client(family) as in_the_middle:
        assert certificate_of(before) == old.der()
        half = len(request("/health")) // 2
        in_the_middle.send(request("/health")[:half])
        for key in ("rsa", "ec"):
            tls_folder.renew(key=key)
            assert "read again" in reload_tls(tracker)
            for _ in range(12):
                with tracker.client(family) as after:
                    assert certificate_of(after) == tls_folder.current.der()
                    assert after.get("/health").status == 200
            assert before.get("/health").status == 200
        in_the_middle.send(request("/health")[half:])
        assert in_the_middle.receive().status == 200
        assert certificate_of(before) == certificate_of(in_the_middle) == old.der()


def test_reload_in_mid_handshake(start_https_tracker, tls_folder, family):
    """A handshake that has begun ends well, with the certificate that it began with."""
    old = tls_folder.current
    tracker = start_https_tracker()
    with socket.create_connection(tracker.listening[family]) as raw:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = old.context().wrap_bio(incoming, outgoing, server_hostname="localhost")
        with pytest.raises(ssl.SSLWantReadError):
            tls.do_handshake()
        raw.sendall(outgoing.read())
        incoming.write(raw.recv(65536))  # So the tracker has begun.
        tls_folder.renew()
        reload_tls(tracker)
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                raw.sendall(outgoing.read())
                incoming.write(raw.recv(65536))
        assert tls.getpeercert(binary_form=True) == old.der()
        tls.write(request("/health", "Connection: close"))
        raw.sendall(outgoing.read())
        while data := raw.recv(65536):
            incoming.write(data)
        assert tls.read(65536).startswith(b"HTTP/1.1 200 OK\r\n")


def test_sessions_outlive_a_reload(start_https_tracker, tls_folder, family):
    """A ticket from before the reload still saves a handshake."""
    tracker = start_https_tracker()
    context = tls_folder.current.context()
    with tracker.client(family, tls=context) as first:
        assert first.get("/health").status == 200  # By then the ticket has come.
        session = first.socket.session
    tls_folder.renew()
    reload_tls(tracker)
    with tracker.client(family, tls=context, session=session) as second:
        assert second.socket.session_reused
        assert second.get("/health").status == 200


def bad_certificate(folder):
    (folder.folder / "tracker.pem").write_text("not a certificate\n")
    return "tracker.pem"


def missing_key(folder):
    (folder.folder / "tracker.key").unlink()
    return "tracker.key"


def another_key(folder):
    folder.install_key_of_another()
    return "does not belong"


@pytest.mark.parametrize("spoil", [bad_certificate, missing_key, another_key])
def test_bad_files_keep_the_old_certificate(start_https_tracker, tls_folder, family, spoil):
    """The log says what is wrong and that the old one stays; good files later are taken."""
    old = tls_folder.current
    tracker = start_https_tracker()
    wrong = spoil(tls_folder)
    said = reload_tls(tracker)
    assert "stay as they were" in said and wrong in said
    assert " error " in said.lower()
    with tracker.client(family) as client:
        assert certificate_of(client) == old.der()
        assert client.get("/health").status == 200
    tls_folder.renew()
    assert "read again" in reload_tls(tracker)
    with tracker.client(family) as client:
        assert certificate_of(client) == tls_folder.current.der()


def test_unchanged_files(start_https_tracker):
    """Where nothing has changed the log says that."""
    assert "have not changed" in reload_tls(start_https_tracker())


def test_authority_that_clients_do_not_know(start_https_tracker, tmp_path):
    """What the tests above prove: our clients refuse a certificate of somebody else."""
    tracker = start_https_tracker()
    with pytest.raises(ssl.SSLCertVerificationError):
        tracker.client(tls=Authority(tmp_path).issue().context())
    with tracker.client() as client:
        assert client.get("/health").status == 200


def is_served(client, info_hash):
    try:
        client.announce(info_hash)
    except Failure as failure:
        assert (str(failure), failure.retry_in) == ("Info hash not allowed", b"never")
        return False
    return True


def test_reload_replaces_the_access_list(start_http_tracker, family):
    """After SIGUSR1 the new list holds for every worker, also on connections that are open."""
    old, new = random_info_hash(), random_info_hash()
    path = start_http_tracker.folder() / "access-list.txt"
    path.write_text(old.hex() + "\n")
    tracker = start_http_tracker({"socket_workers": 3,
                                  "access_list": {"mode": "allow", "path": path}})
    clients = [tracker.client(family) for _ in range(12)]
    assert all(is_served(client, old) and not is_served(client, new) for client in clients)
    path.write_text(new.hex() + "\n")
    assert "1 entries" in reload(tracker, "access list")
    assert all(is_served(client, new) and not is_served(client, old) for client in clients)
    assert clients[0].scrape(old, new) == [TorrentScrape(0, 0, 0), TorrentScrape(0, 0, 1)]
    for client in clients:
        client.close()


def test_bad_access_list_keeps_the_old_one(start_http_tracker, family):
    """A list that cannot be read leaves the old one in force, and the log names the line."""
    listed = random_info_hash()
    path = start_http_tracker.folder() / "list.txt"
    path.write_text(listed.hex() + "\n")
    tracker = start_http_tracker({"access_list": {"mode": "allow", "path": path}})
    path.write_text(f"{'0' * 40}\nnot a hash\n")
    said = reload(tracker, "list.txt")
    assert "error" in said.lower() and "2" in said
    with tracker.client(family) as client:
        assert is_served(client, listed) and not is_served(client, random_info_hash())


def test_each_is_reloaded_although_the_other_is_bad(start_https_tracker, tls_folder):
    """A bad access list does not keep the new certificate out, nor the other way round."""
    listed = random_info_hash()
    path = tls_folder.folder / "list.txt"
    path.write_text("")
    tracker = start_https_tracker({"access_list": {"mode": "allow", "path": path}})
    path.write_text("nonsense\n")
    tls_folder.renew()
    assert "read again" in reload_tls(tracker)
    with tracker.client() as client:
        assert certificate_of(client) == tls_folder.current.der()
        bad_certificate(tls_folder)
        path.write_text(listed.hex() + "\n")
        assert "stay as they were" in reload_tls(tracker)
        assert is_served(client, listed)


def test_reload_with_nothing_to_reload(start_http_tracker, family):
    """SIGUSR1 harms no tracker that has neither."""
    tracker = start_http_tracker()
    with tracker.client(family) as client:
        for _ in range(3):
            tracker.send_signal(signal.SIGUSR1)
            assert is_served(client, random_info_hash())


# --- Stop.

@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_stop_answers_what_is_in_flight(start_http_tracker, certificates, family, scheme, number):
    """Requests that arrived before the signal are answered, in full; then connections end."""
    tracker = start_http_tracker({"socket_workers": 2},
                                 certificates if scheme == "https" else None)
    hashes = [random_info_hash() for _ in range(_PIPELINED)]
    clients = [tracker.client(family) for _ in range(8)]
    idle = tracker.client(family)
    assert idle.get("/health").status == 200
    assert clients[0].get("/health").status == 200
    tracker.send_signal(signal.SIGSTOP)
    for client in clients:
        client.send(b"".join(request(announce_target(info_hash)) + request(scrape_target(info_hash))
                             for info_hash in hashes))
    tracker.send_signal(number)
    tracker.send_signal(signal.SIGCONT)
    for client in clients:
        for info_hash in hashes:
            assert decode_announce(client.receive()).interval == 120
            assert decode_scrape(client.receive())[info_hash].leechers == 1
        assert client.read_to_end() == b""
    assert idle.read_to_end() == b""
    assert tracker.wait() == 0, tracker.describe()
    assert not tracker.stderr.matching(" error "), tracker.describe()


def test_stop_answers_connections_that_wait(start_http_tracker, family):
    """Whoever the kernel has connected is owed an answer, although nobody has accepted him yet."""
    tracker = start_http_tracker()
    tracker.send_signal(signal.SIGSTOP)
    clients = [tracker.client(family) for _ in range(30)]
    for client in clients:
        client.send(request("/health"))
    tracker.send_signal(signal.SIGTERM)
    tracker.send_signal(signal.SIGCONT)
    for client in clients:
        assert client.receive().body == b"ok"
        client.close()
    assert tracker.wait() == 0, tracker.describe()


def test_stop_refuses_new_connections(start_http_tracker, family):
    """Nobody is connected to a tracker that is gone."""
    tracker = start_http_tracker()
    address = tracker.listening[family]
    tracker.stop_cleanly()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address).close()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_stop_does_not_wait_for_the_slow(start_http_tracker, certificates, scheme):
    """Unfinished requests and peers that do not read keep no tracker from its end."""
    tracker = start_http_tracker(certificates=certificates if scheme == "https" else None)
    with tracker.client() as unfinished, tracker.client() as silent:
        assert unfinished.get("/health").status == 200
        unfinished.send(request("/health")[:-1])
        tracker.stop_cleanly()
        assert silent.is_cut_off() and unfinished.is_cut_off()


def test_port_is_free_after_a_stop(start_http_tracker, family):
    """The next tracker can have the port at once, although connections of the first linger."""
    first = start_http_tracker()
    with first.client(family) as client:
        assert client.get("/health", "Connection: close").status == 200
        first.stop_cleanly()
    second = start_http_tracker({"network": first.same_port(family)})
    assert second.listening[family] == first.listening[family]


# --- Privileges.

@pytest.mark.parametrize("scheme", ["http", "https"])
def test_privileges_are_dropped(start_http_tracker, tls_folder, scheme):
    """Both families, with TLS and without: serves as nobody in every thread, in its new root."""
    machine.skip_if(machine.not_root())
    is_secure = scheme == "https"
    (tls_folder.folder / "list.txt").write_text("")
    changes = {"socket_workers": 2,
               "access_list": {"mode": "deny", "path": "list.txt"},
               "privileges": {"drop_privileges": True, "chroot_path": "."}}
    tracker = start_http_tracker(merged(changes, tls_folder.changes) if is_secure else changes,
                                 tls_folder.current if is_secure else None,
                                 folder=tls_folder.folder)
    tracker.check_is_nobody()
    assert os.readlink(f"/proc/{tracker.pid}/root") == str(tls_folder.folder)
    for family in tracker.listening:
        with tracker.client(family) as client:
            assert client.announce(random_info_hash()).peers == ()


def test_reload_after_the_change_of_root(start_https_tracker, tls_folder):
    """Relative paths are good for the start and, from the new root, after it."""
    machine.skip_if(machine.not_root())
    denied = random_info_hash()
    path = tls_folder.folder / "list.txt"
    path.write_text("")
    tracker = start_https_tracker({"access_list": {"mode": "deny", "path": "list.txt"},
                                   "privileges": {"drop_privileges": True, "chroot_path": "."}})
    path.write_text(denied.hex() + "\n")
    tls_folder.renew()
    assert "read again" in reload_tls(tracker)
    for family in tracker.listening:
        with tracker.client(family) as client:
            assert certificate_of(client) == tls_folder.current.der()
            assert not is_served(client, denied)


def test_key_that_nobody_may_read_again(start_https_tracker, tls_folder):
    """A key of root's alone is read at the start; a reload that may not read it says so."""
    machine.skip_if(machine.not_root())
    (tls_folder.folder / "tracker.key").chmod(0o600)
    old = tls_folder.current
    tracker = start_https_tracker({"privileges": {"drop_privileges": True, "chroot_path": "."}})
    said = reload_tls(tracker)
    assert "stay as they were" in said and "tracker.key" in said
    with tracker.client() as client:
        assert certificate_of(client) == old.der()
