"""Logs: Loki on the stack's object store. Its own configuration is in `loki_config.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import ObjectStore, StaticKey
from components.platform.loki_caches import CHUNKS_MB, RESULTS_MB
from components.platform.loki_config import SERVICES, LokiStorage, loki_config
from components.platform.loki_parts import cache, distributed_parts
from components.pod_resources import requests
from components.priorities import PLATFORM
from components.releases import ChartSource, release_args
from stacks.versions import LOKI, LOKI_IMAGE_TAGS


@dataclass(frozen=True, kw_only=True)
class LokiArgs:
    store: ObjectStore
    """Where log chunks and the index are kept."""

    retention_days: int
    """How long logs are kept, in days."""

    high_availability: bool
    """Whether Loki runs as separate, replicated parts spread over zones; else as one process."""

    storage_class: str
    """StorageClass of the write-ahead log's volumes."""

    namespace: pulumi.Resource
    """The namespace that Loki runs in."""

    service_monitors: pulumi.Resource
    """The ServiceMonitor definition, which the release makes use of."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""

    charts: ChartSource
    """Where charts come from."""


class Loki(pulumi.ComponentResource):
    """Stores logs in object storage and tells others where to push and to query them."""

    push_url: pulumi.Output[str]
    """Where collectors send logs."""

    query_url: pulumi.Output[str]
    """Where Grafana asks for logs."""

    def __init__(self, name: str, args: LokiArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Loki", name, {}, opts)
        writer = args.store.identity
        waits_for = [args.namespace, args.service_monitors, *args.nodes, *writer.grants]
        namespace = writer.service_account.namespace
        if args.store.key is not None:
            waits_for.append(self._key_secret(f"{name}-object-store", args.store.key, namespace, args.namespace))
        kubernetes.helm.v3.Release(
            f"{name}-release",
            release_args(
                args.charts.locate(LOKI),
                name=SERVICES,
                namespace=namespace,
                values=loki_values(args),
                timeout=900,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=waits_for),
        )

        # Known before the release is there: collectors and Grafana retry, so nothing has to wait for it.
        self.query_url = pulumi.Output.from_input(f"http://{SERVICES}-gateway.{namespace}.svc")
        self.push_url = pulumi.Output.from_input(f"http://{SERVICES}-gateway.{namespace}.svc/loki/api/v1/push")
        self.register_outputs({"push_url": self.push_url, "query_url": self.query_url})

    def _key_secret(self, name: str, key: StaticKey, namespace: str, exists: pulumi.Resource) -> pulumi.Resource:
        """The store's key in the variables that Loki's S3 client reads where its configuration names no key."""
        return kubernetes.core.v1.Secret(
            name,
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=key_secret_name(key), namespace=namespace),
            string_data={"AWS_ACCESS_KEY_ID": key.access_key_id, "AWS_SECRET_ACCESS_KEY": key.secret_access_key},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[exists]),
        )


def key_secret_name(key: StaticKey) -> str:
    """Name of the Secret with the store's key. Pods do not notice a Secret that changes, but one of another name."""
    return f"{SERVICES}-object-store-{key.generation}"


def loki_values(args: LokiArgs) -> dict[str, Any]:
    """Values of the Loki chart."""
    identity, distributed = args.store.identity, args.high_availability
    return {
        "fullnameOverride": SERVICES,
        "deploymentMode": "Distributed" if distributed else "Monolithic",
        "loki": {
            "image": {"tag": LOKI_IMAGE_TAGS[args.store.kind]},
            "auth_enabled": False,
            # What the chart itself has to know of the store. The configuration below has its own words for it.
            "storage": dict(args.store.loki_storage),
            "podLabels": dict(identity.pod_labels),
            # The second is laid over the first, which is the chart's template if it is not given.
            "config": "{}",
            "structuredConfig": loki_config(kept(args), distributed=distributed),
        },
        "serviceAccount": {
            "create": True,
            "name": identity.service_account.name,
            "annotations": dict(identity.annotations),
        },
        # Members find each other before any is ready, or none ever is.
        "memberlist": {"service": {"publishNotReadyAddresses": True}},
        "gateway": {
            "replicas": 2 if distributed else 1,
            "resources": requests("20m", "64Mi") if distributed else requests("10m", "48Mi"),
            # Each push would be logged, and that line pushed.
            "verboseLogging": False,
            "metrics": {"enabled": False},
        },
        "chunksCache": cache(distributed, "chunks-cache", cpu="100m", memory_mb=CHUNKS_MB),
        "resultsCache": cache(distributed, "results-cache", cpu="50m", memory_mb=RESULTS_MB),
        # Loki counts the hits and misses of its caches itself.
        "memcachedExporter": {"enabled": False},
        "sidecar": {"rules": {"enabled": False}},
        "rbac": {"namespaced": True},
        "ruler": {"enabled": False},
        "lokiCanary": {"enabled": False},
        "test": {"enabled": False},
        "monitoring": {"serviceMonitor": {"enabled": True}},
        "defaults": {
            "extraEnvFrom": environment(args.store.key),
            "automountServiceAccountToken": False,
            "priorityClassName": PLATFORM,
        },
        "read": {"replicas": 0},
        "write": {"replicas": 0},
        "backend": {"replicas": 0},
        **(distributed_parts(args.storage_class) if distributed else monolithic(args.storage_class)),
    }


def kept(args: LokiArgs) -> LokiStorage:
    """What the configuration has to know of the store."""
    return LokiStorage(kind=args.store.kind, storage=args.store.loki_storage, retention_days=args.retention_days)


def environment(key: StaticKey | None) -> list[dict[str, Any]]:
    """Where the variables of every pod of Loki come from."""
    return [] if key is None else [{"secretRef": {"name": key_secret_name(key)}}]


def monolithic(storage_class: str) -> dict[str, Any]:
    """One process that does everything."""
    persistence = {"enabled": True, "size": "10Gi", "storageClass": storage_class}
    return {"singleBinary": {"replicas": 1, "persistence": persistence, "resources": requests("100m", "448Mi")}}
