"""Backups of MongoDB by its operator: daily ones, and every operation in between.

Percona Backup for MongoDB knows keys alone, of the S3 protocol and others, and no identity of a cloud:
https://docs.percona.com/percona-operator-for-mongodb/backups-storage.html
"""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import ObjectStore, StaticKey
from components.data.mongodb_objects import CONTAINER
from components.pod_resources import requests
from stacks.versions import MONGODB_BACKUP_IMAGE

STORE: Final = "store"
"""What the operator calls the one store."""

SCHEDULE: Final = "17 1 * * *"
"""When a backup begins, in UTC: https://en.wikipedia.org/wiki/Cron"""


@dataclass(frozen=True, kw_only=True)
class MongodbBackups:
    """A store of the S3 protocol."""

    bucket: pulumi.Input[str]
    """Name of the bucket."""

    endpoint: pulumi.Input[str]
    """Where it is: `https://` and a host."""

    region: str
    """Its region."""

    key: StaticKey
    """What the members prove themselves with."""

    keep: int
    """How many backups are kept; older ones are deleted."""


def backups_in(store: ObjectStore, keep: int) -> MongodbBackups | None:
    """The store, where it is one that takes keys."""
    if store.key is None or store.kind != "s3":
        return None
    s3 = store.loki_storage["s3"]
    return MongodbBackups(bucket=store.bucket, endpoint=s3["endpoint"], region=s3["region"], key=store.key, keep=keep)


def credentials_name(cluster: str, key: StaticKey) -> str:
    """Name of the Secret with the key. A new key brings a new one."""
    return f"{cluster}-backups-{key.generation}"


def credentials(
    name: str, workload: str, cluster: str, backups: MongodbBackups | None, opts: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
    """The Secret with the key, where there is one."""
    if backups is None:
        return []
    secret = kubernetes.core.v1.Secret(
        f"{name}-key",
        metadata=kubernetes.meta.v1.ObjectMetaArgs(name=credentials_name(cluster, backups.key), namespace=workload),
        string_data={
            "AWS_ACCESS_KEY_ID": backups.key.access_key_id,
            "AWS_SECRET_ACCESS_KEY": backups.key.secret_access_key,
        },
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[*backups.key.grants])),
    )
    return [secret]


def backup_spec(workload: str, cluster: str, backups: MongodbBackups | None) -> dict[str, Any]:
    """What the operator is told of backups. Every ten minutes it keeps what has been done since."""
    if backups is None:
        return {"enabled": False, "image": MONGODB_BACKUP_IMAGE}
    return {
        "enabled": True,
        "image": MONGODB_BACKUP_IMAGE,
        "containerSecurityContext": dict(CONTAINER),
        "resources": requests("10m", "128Mi"),
        "storages": {
            STORE: {
                # The client of AWS sends checksums that other stores refuse.
                "type": "minio",
                "minio": {
                    "bucket": backups.bucket,
                    "endpointUrl": pulumi.Output.from_input(backups.endpoint).apply(host_of),
                    "region": backups.region,
                    "prefix": f"{workload}/{cluster}",
                    "secure": True,
                    "forcePathStyle": True,
                    "credentialsSecret": credentials_name(cluster, backups.key),
                },
            }
        },
        "tasks": [
            {
                "name": "daily",
                "enabled": True,
                "schedule": SCHEDULE,
                "storageName": STORE,
                "compressionType": "gzip",
                "retention": {"type": "count", "count": backups.keep, "deleteFromStorage": True},
            }
        ],
        "pitr": {"enabled": True, "compressionType": "gzip"},
    }


def host_of(endpoint: str) -> str:
    """The client wants the host alone."""
    return urlsplit(endpoint).netloc or endpoint
