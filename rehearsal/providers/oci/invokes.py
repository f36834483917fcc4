"""Answers to the functions of the oci package."""

import base64
import hashlib
import ipaddress
import json
from collections.abc import Callable
from typing import Any, Final

import yaml

from rehearsal.providers import paths
from rehearsal.providers.backing import Backing
from rehearsal.providers.certificates import cluster_authority
from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Inventory
from rehearsal.providers.oci.database_checks import DB_SYSTEM
from rehearsal.providers.oci.network_checks import SUBNET
from rehearsal.providers.oci.versions import KUBERNETES_VERSIONS, SHAPES
from rehearsal.providers.provider import refuse_function
from rehearsal.providers.wire import Properties

_KUBECONFIG: Final = "oci:ContainerEngine/getClusterKubeConfig:getClusterKubeConfig"
_CLUSTER: Final = "oci:ContainerEngine/cluster:Cluster"


def answer(
    token: str, arguments: Properties, tenancy: str, region: str, inventory: Inventory, backing: Backing
) -> Properties:
    """The function's result; one that is not known fails by name."""
    if token == _KUBECONFIG:
        return {"id": _identity(arguments), **_kubeconfig(arguments, region, inventory, backing)}
    function = _ANSWERS.get(token)
    if function is None:
        raise refuse_function("oci", token)
    return {
        "id": _identity(arguments),
        **function(arguments, tenancy, region, inventory),
    }


def _identity(arguments: Properties) -> str:
    return f"rehearsed-{_tail(json.dumps(arguments, sort_keys=True))[:12]}"


def namespace_of(tenancy: str) -> str:
    """The Object Storage namespace of a tenancy."""
    return f"ax{hashlib.sha256(tenancy.encode()).hexdigest()[:10]}"


def _availability_domains(arguments: Properties, tenancy: str, region: str, inventory: Inventory) -> Properties:
    compartment = arguments["compartmentId"]
    prefix = hashlib.sha256(tenancy.encode()).hexdigest()[:4]
    domains = [
        {
            "compartmentId": compartment,
            "id": f"ocid1.availabilitydomain.oc1..{_tail(f'{region}{number}')}",
            "name": f"{prefix}:{region.upper()}-AD-{number}",
        }
        for number in (1, 2, 3)
    ]
    return {"compartmentId": compartment, "availabilityDomains": domains}


def _namespace(arguments: Properties, tenancy: str, region: str, inventory: Inventory) -> Properties:
    return {"namespace": namespace_of(tenancy), "compartmentId": arguments.get("compartmentId", tenancy)}


def _node_pool_option(arguments: Properties, tenancy: str, region: str, inventory: Inventory) -> Properties:
    sources = [
        {
            "imageId": f"ocid1.image.oc1.{region}.{_tail(f'{version}{arm}')}",
            "sourceName": f"Oracle-Linux-8.10-{'aarch64-' if arm else ''}2026.09.30-0-OKE-{version[1:]}-1345",
            "sourceType": "IMAGE",
        }
        for version in KUBERNETES_VERSIONS
        for arm in (False, True)
    ]
    wanted = str(arguments.get("nodePoolK8sVersion", "")).removeprefix("v")
    matching = [source for source in sources if f"-OKE-{wanted}" in source["sourceName"]]
    if arguments.get("nodePoolOsArch") in ("X86_64", "AARCH64"):
        arm = arguments["nodePoolOsArch"] == "AARCH64"
        matching = [source for source in matching if ("aarch64" in source["sourceName"]) is arm]
    return {
        "nodePoolOptionId": arguments["nodePoolOptionId"],
        "kubernetesVersions": list(KUBERNETES_VERSIONS),
        "images": [],
        "shapes": list(SHAPES),
        "sources": matching,
    }


def _cluster_option(arguments: Properties, tenancy: str, region: str, inventory: Inventory) -> Properties:
    return {"clusterOptionId": arguments["clusterOptionId"], "kubernetesVersions": list(KUBERNETES_VERSIONS)}


def _services(arguments: Properties, tenancy: str, region: str, inventory: Inventory) -> Properties:
    key = region.split("-")[1][:3].upper()
    names = {
        f"all-{key.lower()}-services-in-oracle-services-network": f"All {key} Services In Oracle Services Network",
        f"oci-{key.lower()}-objectstorage": f"OCI {key} Object Storage",
    }
    services = [
        {"id": f"ocid1.service.oc1.{region}.{_tail(block)}", "cidrBlock": block, "name": name, "description": name}
        for block, name in names.items()
    ]
    return {"services": services}


def _kubeconfig(arguments: Properties, region: str, inventory: Inventory, backing: Backing) -> Properties:
    identity = arguments["clusterId"]
    row = inventory.get(_CLUSTER, identity)
    if row is None:
        raise CloudError(f"Error 404-NotAuthorizedOrNotFound: the cluster {identity} was not found")
    if arguments.get("tokenVersion", "2.0.0") != "2.0.0":
        raise CloudError(f"Error 400-InvalidParameter: there is no token version {arguments['tokenVersion']}")
    key = "privateEndpoint" if arguments.get("endpoint") == "PRIVATE_ENDPOINT" else "publicEndpoint"
    address = row.outputs["endpoints"][0][key]
    if not address:
        raise CloudError(f"Error 400-InvalidParameter: the cluster {identity} has no {key}")
    real = backing.api_server(identity)
    cluster = {
        "server": f"https://{real.address if real else address}",
        "certificate-authority-data": real.certificate if real else cluster_authority(identity),
    }
    command = ["ce", "cluster", "generate-token", "--cluster-id", identity, "--region", region]
    execution: dict[str, Any] = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "oci",
        "args": command,
    }
    name = f"cluster-{identity[-11:]}"
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": cluster}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": f"user-{name}"}}],
        "current-context": name,
        "users": [{"name": f"user-{name}", "user": {"exec": execution}}],
    }
    return {**arguments, "content": yaml.safe_dump(content)}


def _connection_detail(arguments: Properties, tenancy: str, region: str, inventory: Inventory) -> Properties:
    identity = arguments["dbSystemId"]
    row = inventory.get(DB_SYSTEM, identity)
    if row is None:
        raise CloudError(f"Error 404-NotAuthorizedOrNotFound: the database system {identity} was not found")
    subnet = inventory.get(SUBNET, str(paths.first(row.inputs, "networkDetails.subnetId")))
    block = ipaddress.ip_network(subnet.inputs["cidrBlock"] if subnet else "10.0.0.0/24")
    digits = int(hashlib.sha256(identity.encode()).hexdigest(), 16)
    endpoint = {
        "fqdn": f"primary.{_tail(identity)[8:30]}.postgresql.{region}.oc1.oraclecloud.com",
        "ipAddress": str(block[2 + digits % (block.num_addresses - 3)]),
        "port": 5432,
    }
    return {
        "dbSystemId": identity,
        "caCertificate": base64.b64decode(cluster_authority(identity)).decode(),
        "instanceEndpoints": [],
        "primaryDbEndpoints": [endpoint],
        "readerEndpoints": [],
    }


def _tail(seed: str) -> str:
    return f"aaaaaaaa{hashlib.sha512(seed.encode()).hexdigest()[:52]}"


_ANSWERS: Final[dict[str, Callable[[Properties, str, str, Inventory], Properties]]] = {
    "oci:ContainerEngine/getClusterOption:getClusterOption": _cluster_option,
    "oci:ContainerEngine/getNodePoolOption:getNodePoolOption": _node_pool_option,
    "oci:Core/getServices:getServices": _services,
    "oci:Identity/getAvailabilityDomains:getAvailabilityDomains": _availability_domains,
    "oci:ObjectStorage/getNamespace:getNamespace": _namespace,
    "oci:Psql/getDbSystemConnectionDetail:getDbSystemConnectionDetail": _connection_detail,
}
