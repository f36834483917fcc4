"""What Google Cloud computes: fields for the output templates of rules.json."""

import base64
import ipaddress
from collections.abc import Callable
from typing import Any, Final

from rehearsal.providers import paths
from rehearsal.providers.backing import ApiServer
from rehearsal.providers.certificates import cluster_authority
from rehearsal.providers.enforcement import Subject
from rehearsal.providers.gcp.names import last, locations, region_of, service_agent
from rehearsal.providers.gcp.versions import KUBERNETES_VERSION, given_version
from rehearsal.providers.inventory import Inventory, Resource
from rehearsal.providers.wire import Properties

_SUBNETWORK: Final = "gcp:compute/subnetwork:Subnetwork"
_RANGE: Final = "gcp:compute/globalAddress:GlobalAddress"


def output_fields(subject: Subject, fields: Properties, inventory: Inventory) -> Properties:
    """Everything that the templates of a type may name besides its inputs and the digits of its incarnation."""
    given = {**labels(subject.inputs), "ip": address(fields["digits"]), "version": KUBERNETES_VERSION}
    given["uuid"] = uuid(fields["hash"])
    make = _FIELDS.get(subject.type)
    return {**given, **(make(subject, fields, inventory) if make else {})}


def labels(inputs: Properties) -> Properties:
    """Every resource that takes labels gets one that says Pulumi made it."""
    own = {"goog-pulumi-provisioned": "true"}
    merged = {**(inputs.get("labels") or inputs.get("resourceLabels") or {}), **own}
    return {"effectiveLabels": merged, "pulumiLabels": merged}


def address(digits: str) -> str:
    """An address out of a block that Google hands out."""
    return str(ipaddress.ip_address("34.64.0.0") + int(digits) % 2**22)


def uuid(digest: str) -> str:
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"


def secondary_ranges(subnetwork: Resource) -> dict[str, str]:
    """Named ranges of a subnetwork."""
    ranges = subnetwork.inputs.get("secondaryIpRanges") or []
    return {item.get("rangeName", ""): item.get("ipCidrRange", "") for item in ranges}


def release_channel(cluster: Properties) -> str:
    """A cluster that names no channel is in the regular one."""
    return paths.first(cluster, "releaseChannel.channel") or "REGULAR"


def _cluster(subject: Subject, fields: Properties, inventory: Inventory) -> Properties:
    region = region_of(fields["location"])
    master = paths.first(subject.inputs, "privateClusterConfig.masterIpv4CidrBlock") or "172.16.0.0/28"
    private = str(ipaddress.ip_network(master, strict=False)[2])
    only_private = paths.first(subject.inputs, "privateClusterConfig.enablePrivateEndpoint") is True
    public = address(fields["digits"])
    return {
        "version": given_version(subject.inputs.get("minMasterVersion"), release_channel(subject.inputs)),
        "endpoint": private if only_private else public,
        "dns_endpoint": f"gke-{fields['hash'][:32]}-{fields['number']}.{region}.gke.goog",
        "ca": cluster_authority(fields["hash"]),
        "zones": locations()[region][:3] if fields["location"] == region else [],
        "private_cluster": {"privateEndpoint": private, "publicEndpoint": public, "peeringName": ""},
        **_cluster_ranges(subject, fields, inventory),
    }


def reached_at(server: ApiServer, cluster: Properties) -> Properties:
    """The fields of a cluster with a real API: its addresses are that one's, and so is its name."""
    given = cluster["private_cluster"]
    addresses = {key: server.address for key in ("privateEndpoint", "publicEndpoint") if given[key]}
    return {
        "endpoint": server.address,
        "dns_endpoint": server.public_address,
        "ca": server.certificate,
        "private_cluster": {**given, **addresses},
    }


def _cluster_ranges(subject: Subject, fields: Properties, inventory: Inventory) -> Properties:
    policy = subject.inputs.get("ipAllocationPolicy") or {}
    wanted = last(str(subject.inputs.get("subnetwork", "default")))
    rows = [row for row in inventory.list(account=subject.account, type=_SUBNETWORK) if row.name == wanted]
    ranges = secondary_ranges(rows[0]) if rows else {}
    services = policy.get("servicesIpv4CidrBlock") or ranges.get(policy.get("servicesSecondaryRangeName", ""))
    pods = policy.get("clusterIpv4CidrBlock") or ranges.get(policy.get("clusterSecondaryRangeName", ""))
    return {"services_cidr": services or "34.118.224.0/20", "pods_cidr": pods or "10.96.0.0/14"}


def _node_pool(subject: Subject, fields: Properties, inventory: Inventory) -> Properties:
    zones = subject.inputs.get("nodeLocations") or locations().get(fields["location"], [fields["location"]])[:3]
    base = "https://www.googleapis.com/compute/v1/projects"
    name = f"gke-{fields['cluster_name'][:18]}-{subject.name[:16]}-{fields['hash'][:8]}-grp"
    groups = [f"{base}/{fields['project']}/zones/{zone}/instanceGroupManagers/{name}" for zone in zones]
    return {"zones": zones, "instance_groups": groups}


def _subnetwork(subject: Subject, fields: Properties, inventory: Inventory) -> Properties:
    block = subject.inputs.get("ipCidrRange")
    return {"gateway": str(ipaddress.ip_network(block, strict=False)[1]) if block else ""}


def _service_identity(subject: Subject, fields: Properties, inventory: Inventory) -> Properties:
    return {"agent": service_agent(subject.inputs["service"], fields["project"])}


def _managed_zone(subject: Subject, fields: Properties, inventory: Inventory) -> Properties:
    return {"shard": "abcde"[int(fields["digits"]) % 5]}


def _database_instance(subject: Subject, fields: Properties, inventory: Inventory) -> Properties:
    access = paths.first(subject.inputs, "settings.ipConfiguration") or {}
    public = address(fields["digits"]) if access.get("ipv4Enabled") is not False else ""
    private = _private_address(access, subject.account, inventory)
    return {
        "server_ca": [
            {
                "commonName": "Google Cloud SQL Server CA",
                "cert": base64.b64decode(cluster_authority(fields["hash"])).decode(),
            }
        ],
        "public_ip": public,
        "private_ip": private,
        "first_ip": public or private,
    }


def _private_address(access: Properties, account: str, inventory: Inventory) -> str:
    """The third address of the range that the instance may take one from."""
    if access.get("privateNetwork") is None:
        return ""
    wanted = access.get("allocatedIpRange")
    ranges = [row for row in inventory.list(account=account, type=_RANGE) if wanted in (None, row.name)]
    start = next((row.inputs["address"] for row in ranges if "address" in row.inputs), "10.9.0.0")
    return str(ipaddress.ip_address(start) + 3)


_FIELDS: dict[str, Callable[[Subject, Properties, Inventory], dict[str, Any]]] = {
    "gcp:container/cluster:Cluster": _cluster,
    "gcp:container/nodePool:NodePool": _node_pool,
    _SUBNETWORK: _subnetwork,
    "gcp:projects/serviceIdentity:ServiceIdentity": _service_identity,
    "gcp:dns/managedZone:ManagedZone": _managed_zone,
    "gcp:sql/databaseInstance:DatabaseInstance": _database_instance,
}
