"""Address ranges of a network: none overlap, a cluster uses those of its subnetwork, a NAT hands out ports."""

import ipaddress
from collections.abc import Iterator

from rehearsal.providers import paths
from rehearsal.providers.enforcement import Referee, Subject
from rehearsal.providers.errors import CloudError
from rehearsal.providers.gcp.names import last, region_of
from rehearsal.providers.gcp.outputs import secondary_ranges
from rehearsal.providers.inventory import Inventory, Resource
from rehearsal.providers.wire import Properties

_NETWORK = "gcp:compute/network:Network"
_SUBNETWORK = "gcp:compute/subnetwork:Subnetwork"
_RANGE = "gcp:compute/globalAddress:GlobalAddress"


def check_overlap(subject: Subject, inventory: Inventory, referee: Referee) -> None:
    """Ranges of one network are disjoint, those that are lent to Google's own networks included.

    Sources: cloud.google.com/vpc/docs/subnets#ipv4-ranges, /vpc/docs/configure-private-services-access.
    """
    own = list(_ranges(subject.inputs))
    for position, (name, block) in enumerate(own):
        if any(block.overlaps(other) for _, other in own[:position]):
            raise CloudError(
                f"googleapi: Error 400: Invalid IPCidrRange: {block} of {name} overlaps another range "
                f"of '{subject.name}', invalid"
            )
    network = _network_id(subject.inputs, subject.account, referee)
    for row in (row for kind in (_SUBNETWORK, _RANGE) for row in inventory.list(account=subject.account, type=kind)):
        if row.id == subject.id or _network_id(row.inputs, row.account, referee) != network:
            continue
        for _, taken in _ranges(row.inputs):
            for _, block in own:
                if block.overlaps(taken):
                    kind = "subnetwork" if row.type == _SUBNETWORK else "allocated range"
                    raise CloudError(
                        f"googleapi: Error 400: Invalid IPCidrRange: {block} conflicts with existing {kind} "
                        f"'{row.name}' ({taken})., badRequest"
                    )


def check_cluster_network(subject: Subject, fields: Properties, inventory: Inventory, referee: Referee) -> None:
    """Source: cloud.google.com/kubernetes-engine/docs/how-to/alias-ips and /private-clusters."""
    reference = subject.inputs.get("subnetwork")
    subnetwork = referee.find([_SUBNETWORK], reference, subject.account) if isinstance(reference, str) else None
    if subnetwork is None:
        return
    region = region_of(fields["location"])
    if f"/regions/{region}/" not in subnetwork.id:
        raise CloudError(
            f"googleapi: Error 400: the subnetwork '{subnetwork.id}' is not in the cluster's region {region}, "
            "badRequest"
        )
    network = subject.inputs.get("network")
    if isinstance(network, str) and _network_id(subject.inputs, subject.account, referee) != _network_id(
        subnetwork.inputs, subnetwork.account, referee
    ):
        raise CloudError(
            f"googleapi: Error 400: the subnetwork '{subnetwork.id}' is not in the network '{network}', badRequest"
        )
    _check_secondary_ranges(subject, subnetwork)
    _check_control_plane_range(subject, subnetwork, inventory, referee)


def check_nat_ports(nat: Properties) -> None:
    """Source: SDK docstring of enableDynamicPortAllocation; cloud.google.com/nat/docs/ports-and-addresses."""
    least, most = nat.get("minPortsPerVm"), nat.get("maxPortsPerVm")
    if nat.get("enableDynamicPortAllocation") is not True:
        _hold(most is None, "maxPortsPerVm", most, "it needs enableDynamicPortAllocation")
        return
    mapping = nat.get("enableEndpointIndependentMapping") is True
    _hold(not mapping, "enableEndpointIndependentMapping", "true", "it excludes enableDynamicPortAllocation")
    fits = least is None or (_is_power_of_two(least) and 32 <= least <= 32768)
    _hold(fits, "minPortsPerVm", least, "with dynamic port allocation it is a power of two from 32 to 32768")
    fits = most is None or (_is_power_of_two(most) and (least or 32) < most <= 65536)
    _hold(fits, "maxPortsPerVm", most, "it is a power of two above minPortsPerVm, at most 65536")


def _is_power_of_two(number: float) -> bool:
    return number >= 1 and int(number) == number and int(number).bit_count() == 1


def _hold(fits: bool, path: str, value: object, why: str) -> None:
    if not fits:
        raise CloudError(f"googleapi: Error 400: Invalid value for field '{path}': '{value}'. {why}., invalid")


def _check_secondary_ranges(subject: Subject, subnetwork: Resource) -> None:
    policy = subject.inputs.get("ipAllocationPolicy") or {}
    for key in ("clusterSecondaryRangeName", "servicesSecondaryRangeName"):
        name = policy.get(key)
        if name is not None and name not in secondary_ranges(subnetwork):
            raise CloudError(
                f"googleapi: Error 400: Services or pods range '{name}' does not exist in subnetwork '{subnetwork.id}' "
                f"({key})., badRequest"
            )


def _check_control_plane_range(subject: Subject, subnetwork: Resource, inventory: Inventory, referee: Referee) -> None:
    block = paths.first(subject.inputs, "privateClusterConfig.masterIpv4CidrBlock")
    if block is None:
        return
    wanted = ipaddress.ip_network(block, strict=False)
    if wanted.prefixlen != 28:
        raise CloudError(
            f"googleapi: Error 400: Invalid master_ipv4_cidr_block '{block}': the size must be /28, badRequest"
        )
    network = _network_id(subnetwork.inputs, subnetwork.account, referee)
    for row in inventory.list(account=subject.account, type=_SUBNETWORK):
        if _network_id(row.inputs, row.account, referee) == network:
            for _, taken in _ranges(row.inputs):
                if wanted.overlaps(taken):
                    raise CloudError(
                        f"googleapi: Error 400: master_ipv4_cidr_block {block} conflicts with the range {taken} of "
                        f"'{row.name}', badRequest"
                    )


def _network_id(inputs: Properties, account: str, referee: Referee) -> str:
    reference = str(inputs.get("network", "default"))
    found = referee.find([_NETWORK], reference, account)
    return found.id if found else f"{account}/{last(reference)}"


def _ranges(inputs: Properties) -> Iterator[tuple[str, ipaddress.IPv4Network]]:
    if isinstance(inputs.get("ipCidrRange"), str):
        yield "the primary range", ipaddress.IPv4Network(inputs["ipCidrRange"], strict=False)
    for item in inputs.get("secondaryIpRanges") or []:
        if isinstance(item.get("ipCidrRange"), str):
            yield str(item.get("rangeName")), ipaddress.IPv4Network(item["ipCidrRange"], strict=False)
    if isinstance(inputs.get("address"), str) and inputs.get("prefixLength") is not None:
        block = f"{inputs['address']}/{int(inputs['prefixLength'])}"
        yield "the allocated range", ipaddress.IPv4Network(block, strict=False)
