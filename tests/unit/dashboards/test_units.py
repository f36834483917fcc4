"""A panel's unit is that of the metric that it asks for, wherever nothing is calculated in between."""

import promql_parser as promql
import pytest

from dashboards.catalogue import dashboards, templates
from dashboards.layout import Dashboard
from signals.exposed import series
from signals.expressions import bare, name_of, selectors, without_variables

SHOWN = {"milliseconds": {"ms"}, "seconds": {"s", "dtdurations"}, "bytes": {"bytes", "decbytes"}}
A_SECOND = {"bytes": {"Bps", "binBps"}, "seconds": {"short", "percentunit"}}
KEPT = {"sum", "max", "min", "topk", "bottomk"}
"""Aggregations whose result has the unit of what they aggregate."""


def expected(query: str) -> set[str] | None:
    """Units that fit a query; None where its form says nothing of them."""
    expression = bare(promql.parse(without_variables(query)))
    while isinstance(expression, promql.AggregateExpr) and str(expression.op) in KEPT:
        expression = bare(expression.expr)
    names = {name_of(one) or "" for one in selectors(expression)}
    units = {one.metric.unit for name in names for one in series().get(name, ())}
    if len(units) != 1 or any(name.endswith("_count") for name in names):
        return None
    match expression:
        case promql.VectorSelector():
            return SHOWN.get(units.pop() or "")
        case promql.Call() if expression.func.name == "histogram_quantile":
            return SHOWN.get(units.pop() or "")
        case promql.Call() if expression.func.name == "rate" and not any(name.endswith("_bucket") for name in names):
            return A_SECOND.get(units.pop() or "")
        case _:
            return None


@pytest.mark.parametrize("dashboard", [*dashboards(), *templates().values()], ids=lambda one: one.uid)
def test_units_are_those_of_the_metrics(dashboard: Dashboard):
    asked = [(panel, query) for panel in dashboard.panels if panel.source == "prometheus" for query in panel.queries]
    wrong = [
        (panel.title, query.unit or panel.unit, fitting)
        for panel, query in asked
        if (fitting := expected(query.expression)) and (query.unit or panel.unit) not in fitting
    ]

    assert wrong == []


@pytest.mark.parametrize(
    ("query", "units"),
    [
        ("histogram_quantile(0.95, sum by (le) (rate(kong_request_latency_ms_bucket[5m])))", {"ms"}),
        ("sum by (pod) (container_memory_working_set_bytes)", {"bytes", "decbytes"}),
        ("topk(5, sum by (service) (rate(kong_bandwidth_bytes[5m])))", {"Bps", "binBps"}),
        ("1000 * histogram_quantile(0.95, rate(rpc_server_call_duration_seconds_bucket[5m]))", None),
        ("sum(rate(kong_request_latency_ms_count[5m]))", None),
        ("sum(kube_pod_info)", None),
    ],
)
def test_a_query_shows_its_unit_by_its_form(query: str, units: set[str] | None):
    assert expected(query) == units
