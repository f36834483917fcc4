import json
import re
import subprocess
from pathlib import Path
from typing import Any, get_args
from urllib.parse import parse_qs, unquote, urlsplit

import promql_parser
import pytest

from components.platform.data_sources import data_sources
from dashboards.__main__ import DRAWN, FOLDERS, RENDERED, TEMPLATES, files
from dashboards.catalogue import TOPICS, dashboards, templates
from dashboards.layout import COLUMNS, TAG, Dashboard, Place, placed
from dashboards.panels import Source, Unit
from dashboards.scope import MATCHER, scoped
from dashboards.variables import Variable
from signals import logql
from signals.expressions import selectors, without_variables
from signals.promql import problems
from tests.programs import program

ALL = {one.uid: one for one in dashboards()}
OF_WORKLOADS = {one.uid: one for one in templates().values()}
RENDERED_AT = {
    **{uid: RENDERED / f"{uid}.json" for uid in ALL},
    **{one.uid: TEMPLATES / f"{name}.json" for name, one in templates().items()},
}
EACH = pytest.mark.parametrize("dashboard", [*ALL.values(), *OF_WORKLOADS.values()], ids=[*ALL, *OF_WORKLOADS])
MOST_BYTES = 200_000
OF_GRAFANA = {"__rate_interval", "__interval", "__range", "__range_s", "__from", "__to", "__url_time_range", "__auto"}


def model(dashboard: Dashboard) -> dict[str, Any]:
    return json.loads(RENDERED_AT[dashboard.uid].read_text(encoding="utf-8"))


def panels(dashboard: Dashboard) -> list[dict[str, Any]]:
    """Every panel as it is deployed, those of folded rows included, rows themselves left out."""
    found = [(panel, *panel.get("panels", [])) for panel in model(dashboard)["panels"]]
    return [panel for group in found for panel in group if panel["type"] != "row"]


def targets(dashboard: Dashboard, source: str) -> list[tuple[str, str]]:
    return [
        (panel["title"], target["expr"])
        for panel in panels(dashboard)
        for target in panel["targets"]
        if target["datasource"]["uid"] == source
    ]


def test_every_topic_is_in_the_catalogue():
    def topics(folder: str) -> list[str]:
        return sorted(path.stem for path in Path(folder).glob("*.py") if "\nDASHBOARD = " in path.read_text())

    assert topics("dashboards") == sorted(TOPICS)
    assert topics("dashboards/workload") == sorted(name.replace("-", "_") for name in templates())


def test_what_is_written_is_what_the_code_says():
    paths = (FOLDERS, *(path for path in RENDERED.rglob("*") if path.is_file()), *DRAWN.glob("*"))
    written = {path: path.read_text(encoding="utf-8") for path in paths}

    assert {str(path) for path in written} == {str(path) for path in files()}
    assert [str(path) for path, text in files().items() if written[path] != text] == []


def test_uids_and_titles_are_unique():
    assert len(ALL) == len(TOPICS)
    assert len({one.title for one in ALL.values()}) == len(TOPICS)
    assert not {*ALL} & {*OF_WORKLOADS}
    assert [uid for uid in (*ALL, *OF_WORKLOADS) if not re.fullmatch(r"gw-[a-z0-9-]{2,37}", uid)] == []


@EACH
def test_is_small_enough_for_its_config_map(dashboard: Dashboard):
    assert len(RENDERED_AT[dashboard.uid].read_bytes()) < MOST_BYTES


@EACH
def test_every_panel_says_what_it_means_and_in_which_unit(dashboard: Dashboard):
    for panel in panels(dashboard):
        assert len(panel["description"]) >= 20, panel["title"]
        assert panel["description"].endswith((".", "?")), panel["title"]
        if panel["type"] != "logs":
            assert _of_values(panel)["unit"] in get_args(Unit), panel["title"]
        assert panel["datasource"]["uid"] in get_args(Source), panel["title"]
        assert panel["targets"], panel["title"]


@EACH
def test_asks_data_sources_that_are_provisioned(dashboard: Dashboard):
    provisioned = {source["uid"]: source["type"] for source in data_sources()}
    deployed = model(dashboard)
    asking = [*panels(dashboard), *_annotations(dashboard), *deployed["templating"]["list"]]
    asked = [one["datasource"] for one in asking if "datasource" in one]
    asked += [target["datasource"] for panel in panels(dashboard) for target in panel["targets"]]

    assert [source for source in asked if provisioned.get(source["uid"]) != source["type"]] == []


@EACH
def test_titles_of_panels_are_unique(dashboard: Dashboard):
    titles = [panel.title for panel in dashboard.panels]

    assert sorted(titles) == sorted(set(titles))


@EACH
def test_panels_stand_within_the_grid_and_apart(dashboard: Dashboard):
    places = [place for row in placed(dashboard) for place in (row.place, *(place for _, place in row.panels))]

    assert [place for place in places if place.x < 0 or place.x + place.width > COLUMNS] == []
    for number, place in enumerate(places):
        assert [other for other in places[number + 1 :] if place.overlaps(other)] == []


@EACH
def test_stands_in_grafana_where_it_is_drawn(dashboard: Dashboard):
    deployed = {panel["title"]: Place(**_place(panel["gridPos"])) for panel in panels(dashboard)}

    assert deployed == {panel.title: place for row in placed(dashboard) for panel, place in row.panels}
    numbers = [panel["id"] for panel in panels(dashboard)]
    assert len(numbers) == len(set(numbers))


@EACH
def test_every_promql_query_asks_for_what_there_is(dashboard: Dashboard):
    asked = [*targets(dashboard, "prometheus"), *((one["name"], one["expr"]) for one in _annotations(dashboard))]

    assert [(title, query, found) for title, query in asked if (found := problems(query))] == []


@EACH
def test_every_variable_asks_for_what_there_is(dashboard: Dashboard):
    for variable in dashboard.variables:
        if isinstance(variable, Variable) and variable.source == "prometheus":
            found = re.fullmatch(r"label_values\((?P<series>.+), (?P<label>\w+)\)", variable.query)
            assert found, variable.query
            assert problems(f"sum by ({found['label']}) ({found['series']})") == []


@EACH
def test_every_logql_query_asks_for_what_there_is(dashboard: Dashboard):
    asked = targets(dashboard, "loki")

    assert [(title, query, found) for title, query in asked if (found := logql.problems(query))] == []


def test_prometheus_itself_reads_every_promql_query(tmp_path: Path):
    asked = [query for one in (*ALL.values(), *OF_WORKLOADS.values()) for _, query in targets(one, "prometheus")]
    rules = [
        {"record": "a:b", "expr": without_variables(query), "labels": {"n": str(n)}} for n, query in enumerate(asked)
    ]
    file = tmp_path / "rules.yaml"
    file.write_text(json.dumps({"groups": [{"name": "queries", "rules": rules}]}), encoding="utf-8")

    done = subprocess.run([program("promtool"), "check", "rules", file], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert f"{len(asked)} rules found" in done.stdout


@EACH
def test_every_promql_query_heeds_the_chosen_cloud(dashboard: Dashboard):
    for title, query in targets(dashboard, "prometheus"):
        expression = promql_parser.parse(without_variables(query))
        asked = list(selectors(expression))
        assert [one for one in asked if not any(m.name == "cloud" for m in one.matchers.matchers)] == [], title


@EACH
def test_uses_the_variables_that_it_has(dashboard: Dashboard):
    text = RENDERED_AT[dashboard.uid].read_text(encoding="utf-8")
    model = json.loads(text)
    used = set(re.findall(r"\$\{?(\w+)", _without_fields(text))) - {"1", "2", "3"}
    repeated = {panel["repeat"] for panel in model["panels"] if panel.get("repeat")}
    known = {variable.name for variable in dashboard.variables}

    assert used - OF_GRAFANA - {"__all"} <= known
    assert known <= used | repeated
    assert "cloud" in known


@EACH
def test_links_lead_somewhere(dashboard: Dashboard):
    links = [link for panel in panels(dashboard) for link in _of_values(panel).get("links", [])]
    links += [link for panel in panels(dashboard) for link in panel.get("links", [])]

    for link in [*links, *(one for one in model(dashboard)["links"] if one["type"] == "link")]:
        address = urlsplit(link["url"])
        if address.path == "/explore":
            (pane,) = json.loads(unquote(parse_qs(address.query)["panes"][0])).values()
            assert pane["datasource"] in {source["uid"] for source in data_sources()}
            assert {query["datasource"]["uid"] for query in pane["queries"]} == {pane["datasource"]}
        else:
            uid = address.path.removeprefix("/d/")
            assert uid in ALL
            variables = {name.removeprefix("var-") for name in parse_qs(address.query) if name.startswith("var-")}
            assert variables <= {variable.name for variable in ALL[uid].variables}


@EACH
def test_is_found_by_the_links_of_the_others_and_not_edited_in_place(dashboard: Dashboard):
    deployed = model(dashboard)

    assert TAG in deployed["tags"]
    assert [link["tags"] for link in deployed["links"] if link["type"] == "dashboards"] == [[TAG]]
    assert deployed["editable"] is False
    assert dashboard.uid not in dashboard.related


@EACH
def test_durations_lead_to_traces(dashboard: Dashboard):
    for panel in panels(dashboard):
        for target in panel["targets"]:
            if panel["type"] == "timeseries" and "histogram_quantile" in target["expr"]:
                spans = "traces_span_metrics_duration" in target["expr"]
                assert target["exemplar"] or not spans, panel["title"]


@EACH
def test_a_table_shows_the_labels_that_its_queries_keep(dashboard: Dashboard):
    for panel in dashboard.panels:
        if panel.kind == "table":
            assert panel.columns, panel.title
            assert [query for query in panel.queries if not query.legend] == []
            if panel.sort_by:
                assert panel.sort_by in {*panel.columns.values(), *(query.legend for query in panel.queries)}


def test_puts_the_chosen_cloud_into_each_selector_and_nowhere_else():
    query = (
        'sum by (up) (rate(up[5m])) / on (up) group_left (job) up{job="up"} + label_replace(up{}, "up", "up", "a", "b")'
    )

    assert scoped(query) == (
        f'sum by (up) (rate(up{{{MATCHER}}}[5m])) / on (up) group_left (job) up{{{MATCHER},job="up"}}'
        f' + label_replace(up{{{MATCHER}}}, "up", "up", "a", "b")'
    )
    assert scoped("vector(1)") == "vector(1)"


def _annotations(dashboard: Dashboard) -> list[dict[str, Any]]:
    return model(dashboard)["annotations"]["list"]


def _of_values(panel: dict[str, Any]) -> dict[str, Any]:
    return panel.get("fieldConfig", {}).get("defaults", {})


def _place(position: dict[str, int]) -> dict[str, int]:
    return {"x": position["x"], "y": position["y"], "width": position["w"], "height": position["h"]}


def _without_fields(text: str) -> str:
    return re.sub(r"\$\{__(?:field|data|value)[^}]*\}", "", text)
