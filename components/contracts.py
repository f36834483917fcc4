"""What a cloud must deliver to the platform, and nothing about any cloud."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pulumi
import pulumi_kubernetes as kubernetes


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A Kubernetes cluster, usable before its nodes exist."""

    name: pulumi.Input[str]
    """Name of the cluster, as its cloud shows it."""

    provider: kubernetes.Provider
    """Reaches the Kubernetes API. Ready as soon as the API is; holds no credential."""

    nodes: Sequence[pulumi.Resource]
    """The node pools. What waits for running pods depends on them; what needs only the API does not."""

    access_command: pulumi.Input[str]
    """Command that gives a person's kubectl access to the cluster."""


@dataclass(frozen=True, kw_only=True)
class Registry:
    """Where the images of the application services are pulled from."""

    image_prefix: pulumi.Input[str]
    """What stands before `/<workload>/<service>:<tag>` in the name of an image."""


@dataclass(frozen=True, kw_only=True)
class ServiceAccount:
    """A Kubernetes service account, by name."""

    namespace: str
    name: str


LOGS_WRITER = ServiceAccount(namespace="logging", name="loki")
"""The service account that may use the log store, and no other bucket."""

BACKUPS_WRITER = ServiceAccount(namespace="velero", name="velero")
"""The service account that may use the backup store, and no other bucket."""


@dataclass(frozen=True, kw_only=True)
class WorkloadIdentity:
    """What makes the pods of one service account a principal of the cloud."""

    service_account: ServiceAccount
    annotations: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """Annotations of the service account."""

    pod_labels: Mapping[str, str] = field(default_factory=dict[str, str])
    """Labels of the pods."""

    grants: Sequence[pulumi.Resource] = ()
    """The grants. Pods that use the identity depend on them."""


@dataclass(frozen=True, kw_only=True)
class StaticKey:
    """A key pair of the S3 protocol, for stores that know no workload identity."""

    generation: str
    """Differs from that of every other key of the store. Part of the Secret's name: a new key brings new pods."""

    access_key_id: pulumi.Input[str]
    """Names the key."""

    secret_access_key: pulumi.Input[str]
    """Proves it. A secret since it was generated; pods get it by the name of a Secret alone."""


@dataclass(frozen=True, kw_only=True)
class ObjectStore:
    """A place for objects, with the exact chart settings that its users need."""

    bucket: pulumi.Input[str]
    """Name of the bucket, or what stands for it."""

    kind: Literal["gcs", "azure", "s3", "filesystem"]
    """What Loki calls this kind of store."""

    loki_storage: Mapping[str, Any]
    """The `loki.storage` block of the Loki chart."""

    identity: WorkloadIdentity
    """Who may read and write the bucket."""

    key: StaticKey | None = None
    """What the pods prove their identity with, where the store does not take that of their service account."""


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What the platform has to know of the cluster that it runs on."""

    storage_class: str
    """StorageClass of claims."""

    control_plane_metrics: bool
    """Whether scheduler, controller manager and etcd can be scraped. Managed control planes hide them."""

    kube_proxy_metrics: bool
    """Whether there is a kube-proxy that can be scraped."""

    cluster_dns: Literal["coredns", "kube-dns"]
    """Which server answers the cluster's DNS."""


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """All that the platform stands on."""

    cluster: Cluster
    registry: Registry
    logs: ObjectStore
    backups: ObjectStore
    capabilities: Capabilities
