"""Valkey: a store of the Redis protocol for one user, in its user's namespace."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_random as random

from components.data.connections import Pods, SecretKey, ValkeyConnection
from components.pod_resources import claim, requests
from components.pod_security import RESTRICTED_CONTAINER, RESTRICTED_POD
from components.priorities import DATA
from components.releases import ChartSource, release_args
from components.restarts import restarts
from stacks.versions import REDIS_EXPORTER_TAG, VALKEY

USER = "default"
"""The user that clients which name none are. There is no other."""

PORT = 6379

UID = 1000
"""User and group of the server: those that the chart takes."""

USERS_PATH: Final = "/run/valkey-users"
"""Where the container of the server has the password: for what Velero runs there."""

_CLIENT: Final = f'export REDISCLI_AUTH="$(cat {USERS_PATH}/{USER})"; valkey-cli -e'

HOLD: Final = f"""{_CLIENT} config set auto-aof-rewrite-percentage 0
while valkey-cli -e info persistence | grep -qE 'aof_rewrite_(in_progress|scheduled):1'; do sleep 1; done"""
"""Before its volume is copied: the log is not written anew, or the copy would have parts of two logs.
https://valkey.io/topics/persistence/#backing-up-aof-persistence"""

RESUME: Final = f"{_CLIENT} config set auto-aof-rewrite-percentage 100"
"""Afterwards: as the server is told when it starts."""

EvictionPolicy = Literal[
    "noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-lfu", "volatile-random",
    "volatile-ttl",
]  # fmt: skip
"""What goes when memory is full. https://valkey.io/topics/lru-cache/"""


@dataclass(frozen=True, kw_only=True)
class Persistence:
    """A volume that outlives the pod. Every write is in its log within a second."""

    storage_gib: int
    """Size of the volume in GiB: twice the memory at least, since the log is written anew beside the old one."""

    storage_class: str
    """StorageClass of the volume."""

    protect: bool
    """Whether the volume refuses to be destroyed."""


@dataclass(frozen=True, kw_only=True)
class ValkeyArgs:
    release: str
    """Name of the release, of its Service and of its pods."""

    namespace: str
    """Name of the namespace that it runs in."""

    max_memory_mib: int
    """MiB that keys and values may take."""

    eviction: EvictionPolicy
    """What goes when they take more. With `noeviction` writes are refused."""

    persistence: Persistence | None = None
    """The volume. Without one, what it holds is lost with the pod: a cache, or counters."""

    exists: pulumi.Resource
    """The namespace."""

    service_monitors: pulumi.Resource
    """The ServiceMonitor definition, which the release makes use of."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""

    charts: ChartSource
    """Where charts come from."""


class Valkey(pulumi.ComponentResource):
    """One server, its generated password, and its exporter."""

    def __init__(self, name: str, args: ValkeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Valkey", name, {}, opts)
        password = random.RandomPassword(
            f"{name}-password", length=32, special=False, opts=pulumi.ResourceOptions(parent=self)
        )
        users = kubernetes.core.v1.Secret(
            f"{name}-users",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=users_name(args.release), namespace=args.namespace),
            string_data={USER: password.result},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.exists]),
        )
        release = kubernetes.helm.v3.Release(
            f"{name}-release",
            release_args(
                args.charts.locate(VALKEY),
                name=args.release,
                namespace=args.namespace,
                values=valkey_values(args),
                timeout=600,
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[args.exists, args.service_monitors, users, *self._volume(name, args), *args.nodes],
            ),
        )
        kubernetes.policy.v1.PodDisruptionBudget(
            f"{name}-disruption-budget",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=args.release, namespace=args.namespace),
            spec=kubernetes.policy.v1.PodDisruptionBudgetSpecArgs(
                max_unavailable=1,
                selector=kubernetes.meta.v1.LabelSelectorArgs(match_labels=server_labels(args.release)),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.exists]),
        )

        # How it is reached.
        self.connection = ValkeyConnection(
            host=f"{args.release}.{args.namespace}.svc",
            port=PORT,
            user=USER,
            password=SecretKey(name=users_name(args.release), key=USER),
            pods=Pods(
                namespace=args.namespace,
                labels=server_labels(args.release),
            ),
            ready=[users, release],
        )
        self.register_outputs({})

    def _volume(self, name: str, args: ValkeyArgs) -> list[pulumi.Resource]:
        if args.persistence is None:
            return []
        volume = kubernetes.core.v1.PersistentVolumeClaim(
            f"{name}-data",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name=args.release,
                namespace=args.namespace,
                # By which a restore finds it, with the pod.
                labels=server_labels(args.release),
                # Most classes bind a volume once a pod wants it, and the pod comes after the claim.
                annotations={"pulumi.com/skipAwait": "true"},
            ),
            spec=claim(args.persistence.storage_class, args.persistence.storage_gib)["spec"],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.exists], protect=args.persistence.protect),
        )
        return [volume]


def server_labels(release: str) -> dict[str, str]:
    """Labels of the server's pod."""
    return {"app.kubernetes.io/name": VALKEY.name, "app.kubernetes.io/instance": release}


def users_name(release: str) -> str:
    """Name of the Secret with the password of each user."""
    return f"{release}-users"


def hooks() -> dict[str, str]:
    """Annotations of a pod with a volume: what Velero runs in the server around the copy. A copy without them is better
    than none. https://velero.io/docs/v1.18/backup-hooks/
    """
    scripts = {"pre": HOLD, "post": RESUME}
    annotations: dict[str, str] = {}
    for when, script in scripts.items():
        prefix = f"{when}.hook.backup.velero.io"
        annotations[f"{prefix}/command"] = json.dumps(["sh", "-ec", script])
        annotations[f"{prefix}/timeout"] = "10m"
        annotations[f"{prefix}/on-error"] = "Continue"
    return annotations


def valkey_values(args: ValkeyArgs) -> dict[str, Any]:
    """Values of the Valkey chart."""
    persistent = args.persistence is not None
    return {
        "fullnameOverride": args.release,
        "auth": {
            "enabled": True,
            "usersExistingSecret": users_name(args.release),
            "aclUsers": {USER: {"permissions": "~* &* +@all"}},
        },
        "valkeyConfig": configuration(args),
        "dataStorage": {"persistentVolumeClaimName": args.release} if args.persistence else {},
        # A second pod would read no key of the first, and could not have its volume.
        "deploymentStrategy": "Recreate",
        # The server reads its password once.
        "podAnnotations": {**restarts(users_name(args.release)), **(hooks() if persistent else {})},
        "extraValkeySecrets": [{"name": users_name(args.release), "mountPath": USERS_PATH}] if persistent else [],
        "podSecurityContext": {**RESTRICTED_POD, "runAsUser": UID, "runAsGroup": UID, "fsGroup": UID},
        "securityContext": dict(RESTRICTED_CONTAINER),
        "priorityClassName": DATA,
        "readinessProbe": {"enabled": True},
        "resources": requests("50m", f"{memory_mib(args.max_memory_mib, persistent=persistent)}Mi"),
        "initResources": requests("10m", "32Mi"),
        "metrics": {
            "enabled": True,
            "exporter": {
                "image": {"tag": REDIS_EXPORTER_TAG},
                "securityContext": dict(RESTRICTED_CONTAINER),
                "resources": requests("10m", "32Mi"),
            },
            "serviceMonitor": {"enabled": True},
        },
    }


def memory_mib(max_memory_mib: int, *, persistent: bool) -> int:
    """MiB of the container: what the allocator and clients take besides, and with a volume the pages that change while
    a child process writes the log anew. https://valkey.io/topics/memory-optimization/
    """
    return 32 + max_memory_mib * (4 if persistent else 3) // 2


def configuration(args: ValkeyArgs) -> str:
    """What the server is told beside what the chart tells it. https://valkey.io/topics/valkey.conf/"""
    lines = [
        f"maxmemory {args.max_memory_mib}mb",
        f"maxmemory-policy {args.eviction}",
        # No snapshots: without a volume they would fill the node's disk, with one there is the log.
        'save ""',
    ]
    if args.persistence is not None:
        lines += ["appendonly yes", "appendfsync everysec"]
    return "\n".join(lines) + "\n"
