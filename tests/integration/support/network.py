# SPDX-License-Identifier: Apache-2.0
"""Where a test's processes meet: the machine's own loopback, or one of their own.

A private network is a network namespace that has nothing but a loopback interface, with a few more
addresses on it. Nothing can leave it. transmission needs it for IPv6: it opens its IPv6 socket for
UDP only where it finds a global IPv6 address, and understands no [::1] in a URL, only host names.
"""

import ctypes
import pathlib
import shutil
import socket
import threading

from support.process import Process

# For documentation (RFC 5737, RFC 3849), so nobody's.
GLOBAL_IPV4 = "198.51.100.1"
SECOND_IPV4 = "198.51.100.2"
GLOBAL_IPV6 = "2001:db8:77::1"
SECOND_IPV6 = "2001:db8:77::2"
# Host names inside a private network (RFC 6761: nobody's, either).
HOST_NAMES = {"127.0.0.1": "tracker4.test", "::1": "tracker6.test"}
_CLONE_NEWNET = 0x40000000


class Unavailable(Exception):
    """This machine does not let us make a network."""


class HostLoopback:
    """The loopback interface that everybody on this machine shares."""

    def command(self, command):
        return list(command)

    def socket(self, family, kind=socket.SOCK_DGRAM):
        return socket.socket(family, kind)

    def close(self):
        pass


class PrivateNetwork:
    """A network namespace, kept alive by a child that waits in it, with its own /etc/hosts."""

    def __init__(self, folder):
        for tool in ("unshare", "nsenter", "ip"):
            if shutil.which(tool) is None:
                raise Unavailable(f"{tool} is not installed")
        hosts = pathlib.Path(folder) / "hosts"
        hosts.write_text("".join(f"{ip} {name}\n" for ip, name in HOST_NAMES.items()))
        setup = ["ip link set lo up",
                 f"ip addr add {GLOBAL_IPV4}/32 dev lo",
                 f"ip addr add {SECOND_IPV4}/32 dev lo",
                 f"ip -6 addr add {GLOBAL_IPV6}/128 dev lo nodad",
                 f"ip -6 addr add {SECOND_IPV6}/128 dev lo nodad",
                 f"ip -6 route add default dev lo",
                 f"mount --bind '{hosts}' /etc/hosts",
                 "echo ready",
                 "exec sleep 3600"]
        self._holder = Process(["unshare", "--net", "--mount", "sh", "-ec", "\n".join(setup)])
        try:
            self._holder.wait_for(lambda: len(self._holder.stdout), "the namespace being ready")
        except AssertionError:
            raise Unavailable(f"no network namespace: {self._holder.stderr.text}")

    def command(self, command):
        """`command`, to be run inside."""
        return ["nsenter", f"--target={self._holder.pid}", "--net", "--mount", "--", *command]

    def socket(self, family, kind=socket.SOCK_DGRAM):
        """A socket inside, for this process. It stays where the thread was that made it."""
        made = []
        thread = threading.Thread(target=lambda: made.append(self._enter_and_open(family, kind)))
        thread.start()
        thread.join()
        return made[0]

    def _enter_and_open(self, family, kind):
        libc = ctypes.CDLL(None, use_errno=True)
        with open(f"/proc/{self._holder.pid}/ns/net") as namespace:
            if libc.setns(namespace.fileno(), _CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
        return socket.socket(family, kind)

    def close(self):
        self._holder.kill()
