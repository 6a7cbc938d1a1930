# SPDX-License-Identifier: Apache-2.0
"""A real Prometheus that scrapes one tracker, and promtool."""

import json
import math
import pathlib
import re
import subprocess
import time
import urllib.parse
import urllib.request

from support import machine
from support.process import Process
from support.waiting import DEADLINE_S, wait_until

_LISTENING = re.compile(r'msg="Listening on" address=(\S+)')
# Often, so that rates are known soon. It is also how long a scrape may take, and a second is enough
# on a machine that has other things to do.
_SCRAPE_INTERVAL = "1s"


def missing():
    """Why it cannot run here, or an empty text."""
    if machine.has("prometheus") and machine.has("promtool"):
        return ""
    return "not installed: prometheus"


def lint(text):
    """What promtool finds in a page of metrics: nothing, if it is well."""
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True,
                             text=True, timeout=DEADLINE_S)
    findings = checked.stdout + checked.stderr
    assert (checked.returncode == 0) == (findings == ""), checked
    return findings


class Prometheus(Process):
    """Scrapes `target` ("host:port"), and has done so a few times once the constructor returns."""

    def __init__(self, folder, target):
        folder = pathlib.Path(folder)
        config = folder / "prometheus.yml"
        config.write_text(f"""
global:
  scrape_interval: {_SCRAPE_INTERVAL}
scrape_configs:
  - job_name: aquatic
    static_configs:
      - targets: ["{target}"]
""")
        super().__init__(["prometheus", f"--config.file={config}",
                          f"--storage.tsdb.path={folder / 'prometheus'}",
                          "--web.listen-address=127.0.0.1:0"], cwd=folder)
        try:
            match = self.wait_for(lambda: _LISTENING.search(self.stderr.text), "its address")
            self.address = match[1]
            self.wait_for(lambda: self.stderr.matching("ready to receive web requests"),
                          "the word that it is ready")
            self.wait_for_scrapes()
        except AssertionError:
            self.kill()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def api(self, path, **parameters):
        """The data of an answer; AssertionError with what Prometheus says against the question."""
        url = f"http://{self.address}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=DEADLINE_S) as response:
                answer = json.load(response)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path} {parameters}: {error.read().decode()}") from error
        assert answer["status"] == "success", answer
        return answer["data"]

    def query(self, expression):
        """The series that an expression gives now, as (labels, value)."""
        result = self.api("query", query=expression)["result"]
        return [(series["metric"], float(series["value"][1])) for series in result]

    def query_range(self, expression, seconds, step_s):
        """The series of the last `seconds`, as (labels, values)."""
        now = time.time()
        result = self.api("query_range", query=expression, start=now - seconds, end=now,
                          step=step_s)["result"]
        return [(series["metric"], [float(value) for _, value in series["values"]])
                for series in result]

    def number(self, expression):
        """The value of an expression that gives one series; not a number if it gives none."""
        series = self.query(expression)
        assert len(series) <= 1, series
        return series[0][1] if series else math.nan

    def wait_for_number(self, expression, expected):
        wait_until(lambda: self.number(expression) == expected,
                   lambda: f"{expression} to be {expected}: {self.query(expression)}")

    def wait_for_scrapes(self, count=2):
        """Until that many more were successful."""
        def scraped():
            return self.number("sum(sum_over_time(up[1h]))")
        wait_until(lambda: not math.isnan(scraped()), "a scrape")
        wanted = scraped() + count
        wait_until(lambda: scraped() >= wanted, lambda: f"scrapes: {self.api('targets')}")
