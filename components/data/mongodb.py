"""MongoDB: a replica set of a workload's own, with one database and the user that writes in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_random as random

from components.data.connections import MongodbConnection, Pods, SecretKey
from components.data.mongodb_backups import MongodbBackups, backup_spec, credentials
from components.data.mongodb_dumps import ROLES, MongodbDumps, build_dumps
from components.data.mongodb_dumps import USER as DUMPS
from components.data.mongodb_objects import (
    EXPORTER,
    EXPORTER_PORT,
    PORT,
    REPLICA_SET,
    USER,
    certificates_name,
    members,
    password_name,
    set_spec,
)
from components.data.sizes import MongodbSize

READY: Final = {"pulumi.com/waitFor": "jsonpath={.status.state}=ready"}
"""The operator keeps a history of its conditions, which holds old ones too."""

WAIT: Final = "20m"
"""How long that may take: nodes of the cluster are added, images pulled, volumes made, and members join one by one."""


@dataclass(frozen=True, kw_only=True)
class MongodbArgs:
    workload: str
    """Name of the workload; its namespace has the same name."""

    cluster: str
    """Name of the replica set, and how those of its objects begin."""

    database: str
    """Name of the database."""

    size: MongodbSize
    """What each member asks for."""

    storage_class: str
    """StorageClass of the volumes."""

    high_availability: bool
    """Whether three members keep every document thrice, in different zones."""

    protect: bool
    """Whether the replica set and its volumes refuse to be destroyed."""

    backups: MongodbBackups | MongodbDumps
    """Where the operator keeps backups, or where dumps are written for those of volumes."""

    namespace: pulumi.Resource
    """The namespace."""

    operator: pulumi.Resource
    """The release of the operator."""

    service_monitors: pulumi.Resource
    """The ServiceMonitor definition."""


class Mongodb(pulumi.ComponentResource):
    """Members that are reached encrypted and by password alone."""

    def __init__(self, name: str, args: MongodbArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Mongodb", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self, depends_on=[args.namespace])
        dumps = args.backups if isinstance(args.backups, MongodbDumps) else None
        kept = args.backups if isinstance(args.backups, MongodbBackups) else None
        users = (USER, EXPORTER, *([DUMPS] if dumps else []))
        passwords = [password(f"{name}-{user}", args, user, child) for user in users]
        keys = credentials(f"{name}-backups", args.workload, args.cluster, kept, child)
        replicas = kubernetes.apiextensions.CustomResource(
            f"{name}-set",
            api_version="psmdb.percona.com/v1",
            kind="PerconaServerMongoDB",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name=args.cluster,
                namespace=args.workload,
                annotations=READY,
                finalizers=finalizers(args.protect),
            ),
            spec=set_spec(
                args.cluster,
                args.database,
                args.size,
                args.storage_class,
                high_availability=args.high_availability,
                backup=backup_spec(args.workload, args.cluster, kept),
                others={DUMPS: ROLES} if dumps else {},
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[args.namespace, args.operator, *passwords, *keys],
                protect=args.protect,
                custom_timeouts=pulumi.CustomTimeouts(create=WAIT, update=WAIT),
            ),
        )
        self._metrics(name, args)
        if dumps:
            build_dumps(f"{name}-dumps", args.workload, args.cluster, dumps, args.namespace, [replicas], self)

        # How it is reached.
        self.connection = MongodbConnection(
            host=f"{args.cluster}-{REPLICA_SET}.{args.workload}.svc.cluster.local",
            port=PORT,
            replica_set=REPLICA_SET,
            database=args.database,
            user=USER,
            password=SecretKey(name=password_name(args.cluster, USER), key="password"),
            ca=SecretKey(name=certificates_name(args.cluster), key="ca.crt"),
            pods=Pods(namespace=args.workload, labels=members(args.cluster)),
            ready=[replicas, *passwords],
        )
        self.register_outputs({})

    def _metrics(self, name: str, args: MongodbArgs) -> None:
        """The exporters behind a name, by which alerts call the replica set."""
        metadata = kubernetes.meta.v1.ObjectMetaArgs(
            name=args.cluster, namespace=args.workload, labels=exporter_labels(args.cluster)
        )
        kubernetes.core.v1.Service(
            f"{name}-exporters",
            metadata=metadata,
            spec=kubernetes.core.v1.ServiceSpecArgs(
                cluster_ip="None",
                selector=members(args.cluster),
                ports=[kubernetes.core.v1.ServicePortArgs(name="metrics", port=EXPORTER_PORT)],
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace]),
        )
        kubernetes.apiextensions.CustomResource(
            f"{name}-monitor",
            api_version="monitoring.coreos.com/v1",
            kind="ServiceMonitor",
            metadata=metadata,
            spec=service_monitor(args.cluster),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, args.service_monitors]),
        )


def password(name: str, args: MongodbArgs, user: str, opts: pulumi.ResourceOptions) -> pulumi.Resource:
    """A user's password, generated into a Secret. The operator tells the servers of another one."""
    generated = random.RandomPassword(
        f"{name}-password", length=32, special=False, opts=pulumi.ResourceOptions(parent=opts.parent)
    )
    return kubernetes.core.v1.Secret(
        f"{name}-secret",
        metadata=kubernetes.meta.v1.ObjectMetaArgs(name=password_name(args.cluster, user), namespace=args.workload),
        string_data={"username": user, "password": generated.result},
        opts=opts,
    )


def finalizers(protect: bool) -> list[str]:
    """What the operator does before the set is gone. Without protection volumes and passwords go too, else they would
    stay when everything else is gone.
    """
    return ["percona.com/delete-psmdb-pods-in-order", *([] if protect else ["percona.com/delete-psmdb-pvc"])]


def exporter_labels(cluster: str) -> Mapping[str, str]:
    """Labels of the Service that Prometheus finds the exporters by."""
    return {"app.kubernetes.io/name": "mongodb-exporter", "app.kubernetes.io/instance": cluster}


def service_monitor(cluster: str) -> dict[str, Any]:
    """Scrapes the exporters."""
    return {"selector": {"matchLabels": exporter_labels(cluster)}, "endpoints": [{"port": "metrics"}]}
