"""Inputs as a program gives them to Google Cloud."""

from typing import Any

from contract_check.wire import UNKNOWN, Secret

PLAIN: list[tuple[str, dict[str, Any]]] = [
    ("gcp:compute/network:Network", {"autoCreateSubnetworks": False, "routingMode": "REGIONAL", "name": "groundwork"}),
    (
        "gcp:compute/subnetwork:Subnetwork",
        {
            "network": UNKNOWN,
            "region": "europe-west1",
            "ipCidrRange": "10.0.0.0/20",
            "privateIpGoogleAccess": True,
            "secondaryIpRanges": [{"rangeName": "pods", "ipCidrRange": "10.4.0.0/14"}],
            "logConfig": {
                "aggregationInterval": "INTERVAL_10_MIN",
                "flowSampling": 0.5,
                "metadata": "INCLUDE_ALL_METADATA",
            },
        },
    ),
    ("gcp:compute/router:Router", {"network": UNKNOWN, "region": "europe-west1"}),
    (
        "gcp:compute/routerNat:RouterNat",
        {
            "router": UNKNOWN,
            "region": "europe-west1",
            "natIpAllocateOption": "AUTO_ONLY",
            "sourceSubnetworkIpRangesToNat": "LIST_OF_SUBNETWORKS",
            "subnetworks": [{"name": UNKNOWN, "sourceIpRangesToNats": ["ALL_IP_RANGES"]}],
            "enableDynamicPortAllocation": True,
            "minPortsPerVm": 64.0,
            "logConfig": {"enable": True, "filter": "ERRORS_ONLY"},
        },
    ),
    (
        "gcp:compute/firewall:Firewall",
        {
            "network": UNKNOWN,
            "direction": "INGRESS",
            "priority": 1000.0,
            "sourceRanges": ["10.0.0.0/28"],
            "targetServiceAccounts": [UNKNOWN],
            "allows": [{"protocol": "tcp", "ports": ["4000", "8443"]}],
        },
    ),
    ("gcp:projects/service:Service", {"service": "container.googleapis.com", "disableOnDestroy": False}),
    ("gcp:projects/serviceIdentity:ServiceIdentity", {"service": "container.googleapis.com", "project": "example"}),
    (
        "gcp:container/cluster:Cluster",
        {
            "name": "groundwork-dev",
            "location": "europe-west1",
            "nodeLocations": ["europe-west1-b"],
            "network": UNKNOWN,
            "subnetwork": UNKNOWN,
            "networkingMode": "VPC_NATIVE",
            "datapathProvider": "ADVANCED_DATAPATH",
            "ipAllocationPolicy": {"clusterSecondaryRangeName": "pods", "servicesSecondaryRangeName": "services"},
            "privateClusterConfig": {"enablePrivateNodes": True, "enablePrivateEndpoint": False},
            "controlPlaneEndpointsConfig": {"dnsEndpointConfig": {"allowExternalTraffic": True}},
            "releaseChannel": {"channel": "REGULAR"},
            "workloadIdentityConfig": {"workloadPool": "example.svc.id.goog"},
            "databaseEncryption": {"state": "ENCRYPTED", "keyName": UNKNOWN},
            "loggingConfig": {"enableComponents": ["SYSTEM_COMPONENTS"]},
            "maintenancePolicy": {
                "recurringWindow": {
                    "startTime": "2026-01-03T01:00:00Z",
                    "endTime": "2026-01-03T07:00:00Z",
                    "recurrence": "FREQ=WEEKLY;BYDAY=SA,SU",
                }
            },
            "removeDefaultNodePool": True,
            "initialNodeCount": 1.0,
            "deletionProtection": False,
            "resourceLabels": {"groundwork": "dev"},
        },
    ),
    (
        "gcp:container/nodePool:NodePool",
        {
            "cluster": UNKNOWN,
            "autoscaling": {"totalMinNodeCount": 1.0, "totalMaxNodeCount": 9.0, "locationPolicy": "BALANCED"},
            "management": {"autoRepair": True, "autoUpgrade": True},
            "upgradeSettings": {"strategy": "SURGE", "maxSurge": 1.0, "maxUnavailable": 0.0},
            "nodeConfig": {
                "machineType": "n2-standard-4",
                "serviceAccount": UNKNOWN,
                "oauthScopes": ["https://www.googleapis.com/auth/cloud-platform"],
                "shieldedInstanceConfig": {"enableSecureBoot": True, "enableIntegrityMonitoring": True},
                "workloadMetadataConfig": {"mode": "GKE_METADATA"},
                "kubeletConfig": {"insecureKubeletReadonlyPortEnabled": "FALSE"},
                "taints": [{"key": "example.com/pool", "value": "apps", "effect": "NO_SCHEDULE"}],
                "labels": {"groundwork/pool": "apps"},
            },
        },
    ),
    ("gcp:serviceaccount/account:Account", {"accountId": "groundwork-nodes", "displayName": "Nodes of groundwork"}),
    (
        "gcp:projects/iAMMember:IAMMember",
        {
            "project": "p",
            "role": "roles/container.defaultNodeServiceAccount",
            "member": "serviceAccount:nodes@example.iam.gserviceaccount.com",
        },
    ),
    ("gcp:kms/keyRing:KeyRing", {"location": "europe-west1", "name": UNKNOWN}),
    (
        "gcp:kms/cryptoKey:CryptoKey",
        {"keyRing": UNKNOWN, "name": "cluster", "rotationPeriod": "7776000s", "purpose": "ENCRYPT_DECRYPT"},
    ),
    (
        "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
        {
            "cryptoKeyId": UNKNOWN,
            "role": "roles/cloudkms.cryptoKeyEncrypterDecrypter",
            "member": "serviceAccount:nodes@example.iam.gserviceaccount.com",
        },
    ),
    (
        "gcp:artifactregistry/repository:Repository",
        {
            "repositoryId": "groundwork-dev",
            "location": "europe-west1",
            "format": "DOCKER",
            "dockerConfig": {"immutableTags": True},
            "cleanupPolicies": [{"id": "old", "action": "DELETE", "condition": {"olderThan": "2592000s"}}],
        },
    ),
    (
        "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember",
        {"repository": UNKNOWN, "location": "europe-west1", "role": "roles/artifactregistry.reader", "member": UNKNOWN},
    ),
    (
        "gcp:storage/bucket:Bucket",
        {
            "name": "example-groundwork-dev-logs",
            "location": "EUROPE-WEST1",
            "uniformBucketLevelAccess": True,
            "publicAccessPrevention": "enforced",
            "versioning": {"enabled": True},
            "softDeletePolicy": {"retentionDurationSeconds": 604800.0},
            "lifecycleRules": [{"action": {"type": "Delete"}, "condition": {"age": 30.0, "withState": "ANY"}}],
            "forceDestroy": False,
        },
    ),
    (
        "gcp:storage/bucketIAMMember:BucketIAMMember",
        {"bucket": UNKNOWN, "role": "roles/storage.objectUser", "member": UNKNOWN},
    ),
    (
        "gcp:projects/iAMMember:IAMMember",
        {
            "project": "example",
            "role": "roles/secretmanager.secretAccessor",
            "member": UNKNOWN,
            "condition": {
                "title": "secrets-of-todo",
                "expression": 'resource.name.startsWith("projects/123456789/secrets/todo-")',
            },
        },
    ),
    (
        "gcp:dns/managedZone:ManagedZone",
        {
            "name": "groundwork-dev",
            "dnsName": "dev.acme.example.",
            "visibility": "public",
            "dnssecConfig": {"state": "on"},
            "forceDestroy": True,
        },
    ),
    (
        "gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember",
        {"managedZone": "groundwork-dev", "role": "roles/dns.admin", "member": UNKNOWN},
    ),
    (
        "gcp:compute/globalAddress:GlobalAddress",
        {
            "network": UNKNOWN,
            "purpose": "VPC_PEERING",
            "addressType": "INTERNAL",
            "address": "10.68.48.0",
            "prefixLength": 20.0,
        },
    ),
    (
        "gcp:servicenetworking/connection:Connection",
        {
            "network": UNKNOWN,
            "service": "servicenetworking.googleapis.com",
            "reservedPeeringRanges": [UNKNOWN],
            "deletionPolicy": "REMOVE_PEERING",
        },
    ),
    (
        "gcp:sql/databaseInstance:DatabaseInstance",
        {
            "region": "europe-west1",
            "databaseVersion": "POSTGRES_17",
            "encryptionKeyName": UNKNOWN,
            "settings": {
                "edition": "ENTERPRISE",
                "tier": "db-custom-2-8192",
                "availabilityType": "REGIONAL",
                "diskSize": 50.0,
                "backupConfiguration": {"enabled": True, "backupRetentionSettings": {"retainedBackups": 14.0}},
                "ipConfiguration": {"ipv4Enabled": False, "privateNetwork": UNKNOWN, "sslMode": "ENCRYPTED_ONLY"},
                "maintenanceWindow": {"day": 7.0, "hour": 2.0, "updateTrack": "stable"},
            },
        },
    ),
    (
        "gcp:sql/user:User",
        {"instance": UNKNOWN, "name": "administrator", "password": Secret("hush-hush"), "deletionPolicy": "ABANDON"},
    ),
    ("pulumi:providers:gcp", {"project": "example", "region": "europe-west1", "version": "10.2.0"}),
]
