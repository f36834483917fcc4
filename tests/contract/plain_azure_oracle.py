"""Inputs as a program gives them to Azure and Oracle Cloud."""

from typing import Any

from contract_check.wire import UNKNOWN

PLAIN: list[tuple[str, dict[str, Any]]] = [
    (
        "azure-native:containerservice:ManagedCluster",
        {
            "resourceGroupName": UNKNOWN,
            "resourceName": "groundwork-dev",
            "dnsPrefix": "groundwork",
            "kubernetesVersion": "1.35",
            "sku": {"name": "Base", "tier": "Standard"},
            "identity": {"type": "UserAssigned", "userAssignedIdentities": [UNKNOWN]},
            "identityProfile": {"kubeletidentity": {"resourceId": UNKNOWN, "clientId": UNKNOWN, "objectId": UNKNOWN}},
            "agentPoolProfiles": [
                {
                    "name": "system",
                    "mode": "System",
                    "type": "VirtualMachineScaleSets",
                    "vmSize": "Standard_D4s_v5",
                    "osSKU": "AzureLinux",
                    "availabilityZones": ["1", "2"],
                    "minCount": 1.0,
                    "maxCount": 3.0,
                    "count": 1.0,
                    "enableAutoScaling": True,
                    "vnetSubnetID": UNKNOWN,
                    "nodeTaints": ["CriticalAddonsOnly=true:NoSchedule"],
                    "upgradeSettings": {"maxSurge": "33%", "drainTimeoutInMinutes": 30.0},
                }
            ],
            "networkProfile": {
                "networkPlugin": "azure",
                "networkPluginMode": "overlay",
                "networkDataplane": "cilium",
                "networkPolicy": "cilium",
                "outboundType": "userAssignedNATGateway",
                "podCidr": "10.4.0.0/14",
                "serviceCidr": "10.8.0.0/20",
                "dnsServiceIP": "10.8.0.10",
            },
            "oidcIssuerProfile": {"enabled": True},
            "securityProfile": {"workloadIdentity": {"enabled": True}},
            "autoUpgradeProfile": {"upgradeChannel": "patch", "nodeOSUpgradeChannel": "NodeImage"},
        },
    ),
    (
        "azure-native:storage:StorageAccount",
        {
            "resourceGroupName": UNKNOWN,
            "accountName": "groundworklogs01",
            "kind": "StorageV2",
            "sku": {"name": "Standard_ZRS"},
            "allowSharedKeyAccess": False,
            "minimumTlsVersion": "TLS1_2",
            "publicNetworkAccess": "Enabled",
        },
    ),
    (
        "azure-native:authorization:RoleAssignment",
        {"scope": UNKNOWN, "principalId": UNKNOWN, "principalType": "ServicePrincipal", "roleDefinitionId": UNKNOWN},
    ),
    (
        "azure-native:keyvault:Vault",
        {
            "resourceGroupName": UNKNOWN,
            "vaultName": "groundwork-dev-kv",
            "properties": {
                "tenantId": "x",
                "sku": {"family": "A", "name": "standard"},
                "enableRbacAuthorization": True,
                "softDeleteRetentionInDays": 90.0,
            },
        },
    ),
    (
        "oci:ContainerEngine/cluster:Cluster",
        {
            "compartmentId": "ocid1.compartment.oc1..a",
            "kubernetesVersion": "v1.35.1",
            "vcnId": UNKNOWN,
            "name": "groundwork",
            "type": "ENHANCED_CLUSTER",
            "clusterPodNetworkOptions": [{"cniType": "OCI_VCN_IP_NATIVE"}],
            "endpointConfig": {"isPublicIpEnabled": False, "subnetId": UNKNOWN},
            "options": {"serviceLbSubnetIds": [UNKNOWN]},
        },
    ),
    (
        "oci:ContainerEngine/nodePool:NodePool",
        {
            "clusterId": UNKNOWN,
            "compartmentId": "o",
            "name": "system",
            "nodeShape": "VM.Standard.E5.Flex",
            "nodeShapeConfig": {"ocpus": 2.0, "memoryInGbs": 16.0},
            "nodeSourceDetails": {"sourceType": "IMAGE", "imageId": UNKNOWN, "bootVolumeSizeInGbs": "100"},
            "nodeConfigDetails": {"size": 1.0, "placementConfigs": [{"availabilityDomain": "a", "subnetId": UNKNOWN}]},
        },
    ),
    (
        "oci:ObjectStorage/bucket:Bucket",
        {
            "compartmentId": "o",
            "namespace": UNKNOWN,
            "name": "groundwork-logs",
            "accessType": "NoPublicAccess",
            "versioning": "Enabled",
            "storageTier": "Standard",
        },
    ),
    ("oci:Core/vcn:Vcn", {"compartmentId": "o", "cidrBlocks": ["10.0.0.0/16"], "dnsLabel": "groundwork"}),
]
