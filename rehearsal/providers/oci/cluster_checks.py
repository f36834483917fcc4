"""Clusters, node pools and add-ons of Oracle Kubernetes Engine."""

import ipaddress
import re

from rehearsal.providers import paths
from rehearsal.providers.enforcement import Subject
from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Inventory, Resource
from rehearsal.providers.oci.network_checks import SUBNET, VCN, vcn_blocks
from rehearsal.providers.oci.policies import applies, statements_of
from rehearsal.providers.oci.versions import KUBERNETES_VERSIONS, SHAPES

CLUSTER = "oci:ContainerEngine/cluster:Cluster"
NODE_POOL = "oci:ContainerEngine/nodePool:NodePool"
_DYNAMIC_GROUP = "oci:Identity/dynamicGroup:DynamicGroup"

_AVAILABILITY_DOMAIN = re.compile(r"^\w{4}:[A-Z0-9-]+-AD-[1-3]$")
_SCALED = re.compile(r"^(?P<least>\d+):(?P<most>\d+):(?P<pool>ocid1\.nodepool\.\S+)$")


def check_cluster(subject: Subject, inventory: Inventory) -> None:
    """Sources: the versions' own; SDK docstring of isPublicIpEnabled; docs.oracle.com/iaas/Content/ContEng/Concepts/
    contengcidrblocks.htm (blocks that must not overlap).
    """
    inputs = subject.inputs
    _check_version(inputs["kubernetesVersion"])
    subnet = inventory.get(SUBNET, str(paths.first(inputs, "endpointConfig.subnetId")))
    public = paths.first(inputs, "endpointConfig.isPublicIpEnabled") is True
    if public and subnet is not None and subnet.inputs.get("prohibitPublicIpOnVnic") is True:
        raise _refused(f"a public endpoint is not possible in the private subnet {subnet.id}")
    vcn = inventory.get(VCN, inputs["vcnId"])
    services = paths.first(inputs, "options.kubernetesNetworkConfig.servicesCidr")
    if vcn is not None and services is not None:
        wanted = ipaddress.IPv4Network(services)
        if any(wanted.overlaps(block) for block in vcn_blocks(vcn.inputs)):
            raise _refused(f"the services CIDR {services} overlaps with the VCN {vcn.id}")
    for path in ("endpointConfig.subnetId", "options.serviceLbSubnetIds[*]"):
        _check_in_vcn(inputs, path, inputs["vcnId"], inventory)
    if isinstance(inputs.get("kmsKeyId"), str):
        _check_key_grant(subject, inputs["kmsKeyId"], inventory)


def check_node_pool(subject: Subject, inventory: Inventory) -> None:
    """Sources: SDK docstrings; docs.oracle.com/iaas/Content/ContEng/Concepts/contengaboutk8sversions.htm (nodes are no
    newer than their cluster), contengpodnetworking_topic-OCI_CNI_plugin.htm (pod subnets).
    """
    inputs = subject.inputs
    cluster = inventory.get(CLUSTER, inputs["clusterId"])
    if cluster is None:
        return
    version = inputs.get("kubernetesVersion", cluster.inputs["kubernetesVersion"])
    _check_version(version)
    if _numbers(version) > _numbers(cluster.inputs["kubernetesVersion"]):
        raise _refused(f"nodes of {version} are newer than their cluster of {cluster.inputs['kubernetesVersion']}")
    if str(inputs["nodeShape"]).endswith(".Flex") and not inputs.get("nodeShapeConfig"):
        raise _refused(f"nodeShapeConfig must be given for the flexible shape {inputs['nodeShape']}")
    if inputs["nodeShape"] not in SHAPES:
        raise _refused(f"the shape {inputs['nodeShape']} is not one of {', '.join(SHAPES)}")
    domains = list(paths.select(inputs, "nodeConfigDetails.placementConfigs[*].availabilityDomain"))
    for domain in domains:
        if not _AVAILABILITY_DOMAIN.match(str(domain)):
            raise _refused(f"there is no availability domain '{domain}'")
    if len(set(domains)) < len(domains):
        raise _refused("two placement configurations have the same availability domain")
    _check_pod_network(inputs, cluster)
    for path in ("placementConfigs[*].subnetId", "nodePoolPodNetworkOptionDetails.podSubnetIds[*]"):
        _check_in_vcn(inputs, f"nodeConfigDetails.{path}", cluster.inputs["vcnId"], inventory)


def check_addon(subject: Subject, inventory: Inventory) -> None:
    """Sources: the Oracle SDK's answer that add-ons and workload identity are for enhanced clusters; docs.oracle.com/
    iaas/Content/ContEng/Tasks/configuration-arguments-cluster-autoscaler.htm.
    """
    if subject.inputs.get("addonName") != "ClusterAutoscaler":
        return
    given = {item.get("key"): item.get("value") for item in subject.inputs.get("configurations") or []}
    if given.get("authType", "instance") not in ("instance", "workload"):
        raise _refused(f"authType is instance or workload, not {given['authType']}")
    for scaled in filter(None, str(given.get("nodes", "")).split(",")):
        match = _SCALED.match(scaled.strip())
        pool = inventory.get(NODE_POOL, match["pool"]) if match else None
        if match is None or int(match["least"]) > int(match["most"]):
            raise _refused(f"nodes is a list of <min>:<max>:<node pool>, and '{scaled}' is none")
        if pool is None or pool.inputs["clusterId"] != subject.inputs["clusterId"]:
            raise _refused(f"the node pool {match['pool']} is not one of the cluster's")


def check_enhanced(subject: Subject, inventory: Inventory) -> None:
    """Source: the Oracle SDK's answer that workload identity is only for enhanced clusters."""
    cluster = inventory.get(CLUSTER, str(subject.inputs.get("clusterId")))
    if cluster is not None and cluster.inputs.get("type") != "ENHANCED_CLUSTER":
        raise _refused("the cluster must be an enhanced cluster")


def _check_version(version: str) -> None:
    """Source: docs.oracle.com/iaas/Content/ContEng/Concepts/contengaboutk8sversions.htm: exact ones, `v` included."""
    if version not in KUBERNETES_VERSIONS:
        raise _refused(f"Invalid kubernetesVersion {version}: supported are {', '.join(KUBERNETES_VERSIONS)}")


def _check_pod_network(inputs: dict[str, object], cluster: Resource) -> None:
    kind = paths.first(cluster.inputs, "clusterPodNetworkOptions[0].cniType")
    details = paths.first(inputs, "nodeConfigDetails.nodePoolPodNetworkOptionDetails") or {}
    if kind == "OCI_VCN_IP_NATIVE" and (details.get("cniType") != kind or not details.get("podSubnetIds")):
        raise _refused(f"the cluster's pods have addresses of the VCN: the pool needs cniType {kind} and podSubnetIds")


def _check_in_vcn(inputs: dict[str, object], path: str, vcn: object, inventory: Inventory) -> None:
    for identity in paths.select(inputs, path):
        subnet = inventory.get(SUBNET, str(identity))
        if subnet is not None and subnet.inputs["vcnId"] != vcn:
            raise _refused(f"{path}: the subnet {identity} is not in the cluster's VCN")


def _check_key_grant(subject: Subject, key: str, inventory: Inventory) -> None:
    """Source: docs.oracle.com/iaas/Content/ContEng/Tasks/contengencryptingdata.htm: a dynamic group of clusters, and a
    policy that lets it use the key, come first.
    """
    compartment = str(subject.inputs["compartmentId"])
    groups = {
        row.name
        for row in inventory.list(account=subject.account, type=_DYNAMIC_GROUP, retained=False)
        if "'cluster'" in row.inputs["matchingRule"] and compartment in row.inputs["matchingRule"]
    }
    for statement in statements_of(subject.account, inventory):
        allowed = statement.what in ("keys", "key-family") and statement.verb in ("use", "manage")
        mine = statement.kind == "dynamic-group" and statement.name in groups
        if mine and allowed and applies(statement, compartment, "target.key.id", key):
            return
    raise CloudError(
        f"Error 404-NotAuthorizedOrNotFound: the master encryption key {key} was not found, or no policy lets a "
        "dynamic group of clusters use it"
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.removeprefix("v").split("."))


def _refused(message: str) -> CloudError:
    return CloudError(f"Error 400-InvalidParameter: {message}")
