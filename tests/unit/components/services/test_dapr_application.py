"""Dapr in the namespace of one workload: what is there, in which order, and what the pods get for it."""

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import DaprSecretStore, ServiceAccount
from components.services.application_service import add_sidecar
from components.services.dapr.application import DaprApplication
from components.services.dapr.sidecar import Sidecar
from tests.mock_engine import Deployed
from tests.unit.components.bare_platform import Prerequisite
from tests.unit.components.services.dapr_workloads import BACKEND, application, kafka, postgres, service, workload

Deploy = Callable[..., Deployed]
COMPONENT = "kubernetes:dapr.io/v1alpha1:Component"
KINDS = {
    COMPONENT,
    "kubernetes:dapr.io/v1alpha1:Configuration",
    "kubernetes:dapr.io/v1alpha1:Resiliency",
    "kubernetes:dapr.io/v2alpha1:Subscription",
}
GCP = DaprSecretStore(type="secretstores.gcp.secretmanager", metadata={"projectID": "acme"})


def built(deploy: Deploy, **changes: Any) -> Deployed:
    return deploy(lambda: DaprApplication("todo-dapr", application(Prerequisite("wait"), **changes)) and None)


def names(deployed: Deployed, token: str) -> set[str]:
    return {one.inputs["metadata"]["name"] for one in deployed.of_type(token)}


def test_each_service_with_a_sidecar_has_a_configuration_of_its_own(deploy: Deploy):
    deployed = built(deploy, spec=workload(plain=service(None)))

    assert names(deployed, "kubernetes:dapr.io/v1alpha1:Configuration") == {"backend", "notification"}
    assert names(deployed, "kubernetes:dapr.io/v1alpha1:Resiliency") == {"backend", "notification"}
    assert names(deployed, "kubernetes:dapr.io/v2alpha1:Subscription") == {"notification.tasks"}
    assert names(deployed, COMPONENT) == {"pubsub", "state", "secrets", "backend.cleanup"}


def test_scopes_stand_beside_the_spec(deploy: Deploy):
    deployed = built(deploy)
    (state,) = [one for one in deployed.of_type(COMPONENT) if one.inputs["metadata"]["name"] == "state"]
    configuration = deployed.of_type("kubernetes:dapr.io/v1alpha1:Configuration")[0]

    assert state.inputs["scopes"] == ["backend"]
    assert state.inputs["metadata"]["namespace"] == "todo"
    assert "scopes" not in configuration.inputs


def test_callers_are_let_in_by_the_configuration_of_the_called(deploy: Deploy):
    deployed = built(deploy, callers={"notification": [ServiceAccount(namespace="todo", name="backend")]})
    policies = {
        one.inputs["metadata"]["name"]: one.inputs["spec"]["accessControl"]["policies"]
        for one in deployed.of_type("kubernetes:dapr.io/v1alpha1:Configuration")
    }

    assert [policy["appId"] for policy in policies["notification"]] == ["backend"]
    assert policies["backend"] == []


def test_secrets_follow_the_vault_where_dapr_cannot_read_it(deploy: Deploy):
    deployed = built(deploy)
    external = deployed.only("kubernetes:external-secrets.io/v1:ExternalSecret")
    role = deployed.only("kubernetes:rbac.authorization.k8s.io/v1:Role")

    assert external.inputs["metadata"]["name"] == "todo-api-key"
    assert external.inputs["spec"]["data"] == [{"secretKey": "todo-api-key", "remoteRef": {"key": "todo-api-key"}}]
    assert role.inputs["rules"] == [
        {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["todo-api-key"], "verbs": ["get"]}
    ]


def test_the_clouds_vault_is_read_without_a_secret_in_between(deploy: Deploy):
    deployed = built(deploy, secret_store=GCP)

    assert deployed.of_type("kubernetes:external-secrets.io/v1:ExternalSecret") == []
    assert deployed.of_type("kubernetes:rbac.authorization.k8s.io/v1:Role") == []


def sidecars(deploy: Deploy, **changes: Any) -> dict[str, Sidecar | None]:
    found: dict[str, Sidecar | None] = {}

    def program() -> None:
        built = DaprApplication("todo-dapr", application(Prerequisite("wait"), **changes))
        found.update({name: built.sidecar(name) for name in ("backend", "notification", "plain")})

    deploy(program)
    return found


def test_pods_get_what_the_injector_looks_for(deploy: Deploy):
    found = sidecars(deploy, spec=workload(plain=service(None)))
    backend, notification = found["backend"], found["notification"]

    assert found["plain"] is None
    assert backend is not None
    assert notification is not None
    assert backend.labels == {"groundwork/sidecar": "true"}
    assert backend.annotations["dapr.io/app-id"] == "backend"
    assert (backend.volumes, notification.volumes) == ({"postgres-ca": "postgres-ca"}, {})
    assert (backend.reads_secrets, notification.reads_secrets) == (True, False)


def test_pods_start_anew_when_a_password_changes_that_their_sidecar_read(deploy: Deploy):
    found = sidecars(deploy, spec=workload(plain=service(None)))
    backend, notification = found["backend"], found["notification"]

    assert backend is not None
    assert notification is not None
    assert backend.restarted_by == ["dapr", "kafka-ca", "postgres-app"]
    assert notification.restarted_by == ["dapr", "kafka-ca"]


def test_a_token_of_the_kubernetes_api_is_for_those_who_read_secrets_there(deploy: Deploy):
    backend = sidecars(deploy, spec=workload(plain=service(None)), secret_store=GCP)["backend"]

    assert backend is not None
    assert backend.reads_secrets is False


def test_pods_wait_for_all_that_their_sidecar_reads(deploy: Deploy):
    waited: dict[str, list[pulumi.Resource]] = {}

    def program() -> None:
        built = DaprApplication(
            "todo-dapr", application(Prerequisite("wait"), workload(plain=service(None)), secret_store=GCP)
        )
        waited.update({name: built.waits_for(name) for name in ("backend", "notification", "plain")})

    deploy(program)

    assert [one._name for one in waited["backend"]] == [
        "wait",
        "todo-dapr-component-pubsub",
        "todo-dapr-component-state",
        "todo-dapr-component-secrets",
        "todo-dapr-component-backend.cleanup",
        "todo-dapr-configuration-backend",
        "todo-dapr-resiliency-backend",
    ]
    assert [one._name for one in waited["notification"]] == [
        "wait",
        "todo-dapr-component-pubsub",
        "todo-dapr-subscription-notification.tasks",
        "todo-dapr-configuration-notification",
        "todo-dapr-resiliency-notification",
    ]
    assert waited["plain"] == []


def test_what_pods_need_for_a_sidecar_is_added_to_what_they_have_already():
    values: dict[str, Any] = {
        "podAnnotations": {"a": "b", "secret.reloader.stakater.com/reload": "backend"},
        "podLabels": {"c": "d"},
        "serviceAccount": {"annotations": {"e": "f"}, "token": False},
    }
    sidecar = Sidecar(
        annotations={"dapr.io/enabled": "true"},
        labels={"groundwork/sidecar": "true"},
        volumes={"postgres-ca": "ca"},
        restarted_by=["dapr"],
        reads_secrets=True,
    )

    add_sidecar(values, sidecar)

    assert values == {
        "podAnnotations": {
            "a": "b",
            "dapr.io/enabled": "true",
            "secret.reloader.stakater.com/reload": "backend,dapr,ca",
        },
        "podLabels": {"c": "d", "groundwork/sidecar": "true"},
        "serviceAccount": {"annotations": {"e": "f"}, "token": True},
        "secretVolumes": {"postgres-ca": "ca"},
    }


def test_a_service_that_uses_nothing_has_its_configuration_alone(deploy: Deploy):
    deployed = built(deploy, spec=workload(backend=service({}), notification=service(None)))

    assert {token for token in KINDS if deployed.of_type(token)} == {"kubernetes:dapr.io/v1alpha1:Configuration"}


def test_a_broker_of_the_users_needs_no_kafka(deploy: Deploy):
    own = {"kind": "own", "own": {"type": "pubsub.gcp.pubsub", "metadata": {"projectID": "acme"}}}
    deployed = built(deploy, spec=workload({"pubsub": own, "state": {}}, backend=service(BACKEND)), kafka=None)
    (pubsub,) = [one for one in deployed.of_type(COMPONENT) if one.inputs["metadata"]["name"] == "pubsub"]

    assert pubsub.inputs["spec"]["type"] == "pubsub.gcp.pubsub"


def test_a_component_waits_for_its_own_server_alone(deploy: Deploy):
    def program() -> None:
        servers = {
            "kafka": kafka(ready=[kubernetes.core.v1.Secret("kafka")]),
            "postgres": postgres(ready=[kubernetes.core.v1.Secret("postgres")]),
        }
        DaprApplication("todo-dapr", application(Prerequisite("wait"), **servers))

    deployed = deploy(program)
    waits = {
        one.inputs["metadata"]["name"]: {urn.rpartition("::")[2] for urn in one.depends_on}
        for one in deployed.of_type(COMPONENT)
    }

    assert waits == {"pubsub": {"kafka"}, "state": {"postgres"}, "secrets": set(), "backend.cleanup": set()}
