"""The cluster of an OKE stack: control plane, node pools, logs, and how it is reached."""

import base64
import json
from collections.abc import Callable

import pytest

from components.address_plan import plan_addresses
from components.oke.api_access import OkeEndpoint, access_command, render_kubeconfig
from components.oke.logs import kept_days
from tests.mock_engine import Deployed
from tests.unit.components.clouds.oke_stack import BUCKET, CLUSTER, NODE_POOL, POSTGRES, SYSTEM, build

ADDON = "oci:ContainerEngine/addon:Addon"
LOG = "oci:Logging/log:Log"
RULE = "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule"


@pytest.fixture
def foundation(deploy_once: Callable[..., Deployed]) -> Callable[..., Deployed]:
    return lambda **changes: deploy_once(lambda: build(**changes), changes)


def test_the_cluster_is_enhanced_and_its_pods_have_addresses_of_the_network(foundation: Callable[..., Deployed]):
    cluster = foundation().only(CLUSTER).inputs

    assert cluster["type"] == "ENHANCED_CLUSTER"
    assert cluster["kubernetesVersion"] == "v1.35.2"
    assert cluster["clusterPodNetworkOptions"] == [{"cniType": "OCI_VCN_IP_NATIVE"}]
    assert cluster["options"]["kubernetesNetworkConfig"] == {"servicesCidr": "10.68.16.0/20"}
    assert cluster["options"]["serviceLbSubnetIds"] == ["network-balancers-id"]


def test_a_pool_has_one_placement_in_each_domain_and_gives_its_size_away(foundation: Callable[..., Deployed]):
    pool = foundation().only(NODE_POOL)

    assert "name" not in pool.inputs
    assert pool.ignore_changes == ["nodeConfigDetails.size"]
    details = pool.inputs["nodeConfigDetails"]
    assert details["size"] == 1
    assert details["placementConfigs"] == [
        {"availabilityDomain": domain, "subnetId": "network-nodes-id"}
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


def test_a_spot_pool_is_preemptible_in_each_domain_and_no_other_pool_is(foundation: Callable[..., Deployed]):
    pools = {"system": SYSTEM, "batch": {**SYSTEM, "min_nodes": 0, "spot": True}}

    made = foundation(cluster={"node_pools": pools})

    preemptible = {"preemptionAction": {"type": "TERMINATE", "isPreserveBootVolume": False}}
    asked = {
        pool.name: [
            place.get("preemptibleNodeConfig") for place in pool.inputs["nodeConfigDetails"]["placementConfigs"]
        ]
        for pool in made.of_type(NODE_POOL)
    }
    assert asked == {"pools-system": [None, None], "pools-batch": [preemptible, preemptible]}


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


def test_what_holds_data_is_protected_where_the_stack_says_so(foundation: Callable[..., Deployed]):
    guarded = foundation(protect=True, postgres=POSTGRES)
    open_ = foundation(protect=False, postgres=POSTGRES)

    assert {one.type for one in guarded.registrations.values() if one.protect} == {
        BUCKET,
        CLUSTER,
        "oci:Dns/zone:Zone",
        "oci:Kms/key:Key",
        "oci:Kms/vault:Vault",
        "oci:Psql/dbSystem:DbSystem",
    }
    assert not [one for one in open_.registrations.values() if one.protect]


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
