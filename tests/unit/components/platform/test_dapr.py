"""Dapr's control plane: what its chart is told, its definitions, and what scrapes it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest
from contract_check import custom_resources
from contract_check.carry_definitions import without_descriptions

from components.gke.network import WEBHOOK_PORTS
from components.platform.dapr import WITH_SIDECAR, Dapr, DaprArgs
from components.platform.dapr_crds import CONVERTED, DEFINITIONS, DaprCrds, DaprCrdsArgs, dapr_definitions
from components.releases import ChartSource
from rehearsal.providers.inventory import Inventory
from rehearsal.providers.packages import provider_of
from stacks.versions import DAPR
from tests.mock_engine import Deployed
from tests.plans import committed_plan
from tests.unit.components.bare_platform import Prerequisite
from tests.unit.rehearsal.providers.fake_engine import Engine

RELEASE = "kubernetes:helm.sh/v3:Release"
DEFINITION = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
MONITOR = "kubernetes:monitoring.coreos.com/v1:PodMonitor"
DEPLOYED_PARTS = ("dapr_operator", "dapr_placement", "dapr_scheduler", "dapr_sentry", "dapr_sidecar_injector")


@pytest.fixture
def dapr(deploy: Callable[..., Deployed]) -> Callable[..., Deployed]:
    def deployed(*, high_availability: bool = False) -> Deployed:
        def program() -> None:
            args = DaprArgs(
                bundle="roots\n",
                issuer="issuer\n",
                issuer_key=pulumi.Output.secret("key\n"),
                high_availability=high_availability,
                storage_class="disks",
                namespace=Prerequisite("namespace"),
                definitions=[Prerequisite("definition")],
                service_monitors=Prerequisite("monitors"),
                nodes=[Prerequisite("nodes")],
                charts=ChartSource(),
            )
            Dapr("dapr", args)

        return deploy(program)

    return deployed


def values(deployed: Deployed) -> dict[str, Any]:
    return deployed.only(RELEASE).inputs["values"]


def test_the_release_waits_for_the_definitions_and_brings_none():
    deployed = committed_plan("gke-dev")

    (release,) = [one for one in deployed.of_type(RELEASE) if one.inputs["name"] == "dapr"]
    assert release.inputs["skipCrds"] is True
    waits = {urn.rpartition("::")[2] for urn in release.depends_on}
    assert {"namespaces-dapr-system", *(one.name for one in deployed.of_type(DEFINITION))} <= waits
    assert "operator-crds-release" not in waits
    assert [urn.rpartition("::")[2] for urn in deployed.named("dapr-sidecars-monitor").depends_on] == [
        "namespaces-dapr-system",
        "operator-crds-release",
    ]


def test_sentry_signs_with_what_it_is_given(dapr: Callable[..., Deployed]):
    assert values(dapr())["dapr_sentry"]["tls"] == {
        "root": {"certPEM": "roots\n"},
        "issuer": {"certPEM": "issuer\n", "keyPEM": "key\n"},
    }


@pytest.mark.parametrize(("high_availability", "scheduler"), [(True, "16Gi"), (False, "2Gi")])
def test_three_of_each_part_run_where_availability_is_to_be_high(
    dapr: Callable[..., Deployed], high_availability: bool, scheduler: str
):
    found = values(dapr(high_availability=high_availability))

    assert found["global"]["ha"] == {
        "enabled": high_availability,
        "replicaCount": 3,
        "disruption": {"maximumUnavailable": "1"},
    }
    assert found["dapr_scheduler"]["cluster"] == {"storageClassName": "disks", "storageSize": scheduler}


def test_no_volume_stands_in_the_way_of_more_placement_servers_later(dapr: Callable[..., Deployed]):
    one, three = (values(dapr(high_availability=large))["dapr_placement"] for large in (False, True))

    assert one["cluster"] == three["cluster"] == {"forceInMemoryLog": True}
    assert "volumeclaims" not in three


@pytest.mark.parametrize("high_availability", [True, False])
def test_every_container_asks_for_what_it_needs(dapr: Callable[..., Deployed], high_availability: bool):
    found = values(dapr(high_availability=high_availability))

    for part in DEPLOYED_PARTS:
        resources = found[part]["resources"]
        assert resources["requests"].keys() == {"cpu", "memory"}
        assert resources["limits"] == {"memory": resources["requests"]["memory"]}


def test_the_pods_bear_the_level_restricted_and_log_as_json(dapr: Callable[..., Deployed]):
    found = values(dapr())

    assert found["global"]["seccompProfile"] == "RuntimeDefault"
    assert found["global"]["logAsJson"] is True
    assert found["global"]["priorityClassName"] == "platform-critical"
    injector = found["dapr_sidecar_injector"]
    assert injector["sidecarDropALLCapabilities"] is True
    assert injector["sidecarReadOnlyRootFilesystem"] is True


def test_a_pod_that_asks_for_a_sidecar_is_not_created_without_one_and_no_other_pod_waits(
    dapr: Callable[..., Deployed],
):
    injector = values(dapr())["dapr_sidecar_injector"]

    assert injector["webhookFailurePolicy"] == "Fail"
    assert injector["objectSelector"] == {"matchLabels": WITH_SIDECAR}
    (expression,) = injector["namespaceSelector"]["matchExpressions"]
    assert (expression["operator"], expression["values"]) == ("NotIn", ["kube-system", "dapr-system"])


def test_nobody_gets_to_read_the_secrets_of_the_namespace_default(dapr: Callable[..., Deployed]):
    assert values(dapr())["dapr_rbac"] == {"secretReader": {"enabled": False}}


def test_the_control_plane_and_every_sidecar_are_scraped(dapr: Callable[..., Deployed]):
    control_plane, sidecars = dapr().of_type(MONITOR)

    assert control_plane.inputs["spec"] == {
        "jobLabel": "app",
        "selector": {"matchLabels": {"app.kubernetes.io/part-of": "dapr"}},
        "podMetricsEndpoints": [{"port": "metrics"}],
    }
    assert sidecars.inputs["spec"] == {
        "namespaceSelector": {"any": True},
        "selector": {"matchLabels": {"dapr.io/sidecar-injected": "true"}},
        "podMetricsEndpoints": [{"port": "dapr-metrics"}],
    }


def test_gke_lets_the_api_server_reach_the_injector_and_the_operator():
    assert {"4000", "19443"} <= set(WEBHOOK_PORTS)


def test_the_definitions_are_those_that_the_check_knows_at_the_version_of_the_chart():
    known = {path: json.loads(path.read_text()) for path in custom_resources.FOLDER.glob("dapr.io.*.json")}
    definitions = json.loads(DEFINITIONS.read_text())

    assert sorted(definitions) == sorted(f"{one['plural']}.{one['group']}" for one in known.values())
    for one in known.values():
        spec = definitions[f"{one['plural']}.{one['group']}"]
        (stored,) = [version for version in spec["versions"] if version["storage"]]
        schema = without_descriptions(stored["schema"]["openAPIV3Schema"])
        schema["properties"].pop("status", None)
        assert (stored["name"], spec["scope"], schema) == (one["version"], one["scope"], one["schema"])
    carried = json.loads((custom_resources.FOLDER.parent / "charts" / "dapr.json").read_text())
    assert carried["version"] == DAPR.version


def test_every_definition_is_registered_and_waits_for_nothing(deploy: Callable[..., Deployed]):
    deployed = deploy(lambda: DaprCrds("crds", DaprCrdsArgs(definitions=dapr_definitions())) and None)

    names = [one.inputs["metadata"]["name"] for one in deployed.of_type(DEFINITION)]
    assert names == sorted(json.loads(DEFINITIONS.read_text()))
    assert [one.depends_on for one in deployed.of_type(DEFINITION)] == [[]] * 7


def test_the_translator_of_subscriptions_is_the_operator_and_its_authority_the_operators_own():
    conversion = dapr_definitions()[CONVERTED]["conversion"]

    assert conversion["webhook"]["clientConfig"] == {
        "service": {"namespace": "dapr-system", "name": "dapr-webhook", "path": "/convert"}
    }
    assert "replaceme" not in json.dumps(dapr_definitions())


def test_marks_of_kubernetes_are_spelt_as_the_sdk_spells_them():
    text = json.dumps(dapr_definitions())

    assert "x_kubernetes_preserve_unknown_fields" in text
    assert "x-kubernetes-" not in text


def test_a_definition_of_a_later_version_is_changed_where_it_is(tmp_path: Path):
    engine = Engine(provider_of("kubernetes", Inventory(tmp_path / "inventory.sqlite")), {"context": "kind-groundwork"})
    spec = dapr_definitions()["components.dapr.io"]
    metadata = {"name": "components.dapr.io"}
    before = engine.create(DEFINITION, "components", metadata=metadata, spec=spec)

    later = json.loads(json.dumps(spec))
    later["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["scopes"] = {"type": "string"}
    plan = engine.diff(before, metadata=metadata, spec=later)

    assert (plan.changes, plan.replaces) == (True, [])
