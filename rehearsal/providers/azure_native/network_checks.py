"""What Azure refuses about networks: ranges, delegations, NAT, private endpoints."""

import ipaddress
from collections.abc import Iterator

from rehearsal.providers import paths
from rehearsal.providers.enforcement import Referee, Subject
from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Inventory, Resource

NETWORK = "azure-native:network:VirtualNetwork"
SUBNET = "azure-native:network:Subnet"
ADDRESS = "azure-native:network:PublicIPAddress"

GROUPS = {
    "microsoft.storage/storageaccounts": ("blob", "dfs", "file", "queue", "table", "web"),
    "microsoft.keyvault/vaults": ("vault",),
    "microsoft.containerregistry/registries": ("registry",),
    "microsoft.dbforpostgresql/flexibleservers": ("postgresqlServer",),
    "microsoft.servicebus/namespaces": ("namespace",),
}
"""Source: learn.microsoft.com/azure/private-link/private-endpoint-overview#private-link-resource."""

PREMIUM_ALONE = {
    "microsoft.containerregistry/registries": "a registry",
    "microsoft.servicebus/namespaces": "a Service Bus namespace",
}

Block = ipaddress.IPv4Network


def ranges(inputs: dict[str, object], path: str) -> list[Block]:
    """Blocks at a path."""
    return [Block(str(value), strict=False) for value in paths.select(inputs, path)]


def network_of(subnet: Resource | Subject, referee: Referee) -> Resource | None:
    """The network that a subnet belongs to."""
    return referee.find([NETWORK], str(subnet.inputs.get("virtualNetworkName")), subnet.account)


def check_network(subject: Subject, inventory: Inventory, referee: Referee) -> None:
    """Source: learn.microsoft.com/azure/virtual-network/virtual-networks-faq (address ranges of one network)."""
    blocks = ranges(subject.inputs, "addressSpace.addressPrefixes[*]")
    for position, block in enumerate(blocks):
        if any(block.overlaps(other) for other in blocks[:position]):
            raise CloudError(f'Status=400 Code="NetcfgInvalidAddressSpace": {block} overlaps another range.')
    for row in inventory.list(account=subject.account, type=SUBNET):
        network = network_of(row, referee)
        if network is None or network.id != subject.id:
            continue
        if not all(any(block.subnet_of(outer) for outer in blocks) for block in _of_subnet(row.inputs)):
            raise CloudError(
                f"Status=400 Code=\"InUsePrefixCannotBeDeleted\": the range of subnet '{row.name}' is in use and "
                "cannot be taken out of the address space."
            )


def check_subnet(subject: Subject, inventory: Inventory, referee: Referee) -> None:
    """Source: learn.microsoft.com/azure/virtual-network/virtual-network-manage-subnet."""
    network = network_of(subject, referee)
    own = list(_of_subnet(subject.inputs))
    if network is None:
        return
    space = ranges(network.inputs, "addressSpace.addressPrefixes[*]")
    for block in own:
        if not any(block.subnet_of(outer) for outer in space):
            raise CloudError(
                f"Status=400 Code=\"NetcfgInvalidSubnet\": Subnet '{subject.name}' is not valid in virtual network "
                f"'{network.name}': {block} lies outside its address space."
            )
    for row in inventory.list(account=subject.account, type=SUBNET):
        found = network_of(row, referee)
        if row.id == subject.id or found is None:
            continue
        if found.id != network.id:
            _check_gateway(subject, row)
            continue
        if any(block.overlaps(taken) for block in own for taken in _of_subnet(row.inputs)):
            raise CloudError(
                f"Status=400 Code=\"NetcfgSubnetRangesOverlap\": Subnet '{subject.name}' is not valid because its IP "
                f"address range overlaps with that of an existing subnet of '{network.name}': '{row.name}'."
            )


def _check_gateway(subject: Subject, other: Resource) -> None:
    """Source: learn.microsoft.com/azure/nat-gateway/nat-overview (a gateway serves one network)."""
    gateway = paths.first(subject.inputs, "natGateway.id")
    if gateway is not None and gateway == paths.first(other.inputs, "natGateway.id"):
        raise CloudError(
            f'Status=400 Code="NatGatewayCannotBeUsedBySubnetsBelongingToDifferentVirtualNetworks": {gateway} is used '
            f"by the subnet {other.id}."
        )


def check_nat_gateway(subject: Subject, inventory: Inventory, referee: Referee) -> None:
    """Source: learn.microsoft.com/azure/nat-gateway/nat-overview (standard public addresses only)."""
    for reference in paths.select(subject.inputs, "publicIpAddresses[*].id"):
        address = referee.find([ADDRESS], reference, subject.account)
        if address is not None and paths.first(address.inputs, "sku.name") not in ("Standard", "StandardV2"):
            raise CloudError(
                f'Status=400 Code="NatGatewayPublicIpSkuNotSupported": {reference} is not of the Standard sku'
            )


def check_address(subject: Subject, inventory: Inventory, referee: Referee) -> None:
    """Source: learn.microsoft.com/azure/virtual-network/ip-services/public-ip-addresses#sku."""
    standard = paths.first(subject.inputs, "sku.name") == "Standard"
    if standard and subject.inputs.get("publicIPAllocationMethod") != "Static":
        raise CloudError(
            'Status=400 Code="StandardSkuPublicIPAddressesMustBeStatic": Standard sku publicIp '
            f"{subject.id} must have AllocationMethod set to Static."
        )


def check_private_endpoint(subject: Subject, inventory: Inventory, referee: Referee) -> None:
    """Source: learn.microsoft.com/azure/private-link/private-endpoint-overview."""
    for connection in subject.inputs.get("privateLinkServiceConnections") or []:
        target = str(connection.get("privateLinkServiceId")).rstrip("/")
        if not any(row.id == target for row in inventory.list(retained=False)):
            raise CloudError(f"Status=404 Code=\"ResourceNotFound\": the resource '{target}' was not found.")
        kind = "/".join(target.lower().split("/providers/")[-1].split("/")[:2])
        groups = connection.get("groupIds") or []
        _check_sku(kind, next(row for row in inventory.list(retained=False) if row.id == target))
        if any(group not in GROUPS.get(kind, groups) for group in groups):
            raise CloudError(
                f'Status=400 Code="PrivateEndpointInvalidGroupId": {", ".join(groups)} is no group of {target}; '
                f"one of {', '.join(GROUPS[kind])}"
            )


def _check_sku(kind: str, target: Resource) -> None:
    """Sources: learn.microsoft.com/azure/container-registry/container-registry-private-link#prerequisites;
    learn.microsoft.com/azure/service-bus-messaging/private-link-service.
    """
    if kind in PREMIUM_ALONE and paths.first(target.inputs, "sku.name") != "Premium":
        raise CloudError(
            f'Status=400 Code="SkuNotSupported": private endpoints of {PREMIUM_ALONE[kind]} need the Premium sku.'
        )


def check_zone(subject: Subject, inventory: Inventory, referee: Referee) -> None:
    """Source: learn.microsoft.com/azure/dns/ dns-zones-records, private-dns-privatednszone."""
    check_global(subject, inventory, referee)
    labels = subject.name.split(".")
    if not 2 <= len(labels) <= 34 or any(not 1 <= len(label) <= 63 for label in labels):
        raise CloudError(
            f"Status=400 Code=\"BadRequest\": the domain name '{subject.name}' has not 2 to 34 labels of 1 to 63 "
            "characters."
        )


def check_link(subject: Subject, inventory: Inventory, referee: Referee) -> None:
    """Source: learn.microsoft.com/azure/dns/private-dns-virtual-network-links (one zone of a name for a network)."""
    check_global(subject, inventory, referee)
    for row in inventory.list(type=subject.type):
        same = all(
            paths.first(row.inputs, path) == paths.first(subject.inputs, path)
            for path in ("privateZoneName", "virtualNetwork.id")
        )
        if same and row.id != subject.id:
            raise CloudError(
                'Status=409 Code="Conflict": the network is linked to a zone of this name already: '
                f"{subject.inputs.get('privateZoneName')}."
            )


def check_global(subject: Subject, inventory: Inventory, referee: Referee) -> None:
    """Source: learn.microsoft.com/rest/api/dns/zones, privatednszones (zones and links to them are global)."""
    if subject.inputs.get("location") != "global":
        raise CloudError(
            'Status=400 Code="LocationNotAvailableForResourceType": the location of a private zone and of its links '
            "is 'global'."
        )


def _of_subnet(inputs: dict[str, object]) -> Iterator[Block]:
    yield from ranges(inputs, "addressPrefix")
    yield from ranges(inputs, "addressPrefixes[*]")
