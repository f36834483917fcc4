"""Who may pull which image in a rehearsed cloud, as its inventory says."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rehearsal.providers.inventory import Endpoint, Inventory
from rehearsal.providers.kubernetes.cluster import Cluster
from rehearsal.providers.kubernetes.connection import Connection
from rehearsal.providers.kubernetes.images import refusals

CLOUDS = {
    "gcp:container/cluster:Cluster": "gke",
    "azure-native:containerservice:ManagedCluster": "aks",
    "oci:ContainerEngine/cluster:Cluster": "oke",
}
"""By the type of the cluster in its cloud."""

_REMEMBERED_SECONDS = 2.0
_GOOGLES_OWN = (".pkg.dev", "gcr.io")


@dataclass
class RehearsedPulls:
    """Images that nobody rehearses are taken to be there for all who reach their registry."""

    inventory: Inventory
    cluster: Cluster
    clock: Callable[[], float] = time.monotonic
    _known: dict[tuple[str, bool], tuple[float, str | None]] = field(default_factory=dict)

    def refusal(self, image: str, registries: frozenset[str]) -> str | None:
        """Why nodes do not get an image; `registries` are hosts for which the pod brings credentials."""
        host = image.partition("/")[0]
        asked, now = (image, host in registries), self.clock()
        since, answer = self._known.get(asked, (0.0, None))
        if asked not in self._known or now - since > _REMEMBERED_SECONDS:
            answer = self._ask(image, host, host in registries)
            self._known[asked] = (now, answer)
        return answer

    def _ask(self, image: str, host: str, has_credentials: bool) -> str | None:
        """Google's own registries answer private nodes too: cloud.google.com/vpc/docs/private-google-access."""
        way = None if host.endswith(_GOOGLES_OWN) else self.cluster.pull_obstacle()
        refused = refusals(image, has_credentials, self.cluster, self.inventory)
        reasons = [*([way.removeprefix("ErrImagePull: ")] if way else []), *refused]
        return "; ".join(reasons) or None


def rehearsed_pulls(record: Path, inventory: Path) -> RehearsedPulls | None:
    """For the cluster of which a control plane keeps a record, None where no cloud has it."""
    if not record.is_file():
        return None
    kept = json.loads(record.read_text())
    cloud, opened = CLOUDS[kept["type"]], Inventory(inventory)
    endpoint = Endpoint(
        host="", account="", cloud=cloud, cluster_type=kept["type"], cluster_id=kept["id"], certificate="", plugin=""
    )
    return RehearsedPulls(opened, Cluster(Connection("", cloud, endpoint), opened))
