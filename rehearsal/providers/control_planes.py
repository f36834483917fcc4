"""The control planes behind rehearsed clusters, and the nodes behind their node pools."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rehearsal.control_plane import control_plane as planes
from rehearsal.control_plane.api_client import ApiError
from rehearsal.control_plane.clusters import contents as cluster_contents
from rehearsal.control_plane.clusters import ends as cluster_ends
from rehearsal.control_plane.clusters import records as cluster_records
from rehearsal.control_plane.clusters.records import ClusterRecord, plane_name, plane_of
from rehearsal.control_plane.control_plane import ControlPlane, ControlPlaneError
from rehearsal.control_plane.pools.machines import UnknownMachineError
from rehearsal.control_plane.pools.node_pools import Pool
from rehearsal.control_plane.pools.pool_nodes import PoolNodes
from rehearsal.control_plane.ports import NoPortError
from rehearsal.providers.backing import ApiServer, Backing, Owner
from rehearsal.providers.enforcement import Subject
from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Inventory, Resource
from rehearsal.setup.lock import exclusive

_WITH_A_PERSONS_TOKEN = ("aks", "gke")
"""Clouds whose tokens are a person's, for all of their clusters; others are for one cluster."""


class ControlPlanes(Backing):
    """One control plane for each cluster, in the home of the inventory."""

    def __init__(self, owner: Owner, inventory: Inventory) -> None:
        self._owner, self._inventory = owner, inventory
        self._home = inventory.path.parent

    def api_server(self, cluster: str) -> ApiServer | None:
        plane = self._plane(cluster)
        return None if plane is None else ApiServer(plane.address, plane.public_address, plane.certificate)

    @contextmanager
    def creating(self, subject: Subject) -> Iterator[None]:
        if not self._owner.is_cluster(subject.type):
            with self._nodes_created(subject):
                yield
            return
        with exclusive(self._home / "control-planes" / f"{plane_name(subject.id, subject.name)}.lock", told=""):
            if self._exists(subject.type, subject.id):
                yield  # and what follows refuses it: the control plane is another's
                return
            with _told():
                plane = self._reserved(subject)
            try:
                with _told():
                    plane.start()
                    cluster_contents.fill(plane, self._owner.place(subject)[0])
                    with PoolNodes(plane.kubeconfig) as nodes:
                        for pool in self._owner.node_pools(subject):
                            nodes.bring(pool)
                yield
            except BaseException:
                plane.wipe()
                raise

    @contextmanager
    def updating(self, subject: Subject, row: Resource) -> Iterator[None]:
        plane = self._plane_of_pools(subject)
        if plane is not None:
            with _told(), PoolNodes(plane.kubeconfig) as nodes:
                after = self._owner.node_pools(subject)
                self._drop(nodes, self._owner.node_pools(self._owner.subject_of(row)), after)
                for pool in after:
                    nodes.bring(pool)
        yield

    def gone(self, rows: Sequence[Resource]) -> None:
        clusters = [row for row in rows if self._owner.is_cluster(row.type)]
        for row in clusters:
            plane = self._plane(row.id)
            if plane is not None:
                cluster_ends.end(self._home, plane, row.id)
        for row in rows:
            subject = self._owner.subject_of(row)
            plane = None if row in clusters else self._plane_of_pools(subject)
            if plane is not None:
                with _told(), PoolNodes(plane.kubeconfig) as nodes:
                    former = self._owner.former_node_pools(row)
                    self._drop(nodes, self._owner.node_pools(subject), former)
                    for pool in former:
                        nodes.bring(pool)

    @contextmanager
    def _nodes_created(self, subject: Subject) -> Iterator[None]:
        plane = self._plane_of_pools(subject)
        if plane is None:
            yield
            return
        with PoolNodes(plane.kubeconfig) as nodes:
            with _told():
                before = nodes.pools()
                pools = self._owner.node_pools(subject)
            try:
                with _told():
                    for pool in pools:
                        nodes.bring(pool)
                yield
            except BaseException:
                with _told():
                    self._drop(nodes, [pool for pool in pools if pool.name not in before], [])
                raise

    def _drop(self, nodes: PoolNodes, pools: Sequence[Pool], kept: Sequence[Pool]) -> None:
        for name in {pool.name for pool in pools} - {pool.name for pool in kept}:
            nodes.drop(name)

    def _reserved(self, subject: Subject) -> ControlPlane:
        """A fresh one: of an interrupted creation nothing is taken over."""
        cluster_ends.end_abandoned(self._home, self._exists)
        stale = self._plane(subject.id)
        if stale is not None:
            stale.wipe()
        cloud, region = self._owner.place(subject)
        plane = planes.reserve(
            self._home, plane_name(subject.id, subject.name), account_token=cloud in _WITH_A_PERSONS_TOKEN
        )
        record = ClusterRecord(type=subject.type, id=subject.id, region=region, maker=os.getpid())
        cluster_records.write(plane, record)
        return plane

    def _plane(self, cluster: str) -> ControlPlane | None:
        return plane_of(self._home, cluster)

    def _plane_of_pools(self, subject: Subject) -> ControlPlane | None:
        cluster = self._owner.cluster_of(subject)
        return None if cluster is None else self._plane(cluster)

    def _exists(self, resource_type: str, identity: str) -> bool:
        row = self._inventory.get(resource_type, identity)
        return row is not None and not row.retained


def end_abandoned(home: Path) -> None:
    """Ends the control planes that an interrupted engine left without a cluster."""
    inventory = Inventory(home / "inventory.sqlite")
    cluster_ends.end_abandoned(home, lambda kind, identity: inventory.get(kind, identity) is not None)


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong with the real API is an answer of the cloud."""
    try:
        yield
    except (ControlPlaneError, NoPortError, UnknownMachineError) as error:
        raise CloudError(str(error)) from error
    except (ApiError, OSError) as error:
        raise CloudError(f"the cluster's control plane did not do its part: {error}") from error
