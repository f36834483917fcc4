"""What the OKE components ask the cloud for."""

import base64
import ipaddress
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.address_plan import plan_addresses
from components.contracts import Demands, ServiceAccount
from components.oke.api_access import OkeEndpoint, access_command, render_kubeconfig
from components.oke.firewall import GROUPS, RULES
from components.oke.foundation import build_foundation
from components.oke.identity import place, workload
from components.oke.logs import kept_days
from components.oke.network import subnets, vcn_blocks
from stacks.settings import parse
from tests.mock_engine import Deployed, Registration

CLUSTER = "oci:ContainerEngine/cluster:Cluster"
NODE_POOL = "oci:ContainerEngine/nodePool:NodePool"
ADDON = "oci:ContainerEngine/addon:Addon"
BUCKET = "oci:ObjectStorage/bucket:Bucket"
LIFECYCLE = "oci:ObjectStorage/objectLifecyclePolicy:ObjectLifecyclePolicy"
POLICY = "oci:Identity/policy:Policy"
SECRET_KEY = "oci:Identity/customerSecretKey:CustomerSecretKey"
SUBNET = "oci:Core/subnet:Subnet"
RULE = "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule"
LOG = "oci:Logging/log:Log"
COMPARTMENT = "ocid1.compartment.oc1..acme"
SERVICES = "all-fra-services-in-oracle-services-network"

SYSTEM = {"shape": "VM.Standard.E5.Flex", "ocpus": 2, "memory_gib": 16, "min_nodes": 1, "max_nodes": 3, "spot": True}


def stack(**changes: Any) -> Any:
    cluster = {
        "availability_domains": ["EXMP:EU-FRANKFURT-1-AD-1", "EXMP:EU-FRANKFURT-1-AD-2"],
        "image_ocid": "ocid1.image.oc1.eu-frankfurt-1.acme",
        "api_access": {"mode": "allow-list", "allowed_cidrs": ["203.0.113.0/24"]},
        "node_pools": {"system": SYSTEM},
    }
    return parse(
        {
            "cloud": "oke",
            "environment": "dev",
            "domain": "acme.example",
            "account": {
                "tenancy_ocid": "ocid1.tenancy.oc1..acme",
                "compartment_ocid": COMPARTMENT,
                "region": "eu-frankfurt-1",
                "home_region": "us-ashburn-1",
            },
            "network": {"cidr": "10.64.0.0/13"},
            **changes,
            "cluster": {**cluster, **changes.get("cluster", {})},
        }
    )


@pytest.fixture
def foundation(deploy_once: Callable[..., Deployed]) -> Callable[..., Deployed]:
    images = ["todo/backend", "todo/web"]
    return lambda **changes: deploy_once(lambda: build_foundation(stack(**changes), Demands(images=images)), changes)


def providers(deployed: Deployed, *, identity: bool) -> Iterator[str]:
    """Names of the providers that users, groups and policies, or all else, go through."""
    for one in deployed.registrations.values():
        if one.type.startswith("oci:") and one.type.startswith("oci:Identity/") is identity:
            yield one.provider.rpartition("::")[2]


def rule(deployed: Deployed, name: str) -> dict[str, Any]:
    return deployed.named(f"network-firewall-{name}").inputs


def statements(registration: Registration) -> list[str]:
    return registration.inputs["statements"]


def test_the_cluster_is_enhanced_and_its_pods_have_addresses_of_the_network(foundation: Callable[..., Deployed]):
    cluster = foundation().only(CLUSTER).inputs

    assert cluster["type"] == "ENHANCED_CLUSTER"
    assert cluster["kubernetesVersion"] == "v1.35.2"
    assert cluster["clusterPodNetworkOptions"] == [{"cniType": "OCI_VCN_IP_NATIVE"}]
    assert cluster["options"]["kubernetesNetworkConfig"] == {"servicesCidr": "10.68.16.0/20"}
    assert cluster["options"]["serviceLbSubnetIds"] == ["network-balancers-id"]


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

    blocks = [ipaddress.IPv4Network(part) for part in vcn_blocks(addresses)]
    assert len(blocks) <= 5
    assert all(16 <= part.prefixlen <= 30 for part in blocks)
    assert not any(part.overlaps(ipaddress.IPv4Network(addresses.services)) for part in blocks)
    for cidr, _ in subnets(addresses, public_api=True).values():
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
    for one in RULES.values():
        if one.direction == "EGRESS" and one.peer in GROUPS:
            assert any(
                other.direction == "INGRESS"
                and other.group == one.peer
                and other.peer in (one.group, "0.0.0.0/0")
                and other.protocol in (one.protocol, "all")
                and other.ports in (one.ports, None)
                for other in RULES.values()
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


def test_secrets_are_encrypted_with_a_key_that_clusters_may_use_first(foundation: Callable[..., Deployed]):
    deployed = foundation()

    cluster = deployed.only(CLUSTER)
    grant = deployed.named("encryption-grant")
    assert cluster.inputs["kmsKeyId"] == "encryption-key-id"
    assert grant.urn in cluster.depends_on
    assert statements(grant) == [
        "Allow dynamic-group groundwork-dev-clusters to use keys in compartment id ocid1.compartment.oc1..acme "
        "where target.key.id = 'encryption-key-id'"
    ]
    assert deployed.named("encryption-clusters").inputs["matchingRule"] == (
        "ALL {resource.type = 'cluster', resource.compartment.id = 'ocid1.compartment.oc1..acme'}"
    )


def test_vault_and_key_show_a_name_of_their_own_in_every_incarnation(foundation: Callable[..., Deployed]):
    deployed = foundation()

    assert deployed.named("encryption-vault").inputs["displayName"] == "groundwork-dev-0a1b2c3d"
    assert deployed.named("encryption-key").inputs["displayName"] == "groundwork-dev-0a1b2c3d"


def test_a_pool_has_one_placement_in_each_domain_and_gives_its_size_away(foundation: Callable[..., Deployed]):
    pool = foundation().only(NODE_POOL)

    assert "name" not in pool.inputs
    assert pool.ignore_changes == ["nodeConfigDetails.size"]
    details = pool.inputs["nodeConfigDetails"]
    assert details["size"] == 1
    assert details["placementConfigs"] == [
        {
            "availabilityDomain": domain,
            "subnetId": "network-nodes-id",
            "preemptibleNodeConfig": {"preemptionAction": {"type": "TERMINATE", "isPreserveBootVolume": False}},
        }
        for domain in ("EXMP:EU-FRANKFURT-1-AD-1", "EXMP:EU-FRANKFURT-1-AD-2")
    ]
    assert details["nodePoolPodNetworkOptionDetails"] == {
        "cniType": "OCI_VCN_IP_NATIVE",
        "podSubnetIds": ["network-pods-id"],
        "podNsgIds": ["network-firewall-pods-id"],
    }
    assert pool.inputs["nodeSourceDetails"] == {
        "sourceType": "IMAGE",
        "imageId": "ocid1.image.oc1.eu-frankfurt-1.acme",
        "bootVolumeSizeInGbs": "100",
    }


def test_nodes_are_replaced_one_by_one_and_drained_first(foundation: Callable[..., Deployed]):
    pool = foundation().only(NODE_POOL).inputs

    assert pool["nodePoolCyclingDetails"] == {
        "isNodeCyclingEnabled": True,
        "maximumSurge": "1",
        "maximumUnavailable": "0",
    }
    assert pool["nodeEvictionNodePoolSettings"]["evictionGraceDuration"] == "PT30M"


def test_nodes_wait_for_the_rules_that_let_them_join(foundation: Callable[..., Deployed]):
    deployed = foundation()

    assert {one.urn for one in deployed.of_type(RULE)} <= set(deployed.only(NODE_POOL).depends_on)


def test_taints_are_given_to_the_kubelet_when_a_node_starts(foundation: Callable[..., Deployed]):
    taints = [{"key": "gpu", "value": "yes", "effect": "NoExecute"}, {"key": "dedicated"}]
    gpu = {**SYSTEM, "taints": taints, "labels": {"a": "b"}}
    tainted = foundation(cluster={"node_pools": {"system": SYSTEM, "gpu": gpu}})

    pool = tainted.named("pools-gpu").inputs
    script = base64.b64decode(pool["nodeMetadata"]["user_data"]).decode()
    assert '--kubelet-extra-args "--register-with-taints=gpu=yes:NoExecute,dedicated=:NoSchedule"' in script
    assert pool["initialNodeLabels"] == [{"key": "a", "value": "b"}]
    assert "nodeMetadata" not in foundation().only(NODE_POOL).inputs


def test_the_autoscaler_scales_each_pool_between_its_limits(foundation: Callable[..., Deployed]):
    deployed = foundation()

    addon = deployed.only(ADDON)
    assert addon.inputs["addonName"] == "ClusterAutoscaler"
    assert addon.inputs["configurations"] == [
        {"key": "authType", "value": "workload"},
        {"key": "nodes", "value": "1:3:pools-system-id"},
    ]
    assert deployed.named("autoscaler-policy").urn in addon.depends_on


def test_the_autoscaler_is_one_service_account_of_one_cluster(foundation: Callable[..., Deployed]):
    for statement in statements(foundation().named("autoscaler-policy")):
        assert statement.startswith("Allow any-user to ")
        assert statement.endswith(
            "in compartment id ocid1.compartment.oc1..acme where ALL {request.principal.type = 'workload', "
            "request.principal.namespace = 'kube-system', request.principal.service_account = 'cluster-autoscaler', "
            "request.principal.cluster_id = 'cluster-control-plane-id'}"
        )


def test_every_grant_to_any_user_names_one_workload(foundation: Callable[..., Deployed]):
    open_to_all = [
        statement
        for policy in foundation().of_type(POLICY)
        for statement in statements(policy)
        if statement.startswith("Allow any-user")
    ]

    assert open_to_all
    for statement in open_to_all:
        for condition in ("principal.type", "principal.namespace", "principal.service_account", "principal.cluster_id"):
            assert condition in statement


def test_a_pod_is_named_as_oracle_documents_it():
    assert workload("ocid1.cluster.oc1.x", ServiceAccount(namespace="logging", name="loki")) == (
        "ALL {request.principal.type = 'workload', request.principal.namespace = 'logging', "
        "request.principal.service_account = 'loki', request.principal.cluster_id = 'ocid1.cluster.oc1.x'}"
    )


def test_the_root_compartment_is_the_tenancy_in_a_statement():
    assert place("ocid1.tenancy.oc1..a") == "tenancy"
    assert place("ocid1.compartment.oc1..a") == "compartment id ocid1.compartment.oc1..a"


def test_buckets_are_private_versioned_and_cleared(foundation: Callable[..., Deployed]):
    deployed = foundation()

    for bucket in deployed.of_type(BUCKET):
        assert bucket.inputs["accessType"] == "NoPublicAccess"
        assert bucket.inputs["versioning"] == "Enabled"
    assert deployed.named("logs-bucket").inputs["name"] == "groundwork-dev-logs"
    rules = {one.name: one.inputs["rules"] for one in deployed.of_type(LIFECYCLE)}
    assert [(one["action"], one["target"], one["timeAmount"]) for one in rules["logs-lifecycle"]] == [
        ("DELETE", "objects", "14"),
        ("DELETE", "previous-object-versions", "7"),
        ("ABORT", "multipart-uploads", "7"),
    ]
    assert [one["name"] for one in rules["backups-lifecycle"]] == ["old-versions", "stale-uploads"]


def test_object_storage_may_clear_a_bucket_before_it_is_told_to(foundation: Callable[..., Deployed]):
    deployed = foundation()

    grant = deployed.named("logs-lifecycle-grant")
    assert grant.urn in deployed.named("logs-lifecycle").depends_on
    assert statements(grant) == [
        "Allow service objectstorage-eu-frankfurt-1 to manage object-family in compartment id "
        "ocid1.compartment.oc1..acme where target.bucket.name = 'groundwork-dev-logs'"
    ]


def test_each_bucket_is_granted_to_one_group_and_to_nobody_else(foundation: Callable[..., Deployed]):
    deployed = foundation()

    for store in ("logs", "backups"):
        read, use = statements(deployed.named(f"{store}-writer-policy"))
        group = deployed.named(f"{store}-writer-group").inputs["name"]
        assert group == f"groundwork-dev-{store}-user"
        only = f"target.bucket.name = 'groundwork-dev-{store}'"
        assert read == f"Allow group {group} to read buckets in compartment id {COMPARTMENT} where {only}"
        assert use.startswith(
            f"Allow group {group} to manage objects in compartment id {COMPARTMENT} where ALL {{{only}, "
        )
        assert "OBJECT_VERSION_DELETE" not in use


def test_users_have_the_address_that_identity_domains_ask_for(foundation: Callable[..., Deployed]):
    user = foundation().named("logs-writer-user").inputs

    assert user["email"] == "groundwork-dev-logs-user@acme.example"
    assert user["compartmentId"] == "ocid1.tenancy.oc1..acme"


def test_keys_are_rotated_by_name(deploy: Callable[..., Deployed], foundation: Callable[..., Deployed]):
    deployed = foundation(object_storage={"keys": ["second", "first"]})
    keys: list[Any] = []

    deploy(
        lambda: keys.append(build_foundation(stack(object_storage={"keys": ["second", "first"]}), Demands()).logs.key)
    )

    assert [one.name for one in deployed.of_type(SECRET_KEY)] == [
        "backups-key-first",
        "backups-key-second",
        "logs-key-first",
        "logs-key-second",
    ]
    assert keys[0].generation == "second"


def test_what_holds_data_is_protected_where_the_stack_says_so(foundation: Callable[..., Deployed]):
    guarded = foundation(protect=True)
    open_ = foundation(protect=False)

    assert {one.type for one in guarded.registrations.values() if one.protect} == {
        CLUSTER,
        BUCKET,
        "oci:Kms/key:Key",
        "oci:Kms/vault:Vault",
    }
    assert not [one for one in open_.registrations.values() if one.protect]


def test_each_image_has_a_private_repository_before_the_first_push(foundation: Callable[..., Deployed]):
    repositories = foundation().of_type("oci:Artifacts/containerRepository:ContainerRepository")

    assert [one.inputs["displayName"] for one in repositories] == [
        "groundwork-dev/todo/backend",
        "groundwork-dev/todo/web",
    ]
    assert {one.inputs["isPublic"] for one in repositories} == {False}
    assert {one.inputs["compartmentId"] for one in repositories} == {COMPARTMENT}


def test_traffic_and_the_control_plane_are_logged(foundation: Callable[..., Deployed]):
    sources = {one.name: one.inputs["configuration"]["source"] for one in foundation().of_type(LOG)}

    assert sorted(sources) == [
        "logs-of-oracle-control-plane",
        "logs-of-oracle-flow-api",
        "logs-of-oracle-flow-balancers",
        "logs-of-oracle-flow-nodes",
        "logs-of-oracle-flow-pods",
    ]
    control_plane = sources["logs-of-oracle-control-plane"]
    assert (control_plane["service"], control_plane["category"]) == ("oke-k8s-cp-prod", "all-service-logs")
    assert sources["logs-of-oracle-flow-nodes"]["resource"] == "network-nodes-id"


@pytest.mark.parametrize(("wanted", "kept"), [(1, 30), (30, 30), (31, 60), (180, 180), (400, 180)])
def test_logs_are_kept_for_whole_steps_of_days(wanted: int, kept: int):
    assert kept_days(wanted) == kept


def test_the_provider_is_identified_by_the_cluster_itself(foundation: Callable[..., Deployed]):
    provider = foundation().only("pulumi:providers:kubernetes")

    assert provider.inputs["clusterIdentifier"] == "cluster-control-plane-id"


def test_the_kubeconfig_holds_an_exec_plugin_and_no_credential(foundation: Callable[..., Deployed]):
    kubeconfig = json.loads(foundation().only("pulumi:providers:kubernetes").inputs["kubeconfig"])

    assert kubeconfig["clusters"][0]["cluster"] == {
        "server": "https://10.0.0.2:6443",
        "certificate-authority-data": "Y2E=",
    }
    user = kubeconfig["users"][0]["user"]
    assert set(user) == {"exec"}
    assert [user["exec"]["command"], *user["exec"]["args"]] == [
        *("oci", "ce", "cluster", "generate-token"),
        *("--cluster-id", "cluster-control-plane-id", "--region", "eu-frankfurt-1"),
    ]


def test_nothing_of_a_given_kubeconfig_is_kept_but_the_server_and_its_authority():
    given = json.dumps(
        {
            "clusters": [{"cluster": {"server": "https://s", "certificate-authority-data": "Y2E=", "proxy-url": "p"}}],
            "users": [{"user": {"token": "hidden"}}],
        }
    )

    rendered = render_kubeconfig(given, "ocid1.cluster.oc1.x", "eu-frankfurt-1")

    assert "hidden" not in rendered
    assert "proxy-url" not in rendered


def test_the_access_command_goes_the_way_that_is_open():
    addresses = plan_addresses("10.64.0.0/13")
    private = OkeEndpoint(mode="private", allowed_cidrs=(), addresses=addresses)
    public = OkeEndpoint(mode="allow-list", allowed_cidrs=("203.0.113.0/24",), addresses=addresses)

    assert access_command("c", "r", private).endswith("--kube-endpoint PRIVATE_ENDPOINT")
    assert access_command("c", "r", public).endswith("--kube-endpoint PUBLIC_ENDPOINT")


def test_identity_is_written_in_the_home_region_and_everything_else_in_the_stacks_own(
    foundation: Callable[..., Deployed],
):
    deployed = foundation()

    assert set(providers(deployed, identity=True)) == {"oci-home"}
    assert set(providers(deployed, identity=False)) == {"oci"}
    assert deployed.named("oci-home").inputs["region"] == "us-ashburn-1"
    assert deployed.named("oci").inputs["region"] == "eu-frankfurt-1"
