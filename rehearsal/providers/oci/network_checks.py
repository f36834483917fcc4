"""Networks of Oracle Cloud: blocks that fit and do not overlap, routes and rules that name what is there."""

import ipaddress
from collections.abc import Iterable, Iterator

from rehearsal.providers import paths
from rehearsal.providers.enforcement import Subject
from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Inventory, Resource
from rehearsal.providers.wire import Properties

VCN = "oci:Core/vcn:Vcn"
SUBNET = "oci:Core/subnet:Subnet"
SECURITY_GROUP = "oci:Core/networkSecurityGroup:NetworkSecurityGroup"
_RULE = "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule"
_SERVICE_GATEWAY = "oci:Core/serviceGateway:ServiceGateway"

_LARGEST, _SMALLEST = 16, 30
_MOST_BLOCKS = 5
_MOST_RULES = 120


def check_vcn(subject: Subject, inventory: Inventory) -> None:
    """Source: docs.oracle.com/iaas/Content/Network/Tasks/Overview_of_VCNs_and_Subnets.htm (allowed VCN size)."""
    blocks = list(vcn_blocks(subject.inputs))
    if len(blocks) > _MOST_BLOCKS:
        raise _refused(f"a VCN has at most {_MOST_BLOCKS} IPv4 CIDR blocks, not {len(blocks)}")
    for block in blocks:
        if not _LARGEST <= block.prefixlen <= _SMALLEST:
            raise _refused(f"the CIDR block {block} of a VCN must be between /{_LARGEST} and /{_SMALLEST}")
    _check_disjoint(blocks, "The requested CIDR blocks of the VCN")


def check_subnet(subject: Subject, inventory: Inventory) -> None:
    """Source: SDK docstrings of cidrBlock and dnsLabel; docs as for VCNs."""
    vcn = inventory.get(VCN, subject.inputs["vcnId"])
    if vcn is None or not isinstance(subject.inputs.get("cidrBlock"), str):
        return
    block = ipaddress.IPv4Network(subject.inputs["cidrBlock"])
    if not any(block.subnet_of(whole) for whole in vcn_blocks(vcn.inputs)):
        raise _refused(f"The requested CIDR {block} is invalid: it is not contained in a CIDR block of VCN {vcn.id}")
    siblings = [row for row in _in_vcn(SUBNET, vcn.id, inventory) if row.id != subject.id]
    for sibling in siblings:
        if block.overlaps(ipaddress.IPv4Network(sibling.inputs["cidrBlock"])):
            raise _refused(
                f"The requested CIDR {block} is invalid: subnet {sibling.id} with CIDR "
                f"{sibling.inputs['cidrBlock']} overlaps with this CIDR"
            )
    label = subject.inputs.get("dnsLabel")
    if label and not vcn.inputs.get("dnsLabel"):
        raise _refused(f"The dnsLabel {label} is invalid: the VCN has no dnsLabel")
    if label and any(sibling.inputs.get("dnsLabel") == label for sibling in siblings):
        raise _refused(f"The dnsLabel {label} is already used by another subnet of VCN {vcn.id}")


def check_route_table(subject: Subject, inventory: Inventory) -> None:
    """Source: SDK docstring of routeRules.destinationType (service gateways take service blocks, others addresses)."""
    seen: set[str] = set()
    for rule in paths.select(subject.inputs, "routeRules[*]"):
        destination, kind = rule.get("destination"), rule.get("destinationType", "CIDR_BLOCK")
        inside = inventory.get(_SERVICE_GATEWAY, str(rule.get("networkEntityId"))) is not None
        if inside != (kind == "SERVICE_CIDR_BLOCK"):
            raise _refused(f"the route to {destination} must have a service gateway and SERVICE_CIDR_BLOCK, or neither")
        _check_end(destination, kind, "")
        if destination in seen:
            raise _refused(f"two route rules have the destination {destination}")
        seen.add(str(destination))


def check_security_rule(subject: Subject, inventory: Inventory) -> None:
    """Source: SDK docstrings of the rule's arguments; docs.oracle.com/iaas/Content/General/Concepts/servicelimits.htm
    (120 rules a group).
    """
    inputs = subject.inputs
    here, there = ("source", "destination") if inputs["direction"] == "INGRESS" else ("destination", "source")
    if not inputs.get(here) or inputs.get(there):
        raise _refused(f"a rule for {inputs['direction']} traffic has a {here} and no {there}")
    group = inventory.get(SECURITY_GROUP, inputs["networkSecurityGroupId"])
    _check_end(inputs[here], inputs.get(f"{here}Type", "CIDR_BLOCK"), here)
    if inputs.get(f"{here}Type") == "NETWORK_SECURITY_GROUP":
        other = inventory.get(SECURITY_GROUP, inputs[here])
        if other is None or group is None or other.inputs["vcnId"] != group.inputs["vcnId"]:
            raise _refused(f"{here} refers to the security group '{inputs[here]}', which is not in the same VCN")
    for options, protocols in (("tcpOptions", ("6",)), ("udpOptions", ("17",)), ("icmpOptions", ("1", "58"))):
        if inputs.get(options) and inputs["protocol"] not in protocols:
            raise _refused(f"{options} cannot be given for protocol {inputs['protocol']}")
    same = [row for row in inventory.list(type=_RULE) if row.inputs["networkSecurityGroupId"] == (group and group.id)]
    if len([row for row in same if row.id != subject.id]) >= _MOST_RULES:
        raise _refused(f"LimitExceeded: a network security group has at most {_MOST_RULES} rules")


def vcn_blocks(inputs: Properties) -> Iterator[ipaddress.IPv4Network]:
    """The blocks of a VCN, under the old name or the new."""
    for text in [inputs.get("cidrBlock"), *(inputs.get("cidrBlocks") or [])]:
        if isinstance(text, str):
            yield ipaddress.IPv4Network(text)


def _check_end(end: object, kind: str, where: str) -> None:
    """A block of addresses, the name of Oracle's services, or a group: each in its own form."""
    text = str(end)
    try:
        ipaddress.ip_network(text)
        form = "CIDR_BLOCK"
    except ValueError:
        form = "NETWORK_SECURITY_GROUP" if text.startswith("ocid1.networksecuritygroup.") else "SERVICE_CIDR_BLOCK"
    if form != kind:
        raise _refused(f"{where or 'destination'} '{text}' is not of the type {kind}")


def _check_disjoint(blocks: Iterable[ipaddress.IPv4Network], what: str) -> None:
    listed = list(blocks)
    for position, block in enumerate(listed):
        if any(block.overlaps(other) for other in listed[:position]):
            raise _refused(f"{what} overlap: {block}")


def _in_vcn(resource_type: str, vcn: str, inventory: Inventory) -> list[Resource]:
    return [row for row in inventory.list(type=resource_type, retained=False) if row.inputs.get("vcnId") == vcn]


def _refused(message: str) -> CloudError:
    return CloudError(f"Error 400-InvalidParameter: {message}")
