"""The namespaces that are the platform's own, whichever of its parts a stack has."""

from typing import Final

from components import contracts
from components.namespaces import (
    CLOUDNATIVE_PG,
    CONSUL,
    DAPR,
    DATABASES,
    GATEWAY,
    KEDA,
    MONITORING,
    PERCONA_MONGODB,
    RABBITMQ_OPERATOR,
    RELOADER,
    STRIMZI,
    TRACING,
    VAULT,
)

IDENTITIES: Final = (
    contracts.LOGS_WRITER,
    contracts.BACKUPS_WRITER,
    contracts.SECRETS_READER,
    contracts.CERTIFICATES_SOLVER,
    contracts.DNS_WRITER,
)

OPERATORS: Final = (CLOUDNATIVE_PG, CONSUL, DAPR, KEDA, PERCONA_MONGODB, RABBITMQ_OPERATOR, RELOADER, STRIMZI)

OWN: Final = frozenset(
    {
        DATABASES,
        MONITORING,
        TRACING,
        GATEWAY,
        VAULT,
        "default",
        *OPERATORS,
        *(identity.namespace for identity in IDENTITIES),
    }
)
"""No workload can have one of these, nor one that begins with `KUBERNETES`."""

KUBERNETES: Final = "kube-"
"""What the names of Kubernetes' own namespaces begin with."""


def is_own(namespace: str) -> bool:
    """Whether no workload can have a namespace of this name."""
    return namespace in OWN or namespace.startswith(KUBERNETES)
