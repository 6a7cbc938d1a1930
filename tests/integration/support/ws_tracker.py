# SPDX-License-Identifier: Apache-2.0
"""The WebTorrent tracker under test: aquatic_ws, or what stands in for it.

With AQUATIC_WS_TRACKER=reference it is bittorrent-tracker's server: the tests of WebTorrent clients
pass with it too, which shows that they judge trackers and not the machine.
"""

import os
import pathlib
import re

from support import tracker, webtorrent
from support.network import HostLoopback
from support.process import Process
from support.signalling import Peer, random_id
from support.websocket import HttpStream, WebSocket

_URL = re.compile(r"^(?P<scheme>wss?)://(?P<host>127\.0\.0\.1|localhost):(?P<port>\d+)/?$")


def executable():
    return tracker.executable("aquatic_ws")


def uses_reference():
    return os.environ.get("AQUATIC_WS_TRACKER") == "reference"


def missing():
    """Why there is no tracker to test, or an empty text."""
    if uses_reference():
        return webtorrent.no_tools()
    return "" if executable().exists() else "aquatic_ws is not built"


def base_config(workers=1, certificates=None):
    """IPv4's loopback address, a port chosen by the system."""
    tls = {"enable_tls": True, "tls_certificate_path": certificates.certificate,
           "tls_private_key_path": certificates.key} if certificates else {}
    return {
        "socket_workers": workers,
        "log_level": "info",
        "network": {"use_ipv6": False, "address_ipv4": "127.0.0.1:0", **tls},
    }


class _Serving:
    """What is the same whoever serves."""

    def _wait_for_url(self):
        self.url = None
        try:
            self.wait_for(self._finds_url, "the URL of the tracker")
        except AssertionError:
            self.kill()
            raise

    def _finds_url(self):
        for match in filter(None, map(_URL.match, self.stdout)):
            self.url = f"{match['scheme']}://127.0.0.1:{match['port']}"
            self.address = ("127.0.0.1", int(match["port"]))
            return True
        return False

    def http(self, **how):
        return HttpStream(self.address, **how)

    def connect(self, **how):
        return WebSocket(self.address, **how)

    def peer(self, info_hash=None, peer_id=None, **how):
        """A peer on a connection of his own, who has not announced yet."""
        return Peer(self.connect(**how), info_hash or random_id(), peer_id)


class WsTracker(_Serving, tracker.Tracker):
    """`aquatic_ws -c FILE`, serving once the constructor returns."""

    def __init__(self, folder, config, network=None):
        self.config = config
        self.config_path = pathlib.Path(folder) / "aquatic_ws.toml"
        self.config_path.write_text(tracker.to_toml(config))
        command = (network or HostLoopback()).command([executable(), "-c", self.config_path])
        Process.__init__(self, command, cwd=folder)
        self._wait_for_url()


class ReferenceTracker(_Serving, Process):
    """bittorrent-tracker's server with the same interface; it knows few of the settings."""

    def __init__(self, folder, config, network=None):
        listen, access_list = config["network"], config.get("access_list")
        options = {"denied": pathlib.Path(access_list["path"]).read_text().split()
                   if access_list else [],
                   "interval_s": config.get("protocol", {}).get("peer_announce_interval", 120)}
        if "enable_tls" in listen:
            options.update(certificate=str(listen["tls_certificate_path"]),
                           key=str(listen["tls_private_key_path"]))
        command = webtorrent.command("reference_tracker.mjs", options)
        super().__init__((network or HostLoopback()).command(command), cwd=folder)
        self._wait_for_url()

    def stop_cleanly(self, **how):
        assert self.stop(**how) == 0, self.describe()

    def check_sanitizers(self):
        pass


def start(folder, config, network=None):
    made = ReferenceTracker if uses_reference() else WsTracker
    return made(folder, config, network)
