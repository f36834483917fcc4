"""Grafana's data sources: each signal leads to every other."""

import json
import re
from typing import Any

from components.platform.data_sources import BUILT_IN, data_sources, span_queries
from signals import logql, promql


def source(uid: str) -> dict[str, Any]:
    (found,) = [one for one in data_sources() if one["uid"] == uid]
    return found


def test_the_uids_are_those_that_dashboards_and_links_name():
    assert [one["uid"] for one in data_sources()] == ["prometheus", "loki", "jaeger", "alertmanager"]


def test_one_is_the_default_and_none_of_the_charts_own_is_left():
    assert [one["uid"] for one in data_sources() if one.get("isDefault")] == ["prometheus"]
    assert BUILT_IN == {"defaultDatasourceEnabled": False}


def test_each_is_asked_below_the_path_that_it_serves():
    assert {one["uid"]: one["url"] for one in data_sources()} == {
        "prometheus": "http://kps-prometheus.monitoring.svc:9090/prometheus",
        "loki": "http://loki-gateway.logging.svc",
        "jaeger": "http://jaeger.tracing.svc:16686/jaeger",
        "alertmanager": "http://kps-alertmanager.monitoring.svc:9093/alertmanager",
    }


def test_a_log_line_leads_to_its_trace():
    assert source("loki")["jsonData"]["derivedFields"] == [
        {
            "name": "Trace",
            "matcherType": "label",
            "matcherRegex": "trace_id",
            "datasourceUid": "jaeger",
            "url": "$${__value.raw}",
            "urlDisplayLabel": "Show the trace",
        }
    ]


def test_an_exemplar_leads_to_its_trace():
    assert source("prometheus")["jsonData"]["exemplarTraceIdDestinations"] == [
        {"name": "trace_id", "datasourceUid": "jaeger", "urlDisplayLabel": "Show the trace"}
    ]


def test_a_span_leads_to_what_its_pod_wrote_for_the_trace():
    link = source("jaeger")["jsonData"]["tracesToLogsV2"]
    tags = {tag["value"]: "shop" for tag in link["tags"]}
    matchers = ", ".join(f'{label}="{value}"' for label, value in tags.items())
    query = link["query"].replace("$${__tags}", matchers).replace("$${__trace.traceId}", "a" * 32)

    assert (link["datasourceUid"], link["customQuery"]) == ("loki", True)
    assert query == f'{{namespace="shop", pod="shop"}} | trace_id="{"a" * 32}"'
    assert logql.problems(query) == []


def test_a_span_leads_to_the_rates_of_its_service():
    link = source("jaeger")["jsonData"]["tracesToMetrics"]

    assert link["tags"] == [{"key": "prometheus.job", "value": "job"}]
    assert [one["query"] for one in link["queries"]] == list(span_queries("$$__tags").values())
    assert len(link["queries"]) == 3
    for query in span_queries('job="shop/orders"').values():
        assert promql.problems(query) == []


def test_every_dollar_is_doubled_for_grafana_and_no_double_brace_is_left_for_the_chart():
    text = json.dumps(data_sources())

    assert re.findall(r"(?<!\$)\$(?!\$)", text) == []
    assert "{{" not in text
