"""Backups of volumes: Velero where workloads need it, and a schedule for each of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import ObjectStore
from components.namespaces import Level
from components.platform.base import Base
from components.platform.velero import LOCATION, NAMESPACE, Velero, VeleroArgs
from stacks.backups import Backups
from stacks.settings import AnyStack

POLICY: Final = "volumes"
"""ConfigMap with what is done with which volume."""

OWN_BACKUPS: Final[Sequence[Mapping[str, str]]] = (
    {"cnpg.io/pvcRole": "PG_DATA"},
    {"cnpg.io/pvcRole": "PG_WAL"},
    {"app.kubernetes.io/managed-by": "percona-server-mongodb-operator"},
)
"""Labels of the claims of databases whose operators back them up themselves."""

RESOURCES: Final = ("persistentvolumeclaims", "persistentvolumes", "pods")
"""What a backup has besides the content of volumes: what they are found by, and nothing that the code makes again.
Secrets are not in it."""


@dataclass(frozen=True, kw_only=True)
class VolumeBackupsArgs:
    workloads: Sequence[str]
    """Workloads with volumes that nothing else backs up; their namespaces have the same names."""

    backups: Backups
    """When, and for how long."""

    namespace: pulumi.Resource
    """The namespace of schedules: `velero`."""

    release: pulumi.Resource
    """Velero, which brings the definitions."""


class VolumeBackups(pulumi.ComponentResource):
    """A nightly schedule for each workload, and the policy that says which volumes are copied."""

    def __init__(self, name: str, args: VolumeBackupsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:VolumeBackups", name, {}, opts)
        policy = kubernetes.core.v1.ConfigMap(
            f"{name}-policy",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=POLICY, namespace=NAMESPACE),
            data={"policy.yaml": volume_policy()},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace]),
        )
        for workload in args.workloads:
            kubernetes.apiextensions.CustomResource(
                f"{name}-{workload}",
                api_version="velero.io/v1",
                kind="Schedule",
                metadata=kubernetes.meta.v1.ObjectMetaArgs(name=workload, namespace=NAMESPACE),
                spec=schedule(workload, args.backups),
                opts=pulumi.ResourceOptions(parent=self, depends_on=[args.release, policy]),
            )
        self.register_outputs({})


def volume_policy() -> str:
    """Volumes that are skipped; the content of all others is copied.

    https://velero.io/docs/v1.18/resource-filtering/#resource-policies
    """
    conditions = ["{volumeTypes: [emptyDir]}"]
    conditions += [f"{{pvcLabels: {{{key}: {value}}}}}" for labels in OWN_BACKUPS for key, value in labels.items()]
    lines = ["version: v1", "volumePolicies:"]
    for condition in conditions:
        lines += [f"  - conditions: {condition}", "    action: {type: skip}"]
    return "\n".join([*lines, ""])


def schedule(workload: str, backups: Backups) -> dict[str, Any]:
    """The `spec` of the workload's Schedule."""
    return {
        "schedule": f"0 {backups.hour} * * *",
        "template": {
            "includedNamespaces": [workload],
            "includedResources": list(RESOURCES),
            "defaultVolumesToFsBackup": True,
            "snapshotVolumes": False,
            "resourcePolicy": {"kind": "configmap", "name": POLICY},
            "storageLocation": LOCATION,
            "ttl": f"{backups.keep_days * 24}h0m0s",
        },
    }


def wants_volume_backups(stack: AnyStack, workloads: Sequence[str]) -> bool:
    """Whether the stack has Velero: an agent on every node is a cost that needs somebody who asks for it."""
    return stack.backups.volumes and bool(workloads)


def backup_namespaces(stack: AnyStack, workloads: Sequence[str]) -> Mapping[str, Level]:
    """The namespace of Velero, where the stack has it. Its agents mount folders of the node, as root."""
    return {NAMESPACE: "privileged"} if wants_volume_backups(stack, workloads) else {}


def build_volume_backups(base: Base, store: ObjectStore, workloads: Sequence[str]) -> None:
    """Registers Velero and the schedules, where the stack has them."""
    if not wants_volume_backups(base.stack, workloads):
        return
    velero = VeleroArgs(
        store=store,
        keep_days=base.stack.backups.keep_days,
        protect=base.stack.protect,
        namespace=base.namespaces[NAMESPACE],
        service_monitors=base.crds,
        nodes=base.nodes,
        charts=base.charts,
    )
    release = Velero("velero", velero, base.opts).release
    backups = VolumeBackupsArgs(
        workloads=workloads, backups=base.stack.backups, namespace=base.namespaces[NAMESPACE], release=release
    )
    VolumeBackups("backups", backups, base.opts)
