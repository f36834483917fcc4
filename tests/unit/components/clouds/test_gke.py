"""What the GKE components ask the cloud for."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from components.address_plan import plan_addresses
from components.contracts import Foundation, ServiceAccount
from components.gke.api_access import GkeEndpoints, Mode, access_command, render_kubeconfig
from components.gke.identity import workload_principal
from tests.mock_engine import Deployed
from tests.unit.components.clouds.gke_stack import CLUSTER, build, principal

NODE_POOL = "gcp:container/nodePool:NodePool"
BUCKET = "gcp:storage/bucket:Bucket"


@pytest.fixture
def foundation(deploy_once: Callable[..., Deployed]) -> Callable[..., Deployed]:
    return lambda **changes: deploy_once(lambda: build(**changes), changes)


def test_nodes_are_private_and_the_api_is_reached_by_a_name_that_iam_guards(foundation: Callable[..., Deployed]):
    cluster = foundation().only(CLUSTER).inputs

    assert cluster["privateClusterConfig"] == {
        "enablePrivateNodes": True,
        "enablePrivateEndpoint": True,
        "masterIpv4CidrBlock": "10.68.32.0/28",
    }
    assert cluster["controlPlaneEndpointsConfig"]["dnsEndpointConfig"] == {"allowExternalTraffic": True}
    assert cluster["masterAuthorizedNetworksConfig"] == {"gcpPublicCidrsAccessEnabled": False, "cidrBlocks": []}


def test_pods_and_services_take_addresses_from_the_subnets_own_ranges(foundation: Callable[..., Deployed]):
    deployed = foundation()

    subnet = deployed.only("gcp:compute/subnetwork:Subnetwork").inputs
    assert subnet["ipCidrRange"] == "10.68.0.0/20"
    assert subnet["secondaryIpRanges"] == [
        {"rangeName": "pods", "ipCidrRange": "10.64.0.0/14"},
        {"rangeName": "services", "ipCidrRange": "10.68.16.0/20"},
    ]
    assert deployed.only(CLUSTER).inputs["ipAllocationPolicy"] == {
        "clusterSecondaryRangeName": "pods",
        "servicesSecondaryRangeName": "services",
    }


def test_the_cluster_runs_dataplane_v2_in_a_release_channel(foundation: Callable[..., Deployed]):
    cluster = foundation().only(CLUSTER).inputs

    assert cluster["datapathProvider"] == "ADVANCED_DATAPATH"
    assert cluster["releaseChannel"] == {"channel": "REGULAR"}
    assert cluster["workloadIdentityConfig"] == {"workloadPool": "acme-platform.svc.id.goog"}


def test_the_control_plane_may_call_the_webhooks(foundation: Callable[..., Deployed]):
    firewall = foundation().only("gcp:compute/firewall:Firewall").inputs

    assert firewall["sourceRanges"] == ["10.68.32.0/28"]
    assert {"4000", "8443", "9443", "10250"} <= set(firewall["allows"][0]["ports"])


def test_the_key_ring_has_a_name_of_its_own_in_every_incarnation(foundation: Callable[..., Deployed]):
    assert foundation().only("gcp:kms/keyRing:KeyRing").inputs["name"] == "groundwork-dev-0a1b2c3d"


def test_nodes_wait_for_their_way_out_and_for_the_right_to_pull(foundation: Callable[..., Deployed]):
    deployed = foundation()

    pool = deployed.only(NODE_POOL)
    assert deployed.only("gcp:compute/routerNat:RouterNat").urn in pool.depends_on
    assert deployed.only("gcp:artifactregistry/repositoryIamMember:RepositoryIamMember").urn in pool.depends_on


def test_node_pools_scale_between_their_limits_and_are_named_by_the_engine(foundation: Callable[..., Deployed]):
    pool = foundation().only(NODE_POOL).inputs

    assert "name" not in pool
    assert pool["autoscaling"] == {"totalMinNodeCount": 1, "totalMaxNodeCount": 3, "locationPolicy": "ANY"}
    assert pool["nodeConfig"]["spot"] is True
    assert pool["nodeConfig"]["workloadMetadataConfig"] == {"mode": "GKE_METADATA"}
    assert pool["nodeConfig"]["serviceAccount"] == "groundwork-dev-nodes@example.iam.gserviceaccount.com"


def test_nodes_are_upgraded_one_by_one_or_beside_a_second_set(foundation: Callable[..., Deployed]):
    pool = {"machine_type": "e2-standard-4", "min_nodes": 1, "max_nodes": 3}
    pools = {"system": pool, "apps": {**pool, "upgrades": "blue-green"}}

    deployed = foundation(cluster={"zones": ["europe-west1-b"], "node_pools": pools})

    assert deployed.named("pools-system").inputs["upgradeSettings"] == {
        "strategy": "SURGE",
        "maxSurge": 1,
        "maxUnavailable": 0,
    }
    assert deployed.named("pools-apps").inputs["upgradeSettings"] == {
        "strategy": "BLUE_GREEN",
        "blueGreenSettings": {
            "standardRolloutPolicy": {"batchPercentage": 0.34, "batchSoakDuration": "60s"},
            "nodePoolSoakDuration": "3600s",
        },
    }


def test_taints_are_spelt_as_the_api_spells_them(foundation: Callable[..., Deployed]):
    pools = {
        "system": {"machine_type": "e2-standard-4", "min_nodes": 1, "max_nodes": 3},
        "gpu": {
            "machine_type": "a2-highgpu-1g",
            "min_nodes": 0,
            "max_nodes": 1,
            "taints": [{"key": "gpu", "value": "yes", "effect": "NoExecute"}],
        },
    }

    pool = foundation(cluster={"zones": ["europe-west1-b"], "node_pools": pools}).named("pools-gpu").inputs

    assert pool["nodeConfig"]["taints"] == [{"key": "gpu", "value": "yes", "effect": "NO_EXECUTE"}]


def test_what_holds_data_is_protected_where_the_stack_says_so(foundation: Callable[..., Deployed]):
    guarded = foundation(protect=True)
    open_ = foundation(protect=False)

    assert {one.type for one in guarded.registrations.values() if one.protect} == {
        CLUSTER,
        BUCKET,
        "gcp:artifactregistry/repository:Repository",
        "gcp:dns/managedZone:ManagedZone",
        "gcp:kms/cryptoKey:CryptoKey",
    }
    assert guarded.only(CLUSTER).inputs["deletionProtection"] is True
    assert [bucket.inputs["forceDestroy"] for bucket in guarded.of_type(BUCKET)] == [False, False, False]
    assert not [one for one in open_.registrations.values() if one.protect]
    assert open_.only(CLUSTER).inputs["deletionProtection"] is False


def test_the_provider_is_identified_by_the_cluster_itself(foundation: Callable[..., Deployed]):
    provider = foundation().only("pulumi:providers:kubernetes")

    assert provider.inputs["clusterIdentifier"] == "cluster-control-plane-id"


def test_the_kubeconfig_holds_an_exec_plugin_and_no_credential(foundation: Callable[..., Deployed]):
    kubeconfig = json.loads(foundation().only("pulumi:providers:kubernetes").inputs["kubeconfig"])

    assert kubeconfig["clusters"][0]["cluster"] == {"server": "https://cluster-control-plane.gke.goog"}
    assert set(kubeconfig["users"][0]["user"]) == {"exec"}
    assert kubeconfig["users"][0]["user"]["exec"]["command"] == "gke-gcloud-auth-plugin"


def test_an_address_is_verified_with_the_clusters_own_certificate():
    cluster = json.loads(render_kubeconfig("https://10.0.0.2", "Y2E="))["clusters"][0]["cluster"]

    assert cluster == {"server": "https://10.0.0.2", "certificate-authority-data": "Y2E="}


@pytest.mark.parametrize(
    ("mode", "private_endpoint", "external_dns"),
    [("dns", True, True), ("allow-list", False, False), ("private", True, False)],
)
def test_each_way_to_the_api_sets_the_blocks_that_must_agree(mode: Mode, private_endpoint: bool, external_dns: bool):
    cidrs = ("203.0.113.0/24",) if mode == "allow-list" else ()
    endpoints = GkeEndpoints(mode=mode, allowed_cidrs=cidrs, addresses=plan_addresses("10.64.0.0/13"))

    assert endpoints.private_cluster_config().enable_private_endpoint is private_endpoint
    dns: Any = endpoints.control_plane_endpoints_config().dns_endpoint_config
    assert dns.allow_external_traffic is external_dns
    blocks: Any = endpoints.authorized_networks_config().cidr_blocks
    assert [block.cidr_block for block in blocks] == list(cidrs)


def test_the_access_command_goes_the_way_that_is_open():
    assert access_command("c", "p", "r", "dns").endswith("--location r --dns-endpoint")
    assert access_command("c", "p", "r", "private").endswith("--location r --internal-ip")
    assert access_command("c", "p", "r", "allow-list").endswith("--location r")


def test_a_pod_is_named_as_google_documents_it():
    account = ServiceAccount(namespace="logging", name="loki")

    assert workload_principal("acme-platform", "123456789", account) == principal("logging", "loki")


def test_apis_stay_on_when_the_stack_is_destroyed(foundation: Callable[..., Deployed]):
    services = foundation().of_type("gcp:projects/service:Service")

    assert {service.inputs["service"] for service in services} >= {"container.googleapis.com", "compute.googleapis.com"}
    assert {service.inputs["disableOnDestroy"] for service in services} == {False}


def test_only_a_stack_with_its_own_postgresql_switches_its_apis_on(foundation: Callable[..., Deployed]):
    def apis(**changes: Any) -> set[str]:
        services = foundation(**changes).of_type("gcp:projects/service:Service")
        return {service.inputs["service"].removesuffix(".googleapis.com") for service in services}

    assert apis(postgres={"tier": "db-custom-2-8192", "storage_gib": 20}) - apis() == {"servicenetworking", "sqladmin"}


def test_flows_and_failed_translations_are_logged(foundation: Callable[..., Deployed]):
    deployed = foundation()

    assert deployed.only("gcp:compute/subnetwork:Subnetwork").inputs["logConfig"]["flowSampling"] == 0.5
    assert deployed.only("gcp:compute/routerNat:RouterNat").inputs["logConfig"] == {
        "enable": True,
        "filter": "ERRORS_ONLY",
    }


def test_the_control_plane_is_watched_and_its_cost_told_apart(foundation: Callable[..., Deployed]):
    cluster = foundation().only(CLUSTER).inputs

    assert cluster["loggingConfig"] == {"enableComponents": ["SYSTEM_COMPONENTS", "APISERVER"]}
    assert cluster["costManagementConfig"] == {"enabled": True}
    assert cluster["maintenancePolicy"]["recurringWindow"]["recurrence"] == "FREQ=WEEKLY;BYDAY=SA,SU"


def test_a_public_load_balancer_is_of_the_kind_that_keeps_the_clients_address(deploy: Callable[..., Deployed]):
    built: list[Foundation] = []

    deploy(lambda: built.append(build()))

    assert built[0].capabilities.load_balancer_annotations == {"cloud.google.com/l4-rbs": "enabled"}


def test_every_resource_goes_through_the_stacks_own_provider(foundation: Callable[..., Deployed]):
    google = [one for one in foundation().registrations.values() if one.type.startswith("gcp:")]

    assert {one.provider.rpartition("::")[2] for one in google} == {"gcp"}
