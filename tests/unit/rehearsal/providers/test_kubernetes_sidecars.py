"""What Dapr's sidecars need before they start: the Configuration that pods name, and the Secrets of components."""

from pathlib import Path
from typing import Any

import pytest

from rehearsal.providers.kubernetes.tables import chart as facts_of
from rehearsal.providers.kubernetes.tables import definitions
from tests.unit.rehearsal.providers.fake_engine import Refused, State
from tests.unit.rehearsal.providers.rehearsed_cluster import DEFINITION, RehearsedCluster

SIDECAR = {"dapr.io/enabled": "true", "dapr.io/app-id": "web", "dapr.io/config": "web"}


@pytest.fixture
def apps(cluster: RehearsedCluster) -> RehearsedCluster:
    """A cluster with Dapr's control plane and its definitions."""
    cluster.namespace("apps")
    facts = facts_of("dapr")
    assert facts is not None
    for item in definitions("dapr"):
        versions = [{"name": version, "served": True} for version in item["versions"]]
        spec = {"group": item["group"], "scope": item["scope"], "names": {"kind": item["kind"]}, "versions": versions}
        cluster.engine.create(DEFINITION, item["name"], metadata={"name": item["name"]}, spec=spec)
    cluster.release("dapr", "oci://example.com/charts/dapr", version=facts["version"], values={}, skipCrds=True)
    return cluster


@pytest.fixture
def web(tmp_path: Path) -> str:
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 1.2.3\n")
    return str(tmp_path)


def put(apps: RehearsedCluster, kind: str, name: str, **rest: Any) -> State:
    inputs = {"apiVersion": "dapr.io/v1alpha1", "kind": kind, "metadata": {"name": name, "namespace": "apps"}, **rest}
    return apps.engine.create(f"kubernetes:dapr.io/v1alpha1:{kind}", f"{kind}-{name}", **inputs)


def component(apps: RehearsedCluster, *scopes: str) -> State:
    metadata = [{"name": "saslPassword", "secretKeyRef": {"name": "broker", "key": "password"}}]
    spec = {"type": "pubsub.kafka", "version": "v1", "metadata": metadata}
    return put(apps, "Component", "pubsub", spec=spec, scopes=list(scopes))


def release(apps: RehearsedCluster, chart: str, annotations: dict[str, str] = SIDECAR) -> str:
    return apps.release("web", chart, values={"podAnnotations": annotations}, atomic=True)["status"]["status"]


def test_a_sidecar_does_not_start_without_its_configuration(apps: RehearsedCluster, web: str) -> None:
    with pytest.raises(Refused, match='daprd: configuration "web" not found'):
        release(apps, web)

    put(apps, "Configuration", "web", spec={})

    assert release(apps, web) == "deployed"


def test_a_sidecar_does_not_start_without_the_secrets_of_its_components(apps: RehearsedCluster, web: str) -> None:
    put(apps, "Configuration", "web", spec={})
    component(apps, "web")

    with pytest.raises(Refused, match='daprd: component pubsub: secret "broker" not found'):
        release(apps, web)

    apps.secret("broker")

    assert release(apps, web) == "deployed"


def test_a_component_of_others_keeps_nobody_from_starting(apps: RehearsedCluster, web: str) -> None:
    put(apps, "Configuration", "web", spec={})
    component(apps, "other")

    assert release(apps, web) == "deployed"


def test_pods_without_a_sidecar_need_neither(apps: RehearsedCluster, web: str) -> None:
    assert release(apps, web, {"dapr.io/config": "web"}) == "deployed"
