"""Everything that is deployed has a scrape target, or sends its metrics by itself."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from rehearsal.providers import paths
from tests.mock_engine import Deployed, Registration
from tests.plans import STACKS, committed_plan, plan, plan_of_own_images

RELEASE = "kubernetes:helm.sh/v3:Release"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
MONITORS = ("kubernetes:monitoring.coreos.com/v1:ServiceMonitor", "kubernetes:monitoring.coreos.com/v1:PodMonitor")

Values = Mapping[str, Any]


def on(path: str, default: bool = False) -> Callable[[Values, Deployed], bool]:
    """A switch of the chart makes the monitor."""

    def found(values: Values, deployed: Deployed) -> bool:
        switch = paths.first(values, path)
        return default if switch is None else switch is True

    return found


def all_of(*switches: Callable[[Values, Deployed], bool]) -> Callable[[Values, Deployed], bool]:
    return lambda values, deployed: all(switch(values, deployed) for switch in switches)


def own_monitor(name: str, namespace: str) -> Callable[[Values, Deployed], bool]:
    """The chart has none, so the platform registers one."""

    def found(values: Values, deployed: Deployed) -> bool:
        return (namespace, name) in {
            (one.inputs["metadata"]["namespace"], one.inputs["metadata"]["name"]) for one in monitors(deployed)
        }

    return found


def nothing_runs(values: Values, deployed: Deployed) -> bool:
    return True


TARGETS: Mapping[str, Callable[[Values, Deployed], bool]] = {
    "prometheus-operator-crds": nothing_runs,
    # The defaults of the chart, none of which may be switched off.
    "kps": all_of(
        *(
            on(path, default=True)
            for path in (
                "prometheus.serviceMonitor.selfMonitor",
                "alertmanager.serviceMonitor.selfMonitor",
                "prometheusOperator.serviceMonitor.selfMonitor",
                "grafana.serviceMonitor.enabled",
                "kube-state-metrics.prometheus.monitor.enabled",
                "prometheus-node-exporter.prometheus.monitor.enabled",
                "kubelet.enabled",
                "kubeApiServer.enabled",
            )
        )
    ),
    "loki": on("monitoring.serviceMonitor.enabled"),
    "alloy": on("serviceMonitor.enabled"),
    "alloy-events": on("serviceMonitor.enabled"),
    "jaeger": own_monitor("jaeger", "tracing"),
    "otel-collector": all_of(on("serviceMonitor.enabled"), on("ports.metrics.enabled")),
    "otel-sampler": all_of(on("serviceMonitor.enabled"), on("ports.metrics.enabled")),
    "opentelemetry-operator": on("manager.serviceMonitor.enabled"),
    "keda": all_of(
        *(on(f"prometheus.{part}.serviceMonitor.enabled") for part in ("operator", "metricServer", "webhooks"))
    ),
    "metrics-server": all_of(on("metrics.enabled"), on("serviceMonitor.enabled")),
    "cert-manager": on("prometheus.servicemonitor.enabled"),
    "external-dns": on("serviceMonitor.enabled"),
    "external-secrets": lambda values, _: values["serviceMonitor"] == {"enabled": True, "renderMode": "alwaysRender"},
    "reloader": on("reloader.podMonitor.enabled"),
    # Without the second of each the chart looks for the definition, which no preview has.
    "velero": lambda values, _: (
        [values["metrics"][monitor] for monitor in ("serviceMonitor", "nodeAgentPodMonitor")]
        == [{"enabled": True, "autodetect": False}] * 2
    ),
    "dapr": all_of(own_monitor("dapr", "dapr-system"), own_monitor("dapr-sidecars", "dapr-system")),
    "consul": all_of(own_monitor("consul-servers", "consul"), own_monitor("consul-sync", "consul")),
    "strimzi": own_monitor("strimzi-cluster-operator", "strimzi"),
    "cnpg": on("monitoring.podMonitorEnabled"),
    # What it does, the instances tell that it runs beside.
    "plugin-barman-cloud": all_of(),
    "psmdb-operator": own_monitor("psmdb-operator", "percona-mongodb"),
    "kong-counters": all_of(on("metrics.enabled"), on("metrics.serviceMonitor.enabled")),
    # Without the second the chart looks for the definition, which no preview has.
    "kong": all_of(on("serviceMonitor.enabled"), on("serviceMonitor.trustCRDsExist")),
}
"""By the name of the release, what scrapes it."""

STORES: Mapping[str, Callable[[Values, Deployed], bool]] = {
    "valkey": TARGETS["kong-counters"],
    "weaviate": all_of(on("env.PROMETHEUS_MONITORING_ENABLED"), on("serviceMonitor.enabled")),
}
"""The same of data services, whose releases are called as workload files say: by their chart."""


def monitors(deployed: Deployed) -> list[Registration]:
    return [one for kind in MONITORS for one in deployed.of_type(kind)]


def pushes(values: Values) -> bool:
    """Whether an agent in the pods sends their metrics, over OTLP."""
    return any(key.startswith("instrumentation.opentelemetry.io/inject-") for key in values.get("podAnnotations", {}))


def scraped(release: Registration, deployed: Deployed) -> bool:
    values = release.inputs["values"]
    if release.inputs["chart"] == "./charts/app-service":
        return on("metrics.enabled")(values, deployed) or pushes(values)
    target = STORES.get(release.inputs["chart"]) or TARGETS[release.inputs["name"]]
    return target(values, deployed)


@pytest.mark.parametrize("stack", STACKS)
def test_every_release_has_a_target_or_sends_its_metrics(stack: str):
    deployed = plan_of_own_images(stack)

    assert [one.inputs["name"] for one in deployed.of_type(RELEASE) if not scraped(one, deployed)] == []


def test_what_is_no_charts_has_one_as_well():
    oidc = {
        "issuer": "https://login.example.com",
        "jwks_url": "https://login.example.com/keys",
        "client_id": "grafana",
        "email_domains": ["example.com"],
    }
    deployed = plan("gke-prod", {"monitoring": {"oidc": oidc}})

    deployments = {
        (one.inputs["metadata"]["namespace"], one.inputs["metadata"]["name"]) for one in deployed.of_type(DEPLOYMENT)
    }
    assert deployments == {("monitoring", "oauth2-proxy")}
    assert deployments <= {
        (one.inputs["metadata"]["namespace"], one.inputs["metadata"]["name"]) for one in monitors(deployed)
    }


@pytest.mark.parametrize("stack", STACKS)
def test_what_a_control_plane_hides_has_neither_a_target_nor_a_rule(stack: str):
    deployed = committed_plan(stack)

    (kps,) = [one for one in deployed.of_type(RELEASE) if one.inputs["name"] == "kps"]
    hidden = ("kubeControllerManager", "kubeScheduler", "kubeEtcd")
    assert [kps.inputs["values"][component]["enabled"] for component in hidden] == [False, False, False]
    rules = {
        one.inputs["metadata"]["name"] for one in deployed.of_type("kubernetes:monitoring.coreos.com/v1:PrometheusRule")
    }
    assert "groundwork-control-plane" not in rules
    assert ("groundwork-coredns" in rules) is kps.inputs["values"]["coreDns"]["enabled"]
    assert ("groundwork-kube-proxy" in rules) is kps.inputs["values"]["kubeProxy"]["enabled"]
