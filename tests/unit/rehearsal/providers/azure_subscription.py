"""A rehearsed Azure subscription with the parts that most tests need."""

from typing import Any

from tests.unit.rehearsal.providers.fake_engine import Engine, State

SUBSCRIPTION = "11111111-2222-4333-a444-555555555555"
SCOPE = f"/subscriptions/{SUBSCRIPTION}"
GROUP = "azure-native:resources:ResourceGroup"
NETWORK = "azure-native:network:VirtualNetwork"
SUBNET = "azure-native:network:Subnet"
ADDRESS = "azure-native:network:PublicIPAddress"
GATEWAY = "azure-native:network:NatGateway"
ENDPOINT = "azure-native:network:PrivateEndpoint"
ZONE = "azure-native:privatedns:PrivateZone"
LINK = "azure-native:privatedns:VirtualNetworkLink"
IDENTITY = "azure-native:managedidentity:UserAssignedIdentity"
CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential"
GRANT = "azure-native:authorization:RoleAssignment"
LOCK = "azure-native:authorization:ManagementLockByScope"
VAULT = "azure-native:keyvault:Vault"
KEY = "azure-native:keyvault:Key"
CLUSTER = "azure-native:containerservice:ManagedCluster"
POOL = "azure-native:containerservice:AgentPool"
WINDOW = "azure-native:containerservice:MaintenanceConfiguration"
SERVER = "azure-native:dbforpostgresql:Server"
FLOW_LOG = "azure-native:network:FlowLog"
PUBLIC_ZONE = "azure-native:dns:Zone"
TASK = "azure-native:containerregistry:Task"
REGISTRY = "azure-native:containerregistry:Registry"
ACCOUNT = "azure-native:storage:StorageAccount"
BLOBS = "azure-native:storage:BlobServiceProperties"
SETTING = "azure-native:monitor:DiagnosticSetting"

NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"
IDENTITY_OPERATOR = "f1a07417-d97a-45cb-824c-7a7467783830"
CRYPTO_USER = "12338af0-0e69-4776-bea7-57ae8d297424"
CRYPTO_SERVICE_USER = "e147488a-f6f5-4113-8e2d-b22465e65bf6"
BLOB_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
VAULT_CONTRIBUTOR = "f25e0fa2-a7c8-4377-a976-54943a77a395"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"


def definition(role: str) -> str:
    return f"{SCOPE}/providers/Microsoft.Authorization/roleDefinitions/{role}"


class AzureSubscription:
    """Creates things with inputs that Azure accepts, unless a test says otherwise."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.group = engine.create(GROUP, "rg", resourceGroupName="rg", location="westeurope")

    def create(self, type: str, name: str, /, **inputs: Any) -> State:
        return self.engine.create(type, name, resourceGroupName="rg", **inputs)

    def network(self, *prefixes: str, name: str = "vnet") -> State:
        space = {"addressPrefixes": list(prefixes or ("10.0.0.0/20", "10.0.16.0/24"))}
        return self.create(NETWORK, name, virtualNetworkName=name, addressSpace=space)

    def subnet(self, name: str, prefix: str, **inputs: Any) -> State:
        given = {"virtualNetworkName": "vnet", "subnetName": name, "addressPrefix": prefix}
        return self.create(SUBNET, name, **{**given, **inputs})

    def gateway(self, **address: Any) -> State:
        given = {"publicIPAllocationMethod": "Static", "sku": {"name": "Standard"}, **address}
        made = self.create(ADDRESS, "egress", publicIpAddressName="egress", **given)
        ids = [{"id": made.id}]
        return self.create(GATEWAY, "nat", natGatewayName="nat", sku={"name": "Standard"}, publicIpAddresses=ids)

    def identity(self, name: str) -> State:
        return self.create(IDENTITY, name, resourceName=name)

    def grant(self, principal: State | str, role: str, scope: str, **inputs: Any) -> State:
        given = {"principalType": "ServicePrincipal", "roleDefinitionId": definition(role), **inputs}
        kept = {key: value for key, value in given.items() if value is not None}
        who = principal if isinstance(principal, str) else principal["principalId"]
        return self.engine.create(GRANT, f"{role}-{scope}", scope=scope, principalId=who, **kept)

    def vault(self, **properties: Any) -> State:
        return self.create(VAULT, "vault", vaultName="acme", properties={"enableRbacAuthorization": True, **properties})

    def key(self) -> State:
        return self.create(KEY, "key", vaultName="acme", keyName="secrets", properties={"kty": "RSA"})

    def account(self, name: str = "acmelogs") -> State:
        return self.create(ACCOUNT, name, accountName=name, kind="StorageV2", sku={"name": "Standard_LRS"})


class ClusterGround:
    """All that a cluster with its own identities, network and key stands on."""

    def __init__(self, subscription: AzureSubscription) -> None:
        self.subscription = subscription
        self.vnet = subscription.network()
        self.nodes = subscription.subnet("nodes", "10.0.0.0/20", natGateway={"id": subscription.gateway().id})
        delegation = {"name": "aks", "serviceName": "Microsoft.ContainerService/managedClusters"}
        self.api = subscription.subnet("api", "10.0.16.0/28", delegations=[delegation])
        self.control_plane, self.kubelet = subscription.identity("control-plane"), subscription.identity("kubelet")
        self.network_grant = subscription.grant(self.control_plane, NETWORK_CONTRIBUTOR, self.vnet.id)
        self.operator_grant = subscription.grant(self.control_plane, IDENTITY_OPERATOR, self.kubelet.id)
        self.vault = subscription.vault()
        self.key = subscription.key()
        self.crypto_grant = subscription.grant(self.control_plane, CRYPTO_USER, self.vault.id)

    def inputs(self, **changes: Any) -> dict[str, Any]:
        """Inputs of a cluster that Azure accepts, with changes by top-level property."""
        kubelet = {
            "resourceId": self.kubelet.id,
            "clientId": self.kubelet["clientId"],
            "objectId": self.kubelet["principalId"],
        }
        given = {
            "resourceName": "aks",
            "dnsPrefix": "aks",
            "kubernetesVersion": "1.35",
            "sku": {"name": "Base", "tier": "Standard"},
            "identity": {"type": "UserAssigned", "userAssignedIdentities": [self.control_plane.id]},
            "identityProfile": {"kubeletidentity": kubelet},
            "agentPoolProfiles": [self.pool()],
            "networkProfile": self.network_profile(),
            "apiServerAccessProfile": {"enableVnetIntegration": True, "subnetId": self.api.id},
            "aadProfile": {"managed": True},
            "disableLocalAccounts": True,
            "oidcIssuerProfile": {"enabled": True},
            "securityProfile": {"workloadIdentity": {"enabled": True}, "azureKeyVaultKms": self.kms()},
            "metricsProfile": {"costAnalysis": {"enabled": True}},
        }
        return {**given, **changes}

    def pool(self, **changes: Any) -> dict[str, Any]:
        usual = {"name": "system", "mode": "System", "count": 1, "vmSize": "Standard_D4s_v5"}
        return {**usual, "vnetSubnetID": self.nodes.id, **changes}

    def network_profile(self, **changes: Any) -> dict[str, Any]:
        usual = {
            "networkPlugin": "azure",
            "networkPluginMode": "overlay",
            "networkDataplane": "cilium",
            "networkPolicy": "cilium",
            "podCidr": "10.4.0.0/14",
            "serviceCidr": "10.8.0.0/20",
            "dnsServiceIP": "10.8.0.10",
            "outboundType": "userAssignedNATGateway",
        }
        return {**usual, **changes}

    def kms(self, **changes: Any) -> dict[str, Any]:
        return {
            "enabled": True,
            "keyId": self.key["keyUriWithVersion"],
            "keyVaultNetworkAccess": "Public",
            **changes,
        }

    def cluster(self, **changes: Any) -> State:
        return self.subscription.create(CLUSTER, "aks", **self.inputs(**changes))
