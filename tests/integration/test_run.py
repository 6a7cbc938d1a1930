# SPDX-License-Identifier: Apache-2.0
"""`aquatic run`: every protocol on one port, one swarm for UDP and HTTP, and an operator who sees
what happens."""

import pathlib
import re
import shutil
import signal
import socket
import tempfile

import pytest

from support import machine, run_tracker
from support.certificates import make_certificates, no_certutil
from support.clients import Libtorrent, Transmission
from support.network import Unavailable
from support.run_tracker import PROGRAM, RunTracker, base_config
from support.torrent import make_torrent, random_info_hash, sha256
from support.tracker import executable, failure_sentence, merged, to_toml
from support.waiting import wait_until
from support.webtorrent import BrowserPeer, WebRtcNetwork, no_browser, no_tools
from support.websocket import Refused, WebSocket

machine.skip_if("" if executable(PROGRAM).exists() else f"{PROGRAM} is not built")

_SIZE = 8 * 1024 * 1024 + 12345  # The last piece is a short one.
_DEADLINE_S = 120
_ANNOUNCE_INTERVAL_S = 20
_SCHEMES = ("udp", "http", "https", "ws", "wss")


def test_every_scheme_has_the_same_port(start_run, family):
    tracker = start_run()
    assert {scheme for scheme, *_ in tracker.urls()} == set(_SCHEMES)
    assert len({tracker.address(scheme, family) for scheme in _SCHEMES}) == 1


def test_udp_and_http_share_their_torrents(start_run, family):
    """Each of them is told of those who came by the other way; WebTorrent's are apart."""
    tracker = start_run()
    info_hash = random_info_hash()
    with tracker.udp(family) as udp:
        udp.connect()
        udp.announce(info_hash, port=1001)
    for number, scheme in enumerate(("http", "https")):
        with tracker.http(scheme, family) as http:
            announced = http.announce(info_hash, port=2001 + number)
            assert 1001 in {port for _, port in announced.peers}, announced
    with tracker.udp(family) as udp:
        udp.connect()
        ports = {port for _, port in udp.announce(info_hash, port=1002).peers}
        assert ports == {1001, 2001, 2002}
    for scheme in ("ws", "wss"):
        with tracker.peer(scheme, info_hash.decode("latin-1")) as peer:
            response = peer.announce(left=1)
            assert (response["complete"], response["incomplete"]) == (0, 1)


def test_each_protocol_can_be_off(start_run):
    for off in ("udp", "http", "ws"):
        tracker = start_run({off: {"enable": False}}, tls=False)
        assert {scheme for scheme, _, _, path in tracker.urls()
                if path not in ("/stats", "/metrics")} == {"udp", "http", "ws"} - {off}
    with pytest.raises(Refused):  # The last one, which has no WebTorrent.
        WebSocket(tracker.address("http"))


def test_a_tracker_with_nothing_to_serve_does_not_start():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "aquatic.toml"
        path.write_text(to_toml({name: {"enable": False} for name in ("udp", "http", "ws")}))
        failed = run_tracker.run_to_end("-c", path)
        assert "there is nothing to serve" in failure_sentence(failed)


def test_limits_are_tightened_while_it_serves(start_run):
    """What an operator does under attack, who would lose the swarm with a restart."""
    tracker = start_run(tls=False)
    with tracker.http() as there, tracker.http() as there_too:
        for client in (there, there_too):
            assert client.get("/health").status == 200
        limits = {"limits": {"max_connections_per_ip": 2, "max_request_s": 1}}
        tracker.config_path.write_text(to_toml(merged(tracker.config, limits)))
        tracker.send_signal(signal.SIGUSR1)
        tracker.wait_for(lambda: tracker.stderr.matching("limits.max_connections_per_ip is 2"),
                         "a word on the new limit")

        def is_refused():
            with tracker.http() as third:
                return third.get("/health").status == 503
        wait_until(is_refused, "a third connection is refused")
        assert there.get("/health").status == 200
        there_too.send(b"GET /health HT")
        assert there_too.receive().status == 408


def test_plain_text_can_be_off(start_run):
    tracker = start_run({"network": {"require_tls": True}})
    assert {scheme for scheme, _, _, path in tracker.urls()
            if path not in ("/stats", "/metrics")} == {"udp", "https", "wss"}
    with tracker.http("https") as client:
        assert client.get("/health").status == 200
    with socket.create_connection(tracker.address("https")) as plain:
        plain.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert not plain.recv(100).startswith(b"HTTP")


def test_settings_are_read_again(start_run):
    """Whoever asks next is told the new ones, in every protocol; the log says what has to wait."""
    tracker = start_run()
    changes = {"udp": {"peer_announce_interval": 1111}, "http": {"peer_announce_interval": 2222},
               "ws": {"peer_announce_interval": 3333}, "network": {"tcp_backlog": 7}}
    tracker.config_path.write_text(to_toml(merged(tracker.config, changes)))
    tracker.send_signal(signal.SIGUSR1)
    tracker.wait_for(lambda: tracker.stderr.matching("network.tcp_backlog stays 1024"),
                     "a word on what needs a restart")
    for section in ("udp", "http", "ws"):
        assert tracker.stderr.matching(f"{section}.peer_announce_interval is ")

    def udp_interval():
        with tracker.udp() as client:
            client.connect()
            return client.announce(random_info_hash(), port=1).interval
    wait_until(lambda: udp_interval() == 1111, "the new interval over UDP")
    with tracker.http() as client:
        assert client.announce(random_info_hash(), port=1).interval == 2222
    with tracker.peer() as peer:
        assert peer.announce(left=1)["interval"] == 3333


def test_a_bad_file_changes_nothing(start_run):
    tracker = start_run()
    tracker.config_path.write_text("nonsense = true\n")
    tracker.send_signal(signal.SIGUSR1)
    tracker.wait_for(lambda: tracker.stderr.matching("aquatic.toml:1:"),
                     "what is wrong, and where")
    with tracker.http() as client:
        assert client.get("/health").status == 200


def counted(text, metric, **labels):
    """The sum of a metric's series that have these labels."""
    total = 0
    for line in text.splitlines():
        match = re.match(rf"{metric}{{(.*)}} (\S+)$", line)
        has = dict(re.findall(r'(\w+)="([^"]*)"', match[1])) if match else {}
        if match and labels.items() <= has.items():
            total += float(match[2])
    return total


class Meeting:
    """Real clients around one tracker, in a network of their own that nothing can leave."""

    def __init__(self, folder):
        self._folder = pathlib.Path(folder)
        self.network = WebRtcNetwork(folder)
        self._programs = []
        self._clients = []
        certificates = make_certificates(self._folder)
        interval = {"peer_announce_interval": 2}
        config = merged(base_config(certificates), {
            "network": {"use_ipv6": False},
            "udp": interval, "http": {**interval, "min_announce_interval": 2},
            "ws": {"peer_announce_interval": _ANNOUNCE_INTERVAL_S},
            "statistics": {"print_to_stdout": True, "interval": 1, "peer_clients": True}})
        self.certificates = certificates
        self.tracker = RunTracker(self._folder, config, certificates, network=self.network)

    def folder(self):
        return pathlib.Path(tempfile.mkdtemp(dir=self._folder))

    def client(self, kind, scheme, role="leech"):
        """A client, the torrent as it knows it, and its folder."""
        torrent = make_torrent(self.folder(), self.tracker.announce_url(scheme), _SIZE, "shared")
        folder = torrent.content_path.parent if role == "seed" else self.folder()
        authority = self.certificates.authority if scheme == "https" else None
        made = kind(torrent, folder, "127.0.0.1", self.network, authority_path=authority)
        self._clients.append(made)
        return made, torrent, folder

    def browser(self, role, torrent):
        made = BrowserPeer(role, torrent, self.tracker.announce_url("wss"), self.folder(),
                           self.network, self.certificates)
        self._programs.append(made)
        return made

    def figures(self):
        return self.tracker.figures(self.network)

    def swarm(self, kind):
        return next(swarm for swarm in self.figures()["swarms"]
                    if swarm["kind"] == kind and swarm["ipVersion"] == 4)

    def close(self):
        try:
            for client in self._clients:
                client.stop()
            for program in self._programs:
                program.kill()
            self.tracker.stop_cleanly()
        finally:
            self.tracker.kill()
            self.network.close()


@pytest.fixture
def meeting(tmp_path):
    machine.skip_if(no_tools() or no_browser() or no_certutil() or Libtorrent.missing() or
                    Transmission.missing())
    folder = pathlib.Path(tempfile.mkdtemp(prefix="aquatic-"))
    folder.chmod(0o755)
    try:
        made = Meeting(folder)
    except Unavailable as error:
        pytest.skip(str(error))
    try:
        yield made
    finally:
        made.close()
        shutil.rmtree(folder)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_everybody_meets(meeting, scheme):
    """Somebody who came over UDP gives a file to somebody who came over HTTP, while one page of a
    browser gives another to a second one; statistics, metrics and pages tell of it."""
    seeder, torrent, _ = meeting.client(Libtorrent, "udp", "seed")
    wait_until(lambda: meeting.swarm("bittorrent")["seeders"] == 1, "the seeder over UDP is known")
    web_torrent = make_torrent(meeting.folder(), meeting.tracker.announce_url("wss"), _SIZE, "web")
    page = meeting.browser("seed", web_torrent)
    page.wait_for_event("seeding", _DEADLINE_S)
    leecher, same_torrent, folder = meeting.client(Transmission, scheme)
    assert same_torrent.info_hash == torrent.info_hash
    other_page = meeting.browser("leech", web_torrent)

    leecher.wait_until_complete(_DEADLINE_S)
    assert sha256(folder / torrent.content_path.name) == torrent.sha256
    downloaded = other_page.wait_for_event("downloaded", _DEADLINE_S)
    assert downloaded["sha256"] == web_torrent.sha256

    for kind in ("bittorrent", "webtorrent"):
        wait_until(lambda: (meeting.swarm(kind)["peers"], meeting.swarm(kind)["seeders"]) == (2, 2),
                   lambda: f"two seeders, but {meeting.swarm(kind)}")
    check_metrics(meeting.tracker.page("/metrics", meeting.network))
    clients = meeting.figures()["clients"]
    assert {"Transmission", "WebTorrent"} <= set(clients) and len(clients) == 3, clients
    check_reports(meeting.tracker)


def check_metrics(metrics):
    assert counted(metrics, "aquatic_torrents", ip_version="4") == 2
    assert counted(metrics, "aquatic_peers", ip_version="4") == 4
    for protocol in ("udp", "http", "ws"):
        assert counted(metrics, "aquatic_responses_total", protocol=protocol, type="announce") > 0
    assert counted(metrics, "aquatic_responses_total", protocol="ws", type="offer_answer") > 0
    assert counted(metrics, "aquatic_tls_handshakes_total") > 0


def check_reports(tracker):
    """What it printed last: the same torrents and peers."""
    text = "\n".join(tracker.stdout)
    for title in ("UDP IPv4", "HTTP IPv4", "WebTorrent IPv4"):
        section = re.findall(rf"^{title}\n((?: .*\n)+)", text, re.MULTILINE)[-1]
        assert re.search(r"^  torrents +1$", section, re.MULTILINE), section
        assert re.search(r"^  peers +2$", section, re.MULTILINE), section
