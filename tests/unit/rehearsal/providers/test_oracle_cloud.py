"""What Oracle Cloud refuses, refused in a rehearsal."""

from typing import Any

import pytest

from rehearsal.providers.inventory import Inventory
from rehearsal.providers.oci.policies import parse
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
    "statement",
    [
        "Permit any-user to use keys in tenancy",
        "Allow any-user to see keys in tenancy",
        f"Allow any-user to use keys in compartment {COMPARTMENT}",
        "Allow any-user to use keys",
        "Allow any-user to use keys in tenancy where target.key.id = ocid1.key.oc1..a",
        "Allow any-user to use keys in tenancy where ALL {target.key.id = 'a'",
    ],
)
def test_a_statement_has_oracles_grammar(oracle: OracleTenancy, statement: str):
    with pytest.raises(Refused, match=r"no valid syntax|Invalid right-hand side"):
        oracle.policy(statement)


def test_a_statement_is_taken_apart():
    statement = parse("allow service objectstorage-eu-frankfurt-1 to manage object-family in compartment id ocid1.c")

    assert (statement.kind, statement.name, statement.verb) == ("service", "objectstorage-eu-frankfurt-1", "manage")
    assert (statement.what, statement.place, statement.condition) == ("object-family", "compartment id ocid1.c", "")


@pytest.mark.parametrize(("kind", "word"), [("group", "group"), ("dynamic-group", "dynamic_group")])
def test_a_statement_names_a_group_that_exists(oracle: OracleTenancy, kind: str, word: str):
    with pytest.raises(Refused, match=f"The {word} nobody specified in the policy statement does not exist"):
        oracle.policy(f"Allow {kind} nobody to use keys in tenancy")


def test_a_policy_has_a_limit_of_statements(oracle: OracleTenancy):
    with pytest.raises(Refused, match="at most 50 statements, not 51"):
        oracle.policy(*["Allow any-user to use keys in tenancy"] * 51)


def user(oracle: OracleTenancy, name: str, **changes: Any) -> State:
    given = {"compartmentId": TENANCY, "name": name, "description": name, "email": f"{name}@acme.example"}
    return oracle.create("oci:Identity/user:User", name, **{**given, **changes})


def test_a_user_has_an_address_of_its_own_and_belongs_to_the_tenancy(oracle: OracleTenancy):
    user(oracle, "loki")

    with pytest.raises(Refused, match=r"The primary email must be specified\."):
        user(oracle, "velero", email=None)
    with pytest.raises(Refused, match="is used by another user"):
        user(oracle, "velero", email="loki@acme.example")
    with pytest.raises(Refused, match="compartmentId must be the tenancy"):
        user(oracle, "velero", compartmentId=COMPARTMENT)


def test_a_user_has_two_secret_keys_at_most(oracle: OracleTenancy):
    owner = user(oracle, "loki").id
    kind = "oci:Identity/customerSecretKey:CustomerSecretKey"
    for name in ("first", "second"):
        oracle.create(kind, name, userId=owner, displayName=name)

    with pytest.raises(Refused, match="at most 2 customer secret keys"):
        oracle.create(kind, "third", userId=owner, displayName="third")


def grant(oracle: OracleTenancy, bucket: str = "logs", region: str = "eu-frankfurt-1") -> State:
    return oracle.policy(
        f"Allow service objectstorage-{region} to manage object-family in compartment id {COMPARTMENT} "
        f"where target.bucket.name = '{bucket}'"
    )


def test_object_storage_clears_a_bucket_that_it_may_clear(oracle: OracleTenancy):
    oracle.bucket()
    grant(oracle)

    assert oracle.lifecycle().id == f"n/{oracle.namespace()}/b/logs/l"


@pytest.mark.parametrize(("bucket", "region"), [("other", "eu-frankfurt-1"), ("logs", "us-ashburn-1"), (None, None)])
def test_object_storage_needs_a_grant_before_it_clears_a_bucket(
    oracle: OracleTenancy, bucket: str | None, region: str | None
):
    oracle.bucket()
    if bucket and region:
        grant(oracle, bucket, region)

    with pytest.raises(Refused, match="400-InsufficientServicePermissions"):
        oracle.lifecycle()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"action": "ABORT"}, "ABORT is for multipart-uploads"),
        ({"target": "multipart-uploads"}, "ABORT is for multipart-uploads"),
        ({"timeAmount": "seven"}, "has no time"),
    ],
)
def test_a_rule_of_a_bucket_makes_sense(oracle: OracleTenancy, changes: dict[str, str], message: str):
    oracle.bucket()
    grant(oracle)

    with pytest.raises(Refused, match=message):
        oracle.lifecycle(**changes)


def test_rules_are_for_a_bucket_that_exists(oracle: OracleTenancy):
    with pytest.raises(Refused, match="there is no bucket 'none'"):
        oracle.lifecycle("none")


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


def encryption_key(oracle: OracleTenancy) -> State:
    vault = oracle.create("oci:Kms/vault:Vault", "v", compartmentId=COMPARTMENT, displayName="v", vaultType="DEFAULT")
    return oracle.create(
        "oci:Kms/key:Key",
        "k",
        compartmentId=COMPARTMENT,
        displayName="k",
        managementEndpoint=vault["managementEndpoint"],
        keyShape={"algorithm": "AES", "length": 32},
    )


@pytest.mark.parametrize(
    ("matching", "statement"),
    [
        ("cluster", "use keys in tenancy where target.key.id = 'another'"),
        ("cluster", "read keys in tenancy"),
        ("instance", "use keys in tenancy"),
    ],
)
def test_a_key_is_used_by_clusters_that_may_use_it(oracle: OracleTenancy, vcn: State, matching: str, statement: str):
    key = encryption_key(oracle)
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
