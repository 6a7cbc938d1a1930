# SPDX-License-Identifier: Apache-2.0
"""The service manager's side of systemd's two protocols, from their specifications: sd_notify(3)
and sd_listen_fds(3)."""

import errno
import pathlib
import socket
import struct
import sys

from support import machine
from support.waiting import DEADLINE_S

_WITH_SOCKETS = pathlib.Path(__file__).with_name("with_sockets.py")
_MAX_MESSAGE = 4096
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid.
_BACKLOG = 128
_PORT_ATTEMPTS = 16
LOOPBACK = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}


class Notifications:
    """What the processes that know `name` tell; a name that begins with @ is not in the file
    system."""

    def __init__(self, name):
        self.name = str(name)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        # As systemd, which believes only those whom it has started.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket.bind(self.name.replace("@", "\0", 1))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def receive(self, timeout_s=DEADLINE_S):
        """The next message: name → value, with the sender's `pid`."""
        self._socket.settimeout(timeout_s)
        message, ancillary, _, _ = self._socket.recvmsg(
            _MAX_MESSAGE, socket.CMSG_SPACE(_CREDENTIALS.size))
        fields = dict(line.split("=", 1) for line in message.decode().split("\n"))
        fields["pid"] = _CREDENTIALS.unpack(ancillary[0][2])[0]
        return fields

    def so_far(self):
        """Those that have come and were not received yet."""
        messages = []
        while True:
            try:
                messages.append(self.receive(0))
            except BlockingIOError:
                return messages


def open_tcp(family, port=0):
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((LOOPBACK[family], port))
    made.listen(_BACKLOG)
    return made


def open_udp(family, port=0):
    made = socket.socket(family, socket.SOCK_DGRAM)
    made.bind((LOOPBACK[family], port))
    return made


def open_pair(family):
    """A TCP and a UDP socket of one port."""
    for _ in range(_PORT_ATTEMPTS):
        tcp = open_tcp(family)
        try:
            return tcp, open_udp(family, tcp.getsockname()[1])
        except OSError as error:
            tcp.close()
            if error.errno != errno.EADDRINUSE:
                raise
    raise AssertionError("no port that is free for both")


def handing_over(sockets, **lies):
    """How a process is started with these: name → socket. `lies`: see with_sockets.py."""
    options = [f"--{name}={value}" for name, value in lies.items()]
    named = [f"{name}={made.fileno()}" for name, made in sockets.items()]
    return {"wrapper": [sys.executable, _WITH_SOCKETS, *options, *named, "--"],
            "pass_fds": [made.fileno() for made in sockets.values()]}


class SocketUnit:
    """All that `aquatic run` listens on, opened before it and open as long as this lives."""

    def __init__(self):
        families = [socket.AF_INET] + ([] if machine.no_ipv6() else [socket.AF_INET6])
        self.sockets = {"status": open_tcp(socket.AF_INET)}
        self._addresses = {}
        for family in families:
            tcp, udp = open_pair(family)
            version = 4 if family == socket.AF_INET else 6
            self.sockets |= {f"tcp{version}": tcp, f"udp{version}": udp}
            self._addresses[family] = tcp.getsockname()[:2]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for made in self.sockets.values():
            made.close()

    @property
    def families(self):
        return list(self._addresses)

    def address(self, family):
        return self._addresses[family]

    def config(self):
        """The changes to a configuration that make it listen on these."""
        network = {}
        for family, (host, port) in self._addresses.items():
            is_v6 = family == socket.AF_INET6
            key = "address_ipv6" if is_v6 else "address_ipv4"
            network[key] = f"[{host}]:{port}" if is_v6 else f"{host}:{port}"
        host, port = self.sockets["status"].getsockname()
        return {"network": network, "metrics": {"prometheus_endpoint_address": f"{host}:{port}"}}

    def handing_over(self, without=()):
        return handing_over({name: made for name, made in self.sockets.items()
                             if name not in without})
