"""Prometheus's configuration and flags, as the operator makes them of what the stack deploys.

https://github.com/prometheus-operator/prometheus-operator/blob/v0.93.1/pkg/prometheus/promcfg.go
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rehearsal.live.deployed import Deployed, Monitor
from rehearsal.live.exporters import Target
from rehearsal.live.programs import LOOPBACK
from rehearsal.live.stand_ins import ALERTS_PREFIX
from signals.targets import PLAIN, TARGETS

INTERVAL = "30s"
"""What the operator scrapes and evaluates at where nothing is said."""

Object = Mapping[str, Any]


def configuration(deployed: Deployed, targets: Sequence[Target], stand_ins: int, rules: Path | None) -> dict[str, Any]:
    """The configuration file. Targets and Alertmanager are at the port of the stand-ins."""
    spec = deployed.prometheus
    at = f"{LOOPBACK}:{stand_ins}"
    found: dict[str, Any] = {
        "global": {
            "scrape_interval": spec.get("scrapeInterval", INTERVAL),
            # A target tells its history at first, which takes it longer than a scrape does.
            "scrape_timeout": spec.get("scrapeInterval", INTERVAL),
            "evaluation_interval": spec.get("evaluationInterval", INTERVAL),
            "external_labels": dict(spec.get("externalLabels", {})),
        },
        "scrape_configs": [_job(number, target, at, deployed.monitors) for number, target in enumerate(targets)],
        "storage": storage(spec),
        "alerting": {
            "alertmanagers": [
                {"path_prefix": ALERTS_PREFIX, "api_version": "v2", "static_configs": [{"targets": [at]}]}
            ]
        },
    }
    if spec.get("otlp"):
        found["otlp"] = _snake_keys(spec["otlp"])
    if rules is not None:
        found["rule_files"] = [f"{rules}/*.json"]
    return found


def storage(spec: Object) -> dict[str, Any]:
    """What is kept, besides samples, and how late a sample may be."""
    found: dict[str, Any] = {}
    if spec.get("exemplars"):
        found["exemplars"] = {"max_exemplars": spec["exemplars"]["maxSize"]}
    if spec.get("tsdb"):
        found["tsdb"] = {"out_of_order_time_window": spec["tsdb"]["outOfOrderTimeWindow"]}
    return found


def flags(spec: Object) -> list[str]:
    """Command line of the server."""
    found = [
        f"--web.external-url={spec['externalUrl']}" if "externalUrl" in spec else "",
        f"--web.route-prefix={spec['routePrefix']}" if "routePrefix" in spec else "",
        f"--storage.tsdb.retention.time={spec['retention']}" if "retention" in spec else "",
        "--web.enable-remote-write-receiver" if spec.get("enableRemoteWriteReceiver") else "",
        "--web.enable-otlp-receiver" if spec.get("enableOTLPReceiver") else "",
        f"--enable-feature={','.join(spec['enableFeatures'])}" if spec.get("enableFeatures") else "",
    ]
    return [flag for flag in found if flag]


def write_rules(rules: Mapping[str, Sequence[Object]], folder: Path) -> Path:
    """One rule file for each PrometheusRule, as the operator writes them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, groups in rules.items():
        (folder / f"{file_name(name)}.json").write_text(json.dumps({"groups": [_group(group) for group in groups]}))
    return folder


def file_name(rule: str) -> str:
    """File of a PrometheusRule, by its `namespace/name`."""
    return rule.replace("/", "-")


def _group(group: Object) -> dict[str, Any]:
    """A group with the rules' own keys: those that only the operator knows are its business."""
    return {key: value for key, value in group.items() if key not in ("partial_response_strategy",)}


def _job(number: int, target: Target, at: str, monitors: Sequence[Monitor]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "job_name": f"target/{number}",
        "metrics_path": f"/targets/{number}",
        "honor_labels": TARGETS.get(target.exporter, PLAIN).honors_labels,
        "static_configs": [{"targets": [at], "labels": dict(target.labels)}],
    }
    endpoint = endpoint_of(target, monitors)
    if endpoint is not None:
        found["honor_labels"] = bool(endpoint.get("honorLabels", False))
        relabelings = [_snake_keys(one) for one in endpoint.get("relabelings") or ()]
        # What is discovered of a pod is not there to be read: only what the labels of the target say can be.
        found["relabel_configs"] = [one for one in relabelings if not _reads_discovery(one)]
        found["metric_relabel_configs"] = [_snake_keys(one) for one in endpoint.get("metricRelabelings") or ()]
    return found


def endpoint_of(target: Target, monitors: Sequence[Monitor]) -> Object | None:
    """The endpoint of the stack's own monitor that finds this target: the one whose `job` it has."""
    for monitor in monitors:
        same = target.labels.get("job") in (f"{monitor.namespace}/{monitor.name}", monitor.name)
        if same and target.labels.get("namespace") == monitor.namespace:
            named = [one for one in monitor.endpoints if one.get("port") == target.labels.get("endpoint")]
            if named:
                return named[0]
    return None


def _reads_discovery(relabeling: Object) -> bool:
    return (
        any(label.startswith("__meta_") for label in relabeling.get("source_labels", ()))
        or relabeling.get("action") == "labelmap"
    )


def _snake_keys(value: Object) -> dict[str, Any]:
    return {re.sub(r"(?<!^)([A-Z])", r"_\1", key).lower(): inner for key, inner in value.items()}
