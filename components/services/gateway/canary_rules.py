"""When a canary is taken back: what Prometheus records of it, the alert that says so, and what scales it to nothing."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from components.platform.addresses import prometheus_url
from components.services.gateway.canaries import SUFFIX, canary_release
from components.services.gateway.canary_model import Canary, Rollback
from components.services.model import WorkloadSpec

REQUESTS: Final = "kong_http_requests_total"

TAKEN_BACK: Final = "canary:taken_back"
"""1 from the evaluation on in which a canary failed, without an end: what made it so is gone as soon as it is."""

REMEMBERED: Final = "1d"
"""How long Prometheus may stand still without forgetting that a canary was taken back."""

POLLED_SECONDS: Final = 15
"""How often it is asked whether the canary is to run. With scrapes and rules before it, that is within two minutes."""

RUNBOOK: Final = "docs/runbooks/canary.md"

Rule = dict[str, Any]


def canary_groups(workload: str, spec: WorkloadSpec, runbooks: str) -> list[dict[str, Any]]:
    """A group of rules for each canary that is taken back by itself. `runbooks` is the address of the files."""
    link = f"{runbooks}/{RUNBOOK}#canarytakenback"
    common = {"component": "canary", "team": spec.team_label(workload), "namespace": workload}
    return [
        {
            "name": f"{service}-{SUFFIX}",
            "interval": "30s",
            "rules": [
                failed_rule(workload, service, one.canary, one.canary.rollback),
                taken_back_rule(workload, service, one.canary, common, link),
            ],
        }
        for service, one in spec.services.items()
        if one.canary is not None and one.canary.rollback is not None
    ]


def revision(canary: Canary) -> str:
    """Differs from that of every other build: what is known of one says nothing about the next."""
    content = json.dumps([canary.image.tag, canary.image.digest, dict(canary.env)], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:10]


def failed_rule(workload: str, service: str, canary: Canary, rollback: Rollback) -> Rule:
    """Whether the canary failed, now or before.

    Kong counts its requests as those of a service of its own (`canaries.chooser`), and what it answers itself because
    nobody else does is one of them.
    """
    own = f'service=~"{workload}[.]{service}[.].+[.]{SUFFIX}"'
    window = f"[{rollback.for_minutes}m]"
    every = f"sum(increase({REQUESTS}{{{own}}}{window}))"
    bad = f'sum(increase({REQUESTS}{{{own},code=~"5.."}}{window}))'
    failed = f"({bad} / {every} > {rollback.errors_percent / 100:.7g} and {every} >= {rollback.min_requests})"
    before = f"max(last_over_time({TAKEN_BACK}{_matchers(workload, service, canary)}[{REMEMBERED}]))"
    return {
        "record": TAKEN_BACK,
        "expr": f"{failed} * 0 + 1\nor {before}",
        "labels": _labels(workload, service, canary),
    }


def taken_back_rule(workload: str, service: str, canary: Canary, labels: Mapping[str, str], link: str) -> Rule:
    """The alert. It lasts until the workload file names another image, or no canary."""
    release = canary_release(service)
    return {
        "alert": "CanaryTakenBack",
        "expr": f"max by (workload, service, revision) ({TAKEN_BACK}{_matchers(workload, service, canary)}) == 1",
        "labels": {"severity": "warning", **labels},
        "annotations": {
            "summary": f"The canary of {workload}/{{{{ $labels.service }}}} was taken back",
            "description": f"More of the answers of {release} were errors than the workload file allows (its state is "
            "{{ $value }}). Its pods are gone, and those of the service itself answer everything.",
            "runbook_url": link,
        },
    }


def scaled_object(workload: str, service: str, canary: Canary) -> dict[str, Any]:
    """The `spec` of the ScaledObject that lets the pods run until the canary is taken back.

    While Prometheus does not answer, their number stays. https://keda.sh/docs/2.20/reference/scaledobject-spec/
    """
    gone = f"(max({TAKEN_BACK}{_matchers(workload, service, canary)}) or vector(0))"
    return {
        "scaleTargetRef": {"name": canary_release(service)},
        "pollingInterval": POLLED_SECONDS,
        "cooldownPeriod": 0,
        "minReplicaCount": 0,
        "maxReplicaCount": canary.replicas,
        "fallback": {"failureThreshold": 3, "replicas": canary.replicas, "behavior": "currentReplicas"},
        "triggers": [
            {
                "type": "prometheus",
                "metricType": "AverageValue",
                "metadata": {
                    "serverAddress": prometheus_url(),
                    # A value of one for each pod; nothing above the activation value, and there is to be none.
                    "query": f"{canary.replicas} * (1 - {gone})",
                    "threshold": "1",
                    "activationThreshold": "0",
                    "ignoreNullValues": "false",
                },
            }
        ],
    }


def _labels(workload: str, service: str, canary: Canary) -> dict[str, str]:
    return {"workload": workload, "service": service, "revision": revision(canary)}


def _matchers(workload: str, service: str, canary: Canary) -> str:
    labels = (f'{name}="{value}"' for name, value in _labels(workload, service, canary).items())
    return f"{{{','.join(labels)}}}"
