"""What leads pods to a service of Azure that answers in private alone, and what lets kubelets pull from a registry."""

from types import SimpleNamespace
from typing import Any

import pytest

from rehearsal.providers.inventory import Inventory, Resource
from rehearsal.providers.kubernetes.images import image_obstacles
from rehearsal.providers.kubernetes.private_names import unresolved

ACCOUNT = "azure/11111111-2222-4333-a444-555555555555"
REGISTRY = Resource(
    account=ACCOUNT,
    type="azure-native:containerregistry:Registry",
    id="/registries/acme",
    name="acme",
    inputs={"publicNetworkAccess": "Disabled"},
    outputs={"loginServer": "acme.azurecr.io"},
)
ENDPOINT = Resource(
    account=ACCOUNT,
    type="azure-native:network:PrivateEndpoint",
    id="/endpoints/acme",
    name="acme",
    inputs={"privateLinkServiceConnections": [{"privateLinkServiceId": REGISTRY.id}]},
    outputs={},
)
RECORD = Resource(
    account=ACCOUNT,
    type="azure-native:network:PrivateDnsZoneGroup",
    id="/endpoints/acme/groups/default",
    name="default",
    inputs={"privateEndpointName": "acme", "privateDnsZoneConfigs": [{"privateDnsZoneId": "/zones/registry"}]},
    outputs={},
)
LINK = Resource(
    account=ACCOUNT,
    type="azure-native:privatedns:VirtualNetworkLink",
    id="/zones/registry/links/vnet",
    name="vnet",
    inputs={},
    outputs={},
)


@pytest.mark.parametrize(
    ("there", "missing"),
    [
        ([], "private endpoint"),
        ([ENDPOINT], "private record"),
        ([ENDPOINT, RECORD], "linked private zone"),
    ],
    ids=["nothing", "endpoint", "record"],
)
def test_a_private_service_is_not_reached_until_its_name_leads_into_the_network(
    inventory: Inventory, there: list[Resource], missing: str
):
    for row in there:
        inventory.put(row)

    assert list(unresolved(REGISTRY, "acme.azurecr.io", inventory)) == [
        f"acme.azurecr.io leads to a public address, where it answers 403: it has no {missing} in the cluster's network"
    ]


def test_a_private_service_is_reached_once_its_zone_is_linked(inventory: Inventory):
    for row in (ENDPOINT, RECORD, LINK):
        inventory.put(row)

    assert list(unresolved(REGISTRY, "acme.azurecr.io", inventory)) == []


def test_kubelets_pull_nothing_from_a_registry_that_they_have_no_role_on(inventory: Inventory):
    for row in (REGISTRY, ENDPOINT, RECORD, LINK):
        inventory.put(row)
    control_plane = SimpleNamespace(outputs={"identityProfile": {"kubeletidentity": {"objectId": "kubelet"}}})
    cluster: Any = SimpleNamespace(cloud="aks", control_plane=control_plane)
    release = {"values": {"image": {"repository": "acme.azurecr.io/todo/backend"}}}

    assert image_obstacles(release, cluster, inventory) == [
        "ErrImagePull: acme.azurecr.io/todo/backend: 401 Unauthorized: the kubelets' identity kubelet does not hold "
        "AcrPull"
    ]
