"""What the guide to Dapr shows, compiled and checked as the preview checks it."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from components.contracts import DaprSecretStore
from components.services.dapr.application import DaprApplication
from components.services.dapr.configuration import callers
from components.services.model import WorkloadSpec, parse_workload
from tests.dapr_guide import examples
from tests.mock_engine import Deployed, Registration
from tests.unit.components.bare_platform import Prerequisite
from tests.unit.components.services.dapr_workloads import application

PREFIX = "kubernetes:dapr.io/"
WORKED, OWN_BROKER = (parse_workload("shop", yaml.safe_load(text)) for text in examples())
VAULT = DaprSecretStore(type="secretstores.azure.keyvault", metadata={"vaultName": "shop"})


def objects(deploy: Callable[..., Deployed], spec: WorkloadSpec, **changes: Any) -> dict[str, Registration]:
    def program() -> None:
        called_by = callers({"shop": spec})["shop"] if spec is WORKED else {}
        args = application(Prerequisite("wait"), spec, workload="shop", callers=called_by, **changes)
        DaprApplication("shop-dapr", args)

    found = [one for one in deploy(program).registrations.values() if one.type.startswith(PREFIX)]
    return {f"{one.type.rpartition(':')[2]} {one.inputs['metadata']['name']}": one for one in found}


def test_the_worked_example_makes_what_the_guide_says(deploy):
    made = objects(deploy, WORKED)

    assert set(made) == {
        "Component pubsub",
        "Component state",
        "Component secrets",
        "Component orders.cleanup",
        "Subscription stock.orders",
        "Configuration orders",
        "Configuration stock",
        "Resiliency orders",
        "Resiliency stock",
    }
    policies = {
        name: made[f"Configuration {name}"].inputs["spec"]["accessControl"]["policies"] for name in ("orders", "stock")
    }
    assert {name: [policy["appId"] for policy in found] for name, found in policies.items()} == {
        "orders": [],
        "stock": ["orders"],
    }
    assert made["Subscription stock.orders"].inputs["spec"]["deadLetterTopic"] == "orders-dead-letters"
    assert made["Resiliency orders"].inputs["spec"]["policies"]["timeouts"]["service-stock"] == "2s"


@pytest.mark.parametrize(
    ("spec", "changes"),
    [(WORKED, {}), (WORKED, {"secret_store": VAULT}), (OWN_BROKER, {"kafka": None, "postgres": None})],
    ids=["worked", "vault", "own broker"],
)
def test_nothing_that_the_guide_shows_is_objected_to(deploy, report, spec, changes):
    made = objects(deploy, spec, **changes)

    assert made
    assert {name: found for name, one in made.items() if (found := report(one.type, one.inputs))} == {}


def test_a_broker_of_the_users_takes_the_place_of_kafka(deploy):
    pubsub = objects(deploy, OWN_BROKER, kafka=None, postgres=None)["Component pubsub"]
    settings = {entry["name"]: entry["value"] for entry in pubsub.inputs["spec"]["metadata"]}

    assert pubsub.inputs["spec"]["type"] == "pubsub.gcp.pubsub"
    assert settings["projectID"] == "acme-shop"
    assert pubsub.inputs["scopes"] == ["orders", "stock"]


@pytest.mark.parametrize(
    ("metadata", "finding"),
    [
        ({"projectId": "acme", "ackDeadLine": "60s"}, None),
        ({}, "spec.metadata.projectID: required here"),
        ({"projectID": "acme", "ackDeadlin": "60s"}, 'the component has no such field; did you mean "ackDeadline"?'),
        ({"projectID": "acme", "maxDeliveryAttempts": "ten"}, '"ten" is not a number'),
        ({"projectID": "acme", "privateKey": "-----BEGIN"}, "a secret in plain text"),
    ],
)
def test_a_mistake_in_a_broker_of_the_users_is_found_by_the_preview(deploy, report, metadata, finding):
    values = yaml.safe_load(examples()[1])
    values["components"]["pubsub"]["own"]["metadata"] = metadata
    made = objects(deploy, parse_workload("shop", values), kafka=None, postgres=None)["Component pubsub"]

    found = report(made.type, made.inputs)

    assert found == [] if finding is None else finding in "\n".join(found)
