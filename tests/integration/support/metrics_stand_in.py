# SPDX-License-Identifier: Apache-2.0
"""Serves metrics that no tracker has counted: those of a text, with counters that grow."""

import http.server
import re
import threading

_TYPE = re.compile(r"# TYPE (\S+) (\S+)")
_HISTOGRAM_PART = re.compile(r"_(bucket|sum|count)$")
_GAUGE = "gauge"


def grown(text, times):
    """The text with everything but its gauges multiplied."""
    types, lines = {}, []
    for line in text.splitlines():
        if match := _TYPE.match(line):
            types[match[1]] = match[2]
        if not line.startswith("#"):
            series, _, value = line.rpartition(" ")
            name = series.partition("{")[0]
            kind = types.get(name) or types[_HISTOGRAM_PART.sub("", name)]
            if kind != _GAUGE:
                line = f"{series} {float(value) * times:.17g}"
        lines.append(line)
    return "\n".join(lines) + "\n"


class MetricsStandIn:
    """Counters grow by the text's with each scrape."""

    def __init__(self, text):
        scrapes = iter(range(1, 1_000_000))

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = grown(text, next(scrapes)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Server(http.server.HTTPServer):
            def handle_error(self, *_):
                pass  # Prometheus has given up a scrape, and will come again.

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.target = "127.0.0.1:%d" % self._server.server_address[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
