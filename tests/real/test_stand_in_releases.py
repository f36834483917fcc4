"""Releases of charts that cannot be had: what their stand-ins bring, need and take on a real API."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rehearsal.control_plane.api_client import ApiError
from rehearsal.control_plane.control_plane import ControlPlane
from rehearsal.providers.kubernetes.kinds import RELEASE
from rehearsal.providers.kubernetes_api.releases import chart_hosts
from rehearsal.stand_in_summary import lines
from tests.real.cluster import Namespace
from tests.real.release_charts import engine_for
from tests.unit.rehearsal.providers.fake_engine import Engine, Refused, State

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
SHORT: dict[str, Any] = {"timeout": 3, "atomic": True}


@pytest.fixture
def engine(plane: ControlPlane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setenv("REHEARSAL_HOME", str(tmp_path))
    monkeypatch.setattr(chart_hosts, "_answers", lambda host: False)
    return engine_for(plane)


@pytest.fixture
def definitions(everywhere: Namespace) -> Iterator["Definitions"]:
    made = Definitions(everywhere)
    yield made
    made.remove()


class Definitions:
    """The custom resource definitions that a test brings, removed at its end."""

    def __init__(self, everywhere: Namespace) -> None:
        self._client = everywhere.client
        self._before = self.names()

    def names(self) -> set[str]:
        return {item["metadata"]["name"] for item in self._client.get(DEFINITIONS)["items"]}

    def brought(self) -> set[str]:
        return self.names() - self._before

    def remove(self) -> None:
        for name in self.brought():
            try:
                self._client.delete(f"{DEFINITIONS}/{name}")
            except ApiError as error:
                if error.status != 404:
                    raise


def release(namespace: Namespace, chart: str, **more: Any) -> dict[str, Any]:
    return {"name": chart, "namespace": namespace.name, "chart": f"oci://charts.example/{chart}", "timeout": 60, **more}


def install(engine: Engine, namespace: Namespace, chart: str, **more: Any) -> State:
    return engine.create(RELEASE, chart, **release(namespace, chart, **more))


def test_a_second_run_changes_nothing_and_names_what_was_not_run(engine: Engine, namespace: Namespace, tmp_path: Path):
    values = {
        "fullnameOverride": "agent",
        "serviceAccount": {"annotations": {"role": "reader"}},
        "crds": {"create": False},
    }
    made = install(engine, namespace, "alloy", version="1.11.1", values=values)

    assert not engine.diff(made, **release(namespace, "alloy", version="1.11.1", values=values)).changes
    assert namespace.get("services", "agent") is not None
    account = namespace.get("serviceaccounts", "agent")
    assert account is not None
    assert account["metadata"]["annotations"]["role"] == "reader"
    assert f"  {namespace.name}/alloy: alloy 1.11.1 (charts.example cannot be reached)" in lines(tmp_path, "dev")

    engine.delete(made)
    assert lines(tmp_path, "dev") == []


def test_definitions_stay_or_go_with_the_release_as_those_of_the_chart_do(
    engine: Engine, namespace: Namespace, definitions: Definitions
):
    stays = install(engine, namespace, "external-dns")
    own_certificate = {"admissionWebhooks": {"certManager": {"enabled": False}}}
    goes = install(engine, namespace, "opentelemetry-operator", values=own_certificate)
    brought = definitions.brought()

    engine.delete(stays)
    engine.delete(goes)

    assert definitions.brought() == {name for name in brought if name.endswith(".externaldns.k8s.io")}
    assert {name for name in brought if name.endswith(".opentelemetry.io")}


def test_a_kind_that_nothing_brought_is_missed_and_one_that_came_is_not(
    engine: Engine, namespace: Namespace, definitions: Definitions
):
    values = {"serviceMonitor": {"enabled": True}, "crds": {"create": False}}
    with pytest.raises(Refused, match='no matches for kind "ServiceMonitor"'):
        install(engine, namespace, "alloy", values=values)

    install(engine, namespace, "prometheus-operator-crds")

    assert install(engine, namespace, "alloy", values=values)["status"]["status"] == "deployed"


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"defaults": {"extraEnvFrom": [{"secretRef": {"name": "absent"}}]}}, 'secret "absent" not found'),
        ({"singleBinary": {"replicas": 1, "persistence": {"storageClass": "nowhere"}}}, '"nowhere" not found'),
    ],
)
def test_what_the_values_name_has_to_be_there(engine: Engine, namespace: Namespace, values: dict[str, Any], why: str):
    with pytest.raises(Refused, match=why):
        install(engine, namespace, "loki", values=values, **SHORT)


def test_keys_that_the_chart_does_not_have_are_refused_in_the_preview(engine: Engine, namespace: Namespace):
    with pytest.raises(Refused, match="additional properties 'servicemonitor' not allowed"):
        engine.preview(RELEASE, "alloy", **release(namespace, "alloy", values={"servicemonitor": {"enabled": True}}))
