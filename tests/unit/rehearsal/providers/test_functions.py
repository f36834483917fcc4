"""Functions of the packages: what they answer, and that others fail by name."""

import base64
import json

import pytest

from rehearsal.providers.azure_native.provider import AzureProvider
from rehearsal.providers.inventory import Inventory
from rehearsal.providers.kubernetes.provider import KubernetesProvider
from rehearsal.providers.oci.provider import OciProvider
from rehearsal.providers.random_.provider import RandomProvider
from rehearsal.providers.tls.provider import TlsProvider
from tests.unit.rehearsal.providers.fake_engine import Engine, Refused


def test_a_function_that_is_not_known_fails_by_name(gcp: Engine, inventory: Inventory) -> None:
    engines = {
        "gcp": gcp,
        "azure_native": Engine(AzureProvider(inventory), {"subscriptionId": "s"}),
        "oci": Engine(OciProvider(inventory), {"tenancyOcid": "t", "region": "eu-frankfurt-1"}),
        "kubernetes": Engine(KubernetesProvider(inventory)),
        "random": Engine(RandomProvider()),
        "tls": Engine(TlsProvider()),
    }

    for package, engine in engines.items():
        with pytest.raises(Refused, match=f"no answer for the function {package}:index:getMystery"):
            engine.invoke(f"{package}:index:getMystery")


def test_a_project_has_a_number_of_its_own(gcp: Engine) -> None:
    own = gcp.invoke("gcp:organizations/getProject:getProject")
    other = gcp.invoke("gcp:organizations/getProject:getProject", projectId="other")

    assert (own["projectId"], own["number"]) == ("acme-dev", "910238173610")
    assert other["number"] != own["number"]
    assert len(other["number"]) == 12


def test_no_access_token_is_given_out(gcp: Engine) -> None:
    given = gcp.invoke("gcp:organizations/getClientConfig:getClientConfig")

    assert (given["project"], given["region"], given["accessToken"]) == ("acme-dev", "europe-west4", "")


def test_zones_are_those_of_the_region(gcp: Engine) -> None:
    assert gcp.invoke("gcp:compute/getZones:getZones", region="europe-west1")["names"] == [
        "europe-west1-b",
        "europe-west1-c",
        "europe-west1-d",
    ]
    with pytest.raises(Refused, match="Unknown region"):
        gcp.invoke("gcp:compute/getZones:getZones", region="mars")


def test_regions_hold_that_of_the_provider(gcp: Engine) -> None:
    assert "europe-west4" in gcp.invoke("gcp:compute/getRegions:getRegions")["names"]


def test_engine_versions_obey_the_prefix(gcp: Engine) -> None:
    token = "gcp:container/getEngineVersions:getEngineVersions"
    given = gcp.invoke(token, location="europe-west4", versionPrefix="1.35.")

    assert given["latestMasterVersion"].startswith("1.35.")
    assert given["releaseChannelDefaultVersion"]["REGULAR"] == given["defaultClusterVersion"]
    with pytest.raises(Refused, match="is not found"):
        gcp.invoke(token, location="mars")


def test_the_accounts_of_services_are_named_by_the_projects_number(gcp: Engine) -> None:
    storage = gcp.invoke("gcp:storage/getProjectServiceAccount:getProjectServiceAccount")
    compute = gcp.invoke("gcp:compute/getDefaultServiceAccount:getDefaultServiceAccount")

    assert storage["emailAddress"] == "service-910238173610@gs-project-accounts.iam.gserviceaccount.com"
    assert compute["email"] == "910238173610-compute@developer.gserviceaccount.com"


@pytest.fixture
def azure(inventory: Inventory) -> Engine:
    return Engine(AzureProvider(inventory), {"subscriptionId": "11111111-2222-4333-a444-555555555555"})


def test_the_azure_client_belongs_to_its_subscription(azure: Engine) -> None:
    given = azure.invoke("azure-native:authorization:getClientConfig")

    assert given["subscriptionId"] == "11111111-2222-4333-a444-555555555555"
    assert len(given["tenantId"]) == 36


def test_the_credentials_of_a_managed_cluster_hold_no_secret(azure: Engine) -> None:
    azure.create("azure-native:resources:ResourceGroup", "rg", resourceGroupName="rg", location="westeurope")
    made = azure.create(
        "azure-native:containerservice:ManagedCluster",
        "aks",
        resourceGroupName="rg",
        resourceName="aks",
        dnsPrefix="aks",
        agentPoolProfiles=[{"name": "system", "mode": "System"}],
        aadProfile={"managed": True},
        disableLocalAccounts=True,
    )
    names = {"resourceGroupName": "rg", "resourceName": "aks"}
    given = azure.invoke("azure-native:containerservice:listManagedClusterUserCredentials", **names)
    config = json.loads(base64.b64decode(given["kubeconfigs"][0]["value"]))

    assert config["clusters"][0]["cluster"]["server"] == f"https://{made['fqdn']}:443"
    assert config["users"][0]["user"]["exec"]["command"] == "kubelogin"
    with pytest.raises(Refused, match="disable local accounts"):
        azure.invoke("azure-native:containerservice:listManagedClusterAdminCredentials", **names)
    with pytest.raises(Refused, match="ResourceNotFound"):
        azure.invoke(
            "azure-native:containerservice:listManagedClusterUserCredentials", resourceGroupName="rg", resourceName="x"
        )


def test_a_function_needs_a_project_to_speak_of(gcp: Engine) -> None:
    gcp.configure({})

    with pytest.raises(Refused, match="project: required field is not set"):
        gcp.invoke("gcp:organizations/getProject:getProject")


def test_the_kubeconfig_of_a_missing_oke_cluster_is_refused(inventory: Inventory) -> None:
    oci = Engine(OciProvider(inventory), {"tenancyOcid": "t", "region": "eu-frankfurt-1"})

    with pytest.raises(Refused, match="404-NotAuthorizedOrNotFound: the cluster gone was not found"):
        oci.invoke("oci:ContainerEngine/getClusterKubeConfig:getClusterKubeConfig", clusterId="gone")
