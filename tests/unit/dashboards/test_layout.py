import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest

from dashboards.drawing import drawn
from dashboards.grafana import rendered
from dashboards.layout import Dashboard, Place, Row, placed, row
from dashboards.links import to_dashboard, to_logs, to_traces
from dashboards.panels import Panel, Query, falling, heatmap, logs, node_graph, rising, stat, table, timeseries

ASKED = Query(expression="sum(kube_pod_info)", legend="Pods")


def panel(title: str, width: int, height: int) -> Panel:
    return stat(title, ASKED, unit="short", description="Something that matters.", width=width, height=height)


def dashboard(*rows: Row) -> Dashboard:
    return Dashboard(uid="gw-test", title="Test", folder="Tests", description="A test.", tags=(), rows=rows)


def model(*rows: Row) -> dict[str, Any]:
    return json.loads(rendered(dashboard(*rows), {}))


def only(shown: Panel) -> dict[str, Any]:
    (found,) = (one for one in model(row("Row", shown))["panels"] if one["type"] != "row")
    return found


def test_panels_stand_left_to_right_and_wrap_below_the_tallest():
    (first, second) = placed(
        dashboard(row("One", panel("a", 16, 4), panel("b", 8, 6), panel("c", 12, 4)), row("Two", panel("d", 24, 3)))
    )

    assert [place for _, place in first.panels] == [
        Place(x=0, y=1, width=16, height=4),
        Place(x=16, y=1, width=8, height=6),
        Place(x=0, y=7, width=12, height=4),
    ]
    assert second.place == Place(x=0, y=11, width=24, height=1)
    assert [place for _, place in second.panels] == [Place(x=0, y=12, width=24, height=3)]


@pytest.mark.parametrize(
    ("other", "overlaps"),
    [
        (Place(x=4, y=0, width=4, height=4), False),
        (Place(x=0, y=4, width=4, height=4), False),
        (Place(x=3, y=3, width=4, height=4), True),
        (Place(x=1, y=1, width=1, height=1), True),
    ],
)
def test_places_that_only_touch_do_not_overlap(other: Place, overlaps: bool):
    place = Place(x=0, y=0, width=4, height=4)

    assert (place.overlaps(other), other.overlaps(place)) == (overlaps, overlaps)


def test_a_folded_row_keeps_its_panels_inside():
    folded = replace(row("Folded", panel("a", 4, 4)), collapsed=True)

    (heading,) = model(folded)["panels"]

    assert (heading["collapsed"], [one["title"] for one in heading["panels"]]) == (True, ["a"])


def test_thresholds_of_one_value_are_one_color():
    colors = [[(step.value, step.color) for step in steps] for steps in (
        rising(warning=1, critical=2), rising(warning=1, critical=1), falling(warning=2, critical=1),
    )]  # fmt: skip

    assert colors == [
        [(None, "green"), (1, "orange"), (2, "red")],
        [(None, "green"), (1, "red")],
        [(None, "red"), (1, "orange"), (2, "green")],
    ]


def test_a_table_joins_its_queries_and_shows_the_chosen_columns_in_order():
    two = Query(
        expression="sum by (pod) (kube_pod_created)", legend="Age", unit="s", thresholds=rising(warning=1, critical=2)
    )
    one = Query(expression="sum by (pod) (kube_pod_info)", legend="Number")
    shown = only(table("T", one, two, columns={"pod": "Pod"}, unit="short", description="Pods.", sort_by="Age"))

    assert [target["format"] for target in shown["targets"]] == ["table", "table"]
    merge, chosen, arranged = shown["transformations"]
    assert merge["id"] == "merge"
    assert chosen["options"]["include"]["names"] == ["pod", "Value #A", "Value #B"]
    assert arranged["options"]["renameByName"] == {"pod": "Pod", "Value #A": "Number", "Value #B": "Age"}
    (override,) = shown["fieldConfig"]["overrides"]
    assert override["matcher"]["options"] == "Age"
    assert shown["options"]["sortBy"] == [{"displayName": "Age", "desc": True}]


@pytest.mark.parametrize(("source", "value"), [("prometheus", "Value"), ("loki", "Value #A")])
def test_a_table_of_one_query_knows_how_its_source_calls_the_value(source: Any, value: str):
    expression = "sum by (pod) (kube_pod_info)" if source == "prometheus" else 'sum by (pod) (rate({app="a"}[5m]))'
    query = Query(expression=expression, legend="Number")

    shown = only(table("T", query, columns={"pod": "Pod"}, unit="short", description="Pods.", source=source))

    assert shown["transformations"][1]["options"]["include"]["names"] == ["pod", value]
    instant = shown["targets"][0].get("instant") or shown["targets"][0]["queryType"] == "instant"
    assert instant is True


def test_a_node_graph_names_its_tables_and_their_values():
    nodes = Query(expression='label_replace(kube_pod_info, "id", "$1", "pod", "(.*)")')
    shown = only(node_graph("G", nodes=nodes, edges=nodes, unit="reqps", description="Who calls whom."))

    assert [target["refId"] for target in shown["targets"]] == ["nodes", "edges"]
    assert shown["transformations"][0]["options"]["renamePattern"] == "mainstat"


def test_a_heatmap_reads_buckets_and_counts_in_its_cells():
    query = Query(expression="sum by (le) (rate(kong_request_latency_ms_bucket[5m]))")
    shown = only(heatmap("H", query, unit="ms", description="How long."))

    assert (shown["targets"][0]["format"], shown["options"]["calculate"]) == ("heatmap", False)
    assert (shown["options"]["yAxis"]["unit"], shown["options"]["cellValues"]["unit"]) == ("ms", "reqps")


def test_exemplars_are_asked_for_where_they_are_wanted():
    shown = only(timeseries("T", replace(ASKED, exemplars=True), ASKED, unit="ms", description="How long."))

    assert [target["exemplar"] for target in shown["targets"]] == [True, False]


def test_logs_are_asked_for_newest_first_and_not_scoped():
    query = Query(expression='{app="a"}')
    (target,) = only(logs("L", query, description="Lines."))["targets"]

    assert (target["expr"], target["direction"], target["maxLines"]) == ('{app="a"}', "backward", 500)


def test_a_link_keeps_time_and_sets_variables():
    link = to_dashboard("gw-gateway", "Gateway", upstream="${__field.labels.service}")

    assert link.url == "/d/gw-gateway?${__url_time_range}&var-upstream=${__field.labels.service}"


@pytest.mark.parametrize(
    ("link", "source", "query"),
    [
        (to_traces("todo"), "jaeger", {"queryType": "search", "service": "todo"}),
        (to_logs("todo", "backend"), "loki", {"expr": '{namespace="todo",app=~"backend"}'}),
    ],
)
def test_a_link_to_explore_holds_its_query(link: Any, source: str, query: dict[str, str]):
    (pane,) = json.loads(parse_qs(urlsplit(link.url).query)["panes"][0]).values()

    assert pane["datasource"] == source
    assert pane["queries"] == [{"refId": "A", "datasource": {"type": source, "uid": source}, **query}]


def test_grafana_still_finds_its_variables_in_a_link_to_explore():
    assert "${__field.labels.namespace}" in to_logs().url
    assert "${__from}" in to_traces().url


def test_a_drawing_is_well_formed_and_shows_every_panel():
    one = dashboard(row("<Row>", panel("a & b", 4, 4), panel("c", 20, 8)))
    text = drawn(one)

    root = ElementTree.fromstring(text)
    said = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"<Row>", "a & b", "c", "Tests / Test", "stat · short"} <= said
