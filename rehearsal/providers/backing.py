"""What runs behind the resources of a cloud. In a rehearsal that keeps all in memory nothing does."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from rehearsal.providers.enforcement import Subject
from rehearsal.providers.inventory import Inventory, Resource

if TYPE_CHECKING:
    from rehearsal.control_plane.pools.node_pools import Pool

REAL = "real"
"""What REHEARSAL_API says where a cluster is a real Kubernetes API."""


@dataclass(frozen=True)
class ApiServer:
    """Where the API of a cluster answers."""

    address: str
    """Host and port, served with a certificate of the cluster's own authority."""
    public_address: str
    """Host and port, served with a certificate that everybody trusts."""
    certificate: str
    """The cluster's own authority: base64 of PEM."""


class Owner(Protocol):
    """What a cloud says about its clusters and their nodes."""

    def is_cluster(self, resource_type: str) -> bool:
        """Whether such a resource has an API of its own."""
        ...

    def cluster_of(self, subject: Subject) -> str | None:
        """The id of the cluster whose nodes a resource decides about, None for all others."""
        ...

    def node_pools(self, subject: Subject) -> "list[Pool]":
        """The pools that a resource decides about, as they are once it is there."""
        ...

    def former_node_pools(self, row: Resource) -> "list[Pool]":
        """What these pools are once it is gone, of those that stay."""
        ...

    def place(self, subject: Subject) -> tuple[str, str]:
        """The kind of cloud, such as `gke`, and the region."""
        ...

    def subject_of(self, row: Resource) -> Subject:
        """An existing resource as the rules look at it."""
        ...


class Backing:
    """Nothing."""

    def api_server(self, cluster: str) -> ApiServer | None:
        """The real API of the cluster of this id; None where there is none."""
        return None

    @contextmanager
    def creating(self, subject: Subject) -> Iterator[None]:
        """Starts what runs behind a resource while it is being created, and ends it again where that fails."""
        yield

    @contextmanager
    def updating(self, subject: Subject, row: Resource) -> Iterator[None]:
        """Changes what runs behind a resource that was `row`."""
        yield

    def gone(self, rows: Sequence[Resource]) -> None:
        """Ends what ran behind resources that have just been deleted together."""


def backing_of(owner: Owner, inventory: Inventory) -> Backing:
    """What this process's REHEARSAL_API asks for."""
    if os.environ.get("REHEARSAL_API") != REAL:
        return Backing()
    # Not imported for every rehearsal: it takes a while.
    from rehearsal.providers.control_planes import ControlPlanes

    return ControlPlanes(owner, inventory)
