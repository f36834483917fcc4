"""Auto-instrumentation: what the operator is released with, and what the pods of a service ask it for."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi_kubernetes as kubernetes
import pytest
import yaml
from contract_check.check import check_resource

from components.contracts import Registry, ServiceAccount, WorkloadIdentity
from components.platform.otel_operator import OtelOperator, OtelOperatorArgs, operator_values
from components.releases import ChartSource
from components.services.chart import CHART
from components.services.model import parse_workload
from components.services.monitoring.instrumentation import instrumentation_spec
from components.services.workload import Workload, WorkloadArgs
from rehearsal.setup import toolchain
from stacks.problems import SettingsError
from tests.mock_engine import Deployed
from tests.unit.components.bare_platform import Prerequisite, bare_platform

RELEASE = "kubernetes:helm.sh/v3:Release"
INSTRUMENTATION = "kubernetes:opentelemetry.io/v1alpha1:Instrumentation"
ACCOUNT = ServiceAccount(namespace="shop", name="orders")


@pytest.fixture
def shop(deploy: Callable[..., Deployed]) -> Callable[..., Deployed]:
    """A workload whose service `orders` is as given, on a stack with the operator."""

    def build(principal: WorkloadIdentity | None = None, **orders: Any) -> Deployed:
        def program() -> None:
            spec = parse_workload("shop", {"services": {"orders": {"image": {"tag": "1.0.0"}, **orders}}})
            args = WorkloadArgs(
                workload="shop",
                spec=spec,
                registry=Registry(image_prefix="registry"),
                principals={ACCOUNT: principal} if principal else {},
                platform=bare_platform(agents=kubernetes.core.v1.ConfigMap("operator")),
            )
            Workload("shop", args)

        return deploy(program)

    return build


def test_the_pods_of_an_instrumented_service_ask_for_the_agent_of_its_language(shop: Callable[..., Deployed]):
    values = shop(instrumentation="python").only(RELEASE).inputs["values"]

    assert values["podAnnotations"] == {
        "instrumentation.opentelemetry.io/inject-python": "services",
        "instrumentation.opentelemetry.io/container-names": "app",
    }
    assert values["podLabels"] == {"groundwork/instrumented": "true"}


def test_its_labels_stand_beside_those_of_its_identity(shop: Callable[..., Deployed]):
    principal = WorkloadIdentity(service_account=ACCOUNT, pod_labels={"cloud/use": "true"})
    values = shop(principal, instrumentation="java").only(RELEASE).inputs["values"]

    assert values["podLabels"] == {"cloud/use": "true", "groundwork/instrumented": "true"}


def test_a_service_that_is_not_instrumented_asks_for_nothing(shop: Callable[..., Deployed]):
    deployed = shop()

    assert not {"podAnnotations", "podLabels"} & set(deployed.only(RELEASE).inputs["values"])
    assert INSTRUMENTATION not in deployed.types()


def test_the_webhook_answers_and_knows_the_agents_before_pods_are_created(shop: Callable[..., Deployed]):
    deployed = shop(instrumentation="nodejs")
    agents = deployed.only(INSTRUMENTATION)

    assert (agents.inputs["metadata"]["namespace"], agents.inputs["metadata"]["name"]) == ("shop", "services")
    assert deployed.named("operator").urn in agents.depends_on
    assert agents.urn in deployed.only(RELEASE).depends_on


def test_the_object_carries_the_label_that_its_own_webhooks_select(shop: Callable[..., Deployed]):
    labels = shop(instrumentation="nodejs").only(INSTRUMENTATION).inputs["metadata"]["labels"]

    assert labels == operator_values(high_availability=False)["admissionWebhooks"]["objectSelector"]["matchLabels"]


def test_the_definition_and_the_services_chart_take_what_is_given(shop: Callable[..., Deployed]):
    deployed = shop(instrumentation="dotnet")

    for kind in (INSTRUMENTATION, RELEASE):
        assert [str(found) for found in check_resource(kind, deployed.only(kind).inputs)] == []


@pytest.mark.real
def test_the_services_chart_puts_them_on_the_pods(shop: Callable[..., Deployed], tmp_path: Path):
    values = shop(instrumentation="java").only(RELEASE).inputs["values"]
    file = tmp_path / "values.json"
    file.write_text(json.dumps(values))
    programs = toolchain.installed()
    assert programs is not None
    command = [programs.helm, "template", "orders", CHART, "--values", file, "--show-only", "templates/deployment.yaml"]
    rendered = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    pod = yaml.safe_load(rendered)["spec"]["template"]["metadata"]

    assert pod["annotations"] == values["podAnnotations"]
    assert pod["labels"]["groundwork/instrumented"] == "true"


def test_the_operators_chart_knows_every_value(deploy: Callable[..., Deployed]):
    def program() -> None:
        wait = Prerequisite("wait")
        args = OtelOperatorArgs(
            high_availability=True,
            namespace=wait,
            service_monitors=wait,
            own_ca=wait,
            nodes=[wait],
            charts=ChartSource(),
        )
        OtelOperator("otel-operator", args)

    release = deploy(program).only(RELEASE)

    assert [str(found) for found in check_resource(RELEASE, release.inputs)] == []
    assert (release.inputs["name"], release.inputs["namespace"]) == ("opentelemetry-operator", "tracing")


def test_only_four_languages_have_an_agent():
    with pytest.raises(SettingsError) as raised:
        parse_workload("shop", {"services": {"orders": {"image": {"tag": "1.0.0"}, "instrumentation": "go"}}})

    assert list(raised.value.problems) == [
        "services.orders.instrumentation: expected 'python', 'nodejs', 'dotnet' or 'java'"
    ]


def test_agents_send_every_trace_to_the_collector():
    spec = instrumentation_spec()

    assert spec["exporter"] == {"endpoint": "http://otel-collector.tracing.svc:4318"}
    assert spec["sampler"] == {"type": "parentbased_always_on"}
    assert spec["propagators"] == ["tracecontext", "baggage"]


def test_logs_are_sent_once_from_the_node_and_not_again_by_agents():
    assert {"name": "OTEL_LOGS_EXPORTER", "value": "none"} in instrumentation_spec()["env"]


def test_what_copies_an_agent_into_a_pod_is_what_the_level_restricted_lets_in():
    assert instrumentation_spec()["initContainerSecurityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "runAsUser": 65532,
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def test_each_language_has_the_image_that_the_operator_was_tested_with():
    images = {
        language: instrumentation_spec()[language]["image"] for language in ("python", "nodejs", "dotnet", "java")
    }
    prefix = "ghcr.io/open-telemetry/opentelemetry-operator/autoinstrumentation"

    assert images == {
        "python": f"{prefix}-python:0.64b0",
        "nodejs": f"{prefix}-nodejs:0.78.0",
        "dotnet": f"{prefix}-dotnet:1.16.0",
        "java": f"{prefix}-java:2.30.0",
    }


def test_the_clusters_own_authority_vouches_for_the_webhooks():
    webhooks = operator_values(high_availability=True)["admissionWebhooks"]

    assert webhooks["certManager"] == {"enabled": True, "issuerRef": {"kind": "ClusterIssuer", "name": "own-ca"}}
    assert webhooks["autoGenerateCert"] == {"enabled": False}


def test_a_pod_comes_without_an_agent_rather_than_not_at_all():
    assert operator_values(high_availability=True)["admissionWebhooks"]["pods"] == {"failurePolicy": "Ignore"}


def test_two_operators_answer_where_the_stack_is_highly_available():
    few, many = operator_values(high_availability=False), operator_values(high_availability=True)

    assert (few["replicaCount"], few["pdb"]) == (1, {"create": False})
    assert (many["replicaCount"], many["pdb"]) == (2, {"create": True})
