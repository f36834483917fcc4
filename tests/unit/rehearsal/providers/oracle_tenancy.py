"""A rehearsed tenancy of Oracle Cloud, with the things that tests build on."""

from typing import Any

from tests.unit.rehearsal.providers.fake_engine import Engine, State

TENANCY = "ocid1.tenancy.oc1..acme"
COMPARTMENT = "ocid1.compartment.oc1..acme"

VCN = "oci:Core/vcn:Vcn"
SUBNET = "oci:Core/subnet:Subnet"
SECURITY_GROUP = "oci:Core/networkSecurityGroup:NetworkSecurityGroup"
SECURITY_RULE = "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule"
CLUSTER = "oci:ContainerEngine/cluster:Cluster"
NODE_POOL = "oci:ContainerEngine/nodePool:NodePool"
ADDON = "oci:ContainerEngine/addon:Addon"
POLICY = "oci:Identity/policy:Policy"
BUCKET = "oci:ObjectStorage/bucket:Bucket"
LIFECYCLE = "oci:ObjectStorage/objectLifecyclePolicy:ObjectLifecyclePolicy"
USER = "oci:Identity/user:User"
VAULT = "oci:Kms/vault:Vault"
KEY = "oci:Kms/key:Key"
DB_SYSTEM = "oci:Psql/dbSystem:DbSystem"
LOG = "oci:Logging/log:Log"


class OracleTenancy:
    """Creates things with arguments that are right unless a test says otherwise."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.create = engine.create

    def vcn(self, **changes: Any) -> State:
        given = {"compartmentId": COMPARTMENT, "dnsLabel": "acme", "cidrBlocks": ["10.0.0.0/16"]}
        return self.create(VCN, "vcn", **{**given, **changes})

    def subnet(self, vcn: State, cidr: str, label: str = "nodes", **changes: Any) -> State:
        given = {"compartmentId": COMPARTMENT, "vcnId": vcn.id, "cidrBlock": cidr, "dnsLabel": label}
        return self.create(SUBNET, label, **{**given, **changes})

    def group(self, vcn: State, name: str = "group") -> State:
        return self.create(SECURITY_GROUP, name, compartmentId=COMPARTMENT, vcnId=vcn.id)

    def rule(self, group: State, **changes: Any) -> State:
        given = {
            "networkSecurityGroupId": group.id,
            "direction": "INGRESS",
            "protocol": "6",
            "source": "10.0.0.0/24",
            "sourceType": "CIDR_BLOCK",
        }
        return self.create(SECURITY_RULE, "rule", **{**given, **changes})

    def policy(self, *statements: str, name: str = "policy") -> State:
        return self.create(
            POLICY, name, compartmentId=COMPARTMENT, name=name, description="d", statements=list(statements)
        )

    def cluster(self, vcn: State, **changes: Any) -> State:
        given = {
            "compartmentId": COMPARTMENT,
            "kubernetesVersion": "v1.35.2",
            "vcnId": vcn.id,
            "type": "ENHANCED_CLUSTER",
            "clusterPodNetworkOptions": [{"cniType": "OCI_VCN_IP_NATIVE"}],
        }
        return self.create(CLUSTER, "cluster", **{**given, **changes})

    def pool(self, cluster: State, subnet: State, **changes: Any) -> State:
        details = {
            "size": 1,
            "placementConfigs": [{"availabilityDomain": "EXMP:EU-FRANKFURT-1-AD-1", "subnetId": subnet.id}],
            "nodePoolPodNetworkOptionDetails": {"cniType": "OCI_VCN_IP_NATIVE", "podSubnetIds": [subnet.id]},
        }
        given = {
            "clusterId": cluster.id,
            "compartmentId": COMPARTMENT,
            "kubernetesVersion": "v1.35.2",
            "nodeShape": "VM.Standard.E5.Flex",
            "nodeShapeConfig": {"ocpus": 2, "memoryInGbs": 16},
            "nodeConfigDetails": {**details, **changes.pop("details", {})},
        }
        return self.create(NODE_POOL, "pool", **{**given, **changes})

    def user(self, name: str, **changes: Any) -> State:
        given = {"compartmentId": TENANCY, "name": name, "description": name, "email": f"{name}@acme.example"}
        return self.create(USER, name, **{**given, **changes})

    def key(self) -> State:
        vault = self.create(VAULT, "v", compartmentId=COMPARTMENT, displayName="v", vaultType="DEFAULT")
        return self.create(
            KEY,
            "k",
            compartmentId=COMPARTMENT,
            displayName="k",
            managementEndpoint=vault["managementEndpoint"],
            keyShape={"algorithm": "AES", "length": 32},
        )

    def db_system(self, subnet: State, **changes: Any) -> State:
        given = {
            "compartmentId": COMPARTMENT,
            "displayName": "postgres",
            "dbVersion": "16",
            "allowMajorVersionUpgrade": True,
            "shape": "PostgreSQL.VM.Standard.E5.Flex",
            "instanceCount": 1,
            "credentials": {
                "username": "acme",
                "passwordDetails": {"passwordType": "PLAIN_TEXT", "password": "Aa1_aaaa"},
            },
            "networkDetails": {"subnetId": subnet.id},
            "storageDetails": {"systemType": "OCI_OPTIMIZED_STORAGE", "isRegionallyDurable": True},
        }
        return self.create(DB_SYSTEM, "postgres", **{**given, **changes})

    def namespace(self) -> str:
        return self.engine.invoke("oci:ObjectStorage/getNamespace:getNamespace")["namespace"]

    def bucket(self, name: str = "logs", **changes: Any) -> State:
        given = {"compartmentId": COMPARTMENT, "namespace": self.namespace(), "name": name}
        return self.create(BUCKET, name, **{**given, **changes})

    def lifecycle(self, bucket: str = "logs", **changes: Any) -> State:
        rule = {"name": "r", "action": "DELETE", "target": "objects", "isEnabled": True, "timeAmount": "7"}
        rules = [{**rule, "timeUnit": "DAYS", **changes}]
        return self.create(LIFECYCLE, "lifecycle", namespace=self.namespace(), bucket=bucket, rules=rules)
