"""Webhooks of charts: what the API server asks a release about, and so refuses while the release does not run.

A webhook that is not there yet is no refusal in every order of events: one whose configuration has not arrived is not
asked, and an object slips by unchecked, or a pod without its sidecar. Which of the two happens is a matter of seconds,
so neither is taken.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from rehearsal.providers.kubernetes.cluster import Cluster
from rehearsal.providers.kubernetes.kinds import RELEASE
from rehearsal.providers.wire import Properties


def webhook_refusal(qualified: str, cluster: Cluster) -> str | None:
    """Why an object of a kind, as `group/Kind`, is refused: nobody answers for the webhook that admits it."""
    chart = _admitting().get(qualified)
    if chart is None or _runs(chart, cluster):
        return None
    return (
        f"Internal error occurred: failed calling webhook of {chart} for {qualified.rpartition('/')[2]}: no endpoints "
        f"available: a release of {chart} has to be up first"
    )


def injection_obstacles(annotations: Properties, cluster: Cluster) -> list[str]:
    """What pods with these annotations would start without."""
    return [
        f"pods would run without what {chart} puts into them ({prefix}): a release of {chart} has to be up first"
        for chart, prefix in _injecting().items()
        if any(key.startswith(prefix) and _wanted(value) for key, value in annotations.items())
        and not _runs(chart, cluster)
    ]


def pod_annotations(values: Any) -> Properties:
    """The annotations of pods that a chart's values ask for, wherever they stand."""
    found: Properties = {}
    if isinstance(values, dict):
        for key, value in values.items():
            found |= value if key == "podAnnotations" and isinstance(value, dict) else pod_annotations(value)
    return found


def _wanted(value: Any) -> bool:
    return str(value).lower() not in ("", "false")


def _runs(chart: str, cluster: Cluster) -> bool:
    statuses = (release.outputs["status"] for release in cluster.objects(RELEASE))
    return any(status["chart"] == chart and status["status"] == "deployed" for status in statuses)


@cache
def _table() -> dict[str, Any]:
    table = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return {chart: facts for chart, facts in table.items() if not chart.startswith("_")}


@cache
def _admitting() -> dict[str, str]:
    return {kind: chart for chart, facts in _table().items() for kind in facts.get("admits", ())}


@cache
def _injecting() -> dict[str, str]:
    return {chart: facts["injects"] for chart, facts in _table().items() if "injects" in facts}
