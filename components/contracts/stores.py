"""Stores of objects and of secrets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pulumi

from components.contracts.identities import ServiceAccount, WorkloadIdentity


@dataclass(frozen=True, kw_only=True)
class StaticKey:
    """A key pair of the S3 protocol, for stores that know no workload identity."""

    generation: str
    """Differs from that of every other key of the store. Part of the Secret's name: a new key brings new pods."""

    access_key_id: pulumi.Input[str]
    """Names the key."""

    secret_access_key: pulumi.Input[str]
    """Proves it. A secret since it was generated; pods get it by the name of a Secret alone."""

    grants: Sequence[pulumi.Resource] = ()
    """The bucket, and what lets the key into it. Pods that use the key depend on them."""


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
class Bucket:
    """A workload's bucket. Pods use it by the identity of their service account: there is no key."""

    variables: Mapping[str, pulumi.Input[str]]
    """What the cloud's library has to be told, by name: `BUCKET`, and what else it finds the bucket by."""

    grants: Mapping[ServiceAccount, Sequence[pulumi.Resource]]
    """By service account, what its pods wait for."""
