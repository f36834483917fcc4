"""The node pools of a rehearsed GKE cluster, from the inventory around them."""

from rehearsal.control_plane.pools import gke as gke_pools
from rehearsal.control_plane.pools.node_pools import Pool
from rehearsal.providers.enforcement import Referee, Subject
from rehearsal.providers.gcp.names import last, locations, region_of
from rehearsal.providers.gcp.outputs import release_channel
from rehearsal.providers.gcp.versions import given_version
from rehearsal.providers.inventory import Inventory
from rehearsal.providers.wire import Properties

_CLUSTER = "gcp:container/cluster:Cluster"
_SUBNETWORK = "gcp:compute/subnetwork:Subnetwork"


def node_pools(subject: Subject, fields: Properties, inventory: Inventory, referee: Referee) -> list[Pool]:
    """Those of a cluster's own list, or the one that a node pool is."""
    if subject.type == _CLUSTER:
        name, cluster = subject.name, subject.inputs
    else:
        name = fields["cluster_name"]
        row = inventory.get(_CLUSTER, subject.id.rpartition("/nodePools/")[0])
        cluster = row.inputs if row else {}
    location = str(fields["location"])
    subnetwork = referee.find([_SUBNETWORK], str(cluster.get("subnetwork", "default")), subject.account)
    place = {
        "cluster": last(name),
        "project": fields["project"],
        "region": region_of(location),
        "zones": tuple(cluster.get("nodeLocations") or locations().get(location, [location])[:3]),
        "addresses": subnetwork.inputs["ipCidrRange"] if subnetwork else "10.128.0.0/20",
        "version": f"v{given_version(cluster.get('minMasterVersion'), release_channel(cluster))}",
    }
    if subject.type == _CLUSTER:
        return gke_pools.cluster_pools(subject.inputs, **place)
    return [gke_pools.node_pool(subject.name, subject.inputs, **place)]
