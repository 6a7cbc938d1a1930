# SPDX-License-Identifier: Apache-2.0
"""aquatic_http as a process under test."""

import functools
import socket

from support import machine, tracker
from support.http_client import Client
from support.waiting import DEADLINE_S

PROGRAM = "aquatic_http"
run_to_end = functools.partial(tracker.run_to_end, PROGRAM)


def base_config(certificates=None):
    """Both loopback addresses, ports chosen by the system, one worker; HTTPS with certificates."""
    network = {
        "use_ipv4": True,
        "use_ipv6": not machine.no_ipv6(),
        "address_ipv4": "127.0.0.1:0",
        "address_ipv6": "[::1]:0",
    }
    if certificates:
        network |= {"enable_tls": True, "tls_certificate_path": certificates.certificate,
                    "tls_private_key_path": certificates.key}
    return {"socket_workers": 1, "log_level": "info", "network": network}


class HttpTracker(tracker.Tracker):
    program = PROGRAM
    report_sections = {**tracker.Tracker.report_sections, "connections": "idle/s"}
    report_title = "HTTP"

    def __init__(self, folder, config, certificates=None, **how):
        self.context = certificates and certificates.context()
        super().__init__(folder, config, **how)

    def client(self, family=socket.AF_INET, source=None, **how):
        """A client connected to it: with TLS one that trusts its authority."""
        return Client(self.listening[family], source, **{"tls": self.context, **how})

    def counted(self, name, section="connections"):
        """How often something was counted until now, by the rates in the reports: roughly."""
        interval_s = self.config["statistics"]["interval"]
        return sum(report[name] * interval_s for report in self.reports(section))

    def wait_for_report(self, condition, what, section="connections", deadline_s=DEADLINE_S):
        """Waits for a report that has yet to come and of which the condition is true."""
        before = len(self.reports(section))
        return self.wait_for(lambda: [report for report in self.reports(section)[before:]
                                      if condition(report)], what, deadline_s)
