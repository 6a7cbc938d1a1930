# SPDX-License-Identifier: Apache-2.0
"""Real clients exchange real files through the HTTP tracker: over HTTP, HTTPS and through nginx.

Everything happens in a private network, which has a loopback interface only. Where nginx stands
between, clients have addresses of their own, 127.0.0.x: they can only find each other if the
tracker saw those instead of nginx's.
"""

import collections
import pathlib
import shutil
import socket
import tempfile

import pytest

from support import machine, nginx
from support.certificates import Authority
from support.clients import (ANNOUNCE_INTERVAL_S, Aria2, Libtorrent, Rtorrent, Transmission,
                             free_port)
from support.exchange import Exchange, Transfer
from support.http_client import Client, TorrentScrape
from support.http_tracker import HttpTracker, base_config
from support.network import HOST_NAMES, PrivateNetwork, Unavailable
from support.torrent import make_torrent
from support.tracker import merged

_IPV4, _IPV6 = socket.AF_INET, socket.AF_INET6
_LOOPBACK = {_IPV4: "127.0.0.1", _IPV6: "::1"}
# Each client is a seeder once and a leecher once. transmission refuses to call loopback addresses
# and rtorrent asks again after ten minutes at the earliest, so these two have to be kept apart.
_RING = [(Libtorrent, Transmission), (Transmission, Aria2), (Aria2, Rtorrent),
         (Rtorrent, Libtorrent)]
# How clients get to a tracker.
_ROUTES = ["http-ipv4", "http-ipv6", "https-ipv4", "https-ipv6", "nginx-tls", "nginx-proxy"]
_TRANSFERS = [(route, pair) for route in _ROUTES for pair in _RING]
_COMMON = {"socket_workers": 2, "protocol": {"peer_announce_interval": ANNOUNCE_INTERVAL_S,
                                             "min_announce_interval": 0},
           "statistics": {"interval": 1, "print_to_stdout": True}}
# nginx itself; the clients are elsewhere in 127.0.0.0/8.
_ONLY_NGINX = "127.0.0.1/32"
_OWN_IP = "127.0.0.250"


def name_of(transfer):
    route, (seeder, leecher) = transfer
    return f"{route}-{seeder.__name__}-to-{leecher.__name__}".lower()


class Route(collections.namedtuple("Route", "tracker scheme address")):
    """`address`: whom clients ask, the tracker or nginx."""

    @property
    def family(self):
        return _IPV6 if ":" in self.address[0] else _IPV4

    @property
    def is_proxied(self):
        return self.address not in self.tracker.listening.values()

    def url(self, host=None):
        ip, port = self.address
        return f"{self.scheme}://{host or (f'[{ip}]' if ':' in ip else ip)}:{port}/announce"


class HttpExchange(Exchange):
    """Four trackers, nginx in front of two of them, and all the transfers."""

    def __init__(self, folder, certificates):
        self.network = PrivateNetwork(folder)
        super().__init__(folder, self.network)
        self.certificates = certificates
        self._folder = folder
        self._trackers = []
        self._nginx = None
        self.routes = {}
        try:
            self._start_trackers()
        except BaseException:
            self.stop()
            raise

    def _tracker(self, name, changes, certificates=None):
        folder = self._folder / name
        folder.mkdir()
        config = merged(merged(base_config(certificates), _COMMON), changes)
        tracker = HttpTracker(folder, config, certificates, network=self.network)
        self._trackers.append(tracker)
        return tracker

    def _start_trackers(self):
        plain = self._tracker("http", {})
        secure = self._tracker("https", {}, self.certificates)
        behind_http = self._tracker("behind-http", {
            "network": {"runs_behind_reverse_proxy": True, "trusted_proxies": _ONLY_NGINX}})
        behind_stream = self._tracker("behind-stream", {
            "network": {"proxy_protocol": True, "trusted_proxies": _ONLY_NGINX}}, self.certificates)
        for family, suffix in ((_IPV4, "ipv4"), (_IPV6, "ipv6")):
            if family in plain.listening:
                self.routes[f"http-{suffix}"] = Route(plain, "http", plain.listening[family])
                self.routes[f"https-{suffix}"] = Route(secure, "https", secure.listening[family])
        if not nginx.missing():
            self._start_nginx(behind_http, behind_stream)

    def _start_nginx(self, behind_http, behind_stream):
        names = {"nginx-tls": behind_http, "nginx-proxy": behind_stream}
        for name, tracker in names.items():
            self.routes[name] = Route(tracker, "https", ("127.0.0.1", free_port(self.network)))
        listen = {name: "%s:%d" % self.routes[name].address for name in names}
        target = {name: "%s:%d" % tracker.listening[_IPV4] for name, tracker in names.items()}
        self._nginx = nginx.Nginx(
            self._folder, self.network,
            http=nginx.tls_proxy(listen["nginx-tls"], self.certificates, target["nginx-tls"]),
            stream=nginx.stream_proxy(listen["nginx-proxy"], target["nginx-proxy"]))
        for name in names:
            self._nginx.wait_for(lambda: self._answers(self.routes[name]), "nginx listens")

    def _answers(self, route):
        try:
            with self.client(route) as client:
                return client.get("/health").status == 200
        except ConnectionRefusedError:
            return False

    def client(self, route, source=None):
        tls = self.certificates.context() if route.scheme == "https" else None
        return Client(route.address, source, tls=tls,
                      sock=self.network.socket(route.family, socket.SOCK_STREAM))

    def start_all(self):
        self.start([self._transfer(number, transfer) for number, transfer in enumerate(_TRANSFERS)
                    if not self.reason_to_skip(transfer)])

    def reason_to_skip(self, transfer):
        name, (seeder, leecher) = transfer
        if name not in self.routes:
            return nginx.missing() if name.startswith("nginx") else machine.no_ipv6()
        return seeder.missing() or leecher.missing()

    def _transfer(self, number, transfer):
        name, (seeder, leecher) = transfer
        route = self.routes[name]
        host = None
        if route.family == _IPV6 and Transmission in (seeder, leecher):
            host = HOST_NAMES["::1"]  # It understands no [::1].
        ips = [_LOOPBACK[route.family]] * 2
        if route.is_proxied:
            ips = [f"127.0.0.{100 + 2 * number}", f"127.0.0.{101 + 2 * number}"]
        authority = self.certificates.authority if route.scheme == "https" else None
        return Transfer(name_of(transfer), seeder, leecher, route.url(host), *ips,
                        lambda info_hash: self._scrape(route, info_hash), authority)

    def _scrape(self, route, info_hash):
        with self.client(route) as client:
            return client.scrape(info_hash)[0]

    def stop(self):
        try:
            super().stop()
            for tracker in self._trackers:
                tracker.stop_cleanly()
        finally:
            for process in (*self._trackers, self._nginx):
                if process:
                    process.kill()
            self.network.close()


@pytest.fixture(scope="module")
def foreign_authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("foreign-authority"))


@pytest.fixture(scope="module")
def exchange(certificates):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="aquatic-"))
    folder.chmod(0o755)
    try:
        made = HttpExchange(folder, certificates)
    except Unavailable as error:
        pytest.skip(f"transmission and nginx need a private network: {error}")
    try:
        made.start_all()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder)


@pytest.mark.parametrize("transfer", _TRANSFERS, ids=name_of)
def test_transfer(exchange, transfer):
    """The leecher finds the seeder through the tracker, gets every byte, and is counted once."""
    machine.skip_if(exchange.reason_to_skip(transfer))
    exchange.check(name_of(transfer))


@pytest.mark.parametrize("name", ["nginx-tls", "nginx-proxy"])
def test_tracker_sees_through_nginx(exchange, name):
    """Peers are told the addresses of the clients behind nginx, and each his own, never nginx's."""
    machine.skip_if(nginx.missing())
    route = exchange.routes[name]
    for pair in _RING:
        if reason := exchange.reason_to_skip((name, pair)):
            pytest.skip(reason)
        exchange.check(name_of((name, pair)))
        transfer = exchange[name_of((name, pair))]
        with exchange.client(route, _OWN_IP) as client:
            announced = client.announce(transfer.torrent.info_hash, port=6881)
            client.announce(transfer.torrent.info_hash, port=6881, event="stopped")
        assert announced.external_ip == _OWN_IP
        assert {ip for ip, _ in announced.peers} == {transfer.seeder_ip, transfer.leecher_ip}
        assert len(announced.peers) == 2


@pytest.mark.parametrize("kind", [Libtorrent, Transmission, Aria2, Rtorrent])
def test_certificates_are_verified(exchange, foreign_authority, kind, tmp_path):
    """What the transfers over HTTPS prove: a client refuses what its authority did not sign."""
    machine.skip_if(kind.missing())
    route = exchange.routes["https-ipv4"]
    torrent = make_torrent(tmp_path, route.url(), 100_000, seed=kind.__name__)
    before = route.tracker.counted("TLS failures/s")
    client = kind(torrent, torrent.content_path.parent, "127.0.0.1", exchange.network,
                  authority_path=foreign_authority.path)
    try:
        # aria2 has a look at the certificate when the handshake is over.
        client.process.wait_for(lambda: (route.tracker.counted("TLS failures/s") > before or
                                         client.process.stdout.matching("issuer is not known")),
                                "the client refuses the certificate")
        with exchange.client(route) as other:
            assert other.scrape(torrent.info_hash)[0] == TorrentScrape(0, 0, 0)
    finally:
        client.stop()
