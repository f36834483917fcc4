"""Loki's own configuration, whole. Deployed, verified by `loki -verify-config` and run in the live proof as is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from components.platform.loki_caches import chunk_cache, results_cache
from components.platform.loki_limits import limits

SCHEMA_FROM = "2026-01-01"
"""First day of the schema. Never changes: data written before a later date would no longer be found."""

SERVICES = "loki"
"""What the names of the release and its Services begin with."""

HTTP_PORT = 3100
GRPC_PORT = 9095


@dataclass(frozen=True, kw_only=True)
class LokiStorage:
    """What is kept where, and for how long."""

    kind: Literal["gcs", "azure", "s3", "filesystem"]
    """What Loki calls this kind of store."""

    storage: Mapping[str, Any]
    """The `loki.storage` block of the Loki chart for it."""

    retention_days: int
    """How long logs are kept, in days."""


@dataclass(frozen=True, kw_only=True)
class LokiPlace:
    """Where the parts of Loki listen, find each other and keep what is on its way to the store."""

    folder: str = "/var/loki"
    """Write-ahead log, index on its way to the store, compactor's work. The pods' volume is mounted here."""

    http_port: int = HTTP_PORT
    grpc_port: int = GRPC_PORT

    listen_address: str = ""
    """The address to listen at, and to be found by: every one of the pod's, if empty."""

    services: str = SERVICES
    """What the names of the Services begin with."""

    domain: str = "logging.svc.cluster.local"
    """What stands behind the name of a Service."""

    runtime_config: str | None = "/etc/loki/runtime-config/runtime-config.yaml"
    """File with limits that are read again while Loki runs, which the chart mounts."""

    def grpc(self, service: str) -> str:
        """Address of a part by the name of its Service. What listens at one address is found there."""
        host = self.listen_address or f"{service}.{self.domain}"
        return f"{host}:{self.grpc_port}"


IN_CLUSTER = LokiPlace()
"""The names that the chart gives its Services in the namespace of logs."""


def loki_config(kept: LokiStorage, *, distributed: bool, place: LokiPlace = IN_CLUSTER) -> dict[str, Any]:
    """Loki's configuration, as parts that are replicated or as one process.

    The chart would write one of its own from a hundred values. This is the same for each part of one deployment and
    names all that we rely on, so that what is verified and what runs are one.
    https://grafana.com/docs/loki/latest/configure/
    """
    runtime = {} if place.runtime_config is None else {"runtime_config": {"file": place.runtime_config}}
    return {
        "auth_enabled": False,
        "analytics": {"reporting_enabled": False},
        "server": server(place),
        "common": common(kept, distributed, place),
        "schema_config": schema_config(kept.kind),
        "storage_config": storage_config(kept.kind, distributed, place),
        "limits_config": limits(kept.retention_days, distributed=distributed),
        "compactor": compactor(kept.kind, place),
        "ingester": ingester(distributed),
        "chunk_store_config": {"chunk_cache_config": chunk_cache(distributed, place.services, place.domain)},
        "query_range": {
            "align_queries_with_step": True,
            "cache_results": True,
            "results_cache": {"cache": results_cache(distributed, place.services, place.domain)},
        },
        # Rules are Prometheus' here. The one process brings a ruler all the same: it looks for rules once a day.
        "ruler": {"enable_api": False, "poll_interval": "24h"},
        "tracing": {"enabled": False},
        **rings(distributed, place),
        **queries(distributed, place),
        **runtime,
    }


def server(place: LokiPlace) -> dict[str, Any]:
    """Both listeners. Queries answer with more than the 4 MiB that gRPC allows by itself."""
    listen = {} if not place.listen_address else {
        "http_listen_address": place.listen_address,
        "grpc_listen_address": place.listen_address,
    }  # fmt: skip
    return {
        **listen,
        "http_listen_port": place.http_port,
        "grpc_listen_port": place.grpc_port,
        "grpc_server_max_recv_msg_size": 100 << 20,
        "grpc_server_max_send_msg_size": 100 << 20,
        # Parts that ping more often than a server allows are cut off: https://grpc.io/docs/guides/keepalive/
        "grpc_server_min_time_between_pings": "10s",
        "grpc_server_ping_without_stream_allowed": True,
        "http_server_read_timeout": "10m",
        "http_server_write_timeout": "10m",
        "log_level": "info",
    }


def common(kept: LokiStorage, distributed: bool, place: LokiPlace) -> dict[str, Any]:
    """What every part shares: replicas of a stream, folders, the store, the way to the compactor."""
    compactor_service = f"{place.services}-compactor" if distributed else place.services
    found_at = {"instance_addr": place.listen_address} if place.listen_address else {}
    # Without members to join, Loki would look for a Consul server.
    ring = {} if distributed else {"ring": {"kvstore": {"store": "inmemory"}}}
    return {
        **found_at,
        **ring,
        "path_prefix": place.folder,
        "replication_factor": 3 if distributed else 1,
        "compactor_grpc_address": place.grpc(compactor_service),
        "storage": {kept.kind: store(kept, place)},
    }


def store(kept: LokiStorage, place: LokiPlace) -> dict[str, Any]:
    """The store, as Loki calls its settings. Credentials come from the pod: its identity, or AWS_* variables."""
    buckets, given = kept.storage.get("bucketNames", {}), kept.storage.get(kept.kind, {})
    match kept.kind:
        case "gcs":
            return {"bucket_name": buckets["chunks"]}
        case "azure":
            return {
                "account_name": given["accountName"],
                "container_name": buckets["chunks"],
                "use_federated_token": given["useFederatedToken"],
            }
        case "s3":
            return {
                "bucketnames": buckets["chunks"],
                "endpoint": given["endpoint"],
                "region": given["region"],
                "s3forcepathstyle": given["s3ForcePathStyle"],
            }
        case "filesystem":
            return {"chunks_directory": f"{place.folder}/chunks", "rules_directory": f"{place.folder}/rules"}


def schema_config(kind: str) -> dict[str, Any]:
    """TSDB index, schema 13: the one that has structured metadata."""
    index = {"prefix": "index_", "period": "24h"}
    return {"configs": [{"from": SCHEMA_FROM, "store": "tsdb", "object_store": kind, "schema": "v13", "index": index}]}


def storage_config(kind: str, distributed: bool, place: LokiPlace) -> dict[str, Any]:
    """How the index is read, and that what a bucket answers late is asked for again."""
    found: dict[str, Any] = {}
    if distributed:
        address = f"dns+{place.grpc(f'{place.services}-index-gateway-headless')}"
        found["tsdb_shipper"] = {"index_gateway_client": {"server_address": address}}
    if kind != "filesystem":
        found["hedging"] = {"at": "250ms", "max_per_second": 20, "up_to": 3}
    return found


def rings(distributed: bool, place: LokiPlace) -> dict[str, Any]:
    """Where it is told which part owns which streams: among the parts, or in the memory of the one process."""
    if not distributed:
        return {}
    return {
        "memberlist": {"join_members": [f"{place.services}-memberlist.{place.domain}"], "rejoin_interval": "90s"},
    }


def compactor(kind: str, place: LokiPlace) -> dict[str, Any]:
    """Merges the index, and deletes what is older than the limits say. Buckets drop what is left a week later."""
    return {
        "working_directory": f"{place.folder}/compactor",
        "compaction_interval": "10m",
        "retention_enabled": True,
        "retention_delete_delay": "2h",
        "delete_request_store": kind,
    }


def ingester(distributed: bool) -> dict[str, Any]:
    """Writes chunks out on shutdown. Replays no more of a write-ahead log at once than its memory holds."""
    return {
        "chunk_encoding": "snappy",
        "wal": {"flush_on_shutdown": True, "replay_memory_ceiling": "1GB" if distributed else "128MB"},
    }


def queries(distributed: bool, place: LokiPlace) -> dict[str, Any]:
    """Who takes queries in and who works on them."""
    querier = {"querier": {"max_concurrent": 8 if distributed else 4}}
    if not distributed:
        return querier
    scheduler = place.grpc(f"{place.services}-query-scheduler-headless")
    tail = f"http://{place.services}-querier.{place.domain}:{place.http_port}"
    return {
        **querier,
        "frontend": {"scheduler_address": scheduler, "tail_proxy_url": tail, "log_queries_longer_than": "10s"},
        "frontend_worker": {"scheduler_address": scheduler},
        "index_gateway": {"mode": "simple"},
    }
