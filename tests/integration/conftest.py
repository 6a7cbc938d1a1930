# SPDX-License-Identifier: Apache-2.0
"""Fixtures that every integration test can ask for."""

import pathlib
import shutil
import socket
import tempfile

import pytest

from support import machine, ws_tracker
from support.tracker import Tracker, base_config, executable, merged


def pytest_sessionstart(session):
    if not executable().exists():
        raise pytest.UsageError(f"no executable at {executable()}: build it, or set "
                                "AQUATIC_BINARY_DIR to the folder that it is in")


@pytest.fixture(scope="session", params=["mmsg", "io_uring"])
def io_backend(request):
    """Each way to move datagrams."""
    if request.param == "io_uring":
        machine.skip_if(machine.no_io_uring())
    return request.param


@pytest.fixture(params=[socket.AF_INET, socket.AF_INET6], ids=["ipv4", "ipv6"])
def family(request):
    """Each address family."""
    if request.param == socket.AF_INET6:
        machine.skip_if(machine.no_ipv6())
    return request.param


class Starter:
    """Starts trackers and, at the end, stops those that still run and looks how they ended."""

    def __init__(self):
        self._running = []
        self._folders = []

    def folder(self):
        """A new folder that the tracker can read whatever user it becomes."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix="aquatic-"))
        folder.chmod(0o755)
        self._folders.append(folder)
        return folder

    def __call__(self, changes=None, io_backend="mmsg", folder=None, **how):
        config = merged(base_config(io_backend), changes or {})
        tracker = Tracker(folder or self.folder(), config, **how)
        self._running.append(tracker)
        return tracker

    def stop_all(self):
        try:
            for tracker in self._running:
                if tracker.exit_code is None:
                    tracker.stop_cleanly()
                tracker.check_sanitizers()
        finally:
            for tracker in self._running:
                tracker.kill()
            for folder in self._folders:
                shutil.rmtree(folder)


@pytest.fixture
def start_tracker():
    """start_tracker(changes to the configuration, io_backend) → a Tracker that serves."""
    starter = Starter()
    yield starter
    starter.stop_all()


@pytest.fixture(scope="module")
def tracker(io_backend):
    """One tracker that a module's tests share; each uses info hashes of its own."""
    starter = Starter()
    tracker = starter({"protocol": {"max_response_peers": 30, "peer_announce_interval": 321}},
                      io_backend)
    assert tracker.uses_io_uring() == (io_backend == "io_uring"), tracker.describe()
    yield tracker
    starter.stop_all()


@pytest.fixture
def client(tracker, family):
    """A client of the shared tracker over each family."""
    with tracker.client(family) as made:
        yield made


class WsStarter(Starter):
    """The same for WebTorrent trackers: the one place that decides which."""

    def __call__(self, changes=None, folder=None, network=None, **how):
        machine.skip_if(ws_tracker.missing())
        config = merged(ws_tracker.base_config(**how), changes or {})
        tracker = ws_tracker.start(folder or self.folder(), config, network)
        self._running.append(tracker)
        return tracker


@pytest.fixture(scope="module")
def ws_starter():
    """start_ws_tracker for what a whole module shares."""
    starter = WsStarter()
    yield starter
    starter.stop_all()


@pytest.fixture
def start_ws_tracker():
    """start_ws_tracker(changes to the configuration, workers, certificates, network) → a WebTorrent
    tracker that serves."""
    starter = WsStarter()
    yield starter
    starter.stop_all()


@pytest.fixture(scope="module", params=[1, 2], ids=["one_worker", "two_workers"])
def shared_ws_tracker(request, ws_starter):
    """One that a module's tests share; each uses info hashes of its own."""
    return ws_starter(workers=request.param)
