"""What Azure Kubernetes Service refuses, and what it computes."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from rehearsal.providers.azure_native.provider import AzureProvider
from rehearsal.providers.inventory import Inventory
from rehearsal.providers.wire import UNKNOWN
from tests.unit.rehearsal.providers.azure_subscription import (
    CLUSTER,
    POOL,
    SETTING,
    SUBSCRIPTION,
    VAULT_CONTRIBUTOR,
    WINDOW,
    AzureSubscription,
    ClusterGround,
)
from tests.unit.rehearsal.providers.fake_engine import Engine, Refused, State

CREDENTIALS = "azure-native:containerservice:listManagedClusterUserCredentials"


@pytest.fixture
def azure(inventory: Inventory) -> Engine:
    return Engine(AzureProvider(inventory), {"subscriptionId": SUBSCRIPTION})


@pytest.fixture
def ground(azure: Engine) -> ClusterGround:
    return ClusterGround(AzureSubscription(azure))


def test_a_cluster_on_solid_ground_is_created(ground: ClusterGround):
    cluster = ground.cluster()

    assert cluster["currentKubernetesVersion"] == "1.35.2"
    assert cluster["kubernetesVersion"] == "1.35"
    assert cluster["identityProfile"]["kubeletidentity"]["resourceId"] == ground.kubelet.id


def test_identities_that_are_not_known_yet_are_not_described(azure: Engine):
    identity = {"type": "UserAssigned", "userAssignedIdentities": [UNKNOWN]}

    seen = azure.preview(CLUSTER, "aks", resourceGroupName="rg", identity=identity)

    assert seen["identity"]["userAssignedIdentities"] is UNKNOWN


Change = Callable[[ClusterGround], dict[str, Any]]

REFUSALS: list[tuple[str, Change, str]] = [
    ("an old version", lambda ground: {"kubernetesVersion": "1.32"}, "1.32 is not supported"),
    (
        "no system pool",
        lambda ground: {"agentPoolProfiles": [ground.pool(mode="User")]},
        "must have a system agent pool",
    ),
    (
        "a spot system pool",
        lambda ground: {"agentPoolProfiles": [ground.pool(scaleSetPriority="Spot")]},
        "system pools cannot be spot pools",
    ),
    (
        "an empty system pool",
        lambda ground: {"agentPoolProfiles": [ground.pool(enableAutoScaling=True, minCount=0, maxCount=3)]},
        "needs at least one node",
    ),
    (
        "limits without the autoscaler",
        lambda ground: {"agentPoolProfiles": [ground.pool(minCount=1, maxCount=3)]},
        "go with enableAutoScaling, and only with it",
    ),
    (
        "eviction of regular nodes",
        lambda ground: {"agentPoolProfiles": [ground.pool(scaleSetEvictionPolicy="Delete")]},
        "goes with scaleSetPriority Spot alone",
    ),
    (
        "costs on the free tier",
        lambda ground: {"sku": {"name": "Base", "tier": "Free"}},
        "needs the Standard or Premium",
    ),
    ("identities without an issuer", lambda ground: {"oidcIssuerProfile": {"enabled": False}}, "needs the OIDC issuer"),
    ("nobody may log in", lambda ground: {"aadProfile": {"managed": False}}, "only with managed Entra ID"),
    (
        "Cilium's policies alone",
        lambda ground: {"networkProfile": ground.network_profile(networkDataplane="azure")},
        "go together",
    ),
    (
        "an overlay of kubenet",
        lambda ground: {"networkProfile": ground.network_profile(networkPlugin="kubenet")},
        "overlay needs networkPlugin azure",
    ),
    (
        "a subnet without a gateway",
        lambda ground: {"agentPoolProfiles": [ground.pool(vnetSubnetID=ground.api.id)]},
        "needs a NAT gateway on the subnet .*/subnets/api first",
    ),
    (
        "pods in the network",
        lambda ground: {"networkProfile": ground.network_profile(podCidr="10.0.0.0/16")},
        r"networkProfile.podCidr overlaps the virtual network",
    ),
    (
        "services in the network",
        lambda ground: {"networkProfile": ground.network_profile(serviceCidr="10.0.0.0/24", dnsServiceIP="10.0.0.10")},
        r"networkProfile.serviceCidr overlaps the virtual network",
    ),
    (
        "services among the pods",
        lambda ground: {"networkProfile": ground.network_profile(serviceCidr="10.4.0.0/20", dnsServiceIP="10.4.0.10")},
        "podCidr overlaps networkProfile.serviceCidr",
    ),
    (
        "a name server elsewhere",
        lambda ground: {"networkProfile": ground.network_profile(dnsServiceIP="10.9.0.10")},
        "10.9.0.10 is no usable address",
    ),
    (
        "a name server at the API's address",
        lambda ground: {"networkProfile": ground.network_profile(dnsServiceIP="10.8.0.1")},
        "10.8.0.1 is no usable address",
    ),
    (
        "a list for a private API",
        lambda ground: {
            "apiServerAccessProfile": {"enablePrivateCluster": True, "authorizedIPRanges": ["203.0.113.0/24"]}
        },
        "cannot be combined",
    ),
    (
        "an API server nowhere",
        lambda ground: {"apiServerAccessProfile": {"enableVnetIntegration": True}},
        "the API server's subnet None does not exist",
    ),
    (
        "an API server among nodes",
        lambda ground: {"apiServerAccessProfile": {"enableVnetIntegration": True, "subnetId": ground.nodes.id}},
        "is not delegated to Microsoft.ContainerService/managedClusters",
    ),
    (
        "nodes' identity without the control plane's",
        lambda ground: {"identity": {"type": "SystemAssigned"}},
        "needs a user-assigned control plane identity",
    ),
    (
        "nodes' identity with other ids",
        lambda ground: {
            "identityProfile": {"kubeletidentity": {"resourceId": ground.kubelet.id, "clientId": "c", "objectId": "o"}}
        },
        "are not those of",
    ),
    (
        "nodes' identity that is not there",
        lambda ground: {"identityProfile": {"kubeletidentity": {"resourceId": f"{ground.kubelet.id}-none"}}},
        "CustomKubeletIdentityNotFound",
    ),
    (
        "a key without its version",
        lambda ground: {"securityProfile": {"azureKeyVaultKms": ground.kms(keyId=ground.key["keyUri"])}},
        "is not the address of a key's version",
    ),
    (
        "a key that is not there",
        lambda ground: {
            "securityProfile": {"azureKeyVaultKms": ground.kms(keyId=f"https://acme.vault.azure.net/keys/k/{'0' * 32}")}
        },
        "does not exist",
    ),
    (
        "an open vault by its id",
        lambda ground: {"securityProfile": {"azureKeyVaultKms": ground.kms(keyVaultResourceId=ground.vault.id)}},
        "goes with network access Private, and only with it",
    ),
    (
        "an open vault as a closed one",
        lambda ground: {
            "securityProfile": {
                "azureKeyVaultKms": ground.kms(keyVaultNetworkAccess="Private", keyVaultResourceId=ground.vault.id)
            }
        },
        "the vault acme is open to the internet",
    ),
    (
        "a closed vault from outside",
        lambda ground: {
            "apiServerAccessProfile": {},
            "securityProfile": {
                "azureKeyVaultKms": ground.kms(keyVaultNetworkAccess="Private", keyVaultResourceId=ground.vault.id)
            },
        },
        "needs API server VNet integration",
    ),
]


@pytest.mark.parametrize(("change", "refusal"), [case[1:] for case in REFUSALS], ids=[case[0] for case in REFUSALS])
def test_a_cluster_is_refused_for(ground: ClusterGround, change: Change, refusal: str):
    with pytest.raises(Refused, match=refusal):
        ground.cluster(**change(ground))


@pytest.mark.parametrize(
    ("grant", "refusal"),
    [
        ("network_grant", "needs the role Network Contributor on"),
        ("operator_grant", "needs the role Managed Identity Operator on"),
        ("crypto_grant", "needs the role Key Vault Crypto User on"),
    ],
)
def test_a_cluster_waits_for_its_grants(ground: ClusterGround, grant: str, refusal: str):
    ground.subscription.engine.delete(getattr(ground, grant))

    with pytest.raises(Refused, match=refusal):
        ground.cluster()


def test_a_cluster_whose_identity_azure_makes_needs_no_grants(ground: ClusterGround):
    for grant in (ground.network_grant, ground.operator_grant, ground.crypto_grant):
        ground.subscription.engine.delete(grant)

    assert ground.cluster(identity={"type": "SystemAssigned"}, identityProfile={})["name"] == "aks"


def test_the_api_servers_subnet_has_sixteen_addresses(ground: ClusterGround):
    delegation = {"name": "aks", "serviceName": "Microsoft.ContainerService/managedClusters"}
    small = ground.subscription.subnet("small", "10.0.16.128/29", delegations=[delegation])

    with pytest.raises(Refused, match="smaller than /28"):
        ground.cluster(apiServerAccessProfile={"enableVnetIntegration": True, "subnetId": small.id})


def closed(ground: ClusterGround) -> dict[str, Any]:
    """What a cluster says of its vault once that is closed."""
    properties = {"enableRbacAuthorization": True, "publicNetworkAccess": "Disabled"}
    ground.subscription.engine.update(ground.vault, **{**ground.vault.inputs, "properties": properties})
    kms = ground.kms(keyVaultNetworkAccess="Private", keyVaultResourceId=ground.vault.id)
    return {"securityProfile": {"azureKeyVaultKms": kms}}


def test_a_closed_vault_is_linked_by_the_control_plane_itself(ground: ClusterGround):
    profile = closed(ground)
    with pytest.raises(Refused, match="needs the role Key Vault Contributor on"):
        ground.cluster(**profile)

    ground.subscription.grant(ground.control_plane, VAULT_CONTRIBUTOR, ground.vault.id)
    assert ground.cluster(**profile)["name"] == "aks"


def test_encryption_does_not_move_to_a_vault_that_was_closed(ground: ClusterGround):
    cluster = ground.cluster()
    ground.subscription.grant(ground.control_plane, VAULT_CONTRIBUTOR, ground.vault.id)
    profile = closed(ground)

    with pytest.raises(Refused, match="only with KMS turned off"):
        ground.subscription.engine.update(cluster, **{**cluster.inputs, **profile})


@pytest.mark.parametrize(("start", "wanted"), [("1.34", "1.36"), ("1.36", "1.35")])
def test_minor_versions_go_up_one_by_one(ground: ClusterGround, start: str, wanted: str):
    cluster = ground.cluster(kubernetesVersion=start)

    with pytest.raises(Refused, match="one minor version at a time, and never back"):
        ground.subscription.engine.update(cluster, **{**cluster.inputs, "kubernetesVersion": wanted})


def test_a_cluster_goes_to_the_next_minor_version(ground: ClusterGround):
    cluster = ground.cluster(kubernetesVersion="1.34")

    updated = ground.subscription.engine.update(cluster, **{**cluster.inputs, "kubernetesVersion": "1.35"})

    assert updated["currentKubernetesVersion"] == "1.35.2"


def pool(ground: ClusterGround, **inputs: Any) -> State:
    given = {"resourceName": "aks", "agentPoolName": "apps", "mode": "User", "vnetSubnetID": ground.nodes.id}
    return ground.subscription.create(POOL, "apps", **given, **inputs)


@pytest.mark.parametrize("key", ["maxSurge", "maxUnavailable"])
def test_spot_pools_have_no_surge(ground: ClusterGround, key: str):
    ground.cluster()

    with pytest.raises(Refused, match=f"Spot pools can't set {key}"):
        pool(ground, scaleSetPriority="Spot", upgradeSettings={key: "1"})


def test_a_pool_is_not_newer_than_the_control_plane(ground: ClusterGround):
    ground.cluster(kubernetesVersion="1.34")

    with pytest.raises(Refused, match="cannot be newer than the control plane's"):
        pool(ground, orchestratorVersion="1.35")
    assert pool(ground, orchestratorVersion="1.34")["name"] == "apps"


def test_the_subnet_of_a_cluster_cannot_be_deleted(ground: ClusterGround):
    ground.cluster()

    for subnet in (ground.nodes, ground.api):
        with pytest.raises(Refused, match=r"already being used by .*/managedClusters/aks"):
            ground.subscription.engine.delete(subnet)


def test_a_window_has_a_name_that_aks_reads_and_four_hours(ground: ClusterGround):
    ground.cluster()
    given: dict[str, Any] = {"resourceName": "aks", "configName": "weekends"}

    with pytest.raises(Refused, match="'weekends' would have no effect"):
        ground.subscription.create(WINDOW, "w", **given)
    given["configName"] = "aksManagedAutoUpgradeSchedule"
    with pytest.raises(Refused, match="durationHours lies between 4 and 24"):
        ground.subscription.create(WINDOW, "w", **given, maintenanceWindow={"durationHours": 3})
    assert ground.subscription.create(WINDOW, "w", **given, maintenanceWindow={"durationHours": 4})["name"] == (
        "aksManagedAutoUpgradeSchedule"
    )


def test_a_control_plane_has_the_logs_that_it_has(ground: ClusterGround):
    cluster = ground.cluster()
    logs = [{"category": "kube-audit-admin", "enabled": True}, {"category": "kube-odit", "enabled": True}]

    with pytest.raises(Refused, match="Category 'kube-odit' is not supported"):
        ground.subscription.engine.create(SETTING, "audit", name="audit", resourceUri=cluster.id, logs=logs)
    made = ground.subscription.engine.create(SETTING, "audit", name="audit", resourceUri=cluster.id, logs=logs[:1])
    assert made["name"] == "audit"


@pytest.mark.parametrize(("public", "names"), [(None, 2), (True, 2), (False, 1)])
def test_a_private_cluster_is_reached_by_its_private_name(
    ground: ClusterGround, inventory: Inventory, public: bool | None, names: int
):
    profile = {"enableVnetIntegration": True, "subnetId": ground.api.id, "enablePrivateCluster": True}
    profile |= {} if public is None else {"enablePrivateClusterPublicFQDN": public}
    cluster = ground.cluster(apiServerAccessProfile={**profile, "privateDNSZone": "system"})

    given = ground.subscription.engine.invoke(CREDENTIALS, resourceGroupName="rg", resourceName="aks")
    config = json.loads(base64.b64decode(given["kubeconfigs"][0]["value"]))

    assert config["clusters"][0]["cluster"]["server"] == f"https://{cluster['privateFQDN']}:443"
    reachable = {name for name in (cluster["fqdn"], cluster["privateFQDN"]) if name}
    assert len(reachable) == names
    assert all(inventory.endpoint(name) for name in reachable)


def test_only_an_api_server_in_the_network_becomes_private_later(ground: ClusterGround):
    private = {"enablePrivateCluster": True, "privateDNSZone": "system"}
    cluster = ground.cluster(apiServerAccessProfile={})
    with pytest.raises(Refused, match="enablePrivateCluster changes only with API server VNet integration"):
        ground.subscription.engine.update(cluster, **{**cluster.inputs, "apiServerAccessProfile": private})

    integrated = {"enableVnetIntegration": True, "subnetId": ground.api.id}
    cluster = ground.subscription.engine.update(cluster, **{**cluster.inputs, "apiServerAccessProfile": integrated})
    changed = {**cluster.inputs, "apiServerAccessProfile": {**integrated, **private}}
    assert ground.subscription.engine.update(cluster, **changed)["privateFQDN"] != ""
