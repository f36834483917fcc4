"""What a cloud must deliver to the platform, and nothing about any cloud."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pulumi
import pulumi_kubernetes as kubernetes

from components.network.cluster_network import ClusterNetwork


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A Kubernetes cluster, usable before its nodes exist."""

    name: pulumi.Input[str]
    """Name of the cluster, as its cloud shows it."""

    provider: kubernetes.Provider
    """Reaches the Kubernetes API. Ready as soon as the API is; holds no credential."""

    nodes: Sequence[pulumi.Resource]
    """What running pods need: node pools, and the way to images. What needs only the API does not depend on it."""

    access_command: pulumi.Input[str]
    """Command that gives a person's kubectl access to the cluster."""


@dataclass(frozen=True, kw_only=True)
class PullCredential:
    """A user and token of a registry, for registries that nodes cannot pull from by their own identity."""

    generation: str
    """Differs from that of every other token. Part of the Secret's name: a new token brings new pods."""

    server: str
    """Host of the registry."""

    username: pulumi.Input[str]
    """Whose token it is."""

    token: pulumi.Input[str]
    """Proves it. A secret since it was generated; pods get it by the name of a Secret alone."""


@dataclass(frozen=True, kw_only=True)
class Registry:
    """Where the images of the application services are pulled from."""

    image_prefix: pulumi.Input[str]
    """What stands before `/<workload>/<service>:<tag>` in the name of an image."""

    pull_credential: PullCredential | None = None
    """What pods pull with, where the nodes' identity is not enough."""


@dataclass(frozen=True, kw_only=True)
class ServiceAccount:
    """A Kubernetes service account, by name."""

    namespace: str
    name: str

    @property
    def in_one_word(self) -> str:
        """Both names in one, which no other account has: neither can have an underscore."""
        return f"{self.namespace}_{self.name}"


LOGS_WRITER = ServiceAccount(namespace="logging", name="loki")
"""The service account that may use the log store, and no other bucket."""

BACKUPS_WRITER = ServiceAccount(namespace="velero", name="velero")
"""The service account that may use the backup store, and no other bucket."""

SECRETS_READER = ServiceAccount(namespace="external-secrets", name="external-secrets")
"""The service account that may read the secret store."""

CERTIFICATES_SOLVER = ServiceAccount(namespace="cert-manager", name="cert-manager")
"""The service account that proves, by records in the zone, that the stack owns its domain. Where cert-manager leaves
that to a webhook, its account stands in this one's place: `Dns.solver_identity` says which it is."""

DNS_WRITER = ServiceAccount(namespace="external-dns", name="external-dns")
"""The service account that writes the records of the stack's hosts."""


@dataclass(frozen=True, kw_only=True)
class DaprSecretStore:
    """How Dapr reads a vault by the identity of the pods: a component of it."""

    type: str
    """Type of the component, of the version v1."""

    metadata: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """Its settings: where the vault is. Nothing in it is secret."""


@dataclass(frozen=True, kw_only=True)
class WorkloadIdentity:
    """What makes the pods of one service account a principal of the cloud."""

    service_account: ServiceAccount
    annotations: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """Annotations of the service account."""

    pod_labels: Mapping[str, str] = field(default_factory=dict[str, str])
    """Labels of the pods."""

    env: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """Environment of the containers: what the cloud's libraries look for."""

    mounts_token: bool = False
    """Whether the containers need the service account's own token mounted."""

    secret_store: DaprSecretStore | None = None
    """How Dapr reads the secrets of the account's workload; none where it does not know the cloud's vault."""

    grants: Sequence[pulumi.Resource] = ()
    """The grants. Pods that use the identity depend on them."""


SECRET_STORE = "SECRET_STORE"
"""Variable in the environment of a principal's containers: where in the cloud the secrets of its workload are."""


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

    velero_location: Mapping[str, Any] | None = None
    """What an entry of `configuration.backupStorageLocation` of Velero's chart says of the store; none where Velero has
    no plugin for its kind."""

    url: pulumi.Input[str] | None = None
    """The bucket as programs write it that keep databases: `gs://bucket`, `s3://bucket`, or the address of a container
    in a storage account; none where it is a volume."""

    endpoint: pulumi.Input[str] | None = None
    """Where the store speaks the S3 protocol, where it does."""

    region: str | None = None
    """What requests of the S3 protocol are signed for."""

    writers: Mapping[ServiceAccount, WorkloadIdentity]
    """Who may read and write the bucket: these, and nobody else."""

    key: StaticKey | None = None
    """What the pods prove their identity with, where the store does not take that of their service account."""

    @property
    def identity(self) -> WorkloadIdentity:
        """That of the writer, of a store which has one."""
        (identity,) = self.writers.values()
        return identity


@dataclass(frozen=True, kw_only=True)
class SecretStore:
    """Where the values come from that people keep out of the code: the cloud's own vault."""

    vault: pulumi.Input[str]
    """The vault, as people and the cloud's own command name it."""

    provider: Mapping[str, Any]
    """The `spec.provider` block of an External Secrets `ClusterSecretStore`."""

    reader: WorkloadIdentity
    """Who may read every secret of the store, and change none."""

    field: str | None = None
    """The field of a secret that holds its value; none in a vault whose secrets are one value each."""


@dataclass(frozen=True, kw_only=True)
class SolverWebhook:
    """A program that answers challenges for a DNS that cert-manager knows no solver for."""

    image: str
    """Its image, with the tag."""

    group: str
    """The API group that it serves, and that the issuer names: `groupName`."""


@dataclass(frozen=True, kw_only=True)
class Dns:
    """The public zone of the stack's domain, and who may write in it."""

    name_servers: pulumi.Input[Sequence[str]]
    """What the zone above has to delegate the domain to."""

    solver: Mapping[str, Any]
    """The `dns01` block of a cert-manager issuer. One that names a webhook works beside `solver_webhook` alone."""

    solver_webhook: SolverWebhook | None = None
    """What answers challenges in cert-manager's place; cert-manager itself, if not given."""

    solver_identity: WorkloadIdentity
    """Who answers the challenges of a certificate authority."""

    external_dns: Mapping[str, Any]
    """Values of the external-dns chart: the provider, and how it finds the zone."""

    records_identity: WorkloadIdentity
    """Who writes the records of the stack's hosts."""


@dataclass(frozen=True, kw_only=True)
class ManagedPostgres:
    """PostgreSQL as the cloud runs it, reached from the stack's network alone."""

    host: pulumi.Input[str]
    """Name or address of the primary."""

    port: int

    username: pulumi.Input[str]
    """The administrator, who creates databases and their users."""

    password: pulumi.Input[str]
    """The administrator's password. Generated, and a secret since then."""

    ssl_mode: Literal["verify-full", "verify-ca"]
    """The strictest `sslmode` of a client that the server passes: `verify-full` where its certificate has the name in
    `host`, else `verify-ca`. https://www.postgresql.org/docs/current/libpq-ssl.html"""

    server_ca: pulumi.Input[str] | None = None
    """Authority of the server's certificate, in PEM; one that every client trusts, if not given."""

    ready: Sequence[pulumi.Resource]
    """What has to be there before a client connects."""


@dataclass(frozen=True, kw_only=True)
class BucketDemand:
    """A bucket that a workload asks for."""

    workload: str
    """Name of the workload."""

    name: str
    """What the workload calls it."""

    expire_days: int | None = None
    """Age in days at which objects are deleted; never, if not given."""

    old_version_days: int | None = 30
    """Days that an overwritten or deleted object can be brought back; not at all, if not given."""

    writers: Sequence[ServiceAccount] = ()
    """Whose pods read, write, list and delete objects."""

    readers: Sequence[ServiceAccount] = ()
    """Whose pods read and list objects, and change none."""


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """A workload's bucket. Pods use it by the identity of their service account: there is no key."""

    variables: Mapping[str, pulumi.Input[str]]
    """What the cloud's library has to be told, by name: `BUCKET`, and what else it finds the bucket by."""

    grants: Mapping[ServiceAccount, Sequence[pulumi.Resource]]
    """By service account, what its pods wait for."""


@dataclass(frozen=True, kw_only=True)
class Demands:
    """What the workloads ask of a cloud."""

    images: Sequence[str] = ()
    """Images that are pulled, as `<workload>/<service>`: some registries want a repository for each before a push."""

    principals: Sequence[ServiceAccount] = ()
    """Service accounts of services that are principals of the cloud, each in its workload's namespace."""

    database_backups: Sequence[ServiceAccount] = ()
    """Service accounts whose pods back up databases of the cluster, each in its workload's namespace."""

    buckets: Sequence[BucketDemand] = ()
    """Buckets of workloads. Whoever uses one is among the principals."""


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

    metrics_server: bool
    """Whether the cloud brings metrics-server, which tells autoscalers what pods use."""

    kubelet_certificates: bool = True
    """Whether the cluster's authority signed the certificates that kubelets show."""

    load_balancer_annotations: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """Annotations of a Service of type LoadBalancer that faces the internet and keeps the client's address."""


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

    capabilities: Capabilities
    network: ClusterNetwork
    """Addresses that are no pods."""
