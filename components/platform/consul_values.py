"""What Consul's chart is told, and where its metrics are asked for."""

from collections.abc import Sequence
from typing import Any, Final

from components.platform.consul_credentials import AUTHORITY, MANAGEMENT, READER, TOKEN
from components.priorities import CRITICAL

RELEASE: Final = "consul"

STORAGE_GIB: Final = 10
"""GiB of each server's volume. The catalog is some MiB: the rest is room for snapshots and the log of changes."""

METRICS: Final = f"{RELEASE}-servers", f"{RELEASE}-sync"
"""PodMonitors of the servers and of what carries services into the catalog."""


def labels(component: str) -> dict[str, str]:
    """Labels of the pods of one part of the chart."""
    return {"app": RELEASE, "component": component, "release": RELEASE}


def consul_values(
    *, datacenter: str, synced: Sequence[str], high_availability: bool, storage_class: str
) -> dict[str, Any]:
    """Values of the Consul chart. Its own proxies stay out: sidecars are Dapr's."""
    return {
        "global": {
            "name": RELEASE,
            "datacenter": datacenter,
            "logJSON": True,
            # Definitions of the Gateway API that a cluster has of somebody else would go with this release.
            "installK8sNetworkingCRDs": False,
            "tls": {
                "enabled": True,
                "httpsOnly": True,
                "verify": True,
                "caCert": {"secretName": AUTHORITY, "secretKey": "tls.crt"},
                "caKey": {"secretName": AUTHORITY, "secretKey": "tls.key"},
            },
            "gossipEncryption": {"autoGenerate": True},
            "acls": {
                "manageSystemACLs": True,
                "bootstrapToken": {"secretName": MANAGEMENT, "secretKey": TOKEN},
                "resources": _resources("20m", "64Mi", "200m"),
            },
            "metrics": {
                "enabled": True,
                "enableAgentMetrics": True,
                "disableAgentHostName": True,
                "enableGatewayMetrics": False,
            },
        },
        "server": _server(high_availability, storage_class),
        "client": {"enabled": False},
        "connectInject": {"enabled": False, "apiGateway": {"manageExternalCRDs": False}},
        "syncCatalog": {
            "enabled": True,
            "toConsul": True,
            "toK8S": False,
            "k8sAllowNamespaces": [*synced],
            # Half a minute by default, for which sidecars are sent to pods that are gone.
            "consulWriteInterval": "10s",
            "priorityClassName": CRITICAL,
            "metrics": {"enabled": True},
            "resources": _resources("20m", "96Mi", "200m"),
        },
        "dns": {"enabled": False},
        "ui": {"enabled": False},
    }


def _server(high_availability: bool, storage_class: str) -> dict[str, Any]:
    return {
        "replicas": 3 if high_availability else 1,
        "storage": f"{STORAGE_GIB}Gi",
        "storageClass": storage_class,
        # A budget for one server would stop every drain of its node.
        "disruptionBudget": {"enabled": high_availability},
        "priorityClassName": CRITICAL,
        "topologySpreadConstraints": _SPREAD if high_availability else "",
        "resources": _resources("100m", "512Mi", "1") if high_availability else _resources("50m", "192Mi", "500m"),
    }


_SPREAD: Final = f"""- maxSkew: 1
  topologyKey: topology.kubernetes.io/zone
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels: {{app: {RELEASE}, component: server, release: {RELEASE}}}
"""
"""The chart takes text alone, and keeps two servers off one node by itself."""


def _resources(cpu: str, memory: str, cpu_limit: str) -> dict[str, Any]:
    """The chart limits CPU to its own small requests, unless it is told another limit."""
    return {"requests": {"cpu": cpu, "memory": memory}, "limits": {"cpu": cpu_limit, "memory": memory}}


def monitors(datacenter: str) -> dict[str, dict[str, Any]]:
    """Specs of the PodMonitors. Servers tell their metrics by TLS, to who may read agents."""
    servers, sync = METRICS
    return {
        servers: {
            "selector": {"matchLabels": labels("server")},
            "podMetricsEndpoints": [
                {
                    "port": "https",
                    "scheme": "https",
                    "path": "/v1/agent/metrics",
                    "params": {"format": ["prometheus"]},
                    "authorization": {"credentials": {"name": READER, "key": TOKEN}},
                    "tlsConfig": {
                        "ca": {"secret": {"name": AUTHORITY, "key": "tls.crt"}},
                        "serverName": f"server.{datacenter}.consul",
                    },
                }
            ],
        },
        sync: {
            "selector": {"matchLabels": labels("sync-catalog")},
            "podMetricsEndpoints": [{"port": "prometheus", "path": "/metrics"}],
        },
    }
