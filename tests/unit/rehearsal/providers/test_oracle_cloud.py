"""Networks, clusters and logs that Oracle Cloud refuses, refused in a rehearsal."""

from typing import Any

import pytest

from rehearsal.providers.inventory import Inventory
from rehearsal.providers.oci.provider import OciProvider
from tests.unit.rehearsal.providers.fake_engine import Engine, Refused, State
from tests.unit.rehearsal.providers.oracle_tenancy import ADDON, COMPARTMENT, LOG, TENANCY, OracleTenancy


@pytest.fixture
def oracle(inventory: Inventory) -> OracleTenancy:
    return OracleTenancy(Engine(OciProvider(inventory), {"tenancyOcid": TENANCY, "region": "eu-frankfurt-1"}))


@pytest.fixture
def vcn(oracle: OracleTenancy) -> State:
    return oracle.vcn()


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        (["10.0.0.0/15"], "must be between /16 and /30"),
        (["10.0.0.0/16", "10.0.1.0/24"], "overlap: 10.0.1.0/24"),
        ([f"10.{n}.0.0/16" for n in range(6)], "at most 5 IPv4 CIDR blocks, not 6"),
    ],
)
def test_blocks_of_a_vcn_fit_and_do_not_overlap(oracle: OracleTenancy, blocks: list[str], message: str):
    with pytest.raises(Refused, match=message):
        oracle.vcn(cidrBlocks=blocks)


@pytest.mark.parametrize(
    ("cidr", "label", "message"),
    [
        ("10.1.0.0/24", "pods", "not contained in a CIDR block of VCN"),
        ("10.0.0.128/25", "pods", "overlaps with this CIDR"),
        ("10.0.1.0/24", "nodes", "dnsLabel nodes is already used"),
    ],
)
def test_a_subnet_has_a_place_of_its_own(oracle: OracleTenancy, vcn: State, cidr: str, label: str, message: str):
    oracle.subnet(vcn, "10.0.0.0/24")

    with pytest.raises(Refused, match=message):
        oracle.subnet(vcn, cidr, label)


def test_a_label_needs_one_of_its_network(oracle: OracleTenancy):
    with pytest.raises(Refused, match="the VCN has no dnsLabel"):
        oracle.subnet(oracle.vcn(dnsLabel=None), "10.0.0.0/24")


def route_table(oracle: OracleTenancy, vcn: State, *routes: dict[str, Any]) -> State:
    return oracle.create(
        "oci:Core/routeTable:RouteTable", "t", compartmentId=COMPARTMENT, vcnId=vcn.id, routeRules=list(routes)
    )


def test_oracles_services_are_routed_to_a_service_gateway(oracle: OracleTenancy, vcn: State):
    nat = oracle.create("oci:Core/natGateway:NatGateway", "nat", compartmentId=COMPARTMENT, vcnId=vcn.id)
    route = {"networkEntityId": nat.id, "destination": "all-fra", "destinationType": "SERVICE_CIDR_BLOCK"}

    with pytest.raises(Refused, match="a service gateway and SERVICE_CIDR_BLOCK, or neither"):
        route_table(oracle, vcn, route)


def test_a_destination_has_one_route_and_the_form_of_its_type(oracle: OracleTenancy, vcn: State):
    nat = oracle.create("oci:Core/natGateway:NatGateway", "nat", compartmentId=COMPARTMENT, vcnId=vcn.id)
    route = {"networkEntityId": nat.id, "destination": "0.0.0.0/0", "destinationType": "CIDR_BLOCK"}

    with pytest.raises(Refused, match=r"two route rules have the destination 0\.0\.0\.0/0"):
        route_table(oracle, vcn, route, route)
    with pytest.raises(Refused, match="'all-fra' is not of the type CIDR_BLOCK"):
        route_table(oracle, vcn, {**route, "destination": "all-fra"})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"direction": "EGRESS"}, "a rule for EGRESS traffic has a destination and no source"),
        ({"sourceType": "SERVICE_CIDR_BLOCK"}, "'10.0.0.0/24' is not of the type SERVICE_CIDR_BLOCK"),
        ({"sourceType": "NETWORK_SECURITY_GROUP"}, "is not of the type NETWORK_SECURITY_GROUP"),
        ({"protocol": "1", "tcpOptions": {}, "icmpOptions": {"type": 3}}, None),
        ({"protocol": "17", "icmpOptions": {"type": 3}}, "icmpOptions cannot be given for protocol 17"),
        ({"protocol": "all", "tcpOptions": {"sourcePortRange": {}}}, "tcpOptions cannot be given for protocol all"),
    ],
)
def test_a_security_rule_has_one_end_and_fitting_options(
    oracle: OracleTenancy, vcn: State, changes: dict[str, Any], message: str | None
):
    group = oracle.group(vcn)
    if message is None:
        assert oracle.rule(group, **changes).id
        return
    with pytest.raises(Refused, match=message):
        oracle.rule(group, **changes)


def test_a_security_rule_names_a_group_of_the_same_network(oracle: OracleTenancy, vcn: State):
    elsewhere = oracle.group(oracle.vcn(), "elsewhere")

    with pytest.raises(Refused, match="which is not in the same VCN"):
        oracle.rule(oracle.group(vcn), source=elsewhere.id, sourceType="NETWORK_SECURITY_GROUP")


def test_a_security_group_has_a_limit_of_rules(oracle: OracleTenancy, vcn: State):
    group = oracle.group(vcn)
    for index in range(120):
        oracle.engine.create(
            "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule",
            f"rule-{index}",
            networkSecurityGroupId=group.id,
            direction="INGRESS",
            protocol="all",
            source="10.0.0.0/24",
        )

    with pytest.raises(Refused, match="at most 120 rules"):
        oracle.rule(group)


def test_a_network_goes_once_it_is_empty(oracle: OracleTenancy, vcn: State):
    subnet = oracle.subnet(vcn, "10.0.0.0/24")

    with pytest.raises(Refused, match="already being used by"):
        oracle.engine.delete(vcn)
    oracle.engine.delete(subnet)
    oracle.engine.delete(vcn)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kubernetesVersion": "1.35.2"}, "Invalid kubernetesVersion 1.35.2"),
        ({"kubernetesVersion": "v1.35"}, "Invalid kubernetesVersion v1.35"),
        ({"options": {"kubernetesNetworkConfig": {"servicesCidr": "10.0.8.0/24"}}}, "overlaps with the VCN"),
    ],
)
def test_a_cluster_has_a_supported_version_and_cluster_ips_of_its_own(
    oracle: OracleTenancy, vcn: State, changes: dict[str, Any], message: str
):
    with pytest.raises(Refused, match=message):
        oracle.cluster(vcn, **changes)


def test_a_public_endpoint_needs_a_subnet_that_may_hold_it(oracle: OracleTenancy, vcn: State):
    private = oracle.subnet(vcn, "10.0.0.0/28", prohibitPublicIpOnVnic=True)

    with pytest.raises(Refused, match="a public endpoint is not possible in the private subnet"):
        oracle.cluster(vcn, endpointConfig={"subnetId": private.id, "isPublicIpEnabled": True})


def test_a_cluster_lives_in_one_network(oracle: OracleTenancy, vcn: State):
    elsewhere = oracle.subnet(oracle.vcn(), "10.0.0.0/28")

    with pytest.raises(Refused, match="is not in the cluster's VCN"):
        oracle.cluster(vcn, endpointConfig={"subnetId": elsewhere.id})


def test_a_kubeconfig_is_for_an_endpoint_that_the_cluster_has(oracle: OracleTenancy, vcn: State):
    cluster = oracle.cluster(vcn, endpointConfig={"subnetId": oracle.subnet(vcn, "10.0.0.0/28").id})
    function = "oci:ContainerEngine/getClusterKubeConfig:getClusterKubeConfig"

    with pytest.raises(Refused, match="has no publicEndpoint"):
        oracle.engine.invoke(function, clusterId=cluster.id, endpoint="PUBLIC_ENDPOINT")
    with pytest.raises(Refused, match=r"there is no token version 1\.0\.0"):
        oracle.engine.invoke(function, clusterId=cluster.id, endpoint="PRIVATE_ENDPOINT", tokenVersion="1.0.0")
    given = oracle.engine.invoke(function, clusterId=cluster.id, endpoint="PRIVATE_ENDPOINT", tokenVersion="2.0.0")
    assert "server: https://10.0.0." in given["content"]


@pytest.mark.parametrize(
    ("matching", "statement"),
    [
        ("cluster", "use keys in tenancy where target.key.id = 'another'"),
        ("cluster", "read keys in tenancy"),
        ("instance", "use keys in tenancy"),
    ],
)
def test_a_key_is_used_by_clusters_that_may_use_it(oracle: OracleTenancy, vcn: State, matching: str, statement: str):
    key = oracle.key()
    oracle.create(
        "oci:Identity/dynamicGroup:DynamicGroup",
        "g",
        compartmentId=TENANCY,
        name="clusters",
        description="d",
        matchingRule=f"ALL {{resource.type = '{matching}', resource.compartment.id = '{COMPARTMENT}'}}",
    )
    oracle.policy(f"Allow dynamic-group clusters to {statement}")

    with pytest.raises(Refused, match="no policy lets a dynamic group of clusters use it"):
        oracle.cluster(vcn, kmsKeyId=key.id)
    if matching == "cluster":
        oracle.policy(f"Allow dynamic-group clusters to use keys in tenancy where target.key.id = '{key.id}'", name="p")
        assert oracle.cluster(vcn, kmsKeyId=key.id).id


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kubernetesVersion": "v1.36.4"}, "nodes of v1.36.4 are newer than their cluster of v1.35.2"),
        ({"nodeShapeConfig": None}, "nodeShapeConfig must be given for the flexible shape"),
        ({"nodeShape": "VM.Standard.E9"}, "the shape VM.Standard.E9 is not one of"),
        ({"details": {"nodePoolPodNetworkOptionDetails": None}}, "needs cniType OCI_VCN_IP_NATIVE and podSubnetIds"),
        ({"details": {"placementConfigs": [{"availabilityDomain": "AD-1"}]}}, "there is no availability domain 'AD-1'"),
        (
            {"details": {"placementConfigs": [{"availabilityDomain": "EXMP:EU-FRANKFURT-1-AD-1"}] * 2}},
            "two placement configurations have the same availability domain",
        ),
    ],
)
def test_a_node_pool_fits_its_cluster(oracle: OracleTenancy, vcn: State, changes: dict[str, Any], message: str):
    cluster, subnet = oracle.cluster(vcn), oracle.subnet(vcn, "10.0.0.0/24")

    with pytest.raises(Refused, match=message):
        oracle.pool(cluster, subnet, **changes)


def autoscaler(oracle: OracleTenancy, cluster: State, **configuration: str) -> State:
    return oracle.create(
        ADDON,
        "autoscaler",
        addonName="ClusterAutoscaler",
        clusterId=cluster.id,
        removeAddonResourcesOnDelete=True,
        configurations=[{"key": key, "value": value} for key, value in configuration.items()],
    )


def test_security_groups_of_pods_and_of_load_balancers_exist(oracle: OracleTenancy, vcn: State):
    nodes, gone = oracle.subnet(vcn, "10.0.0.0/24"), "ocid1.networksecuritygroup.oc1.eu-frankfurt-1.gone"
    pods = {"cniType": "OCI_VCN_IP_NATIVE", "podSubnetIds": [nodes.id], "podNsgIds": [gone]}

    with pytest.raises(Refused, match=rf"podNsgIds\[\*\] refers to the NetworkSecurityGroup '{gone}'"):
        oracle.pool(oracle.cluster(vcn), nodes, details={"nodePoolPodNetworkOptionDetails": pods})
    with pytest.raises(Refused, match=rf"backendNsgIds\[\*\] refers to the NetworkSecurityGroup '{gone}'"):
        oracle.cluster(vcn, options={"serviceLbConfig": {"backendNsgIds": [gone]}})


def test_the_autoscaler_scales_pools_of_its_cluster(oracle: OracleTenancy, vcn: State):
    cluster, subnet = oracle.cluster(vcn), oracle.subnet(vcn, "10.0.0.0/24")
    pool = oracle.pool(cluster, subnet)
    stranger = oracle.pool(oracle.cluster(vcn), subnet)

    for nodes, message in (
        ("1:3", "and '1:3' is none"),
        (f"3:1:{pool.id}", "is none"),
        (f"1:3:{stranger.id}", "is not one of the cluster's"),
    ):
        with pytest.raises(Refused, match=message):
            autoscaler(oracle, cluster, authType="workload", nodes=nodes)
    with pytest.raises(Refused, match="authType is instance or workload, not user"):
        autoscaler(oracle, cluster, authType="user")
    assert autoscaler(oracle, cluster, authType="workload", nodes=f"1:3:{pool.id}").id


def log(oracle: OracleTenancy, resource: str, **changes: Any) -> State:
    group = oracle.create("oci:Logging/logGroup:LogGroup", "g", compartmentId=COMPARTMENT, displayName="g")
    source = {"sourceType": "OCISERVICE", "service": "flowlogs", "category": "all", "resource": resource}
    return oracle.create(
        LOG,
        "log",
        displayName="log",
        logGroupId=group.id,
        logType="SERVICE",
        retentionDuration=changes.pop("days", 30),
        configuration={"source": {**source, **changes}},
    )


def test_a_service_logs_what_it_has(oracle: OracleTenancy, vcn: State):
    subnet = oracle.subnet(vcn, "10.0.0.0/24").id

    assert log(oracle, subnet).id
    with pytest.raises(Refused, match="is a multiple of 30 up to 180, not 45"):
        log(oracle, subnet, days=45)
    with pytest.raises(Refused, match="oke-k8s-cp-prod has no category audit"):
        log(oracle, subnet, service="oke-k8s-cp-prod", category="audit")
    with pytest.raises(Refused, match="to log"):
        log(oracle, vcn.id)
