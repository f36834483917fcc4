"""Azure and Oracle Cloud: ids, computed outputs, and clusters that Kubernetes objects go to."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from rehearsal.providers.azure_native.provider import AzureProvider
from rehearsal.providers.inventory import Inventory
from rehearsal.providers.kubernetes.provider import KubernetesProvider
from rehearsal.providers.oci.provider import OciProvider
from rehearsal.providers.rules import RuleBook
from rehearsal.providers.wire import Secret
from tests.unit.rehearsal.providers.fake_engine import Engine, Refused, State

PROVIDERS = Path("rehearsal/providers")
SUBSCRIPTION = "11111111-2222-4333-a444-555555555555"
GROUP = "azure-native:resources:ResourceGroup"
AKS = "azure-native:containerservice:ManagedCluster"
COMPARTMENT = "ocid1.compartment.oc1..aaaa"
OKE = "oci:ContainerEngine/cluster:Cluster"


@pytest.fixture
def azure(inventory: Inventory) -> Engine:
    engine = Engine(AzureProvider(inventory), {"subscriptionId": SUBSCRIPTION})
    engine.create(GROUP, "rg", resourceGroupName="rg", location="westeurope")
    return engine


@pytest.fixture
def oci(inventory: Inventory) -> Engine:
    return Engine(OciProvider(inventory), {"tenancyOcid": "ocid1.tenancy.oc1..aaaa", "region": "eu-frankfurt-1"})


@pytest.mark.parametrize("cloud", ["azure_native", "gcp", "oci"])
def test_every_table_is_readable_and_every_rule_has_a_source(cloud: str) -> None:
    path = PROVIDERS / cloud / "rules.json"
    assert RuleBook(path).types()

    needs_source = (
        "replaces_if",
        "immutable",
        "references",
        "blocks_delete_of",
        "survives_delete",
        "quota",
        "protected_by",
    )
    for token, entry in json.loads(path.read_text()).items():
        if not token.startswith("_"):
            verified = set(needs_source) - set(entry.get("unverified", ()))
            missing = [rule for rule in verified if rule in entry and not entry.get(f"{rule}_source")]
            assert missing == [], token


def test_a_child_needs_its_resource_group(azure: Engine) -> None:
    with pytest.raises(Refused, match="resourceGroupName refers to the ResourceGroup 'none'"):
        azure.create("azure-native:network:VirtualNetwork", "vnet", resourceGroupName="none")


def test_a_resource_lies_where_its_group_lies(azure: Engine) -> None:
    made = azure.create("azure-native:network:VirtualNetwork", "vnet", resourceGroupName="rg")

    assert made["location"] == "westeurope"
    assert made["name"].startswith("vnet")
    assert made.id == (
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/{made['name']}"
    )
    assert "resourceGroupName" not in made.outputs


def test_a_child_keeps_its_logical_name(azure: Engine) -> None:
    azure.create("azure-native:network:VirtualNetwork", "vnet", resourceGroupName="rg", virtualNetworkName="vnet")
    subnet = azure.create("azure-native:network:Subnet", "nodes", resourceGroupName="rg", virtualNetworkName="vnet")

    assert subnet.id.endswith("/virtualNetworks/vnet/subnets/nodes")


def test_a_role_assignment_is_named_by_a_uuid(azure: Engine) -> None:
    scope = f"/subscriptions/{SUBSCRIPTION}"
    made = azure.create(
        "azure-native:authorization:RoleAssignment",
        "r",
        scope=scope,
        principalId="8320afe4-786b-4bdf-a350-c64a36bde810",
        roleDefinitionId=f"{scope}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7",
    )

    assert len(made["name"]) == 36


def test_a_resource_group_takes_everything_along(azure: Engine, inventory: Inventory) -> None:
    azure.create("azure-native:network:VirtualNetwork", "vnet", resourceGroupName="rg")
    azure.delete(State(GROUP, "rg", f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg", {}, {}))

    assert inventory.list() == []


def test_storage_account_names_are_taken_for_everybody(azure: Engine) -> None:
    account = {
        "resourceGroupName": "rg",
        "accountName": "acmelogs",
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
    }
    azure.create("azure-native:storage:StorageAccount", "logs", **account)
    azure.configure({"subscriptionId": "other"})
    azure.create(GROUP, "rg", resourceGroupName="rg", location="westeurope")

    with pytest.raises(Refused, match="already exists"):
        azure.create("azure-native:storage:StorageAccount", "logs", **account)


def test_a_deleted_vault_keeps_its_name(azure: Engine) -> None:
    vault = {"resourceGroupName": "rg", "vaultName": "acme", "properties": {}}
    azure.delete(azure.create("azure-native:keyvault:Vault", "v", **vault))

    with pytest.raises(Refused, match="keeps its name until it is purged"):
        azure.create("azure-native:keyvault:Vault", "v", **vault)


@pytest.fixture
def aks(azure: Engine) -> State:
    identity = azure.create("azure-native:managedidentity:UserAssignedIdentity", "id", resourceGroupName="rg")
    given: dict[str, Any] = {"resourceGroupName": "rg", "resourceName": "aks", "dnsPrefix": "aks"}
    given |= {"identity": {"type": "UserAssigned", "userAssignedIdentities": [identity.id]}}
    return azure.create(
        AKS, "aks", **given, agentPoolProfiles=[{"name": "system", "mode": "System"}], location="westeurope"
    )


def test_identities_go_in_as_a_list_and_come_back_as_a_map(aks: State) -> None:
    identities = aks["identity"]["userAssignedIdentities"]

    assert list(identities) == aks.inputs["identity"]["userAssignedIdentities"]
    assert set(next(iter(identities.values()))) == {"clientId", "principalId"}


def test_the_issuer_of_a_managed_cluster_ends_with_a_slash(aks: State) -> None:
    issuer = aks["oidcIssuerProfile"]["issuerURL"]

    assert issuer.startswith("https://westeurope.oic.prod-aks.azure.com/")
    assert issuer.endswith("/")


def test_objects_reach_a_managed_cluster(azure: Engine, aks: State, inventory: Inventory) -> None:
    given = azure.invoke(
        "azure-native:containerservice:listManagedClusterUserCredentials", resourceGroupName="rg", resourceName="aks"
    )
    config = base64.b64decode(given["kubeconfigs"][0]["value"]).decode()
    engine = Engine(KubernetesProvider(inventory), {"kubeconfig": config})
    claim = {"metadata": {"name": "c", "namespace": "default"}, "spec": {"storageClassName": "managed-csi"}}

    assert engine.create("kubernetes:core/v1:PersistentVolumeClaim", "c", **claim).id == "default/c"
    azure.delete(aks)
    assert inventory.list(account=f"kubernetes/{aks['fqdn']}") == []


def test_ocids_are_of_the_right_form_and_never_the_same(oci: Engine) -> None:
    vcns = [
        oci.create("oci:Core/vcn:Vcn", "vcn", compartmentId=COMPARTMENT, displayName="vcn", cidrBlocks=["10.0.0.0/16"])
        for _ in range(2)
    ]

    assert all(vcn.id.startswith("ocid1.vcn.oc1.eu-frankfurt-1.aaaaaaaa") for vcn in vcns)
    assert len({vcn.id for vcn in vcns}) == 2


def test_an_oci_subnet_needs_its_vcn(oci: Engine) -> None:
    with pytest.raises(Refused, match="vcnId refers to the Vcn"):
        oci.create("oci:Core/subnet:Subnet", "nodes", compartmentId=COMPARTMENT, vcnId="ocid1.vcn.oc1.eu-frankfurt-1.x")


def test_bucket_names_are_unique_in_a_namespace(oci: Engine) -> None:
    namespace = oci.invoke("oci:ObjectStorage/getNamespace:getNamespace")["namespace"]
    bucket = {"compartmentId": COMPARTMENT, "namespace": namespace, "name": "logs"}
    assert oci.create("oci:ObjectStorage/bucket:Bucket", "logs", **bucket).id == f"n/{namespace}/b/logs"

    with pytest.raises(Refused, match="already exists"):
        oci.create("oci:ObjectStorage/bucket:Bucket", "again", **bucket)


def test_a_customer_secret_key_is_not_marked_and_not_in_the_inventory(oci: Engine, inventory: Inventory) -> None:
    user = oci.create("oci:Identity/user:User", "loki", description="Loki", email="loki@acme.example")
    key = oci.create("oci:Identity/customerSecretKey:CustomerSecretKey", "key", userId=user.id, displayName="loki")

    assert not isinstance(key["key"], Secret)
    held = b"".join(path.read_bytes() for path in inventory.path.parent.glob("inventory.sqlite*"))
    assert key["key"].encode() not in held


@pytest.fixture
def oke(oci: Engine) -> State:
    vcn = oci.create("oci:Core/vcn:Vcn", "vcn", compartmentId=COMPARTMENT, cidrBlocks=["10.0.0.0/16"])
    return oci.create(
        OKE, "oke", compartmentId=COMPARTMENT, kubernetesVersion="v1.34.1", vcnId=vcn.id, type="BASIC_CLUSTER"
    )


def test_add_ons_are_for_enhanced_clusters(oci: Engine, oke: State) -> None:
    with pytest.raises(Refused, match="must be an enhanced cluster"):
        oci.create(
            "oci:ContainerEngine/addon:Addon", "a", addonName="x", clusterId=oke.id, removeAddonResourcesOnDelete=True
        )


def test_objects_reach_an_oke_cluster_once_it_has_nodes(oci: Engine, oke: State, inventory: Inventory) -> None:
    given = oci.invoke(
        "oci:ContainerEngine/getClusterKubeConfig:getClusterKubeConfig", clusterId=oke.id, endpoint="PRIVATE_ENDPOINT"
    )
    engine = Engine(KubernetesProvider(inventory), {"kubeconfig": given["content"]})
    release = {
        "namespace": "default",
        "name": "loki",
        "chart": "loki",
        "values": {"storageClass": "oci-bv"},
        "atomic": True,
    }
    with pytest.raises(Refused, match="no node pool"):
        engine.create("kubernetes:helm.sh/v3:Release", "loki", **release)

    pool: dict[str, Any] = {"clusterId": oke.id, "compartmentId": COMPARTMENT, "name": "pool"}
    pool |= {"nodeShape": "VM.Standard.E5.Flex", "nodeShapeConfig": {"ocpus": 2, "memoryInGbs": 16}}
    oci.create("oci:ContainerEngine/nodePool:NodePool", "pool", **pool)
    assert engine.create("kubernetes:helm.sh/v3:Release", "loki", **release).id == "default/loki"


def test_lookups_of_oracle_cloud_fit_together(oci: Engine) -> None:
    domains = oci.invoke("oci:Identity/getAvailabilityDomains:getAvailabilityDomains", compartmentId="t")
    options = oci.invoke(
        "oci:ContainerEngine/getNodePoolOption:getNodePoolOption",
        nodePoolOptionId="all",
        nodePoolK8sVersion="v1.34.1",
        nodePoolOsArch="AARCH64",
    )
    versions = oci.invoke("oci:ContainerEngine/getClusterOption:getClusterOption", clusterOptionId="all")[
        "kubernetesVersions"
    ]
    services = oci.invoke("oci:Core/getServices:getServices")["services"]

    assert [domain["name"][4:] for domain in domains["availabilityDomains"]] == [
        f":EU-FRANKFURT-1-AD-{n}" for n in (1, 2, 3)
    ]
    assert [source["sourceName"] for source in options["sources"]] == [
        "Oracle-Linux-8.10-aarch64-2026.09.30-0-OKE-1.34.1-1345"
    ]
    assert "v1.34.1" in versions
    assert services[0]["cidrBlock"] == "all-fra-services-in-oracle-services-network"


def test_a_provider_without_its_account_creates_nothing(inventory: Inventory) -> None:
    with pytest.raises(Refused, match="needs a subscriptionId"):
        Engine(AzureProvider(inventory)).create(GROUP, "rg", resourceGroupName="rg")
    with pytest.raises(Refused, match="configuration for tenancyOcid"):
        Engine(OciProvider(inventory)).create("oci:Core/vcn:Vcn", "vcn", compartmentId=COMPARTMENT)
