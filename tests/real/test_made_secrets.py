"""Secrets that custom resources bring on a real API, and the objects that wait for them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rehearsal.control_plane.control_plane import ControlPlane
from rehearsal.providers.kubernetes import vault
from rehearsal.providers.kubernetes.kinds import RELEASE
from rehearsal.providers.kubernetes_api.releases import chart_hosts
from tests.real.cluster import Namespace, is_ready, pod
from tests.real.release_charts import engine_for
from tests.unit.rehearsal.providers.fake_engine import Engine, Refused, State

EXTERNAL = "kubernetes:external-secrets.io/v1:ExternalSecret"
STORE = "kubernetes:external-secrets.io/v1:ClusterSecretStore"
AWAITED = {"pulumi.com/waitFor": "condition=Ready", "pulumi.com/timeoutSeconds": "90"}
"""The garbage collector looks for new kinds every half a minute."""


@pytest.fixture
def engine(plane: ControlPlane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setenv("REHEARSAL_HOME", str(tmp_path))
    monkeypatch.setattr(chart_hosts, "_answers", lambda host: False)
    return engine_for(plane)


@pytest.fixture
def controller(engine: Engine, namespace: Namespace) -> Iterator[State]:
    """External Secrets and a store; both are gone afterwards."""
    chart = {"name": "external-secrets", "chart": "oci://charts.example/external-secrets", "timeout": 60}
    release = engine.create(RELEASE, "external-secrets", namespace=namespace.name, **chart)
    try:
        provider = {"gcpsm": {"projectID": "acme-dev"}}
        metadata = {"name": "vault", "annotations": AWAITED}
        yield engine.create(STORE, "vault", metadata=metadata, spec={"provider": provider})
    finally:
        engine.delete(release)


def external(engine: Engine, namespace: Namespace, **annotations: str) -> State:
    metadata = {"name": "web", "namespace": namespace.name, "annotations": {**AWAITED, **annotations}}
    spec: dict[str, Any] = {
        "secretStoreRef": {"kind": "ClusterSecretStore", "name": "vault"},
        "data": [{"secretKey": "TOKEN", "remoteRef": {"key": "web-token"}}],
    }
    return engine.create(EXTERNAL, "web", metadata=metadata, spec=spec)


@pytest.mark.usefixtures("controller")
def test_a_pod_starts_with_the_secret_that_is_gone_with_its_maker(engine: Engine, namespace: Namespace) -> None:
    asked = external(engine, namespace)
    [condition] = asked["status"]["conditions"]
    assert (condition["type"], condition["status"]) == ("Ready", "True")

    key = {"valueFrom": {"secretKeyRef": {"name": "web", "key": "TOKEN"}}}
    container = {"name": "main", "image": "registry.test/app", "env": [{"name": "TOKEN", **key}]}
    namespace.create("pods", "reader", pod(container))
    namespace.wait("pods", "reader", is_ready)

    engine.delete(asked)
    namespace.wait_until_gone("secrets", "web")


@pytest.mark.usefixtures("controller")
def test_a_secret_that_the_vault_lacks_is_named(
    plane: ControlPlane, engine: Engine, namespace: Namespace, request: pytest.FixtureRequest
) -> None:
    home = plane.folder.parents[1]
    vault.keep_absent(home, ["web-token"])
    request.addfinalizer(lambda: vault.keep_absent(home, []))

    with pytest.raises(Refused) as refused:
        external(engine, namespace, **{"pulumi.com/timeoutSeconds": "4"})
    assert 'the secret "web-token" does not exist in the vault' in list(refused.value.details.reasons)[-1]
    assert namespace.get("secrets", "web") is None
