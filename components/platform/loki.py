"""Logs: Loki on the stack's object store."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import ObjectStore, StaticKey
from components.pod_resources import requests
from components.releases import ChartSource, release_args
from stacks.versions import LOKI, LOKI_IMAGE_TAGS

RELEASE = "loki"

SCHEMA_FROM = "2026-01-01"
"""First day of the schema. Never changes: data written before a later date would no longer be found."""


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
                name=RELEASE,
                namespace=namespace,
                values=loki_values(args),
                timeout=900,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=waits_for),
        )

        # Known before the release is there: collectors and Grafana retry, so nothing has to wait for it.
        self.query_url = pulumi.Output.from_input(f"http://{RELEASE}-gateway.{namespace}.svc")
        self.push_url = pulumi.Output.from_input(f"http://{RELEASE}-gateway.{namespace}.svc/loki/api/v1/push")
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
    return f"{RELEASE}-object-store-{key.generation}"


def loki_values(args: LokiArgs) -> dict[str, Any]:
    """Values of the Loki chart."""
    identity = args.store.identity
    return {
        "fullnameOverride": RELEASE,
        "deploymentMode": "Distributed" if args.high_availability else "Monolithic",
        "loki": loki_config(args),
        "serviceAccount": {
            "create": True,
            "name": identity.service_account.name,
            "annotations": dict(identity.annotations),
        },
        # The headless name must resolve before the first pod is ready, or it never joins the ring.
        "memberlist": {"service": {"publishNotReadyAddresses": True}},
        "gateway": {"replicas": 2 if args.high_availability else 1, "resources": requests("20m", "32Mi")},
        "chunksCache": cache(args.high_availability, memory_mb=2048),
        "resultsCache": cache(args.high_availability, memory_mb=512),
        "sidecar": {"rules": {"enabled": False}},
        "lokiCanary": {"enabled": False},
        "test": {"enabled": False},
        "monitoring": {"serviceMonitor": {"enabled": True}},
        "defaults": {"extraEnvFrom": environment(args.store.key)},
        "read": {"replicas": 0},
        "write": {"replicas": 0},
        "backend": {"replicas": 0},
        **(distributed(args.storage_class) if args.high_availability else monolithic(args.storage_class)),
    }


def environment(key: StaticKey | None) -> list[dict[str, Any]]:
    """Where the variables of every pod of Loki come from."""
    return [] if key is None else [{"secretRef": {"name": key_secret_name(key)}}]


def loki_config(args: LokiArgs) -> dict[str, Any]:
    """Loki's own configuration."""
    kind = args.store.kind
    return {
        "image": {"tag": LOKI_IMAGE_TAGS[kind]},
        "auth_enabled": False,
        "commonConfig": {"replication_factor": 3 if args.high_availability else 1},
        "storage": dict(args.store.loki_storage),
        "schemaConfig": {
            "configs": [
                {
                    "from": SCHEMA_FROM,
                    "store": "tsdb",
                    "object_store": kind,
                    "schema": "v13",
                    "index": {"prefix": "index_", "period": "24h"},
                }
            ]
        },
        "limits_config": {"retention_period": f"{args.retention_days * 24}h", "allow_structured_metadata": True},
        "compactor": {"retention_enabled": True, "delete_request_store": kind},
        "podLabels": dict(args.store.identity.pod_labels),
        "analytics": {"reporting_enabled": False},
    }


def monolithic(storage_class: str) -> dict[str, Any]:
    """One process that does everything."""
    persistence = {"enabled": True, "size": "10Gi", "storageClass": storage_class}
    return {"singleBinary": {"replicas": 1, "persistence": persistence, "resources": requests("100m", "512Mi")}}


def distributed(storage_class: str) -> dict[str, Any]:
    """Each part by itself, replicated and spread over zones."""
    volume = {"enabled": True, "size": "20Gi", "storageClass": storage_class}
    data = {"name": "data", "accessModes": ["ReadWriteOnce"], "size": "20Gi", "storageClass": storage_class}
    claims = {"enabled": True, "claims": [data]}
    return {
        "singleBinary": {"replicas": 0},
        "ingester": {
            **replicas(3, "ingester", "500m", "2Gi"),
            "persistence": claims,
            # It would render one StatefulSet a zone and want an operator; the spread over zones stands in its place.
            "zoneAwareReplication": {"enabled": False},
        },
        "distributor": replicas(3, "distributor", "200m", "256Mi"),
        "querier": replicas(3, "querier", "500m", "1Gi"),
        "queryFrontend": replicas(2, "query-frontend", "100m", "256Mi"),
        "queryScheduler": replicas(2, "query-scheduler", "50m", "128Mi"),
        "indexGateway": {**replicas(2, "index-gateway", "100m", "512Mi"), "persistence": volume},
        "compactor": {"replicas": 1, "resources": requests("100m", "512Mi"), "persistence": claims},
        "ruler": {"replicas": 0},
    }


def replicas(count: int, component: str, cpu: str, memory: str) -> dict[str, Any]:
    """A part of Loki, one pod of it lost at a time, its pods in different zones while there are enough of them."""
    spread = {
        "maxSkew": 1,
        "topologyKey": "topology.kubernetes.io/zone",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"app.kubernetes.io/component": component}},
    }
    return {
        "replicas": count,
        "maxUnavailable": 1,
        "resources": requests(cpu, memory),
        "topologySpreadConstraints": [spread],
    }


def cache(enabled: bool, *, memory_mb: int) -> dict[str, Any]:
    """A memcached before the object store. The chart's own size, 8 GiB, would not fit a small node."""
    return {"enabled": True, "allocatedMemory": memory_mb, "replicas": 2} if enabled else {"enabled": False}
