"""The values of labels that the stand-ins have: sourced, used, and some for each label of each metric."""

import pytest

from rehearsal.live.cluster import APPLICATION
from rehearsal.live.exporters import targets
from rehearsal.live.identities import rows
from rehearsal.live.label_values import MOST, LabelValues, carried
from signals.exposed import FOLDER, Metric, metrics

EXPORTERS = sorted(path.stem for path in FOLDER.glob("*.json"))
LISTS = [(exporter, key) for exporter, labels in carried().closed.items() for key in labels]


def of_exporter(exporter: str) -> list[Metric]:
    return [one for named in metrics().values() for one in named if one.exporter == exporter]


@pytest.mark.parametrize(("exporter", "key"), LISTS, ids=[f"{exporter}-{key}" for exporter, key in LISTS])
def test_a_list_of_values_has_a_source_and_belongs_to_a_label_that_there_is(exporter: str, key: str):
    one = carried().closed[exporter][key]
    metric, _, label = key.rpartition(":")
    having = [
        found
        for name in (EXPORTERS if exporter == "*" else [exporter])
        for found in of_exporter(name)
        if label in found.labels and metric in ("", found.name)
    ]

    assert one["source"]
    assert len(one["values"]) == len(set(one["values"])) > 0
    assert having


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_every_label_of_every_metric_names_something_of_the_cluster_or_has_values(exporter: str):
    unknown: set[tuple[str, str]] = set()
    own = {label for target in targets(exporter) for label in target.own}
    for metric in of_exporter(exporter):
        named = set().union(*rows(exporter, metric.labels, {}))
        rest = metric.labels - named - own
        unknown |= {
            (metric.name, label)
            for label in rest
            if not carried().is_covered(exporter, metric.name, metric.labels, label)
        }

    assert unknown == set()


def test_values_are_combined_as_long_as_there_are_few():
    values = LabelValues(closed={"a": {"x": {"values": ["1", "2"]}, "y": {"values": ["3", "4"]}}}, together={}, open={})

    found = values.combinations("a", "metric", frozenset({"x", "y"}))

    assert found == [{"x": "1", "y": "3"}, {"x": "1", "y": "4"}, {"x": "2", "y": "3"}, {"x": "2", "y": "4"}]


def test_every_value_appears_where_there_are_many():
    letters, numbers = [f"l{n}" for n in range(9)], [f"n{n}" for n in range(10)]
    values = LabelValues(closed={"a": {"x": {"values": letters}, "y": {"values": numbers}}}, together={}, open={})

    found = values.combinations("a", "metric", frozenset({"x", "y"}))

    assert len(found) <= MOST
    assert {one["x"] for one in found} == set(letters)
    assert {one["y"] for one in found} == set(numbers)


def test_values_that_belong_together_stay_together():
    found = carried().combinations(
        "kube-state-metrics", "kube_node_status_allocatable", frozenset({"resource", "unit"})
    )

    assert {"resource": "cpu", "unit": "core"} in found
    assert {"resource": "cpu", "unit": "byte"} not in found


def test_a_metric_of_pods_is_about_each_pod_with_the_node_that_it_runs_on():
    found = rows("kube-state-metrics", frozenset({"namespace", "pod", "node"}), {})

    assert len({(row["namespace"], row["pod"]) for row in found}) == len(found)
    assert {row["namespace"] for row in found} >= {APPLICATION, "monitoring", "logging"}


def test_the_kubelet_tells_of_its_own_pods_alone():
    labels = frozenset({"namespace", "pod", "container"})
    everywhere = rows("cadvisor", labels, {})

    by_node = [rows("cadvisor", labels, target.own) for target in targets("cadvisor")]

    assert all(0 < len(found) < len(everywhere) for found in by_node)
    assert sum(len(found) for found in by_node) == len(everywhere)
