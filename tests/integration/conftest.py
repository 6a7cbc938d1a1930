# SPDX-License-Identifier: Apache-2.0
"""Fixtures that every integration test can ask for."""

import pathlib
import shutil
import socket
import tempfile

import pytest

from support import http_tracker as http
from support import machine, run_tracker, udp_tracker, ws_tracker
from support.certificates import Authority
from support.tracker import executable, merged
from support.udp_tracker import UdpTracker


def pytest_sessionstart(session):
    for program in (udp_tracker.PROGRAM, http.PROGRAM):
        if not executable(program).exists():
            raise pytest.UsageError(f"no executable at {executable(program)}: build it, or set "
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

    def start(self, kind, config, folder, **how):
        tracker = kind(folder or self.folder(), config, **how)
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


class UdpStarter(Starter):
    def __call__(self, changes=None, io_backend="mmsg", folder=None, **how):
        config = merged(udp_tracker.base_config(io_backend), changes or {})
        return self.start(UdpTracker, config, folder, **how)


class HttpStarter(Starter):
    def __call__(self, changes=None, certificates=None, folder=None, **how):
        """With certificates, over TLS."""
        config = merged(http.base_config(certificates), changes or {})
        return self.start(http.HttpTracker, config, folder, certificates=certificates, **how)


class RunStarter(Starter):
    def __init__(self, certificates):
        super().__init__()
        self._certificates = certificates

    def __call__(self, changes=None, tls=True, folder=None, **how):
        certificates = self._certificates if tls else None
        config = merged(run_tracker.base_config(certificates), changes or {})
        return self.start(run_tracker.RunTracker, config, folder, certificates=certificates, **how)


@pytest.fixture
def start_tracker():
    """start_tracker(changes to the configuration, io_backend) → a UdpTracker that serves."""
    starter = UdpStarter()
    yield starter
    starter.stop_all()


@pytest.fixture
def start_http_tracker():
    """start_http_tracker(changes to the configuration, certificates) → an HttpTracker."""
    starter = HttpStarter()
    yield starter
    starter.stop_all()


@pytest.fixture(scope="session")
def authority():
    """A certificate authority, in a folder that everybody may read."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="aquatic-"))
    folder.chmod(0o755)
    yield Authority(folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def certificates(authority):
    """Those of most trackers."""
    return authority.issue()


@pytest.fixture
def start_run(certificates):
    """start_run(changes to the configuration) → a RunTracker with TLS that serves."""
    starter = RunStarter(certificates)
    yield starter
    starter.stop_all()


@pytest.fixture(scope="module")
def tracker(io_backend):
    """One tracker that a module's tests share; each uses info hashes of its own."""
    starter = UdpStarter()
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


@pytest.fixture(scope="module")
def start_shared_http_tracker():
    """The same for trackers that a module's tests share."""
    starter = HttpStarter()
    yield starter
    starter.stop_all()


@pytest.fixture(scope="module", params=["http", "https"])
def maybe_certificates(request):
    """Without TLS, and with it."""
    return request.getfixturevalue("certificates") if request.param == "https" else None


@pytest.fixture(scope="module")
def http_tracker(start_shared_http_tracker, maybe_certificates):
    """One HTTP tracker that a module's tests share; each uses info hashes of its own."""
    return start_shared_http_tracker({"socket_workers": 2}, maybe_certificates)


@pytest.fixture
def http_client(http_tracker, family):
    """A client connected to it over each family."""
    with http_tracker.client(family) as made:
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
