# SPDX-License-Identifier: Apache-2.0
"""aquatic_udp as a process under test."""

import functools
import os

from support import machine, tracker
from support.bep15 import Client

PROGRAM = "aquatic_udp"
run_to_end = functools.partial(tracker.run_to_end, PROGRAM)


def base_config(io_backend="mmsg"):
    """Both loopback addresses, ports chosen by the system, one worker, so that order is kept."""
    return {
        "socket_workers": 1,
        "log_level": "info",
        "network": {
            "use_ipv4": True,
            "use_ipv6": not machine.no_ipv6(),
            "address_ipv4": "127.0.0.1:0",
            "address_ipv6": "[::1]:0",
            "io_backend": io_backend,
        },
    }


class UdpTracker(tracker.Tracker):
    program = PROGRAM

    def client(self, family, source=None):
        return Client(self.listening[family], source)

    def uses_io_uring(self):
        """What the kernel says, whatever the log says."""
        for entry in os.scandir(f"/proc/{self.pid}/fd"):
            try:
                if "io_uring" in os.readlink(entry.path):
                    return True
            except FileNotFoundError:  # Closed since it was listed.
                pass
        return False
