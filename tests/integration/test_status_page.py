# SPDX-License-Identifier: Apache-2.0
"""The live page of a tracker, as a person sees it in a browser."""

import pathlib
import re
import tempfile

import pytest

from support import machine, webtorrent, ws_tracker
from support.http_client import Client
from support.network import HostLoopback
from support.torrent import random_info_hash
from support.waiting import DEADLINE_S, wait_until
from support.webtorrent import CHROMIUM, Program

machine.skip_if(ws_tracker.missing())
machine.skip_if("the reference has no such page" if ws_tracker.uses_reference() else "")
machine.skip_if(webtorrent.no_tools() or webtorrent.no_browser())

# A desktop by day, a phone by night. The darkest ground that is light, and the other way round.
_LOOKS = {"desktop": ("light", 1280), "phone": ("dark", 360)}
# The page notices after some seconds that nothing comes any more, and tries again after as many.
_DEADLINE_S = 3 * DEADLINE_S
_PAGE_URL = re.compile(r"^http://127\.0\.0\.1:(?P<port>\d+)/stats$")


class Viewer(Program):
    """Somebody who looks at the page."""

    def __init__(self, tracker, scheme="light", width=1280, clients=None, address=None):
        folder = pathlib.Path(tempfile.mkdtemp(dir=tracker.config_path.parent))
        host, port = address or tracker.address
        super().__init__("status_page.mjs", {
            "url": f"http://{host}:{port}/stats", "chromium": CHROMIUM, "home": str(folder),
            "scheme": scheme, "width": width, "clients": clients}, HostLoopback(), cwd=folder)

    def shown(self):
        """What is to be seen now, or nothing yet."""
        return (self.events("shown") or [None])[-1]

    def wait_to_see(self, looks_right, what):
        """The first sight of it from now on."""
        before = len(self.events("shown"))
        return self.wait_for(
            lambda: [sight for sight in self.events("shown")[max(before - 1, 0):]
                     if looks_right(sight)], what, _DEADLINE_S)[0]

    def complaints(self):
        return [event["message"] for event in self.events("complaint")]


@pytest.fixture
def look_at():
    viewers = []

    def start(*args, **how):
        viewers.append(Viewer(*args, **how))
        return viewers[-1]
    yield start
    for viewer in viewers:
        viewer.stop()
        viewer.kill()


def luminance(color):
    """Of what CSS calls rgb(…), from 0 to 255."""
    parts = [float(part) for part in color[color.index("(") + 1:color.index(")")].split(",")[:3]]
    return sum(parts) / 3


def has_peers(count):
    return lambda sight: sight["state"] == "live" and sight["tiles"].get("Peers") == str(count)


@pytest.mark.parametrize("looks", _LOOKS)
def test_it_lives(start_ws_tracker, look_at, looks):
    """It shows what happens as it happens, keeps within the screen, and bothers nobody else."""
    scheme, width = _LOOKS[looks]
    tracker = start_ws_tracker()
    viewer = look_at(tracker, scheme, width)
    viewer.wait_to_see(has_peers(0), "an empty tracker")
    with tracker.peer() as seeder:
        seeder.announce(left=0)
        viewer.wait_to_see(has_peers(1), "a peer")
        with tracker.peer(seeder.info_hash) as leecher:
            leecher.announce()
            sight = viewer.wait_to_see(has_peers(2), "two peers")
            assert sight["tiles"]["Torrents"] == "1"
            assert any(label.startswith("Peers: WebTorrent IPv4") for label in sight["charts"])
        viewer.wait_to_see(has_peers(1), "that one has left")
    assert {sight["pressed"] for sight in viewer.events("shown")} >= {"5 min", "1 hour"}
    assert not any(sight["isTooWide"] for sight in viewer.events("shown"))
    assert (luminance(viewer.shown()["background"]) > 127) == (scheme == "light")
    assert viewer.complaints() == []


def test_names_of_strangers_are_only_text(start_ws_tracker, look_at):
    names = ["<img src=x onerror=alert(1)>", "<script>alert(2)</script>",
             "\"'><svg onload=alert(3)>", "µTorrent 3.5.5", "\u202e&lt;b&gt;"]
    viewer = look_at(start_ws_tracker(), clients=names)
    sight = viewer.wait_to_see(lambda seen: seen["state"] == "live" and seen["clients"], "clients")
    assert sight["clients"] == names
    assert sight["imageCount"] == 0
    assert viewer.complaints() == []


def test_it_comes_back_with_the_tracker(start_ws_tracker, look_at):
    first = start_ws_tracker()
    viewer = look_at(first)
    viewer.wait_to_see(has_peers(0), "a tracker")
    first.stop_cleanly()
    viewer.wait_to_see(lambda sight: sight["state"] == "no connection", "that it is gone")
    host, port = first.address
    second = start_ws_tracker({"network": {"address_ipv4": f"{host}:{port}"}})
    viewer.wait_to_see(has_peers(0), "the next tracker")
    with second.peer() as peer:
        peer.announce()
        viewer.wait_to_see(has_peers(1), "its peer")


def test_the_metrics_address_shows_it_too(start_http_tracker, look_at):
    """Apart from the tracker's own port, with what is not for everybody."""
    tracker = start_http_tracker({"metrics": {
        "run_prometheus_endpoint": True, "prometheus_endpoint_address": "127.0.0.1:0",
        "name_torrents": True}})
    url = tracker.wait_for(lambda: list(filter(None, map(_PAGE_URL.match, tracker.stdout))),
                           "the address of the page")[0]
    address = ("127.0.0.1", int(url["port"]))
    info_hash = random_info_hash()
    with tracker.client() as client:
        client.announce(info_hash, left=0)
    viewer = look_at(tracker, address=address)
    # The charts come from elsewhere, and later.
    sight = viewer.wait_to_see(
        lambda seen: has_peers(1)(seen) and any(label.startswith("Peers: IPv4 1")
                                                for label in seen["charts"]), "a peer")
    assert sight["version"]
    with Client(address) as stream:
        wait_until(lambda: info_hash.hex().upper().encode() in stream.get(
            "/stats?mode=top10").body, "the torrent among the ten largest")
        assert stream.get("/stats?mode=peer").body == (
            b"1\n1\nopentracker serving 1 torrents\nopentracker")
        assert stream.get("/stats?mode=tpbs&format=txt").body == (
            info_hash.hex().upper().encode() + b":1:0\n")
        assert b"aquatic_peers" in stream.get("/metrics").body
    assert viewer.complaints() == []
    with tracker.client() as client:
        assert client.get("/stats").status == 404, "nor where nobody said so"
