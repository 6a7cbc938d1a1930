# SPDX-License-Identifier: Apache-2.0
"""Drivers of real BitTorrent clients, each a process of its own.

    client = Libtorrent(torrent, folder, ip, network)    starts it on `folder`, to be at `ip`
    client.is_complete()                                 it has the whole, verified file
    client.stop()

In each of them every source of peers but the tracker is switched off, and what would keep it from
talking to its own address, too. With `authority_path` it is to trust a tracker's certificate if
that authority vouches for it, and no other.
"""

import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket

from support.process import Process

# So that a client that found nobody yet asks again soon.
ANNOUNCE_INTERVAL_S = 2


# Below those that Linux gives to sockets whose port does not matter: nobody gets one by chance.
_PORTS = range(10_000, 32_768)
_given_ports = set()


def free_port(network, kind=socket.SOCK_STREAM):
    """A port that was free just now, for programs that cannot choose one themselves."""
    while True:
        port = random.choice(_PORTS)
        if port in _given_ports:  # Whoever got it may not have bound it yet.
            continue
        with network.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("0.0.0.0", port))
            except OSError:
                continue
        _given_ports.add(port)
        return port


class RealClient:
    """What the drivers share. `programs` have to be installed."""

    programs = ()
    # Otherwise it may announce that nothing is left before it announces `completed`. By then it is
    # a seeder, whose `completed` is no download.
    announces_completion_first = True

    def __init__(self, command, folder, network, env=None):
        self.network = network
        self.process = Process(network.command(command), cwd=folder,
                               env={**os.environ, **(env or {})})

    @classmethod
    def missing(cls):
        """Why it cannot run here, or an empty text."""
        absent = [name for name in cls.programs if shutil.which(name) is None]
        return f"not installed: {', '.join(absent)}" if absent else ""

    def is_complete(self):
        raise NotImplementedError

    def wait_until_complete(self, deadline_s):
        self.process.wait_for(self.is_complete, f"{type(self).__name__} has the file", deadline_s)

    def ask_to_stop(self):
        if self.process.exit_code is None:
            self.process.send_signal(signal.SIGTERM)

    def stop(self):
        self.ask_to_stop()
        try:
            self.process.wait()
        except AssertionError:  # Its own way to end is not what we test; it is killed by now.
            pass


class Libtorrent(RealClient):
    @classmethod
    def missing(cls):
        try:
            import libtorrent  # noqa: F401
        except ImportError:
            return "not installed: python3-libtorrent"
        return ""

    def __init__(self, torrent, folder, ip, network, authority_path=None):
        script = pathlib.Path(__file__).with_name("libtorrent_client.py")
        listen = f"[{ip}]" if ":" in ip else ip
        # OpenSSL's own variable: libtorrent trusts whom the system trusts.
        env = {"SSL_CERT_FILE": str(authority_path)} if authority_path else None
        super().__init__(["/usr/bin/python3", script, torrent.path, folder, listen], folder,
                         network, env)

    def is_complete(self):
        return bool(self.process.stdout.matching("progress 100"))


class Transmission(RealClient):
    programs = ("transmission-daemon", "transmission-remote")
    announces_completion_first = False

    def __init__(self, torrent, folder, ip, network, authority_path=None):
        home = pathlib.Path(folder) / "transmission"
        home.mkdir()
        self._rpc_port = free_port(network)
        (home / "settings.json").write_text(json.dumps({
            "bind-address-ipv4": "0.0.0.0" if ":" in ip else ip,
            "bind-address-ipv6": "::",
            "blocklist-enabled": False,
            "dht-enabled": False,
            "download-dir": str(folder),
            "lpd-enabled": False,
            "peer-port": free_port(network),
            "pex-enabled": False,
            "port-forwarding-enabled": False,
            "rpc-bind-address": "127.0.0.1",
            "rpc-port": self._rpc_port,
            "rpc-whitelist-enabled": False,
            "utp-enabled": False,
        }))
        env = {"CURL_CA_BUNDLE": str(authority_path)} if authority_path else None
        super().__init__(["transmission-daemon", "--foreground", "--config-dir", home,
                          "--log-debug"], folder, network, env)
        try:
            self._add(torrent)
        except AssertionError:
            self.process.kill()
            raise

    def _add(self, torrent):
        self.process.wait_for(lambda: self._remote("--session-info"), "transmission's RPC port")
        added = self._remote("--add", str(torrent.path))
        assert added and "success" in added, f"transmission refused the torrent: {added}"

    def _remote(self, *arguments):
        """transmission-remote's output, or None if it failed."""
        remote = Process(self.network.command(
            ["transmission-remote", f"127.0.0.1:{self._rpc_port}", *arguments]))
        return remote.stdout.text if remote.wait() == 0 else None

    def is_complete(self):
        info = self._remote("--torrent", "1", "--info") or ""
        return re.search(r"Percent Done: 100%", info) is not None and "Verifying" not in info


class Aria2(RealClient):
    programs = ("aria2c",)

    def __init__(self, torrent, folder, ip, network, more_options=(), authority_path=None):
        self._content_path = pathlib.Path(folder) / torrent.content_path.name
        super().__init__([
            "aria2c",
            "--allow-overwrite=true",
            "--check-integrity=true",
            f"--bt-tracker-interval={ANNOUNCE_INTERVAL_S}",
            "--bt-enable-lpd=false",
            "--enable-peer-exchange=false",
            # aria2 has no UDP trackers without its DHT, which leaves private torrents alone.
            "--enable-dht=true",
            "--dht-entry-point=127.0.0.1:9",  # Discard: no node of the real DHT is asked.
            f"--dht-listen-port={free_port(network, socket.SOCK_DGRAM)}",
            f"--dht-file-path={folder}/dht.dat",
            "--disable-ipv6=" + ("false" if ":" in ip else "true"),
            "--file-allocation=none",
            "--no-conf=true",
            f"--listen-port={free_port(network)}",
            "--seed-ratio=0.0",  # Seed until stopped.
            "--on-bt-download-complete=/bin/echo",  # Prints "GID 1 PATH".
            "--show-console-readout=false",
            "--summary-interval=0",
            f"--dir={folder}",
            *([] if ":" in ip else [f"--interface={ip}"]),
            "--async-dns=false",  # Which would find no IPv6 address of a name.
            *([f"--ca-certificate={authority_path}"] if authority_path else []),
            *more_options,
            torrent.path], folder, network)

    def is_complete(self):
        output = self.process.stdout
        return bool(output.matching("Verification finished successfully") or
                    output.matching(f" 1 {self._content_path}"))


class Rtorrent(RealClient):
    programs = ("rtorrent",)

    def __init__(self, torrent, folder, ip, network, authority_path=None):
        home = pathlib.Path(folder) / "rtorrent"
        (home / "session").mkdir(parents=True)
        self._has_finished = home / "finished"
        port = free_port(network)
        (home / "rtorrent.rc").write_text("\n".join([
            "system.daemon.set = true",  # No terminal.
            f"directory.default.set = {folder}",
            f"session.path.set = {home}/session",
            *([] if ":" in ip else [f"network.bind_address.set = {ip}"]),
            f"network.port_range.set = {port}-{port}",
            "network.port_random.set = no",
            "dht.mode.set = disable",
            "protocol.pex.set = no",
            # Or it closes the torrent to check it, and says `completed` no sooner than it is due.
            "pieces.hash.on_completion.set = no",
            f"network.http.cacert.set = {authority_path or ''}",
            "network.http.ssl_verify_peer.set = 1",
            "network.http.ssl_verify_host.set = 1",
            f'method.set_key = event.download.finished,note,"execute.nothrow=touch,'
            f'{self._has_finished}"',
            f"load.start = {torrent.path}"]) + "\n")
        super().__init__(["rtorrent", "-n", "-o", f"import={home}/rtorrent.rc"], folder, network)

    def is_complete(self):
        return self._has_finished.exists()
