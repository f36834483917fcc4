"""Service accounts, and what makes their pods principals of a cloud."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi


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
