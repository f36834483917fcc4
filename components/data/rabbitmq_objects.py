"""The cluster that RabbitMQ's operator is asked for, and what it stands on.

https://www.rabbitmq.com/kubernetes/operator/using-operator
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from components.data.rabbitmq_definitions import FILE
from components.data.sizes import RabbitmqSize
from components.own_ca import ISSUER_REF
from components.pod_resources import requests
from components.priorities import DATA
from stacks.versions import RABBITMQ_IMAGE

PORT: Final = 5671

METRICS_PORT: Final = 15691

DEFINITIONS: Final = "/etc/rabbitmq/definitions"

EXPORTED: Final = "/var/lib/rabbitmq/mnesia/definitions.json"
"""On each node's volume: all that the cluster knows but messages, as it was when the volume was copied."""


def nodes(cluster: str) -> dict[str, str]:
    """Labels of the nodes' pods."""
    return {"app.kubernetes.io/name": cluster, "app.kubernetes.io/component": "rabbitmq"}


def certificate_name(cluster: str) -> str:
    """Name of the Certificate of the nodes, and of its Secret."""
    return f"{cluster}-tls"


def administrator_name(cluster: str) -> str:
    """Name of the Secret with the administrator's password: the one that the operator would make itself."""
    return f"{cluster}-default-user"


def application_name(cluster: str) -> str:
    """Name of the Secret with the password of services."""
    return f"{cluster}-application"


def host(cluster: str, workload: str) -> str:
    """Name that answers with the nodes."""
    return f"{cluster}.{workload}.svc"


def certificate_spec(cluster: str, workload: str) -> dict[str, Any]:
    """What the nodes show. They read a new one by themselves."""
    return {
        "secretName": certificate_name(cluster),
        "dnsNames": [
            host(cluster, workload),
            f"{host(cluster, workload)}.cluster.local",
            f"*.{cluster}-nodes.{workload}",
        ],
        "duration": "2160h",
        "renewBeforePercentage": 33,
        "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
        "issuerRef": {**ISSUER_REF},
    }


def configuration() -> str:
    """What the nodes are told beside what the operator tells them. https://www.rabbitmq.com/docs/configure"""
    lines = (
        "default_queue_type = quorum",
        "definitions.import_backend = local_filesystem",
        f"definitions.local.path = {DEFINITIONS}/{FILE}",
        "definitions.skip_if_unchanged = true",
    )
    return "\n".join(lines) + "\n"


def cluster_spec(
    cluster: str, definitions: str, size: RabbitmqSize, storage_class: str, *, high_availability: bool
) -> dict[str, Any]:
    """The cluster. `definitions` is the name of the Secret with them."""
    return {
        "image": RABBITMQ_IMAGE,
        "replicas": 3 if high_availability else 1,
        "resources": requests(size.cpu, size.memory),
        "persistence": {"storageClassName": storage_class, "storage": f"{size.storage_gib}Gi"},
        "tls": {"secretName": certificate_name(cluster), "disableNonTLSListeners": True},
        "secretBackend": {"externalSecret": {"name": administrator_name(cluster)}},
        # A node that goes waits so long for queues to have a majority without it. A week is the operator's own choice,
        # and would hold up every update of the cluster.
        "terminationGracePeriodSeconds": 600 if high_availability else 60,
        "affinity": {"podAntiAffinity": _apart(cluster)} if high_availability else {},
        "rabbitmq": {"additionalConfig": configuration()},
        "override": {
            "statefulSet": {
                "spec": {"template": {"metadata": {"annotations": hook()}, "spec": _pod(cluster, definitions)}}
            }
        },
    }


def hook() -> dict[str, str]:
    """Annotations of the pods: what Velero runs in them before it copies their volumes. Files of messages change
    meanwhile, and may not fit together in the copy; this one does. https://www.rabbitmq.com/docs/backup
    """
    prefix = "pre.hook.backup.velero.io"
    return {
        f"{prefix}/container": "rabbitmq",
        f"{prefix}/command": json.dumps(["rabbitmqctl", "export_definitions", EXPORTED]),
        f"{prefix}/timeout": "2m",
        f"{prefix}/on-error": "Fail",
    }


def _apart(cluster: str) -> dict[str, Any]:
    """Nodes of the cluster that share none of Kubernetes'."""
    return {
        "requiredDuringSchedulingIgnoredDuringExecution": [
            {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": nodes(cluster)}}
        ]
    }


def _pod(cluster: str, definitions: str) -> dict[str, Any]:
    """What the operator leaves out of the pods. Pod Security finds everything else that it asks for."""
    return {
        "priorityClassName": DATA,
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "topology.kubernetes.io/zone",
                "whenUnsatisfiable": "DoNotSchedule",
                "labelSelector": {"matchLabels": nodes(cluster)},
            }
        ],
        "containers": [
            {
                "name": "rabbitmq",
                "volumeMounts": [{"name": "definitions", "mountPath": DEFINITIONS, "readOnly": True}],
            }
        ],
        "volumes": [{"name": "definitions", "secret": {"secretName": definitions}}],
    }


def service_monitor(cluster: str, workload: str) -> Mapping[str, Any]:
    """Scrapes the nodes by the Service that clients use too: alerts call the cluster by its name. How many messages
    wait in each queue is asked for besides: services are scaled by it.
    """
    endpoint = {
        "port": "prometheus-tls",
        "scheme": "https",
        "tlsConfig": {
            "ca": {"secret": {"name": certificate_name(cluster), "key": "ca.crt"}},
            "serverName": host(cluster, workload),
        },
    }
    by_queue = {**endpoint, "path": "/metrics/detailed", "params": {"family": ["queue_coarse_metrics"]}}
    return {"selector": {"matchLabels": nodes(cluster)}, "endpoints": [endpoint, by_queue]}
