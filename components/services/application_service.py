"""One application service, released through the app-service chart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import WorkloadIdentity
from components.releases import release_args
from components.restarts import with_restarts
from components.services.chart import CHART, chart_version
from components.services.dapr.sidecar import Sidecar
from components.services.data.pods import add_data
from components.services.data.service import Access
from components.services.monitoring.instrumentation import pod_annotations, pod_labels
from components.services.pods.autoscaling import autoscaling_values
from components.services.pods.pod_values import pod_values, port_values, probe_values, resource_values
from components.services.pods.service_volumes import add_volumes
from components.services.pods.stand_ins import LABEL, stand_in_values
from components.services.pods.task_model import MIGRATIONS, task_release
from components.services.service_model import ServiceSpec
from components.services.service_secrets import add_secrets


@dataclass(frozen=True, kw_only=True)
class ApplicationServiceArgs:
    workload: str
    """Name of the workload; its namespace has the same name."""

    service: str
    """Name of the service."""

    spec: ServiceSpec
    """What the workload file says of it."""

    stand_in: bool = False
    """Whether public test images run in place of its own."""

    image_prefix: pulumi.Input[str]
    """What stands before `/<workload>/<service>:<tag>`, or another name in the registry, in the name of the image."""

    pull_secret: str | None = None
    """Name of the Secret that the image is pulled with; none where the nodes' identity is enough."""

    identity: WorkloadIdentity | None = None
    """What makes the pods a principal of the cloud, where the workload file asks for it."""

    sidecar: Sidecar | None = None
    """What the pods need for their sidecar, where the service uses Dapr."""

    data: Mapping[str, Access] = field(default_factory=dict[str, Access])
    """What the pods get to use the workload's data services, by name."""

    storage_class: str = ""
    """Class of the disks that it claims; the cluster's own, if empty."""

    waits_for: Sequence[pulumi.Resource]
    """What the pods need: the namespace, the nodes, the definitions that the chart makes use of."""


class ApplicationService(pulumi.ComponentResource):
    """A release of one service."""

    addresses: pulumi.Output[dict[str, str]]
    """Where the service answers inside the cluster: by the name of the port, as `host:port`."""

    def __init__(self, name: str, args: ApplicationServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:ApplicationService", name, {}, opts)
        grants = args.identity.grants if args.identity else ()
        data = [ready for access in args.data.values() for ready in access.ready]
        migrations, waits_for = args.spec.migrations, [*args.waits_for, *data, *grants]
        if migrations is not None:
            waits_for.append(self._migrator(name, args))
        self.release = kubernetes.helm.v3.Release(
            f"{name}-release",
            release_args(
                {"chart": CHART},
                name=args.service,
                namespace=args.workload,
                values=service_values(args),
                timeout=300 + (migrations.deadline_seconds if migrations is not None else 0),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=waits_for),
        )

        self.addresses = pulumi.Output.from_input(
            {name: f"{args.service}.{args.workload}.svc:{port.number}" for name, port in args.spec.ports.items()}
        )
        self.register_outputs({"addresses": self.addresses})

    def _migrator(self, name: str, args: ApplicationServiceArgs) -> kubernetes.core.v1.ServiceAccount:
        """Who migrations run as. They run before the release has made anything, so this is none of the chart's."""
        return kubernetes.core.v1.ServiceAccount(
            f"{name}-migrations",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name=task_release(args.service, MIGRATIONS), namespace=args.workload
            ),
            automount_service_account_token=False,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.waits_for)),
        )


def service_values(args: ApplicationServiceArgs) -> dict[str, Any]:
    """Values of the app-service chart."""
    spec = args.spec
    values: dict[str, Any] = {
        **pod_values(args.workload, args.service, spec, args.image_prefix),
        "chartVersion": chart_version(),
        "workload": args.workload,
        "image": {
            "repository": pulumi.Output.format(
                "{0}/{1}", args.image_prefix, spec.image.name(args.workload, args.service)
            ),
            "tag": spec.image.tag or "",
            "digest": spec.image.digest or "",
        },
        "replicas": spec.replicas,
        "ports": {name: port_values(port) for name, port in spec.ports.items()},
        "probes": {kind: probe_values(probe) for kind, probe in spec.probes if probe is not None},
        "env": dict(spec.env),
        "resources": resource_values(spec.resources),
        "drainSeconds": spec.drain_seconds,
        "terminationGracePeriodSeconds": spec.grace_seconds,
    }
    if spec.autoscaling is not None:
        values["autoscaling"] = autoscaling_values(args.workload, args.service, spec, spec.autoscaling)
    if spec.routes:
        values["podAddresses"] = True
    if spec.metrics is not None:
        values["metrics"] = {"enabled": True, "port": spec.metrics.port, "path": spec.metrics.path}
    if spec.instrumentation is not None:
        values["podAnnotations"] = pod_annotations(spec.instrumentation)
        values["podLabels"] = pod_labels()
    if args.pull_secret is not None:
        values["imagePullSecrets"] = [args.pull_secret]
    if args.identity is not None:
        values["serviceAccount"] = {"annotations": dict(args.identity.annotations), "token": args.identity.mounts_token}
        values["podLabels"] = {**args.identity.pod_labels, **values.get("podLabels", {})}
        values["env"] = {**args.identity.env, **spec.env}
        if spec.jobs:
            values["jobLabels"] = dict(args.identity.pod_labels)
    add_secrets(values, args.service, spec.secrets)
    add_volumes(values, args.service, spec.volumes, args.storage_class)
    add_data(values, args.data)
    if args.sidecar is not None:
        add_sidecar(values, args.sidecar)
    if args.stand_in:
        values |= stand_in_values(args.workload, args.service, spec)
        for labels in ("podLabels", "jobLabels") if spec.jobs else ("podLabels",):
            values[labels] = {**values.get(labels, {}), **LABEL}
    return values


def add_sidecar(values: dict[str, Any], sidecar: Sidecar) -> None:
    """Adds to the values what the pods need for a sidecar."""
    annotations = values.get("podAnnotations", {})
    secrets = *sidecar.restarted_by, *sidecar.volumes.values()
    values["podAnnotations"] = with_restarts({**annotations, **sidecar.annotations}, *secrets)
    values["podLabels"] = {**values.get("podLabels", {}), **sidecar.labels}
    values["secretVolumes"] = dict(sidecar.volumes)
    if sidecar.reads_secrets:
        values["serviceAccount"] = {**values.get("serviceAccount", {}), "token": True}
