"""Which resource is refused where nothing is there but what it waits for."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from rehearsal.orders import Edge, Orders
from rehearsal.providers.inventory import Inventory

SERVICE = "gcp:projects/service:Service"
NETWORK = "gcp:compute/network:Network"
RING = "gcp:kms/keyRing:KeyRing"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": '"europe-west4"'}


def urn(name: str) -> str:
    return f"urn:pulumi:dev::acme::any:index:Kind::{name}"


def resource(type_: str, name: str, inputs: dict[str, Any], *, after: Sequence[str] = ()) -> dict[str, Any]:
    """As the engine exports it."""
    return {
        "urn": urn(name),
        "type": type_,
        "custom": True,
        "inputs": {"__defaults": [], **inputs},
        "provider": f"{urn('google')}::some-id",
        "dependencies": [urn(one) for one in after],
    }


def deployment(*resources: dict[str, Any]) -> dict[str, Any]:
    settings = {"__internal": {}, "project": "acme-dev", "region": "europe-west4"}
    provider = {"urn": urn("google"), "type": "pulumi:providers:gcp", "custom": True, "inputs": settings}
    return {"resources": [provider, *resources]}


def api(name: str) -> dict[str, Any]:
    return resource(SERVICE, name, {"service": f"{name}.googleapis.com"})


@pytest.fixture
def inventory(tmp_path: Path) -> Inventory:
    return Inventory(tmp_path / "inventory.sqlite")


def test_a_resource_that_waits_for_all_that_it_needs_may_come_at_any_time(inventory: Inventory):
    network = resource(NETWORK, "network", {"name": "network"}, after=["compute"])

    orders = Orders(deployment(api("compute"), api("iam"), network), inventory)

    assert list(orders.refusals()) == []


def test_a_resource_that_only_happened_to_come_late_enough_is_refused(inventory: Inventory):
    network = resource(NETWORK, "network", {"name": "network"}, after=["iam"])

    (refusal,) = Orders(deployment(api("compute"), api("iam"), network), inventory).refusals()

    assert refusal.urn == urn("network")
    assert refusal.reason.startswith(
        "googleapi: Error 403: compute.googleapis.com API has not been used in project acme-dev before"
    )


def test_what_others_wait_for_is_there_too(inventory: Inventory):
    network = resource(NETWORK, "network", {"name": "network"}, after=["iam"])
    late_api = {**api("iam"), "dependencies": [urn("compute")]}

    assert list(Orders(deployment(api("compute"), late_api, network), inventory).refusals()) == []


def test_every_resource_that_is_refused_is_told(inventory: Inventory):
    network, other = (resource(NETWORK, name, {"name": name}) for name in ("network", "other"))

    refusals = Orders(deployment(api("compute"), network, other), inventory).refusals()

    assert [refusal.urn for refusal in refusals] == [urn("network"), urn("other")]


def test_an_edge_that_nothing_needs_is_told_from_one_that_something_does(inventory: Inventory):
    network = resource(NETWORK, "network", {"name": "network"}, after=["compute", "iam"])

    orders = Orders(deployment(api("compute"), api("iam"), network), inventory)

    assert {edge: orders.is_needed(edge) for edge in orders.edges()} == {
        Edge(urn("network"), urn("compute")): True,
        Edge(urn("network"), urn("iam")): False,
    }


def test_of_edges_that_do_as_well_as_each_other_each_is_needed(inventory: Inventory):
    project = {"service": "compute.googleapis.com", "project": "acme-dev"}
    again = resource(SERVICE, "compute-again", project)
    network = resource(NETWORK, "network", {"name": "network"}, after=["compute", "compute-again"])

    orders = Orders(deployment(api("compute"), again, network), inventory)

    assert [orders.is_needed(edge) for edge in orders.edges()] == [True, True]


def test_an_edge_that_others_imply_is_left_out(inventory: Inventory):
    late_api = {**api("iam"), "dependencies": [urn("compute")]}
    network = resource(NETWORK, "network", {"name": "network"}, after=["compute", "iam"])

    orders = Orders(deployment(api("compute"), late_api, network), inventory)

    assert orders.edges() == [Edge(urn("iam"), urn("compute")), Edge(urn("network"), urn("iam"))]


def test_nothing_of_what_is_tried_stays(inventory: Inventory):
    network = resource(NETWORK, "network", {"name": "network"}, after=["compute"])
    orders = Orders(deployment(api("compute"), network), inventory)
    before = inventory.list()

    list(orders.refusals())

    assert inventory.list() == before


def test_secrets_of_a_state_are_given_to_providers_as_they_were(inventory: Inventory):
    ring = resource(RING, "ring", {"name": "ring", "location": SECRET}, after=["cloudkms"])

    orders = Orders(deployment(api("cloudkms"), ring), inventory)

    assert list(orders.refusals()) == []
    assert [row.id for row in inventory.list(type=RING)] == ["projects/acme-dev/locations/europe-west4/keyRings/ring"]
