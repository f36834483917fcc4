"""Which service accounts of a cluster an identity of Azure believes.

Source: learn.microsoft.com/entra/workload-id/workload-identity-federation.
"""

from rehearsal.providers import paths
from rehearsal.providers.inventory import Inventory, Resource
from rehearsal.providers.kubernetes.cluster import Cluster

_FEDERATION = "azure-native:managedidentity:FederatedIdentityCredential"


def trusts(identity: Resource, subject: str, cluster: Cluster, inventory: Inventory) -> bool:
    """Whether an identity takes the tokens that the cluster gives a service account."""
    issuer = (
        paths.first(cluster.control_plane.outputs, "oidcIssuerProfile.issuerURL") if cluster.control_plane else None
    )
    return any(
        (row.inputs.get("subject"), row.inputs.get("issuer")) == (subject, issuer)
        and f"{row.id}/".startswith(f"{identity.id}/")
        for row in inventory.list(type=_FEDERATION)
    )
