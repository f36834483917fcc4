"""What Azure Kubernetes Service refuses when a cluster is created or changed."""

import ipaddress
import re
from typing import Any, NoReturn

from rehearsal.providers import paths
from rehearsal.providers.azure_native.network_checks import SUBNET, network_of, ranges
from rehearsal.providers.azure_native.roles import IDENTITY, holds_role
from rehearsal.providers.enforcement import Referee, Subject
from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Inventory, Resource

SUPPORTED = ("1.34", "1.35", "1.36")
"""Source: learn.microsoft.com/azure/aks/supported-kubernetes-versions (three minor versions, for a
year each; 1.32 went in 2026-04, when 1.35 came: github.com/Azure/AKS/pull/5703)."""

DELEGATE = "Microsoft.ContainerService/managedClusters"
CRYPTO_ROLES = ("Key Vault Crypto User", "Key Vault Crypto Officer")
_VERSIONED_KEY = re.compile(r"^https://[^/]+\.vault\.azure\.net/keys/[^/]+/[0-9a-f]{32}$")


class ClusterChecks:
    """One cluster, held against what is around it."""

    def __init__(self, subject: Subject, row: Resource | None, inventory: Inventory, referee: Referee) -> None:
        self._subject, self._row = subject, row
        self._inventory, self._referee = inventory, referee

    def run(self) -> None:
        self._version()
        self._system_pool()
        self._features()
        self._egress()
        self._ranges()
        self._api_server()
        self._identities()
        self._encryption()

    def _get(self, path: str) -> Any:
        return paths.first(self._subject.inputs, path)

    def _version(self) -> None:
        """Source: learn.microsoft.com/azure/aks/upgrade-aks-cluster (one minor version at a time, never back)."""
        wanted = _minor(self._get("kubernetesVersion"))
        if wanted is None:
            return
        if f"{wanted[0]}.{wanted[1]}" not in SUPPORTED:
            _refuse("K8sVersionNotSupported", f"kubernetesVersion {self._get('kubernetesVersion')} is not supported")
        current = _minor(self._row.outputs.get("currentKubernetesVersion")) if self._row else None
        if current is not None and not 0 <= wanted[1] - current[1] <= 1:
            _refuse(
                "OperationNotAllowed",
                f"upgrading from {self._row and self._row.outputs['currentKubernetesVersion']} to "
                f"{self._get('kubernetesVersion')} is not allowed: one minor version at a time, and never back",
            )

    def _system_pool(self) -> None:
        """Source: learn.microsoft.com/azure/aks/use-system-pools#system-and-user-node-pools."""
        pools = [pool for pool in self._get("agentPoolProfiles") or [] if pool.get("mode") == "System"]
        if not pools:
            _refuse("AgentPoolProfilesSystemPoolRequired", "a managed cluster must have a system agent pool")
        for pool in pools:
            check_pool(pool)

    def _features(self) -> None:
        """Features that need another one.

        Sources: learn.microsoft.com/azure/aks/ cost-analysis, workload-identity-overview, azure-cni-powered-by-cilium,
        manage-local-accounts-managed-azure-ad, azure-cni-overlay.
        """
        if self._get("metricsProfile.costAnalysis.enabled") and self._get("sku.tier") not in ("Standard", "Premium"):
            _refuse("CostAnalysisNotAllowed", "cost analysis needs the Standard or Premium tier")
        if self._get("securityProfile.workloadIdentity.enabled") and not self._get("oidcIssuerProfile.enabled"):
            _refuse("InvalidParameter", "workload identity needs the OIDC issuer")
        if self._get("disableLocalAccounts") and not self._get("aadProfile.managed"):
            _refuse("DisableLocalAccountsWithoutAAD", "local accounts can be disabled only with managed Entra ID")
        cilium = self._get("networkProfile.networkDataplane") == "cilium"
        if cilium != (self._get("networkProfile.networkPolicy") == "cilium"):
            _refuse("InvalidNetworkPolicy", "networkPolicy cilium and networkDataplane cilium go together")
        if (
            self._get("networkProfile.networkPluginMode") == "overlay"
            and self._get("networkProfile.networkPlugin") != "azure"
        ):
            _refuse("InvalidNetworkPluginMode", "overlay needs networkPlugin azure")

    def _egress(self) -> None:
        """Source: learn.microsoft.com/azure/aks/nat-gateway#create-an-aks-cluster-with-a-user-assigned-nat-gateway."""
        if self._get("networkProfile.outboundType") != "userAssignedNATGateway":
            return
        for subnet in self._subnets():
            if paths.first(subnet.inputs, "natGateway.id") is None:
                _refuse(
                    "ErrorCode_VnetSubnetDoesNotHaveNatGateway",
                    f"outboundType userAssignedNATGateway needs a NAT gateway on the subnet {subnet.id} first",
                )

    def _ranges(self) -> None:
        """Sources: learn.microsoft.com/azure/aks/azure-cni-overlay#ip-address-planning, configure-azure-cni."""
        own = {name: ranges(self._subject.inputs, f"networkProfile.{name}") for name in ("podCidr", "serviceCidr")}
        networks = [network for subnet in self._subnets() if (network := network_of(subnet, self._referee))]
        taken = [block for network in networks for block in ranges(network.inputs, "addressSpace.addressPrefixes[*]")]
        for name, blocks in own.items():
            if any(block.overlaps(other) for block in blocks for other in taken):
                _refuse("ServiceCidrOverlapExistingSubnetsCidr", f"networkProfile.{name} overlaps the virtual network")
        if any(pods.overlaps(services) for pods in own["podCidr"] for services in own["serviceCidr"]):
            _refuse("PodCIDROverlapServiceCIDR", "networkProfile.podCidr overlaps networkProfile.serviceCidr")
        server = self._get("networkProfile.dnsServiceIP")
        for services in own["serviceCidr"]:
            if server is not None and (
                ipaddress.IPv4Address(server) not in services or ipaddress.IPv4Address(server) <= services[1]
            ):
                _refuse("DnsServiceIpOutOfServiceCidr", f"dnsServiceIP {server} is no usable address of {services}")

    def _api_server(self) -> None:
        """Sources: learn.microsoft.com/azure/aks/ api-server-vnet-integration, api-server-authorized-ip-ranges."""
        profile = self._get("apiServerAccessProfile") or {}
        if profile.get("enablePrivateCluster") and profile.get("authorizedIPRanges"):
            _refuse(
                "InvalidParameter", "authorizedIPRanges cannot be combined with enablePrivateCluster: one or the other"
            )
        if not profile.get("enableVnetIntegration"):
            self._stays_private_or_public(profile)
            return
        subnet = self._referee.find([SUBNET], str(profile.get("subnetId")), self._subject.account)
        if subnet is None:
            _refuse("InvalidParameter", f"the API server's subnet {profile.get('subnetId')} does not exist")
        elif DELEGATE not in paths.select(subnet.inputs, "delegations[*].serviceName"):
            _refuse("ApiServerSubnetNotDelegated", f"the subnet {subnet.id} is not delegated to {DELEGATE}")
        elif any(block.prefixlen > 28 for block in ranges(subnet.inputs, "addressPrefix")):
            _refuse("ApiServerSubnetTooSmall", f"the subnet {subnet.id} is smaller than /28")
        else:
            self._needs(["Network Contributor"], subnet.id, "LinkedAuthorizationFailed")

    def _stays_private_or_public(self, profile: dict[str, Any]) -> None:
        """Source: learn.microsoft.com/azure/aks/api-server-vnet-integration (what it alone allows to change)."""
        former = paths.first(self._row.inputs, "apiServerAccessProfile") or {} if self._row else profile
        for key in ("enablePrivateCluster", "privateDNSZone"):
            if (former.get(key) or None) != (profile.get(key) or None):
                _refuse("PropertyChangeNotAllowed", f"{key} changes only with API server VNet integration")

    def _identities(self) -> None:
        """Source: learn.microsoft.com/azure/aks/use-managed-identity#bring-your-own-managed-identity."""
        for subnet in self._subnets():
            self._needs(["Network Contributor"], subnet.id, "CustomVnetMissingPermission")
        kubelet = self._get("identityProfile.kubeletidentity.resourceId")
        if kubelet is None:
            return
        if self._control_plane() is None:
            _refuse(
                "UserAssignedKubeletIdentityNotSupported", "it needs a user-assigned control plane identity as well"
            )
        row = self._inventory.get(IDENTITY, kubelet)
        if row is None:
            _refuse("CustomKubeletIdentityNotFound", f"the identity {kubelet} does not exist")
            return
        self._needs(["Managed Identity Operator"], kubelet, "CustomKubeletIdentityMissingPermissionError")
        given = self._get("identityProfile.kubeletidentity")
        if (given.get("clientId"), given.get("objectId")) != (row.outputs["clientId"], row.outputs["principalId"]):
            _refuse("InvalidParameter", f"clientId and objectId of the kubelet identity are not those of {kubelet}")

    def _encryption(self) -> None:
        """Source: learn.microsoft.com/azure/aks/use-kms-etcd-encryption; SDK docstrings of AzureKeyVaultKms."""
        kms = self._get("securityProfile.azureKeyVaultKms") or {}
        if not kms.get("enabled"):
            return
        private = kms.get("keyVaultNetworkAccess") == "Private"
        if not _VERSIONED_KEY.match(str(kms.get("keyId"))):
            _refuse("AzureKeyVaultKmsValidateKeyId", f"keyId {kms.get('keyId')} is not the address of a key's version")
        if private != bool(kms.get("keyVaultResourceId")):
            _refuse(
                "AzureKeyVaultKmsValidateVault", "keyVaultResourceId goes with network access Private, and only with it"
            )
        if private and not self._get("apiServerAccessProfile.enableVnetIntegration"):
            _refuse("AzureKeyVaultKmsOffNetwork", "network access Private needs API server VNet integration")
        former = paths.first(self._row.inputs, "securityProfile.azureKeyVaultKms") if self._row else None
        if former and former.get("enabled") and former.get("keyVaultNetworkAccess") != kms.get("keyVaultNetworkAccess"):
            _refuse(
                "AzureKeyVaultKmsNetworkAccessChanged", "the vault's network access changes only with KMS turned off"
            )
        self._vault(str(kms["keyId"]), private=private)

    def _vault(self, key: str, *, private: bool) -> None:
        host = key.split("/")[2].split(".")[0]
        vaults = [row for row in self._inventory.list(type="azure-native:keyvault:Vault") if row.name == host]
        keys = self._inventory.list(type="azure-native:keyvault:Key")
        if not vaults or not any(row.outputs["keyUriWithVersion"] == key for row in keys):
            _refuse("AzureKeyVaultKmsValidateKeyId", f"the key {key} does not exist")
        closed = paths.first(vaults[0].inputs, "properties.publicNetworkAccess") == "Disabled"
        if closed != private:
            _refuse(
                "AzureKeyVaultKmsValidateVault", f"the vault {host} is {'closed' if closed else 'open'} to the internet"
            )
        self._needs(CRYPTO_ROLES, vaults[0].id, "AzureKeyVaultKmsPermission")
        if private:
            self._needs(["Key Vault Contributor"], vaults[0].id, "AzureKeyVaultKmsPermission")

    def _needs(self, roles: list[str] | tuple[str, ...], scope: str, code: str) -> None:
        """The control plane's identity has the role. One that Azure makes with the cluster is granted it by Azure."""
        principal = self._control_plane()
        if principal is None:
            return
        if not holds_role(principal, roles, scope, self._inventory, account=self._subject.account):
            _refuse(code, f"the control plane identity needs the role {roles[0]} on {scope}")

    def _control_plane(self) -> str | None:
        identity = self._get("identity.userAssignedIdentities[0]")
        row = self._inventory.get(IDENTITY, identity) if isinstance(identity, str) else None
        return row.outputs["principalId"] if row else None

    def _subnets(self) -> list[Resource]:
        references = paths.select(self._subject.inputs, "agentPoolProfiles[*].vnetSubnetID")
        found = [self._referee.find([SUBNET], reference, self._subject.account) for reference in references]
        return [subnet for subnet in found if subnet is not None]


def check_pool(pool: dict[str, Any]) -> None:
    """What holds for a pool, in the cluster or beside it.

    Sources: learn.microsoft.com/azure/aks/ use-system-pools, cluster-autoscaler;
    github.com/hashicorp/terraform-provider-azurerm issues 19355 and 31129 (surge on spot pools).
    """
    spot = pool.get("scaleSetPriority") == "Spot"
    if pool.get("mode") == "System":
        if spot:
            _refuse("InvalidParameter", "system pools cannot be spot pools")
        if pool.get("count") == 0 or (pool.get("enableAutoScaling") and not pool.get("minCount")):
            _refuse("InvalidParameter", "a system pool needs at least one node")
    for key in ("maxSurge", "maxUnavailable"):
        if spot and paths.first(pool, f"upgradeSettings.{key}") is not None:
            _refuse("InvalidParameter", f"Spot pools can't set {key}")
    if not spot and pool.get("scaleSetEvictionPolicy") is not None:
        _refuse("InvalidParameter", "scaleSetEvictionPolicy goes with scaleSetPriority Spot alone")
    if bool(pool.get("enableAutoScaling")) != (pool.get("maxCount") is not None):
        _refuse("InvalidParameter", "minCount and maxCount go with enableAutoScaling, and only with it")


def check_agent_pool(subject: Subject, cluster: Resource | None) -> None:
    """A pool beside the cluster. Source: learn.microsoft.com/azure/aks/supported-kubernetes-versions (version skew)."""
    check_pool(subject.inputs)
    wanted = _minor(subject.inputs.get("orchestratorVersion"))
    served = _minor(cluster.outputs.get("currentKubernetesVersion")) if cluster else None
    if wanted is not None and served is not None and wanted > served:
        _refuse("NodePoolMcVersionIncompatible", "a pool's version cannot be newer than the control plane's")


def _minor(version: Any) -> tuple[int, int] | None:
    if not isinstance(version, str):
        return None
    major, minor, *_ = version.split(".")
    return int(major), int(minor)


def _refuse(code: str, message: str) -> NoReturn:
    raise CloudError(f'Status=400 Code="{code}": {message}.')
