"""What the API server asks a release about, while the release is there and while it is not."""

from pathlib import Path
from typing import Any

import pytest

from rehearsal.providers.kubernetes.tables import chart as facts_of
from rehearsal.providers.kubernetes.tables import definitions
from rehearsal.providers.kubernetes.webhooks import pod_annotations
from tests.unit.rehearsal.providers.fake_engine import Refused, State
from tests.unit.rehearsal.providers.rehearsed_cluster import DEFINITION, DEPLOYMENT, RehearsedCluster, workload

CERTIFICATE = "kubernetes:cert-manager.io/v1:Certificate"
SIDECAR = {"dapr.io/enabled": "true"}
AGENT = {"instrumentation.opentelemetry.io/inject-python": "true"}


@pytest.fixture
def apps(cluster: RehearsedCluster) -> RehearsedCluster:
    cluster.namespace("apps")
    return cluster


@pytest.fixture
def web(tmp_path: Path) -> str:
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 1.2.3\n")
    return str(tmp_path)


def definition_of_certificates(apps: RehearsedCluster) -> None:
    [item] = [item for item in definitions("cert-manager") if item["kind"] == "Certificate"]
    versions = [{"name": version, "served": True} for version in item["versions"]]
    spec = {"group": item["group"], "scope": item["scope"], "names": {"kind": item["kind"]}, "versions": versions}
    apps.engine.create(DEFINITION, "certificates", metadata={"name": item["name"]}, spec=spec)


def certificate(apps: RehearsedCluster) -> State:
    spec = {"secretName": "tls", "issuerRef": {"name": "authority"}, "dnsNames": ["example.com"]}
    return apps.engine.create(CERTIFICATE, "tls", metadata={"name": "tls", "namespace": "apps"}, spec=spec)


def release(apps: RehearsedCluster, chart: str, **values: Any) -> State:
    facts = facts_of(chart)
    assert facts is not None
    return apps.release(chart, f"oci://example.com/charts/{chart}", version=facts["version"], values=values)


def deployment(apps: RehearsedCluster, annotations: dict[str, str]) -> State:
    inputs = workload("web", "apps")
    inputs["spec"]["template"]["metadata"]["annotations"] = annotations
    return apps.engine.create(DEPLOYMENT, "web", **inputs)


def test_an_object_whose_webhook_nobody_serves_is_refused(apps: RehearsedCluster) -> None:
    definition_of_certificates(apps)

    with pytest.raises(Refused, match="failed calling webhook of cert-manager for Certificate: no endpoints available"):
        certificate(apps)


def test_an_object_is_taken_once_its_webhook_is_served(apps: RehearsedCluster) -> None:
    release(apps, "cert-manager", crds={"enabled": True})

    assert certificate(apps).id == "apps/tls"


def test_an_object_is_not_changed_while_its_webhook_is_away(apps: RehearsedCluster) -> None:
    server = release(apps, "cert-manager", crds={"enabled": True})
    made = certificate(apps)
    apps.engine.delete(server)

    with pytest.raises(Refused, match="failed calling webhook of cert-manager"):
        apps.engine.update(made, metadata=made["metadata"], spec={**made["spec"], "dnsNames": ["other.example.com"]})


def test_a_chart_makes_no_objects_before_their_webhook_is_served(apps: RehearsedCluster) -> None:
    definition_of_certificates(apps)
    [issuer] = [item for item in definitions("cert-manager") if item["kind"] == "Issuer"]
    spec = {"group": issuer["group"], "scope": "Namespaced", "names": {"kind": "Issuer"}, "versions": [{"name": "v1"}]}
    apps.engine.create(DEFINITION, "issuers", metadata={"name": issuer["name"]}, spec=spec)

    with pytest.raises(Refused, match="failed calling webhook of cert-manager"):
        release(apps, "plugin-barman-cloud")


@pytest.mark.parametrize(("annotations", "chart"), [(SIDECAR, "dapr"), (AGENT, "opentelemetry-operator")])
def test_pods_do_not_start_without_their_sidecar(
    apps: RehearsedCluster, web: str, annotations: dict[str, str], chart: str
) -> None:
    reason = f"pods would run without what {chart} puts into them"

    with pytest.raises(Refused, match=reason):
        deployment(apps, annotations)
    with pytest.raises(Refused, match=reason):
        apps.release("web", web, values={"podAnnotations": annotations}, atomic=True)


def test_pods_start_once_their_injector_runs(apps: RehearsedCluster, web: str) -> None:
    release(apps, "dapr")

    assert deployment(apps, SIDECAR).id == "apps/web"
    assert apps.release("web", web, values={"podAnnotations": SIDECAR}, atomic=True)["status"]["status"] == "deployed"


def test_an_annotation_that_says_no_asks_for_nothing(apps: RehearsedCluster) -> None:
    assert deployment(apps, {"dapr.io/enabled": "false", "dapr.io/app-id": "web"}).id == "apps/web"


def test_annotations_of_pods_are_found_wherever_a_chart_has_them() -> None:
    values = {"podAnnotations": {"a": "1"}, "operator": {"podAnnotations": {"b": "2"}}, "annotations": {"c": "3"}}

    assert pod_annotations(values) == {"a": "1", "b": "2"}
