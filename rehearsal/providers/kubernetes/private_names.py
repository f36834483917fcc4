"""Names of Azure's services that lead into a network only once their private records are there."""

from collections.abc import Iterator

from rehearsal.providers import paths
from rehearsal.providers.inventory import Inventory, Resource

_ENDPOINT = "azure-native:network:PrivateEndpoint"
_RECORD = "azure-native:network:PrivateDnsZoneGroup"
_LINK = "azure-native:privatedns:VirtualNetworkLink"


def unresolved(service: Resource, host: str, inventory: Inventory) -> Iterator[str]:
    """Why pods do not reach a service that answers in private alone: its endpoint, record or linked zone is missing.

    Source: learn.microsoft.com/azure/private-link/private-endpoint-dns.
    """
    if service.inputs.get("publicNetworkAccess") != "Disabled":
        return
    endpoints = [
        row
        for row in inventory.list(type=_ENDPOINT)
        if service.id in paths.select(row.inputs, "privateLinkServiceConnections[*].privateLinkServiceId")
    ]
    records = [
        row
        for row in inventory.list(type=_RECORD)
        if row.inputs.get("privateEndpointName") in [endpoint.name for endpoint in endpoints]
    ]
    zones = {zone for row in records for zone in paths.select(row.inputs, "privateDnsZoneConfigs[*].privateDnsZoneId")}
    linked = any(link.id.startswith(f"{zone}/") for link in inventory.list(type=_LINK) for zone in zones)
    if not linked:
        missing = "linked private zone" if records else "private record" if endpoints else "private endpoint"
        yield f"{host} leads to a public address, where it answers 403: it has no {missing} in the cluster's network"
