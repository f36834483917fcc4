"""The ready queries: each is right, and in every place where people look for it."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from components.platform.log_queries import LOG_QUERIES, LogQueries, LogQueriesArgs, LogQuery, explore_links
from signals.logql import problems
from tests.mock_engine import Deployed
from tests.programs import program
from tests.unit.components.bare_platform import Prerequisite

each = pytest.mark.parametrize("query", LOG_QUERIES, ids=lambda query: query.name)


@each
def test_a_query_asks_for_what_there_is(query: LogQuery):
    assert problems(query.file) == []


@each
def test_loki_takes_the_query(query: LogQuery):
    text = query.filled_in({"id": "4bf92f3577b34da6a3ce929d0e0e4736"})

    ended = subprocess.run([program("logcli"), "fmt"], input=text, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert "$" not in text


@each
def test_a_query_says_whether_it_gives_lines_or_numbers(query: LogQuery):
    assert query.gives == ("lines" if query.logql.startswith("{") else "numbers")


def test_the_questions_of_people_on_call_are_there():
    names = [query.name for query in LOG_QUERIES]

    assert {
        "errors-by-service", "slow-requests", "one-request", "one-trace", "audit-events", "kubernetes-warnings",
    } <= set(names)  # fmt: skip
    assert len(names) == len(set(names)) == len({query.title for query in LOG_QUERIES})


def test_the_cluster_holds_each_query_in_a_file(deploy: Callable[..., Deployed]):
    def registered() -> None:
        LogQueries("log-queries", LogQueriesArgs(namespace=Prerequisite("namespace")))

    config_map = deploy(registered).only("kubernetes:core/v1:ConfigMap").inputs

    assert config_map["metadata"] == {"name": "log-queries", "namespace": "monitoring"}
    assert sorted(config_map["data"]) == sorted(f"{query.name}.logql" for query in LOG_QUERIES)
    assert config_map["data"]["one-trace.logql"] == (
        "# One trace\n"
        "# All that every service logged within one trace, by its trace id.\n"
        '{namespace=~"$namespace"} | trace_id="$id"\n'
    )


def asked(url: str) -> tuple[str, dict[str, str]]:
    (state,) = parse_qs(urlsplit(url).query)["panes"]
    pane = json.loads(state)["logs"]
    assert pane["datasource"] == pane["queries"][0]["datasource"]["uid"] == "loki"
    return pane["queries"][0]["expr"], pane["range"]


def test_links_ask_with_what_is_given_and_for_everything_else():
    links = explore_links({"namespace": "shop"})

    logql = 'sum by (namespace, app) (count_over_time({namespace=~"shop", app=~".+", level=~"error|fatal"}[5m]))'
    assert asked(links["Errors by service"]) == (logql, {"from": "now-1h", "to": "now"})
    assert urlsplit(links["Errors by service"]).path == "/explore"


def test_what_asks_for_an_id_is_linked_with_an_id_alone():
    assert "One trace" not in explore_links({})
    assert asked(explore_links({"id": "abc"})["One trace"])[0] == '{namespace=~".+"} | trace_id="abc"'
    assert len(explore_links({"id": "abc"})) == len(LOG_QUERIES)


def test_variables_of_a_dashboard_stay_for_grafana_to_fill_in():
    links = explore_links({"namespace": "${namespace:regex}"}, span=("${__from}", "${__to}"))

    assert "namespace%3D~%5C%22${namespace:regex}%5C%22" in links["Kubernetes warnings"]
    assert "%22from%22%3A%22${__from}%22" in links["Kubernetes warnings"]


@each
def test_the_guide_has_the_query_as_it_is(query: LogQuery):
    guide = Path("docs/logs.md").read_text(encoding="utf-8")

    assert f"### {query.title}\n\n{query.answers}\n\n```logql\n{query.logql}\n```\n" in guide
