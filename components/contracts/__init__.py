"""What a cloud must deliver to the platform, and nothing about any cloud."""

from components.contracts.cluster import Capabilities, Cluster, PullCredential, Registry
from components.contracts.databases import ManagedPostgres
from components.contracts.demands import BucketDemand, Demands, QueueDemand
from components.contracts.dns import Dns, SolverWebhook
from components.contracts.foundation import Foundation
from components.contracts.identities import (
    BACKUPS_WRITER,
    CERTIFICATES_SOLVER,
    DNS_WRITER,
    LOGS_WRITER,
    SECRET_STORE,
    SECRETS_READER,
    DaprSecretStore,
    ServiceAccount,
    WorkloadIdentity,
)
from components.contracts.queues import Queue
from components.contracts.stores import Bucket, ObjectStore, SecretStore, StaticKey

__all__ = [
    "BACKUPS_WRITER",
    "CERTIFICATES_SOLVER",
    "DNS_WRITER",
    "LOGS_WRITER",
    "SECRETS_READER",
    "SECRET_STORE",
    "Bucket",
    "BucketDemand",
    "Capabilities",
    "Cluster",
    "DaprSecretStore",
    "Demands",
    "Dns",
    "Foundation",
    "ManagedPostgres",
    "ObjectStore",
    "PullCredential",
    "Queue",
    "QueueDemand",
    "Registry",
    "SecretStore",
    "ServiceAccount",
    "SolverWebhook",
    "StaticKey",
    "WorkloadIdentity",
]
