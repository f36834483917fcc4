"""Velero, which copies the volumes of workloads into the store of backups, and what it does so by."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_random as random

from components.contracts import BACKUPS_WRITER, ObjectStore, StaticKey, WorkloadIdentity
from components.pod_resources import requests
from components.pod_security import RESTRICTED_CONTAINER, RESTRICTED_POD
from components.priorities import CRITICAL, PLATFORM
from components.releases import ChartSource, release_args
from stacks.versions import VELERO, VELERO_PLUGINS

RELEASE: Final = "velero"
NAMESPACE: Final = BACKUPS_WRITER.namespace
LOCATION: Final = "default"
"""Name of the BackupStorageLocation."""

USER: Final = 1000
"""Whom the server runs as: the image names its user by name, which `runAsNonRoot` does not take."""

SCRATCH: Final = "/scratch"
"""An empty volume of every pod: what the uploader keeps about repositories lies in the home folder otherwise, and
nobody writes into the image. https://velero.io/docs/v1.18/file-system-backup/"""

TO_THE_STORE: Final = {"groundwork/store": "backups"}
"""Labels of the pods that reach the store: the server, and those that copies and the upkeep of repositories run in. An
agent starts the copies on its node and moves nothing itself: https://velero.io/docs/v1.18/file-system-backup/
"""

NODE_AGENT: Final = f"{RELEASE}-node-agent"
"""ConfigMap with what each copy of a volume may take. The chart puts its own name in front."""

REPOSITORY_KEY: Final = "velero-repo-credentials"
"""Secret with the password that volumes are encrypted with. Velero looks for this name and, where there is none, makes
one with a password that everybody knows: https://velero.io/docs/v1.18/file-system-backup/"""


@dataclass(frozen=True, kw_only=True)
class VeleroArgs:
    store: ObjectStore
    """Where backups are kept. It has a location for Velero."""

    keep_days: int
    """Days that a backup is kept whose schedule says nothing else."""

    protect: bool
    """Whether the password of the backups refuses to be destroyed: without it they cannot be read."""

    namespace: pulumi.Resource
    """The namespace that it runs in: `velero`."""

    service_monitors: pulumi.Resource
    """The ServiceMonitor definition, which the release makes use of."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""

    charts: ChartSource
    """Where charts come from."""


class Velero(pulumi.ComponentResource):
    """A server that makes and expires backups, and an agent on each node that reads volumes there."""

    def __init__(self, name: str, args: VeleroArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Velero", name, {}, opts)
        needed = [self._password(name, args)]
        if args.store.key is not None:
            needed.append(self._key(name, args.store.key, args.namespace))
        self.release = kubernetes.helm.v3.Release(
            f"{name}-release",
            release_args(
                args.charts.locate(VELERO), name=RELEASE, namespace=NAMESPACE, values=velero_values(args), timeout=600
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[
                    args.namespace,
                    args.service_monitors,
                    *args.nodes,
                    *args.store.identity.grants,
                    *needed,
                ],
            ),
        )
        self.register_outputs({})

    def _password(self, name: str, args: VeleroArgs) -> pulumi.Resource:
        password = random.RandomPassword(
            f"{name}-password",
            length=32,
            special=False,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        return kubernetes.core.v1.Secret(
            f"{name}-password-secret",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=REPOSITORY_KEY, namespace=NAMESPACE),
            string_data={"repository-password": password.result},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace]),
        )

    def _key(self, name: str, key: StaticKey, exists: pulumi.Resource) -> pulumi.Resource:
        """The store's key, as the clients of the S3 protocol read it from a file."""
        file = pulumi.Output.format(
            "[default]\naws_access_key_id={0}\naws_secret_access_key={1}\n", key.access_key_id, key.secret_access_key
        )
        return kubernetes.core.v1.Secret(
            f"{name}-object-store",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=key_secret_name(key), namespace=NAMESPACE),
            string_data={"cloud": file},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[exists]),
        )


def key_secret_name(key: StaticKey) -> str:
    """Name of the Secret with the store's key. Pods do not notice a Secret that changes, but one of another name."""
    return f"{RELEASE}-object-store-{key.generation}"


def velero_values(args: VeleroArgs) -> dict[str, Any]:
    """Values of Velero's chart."""
    store, key = args.store, args.store.key
    identity = store.identity
    return {
        "fullnameOverride": RELEASE,
        "initContainers": [plugin(location(store)["provider"])],
        "podLabels": writer_labels(identity),
        "podSecurityContext": {**RESTRICTED_POD, "runAsUser": USER, "fsGroup": USER},
        "containerSecurityContext": dict(RESTRICTED_CONTAINER),
        "priorityClassName": PLATFORM,
        "resources": requests("50m", "256Mi"),
        "serviceAccount": {
            "server": {
                "create": True,
                "name": identity.service_account.name,
                "annotations": dict(identity.annotations),
            }
        },
        "credentials": {"useSecret": False} if key is None else {"existingSecret": key_secret_name(key)},
        "configuration": configuration(args),
        "configMaps": {NODE_AGENT.removeprefix(f"{RELEASE}-"): {"data": {"config.json": json.dumps(copies(identity))}}},
        # No snapshots of disks: none of them would outlive the account, and not every cloud's cluster can make them.
        "snapshotsEnabled": False,
        "deployNodeAgent": True,
        "nodeAgent": node_agent(identity.pod_labels),
        # By a Job before the release, from an image that the platform has no other use for: docs/restore-volumes.md
        "upgradeCRDs": False,
        "metrics": {
            # Without the second the chart looks for the definition, which no preview has.
            "serviceMonitor": {"enabled": True, "autodetect": False},
            "nodeAgentPodMonitor": {"enabled": True, "autodetect": False},
        },
    }


def location(store: ObjectStore) -> dict[str, Any]:
    """The store, as the chart's one storage location."""
    assert store.velero_location is not None, "Velero is built where it has a plugin for the store alone"
    return {"name": LOCATION, "default": True, **store.velero_location}


def plugin(provider: str) -> dict[str, Any]:
    """The container that puts the provider's plugin beside the server."""
    return {
        "name": "plugin",
        "image": VELERO_PLUGINS[provider],
        "imagePullPolicy": "IfNotPresent",
        "volumeMounts": [{"name": "plugins", "mountPath": "/target"}],
        "securityContext": dict(RESTRICTED_CONTAINER),
        "resources": requests("10m", "64Mi"),
    }


def configuration(args: VeleroArgs) -> dict[str, Any]:
    """What the server is told."""
    variables = {**args.store.identity.env, "HOME": SCRATCH}
    return {
        "backupStorageLocation": [location(args.store)],
        "defaultBackupTTL": f"{args.keep_days * 24}h",
        "logFormat": "json",
        "extraEnvVars": [{"name": name, "value": value} for name, value in variables.items()],
        "repositoryMaintenanceJob": {
            "repositoryConfigData": {
                "global": {
                    "keepLatestMaintenanceJobs": 1,
                    "podResources": pod_resources("512Mi"),
                    "podLabels": writer_labels(args.store.identity),
                }
            }
        },
    }


def pod_resources(memory_limit: str) -> dict[str, str]:
    """What pods that Velero makes may take, in its own words: it refuses what has no limit of CPU, and 0 is none."""
    return {"cpuRequest": "20m", "memoryRequest": "128Mi", "cpuLimit": "0", "memoryLimit": memory_limit}


def writer_labels(identity: WorkloadIdentity) -> dict[str, str]:
    """Labels of a pod that writes into the store. Where Velero is told any, it takes over none of the agents'."""
    return {**identity.pod_labels, **TO_THE_STORE}


def copies(identity: WorkloadIdentity) -> dict[str, Any]:
    """What each copy of a volume may take, which runs in a pod of its own on the volume's node: one at a time.

    https://velero.io/docs/v1.18/supported-configmaps/node-agent-configmap/
    """
    return {
        "loadConcurrency": {"globalConfig": 1},
        "podResources": pod_resources("1Gi"),
        "podLabels": writer_labels(identity),
        "priorityClassName": PLATFORM,
    }


def node_agent(pod_labels: Any) -> dict[str, Any]:
    """The agent on each node: as root, to read what any user wrote, and for the folders of pods on the node."""
    return {
        "podLabels": dict(pod_labels),
        "podSecurityContext": {"runAsUser": 0, "seccompProfile": {"type": "RuntimeDefault"}},
        "containerSecurityContext": {"allowPrivilegeEscalation": False},
        "priorityClassName": CRITICAL,
        "resources": requests("10m", "96Mi"),
        "extraArgs": [f"--node-agent-configmap={NODE_AGENT}"],
    }
