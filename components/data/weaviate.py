"""Weaviate: a store of vectors for one workload, in its namespace."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_random as random

from components.data.connections import Pods, SecretKey, WeaviateConnection
from components.data.sizes import WeaviateSize
from components.pod_resources import requests
from components.pod_security import RESTRICTED_CONTAINER, RESTRICTED_POD
from components.priorities import DATA
from components.releases import ChartSource, release_args
from components.restarts import restarts
from stacks.versions import WEAVIATE

PODS: Final = "weaviate"
"""What the chart calls its StatefulSet and its other objects, whatever the release is called: a namespace has one."""

LABELS: Final = {"app": PODS}
"""Labels that all its pods have, by which its Services find them."""

HTTP_PORT, GRPC_PORT, METRICS_PORT = 8080, 50051, 2112

GOSSIP_PORT, DATA_PORT, RAFT_PORTS = 7000, 7001, (8300, 8301)
"""What nodes tell each other: https://docs.weaviate.io/deploy/configuration/env-vars#multi-node-instances"""

CLUSTER_SECRET: Final = "weaviate-cluster-api-basic-auth"
"""Where the chart has the password that nodes know each other by."""

KEYS: Final = "AUTHENTICATION_APIKEY_ALLOWED_KEYS"
"""Variable of the keys, and what the entry of their Secret is called."""

USER: Final = "services"
"""Whom the key belongs to. It may do everything."""

UID: Final = 1000


@dataclass(frozen=True, kw_only=True)
class WeaviateArgs:
    release: str
    """Name of the release and of its Services: this one for HTTP, `<release>-grpc` for gRPC."""

    namespace: str
    """Name of the namespace that it runs in."""

    size: WeaviateSize
    """What each node asks for."""

    storage_class: str
    """StorageClass of the volumes."""

    high_availability: bool
    """Whether there are three nodes, each with all objects."""

    vectorizer: str | None
    """Address of the inference service that makes vectors of texts; without one, clients bring vectors along."""

    exists: pulumi.Resource
    """The namespace."""

    service_monitors: pulumi.Resource
    """The ServiceMonitor definition, which the release makes use of."""

    waits_for: Sequence[pulumi.Resource]
    """What pods wait for: the nodes, and the inference service, without which Weaviate does not start."""

    charts: ChartSource
    """Where charts come from."""


class Weaviate(pulumi.ComponentResource):
    """The nodes, and the generated key that clients show."""

    def __init__(self, name: str, args: WeaviateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Weaviate", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self, depends_on=[args.exists])
        account = kubernetes.core.v1.ServiceAccount(
            f"{name}-account",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=args.release, namespace=args.namespace),
            automount_service_account_token=False,
            opts=child,
        )
        keys, cluster = self._key(name, args, child), self._cluster(name, args, child)
        release = kubernetes.helm.v3.Release(
            f"{name}-release",
            release_args(
                args.charts.locate(WEAVIATE),
                name=args.release,
                namespace=args.namespace,
                values=weaviate_values(args),
                timeout=900,
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[args.exists, args.service_monitors, account, keys, cluster, *args.waits_for],
            ),
        )

        # How it is reached.
        self.connection = WeaviateConnection(
            host=f"{args.release}.{args.namespace}.svc",
            port=HTTP_PORT,
            grpc_host=f"{args.release}-grpc.{args.namespace}.svc",
            grpc_port=GRPC_PORT,
            key=SecretKey(name=keys_name(args.release), key=KEYS),
            pods=Pods(namespace=args.namespace, labels=LABELS),
            ready=[keys, release],
        )
        self.register_outputs({})

    def _key(self, name: str, args: WeaviateArgs, child: pulumi.ResourceOptions) -> pulumi.Resource:
        key = random.RandomPassword(f"{name}-key", length=40, special=False, opts=pulumi.ResourceOptions(parent=self))
        return kubernetes.core.v1.Secret(
            f"{name}-keys",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=keys_name(args.release), namespace=args.namespace),
            string_data={KEYS: key.result},
            opts=child,
        )

    def _cluster(self, name: str, args: WeaviateArgs, child: pulumi.ResourceOptions) -> pulumi.Resource:
        """The password of the nodes. The chart makes up another one at each rendering that does not find it, and takes
        it over by these marks. https://helm.sh/docs/helm/helm_install/ (`--take-ownership` says what they are)
        """
        password = random.RandomPassword(
            f"{name}-cluster-password", length=32, special=False, opts=pulumi.ResourceOptions(parent=self)
        )
        return kubernetes.core.v1.Secret(
            f"{name}-cluster",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name=CLUSTER_SECRET,
                namespace=args.namespace,
                labels={"app.kubernetes.io/managed-by": "Helm"},
                annotations={
                    "meta.helm.sh/release-name": args.release,
                    "meta.helm.sh/release-namespace": args.namespace,
                },
            ),
            type="kubernetes.io/basic-auth",
            string_data={"username": "nodes", "password": password.result},
            opts=child,
        )


def keys_name(release: str) -> str:
    """Name of the Secret with the key of clients."""
    return f"{release}-keys"


def nodes(high_availability: bool) -> int:
    """How many nodes there are."""
    return 3 if high_availability else 1


def weaviate_values(args: WeaviateArgs) -> dict[str, Any]:
    """Values of the Weaviate chart. Where it says nothing else, it opens the store to everybody, by load balancers."""
    count = nodes(args.high_availability)
    return {
        "replicas": count,
        # It would set a parameter of the node's kernel, as root with all privileges.
        "initContainers": {"sysctlInitContainer": {"enabled": False}},
        "serviceAccountName": args.release,
        "securityContext": {**RESTRICTED_POD, "runAsUser": UID, "runAsGroup": UID, "fsGroup": UID},
        "containerSecurityContext": dict(RESTRICTED_CONTAINER),
        "priorityClassName": DATA,
        "annotations": {**restarts(keys_name(args.release)), "backup.velero.io/backup-volumes-excludes": "tmp"},
        "resources": requests(args.size.cpu, args.size.memory),
        "storage": {"size": f"{args.size.storage_gib}Gi", "storageClassName": args.storage_class},
        "extraVolumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}}],
        "extraVolumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
        "service": _service(args.release, "http", HTTP_PORT),
        "grpcService": {"enabled": True, **_service(f"{args.release}-grpc", "grpc", GRPC_PORT)},
        "authentication": {"anonymous_access": {"enabled": False}, "oidc": {"enabled": False}},
        "env": _environment(args, count),
        "envSecrets": {KEYS: keys_name(args.release)},
        "serviceMonitor": {"enabled": True, "interval": "30s"},
        "startupProbe": {"enabled": True, "initialDelaySeconds": 5, "periodSeconds": 10, "failureThreshold": 180},
        "livenessProbe": {"initialDelaySeconds": 0},
        "podDisruptionBudgets": {"weaviate": {"enabled": True, "spec": {"maxUnavailable": 1}}},
        "modules": _modules(args.vectorizer),
    }


def _service(name: str, port: str, number: int) -> dict[str, Any]:
    ports = [{"name": port, "protocol": "TCP", "port": number}]
    return {"name": name, "type": "ClusterIP", "ports": ports}


def _modules(vectorizer: str | None) -> dict[str, Any]:
    if vectorizer is None:
        return {"default_vectorizer_module": "none"}
    return {
        "text2vec-transformers": {"enabled": False, "inferenceUrl": vectorizer},
        "default_vectorizer_module": "text2vec-transformers",
    }


def _environment(args: WeaviateArgs, count: int) -> dict[str, str | int | bool]:
    """https://docs.weaviate.io/deploy/configuration/env-vars"""
    return {
        "AUTHENTICATION_APIKEY_ENABLED": True,
        "AUTHENTICATION_APIKEY_USERS": USER,
        "DISABLE_TELEMETRY": True,
        # The runtime collects sooner when it comes near: https://pkg.go.dev/runtime#hdr-Environment_Variables
        "GOMEMLIMIT": args.size.heap,
        # Or a collection that names no number of copies has one, and is gone with its node.
        "REPLICATION_MINIMUM_FACTOR": count,
        "PROMETHEUS_MONITORING_ENABLED": True,
        "TRACK_VECTOR_DIMENSIONS": True,
    }
