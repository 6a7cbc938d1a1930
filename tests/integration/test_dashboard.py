# SPDX-License-Identifier: Apache-2.0
"""The dashboard for Grafana asks a real Prometheus for what there is.

The metrics are those of tests/server/status/example_metrics.txt, which has every one.
"""

import itertools
import json
import math
import pathlib
import re

import pytest

from support import machine, prometheus
from support.metrics_stand_in import MetricsStandIn
from support.prometheus import Prometheus
from support.waiting import wait_until

machine.skip_if(prometheus.missing())

_REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
_METRICS = (_REPOSITORY / "tests/server/status/example_metrics.txt").read_text()
_DASHBOARD = json.loads((_REPOSITORY / "packaging/grafana/aquatic.json").read_text())
_PANELS = [panel for panel in _DASHBOARD["panels"] if panel["type"] != "row"]
_TARGETS = [pytest.param(panel, target, id=f"{panel['title']}, {target['refId']}")
            for panel in _PANELS for target in panel["targets"]]
_ANNOTATIONS = _DASHBOARD["annotations"]["list"]
_DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
_COLUMNS = 24
# Under the names of the Rust tracker: the dashboard asks for the same with `_total`.
_OLD_NAMES = {"aquatic_rx_bytes", "aquatic_tx_bytes"}


@pytest.fixture(scope="module")
def scraped(tmp_path_factory):
    """A stand-in for a tracker, and a Prometheus that scrapes it."""
    with (MetricsStandIn(_METRICS) as stand_in,
          Prometheus(tmp_path_factory.mktemp("prometheus"), stand_in.target) as server):
        yield server


def filled_in(expression, server):
    """As Grafana does it with "All" chosen, and over half a minute."""
    instances = "|".join(labels["instance"] for labels, _ in server.query("aquatic_build_info"))
    for variable, value in [("$__rate_interval", "30s"), ("$__range", "30s"),
                            ("$instance", instances)]:
        expression = expression.replace(variable, value)
    assert "$" not in expression
    return expression


@pytest.mark.parametrize("panel, target", _TARGETS)
def test_query_has_a_result(scraped, panel, target):
    """Each query parses, gives series with numbers, and with all labels that its legend names."""
    expression = filled_in(target["expr"], scraped)
    wait_until(lambda: scraped.query(expression), f"a result of {expression}")
    series = scraped.query(expression)
    assert all(math.isfinite(value) for _, value in series), series
    for label in re.findall(r"{{(\w+)}}", target["legendFormat"]):
        assert all(label in labels for labels, _ in series), series
    # What nothing tells apart would be drawn under one name.
    assert "{{" in target["legendFormat"] or len(series) == 1, series


@pytest.mark.parametrize("annotation", _ANNOTATIONS, ids=lambda annotation: annotation["name"])
def test_annotation_has_a_result(scraped, annotation):
    assert scraped.query(filled_in(annotation["target"]["expr"], scraped))


def test_instances_are_found(scraped):
    """The query behind the choice of a tracker, in Grafana's words and in Prometheus's."""
    variable, = [made for made in _DASHBOARD["templating"]["list"] if made["name"] == "instance"]
    metric, label = re.fullmatch(r"label_values\((\w+), (\w+)\)",
                                 variable["query"]["query"]).groups()
    assert scraped.api(f"label/{label}/values", **{"match[]": metric})
    # Without a value of its own, "All" is what this query has found: trackers, and not every
    # process that the same Prometheus scrapes.
    assert variable["includeAll"] and "allValue" not in variable


def test_every_metric_is_shown():
    families = set(re.findall(r"# TYPE (\S+)", _METRICS)) - _OLD_NAMES
    expressions = " ".join(target["expr"] for panel in _PANELS for target in panel["targets"])
    assert {name for name in families if name not in expressions} == set()


def test_panels_are_told_apart():
    ids = [panel["id"] for panel in _DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    for panel in _PANELS:
        assert panel["title"] and panel["description"], panel
        assert panel["fieldConfig"]["defaults"]["unit"], panel
        references = [target["refId"] for target in panel["targets"]]
        assert len(references) == len(set(references)), panel


def test_every_query_is_of_the_chosen_data_source():
    for panel in _PANELS:
        assert panel["datasource"] == _DATASOURCE, panel
        assert all(target["datasource"] == _DATASOURCE for target in panel["targets"]), panel
    assert all(annotation["datasource"] == _DATASOURCE for annotation in _ANNOTATIONS)


def test_every_query_is_of_the_chosen_tracker():
    for panel in _PANELS:
        for target in panel["targets"]:
            metrics = re.findall(r"\b(?:aquatic|process)_\w+(.*?})", target["expr"])
            assert metrics and all('{instance=~"$instance"' in part for part in metrics), target


def test_panels_do_not_overlap():
    def columns(place):
        return range(place["x"], place["x"] + place["w"])

    def rows(place):
        return range(place["y"], place["y"] + place["h"])

    places = [panel["gridPos"] for panel in _DASHBOARD["panels"]]
    assert all(0 <= place["x"] and columns(place)[-1] < _COLUMNS for place in places)
    for one, other in itertools.combinations(places, 2):
        assert not (set(columns(one)) & set(columns(other)) and set(rows(one)) & set(rows(other)))
