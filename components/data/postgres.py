"""PostgreSQL in the cluster: one of a workload's own, with the database and the role that its services use."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.data.connections import Pods, PostgresConnection, SecretKey
from components.data.postgres_backups import (
    BackupPlan,
    PostgresBackups,
    PostgresBackupsArgs,
    plugin_spec,
    schedule_spec,
)
from components.data.sizes import PostgresSize
from components.pod_resources import requests
from components.priorities import DATA
from stacks.versions import POSTGRES_IMAGE

PORT = 5432

WAIT = "20m"
"""How long a cluster may take: nodes are added, images pulled, volumes made, standbys copied from the primary."""

UNSAID = "(cnpg_collector_(first_recoverability_point|last_available_backup_timestamp|last_failed_backup_timestamp))"
"""What an instance tells of its backups: 0 where none is configured, which reads as one that never succeeded."""


@dataclass(frozen=True, kw_only=True)
class PostgresArgs:
    cluster: str
    """Name of the cluster, and of its Services, its account and its Secrets up to a hyphen."""

    workload: str
    """Name of the workload; its namespace has the same name."""

    role: str
    """Name of the database, and of the role that owns it."""

    size: PostgresSize
    """What each instance asks for."""

    storage_class: str
    """StorageClass of the volumes."""

    high_availability: bool
    """Whether there are two standbys, in other zones, one of which has every transaction before it is committed."""

    protect: bool
    """Whether the cluster refuses to be destroyed: its volumes go with it."""

    backups: BackupPlan | None
    """Where it is backed up; nowhere, if not given."""

    namespace: pulumi.Resource
    """The namespace."""

    operator: pulumi.Resource
    """The release of the operator."""

    service_monitors: pulumi.Resource
    """The PodMonitor definition."""


class Postgres(pulumi.ComponentResource):
    """A primary that takes encrypted connections alone, and its standbys. The operator generates the password."""

    def __init__(self, name: str, args: PostgresArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Postgres", name, {}, opts)
        plan, stored = args.backups, self._store(name, args)
        cluster = kubernetes.apiextensions.CustomResource(
            f"{name}-cluster",
            api_version="postgresql.cnpg.io/v1",
            kind="Cluster",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name=args.cluster, namespace=args.workload, annotations={"pulumi.com/waitFor": "condition=Ready"}
            ),
            spec=cluster_spec(args),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[args.namespace, args.operator, *stored],
                protect=args.protect,
                custom_timeouts=pulumi.CustomTimeouts(create=WAIT, update=WAIT),
            ),
        )
        if plan is not None:
            kubernetes.apiextensions.CustomResource(
                f"{name}-schedule",
                api_version="postgresql.cnpg.io/v1",
                kind="ScheduledBackup",
                metadata=kubernetes.meta.v1.ObjectMetaArgs(name=args.cluster, namespace=args.workload),
                spec=schedule_spec(args.cluster, plan.hour),
                opts=pulumi.ResourceOptions(parent=self, depends_on=[cluster]),
            )
        kubernetes.apiextensions.CustomResource(
            f"{name}-monitor",
            api_version="monitoring.coreos.com/v1",
            kind="PodMonitor",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=args.cluster, namespace=args.workload),
            spec=pod_monitor(args.cluster, backed_up=plan is not None),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, args.service_monitors]),
        )

        # How it is reached.
        self.connection = PostgresConnection(
            host=f"{args.cluster}-rw.{args.workload}",
            port=PORT,
            database=args.role,
            user=args.role,
            password=SecretKey(name=f"{args.cluster}-app", key="password"),
            uri=SecretKey(name=f"{args.cluster}-app", key="uri"),
            ssl_mode="verify-full",
            ca=SecretKey(name=f"{args.cluster}-ca", key="ca.crt"),
            pods=Pods(namespace=args.workload, labels=instances(args.cluster)),
            ready=[cluster],
        )
        self.register_outputs({})

    def _store(self, name: str, args: PostgresArgs) -> Sequence[pulumi.Resource]:
        """What has to be there before a cluster that is backed up."""
        if args.backups is None:
            return ()
        store = PostgresBackupsArgs(
            cluster=args.cluster, workload=args.workload, plan=args.backups, namespace=args.namespace
        )
        return PostgresBackups(f"{name}-backups", store, pulumi.ResourceOptions(parent=self)).ready


def instances(cluster: str) -> dict[str, str]:
    """Labels of the instances' pods."""
    return {"cnpg.io/cluster": cluster, "cnpg.io/podRole": "instance"}


def cluster_spec(args: PostgresArgs) -> dict[str, Any]:
    """The cluster. https://cloudnative-pg.io/documentation/1.30/cloudnative-pg.v1/"""
    replicated = args.high_availability
    postgresql: dict[str, Any] = {
        "parameters": {
            "max_connections": str(args.size.connections),
            "shared_buffers": args.size.shared_buffers,
            "log_min_duration_statement": "1000",
        },
        # Above the operator's own last line, which takes in everybody with a password, encrypted or not.
        "pg_hba": ["hostnossl all all all reject"],
    }
    if replicated:
        # Goes on without, rather than not at all, while no standby is there.
        postgresql["synchronous"] = {"method": "any", "number": 1, "dataDurability": "preferred"}
    return {
        "instances": 3 if replicated else 1,
        "imageName": POSTGRES_IMAGE,
        "primaryUpdateStrategy": "unsupervised",
        "primaryUpdateMethod": "switchover" if replicated else "restart",
        "enableSuperuserAccess": False,
        # A disruption budget for one instance would stop every drain of its node.
        "enablePDB": replicated,
        "bootstrap": {"initdb": {"database": args.role, "owner": args.role, "dataChecksums": True}},
        "postgresql": postgresql,
        **(plugin_spec(args.cluster, args.backups.identity) if args.backups else {}),
        "storage": {
            "size": f"{args.size.storage_gib}Gi",
            "storageClass": args.storage_class,
            "resizeInUseVolumes": True,
        },
        "priorityClassName": DATA,
        "resources": requests(args.size.cpu, args.size.memory),
        "affinity": {
            "enablePodAntiAffinity": True,
            "topologyKey": "kubernetes.io/hostname",
            "podAntiAffinityType": "required" if replicated else "preferred",
        },
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "topology.kubernetes.io/zone",
                "whenUnsatisfiable": "DoNotSchedule",
                "labelSelector": {"matchLabels": instances(args.cluster)},
            }
        ],
    }


def pod_monitor(cluster: str, *, backed_up: bool) -> dict[str, Any]:
    """Scrapes the instances."""
    endpoint: dict[str, Any] = {"port": "metrics"}
    if not backed_up:
        endpoint["metricRelabelings"] = [{"sourceLabels": ["__name__"], "regex": UNSAID, "action": "drop"}]
    return {"selector": {"matchLabels": instances(cluster)}, "podMetricsEndpoints": [endpoint]}
