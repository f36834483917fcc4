"""Backups of PostgreSQL in the cluster: base backups every night, and every change as it is made, in an object store.

The plugin of CloudNativePG is a container beside each instance, which runs `barman-cloud` for it:
https://cloudnative-pg.io/plugin-barman-cloud/docs/
"""

from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import ObjectStore, WorkloadIdentity
from components.pod_resources import requests

PLUGIN: Final = "barman-cloud.cloudnative-pg.io"
"""Name of the plugin, in clusters and backups."""

ACCESS_KEY, SECRET_KEY = "ACCESS_KEY_ID", "SECRET_ACCESS_KEY"
"""Entries of the Secret with the store's key."""

UNCHECKED: Final = ("AWS_REQUEST_CHECKSUM_CALCULATION", "AWS_RESPONSE_CHECKSUM_VALIDATION")
"""What tells the client to add no checksums of its own: stores that only speak as S3 does refuse them.
https://cloudnative-pg.io/plugin-barman-cloud/docs/object_stores/#s3-compatible-storage-providers"""


CPU: Final = "20m"
"""What the container beside each instance asks for. While it compresses a base backup it takes what there is."""


@dataclass(frozen=True, kw_only=True)
class BackupPlan:
    """Where a cluster is backed up, when, and for how long."""

    store: ObjectStore
    """The store."""

    identity: WorkloadIdentity
    """What makes the cluster's pods a principal that may write to it."""

    hour: int
    """Hour of the day, in UTC, of the base backup."""

    keep_days: int
    """Days back that the cluster can be restored to any moment of."""

    memory: str
    """What the container beside each instance asks for, and its limit."""

    plugin: pulumi.Resource
    """The release of the plugin."""


@dataclass(frozen=True, kw_only=True)
class PostgresBackupsArgs:
    cluster: str
    """Name of the cluster, and of what is made here."""

    workload: str
    """Name of the workload; its namespace has the same name."""

    plan: BackupPlan
    """Where, when and for how long."""

    namespace: pulumi.Resource
    """The namespace."""


class PostgresBackups(pulumi.ComponentResource):
    """The store of one cluster, and what a cluster waits for that writes into it."""

    def __init__(self, name: str, args: PostgresBackupsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:PostgresBackups", name, {}, opts)
        plan = args.plan
        key = [] if plan.store.key is None else [self._key(name, args)]
        store = kubernetes.apiextensions.CustomResource(
            f"{name}-store",
            api_version="barmancloud.cnpg.io/v1",
            kind="ObjectStore",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=args.cluster, namespace=args.workload),
            spec=store_spec(args),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, plan.plugin, *key]),
        )
        self.ready = [store, *plan.identity.grants]
        self.register_outputs({})

    def _key(self, name: str, args: PostgresBackupsArgs) -> kubernetes.core.v1.Secret:
        """The store's key. It is read anew for each backup."""
        key = args.plan.store.key
        assert key is not None, "asked for where there is one"
        return kubernetes.core.v1.Secret(
            f"{name}-key",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=key_name(args.cluster), namespace=args.workload),
            string_data={ACCESS_KEY: key.access_key_id, SECRET_KEY: key.secret_access_key},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace]),
        )


def key_name(cluster: str) -> str:
    """Name of the Secret with the store's key."""
    return f"{cluster}-backups"


def store_spec(args: PostgresBackupsArgs) -> dict[str, Any]:
    """The store, as the plugin reads it. https://cloudnative-pg.io/plugin-barman-cloud/docs/plugin-barman-cloud.v1/"""
    plan, store = args.plan, args.plan.store
    sidecar: dict[str, Any] = {"resources": requests(CPU, plan.memory)}
    if store.kind == "s3":
        sidecar["env"] = [
            {"name": "AWS_DEFAULT_REGION", "value": store.region},
            *({"name": name, "value": "when_required"} for name in UNCHECKED),
        ]
    assert store.url is not None, "asked for where there is a store"
    return {
        "configuration": {
            # The name of the cluster comes after it.
            "destinationPath": pulumi.Output.concat(store.url, f"/{args.workload}"),
            **credentials(args.cluster, store),
            "wal": {"compression": "gzip", "maxParallel": 4},
            "data": {"compression": "gzip", "jobs": 2},
        },
        "retentionPolicy": f"{plan.keep_days}d",
        "instanceSidecarConfiguration": sidecar,
    }


def credentials(cluster: str, store: ObjectStore) -> dict[str, Any]:
    """How the store is told who asks: by the pod's own identity, or by a key."""
    if store.kind == "gcs":
        return {"googleCredentials": {"gkeEnvironment": True}}
    if store.kind == "azure":
        return {"azureCredentials": {"inheritFromAzureAD": True}}
    secret = key_name(cluster)
    return {
        "endpointURL": store.endpoint,
        "s3Credentials": {
            "accessKeyId": {"name": secret, "key": ACCESS_KEY},
            "secretAccessKey": {"name": secret, "key": SECRET_KEY},
        },
    }


def plugin_spec(cluster: str, identity: WorkloadIdentity) -> dict[str, Any]:
    """What the cluster itself says of its backups: the plugin, and who its pods are to the cloud."""
    archiver = {"name": PLUGIN, "isWALArchiver": True, "parameters": {"barmanObjectName": cluster}}
    spec: dict[str, Any] = {"plugins": [archiver]}
    if identity.pod_labels:
        spec["inheritedMetadata"] = {"labels": {**identity.pod_labels}}
    if identity.annotations:
        spec["serviceAccountTemplate"] = {"metadata": {"annotations": {**identity.annotations}}}
    return spec


def schedule_spec(cluster: str, hour: int) -> dict[str, Any]:
    """A base backup every night, by a standby where there is one, and one at once. Six fields, seconds first."""
    return {
        "schedule": f"0 0 {hour} * * *",
        "immediate": True,
        "backupOwnerReference": "self",
        "cluster": {"name": cluster},
        "method": "plugin",
        "pluginConfiguration": {"name": PLUGIN},
        "target": "prefer-standby",
    }
