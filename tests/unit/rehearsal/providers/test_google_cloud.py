"""What Google Cloud refuses and computes."""

import base64
from typing import Any

import pytest

from rehearsal.providers.inventory import Inventory
from rehearsal.providers.wire import UNKNOWN
from tests.unit.rehearsal.providers.fake_engine import Engine, Refused, State
from tests.unit.rehearsal.providers.google_project import (
    BUCKET,
    CLUSTER,
    ENCRYPTER,
    KEY,
    KEY_MEMBER,
    KEY_RING,
    NETWORK,
    NODE_POOL,
    POOL,
    SERVICE,
    SUBNETWORK,
    GoogleProject,
)


def test_a_service_that_was_never_enabled_refuses_everything(gcp: Engine) -> None:
    with pytest.raises(Refused, match=r"Error 403: compute.googleapis.com API has not been used in project acme-dev"):
        gcp.create(NETWORK, "vpc", name="vpc")


def test_storage_is_enabled_in_every_project(gcp: Engine) -> None:
    assert gcp.create(BUCKET, "logs", name="acme-logs", location="EU").id == "acme-logs"


def test_enabling_a_service_twice_is_no_conflict(project: GoogleProject) -> None:
    assert (
        project.engine.create(SERVICE, "again", service="compute.googleapis.com").id
        == "acme-dev/compute.googleapis.com"
    )


def test_a_service_stays_enabled_when_its_resource_goes(project: GoogleProject) -> None:
    project.engine.delete(project.engine.create(SERVICE, "compute", service="compute.googleapis.com"))

    assert project.network().id == "projects/acme-dev/global/networks/vpc"


def test_a_service_can_be_disabled_on_destroy(project: GoogleProject) -> None:
    service = project.engine.create(SERVICE, "compute", service="compute.googleapis.com", disableOnDestroy=True)
    project.engine.delete(service)

    with pytest.raises(Refused, match="SERVICE_DISABLED"):
        project.network()


def test_a_provider_without_a_project_creates_nothing(gcp: Engine) -> None:
    gcp.configure({"region": "europe-west4"})

    with pytest.raises(Refused, match="project: required field is not set"):
        gcp.create(BUCKET, "logs", name="acme-logs", location="EU")


def test_bucket_names_are_taken_for_every_project(project: GoogleProject) -> None:
    project.bucket("acme-logs")
    project.engine.configure({"project": "other", "region": "europe-west4"})

    with pytest.raises(Refused, match="'acme-logs' already exists"):
        project.bucket("acme-logs")


def test_a_bucket_gives_its_location_back_in_capitals(project: GoogleProject) -> None:
    assert project.bucket(location="europe-west4")["location"] == "EUROPE-WEST4"


def test_networks_of_two_projects_may_share_a_name(project: GoogleProject) -> None:
    project.network("vpc")
    project.engine.configure({"project": "other", "region": "europe-west4"})
    project.engine.create(SERVICE, "compute", service="compute.googleapis.com")

    assert project.network("vpc").id == "projects/other/global/networks/vpc"


@pytest.mark.parametrize("reference", ["id", "selfLink", "name"])
def test_a_network_is_found_by_id_self_link_and_name(project: GoogleProject, reference: str) -> None:
    network = project.network()
    value = network.id if reference == "id" else network[reference]

    made = project.subnetwork(network, network=value)

    assert made["network"] == network["selfLink"]


def test_a_network_in_use_cannot_be_deleted(project: GoogleProject) -> None:
    network = project.network()
    subnetwork = project.subnetwork(network)
    with pytest.raises(
        Refused, match="already being used by 'projects/acme-dev/regions/europe-west4/subnetworks/nodes'"
    ):
        project.engine.delete(network)
    project.engine.delete(subnetwork)

    router = project.engine.create("gcp:compute/router:Router", "router", name="router", network=network.id)
    with pytest.raises(Refused, match="routers/router"):
        project.engine.delete(network)
    project.engine.delete(router)

    firewall = project.engine.create("gcp:compute/firewall:Firewall", "fw", name="fw", network=network.id)
    with pytest.raises(Refused, match="firewalls/fw"):
        project.engine.delete(network)
    project.engine.delete(firewall)
    project.engine.delete(network)
    assert project.engine.read(network).id == ""


def test_a_router_with_a_nat_cannot_be_deleted(project: GoogleProject) -> None:
    router = project.engine.create("gcp:compute/router:Router", "router", name="router", network=project.network().id)
    nat = "gcp:compute/routerNat:RouterNat"
    made = project.engine.create(
        nat, "nat", name="nat-1", router="router", sourceSubnetworkIpRangesToNat="ALL_SUBNETWORKS_ALL_IP_RANGES"
    )

    assert made.id == "acme-dev/europe-west4/router/nat-1"
    with pytest.raises(Refused, match="already being used by 'acme-dev/europe-west4/router/nat-1'"):
        project.engine.delete(router)


@pytest.mark.parametrize(
    ("ports", "path"),
    [
        ({"enableDynamicPortAllocation": True, "enableEndpointIndependentMapping": True}, "enableEndpointIndependent"),
        ({"enableDynamicPortAllocation": True, "minPortsPerVm": 100}, "minPortsPerVm"),
        ({"enableDynamicPortAllocation": True, "minPortsPerVm": 16}, "minPortsPerVm"),
        ({"enableDynamicPortAllocation": True, "minPortsPerVm": 64, "maxPortsPerVm": 64}, "maxPortsPerVm"),
        ({"enableDynamicPortAllocation": True, "maxPortsPerVm": 1000}, "maxPortsPerVm"),
        ({"maxPortsPerVm": 1024}, "maxPortsPerVm"),
    ],
)
def test_the_ports_of_a_nat_fit_its_allocation(project: GoogleProject, ports: dict[str, Any], path: str) -> None:
    project.nat(project.network(), "good", enableDynamicPortAllocation=True, minPortsPerVm=64, maxPortsPerVm=2048)
    project.nat(project.network("other"), "static", minPortsPerVm=100, enableEndpointIndependentMapping=True)

    with pytest.raises(Refused, match=f"Invalid value for field '{path}"):
        project.nat(project.network("third"), "bad", **ports)


@pytest.mark.parametrize(
    "ranges",
    [
        {"ipCidrRange": "10.0.8.0/24", "secondaryIpRanges": []},
        {"ipCidrRange": "192.168.0.0/24", "secondaryIpRanges": [{"rangeName": "pods", "ipCidrRange": "10.5.0.0/16"}]},
    ],
)
def test_ranges_of_one_network_may_not_overlap(project: GoogleProject, ranges: dict[str, Any]) -> None:
    network = project.network()
    project.subnetwork(network)

    with pytest.raises(Refused, match="conflicts with existing subnetwork 'nodes'"):
        project.subnetwork(network, "more", **ranges)


def test_ranges_of_two_networks_may_overlap(project: GoogleProject) -> None:
    project.subnetwork(project.network("one"), "one")

    assert project.subnetwork(project.network("two"), "two").id.endswith("/two")


def test_the_ranges_of_a_subnetwork_may_not_overlap_each_other(project: GoogleProject) -> None:
    with pytest.raises(Refused, match="overlaps another range of 'nodes'"):
        project.subnetwork(project.network(), secondaryIpRanges=[{"rangeName": "pods", "ipCidrRange": "10.0.0.0/16"}])


def test_a_subnetwork_grows_in_place_and_is_replaced_to_shrink(project: GoogleProject) -> None:
    subnetwork = project.subnetwork(project.network())
    given = {key: value for key, value in subnetwork.inputs.items() if key not in ("ipCidrRange", "__defaults")}

    assert project.engine.diff(subnetwork, **given, ipCidrRange="10.0.0.0/19").replaces == []
    assert project.engine.diff(subnetwork, **given, ipCidrRange="10.0.0.0/21").replaces == ["ipCidrRange"]


@pytest.mark.parametrize(
    ("resource_type", "inputs"),
    [
        (SUBNETWORK, {"network": "default", "region": "europe-west99", "ipCidrRange": "10.0.0.0/24"}),
        (CLUSTER, {"location": "europe-west9-z", "initialNodeCount": 1}),
        (BUCKET, {"location": "mars"}),
        (KEY_RING, {"location": "nam4x"}),
        (
            "gcp:artifactregistry/repository:Repository",
            {"location": "nam4", "repositoryId": "images", "format": "DOCKER"},
        ),
    ],
)
def test_a_place_that_does_not_exist_is_refused(
    project: GoogleProject, resource_type: str, inputs: dict[str, Any]
) -> None:
    with pytest.raises(Refused, match=r"Unknown region|is not found or access is unauthorized"):
        project.engine.create(resource_type, "here", **inputs)


def test_nodes_lie_in_zones_of_their_region(project: GoogleProject) -> None:
    cluster = project.cluster(nodeLocations=["europe-west4-a", "europe-west4-b"])

    for zone in ("europe-west4-z", "europe-west1-b"):
        refused = pytest.raises(Refused, match=f"'{zone}' is not a zone of europe-west4, which has europe-west4-a")
        with refused:
            project.cluster("other", nodeLocations=[zone])
        with refused:
            project.node_pool(cluster, location="europe-west4", nodeLocations=[zone])


@pytest.mark.parametrize(
    ("channel", "version", "minors"),
    [
        ("STABLE", "1.36", "1.33 to 1.35"),
        ("RAPID", "1.32", "1.33 to 1.36"),
        ("EXTENDED", "1.29.1", "1.30 to 1.36"),
        ("REGULAR", "1.99", "1.33 to 1.36"),
        ("REGULAR", "v1.35", "1.33 to 1.36"),
        (None, "1.30", "1.33 to 1.36"),
    ],
)
def test_a_version_that_is_not_on_offer_is_refused(
    project: GoogleProject, channel: str | None, version: str, minors: str
) -> None:
    named = {"channel": channel} if channel else None

    with pytest.raises(Refused, match=f'"{version}" is unsupported: the release channel .* has {minors}'):
        project.cluster(minMasterVersion=version, releaseChannel=named)


@pytest.mark.parametrize(
    ("channel", "asked", "given"),
    [
        ("RAPID", None, "1.36.4-gke.1391000"),
        ("STABLE", "1.35", "1.35.8-gke.1036000"),
        ("REGULAR", "1.35.6", "1.35.6-gke.1000000"),
        ("EXTENDED", "1.30.14-gke.1991000", "1.30.14-gke.1991000"),
        ("STABLE", "latest", "1.35.8-gke.1036000"),
    ],
)
def test_a_cluster_gets_the_version_that_it_asks_for(
    project: GoogleProject, channel: str, asked: str | None, given: str
) -> None:
    made = project.cluster(releaseChannel={"channel": channel}, minMasterVersion=asked)

    assert made["masterVersion"] == given


def test_a_cluster_needs_a_first_node(project: GoogleProject) -> None:
    with pytest.raises(Refused, match="initial_node_count must be greater than zero"):
        project.cluster(initialNodeCount=0)


def test_an_autopilot_cluster_needs_no_first_node(project: GoogleProject) -> None:
    assert project.cluster(initialNodeCount=0, enableAutopilot=True).id.endswith("/clusters/main")


def test_a_cluster_names_ranges_that_its_subnetwork_has(project: GoogleProject) -> None:
    subnetwork = project.subnetwork(project.network())
    policy = {"clusterSecondaryRangeName": "pods", "servicesSecondaryRangeName": "service"}

    with pytest.raises(Refused, match="range 'service' does not exist in subnetwork"):
        project.cluster(subnetwork=subnetwork.id, ipAllocationPolicy=policy)


def test_a_cluster_lies_in_the_region_of_its_subnetwork(project: GoogleProject) -> None:
    subnetwork = project.subnetwork(project.network())

    with pytest.raises(Refused, match="is not in the cluster's region europe-west1"):
        project.cluster(location="europe-west1", subnetwork=subnetwork.id)


def test_a_cluster_lies_in_the_network_of_its_subnetwork(project: GoogleProject) -> None:
    subnetwork = project.subnetwork(project.network())
    other = project.network("other")

    with pytest.raises(Refused, match="is not in the network"):
        project.cluster(network=other.id, subnetwork=subnetwork.id)


@pytest.mark.parametrize(
    ("block", "why"), [("172.16.0.0/27", "must be /28"), ("10.0.4.0/28", "conflicts with the range")]
)
def test_the_control_plane_has_a_range_of_its_own(project: GoogleProject, block: str, why: str) -> None:
    subnetwork = project.subnetwork(project.network())

    with pytest.raises(Refused, match=why):
        project.cluster(subnetwork=subnetwork.id, privateClusterConfig={"masterIpv4CidrBlock": block})


def test_a_workload_pool_is_that_of_the_project(project: GoogleProject) -> None:
    with pytest.raises(Refused, match=f"it must be {POOL}"):
        project.cluster(workloadIdentityConfig={"workloadPool": "other.svc.id.goog"})


def test_a_cluster_runs_as_an_account_that_exists(project: GoogleProject) -> None:
    with pytest.raises(Refused, match=r"nodeConfig.serviceAccount refers to the Account"):
        project.cluster(nodeConfig={"serviceAccount": "nodes@acme-dev.iam.gserviceaccount.com"})


def test_deletion_protection_is_on_unless_switched_off_before(project: GoogleProject) -> None:
    cluster = project.engine.create(CLUSTER, "main", name="main", location="europe-west4", initialNodeCount=1)

    with pytest.raises(Refused, match="deletionProtection is set to true"):
        project.engine.delete(cluster)


def test_the_endpoints_of_a_cluster_have_the_right_form(project: GoogleProject) -> None:
    cluster = project.cluster(
        controlPlaneEndpointsConfig={"dnsEndpointConfig": {"allowExternalTraffic": True}}, minMasterVersion="1.35"
    )
    endpoint = cluster["controlPlaneEndpointsConfig"]["dnsEndpointConfig"]

    assert endpoint["allowExternalTraffic"] is True
    assert endpoint["endpoint"].startswith("gke-")
    assert endpoint["endpoint"].endswith("-910238173610.europe-west4.gke.goog")
    assert cluster["masterVersion"].startswith("1.35.")
    certificate = base64.b64decode(cluster["masterAuth"]["clusterCaCertificate"]).decode()
    assert certificate.startswith("-----BEGIN CERTIFICATE-----\n")
    assert "PRIVATE KEY" not in certificate


def test_a_first_preview_does_not_know_the_endpoints(project: GoogleProject) -> None:
    planned = project.engine.preview(
        CLUSTER, "main", name="main", controlPlaneEndpointsConfig={"dnsEndpointConfig": {"allowExternalTraffic": True}}
    )

    assert planned["endpoint"] is UNKNOWN
    assert planned["controlPlaneEndpointsConfig"]["dnsEndpointConfig"] == {
        "allowExternalTraffic": True,
        "endpoint": UNKNOWN,
    }
    assert planned["masterAuth"]["clusterCaCertificate"] is UNKNOWN


def test_a_cluster_that_only_answers_privately_has_the_private_address(project: GoogleProject) -> None:
    private = {"enablePrivateEndpoint": True, "masterIpv4CidrBlock": "172.20.0.0/28"}

    assert project.cluster(privateClusterConfig=private)["endpoint"] == "172.20.0.2"


def test_a_cluster_created_anew_has_another_endpoint(project: GoogleProject) -> None:
    first = project.cluster()
    project.engine.delete(first)
    second = project.cluster()

    assert first["endpoint"] != second["endpoint"]


def test_node_pools_go_with_their_cluster(project: GoogleProject) -> None:
    cluster = project.cluster()
    pool = project.node_pool(cluster)
    project.engine.delete(cluster)

    assert project.engine.read(pool).id == ""


def test_a_node_pool_needs_its_cluster_and_account(project: GoogleProject) -> None:
    with pytest.raises(Refused, match="cluster refers to the Cluster 'gone'"):
        project.engine.create(NODE_POOL, "pool", cluster="gone", location="europe-west4")
    cluster = project.cluster()
    with pytest.raises(Refused, match=r"nodeConfig.serviceAccount refers to"):
        project.node_pool(cluster, nodeConfig={"serviceAccount": "nodes@acme-dev.iam.gserviceaccount.com"})


def test_a_node_pool_lies_where_its_cluster_lies(project: GoogleProject) -> None:
    cluster = project.cluster(location="europe-west1")

    pool = project.node_pool(cluster, name="system")

    assert pool["location"] == "europe-west1"
    assert pool.id.startswith("projects/acme-dev/locations/europe-west1/clusters/main/nodePools/system-")


@pytest.fixture
def encrypted(project: GoogleProject) -> dict[str, Any]:
    return {"databaseEncryption": {"state": "ENCRYPTED", "keyName": project.key().id}}


def test_a_cluster_needs_the_grant_on_its_key_first(project: GoogleProject, encrypted: dict[str, Any]) -> None:
    with pytest.raises(Refused, match=r"Permission denied on Cloud KMS key.*container-engine-robot"):
        project.cluster(**encrypted)

    agent = project.agent("container")
    _grant_key(project, agent["member"])
    assert project.cluster(**encrypted).id.endswith("/clusters/main")


def test_a_grant_to_somebody_else_does_not_help(project: GoogleProject, encrypted: dict[str, Any]) -> None:
    project.agent("container")
    _grant_key(project, f"serviceAccount:{project.account()['email']}")

    with pytest.raises(Refused, match="Permission denied on Cloud KMS key"):
        project.cluster(**encrypted)


def test_a_grant_of_another_role_does_not_help(project: GoogleProject, encrypted: dict[str, Any]) -> None:
    _grant_key(project, project.agent("container")["member"], "roles/cloudkms.viewer")

    with pytest.raises(Refused, match="Permission denied on Cloud KMS key"):
        project.cluster(**encrypted)


def test_a_bucket_needs_the_grant_on_its_key_first(project: GoogleProject) -> None:
    key = project.key()
    with pytest.raises(Refused, match="gs-project-accounts"):
        project.bucket(encryption={"defaultKmsKeyName": key.id})

    agent = project.engine.invoke("gcp:storage/getProjectServiceAccount:getProjectServiceAccount")
    _grant_key(project, agent["member"])
    assert project.bucket(encryption={"defaultKmsKeyName": key.id}).id == "acme-logs"


def test_a_registry_needs_the_grant_on_its_key_first(project: GoogleProject) -> None:
    key = project.key()
    inputs = {"location": "europe-west4", "repositoryId": "images", "format": "DOCKER", "kmsKeyName": key.id}
    repository = "gcp:artifactregistry/repository:Repository"
    with pytest.raises(Refused, match="gcp-sa-artifactregistry"):
        project.engine.create(repository, "images", **inputs)

    _grant_key(project, project.agent("artifactregistry")["member"])
    assert project.engine.create(repository, "images", **inputs)["registryUri"] == (
        "europe-west4-docker.pkg.dev/acme-dev/images"
    )


@pytest.mark.parametrize("location", ["europe-west1", "global"])
def test_a_key_lies_where_its_user_lies(project: GoogleProject, location: str) -> None:
    key = project.key(location=location)

    with pytest.raises(Refused, match="must be in the location europe-west4"):
        project.bucket(encryption={"defaultKmsKeyName": key.id})


def test_key_rings_and_keys_remain_and_their_names_stay_taken(project: GoogleProject, inventory: Inventory) -> None:
    key = project.key()
    project.engine.delete(key)
    ring = inventory.get(KEY_RING, "projects/acme-dev/locations/europe-west4/keyRings/ring")
    assert ring is not None
    project.engine.delete(State(KEY_RING, "ring", ring.id, ring.inputs, ring.outputs))

    assert [row.retained for kind in (KEY_RING, KEY) for row in inventory.list(type=kind)] == [True, True]
    with pytest.raises(Refused, match="key rings and keys cannot be deleted"):
        project.key()


def test_a_service_account_can_be_created_again_and_is_another(project: GoogleProject) -> None:
    first = project.account()
    project.engine.delete(first)
    second = project.account()

    assert first["email"] == second["email"] == "builder@acme-dev.iam.gserviceaccount.com"
    assert first["uniqueId"] != second["uniqueId"]


def test_a_hundred_service_accounts_are_the_quota(project: GoogleProject) -> None:
    for number in range(100):
        project.account(f"builder-{number}")

    with pytest.raises(Refused, match="quota of 100 Account exceeded"):
        project.account("one-more")


def test_a_record_lies_in_its_zone(project: GoogleProject) -> None:
    zone = project.engine.create("gcp:dns/managedZone:ManagedZone", "zone", name="zone", dnsName="acme.example.")
    record = {"managedZone": "zone", "type": "A", "ttl": 60, "rrdatas": ["192.0.2.1"]}

    with pytest.raises(Refused, match=r"'www.other.example.' is not in the zone 'acme.example.'"):
        project.engine.create("gcp:dns/recordSet:RecordSet", "www", name="www.other.example.", **record)

    project.engine.create("gcp:dns/recordSet:RecordSet", "www", name="www.acme.example.", **record)
    with pytest.raises(Refused, match="already being used"):
        project.engine.delete(zone)


def test_secret_versions_count_up_and_their_payload_is_secret(project: GoogleProject, inventory: Inventory) -> None:
    secret = project.engine.create("gcp:secretmanager/secret:Secret", "s", secretId="token", replication={"auto": {}})
    versions = [
        project.engine.create(
            "gcp:secretmanager/secretVersion:SecretVersion", f"v{n}", secret=secret.id, secretData="hush-hush"
        )
        for n in (1, 2)
    ]

    assert [version.id for version in versions] == [f"projects/acme-dev/secrets/token/versions/{n}" for n in (1, 2)]
    assert b"hush-hush" not in b"".join(path.read_bytes() for path in inventory.path.parent.glob("inventory.sqlite*"))


def test_another_project_of_the_provider_moves_what_names_none(project: GoogleProject) -> None:
    network = project.network()
    project.engine.configure({"project": "other", "region": "europe-west4"})

    assert project.engine.diff(network, name="vpc", autoCreateSubnetworks=False).replaces == ["project"]


def _grant_key(project: GoogleProject, member: str, role: str = ENCRYPTER) -> State:
    key = "projects/acme-dev/locations/europe-west4/keyRings/ring/cryptoKeys/key"
    return project.engine.create(KEY_MEMBER, "grant", cryptoKeyId=key, role=role, member=member)
