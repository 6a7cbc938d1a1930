# SPDX-License-Identifier: Apache-2.0
"""Drivers of WebTorrent clients: programs in Node that npm has installed, and pages of Chromium.

scripts/webtorrent-tools installs them; without a registry it leaves the reason why not.
"""

import functools
import json
import os
import pathlib
import shutil

from support.certificates import trust_in_browser
from support.network import PrivateNetwork
from support.process import Process
from support.waiting import DEADLINE_S

_PROGRAMS = pathlib.Path(__file__).resolve().parents[1] / "webtorrent"
_TOOLS = pathlib.Path(__file__).resolve().parents[3] / "build" / "webtorrent-tools"
CHROMIUM = "/usr/bin/chromium"
# WebRTC offers no addresses of a loopback interface, and browsers only that of the default route.
# So there is one to nowhere, with an address of documentation (RFC 5737): both ends are in here.
_WEBRTC_IPV4 = "198.51.100.9"


def no_tools():
    """Why nothing of this can run, or an empty text."""
    if shutil.which("node") is None:
        return "not installed: node"
    if (_TOOLS / "unavailable").exists():
        return (_TOOLS / "unavailable").read_text().strip()
    assert (_TOOLS / "installed").exists(), "run scripts/webtorrent-tools first"
    return ""


def no_browser():
    return "" if pathlib.Path(CHROMIUM).exists() else f"not installed: {CHROMIUM}"


@functools.cache
def _programs():
    """The programs in a folder from which Node finds what they import."""
    return pathlib.Path(shutil.copytree(_PROGRAMS, _TOOLS / "programs", dirs_exist_ok=True))


def command(program, options):
    return ["node", _programs() / program, json.dumps(options)]


class WebRtcNetwork(PrivateNetwork):
    """A network in which WebRTC finds an address to offer."""

    def __init__(self, folder):
        super().__init__(folder)
        for line in ("ip link add webrtc0 type veth peer name webrtc1",
                     f"ip addr add {_WEBRTC_IPV4}/32 dev webrtc0",
                     "ip link set webrtc0 up", "ip link set webrtc1 up",
                     "ip route add default dev webrtc0"):
            done = Process(self.command(line.split()))
            assert done.wait() == 0, done.describe()


class Program(Process):
    """One of ours in Node, which tells events as lines of JSON."""

    def __init__(self, program, options, network, certificates=None, cwd=None):
        environment = dict(os.environ)
        if certificates:
            environment["NODE_EXTRA_CA_CERTS"] = str(certificates.authority)
        super().__init__(network.command(command(program, options)), cwd=cwd, env=environment)

    def events(self, name):
        """Those of this name so far, oldest first."""
        told = [json.loads(line) for line in self.stdout]
        return [event for event in told if event["event"] == name]

    def wait_for_event(self, name, deadline_s=DEADLINE_S):
        """The first event of this name."""
        return self.wait_for(lambda: self.events(name), f"the event {name!r}", deadline_s)[0]


class NodePeer(Program):
    """A WebTorrent client in Node that seeds or fetches a torrent."""

    def __init__(self, role, torrent, url, folder, network, certificates):
        super().__init__("node_peer.mjs", {
            "role": role, "tracker": url, "torrent": str(torrent.path),
            "content": str(torrent.content_path), "folder": str(folder),
        }, network, certificates, cwd=folder)

    missing = staticmethod(no_tools)


class BrowserPeer(Program):
    """The same in a page of a browser of its own."""

    def __init__(self, role, torrent, url, folder, network, certificates):
        home = pathlib.Path(folder) / "home"
        home.mkdir()
        if certificates:
            trust_in_browser(certificates, home)
        super().__init__("browser_peer.mjs", {
            "role": role, "tracker": url, "torrent": str(torrent.path),
            "content": str(torrent.content_path), "chromium": CHROMIUM, "home": str(home),
        }, network, cwd=folder)

    @staticmethod
    def missing():
        return no_tools() or no_browser()
