"""What is neither panel nor alert: rules that load and evaluate, exemplars that lead to traces, metrics by OTLP."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rehearsal.live.exporters import PUSHED
from rehearsal.live.generator import exposed
from rehearsal.live.otlp import PATH
from rehearsal.live.prometheus_client import PrometheusClient, QueryError
from rehearsal.live.prometheus_config import file_name
from rehearsal.live.report import Row
from rehearsal.live.stage import Stage

_SPAN_METRIC = "traces_span_metrics_duration_milliseconds_bucket"
_TRACE_ID = 32
"""Digits of a trace id: https://www.w3.org/TR/trace-context/#trace-id"""


def rules(client: PrometheusClient, deployed: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Row]:
    """One row for each group of rules: all of it is loaded, and evaluated without an error."""
    loaded = client.get("/api/v1/rules")["groups"]
    by_group = {(group["file"].rpartition("/")[2].removesuffix(".json"), group["name"]): group for group in loaded}
    rows: list[Row] = []
    for name, groups in deployed.items():
        for group in groups:
            found = by_group.get((file_name(name), group["name"]))
            rows.append(_group(f"{name}/{group['name']}", len(group["rules"]), found))
    return rows


def _group(name: str, count: int, found: Mapping[str, Any] | None) -> Row:
    if found is None:
        return Row(subject="rules", name=name, outcome="FAIL", told="is not loaded")
    ill = [
        f"{rule['name']}: {rule.get('lastError', rule['health'])}" for rule in found["rules"] if rule["health"] != "ok"
    ]
    if ill or len(found["rules"]) != count:
        told = "; ".join(ill) or f"{len(found['rules'])} rules of {count}"
        return Row(subject="rules", name=name, outcome="FAIL", told=told[:400])
    return Row(subject="rules", name=name, outcome="ok", told=f"{count} rules healthy")


def exemplars(client: PrometheusClient) -> list[Row]:
    """Exemplars of what is scraped and of what is pushed, each with the id of a trace."""
    wanted = {"pushed": _SPAN_METRIC, "scraped": "http_request_duration_seconds_bucket"}
    return [_exemplars(client, how, metric) for how, metric in wanted.items()]


def _exemplars(client: PrometheusClient, how: str, metric: str) -> Row:
    now = time.time()
    try:
        found = client.get("/api/v1/query_exemplars", query=metric, start=f"{now - 1800:.3f}", end=f"{now:.3f}")
    except QueryError as error:
        return Row(subject="exemplars", name=f"{how}: {metric}", outcome="FAIL", told=str(error))
    ids = {one["labels"].get("trace_id", "") for series in found for one in series["exemplars"]}
    if not ids or any(len(one) != _TRACE_ID for one in ids):
        return Row(
            subject="exemplars", name=f"{how}: {metric}", outcome="FAIL", told=f"{len(found)} series, ids {ids}"[:200]
        )
    return Row(subject="exemplars", name=f"{how}: {metric}", outcome="ok", told=f"{len(ids)} traces")


def otlp(stage: Stage) -> Iterator[Row]:
    """What was pushed is there, with the names and the labels that the carried lists have."""
    now = time.time()
    for exporter in PUSHED:
        missing = [name for name in _series(exporter) if not stage.prometheus.instant(f"count({name})", now)]
        told = f"not there after {PATH}: {', '.join(missing)}"[:300] if missing else f"{len(_series(exporter))} series"
        yield Row(subject="otlp", name=exporter, outcome="FAIL" if missing else "ok", told=told)
    label = 'count(traces_span_metrics_calls_total{k8s_namespace_name="todo",service_name!="",span_kind!=""})'
    found = stage.prometheus.instant(label, now)
    yield Row(
        subject="otlp",
        name="promoted attributes",
        outcome="ok" if found else "FAIL",
        told="k8s_namespace_name, service_name" if found else "series lack k8s_namespace_name or service_name",
    )


def _series(exporter: str) -> list[str]:
    metrics = [metric for metric in exposed(exporter) if not metric.name.startswith("traces_span_metrics_events")]
    return [f"{metric.name}_count" if metric.kind == "histogram" else metric.name for metric in metrics]
