"""The network of an OKE stack, and who may talk to whom in it."""

import ipaddress
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.address_plan import plan_addresses
from components.oke.firewall import DATABASE_RULES, GROUPS, RULES
from components.oke.network import subnets, vcn_blocks
from tests.mock_engine import Deployed
from tests.unit.components.clouds.oke_stack import CLUSTER, POSTGRES, SUBNET, build, rule

RULE = "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule"
SERVICES = "all-fra-services-in-oracle-services-network"


@pytest.fixture
def foundation(deploy_once: Callable[..., Deployed]) -> Callable[..., Deployed]:
    return lambda **changes: deploy_once(lambda: build(**changes), changes)


def test_subnets_take_their_blocks_from_the_one_plan(foundation: Callable[..., Deployed]):
    deployed = foundation()

    assert deployed.only("oci:Core/vcn:Vcn").inputs["cidrBlocks"] == [
        "10.64.0.0/16",
        "10.68.0.0/20",
        "10.68.32.0/28",
        "10.68.33.0/24",
    ]
    assert {one.name: one.inputs["cidrBlock"] for one in deployed.of_type(SUBNET)} == {
        "network-api": "10.68.32.0/28",
        "network-balancers": "10.68.33.0/24",
        "network-nodes": "10.68.0.0/20",
        "network-pods": "10.64.0.0/16",
    }


@given(st.integers(min_value=8, max_value=16), st.integers(min_value=0))
def test_any_plan_fits_a_network_and_leaves_cluster_ips_outside(length: int, index: int):
    block = ipaddress.IPv4Network((10 * 2**24 + index % 2 ** (length - 8) * 2 ** (32 - length), length))
    addresses = plan_addresses(str(block))

    blocks = [ipaddress.IPv4Network(part) for part in vcn_blocks(addresses, databases=True)]
    assert len(blocks) <= 5
    assert all(16 <= part.prefixlen <= 30 for part in blocks)
    assert not any(part.overlaps(ipaddress.IPv4Network(addresses.services)) for part in blocks)
    for cidr, _ in subnets(addresses, public_api=True, databases=True).values():
        assert ipaddress.IPv4Network(cidr) in blocks


def test_nodes_and_pods_leave_by_nat_and_reach_oracle_without_leaving(foundation: Callable[..., Deployed]):
    deployed = foundation()

    private = deployed.named("network-private").inputs["routeRules"]
    assert [(one["destination"], one["networkEntityId"]) for one in private] == [
        ("0.0.0.0/0", "network-nat-id"),
        (SERVICES, "network-services-id"),
    ]
    assert deployed.named("network-services").inputs["services"] == [{"serviceId": "all"}]
    for name in ("network-nodes", "network-pods"):
        subnet = deployed.named(name).inputs
        assert subnet["routeTableId"] == "network-private-id"
        assert subnet["prohibitPublicIpOnVnic"] is True


def test_no_subnet_keeps_the_networks_own_list_which_lets_ssh_in(foundation: Callable[..., Deployed]):
    deployed = foundation()

    closed = deployed.only("oci:Core/securityList:SecurityList").inputs
    assert "ingressSecurityRules" not in closed
    assert "egressSecurityRules" not in closed
    assert {tuple(one.inputs["securityListIds"]) for one in deployed.of_type(SUBNET)} == {("network-closed-id",)}


def test_the_control_plane_reaches_kubelets_and_the_webhooks_of_pods(foundation: Callable[..., Deployed]):
    deployed = foundation()

    kubelets = rule(deployed, "api-to-kubelets")
    assert kubelets["destination"] == "network-firewall-nodes-id"
    assert kubelets["tcpOptions"] == {"destinationPortRange": {"min": 10250, "max": 10250}}
    webhooks = rule(deployed, "api-to-pods")
    assert (webhooks["destination"], webhooks["protocol"]) == ("network-firewall-pods-id", "all")
    assert rule(deployed, "pods-from-api")["source"] == "network-firewall-api-id"
    assert rule(deployed, "api-to-services")["destinationType"] == "SERVICE_CIDR_BLOCK"


@pytest.mark.parametrize("member", ["nodes", "pods"])
def test_nodes_and_pods_reach_both_ports_of_the_control_plane(foundation: Callable[..., Deployed], member: str):
    deployed = foundation()

    for name, port in (("api-from", 6443), ("control-from", 12250)):
        found = rule(deployed, f"{name}-{member}")
        assert found["networkSecurityGroupId"] == "network-firewall-api-id"
        assert found["source"] == f"network-firewall-{member}-id"
        assert found["tcpOptions"] == {"destinationPortRange": {"min": port, "max": port}}


def test_every_rule_between_groups_has_its_other_half_or_a_way_out():
    """What leaves one group for another must be let into that one."""
    rules = {**RULES, **DATABASE_RULES}
    for one in rules.values():
        if one.direction == "EGRESS" and one.peer in GROUPS:
            assert any(
                other.direction == "INGRESS"
                and other.group == one.peer
                and other.peer in (one.group, "0.0.0.0/0")
                and other.protocol in (one.protocol, "all")
                and other.ports in (one.ports, None)
                for other in rules.values()
            ), one


def test_a_list_of_blocks_guards_a_public_address(foundation: Callable[..., Deployed]):
    deployed = foundation()

    endpoint = deployed.only(CLUSTER).inputs["endpointConfig"]
    assert endpoint == {
        "subnetId": "network-api-id",
        "isPublicIpEnabled": True,
        "nsgIds": ["network-firewall-api-id"],
    }
    allowed = rule(deployed, "api-from-allowed-0")
    assert (allowed["source"], allowed["sourceType"]) == ("203.0.113.0/24", "CIDR_BLOCK")
    assert "network-firewall-api-from-runners" not in {one.name for one in deployed.of_type(RULE)}


def test_a_private_api_has_no_public_address_and_keeps_its_subnet(foundation: Callable[..., Deployed]):
    public, private = foundation(), foundation(cluster={"api_access": {"mode": "private"}})

    assert private.only(CLUSTER).inputs["endpointConfig"]["isPublicIpEnabled"] is False
    assert rule(private, "api-from-runners")["source"] == "10.68.0.0/20"
    assert private.named("network-api").inputs["routeTableId"] == "network-private-id"
    kept = ("cidrBlock", "prohibitPublicIpOnVnic", "dnsLabel")
    before, after = public.named("network-api").inputs, private.named("network-api").inputs
    assert [before[key] for key in kept] == [after[key] for key in kept]


def test_databases_that_oracle_runs_get_a_subnet_and_let_pods_in_alone(foundation: Callable[..., Deployed]):
    without, with_one = foundation(), foundation(postgres=POSTGRES)

    assert with_one.named("network-databases").inputs["cidrBlock"] == "10.68.35.0/24"
    assert with_one.named("network-databases").inputs["prohibitPublicIpOnVnic"] is True
    assert with_one.only("oci:Core/vcn:Vcn").inputs["cidrBlocks"][-1] == "10.68.35.0/24"
    let_in = rule(with_one, "databases-from-pods")
    assert (let_in["source"], let_in["protocol"]) == ("network-firewall-pods-id", "6")
    assert let_in["tcpOptions"] == {"destinationPortRange": {"min": 5432, "max": 5432}}
    assert {one.name for one in with_one.of_type(RULE)} - {one.name for one in without.of_type(RULE)} == {
        "network-firewall-databases-from-pods"
    }
