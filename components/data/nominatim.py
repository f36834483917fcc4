"""Nominatim: finds addresses and places of one region, for one workload.

One pod answers, from a database of its own. A Job fills it from an extract of OpenStreetMap, for hours, and another one
brings what has changed since, day by day. All of them run one image, whose own start script needs root: here each part
is started by itself, as a user without privileges, so that the namespace can be `restricted`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_random as random

from components.data.connections import NominatimConnection, Pods
from components.data.nominatim_containers import DATABASE_PORT, OWNER, READER, users_name
from components.data.nominatim_extracts import Extract
from components.data.nominatim_pods import (
    PORT,
    UPDATE_MIB,
    Part,
    database_host,
    labels,
    server_pod,
    task_name,
    task_pod,
)
from components.data.nominatim_scripts import IMPORT, UPDATE, import_digest
from components.pod_resources import claim
from components.restarts import restarts


@dataclass(frozen=True, kw_only=True)
class NominatimArgs:
    name: str
    """What its objects are called."""

    namespace: str
    """Name of the namespace that it runs in."""

    extract: Extract
    """What it knows. Another one is imported anew, and until that is done nothing answers."""

    storage_gib: int
    """GiB of the volume. It grows and never shrinks."""

    schedule: str | None
    """When changes are brought in, as cron writes it, in UTC; if never, half of the database is left out."""

    storage_class: str
    """StorageClass of the volume."""

    protect: bool
    """Whether the volume refuses to be destroyed."""

    exists: pulumi.Resource
    """The namespace."""

    nodes: Sequence[pulumi.Resource] = field(default_factory=tuple[pulumi.Resource, ...])
    """The nodes that pods wait for."""


UNSAVED: Final = "data,project,tmp"
"""Volumes that Velero leaves out. https://velero.io/docs/main/file-system-backup/"""


class Nominatim(pulumi.ComponentResource):
    """The server with its volume, the Job that imports, and the one that updates."""

    def __init__(self, name: str, args: NominatimArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Nominatim", name, {}, opts)
        here = pulumi.ResourceOptions(parent=self, depends_on=[args.exists])
        passwords = self._passwords(name, args, here)
        volume = self._volume(name, args)
        services = self._services(name, args, here)
        self._disruption_budget(name, args, here)
        kubernetes.apps.v1.StatefulSet(
            f"{name}-server",
            # It is ready once the import is done: hours that no `up` waits for.
            metadata=_metadata(args, Part.SERVER, awaited=False),
            spec=_server(args),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.exists, passwords, volume, *args.nodes]),
        )
        self._import(name, args, passwords)
        if args.schedule is not None and args.extract.updates is not None:
            self._updates(name, args, args.schedule, passwords)

        # How it is reached.
        self.connection = NominatimConnection(
            host=f"{args.name}.{args.namespace}.svc",
            port=PORT,
            pods=Pods(namespace=args.namespace, labels=labels(args.name, Part.SERVER)),
            ready=[*services],
        )
        self.register_outputs({})

    def _passwords(self, name: str, args: NominatimArgs, here: pulumi.ResourceOptions) -> pulumi.Resource:
        made = {
            user: random.RandomPassword(
                f"{name}-{user}", length=32, special=False, opts=pulumi.ResourceOptions(parent=self)
            )
            for user in (OWNER, READER)
        }
        return kubernetes.core.v1.Secret(
            f"{name}-users",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=users_name(args.name), namespace=args.namespace),
            string_data={user: password.result for user, password in made.items()},
            opts=here,
        )

    def _volume(self, name: str, args: NominatimArgs) -> pulumi.Resource:
        return kubernetes.core.v1.PersistentVolumeClaim(
            f"{name}-data",
            # Most classes bind a volume once a pod wants it, and the pod comes after the claim.
            metadata=_metadata(args, Part.SERVER, awaited=False),
            spec=claim(args.storage_class, args.storage_gib)["spec"],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.exists], protect=args.protect),
        )

    def _services(self, name: str, args: NominatimArgs, here: pulumi.ResourceOptions) -> list[pulumi.Resource]:
        selector = labels(args.name, Part.SERVER)
        http = kubernetes.core.v1.Service(
            f"{name}-service",
            metadata=_metadata(args, Part.SERVER, awaited=False),
            spec=kubernetes.core.v1.ServiceSpecArgs(
                selector=selector,
                ports=[kubernetes.core.v1.ServicePortArgs(name="http", port=PORT, target_port="http")],
            ),
            opts=here,
        )
        database = kubernetes.core.v1.Service(
            f"{name}-database",
            metadata=_metadata(args, Part.SERVER, awaited=False, name=database_host(args.name)),
            spec=kubernetes.core.v1.ServiceSpecArgs(
                cluster_ip="None",
                selector=selector,
                # The import needs the database before the server is ready.
                publish_not_ready_addresses=True,
                ports=[kubernetes.core.v1.ServicePortArgs(name="postgres", port=DATABASE_PORT)],
            ),
            opts=here,
        )
        return [http, database]

    def _disruption_budget(self, name: str, args: NominatimArgs, here: pulumi.ResourceOptions) -> None:
        kubernetes.policy.v1.PodDisruptionBudget(
            f"{name}-disruption-budget",
            metadata=_metadata(args, Part.SERVER),
            spec=kubernetes.policy.v1.PodDisruptionBudgetSpecArgs(
                max_unavailable=1,
                selector=kubernetes.meta.v1.LabelSelectorArgs(match_labels=labels(args.name, Part.SERVER)),
            ),
            opts=here,
        )

    def _import(self, name: str, args: NominatimArgs, passwords: pulumi.Resource) -> None:
        updated = args.schedule is not None and args.extract.updates is not None
        pod = task_pod(
            args.name,
            Part.IMPORT,
            args.extract,
            script=IMPORT,
            settings={"UPDATES": "yes" if updated else "no"},
            memory_mib=args.extract.import_memory_mib,
        )
        kubernetes.batch.v1.Job(
            f"{name}-import",
            # What a Job runs cannot be changed, so another extract is another Job. Nobody waits for the hours it takes.
            metadata=_metadata(
                args,
                Part.IMPORT,
                awaited=False,
                name=f"{task_name(args.name, Part.IMPORT)}-{import_digest(args.extract, updated=updated)}",
            ),
            spec=kubernetes.batch.v1.JobSpecArgs(backoff_limit=3, template=_template(args, Part.IMPORT, pod)),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[args.exists, passwords, *args.nodes], delete_before_replace=True
            ),
        )

    def _updates(self, name: str, args: NominatimArgs, schedule: str, passwords: pulumi.Resource) -> None:
        pod = task_pod(
            args.name, Part.UPDATE, args.extract, script=UPDATE, settings={"CACHE_MIB": "256"}, memory_mib=UPDATE_MIB
        )
        job = kubernetes.batch.v1.JobSpecArgs(backoff_limit=1, template=_template(args, Part.UPDATE, pod))
        kubernetes.batch.v1.CronJob(
            f"{name}-update",
            metadata=_metadata(args, Part.UPDATE, name=task_name(args.name, Part.UPDATE)),
            spec=kubernetes.batch.v1.CronJobSpecArgs(
                schedule=schedule,
                time_zone="Etc/UTC",
                concurrency_policy="Forbid",
                starting_deadline_seconds=3600,
                successful_jobs_history_limit=1,
                failed_jobs_history_limit=2,
                job_template=kubernetes.batch.v1.JobTemplateSpecArgs(spec=job),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.exists, passwords]),
        )


def _metadata(
    args: NominatimArgs, part: Part, *, awaited: bool = True, name: str | None = None
) -> kubernetes.meta.v1.ObjectMetaArgs:
    return kubernetes.meta.v1.ObjectMetaArgs(
        name=name or args.name,
        namespace=args.namespace,
        labels=labels(args.name, part),
        annotations=None if awaited else {"pulumi.com/skipAwait": "true"},
    )


def _template(
    args: NominatimArgs, part: Part, pod: kubernetes.core.v1.PodSpecArgs
) -> kubernetes.core.v1.PodTemplateSpecArgs:
    # All of it can be imported again, and is most of what the namespace has.
    annotations = {"backup.velero.io/backup-volumes-excludes": UNSAVED}
    if part is Part.SERVER:
        annotations |= restarts(users_name(args.name))
    return kubernetes.core.v1.PodTemplateSpecArgs(
        metadata=kubernetes.meta.v1.ObjectMetaArgs(labels=labels(args.name, part), annotations=annotations),
        spec=pod,
    )


def _server(args: NominatimArgs) -> kubernetes.apps.v1.StatefulSetSpecArgs:
    return kubernetes.apps.v1.StatefulSetSpecArgs(
        replicas=1,
        service_name=database_host(args.name),
        selector=kubernetes.meta.v1.LabelSelectorArgs(match_labels=labels(args.name, Part.SERVER)),
        template=_template(args, Part.SERVER, server_pod(args.name, args.extract)),
    )
