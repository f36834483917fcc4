"""All that the platform stands on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from components.contracts.cluster import Capabilities, Cluster, Registry
from components.contracts.databases import ManagedPostgres
from components.contracts.dns import Dns
from components.contracts.identities import ServiceAccount, WorkloadIdentity
from components.contracts.queues import Queue
from components.contracts.stores import Bucket, ObjectStore, SecretStore
from components.network.cluster_network import ClusterNetwork


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """All that the platform stands on."""

    cluster: Cluster
    registry: Registry
    logs: ObjectStore
    backups: ObjectStore
    database_backups: ObjectStore
    """Where databases of the cluster are backed up, each below the names of its workload and its own."""

    secrets: SecretStore
    dns: Dns | None = None
    """The zone of the stack's domain; none on a cluster that nobody outside reaches."""

    postgres: ManagedPostgres | None = None
    """The cloud's PostgreSQL, where the stack chose it; else databases run in the cluster."""

    principals: Mapping[ServiceAccount, WorkloadIdentity]
    """The identities that the workloads asked for. Each may read its own workload's secrets in the cloud's vault, and
    no more; where no cloud runs the cluster, it is a service account like any other."""

    buckets: Mapping[tuple[str, str], Bucket] = field(default_factory=dict[tuple[str, str], Bucket])
    """The buckets that the workloads asked for, by workload and name."""

    queues: Mapping[tuple[str, str], Queue] = field(default_factory=dict[tuple[str, str], Queue])
    """The queues that the workloads asked for, by workload and name."""

    capabilities: Capabilities
    network: ClusterNetwork
    """Addresses that are no pods."""
