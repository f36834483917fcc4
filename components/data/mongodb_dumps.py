"""Dumps of MongoDB, where its operator has no store that it can use: Velero has one written before it copies volumes.

Members' own volumes are no backup: their files are copied one after the other, while the server writes.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as kubernetes

from components.data.mongodb_objects import PORT, REPLICA_SET, UID, certificates_name, password_name
from components.pod_resources import claim
from components.priorities import DATA
from components.restarts import restarts
from stacks.versions import MONGODB_IMAGE

USER: Final = "dumps"
"""The user that reads everything, and writes it again."""

ROLES: Final = (("backup", "admin"), ("restore", "admin"), ("pbmAnyAction", "admin"))
"""The last is the operator's own: operations that came during a dump may be any.
https://www.mongodb.com/docs/database-tools/mongorestore/#required-access"""

FOLDER: Final = "/dumps"

ARCHIVE: Final = "dump.archive.gz"

CERTIFICATES: Final = "/certificates"

CONNECTED: Final = (
    '--config=<(echo "password: $PASSWORD") --host="$MONGODB_HOST" --ssl '
    f"--sslCAFile={CERTIFICATES}/ca.crt --username={USER} --authenticationDatabase=admin"
)
"""The password comes by a file, since arguments are shown to everybody.
https://www.mongodb.com/docs/database-tools/mongodump/"""

DUMP: Final = (
    f"mongodump {CONNECTED} --readPreference=secondaryPreferred --oplog --gzip --quiet --archive={FOLDER}/next "
    f"&& mv {FOLDER}/next {FOLDER}/{ARCHIVE}"
)
"""What is there at its end: operations that come meanwhile are in it too. The last one stays until then."""


@dataclass(frozen=True, kw_only=True)
class MongodbDumps:
    """Where dumps are written."""

    storage_gib: int
    """GiB of the volume: as much as a member's, since an archive is smaller than what it is of, and two are there."""

    storage_class: str
    """StorageClass of the volume."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that the pod waits for."""


def labels(cluster: str) -> dict[str, str]:
    """Labels of the pod."""
    return {"app.kubernetes.io/name": "mongodb-dumps", "app.kubernetes.io/instance": f"{cluster}-dumps"}


def hook() -> dict[str, str]:
    """Annotations of the pod: what Velero runs in it, first. A backup without a dump counts as failed.
    https://velero.io/docs/v1.18/backup-hooks/
    """
    prefix = "pre.hook.backup.velero.io"
    return {
        f"{prefix}/container": "dump",
        f"{prefix}/command": json.dumps(["bash", "-ec", DUMP]),
        f"{prefix}/timeout": "2h",
        f"{prefix}/on-error": "Fail",
    }


def build_dumps(
    name: str,
    workload: str,
    cluster: str,
    dumps: MongodbDumps,
    namespace: pulumi.Resource,
    ready: Sequence[pulumi.Resource],
    parent: pulumi.Resource,
) -> None:
    """Registers the volume, and the pod that writes into it when it is told to."""
    metadata = kubernetes.meta.v1.ObjectMetaArgs(
        name=f"{cluster}-dumps",
        namespace=workload,
        labels=labels(cluster),
        # Most classes bind a volume once a pod wants it, and the pod comes after the claim.
        annotations={"pulumi.com/skipAwait": "true"},
    )
    volume = kubernetes.core.v1.PersistentVolumeClaim(
        f"{name}-volume",
        metadata=metadata,
        spec=claim(dumps.storage_class, dumps.storage_gib)["spec"],
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[namespace]),
    )
    selector = kubernetes.meta.v1.LabelSelectorArgs(match_labels=labels(cluster))
    template = kubernetes.core.v1.PodTemplateSpecArgs(
        metadata=kubernetes.meta.v1.ObjectMetaArgs(
            labels=labels(cluster),
            annotations={**hook(), **restarts(password_name(cluster, USER), certificates_name(cluster))},
        ),
        spec=_pod(workload, cluster),
    )
    kubernetes.apps.v1.Deployment(
        f"{name}-deployment",
        metadata=kubernetes.meta.v1.ObjectMetaArgs(name=f"{cluster}-dumps", namespace=workload),
        spec=kubernetes.apps.v1.DeploymentSpecArgs(
            replicas=1,
            # A second pod could not have the volume.
            strategy=kubernetes.apps.v1.DeploymentStrategyArgs(type="Recreate"),
            selector=selector,
            template=template,
        ),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[volume, *ready, *dumps.nodes]),
    )


def _pod(workload: str, cluster: str) -> kubernetes.core.v1.PodSpecArgs:
    core = kubernetes.core.v1
    return core.PodSpecArgs(
        automount_service_account_token=False,
        priority_class_name=DATA,
        # It waits, and does nothing that would have to be ended.
        termination_grace_period_seconds=5,
        security_context=core.PodSecurityContextArgs(
            run_as_non_root=True,
            run_as_user=UID,
            run_as_group=UID,
            fs_group=UID,
            seccomp_profile=core.SeccompProfileArgs(type="RuntimeDefault"),
        ),
        containers=[_container(workload, cluster)],
        volumes=[
            core.VolumeArgs(
                name="dumps",
                persistent_volume_claim=core.PersistentVolumeClaimVolumeSourceArgs(claim_name=f"{cluster}-dumps"),
            ),
            core.VolumeArgs(
                name="certificates",
                secret=core.SecretVolumeSourceArgs(
                    secret_name=certificates_name(cluster),
                    items=[core.KeyToPathArgs(key="ca.crt", path="ca.crt")],
                ),
            ),
        ],
    )


def _container(workload: str, cluster: str) -> kubernetes.core.v1.ContainerArgs:
    core = kubernetes.core.v1
    host = f"{REPLICA_SET}/{cluster}-{REPLICA_SET}.{workload}.svc.cluster.local:{PORT}"
    password = core.SecretKeySelectorArgs(name=password_name(cluster, USER), key="password")
    return core.ContainerArgs(
        name="dump",
        image=MONGODB_IMAGE,
        command=["sleep", "infinity"],
        env=[
            core.EnvVarArgs(name="MONGODB_HOST", value=host),
            core.EnvVarArgs(name="PASSWORD", value_from=core.EnvVarSourceArgs(secret_key_ref=password)),
        ],
        security_context=core.SecurityContextArgs(
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            capabilities=core.CapabilitiesArgs(drop=["ALL"]),
        ),
        resources=core.ResourceRequirementsArgs(requests={"cpu": "10m", "memory": "128Mi"}, limits={"memory": "256Mi"}),
        volume_mounts=[
            core.VolumeMountArgs(name="dumps", mount_path=FOLDER),
            core.VolumeMountArgs(name="certificates", mount_path=CERTIFICATES, read_only=True),
        ],
    )
