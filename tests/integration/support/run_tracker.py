# SPDX-License-Identifier: Apache-2.0
"""`aquatic run` as a process under test: every protocol on one port."""

import functools
import json
import re
import socket
import urllib.request

from support import bep15, http_client, machine, tracker
from support.signalling import Peer, random_id
from support.waiting import DEADLINE_S
from support.websocket import WebSocket

PROGRAM = "aquatic"
run_to_end = functools.partial(tracker.run_to_end, PROGRAM)
_URL = re.compile(r"^(?P<scheme>udp|https?|wss?)://"
                  r"(?:\[(?P<v6>[^\]]+)\]|(?P<v4>[0-9.]+)):(?P<port>\d+)(?P<path>/\S*)?$")


def base_config(certificates=None):
    """Both loopback addresses; ports chosen by the system, those of the status pages too."""
    network = {
        "use_ipv4": True,
        "use_ipv6": not machine.no_ipv6(),
        "address_ipv4": "127.0.0.1:0",
        "address_ipv6": "[::1]:0",
    }
    if certificates:
        network |= {"enable_tls": True, "tls_certificate_path": certificates.certificate,
                    "tls_private_key_path": certificates.key}
    return {"socket_workers": 2, "log_level": "info", "network": network,
            "metrics": {"prometheus_endpoint_address": "127.0.0.1:0"}}


class RunTracker(tracker.Tracker):
    program = PROGRAM

    def __init__(self, folder, config, certificates=None, **how):
        self.certificates = certificates
        super().__init__(folder, config, **how)

    def urls(self):
        """What it printed, as (scheme, host, port, path)."""
        matches = filter(None, map(_URL.match, self.stdout))
        return [(match["scheme"], match["v4"] or match["v6"], int(match["port"]), match["path"])
                for match in matches]

    def address(self, scheme="udp", family=socket.AF_INET):
        """Where it serves this scheme."""
        is_v6 = family == socket.AF_INET6
        return next((host, port) for name, host, port, path in self.urls()
                    if name == scheme and (":" in host) == is_v6 and
                    path not in ("/stats", "/metrics"))

    def announce_url(self, scheme, host="127.0.0.1"):
        _, port = self.address(scheme)
        return f"{scheme}://{host}:{port}{'' if scheme.startswith('ws') else '/announce'}"

    @property
    def status_address(self):
        return next((host, port) for _, host, port, path in self.urls() if path == "/stats")

    # Clients, each of a scheme. `sock` is a socket that is not connected yet, for another network.

    def udp(self, family=socket.AF_INET):
        return bep15.Client(self.address("udp", family))

    def http(self, scheme="http", family=socket.AF_INET, **how):
        tls = self.certificates.context() if scheme == "https" else None
        return http_client.Client(self.address(scheme, family), tls=tls, **how)

    def ws(self, scheme="ws", **how):
        tls = self.certificates.context() if scheme == "wss" else None
        return WebSocket(self.address(scheme), tls=tls, **how)

    def peer(self, scheme="ws", info_hash=None, **how):
        return Peer(self.ws(scheme, **how), info_hash or random_id(), None)

    def page(self, path, network=None):
        """The body of a status page."""
        host, port = self.status_address
        request = f"GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode()
        opened = network.socket(socket.AF_INET, socket.SOCK_STREAM) if network else socket.socket()
        with opened as connection:
            connection.settimeout(DEADLINE_S)
            connection.connect((host, port))
            connection.sendall(request)
            response = b"".join(iter(lambda: connection.recv(65536), b""))
        head, _, body = response.partition(b"\r\n\r\n")
        assert head.split()[1] == b"200", head
        return body.decode()

    def figures(self, network=None):
        return json.loads(self.page("/stats.json", network))
