"""The parts of a Loki that is replicated: how many of each, what they ask for, how they are spread over zones."""

from typing import Any, Literal

from components.pod_resources import requests

Spread = Literal["DoNotSchedule", "ScheduleAnyway"]


def distributed_parts(storage_class: str) -> dict[str, Any]:
    """Each part by itself, replicated and spread over zones."""
    volume = {"enabled": True, "size": "20Gi", "storageClass": storage_class}
    data = {"name": "data", "accessModes": ["ReadWriteOnce"], "size": "20Gi", "storageClass": storage_class}
    claims = {"enabled": True, "claims": [data]}
    return {
        "singleBinary": {"replicas": 0},
        "ingester": {
            # Three, one for each copy of a stream: a zone that is lost takes one copy with it and no more.
            **replicas(3, "ingester", "300m", "2Gi", spread="DoNotSchedule"),
            "persistence": claims,
            # It would render one StatefulSet a zone and want an operator; the spread over zones stands in its place.
            "zoneAwareReplication": {"enabled": False},
        },
        "distributor": replicas(3, "distributor", "100m", "256Mi"),
        "querier": replicas(3, "querier", "250m", "1Gi"),
        "queryFrontend": replicas(2, "query-frontend", "50m", "256Mi"),
        "queryScheduler": replicas(2, "query-scheduler", "20m", "128Mi"),
        "indexGateway": {**replicas(2, "index-gateway", "50m", "512Mi"), "persistence": volume},
        # Never more than one: two would delete and merge the same files.
        "compactor": {"replicas": 1, "resources": requests("100m", "1Gi"), "persistence": claims},
    }


def replicas(count: int, component: str, cpu: str, memory: str, *, spread: Spread = "ScheduleAnyway") -> dict[str, Any]:
    """A part of Loki, one pod of it lost at a time, its pods in different zones while there are enough of them."""
    return {
        "replicas": count,
        "maxUnavailable": 1,
        "resources": requests(cpu, memory),
        "topologySpreadConstraints": [over_zones(component, spread)],
    }


def over_zones(component: str, spread: Spread) -> dict[str, Any]:
    """As many pods of a part in one zone as in another."""
    return {
        "maxSkew": 1,
        "topologyKey": "topology.kubernetes.io/zone",
        "whenUnsatisfiable": spread,
        "labelSelector": {"matchLabels": {"app.kubernetes.io/component": component}},
    }


def cache(enabled: bool, component: str, *, cpu: str, memory_mb: int) -> dict[str, Any]:
    """A memcached before the object store, half of it in each of two zones."""
    if not enabled:
        return {"enabled": False}
    return {
        "enabled": True,
        "replicas": 2,
        "allocatedCPU": cpu,
        "allocatedMemory": memory_mb,
        "topologySpreadConstraints": [over_zones(f"memcached-{component}", "ScheduleAnyway")],
    }
